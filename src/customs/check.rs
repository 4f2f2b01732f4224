//! What customs looks at: first whether a filing is complete, then whether it can be approved.
//! Pure. Each finding names part, item number and 【label】, as an officer would write it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::filing::{Filing, Item, number};
use super::one_year_after;

/// 监管方式 出料加工
const MODE: &str = "1427";
pub const EXPORTS: &str = "出口货物";
pub const IMPORTS: &str = "复进口货物";
/// Chapters this office sends nothing abroad for: exports are forbidden or bear duty.
const REFUSED_CHAPTERS: [(&str, &str); 3] =
    [("36", "炸药、烟火制品"), ("93", "武器、弹药"), ("97", "艺术品、收藏品及古物")];
/// 生产工艺说明 shorter than this tells nothing.
const SHORTEST_PROCESS: usize = 10;

/// Papers this office can ask for: name in the settings, code of 随附单证类型, how an officer calls it.
const PAPERS: [(&str, &str, &str); 3] =
    [("contract", "01", "出境加工合同"), ("process", "02", "生产工艺说明"), ("picture", "03", "货物图片或样品")];
/// 随附单据 whose file is here.
const UPLOADED: &str = "9";
/// 随附单据 without a file: a sample was handed over.
const SAMPLE: &str = "0";

const HEAD_REQUIRED: [(&str, &str); 18] = [
    ("etpsPreentNo", "企业内部编号"),
    ("dclTypecd", "申报类型"),
    ("masterCuscd", "主管海关"),
    ("bizopEtpsno", "经营单位代码"),
    ("bizopEtpsSccd", "经营单位社会信用代码"),
    ("bizopEtpsNm", "经营单位名称"),
    ("rcvgdEtpsno", "加工单位代码"),
    ("rvsngdEtpsSccd", "加工单位社会信用代码"),
    ("rcvgdEtpsNm", "加工单位名称"),
    ("dclEtpsno", "申报单位代码"),
    ("dclEtpsNm", "申报单位名称"),
    ("contractNo", "出境加工合同号"),
    ("validDate", "结束有效日期"),
    ("foreignProcessorName", "境外加工企业名称"),
    ("natcd", "加工国别(地区)"),
    ("impCurrcd", "币制"),
    ("contactMobile", "手机号码"),
    ("processDesc", "生产工艺说明"),
];
const ITEM_REQUIRED: [(&str, &str); 8] = [
    ("gdecd", "商品编码"),
    ("gdsNm", "商品名称"),
    ("endprdGdsSpcfModelDesc", "规格型号"),
    ("dclUnitcd", "申报计量单位"),
    ("lawfUnitcd", "法定计量单位"),
    ("dclCurrcd", "币制"),
    ("natcd", "原产国(地区)"),
    ("gdsSeqno", "商品序号"),
];
const ITEM_NUMBERS: [(&str, &str); 4] =
    [("dclQty", "申报数量"), ("legalQty", "法定数量"), ("dclUprcAmt", "申报单价"), ("dclTotalAmt", "申报总价")];

/// Why a filing cannot be entered; empty when it is complete.
pub fn missing(filing: &Filing) -> Vec<String> {
    let mut found: Vec<String> = HEAD_REQUIRED
        .iter()
        .filter(|(element, _)| filing.head(element).is_empty())
        .map(|(_, label)| format!("表头【{label}】未填"))
        .collect();
    let office = filing.head("masterCuscd");
    if !office.is_empty() && (office.len() != 4 || !office.bytes().all(|byte| byte.is_ascii_digit())) {
        found.push("表头【主管海关】不是4位关区代码".to_owned());
    }
    if filing.head("supvModecd") != MODE {
        found.push(format!("表头【监管方式】应为{MODE}"));
    }
    if !filing.head("validDate").is_empty() && filing.valid_to().is_none() {
        found.push("表头【结束有效日期】不是有效日期".to_owned());
    }
    for (part, items) in [(EXPORTS, &filing.exports), (IMPORTS, &filing.imports)] {
        if !items.iter().any(Item::is_in_force) {
            found.push(format!("{part}至少应有一项"));
        }
        found.extend(items.iter().flat_map(|item| missing_of_item(part, item)));
    }
    for item in filing.imports.iter().filter(|item| number(item.get("originalValue")).is_none()) {
        found.push(format!("{}【原出口货物价值】未填或不是数字", place(IMPORTS, item)));
    }
    found
}

fn missing_of_item(part: &str, item: &Item) -> Vec<String> {
    let mut found: Vec<String> = ITEM_REQUIRED
        .iter()
        .filter(|(element, _)| item.get(element).is_empty())
        .map(|(_, label)| format!("{}【{label}】未填", place(part, item)))
        .collect();
    found.extend(
        ITEM_NUMBERS
            .iter()
            .filter(|(element, _)| number(item.get(element)).is_none())
            .map(|(_, label)| format!("{}【{label}】未填或不是数字", place(part, item))),
    );
    let code = item.get("gdecd");
    if !code.is_empty() && (code.len() != 10 || !code.bytes().all(|byte| byte.is_ascii_digit())) {
        found.push(format!("{}【商品编码】不是10位数字", place(part, item)));
    }
    found
}

