//! What an import would do to a document, row by row, for each way to treat rows that are there already.
//! Pure: the report and the import itself come from the same decision.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::columns::{self, SEQ};
use super::model::{Counts, Mode, Plan, Problem};
use super::prepare::{Kept, Line, over, problem};
use crate::document::Row;
use crate::document::kind::{Kind, Section};
use crate::form::Values;
use crate::reference::Codes;
use crate::text::{Message, Text};

/// Key of 商品料号, by which rows can be found.
const MATERIAL: &str = "material_no";
/// Problems shown; all of them are in the returned workbook.
pub const SHOWN: usize = 300;

/// What happens to one row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Add,
    /// Replaces the row with this place in the document's list: by the row of the file as it is, or by this
    /// one where the file lacks columns.
    Replace(usize, Option<Box<Line>>),
    /// The document has the same row.
    Same,
    /// Left out; the problems say why, besides those of the row itself.
    Bad(Vec<Problem>),
}

impl Act {
    /// The row as it will be stored; `None` when nothing is.
    pub fn stored<'a>(&'a self, line: &'a Line) -> Option<&'a Line> {
        match self {
            Self::Add | Self::Replace(_, None) => Some(line),
            Self::Replace(_, Some(merged)) => Some(merged),
            Self::Same | Self::Bad(_) => None,
        }
    }
}

/// A list of the file beside the same list of the document.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    pub section: &'static Section,
    pub noun: Text,
    pub kept: &'a Kept,
    pub lines: &'a [Line],
    pub stored: &'a [Row<Values>],
    pub codes: &'a Codes,
}

/// What happens to each row of a list.
pub fn decide(pair: Pair<'_>, mode: Mode) -> Vec<Act> {
    let mut stored = Stored::new(pair);
    let lines = pair.lines.iter();
    lines.map(|line| if is_good(line) { stored.act(line, mode) } else { Act::Bad(Vec::new()) }).collect()
}

fn is_good(line: &Line) -> bool {
    line.faults.is_empty()
}

/// What a row is found by. A number and not its text: 1 and 01 are the same row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key<'a> {
    Material(&'a str),
    Seq(i64),
}

/// The rows of the document by what they are found by, and what the file has had already.
struct Stored<'a> {
    pair: Pair<'a>,
    /// True when the file says everything of a row.
    whole: bool,
    by_content: HashMap<&'a [String], usize>,
    by_material: HashMap<&'a str, Vec<usize>>,
    by_seq: HashMap<i64, usize>,
    content_seen: HashMap<&'a [String], u32>,
    key_seen: HashMap<Key<'a>, u32>,
}

impl<'a> Stored<'a> {
    fn new(pair: Pair<'a>) -> Self {
        let rows = pair.stored;
        let mut by_material: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, row) in rows.iter().enumerate() {
            by_material.entry(material(&row.content)).or_default().push(place);
        }
        Self {
            pair,
            whole: pair.kept.is_whole(pair.section),
            by_content: rows.iter().enumerate().map(|(place, row)| (row.content.texts(), place)).collect(),
            by_material,
            by_seq: rows.iter().enumerate().map(|(place, row)| (row.seq, place)).collect(),
            content_seen: HashMap::new(),
            key_seen: HashMap::new(),
        }
    }

    fn act(&mut self, line: &'a Line, mode: Mode) -> Act {
        let (key, field) = match mode {
            Mode::ByMaterial if !material(&line.content).is_empty() => {
                (Key::Material(material(&line.content)), MATERIAL)
            }
            Mode::BySeq if !line.seq.is_empty() => match line.seq.parse() {
                Ok(seq) => (Key::Seq(seq), SEQ),
                Err(_) => return self.no_such_item(line),
            },
            _ => return self.add(line),
        };
        if let Some(first) = self.key_seen.get(&key) {
            return bad(self.pair, line, field, repeated(*first));
        }
        self.key_seen.insert(key, line.number);
        let place = match key {
            Key::Seq(seq) => match self.by_seq.get(&seq) {
                Some(place) => *place,
                None => return self.no_such_item(line),
            },
            Key::Material(name) => match self.by_material.get(name).map(Vec::as_slice) {
                None => return Act::Add,
                Some([place]) => *place,
                Some(places) => {
                    let seqs: Vec<_> = places.iter().map(|place| self.pair.stored[*place].seq.to_string()).collect();
                    let reason = Message::new(
                        format!(
                            "{}中第{}项的商品料号都是{name}，不能确定替换哪一项",
                            self.pair.noun.zh,
                            seqs.join("、")
                        ),
                        format!(
                            "Items {} all have material no. {name}: which one to replace cannot be told",
                            seqs.join(", ")
                        ),
                    );
                    return bad(self.pair, line, field, reason);
                }
            },
        };
        self.replace(line, place)
    }

    fn replace(&self, line: &Line, place: usize) -> Act {
        let Pair { section, kept, stored, codes, .. } = self.pair;
        let stored = &stored[place].content;
        if self.whole {
            return if *stored == line.content { Act::Same } else { Act::Replace(place, None) };
        }
        let merged = over(section, kept, line, stored, codes);
        if merged.content == *stored {
            Act::Same
        } else if is_good(&merged) {
            Act::Replace(place, Some(Box::new(merged)))
        } else {
            Act::Bad(merged.faults)
        }
    }

    fn add(&mut self, line: &'a Line) -> Act {
        if self.by_content.contains_key(line.content.texts()) {
            return Act::Same;
        }
        match self.content_seen.entry(line.content.texts()) {
            Entry::Occupied(first) => bad(self.pair, line, "", repeated(*first.get())),
            Entry::Vacant(place) => {
                place.insert(line.number);
                Act::Add
            }
        }
    }

    fn no_such_item(&self, line: &Line) -> Act {
        let (seq, number) = (&line.seq, self.pair.section.number);
        let reason = Message::new(
            format!("{}中没有{}{seq}，新的行请把序号留空", self.pair.noun.zh, number.zh),
            format!("There is no item {seq}; leave the number empty for new rows"),
        );
        bad(self.pair, line, SEQ, reason)
    }
}

