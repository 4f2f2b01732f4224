//! The registering itself: one transaction that registers all entries or none, under the locks of their account books. A
//! repeated request (a lost answer) gets the first result again.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;
use uuid::Uuid;

use super::judge::{Judged, Known};
use super::model::{Applied, Apply, Outcome};
use super::service::{Work, known, lines_of, waiting};
use crate::account_book;
use crate::document::guard::record;
use crate::document::import::prepare::Line;
use crate::document::import::store as uploads;
use crate::document::service::{Origin, Put, RowChange, change_rows, create, register};
use crate::entry::kind::kind_of;
use crate::entry::service::{EntryOffice, lock_numbers};
use crate::ledger::post::fill;
use crate::ledger::store::sums;
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::db::{Tx, stamp};
use crate::server::failure::Failure;
use crate::text::Message;

/// In the audit trail.
const REGISTER_LIST: &str = "register_list";

/// Registers the entries of an upload as the report said.
///
/// # Errors
/// `Conflict` when another number of them would be registered than was reported; `Refused` when bad entries keep all out, or
/// none is left to register; `NotFound` when the upload is over.
pub async fn apply(call: &Call, request: Apply) -> Result<Applied, Failure> {
    let db = &call.state.db;
    let (pending, upload) = waiting(call, request.id).await?;
    let mut work = Work::new(call, pending, upload).await?;

    let mut tx = db.begin().await?;
    let done = uploads::applied_in(&mut tx, &request.id.to_string()).await?.ok_or(Failure::NotFound)?;
    if !done.is_empty() {
        return Ok(serde_json::from_str(&done)?);
    }
    let known = lock(call, &mut tx, &mut work).await?;
    let caller = call.clone();
    let (pending, upload, judged) = aside("judging entries", move || Ok(work.judged(&caller, known))).await?;
    let count = |outcome| judged.iter().filter(|one| one.outcome == outcome).count();
    let applied = Applied {
        registered: count(Outcome::New),
        known: count(Outcome::Known),
        other: count(Outcome::Other),
        left: count(Outcome::Bad),
    };
    allowed(&applied, &request)?;
    for one in judged.iter().filter(|one| one.outcome == Outcome::New) {
        register_one(call, &mut tx, one, lines_of(&upload), &pending.file_name).await?;
    }
    uploads::set_applied(&mut tx, &request.id.to_string(), &serde_json::to_string(&applied)?).await?;
    tx.commit().await?;
    Ok(applied)
}

/// Locks the account books and the numbers of their enterprises, in an order that is the same for everybody, and reads what may have
/// changed until then. The numbers that are here already.
async fn lock(call: &Call, tx: &mut Tx, work: &mut Work) -> Result<HashMap<String, Known>, Failure> {
    let db = &call.state.db;
    work.books.sort_by(|one, other| (&one.operator_code, &one.book_no).cmp(&(&other.operator_code, &other.book_no)));
    for before in &work.books {
        let now = account_book::lock(tx, &before.operator_code, &before.book_no).await?;
        if now.as_ref() != Some(before) {
            return Err(changed(
                &format!("账册{}刚刚变动", before.book_no),
                &format!("Book {} has changed", before.book_no),
            ));
        }
        if let Some(held) = work.held.get_mut(&before.book_no) {
            held.sums = sums(&mut **tx, &before.operator_code, &before.book_no).await?;
            fill(&mut held.book, &held.sums);
        }
    }
    // The books are sorted, so that no two lists wait for each other.
    for operator in work.books.iter().map(|book| book.operator_code.as_str()).collect::<BTreeSet<_>>() {
        lock_numbers(db, tx, operator).await?;
    }
    known(call, &mut **tx, &work.numbers()).await
}

fn changed(zh: &str, en: &str) -> Failure {
    Failure::Conflict {
        message: Message::new(
            format!("在您核对期间，{zh}，本次未登记。已重新核对，请确认后再登记。"),
            format!("{en} while you looked at the report; nothing was registered. Look at the new report."),
        ),
        differences: Vec::new(),
        stored: None,
    }
}

/// Refuses when nothing would be registered, or not what was asked for.
fn allowed(applied: &Applied, request: &Apply) -> Result<(), Failure> {
    let Applied { registered, known, left, .. } = *applied;
    let refused = |zh: String, en: String| Err(Failure::refused(Message::new(zh, en)));
    if registered != request.seen {
        return Err(changed(
            &format!("可登记的报关单由{}份变为{registered}份", request.seen),
            &format!("the entries to be registered went from {} to {registered}", request.seen),
        ));
    }
    if left > 0 && !request.only_good {
        return refused(
            format!("有{left}份报关单有误，未登记任何报关单。请修改后重新导入，或选择只登记正确的报关单。"),
            format!("{left} entries are wrong; nothing was registered. Mend them, or register only the good ones."),
        );
    }
    if registered == 0 {
        return refused(
            format!("没有需要登记的报关单：{known}份已登记或已放行，{left}份有误。"),
            format!("Nothing to register: {known} are known, {left} are wrong."),
        );
    }
    Ok(())
}

/// Makes an entry and registers it. It was held against the book, whose lock is held.
async fn register_one(
    call: &Call,
    tx: &mut Tx,
    judged: &Judged,
    lines: &[Line],
    file_name: &str,
) -> Result<(), Failure> {
    let Judged { entry, bookings, .. } = judged;
    let (kind, office) = (kind_of(entry.direction), EntryOffice::of(entry.direction));
    let db = &call.state.db;
    let now = call.state.clock.now();
    let (mut row, _) = create(tx, call, kind, Uuid::now_v7(), entry.head.clone(), Origin::New).await?;
    let rows: Vec<u32> = entry.lines.iter().map(|at| lines[*at].number).collect();
    let detail = json!({ "file": file_name, "rows": rows });
    let puts = entry.rows.iter().map(|row| Put::whole(row.id, None, row.content.clone())).collect();
    let change = RowChange { section: &kind.sections[0], puts, removes: Vec::new() };
    let changed = change_rows(tx, call, kind, &mut row, vec![change], "import", json!({ "file": file_name })).await?;
    EntryOffice::reserve(db, tx, &row, &changed.head, bookings, &stamp(now)).await?;
    register(db, tx, &office, &mut row, &changed.head, now).await?;
    record(tx, call, &row, REGISTER_LIST, &detail).await?;
    Ok(())
}
