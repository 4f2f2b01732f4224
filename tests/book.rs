//! The book's operations on both databases: what two people, a repeated request or a lost answer
//! must never be able to do to a filing. Called as services, without HTTP.

mod support;

use std::collections::HashSet;

use opbook::account::model::Enterprise;
use opbook::account::session::Actor;
use opbook::book::model::{
    BookQuery, CopyBook, ExportGoods, Goods, HEAD, Head, ReimportGoods, RemoveRow, SaveHead, SaveRow, SaveRows, Saved,
    Side, Step,
};
use opbook::book::service;
use opbook::document::Status;
use opbook::form::{Severity, add_months, show_date, today};
use opbook::reference::service::ReferenceCache;
use opbook::server::call::Call;
use opbook::server::config::Config;
use opbook::server::db::Db;
use opbook::server::failure::Failure;
use opbook::server::state::AppState;
use uuid::Uuid;

const OWN: &str = "3101910001";
const OTHER: &str = "4403W60002";
const PROCESSOR: &str = "3205940003";
const USCC: &str = "91350100M000100Y43";

async fn state(db: Db) -> AppState {
    for (code, grade) in [(OWN, "regular"), (OTHER, "regular"), (PROCESSOR, "regular")] {
        let mut tx = db.begin().await.unwrap();
        sqlx::query(
            "INSERT INTO enterprise (code, uscc, name, credit_grade) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(code)
        .bind(USCC)
        .bind(format!("企业{code}"))
        .bind(grade)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
    // Attachments have tests of their own.
    let config = Config { required_attachments: Vec::new(), ..Config::default() };
    let reference = ReferenceCache::load(&db, &config).await.unwrap();
    AppState::new(db, config, reference)
}

fn enterprise(code: &str) -> Enterprise {
    Enterprise { code: code.into(), uscc: USCC.into(), name: format!("企业{code}") }
}

fn call(state: &AppState, login: &str, code: &str) -> Call {
    let actor = Actor {
        user_id: login.into(),
        login: login.into(),
        name: login.into(),
        enterprise: enterprise(code),
        acts_for: vec![enterprise(code)],
    };
    Call { state: state.clone(), actor }
}

fn head() -> Head {
    Head {
        operator_code: OWN.into(),
        processor_code: PROCESSOR.into(),
        master_customs: "5301".into(),
        contract_no: "HT-2026-01".into(),
        contract_date: "2026-01-05".into(),
        foreign_processor_name: "ACME Processing".into(),
        process_country: "VNM".into(),
        currency: "USD".into(),
        valid_to: show_date(add_months(today(), 6).unwrap()),
        contact_name: "张三".into(),
        contact_mobile: "13800138000".into(),
        process_desc: "境外贴装、测试后复运进境".into(),
        ..Head::default()
    }
}

fn export(qty: &str) -> Goods {
    Goods::Exports(ExportGoods {
        hs_code: support_code(),
        goods_name: "处理器".into(),
        spec_model: "A1".into(),
        declare_unit: "035".into(),
        legal_unit: "035".into(),
        qty: qty.into(),
        legal_qty: qty.into(),
        legal_qty2: qty.into(),
        unit_price: "2.5".into(),
        currency: "USD".into(),
        origin_country: "CHN".into(),
        dest_country: "VNM".into(),
        ..ExportGoods::default()
    })
}

fn reimport() -> Goods {
    Goods::Reimports(ReimportGoods {
        hs_code: support_code(),
        goods_name: "处理器模块".into(),
        spec_model: "B1".into(),
        declare_unit: "035".into(),
        legal_unit: "035".into(),
        qty: "1".into(),
        legal_qty: "1".into(),
        legal_qty2: "1".into(),
        unit_price: "3".into(),
        currency: "USD".into(),
        origin_country: "CHN".into(),
        original_value: "2".into(),
        fee_processing: "1".into(),
        ..ReimportGoods::default()
    })
}

/// A code of the starter set without export duty or bars.
fn support_code() -> String {
    "8542399000".into()
}

async fn new_book(call: &Call) -> (Uuid, Saved) {
    let id = Uuid::now_v7();
    let saved = service::save_head(call, SaveHead { id, base: 0, head: head() }).await.unwrap();
    (id, saved)
}

async fn add(call: &Call, book_id: Uuid, goods: Goods) -> Saved {
    service::save_row(call, SaveRow { book_id, row_id: Uuid::now_v7(), base: 0, goods }).await.unwrap()
}

fn removal(book_id: Uuid, row_id: Uuid, base: i64) -> SaveRows {
    SaveRows { book_id, side: Side::Exports, puts: Vec::new(), removes: vec![RemoveRow { row_id, base }] }
}

fn pointers(failure: &Failure) -> HashSet<String> {
    match failure {
        Failure::Refused { findings, .. } => findings.iter().map(|found| found.pointer.clone()).collect(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn a_draft_gets_its_numbers_and_keeps_what_was_typed() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, saved) = new_book(&call).await;
        assert_eq!(saved.meta.status, Status::Draft);
        assert_eq!(saved.head.seq_no.len(), 18);
        assert!(saved.head.internal_no.starts_with("OP20"));
        assert_eq!(saved.head.operator_name, format!("企业{OWN}"));
        assert_eq!((saved.head.supervision_mode.as_str(), saved.head.levy_nature.as_str()), ("1427", "299"));
        let book = service::get(&call, id).await.unwrap();
        assert_eq!(book.head, saved.head);
        let (_, second) = new_book(&call).await;
        assert_ne!(second.head.seq_no, saved.head.seq_no);
        assert_ne!(second.head.internal_no, saved.head.internal_no);
    }
}

#[tokio::test]
async fn grey_fields_sent_by_a_browser_are_ignored() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let forged = Head {
            seq_no: "202699999999999999".into(),
            book_no: "P53016W00001".into(),
            operator_name: "伪造".into(),
            operator_uscc: "91310000MA1K000006".into(),
            export_total: "999".into(),
            supervision_mode: "0110".into(),
            approved_at: "2026-01-01".into(),
            ..head()
        };
        let id = Uuid::now_v7();
        let saved = service::save_head(&call, SaveHead { id, base: 0, head: forged }).await.unwrap();
        assert_ne!(saved.head.seq_no, "202699999999999999");
        assert_eq!(saved.head.operator_name, format!("企业{OWN}"));
        assert_eq!(saved.head.supervision_mode, "1427");
        for grey in [&saved.head.book_no, &saved.head.approved_at] {
            assert_eq!(grey, "");
        }
        assert_eq!(saved.head.export_total, "0");
    }
}

