//! What browser and server exchange of any document: identity, state, content as maps, requests and answers.
//! The content itself is declared by the kinds; nothing here knows one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Status;
use crate::form::{Difference, Filled, Finding, Values};
use crate::text::{Message, Text, text};

/// Identity and state of a document. All of it is set by the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentMeta {
    pub id: Uuid,
    /// Key of its kind.
    pub kind: String,
    /// 海关注册编码 of the enterprise it is of: what one may do with it depends on that. Empty while nobody knows.
    #[serde(default)]
    pub operator_code: String,
    pub status: Status,
    /// Grows with every write to the document or its rows.
    pub version: i64,
    /// Version of the last write to the head.
    pub head_version: i64,
    /// How many receipts there are; 查看回执 is grey at 0.
    pub receipt_count: i64,
    /// 变更次数: 0 for a filing, then 1, 2 …
    pub change_seq: i64,
    /// True for the document customs works by: the last approved one of its book.
    pub in_force: bool,
    /// The document it changes; `None` for a filing.
    pub base_id: Option<Uuid>,
}

/// 修改标志 of a row: how it differs from the document it changes. Worked out, never typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// 0 未修改
    #[default]
    Same,
    /// 1 修改
    Changed,
    /// 2 删除: still there, struck through, and can be taken back.
    Deleted,
    /// 3 增加
    Added,
}

impl Mark {
    pub const ALL: [Self; 4] = [Self::Same, Self::Changed, Self::Deleted, Self::Added];

    /// Code in the database and in messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Same => "0",
            Self::Changed => "1",
            Self::Deleted => "2",
            Self::Added => "3",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.code() == code)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Same => text("未修改", "Unchanged"),
            Self::Changed => text("修改", "Changed"),
            Self::Deleted => text("删除", "Deleted"),
            Self::Added => text("增加", "Added"),
        }
    }
}

/// A stored row: its identity and what it says. `C` is [`Filled`] on the wire, [`Values`] elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row<C> {
    pub id: Uuid,
    /// 商品序号, from 1, never used again within the book.
    pub seq: i64,
    /// Document version of the row's last write; sent back with an edit.
    pub version: i64,
    #[serde(default)]
    pub mark: Mark,
    pub content: C,
}

impl<C> Row<C> {
    /// The same row with its content in another form.
    pub fn map<D>(self, turn: impl FnOnce(C) -> D) -> Row<D> {
        let Self { id, seq, version, mark, content } = self;
        Row { id, seq, version, mark, content: turn(content) }
    }
}

/// The rows of one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// Key of the section.
    pub section: String,
    pub rows: Vec<Row<Filled>>,
}

/// A whole document as the screen shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub meta: DocumentMeta,
    pub head: Filled,
    /// One per section of the kind.
    pub lists: Vec<List>,
    /// For a change: the document it changes.
    pub base: Option<Base<Filled>>,
}

/// What a change changes, as far as rules need it. `C` is [`Filled`] on the wire, [`Values`] elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base<C = Values> {
    pub head: C,
    /// How often the book's validity was extended before this change.
    pub extensions: i64,
}

/// 暂存 of the head. A new document has `base` 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveHead {
    /// Number the browser gives the operation, the same when it is sent again; 0: none.
    #[serde(default)]
    pub op: i64,
    pub id: Uuid,
    /// Key of the kind.
    pub kind: String,
    /// `head_version` the screen started from; below 0, the operation of this browser that it goes on from, negated.
    pub base: i64,
    pub head: Filled,
    /// The fields that were changed, with the text each had before: what somebody else changed in other fields stays, and only
    /// a field that both changed is a conflict. Without it all of `head` is the sender's, and `base` decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Filled>,
}

/// Many rows of one list at once (保存本行, 粘贴, 填充, 删除, 撤销): all are stored, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveRows {
    /// As [`SaveHead::op`].
    #[serde(default)]
    pub op: i64,
    pub document_id: Uuid,
    /// Key of the list.
    pub section: String,
    pub puts: Vec<PutRow>,
    pub removes: Vec<RemoveRow>,
}

/// One row to be stored. A new row has `base` 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutRow {
    pub row_id: Uuid,
    /// `version` of the row the screen started from, or an operation as [`SaveHead::base`].
    pub base: i64,
    /// 商品序号 the same row had before it was deleted, when it is brought back; 0: the next one.
    pub seq: i64,
    pub content: Filled,
    /// As [`SaveHead::was`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Filled>,
}

/// One row to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveRow {
    pub row_id: Uuid,
    pub base: i64,
}

