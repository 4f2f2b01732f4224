//! Letters that nobody sees: they come in by copying from web pages, chats and PDFs, count as filled in, and turn the
//! direction of what stands beside them. Used wherever text is read: fields, cells, paste, import, searches.

use std::borrow::Cow;

use super::look_alike::{is_look_alike, push_plain};

/// Text without the letters that nobody sees, and with those that look like others made plain. Line breaks and tabs stay:
/// they are seen as what they are.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(|letter| is_invisible(letter) || is_look_alike(letter)) {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !is_invisible(*letter)) {
        if is_look_alike(letter) { push_plain(&mut plain, letter) } else { plain.push(letter) }
    }
    plain.into()
}

/// Letters without any width or picture, fillers that are drawn as nothing, marks of direction and variants.
const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_nobody_sees_does_not_count_as_filled_in() {
        // A contract number of nothing would be declared, and returned weeks later.
        for letter in "\u{200b}\u{200e}\u{2060}\u{2800}\u{3164}\u{115f}\u{ffa0}\u{180e}\u{fe0f}\u{34f}".chars() {
            assert_eq!(visible(&letter.to_string()), "", "{letter:?}");
        }
        // A direction mark shows 123.exe as exe.321.
        assert_eq!(visible("\u{202e}铜\u{2066}管\u{2069}\u{202c}\n大号"), "铜管\n大号");
    }
}
