//! Keys struck while a tab opens wait, and act on what opens: until its page is drawn, what it reads is there and the
//! focus is in it. `tabs` begins and ends the wait; a page that has to read first takes a [`Reading`]. Knows no page.

use std::cell::RefCell;
use std::time::Duration;

use leptos::prelude::*;

use super::tab_key::TabKey;
use crate::text::{Message, Text, text};
use crate::ui::focus;
use crate::ui::type_ahead::{self, Again, Hold};

const LEFT: Text = text("打开页签时中途离开", "The tab was left while it opened");

struct Opening {
    tab: TabKey,
    hold: Hold,
    /// Its page is drawn and the focus is in it, as far as there is anything.
    entered: bool,
}

thread_local! {
    static OPENING: RefCell<Option<Opening>> = const { RefCell::new(None) };
    /// Tabs whose content is not there yet; one may be named several times.
    static READING: RefCell<Vec<TabKey>> = const { RefCell::new(Vec::new()) };
}

/// Makes keys wait for a tab that was just put in front. After `focus::enter`: what this waits for comes behind it.
pub(super) fn begin(tab: TabKey) {
    let known = OPENING.with_borrow(|opening| opening.as_ref().is_some_and(|opening| opening.tab == tab));
    if known {
        return;
    }
    OPENING.set(Some(Opening { tab, hold: type_ahead::hold(), entered: false }));
    set_timeout(
        move || {
            OPENING.with_borrow_mut(|opening| {
                opening.iter_mut().filter(|opening| opening.tab == tab).for_each(|opening| opening.entered = true);
            });
            settle();
        },
        Duration::ZERO,
    );
}

/// Another tab is in front now, or this one is closed: keys meant for it act on nothing else.
pub(super) fn leave(is_left: impl Fn(TabKey) -> bool) {
    if let Some(opening) = take(is_left) {
        opening.hold.give_up(LEFT.into());
    }
}

fn take(which: impl Fn(TabKey) -> bool) -> Option<Opening> {
    OPENING.with_borrow_mut(|opening| opening.take_if(|opening| which(opening.tab)))
}

fn settle() {
    let is_over = OPENING.with_borrow(|opening| {
        opening
            .as_ref()
            .is_some_and(|opening| opening.entered && !READING.with_borrow(|all| all.contains(&opening.tab)))
    });
    if is_over && let Some(opening) = take(|_| true) {
        opening.hold.release();
    }
}

/// What a page shows is on its way. Taken while the page is built; dropping it says that it is there.
#[must_use = "keys wait only while it lives"]
pub struct Reading {
    tab: TabKey,
}

/// Says that the content of a tab is still to come.
pub fn reading(tab: TabKey) -> Reading {
    READING.with_borrow_mut(|all| all.push(tab));
    Reading { tab }
}

impl Reading {
    /// It is there: the focus, which until now found nothing in the panel to stand in, goes into it.
    pub fn arrived(self) {
        let panel = self.tab.panel_id();
        if focus::active().is_some_and(|active| active.id() == panel) {
            focus::enter(panel);
        }
    }

    /// It will not come: keys that wait for it are shown, with the way to try again.
    pub fn failed(self, why: Message, again: Again) {
        if let Some(opening) = take(|tab| tab == self.tab) {
            opening.hold.stop(why, again);
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        READING.with_borrow_mut(|all| {
            if let Some(at) = all.iter().position(|tab| *tab == self.tab) {
                all.swap_remove(at);
            }
        });
        settle();
    }
}
