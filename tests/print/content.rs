//! What the paper says: every field of the record, the state, the last answer, the hash.
//! A field that is left out would be missing from the paper that people sign.

use axum::http::StatusCode;
use opbook::attachment::model::{Attachment, AttachmentRow};
use opbook::document::print::{Content, seal_of};
use opbook::document::{Receipt, ReceiptNote, Status};
use opbook::filing::model::{ExportGoods, Head, ReimportGoods};
use opbook::form::{Record, Texts};
use opbook::server::db::Db;
use serde_json::json;
use uuid::Uuid;

use super::support::{self, TestApp, one_row, paper};
use super::text::{Reading, WATERMARK, empty, filled, full, pages, printed, row};
use super::{new_book, print};

fn attachment(seq: i64) -> AttachmentRow {
    let mut content: Attachment = filled(&format!("附{seq}"));
    content.size = "1536".into();
    content.uploaded_at = "2026-11-23T01:02:03.000Z".into();
    content.att_type = "01".into();
    content.hash = format!("{seq:064x}");
    AttachmentRow { id: Uuid::now_v7(), seq, version: 1, received: 1536, content }
}

fn receipt(result: &str, applied: bool, remark: &str) -> Receipt {
    Receipt {
        id: result.into(),
        message_type: "OPB211".into(),
        result: result.into(),
        at: "2026-11-22T03:04:05.000Z".into(),
        received_at: String::new(),
        applied,
        remark: remark.into(),
        notes: vec![ReceiptNote { text: format!("原因{result}"), pointer: String::new() }],
    }
}

/// Labels with values of a record, as a form prints them.
fn read_form(reading: &mut Reading<'_>, record: &impl Texts) {
    for field in record.fields() {
        reading.next(&format!("{}{}", field.label.zh, record.text(field.key)));
    }
}

/// The values of a row; its number stands within them, beside all of its lines.
fn read_row(reading: &mut Reading<'_>, record: &impl Texts) {
    for field in record.fields() {
        reading.next(record.text(field.key));
    }
}

#[tokio::test]
async fn every_field_of_a_full_book_is_on_the_paper() {
    let mut content = full(3);
    content.attachments = vec![attachment(1), attachment(2)];
    content.receipts = vec![receipt("2", false, "迟到"), receipt("1", true, "同意备案"), receipt("Y", true, "旧")];
    let text = pages(&printed(&content).await).concat();
    let mut reading = Reading::of(&text);
    reading.next("出境加工账册");
    reading.next("数据状态海关终审通过");
    // Half past midnight of the next day in China.
    reading.next("打印时间2026-11-2400:30:05（北京时间）打印人沈知远");
    reading.next("最近回执2026-11-2211:04:05审核通过（OPB211）同意备案原因1");
    reading.next(&format!("内容校验值SHA-256{}", seal_of(&content)));
    reading.next("表头");
    read_form(&mut reading, &content.head);
    reading.next("出口货物");
    for field in ExportGoods::FIELDS {
        reading.next(field.label.zh);
    }
    for row in &content.lists[0] {
        read_row(&mut reading, &row.content);
    }
    reading.next("复进口货物");
    for field in ReimportGoods::FIELDS {
        reading.next(field.label.zh);
    }
    for row in &content.lists[1] {
        read_row(&mut reading, &row.content);
    }
    reading.next("随附单据");
    for field in Attachment::FIELDS {
        reading.next(field.label.zh);
    }
    for row in &content.attachments {
        let shown = Attachment {
            att_type: "01-出境加工合同".into(),
            size: "1.5 KB".into(),
            uploaded_at: "2026-11-23 09:02:03".into(),
            ..row.content.clone()
        };
        read_row(&mut reading, &shown);
    }
    assert!(!text.contains("迟到") && !text.contains(WATERMARK));
}

#[tokio::test]
async fn an_empty_book_prints_too_and_every_state_but_approval_is_marked() {
    for status in Status::ALL {
        let pages = pages(&printed(&empty(status)).await);
        for (at, page) in pages.iter().enumerate() {
            assert!(page.contains(&format!("第{}页，共{}页", at + 1, pages.len())), "{page}");
            assert_eq!(page.contains(WATERMARK), status != Status::Approved, "{status:?}, page {}", at + 1);
            assert!(page.contains(status.label().zh));
        }
        let text = pages.concat();
        for list in ["出口货物", "复进口货物", "随附单据"] {
            assert!(text.contains(&format!("{list}（无）")), "{list} is empty, and the paper must say of what: {text}");
        }
        assert!(text.contains("最近回执（尚无回执）"));
    }
}

