//! Rules that every line of goods shares, in a filing and in an entry: what follows from the commodity code, the total, the
//! second quantity, how a message names its row. Pure; the same in the browser and on the server.

use crate::form::{Finding, Severity, TextsMut, amount, half_even, plain, pointer};
use crate::reference::{Codes, Entry, Table};
use crate::text::Text;

/// quantity × unit price, two decimals, half to even; empty while one of them is missing.
pub fn total_price(qty: &str, unit_price: &str) -> String {
    if qty.is_empty() || unit_price.is_empty() {
        return String::new();
    }
    match amount(qty).checked_mul(amount(unit_price)) {
        Some(total) if !total.is_zero() => plain(half_even(total, 2)),
        _ => String::new(),
    }
}

/// What the table of codes says about a commodity's units; `None` where it does not know them.
fn known_units<'a>(hs_code: &str, codes: &'a Codes) -> Option<Entry<'a>> {
    codes.find(Table::Commodity, hs_code).filter(|entry| !entry.unit.is_empty())
}

/// Fields of a row in which its commodity code leaves nothing to type: the legal units, and the second quantity
/// where there is no second unit. Grey, as on the official screen.
pub fn settled_by_code(hs_code: &str, codes: &Codes) -> &'static [&'static str] {
    match known_units(hs_code, codes) {
        None if hs_code.is_empty() => &["legal_unit", "legal_unit2"], // they come with it
        None => &[],
        Some(entry) if entry.unit2.is_empty() => &["legal_unit", "legal_unit2", "legal_qty2"],
        Some(_) => &["legal_unit", "legal_unit2"],
    }
}

/// Legal units come from the commodity code where its table knows them; the quantity in a legal unit that equals the
/// declared unit (`unit`: its field) is the declared quantity, as the official screen does it.
pub fn complete_units(row: &mut impl TextsMut, unit: &str, codes: &Codes) {
    if let Some(entry) = known_units(row.text("hs_code"), codes) {
        row.put("legal_unit", entry.unit);
        row.put("legal_unit2", entry.unit2);
        if entry.unit2.is_empty() {
            row.put("legal_qty2", "");
        }
    }
    // A quantity that was typed before its unit is known stays.
    for (legal, qty) in [("legal_unit", "legal_qty"), ("legal_unit2", "legal_qty2")] {
        if !row.text(legal).is_empty() && row.text(qty).is_empty() && row.text(legal) == row.text(unit) {
            let declared = row.text("qty").to_owned();
            row.put(qty, &declared);
        }
    }
}

/// The name of the goods comes with a commodity code that was just typed.
pub fn name_from_code(row: &mut impl TextsMut, typed: Option<&str>, codes: &Codes) {
    if typed == Some("hs_code")
        && let Some(entry) = codes.find(Table::Commodity, row.text("hs_code"))
    {
        row.put("goods_name", entry.name);
    }
}

/// The second legal quantity is needed exactly when there is a second legal unit.
pub fn second_quantity(section: &str, seq: i64, unit: &str, qty: &str) -> Option<Finding> {
    let (key, zh, en) = match (unit.is_empty(), qty.is_empty()) {
        (false, true) => ("legal_qty2", "第二法定数量不能为空，请录入", "Second legal quantity is required"),
        (true, false) => (
            "legal_unit2",
            "已录入第二法定数量，请录入法定第二单位；没有第二单位的，请清空第二法定数量",
            "There is a second legal quantity: enter its unit, or clear the quantity",
        ),
        _ => return None,
    };
    Some(Finding::new("required", pointer(section, Some(seq), key), Severity::Declare, zh, en))
}

/// In a list of a thousand rows a message must say which row it means; row 0 is the one being typed.
pub fn name_the_row(findings: &mut [Finding], label: Text, seq: i64) {
    if seq == 0 {
        return;
    }
    for finding in findings {
        finding.message.zh = format!("{}第{seq}项：{}", label.zh, finding.message.zh);
        finding.message.en = format!("{} item {seq}: {}", label.en, finding.message.en);
    }
}

/// `1,3` → [1, 3]; `None` when it is not a list of item numbers.
pub fn source_seqs(text: &str) -> Option<Vec<i64>> {
    text.split([',', '，', '、']).map(|part| part.trim().parse().ok().filter(|seq| *seq > 0)).collect()
}
