//! A form drawn from a field table: label and control in three columns, errors beside their fields,
//! and the keys that lead through it without the mouse (Enter, Shift+Enter, F8, look-ups).
//! Values and findings live in the page's `FormState`.

use std::future::Future;
use std::pin::Pin;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::announce::announce;
use super::combo_box::ComboBox;
use super::control::Control;
use super::form_state::FormState;
use super::lang::{said, t, tm};
use super::preferences::choices::{ENTER_FILLED, chosen};
use super::text_box::TextBox;
use super::{focus, ime, type_ahead};
use crate::form::{Field, Kind, Source};
use crate::text::{Message, Text, text};

/// What a look-up answers: filled, or why not.
pub type LookUpFuture = Pin<Box<dyn Future<Output = Result<(), Message>>>>;
/// Fills grey fields from the field whose key it is given.
pub type LookUp = Callback<&'static str, LookUpFuture>;

/// Name of the fault a failed look-up leaves.
const LOOK_UP_RULE: &str = "look_up";

/// Where the keys lead.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// On, by Enter.
    Enter,
    /// Back, by Shift+Enter.
    Back,
}

#[derive(Clone, Copy)]
struct Form {
    state: FormState,
    fields: &'static [Field],
    look_up_keys: &'static [&'static str],
    look_up: Option<LookUp>,
    on_last: Option<Callback<()>>,
    on_commit: Option<Callback<&'static str>>,
    settled: Option<Callback<(), &'static [&'static str]>>,
    /// Field whose look-up runs.
    running: RwSignal<Option<&'static str>>,
    /// Field with the focus, whose help is shown below.
    focused: RwSignal<Option<&'static Field>>,
}

#[component]
pub fn RecordForm(
    state: FormState,
    fields: &'static [Field],
    /// Unique on the page: controls have the ids `prefix-key`.
    #[prop(into)]
    id_prefix: String,
    /// Name of the form for screen readers.
    name: Text,
    /// Keys that are not shown.
    #[prop(optional)]
    hidden: &'static [&'static str],
    #[prop(optional)] look_up_keys: &'static [&'static str],
    #[prop(optional)] look_up: Option<LookUp>,
    /// Enter in the last field.
    #[prop(optional)]
    on_last: Option<Callback<()>>,
    /// A value was accepted (Enter, Tab, leaving the field).
    #[prop(optional)]
    on_commit: Option<Callback<&'static str>>,
    /// Fields in which what stands in others leaves nothing to type now; tracked.
    #[prop(optional)]
    settled: Option<Callback<(), &'static [&'static str]>>,
) -> impl IntoView {
    state.set_prefix(&id_prefix);
    let form = Form {
        state,
        fields,
        look_up_keys,
        look_up,
        on_last,
        on_commit,
        settled,
        running: RwSignal::new(None),
        focused: RwSignal::new(None),
    };
    let rows =
        fields.iter().filter(|field| !hidden.contains(&field.key)).map(|field| field_view(form, field)).collect_view();
    view! {
        <div class="record-form">
            {move || state.restored.get().then(|| restored_notice(state))}
            <div
                class="fields"
                role="group"
                aria-label=said(name)
                on:keydown=move |event| form.on_key(&event)
                on:focusin=move |event| form.focused.set(field_of(&event, fields))
                on:focusout=move |_| {
                    form.focused.try_set(None);
                }
            >
                {rows}
            </div>
            // For the eye only: screen readers hear the help as the field's description.
            <p class="form-hint" aria-hidden="true">{move || form.hint()}</p>
        </div>
    }
    .into_any()
}

/// Says that the form shows what an interrupted visit left behind, and gives the way back.
fn restored_notice(state: FormState) -> AnyView {
    view! {
        <p class="notice notice-warning restored" role="status">
            <span>{t(text(
                "已恢复未保存的内容，请核对后保存。",
                "What you had typed and not saved is back. Check it, then save.",
            ))}</span>
            <button type="button" class="button" on:click=move |_| {
                state.revert();
                state.focus_first();
            }>{t(text("放弃恢复的内容", "Discard it"))}</button>
        </p>
    }
    .into_any()
}

