//! What is told of any document besides its content: identity, state, receipts. Used by every kind of document,
//! in the browser and on the server; all of it is set by the server.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Status;
use crate::text::{Text, text};

/// Identity and state of a document. All of it is set by the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentMeta {
    pub id: Uuid,
    pub status: Status,
    /// Grows with every write to the document or its rows.
    pub version: i64,
    /// Version of the last write to the head.
    pub head_version: i64,
    /// How many receipts there are; 查看回执 is grey at 0.
    pub receipt_count: i64,
}

/// One answer of customs, kept for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub id: String,
    /// `RESPONSE` (platform), `OPB200` (entry), `OPB211` (decision).
    pub message_type: String,
    /// DealFlag or manageResult as it came, e.g. `1`, `Y`, `-1`.
    pub result: String,
    /// When customs says it happened, UTC.
    pub at: String,
    pub received_at: String,
    /// False for a receipt that came late, twice or with an unknown code: kept, but moved no state.
    pub applied: bool,
    pub remark: String,
    pub notes: Vec<ReceiptNote>,
}

impl Receipt {
    /// What it means, in words; `None` for a code we do not know.
    pub fn meaning(&self) -> Option<Text> {
        Some(match (self.message_type.as_str(), self.result.as_str()) {
            ("RESPONSE", "0") => text("平台已接收", "Taken by the platform"),
            ("RESPONSE", _) => text("平台拒收（申报失败）", "Refused by the platform"),
            (_, "Y") => text("海关入库成功", "Entered by customs"),
            (_, "Z") => text("海关入库失败", "Entry failed at customs"),
            (_, "1") => text("审核通过", "Approved"),
            (_, "2") => text("转人工审核", "Passed to an officer"),
            (_, "3") => text("退单", "Returned"),
            _ => return None,
        })
    }
}

/// Said of a receipt that moved no state.
pub const LATE: Text = text("迟到或重复，仅存档", "late or repeated: kept only");

/// One reason in a receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptNote {
    pub text: String,
    /// The field it speaks of, as far as it can be told; empty otherwise.
    pub pointer: String,
}
