//! The delegations of the own enterprise, on either side: offering, accepting, ending. A part of the screen of 系统管理.
//! What a delegation is worth on a day, the server says.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::{Screen, buttons, is_sound, open_at, row_id};
use crate::account::api::enterprise;
use crate::form::{Record, show_date, show_time};
use crate::people::api;
use crate::people::fields::OfferForm;
use crate::people::model::{Delegation, Standing};
use crate::text::{Message, Text, text};
use crate::ui::call::{act, call};
use crate::ui::clock::today;
use crate::ui::dialog::{self, Dialog};
use crate::ui::form_state::FormState;
use crate::ui::grid::{Column, Columns, Grid, GridRows};
use crate::ui::lang::{said, t};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::record_form::{LookUpFuture, RecordForm};
use crate::ui::toast;

const DELEGATIONS: Text = text("委托", "Delegations");
const OFFER: Text = text("新增委托", "Offer a delegation");

/// What the list holds.
#[derive(Clone, Copy)]
struct Delegations {
    screen: Screen,
    active: RwSignal<Option<Uuid>>,
    offering: RwSignal<bool>,
    form: FormState,
    busy: RwSignal<bool>,
}

impl Delegations {
    /// The delegation the keys stand on; tracked.
    fn chosen(self) -> Option<Delegation> {
        let active = self.active.get()?;
        let find = |people: &crate::people::model::People| {
            people.delegations.iter().find(|one| row_id(&one.id) == active).cloned()
        };
        self.screen.people.with(|people| people.as_ref().and_then(find))
    }

    fn begin(self) {
        self.form.load(&OfferForm { from: show_date(today()), ..OfferForm::default() });
        open_at(self.offering, self.form, "agent_code");
    }

    async fn offer(self) {
        if self.busy.get_untracked() || !is_sound(self.form) {
            return;
        }
        self.busy.set(true);
        let offer = self.form.values().read::<OfferForm>().offer();
        let offered = act(|| api::offer(offer.clone())).await;
        self.busy.set(false);
        match offered {
            Ok(()) => {
                self.offering.set(false);
                toast::success(text(
                    "委托已发出，对方管理员在其“系统管理”中接受后生效。",
                    "Offered; it holds once an administrator of the agent accepts it.",
                ));
                self.screen.read().await;
            }
            Err(error) => self.screen.refused(Some(self.form), &error).await,
        }
    }

    async fn accept(self) {
        let Some(one) = untrack(|| self.chosen()) else { return };
        let question = Message::new(
            format!(
                "接受后，本企业用户在{}至{}可为“{}”{}。是否接受？",
                one.from,
                one.to,
                one.principal.name,
                one.scope.label().zh
            ),
            format!(
                "Users of your enterprise may then act for “{}” from {} to {}: {}. Accept?",
                one.principal.name,
                one.from,
                one.to,
                one.scope.label().en
            ),
        );
        if !dialog::confirm(question).await {
            return;
        }
        match act(|| api::accept(one.id.clone())).await {
            Ok(()) => {
                toast::success(text("已接受委托", "Accepted"));
                self.screen.read_with_rights().await;
            }
            Err(error) => self.screen.refused(None, &error).await,
        }
    }

    async fn end(self) {
        let Some(one) = untrack(|| self.chosen()) else { return };
        let question = Message::new(
            format!(
                "终止后立即生效：“{}”的用户不能再为“{}”查询、录入或申报，正在录入的内容也不能再保存。是否终止？",
                one.agent.name, one.principal.name
            ),
            format!(
                "It ends at once: users of “{}” can no longer act for “{}”, nor save what they are typing. End it?",
                one.agent.name, one.principal.name
            ),
        );
        if !dialog::confirm_loss(question).await {
            return;
        }
        match act(|| api::end_delegation(one.id.clone())).await {
            Ok(()) => {
                toast::success(text("委托已终止", "The delegation is ended"));
                self.screen.read_with_rights().await;
            }
            Err(error) => self.screen.refused(None, &error).await,
        }
    }

    /// The name that belongs to the code.
    fn look_up(self) -> LookUpFuture {
        Box::pin(async move {
            let code = self.form.get_untracked("agent_code");
            self.form.patch("agent_name", "");
            if code.is_empty() {
                return Ok(());
            }
            let found = call(|| enterprise(code.clone())).await.map_err(|error| error.message)?;
            self.form.patch("agent_name", found.name);
            Ok(())
        })
    }
}

