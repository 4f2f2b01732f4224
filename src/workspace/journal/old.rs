//! What releases before the journal kept of a user in localStorage moves over into it, once. Used by `journal` while it opens.
//! Knows names and texts only.

use leptos::prelude::window;
use wasm_bindgen::JsValue;

use super::database::{Database, Durability, Store};
use super::seal::Seal;

/// In front of the names the journal has.
const OLD: &str = "opbook.";

/// Moves over what there is; what cannot be moved stays where it is.
pub(super) async fn move_over(database: &Database, seal: &Seal, login: &str) -> Result<(), JsValue> {
    let Some(storage) = window().local_storage()? else { return Ok(()) };
    let front = format!("{OLD}draft.{login}.");
    let names = (0..storage.length()?).filter_map(|at| storage.key(at).ok()?);
    let names: Vec<String> = names.filter(|name| name.starts_with(&front)).collect();
    let mut writes = Vec::new();
    for name in &names {
        let (Some(text), Some(new)) = (storage.get_item(name)?, name.strip_prefix(OLD)) else { continue };
        writes.push((new.to_owned(), Some(seal.close(new, &text).await?)));
    }
    if !writes.is_empty() {
        database.write(Store::Texts, &writes, Durability::Strict).await?;
        for name in &names {
            storage.remove_item(name)?;
        }
    }
    Ok(())
}
