//! Has a PDF looked through by a process of its own: a file somebody brings along may break what reads it. Used at the end
//! of an upload; knows no document.

use std::process::Stdio;

use futures_util::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Semaphore;

use crate::attachment::pdf::{COMMAND, Flaw};
use crate::server::failure::Failure;
use crate::server::state::AppState;
use crate::sheet::process;
use crate::text::Message;

/// Processes at once; others wait their turn.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Refuses a PDF that nobody at customs could read.
///
/// # Errors
/// `Refused` with what is wrong with it; others when it could not be looked through.
pub async fn check(state: &AppState, name: &str, object: &str) -> Result<(), Failure> {
    let broken = |what: &dyn std::fmt::Display| Failure::Internal(format!("reading a PDF: {what}"));
    let _turn = AT_ONCE.acquire().await.map_err(|error| broken(&error))?;
    let mut child =
        process(&state.config.sheet_reader, COMMAND).stderr(Stdio::null()).spawn().map_err(|error| broken(&error))?;
    let mut input = child.stdin.take().ok_or_else(|| broken(&"no input"))?;
    let mut bytes = state.storage.store()?.get(&Path::from(object)).await?.into_stream();
    let feed = async {
        while let Some(some) = bytes.try_next().await? {
            // It may have ended before it took everything; how it ended says more.
            if input.write_all(&some).await.is_err() {
                break;
            }
        }
        drop(input);
        Ok::<_, Failure>(())
    };
    let (fed, output) = tokio::join!(feed, child.wait_with_output());
    fed?;
    let output = output.map_err(|error| broken(&error))?;
    let flaw = if output.status.success() {
        serde_json::from_slice::<Option<Flaw>>(&output.stdout)?
    } else {
        // A limit stopped it, or the file broke it: nor would a reader open it.
        tracing::warn!(status = %output.status, "a PDF broke the reading process");
        Some(Flaw::Broken)
    };
    let Some(words) = flaw.map(Flaw::words) else { return Ok(()) };
    Err(Failure::refused(Message::new(
        format!("文件“{name}”{}。", words.zh),
        format!("The file “{name}” {}.", words.en),
    )))
}
