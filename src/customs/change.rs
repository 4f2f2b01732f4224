//! What customs looks at in a 变更 beyond what holds for every filing: the book in its register, what is approved of it,
//! and whether the marks of the message tell the truth about the difference. Pure.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};

use super::check::{EXPORTS, IMPORTS, place};
use super::filing::{Filing, Item};
use super::store::Book;

/// One extension reaches at most so many months beyond the end in force.
const LONGEST_EXTENSION: Months = Months::new(6);
/// 延期或变更说明, code of 随附单证类型.
const EXTENSION_PAPER: &str = "04";
/// Elements of the head that stay as long as the book lives, and how an officer calls them.
const FIXED: [(&str, &str); 2] = [("bizopEtpsno", "经营单位代码"), ("impCurrcd", "币制")];
/// Elements of the head that differ in any case: they belong to the one declaration.
const OF_THE_DECLARATION: [&str; 8] =
    ["seqNo", "dclTypecd", "chgTmsCnt", "emsNo", "inputTime", "dclTime", "putrecApprTime", "validFrom"];
/// Elements of the head that follow from the items, or from who typed.
const FOLLOWING: [&str; 7] =
    ["exportTotal", "reimportTotal", "exportCount", "reimportCount", "inputCode", "inputUscc", "inputName"];

/// Why a change is returned; `base` is what is approved of the book.
pub fn reasons(change: &Filing, book: Option<&Book>, base: Option<&Filing>, today: NaiveDate) -> Vec<String> {
    let book_no = change.head("emsNo");
    let Some((book, base)) = book.zip(base) else {
        return vec![format!("表头【账册编号】{book_no}不存在，不能变更")];
    };
    if book.operator_code != change.head("bizopEtpsno") {
        return vec![format!("表头【账册编号】{book_no}不属于经营单位{}", change.head("bizopEtpsno"))];
    }
    match book.life.as_str() {
        "paused" => return vec![format!("表头【账册编号】{book_no}已暂停使用，不能变更")],
        "closed" => return vec![format!("表头【账册编号】{book_no}已结案，不能变更")],
        _ => {}
    }
    let wanted = book.change_no + 1;
    if change.head("chgTmsCnt") != wanted.to_string() {
        return vec![format!("表头【变更次数】应为{wanted}，请以现行账册为准重新变更")];
    }
    let mut found: Vec<String> = FIXED
        .iter()
        .filter(|(element, _)| change.head(element) != base.head(element))
        .map(|(element, label)| format!("表头【{label}】不能变更，应为{}", base.head(element)))
        .collect();
    found.extend(validity(change, book, today));
    found.extend(marks(EXPORTS, &change.exports, &base.exports));
    found.extend(marks(IMPORTS, &change.imports, &base.imports));
    if !differs(change, base) {
        found.push("表头【变更次数】没有变更内容，无需申报".to_owned());
    }
    found
}

fn validity(change: &Filing, book: &Book, today: NaiveDate) -> Vec<String> {
    let Ok(present) = NaiveDate::parse_from_str(&book.valid_to, "%Y-%m-%d") else { return Vec::new() };
    if today > present {
        return vec![format!("表头【结束有效日期】账册已于{present}到期，不能变更，请报核")];
    }
    let Some(asked) = change.valid_to() else { return Vec::new() };
    if asked < today {
        return vec![format!("表头【结束有效日期】{asked}已经过去")];
    }
    if asked <= present {
        return Vec::new();
    }
    let latest = present.checked_add_months(LONGEST_EXTENSION).unwrap_or(present);
    if asked > latest {
        return vec![format!("表头【结束有效日期】延期不得超过6个月，由{present}最迟可延至{latest}")];
    }
    let change_no = change.head("chgTmsCnt");
    let is_reason =
        |paper: &&Item| paper.get("acmpFormTypecd") == EXTENSION_PAPER && paper.get("chgTmsCnt") == change_no;
    if change.papers.iter().any(|paper| is_reason(&paper)) {
        return Vec::new();
    }
    vec!["随附单据【随附单证类型】延期须随附本次的“延期或变更说明”".to_owned()]
}

/// 修改标志 of every item against what is approved: 0 the same, 1 changed, 2 deleted, 3 added.
fn marks(part: &str, items: &[Item], approved: &[Item]) -> Vec<String> {
    let known: BTreeMap<&str, &Item> = approved.iter().map(|item| (item.seq(), item)).collect();
    let mut found = Vec::new();
    for item in items {
        let base = known.get(item.seq());
        let right = match (base, item.mark()) {
            (Some(base), "0") => item.is_same(base),
            (Some(base), "1") => !item.is_same(base),
            (Some(_), "2") | (None, "3") => true,
            _ => false,
        };
        if !right {
            found.push(format!("{}【修改标志】{}与现行账册不符", place(part, item), item.mark()));
        }
    }
    let sent: Vec<&str> = items.iter().map(Item::seq).collect();
    let lacking = approved.iter().filter(|item| !sent.contains(&item.seq()));
    found.extend(
        lacking.map(|item| format!("{}【商品序号】现行账册有此项，变更中缺少；删除请用修改标志2", place(part, item))),
    );
    found
}

fn differs(change: &Filing, base: &Filing) -> bool {
    let own = |name: &str| OF_THE_DECLARATION.contains(&name) || FOLLOWING.contains(&name);
    let content = |filing: &Filing| -> BTreeMap<String, String> {
        filing.head.iter().filter(|(name, text)| !own(name) && !text.is_empty()).cloned().collect()
    };
    let items = change.exports.iter().chain(&change.imports);
    content(change) != content(base) || items.clone().any(|item| item.mark() != "0") || change.papers != base.papers
}
