//! Rules of goods rows: of one export or re-import row by itself, and of rows beside the head and the other list.
//! Called by screen, import and service alike. Finds, and changes nothing: that is `compute`.

use crate::book::model::{ExportGoods, Head, ReimportGoods, Row};
use crate::form::{Finding, Severity, check_record, pointer};
use crate::reference::{Codes, Table};

const EXPORTS: &str = "exports";
const REIMPORTS: &str = "reimports";

/// Checks one export row. `for_declare` adds what 申报 needs beyond saving the row.
pub fn check_export(seq: i64, row: &ExportGoods, codes: &Codes, for_declare: bool) -> Vec<Finding> {
    let mut findings = check_record(EXPORTS, Some(seq), row, codes, for_declare);
    if for_declare {
        findings.extend(second_quantity(EXPORTS, seq, &row.legal_unit2, &row.legal_qty2));
        findings.extend(export_barred(seq, &row.hs_code, codes));
    }
    name_the_row(&mut findings, "出口货物", "Export", seq);
    findings
}

/// Checks one re-import row.
pub fn check_reimport(seq: i64, row: &ReimportGoods, codes: &Codes, for_declare: bool) -> Vec<Finding> {
    let mut findings = check_record(REIMPORTS, Some(seq), row, codes, for_declare);
    if !row.source_export_seqs.is_empty() && source_seqs(&row.source_export_seqs).is_none() {
        findings.push(Finding::new(
            "goods.sources",
            pointer(REIMPORTS, Some(seq), "source_export_seqs"),
            Severity::Save,
            "对应出口商品序号须为序号，多个用逗号分开，如 1,3",
            "Export items used must be item numbers with commas between, e.g. 1,3",
        ));
    }
    if for_declare {
        findings.extend(second_quantity(REIMPORTS, seq, &row.legal_unit2, &row.legal_qty2));
        findings.extend(import_barred(seq, &row.hs_code, codes));
        if row.dutiable_value == "0" {
            findings.push(Finding::new(
                "goods.no_fee",
                pointer(REIMPORTS, Some(seq), "fee_processing"),
                Severity::Warning,
                "境外加工费等费用合计为0，请核对",
                "The fees add up to 0; please check",
            ));
        }
    }
    name_the_row(&mut findings, "复进口货物", "Re-import", seq);
    findings
}

/// In a list of a thousand rows a message must say which row it means; row 0 is the one being typed.
fn name_the_row(findings: &mut [Finding], zh: &str, en: &str, seq: i64) {
    if seq == 0 {
        return;
    }
    for finding in findings {
        finding.message.zh = format!("{zh}第{seq}项：{}", finding.message.zh);
        finding.message.en = format!("{en} item {seq}: {}", finding.message.en);
    }
}

/// The second legal quantity is needed exactly when there is a second legal unit.
fn second_quantity(section: &str, seq: i64, unit: &str, qty: &str) -> Option<Finding> {
    (!unit.is_empty() && qty.is_empty()).then(|| {
        Finding::new(
            "required",
            pointer(section, Some(seq), "legal_qty2"),
            Severity::Declare,
            "第二法定数量不能为空，请录入",
            "Second legal quantity is required",
        )
    })
}

/// Goods with export duty, or barred or restricted for export, cannot go out (announcement 69/2016 item 2).
fn export_barred(seq: i64, hs_code: &str, codes: &Codes) -> Option<Finding> {
    let entry = codes.find(Table::Commodity, hs_code)?;
    let taxed = entry.export_rate.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    let (zh, en) = if taxed {
        ("应征出口关税，不得开展出境加工", "is subject to export duty and cannot be processed abroad")
    } else if entry.controls.contains('8') {
        ("属禁止出口商品，不得开展出境加工", "is prohibited for export")
    } else if entry.controls.contains('4') {
        ("属限制出口商品（凭出口许可证），不得开展出境加工", "is restricted for export (licence)")
    } else {
        return None;
    };
    Some(Finding::new(
        "goods.export_barred",
        pointer(EXPORTS, Some(seq), "hs_code"),
        Severity::Declare,
        format!("商品编码{hs_code}{zh}，请更换商品"),
        format!("Commodity {hs_code} {en}"),
    ))
}

/// Goods barred or restricted for import cannot come back under this book.
fn import_barred(seq: i64, hs_code: &str, codes: &Codes) -> Option<Finding> {
    let entry = codes.find(Table::Commodity, hs_code)?;
    let (zh, en) = if entry.controls.contains('9') {
        ("属禁止进口商品", "is prohibited for import")
    } else if entry.controls.contains('1') {
        ("属限制进口商品（凭进口许可证）", "is restricted for import (licence)")
    } else {
        return None;
    };
    Some(Finding::new(
        "goods.import_barred",
        pointer(REIMPORTS, Some(seq), "hs_code"),
        Severity::Declare,
        format!("商品编码{hs_code}{zh}，不得复进口，请更换商品"),
        format!("Commodity {hs_code} {en}"),
    ))
}

/// Totals are sums: rows in another currency than the head's would make them meaningless.
pub(super) fn same_currency(section: &str, seq: i64, currency: &str, head: &Head) -> Option<Finding> {
    (!currency.is_empty() && !head.currency.is_empty() && currency != head.currency).then(|| {
        let (zh, en) = if section == EXPORTS { ("出口货物", "Export") } else { ("复进口货物", "Re-import") };
        Finding::new(
            "goods.currency",
            pointer(section, Some(seq), "currency"),
            Severity::Declare,
            format!("{zh}第{seq}项：币制{currency}与表头币制{}不一致，请改为一致", head.currency),
            format!("{en} item {seq}: currency {currency} differs from the head's {}", head.currency),
        )
    })
}

/// `1,3` → [1, 3]; `None` when it is not a list of item numbers.
fn source_seqs(text: &str) -> Option<Vec<i64>> {
    text.split([',', '，', '、']).map(|part| part.trim().parse().ok().filter(|seq| *seq > 0)).collect()
}

/// The export items a re-import names must be there.
pub(super) fn sources_exist(row: &Row<ReimportGoods>, exports: &[Row<ExportGoods>]) -> Option<Finding> {
    if row.content.source_export_seqs.is_empty() {
        return None;
    }
    let missing = source_seqs(&row.content.source_export_seqs)?
        .into_iter()
        .find(|seq| !exports.iter().any(|export| export.seq == *seq))?;
    Some(Finding::new(
        "goods.sources",
        pointer(REIMPORTS, Some(row.seq), "source_export_seqs"),
        Severity::Declare,
        format!("复进口货物第{}项：对应的出口商品序号{missing}不存在", row.seq),
        format!("Re-import item {}: there is no export item {missing}", row.seq),
    ))
}
