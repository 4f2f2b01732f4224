//! What a combo box offers for what was typed, and what a typed text means without a look at the list. For forms,
//! cells and pasted blocks. Knows code tables and fixed lists, no screen.

use crate::form::Kind;
use crate::reference::{COMMODITY_MIN_DIGITS, Codes, Entry, Table};
use crate::text::{Language, Message, Text, folded, text};
use crate::ui::codes::name_of;
use crate::ui::initials::initials;

/// A list longer than this is not read by anybody; typing narrows it.
const MOST_MATCHES: usize = 50;
/// How much of a table is shown to who opens the list without typing.
const MOST_SHOWN: usize = 300;

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub code: String,
    pub name: String,
    /// How exactly it is what was typed.
    fit: Fit,
}

/// How well an entry fits what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// One of several that have something of it.
    Part,
    /// Its pinyin initials are what was typed.
    Initials,
    /// Its code or its name is what was typed.
    Whole,
}

/// What is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    pub choices: Vec<Choice>,
    /// Where the list starts: the current value, or the entry that is meant. `None`: several could be meant, and
    /// nobody chooses for the person.
    pub meant: Option<usize>,
    /// Said instead of an empty list.
    pub hint: Option<Text>,
    /// As long as a list gets: there may be more.
    pub full: bool,
}

impl Offer {
    /// What screen readers hear: how many lines there are and where the list starts, or why there are none.
    pub fn spoken(&self) -> Message {
        let Some(mut told) = self.counted() else { return self.hint.map(Message::from).unwrap_or_default() };
        if let Some(Choice { code, name, .. }) = self.meant.and_then(|at| self.choices.get(at)) {
            let here = format!("{code}-{name}");
            told.zh.push_str(&["，当前", &here].concat());
            told.en.push_str(&[", now ", &here].concat());
        }
        told
    }

    /// How many lines there are; `None` without any.
    fn counted(&self) -> Option<Message> {
        let count = self.choices.len();
        let (zh, en) = if self.full { ("至少", "at least ") } else { ("", "") };
        (count > 0).then(|| Message::new(format!("{zh}{count}个匹配项"), format!("{en}{count} matches")))
    }

    /// The line that `by` steps lead to from `active`; from nowhere to one of the ends.
    pub fn step(&self, active: Option<usize>, by: isize) -> Option<usize> {
        let last = self.choices.len().checked_sub(1)?;
        Some(match active {
            Some(active) => active.saturating_add_signed(by).min(last),
            None if by > 0 => 0,
            None => last,
        })
    }
}

pub const NO_MATCH: Text = text("无匹配项", "No match");
const TOO_SHORT: Text = text(
    "请至少输入四位商品编码，或输入中文名称、拼音首字母",
    "Type at least four digits, a Chinese name or pinyin initials",
);

/// The lines for what was typed; `value` is the code the field holds.
pub fn offer(kind: Kind, codes: &Codes, language: Language, typed: &str, value: &str) -> Offer {
    let query = typed.trim();
    let choices = match kind {
        Kind::Coded(table) if query.is_empty() => whole(table, codes, language, value),
        Kind::Coded(table) => timed(|| matches(table, codes, language, query)),
        Kind::Choice(list) => fixed(list, language, query),
        _ => Vec::new(),
    };
    let hint = choices.is_empty().then_some(if is_short(kind, query) { TOO_SHORT } else { NO_MATCH });
    let meant = if query.is_empty() {
        choices.iter().position(|choice| choice.code == value).or_else(|| (!choices.is_empty()).then_some(0))
    } else {
        meant(&choices)
    };
    let full = choices.len() >= if query.is_empty() { MOST_SHOWN } else { MOST_MATCHES };
    Offer { choices, meant, hint, full }
}

/// The one entry that can be meant: that of this code or name, else of these initials, else the only one.
fn meant(choices: &[Choice]) -> Option<usize> {
    let only = |fit: Fit| {
        let mut fitting = choices.iter().enumerate().filter(|(_, choice)| choice.fit == fit);
        fitting.next().filter(|_| fitting.next().is_none()).map(|(at, _)| at)
    };
    only(Fit::Whole).or_else(|| only(Fit::Initials)).or((choices.len() == 1).then_some(0))
}

/// How an entry with these codes and names fits a query.
fn fit(query: &str, names: &[&str], initials: &str) -> Fit {
    let is = |text: &str| !text.is_empty() && text.eq_ignore_ascii_case(query);
    if names.iter().any(|name| is(name)) {
        Fit::Whole
    } else if is(initials) {
        Fit::Initials
    } else {
        Fit::Part
    }
}

/// What `make bench` reads; only a browser has the timeline, the unit tests have none.
#[cfg(target_arch = "wasm32")]
fn timed<T>(work: impl FnOnce() -> T) -> T {
    crate::ui::timing::measured("opbook:match", work)
}
#[cfg(not(target_arch = "wasm32"))]
fn timed<T>(work: impl FnOnce() -> T) -> T {
    work()
}

fn is_short(kind: Kind, query: &str) -> bool {
    kind == Kind::Coded(Table::Commodity)
        && query.len() < COMMODITY_MIN_DIGITS
        && query.bytes().all(|byte| byte.is_ascii_digit())
}

