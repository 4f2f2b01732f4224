//! Spreadsheets: reads what people upload, finds their columns by the field tables, writes workbooks.
//! Uploads are read in a child process with hard limits (`child`, `reader`). Used by the import and
//! export of the business folders; knows no business word, only `&[Field]`.

pub mod cell;
pub mod child;
pub mod convert;
pub mod layout;
pub mod limits;
pub mod list;
mod open;
pub mod reader;
mod write;

pub use cell::{Area, Cell, RawRow, RawSheet, Workbook, address, letters};
pub use layout::{Headings, Layout, find_layout};
pub use open::{Refusal, open};
pub use reader::{process, read};
pub use write::{Bars, Column, Output, OutputSheet, TemplateSheet, cell_of, template};
