//! The screen of 系统管理: users and delegations of one's enterprise for its administrators, enterprises for who operates the
//! service. A tab of its own (`app::panels`). What may be done, the server decides; what it refuses stands at its field.

mod delegations;
mod enterprises;
mod link;
mod users;

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::api;
use super::model::{People, Registered};
use crate::account::rights::Right;
use crate::error::ApiError;
use crate::form::Severity;
use crate::text::{Text, text};
use crate::ui::call::call;
use crate::ui::form_state::FormState;
use crate::ui::grid::GridState;
use crate::ui::lang::{said, t};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::toast;
use crate::workspace::tabs::{self, PEOPLE, TabKey};
use crate::workspace::{may, set_me};

const GRADE: Text = text("信用等级", "Grade");
const SAVE: Text = text("保存", "Save");

/// What the page holds; all handles, copied freely.
#[derive(Clone, Copy)]
struct Screen {
    people: RwSignal<Option<People>>,
    grid: RwSignal<GridState>,
    link: link::Shown,
}

impl Screen {
    /// Reads all of it; what is chosen in the lists stays chosen.
    async fn read(self) {
        match call(api::list).await {
            Ok(people) => {
                self.people.try_set(Some(people));
                self.grid.try_set(GridState::Ready);
            }
            Err(error) => drop(self.grid.try_set(GridState::Failed(error.message))),
        }
    }

    /// As [`Screen::read`], after something that changes what this very user may do: the menu and the lists follow at once.
    async fn read_with_rights(self) {
        if let Ok(me) = call(crate::account::api::me).await {
            set_me(me);
        }
        self.read().await;
    }

    fn read_soon(self) {
        spawn_local(self.read());
    }

    /// What the own enterprise is called by; empty before the answer.
    fn own_code(self) -> String {
        self.people.with(|people| people.as_ref().map(|people| people.own.enterprise.code.clone()).unwrap_or_default())
    }

    /// Shows why something was refused, and what is stored now.
    async fn refused(self, form: Option<FormState>, error: &ApiError) {
        tell(form, error);
        self.read().await;
    }
}

/// Says why something was refused: at the fields of its form, or in a message.
fn tell(form: Option<FormState>, error: &ApiError) {
    if !form.is_some_and(|form| show_at_fields(form, error)) {
        toast::failed(error);
    }
}

/// The buttons under a form in a dialog.
fn buttons(open: RwSignal<bool>, label: Text, icon: &'static str, busy: RwSignal<bool>, done: Callback<()>) -> AnyView {
    view! {
        <div class="dialog-buttons">
            <ActionButton label icon kind=ButtonKind::Primary busy on_press=done/>
            <ActionButton label=text("取消", "Cancel") kind=ButtonKind::Plain on_press=Callback::new(move |()| open.set(false))/>
        </div>
    }
    .into_any()
}

/// Puts the reasons at their fields and the keys into the first of them. False when none of them is of this form.
fn show_at_fields(form: FormState, error: &ApiError) -> bool {
    for finding in &error.findings {
        // One field shows both roles; the server speaks of `roles`.
        let key = if finding.pointer == "roles" { "work" } else { &finding.pointer };
        if form.fields().iter().any(|field| field.key == key) {
            form.set_fault(key, &finding.rule, finding.message.clone());
        }
    }
    form.focus_error()
}

/// True when what is typed may be sent; else the keys stand in the first fault.
fn is_sound(form: FormState) -> bool {
    let faults = form.check(false);
    let grave = faults.iter().any(|found| found.severity == Severity::Save);
    if grave {
        form.focus_error();
    }
    !grave
}

/// Opens a dialog with the keys in a field of its form: a moment later, since a dialog moves the focus itself when it opens.
fn open_at(open: RwSignal<bool>, form: FormState, key: &'static str) {
    open.set(true);
    set_timeout(move || form.focus(key), Duration::ZERO);
}

/// The identity of a row in a grid.
fn row_id(id: &str) -> Uuid {
    Uuid::parse_str(id).unwrap_or_default()
}

/// The page.
pub fn people_page(tab: TabKey) -> AnyView {
    let screen =
        Screen { people: RwSignal::new(None), grid: RwSignal::new(GridState::Loading), link: link::Shown::new() };
    let (manages, operates) = (Memo::new(|_| may(Right::Manage, "")), Memo::new(|_| may(Right::Operate, "")));
    Effect::new(move |_| {
        if manages.get() && tabs::is_active(tab) {
            screen.read_soon();
        }
    });
    view! {
        <section class="page people">
            <h1 class="page-title">{said(PEOPLE)}</h1>
            {move || manages.get().then(|| view! {
                {move || screen.people.with(|people| people.as_ref().map(|people| own(&people.own)))}
                {users::list(screen)}
                {delegations::list(screen)}
            })}
            {move || operates.get().then(|| enterprises::list(screen))}
            {link::dialog(screen.link)}
        </section>
    }
    .into_any()
}

/// The own enterprise: kept by who operates the service.
fn own(own: &Registered) -> AnyView {
    let fact = |label: Text, value: String| view! { <div class="fact"><dt>{t(label)}</dt><dd>{value}</dd></div> };
    let grade = if own.open_case { text("涉案", "Under investigation") } else { own.grade.label() };
    view! {
        <dl class="facts people-own">
            {fact(text("本企业", "Enterprise"), own.enterprise.name.clone())}
            {fact(text("海关注册编码", "Customs code"), own.enterprise.code.clone())}
            {fact(text("统一社会信用代码", "Credit code"), own.enterprise.uscc.clone())}
            {fact(GRADE, t(grade).to_owned())}
        </dl>
    }
    .into_any()
}
