//! What one open document shows: forms, lists, state. Made by `view`, handed to all parts of the page as a copy
//! handle. No talk with the server: that is in `actions`, `head` and `rows`.

use std::collections::HashSet;

use leptos::prelude::*;
use uuid::Uuid;

use super::section::SectionState;
use crate::account::rights::Right;
use crate::attachment::page::AttachmentsState;
use crate::document::kind::{HEAD, Kind};
use crate::document::under_book::UnderBook;
use crate::document::{Action, Base, Document, DocumentMeta, Status};
use crate::form::{Difference, Filled, Finding, Source, Values, differences};
use crate::text::{Message, Text, text};
use crate::ui::clock::today;
use crate::ui::form_state::FormState;
use crate::ui::toast;
use crate::workspace::tabs::{self, TabKey};
use crate::workspace::{self, stored};

/// Whether the document is there to be shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Reading,
    Ready,
    Failed(Message),
}

/// Everything one document's screen shows.
#[derive(Clone, Copy)]
pub struct DocumentState {
    pub kind: &'static Kind,
    pub id: Uuid,
    pub tab: TabKey,
    pub loading: RwSignal<Shown>,
    pub read_only: RwSignal<bool>,
    /// Another window of this browser has it: here it is only shown, until that is closed.
    pub elsewhere: RwSignal<bool>,
    /// The server is away, and what is shown is what this browser kept of that time.
    pub as_of: RwSignal<Option<String>>,
    /// `None` until the first 暂存.
    pub meta: RwSignal<Option<DocumentMeta>>,
    pub head: FormState,
    /// What others changed and a save of this page left as it was; until the user has seen it.
    pub merged: RwSignal<Vec<Difference>>,
    /// The head as stored last.
    pub stored_head: RwSignal<Values>,
    /// Version of the head that its form was filled from (0: never stored): what a save names, so that
    /// nothing somebody else stored since is overwritten unseen.
    pub head_base: RwSignal<i64>,
    /// For a change: what it changes.
    pub base: RwSignal<Option<Base>>,
    /// The account book it belongs to, as it stood when it was read.
    pub book: RwSignal<Option<UnderBook>>,
    /// The line the keys stand on in what is declared.
    pub declared_item: RwSignal<Option<Uuid>>,
    lists: StoredValue<Vec<SectionState>>,
    pub attachments: AttachmentsState,
    /// Which section is open: the head, a list or the attachments.
    pub section: RwSignal<&'static str>,
    /// What customs or the server said beyond the shared rules.
    pub remote_findings: RwSignal<Vec<Finding>>,
    pub busy: RwSignal<bool>,
    pub receipts_open: RwSignal<bool>,
    pub import_open: RwSignal<bool>,
    pub templates_open: RwSignal<bool>,
    pub differences_open: RwSignal<bool>,
    pub history_open: RwSignal<bool>,
    /// Moved by every commit in the head, so that the findings follow what is typed.
    pub typed: RwSignal<u32>,
}

impl DocumentState {
    pub fn new(kind: &'static Kind, id: Uuid, tab: TabKey, new: bool, read_only: bool) -> Self {
        let (meta, read_only) = (RwSignal::new(None::<DocumentMeta>), RwSignal::new(read_only));
        let files_editable = Signal::derive(move || {
            let is_open = |meta: &DocumentMeta| {
                meta.status.allows(Action::Edit) && workspace::may(Right::Enter, &meta.operator_code)
            };
            !read_only.get() && meta.with(|meta| meta.as_ref().is_some_and(is_open))
        });
        let rows_locked = Signal::derive(move || !files_editable.get());
        let lists = kind.sections.iter().map(|section| SectionState::new(section, rows_locked)).collect();
        let state = Self {
            kind,
            id,
            tab,
            loading: RwSignal::new(if new { Shown::Ready } else { Shown::Reading }),
            read_only,
            elsewhere: RwSignal::new(false),
            as_of: RwSignal::new(None),
            merged: RwSignal::new(Vec::new()),
            meta,
            attachments: AttachmentsState::new(id, meta, files_editable),
            head: FormState::new(HEAD, kind.head),
            stored_head: RwSignal::new(Values::new(kind.head)),
            head_base: RwSignal::new(0),
            base: RwSignal::new(None),
            book: RwSignal::new(None),
            declared_item: RwSignal::new(None),
            lists: StoredValue::new(lists),
            section: RwSignal::new(HEAD),
            remote_findings: RwSignal::new(Vec::new()),
            busy: RwSignal::new(false),
            receipts_open: RwSignal::new(false),
            import_open: RwSignal::new(false),
            templates_open: RwSignal::new(false),
            differences_open: RwSignal::new(false),
            history_open: RwSignal::new(false),
            typed: RwSignal::new(0),
        };
        if new {
            let head = state.first_head();
            state.head.load(&head);
            for list in state.lists() {
                list.start_new(&head);
            }
        }
        state
    }