fn matches(table: Table, codes: &Codes, language: Language, query: &str) -> Vec<Choice> {
    codes.search(table, query, MOST_MATCHES).into_iter().map(|entry| choice(&entry, language, query)).collect()
}

fn choice(entry: &Entry<'_>, language: Language, query: &str) -> Choice {
    Choice {
        code: entry.code.to_owned(),
        name: name_of(entry, language).to_owned(),
        fit: fit(query, &[entry.code, entry.alias, entry.name, entry.name_en], entry.initials),
    }
}

/// The table from its start, and around the current value when that is further down.
fn whole(table: Table, codes: &Codes, language: Language, value: &str) -> Vec<Choice> {
    let Some(data) = codes.table(table) else { return Vec::new() };
    if table == Table::Commodity {
        return if value.is_empty() { Vec::new() } else { matches(table, codes, language, value) };
    }
    let at = data.lower_bound(value);
    let start = if at < MOST_SHOWN { 0 } else { at - MOST_SHOWN / 2 };
    (start..data.len()).take(MOST_SHOWN).map(|index| data.at(index)).map(|entry| choice(&entry, language, "")).collect()
}

fn fixed(list: &'static [(&'static str, Text)], language: Language, query: &str) -> Vec<Choice> {
    let query = query.to_lowercase();
    list.iter()
        .filter(|(code, name)| {
            code.to_lowercase().starts_with(&query)
                || name.zh.contains(&query)
                || name.en.to_lowercase().contains(&query)
                || initials(name.zh).starts_with(&query)
        })
        .map(|(code, name)| Choice {
            code: (*code).to_owned(),
            name: name.of(language).to_owned(),
            fit: fit(&query, &[code, name.zh, name.en], &initials(name.zh)),
        })
        .collect()
}

/// Finds the entry a person means who typed and did not look at the list.
///
/// # Errors
/// Says why when nothing fits, or several entries do.
pub fn resolve(kind: Kind, codes: &Codes, language: Language, typed: &str) -> Result<String, Message> {
    let query = code_part(kind, codes, typed);
    if query.is_empty() {
        return Ok(String::new());
    }
    let offer = offer(kind, codes, language, &query, "");
    match offer.meant.and_then(|at| offer.choices.get(at)) {
        Some(choice) => Ok(choice.code.clone()),
        None if !offer.choices.is_empty() => Err(several(&offer, &query)),
        None => Err(fault(offer.hint.unwrap_or(NO_MATCH), typed)),
    }
}

fn several(offer: &Offer, query: &str) -> Message {
    let Message { zh, en } = offer.counted().unwrap_or_default();
    Message::new(
        format!("“{query}”有{zh}，请继续录入，或按F4用↑↓选择后回车"),
        format!("“{query}”: {en}. Type on, or press F4, choose by ↑↓ and Enter"),
    )
}

/// `035-千克`, as the closed field shows it and as people paste it, means `035`; Guinea-Bissau means no
/// Guinea, and what is typed behind an accepted entry (`VNM-越南柬埔寨`) is not that entry any more. Full-width
/// characters mean their plain forms.
pub fn code_part(kind: Kind, codes: &Codes, typed: &str) -> String {
    let plain = folded(typed);
    let plain = plain.trim();
    match plain.split_once('-').map(|(front, name)| (front.trim(), name.trim())) {
        Some((front, name)) if is_entry(kind, codes, front, name) => front.to_owned(),
        _ => plain.to_owned(),
    }
}

/// True for the code of an entry with its name, or with the beginning of its name.
fn is_entry(kind: Kind, codes: &Codes, front: &str, name: &str) -> bool {
    let begins = |full: &str| full.to_lowercase().starts_with(&name.to_lowercase());
    match kind {
        Kind::Coded(table) => match codes.table(table) {
            // People write names of goods of their own behind the code.
            Some(data) if table == Table::Commodity => data.find(front).is_some(),
            Some(data) => {
                data.find(&front.to_uppercase()).is_some_and(|entry| begins(entry.name) || begins(entry.name_en))
            }
            // As long as the table is not there, the spelling has to tell.
            None => !front.is_empty() && front.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
        },
        Kind::Choice(list) => list.iter().any(|(code, text)| *code == front && (begins(text.zh) || begins(text.en))),
        _ => false,
    }
}

