//! What browser and server exchange of unsaved text, and how much of it there may be.
//! The text itself is the browser's business.

use serde::{Deserialize, Serialize};

/// Letters of a name.
pub const LONGEST_NAME: usize = 200;
/// Texts of one user.
pub const MOST_TEXTS: i64 = 300;
/// Letters of all texts of one user.
pub const MOST_LETTERS: i64 = 8_000_000;

/// One text, by the name the browser gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub name: String,
    /// `None`: it is kept no longer.
    pub text: Option<String>,
}
