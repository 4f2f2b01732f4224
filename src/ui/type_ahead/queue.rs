//! The keys that wait, in order. Pure, so that its promise can be tested without a browser:
//! nothing is lost, nothing overtakes, at most [`LIMIT`] keys wait.

use std::collections::VecDeque;

/// More than a person types while a server answers.
pub const LIMIT: usize = 256;

/// A key that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Characters: one key, a composition's result, or a paste.
    Text(String),
    /// A key that does something: `Enter`, `Tab`, `Backspace`, `ArrowDown` …
    Command { name: String, shift: bool },
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
    /// From a release until the last waiting key is replayed: keys struck meanwhile line up behind.
    draining: bool,
}

impl Queue {
    /// Keys wait from now on, until as many releases have come.
    pub fn hold(&mut self) {
        self.holds += 1;
    }

    /// True when this was the last hold and replaying must begin.
    pub fn release(&mut self) -> bool {
        self.holds = self.holds.saturating_sub(1);
        let begin = self.holds == 0 && !self.draining;
        self.draining |= self.holds == 0;
        begin
    }

    /// Ends all holds and hands over what was waiting.
    pub fn stop(&mut self) -> Vec<Key> {
        self.holds = 0;
        self.draining = false;
        self.keys.drain(..).collect()
    }

    /// True while keys must wait.
    pub fn is_waiting(&self) -> bool {
        self.holds > 0 || self.draining
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
            Key::Text(text) => text.clone(),
            Key::Command { name, .. } => match name.as_str() {
                "Enter" => "⏎".to_owned(),
                "Tab" => "⇥".to_owned(),
                "Backspace" => "⌫".to_owned(),
                other => format!("[{other}]"),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn letter(letter: char) -> Key {
        Key::Text(letter.to_string())
    }

    fn enter() -> Key {
        Key::Command { name: "Enter".to_owned(), shift: false }
    }

    #[test]
    fn a_key_struck_while_replaying_does_not_overtake() {
        let mut queue = Queue::default();
        assert_eq!(queue.offer(letter('a')), Offer::Pass);
        queue.hold();
        queue.offer(letter('a'));
        queue.offer(enter());
        assert!(queue.release());
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
        queue.release();
        assert_eq!(queue.next(), Some(enter()));
        queue.hold();
        assert_eq!(queue.next(), None);
        assert!(queue.release(), "replaying begins again");
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
                    1 if holds > 0 => { queue.release(); holds -= 1; }
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
            while holds > 0 { queue.release(); holds -= 1; }
            while let Some(key) = queue.next() { arrived.push_str(&spell(&[key])); }
            prop_assert_eq!(arrived, struck);
        }
    }
}
