//! The name of a key with its modifiers, as the tables of keys write it: `Ctrl+Shift+Enter`, `Alt+1`. One
//! spelling for the frame, the pages and the grid.

use web_sys::KeyboardEvent;

/// `Alt+Shift+PageUp`. Letters and digits by their place on the keyboard where Alt (macOS: Option) makes
/// another character of them.
pub fn spelled(event: &KeyboardEvent) -> String {
    let mut spelled = String::new();
    let control = event.ctrl_key() || event.meta_key();
    for (held, name) in [(control, "Ctrl+"), (event.alt_key(), "Alt+"), (event.shift_key(), "Shift+")] {
        if held {
            spelled.push_str(name);
        }
    }
    spelled.push_str(&name(&event.key(), &event.code(), control || event.alt_key()));
    spelled
}

/// `by_place`: no character is typed, so the place on the keyboard tells what the character does not.
fn name(key: &str, code: &str, by_place: bool) -> String {
    let mut letters = key.chars();
    match (letters.next(), letters.next()) {
        (Some(' ' | '\u{a0}'), None) => return "Space".to_owned(),
        (Some(letter), None) if letter.is_ascii_alphanumeric() => return letter.to_ascii_uppercase().to_string(),
        _ => {}
    }
    let place = code.strip_prefix("Key").or_else(|| code.strip_prefix("Digit")).filter(|_| by_place);
    place.unwrap_or(key).to_owned()
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_key_is_known_whatever_option_makes_of_it() {
        // Option+1, Option+I and Option+M on a Mac type other characters: the keys would be dead there.
        assert_eq!(name("¡", "Digit1", true), "1");
        assert_eq!(name("Dead", "KeyI", true), "I");
        assert_eq!(name("µ", "KeyM", true), "M");
        // A keyboard of another layout: the letter on the key counts, not its place.
        assert_eq!(name("z", "KeyW", true), "Z");
        // A character that is typed is itself.
        assert_eq!(name("?", "Slash", false), "?");
        assert_eq!(name("é", "Digit2", false), "é");
        assert_eq!((name(" ", "Space", false), name("PageUp", "PageUp", true)), ("Space".into(), "PageUp".into()));
    }
}
