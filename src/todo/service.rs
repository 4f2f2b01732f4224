//! 待办 of a caller: what waits for the enterprises it acts for. Reads, and changes nothing.
//! Called by `api`.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use uuid::Uuid;

use super::model::{Checked, Count, Item, MOST, MOST_CHECKED, Todo, Why};
use super::rules::{BACK, InHand, ahead, of_book, of_check, of_document};
use super::store::{self, Book, Left};
use crate::account_book::Life;
use crate::document::place::part_of;
use crate::document::{Action, Status, service};
use crate::form::{in_china, show_date, show_time};
use crate::server::call::Call;
use crate::server::db::stamp;
use crate::server::failure::Failure;
use crate::server::state::AppState;
use crate::text::Message;

const UNDER_WAY: &[Status] = &[Status::Declared, Status::Sent, Status::Entered, Status::Manual];
/// Books are counted as they are read: more of them end at once for nobody.
const MOST_BOOKS: i64 = 5_000;

/// What waits.
///
/// # Errors
/// `Forbidden` for an enterprise the caller does not act for.
pub async fn list(call: &Call, operator_code: &str) -> Result<Todo, Failure> {
    let Call { state, actor } = call;
    let all = actor.operators();
    if !operator_code.is_empty() && !actor.acts_for(operator_code) {
        return Err(Failure::Forbidden);
    }
    let asked: Vec<&str> = if operator_code.is_empty() { all.clone() } else { vec![operator_code] };
    let now = state.clock.now();
    let today = in_china(now).date_naive();
    let long_ago = stamp(now - TimeDelta::days(state.config.remind.under_way));
    let mut counts: BTreeMap<(String, Why), i64> = BTreeMap::new();
    let mut items = Vec::new();

    for (why, states, before) in
        [(Why::Returned, BACK, ""), (Why::UnderWay, UNDER_WAY, long_ago.as_str()), (Why::Draft, &[Status::Draft], "")]
    {
        for (operator, count) in store::counts(&state.db, &all, states, before).await? {
            *counts.entry((operator, why)).or_default() += count;
        }
        for document in store::documents(&state.db, &asked, states, (before, MOST)).await? {
            items.push(item_of(state, why, document)?);
        }
    }
    let until = show_date(today + TimeDelta::days(ahead(&state.config.remind)));
    for book in store::books(&state.db, &all, Life::Active.code(), (&until, MOST_BOOKS)).await? {
        let Some((why, told, on)) = of_book(&book.ending, today, &state.config.remind) else { continue };
        let Book { operator_code, book_no, document_id, kind, .. } = book;
        *counts.entry((operator_code.clone(), why)).or_default() += 1;
        if asked.contains(&operator_code.as_str()) {
            let id = uuid(&document_id)?;
            let (name, since) = (book_no, show_date(on));
            let (document, editable, version) = (Some(id), false, 0);
            items.push(Item { why, id, operator_code, kind, document, editable, version, name, told, since });
        }
    }
    for left in store::imports(&state.db, &actor.user_id, &stamp(now)).await? {
        let item = of_import(left, &actor.enterprise.code)?;
        if all.contains(&item.operator_code.as_str()) {
            *counts.entry((item.operator_code.clone(), Why::Import)).or_default() += 1;
        }
        if asked.contains(&item.operator_code.as_str()) {
            items.push(item);
        }
    }
    // Of a sort, as it was read: what ends first, what came last.
    items.sort_by_key(|item| item.why);
    let counts = counts.into_iter().map(|((operator_code, why), count)| Count { operator_code, why, count });
    Ok(Todo { items, counts: counts.collect() })
}

/// What drafts lack, at most [`MOST_CHECKED`] of them, as many as can be looked at in a moment: up to the last one answered all
/// were, and those left out are gone. Nothing: so are all of them.
///
/// # Errors
/// Those of the database.
pub async fn check(call: &Call, mut ids: Vec<Uuid>) -> Result<Vec<Checked>, Failure> {
    ids.truncate(MOST_CHECKED);
    let told = |one: service::Checked| {
        let place = |pointer: &str, language| part_of(one.kind, pointer, language);
        Checked { id: one.id, version: one.version, told: of_check(&one.faults, place) }
    };
    Ok(service::check(call, &ids).await?.into_iter().map(told).collect())
}

fn uuid(id: &str) -> Result<Uuid, Failure> {
    id.parse().map_err(|_| Failure::Internal(format!("id {id:?}")))
}

fn item_of(state: &AppState, why: Why, document: InHand) -> Result<Item, Failure> {
    let (told, since) = of_document(why, &document, state.clock.today(), &state.config.remind);
    let since = show_time(since);
    Ok(Item {
        why,
        id: uuid(&document.id)?,
        document: Some(uuid(&document.id)?),
        editable: document.status.allows(Action::Edit),
        version: document.version,
        name: document.name().to_owned(),
        told,
        since,
        operator_code: document.operator_code,
        kind: document.kind,
    })
}

fn of_import(left: Left, own: &str) -> Result<Item, Failure> {
    let is_list = left.document_id.is_empty();
    let until = show_time(&left.expires_at);
    let file_name = &left.file_name;
    let told = if is_list {
        Message::new(
            format!("报关单清单“{file_name}”已读取，未登记；{until}后需要重新上传"),
            format!("The list “{file_name}” was read and not registered; after {until} it has to be uploaded again"),
        )
    } else {
        Message::new(
            format!("“{file_name}”已读取，未导入；{until}后需要重新上传"),
            format!("“{file_name}” was read and not imported; after {until} it has to be uploaded again"),
        )
    };
    Ok(Item {
        why: Why::Import,
        id: uuid(&left.id)?,
        operator_code: if is_list { own.to_owned() } else { left.operator_code },
        kind: left.kind,
        document: if is_list { None } else { Some(uuid(&left.document_id)?) },
        editable: true,
        version: 0,
        name: if is_list { left.file_name } else { left.internal_no },
        told,
        since: show_time(&left.created_at),
    })
}
