//! What a combo box does: search while typing, accept, give back, and its keys. Used by `combo_box`, which draws it;
//! what is offered is decided in `choices`.

use leptos::ev;
use leptos::prelude::*;
use web_sys::HtmlElement;

use super::choices::{code_part, offer, resolve};
use super::options::option_id;
use super::{Combo, NO_MATCH_RULE};
use crate::form::Kind;
use crate::ui::announce::announce;
use crate::ui::codes::{codes, codes_now, show};
use crate::ui::control::write;
use crate::ui::lang::{language, tm};
use crate::ui::preferences::choices::{ENTER_ACCEPTS, chosen};
use crate::ui::{ime, type_ahead};

/// The user's choice that Enter accepts a line and goes nowhere.
fn stays() -> bool {
    untrack(|| chosen(&ENTER_ACCEPTS)) == "stay"
}

impl Combo {
    pub(super) fn element(self) -> Option<HtmlElement> {
        self.node.get().map(HtmlElement::from)
    }

    pub(super) fn list_id(self) -> String {
        format!("{}-list", self.control.id())
    }

    pub(super) fn active_id(self) -> Option<String> {
        let active = self.active.get().filter(|_| self.open.get());
        active.map(|active| option_id(&self.list_id(), active))
    }

    /// Selects an entry that nobody typed over yet, unless a part of it is selected.
    pub(super) fn select_accepted(self) {
        let input = untrack(|| self.node.get()).filter(|_| !self.edited.get_value() && !self.composing.get_value());
        if let Some(input) = input
            && input.selection_start().ok() == input.selection_end().ok()
        {
            input.select();
        }
    }

    pub(super) fn value(self) -> String {
        self.control.state.get_untracked(self.control.key())
    }

    /// Text was typed: search and show what there is.
    pub(super) fn typed(self, typed: String) {
        self.edited.set_value(true);
        // Kept as typed until a line is accepted, so that unsaved work is known as such.
        self.control.state.set_text(self.control.key(), typed.clone());
        if typed.trim().is_empty() {
            self.close();
        } else {
            self.search(&code_part(self.control.field.kind, &codes_now(), &typed));
        }
    }

    pub(super) fn search(self, query: &str) {
        let value = if self.edited.get_value() { String::new() } else { self.value() };
        let offer = untrack(|| offer(self.control.field.kind, &codes_now(), language(), query, &value));
        announce(untrack(|| tm(&offer.spoken())));
        self.active.set(offer.meant);
        self.offer.set(offer);
        self.open.set(true);
    }

    pub(super) fn toggle(self) {
        if let Some(element) = untrack(|| self.element()) {
            let _ = element.focus();
        }
        if self.open.get_untracked() {
            self.close();
        } else if !self.control.read_only.get_untracked() {
            self.show_list();
        }
    }

    /// Opens the list: for what is being typed, or else all of it, at the current value.
    pub(super) fn show_list(self) {
        let typed = if self.edited.get_value() {
            code_part(self.control.field.kind, &codes_now(), &self.value())
        } else {
            String::new()
        };
        self.search(&typed);
    }

    pub(super) fn close(self) {
        if self.open.get_untracked() {
            self.open.set(false);
        }
    }

    pub(super) fn step(self, by: isize) {
        self.active.update(|active| *active = self.offer.with_untracked(|offer| offer.step(*active, by)));
        let now = self.offer.with_untracked(|offer| {
            let choice = offer.choices.get(self.active.get_untracked()?)?;
            Some(format!("{}-{}", choice.code, choice.name))
        });
        announce(now.unwrap_or_default());
    }

    /// A line was chosen with the mouse.
    pub(super) fn pick(self, index: usize) {
        self.active.set(Some(index));
        self.accept_active();
        if let Some(element) = untrack(|| self.element()) {
            let _ = element.focus();
        }
    }

    pub(super) fn accept_active(self) {
        let active = self.active.get_untracked();
        let code =
            self.offer.with_untracked(|offer| active.and_then(|at| offer.choices.get(at)).map(|one| one.code.clone()));
        if let Some(code) = code {
            self.accept(code);
        }
    }

    pub(super) fn accept(self, code: String) {
        let key = self.control.key();
        self.edited.set_value(false);
        self.close();
        self.control.state.set_text(key, code.clone());
        if let Some(element) = untrack(|| self.element())
            && !self.composing.get_value()
        {
            write(&element, &untrack(|| show(self.control.field.kind, &code)));
        }
        self.control.state.clear_fault(key, NO_MATCH_RULE);
        self.control.commit.run(());
    }

