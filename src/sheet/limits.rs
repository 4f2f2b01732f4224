//! Every limit of what is read from a file, in one place. Those of the child process bound the memory
//! of the machine whatever a file does; the others let an honest mistake end in a sentence that names it.

use std::time::Duration;

/// The largest file that is taken.
pub const FILE: usize = 10 << 20;
/// Rows with anything in them, per sheet; the heading may stand a few rows below the top.
pub const ROWS: usize = 5_000;
/// The heading stands within these rows.
pub const HEADING_WITHIN: usize = 10;
/// Lines of a text file, blank ones included: as many as Excel has rows.
pub const LINES: usize = 1 << 20;
/// Sheets that are looked at where none bears the name of a list.
pub const SHEETS: usize = 10;
/// Columns that are looked at.
pub const COLUMNS: usize = 100;
/// Files within an .xlsx that are read: Excel makes a few dozen.
pub const ENTRIES: usize = 500;
/// All files within an .xlsx, with the pictures, which are not.
pub const ENTRIES_WITH_PICTURES: usize = 12_000;
/// What the files within an .xlsx may unpack to.
pub const UNPACKED: u64 = 128 << 20;
/// Text of one cell that is kept; longer than any field takes, so that what is cut is refused anyway.
pub const CELL: usize = 8_192;
/// Text of all cells together.
pub const TEXT: usize = 16 << 20;
/// Merged areas that are looked at.
pub const MERGED: usize = 2_000;

/// Memory of the child process (`RLIMIT_DATA`): heap, and everything else that is not read from a file.
pub const MEMORY: u64 = 192 << 20;
/// Addresses of the child process, for systems that do not count memory as Linux does.
pub const ADDRESSES: u64 = 1 << 30;
/// What a child process may hold in memory at its peak: the above and the program itself.
pub const RESIDENT: u64 = 256 << 20;
/// Seconds of processor time of the child process.
pub const PROCESSOR: u64 = 10;
/// How long the server waits for the child process.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// What the child process may answer; all cells as JSON, and room for their marks.
pub const ANSWER: usize = 48 << 20;
/// Child processes at once; others wait their turn.
pub const AT_ONCE: usize = 2;
/// Bytes of uploads held in memory at once, all together: eight of the largest files. Taken as they
/// arrive, so that a slow line holds no more than it has sent.
pub const UPLOADS: usize = 8 * FILE;
/// How long an upload waits for the others to make room.
pub const ROOM: Duration = Duration::from_secs(20);
