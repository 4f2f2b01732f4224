//! Workbooks that go out: the template, bad rows with their reason, lists as the screen shows them.
//! Routes of their own, since a workbook is no JSON; they read and never store.

use uuid::Uuid;

use super::columns::{self, REASON, SEQ};
use super::model::Mode;
use super::plan::{self, Act, Pair};
use super::service;
use crate::book::model::{BookQuery, Goods, Head, Side};
use crate::book::place::name_of;
use crate::book::service::{authorise, head_of, list, receipts as receipts_of};
use crate::document::store as documents;
use crate::document::{LATE, Receipt, ReceiptNote};
use crate::form::{Field, Kind, Record, show_time};
use crate::reference::Codes;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::list::{Download, chosen, shown};
use crate::sheet::{self, Cell, Column, Output, OutputSheet, TemplateSheet};
use crate::text::{Language, Text, text};

/// At most so many books in an exported query list.
const MOST_BOOKS: i64 = 10_000;

/// Sentences above the explanation of the columns.
const RULES: &[Text] = &[
    text("请在“出口货物”“复进口货物”两张工作表中从第3行起填写，每行一项商品；可以只填其中一张。", ""),
    text(
        "标*的列为必填：商品编码导入时即须填写，其余在申报前补全。第1行列标题不要改名，列的顺序可以调整，不需要的列可以删除。",
        "",
    ),
    text("申报总价、计税价格、征减免税方式、商品序号由系统生成，不需填写；法定计量单位按商品编码自动填写。", ""),
    text("单位、币制、国别可从下拉列表选择，也可直接填编码或中文名称。每张工作表最多5000行，文件最大10MB。", ""),
];

/// The template; the same for everybody, made of the field tables and today's code tables.
///
/// # Errors
/// Only faults of ours.
pub fn template(codes: &Codes) -> Result<Vec<u8>, Failure> {
    let typed = |side| columns::fields(side).iter().filter(|field| field.is_typed()).collect::<Vec<&Field>>();
    let (exports, reimports) = (typed(Side::Exports), typed(Side::Reimports));
    let sheets = [
        TemplateSheet { name: Side::Exports.label().zh, fields: &exports },
        TemplateSheet { name: Side::Reimports.label().zh, fields: &reimports },
    ];
    sheet::template(&sheets, RULES, codes)
}

/// The bad rows of an upload as they were, with the reason in the last column.
///
/// # Errors
/// As `service::review`.
pub async fn returned(call: &Call, id: Uuid, mode: Mode) -> Result<Download, Failure> {
    let pending = service::pending(call, id).await?;
    let target = service::target(call, &pending.document_id).await?;
    let prepared = service::prepared(call, id).await?;
    let work = move || {
        let sheets = prepared.pairs(&target).iter().map(|pair| bad_rows(*pair, mode)).collect();
        Output { sheets }.write()
    };
    let bytes = service::aside("workbook", work).await?;
    let name = pending.file_name.rsplit_once('.').map_or(pending.file_name.as_str(), |(front, _)| front);
    Ok((format!("{name}-有误的行.xlsx"), bytes))
}

fn bad_rows(pair: Pair<'_>, mode: Mode) -> OutputSheet {
    let side = pair.kept.side;
    let known: Vec<(&Field, usize)> =
        pair.kept.columns.iter().filter_map(|(key, at)| Some((columns::field(side, key)?, *at))).collect();
    let mut headings: Vec<Column> = known.iter().map(|(field, _)| Column::of(field)).collect();
    headings.push(Column::new(REASON, 60));
    let acts = plan::decide(pair, mode);
    let mut rows = Vec::new();
    for ((line, act), row) in pair.lines.iter().zip(&acts).zip(&pair.kept.rows) {
        if !matches!(act, Act::Bad(_)) {
            continue;
        }
        let reasons: Vec<String> = plan::problems(std::slice::from_ref(line), std::slice::from_ref(act))
            .map(|problem| format!("{}：{}", problem.field.zh, problem.reason.zh))
            .map(|reason| reason.trim_start_matches('：').to_owned())
            .collect();
        let mut cells: Vec<Cell> = known.iter().map(|(_, at)| row.cell(*at).clone()).collect();
        cells.push(Cell::Text(format!("第{}行：{}", line.number, reasons.join("；"))));
        rows.push(cells);
    }
    OutputSheet { name: side.label().zh.to_owned(), columns: headings, rows }
}

/// A list of goods of a book. `wanted`: keys of the columns in their order; empty: all.
///
/// # Errors
/// `NotFound`; `Forbidden` for a book of an enterprise the caller does not act for.
pub async fn goods(call: &Call, book: Uuid, side: Side, wanted: &[&str]) -> Result<Download, Failure> {
    let row = documents::find(&call.state.db, &book.to_string()).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &row)?;
    let number = head_of(&row)?.internal_no;
    let target = service::target(call, &row.id).await?;
    let fields = chosen(columns::fields(side).iter(), wanted);
    let codes = call.state.reference.codes();
    let line = |fields: &[&Field], seq: i64, goods: &Goods| -> Vec<Cell> {
        let value = |key: &str| match goods {
            Goods::Exports(row) => row.get(key).to_owned(),
            Goods::Reimports(row) => row.get(key).to_owned(),
        };
        let cell = |field: &&Field| match field.key {
            SEQ => Cell::Number(seq.to_string()),
            key => shown(field, &value(key), &codes),
        };
        fields.iter().map(cell).collect()
    };
    let rows = target.list(side).iter().map(|row| line(&fields, row.seq, &row.content)).collect();
    let name = side.label().zh;
    let sheet =
        OutputSheet { name: name.to_owned(), columns: fields.iter().map(|field| Column::of(field)).collect(), rows };
    Ok((format!("{name}-{number}.xlsx"), Output { sheets: vec![sheet] }.written().await?))
}