    /// Turns what was typed into a value. False when nothing matches: then the text stays and the
    /// reason stands beside the field.
    pub(super) fn settle(self) -> bool {
        if !self.edited.get_value() {
            return true;
        }
        if self.is_offered() && self.active.get_untracked().is_some() {
            self.accept_active();
            return true;
        }
        let typed = self.value();
        if let Kind::Coded(table) = self.control.field.kind
            && codes_now().table(table).is_none()
        {
            // Without the table nothing can be matched; the server will check the code.
            self.accept(code_part(self.control.field.kind, &codes_now(), &typed));
            return true;
        }
        match untrack(|| resolve(self.control.field.kind, &codes(), language(), &typed)) {
            Ok(code) => {
                self.accept(code);
                true
            }
            Err(message) => {
                if !self.is_offered() {
                    self.close();
                }
                self.control.state.set_fault(self.control.key(), NO_MATCH_RULE, message);
                false
            }
        }
    }

    pub(super) fn leave(self) {
        if self.control.is_gone() {
            return;
        }
        self.composing.set_value(false);
        let settled = self.settle();
        self.close();
        if settled && let Some(element) = untrack(|| self.element()) {
            let text = untrack(|| show(self.control.field.kind, &self.value()));
            write(&element, &text);
        }
    }

    pub(super) fn on_key(self, event: &ev::KeyboardEvent) {
        if ime::owns_key(event, self.composing.get_value()) || self.control.read_only.get_untracked() {
            return;
        }
        let open = self.open.get_untracked();
        let handled = match event.key().as_str() {
            "ArrowDown" | "ArrowUp" if event.alt_key() => {
                if open {
                    self.close()
                } else {
                    self.show_list()
                }
                true
            }
            "F4" if !event.alt_key() && !event.ctrl_key() => {
                self.toggle();
                true
            }
            "ArrowDown" if open => {
                self.step(1);
                true
            }
            "ArrowUp" if open => {
                self.step(-1);
                true
            }
            "ArrowDown" | "ArrowUp" => {
                self.show_list();
                true
            }
            "PageDown" if open => {
                self.step(10);
                true
            }
            "PageUp" if open => {
                self.step(-10);
                true
            }
            "Escape" if open => {
                self.close();
                true
            }
            "Escape" => self.restore(),
            "Enter" if event.ctrl_key() || event.alt_key() || event.meta_key() => false,
            "Enter" | "Tab" if open && !self.edited.get_value() => {
                // Walked through the list without typing: the line it stands on is meant.
                self.accept_active();
                event.key() == "Enter" && stays()
            }
            // Tab leaves where nothing matches, too, and stays where there is something to choose from. Enter stays where
            // nothing is meant, and where the user wants it so.
            "Tab" if event.shift_key() || !self.has_to_choose() => return,
            "Enter" | "Tab" => {
                let typed = self.edited.get_value();
                let settled = self.settle();
                if !settled && let Some(why) = untrack(|| self.control.state.fault_of(self.control.key())) {
                    announce(untrack(|| tm(&why)));
                    type_ahead::refuse(why, self.control.state.again(self.control.key()));
                }
                !settled || (typed && !event.shift_key() && stays())
            }
            _ => return,
        };
        if handled {
            event.prevent_default();
            event.stop_propagation();
        }
    }

    /// There are entries on the screen.
    fn is_offered(self) -> bool {
        self.open.get_untracked() && self.offer.with_untracked(|offer| !offer.choices.is_empty())
    }

    /// What was typed means several entries, and they are on the screen.
    fn has_to_choose(self) -> bool {
        self.is_offered() && self.edited.get_value() && self.active.get_untracked().is_none()
    }

    /// Esc with a closed list: the value before typing comes back.
    pub(super) fn restore(self) -> bool {
        let before = self.control.state.committed(self.control.key());
        if !self.edited.get_value() && self.value() == before {
            return false;
        }
        self.edited.set_value(false);
        if let Some(element) = untrack(|| self.element()) {
            write(&element, &untrack(|| show(self.control.field.kind, &before)));
        }
        self.control.state.clear_fault(self.control.key(), NO_MATCH_RULE);
        self.control.state.set_text(self.control.key(), before);
        true
    }
}
