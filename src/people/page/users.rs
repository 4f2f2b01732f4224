//! The users of the own enterprise: the list, and what is done to one of them. A part of the screen of 系统管理.
//! Whom one may shut out, the server says.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::{SAVE, Screen, buttons, is_sound, open_at, row_id};
use crate::account::model::Invitation;
use crate::error::ApiError;
use crate::form::{Record, show_time};
use crate::people::api;
use crate::people::fields::{KNOWN_USER, UserForm, user_form};
use crate::people::model::{SaveUser, User};
use crate::text::{Message, Text, text};
use crate::ui::call::act;
use crate::ui::dialog::{self, Dialog};
use crate::ui::form_state::FormState;
use crate::ui::grid::{Column, Columns, Grid, GridRows};
use crate::ui::lang::{said, t};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::record_form::RecordForm;
use crate::ui::toast;
use crate::workspace::me_now;

const USERS: Text = text("用户", "Users");
const ADD: Text = text("新增用户", "Add a user");
const EDIT: Text = text("修改用户", "Change the user");

/// What the list holds.
#[derive(Clone, Copy)]
struct Users {
    screen: Screen,
    active: RwSignal<Option<Uuid>>,
    adding: RwSignal<bool>,
    editing: RwSignal<bool>,
    new: FormState,
    known: FormState,
    busy: RwSignal<bool>,
}

impl Users {
    /// The user the keys stand on; tracked.
    fn chosen(self) -> Option<User> {
        let active = self.active.get()?;
        let find = |people: &crate::people::model::People| {
            people.users.iter().find(|user| row_id(&user.id) == active).cloned()
        };
        self.screen.people.with(|people| people.as_ref().and_then(find))
    }

    fn begin_adding(self) {
        self.new.load(&UserForm { work: "2".into(), admin: "0".into(), ..UserForm::default() });
        open_at(self.adding, self.new, "login");
    }

    fn begin_editing(self) {
        let Some(user) = untrack(|| self.chosen()) else { return };
        self.known.load(&user_form(&user.login, &user.name, &user.roles));
        open_at(self.editing, self.known, "name");
    }

    async fn add(self) {
        if self.busy.get_untracked() || !is_sound(self.new) {
            return;
        }
        self.busy.set(true);
        let user = self.new.values().read::<UserForm>().user();
        let added = act(|| api::add_user(user.clone())).await;
        self.busy.set(false);
        match added {
            Ok(invitation) => {
                self.adding.set(false);
                self.screen.read().await;
                self.screen.link.show(invitation);
            }
            Err(error) => self.screen.refused(Some(self.new), &error).await,
        }
    }

    async fn save(self) {
        let Some(user) = untrack(|| self.chosen()) else { return };
        if self.busy.get_untracked() || !is_sound(self.known) {
            return;
        }
        let typed: UserForm = self.known.values().read();
        let (name, roles) = (typed.name.clone(), typed.roles(&user.roles));
        self.busy.set(true);
        let saved = self.set(SaveUser { id: user.id, base: user.version, name, roles, disabled: user.disabled });
        let saved = saved.await;
        self.busy.set(false);
        match saved {
            Ok(()) => {
                self.editing.set(false);
                toast::success(text("已保存，立即生效。", "Saved; it holds at once."));
                self.screen.read_with_rights().await;
            }
            Err(error) => self.screen.refused(Some(self.known), &error).await,
        }
    }

    async fn set(self, user: SaveUser) -> Result<(), ApiError> {
        act(|| api::save_user(user.clone())).await
    }

    /// 停用 or 启用.
    async fn turn(self) {
        let Some(user) = untrack(|| self.chosen()) else { return };
        let disabled = !user.disabled;
        let question = Message::new(
            format!(
                "停用后，{}（{}）立即退出登录且不能再登录；已录入的数据不受影响。是否停用？",
                user.name, user.login
            ),
            format!("{} ({}) is signed out at once and cannot sign in again. Disable?", user.name, user.login),
        );
        if disabled && !dialog::confirm_loss(question).await {
            return;
        }
        let saved =
            self.set(SaveUser { id: user.id, base: user.version, name: user.name, roles: user.roles, disabled });
        match saved.await {
            Ok(()) => {
                toast::success(if disabled { text("已停用", "Disabled") } else { text("已启用", "Enabled") });
                self.screen.read().await;
            }
            Err(error) => self.screen.refused(None, &error).await,
        }
    }

    async fn invite(self) {
        let Some(user) = untrack(|| self.chosen()) else { return };
        let question = Message::new(
            format!(
                "将为{}（{}）生成新的登录链接：原密码立即失效，所有登录中的设备退出。是否继续？",
                user.name, user.login
            ),
            format!(
                "{} ({}) gets a new link: the old password and all sessions end now. Go on?",
                user.name, user.login
            ),
        );
        if !dialog::confirm_loss(question).await {
            return;
        }
        let made: Result<Invitation, ApiError> = act(|| api::invite(user.id.clone())).await;
        match made {
            Ok(invitation) => {
                self.screen.read().await;
                self.screen.link.show(invitation);
            }
            Err(error) => self.screen.refused(None, &error).await,
        }
    }