#[tokio::test]
async fn the_second_saver_is_told_what_differs() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let (one, two) = (call(&state, "zhang", OWN), call(&state, "li", OWN));
        let (id, saved) = new_book(&one).await;
        let base = saved.meta.head_version;
        let mine = Head { contract_no: "HT-A".into(), ..head() };
        service::save_head(&one, SaveHead { id, base, head: mine.clone() }).await.unwrap();
        let theirs = Head { contract_no: "HT-B".into(), ..head() };
        match service::save_head(&two, SaveHead { id, base, head: theirs }).await {
            Err(Failure::Conflict { differences, .. }) => {
                let contract = differences.iter().find(|d| d.pointer == "head.contract_no").unwrap();
                assert_eq!((contract.mine.as_str(), contract.theirs.as_str()), ("HT-B", "HT-A"));
            }
            other => panic!("expected a conflict, got {other:?}"),
        }
        assert_eq!(service::get(&two, id).await.unwrap().head.contract_no, "HT-A");
        // The very same 暂存 once more (its answer was lost) is no conflict and writes nothing.
        let again = service::save_head(
            &one,
            SaveHead {
                id,
                base,
                head: Head {
                    internal_no: saved.head.internal_no,
                    declarant_code: OWN.into(),
                    valid_to: saved.head.valid_to,
                    declarant_type: "1".into(),
                    ..mine
                },
            },
        )
        .await
        .unwrap();
        assert_eq!(again.meta.version, service::get(&one, id).await.unwrap().meta.version);
    }
}

