//! Letters that look like others: radicals and compatibility ideographs, as they are copied from PDFs, and units drawn as
//! one sign. To a reader ⾦属 is 金属; to a program they are two goods. Used by `visible` for what is stored, and wherever
//! codes, units and searches are compared. Superscripts and fractions are no look-alikes: 10² is not 102.

use std::borrow::Cow;

use super::{half_width, visible};

/// Simplified radicals, which Unicode itself does not compare with the letters they are drawn as.
const RADICALS: &[(char, char)] = &[
    ('⺌', '小'),
    ('⺒', '巳'),
    ('⺓', '幺'),
    ('⺝', '月'),
    ('⺠', '民'),
    ('⺩', '王'),
    ('⺪', '疋'),
    ('⻁', '虎'),
    ('⻄', '西'),
    ('⻅', '见'),
    ('⻆', '角'),
    ('⻉', '贝'),
    ('⻋', '车'),
    ('⻑', '长'),
    ('⻓', '长'),
    ('⻔', '门'),
    ('⻘', '青'),
    ('⻙', '韦'),
    ('⻚', '页'),
    ('⻛', '风'),
    ('⻜', '飞'),
    ('⻝', '食'),
    ('⻢', '马'),
    ('⻣', '骨'),
    ('⻤', '鬼'),
    ('⻥', '鱼'),
    ('⻦', '鸟'),
    ('⻧', '卤'),
    ('⻨', '麦'),
    ('⻩', '黄'),
    ('⻬', '齐'),
    ('⻮', '齿'),
    ('⻰', '龙'),
    ('⻳', '龟'),
];

/// True for letters that are drawn as an ordinary one.
pub(super) const fn is_look_alike(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{2fd5}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

/// Appends the ordinary letter that a look-alike is drawn as; one that is drawn like no other stays.
pub(super) fn push_plain(to: &mut String, letter: char) {
    match RADICALS.iter().find(|(radical, _)| *radical == letter) {
        Some((_, plain)) => to.push(*plain),
        None => push_normal(to, letter),
    }
}

#[cfg(target_arch = "wasm32")]
fn push_normal(to: &mut String, letter: char) {
    // The browser has the tables; a library would bring them a second time.
    to.push_str(&String::from(js_sys::JsString::from(letter).normalize("NFKC")));
}

#[cfg(not(target_arch = "wasm32"))]
fn push_normal(to: &mut String, letter: char) {
    use unicode_normalization::UnicodeNormalization as _;
    to.extend(std::iter::once(letter).nfkc());
}

/// Text as it is compared and searched: without letters nobody sees, of one width, look-alikes and units of one sign
/// (㎏, ㎡) in ordinary letters. Capitals and small letters stay.
pub fn folded(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    if text.is_ascii() {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '￥' => plain.push('¥'),
            '\u{3300}'..='\u{33ff}' | '\u{2100}'..='\u{214f}' => push_normal(&mut plain, letter),
            letter if letter.is_whitespace() && letter != '\n' => plain.push(' '),
            letter => plain.push(half_width(letter)),
        }
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
        // Two goods in the list, and a search that found one of them.
        assert_eq!(visible("⾦属⽀架"), "金属支架");
        assert_eq!(visible("⻋⻔ 車\u{f902}"), "车门 車車");
        assert_eq!(folded("⽶"), "米");
        assert_eq!(folded("㎏㎡ＡＢ\u{a0}１"), "kgm2AB 1");
        assert_eq!(folded("10²½①"), "10²½①", "these are other numbers, not other pictures");
        // Names stay in the width they were typed in.
        assert_eq!(visible("铜管（大）㎡"), "铜管（大）㎡");
    }
}