    /// A new head as the screen opens it.
    fn first_head(&self) -> Values {
        let unit = crate::workspace::me_now().map(|me| me.enterprise).unwrap_or_default();
        let mut head = Values::new(self.kind.head);
        self.kind.rules.fix(&mut head);
        self.kind.rules.start(&mut head, &unit, today());
        head
    }

    /// What the ids of its controls begin with.
    pub fn prefix(&self) -> String {
        format!("doc-{}", self.id.simple())
    }

    /// The lists, in the order of the tabs; none once the tab is closed.
    pub fn lists(&self) -> Vec<SectionState> {
        self.lists.try_get_value().unwrap_or_default()
    }

    /// The list with this key.
    pub fn list(&self, key: &str) -> Option<SectionState> {
        self.lists().into_iter().find(|list| list.key() == key)
    }

    /// The list that is open.
    pub fn open_list(&self) -> Option<SectionState> {
        self.list(self.section.get_untracked())
    }

    /// The forms of all sections, in the order of the tabs.
    pub fn forms(&self) -> Vec<FormState> {
        let lists = self.lists().into_iter().map(|list| list.form);
        std::iter::once(self.head).chain(lists).chain([self.attachments.form]).collect()
    }

    /// Shows a document as the server has it, for the first time.
    pub fn show(&self, document: Document) {
        let head = Values::filled_from(self.kind.head, &document.head);
        self.fill_head(&document.meta, &head);
        self.base.set(self.base_of(&document));
        for list in self.lists() {
            list.rows.set(rows_of(&list, &document));
            list.start_new(&head);
        }
        self.took(&document.meta, &head);
        self.loading.set(Shown::Ready);
    }

    /// Shows the document as the server has it now. What is typed and not saved stays where it is, over the
    /// versions it was typed over: saving it asks where both differ.
    pub fn follow(&self, document: Document) {
        let head = Values::filled_from(self.kind.head, &document.head);
        self.base.set(self.base_of(&document));
        let lost: usize = self.lists().iter().map(|list| list.follow(rows_of(list, &document), &head)).sum();
        self.took(&document.meta, &head);
        if lost > 0 {
            toast::info(Message::new(
                format!("有{lost}行已被他人删除，您在其中录入的内容作为新行保留，请核对后保存或删除。"),
                format!(
                    "{lost} rows were deleted by somebody else; what you typed there is kept as new rows. Check them, then save or delete them."
                ),
            ));
        }
    }

    fn base_of(&self, document: &Document) -> Option<Base> {
        let base = document.base.as_ref()?;
        Some(Base { head: Values::filled_from(self.kind.head, &base.head), extensions: base.extensions })
    }

    /// Others changed fields that a save of this page did not: the latest of each is listed.
    pub fn others_changed(&self, fields: &[Difference]) {
        if !fields.is_empty() {
            self.merged.update(|known| {
                known.retain(|one| !fields.iter().any(|new| new.pointer == one.pointer));
                known.extend_from_slice(fields);
            });
        }
    }

    /// As [`Self::took`], with the head as it travelled.
    pub fn took_answer(&self, meta: &DocumentMeta, head: &Filled) {
        self.took(meta, &Values::filled_from(self.kind.head, head));
    }