/// `出口货物第3项`
pub fn place(part: &str, item: &Item) -> String {
    format!("{part}第{}项", item.seq())
}

/// Why a complete filing is returned (退单); empty when nothing speaks against it. What concerns a change and the book
/// it changes is in `change`.
pub fn reasons(filing: &Filing, today: NaiveDate, papers: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(process(filing));
    found.extend(country(filing));
    if !filing.is_change() {
        found.extend(validity(filing, today));
        if !filing.head("emsNo").is_empty() {
            found.push("表头【账册编号】备案时应为空，已有账册请申报变更".to_owned());
        }
    }
    found.extend(filing.exports.iter().filter(|item| item.is_in_force()).filter_map(refused_chapter));
    found.extend(repeated(EXPORTS, &filing.exports));
    found.extend(repeated(IMPORTS, &filing.imports));
    found.extend(uncovered(filing));
    found.extend(filing.papers.iter().filter_map(faulty_paper));
    found.extend(missing_papers(filing, papers));
    found
}

/// A paper whose file never came, or cannot be told from another by its hash.
fn faulty_paper(paper: &Item) -> Option<String> {
    let seq = paper.get("acmpFormSeqno");
    if paper.get("acmpFormStucd") == SAMPLE {
        return None;
    }
    if paper.get("acmpFormStucd") != UPLOADED {
        return Some(format!("随附单据第{seq}项【文件名称】未上传"));
    }
    let length = match paper.get("FileHashMethod") {
        "sha256" => 64,
        "sha1" => 40,
        other => return Some(format!("随附单据第{seq}项【哈希算法】{other}不受理")),
    };
    let hash = paper.get("FileHash");
    let wellformed = hash.len() == length && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    (!wellformed).then(|| format!("随附单据第{seq}项【哈希值】格式不正确，应为{length}位十六进制数"))
}

fn missing_papers(filing: &Filing, demanded: &[&str]) -> Vec<String> {
    let lacks = |code: &str| !filing.papers.iter().any(|paper| paper.get("acmpFormTypecd") == code);
    PAPERS
        .iter()
        .filter(|(name, code, _)| demanded.contains(name) && lacks(code))
        .map(|(_, _, label)| format!("随附单据【随附单证类型】缺少“{label}”（海关总署公告2016年第69号）"))
        .collect()
}

fn process(filing: &Filing) -> Option<String> {
    let length = filing.head("processDesc").chars().filter(|letter| !letter.is_whitespace()).count();
    (length < SHORTEST_PROCESS).then(|| {
        format!("表头【生产工艺说明】过于简单（{length}个字），请写明工序、用料和成品，不少于{SHORTEST_PROCESS}个字")
    })
}

fn country(filing: &Filing) -> Option<String> {
    matches!(filing.head("natcd"), "CHN" | "142")
        .then(|| "表头【加工国别(地区)】不能为中国，出境加工应在境外进行".to_owned())
}

fn validity(filing: &Filing, today: NaiveDate) -> Option<String> {
    let asked = filing.valid_to()?;
    let last = one_year_after(today);
    if asked > last {
        Some(format!("表头【结束有效日期】{asked}超过一年，最迟为{last}"))
    } else if asked < today {
        Some(format!("表头【结束有效日期】{asked}已经过去"))
    } else {
        None
    }
}

fn refused_chapter(item: &Item) -> Option<String> {
    let code = item.get("gdecd");
    let (_, goods) = REFUSED_CHAPTERS.iter().find(|(chapter, _)| code.starts_with(chapter))?;
    Some(format!("{}【商品编码】{code}属于{goods}，禁止出口或应征出口关税，不得出境加工", place(EXPORTS, item)))
}

/// The same code and specification twice: the later item is named.
fn repeated(part: &str, items: &[Item]) -> Vec<String> {
    let mut first: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let mut found = Vec::new();
    for item in items.iter().filter(|item| item.is_in_force()) {
        let key = (item.get("gdecd"), item.get("endprdGdsSpcfModelDesc"));
        match first.get(&key) {
            Some(earlier) => {
                found.push(format!(
                    "{}【规格型号】与第{earlier}项的商品编码、规格型号均相同，请合并或区分",
                    place(part, item)
                ));
            }
            None => {
                first.insert(key, item.seq());
            }
        }
    }
    found
}

/// What returns exempt must not be worth more than what leaves: names the item that goes beyond.
fn uncovered(filing: &Filing) -> Option<String> {
    let sent = filing.export_total();
    let imports = || filing.imports.iter().filter(|item| item.is_in_force());
    let back: Decimal = imports().map(|item| item.amount("originalValue")).sum();
    let mut running = Decimal::ZERO;
    let item = imports().find(|item| {
        running += item.amount("originalValue");
        running > sent
    })?;
    Some(format!(
        "{}【原出口货物价值】合计{back}大于出口货物总额{sent}，全免金额不得超过出口金额",
        place(IMPORTS, item)
    ))
}
