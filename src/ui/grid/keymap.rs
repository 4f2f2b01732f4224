//! What can be done in a list that can be typed into, and by which key. One table: `cell_keys` obeys it, the
//! list of keys and the command palette of `app` show it. Keys that only move are in `block`.

use std::cell::Cell;

use leptos::prelude::*;

use super::cells::Sheet;
use crate::text::{Text, text};

/// What the keys and the palette can ask of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridCommand {
    Edit,
    FillDown,
    NewRow,
    RemoveRows,
    Tick,
    Everything,
    WholeRows,
    Undo,
    Redo,
    Store,
    NextFault,
    PreviousFault,
    Narrower,
    Wider,
    ColumnLeft,
    ColumnRight,
}

/// One line of the table.
pub struct GridKey {
    /// As [`crate::ui::spelled`] writes it; two blanks between keys that are only listed.
    pub keys: &'static str,
    pub label: Text,
    /// `None`: for reading only, its keys are the browser's or belong to several.
    pub command: Option<GridCommand>,
    /// Also while a cell is edited; otherwise the key is the text's then.
    while_editing: bool,
}

const fn key(keys: &'static str, label: Text, command: GridCommand) -> GridKey {
    GridKey { keys, label, command: Some(command), while_editing: false }
}

const fn always(keys: &'static str, label: Text, command: GridCommand) -> GridKey {
    GridKey { keys, label, command: Some(command), while_editing: true }
}

const fn read(keys: &'static str, label: Text) -> GridKey {
    GridKey { keys, label, command: None, while_editing: false }
}

pub const GRID_KEYS: &[GridKey] = &[
    key("F2", text("修改单元格", "Edit the cell"), GridCommand::Edit),
    read("Enter  Tab", text("修改时：接受并到下一格", "while editing: accept, next cell")),
    read("Shift+←↑→↓", text("选择单元格区域", "select a block of cells")),
    key("Ctrl+A", text("选择全部单元格", "Select all cells"), GridCommand::Everything),
    key("Shift+Space", text("选择整行", "Select whole rows"), GridCommand::WholeRows),
    key("Insert", text("勾选或取消勾选行", "Tick or untick the rows"), GridCommand::Tick),
    read("Ctrl+C  Ctrl+X  Ctrl+V", text("复制、剪切、粘贴，可与Excel互通", "copy, cut, paste, to and from Excel")),
    always("Ctrl+D", text("向下填充", "Fill down"), GridCommand::FillDown),
    read("Delete  Backspace", text("清空单元格", "empty the cells")),
    always("Ctrl+Insert", text("新增一行", "New row in the list"), GridCommand::NewRow),
    key("Ctrl+Delete", text("删除列表中的行", "Delete rows of the list"), GridCommand::RemoveRows),
    key("Ctrl+Z", text("撤销", "Undo"), GridCommand::Undo),
    key("Ctrl+Y", text("重做", "Redo"), GridCommand::Redo),
    always("Ctrl+S", text("保存列表中录入的内容", "Store what is typed in the list"), GridCommand::Store),
    always("F8", text("下一处标红的单元格", "Next cell in red"), GridCommand::NextFault),
    always("Shift+F8", text("上一处标红的单元格", "Previous cell in red"), GridCommand::PreviousFault),
    always("Alt+Shift+ArrowLeft", text("列变窄", "Narrower column"), GridCommand::Narrower),
    always("Alt+Shift+ArrowRight", text("列变宽", "Wider column"), GridCommand::Wider),
    // From a heading; in a cell the block grows by these keys.
    read("Ctrl+Shift+← →", text("在表头：列左移、右移", "in the head: move the column left, right")),
    GridKey { keys: "", ..key("", text("列左移", "Move the column left"), GridCommand::ColumnLeft) },
    GridKey { keys: "", ..key("", text("列右移", "Move the column right"), GridCommand::ColumnRight) },
];

/// Keys beside those of the table.
const ALIASES: &[(&str, &str)] = &[("Ctrl+Shift+Z", "Ctrl+Y"), ("Ctrl+Enter", "Ctrl+S"), ("Ctrl+Shift+S", "Ctrl+S")];

/// What a key asks for.
pub(super) fn command_of(pressed: &str, editing: bool) -> Option<GridCommand> {
    let pressed = ALIASES.iter().find(|(alias, _)| *alias == pressed).map_or(pressed, |(_, keys)| keys);
    let line = GRID_KEYS.iter().find(|line| line.keys == pressed && line.command.is_some())?;
    line.command.filter(|_| !editing || line.while_editing)
}

thread_local! {
    /// The list the keys were in last.
    static LAST: Cell<Option<Sheet>> = const { Cell::new(None) };
}

pub(super) fn entered(sheet: Sheet) {
    LAST.set(Some(sheet));
}

/// The list the keys were in last, as long as it is to be seen.
fn last() -> Option<Sheet> {
    let sheet = LAST.get()?;
    let node = sheet.frame.node.try_get_untracked().flatten()?;
    (node.is_connected() && node.offset_width() > 0).then_some(sheet)
}

/// What the palette offers: commands of the list in sight that the keys were in last.
pub fn commands_here() -> impl Iterator<Item = (&'static GridKey, GridCommand)> {
    let there = last().is_some();
    GRID_KEYS.iter().filter_map(move |line| Some((line, line.command?))).filter(move |_| there)
}

/// Runs a command of the palette, in the cell the keys stood in.
pub fn run(command: GridCommand) {
    if let Some(sheet) = last() {
        sheet.come_back();
        sheet.obey(command);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_of_a_list_means_two_things() {
        let mut keys: Vec<&str> = GRID_KEYS.iter().map(|line| line.keys).filter(|keys| !keys.is_empty()).collect();
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all);
        assert!(ALIASES.iter().all(|(alias, of)| !keys.contains(alias) && keys.contains(of)));
    }

    #[test]
    fn while_a_cell_is_edited_the_keys_of_texts_stay_with_the_text() {
        // Ctrl+Z there takes back a letter, and must not take back the paste before it.
        for pressed in ["Ctrl+Z", "Ctrl+Y", "Ctrl+A", "Ctrl+Delete", "Insert"] {
            assert!(command_of(pressed, false).is_some(), "{pressed}");
            assert_eq!(command_of(pressed, true), None, "{pressed}");
        }
        assert_eq!(command_of("Ctrl+D", true), Some(GridCommand::FillDown));
        assert_eq!(command_of("Ctrl+Enter", true), Some(GridCommand::Store));
        assert_eq!(command_of("Ctrl+C", false), None, "the browser's own");
    }
}
