//! The attachment record and its field table (domain.md §4.4), and what browser and server exchange.
//! The real system's list of 随附单证类型 is not published: these codes are ours.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::content::FileKind;
use crate::document::DocumentMeta;
use crate::form::{Field, Kind, Source};
use crate::text::{Text, text};

/// Section name in pointers: `attachments[2].att_type`.
pub const SECTION: &str = "attachments";
/// The part of the document, as users call it.
pub const LABEL: Text = text("随附单据", "Attachments");

pub const CONTRACT: &str = "01";
pub const PROCESS: &str = "02";
pub const PICTURE: &str = "03";

/// 随附单证类型
pub const KINDS: &[(&str, Text)] = &[
    (CONTRACT, text("出境加工合同", "Processing contract")),
    (PROCESS, text("生产工艺说明", "Description of the process")),
    (PICTURE, text("货物图片或样品", "Pictures or a sample of the goods")),
    ("04", text("延期或变更说明", "Reasons for a change or extension")),
    ("05", text("报关单或核销说明", "Declarations or explanation of a write-off")),
    ("06", text("未复运进境情况说明", "Explanation of goods not returned")),
    ("99", text("其他", "Other")),
];

/// 待上传: described here, its file not (wholly) on the server yet.
pub const WAITING: &str = "8";
/// 已上传
pub const UPLOADED: &str = "9";
/// A sample is handed over at the counter: there is no file. This code is ours.
pub const NO_FILE: &str = "0";

/// 状态
pub const STATUSES: &[(&str, Text)] = &[
    (WAITING, text("待上传", "To upload")),
    (UPLOADED, text("已上传", "Uploaded")),
    (NO_FILE, text("无需上传", "No file")),
];

/// 提供样品
pub const YES: &[(&str, Text)] = &[("1", text("是", "Yes"))];
/// 随附单证格式
pub const FORMATS: &[(&str, Text)] = &[("1", text("结构化", "Structured")), ("2", text("非结构化", "Unstructured"))];

const fn typed(zh: &'static str, en: &'static str, max: usize) -> Field {
    Field::new(text(zh, en), Kind::Text { max })
}
const fn grey(zh: &'static str, en: &'static str, max: usize) -> Field {
    typed(zh, en, max).from(Source::System)
}

crate::record! {
    /// 随附单据
    pub struct Attachment {
        att_type: Field::new(text("随附单证类型", "Kind"), Kind::Choice(KINDS)).save().xml("acmpFormTypecd").column(16)
            .help("备案须有出境加工合同、生产工艺说明、货物图片或样品", "A filing needs contract, process and picture or sample"),
        att_no: typed("随附单证编号", "Document no.", 64).xml("acmpFormNo").column(14),
        fixed_no: typed("固定编号", "Fixed no.", 64).xml("fixdNo").column(0),
        goods_seq: typed("表体商品序号", "Goods item", 9).xml("gdsSeqno").column(8)
            .help("单证只涉及某一项商品时录入其序号", "When it is about one item only"),
        sample: Field::new(text("提供样品", "Sample handed over"), Kind::Choice(YES)).column(0)
            .help("到海关窗口提交样品、不上传图片时选“是”", "Yes when a sample goes to the counter instead of pictures"),
        remark: typed("备注", "Remark", 255).xml("rmk").span(2).column(14)
            .help("回车暂存本项", "Enter saves the item"),
        /// As chosen, without what would be dangerous in a name.
        file_name: grey("文件名称", "File", 512).xml("acmpFormFileNm").span(2).column(24),
        /// In bytes.
        size: grey("附件大小", "Size", 12).xml("FileSize").column(10),
        file_type: grey("文件类型", "Type", 8).xml("FileType").column(0),
        status: Field::new(text("状态", "State"), Kind::Choice(STATUSES)).from(Source::System).xml("acmpFormStucd").column(8),
        hash_method: grey("哈希算法", "Hash method", 16).xml("FileHashMethod").column(0),
        /// Of the whole file, in hexadecimal; promised by the browser, checked once the file is there.
        hash: grey("哈希值", "Hash", 64).xml("FileHash").span(2).column(16),
        format: Field::new(text("随附单证格式", "Format"), Kind::Choice(FORMATS)).from(Source::System).xml("acmpFormFmt").column(0),
        owner_code: grey("所属单位", "Owner", 10).xml("OwnerCode").column(0),
        change_seq: grey("变更次数", "Changes", 19).xml("chgTmsCnt").column(0),
        uploaded_at: grey("上传时间", "Uploaded at", 24).column(0),
    }
}

/// Method of [`Attachment::hash`]. The sibling messages fall back on sha1 when none is named; so it is named.
pub const HASH_METHOD: &str = "sha256";

impl Attachment {
    /// Bytes of the file; 0 without one.
    pub fn bytes(&self) -> i64 {
        self.size.parse().unwrap_or(0)
    }
    pub fn is_uploaded(&self) -> bool {
        self.status == UPLOADED
    }
}

/// A stored attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentRow {
    pub id: Uuid,
    /// 随附单证序号, from 1.
    pub seq: i64,
    /// Document version of its last 暂存; sent back with an edit.
    pub version: i64,
    /// Bytes of the file that the server has: an interrupted upload goes on from here.
    pub received: i64,
    pub content: Attachment,
}

/// A chosen file, as the browser read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenFile {
    pub name: String,
    pub size: i64,
    /// sha-256 of its content, in hexadecimal.
    pub hash: String,
    /// What it is by its first bytes. The server believes it only until it has the file.
    #[serde(default)]
    pub kind: Option<FileKind>,
}

/// 暂存 of an attachment. A new one has `base` 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveAttachment {
    pub document_id: Uuid,
    pub id: Uuid,
    /// `version` the screen started from.
    pub base: i64,
    pub content: Attachment,
    /// Of a new attachment; a stored one keeps its file.
    pub file: Option<ChosenFile>,
}

/// Deletion of one attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteAttachment {
    pub document_id: Uuid,
    pub id: Uuid,
    pub base: i64,
}

/// Answer to every change: the state of the document and the attachment as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub meta: DocumentMeta,
    /// `None` after a deletion.
    pub row: Option<AttachmentRow>,
}

/// A kind of file that can be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub kind: FileKind,
    /// Bytes of the largest one.
    pub max_bytes: i64,
}

/// What this server takes and demands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Bytes of a piece: a file is sent in pieces of this size, the last one being what is left.
    pub piece_bytes: i64,
    pub types: Vec<Taken>,
    /// Codes of the kinds of papers that may be pictures; all others are documents.
    pub pictures: Vec<String>,
    /// Codes of the kinds without which nothing is declared.
    pub required: Vec<String>,
}

impl Policy {
    /// What a paper of a 随附单证类型 may be; what any may be, while none is chosen.
    pub fn taken(&self, att_type: &str) -> Vec<Taken> {
        let pictures = att_type.is_empty() || self.pictures.iter().any(|code| code == att_type);
        self.types.iter().copied().filter(|one| pictures || !one.kind.is_picture()).collect()
    }
}

/// All attachments of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    pub rows: Vec<AttachmentRow>,
    pub policy: Policy,
}
