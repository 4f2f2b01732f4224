//! The keys that wait, in order. Pure, so that its promise can be tested without a browser:
//! nothing is lost, nothing overtakes, at most [`LIMIT`] keys wait.

use std::collections::VecDeque;

/// More than a person types while a server answers.
pub const LIMIT: usize = 256;

/// A key that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Characters: one key, or a composition's result.
    Text(String),
    /// A key that does something: `Enter`, `Tab`, `ArrowDown`, `Ctrl+Enter`, `Alt+2` …
    Press(Press),
    /// What the clipboard held when it was pasted.
    Paste(String),
}

/// A key with what was held down beside it, as the event says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Press {
    /// What the key means: `Enter`, `s`.
    pub name: String,
    /// Which key of the board it is: `Enter`, `KeyS`.
    pub code: String,
    pub control: bool,
    pub alt: bool,
    pub shift: bool,
    pub meta: bool,
}

impl Press {
    /// Enter alone.
    pub fn enter() -> Self {
        Self { name: "Enter".to_owned(), code: "Enter".to_owned(), ..Self::default() }
    }

    /// True for what belongs to typing along: Enter and Backspace alone.
    pub fn is_of_typing(&self) -> bool {
        let backspace = Self { name: "Backspace".to_owned(), code: "Backspace".to_owned(), ..Self::default() };
        *self == Self::enter() || *self == backspace
    }

    /// True for what mends a text that is there, and begins nothing new.
    pub fn mends(&self) -> bool {
        let plain = !(self.control || self.alt || self.meta);
        plain
            && matches!(self.name.as_str(), "Backspace" | "Delete" | "ArrowLeft" | "ArrowRight" | "Home" | "End" | "F2")
    }

    /// True for what the program does itself, in a form, a list or a page. Keys that only the browser knows
    /// act at once; so does Alt+R, which lets the queue go on, and Ctrl+K, which opens a list of its own.
    pub fn waits(&self) -> bool {
        let control = self.control || self.meta;
        match self.name.as_str() {
            "Enter" | "Tab" | "Backspace" | "Delete" | "Escape" | "Insert" | "Home" | "End" | "PageUp" | "PageDown"
            | "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight" => true,
            "F2" | "F4" | "F8" | "F9" => !control,
            _ if control && !self.alt => {
                matches!(self.code.as_str(), "KeyA" | "KeyD" | "KeyP" | "KeyS" | "KeyY" | "KeyZ")
            }
            _ if self.alt && !control => {
                (self.code.starts_with("Key") && self.code != "KeyR") || self.code.starts_with("Digit")
            }
            _ => false,
        }
    }
}

/// What became of a key that was struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Nobody waits: the key goes its usual way.
    Pass,
    /// The key waits.
    Taken,
    /// The queue is full: the key is refused, visibly.
    Full,
}

/// The queue.
#[derive(Debug, Default)]
pub struct Queue {
    keys: VecDeque<Key>,
    holds: u32,
    /// How often it stopped.
    stops: u32,
    /// From a release until the last waiting key is replayed: keys struck meanwhile line up behind.
    draining: bool,
}

impl Queue {
    /// Keys wait from now on, until as many releases have come. Which hold it is, for its release.
    pub fn hold(&mut self) -> u32 {
        self.holds += 1;
        self.stops
    }

    /// True when this was the last hold and replaying must begin. A hold that a stop ended has no say any more.
    pub fn release(&mut self, hold: u32) -> bool {
        if hold != self.stops {
            return false;
        }
        self.holds = self.holds.saturating_sub(1);
        let begin = self.holds == 0 && !self.draining;
        self.draining |= self.holds == 0;
        begin
    }

    /// Ends all holds and hands over what was waiting.
    pub fn stop(&mut self) -> Vec<Key> {
        self.holds = 0;
        self.stops = self.stops.wrapping_add(1);
        self.draining = false;
        self.keys.drain(..).collect()
    }

    /// True while keys must wait.
    pub fn is_waiting(&self) -> bool {
        self.holds > 0 || self.draining
    }