/// The list with its buttons and the form of an offer.
pub(super) fn list(screen: Screen) -> AnyView {
    let delegations = Delegations {
        screen,
        active: RwSignal::new(None),
        offering: RwSignal::new(false),
        form: FormState::new("offer", OfferForm::FIELDS),
        busy: RwSignal::new(false),
    };
    let columns = Columns::new(
        "people-delegations",
        vec![
            Column::new("principal", text("委托企业", "Principal"), 26),
            Column::new("agent", text("代理企业", "Agent"), 26),
            Column::new("scope", text("范围", "Scope"), 18),
            Column::new("from", text("起始日期", "First day"), 11),
            Column::new("to", text("截止日期", "Last day"), 11),
            Column::new("standing", text("状态", "State"), 12),
            Column::new("last", text("最近操作", "Last step"), 30),
        ],
    );
    let listed = Memo::new(move |_| {
        screen.people.with(|people| people.as_ref().map(|people| people.delegations.clone())).unwrap_or_default()
    });
    let rows = GridRows::of(listed.into(), |one: &Delegation| row_id(&one.id), cell);
    let not_to_accept = Signal::derive(move || {
        let own = screen.own_code();
        delegations.chosen().is_none_or(|one| one.standing != Standing::Offered || one.agent.code != own)
    });
    let not_to_end = Signal::derive(move || delegations.chosen().is_none_or(|one| !one.standing.can_end()));
    let done = Callback::new(move |()| spawn_local(delegations.offer()));
    view! {
        <div class="panel results">
            <h2 class="row-heading">{said(DELEGATIONS)}</h2>
            <div class="section-bar" role="toolbar" aria-label=said(DELEGATIONS)>
                <ActionButton label=OFFER icon="plus" kind=ButtonKind::Plain on_press=Callback::new(move |()| delegations.begin())/>
                <ActionButton label=text("接受委托", "Accept") icon="check" kind=ButtonKind::Plain disabled=not_to_accept
                    on_press=Callback::new(move |()| spawn_local(delegations.accept()))/>
                <ActionButton label=text("终止委托", "End the delegation") icon="x" kind=ButtonKind::Danger disabled=not_to_end
                    on_press=Callback::new(move |()| spawn_local(delegations.end()))/>
                <span class="bar-note">{said(text(
                    "委托代理企业为本企业查询、录入或申报；接受和终止都立即生效，双方可见",
                    "Lets an agent act for your enterprise; accepting and ending hold at once, and both see them",
                ))}</span>
            </div>
            <Grid name=DELEGATIONS columns rows active=delegations.active height=6 state=Signal::from(screen.grid)
                empty=text("没有委托，也没有受托", "No delegations")
                on_retry=Callback::new(move |()| screen.read_soon())/>
        </div>
        <Dialog open=delegations.offering title=Signal::derive(|| t(OFFER).to_owned()) wide=true>
            <RecordForm state=delegations.form fields=OfferForm::FIELDS id_prefix="offer" name=OFFER on_last=done
                look_up_keys=&["agent_code"] look_up=Callback::new(move |_| delegations.look_up())/>
            {buttons(delegations.offering, text("发出委托", "Offer"), "send", delegations.busy, done)}
        </Dialog>
    }
    .into_any()
}

fn cell(one: &Delegation, key: &'static str) -> String {
    match key {
        "principal" => format!("{} {}", one.principal.code, one.principal.name),
        "agent" => format!("{} {}", one.agent.code, one.agent.name),
        "scope" => t(one.scope.label()).to_owned(),
        "from" => one.from.clone(),
        "to" => one.to.clone(),
        "standing" => t(one.standing.label()).to_owned(),
        _ => {
            let step = |what: Text, by: &str, at: &str| format!("{} {by} {}", t(what), show_time(at));
            if !one.ended_at.is_empty() {
                step(text("终止", "Ended by"), &one.ended_by, &one.ended_at)
            } else if !one.accepted_at.is_empty() {
                step(text("接受", "Accepted by"), &one.accepted_by, &one.accepted_at)
            } else {
                step(text("发出", "Offered by"), &one.offered_by, &one.offered_at)
            }
        }
    }
}
