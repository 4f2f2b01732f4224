//! What a user can choose on the account page: one table. Who obeys a choice reads it with [`chosen`];
//! the page that shows them is `account::page::preferences`.

use super::get;
use crate::text::{Text, text};

/// One thing to choose. The first option holds until something else is chosen.
pub struct Choice {
    pub key: &'static str,
    pub label: Text,
    pub help: Text,
    pub options: &'static [(&'static str, Text)],
}

/// Enter on a line of a list: to the next field, or stay.
pub const ENTER_ACCEPTS: Choice = Choice {
    key: "enter.accepts",
    label: text("下拉列表中按回车", "Enter in a list of choices"),
    help: text("选中后再按一次回车总是到下一字段", "A second Enter always goes on"),
    options: &[
        ("advance", text("选中并到下一字段", "accepts and goes to the next field")),
        ("stay", text("只选中", "accepts only")),
    ],
};

/// Enter in a form: every field that can be typed into, or past those that are filled already.
pub const ENTER_FILLED: Choice = Choice {
    key: "enter.filled",
    label: text("表单中按回车遇到已有内容的字段", "Enter before a field that is filled already"),
    help: text("跳过的字段可用Tab或Shift+回车进入", "Tab and Shift+Enter still lead to fields that are passed over"),
    options: &[("stop", text("停留", "stops there")), ("skip", text("跳过", "passes it over"))],
};

/// Enter in a cell that is edited in place.
pub const ENTER_DIRECTION: Choice = Choice {
    key: "enter.direction",
    label: text("表格中按回车", "Enter in a table"),
    help: text("直接在列表中修改时", "While editing in the list itself"),
    options: &[
        ("right", text("到右边一格", "goes to the cell on the right")),
        ("down", text("到下面一格", "goes to the cell below")),
    ],
};

/// How much room fields take.
pub const DENSITY: Choice = Choice {
    key: "density",
    label: text("界面密度", "Density"),
    help: text("紧凑时一屏显示更多字段", "Compact shows more fields at once"),
    options: &[("compact", text("紧凑", "Compact")), ("comfortable", text("宽松", "Comfortable"))],
};

/// 中文 / English
pub const LANGUAGE: Choice = Choice {
    key: "language",
    label: text("界面语言", "Language"),
    help: text("立即生效", "At once"),
    options: &[("zh", text("中文", "中文 (Chinese)")), ("en", text("English（英文）", "English"))],
};

/// Light, dark, or what the system says.
pub const THEME: Choice = Choice {
    key: "theme",
    label: text("主题", "Theme"),
    help: text("立即生效", "At once"),
    options: &[
        ("system", text("跟随系统", "As the system")),
        ("light", text("浅色", "Light")),
        ("dark", text("深色", "Dark")),
    ],
};

/// Whether `?` alone opens the list of keys.
pub const SINGLE_KEYS: Choice = Choice {
    key: "keys.single",
    label: text("单键“?”", "The single key “?”"),
    help: text("语音输入等情况下可关闭；F1总是有效", "Switch it off for speech input; F1 always works"),
    options: &[("on", text("打开按键说明", "opens the list of keys")), ("off", text("不使用", "does nothing"))],
};

/// In the order of the page.
pub const CHOICES: [&Choice; 7] =
    [&ENTER_ACCEPTS, &ENTER_FILLED, &ENTER_DIRECTION, &DENSITY, &LANGUAGE, &THEME, &SINGLE_KEYS];

/// The option that holds; tracked. What an older or newer version stored and nobody knows counts as
/// not chosen.
pub fn chosen(choice: &Choice) -> &'static str {
    let stored = get(choice.key);
    let known = choice.options.iter().find(|(value, _)| stored.as_deref() == Some(value));
    known.or(choice.options.first()).map_or("", |(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::preferences;

    #[test]
    fn an_unknown_stored_choice_is_the_default_instead_of_nothing() {
        // A user who comes back after a roll-back must not find the Enter key dead.
        preferences::load(r#"{"enter.accepts":"sideways","density":"comfortable"}"#, |_, _| {});
        assert_eq!(chosen(&ENTER_ACCEPTS), "advance");
        assert_eq!(chosen(&DENSITY), "comfortable");
        assert_eq!(chosen(&THEME), "system");
    }
}
