//! The part `frame`: what is around the open documents, and the account; all that is there after the sign-in. `app` begins
//! to fetch it at once and places it then.

use leptos::task::spawn_local;
use leptos::wasm_split::wasm_split;

use super::parts::{Draw, NotLoaded, Part};
use super::workspace;
use crate::error::ApiError;

/// Takes why the server did not say who is signed in, where it did not.
pub const FRAME: Part<Option<ApiError>> = Part { name: "frame", fetch: || Box::pin(in_frame()) };

// The first word names the part. The function takes nothing and gives a pointer into the part, so that neither
// generics nor the life of an argument ever cross its edge.
#[wasm_split(frame, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_frame))]
fn in_frame() -> Result<Draw<Option<ApiError>>, NotLoaded> {
    Ok(workspace::draw)
}

/// Fetches what is needed after the sign-in, while that goes on. Whether it came is found out when it is needed.
pub fn begin() {
    spawn_local(async {
        let _ = fetch_frame().await;
    });
}