fn fault(hint: Text, typed: &str) -> Message {
    if hint == NO_MATCH {
        let shown: String = typed.chars().take(20).collect();
        return Message::new(
            format!("无匹配项：“{shown}”，请修改或按F4从列表选择"),
            format!("No match for “{shown}”. Mend it, or press F4 and choose"),
        );
    }
    hint.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::TableData;

    fn codes() -> Codes {
        let mut codes = Codes::default();
        let units = "007\t个\tpiece\tg\n035\t千克\tkilogram\tqk\n036\t克\tgram\tk\n";
        codes.insert(Table::Unit, TableData::new("1".into(), units.into()));
        let goods = "8534001000\t印刷电路\t\tysdl\n8542310000\t处理器\t\tclq\n";
        codes.insert(Table::Commodity, TableData::new("1".into(), goods.into()));
        codes
    }

    fn unit(typed: &str) -> Result<String, Message> {
        resolve(Kind::Coded(Table::Unit), &codes(), Language::Zh, typed)
    }

    #[test]
    fn a_unit_is_understood_by_code_name_and_as_the_field_shows_it() {
        for typed in ["035", "千克", "qk", "035-千克", "０３５", " 035 "] {
            assert_eq!(unit(typed).as_deref(), Ok("035"), "{typed}");
        }
        assert_eq!(unit("").as_deref(), Ok(""), "an empty field is not an error of the list");
        assert!(unit("xyz").is_err_and(|message| message.zh.contains("无匹配项")));
    }

    #[test]
    fn a_name_with_a_hyphen_is_no_code() {
        // Goods for Guinea-Bissau would be declared for Guinea.
        let mut codes = Codes::default();
        let countries = "GIN\t几内亚\tGuinea\tjny\nGNB\t几内亚比绍\tGuinea-Bissau\tjnybs\n";
        codes.insert(Table::Country, TableData::new("1".into(), countries.into()));
        let country = |typed: &str| resolve(Kind::Coded(Table::Country), &codes, Language::En, typed);
        assert_eq!(country("Guinea-Bissau").as_deref(), Ok("GNB"));
        assert_eq!(country("GIN-Guinea").as_deref(), Ok("GIN"));
        assert_eq!(country("gnb-几内亚比绍").as_deref(), Ok("GNB"));
        let none = Codes::default();
        let told = |typed: &str| code_part(Kind::Coded(Table::Country), &none, typed);
        assert_eq!((told("Guinea-Bissau").as_str(), told("GNB-几内亚比绍").as_str()), ("Guinea-Bissau", "GNB"));
    }

    #[test]
    fn an_entry_with_something_typed_behind_it_is_not_that_entry() {
        // Who types 柬埔寨 behind VNM-越南 would declare the goods for Vietnam.
        for typed in ["035-千克个", "035-个", "035-千克 036", "035-kilogramm"] {
            assert!(unit(typed).is_err_and(|message| message.zh.contains("无匹配项")), "{typed}");
        }
        for typed in ["035-", "035-千", "035-kilo", "035 - 千克"] {
            assert_eq!(unit(typed).as_deref(), Ok("035"), "{typed}");
        }
    }

    #[test]
    fn a_short_list_is_narrowed_by_code_name_and_initials() {
        const UNITS: &[(&str, Text)] = &[
            ("1", text("企业", "Enterprise")),
            ("2", text("代理公司", "Agent")),
            ("3", text("报关行", "Customs broker")),
        ];
        for (typed, code) in [("2", "2"), ("报关", "3"), ("bg", "3"), ("DLGS", "2"), ("broker", "3")] {
            assert_eq!(resolve(Kind::Choice(UNITS), &codes(), Language::Zh, typed).as_deref(), Ok(code), "{typed}");
        }
    }

    #[test]
    fn three_digits_of_a_commodity_code_ask_for_more_instead_of_guessing() {
        // Guessing from 3 digits would put a wrong code on the declaration.
        let goods = |typed: &str| resolve(Kind::Coded(Table::Commodity), &codes(), Language::Zh, typed);
        assert!(goods("853").is_err_and(|message| message.zh.contains("四位")));
        assert_eq!(goods("8534").as_deref(), Ok("8534001000"));
        assert!(goods("9999999999").is_err());
    }

    #[test]
    fn of_several_that_could_be_meant_none_is_taken() {
        // The first of nineteen commodities went on the declaration, with its name, unit and tax.
        let mut codes = codes();
        let goods = "8542311100\t模块\t\tmk\n8542399000\t集成电路\t\tjcdl\n8542900000\t集成电路零件\t\tjcdllj\n";
        codes.insert(Table::Commodity, TableData::new("2".into(), goods.into()));
        let goods = |typed: &str| resolve(Kind::Coded(Table::Commodity), &codes, Language::Zh, typed);
        assert!(goods("8542").is_err_and(|why| why.zh.contains("“8542”有3个匹配项")));
        assert!(goods("集成").is_err());
        for (typed, code) in [
            ("8542900000", "8542900000"),
            ("85429", "8542900000"),
            ("集成电路", "8542399000"),
            ("jcdl", "8542399000"),
            ("mk", "8542311100"),
        ] {
            assert_eq!(goods(typed).as_deref(), Ok(code), "{typed}");
        }
        let offer = offer(Kind::Coded(Table::Commodity), &codes, Language::Zh, "8542", "");
        assert_eq!((offer.meant, offer.step(None, 1), offer.step(None, -1)), (None, Some(0), Some(2)));
        assert_eq!((offer.step(Some(0), -1), offer.step(Some(1), 10)), (Some(0), Some(2)));
    }

    #[test]
    fn opening_the_list_starts_at_the_current_value() {
        let offer = offer(Kind::Coded(Table::Unit), &codes(), Language::Zh, "", "036");
        assert_eq!(offer.choices[offer.meant.unwrap()].code, "036");
    }
}
