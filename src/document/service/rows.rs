//! The one way in which rows of a document change: by form, grid, import and template alike. Under the document's lock:
//! versions, 修改标志, numbers, sums, state, audit. The rows themselves were completed and checked before.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::merge_rows::merge_rows;
use super::operation;
use super::row_change::{Known, Put, Remove, RowChange};
use crate::document::guard::{allowed, head_of, record, touch};
use crate::document::kind::{Accounts, Kind, Section};
use crate::document::store::DocumentRow;
use crate::document::store::rows::{self, by_seq, deleted, take_numbers};
use crate::document::under_book::UnderBook;
use crate::document::{Action, Mark, Row};
use crate::error::Stored;
use crate::form::{Difference, Values, amount, differences, plain};
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::Message;
use rust_decimal::Decimal;

/// Differences told in a conflict; a thousand help nobody.
const MOST_TOLD: usize = 50;

/// What became of it.
#[derive(Debug)]
pub struct Changed {
    pub head: Values,
    /// For each list: the rows as stored, in the order they were sent; then rows that are now marked as deleted.
    pub rows: Vec<Vec<Row<Values>>>,
    /// What somebody else changed and the sender did not know.
    pub merged: Vec<Difference>,
    /// False when something goes on from an operation that was never done.
    pub follows: bool,
}

/// Stores and deletes rows of a locked document, all or none. Writes nothing when everything is as asked already.
///
/// # Errors
/// `Conflict` when somebody changed or deleted a row since its `base`; `Refused` when the state forbids it or a list
/// would be too long; `Forbidden` for a row of another list or document.
pub async fn change_rows(
    tx: &mut Tx,
    call: &Call,
    kind: &'static Kind,
    row: &mut DocumentRow,
    changes: Vec<RowChange>,
    action: &str,
    mut detail: Value,
) -> Result<Changed, Failure> {
    let mut head = head_of(kind, row)?;
    let mut steps = Vec::with_capacity(changes.len());
    let figures = figures(call, kind, row).await?;
    let (mut merged, mut follows) = (Vec::new(), true);
    for mut change in changes {
        let known = stored_rows(tx, call, row, change.section, &change.puts, &change.removes).await?;
        follows &= resolve_bases(tx, row, &known, &mut change.puts, &mut change.removes).await?;
        merged.extend(merge_rows(call, change.section, &mut change.puts, &known)?);
        if let Some((accounts, book)) = &figures {
            change.puts.iter_mut().for_each(|put| (accounts.figures)(change.section, &mut put.content, book));
        }
        steps.push(Step::of(tx, call, row, &head, change, &known).await?);
    }
    let changes_nothing = steps.iter().all(|step| step.stored.is_empty() && step.gone.is_empty());
    if !changes_nothing {
        allowed(row, Action::Edit)?;
        for step in &steps {
            step.totals.few_enough(kind)?;
            step.totals.write(&mut head);
        }
        kind.rules.fix(&mut head);
        row.set_head(kind, &head)?;
        touch(tx, call, row).await?;
        for step in &steps {
            rows::delete(&call.state.db, tx, row, &step.gone).await?;
            rows::put(&call.state.db, tx, row, step.section, &step.stored).await?;
        }
        detail["lists"] = steps.iter().filter(|step| step.changes()).map(Step::told).collect();
        record(tx, call, row, action, &detail).await?;
    }
    Ok(Changed { head, rows: steps.into_iter().map(|step| step.answer).collect(), merged, follows })
}

/// For a kind whose rows show figures of the ledger: the book to fill them from, as it stands.
async fn figures(
    call: &Call,
    kind: &Kind,
    row: &DocumentRow,
) -> Result<Option<(&'static Accounts, UnderBook)>, Failure> {
    let Some(accounts) = kind.accounts else { return Ok(None) };
    let book = call.state.office(kind.key)?.book(&call.state.db, row).await?;
    Ok(book.map(|book| (accounts, book)))
}

