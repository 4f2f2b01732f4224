//! The enterprises of the service, for who operates it: found, registered, graded, given a first administrator. A part of the
//! screen of 系统管理.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::{GRADE, SAVE, Screen, buttons, is_sound, open_at, tell};
use crate::form::Record;
use crate::people::api;
use crate::people::fields::{EnterpriseForm, UserForm, enterprise_form};
use crate::people::model::Registered;
use crate::text::{Message, Text, text};
use crate::ui::call::{act, call};
use crate::ui::dialog::Dialog;
use crate::ui::form_state::FormState;
use crate::ui::grid::{Column, Columns, Grid, GridRows, GridState};
use crate::ui::lang::{said, t};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::record_form::RecordForm;
use crate::ui::toast;

const ENTERPRISES: Text = text("企业", "Enterprises");
const ADD: Text = text("登记企业", "Register an enterprise");
const EDIT: Text = text("修改企业", "Change the enterprise");
const ADMINISTRATOR: Text = text("新增管理员", "Add an administrator");

/// What the list holds.
#[derive(Clone, Copy)]
struct Enterprises {
    screen: Screen,
    found: RwSignal<Vec<Registered>>,
    grid: RwSignal<GridState>,
    active: RwSignal<Option<Uuid>>,
    typed: RwSignal<String>,
    open: RwSignal<bool>,
    /// The enterprise that is being changed, as it was looked at; none for a new one.
    was: RwSignal<Option<Registered>>,
    form: FormState,
    adding: RwSignal<bool>,
    administrator: FormState,
    busy: RwSignal<bool>,
}

/// Codes are ten letters and digits, an identity sixteen bytes.
fn row_id(registered: &Registered) -> Uuid {
    let mut bytes = [0; 16];
    for (byte, letter) in bytes.iter_mut().zip(registered.enterprise.code.bytes()) {
        *byte = letter;
    }
    Uuid::from_bytes(bytes)
}

impl Enterprises {
    fn chosen(self) -> Option<Registered> {
        let active = self.active.get()?;
        self.found.with(|found| found.iter().find(|one| row_id(one) == active).cloned())
    }

    async fn find(self) {
        let typed = self.typed.get_untracked();
        let answer = call(|| api::enterprises(typed.clone())).await;
        // An answer to an earlier question that comes later counts no more.
        if self.typed.try_get_untracked().is_none_or(|now| now != typed) {
            return;
        }
        match answer {
            Ok(found) => {
                self.found.try_set(found);
                self.grid.try_set(GridState::Ready);
            }
            Err(error) => drop(self.grid.try_set(GridState::Failed(error.message))),
        }
    }

    fn begin(self, is_new: bool) {
        let known = untrack(|| self.chosen()).filter(|_| !is_new);
        if !is_new && known.is_none() {
            return;
        }
        self.form.load(&enterprise_form(&known.clone().unwrap_or_default()));
        self.was.set(known);
        open_at(self.open, self.form, if is_new { "code" } else { "uscc" });
    }

    async fn save(self) {
        if self.busy.get_untracked() || !is_sound(self.form) {
            return;
        }
        self.busy.set(true);
        let (typed, was) = (self.form.values().read::<EnterpriseForm>().registered(), self.was.get_untracked());
        let saved = act(|| api::save_enterprise(typed.clone(), was.clone())).await;
        self.busy.set(false);
        match saved {
            Ok(()) => {
                self.open.set(false);
                toast::success(text("企业已保存，立即生效。", "Saved; it holds at once."));
                if was.is_none() {
                    self.typed.set(typed.enterprise.code.clone());
                }
                self.find().await;
                self.active.set(Some(row_id(&typed)));
            }
            Err(error) => {
                tell(Some(self.form), &error);
                self.find().await;
            }
        }
    }

    fn begin_administrator(self) {
        if untrack(|| self.chosen()).is_some() {
            self.administrator.load(&UserForm { work: "0".into(), admin: "1".into(), ..UserForm::default() });
            open_at(self.adding, self.administrator, "login");
        }
    }

    async fn add_administrator(self) {
        let Some(enterprise) = untrack(|| self.chosen()) else { return };
        if self.busy.get_untracked() || !is_sound(self.administrator) {
            return;
        }
        self.busy.set(true);
        let (code, user) = (enterprise.enterprise.code, self.administrator.values().read::<UserForm>().user());
        let added = act(|| api::add_administrator(code.clone(), user.clone())).await;
        self.busy.set(false);
        match added {
            Ok(invitation) => {
                self.adding.set(false);
                self.find().await;
                self.screen.link.show(invitation);
            }
            Err(error) => tell(Some(self.administrator), &error),
        }
    }
}

