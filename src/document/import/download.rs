//! Workbooks that go out: the template, bad rows with their reason, lists as the screen shows them.
//! Routes of their own, since a workbook is no JSON; they read and never store.

use uuid::Uuid;

use super::columns::{self, REASON, SEQ};
use super::model::{Mode, Problem};
use super::plan::{self, Act, Pair};
use super::prepare::Kept;
use super::service;
use crate::document::guard::{head_of, readable};
use crate::document::kind::{Kind, Section};
use crate::document::place::name_of;
use crate::document::service::{list, receipts as receipts_of};
use crate::document::{Query, Receipt, ReceiptNote};
use crate::form::{Field, Kind as FieldKind, show_time};
use crate::reference::Codes;
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::convert::has_lost_digits;
use crate::sheet::limits;
use crate::sheet::list::{Download, chosen, shown};
use crate::sheet::{self, Cell, Column, Output, OutputSheet, TemplateSheet};
use crate::text::{Language, text};

/// At most so many documents in an exported query list.
const MOST_DOCUMENTS: i64 = 10_000;

/// The template; the same for everybody, made of the field tables and today's code tables. Workbooks are in Chinese.
///
/// # Errors
/// Only faults of ours.
pub fn template(kind: &'static Kind, codes: &Codes) -> Result<Vec<u8>, Failure> {
    let typed: Vec<Vec<&Field>> = kind
        .sections
        .iter()
        .map(|section| columns::fields(section).iter().filter(|field| field.is_typed()).collect())
        .collect();
    let sheets: Vec<TemplateSheet<'_>> = kind
        .sections
        .iter()
        .zip(&typed)
        .map(|(section, fields)| TemplateSheet { name: section.label.zh, fields })
        .collect();
    sheet::template(&sheets, &rules(kind), codes)
}

/// Sentences above the explanation of the columns.
fn rules(kind: &'static Kind) -> [String; 4] {
    let names: String = kind.sections.iter().map(|section| format!("“{}”", section.label.zh)).collect();
    let mut given: Vec<&str> = Vec::new();
    for field in kind.sections.iter().flat_map(|section| columns::fields(section)) {
        if !field.is_typed() && !given.contains(&field.label.zh) {
            given.push(field.label.zh);
        }
    }
    let most = kind.sections.iter().map(|section| section.most_rows).max().unwrap_or_default();
    let megabytes = limits::FILE >> 20;
    [
        format!("请在工作表{names}中从第3行起填写，每行一项；不需要的工作表可以留空。"),
        "标*的列为必填：部分列导入时即须填写，其余在申报前补全。第1行列标题不要改名，列的顺序可以调整，不需要的列可以删除。".to_owned(),
        format!("{}由系统生成，不需填写；法定计量单位按商品编码自动填写。", given.join("、")),
        format!("单位、币制、国别可从下拉列表选择，也可直接填编码或中文名称；其他写法（如KG、RMB）见下表。每张工作表最多{most}行，文件最大{megabytes}MB。"),
    ]
}

/// The bad rows of an upload as they were, with the reason in the last column.
///
/// # Errors
/// As `service::review`.
pub async fn returned(call: &Call, id: Uuid, mode: Mode) -> Result<Download, Failure> {
    let (pending, kind) = service::pending(call, id).await?;
    let target = service::target(call, kind, &pending.document_id).await?;
    let upload = service::prepared(call, id, kind.sections).await?;
    let work = move || {
        let sheets = upload.pairs(&target).iter().map(|pair| bad_rows(*pair, mode)).collect();
        Output { sheets }.write()
    };
    let bytes = aside("workbook", work).await?;
    let name = pending.file_name.rsplit_once('.').map_or(pending.file_name.as_str(), |(front, _)| front);
    Ok((format!("{name}-有误的行.xlsx"), bytes))
}

/// A cell as its column means it. A number that is only shown in another way goes back as the number it is, and what could
/// not be told as an error: sent back unmended, the row is refused again.
fn as_meant(field: &Field, cell: &Cell) -> Cell {
    let is_number = matches!(field.kind, FieldKind::Decimal { .. });
    match cell {
        Cell::Formatted { number, shown } if is_number && !shown.contains('%') => Cell::Number(number.clone()),
        Cell::Formatted { number, .. } | Cell::Number(number) if !is_number && has_lost_digits(number) => {
            Cell::Error("#NUM!".to_owned())
        }
        Cell::Formatted { shown, .. } if !is_number && shown.is_empty() => Cell::Error("#NUM!".to_owned()),
        _ => cell.clone(),
    }
}

fn bad_rows(pair: Pair<'_>, mode: Mode) -> OutputSheet {
    let acts = plan::decide(pair, mode);
    let bad = pair.lines.iter().zip(&acts).filter(|(_, act)| matches!(act, Act::Bad(_)));
    let told = bad.map(|(line, act)| {
        (line.number, plan::problems(std::slice::from_ref(line), std::slice::from_ref(act)).collect())
    });
    rows_back(pair.section, pair.kept, told)
}

