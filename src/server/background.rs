//! Work beside the requests: what takes its time goes on a thread that may, what comes again and again goes round in a task.
//! Used by services and workers; it knows none of them.

use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::failure::Failure;

/// Longest pause when every round fails.
const LONGEST: Duration = Duration::from_secs(30);

/// Goes round and round until told to stop: at once again after a round that found work (`true`), else after `idle` or when
/// `bell` rings, and ever more rarely while rounds fail. Each round is a task of its own: a panic over one piece of work must
/// not end the others.
pub async fn rounds<F>(what: &str, idle: Duration, bell: &Notify, stop: CancellationToken, round: impl Fn() -> F + Send)
where
    F: Future<Output = Result<bool, Failure>> + Send + 'static,
{
    let mut pause = idle;
    while !stop.is_cancelled() {
        match tokio::spawn(round()).await {
            Ok(Ok(true)) => {
                pause = idle;
                continue;
            }
            Ok(Ok(false)) => pause = idle,
            Ok(Err(error)) => {
                tracing::error!(?error, "{what} failed, tried again later");
                pause = (pause * 2).min(LONGEST);
            }
            Err(panic) => {
                tracing::error!(error = %panic, "{what} panicked, tried again later");
                pause = (pause * 2).min(LONGEST);
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = bell.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Runs `work` beside the threads that answer requests.
///
/// # Errors
/// Its own, and `Internal` when it panicked.
pub async fn aside<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Failure::Internal(format!("{what}: {error}"))))
}
