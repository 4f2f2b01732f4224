//! Pinyin initials (拼音首字母) of Chinese names, computed once at import.
//! A character with several readings gets the one it has in customs names.

use pinyin::ToPinyin;

/// Words in which a character is read otherwise than alone.
const WORDS: &[(&str, &str)] = &[
    ("生长", "sz"),
    ("参数", "cs"),
    ("参考", "ck"),
    ("参与", "cy"),
    ("弹力", "tl"),
    ("弹性", "tx"),
    ("弹簧", "th"),
    ("乐器", "yq"),
    ("会计", "kj"),
    ("重庆", "cq"),
    ("秘鲁", "bl"),
    ("番禺", "py"),
];

/// Characters whose first reading in the dictionary is not the usual one here.
const CHARACTERS: &[(char, char)] = &[
    ('长', 'c'),
    ('参', 's'),
    ('调', 't'),
    ('轧', 'z'),
    ('曝', 'b'),
    ('蛤', 'g'),
    ('盛', 'c'),
    ('厦', 'x'),
    ('伽', 'g'),
];

/// Initials of all Chinese characters; letters and digits stay, so that `3D打印机` is found as `3ddyj`.
pub fn initials(name: &str) -> String {
    let mut result = String::with_capacity(name.len() / 3);
    let mut rest = name;
    while let Some(character) = rest.chars().next() {
        if let Some((word, reading)) = WORDS.iter().find(|(word, _)| rest.starts_with(word)) {
            result.push_str(reading);
            rest = &rest[word.len()..];
            continue;
        }
        result.extend(initial(character));
        rest = &rest[character.len_utf8()..];
    }
    result
}

fn initial(character: char) -> Option<char> {
    if character.is_ascii_alphanumeric() {
        return Some(character.to_ascii_lowercase());
    }
    if let Some((_, reading)) = CHARACTERS.iter().find(|(known, _)| *known == character) {
        return Some(*reading);
    }
    character.to_pinyin()?.plain().chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_what_its_reader_would_type() {
        for (name, expected) in [
            ("处理器及控制器", "clqjkzq"),
            ("3D打印机（LED）", "3ddyjled"),
            ("合成纤维长丝", "hcxwcs"),
            ("植物生长调节剂", "zwsztjj"),
            ("西洋参", "xys"),
            ("热轧卷材", "rzjc"),
            ("其他弹簧", "qtth"),
            ("弦乐器", "xyq"),
            ("重庆海关", "cqhg"),
            ("重型货车", "zxhc"),
            ("厦门关区", "xmgq"),
            ("绿茶", "lc"),
            ("", ""),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
