//! What a query list holds: what was asked for last, the page of the answer, the chosen line. Paging and sorting go on
//! with what was asked, not with what is being typed above. Asks the server; draws nothing.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::model::{Conditions, condition_fields, kind_of_code};
use crate::document::kind::{Kind, Listing};
use crate::document::listing::Listed;
use crate::document::{Query, QueryLine, QueryPage, Status, api};
use crate::form::Severity;
use crate::hint::model::Hint;
use crate::hint::page as hint;
use crate::ui::call::call;
use crate::ui::form_state::FormState;
use crate::ui::grid::{Columns, GridState, Sort};
use crate::ui::preferences;
use crate::workspace::tabs::{self, Tab};
use crate::workspace::{self, stored};

pub(super) const PAGE_SIZES: &[i64] = &[15, 50, 100, 500];
const USUAL_SIZE: i64 = 50;
/// After a change, so that many at once are one look.
const SOON: Duration = Duration::from_millis(300);

/// Key of the preference that keeps the enterprise asked for last.
const LAST_OPERATOR: &str = "query.operator";

#[derive(Clone, Copy)]
pub(super) struct ListState {
    pub listed: StoredValue<Listed>,
    pub operator: RwSignal<String>,
    pub conditions: FormState,
    /// What was asked for last: the list below is its answer, or on its way.
    pub asked: RwSignal<Query>,
    pub page: RwSignal<QueryPage>,
    pub sort: RwSignal<Option<Sort>>,
    pub grid: RwSignal<GridState>,
    pub active: RwSignal<Option<Uuid>>,
    pub receipts: RwSignal<bool>,
    pub history: RwSignal<bool>,
    /// Number of the last question: an answer to an earlier one that comes later counts no more.
    turn: StoredValue<u32>,
    /// How often something had been stored when it was asked.
    seen: StoredValue<u32>,
    /// How often a look at everything had been called for when it was asked.
    looked: StoredValue<u32>,
    /// It is being asked for once more.
    renewing: StoredValue<bool>,
}

impl ListState {
    /// Begins with the first page of everything.
    pub fn new(listed: Listed, columns: Columns) -> Self {
        let (listing, fields) = (listed.listing, condition_fields(&listed));
        let state = Self {
            listed: StoredValue::new(listed),
            operator: RwSignal::new(first_operator()),
            conditions: FormState::new("query", fields),
            asked: RwSignal::new(Query { page_size: USUAL_SIZE, ..Query::default() }),
            page: RwSignal::new(QueryPage::default()),
            sort: columns.sort(),
            grid: RwSignal::new(GridState::Ready),
            active: RwSignal::new(None),
            receipts: RwSignal::new(false),
            history: RwSignal::new(false),
            turn: StoredValue::new(0),
            seen: StoredValue::new(0),
            looked: StoredValue::new(untrack(hint::looks)),
            renewing: StoredValue::new(false),
        };
        state.conditions.load(&Conditions::default());
        state.ask();
        Effect::new(move |before: Option<()>| {
            state.sort.track();
            if before.is_some() {
                state.go_on(&|_| {});
            }
        });
        // What others store in a line that is shown changes the line, and nothing else of the list.
        let heard = Memo::new(move |_| {
            state.page.with(|page| page.lines.iter().filter_map(|line| hint::of(line.meta.id)).collect::<Vec<Hint>>())
        });
        Effect::new(move |before: Option<()>| {
            // Read, not only tracked: nobody else does, and a memo that is never read follows nothing.
            heard.with(|_| {});
            hint::looks();
            let is_shown =
                tabs::active().and_then(tabs::get).is_some_and(|open| open.tab == Tab::QueryList { listing });
            if before.is_some() && is_shown && untrack(|| state.is_overtaken()) {
                set_timeout(move || state.renew(), SOON);
            }
        });
        // What was stored elsewhere is shown as soon as the list is in front again.
        Effect::new(move |_| {
            let is_in_front =
                tabs::active().and_then(tabs::get).is_some_and(|open| open.tab == Tab::QueryList { listing });
            if is_in_front && stored::count() != state.seen.get_value() {
                untrack(|| state.go_on(&|_| {}));
            }
        });
        state
    }

