//! Upload and report of a list of entries, and what both the report and the registering are made of. Called by `api` and
//! `routes`; registers nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::group::{Entry, Told, group};
use super::judge::{Book, Judge, Judged, Known};
use super::lines::{section, sections};
use super::model::{EntryLine, Outcome, Report};
use crate::account_book;
use crate::document::import::columns;
use crate::document::import::model::Problem;
use crate::document::import::plan::SHOWN;
use crate::document::import::prepare::{Kept, Line, problem};
use crate::document::import::prepared::Upload;
use crate::document::import::service::{prepared, take};
use crate::document::import::store::{self, Pending};
use crate::document::office::Office as _;
use crate::document::store::numbered;
use crate::entry::kind::kind_of;
use crate::entry::rules::Direction;
use crate::entry::service::EntryOffice;
use crate::form::{Field, Values, amount, plain};
use crate::ledger::book::under_book;
use crate::ledger::store::sums;
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// Entries of one list. They are registered in one transaction, and nobody else gets a number meanwhile.
const MOST_ENTRIES: usize = 1_000;

/// Reads a file, keeps its lines and tells what registering them would do. Nothing is registered.
///
/// # Errors
/// `Refused` with what is wrong with the file.
pub async fn upload(call: &Call, name: &str, bytes: &[u8]) -> Result<Report, Failure> {
    let (id, pending, upload) = take(call, sections(), (section(), ""), name, bytes).await?;
    let report = report(call, id, pending, upload).await?;
    let (lines, entries) = (report.entries.iter().map(|entry| entry.lines).sum::<usize>(), report.entries.len());
    if lines > section().most_rows || entries > MOST_ENTRIES {
        return Err(Failure::refused(Message::new(
            format!(
                "文件有{entries}份报关单、{lines}行，一次最多{MOST_ENTRIES}份、{}行，请分成几个文件。",
                section().most_rows
            ),
            format!(
                "{entries} entries in {lines} lines; at most {MOST_ENTRIES} in {} at a time: split the file.",
                section().most_rows
            ),
        )));
    }
    Ok(report)
}

/// The report anew: account books or entries have changed since.
///
/// # Errors
/// `NotFound` when the upload is over, or somebody else's.
pub async fn review(call: &Call, id: Uuid) -> Result<Report, Failure> {
    let (pending, upload) = waiting(call, id).await?;
    report(call, id, pending, upload).await
}

/// An upload of the caller's that waits, with its rows prepared.
///
/// # Errors
/// As [`review`].
pub async fn waiting(call: &Call, id: Uuid) -> Result<(Pending, Upload), Failure> {
    let now = call.state.clock.stamp();
    let pending = store::find(&call.state.db, &id.to_string(), &call.actor.user_id, &now).await?;
    let pending = pending.filter(|pending| pending.document_id.is_empty()).ok_or(Failure::NotFound)?;
    Ok((pending, prepared(call, id, sections()).await?))
}

/// A list with all that its entries are held against, as committed last.
pub struct Work {
    pub pending: Pending,
    pub upload: Upload,
    pub entries: Vec<Entry>,
    /// The account books that the entries name and the caller may use.
    pub books: Vec<account_book::Book>,
    pub held: BTreeMap<String, Book>,
}

impl Work {
    pub async fn new(call: &Call, pending: Pending, upload: Upload) -> Result<Self, Failure> {
        let (upload, entries) = aside("grouping lines", move || {
            let entries = group(lines_of(&upload));
            Ok((upload, entries))
        })
        .await?;
        let db = &call.state.db;
        let operators = call.actor.operators();
        let wanted = entries.iter().filter(|entry| !entry.is_other).map(|entry| entry.head.get("manual_no"));
        let numbers: BTreeSet<&str> = wanted.filter(|number| number.len() == 12).collect();
        let (mut books, mut held) = (Vec::new(), BTreeMap::new());
        for number in numbers {
            let Some(book) = account_book::find(db, &operators, number).await? else { continue };
            let heads =
                [looked_up(call, Direction::Export, number).await?, looked_up(call, Direction::Import, number).await?];
            let read = under_book(db, &book).await?;
            let sums = sums(&db.read, &book.operator_code, &book.book_no).await?;
            held.insert(number.to_owned(), Book { book: read, sums, heads });
            books.push(book);
        }
        Ok(Self { pending, upload, entries, books, held })
    }

    /// The numbers of all entries.
    pub fn numbers(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.number.as_str()).collect()
    }

    /// Decides what becomes of each entry.
    pub fn judged(self, call: &Call, known: HashMap<String, Known>) -> (Pending, Upload, Vec<Judged>) {
        let Self { pending, upload, entries, held, .. } = self;
        let judge = Judge {
            codes: &upload.codes,
            today: call.state.clock.today(),
            unit: &call.actor.enterprise,
            books: held,
            known,
        };
        let judged = judge.all(entries, lines_of(&upload));
        (pending, upload, judged)
    }
}

pub fn lines_of(upload: &Upload) -> &[Line] {
    upload.lists.first().map(|list| list.lines.as_slice()).unwrap_or_default()
}

