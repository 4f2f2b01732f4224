//! 打印: a paper (title, forms, lists) typeset as an A4 PDF by the typst engine, with a Chinese font
//! embedded as a subset. Knows field tables and records, no business word; what a paper holds is
//! said by the business folders. The engine is behind the cargo feature `print`, it is most of a build.

#[cfg(feature = "print")]
mod engine;
#[cfg(feature = "print")]
mod font;
mod paper;
#[cfg(feature = "print")]
mod press;
pub mod readable;
mod seal;
mod table;

use std::path::Path;

pub use paper::{Boxed, Boxes, Cell, Form, Head, Listing, Paper, Part, Row};
pub use seal::seal;
pub use table::{form, listing, shown};

/// Packages that bring a font with all characters of Chinese names.
const FONT_PACKAGE: &str = "fonts-noto-cjk";

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    #[error("this program was built without the cargo feature `print`")]
    NotBuilt,
    #[error("no Chinese font found; on Debian: apt-get install {FONT_PACKAGE}, or name a font file in OPBOOK_FONT")]
    NoFont,
    #[error("the font {path} of OPBOOK_FONT cannot be used: {reason}")]
    BadFont { path: String, reason: String },
    #[error("too many papers are being printed")]
    Busy,
    /// A fault of ours.
    #[error("typesetting: {0}")]
    Engine(String),
}

/// Papers that are typeset at the same time. Each takes a core, and some 6 kB for every value on it:
/// about 150 MB for 1,000 rows.
#[cfg(feature = "print")]
static PRESSES: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);
/// A paper with more values than this is typeset alone.
#[cfg(feature = "print")]
const LARGE: usize = 30_000;
/// Who waits longer than this is told to come back.
#[cfg(feature = "print")]
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(20);

/// The paper as PDF. `font` is the setting `OPBOOK_FONT`; without it the usual folders are searched.
///
/// # Errors
/// [`PrintError::NoFont`] and [`PrintError::BadFont`] until the administrator has mended it,
/// [`PrintError::Busy`] when the queue is long.
#[cfg(feature = "print")]
pub async fn pdf(font: Option<&Path>, paper: Paper) -> Result<Vec<u8>, PrintError> {
    let presses = if paper.values() > LARGE { 2 } else { 1 };
    let Ok(Ok(permit)) = tokio::time::timeout(LONGEST_WAIT, PRESSES.acquire_many(presses)).await else {
        return Err(PrintError::Busy);
    };
    let font = font.map(Path::to_path_buf);
    let work = move || {
        // Held by the work itself: a reader who goes away does not stop it, so neither frees its place.
        let _permit = permit;
        press::press(&paper, font::load(font.as_deref())?.as_ref())
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(PrintError::Engine(error.to_string())))
}

/// The paper as PDF: not in this build.
///
/// # Errors
/// Always [`PrintError::NotBuilt`].
#[cfg(not(feature = "print"))]
pub async fn pdf(_font: Option<&Path>, _paper: Paper) -> Result<Vec<u8>, PrintError> {
    Err(PrintError::NotBuilt)
}
