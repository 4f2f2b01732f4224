//! Words that several screens of documents use, in both languages.
//! Labels of fields are not here: they come from the field tables.

use crate::text::{Text, text};

pub const NEW: Text = text("新增", "New");
pub const SAVE: Text = text("暂存", "Save");
pub const DELETE: Text = text("删除", "Delete");
pub const DECLARE: Text = text("申报", "Declare");
pub const LEDGER: Text = text("台账", "Ledger");
pub const REGISTER: Text = text("登记", "Register");
pub const WITHDRAW: Text = text("撤销登记", "Withdraw");
pub const IMPORT: Text = text("导入", "Import");
pub const EXPORT: Text = text("导出", "Export");
pub const EXPORT_XML: Text = text("导出XML", "Export XML");
pub const PRINT: Text = text("打印", "Print");
pub const COPY: Text = text("复制", "Copy");
pub const TEMPLATES: Text = text("常用模板", "Templates");
pub const RECEIPTS: Text = text("查看回执", "Receipts");
pub const CHANGE: Text = text("变更", "Change");
pub const DIFFERENCES: Text = text("变更对比", "Differences");
pub const HISTORY: Text = text("变更记录", "History");
pub const RESTORE: Text = text("恢复", "Take back");
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
pub const NO_ROWS_LOCKED: Text = text("没有数据", "No rows");
pub const NO_ROWS_FOUND: Text =
    text("没有符合快速查询条件的数据，按 F9 显示全部", "Nothing matches the quick query; F9 shows all");
