//! 暂存 of the head: creates the document the first time, else changes it. Called by `api`. Believes nothing that a
//! browser sends in grey fields: they keep what is stored, or are filled anew.

use super::create::number_is_free;
use super::{Origin, base_of, create, operation};
use crate::document::guard::{self, allowed, authorise, changed_meanwhile, enterable, head_of, meta, storable, touch};
use crate::document::kind::{HEAD, Kind};
use crate::document::store::{self, DocumentRow};
use crate::document::{Action, SaveHead, Saved};
use crate::error::Stored;
use crate::form::{Difference, Finding, Merged, Severity, Source, Values, differences, merge, pointer};
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::{Message, Text, text};

/// Said of a head that was saved before and is gone.
const AGAIN: Text = text("再继续录入", "you can go on after that");

/// Stores the head.
///
/// # Errors
/// `Refused` with findings per field, or when somebody deleted the document; `Conflict` when somebody saved the head
/// since `base`; `Forbidden` for a document of an enterprise the caller does not act for.
pub async fn save_head(call: &Call, request: SaveHead) -> Result<Saved, Failure> {
    for _ in 0..ATTEMPTS {
        if let Some(saved) = attempt(call, &request).await? {
            return Ok(saved);
        }
    }
    Err(guard::look_again())
}

/// How often a head is merged anew because somebody else stored it between merging and locking.
const ATTEMPTS: usize = 5;

/// `None`: it is not any more what it was merged with.
async fn attempt(call: &Call, request: &SaveHead) -> Result<Option<Saved>, Failure> {
    // Before anything is said of the content: it may be a stranger's.
    let known = store::find(&call.state.db, &request.id.to_string()).await?;
    if let Some(row) = &known {
        authorise(&call.actor, row)?;
    }
    let office = call.state.office(&request.kind)?;
    let kind = office.kind();
    enterable(kind)?;
    let (codes, today) = (call.state.reference.codes(), call.state.clock.today());
    // What a browser sends in grey fields is ignored, from the first 暂存 on.
    let mut typed = Values::new(kind.head);
    typed.take_typed(&Values::filled_from(kind.head, &request.head).cleaned(today));
    // Before the lock: what the codes of the merged head fill in is looked up.
    let mut merged = match (&request.was, known.filter(|row| row.kind == kind.key)) {
        (Some(was), Some(row)) => {
            let Merged { values, taken, overlapping } = merge(HEAD, None, &typed, was, &head_of(kind, &row)?, today);
            typed = Values::new(kind.head);
            typed.take_typed(&values);
            Some(With { from: row.head_version, taken, overlapping })
        }
        _ => None,
    };
    storable(kind.rules.check_head(&typed, None, &codes, today, false))?;
    storable(office.look_up(&call.state.db, &call.actor, &mut typed, today).await?)?;

    let mut tx = call.state.db.begin().await?;
    if request.base == 0 {
        // The same 暂存 sent twice at once: the second finds what the first stored.
        store::reserve(&call.state.db, &mut tx, &request.id.to_string()).await?;
    }
    let found = guard::lock(&mut tx, call, request.id).await?;
    let was_done = operation::is_done(&mut tx, &request.id.to_string(), request.op).await?;
    let mut is_settled = true;
    let (row, head) = match found {
        None if request.base == 0 && !was_done => create(&mut tx, call, kind, request.id, typed, Origin::New).await?,
        None => return Err(guard::missing(&mut tx, call, request.id, AGAIN).await?),
        Some(row) if row.kind != kind.key => return Err(Failure::Forbidden),
        Some(row) if was_done => {
            let head = head_of(kind, &row)?;
            return Ok(Some(Saved { meta: meta(&row)?, head: head.filled(), merged: Vec::new() }));
        }
        Some(row) if merged.as_ref().is_some_and(|with| with.from != row.head_version) => return Ok(None),
        Some(row) => {
            let named = operation::base(&mut tx, &row.id, request.base, Some(row.head_version)).await?;
            // Nobody stored it since: what differs is what the server filled in, or was told before.
            if let Some(with) = merged.as_mut().filter(|with| with.from == named) {
                with.taken.clear();
            }
            let before = row.version;
            let changed = change(&mut tx, call, kind, row, (typed, request.base == 0), merged.as_ref(), named).await?;
            is_settled = named >= 0 || changed.0.version != before;
            changed
        }
    };
    // As for rows.
    if is_settled {
        operation::note(&mut tx, call, &row, request.op).await?;
    }
    storable(office.storing(&mut tx, &row).await?)?;
    tx.commit().await?;
    Ok(Some(Saved {
        meta: meta(&row)?,
        head: head.filled(),
        merged: merged.map(|with| with.taken).unwrap_or_default(),
    }))
}