fn repeated(first: u32) -> Message {
    Message::new(format!("存在重复数据！与第{first}行相同"), format!("The same as row {first}"))
}

fn bad(pair: Pair<'_>, line: &Line, key: &str, reason: Message) -> Act {
    let place = pair.kept.columns.iter().find(|(one, _)| one == key);
    let place = place.and_then(|(key, at)| Some((columns::field(pair.section, key)?, *at)));
    let problem = |row| problem(pair.section, row, place, reason);
    Act::Bad(pair.kept.row(line.number).map(problem).into_iter().collect())
}

fn material(row: &Values) -> &str {
    row.get(MATERIAL)
}

/// All problems of a list: those of the rows and those of the decision, in the order of the file.
pub fn problems<'a>(lines: &'a [Line], acts: &'a [Act]) -> impl Iterator<Item = &'a Problem> {
    lines.iter().zip(acts).flat_map(|(line, act)| {
        let own = if let Act::Bad(problems) = act { problems.as_slice() } else { &[] };
        line.faults.iter().chain(own)
    })
}

pub fn counts(section: &Section, acts: &[Act]) -> Counts {
    let mut counts = Counts { section: section.key.to_owned(), added: 0, replaced: 0, unchanged: 0, bad: 0 };
    for act in acts {
        match act {
            Act::Add => counts.added += 1,
            Act::Replace(..) => counts.replaced += 1,
            Act::Same => counts.unchanged += 1,
            Act::Bad(_) => counts.bad += 1,
        }
    }
    counts
}

/// 商品序号 of the rows that would be replaced, in order.
fn replaced(pair: Pair<'_>, acts: &[Act]) -> Vec<i64> {
    let seq = |act: &Act| if let Act::Replace(place, _) = act { Some(pair.stored[*place].seq) } else { None };
    let mut seqs: Vec<i64> = acts.iter().filter_map(seq).collect();
    seqs.sort_unstable();
    seqs
}

/// True for a choice that a list of the kind can be imported by: entries have no 商品料号.
pub fn is_possible(kind: &Kind, mode: Mode) -> bool {
    mode != Mode::ByMaterial || kind.sections.iter().any(|section| section.field(MATERIAL).is_some())
}

/// What a choice would do to the whole document.
pub fn plan(pairs: &[Pair<'_>], mode: Mode) -> Plan {
    let mut plan = Plan {
        mode,
        impossible: None,
        counts: Vec::new(),
        replaces: Vec::new(),
        problems: Vec::new(),
        problem_count: 0,
        hints: Vec::new(),
        hint_count: 0,
        notices: Vec::new(),
        notice_count: 0,
    };
    for pair in pairs {
        let acts = decide(*pair, mode);
        let counts = counts(pair.section, &acts);
        plan.impossible = plan.impossible.or_else(|| impossible(*pair, mode, &counts));
        if counts.replaced > 0 {
            plan.replaces.push((counts.section.clone(), replaced(*pair, &acts)));
        }
        plan.counts.push(counts);
        for problem in problems(pair.lines, &acts) {
            plan.problem_count += 1;
            if plan.problems.len() < SHOWN {
                plan.problems.push(problem.clone());
            }
        }
        for line in pair.lines.iter().zip(&acts).filter_map(|(line, act)| act.stored(line)) {
            plan.hint_count += line.hints.len();
            plan.hints.extend(line.hints.iter().take(SHOWN.saturating_sub(plan.hints.len())).cloned());
            plan.notice_count += line.notices.len();
            plan.notices.extend(line.notices.iter().take(SHOWN.saturating_sub(plan.notices.len())).cloned());
        }
    }
    plan
}

/// Why a choice cannot be made for a list.
pub fn impossible(pair: Pair<'_>, mode: Mode, counts: &Counts) -> Option<Message> {
    let (zh, en) = (pair.section.label.zh, pair.section.label.en);
    let key = match mode {
        Mode::Append => "",
        Mode::ByMaterial => MATERIAL,
        Mode::BySeq => SEQ,
    };
    if !key.is_empty() && !pair.kept.has(key) {
        let label = columns::field(pair.section, key).map_or(crate::text::text("", ""), |field| field.label);
        return Some(Message::new(
            format!("工作表“{}”没有“{}”列", pair.kept.sheet, label.zh),
            format!("Sheet “{}” has no column “{}”", pair.kept.sheet, label.en),
        ));
    }
    let total = pair.stored.len() + counts.added;
    let most = pair.section.most_rows;
    (total > most).then(|| {
        Message::new(
            format!("导入后{zh}将有{total}项，超过{most}项，请分为多份{}", pair.noun.zh),
            format!("{en} would have {total} rows, more than {most}; make several documents"),
        )
    })
}

#[cfg(test)]
mod tests;
