//! What browser and server exchange about a list of entries to be registered: what was found of each, every problem by its
//! cell, the decision, the result. Knows no cells and no rules.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::document::import::model::Problem;
use crate::text::{Message, Text, text};

/// Addresses of the routes beside the server functions.
pub const UPLOAD: &str = "/api/entry/register_upload";
pub const TEMPLATE: &str = "/api/entry/register_template";
pub const RETURNED: &str = "/api/entry/register_returned";
/// Name of the template.
pub const TEMPLATE_NAME: &str = "报关单批量登记模板.xlsx";

/// What becomes of an entry of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It will be registered.
    New,
    /// Its number is here already.
    Known,
    /// Not of an account book: another 监管方式.
    Other,
    /// Something is wrong with it.
    Bad,
}

impl Outcome {
    /// Class of the style sheet and name.
    pub const fn choice(self) -> (&'static str, Text) {
        match self {
            Self::New => ("outcome-new", text("将登记", "To be registered")),
            Self::Known => ("", text("已有，跳过", "Known, skipped")),
            Self::Other => ("", text("非1427，跳过", "Not 1427, skipped")),
            Self::Bad => ("outcome-bad", text("有误", "Wrong")),
        }
    }
}

/// An entry as the file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLine {
    pub entry_no: String,
    pub manual_no: String,
    /// 进出口日期
    pub ie_date: String,
    /// Row of its first line, as Excel shows it.
    pub row: u32,
    /// Items.
    pub lines: usize,
    /// 出口 or 全免 amount, in its currency.
    pub amount: String,
    pub currency: String,
    pub outcome: Outcome,
}

/// What was read of a file, and what registering it would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub id: Uuid,
    pub file_name: String,
    /// In the order of the file.
    pub entries: Vec<EntryLine>,
    /// The first of them; all are in the returned workbook.
    pub problems: Vec<Problem>,
    pub problem_count: usize,
    /// What is unlikely, rounded or not taken over, and must be looked at; the first of it.
    pub notices: Vec<Problem>,
    pub notice_count: usize,
    /// What was filled in from the account book; the first of it.
    pub completed: Vec<Problem>,
    pub completed_count: usize,
    /// About the file: formulas, columns that are no field, rows left out.
    pub notes: Vec<Message>,
}

impl Report {
    /// How many entries have this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.entries.iter().filter(|entry| entry.outcome == outcome).count()
    }
}

/// The decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apply {
    pub id: Uuid,
    /// How many would be registered by the report: nobody registers what they have not seen.
    pub seen: usize,
    /// Register the good entries and leave the bad ones out; otherwise a bad one keeps all out.
    pub only_good: bool,
}

/// What was registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub registered: usize,
    /// Here already.
    pub known: usize,
    /// Of another 监管方式.
    pub other: usize,
    /// Bad ones left out.
    pub left: usize,
}