/// What a head was merged with, and what came of it.
struct With {
    /// The version of the head.
    from: i64,
    /// What the sender did not know.
    taken: Vec<Difference>,
    /// What both changed.
    overlapping: Vec<Difference>,
}

async fn change(
    tx: &mut Tx,
    call: &Call,
    kind: &'static Kind,
    mut row: DocumentRow,
    (typed, is_first): (Values, bool),
    merged: Option<&With>,
    named: i64,
) -> Result<(DocumentRow, Values), Failure> {
    let from = merged.map_or(named, |with| with.from);
    let stored = head_of(kind, &row)?;
    let mut head = stored.clone();
    head.take_typed(&typed);
    // An internal number, once given, is not lost by clearing the field.
    if head.get("internal_no").is_empty() {
        head.set("internal_no", stored.get("internal_no"));
    }
    // What is filled in by itself is no difference: the first 暂存 sent once more left those fields empty, too.
    if is_first {
        kind.rules.start(&mut head, &call.actor.enterprise, call.state.clock.today());
    }
    kind.rules.fix(&mut head);
    let differing = differences(HEAD, None, &head, &stored);
    let looked_up = || kind.head.iter().filter(|field| field.source == Source::LookedUp);
    let is_settled = merged.is_some_and(|with| with.overlapping.is_empty())
        && looked_up().all(|field| typed.get(field.key) == stored.get(field.key));
    if differing.is_empty() && (row.head_version != from || is_settled) {
        // The same 暂存 once more (a repeated request), or somebody typed the very same.
        return Ok((row, stored));
    }
    allowed(&row, Action::Edit)?;
    if let Some(with) = merged.filter(|with| !with.overlapping.is_empty()) {
        let stored = Stored { version: row.head_version, content: stored.filled() };
        return Err(changed_meanwhile(with.overlapping.clone(), Some(stored)));
    }
    if row.head_version != from {
        let stored = Stored { version: row.head_version, content: stored.filled() };
        return Err(changed_meanwhile(differing, Some(stored)));
    }
    // What the typed codes fill in, as it was just looked up.
    for field in looked_up() {
        head.set(field.key, typed.get(field.key));
    }
    same_operator(&row, &head)?;
    let base = base_of(&mut **tx, kind, &row).await?;
    let (codes, today) = (call.state.reference.codes(), call.state.clock.today());
    storable(kind.rules.check_head(&head, base.as_ref(), &codes, today, false))?;
    row.identify(kind, &mut head);
    row.set_head(kind, &head)?;
    number_is_free(tx, call, &row).await?;
    row.head_version = row.version + 1;
    touch(tx, call, &mut row).await?;
    guard::record(tx, call, &row, "save_head", &serde_json::to_value(&differing)?).await?;
    Ok((row, head))
}

/// A document stays with the enterprise it was saved for. An agent that acts for two enterprises could otherwise show
/// one of them what the other has entered.
fn same_operator(row: &DocumentRow, head: &Values) -> Result<(), Failure> {
    let code = head.get("operator_code");
    if row.operator_code == code {
        return Ok(());
    }
    let finding = Finding::new(
        "head.operator_fixed",
        pointer(HEAD, None, "operator_code"),
        Severity::Save,
        format!("已暂存的数据不能由经营单位{}改为{code}，请改回", row.operator_code),
        format!("What was saved for operator {} cannot become {code}'s; change it back", row.operator_code),
    );
    Err(Failure::Refused {
        message: Message::new(
            "未能暂存：经营单位不能更换。如需换经营单位，请把内容存为模板，再新建并使用该模板。",
            "Not saved: the operator cannot change. Keep the content as a template and use it in a new document.",
        ),
        findings: vec![finding],
    })
}