/// Rows of an upload as they were, each by its number in the file, with its problems in the last column.
pub fn rows_back<'a>(
    section: &'static Section,
    kept: &Kept,
    told: impl Iterator<Item = (u32, Vec<&'a Problem>)>,
) -> OutputSheet {
    let known: Vec<(&Field, usize)> =
        kept.columns.iter().filter_map(|(key, at)| Some((columns::field(section, key)?, *at))).collect();
    let mut headings: Vec<Column> = known.iter().map(|(field, _)| Column::of(field)).collect();
    headings.push(Column::new(REASON, 60));
    let line = |(number, problems): (u32, Vec<&Problem>)| {
        let row = kept.row(number)?;
        let reasons: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}：{}", problem.field.zh, problem.reason.zh))
            .map(|reason| reason.trim_start_matches('：').to_owned())
            .collect();
        let mut cells: Vec<Cell> = known.iter().map(|(field, at)| as_meant(field, row.cell(*at))).collect();
        cells.push(Cell::Text(format!("第{number}行：{}", reasons.join("；"))));
        Some(cells)
    };
    OutputSheet { name: section.label.zh.to_owned(), columns: headings, rows: told.filter_map(line).collect() }
}

/// A list of a document. `wanted`: keys of the columns in their order; empty: all.
///
/// # Errors
/// `NotFound`; `Forbidden` for a document of an enterprise the caller does not act for.
pub async fn rows(call: &Call, document: Uuid, section: &str, wanted: &[&str]) -> Result<Download, Failure> {
    let row = readable(call, document).await?;
    let kind = call.state.kind(&row.kind)?;
    let section = kind.section(section).ok_or(Failure::NotFound)?;
    let target = service::target(call, kind, &row.id).await?;
    let fields = chosen(columns::fields(section).iter(), wanted);
    let codes = call.state.reference.codes();
    let line = |row: &crate::document::Row<crate::form::Values>| -> Vec<Cell> {
        let cell = |field: &&Field| match field.key {
            SEQ => Cell::Number(row.seq.to_string()),
            key => shown(field, row.content.get(key), &codes),
        };
        fields.iter().map(cell).collect()
    };
    let rows = target.list(section).iter().map(line).collect();
    let name = section.label.zh;
    let sheet =
        OutputSheet { name: name.to_owned(), columns: fields.iter().map(|field| Column::of(field)).collect(), rows };
    let number = row.internal_no;
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

/// The receipts of a document, newest first, a line for each reason.
///
/// # Errors
/// As the receipts themselves.
pub async fn receipts(call: &Call, document: Uuid) -> Result<Download, Failure> {
    let receipts = receipts_of(call, document).await?;
    let row = readable(call, document).await?;
    let kind = call.state.kind(&row.kind)?;
    let number = head_of(kind, &row)?.get("internal_no").to_owned();
    let sheet = OutputSheet {
        name: "回执".to_owned(),
        columns: RECEIPT_COLUMNS.iter().map(|(heading, width)| Column::new(*heading, *width)).collect(),
        rows: receipts.iter().flat_map(|receipt| receipt_lines(kind, receipt)).collect(),
    };
    Ok((format!("回执-{number}.xlsx"), Output { sheets: vec![sheet] }.written().await?))
}

fn receipt_lines(kind: &'static Kind, receipt: &Receipt) -> Vec<Vec<Cell>> {
    let meaning = receipt.meaning().map_or("", |meaning| meaning.zh);
    let late = receipt.late().map_or("", |late| late.zh);
    let line = |note: &ReceiptNote| {
        let place = if note.pointer.is_empty() { String::new() } else { name_of(kind, &note.pointer, Language::Zh) };
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
    (rows >= MOST_DOCUMENTS && total > rows)
        .then(|| vec![Cell::Text(format!("※共{total}条，只导出了前{rows}条，请缩小查询条件后分次导出"))])
}

/// The documents a query finds, all pages of it up to a limit.
///
/// # Errors
/// As the query itself.
pub async fn documents(call: &Call, mut query: Query, wanted: &[&str]) -> Result<Download, Failure> {
    const STATUS: &Field = &Field::new(text("数据状态", "State"), FieldKind::Text { max: 20 }).named("status");
    let listed = call.state.listed(&query.list)?;
    let fields = chosen(std::iter::once(STATUS).chain(listed.fields()), wanted);
    let codes = call.state.reference.codes();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    (query.page, query.page_size) = (0, 500);
    loop {
        let page = list(call, query.clone()).await?;
        let found = page.lines.len() as i64;
        rows.extend(page.lines.iter().map(|line| {
            let cell = |field: &&Field| match field.key {
                "status" => Cell::Text(line.meta.status.label().zh.to_owned()),
                key => shown(field, line.head.get(key).map_or("", String::as_str), &codes),
            };
            fields.iter().map(cell).collect()
        }));
        query.page += 1;
        if found < query.page_size || query.page * query.page_size >= MOST_DOCUMENTS {
            rows.extend(cut(rows.len() as i64, page.total));
            break;
        }
    }
    let column = |field: &&Field| match listed.labels(field.key).0 {
        none if none.is_empty() => Column::of(field),
        heading => Column { heading, ..Column::of(field) },
    };
    let columns = fields.iter().map(column).collect();
    let name = listed.name();
    let sheet = OutputSheet { name: name.to_owned(), columns, rows };
    Ok((format!("{name}-{}.xlsx", query.operator_code), Output { sheets: vec![sheet] }.written().await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::kind::FILING;

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
            let lines = receipt_lines(&FILING, receipt);
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
        assert_eq!(receipt_lines(&FILING, &receipt)[0].len(), RECEIPT_COLUMNS.len());
    }

    #[test]
    fn a_list_that_is_cut_says_so() {
        assert_eq!((cut(10_000, 10_000), cut(9_999, 10_003)), (None, None));
        let line = cut(10_000, 12_345).unwrap();
        assert!(line[0].shown().contains("12345") && line[0].shown().contains("10000"), "{line:?}");
    }
}
