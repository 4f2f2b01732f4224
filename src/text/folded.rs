//! Text as codes, units and searches are compared: of one width, without look-alikes. Used wherever what people write is
//! looked for; what is stored as a name stays as it was typed.

use std::borrow::Cow;

use super::look_alike::push_normal;
use super::visible::visible;
use super::width::half_width;

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
    use super::{folded, visible};

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