fn field_view(form: Form, field: &'static Field) -> AnyView {
    let state = form.state;
    let key = field.key;
    let settled = Signal::derive(move || form.is_settled(field));
    let control = Control {
        state,
        field,
        settled,
        read_only: Signal::derive(move || settled.get() || state.locked.get()),
        commit: Callback::new(move |()| form.commit(key)),
    };
    let input = match field.kind {
        Kind::Coded(_) | Kind::Choice(_) => view! { <ComboBox control/> }.into_any(),
        _ => view! { <TextBox control/> }.into_any(),
    };
    let class = match field.span {
        0 | 1 => "field",
        2 => "field span-2",
        _ => "field span-3",
    };
    let help = (!field.help.zh.is_empty()).then(|| {
        view! { <span id=control.help_id() class="sr-only">{said(field.help)}</span> }
    });
    view! {
        <div
            class=class
            class:faulty=move || control.is_faulty()
            class:busy=move || form.running.get() == Some(key)
            aria-busy=move || (form.running.get() == Some(key)).then_some("true")
            class:grey=control.read_only
        >
            <span class="field-label">
                {control.is_required().then(|| view! { <span class="star" aria-hidden="true">"*"</span> })}
                <label for=control.id()>{said(field.label)}</label>
            </span>
            <span class="field-control">
                {input}
                {help}
                {move || {
                    state.fault_of(key).map(|fault| view! { <span class="field-error" id=control.error_id()>{tm(&fault)}</span> })
                }}
            </span>
        </div>
    }
    .into_any()
}

