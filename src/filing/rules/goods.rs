//! Rules of goods rows: of one export or re-import row by itself, and of rows beside the head and the other list.
//! Called by screen, import and service alike. Finds, and changes nothing: that is `compute`.

use std::collections::BTreeSet;

use super::compute::{complete_export, complete_reimport};
use crate::document::Row;
use crate::document::kind::RowRecord;
use crate::filing::model::{EXPORTS, ExportGoods, REIMPORTS, ReimportGoods};
use crate::form::{Finding, Severity, Values, check_record, pointer};
use crate::goods::{name_from_code, name_the_row, second_quantity, settled_by_code, source_seqs};
use crate::reference::{Codes, Table};
use crate::text::text;

/// Checks one export row. `for_declare` adds what 申报 needs beyond saving the row.
pub fn check_export(seq: i64, row: &ExportGoods, codes: &Codes, for_declare: bool) -> Vec<Finding> {
    let mut findings = check_record(EXPORTS, Some(seq), row, codes, for_declare);
    if for_declare {
        findings.extend(second_quantity(EXPORTS, seq, &row.legal_unit2, &row.legal_qty2));
        findings.extend(export_barred(seq, &row.hs_code, codes));
    }
    name_the_row(&mut findings, text("出口货物", "Export"), seq);
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
    name_the_row(&mut findings, text("复进口货物", "Re-import"), seq);
    findings
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
pub(super) fn same_currency(section: &str, row: &Row<Values>, head: &Values) -> Option<Finding> {
    let (currency, wanted, seq) = (row.content.get("currency"), head.get("currency"), row.seq);
    (!currency.is_empty() && !wanted.is_empty() && currency != wanted).then(|| {
        let (zh, en) = if section == EXPORTS { ("出口货物", "Export") } else { ("复进口货物", "Re-import") };
        Finding::new(
            "goods.currency",
            pointer(section, Some(seq), "currency"),
            Severity::Declare,
            format!("{zh}第{seq}项：币制{currency}与表头币制{wanted}不一致，请改为一致"),
            format!("{en} item {seq}: currency {currency} differs from the head's {wanted}"),
        )
    })
}

/// The export items a re-import names must be there.
pub(super) fn sources_exist(row: &Row<Values>, exports: &BTreeSet<i64>) -> Option<Finding> {
    let named = row.content.get("source_export_seqs");
    if named.is_empty() {
        return None;
    }
    let missing = source_seqs(named)?.into_iter().find(|seq| !exports.contains(seq))?;
    Some(Finding::new(
        "goods.sources",
        pointer(REIMPORTS, Some(row.seq), "source_export_seqs"),
        Severity::Declare,
        format!("复进口货物第{}项：对应的出口商品序号{missing}不存在", row.seq),
        format!("Re-import item {}: there is no export item {missing}", row.seq),
    ))
}

impl RowRecord for ExportGoods {
    fn complete(&mut self, typed: Option<&str>, codes: &Codes) {
        name_from_code(self, typed, codes);
        complete_export(self, codes);
    }
    fn settled(&self, codes: &Codes) -> &'static [&'static str] {
        settled_by_code(&self.hs_code, codes)
    }
    fn check(&self, seq: i64, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        check_export(seq, self, codes, for_declare)
    }
    fn blank(head: &Values) -> Self {
        Self {
            currency: head.get("currency").to_owned(),
            origin_country: "CHN".to_owned(),
            dest_country: head.get("process_country").to_owned(),
            ..Self::default()
        }
    }
}

impl RowRecord for ReimportGoods {
    fn complete(&mut self, typed: Option<&str>, codes: &Codes) {
        name_from_code(self, typed, codes);
        complete_reimport(self, codes);
    }
    fn settled(&self, codes: &Codes) -> &'static [&'static str] {
        settled_by_code(&self.hs_code, codes)
    }
    fn check(&self, seq: i64, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        check_reimport(seq, self, codes, for_declare)
    }
    fn blank(head: &Values) -> Self {
        Self { currency: head.get("currency").to_owned(), origin_country: "CHN".to_owned(), ..Self::default() }
    }
}