    pub fn listing(&self) -> &'static Listing {
        self.listed.with_value(|listed| listed.listing)
    }

    /// The kind of a line.
    pub fn kind_of(&self, line: &QueryLine) -> &'static Kind {
        self.listed.with_value(|listed| listed.kind(&line.meta.kind).unwrap_or(listed.kinds[0]))
    }

    /// The chosen line with its kind.
    pub fn chosen(&self) -> Option<(&'static Kind, QueryLine)> {
        untrack(|| self.line()).map(|line| (self.kind_of(&line), line))
    }

    /// The chosen line; tracked.
    pub fn line(&self) -> Option<QueryLine> {
        let active = self.active.get()?;
        self.page.with(|page| page.lines.iter().find(|line| line.meta.id == active).cloned())
    }

    pub fn choose_operator(&self, code: String) {
        preferences::set(LAST_OPERATOR, code.clone());
        self.operator.set(code);
        self.ask();
    }

    /// 查询: asks for what the conditions say, from the first page.
    pub fn ask(&self) {
        let faults = self.conditions.check(false);
        if faults.iter().any(|found| found.severity == Severity::Save) {
            self.conditions.focus_error();
            return;
        }
        let typed: Conditions = self.conditions.values().read();
        self.asked.update(|query| {
            *query = Query {
                list: self.listing().key.to_owned(),
                kind: self.listed.with_value(|listed| kind_of_code(listed, &typed.kind)),
                operator_code: self.operator.get_untracked(),
                book_no: typed.book_no,
                seq_no: typed.seq_no,
                internal_no: typed.internal_no,
                entry_no: typed.entry_no,
                status: Status::from_code(&typed.status),
                decl_type: typed.decl_type,
                change_seq: typed.change_seq,
                input_from: typed.input_from,
                input_to: typed.input_to,
                page: 0,
                ..std::mem::take(query)
            };
        });
        self.go_on(&|_| {});
    }

    /// Asks for the same on another page, in another order, or once more.
    pub fn go_on(&self, change: &dyn Fn(&mut Query)) {
        let sort = self.sort.get_untracked();
        self.asked.update(|query| {
            query.sort = sort.map(|sort| sort.key.to_owned()).unwrap_or_default();
            query.descending = sort.is_some_and(|sort| sort.descending);
            change(query);
        });
        self.read();
    }

    /// True when a shown line changed since it was read, or may have: nothing was heard for a while.
    fn is_overtaken(&self) -> bool {
        self.grid.get() == GridState::Ready
            && (self.looked.get_value() != hint::looks()
                || self.page.with(|page| {
                    page.lines
                        .iter()
                        .any(|line| hint::of(line.meta.id).is_some_and(|hint| hint.version > line.meta.version))
                }))
    }

    /// Reads the page that is shown once more: nothing makes way meanwhile, and what fails changes nothing.
    fn renew(self) {
        let Some(turn) = self.turn.try_get_value() else { return };
        if self.renewing.get_value() || !untrack(|| self.is_overtaken()) {
            return;
        }
        self.renewing.set_value(true);
        let (query, looks) = (self.asked.get_untracked(), untrack(hint::looks));
        spawn_local(async move {
            let answer = api::list(query).await;
            self.renewing.try_set_value(false);
            if let (Ok(page), true) = (answer, self.turn.try_get_value() == Some(turn)) {
                self.looked.set_value(looks);
                self.page.set(page);
            }
        });
    }

    fn read(&self) {
        self.seen.set_value(untrack(stored::count));
        self.looked.set_value(untrack(hint::looks));
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let (state, turn, query) = (*self, self.turn.get_value(), self.asked.get_untracked());
        state.grid.set(GridState::Loading);
        spawn_local(async move {
            let answer = call(|| api::list(query.clone())).await;
            if state.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                // The last line of the last page may be gone by now.
                Ok(page) if page.lines.is_empty() && page.total > 0 && query.page > 0 => {
                    state.asked.update(|query| query.page = (page.total - 1) / query.page_size);
                    state.read();
                }
                Ok(page) => {
                    state.page.set(page);
                    state.grid.set(GridState::Ready);
                }
                Err(error) => {
                    // Lines of another question would be taken for the answer.
                    state.page.set(QueryPage::default());
                    state.grid.set(GridState::Failed(error.message));
                }
            }
        });
    }
}

/// The enterprise asked for last, as long as one may act for it; else one's own.
fn first_operator() -> String {
    let Some(me) = workspace::me_now() else { return String::new() };
    let last = untrack(|| preferences::get(LAST_OPERATOR));
    let known = |code: &String| me.acts_for.iter().any(|one| one.code == *code);
    last.filter(known).unwrap_or(me.enterprise.code)
}