/// The list with its buttons and forms.
pub(super) fn list(screen: Screen) -> AnyView {
    let enterprises = Enterprises {
        screen,
        found: RwSignal::new(Vec::new()),
        grid: RwSignal::new(GridState::Loading),
        active: RwSignal::new(None),
        typed: RwSignal::new(String::new()),
        open: RwSignal::new(false),
        was: RwSignal::new(None),
        form: FormState::new("enterprise", EnterpriseForm::FIELDS),
        adding: RwSignal::new(false),
        administrator: FormState::new("administrator", UserForm::FIELDS),
        busy: RwSignal::new(false),
    };
    spawn_local(enterprises.find());
    let columns = Columns::new(
        "people-enterprises",
        vec![
            Column::new("code", text("海关注册编码", "Customs code"), 14),
            Column::new("uscc", text("统一社会信用代码", "Credit code"), 22),
            Column::new("name", text("企业名称", "Name"), 32),
            Column::new("grade", GRADE, 14),
            Column::new("open_case", text("涉案", "Case"), 6),
            Column::new("is_agent", text("代理企业", "Agent"), 9),
            Column::new("users", text("用户数", "Users"), 8).numeric(),
        ],
    );
    let rows = GridRows::of(enterprises.found.into(), row_id, cell);
    let none = Signal::derive(move || enterprises.chosen().is_none());
    let save = Callback::new(move |()| spawn_local(enterprises.save()));
    let add = Callback::new(move |()| spawn_local(enterprises.add_administrator()));
    let title = move || t(if enterprises.was.with(Option::is_none) { ADD } else { EDIT }).to_owned();
    let of_whom = move || {
        let name = enterprises.chosen().map(|one| one.enterprise.name).unwrap_or_default();
        crate::ui::lang::tm(&Message::new(format!("新增管理员：{name}"), format!("Add an administrator of {name}")))
    };
    view! {
        <div class="panel results">
            <h2 class="row-heading">{said(ENTERPRISES)}</h2>
            <div class="section-bar" role="toolbar" aria-label=said(ENTERPRISES)>
                <ActionButton label=ADD icon="plus" kind=ButtonKind::Plain on_press=Callback::new(move |()| enterprises.begin(true))/>
                <ActionButton label=EDIT icon="edit" kind=ButtonKind::Plain disabled=none on_press=Callback::new(move |()| enterprises.begin(false))/>
                <ActionButton label=ADMINISTRATOR icon="user" kind=ButtonKind::Plain disabled=none
                    on_press=Callback::new(move |()| enterprises.begin_administrator())/>
                <span class="bar-gap"></span>
                <form class="people-find" on:submit=move |event: ev::SubmitEvent| {
                    event.prevent_default();
                    spawn_local(enterprises.find());
                }>
                    <label for="people-find">{said(text("编码或名称", "Code or name"))}</label>
                    <input id="people-find" class="input" type="text" maxlength="70" autocomplete="off"
                        prop:value=enterprises.typed
                        on:change=move |event| enterprises.typed.set(event_target_value(&event))/>
                    <button type="submit" class="button">{said(text("查找企业", "Find"))}</button>
                </form>
            </div>
            <Grid name=ENTERPRISES columns rows active=enterprises.active height=10 state=Signal::from(enterprises.grid)
                empty=text("没有符合的企业", "No such enterprise")
                on_open=Callback::new(move |id: Uuid| {
                    enterprises.active.set(Some(id));
                    enterprises.begin(false);
                })
                on_retry=Callback::new(move |()| spawn_local(enterprises.find()))/>
        </div>
        <Dialog open=enterprises.open title=Signal::derive(title) wide=true>
            <RecordForm state=enterprises.form fields=EnterpriseForm::FIELDS id_prefix="enterprise" name=ENTERPRISES on_last=save/>
            {buttons(enterprises.open, SAVE, "save", enterprises.busy, save)}
        </Dialog>
        <Dialog open=enterprises.adding title=Signal::derive(of_whom) wide=true>
            <RecordForm state=enterprises.administrator fields=UserForm::FIELDS id_prefix="administrator" name=ADMINISTRATOR
                hidden=&["work", "admin"] on_last=add/>
            {buttons(enterprises.adding, SAVE, "save", enterprises.busy, add)}
        </Dialog>
    }
    .into_any()
}

fn cell(registered: &Registered, key: &'static str) -> String {
    let yes = |is: bool| if is { t(text("是", "Yes")).to_owned() } else { String::new() };
    match key {
        "code" => registered.enterprise.code.clone(),
        "uscc" => registered.enterprise.uscc.clone(),
        "name" => registered.enterprise.name.clone(),
        "grade" => t(registered.grade.label()).to_owned(),
        "open_case" => yes(registered.open_case),
        "is_agent" => yes(registered.is_agent),
        _ => registered.users.to_string(),
    }
}
