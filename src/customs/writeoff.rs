//! What customs looks at in a write-off (报核): whether it is complete, the book and its period, the entries against its own
//! register, the goods against what those entries declared, and what does not come back. By its own register: an entry that
//! another office let pass is taken on trust.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::entry::is_export;
use super::filing::{Filing, Item, number};
use super::store::{self, Book, Passed};
use super::write::Verdict;
use super::{Stage, approved, filing};

const ENTRIES: &str = "核报报关单";
const EXPORTS: &str = "出口货物";
const IMPORTS: &str = "复进口货物";
const REGULAR: &str = "1";
const YES: &str = "1";
/// 未复运进境情况说明, code of 随附单证类型; and the state of a paper whose file is here.
const UNRETURNED_PAPER: &str = "06";
const UPLOADED: &str = "9";
/// A reason shorter than this tells nothing.
const SHORTEST_REASON: usize = 4;

const HEAD_REQUIRED: [(&str, &str); 7] = [
    ("emsNo", "出境加工账册编号"),
    ("chgoffTypecd", "报核类型"),
    ("chgoffBeginTime", "报核开始日期"),
    ("chgoffEndTime", "报核截止日期"),
    ("bizopEtpsNm", "经营单位名称"),
    ("dclEtpsno", "申报单位代码"),
    ("dclEtpsNm", "申报单位名称"),
];

/// 出口货物第3项
fn place(part: &str, item: &Item) -> String {
    let number = if part == ENTRIES { item.get("decSeqno") } else { item.get("rowNo") };
    format!("{part}第{number}项")
}

