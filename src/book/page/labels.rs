//! Words that several of the book's screens use, in both languages, and the names of what a pointer means.
//! Labels of fields are not here: they come from the field tables.

use crate::attachment::model::{self as attachment, Attachment};
use crate::book::model::{ExportGoods, HEAD, Head, ReimportGoods, Side};
use crate::form::{Field, Record};
use crate::text::{Language, Text, text};

pub const HEAD_LABEL: Text = text("表头", "Head");
pub const NEW_BOOK: Text = text("新账册备案", "New filing");
pub const NEW: Text = text("新增", "New");
pub const SAVE: Text = text("暂存", "Save");
pub const DELETE: Text = text("删除", "Delete");
pub const DECLARE: Text = text("申报", "Declare");
pub const IMPORT: Text = text("导入", "Import");
pub const EXPORT: Text = text("导出", "Export");
pub const PRINT: Text = text("打印", "Print");
pub const COPY: Text = text("复制", "Copy");
pub const TEMPLATES: Text = text("常用模板", "Templates");
pub const RECEIPTS: Text = text("查看回执", "Receipts");
pub const EDIT: Text = text("修改", "Edit");
pub const DETAIL: Text = text("查看明细", "View");
pub const QUERY: Text = text("查询", "Query");
pub const CLEAR: Text = text("清空", "Clear");
pub const QUICK_QUERY: Text = text("快速查询", "Quick query");
pub const SHOW_ALL: Text = text("显示全部", "Show all");
pub const SAVE_ROW: Text = text("保存本行", "Save row");
pub const LOCKED_HINT: Text =
    text("请先暂存表头：暂存成功后才能录入和导入表体。", "Save the head first: rows can be entered after that.");
pub const NO_ROWS: Text = text("还没有数据，按 Alt+N 新增第一项", "No rows yet; Alt+N adds the first");

/// A field of the book by its pointer: section, 商品序号, field.
pub struct Place {
    pub section: &'static str,
    pub seq: Option<i64>,
    pub field: Option<&'static Field>,
}

/// Takes a pointer apart; `None` when it is not one of the book's.
pub fn place_of(pointer: &str) -> Option<Place> {
    let (front, key) = pointer.split_once('.')?;
    let (name, seq) = match front.split_once('[') {
        Some((name, rest)) => (name, rest.strip_suffix(']')?.parse().ok()),
        None => (front, None),
    };
    let (section, field) = if name == HEAD {
        (HEAD, Head::field(key))
    } else if name == Side::Exports.key() {
        (Side::Exports.key(), ExportGoods::field(key))
    } else if name == Side::Reimports.key() {
        (Side::Reimports.key(), ReimportGoods::field(key))
    } else if name == attachment::SECTION {
        (attachment::SECTION, Attachment::field(key))
    } else {
        return None;
    };
    Some(Place { section, seq, field })
}

/// `出口货物第3项 商品编码`
pub fn name_of(pointer: &str, language: Language) -> String {
    let Some(place) = place_of(pointer) else { return pointer.to_owned() };
    let section = match place.section {
        "exports" => Side::Exports.label(),
        "reimports" => Side::Reimports.label(),
        attachment::SECTION => attachment::LABEL,
        _ => HEAD_LABEL,
    };
    let field = place.field.map_or("", |field| field.label.of(language));
    match (place.seq, language) {
        (Some(seq), Language::Zh) => format!("{}第{seq}项 {field}", section.zh),
        (Some(seq), Language::En) => format!("{} item {seq}, {field}", section.en),
        (None, _) => format!("{} {field}", section.of(language)),
    }
}