    /// Takes over what a save answered: state, version and the head's grey fields. A head that somebody
    /// else stored meanwhile replaces what is shown, except where something is typed.
    pub fn took(&self, meta: &DocumentMeta, head: &Values) {
        if self.meta.with_untracked(|known| known.as_ref().is_none_or(|known| known.version != meta.version)) {
            stored::note();
        }
        if meta.head_version == self.head_base.get_untracked() {
            for field in self.kind.head.iter().filter(|field| !field.is_typed()) {
                self.head.patch(field.key, head.get(field.key).to_owned());
            }
        } else if self.head.dirty_now() {
            // What a look-up filled belongs to the code beside it, which may just have been typed.
            let typed = self.head.unsaved_now();
            let before = self.stored_head.get_untracked();
            let mut followed = differences(HEAD, None, &before, head);
            followed.retain(|one| one.pointer.rsplit('.').next().is_some_and(|key| !typed.contains_key(key)));
            self.others_changed(&followed);
            self.head.follow(head, |field| field.source == Source::LookedUp);
            self.head_base.set(meta.head_version);
        } else {
            self.fill_head(meta, head);
        }
        self.meta.set(Some(meta.clone()));
        self.stored_head.set(head.clone());
        self.lists().iter().for_each(|list| list.refresh_blank(head));
        // What customs found stays in view until the document is declared anew: nobody else can say that it is mended.
        let is_open = meta.status.allows(Action::Edit);
        self.remote_findings.update(|found| found.retain(|one| is_open && one.is_of_customs()));
        self.retitle(meta);
    }

    fn fill_head(&self, meta: &DocumentMeta, head: &Values) {
        self.head.load(head);
        self.head_base.set(meta.head_version);
    }

    fn retitle(&self, meta: &DocumentMeta) {
        let (noun, kind) = (self.kind.noun, self.kind);
        let title = self.stored_head.with_untracked(|head| kind.title(head).to_owned());
        let change = match meta.change_seq {
            0 => Message::default(),
            number => Message::new(format!(" 变更{number}"), format!(" change {number}")),
        };
        tabs::set_title(
            self.tab,
            if title.is_empty() {
                kind.new_label.into()
            } else {
                Message::new(format!("{} {title}{}", noun.zh, change.zh), format!("{} {title}{}", noun.en, change.en))
            },
        );
    }

    pub fn is_saved(&self) -> bool {
        self.meta.with(Option::is_some)
    }

    pub fn status(&self) -> Option<Status> {
        self.meta.with(|meta| meta.as_ref().map(|meta| meta.status))
    }

    pub fn status_label(&self) -> Text {
        self.status().map_or(text("未暂存", "Not saved"), Status::label)
    }

    /// True for a change of a filing; tracked.
    pub fn is_change(&self) -> bool {
        self.meta.with(|meta| meta.as_ref().is_some_and(|meta| meta.base_id.is_some()))
    }

    /// True for a document of a book that customs keeps; tracked.
    pub fn has_history(&self) -> bool {
        let is_approved = self.meta.with(|meta| meta.as_ref().is_some_and(|meta| meta.status == Status::Approved));
        self.kind.makes_book() && (self.is_change() || is_approved)
    }

    /// True for what will be registered, by what is typed, and not declared; tracked.
    pub fn registers(&self) -> bool {
        self.typed.track();
        self.stored_head.track();
        self.kind.rules.registers(&self.head.accepted())
    }

    /// True for what was registered and can be taken back; tracked.
    pub fn is_registered(&self) -> bool {
        self.status() == Some(Status::Approved) && self.stored_head.with(|head| self.kind.rules.registers(head))
    }

    /// True when the state, the way the document was opened and the user's rights let it be edited.
    pub fn editable(&self) -> bool {
        !self.read_only.get()
            && self.status().is_none_or(|status| status.allows(Action::Edit))
            && self.may(Right::Enter)
    }

    /// True when the user may do this with the document; tracked.
    pub fn may(&self, right: Right) -> bool {
        self.meta.with(|meta| workspace::may(right, meta.as_ref().map_or("", |meta| &meta.operator_code)))
    }

    /// Anything typed that is not stored yet; tracked.
    pub fn dirty(&self) -> bool {
        // All are read, so that all are tracked.
        let lists: Vec<bool> = self.lists().iter().map(SectionState::dirty).collect();
        let head = self.head.dirty();
        self.attachments.dirty() || lists.contains(&true) || head
    }

    /// Numbers of all rows; tracked.
    pub fn row_numbers(&self) -> HashSet<i64> {
        let numbers = |list: &SectionState| list.rows.with(|rows| rows.iter().map(|row| row.seq).collect::<Vec<_>>());
        self.lists().iter().flat_map(numbers).collect()
    }
}

/// The rows of one list of a document.
fn rows_of(list: &SectionState, document: &Document) -> Vec<crate::document::Row<Values>> {
    let fields = list.section.fields;
    let stored = document.lists.iter().find(|stored| stored.section == list.key());
    let rows = stored.map(|stored| stored.rows.clone()).unwrap_or_default();
    rows.into_iter().map(|row| row.map(|content| Values::filled_from(fields, &content))).collect()
}