    /// True when no key waits.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub fn offer(&mut self, key: Key) -> Offer {
        if !self.is_waiting() {
            Offer::Pass
        } else if self.keys.len() >= LIMIT {
            Offer::Full
        } else {
            self.keys.push_back(key);
            Offer::Taken
        }
    }

    /// Keys that [`Self::stop`] gave wait again, behind the others, until they are replayed. What was taken
    /// once is not refused.
    pub fn take_back(&mut self, keys: Vec<Key>) {
        self.keys.extend(keys);
        self.draining = true;
    }

    /// The next thing to replay: one command, or all characters up to the next command.
    /// `None` while somebody holds, and when nothing is left (then keys go their usual way again).
    pub fn next(&mut self) -> Option<Key> {
        if self.holds > 0 {
            self.draining = false;
            return None;
        }
        let mut text = String::new();
        while let Some(Key::Text(part)) = self.keys.front() {
            text.push_str(part);
            self.keys.pop_front();
        }
        if !text.is_empty() {
            return Some(Key::Text(text));
        }
        let key = self.keys.pop_front();
        self.draining = key.is_some();
        key
    }
}

/// Waiting keys as a person reads them.
pub fn spell(keys: &[Key]) -> String {
    keys.iter()
        .map(|key| match key {
            Key::Text(text) | Key::Paste(text) => text.clone(),
            Key::Press(press) => spell_press(press),
        })
        .collect()
}

