//! What an import would do to a book, row by row, for each way to treat rows that are there already.
//! Pure: the report and the import itself come from the same decision.

use std::collections::HashMap;

use super::columns::{self, SEQ};
use super::model::{Counts, Mode, Plan, Problem};
use super::prepare::{Kept, Line, problem};
use crate::book::model::{Goods, Row, Side};
use crate::book::rules::MAX_ROWS;
use crate::form::Record;
use crate::text::Message;

/// Problems shown; all of them are in the returned workbook.
pub const SHOWN: usize = 300;

/// What happens to one row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Add,
    /// Replaces the row with this place in the book's list.
    Replace(usize),
    /// The book has the same row.
    Same,
    /// Left out; the problems say why, besides those of the row itself.
    Bad(Option<Problem>),
}

/// A list of the file beside the same list of the book.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    pub kept: &'a Kept,
    pub lines: &'a [Line],
    pub stored: &'a [Row<Goods>],
}

/// What happens to each row of a list.
pub fn decide(pair: Pair<'_>, mode: Mode) -> Vec<Act> {
    let mut stored = Stored::new(pair.stored);
    pair.lines
        .iter()
        .map(|line| if line.faults.is_empty() { stored.act(pair, line, mode) } else { Act::Bad(None) })
        .collect()
}

/// The rows of the book by what they are found by, and what the file has had already.
struct Stored<'a> {
    rows: &'a [Row<Goods>],
    by_content: HashMap<String, usize>,
    by_material: HashMap<&'a str, Vec<usize>>,
    by_seq: HashMap<i64, usize>,
    content_seen: HashMap<String, u32>,
    key_seen: HashMap<String, u32>,
}

impl<'a> Stored<'a> {
    fn new(rows: &'a [Row<Goods>]) -> Self {
        let mut by_material: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, row) in rows.iter().enumerate() {
            by_material.entry(material(&row.content)).or_default().push(place);
        }
        Self {
            rows,
            by_content: rows.iter().enumerate().map(|(place, row)| (content(&row.content), place)).collect(),
            by_material,
            by_seq: rows.iter().enumerate().map(|(place, row)| (row.seq, place)).collect(),
            content_seen: HashMap::new(),
            key_seen: HashMap::new(),
        }
    }

    fn act(&mut self, pair: Pair<'_>, line: &Line, mode: Mode) -> Act {
        let key = match mode {
            Mode::Append => "",
            Mode::ByMaterial => material(&line.goods),
            Mode::BySeq => line.seq.as_str(),
        };
        if key.is_empty() {
            return self.add(pair, line);
        }
        let field = if mode == Mode::BySeq { SEQ } else { "material_no" };
        if let Some(first) = self.key_seen.insert(key.to_owned(), line.number) {
            self.key_seen.insert(key.to_owned(), first);
            return bad(pair, line, field, repeated(first));
        }
        let place = match mode {
            Mode::BySeq => match key.parse::<i64>().ok().and_then(|seq| self.by_seq.get(&seq)) {
                Some(place) => *place,
                None => {
                    let reason = Message::new(
                        format!("账册中没有商品序号{key}，新的商品请把序号留空"),
                        format!("The book has no item {key}; leave the number empty for new goods"),
                    );
                    return bad(pair, line, field, reason);
                }
            },
            _ => match self.by_material.get(key).map(Vec::as_slice) {
                None => return Act::Add,
                Some([place]) => *place,
                Some(places) => {
                    let seqs: Vec<_> = places.iter().map(|place| self.rows[*place].seq.to_string()).collect();
                    let reason = Message::new(
                        format!("账册中第{}项的商品料号都是{key}，不能确定替换哪一项", seqs.join("、")),
                        format!(
                            "Items {} all have material no. {key}: which one to replace cannot be told",
                            seqs.join(", ")
                        ),
                    );
                    return bad(pair, line, field, reason);
                }
            },
        };
        if self.rows[place].content == line.goods { Act::Same } else { Act::Replace(place) }
    }

    fn add(&mut self, pair: Pair<'_>, line: &Line) -> Act {
        let content = content(&line.goods);
        if self.by_content.contains_key(&content) {
            return Act::Same;
        }
        match self.content_seen.get(&content) {
            Some(first) => bad(pair, line, "", repeated(*first)),
            None => {
                self.content_seen.insert(content, line.number);
                Act::Add
            }
        }
    }
}