/// The change of one list, worked out.
struct Step {
    section: &'static Section,
    totals: Totals,
    /// Rows to be written.
    stored: Vec<Row<Values>>,
    /// Rows to be deleted.
    gone: Vec<Uuid>,
    answer: Vec<Row<Values>>,
    /// For the audit trail: numbers of new rows, and what was overwritten or deleted.
    added: Vec<i64>,
    lost: Vec<Value>,
}

impl Step {
    async fn of(
        tx: &mut Tx,
        call: &Call,
        row: &DocumentRow,
        head: &Values,
        change: RowChange,
        known: &Known,
    ) -> Result<Self, Failure> {
        let RowChange { section, puts, removes } = change;
        refuse_overtaken(section, &puts, &removes, known)?;
        let base = base_rows(tx, call, row, section, known).await?;
        let mut numbers = Numbers::take(tx, call, row, section, &puts, known).await?;

        let version = row.version + 1;
        let mut step = Self {
            section,
            totals: Totals::of(section, head),
            stored: Vec::new(),
            gone: Vec::new(),
            answer: Vec::with_capacity(puts.len()),
            added: Vec::new(),
            lost: Vec::new(),
        };
        for put in puts {
            let Put { id, content, .. } = put;
            let Some(before) = known.get(&id) else {
                let seq = numbers.next(id);
                let mark = if row.base_id.is_empty() { Mark::Same } else { Mark::Added };
                step.totals.add(&content);
                step.added.push(seq);
                step.write(Row { id, seq, version, mark, content });
                continue;
            };
            let mark = mark_of(row, base.get(&before.seq), &content);
            if before.mark == mark && before.content == content {
                step.answer.push(before.clone());
                continue;
            }
            if before.mark != Mark::Deleted {
                step.totals.take_away(&before.content);
            }
            step.totals.add(&content);
            step.lost.push(json!({ "seq": before.seq, "was": before.content, "mark": before.mark.code() }));
            step.write(Row { id, seq: before.seq, version, mark, content });
        }
        for before in removes.iter().filter_map(|remove| known.get(&remove.id)) {
            if before.mark == Mark::Deleted {
                step.answer.push(before.clone());
                continue;
            }
            step.totals.take_away(&before.content);
            step.lost.push(json!({ "seq": before.seq, "deleted": before.content }));
            if base.contains_key(&before.seq) {
                step.write(Row { version, mark: Mark::Deleted, ..before.clone() });
            } else {
                step.gone.push(before.id);
            }
        }
        Ok(step)
    }

    fn write(&mut self, row: Row<Values>) {
        self.stored.push(row.clone());
        self.answer.push(row);
    }

    const fn changes(&self) -> bool {
        !self.stored.is_empty() || !self.gone.is_empty()
    }

    fn told(&self) -> Value {
        json!({ "section": self.section.key, "added": self.added, "rows": self.lost })
    }
}

/// How a row differs from the one with its number in the document that is being changed.
fn mark_of(row: &DocumentRow, base: Option<&Values>, content: &Values) -> Mark {
    match base {
        _ if row.base_id.is_empty() => Mark::Same,
        None => Mark::Added,
        Some(base) if base == content => Mark::Same,
        Some(_) => Mark::Changed,
    }
}

/// What is stored of the rows that are to change.
async fn stored_rows(
    tx: &mut Tx,
    call: &Call,
    row: &DocumentRow,
    section: &Section,
    puts: &[Put],
    removes: &[Remove],
) -> Result<Known, Failure> {
    let ids: Vec<Uuid> = puts.iter().map(|put| put.id).chain(removes.iter().map(|remove| remove.id)).collect();
    let mut known = Known::with_capacity(ids.len());
    for stored in rows::by_id(&call.state.db, tx, row, &ids).await? {
        if stored.section != section.key {
            return Err(Failure::Forbidden); // an id of another list
        }
        let stored = stored.read(section)?;
        known.insert(stored.id, stored);
    }
    Ok(known)
}