const RECEIPT_COLUMNS: &[(&str, u8)] = &[
    ("海关时间", 20),
    ("收到时间", 20),
    ("回执", 20),
    ("报文类型", 10),
    ("结果代码", 10),
    ("说明", 40),
    ("意见", 40),
    ("涉及内容", 30),
    ("备注", 24),
];

/// The receipts of a book, newest first, a line for each reason.
///
/// # Errors
/// As the receipts themselves.
pub async fn receipts(call: &Call, book: Uuid) -> Result<Download, Failure> {
    let receipts = receipts_of(call, book).await?;
    let row = documents::find(&call.state.db, &book.to_string()).await?.ok_or(Failure::NotFound)?;
    let number = head_of(&row)?.internal_no;
    let sheet = OutputSheet {
        name: "回执".to_owned(),
        columns: RECEIPT_COLUMNS.iter().map(|(heading, width)| Column::new(*heading, *width)).collect(),
        rows: receipts.iter().flat_map(receipt_lines).collect(),
    };
    Ok((format!("回执-{number}.xlsx"), Output { sheets: vec![sheet] }.written().await?))
}

fn receipt_lines(receipt: &Receipt) -> Vec<Vec<Cell>> {
    let meaning = receipt.meaning().map_or("", |meaning| meaning.zh);
    let late = if receipt.applied { "" } else { LATE.zh };
    let line = |note: &ReceiptNote| {
        let place = if note.pointer.is_empty() { String::new() } else { name_of(&note.pointer, Language::Zh) };
        let texts: [&str; 9] = [
            &show_time(&receipt.at),
            &show_time(&receipt.received_at),
            meaning,
            &receipt.message_type,
            &receipt.result,
            &receipt.remark,
            &note.text,
            &place,
            late,
        ];
        texts.map(|text| Cell::Text(text.to_owned())).to_vec()
    };
    if receipt.notes.is_empty() {
        return vec![line(&ReceiptNote::default())];
    }
    receipt.notes.iter().map(line).collect()
}

/// A last line where not all is there: who counts the rows must not take them for all.
fn cut(rows: i64, total: i64) -> Option<Vec<Cell>> {
    (rows >= MOST_BOOKS && total > rows)
        .then(|| vec![Cell::Text(format!("※共{total}本账册，只导出了前{rows}本，请缩小查询条件后分次导出"))])
}

/// The books a query finds, all pages of it up to [`MOST_BOOKS`].
///
/// # Errors
/// As the query itself.
pub async fn books(call: &Call, mut query: BookQuery, wanted: &[&str]) -> Result<Download, Failure> {
    const STATUS: &Field = &Field::new(text("数据状态", "State"), Kind::Text { max: 20 }).named("status");
    let fields = chosen(std::iter::once(STATUS).chain(Head::FIELDS), wanted);
    let codes = call.state.reference.codes();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    (query.page, query.page_size) = (0, 500);
    loop {
        let page = list(call, query.clone()).await?;
        let found = page.lines.len() as i64;
        rows.extend(page.lines.iter().map(|line| {
            let cell = |field: &&Field| match field.key {
                "status" => Cell::Text(line.meta.status.label().zh.to_owned()),
                key => shown(field, line.head.get(key), &codes),
            };
            fields.iter().map(cell).collect()
        }));
        query.page += 1;
        if found < query.page_size || query.page * query.page_size >= MOST_BOOKS {
            rows.extend(cut(rows.len() as i64, page.total));
            break;
        }
    }
    let columns = fields.iter().map(|field| Column::of(field)).collect();
    let sheet = OutputSheet { name: "出境加工账册".to_owned(), columns, rows };
    Ok((format!("出境加工账册-{}.xlsx", query.operator_code), Output { sheets: vec![sheet] }.written().await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_of_customs_goes_out_with_the_field_it_speaks_of() {
        let note = |text: &str, pointer: &str| ReceiptNote { text: text.to_owned(), pointer: pointer.to_owned() };
        let mut receipt = Receipt {
            id: "1".to_owned(),
            message_type: "OPB211".to_owned(),
            result: "3".to_owned(),
            at: "2026-11-24T01:02:03Z".to_owned(),
            received_at: "2026-11-24T01:02:05Z".to_owned(),
            applied: false,
            remark: "不同意".to_owned(),
            notes: vec![note("商品编码有误", "exports[3].hs_code"), note("请说明", "")],
        };
        let shown = |receipt: &Receipt| -> Vec<String> {
            let lines = receipt_lines(receipt);
            lines.iter().map(|line| line.iter().map(Cell::shown).collect::<Vec<_>>().join("|")).collect()
        };
        let front = "2026-11-24 09:02:03|2026-11-24 09:02:05|退单|OPB211|3|不同意";
        assert_eq!(
            shown(&receipt),
            [
                format!("{front}|商品编码有误|出口货物第3项 商品编码|迟到或重复，仅存档"),
                format!("{front}|请说明||迟到或重复，仅存档"),
            ]
        );
        (receipt.notes, receipt.applied) = (Vec::new(), true);
        assert_eq!(shown(&receipt), [format!("{front}|||")], "a receipt without reasons is a line too");
        assert_eq!(receipt_lines(&receipt)[0].len(), RECEIPT_COLUMNS.len());
    }

    #[test]
    fn a_list_that_is_cut_says_so() {
        assert_eq!((cut(10_000, 10_000), cut(9_999, 10_003)), (None, None));
        let line = cut(10_000, 12_345).unwrap();
        assert!(line[0].shown().contains("12345") && line[0].shown().contains("10000"), "{line:?}");
    }
}
