//! Full-width letters, as Chinese input methods type them, and their plain forms. Used wherever a typed or pasted
//! text is read: fields, codes, searches. Only single letters; what a text then means is the reader's.

/// Full-width ASCII (！ to ～) and the ideographic blank become their plain forms.
pub fn half_width(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::half_width;

    #[test]
    fn what_an_input_method_widens_is_read_as_it_was_meant() {
        // A code typed with the input method on would be unknown.
        let plain: String = "３２０５ＡＢｃ－！～\u{3000}，中".chars().map(half_width).collect();
        assert_eq!(plain, "3205ABc-!~ ,中");
    }
}