/// Puts versions in place of operations of the same browser that saves go on from. False when one of these was never done.
async fn resolve_bases(
    tx: &mut Tx,
    row: &DocumentRow,
    known: &Known,
    puts: &mut [Put],
    removes: &mut [Remove],
) -> Result<bool, Failure> {
    let version = |id: Uuid| known.get(&id).map(|row| row.version);
    let mut follows = true;
    for put in puts {
        if let Some(base) = &mut put.base {
            *base = operation::base(tx, &row.id, *base, version(put.id)).await?;
            follows &= *base >= 0;
        }
    }
    for remove in removes {
        remove.base = operation::base(tx, &row.id, remove.base, version(remove.id)).await?;
        follows &= remove.base >= 0;
    }
    Ok(follows)
}

/// For a change: the rows it changes, by number.
async fn base_rows(
    tx: &mut Tx,
    call: &Call,
    row: &DocumentRow,
    section: &Section,
    known: &Known,
) -> Result<HashMap<i64, Values>, Failure> {
    if row.base_id.is_empty() || known.is_empty() {
        return Ok(HashMap::new());
    }
    let seqs: Vec<i64> = known.values().map(|row| row.seq).collect();
    let found = by_seq(&call.state.db, tx, &row.operator_code, &row.base_id, section, &seqs).await?;
    // What the base had marked as deleted is not in force.
    let found = found.iter().filter(|row| row.mark != Mark::Deleted);
    found.map(|row| Ok((row.seq, Values::from_json(section.fields, &row.content)?))).collect()
}

/// Numbers for rows that are new to the document.
struct Numbers {
    own: HashMap<Uuid, i64>,
    next: i64,
}

impl Numbers {
    async fn take(
        tx: &mut Tx,
        call: &Call,
        row: &DocumentRow,
        section: &Section,
        puts: &[Put],
        known: &Known,
    ) -> Result<Self, Failure> {
        let new: Vec<Uuid> = puts.iter().map(|put| put.id).filter(|id| !known.contains_key(id)).collect();
        if new.is_empty() {
            return Ok(Self { own: HashMap::new(), next: 0 });
        }
        let own: HashMap<Uuid, i64> = deleted(&call.state.db, tx, row, section, &new).await?.into_iter().collect();
        let count = (new.len() - own.len()) as i64;
        let next = if count > 0 { take_numbers(tx, row, section, count).await? } else { 0 };
        Ok(Self { own, next })
    }

    /// A row that is brought back has its own number again; no other row ever gets it.
    fn next(&mut self, id: Uuid) -> i64 {
        self.own.get(&id).copied().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        })
    }
}

/// Number of rows and sums of a list, kept by adding and taking away single rows, so that saving one row of a thousand
/// does not read the others. Decimals are exact, so this equals summing anew.
struct Totals {
    section: &'static Section,
    count: i64,
    sums: Vec<Decimal>,
}

impl Totals {
    fn of(section: &'static Section, head: &Values) -> Self {
        let sums = section.sums.iter().map(|(_, sum)| amount(head.get(sum))).collect();
        Self { section, count: head.get(section.count).parse().unwrap_or(0), sums }
    }

    fn add(&mut self, row: &Values) {
        self.count += 1;
        for ((field, _), sum) in self.section.sums.iter().zip(&mut self.sums) {
            *sum += amount(row.get(field));
        }
    }

    fn take_away(&mut self, row: &Values) {
        self.count -= 1;
        for ((field, _), sum) in self.section.sums.iter().zip(&mut self.sums) {
            *sum -= amount(row.get(field));
        }
    }

    fn write(&self, head: &mut Values) {
        head.set(self.section.count, self.count.to_string());
        for ((_, key), sum) in self.section.sums.iter().zip(&self.sums) {
            head.set(key, plain(*sum));
        }
    }