    async fn end_sessions(self) {
        let Some(user) = untrack(|| self.chosen()) else { return };
        let question = Message::new(
            format!("是否结束{}（{}）在所有设备上的登录？本人可以重新登录。", user.name, user.login),
            format!("End all sessions of {} ({})? The user can sign in again.", user.name, user.login),
        );
        if !dialog::confirm(question).await {
            return;
        }
        match act(|| api::end_sessions(user.id.clone())).await {
            Ok(()) => {
                toast::success(text("已结束该用户的全部登录", "All sessions of the user are ended"));
                self.screen.read().await;
            }
            Err(error) => self.screen.refused(None, &error).await,
        }
    }
}

/// The list with its buttons and forms.
pub(super) fn list(screen: Screen) -> AnyView {
    let users = Users {
        screen,
        active: RwSignal::new(None),
        adding: RwSignal::new(false),
        editing: RwSignal::new(false),
        new: FormState::new("user", UserForm::FIELDS),
        known: FormState::new("user", &KNOWN_USER),
        busy: RwSignal::new(false),
    };
    let columns = Columns::new(
        "people-users",
        vec![
            Column::new("login", text("用户名", "User name"), 18),
            Column::new("name", text("姓名", "Name"), 16),
            Column::new("roles", text("角色", "Roles"), 22),
            Column::new("standing", text("状态", "State"), 12),
            Column::new("sessions", text("登录中的设备", "Sessions"), 12).numeric(),
            Column::new("last_seen_at", text("最近使用", "Last used"), 20),
        ],
    );
    let listed = Memo::new(move |_| {
        screen.people.with(|people| people.as_ref().map(|one| one.users.clone())).unwrap_or_default()
    });
    let rows = GridRows::of(listed.into(), |user: &User| row_id(&user.id), cell);
    let none = Signal::derive(move || users.chosen().is_none());
    // One's own sessions and password are kept under 账户.
    let not_others = Signal::derive(move || {
        let me = me_now().map(|me| me.login).unwrap_or_default();
        users.chosen().is_none_or(|user| user.login == me)
    });
    let no_link = Signal::derive(move || not_others.get() || users.chosen().is_none_or(|user| user.disabled));
    let turned = Memo::new(move |_| users.chosen().is_some_and(|user| user.disabled));
    view! {
        <div class="panel results">
            <h2 class="row-heading">{said(USERS)}</h2>
            <div class="section-bar" role="toolbar" aria-label=said(USERS)>
                <ActionButton label=ADD icon="plus" kind=ButtonKind::Plain on_press=Callback::new(move |()| users.begin_adding())/>
                <ActionButton label=EDIT icon="edit" kind=ButtonKind::Plain disabled=none on_press=Callback::new(move |()| users.begin_editing())/>
                <ActionButton label=text("重置密码", "Reset the password") icon="refresh" kind=ButtonKind::Plain disabled=no_link
                    on_press=Callback::new(move |()| spawn_local(users.invite()))/>
                <ActionButton label=text("结束登录", "End the sessions") icon="leave" kind=ButtonKind::Plain disabled=not_others
                    on_press=Callback::new(move |()| spawn_local(users.end_sessions()))/>
                {move || {
                    let on_press = Callback::new(move |()| spawn_local(users.turn()));
                    if turned.get() {
                        view! { <ActionButton label=text("启用", "Enable") icon="check" kind=ButtonKind::Plain on_press/> }.into_any()
                    } else {
                        view! { <ActionButton label=text("停用", "Disable") icon="x" kind=ButtonKind::Danger disabled=not_others on_press/> }.into_any()
                    }
                }}
            </div>
            <Grid name=USERS columns rows active=users.active height=8 state=Signal::from(screen.grid)
                empty=text("还没有用户", "No users")
                on_open=Callback::new(move |id: Uuid| {
                    users.active.set(Some(id));
                    users.begin_editing();
                })
                on_retry=Callback::new(move |()| screen.read_soon())/>
        </div>
        {form(users, users.adding, ADD, users.new, |users| spawn_local(users.add()))}
        {form(users, users.editing, EDIT, users.known, |users| spawn_local(users.save()))}
    }
    .into_any()
}

fn cell(user: &User, key: &'static str) -> String {
    match key {
        "login" => user.login.clone(),
        "name" => user.name.clone(),
        "roles" => user.roles.iter().map(|role| t(role.label())).collect::<Vec<_>>().join("、"),
        "standing" => t(user.standing()).to_owned(),
        "sessions" if user.sessions == 0 => String::new(),
        "sessions" => user.sessions.to_string(),
        _ if user.last_seen_at.is_empty() => String::new(),
        _ => show_time(&user.last_seen_at),
    }
}

fn form(users: Users, open: RwSignal<bool>, name: Text, state: FormState, done: fn(Users)) -> AnyView {
    let done = Callback::new(move |()| done(users));
    let prefix = if name == ADD { "user-new" } else { "user-known" };
    view! {
        <Dialog open title=Signal::derive(move || t(name).to_owned()) wide=true>
            <RecordForm state fields=state.fields() id_prefix=prefix name on_last=done/>
            {buttons(open, SAVE, "save", users.busy, done)}
        </Dialog>
    }
    .into_any()
}
