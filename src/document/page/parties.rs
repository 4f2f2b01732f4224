//! The enterprises named in a head: Enter in a code fills credit code and name. Used by the form of the head, by
//! drafts and templates that put codes back; asks the server, stores nothing.

use leptos::prelude::*;

use super::state::DocumentState;
use crate::account::rules::customs_code_fault;
use crate::document::api;
use crate::document::kind::{HEAD, Kind};
use crate::error::ApiError;
use crate::form::{Field, Source, Values, pointer};
use crate::text::{Message, Text};
use crate::ui::call::call;
use crate::ui::toast;
use crate::workspace::{copies, journal};

/// Fields whose Enter looks an enterprise up. The list lives as long as the program: call this once per screen.
pub fn party_codes(kind: &'static Kind) -> &'static [&'static str] {
    Vec::leak(codes(kind).collect())
}

/// Fields of a head in which a code is typed that is looked up: the account book, then the parties.
pub fn codes(kind: &'static Kind) -> impl Iterator<Item = &'static str> {
    let typed = |code: &&str| kind.field(code).is_some_and(Field::is_typed);
    kind.book.into_iter().chain(kind.parties.iter().map(|party| party.code)).filter(typed)
}

/// Fills what the code in a field stands for: a party, or the account book.
///
/// # Errors
/// Why there is nothing to fill in, for the user.
pub async fn look_up(state: DocumentState, key: &str) -> Result<(), Message> {
    if state.kind.book == Some(key) { look_up_book(state, key).await } else { look_up_party(state, key).await }
}

/// Fills what the account book says: operator, currency.
async fn look_up_book(state: DocumentState, key: &str) -> Result<(), Message> {
    let asked = state.head.values();
    let is_still = || state.head.accepted().get(key) == asked.get(key);
    let answer = call(|| api::look_up(state.kind.key.to_owned(), asked.filled())).await;
    if !is_still() {
        return answer.map(|_| ()).map_err(|error| error.message);
    }
    if answer.as_ref().is_err_and(goes_on_without) {
        return unknown_for_now(asked.get(key), None);
    }
    let found = answer.map_err(|error| error.message)?;
    let filled = Values::filled_from(state.kind.head, &found.head);
    let now = state.head.accepted();
    // What a person typed stays; what is grey, or still empty, is filled.
    for field in
        state.kind.head.iter().filter(|field| field.source == Source::LookedUp || now.get(field.key).is_empty())
    {
        if now.get(field.key) != filled.get(field.key) {
            state.head.patch(field.key, filled.get(field.key).to_owned());
        }
    }
    state.typed.update(|count| *count += 1);
    let at = pointer(HEAD, None, key);
    found.findings.into_iter().find(|one| one.pointer == at).map_or(Ok(()), |one| Err(one.message))
}

/// True where work goes on without the server: it is away, and this browser keeps what is typed and saved.
fn goes_on_without(error: &ApiError) -> bool {
    error.kind.is_away() && untrack(journal::why_not_here).is_none()
}

/// The server is away: a code of the right form is believed until it answers, and then looked up when it is saved.
fn unknown_for_now(code: &str, fault: Option<Text>) -> Result<(), Message> {
    if let Some(fault) = fault {
        return Err(fault.into());
    }
    toast::info(Message::new(
        format!("离线：{code}尚未核对，连上服务器后存盘时核对并返填。"),
        format!("Offline: {code} is not looked up yet; that is done when it reaches the server."),
    ));
    Ok(())
}

/// Fills credit code and name of a party from its code.
///
/// # Errors
/// Why there is nothing to fill in, for the user.
async fn look_up_party(state: DocumentState, key: &str) -> Result<(), Message> {
    let Some(party) = state.kind.parties.iter().find(|party| party.code == key) else { return Ok(()) };
    let code = state.head.values().get(key).to_owned();
    let is_still = || state.head.accepted().get(key) == code;
    let fill = |uscc: String, name: String| {
        for (field, value) in party.looked_up().iter().zip([uscc, name]) {
            state.head.patch(field, value);
        }
        state.typed.update(|count| *count += 1);
    };
    if code.is_empty() {
        fill(String::new(), String::new());
        return Ok(());
    }
    let answer = call(|| crate::account::api::enterprise(code.clone())).await;
    // Another code stands there by now, and has a look-up of its own.
    if !is_still() {
        return answer.map(|_| ()).map_err(|error| error.message);
    }
    match answer {
        Ok(found) => {
            fill(found.uscc.clone(), found.name.clone());
            copies::keep_party(&found).await;
            Ok(())
        }
        Err(error) if goes_on_without(&error) => {
            let known = copies::party(&code).await;
            if known.is_none() {
                unknown_for_now(&code, customs_code_fault(&code))?;
            }
            if is_still() {
                let known = known.unwrap_or_default();
                fill(known.uscc, known.name);
            }
            Ok(())
        }
        Err(error) => {
            fill(String::new(), String::new());
            Err(error.message)
        }
    }
}