    fn few_enough(&self, kind: &Kind) -> Result<(), Failure> {
        let section = self.section;
        let most = section.most_rows;
        if usize::try_from(self.count).is_ok_and(|count| count <= most) {
            return Ok(());
        }
        Err(Failure::refused(Message::new(
            format!("{}最多{most}项，请分为多份{}。", section.label.zh, kind.noun.zh),
            format!("{} takes at most {most} rows; make several documents.", section.label.en),
        )))
    }
}

/// Refuses everything when somebody was quicker with one of the rows.
fn refuse_overtaken(section: &Section, puts: &[Put], removes: &[Remove], known: &Known) -> Result<(), Failure> {
    let mut overtaken: Vec<&Row<Values>> = Vec::new();
    let mut vanished = 0;
    let mut told = Vec::new();
    for put in puts {
        let Some(base) = put.base else { continue };
        match known.get(&put.id) {
            Some(theirs) if theirs.mark == Mark::Deleted && base != 0 && base != theirs.version => vanished += 1,
            // Brought back: what a deleted row had says nothing against it.
            Some(theirs) if theirs.mark == Mark::Deleted => {}
            Some(theirs) if !put.overlapping.is_empty() => {
                overtaken.push(theirs);
                if told.len() < MOST_TOLD {
                    told.extend(put.overlapping.iter().cloned());
                }
            }
            Some(theirs) if theirs.version != base && theirs.content != put.content => {
                overtaken.push(theirs);
                if told.len() < MOST_TOLD {
                    told.extend(differences(section.key, Some(theirs.seq), &put.content, &theirs.content));
                }
            }
            None if base != 0 => vanished += 1,
            _ => {}
        }
    }
    let to_choose = overtaken.len();
    // Of a row that an operation of the same browser makes, which has not come yet.
    vanished += removes.iter().filter(|remove| remove.base < 0 && !known.contains_key(&remove.id)).count();
    for remove in removes {
        let theirs = known.get(&remove.id).filter(|theirs| theirs.mark != Mark::Deleted);
        overtaken.extend(theirs.filter(|theirs| theirs.version != remove.base));
    }
    if overtaken.is_empty() && vanished == 0 {
        return Ok(());
    }
    // Only between two texts can be chosen, not between a text and none.
    if vanished > 0 || overtaken.len() > to_choose {
        told.clear();
    }
    let stored = match (overtaken.as_slice(), vanished) {
        ([one], 0) => Some(Stored { version: one.version, content: one.content.filled() }),
        ([], 1) => Some(Stored { version: 0, content: Default::default() }),
        _ => None,
    };
    let mut seqs: Vec<i64> = overtaken.iter().map(|row| row.seq).collect();
    seqs.sort_unstable();
    Err(Failure::Conflict { message: overtaken_by(&seqs, vanished), differences: told, stored })
}

fn overtaken_by(seqs: &[i64], vanished: usize) -> Message {
    let list = |between: &str| seqs.iter().take(10).map(i64::to_string).collect::<Vec<_>>().join(between);
    let (zh, en) = match (seqs.len(), vanished) {
        (0, 1) => ("该行已被他人删除".to_owned(), "Somebody else deleted this row".to_owned()),
        (0, _) => (format!("{vanished}行已被他人删除"), format!("{vanished} rows were deleted by somebody else")),
        (1..=10, _) => (format!("第{}项已被他人修改", list("、")), format!("Somebody changed item {}", list(", "))),
        (many, _) => (
            format!("第{}等{many}项已被他人修改", list("、")),
            format!("Somebody changed item {} and others, {many} in all", list(", ")),
        ),
    };
    Message::new(
        format!("{zh}，本次未保存任何行。请核对最新内容后重做。"),
        format!("{en} meanwhile; nothing was saved. Look at the rows as they are now and do it again."),
    )
}