/// The goods of a write-off, list by list.
fn lists(writeoff: &Filing) -> [(&'static str, &[Item]); 2] {
    [(EXPORTS, &writeoff.exports), (IMPORTS, &writeoff.imports)]
}

/// Why a write-off cannot be entered; empty when it is complete.
pub fn missing(writeoff: &Filing) -> Vec<String> {
    let required = HEAD_REQUIRED.iter().filter(|(element, _)| writeoff.head(element).is_empty());
    let mut found: Vec<String> = required.map(|(_, label)| format!("表头【{label}】未填")).collect();
    let odd = writeoff.items.iter().filter(|item| {
        let number = item.get("entryId");
        number.len() != 18 || !number.bytes().all(|byte| byte.is_ascii_digit())
    });
    found.extend(odd.map(|item| format!("{}【报关单号】不是18位数字", place(ENTRIES, item))));
    for (part, items) in lists(writeoff) {
        for item in items {
            if item.get("gdsSeqno").is_empty() {
                found.push(format!("{}【商品序号】未填", place(part, item)));
            }
            for (element, label) in [("dclQty", "数量"), ("dclTotalAmt", "金额")] {
                if number(item.get(element)).is_none() {
                    found.push(format!("{}【{label}】未填或不是数字", place(part, item)));
                }
            }
        }
    }
    found
}

/// Decides on a complete write-off. The caller holds nothing; the book is held here.
///
/// # Errors
/// When the database fails.
pub async fn judge(
    tx: &mut store::Tx,
    stage: Stage,
    writeoff: &Filing,
    today: NaiveDate,
) -> Result<Verdict, sqlx::Error> {
    store::hold_book(tx, writeoff.head("emsNo")).await?;
    let Some(book) = store::find_book(tx, writeoff.head("emsNo")).await? else {
        return Ok(Verdict::Returned(vec![format!("表头【出境加工账册编号】{}不存在", writeoff.head("emsNo"))]));
    };
    let granted = approved(tx, &book).await?.unwrap_or_default();
    let register = store::entries_of(tx, &book.book_no).await?;
    let mut reasons = of_book(writeoff, &book, today);
    if reasons.is_empty() {
        reasons.extend(entries(writeoff, &book, &register));
        let sums = goods_of(tx, writeoff, &register).await?;
        reasons.extend(goods(writeoff, &granted, sums.as_ref()));
        reasons.extend(unreturned(writeoff, &book));
    }
    if !reasons.is_empty() {
        return Ok(Verdict::Returned(reasons));
    }
    if stage == Stage::Entered && writeoff.imports.iter().any(is_unreturned) {
        return Ok(Verdict::ToOfficer);
    }
    let message_id = writeoff.envelope("EnvelopInfo/message_id");
    for mut entry in register.into_iter().filter(|entry| lists_entry(writeoff, &entry.entry_no)) {
        message_id.clone_into(&mut entry.writeoff);
        store::put_entry(tx, &entry).await?;
    }
    let life = if closes(writeoff, &book) { "closed".to_owned() } else { book.life.clone() };
    store::put_book(tx, &Book { written_to: writeoff.head("chgoffEndTime").to_owned(), life, ..book }).await?;
    Ok(Verdict::WrittenOff)
}

fn lists_entry(writeoff: &Filing, number: &str) -> bool {
    writeoff.items.iter().any(|item| item.get("entryId") == number)
}

fn is_unreturned(item: &Item) -> bool {
    number(item.get("unreturnedQty")).is_some_and(|qty| !qty.is_zero())
}

/// True when the book ends with this.
fn closes(writeoff: &Filing, book: &Book) -> bool {
    writeoff.head("endCaseFlag") == YES || writeoff.head("chgoffEndTime") >= book.valid_to.as_str()
}

fn of_book(writeoff: &Filing, book: &Book, today: NaiveDate) -> Vec<String> {
    let book_no = &book.book_no;
    if book.operator_code != writeoff.operator() {
        return vec![format!("表头【出境加工账册编号】{book_no}不属于经营单位{}", writeoff.operator())];
    }
    match book.life.as_str() {
        "paused" => return vec![format!("表头【出境加工账册编号】{book_no}已暂停使用，不能报核")],
        "closed" => return vec![format!("表头【出境加工账册编号】{book_no}已结案，不能报核")],
        _ => {}
    }
    let last: Option<NaiveDate> = book.written_to.parse().ok();
    let begins = last.and_then(|last| last.checked_add_days(Days::new(1)));
    let begins = begins.map_or_else(|| book.valid_from.clone(), |day| day.to_string());
    if writeoff.head("chgoffBeginTime") != begins {
        return vec![format!("表头【报核开始日期】应为{begins}")];
    }
    let end = writeoff.head("chgoffEndTime");
    match end.parse::<NaiveDate>() {
        Err(_) => vec!["表头【报核截止日期】不是有效日期".to_owned()],
        Ok(day) if day > today => vec![format!("表头【报核截止日期】{end}晚于今天")],
        Ok(_) if end < begins.as_str() => vec![format!("表头【报核截止日期】{end}早于报核开始日期{begins}")],
        Ok(_) => Vec::new(),
    }
}

fn entries(writeoff: &Filing, book: &Book, register: &[Passed]) -> Vec<String> {
    let mut found = Vec::new();
    let is_regular = writeoff.head("chgoffTypecd") == REGULAR;
    if writeoff.items.is_empty() {
        found.push(format!("{ENTRIES}【报关单号】至少应有一份"));
    }
    if is_regular && writeoff.exports.is_empty() && writeoff.imports.is_empty() {
        found.push(format!("{EXPORTS}【商品序号】正常报核应有出口货物或复进口货物"));
    }
    let mut seen = BTreeSet::new();
    for item in &writeoff.items {
        let (number, at) = (item.get("entryId"), place(ENTRIES, item));
        if !seen.insert(number) {
            found.push(format!("{at}【报关单号】{number}重复"));
        }
        let Some(entry) = register.iter().find(|entry| entry.entry_no == number) else { continue };
        if entry.state != "live" {
            found.push(format!("{at}【报关单号】{number}已删单或正在改单"));
        } else if !entry.writeoff.is_empty() {
            found.push(format!("{at}【报关单号】{number}已核销"));
        } else if entry.day.as_str() > writeoff.head("chgoffEndTime") {
            found.push(format!("{at}【报关单号】{number}不在报核期内"));
        }
    }
    let is_due = |entry: &&Passed| {
        entry.state == "live" && entry.writeoff.is_empty() && entry.day.as_str() <= writeoff.head("chgoffEndTime")
    };
    let omitted = register.iter().filter(is_due).filter(|entry| !lists_entry(writeoff, &entry.entry_no));
    if is_regular || closes(writeoff, book) {
        found.extend(omitted.map(|entry| format!("{ENTRIES}【报关单号】漏报{}", entry.entry_no)));
    }
    found
}

/// Quantity and amount of goods by direction and 商品序号.
type Sums = BTreeMap<(bool, String), (Decimal, Decimal)>;

/// What the listed entries declared; `None` when one of them is not in this register.
async fn goods_of(tx: &mut store::Tx, writeoff: &Filing, register: &[Passed]) -> Result<Option<Sums>, sqlx::Error> {
    let mut sums = Sums::new();
    for item in &writeoff.items {
        let Some(entry) = register.iter().find(|entry| entry.entry_no == item.get("entryId")) else { return Ok(None) };
        let body = store::body_of(&mut **tx, &entry.message_id).await?;
        let Some(entry) = body.and_then(|body| filing::read(&body, &entry.message_id).ok()) else { return Ok(None) };
        for item in entry.items.iter().filter(|item| item.get("dutyMode") == super::entry::EXEMPT) {
            let of = sums.entry((!is_export(&entry), item.get("contrItem").to_owned())).or_default();
            of.0 += item.amount("gQty");
            of.1 += super::entry::in_book_currency(&entry, item.amount("declTotal"));
        }
    }
    Ok(Some(sums))
}

fn goods(writeoff: &Filing, granted: &Filing, sums: Option<&Sums>) -> Vec<String> {
    let mut found = Vec::new();
    for (part, items) in lists(writeoff) {
        let known = if part == EXPORTS { &granted.exports } else { &granted.imports };
        let mut seen = BTreeSet::new();
        for item in items {
            let (seq, at) = (item.get("gdsSeqno"), place(part, item));
            if !known.iter().any(|one| one.is_in_force() && one.seq() == seq) {
                found.push(format!("{at}【商品序号】{seq}不在账册中"));
            }
            if !seen.insert(seq) {
                found.push(format!("{at}【商品序号】{seq}重复"));
            }
            let of = sums.map(|sums| sums.get(&(part == IMPORTS, seq.to_owned())).copied().unwrap_or_default());
            let Some((qty, amount)) = of else { continue };
            let told = (item.amount("dclQty"), item.amount("dclTotalAmt"));
            let reason = item.get("rmk").chars().filter(|letter| !letter.is_whitespace()).count();
            if told != (qty, amount) && reason < SHORTEST_REASON {
                found.push(format!(
                    "{at}【备注】数量{}、金额{}与海关核注的{}、{}不符，原因说明过于简单，不少于{SHORTEST_REASON}个字",
                    told.0.normalize(),
                    told.1.normalize(),
                    qty.normalize(),
                    amount.normalize()
                ));
            }
        }
    }
    found
}

fn unreturned(writeoff: &Filing, book: &Book) -> Vec<String> {
    let mut found = Vec::new();
    let left: Vec<&Item> = writeoff.imports.iter().filter(|item| is_unreturned(item)).collect();
    let reasonless = left.iter().filter(|item| item.get("disposalCd").is_empty());
    found.extend(reasonless.map(|item| format!("{}【处理方式】有未复运数量，应说明处理方式", place(IMPORTS, item))));
    let is_paper =
        |paper: &&Item| paper.get("acmpFormTypecd") == UNRETURNED_PAPER && paper.get("acmpFormStucd") == UPLOADED;
    if !left.is_empty() && !writeoff.papers.iter().any(|paper| is_paper(&paper)) {
        found.push("随附单据【随附单证类型】有未复运货物，应随附“未复运进境情况说明”".to_owned());
    }
    if closes(writeoff, book) && book.exported > book.exempt && left.is_empty() {
        found.push(format!(
            "{IMPORTS}【未复运数量】结案时出口金额比免税复进口金额多{}，应说明未复运货物",
            (book.exported - book.exempt).normalize()
        ));
    }
    found
}