#[tokio::test]
async fn rows_keep_totals_and_repeats_change_nothing() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, _) = new_book(&call).await;
        let row_id = Uuid::now_v7();
        let request = SaveRow { book_id: id, row_id, base: 0, goods: export("3") };
        let first = service::save_row(&call, request.clone()).await.unwrap();
        assert_eq!((first.head.export_total.as_str(), first.head.export_count.as_str()), ("7.5", "1"));
        let again = service::save_row(&call, request).await.unwrap();
        assert_eq!(again.head.export_count, "1", "a repeated request must not add the row twice");
        let version = first.row.unwrap().version;
        let edit = SaveRow { book_id: id, row_id, base: version, goods: export("4") };
        assert_eq!(service::save_row(&call, edit).await.unwrap().head.export_total, "10");
        let stale = SaveRow { book_id: id, row_id, base: version, goods: export("5") };
        assert!(matches!(service::save_row(&call, stale).await, Err(Failure::Conflict { .. })));
        let second = add(&call, id, export("0.2")).await;
        assert_eq!((second.head.export_total.as_str(), second.row.as_ref().unwrap().seq), ("10.5", 2));
        let version = service::get(&call, id).await.unwrap().exports[0].version;
        let gone = removal(id, row_id, version);
        assert_eq!(service::save_rows(&call, gone.clone()).await.unwrap().head.export_total, "0.5");
        assert_eq!(service::save_rows(&call, gone).await.unwrap().head.export_count, "1");
    }
}

#[tokio::test]
async fn a_row_before_the_head_is_refused() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let request = SaveRow { book_id: Uuid::now_v7(), row_id: Uuid::now_v7(), base: 0, goods: export("1") };
        match service::save_row(&call, request).await {
            Err(Failure::Refused { message, .. }) => assert!(message.zh.contains("请先暂存表头")),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn bad_values_are_refused_by_field() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, _) = new_book(&call).await;
        for (change, pointer) in [
            (ExportGoods { qty: "0".into(), ..Default::default() }, "exports[0].qty"),
            (ExportGoods { qty: "12345678901234".into(), ..Default::default() }, "exports[0].qty"),
            (ExportGoods { qty: "abc".into(), ..Default::default() }, "exports[0].qty"),
            (ExportGoods { hs_code: "854".into(), ..Default::default() }, "exports[0].hs_code"),
            (ExportGoods { hs_code: "8542999999".into(), ..Default::default() }, "exports[0].hs_code"),
            (ExportGoods { goods_name: "a\u{7}b".into(), ..Default::default() }, "exports[0].goods_name"),
            (ExportGoods { remark: "长".repeat(10_000), ..Default::default() }, "exports[0].remark"),
        ] {
            let goods = ExportGoods {
                hs_code: if change.hs_code.is_empty() { support_code() } else { change.hs_code.clone() },
                ..change
            };
            let request = SaveRow { book_id: id, row_id: Uuid::now_v7(), base: 0, goods: Goods::Exports(goods) };
            let failure = service::save_row(&call, request).await.unwrap_err();
            assert!(pointers(&failure).contains(pointer), "{pointer}: {failure:?}");
        }
        let unknown = Head { operator_code: "9999999999".into(), ..head() };
        let failure =
            service::save_head(&call, SaveHead { id: Uuid::now_v7(), base: 0, head: unknown }).await.unwrap_err();
        assert!(pointers(&failure).contains("head.operator_code"));
        // Full-width digits are understood, markup is kept as text.
        let goods = ExportGoods {
            hs_code: support_code(),
            qty: "１２".into(),
            unit_price: "1".into(),
            goods_name: "<script>alert(1)</script>".into(),
            ..Default::default()
        };
        let saved = add(&call, id, Goods::Exports(goods)).await;
        match saved.row.unwrap().content {
            Goods::Exports(row) => assert_eq!(
                (row.qty.as_str(), row.total_price.as_str(), row.goods_name.as_str()),
                ("12", "12", "<script>alert(1)</script>")
            ),
            Goods::Reimports(_) => unreachable!(),
        }
    }
}

