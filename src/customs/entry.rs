//! What customs looks at in an entry (报关单, manual lines 705–735): whether it is complete, the book it names, its goods,
//! the two lines of what comes back, and that no more comes back exempt than went out. Pure; by its own register.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::filing::{Filing, Item, number};
use super::store::Book;

const MODE: &str = "1427";
const NATURE: &str = "299";
/// 征免
const TAXED: &str = "1";
pub const EXEMPT: &str = "3";
const TENTH: Decimal = Decimal::from_parts(1, 0, 0, false, 1);
const MOST_ITEMS: usize = 50;

const HEAD_REQUIRED: [(&str, &str); 20] = [
    ("manualNo", "备案号"),
    ("customMaster", "申报地海关"),
    ("iEPort", "出境关别"),
    ("tradeCoScc", "境内收发货人社会信用代码"),
    ("tradeName", "境内收发货人名称"),
    ("overseasName", "境外收发货人"),
    ("ownerCode", "生产销售单位代码"),
    ("ownerName", "生产销售单位名称"),
    ("agentCode", "申报单位代码"),
    ("agentName", "申报单位名称"),
    ("trafMode", "运输方式"),
    ("contrNo", "合同协议号"),
    ("tradeAreaCode", "贸易国(地区)"),
    ("tradeCountry", "运抵国(地区)"),
    ("wrapType", "包装种类"),
    ("packNo", "件数"),
    ("grossWet", "毛重(千克)"),
    ("netWt", "净重(千克)"),
    ("transMode", "成交方式"),
    ("opbCurrency", "成交币制"),
];
const ITEM_REQUIRED: [(&str, &str); 9] = [
    ("contrItem", "备案序号"),
    ("codeTS", "商品编号"),
    ("gName", "商品名称"),
    ("gModel", "规格型号"),
    ("gUnit", "成交单位"),
    ("firstUnit", "法定第一单位"),
    ("tradeCurr", "币制"),
    ("originCountry", "原产国(地区)"),
    ("dutyMode", "征免"),
];
const ITEM_NUMBERS: [(&str, &str); 4] =
    [("gQty", "成交数量"), ("firstQty", "法定第一数量"), ("declPrice", "单价"), ("declTotal", "总价")];

/// 商品项第3项
fn place(item: &Item) -> String {
    format!("商品项第{}项", item.get("gNo"))
}

pub fn is_export(entry: &Filing) -> bool {
    entry.head("iEFlag") == "E"
}

/// Why an entry cannot be entered; empty when it is complete.
pub fn missing(entry: &Filing) -> Vec<String> {
    let required = HEAD_REQUIRED.iter().filter(|(element, _)| entry.head(element).is_empty());
    let mut found: Vec<String> = required.map(|(_, label)| format!("表头【{label}】未填")).collect();
    for (element, label, wanted) in [("tradeMode", "监管方式", MODE), ("cutMode", "征免性质", NATURE)] {
        if entry.head(element) != wanted {
            found.push(format!("表头【{label}】应为{wanted}"));
        }
    }
    if entry.items.is_empty() {
        found.push("商品项【商品编号】至少应有一项".to_owned());
    }
    if entry.items.len() > MOST_ITEMS {
        found.push(format!("商品项【商品编号】不得超过{MOST_ITEMS}项，现有{}项", entry.items.len()));
    }
    for item in &entry.items {
        let absent = ITEM_REQUIRED.iter().filter(|(element, _)| item.get(element).is_empty());
        found.extend(absent.map(|(_, label)| format!("{}【{label}】未填", place(item))));
        let unread = ITEM_NUMBERS.iter().filter(|(element, _)| number(item.get(element)).is_none());
        found.extend(unread.map(|(_, label)| format!("{}【{label}】未填或不是数字", place(item))));
    }
    found
}

/// What the entry books: the exports, or what comes back exempt, in the currency of the book.
pub fn booked(entry: &Filing) -> Decimal {
    let counted = entry.items.iter().filter(|item| is_export(entry) || item.get("dutyMode") == EXEMPT);
    counted.map(|item| in_book_currency(entry, item.amount("declTotal"))).sum()
}

