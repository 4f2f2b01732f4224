//! The part `work`: the screens of the business folders. `panels` places it; the frame fetches it when the page is idle.
//! Draws nothing itself.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::wasm_split;

use super::parts::{Draw, NotLoaded, Part};
use super::{dialogs_part, pages};
use crate::workspace::tabs::OpenTab;

/// How long after the sign-in what is not needed yet is fetched.
const IDLE: Duration = Duration::from_millis(800);

pub const WORK: Part<OpenTab> = Part { name: "work", fetch: || Box::pin(in_work()) };

// As in `frame_part`.
#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_work))]
fn in_work() -> Result<Draw<OpenTab>, NotLoaded> {
    Ok(pages::page)
}

/// The same file with the page of 待办, for where no tab is open.
pub const TODO: Part<()> = Part { name: "work", fetch: || Box::pin(in_todo()) };

#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible)]
fn in_todo() -> Result<Draw<()>, NotLoaded> {
    Ok(|()| pages::todo(None))
}

/// Fetches the part when the page is idle: nothing is missing when the line goes later.
pub fn complete() {
    set_timeout(
        || {
            spawn_local(async {
                let _ = fetch_work().await;
                dialogs_part::complete().await;
            });
        },
        IDLE,
    );
}
