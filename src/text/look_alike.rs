//! Letters that look like others: radicals and compatibility ideographs, as they are copied from PDFs. To a reader ⾦属 is
//! 金属; to a program they are two goods. Used by `visible` for what is stored, and by `folded` for what is compared.
//! Superscripts and fractions are no look-alikes: 10² is not 102.

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
pub(super) fn push_normal(to: &mut String, letter: char) {
    // The browser has the tables; a library would bring them a second time.
    to.push_str(&String::from(js_sys::JsString::from(letter).normalize("NFKC")));
}

#[cfg(not(target_arch = "wasm32"))]
pub(super) fn push_normal(to: &mut String, letter: char) {
    use unicode_normalization::UnicodeNormalization as _;
    to.extend(std::iter::once(letter).nfkc());
}