#[tokio::test]
async fn declaring_checks_everything_and_happens_once() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, saved) = new_book(&call).await;
        let empty = service::declare(&call, Step { id, base: saved.meta.version }).await.unwrap_err();
        assert!(pointers(&empty).contains("exports.hs_code"));
        add(&call, id, export("10")).await;
        let last = add(&call, id, reimport()).await;
        let old = service::declare(&call, Step { id, base: saved.meta.version }).await;
        assert!(matches!(old, Err(Failure::Conflict { .. })), "nobody declares what they have not seen");
        let step = Step { id, base: last.meta.version };
        // A double click: both requests succeed, one message goes out.
        let (one, two) = tokio::join!(service::declare(&call, step.clone()), service::declare(&call, step));
        assert_eq!(one.unwrap().meta.status, Status::Declared);
        assert_eq!(two.unwrap().meta.status, Status::Declared);
        let sent: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM outbox WHERE document_id = $1")
            .bind(id.to_string())
            .fetch_one(&state.db.read)
            .await
            .unwrap();
        assert_eq!(sent, 1);
        // From here on it is with customs: no editing, no deleting.
        let base = service::get(&call, id).await.unwrap().meta;
        let delete = service::delete(&call, Step { id, base: base.version }).await;
        assert!(matches!(delete, Err(Failure::Refused { .. })));
        let edit = service::save_head(
            &call,
            SaveHead { id, base: base.head_version, head: Head { remark: "x".into(), ..head() } },
        )
        .await;
        assert!(matches!(edit, Err(Failure::Refused { .. })));
    }
}

#[tokio::test]
async fn an_enterprise_in_bad_standing_cannot_declare() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, _) = new_book(&call).await;
        add(&call, id, export("10")).await;
        let last = add(&call, id, reimport()).await;
        let mut tx = state.db.begin().await.unwrap();
        sqlx::query("UPDATE enterprise SET credit_grade = 'untrusted', open_case = 1, uscc = '91350100M000100Y44' WHERE code = $1")
            .bind(OWN)
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        // The credit code was filled in when the head was saved; saving again takes over the wrong one.
        let meta = service::get(&call, id).await.unwrap().meta;
        let saved = service::save_head(
            &call,
            SaveHead { id, base: meta.head_version, head: Head { remark: "y".into(), ..head() } },
        )
        .await
        .unwrap();
        assert!(saved.meta.version > last.meta.version);
        match service::declare(&call, Step { id, base: saved.meta.version }).await {
            Err(Failure::Refused { findings, .. }) => {
                let rules: HashSet<_> =
                    findings.iter().filter(|f| f.severity == Severity::Declare).map(|f| f.rule.as_str()).collect();
                assert_eq!(rules, HashSet::from(["operator.credit", "operator.case", "uscc.check_digit"]));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_stranger_sees_and_changes_nothing() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let owner = call(&state, "zhang", OWN);
        let stranger = call(&state, "wang", OTHER);
        let (id, saved) = new_book(&owner).await;
        assert!(matches!(service::get(&stranger, id).await, Err(Failure::Forbidden)));
        assert!(matches!(service::receipts(&stranger, id).await, Err(Failure::Forbidden)));
        assert!(service::status(&stranger, vec![id]).await.unwrap().is_empty());
        let step = Step { id, base: saved.meta.version };
        assert!(matches!(service::delete(&stranger, step.clone()).await, Err(Failure::Forbidden)));
        assert!(matches!(service::declare(&stranger, step).await, Err(Failure::Forbidden)));
        let row = SaveRow { book_id: id, row_id: Uuid::now_v7(), base: 0, goods: export("1") };
        assert!(matches!(service::save_row(&stranger, row).await, Err(Failure::Forbidden)));
        // Not even by naming oneself the operator of somebody else's book.
        let theft =
            SaveHead { id, base: saved.meta.head_version, head: Head { operator_code: OTHER.into(), ..head() } };
        assert!(matches!(service::save_head(&stranger, theft).await, Err(Failure::Forbidden)));
        let for_other = SaveHead { id: Uuid::now_v7(), base: 0, head: head() };
        let failure = service::save_head(&stranger, for_other).await.unwrap_err();
        assert!(pointers(&failure).contains("head.operator_code"));
        let query = BookQuery { operator_code: OWN.into(), page_size: 50, ..Default::default() };
        assert!(matches!(service::list(&stranger, query).await, Err(Failure::Forbidden)));
        // Nor by smuggling a row of theirs into a book of one's own.
        let (mine, _) = new_book_for(&stranger, OTHER).await;
        let row_id = add(&owner, id, export("1")).await.row.unwrap().id;
        let smuggle = SaveRow { book_id: mine, row_id, base: 0, goods: export("9") };
        assert!(matches!(service::save_row(&stranger, smuggle).await, Err(Failure::Forbidden)));
    }
}

