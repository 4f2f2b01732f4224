//! 申报: checks everything once more, then writes state, audit and message in one transaction. The checks and the
//! message of thousands of rows are made before the lock is taken, under which only the version is compared.
//! Customs is never spoken to in here; the outbox worker does that.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::check::Gathered;
use super::{Snapshot, snapshot};
use crate::document::guard::{self, allowed, authorise, head_of, is_repeated, look_again, meta, record, refuse_with};
use crate::document::kind::Kind;
use crate::document::message::{Declaration, declaration};
use crate::document::office::{Declaring, Office};
use crate::document::store::{self, DocumentRow};
use crate::document::under_book::UnderBook;
use crate::document::{Action, Base, Event, Row, Saved, Status, Step};
use crate::exchange::{Decision, MessageRef, Outgoing, outbox};
use crate::form::{Finding, Severity, Values, in_china, show_date};
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::db::{Db, Tx, stamp};
use crate::server::failure::Failure;
use crate::text::Message;

/// In the audit trail.
const DECLARE: &str = "declare";

/// Declares the document. Repeating the request, or a double click, declares once.
///
/// # Errors
/// `Refused` with everything that keeps the document from being declared; `Conflict` when it changed since the version
/// the caller saw.
pub async fn declare(call: &Call, step: Step) -> Result<Saved, Failure> {
    let db = &call.state.db;
    let Snapshot { row, rows } = snapshot(db, &step.id.to_string()).await?;
    authorise(&call.actor, &row)?;
    let office = call.state.office(&row.kind)?;
    let kind = office.kind();
    if let Some(saved) = declared_already(kind, &row)? {
        return Ok(saved);
    }
    if row.declare_round > 0 && row.version > step.base {
        // Customs may have answered since.
        let mut tx = db.begin().await?;
        if is_repeated(&mut tx, call, &row, DECLARE, step.base).await? {
            return Ok(Saved { meta: meta(&row)?, head: head_of(kind, &row)?.filled(), merged: Vec::new() });
        }
    }
    ready(&row, &step)?;
    let mut work = Gathered::of(&call.state, office, row).await?;
    let (now, message_type) = (work.now, office.messages().declares);
    let work = aside("checking a document", move || {
        work.read(&rows)?;
        Ok(Done::of(work, message_type))
    })
    .await?;

    let mut tx = db.begin().await?;
    let mut row = guard::lock(&mut tx, call, step.id).await?.ok_or(Failure::NotFound)?;
    if let Some(saved) = declared_already(kind, &row)? {
        return Ok(saved);
    }
    ready(&row, &step)?;
    let mut findings = work.findings;
    let at = stamp(now);
    let declaring = Declaring {
        db,
        row: &row,
        head: &work.head,
        lists: &work.lists,
        base: work.base.as_ref(),
        book: work.book.as_ref(),
        today: call.state.clock.today(),
        at: &at,
    };
    findings.extend(office.standing(&mut tx, &declaring).await?);
    findings.retain(|finding| finding.severity > Severity::Warning);
    // What is asked again under the lock may be the same as before.
    let mut told: HashSet<(String, String)> = HashSet::new();
    findings.retain(|finding| told.insert((finding.rule.clone(), finding.pointer.clone())));
    refuse_with(
        findings,
        Message::new(
            "不能申报：数据未填写完整或不符合要求，请按提示逐项修改。",
            "It cannot be declared yet. Mend what the list names, one by one.",
        ),
    )?;
    let registers = kind.rules.registers(&work.head);
    let mut detail = json!({ "round": row.declare_round + 1, "base": step.base });
    if registers {
        register(db, &mut tx, office, &mut row, &work.head, now).await?;
    } else {
        advance(kind, &mut row, &work.head, Event::Declared, &at)?;
        detail["message_id"] = work.message.message_id.clone().into();
        outbox::enqueue(&mut tx, &work.message, &at).await?;
        store::update(&mut tx, &row).await?;
    }
    record(&mut tx, call, &row, DECLARE, &detail).await?;
    tx.commit().await?;
    call.state.outbox_bell.notify_one();
    Ok(Saved { meta: meta(&row)?, head: head_of(kind, &row)?.filled(), merged: Vec::new() })
}

/// One round further.
fn advance(kind: &Kind, row: &mut DocumentRow, head: &Values, event: Event, at: &str) -> Result<(), Failure> {
    row.status = row.status.after(event).ok_or_else(|| Failure::Internal("state machine".into()))?;
    row.version += 1;
    row.declare_round += 1;
    at.clone_into(&mut row.declared_at);
    at.clone_into(&mut row.updated_at);
    row.set_head(kind, head)?;
    Ok(())
}

/// 登记 of a document that is locked and was checked: what customs decided elsewhere is taken over at once.
///
/// # Errors
/// Those of the office.
pub async fn register(
    db: &Db,
    tx: &mut Tx,
    office: &dyn Office,
    row: &mut DocumentRow,
    head: &Values,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    advance(office.kind(), row, head, Event::Registered, &stamp(now))?;
    row.approved_at.clone_from(&row.declared_at);
    office.approved(db, tx, row, &registered(now)).await?;
    row.head_version = row.version;
    store::update(tx, row).await?;
    Ok(())
}

/// What customs decided elsewhere: no record comes with it.
fn registered(now: DateTime<Utc>) -> Decision {
    Decision { record: BTreeMap::new(), approved_on: show_date(in_china(now).date_naive()), at: stamp(now) }
}

/// The answer for a document that was declared by this very request sent twice, or by a colleague a moment ago.
fn declared_already(kind: &Kind, row: &DocumentRow) -> Result<Option<Saved>, Failure> {
    // 登记 is done at once: there is no answer to wait for.
    let is_done =
        row.status.is_pending() || (row.status == Status::Approved && kind.rules.registers(&head_of(kind, row)?));
    if row.declare_round == 0 || !is_done {
        return Ok(None);
    }
    Ok(Some(Saved { meta: meta(row)?, head: head_of(kind, row)?.filled(), merged: Vec::new() }))
}

fn ready(row: &DocumentRow, step: &Step) -> Result<(), Failure> {
    allowed(row, Action::Declare)?;
    if row.version == step.base { Ok(()) } else { Err(look_again()) }
}

/// What is checked and written before the lock is taken.
struct Done {
    findings: Vec<Finding>,
    head: Values,
    lists: Vec<Vec<Row<Values>>>,
    base: Option<Base>,
    book: Option<UnderBook>,
    message: Outgoing,
}

impl Done {
    fn of(work: Gathered, message_type: &'static str) -> Self {
        let findings = work.findings();
        let Gathered { kind, row, mut head, lists, base, book, papers, now, .. } = work;
        head.set("declared_at", show_date(in_china(now).date_naive()));
        let message_id = MessageRef::new(message_type, &row.id, row.declare_round + 1).to_string();
        let body = declaration(&Declaration {
            message_type,
            message_id: &message_id,
            sent_at: now,
            kind,
            head: &head,
            lists: &lists,
            papers: &papers,
            marked: base.is_some(),
        });
        let message = Outgoing {
            message_id,
            operator_code: row.operator_code,
            document_id: row.id,
            message_type: message_type.to_owned(),
            body,
        };
        Self { findings, head, lists, base, book, message }
    }
}
