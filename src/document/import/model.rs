//! What browser and server exchange about an import: the report with what each choice would do, the
//! decision, the result.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::document::kind::Kind;
use crate::document::{Document, Query, Status};
use crate::text::{Message, Text, text};

/// The largest file that is taken, in bytes; the browser says so before it sends one.
pub const LARGEST_FILE: u64 = 10 << 20;
/// Addresses of the routes beside the server functions.
pub const UPLOAD: &str = "/api/document/import_upload";
pub const TEMPLATE: &str = "/api/document/import_template";
pub const RETURNED: &str = "/api/document/import_returned";
pub const EXPORT_ROWS: &str = "/api/document/export_rows";
pub const EXPORT_LIST: &str = "/api/document/export_list";
pub const EXPORT_DECLARED: &str = "/api/document/export_declared";
pub const EXPORT_RECEIPTS: &str = "/api/document/export_receipts";

/// What becomes of rows that the document has already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// They stay; all rows of the file are new.
    #[default]
    Append,
    /// The row with the same 商品料号 is replaced.
    ByMaterial,
    /// The row with the same 商品序号 is replaced.
    BySeq,
}

impl Mode {
    pub const ALL: [Self; 3] = [Self::Append, Self::ByMaterial, Self::BySeq];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::ByMaterial => "by_material",
            Self::BySeq => "by_seq",
        }
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Append => text("追加到表体末尾", "Append"),
            Self::ByMaterial => text("按商品料号替换", "Replace by material no."),
            Self::BySeq => text("按商品序号替换", "Replace by item no."),
        }
    }
}

/// Something about a cell or a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Key of the list.
    pub section: String,
    /// As Excel shows it, from 1.
    pub row: u32,
    /// Letters of the column; empty when the file has none for the field, or it is about the row.
    pub column: String,
    /// Label of the field.
    pub field: Message,
    /// What stands in the cell.
    pub value: String,
    pub reason: Message,
}

/// A sheet of the file that is one of the lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Key of the list.
    pub section: String,
    /// Name of the sheet.
    pub sheet: String,
    pub rows: usize,
}

/// What an import would do to one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Key of the list.
    pub section: String,
    pub added: usize,
    pub replaced: usize,
    /// The document has the very same row.
    pub unchanged: usize,
    pub bad: usize,
}

/// What one choice of [`Mode`] would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub mode: Mode,
    /// Why this choice cannot be made at all.
    pub impossible: Option<Message>,
    pub counts: Vec<Counts>,
    /// Numbers of the rows that would be replaced, by key of their list.
    pub replaces: Vec<(String, Vec<i64>)>,
    /// The first of them; all are in the returned workbook.
    pub problems: Vec<Problem>,
    pub problem_count: usize,
    /// What may be imported as it is but must be mended before 申报; the first of them.
    pub hints: Vec<Problem>,
    pub hint_count: usize,
    /// What was completed, rounded or not taken over, and must be looked at; the first of it.
    pub notices: Vec<Problem>,
    pub notice_count: usize,
}

impl Plan {
    /// Added, replaced, unchanged and bad rows of all lists.
    pub fn total(&self) -> (usize, usize, usize, usize) {
        self.counts.iter().fold((0, 0, 0, 0), |sum, one| {
            (sum.0 + one.added, sum.1 + one.replaced, sum.2 + one.unchanged, sum.3 + one.bad)
        })
    }
}

/// What was read of a file, and what importing it would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub id: Uuid,
    pub file_name: String,
    /// Version of the document the report was made for: nobody imports into what they have not seen.
    pub base: i64,
    pub parts: Vec<Part>,
    /// One per [`Mode`].
    pub plans: Vec<Plan>,
    /// About the file: macros, formulas, columns that are no field.
    pub notes: Vec<Message>,
    /// The most memory reading it took, in KiB.
    pub peak_kib: u64,
}

/// The decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apply {
    pub id: Uuid,
    pub base: i64,
    pub mode: Mode,
    /// Import the good rows and leave the bad ones out; otherwise one bad row keeps all out.
    pub only_good: bool,
}

/// What was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub document: Document,
    pub added: usize,
    pub replaced: usize,
    pub unchanged: usize,
    /// Bad rows left out.
    pub left: usize,
}

/// Address of one list of a document as a workbook, with these columns.
pub fn export_rows(document: Uuid, section: &str, columns: &[&str]) -> String {
    format!("{EXPORT_ROWS}?document={document}&section={section}&columns={}", columns.join(","))
}

/// Address of what a document declares, as a file for the program in which it is really declared: `xlsx` or `xml`.
pub fn export_declared(document: Uuid, format: &str) -> String {
    format!("{EXPORT_DECLARED}?document={document}&format={format}")
}

/// Address of the receipts of a document as a workbook.
pub fn export_receipts(document: Uuid) -> String {
    format!("{EXPORT_RECEIPTS}?document={document}")
}

/// Name of the template of a kind of document, as the manual has it (lines 263, 299); a kind is not filed alone.
pub fn template_name(kind: &Kind) -> String {
    format!("{}界面导入说明文档.xlsx", kind.name())
}

/// Address of the template of a kind of document.
pub fn template_address(kind: &str) -> String {
    format!("{TEMPLATE}?kind={kind}")
}

/// Address of the query list as a workbook: what the conditions find, on all pages.
pub fn export_list(query: &Query, columns: &[&str]) -> String {
    let status = query.status.map_or("", Status::code);
    let descending = if query.descending { "true" } else { "false" };
    let pairs = [
        ("list", query.list.as_str()),
        ("kind", &query.kind),
        ("operator_code", &query.operator_code),
        ("book_no", &query.book_no),
        ("seq_no", &query.seq_no),
        ("internal_no", &query.internal_no),
        ("entry_no", &query.entry_no),
        ("status", status),
        ("decl_type", &query.decl_type),
        ("change_seq", &query.change_seq),
        ("input_from", &query.input_from),
        ("input_to", &query.input_to),
        ("sort", &query.sort),
        ("descending", descending),
        ("columns", &columns.join(",")),
    ];
    let pairs: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))).collect();
    format!("{EXPORT_LIST}?{}", pairs.join("&"))
}

/// The query that [`export_list`] wrote into an address; `take` finds a part of it by its name.
pub fn list_query(take: impl Fn(&str) -> String) -> Query {
    Query {
        list: take("list"),
        kind: take("kind"),
        operator_code: take("operator_code"),
        book_no: take("book_no"),
        seq_no: take("seq_no"),
        internal_no: take("internal_no"),
        entry_no: take("entry_no"),
        status: Status::from_code(&take("status")),
        decl_type: take("decl_type"),
        change_seq: take("change_seq"),
        input_from: take("input_from"),
        input_to: take("input_to"),
        sort: take("sort"),
        descending: take("descending") == "true",
        page: 0,
        page_size: 0,
    }
}
