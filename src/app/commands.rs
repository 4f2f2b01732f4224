//! What the frame itself can do, from the palette and by keys that work on every page: tabs, palette, help.
//! One table; `keys` obeys it, `palette` and `help` show it. Lists have a table of their own (`ui::grid::keymap`).

use crate::text::{Text, text};
use crate::workspace::tabs::{self, Tab};

/// A command without a button of its own.
pub struct Command {
    pub label: Text,
    /// As people read it; empty: from the palette only.
    pub keys: &'static str,
    pub run: fn(),
}

pub const COMMANDS: &[Command] = &[
    Command {
        label: text("待办与查号", "To do, find a number"),
        keys: "Alt+J",
        run: || {
            tabs::open(Tab::Todo);
        },
    },
    Command { label: text("下一页签", "Next tab"), keys: "Alt+PageDown", run: || tabs::go(1) },
    Command { label: text("上一页签", "Previous tab"), keys: "Alt+PageUp", run: || tabs::go(-1) },
    Command { label: text("页签右移", "Move the tab right"), keys: "Alt+Shift+PageDown", run: || tabs::shift(1) },
    Command { label: text("页签左移", "Move the tab left"), keys: "Alt+Shift+PageUp", run: || tabs::shift(-1) },
    Command { label: text("关闭页签", "Close the tab"), keys: "Alt+W", run: tabs::close_active },
    Command { label: text("关闭其他页签", "Close other tabs"), keys: "", run: tabs::close_others },
    Command { label: text("关闭全部页签", "Close all tabs"), keys: "", run: tabs::close_all },
];

/// Keys of fields and lists of choices, which have no button: for reading only. Those of tables are
/// `ui::grid::keymap::GRID_KEYS`.
pub const FIXED_KEYS: &[(Text, &[(&str, Text)])] = &[
    (
        text("字段", "Fields"),
        &[
            (
                "Enter",
                text(
                    "查找或选中，再到下一字段；在最后一个字段保存",
                    "looks up or accepts, then goes on; saves in the last field",
                ),
            ),
            ("Shift+Enter", text("上一字段", "previous field")),
            (
                "Tab  Shift+Tab",
                text("下一字段、上一字段（跳过灰色字段）", "next, previous field (grey ones are passed over)"),
            ),
            ("Alt+Enter", text("多行字段中换行", "a new line in a field of several lines")),
            ("Backspace  Delete", text("字段全选时清空", "empties a field that is selected as a whole")),
            (
                "Esc",
                text(
                    "关闭列表，再按恢复原值，再按关闭最新消息",
                    "closes the list, then brings the old value back, then dismisses the newest message",
                ),
            ),
            ("F8  Shift+F8", text("下一处、上一处错误", "next, previous error")),
        ],
    ),
    (
        text("下拉列表", "Lists of choices"),
        &[
            ("F4  Alt+↓", text("打开列表", "opens the list")),
            ("↑ ↓  PageUp PageDown", text("选择", "choose")),
            ("Enter  Tab", text("选中", "accept")),
        ],
    ),
    (
        text("日期与数字", "Dates and numbers"),
        &[
            ("20261231  1231", text("日期，可省略年份", "a date, with or without its year")),
            ("+6m  +30d  +1y", text("从今天起六个月、三十天、一年", "six months, thirty days, a year from today")),
            ("1,234.50", text("千位分隔符和全角数字都可以", "separators and full-width digits are understood")),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut keys: Vec<&str> = COMMANDS.iter().map(|command| command.keys).filter(|keys| !keys.is_empty()).collect();
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }
}
