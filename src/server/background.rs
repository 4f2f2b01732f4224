//! Work that takes its time on a thread that may: thousands of rows are not checked where requests are answered.
//! Used by services; it knows none of them.

use super::failure::Failure;

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
