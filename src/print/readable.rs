//! Makes text fit for paper: characters that no font has are named by their code, those that deceive
//! are made visible, and runs too long for their column may be broken. Nothing is dropped in silence.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

/// Text as the templates take it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Words {
    Plain(String),
    /// In turn: text as it is, and a run that may be broken anywhere.
    Breakable(Vec<String>),
}

/// Reads the texts of one paper; `has` tells whether a font can show a character.
pub struct Reader<'a> {
    has: &'a dyn Fn(char) -> bool,
    seen: HashMap<char, bool>,
    missing: BTreeSet<char>,
}

impl<'a> Reader<'a> {
    pub fn new(has: &'a dyn Fn(char) -> bool) -> Self {
        Self { has, seen: HashMap::new(), missing: BTreeSet::new() }
    }

    /// Characters that stand on the paper as their codes.
    pub const fn missing(&self) -> &BTreeSet<char> {
        &self.missing
    }

    /// The text with nothing in it that cannot be shown.
    pub fn text(&mut self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\t' | '\r' => shown.push(' '),
                _ if self.can_show(letter) => shown.push(letter),
                _ => {
                    self.missing.insert(letter);
                    shown += &code(letter);
                }
            }
        }
        shown
    }

    /// As [`Reader::text`], for a column of so many half-width characters.
    pub fn words(&mut self, text: &str, room: usize) -> Words {
        let shown = self.text(text);
        let pieces = cut(&shown, room);
        if pieces.len() > 1 { Words::Breakable(pieces) } else { Words::Plain(shown) }
    }

    fn can_show(&mut self, letter: char) -> bool {
        let has = self.has;
        *self.seen.entry(letter).or_insert_with(|| match letter {
            '\n' => true,
            // Chooses among the forms of the character before it; a font without the choice shows its own.
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => true,
            _ => !deceives(letter) && has(letter),
        })
    }
}

/// How a character that cannot be shown stands on the paper.
pub fn code(letter: char) -> String {
    format!("［U+{:04X}］", letter as u32)
}

/// Characters that are not seen but change what is seen.
fn deceives(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Cuts out the runs that a column could not hold: letters, digits and marks without a place to break.
fn cut(text: &str, room: usize) -> Vec<String> {
    // Letters differ in width: a run of wide ones is too long well before its count says so.
    let longest = room * 2 / 3;
    let (mut pieces, mut plain, mut run) = (Vec::new(), String::new(), String::new());
    let mut end_run = |run: &mut String, plain: &mut String| {
        if breadth(run) > longest {
            pieces.push(std::mem::take(plain));
            pieces.push(std::mem::take(run));
        } else {
            *plain += run;
            run.clear();
        }
    };
    for letter in text.chars() {
        if breaks_around(letter) {
            end_run(&mut run, &mut plain);
            plain.push(letter);
        } else {
            run.push(letter);
        }
    }
    end_run(&mut run, &mut plain);
    pieces.push(plain);
    pieces
}

/// True where a line may end before or after the character anyway.
const fn breaks_around(letter: char) -> bool {
    matches!(letter, ' ' | '\n' | '\u{2e80}'..='\u{3000}' | '\u{3041}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..)
}

/// Width in half-width characters.
fn breadth(text: &str) -> usize {
    text.chars().map(|letter| if letter >= '\u{2e80}' { 2 } else { 1 }).sum()
}

/// Lines a text takes in a column, at most.
pub fn lines(text: &str, room: usize) -> usize {
    text.split('\n').map(|line| (breadth(line) * 3 / 2).div_ceil(room.max(1)).max(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_font(letter: char) -> bool {
        letter < '\u{20000}'
    }

    #[test]
    fn what_cannot_be_shown_is_named() {
        // A name with a hole in it would be another name; a turned one would deceive the officer.
        let mut reader = Reader::new(&plain_font);
        assert_eq!(reader.text("刘䥽\u{20bb7}"), "刘䥽［U+20BB7］");
        assert_eq!(reader.text("a\u{202e}b\u{0}\tc\nd"), "a［U+202E］b［U+0000］ c\nd");
        assert_eq!(reader.text("葛\u{e0100}"), "葛\u{e0100}");
        assert_eq!(reader.missing().iter().copied().collect::<Vec<_>>(), ['\u{0}', '\u{202e}', '\u{20bb7}']);
    }

    #[test]
    fn only_runs_that_would_run_out_of_their_column_are_cut() {
        let words = |text: &str| Reader::new(&|_| true).words(text, 12);
        assert_eq!(words("集成电路集成电路集成电路"), Words::Plain("集成电路集成电路集成电路".into()));
        assert_eq!(words("3.50000 BGA-256"), Words::Plain("3.50000 BGA-256".into()));
        let pieces = ["型号".into(), "ABCDEFGHIJ".into(), " 2只".into()];
        assert_eq!(words("型号ABCDEFGHIJ 2只"), Words::Breakable(pieces.to_vec()));
        let marks = "！".repeat(20);
        assert_eq!(words(&marks), Words::Breakable(vec![String::new(), marks, String::new()]));
    }

    proptest::proptest! {
        #[test]
        fn cutting_loses_nothing(text in "\\PC{0,60}", room in 0_usize..40) {
            proptest::prop_assert_eq!(cut(&text, room).concat(), text);
        }
    }
}