fn repeated(first: u32) -> Message {
    Message::new(format!("存在重复数据！与第{first}行相同"), format!("The same as row {first}"))
}

fn bad(pair: Pair<'_>, line: &Line, key: &str, reason: Message) -> Act {
    let row = pair.kept.rows.iter().find(|row| row.number == line.number);
    let place = pair.kept.columns.iter().find(|(one, _)| one == key);
    let place = place.and_then(|(key, at)| Some((columns::field(pair.kept.side, key)?, *at)));
    Act::Bad(row.map(|row| problem(pair.kept.side, row, place, reason)))
}

fn material(goods: &Goods) -> &str {
    match goods {
        Goods::Exports(row) => &row.material_no,
        Goods::Reimports(row) => &row.material_no,
    }
}

/// Everything a row says, as one text.
fn content(goods: &Goods) -> String {
    fn all<R: Record>(row: &R) -> String {
        R::FIELDS.iter().map(|field| row.get(field.key)).collect::<Vec<_>>().join("\u{1f}")
    }
    match goods {
        Goods::Exports(row) => all(row),
        Goods::Reimports(row) => all(row),
    }
}

/// All problems of a list: those of the rows and those of the decision, in the order of the file.
pub fn problems<'a>(lines: &'a [Line], acts: &'a [Act]) -> impl Iterator<Item = &'a Problem> {
    lines.iter().zip(acts).flat_map(|(line, act)| {
        let own = if let Act::Bad(Some(problem)) = act { Some(problem) } else { None };
        line.faults.iter().chain(own)
    })
}

pub fn counts(side: Side, acts: &[Act]) -> Counts {
    let mut counts = Counts { side, added: 0, replaced: 0, unchanged: 0, bad: 0 };
    for act in acts {
        match act {
            Act::Add => counts.added += 1,
            Act::Replace(_) => counts.replaced += 1,
            Act::Same => counts.unchanged += 1,
            Act::Bad(_) => counts.bad += 1,
        }
    }
    counts
}

/// 商品序号 of the rows that would be replaced, in order.
fn replaced(pair: Pair<'_>, acts: &[Act]) -> Vec<i64> {
    let seq = |act: &Act| if let Act::Replace(place) = act { Some(pair.stored[*place].seq) } else { None };
    let mut seqs: Vec<i64> = acts.iter().filter_map(seq).collect();
    seqs.sort_unstable();
    seqs
}

/// What a choice would do to the whole book.
pub fn plan(pairs: &[Pair<'_>], mode: Mode) -> Plan {
    let mut plan = Plan {
        mode,
        impossible: None,
        counts: Vec::new(),
        replaces: Vec::new(),
        problems: Vec::new(),
        problem_count: 0,
    };
    for pair in pairs {
        let acts = decide(*pair, mode);
        let counts = counts(pair.kept.side, &acts);
        plan.impossible = plan.impossible.or_else(|| impossible(*pair, mode, counts));
        plan.counts.push(counts);
        if counts.replaced > 0 {
            plan.replaces.push((pair.kept.side, replaced(*pair, &acts)));
        }
        for problem in problems(pair.lines, &acts) {
            plan.problem_count += 1;
            if plan.problems.len() < SHOWN {
                plan.problems.push(problem.clone());
            }
        }
    }
    plan
}

/// Why a choice cannot be made for a list.
pub fn impossible(pair: Pair<'_>, mode: Mode, counts: Counts) -> Option<Message> {
    let (zh, en) = (pair.kept.side.label().zh, pair.kept.side.label().en);
    let key = match mode {
        Mode::Append => "",
        Mode::ByMaterial => "material_no",
        Mode::BySeq => SEQ,
    };
    if !key.is_empty() && !pair.kept.has(key) {
        let label = columns::field(pair.kept.side, key).map_or(crate::text::text("", ""), |field| field.label);
        return Some(Message::new(
            format!("工作表“{}”没有“{}”列", pair.kept.sheet, label.zh),
            format!("Sheet “{}” has no column “{}”", pair.kept.sheet, label.en),
        ));
    }
    let total = pair.stored.len() + counts.added;
    (total > MAX_ROWS).then(|| {
        Message::new(
            format!("导入后{zh}将有{total}项，超过{MAX_ROWS}项，请分为多本账册备案"),
            format!("{en} would have {total} rows, more than {MAX_ROWS}; file several books"),
        )
    })
}

#[cfg(test)]
mod tests;