#[tokio::test]
async fn text_is_never_an_instruction_to_the_engine() {
    let mut content = empty(Status::Draft);
    let hostile = [
        "#panic(\"x\")",
        "*粗* _斜_ `码` $x^2$ <a> @b = 标题",
        "\"]}; #import \"/etc/passwd\"",
        "\\u{41} \\ // /* ~ -- --- ... '单' \"双\"",
        "{\"kind\":\"form\"} #read(\"data.json\")",
        "- 项 + 项 1. 项 ffi fl",
    ];
    content.lists[0] = hostile
        .iter()
        .zip(1..)
        .map(|(words, seq)| {
            row(seq, &ExportGoods { goods_name: (*words).into(), remark: (*words).into(), ..ExportGoods::default() })
        })
        .collect();
    content.head.set("process_desc", hostile.join("\n"));
    let text = pages(&printed(&content).await).concat();
    let mut reading = Reading::of(&text);
    reading.next(&hostile.concat());
    for words in hostile {
        reading.next(words);
        reading.next(words);
    }
}

#[tokio::test]
async fn rare_characters_are_shown_or_named() {
    let mut content = empty(Status::Draft);
    let names = ["镃䥽", "\u{20bb7}野家", "𬭎𬬭䶮㑇", "\u{10fffd}X", "反\u{202e}转", "🚀"];
    content.lists[0] = names
        .iter()
        .zip(1..)
        .map(|(name, seq)| row(seq, &ExportGoods { goods_name: (*name).into(), ..ExportGoods::default() }))
        .collect();
    let text = pages(&printed(&content).await).concat();
    for name in ["镃䥽", "\u{20bb7}野家", "𬭎𬬭䶮㑇"] {
        assert!(text.contains(name), "{name} in {text}");
    }
    // Not a hole, not a box: another name would be printed otherwise.
    assert!(text.contains("［U+10FFFD］X") && text.contains("反［U+202E］转"), "{text}");
    assert!(text.contains("🚀") || text.contains("［U+1F680］"));
    assert!(text.contains("缺字说明") && text.contains("［U+202E］"), "the reader is told what the codes are");
}

#[tokio::test]
async fn codes_stand_with_their_names() {
    let db = Db::open(&support::fresh_sqlite()).await.unwrap();
    let app = TestApp::new(db).await;
    let owner = app.signed_in("donglan").await;
    let id = new_book(&owner).await;
    let goods = json!({ "hs_code": "8542399000", "goods_name": "集成电路", "currency": "USD" });
    let (status, body) =
        owner.call("document/save_rows", one_row(id, "exports", Uuid::now_v7(), &json!(0), &goods)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    owner.attach(&json!(id), "01", "合同 第一版.pdf", &paper(b"paper")).await;
    let answer = print(&owner, id, "*/*").await;
    let text = pages(&answer.bytes).concat();
    for words in
        ["USD-美元", "8542399000", "申报类型1-备案", "01-出境加工合同", "合同第一版.pdf", "9-已上传", "打印人沈知远"]
    {
        assert!(text.contains(words), "{words} in {text}");
    }
    app.execute("UPDATE document SET status = 'B'").await;
    let approved = pages(&print(&owner, id, "*/*").await.bytes).concat();
    assert!(text.contains(WATERMARK) && !approved.contains(WATERMARK));
}

#[test]
fn the_hash_is_equal_exactly_for_equal_content() {
    let mut content = full(2);
    content.attachments = vec![attachment(1)];
    let seal = seal_of(&content);
    let mut later = content.clone();
    later.meta.status = Status::Returned;
    later.meta.version = 9;
    later.receipts = vec![receipt("3", true, "")];
    later.lists[0][0].id = Uuid::now_v7();
    assert_eq!(seal_of(&later), seal, "the same content in another state");

    let mut seals = std::collections::HashSet::from([seal]);
    let mut differs = |change: &dyn Fn(&mut Content)| {
        let mut changed = content.clone();
        change(&mut changed);
        assert!(seals.insert(seal_of(&changed)), "a changed book has the hash of another");
    };
    for field in Head::FIELDS {
        differs(&|content| content.head.set(field.key, "改"));
    }
    for field in ExportGoods::FIELDS {
        differs(&|content| content.lists[0][1].content.set(field.key, "改"));
    }
    for field in ReimportGoods::FIELDS {
        differs(&|content| content.lists[1][1].content.set(field.key, "改"));
    }
    differs(&|content| content.lists[0][1].seq = 3);
    differs(&|content| content.lists[0].truncate(1));
    differs(&|content| content.lists[1].clear());
    differs(&|content| content.attachments[0].content.hash = "0".into());
    differs(&|content| content.attachments.clear());
}