/// Answer to [`SaveRows`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedRows {
    pub meta: DocumentMeta,
    pub head: Filled,
    /// The rows as stored, in the order they were sent; then rows of a change that are now marked as deleted.
    pub rows: Vec<Row<Filled>>,
    /// As [`Saved::merged`].
    #[serde(default)]
    pub merged: Vec<Difference>,
}

/// Answer to a step that may change the head: 暂存, 申报.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pub meta: DocumentMeta,
    pub head: Filled,
    /// Fields the sender did not change and somebody else did: what the sender had, and what they are.
    #[serde(default)]
    pub merged: Vec<Difference>,
}

/// What a look-up fills in a head, and what it could not find.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedUp {
    pub head: Filled,
    pub findings: Vec<Finding>,
}

/// A step on the whole document: delete, declare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub id: Uuid,
    /// `version` the screen shows: nobody declares or deletes what they have not seen.
    pub base: i64,
}

/// 复制, or 变更: a new draft made of a stored document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derive {
    pub from: Uuid,
    /// Id of the new draft, made by the browser, so that a repeated request makes one.
    pub id: Uuid,
    /// 复制 only: its attachments too. A change always has them.
    #[serde(default)]
    pub attachments: bool,
}

/// What came of 复制.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// How many attachments came along.
    pub attachments: usize,
    /// Why they did not, when they should have: the document itself is copied.
    pub trouble: Option<Message>,
}

/// Conditions of a query list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Key of the query list.
    pub list: String,
    /// Key of one kind of it; empty: all.
    pub kind: String,
    /// 可查询企业, required.
    pub operator_code: String,
    pub book_no: String,
    pub seq_no: String,
    pub internal_no: String,
    /// 报关单号
    pub entry_no: String,
    /// `None`: 全部.
    pub status: Option<Status>,
    /// 申报类型: empty for all.
    pub decl_type: String,
    /// 变更次数: empty for all.
    pub change_seq: String,
    pub input_from: String,
    pub input_to: String,
    /// Key of the column to sort by; empty: newest first.
    pub sort: String,
    pub descending: bool,
    /// From 0.
    pub page: i64,
    /// At most 500.
    pub page_size: i64,
}

/// One line of the query list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryLine {
    pub meta: DocumentMeta,
    pub head: Filled,
}

/// One page of the query list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryPage {
    pub lines: Vec<QueryLine>,
    pub total: i64,
}

/// Address of the PDF of a document (打印).
pub fn print_address(id: Uuid) -> String {
    format!("/print/document/{id}")
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
    /// Said of one that came late or twice; `None` where it moved the state, or could not be read at all.
    pub fn late(&self) -> Option<Text> {
        (!self.applied && self.message_type != UNREADABLE).then_some(LATE)
    }

    /// What it means, in words; `None` for a code we do not know.
    pub fn meaning(&self) -> Option<Text> {
        Some(match (self.message_type.as_str(), self.result.as_str()) {
            (UNREADABLE, _) => text("回执无法处理，已转管理员", "An answer that could not be handled"),
            ("RESPONSE", "0") => text("平台已接收", "Taken by the platform"),
            (SMS_RECEIPT, "0") => text("短信仅登记，未发送", "Short message noted, not sent"),
            (SMS_RECEIPT, "1") => text("短信已发送", "Short message sent"),
            (SMS_RECEIPT, "2") => text("短信发送失败", "Short message failed"),
            (SMS_RECEIPT, _) => text("短信未发出，稍后重试", "Short message not sent yet"),
            (_, "U") => text("催核", "Urged by customs"),
            ("RESPONSE", _) => text("平台拒收（申报失败）", "Refused by the platform"),
            (_, "Y") => text("海关入库成功", "Entered by customs"),
            (_, "Z") => text("海关入库失败", "Entry failed at customs"),
            (_, "1") => text("审核通过", "Approved"),
            (_, "2") => text("转人工审核", "Passed to an officer"),
            (_, "3") => text("退单", "Returned"),
            (_, "D") => text("删单", "Deleted by customs"),
            (_, "A") => text("改单：退回修改", "Sent back to be amended"),
            _ => return None,
        })
    }
}

/// Type of a receipt that tells of a try to send a short message.
pub const SMS_RECEIPT: &str = "SMS";

/// Type of a receipt in quarantine, in the history of its document.
pub const UNREADABLE: &str = "UNREADABLE";

/// Said of a receipt that could be read and moved no state.
const LATE: Text = text("迟到或重复，仅存档", "late or repeated: kept only");

/// One reason in a receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptNote {
    pub text: String,
    /// The field it speaks of, as far as it can be told; empty otherwise.
    pub pointer: String,
}
