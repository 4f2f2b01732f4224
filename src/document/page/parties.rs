//! The enterprises named in a head: Enter in a code fills credit code and name. Used by the form of the head, by
//! drafts and templates that put codes back; asks the server, stores nothing.

use leptos::prelude::*;

use super::state::DocumentState;
use crate::document::kind::Kind;
use crate::text::Message;
use crate::ui::call::call;

/// Fields whose Enter looks an enterprise up. The list lives as long as the program: call this once per screen.
pub fn party_codes(kind: &'static Kind) -> &'static [&'static str] {
    Vec::leak(kind.parties.iter().map(|party| party.code).collect())
}

/// Fills credit code and name of a party from its code.
///
/// # Errors
/// Why there is nothing to fill in, for the user.
pub async fn look_up_party(state: DocumentState, key: &str) -> Result<(), Message> {
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
            fill(found.uscc, found.name);
            Ok(())
        }
        Err(error) => {
            fill(String::new(), String::new());
            Err(error.message)
        }
    }
}
