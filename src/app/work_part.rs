//! The part `work`: the screens of the business folders. `panels` places it; the frame fetches it when the page is idle.
//! Draws nothing itself.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::wasm_split;

use super::parts::{Draw, NotLoaded, Part};
use super::{dialogs_part, pages};
use crate::hint::page as hint;
use crate::workspace::queue;
use crate::workspace::tabs::OpenTab;

/// How long after the sign-in what is not needed yet is fetched.
const IDLE: Duration = Duration::from_millis(800);

pub const WORK: Part<OpenTab> = Part { name: "work", fetch: || Box::pin(in_work()) };

// As in `frame_part`.
#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_work))]
fn in_work() -> Result<Draw<OpenTab>, NotLoaded> {
    Ok(pages::page)
}

/// The same file with what is there when no tab is open.
pub const START: Part<()> = Part { name: "work", fetch: || Box::pin(in_start()) };

#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible)]
fn in_start() -> Result<Draw<()>, NotLoaded> {
    Ok(|()| pages::start())
}

/// The same file with what sends saves that wait, and what hears of changes elsewhere.
#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible)]
fn in_queue() -> Result<fn(), NotLoaded> {
    Ok(|| {
        queue::start();
        hint::start();
    })
}

/// Fetches the part when the page is idle: nothing is missing when the line goes later. What waits for the server goes on
/// from then.
pub fn complete() {
    let owner = Owner::current();
    set_timeout(
        || {
            spawn_local(async move {
                let _ = fetch_work().await;
                if let (Ok(start), Some(owner)) = (in_queue().await, owner) {
                    owner.with(start);
                }
                dialogs_part::complete().await;
            });
        },
        IDLE,
    );
}