fn spell_press(press: &Press) -> String {
    if *press == (Press { shift: press.shift, ..Press::enter() }) {
        return "⏎".to_owned();
    }
    let is_letter = press.name.chars().count() == 1;
    let held =
        [(press.control, "Ctrl+"), (press.alt, "Alt+"), (press.shift && !is_letter, "Shift+"), (press.meta, "Meta+")];
    let held: String = held.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect();
    match press.name.as_str() {
        "Tab" if held.is_empty() => "⇥".to_owned(),
        "Backspace" if held.is_empty() => "⌫".to_owned(),
        name if is_letter => format!("[{held}{}]", name.to_uppercase()),
        name => format!("[{held}{name}]"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn letter(letter: char) -> Key {
        Key::Text(letter.to_string())
    }

    fn enter() -> Key {
        Key::Press(Press::enter())
    }

    #[test]
    fn a_key_struck_while_replaying_does_not_overtake() {
        let mut queue = Queue::default();
        assert_eq!(queue.offer(letter('a')), Offer::Pass);
        queue.hold();
        queue.offer(letter('a'));
        queue.offer(enter());
        assert!(queue.release(0));
        assert_eq!(queue.next(), Some(letter('a')));
        assert_eq!(queue.offer(letter('b')), Offer::Taken, "the enter before it is still waiting");
        assert_eq!(queue.next(), Some(enter()));
        assert_eq!(queue.next(), Some(letter('b')));
        assert_eq!(queue.next(), None);
        assert_eq!(queue.offer(letter('c')), Offer::Pass);
    }

    #[test]
    fn a_replayed_enter_that_starts_another_look_up_holds_the_rest() {
        let mut queue = Queue::default();
        queue.hold();
        queue.offer(enter());
        queue.offer(letter('x'));
        queue.release(0);
        assert_eq!(queue.next(), Some(enter()));
        queue.hold();
        assert_eq!(queue.next(), None);
        assert!(queue.release(0), "replaying begins again");
        assert_eq!(queue.next(), Some(letter('x')));
    }

    #[test]
    fn a_failed_look_up_hands_back_what_was_typed() {
        let mut queue = Queue::default();
        queue.hold();
        queue.offer(letter('1'));
        queue.offer(enter());
        let stopped = queue.stop();
        assert_eq!(spell(&stopped), "1⏎");
        assert_eq!(queue.offer(letter('2')), Offer::Pass, "typing goes on in the field at fault");
    }

    #[test]
    fn keys_that_were_taken_once_are_all_entered_however_many_they_are() {
        let mut queue = Queue::default();
        queue.take_back(vec![letter('a'); LIMIT + 44]);
        assert_eq!(queue.offer(letter('b')), Offer::Full, "what is struck meanwhile does not overtake");
        assert_eq!(queue.next(), Some(Key::Text("a".repeat(LIMIT + 44))));
    }

    #[test]
    fn keys_that_were_stopped_wait_for_the_second_try_and_stop_with_it() {
        let mut queue = Queue::default();
        queue.take_back(vec![letter('a'), enter()]);
        queue.hold();
        assert_eq!(queue.next(), None, "the second try is under way");
        assert_eq!(queue.offer(letter('b')), Offer::Taken);
        assert_eq!(spell(&queue.stop()), "a⏎b");
        assert!(!queue.is_waiting());
    }

    #[test]
    fn what_was_stopped_does_not_let_keys_go_that_wait_for_something_newer() {
        let mut queue = Queue::default();
        let old = queue.hold();
        queue.stop();
        let new = queue.hold();
        queue.offer(letter('a'));
        assert!(!queue.release(old), "the key is for what is still under way");
        assert_eq!(queue.next(), None);
        assert!(queue.release(new));
        assert_eq!(queue.next(), Some(letter('a')));
    }

    #[test]
    fn what_the_program_does_waits_with_the_rest() {
        let press = |name: &str, code: &str, control: bool, alt: bool| Press {
            name: name.into(),
            code: code.into(),
            control,
            alt,
            ..Press::default()
        };
        for (name, code, control, alt) in [
            ("Enter", "Enter", true, false),
            ("2", "Digit2", false, true),
            ("s", "KeyS", true, false),
            ("F4", "F4", false, false),
        ] {
            assert!(press(name, code, control, alt).waits(), "{name}: it would act on the field before");
        }
        for (name, code, control, alt) in
            [("r", "KeyR", false, true), ("t", "KeyT", true, false), ("F5", "F5", false, false)]
        {
            assert!(
                !press(name, code, control, alt).waits(),
                "{name}: not the program's, or what lets the queue go on"
            );
        }
        assert_eq!(spell(&[Key::Press(press("Enter", "Enter", true, false)), enter()]), "[Ctrl+Enter]⏎");
    }

    #[test]
    fn a_full_queue_refuses_instead_of_forgetting() {
        let mut queue = Queue::default();
        queue.hold();
        for _ in 0..LIMIT {
            assert_eq!(queue.offer(letter('a')), Offer::Taken);
        }
        assert_eq!(queue.offer(letter('b')), Offer::Full);
    }

    proptest! {
        /// However holds, releases, replays and keys mix: the keys come out in the order they were
        /// struck, each exactly once. A lost or misplaced key is a wrong quantity on a declaration.
        #[test]
        fn nothing_is_lost_and_nothing_overtakes(steps in proptest::collection::vec(0u8..5, 1..300)) {
            let mut queue = Queue::default();
            let (mut struck, mut arrived, mut number, mut holds) = (String::new(), String::new(), 0u32, 0);
            for step in steps {
                match step {
                    0 => { queue.hold(); holds += 1; }
                    1 if holds > 0 => { queue.release(0); holds -= 1; }
                    2 => if let Some(key) = queue.next() { arrived.push_str(&spell(&[key])); },
                    _ => {
                        number += 1;
                        let key = if number.is_multiple_of(7) { enter() } else { Key::Text(format!("{number};")) };
                        match queue.offer(key.clone()) {
                            Offer::Pass => { struck.push_str(&spell(std::slice::from_ref(&key))); arrived.push_str(&spell(&[key])); }
                            Offer::Taken => struck.push_str(&spell(&[key])),
                            Offer::Full => {}
                        }
                    }
                }
            }
            while holds > 0 { queue.release(0); holds -= 1; }
            while let Some(key) = queue.next() { arrived.push_str(&spell(&[key])); }
            prop_assert_eq!(arrived, struck);
        }
    }
}