pub fn in_book_currency(entry: &Filing, value: Decimal) -> Decimal {
    match number(entry.head("opbRate")) {
        Some(rate) => (value * rate).round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven),
        None => value,
    }
}

/// Why a complete entry is returned. `book`: the register's book, `approved`: what was approved of it.
pub fn reasons(entry: &Filing, book: Option<&Book>, approved: Option<&Filing>, today: &str) -> Vec<String> {
    let number = entry.head("manualNo");
    let Some((book, approved)) = book.zip(approved) else {
        return vec![format!("表头【备案号】{number}不存在")];
    };
    if book.operator_code != entry.head("tradeCode") {
        return vec![format!("表头【备案号】{number}不属于境内收发货人{}", entry.head("tradeCode"))];
    }
    match book.life.as_str() {
        "paused" => return vec![format!("表头【备案号】{number}已暂停进出口，不能通关")],
        "closed" => return vec![format!("表头【备案号】{number}已结案，不能通关")],
        _ if book.valid_to.as_str() < today => {
            return vec![format!("表头【备案号】{number}已于{}到期，不能通关", book.valid_to)];
        }
        _ => {}
    }
    let mut found = goods(entry, approved);
    found.extend(if is_export(entry) { all_exempt(entry) } else { pairs(entry) });
    let booked = booked(entry);
    if !is_export(entry) && book.exempt + booked > book.exported {
        let first = entry.items.iter().find(|item| item.get("dutyMode") == EXEMPT).unwrap_or(&entry.items[0]);
        found.push(format!(
            "{}【总价】全免金额不得超过已出口报关单金额：已出口{}，已免税复进口{}，本单全免{booked}",
            place(first),
            book.exported,
            book.exempt
        ));
    }
    found
}

/// Every item names goods of the book, in their unit.
fn goods(entry: &Filing, approved: &Filing) -> Vec<String> {
    let (list, goods) =
        if is_export(entry) { ("出口货物", &approved.exports) } else { ("复进口货物", &approved.imports) };
    let known: BTreeMap<&str, &Item> =
        goods.iter().filter(|item| item.is_in_force()).map(|item| (item.seq(), item)).collect();
    let fault = |item: &Item| {
        let seq = item.get("contrItem");
        match known.get(seq) {
            None => Some(format!("{}【备案序号】{seq}不在账册的{list}中", place(item))),
            Some(goods) if goods.get("dclUnitcd") != item.get("gUnit") => {
                Some(format!("{}【成交单位】与账册备案的申报计量单位{}不一致", place(item), goods.get("dclUnitcd")))
            }
            Some(_) => None,
        }
    };
    entry.items.iter().filter_map(fault).collect()
}

fn all_exempt(entry: &Filing) -> Vec<String> {
    let wrong = entry.items.iter().filter(|item| item.get("dutyMode") != EXEMPT);
    wrong.map(|item| format!("{}【征免】出口货物应为全免", place(item))).collect()
}

/// What comes back is declared in two items: the value that went out, exempt, and what was paid abroad, of quantity 0.1.
fn pairs(entry: &Filing) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: BTreeMap<&str, (i64, &Item)> = BTreeMap::new();
    for item in &entry.items {
        let count = match item.get("dutyMode") {
            EXEMPT => 1,
            TAXED => {
                if number(item.get("gQty")) != Some(TENTH) {
                    found.push(format!("{}【成交数量】照章征税的一项数量应为0.1", place(item)));
                }
                -1
            }
            _ => {
                found.push(format!("{}【征免】复进口货物应为全免或照章征税", place(item)));
                continue;
            }
        };
        open.entry(item.get("contrItem")).or_insert((0, item)).0 += count;
    }
    for (seq, (count, item)) in open {
        if count != 0 {
            let lacks = if count > 0 { "照章征税" } else { "全免" };
            found.push(format!("{}【征免】备案序号{seq}应分列两项申报，缺少{lacks}的一项", place(item)));
        }
    }
    found
}