/// A head with what is looked up of this account book.
async fn looked_up(call: &Call, direction: Direction, number: &str) -> Result<Values, Failure> {
    let mut head = Values::new(kind_of(direction).head);
    head.set("manual_no", number);
    // The book is one of the caller's: there is nothing to find, as nothing else is filled in yet.
    EntryOffice::of(direction).look_up(&call.state.db, &call.actor, &mut head, call.state.clock.today()).await?;
    Ok(head)
}

async fn report(call: &Call, id: Uuid, pending: Pending, upload: Upload) -> Result<Report, Failure> {
    let (pending, upload, judged) = looked_at(call, pending, upload).await?;
    aside("report", move || Ok(report_of(id, pending, &upload, &judged))).await
}

/// An upload with what would become of its entries, as committed last.
pub async fn looked_at(
    call: &Call,
    pending: Pending,
    upload: Upload,
) -> Result<(Pending, Upload, Vec<Judged>), Failure> {
    let work = Work::new(call, pending, upload).await?;
    let known = known(call, &call.state.db.read, &work.numbers()).await?;
    let call = call.clone();
    aside("judging entries", move || Ok(work.judged(&call, known))).await
}

/// What is here already of these numbers.
pub async fn known<'c>(
    call: &Call,
    executor: impl sqlx::Executor<'c, Database = sqlx::Any>,
    numbers: &[&str],
) -> Result<HashMap<String, Known>, Failure> {
    let operators = call.actor.operators();
    let mut found = HashMap::new();
    for row in numbered(&call.state.db, executor, &operators, numbers).await? {
        let is_draft = row.entry_no.is_empty();
        let number = if is_draft { row.registered_no.clone() } else { row.entry_no.clone() };
        let kind = call.state.kind(&row.kind)?;
        let Some(section) = kind.sections.first() else { continue };
        let head = row.values(kind)?;
        let total = section.sums.first().map_or("", |(_, sum)| head.get(sum));
        let known = Known {
            status: row.status,
            is_draft,
            amount: amount(total),
            rows: head.get(section.count).parse().unwrap_or_default(),
            internal_no: row.internal_no,
        };
        // One that customs let pass counts, and not a draft beside it.
        if !is_draft || !found.contains_key(&number) {
            found.insert(number, known);
        }
    }
    Ok(found)
}

fn report_of(id: Uuid, pending: Pending, upload: &Upload, judged: &[Judged]) -> Report {
    let lines = lines_of(upload);
    let bad = judged.iter().filter(|one| one.outcome == Outcome::Bad);
    let mut problems: Vec<Problem> = bad.flat_map(|one| problems(upload, one)).collect();
    problems.sort_by_key(|problem| problem.row);
    let new = judged.iter().filter(|one| one.outcome == Outcome::New);
    let mut notices: Vec<Problem> = new.flat_map(|one| notices(upload, one)).collect();
    notices.sort_by_key(|problem| problem.row);
    let new = judged.iter().filter(|one| one.outcome == Outcome::New);
    let mut completed: Vec<Problem> = new.flat_map(|one| told(upload, &one.entry.completed)).collect();
    let (problem_count, notice_count, completed_count) = (problems.len(), notices.len(), completed.len());
    [&mut problems, &mut notices, &mut completed].into_iter().for_each(|list| list.truncate(SHOWN));
    Report {
        id,
        file_name: pending.file_name,
        entries: judged.iter().map(|one| listed(one, lines)).collect(),
        problems,
        problem_count,
        notices,
        notice_count,
        completed,
        completed_count,
        notes: upload.notes.clone(),
    }
}

fn listed(judged: &Judged, lines: &[Line]) -> EntryLine {
    let Judged { entry, outcome, .. } = judged;
    EntryLine {
        entry_no: entry.number.clone(),
        manual_no: entry.head.get("manual_no").to_owned(),
        ie_date: entry.head.get("ie_date").to_owned(),
        row: lines[entry.lines[0]].number,
        lines: entry.lines.len(),
        amount: plain(entry.amount()),
        currency: entry.head.get("currency").to_owned(),
        outcome: *outcome,
    }
}

/// Everything that is wrong with an entry, by its cells.
pub fn problems(upload: &Upload, judged: &Judged) -> Vec<Problem> {
    let lines = lines_of(upload);
    let own = judged.entry.lines.iter().flat_map(|at| lines[*at].faults.iter().cloned());
    own.chain(told(upload, &judged.entry.faults)).collect()
}

fn notices(upload: &Upload, judged: &Judged) -> Vec<Problem> {
    let lines = lines_of(upload);
    let own = judged.entry.lines.iter().flat_map(|at| lines[*at].notices.iter().cloned());
    own.chain(told(upload, &judged.entry.notices)).collect()
}

fn told<'a>(upload: &'a Upload, all: &'a [Told]) -> impl Iterator<Item = Problem> + 'a {
    let lines = lines_of(upload);
    let kept: Option<&Kept> = upload.lists.first().map(|list| &list.kept);
    all.iter().filter_map(move |(at, key, reason)| {
        let kept = kept?;
        let row = kept.row(lines.get(*at)?.number)?;
        let field: Option<&Field> = columns::field(section(), key);
        let column = kept.columns.iter().find(|(one, _)| one == key).map(|(_, at)| *at);
        let mut problem = problem(section(), row, field.zip(column), reason.clone());
        if let (Some(field), None) = (field, column) {
            problem.field = field.label.into();
        }
        Some(problem)
    })
}