async fn new_book_for(call: &Call, operator: &str) -> (Uuid, Saved) {
    let id = Uuid::now_v7();
    let head = Head { operator_code: operator.into(), ..head() };
    (id, service::save_head(call, SaveHead { id, base: 0, head }).await.unwrap())
}

#[tokio::test]
async fn the_list_finds_by_every_condition_and_pages() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let mut ids = Vec::new();
        for number in 0..7 {
            let id = Uuid::now_v7();
            let head = Head { internal_no: format!("A_{number}%"), ..head() };
            service::save_head(&call, SaveHead { id, base: 0, head }).await.unwrap();
            ids.push(id);
        }
        let query = |change: BookQuery| BookQuery { operator_code: OWN.into(), page_size: 3, ..change };
        let page = service::list(&call, query(BookQuery::default())).await.unwrap();
        assert_eq!((page.total, page.lines.len()), (7, 3));
        assert_eq!(page.lines[0].meta.id, ids[6], "newest first");
        let last = service::list(&call, query(BookQuery { page: 2, ..Default::default() })).await.unwrap();
        assert_eq!(last.lines.len(), 1);
        let by_number =
            service::list(&call, query(BookQuery { internal_no: "a_3%".into(), ..Default::default() })).await.unwrap();
        assert_eq!(by_number.total, 1, "capitals and small letters are the same, on every database");
        assert_eq!(by_number.lines[0].meta.id, ids[3]);
        let sorted =
            service::list(&call, query(BookQuery { sort: "internal_no".into(), ..Default::default() })).await.unwrap();
        assert_eq!(sorted.lines[0].meta.id, ids[0]);
        let approved = service::list(&call, query(BookQuery { status: Some(Status::Approved), ..Default::default() }))
            .await
            .unwrap();
        assert_eq!(approved.total, 0);
        let future = service::list(&call, query(BookQuery { input_from: "2999-01-01".into(), ..Default::default() }))
            .await
            .unwrap();
        assert_eq!(future.total, 0);
        let none = service::list(&call, BookQuery { page_size: 3, ..Default::default() }).await;
        assert!(matches!(none, Err(Failure::Refused { .. })), "可查询企业 is required");
        let taken = SaveHead { id: Uuid::now_v7(), base: 0, head: Head { internal_no: "A_1%".into(), ..head() } };
        let failure = service::save_head(&call, taken).await.unwrap_err();
        assert!(pointers(&failure).contains(&format!("{HEAD}.internal_no")));
    }
}

#[tokio::test]
async fn a_copy_takes_the_content_and_nothing_of_its_history() {
    for db in support::both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (from, _) = new_book(&call).await;
        add(&call, from, export("10")).await;
        add(&call, from, reimport()).await;
        let source = service::get(&call, from).await.unwrap();
        let request = CopyBook { from, id: Uuid::now_v7(), attachments: false };
        service::copy(&call, request.clone()).await.unwrap();
        service::copy(&call, request.clone()).await.unwrap();
        let copy = service::get(&call, request.id).await.unwrap();
        assert_eq!(copy.meta.status, Status::Draft);
        assert_ne!(copy.head.seq_no, source.head.seq_no);
        assert_ne!(copy.head.internal_no, source.head.internal_no);
        assert_eq!(copy.head.contract_no, source.head.contract_no);
        assert_eq!((&*source.head.contract_date, &*copy.head.contract_date), ("2026-01-05", ""), "last year's date");
        assert_eq!(copy.head.export_total, "25");
        assert_eq!((copy.exports.len(), copy.reimports.len()), (1, 1), "a repeated request copies once");
        assert_eq!(copy.exports[0].content, source.exports[0].content);
        let all = BookQuery { operator_code: OWN.into(), page_size: 10, ..Default::default() };
        assert_eq!(service::list(&call, all).await.unwrap().total, 2);
        let theirs = CopyBook { from, id: Uuid::now_v7(), attachments: false };
        let stranger = self::call(&state, "wang", OTHER);
        assert!(matches!(service::copy(&stranger, theirs).await, Err(Failure::Forbidden)));
    }
}