fn field_of(event: &ev::Event, fields: &'static [Field]) -> Option<&'static Field> {
    let key = event.target()?.dyn_into::<HtmlElement>().ok()?.get_attribute("data-key")?;
    fields.iter().find(|field| field.key == key)
}

impl Form {
    /// What the focused field understands, in one line.
    fn hint(self) -> String {
        let Some(field) = self.focused.get() else { return String::new() };
        let mut parts = Vec::new();
        if !field.help.zh.is_empty() {
            parts.push(t(field.help));
        }
        match field.kind {
            Kind::Coded(_) | Kind::Choice(_) if field.is_typed() => {
                parts.push(t(text("F4 打开列表，↑↓ 选择，回车返填", "F4 opens the list, ↑↓ choose, Enter accepts")));
            }
            Kind::Date if field.is_typed() => {
                parts.push(t(text("F4 打开日历", "F4 opens the calendar")));
            }
            Kind::Lines { .. } if field.is_typed() => {
                parts.push(t(text("Alt+回车换行", "Alt+Enter begins a new line")));
            }
            _ => {}
        }
        parts.join(" · ")
    }

    /// True when there is nothing to type in a field; tracked.
    fn is_settled(self, field: &Field) -> bool {
        !field.is_typed()
            || (field.source == Source::LookedUpOrTyped
                && self.settled.is_some_and(|settled| settled.run(()).contains(&field.key)))
    }

    fn is_faulty(self, field: &Field) -> bool {
        untrack(|| self.state.fault_of(field.key)).is_some()
    }

    fn commit(self, key: &'static str) {
        let changed = self.state.commit(key);
        if changed {
            if let Some(on_commit) = self.on_commit {
                on_commit.run(key);
            }
            // Left without Enter: the look-up runs behind, the focus stays where the user went.
            if self.needs_look_up(key) && self.running.get_untracked() != Some(key) {
                let value = self.state.get_untracked(key);
                spawn_local(async move {
                    // Enter commits and looks up by itself; it has begun by the time this runs.
                    gloo_timers::future::TimeoutFuture::new(0).await;
                    let begun = self.running.try_get_untracked().flatten() == Some(key);
                    if !begun
                        && self.state.get_untracked(key) == value
                        && self.needs_look_up(key)
                        && let Err(why) = self.run_look_up(key).await
                        && self.state.get_untracked(key) == value
                    {
                        announce(untrack(|| tm(&why)));
                    }
                });
            }
        }
    }

    fn needs_look_up(self, key: &str) -> bool {
        self.look_up.is_some()
            && self.look_up_keys.contains(&key)
            && !self.state.is_looked_up(key, &self.state.get_untracked(key))
    }

    /// Runs the look-up of a field, unless the value cannot be right anyway.
    async fn run_look_up(self, key: &'static str) -> Result<(), Message> {
        let Some(look_up) = self.look_up else { return Ok(()) };
        if let Some(fault) = untrack(|| self.form_fault(key)) {
            self.state.mark_looked_up(key, None);
            return Err(fault);
        }
        let value = self.state.get_untracked(key);
        self.running.try_set(Some(key));
        let answer = look_up.run(key).await;
        self.running.try_set(None);
        // The answer to what is no longer there says nothing.
        if self.state.get_untracked(key) == value {
            match &answer {
                Ok(()) => {
                    self.state.mark_looked_up(key, Some(value));
                    self.state.clear_fault(key, LOOK_UP_RULE);
                }
                Err(message) => {
                    self.state.mark_looked_up(key, None);
                    self.state.set_fault(key, LOOK_UP_RULE, message.clone());
                }
            }
        }
        answer
    }

    /// A fault of the value's form; a failed earlier look-up is none.
    fn form_fault(self, key: &str) -> Option<Message> {
        let at = self.state.pointer_of(key);
        self.state
            .findings
            .try_with_untracked(|all| {
                all.iter().find(|one| one.pointer == at && one.rule == "form").map(|one| one.message.clone())
            })
            .flatten()
    }

    fn on_key(self, event: &ev::KeyboardEvent) {
        if ime::is_composing(event) || event.ctrl_key() || event.meta_key() {
            return;
        }
        let Some(field) = field_of(event, self.fields) else { return };
        let handled = match event.key().as_str() {
            "Enter" if event.alt_key() => matches!(field.kind, Kind::Lines { .. }) && focus::edit("insertText", "\n"),
            "Enter" if event.shift_key() => {
                self.step(field.key, Way::Back);
                true
            }
            "Enter" => {
                self.enter(field);
                true
            }
            "F8" => self.next_error(field.key, event.shift_key()),
            _ => false,
        };
        if handled {
            event.prevent_default();
            event.stop_propagation();
        }
    }

    /// Enter: look up where there is a look-up, else go on.
    fn enter(self, field: &'static Field) {
        let key = field.key;
        if self.running.get_untracked() == Some(key) {
            return;
        }
        self.commit(key);
        if !self.needs_look_up(key) {
            return self.advance(key);
        }
        let hold = type_ahead::hold();
        // Marked at once, so that the commit above does not start the look-up a second time.
        self.running.set(Some(key));
        spawn_local(async move {
            let answer = self.run_look_up(key).await;
            self.running.try_set(None);
            match answer {
                Ok(()) => {
                    type_ahead::composition_over().await;
                    // Somebody who went elsewhere meanwhile is not called back.
                    if focus::active().is_none_or(|active| active.id() == self.state.id_of(key)) {
                        self.advance(key);
                    }
                    hold.release();
                }
                Err(why) => {
                    announce(untrack(|| tm(&why)));
                    hold.stop(why, self.state.again(key));
                }
            }
        });
    }

    fn advance(self, key: &'static str) {
        if !self.step(key, Way::Enter)
            && let Some(on_last) = self.on_last
        {
            on_last.run(());
        }
    }

    /// Moves to the next field that can be typed into; false at the end. The last field is never passed over: Enter
    /// there does something.
    fn step(self, key: &str, way: Way) -> bool {
        let skips = way == Way::Enter && untrack(|| chosen(&ENTER_FILLED)) == "skip";
        let last = self.fields.iter().rfind(|field| field.is_typed()).map(|field| field.key);
        let is_passed = |field: &Field| {
            skips
                && Some(field.key) != last
                && !self.state.get_untracked(field.key).is_empty()
                && !self.is_faulty(field)
        };
        let open = |field: &&Field| untrack(|| !self.is_settled(field)) && !is_passed(field);
        let at = self.fields.iter().position(|field| field.key == key).unwrap_or(0);
        let next = match way {
            Way::Back => self.fields[..at].iter().rev().find(open),
            Way::Enter => self.fields[at + 1..].iter().find(open),
        };
        match next {
            Some(next) => {
                self.state.focus(next.key);
                true
            }
            None => false,
        }
    }

    /// F8: the next faulty field of the form, in a circle.
    fn next_error(self, key: &str, back: bool) -> bool {
        let faulty = self.state.faulty_keys();
        let place = |key: &str| self.fields.iter().position(|field| field.key == key);
        let here = place(key);
        let next = if back {
            faulty.iter().rev().find(|other| place(other) < here).or(faulty.last())
        } else {
            faulty.iter().find(|other| place(other) > here).or(faulty.first())
        };
        if let Some(next) = next {
            self.state.focus(next);
        }
        next.is_some()
    }
}
