//! Taking a file from a browser: how much of it, how long it may take, how many at once. Used by every route to which a
//! workbook is sent; does not look into the file.

use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt as _;
use tokio::sync::{Semaphore, SemaphorePermit};
use tower_http::timeout::TimeoutLayer;

use super::model;
use crate::server::failure::Failure;
use crate::sheet::limits;
use crate::text::Message;

/// Ten megabytes over a slow line, and the reading of them.
const SLOWEST: std::time::Duration = std::time::Duration::from_mins(5);

// What the browser tells of the largest file is what the server takes.
const _: () = assert!(model::LARGEST_FILE == limits::FILE as u64);

/// Room for uploads, by kilobytes.
static ROOM: Semaphore = Semaphore::const_new(limits::UPLOADS >> 10);

/// The route counts for itself, and says how much is too much.
pub fn unlimited() -> DefaultBodyLimit {
    DefaultBodyLimit::disable()
}

/// How long a route waits for a file.
pub fn patience() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SLOWEST)
}

/// The file in a body, and the room it takes for as long as it is held.
///
/// # Errors
/// `Refused` for one that is too large, or none; `Throttled` while too many are sent.
pub async fn file(headers: &HeaderMap, body: Body) -> Result<(Vec<u8>, SemaphorePermit<'static>), Failure> {
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > limits::FILE) {
        return Err(Failure::refused(too_large()));
    }
    let (bytes, room) = receive(body, &ROOM).await?;
    if bytes.is_empty() {
        return Err(Failure::refused(Message::new("文件是空的，请重新选择。", "The file is empty; choose another.")));
    }
    Ok((bytes, room))
}

async fn receive(body: Body, room: &'static Semaphore) -> Result<(Vec<u8>, SemaphorePermit<'static>), Failure> {
    let crowded = || Failure::Throttled {
        message: Message::new(
            "现在导入的人较多，请稍后再试。",
            "Many files are being imported right now; try again shortly.",
        ),
    };
    let mut taken = room.try_acquire().map_err(|_| crowded())?;
    let mut bytes = Vec::new();
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Failure::refused(too_large()))?;
        if bytes.len() + piece.len() > limits::FILE {
            return Err(Failure::refused(too_large()));
        }
        bytes.extend_from_slice(&piece);
        let more = (bytes.len() >> 10).saturating_sub(taken.num_permits());
        if more > 0 {
            let more = room.acquire_many(u32::try_from(more).unwrap_or(u32::MAX));
            let Ok(Ok(more)) = tokio::time::timeout(limits::ROOM, more).await else { return Err(crowded()) };
            taken.merge(more);
        }
    }
    Ok((bytes, taken))
}

fn too_large() -> Message {
    let megabytes = limits::FILE >> 20;
    Message::new(
        format!("文件超过{megabytes}MB或上传中断，未导入。请删除图片等不需要的内容，或分成几个文件。"),
        format!(
            "The file is larger than {megabytes} MB, or the upload broke off. Remove what is not needed, or split it."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    #[tokio::test]
    async fn who_sends_slowly_keeps_nobody_out() {
        // Eight people behind slow lines, or one with ill intent, would stop every import for minutes.
        static SMALL: Semaphore = Semaphore::const_new(64);
        let slow = || {
            let begun = stream::iter([Ok::<_, std::io::Error>(vec![7_u8; 100])]);
            Body::from_stream(begun.chain(stream::pending()))
        };
        let waiting: Vec<_> = (0..8).map(|_| tokio::spawn(receive(slow(), &SMALL))).collect();
        while SMALL.available_permits() > 56 {
            tokio::task::yield_now().await;
        }
        let (bytes, room) = receive(Body::from(vec![1; 40 << 10]), &SMALL).await.unwrap();
        assert_eq!((bytes.len(), room.num_permits()), (40 << 10, 40));
        waiting.iter().for_each(|one| one.abort());
    }
}
