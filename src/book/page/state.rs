//! What one open book shows: forms, rows, state of the document. Made by `view`, handed to all parts of the page
//! as a copy handle. No talk with the server: that is in `actions`.

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::attachment::page::AttachmentsState;
use crate::attachment::rules::check_items;
use crate::book::model::{Book, ExportGoods, HEAD, Head, ReimportGoods, Row};
use crate::book::rules::{GoodsRow, MAX_ROWS, check_book};
use crate::document::{Action, DocumentMeta, Status};
use crate::form::{Field, Finding, Record, Source, add_months, show_date, today};
use crate::text::{Message, Text};
use crate::ui::codes::{codes, codes_now};
use crate::ui::form_state::FormState;
use crate::ui::grid::Editing;
use crate::ui::toast;
use crate::workspace::tabs::{self, TabKey};

use super::labels::NEW_BOOK;

/// One list of goods and the form that edits its rows.
pub struct Section<R: GoodsRow> {
    pub form: FormState,
    pub rows: RwSignal<Vec<Row<R>>>,
    /// The row in the form: its id and the version it was read at (0: new).
    pub current: RwSignal<(Uuid, i64)>,
    /// Text of 快速查询; empty shows all.
    pub filter: RwSignal<String>,
    pub active: RwSignal<Option<Uuid>>,
    pub selected: RwSignal<std::collections::HashSet<Uuid>>,
    /// What is typed in the list itself.
    pub editing: Editing,
}

impl<R: GoodsRow> Clone for Section<R> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<R: GoodsRow> Copy for Section<R> {}

impl<R: GoodsRow + Send + Sync> Section<R> {
    /// `locked`: rows cannot be changed now.
    fn new(locked: Signal<bool>) -> Self {
        Self {
            editing: Editing::new(R::FIELDS, locked, MAX_ROWS),
            form: FormState::new::<R>(R::SIDE.key()),
            rows: RwSignal::new(Vec::new()),
            current: RwSignal::new((Uuid::now_v7(), 0)),
            filter: RwSignal::new(String::new()),
            active: RwSignal::new(None),
            selected: RwSignal::new(Default::default()),
        }
    }

    /// A new row: what is the same for most rows is filled in.
    pub fn blank(&self, head: &Head) -> R {
        let mut row = R::default();
        row.set("currency", head.currency.as_str());
        row.set("origin_country", "CHN");
        if R::FIELDS.iter().any(|field| field.key == "dest_country") {
            row.set("dest_country", head.process_country.as_str());
        }
        row.complete(&codes_now());
        row
    }

    /// Clears the row form for the next new row.
    pub fn start_new(&self, head: &Head) {
        self.form.load(&self.blank(head));
        self.form.seq.set(None);
        self.current.set((Uuid::now_v7(), 0));
    }

    /// Puts a stored row into the form.
    pub fn edit(&self, row: &Row<R>) {
        self.form.seq.set(Some(row.seq));
        self.form.load(&row.content);
        self.current.set((row.id, row.version));
        self.active.set(Some(row.id));
    }

    /// Shows the rows as stored; the one in the form follows unless something was typed into it. How
    /// many rows with something typed in the list are gone: they stay as new ones.
    fn took(&self, rows: Vec<Row<R>>, head: &Head) -> usize {
        let (current, version) = self.current.get_untracked();
        self.rows.set(rows);
        let is_typed = self.form.dirty_now();
        match self.find(current) {
            Some(row) if row.version != version && !is_typed => self.edit(&row),
            None if version != 0 && !is_typed => self.start_new(head),
            // Gone while it was typed over: a new row from now on.
            None if version != 0 => {
                self.form.seq.set(None);
                self.current.set((Uuid::now_v7(), 0));
            }
            _ => {}
        }
        self.editing.adopt_orphans()
    }

    /// Shows a row in the form as it was stored, when it is there and nobody typed over it.
    pub fn refresh(&self, row: &Row<R>) {
        if self.current.get_untracked().0 == row.id && !self.form.dirty_now() {
            self.form.load(&row.content);
            self.form.seq.set(Some(row.seq));
            self.current.set((row.id, row.version));
        }
    }

    /// Takes a stored row into the list.
    pub fn put(&self, row: Row<R>) {
        self.rows.update(|rows| match rows.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => rows.push(row),
        });
    }

    pub fn find(&self, id: Uuid) -> Option<Row<R>> {
        self.rows.with_untracked(|rows| rows.iter().find(|row| row.id == id).cloned())
    }

    pub fn find_seq(&self, seq: i64) -> Option<Row<R>> {
        self.rows.with_untracked(|rows| rows.iter().find(|row| row.seq == seq).cloned())
    }
}

/// Whether the book is there to be shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Reading,
    Ready,
    Failed(Message),
}

/// Everything one book's screen shows.
#[derive(Clone, Copy)]
pub struct BookState {
    pub id: Uuid,
    pub tab: TabKey,
    pub loading: RwSignal<Shown>,
    pub read_only: RwSignal<bool>,
    /// `None` until the first 暂存.
    pub meta: RwSignal<Option<DocumentMeta>>,
    pub head: FormState,
    /// The head as stored last.
    pub stored_head: RwSignal<Head>,
    /// Version of the head that its form was filled from (0: never stored): what a save names, so that
    /// nothing somebody else stored since is overwritten unseen.
    pub head_base: RwSignal<i64>,
    pub exports: Section<ExportGoods>,
    pub reimports: Section<ReimportGoods>,
    pub attachments: AttachmentsState,
    /// Which section is open: head, exports, reimports or attachments.
    pub section: RwSignal<&'static str>,
    /// What customs or the server said beyond the shared rules.
    pub remote_findings: RwSignal<Vec<Finding>>,
    pub busy: RwSignal<bool>,
    pub receipts_open: RwSignal<bool>,
    pub import_open: RwSignal<bool>,
    pub templates_open: RwSignal<bool>,
    /// Moved by every commit in the head, so that the findings follow what is typed.
    pub typed: RwSignal<u32>,
}

impl BookState {
    pub fn new(id: Uuid, tab: TabKey, new: bool, read_only: bool) -> Self {
        let (meta, read_only) = (RwSignal::new(None::<DocumentMeta>), RwSignal::new(read_only));
        let files_editable = Signal::derive(move || {
            !read_only.get() && meta.with(|meta| meta.as_ref().is_some_and(|meta| meta.status.allows(Action::Edit)))
        });
        let rows_locked = Signal::derive(move || !files_editable.get());
        let state = Self {
            id,
            tab,
            loading: RwSignal::new(if new { Shown::Ready } else { Shown::Reading }),
            read_only,
            meta,
            attachments: AttachmentsState::new(id, meta, files_editable),
            head: FormState::new::<Head>(HEAD),
            stored_head: RwSignal::new(Head::default()),
            head_base: RwSignal::new(0),
            exports: Section::new(rows_locked),
            reimports: Section::new(rows_locked),
            section: RwSignal::new(HEAD),
            remote_findings: RwSignal::new(Vec::new()),
            busy: RwSignal::new(false),
            receipts_open: RwSignal::new(false),
            import_open: RwSignal::new(false),
            templates_open: RwSignal::new(false),
            typed: RwSignal::new(0),
        };
        if new {
            state.head.load(&first_head());
            state.exports.start_new(&Head::default());
            state.reimports.start_new(&Head::default());
        }
        state
    }

    /// Shows a book as the server has it, for the first time.
    pub fn show(&self, book: Book) {
        let Book { meta, head, exports, reimports } = book;
        self.fill_head(&meta, &head);
        self.exports.rows.set(exports);
        self.reimports.rows.set(reimports);
        self.exports.start_new(&head);
        self.reimports.start_new(&head);
        self.took(&meta, &head);
        self.loading.set(Shown::Ready);
    }

    /// Shows the book as the server has it now. What is typed and not saved stays where it is, over the
    /// versions it was typed over: saving it asks where both differ.
    pub fn follow(&self, book: Book) {
        let lost = self.exports.took(book.exports, &book.head) + self.reimports.took(book.reimports, &book.head);
        self.took(&book.meta, &book.head);
        if lost > 0 {
            toast::info(Message::new(
                format!("有{lost}行已被他人删除，您在其中录入的内容作为新行保留，请核对后保存或删除。"),
                format!(
                    "{lost} rows were deleted by somebody else; what you typed there is kept as new rows. Check them, then save or delete them."
                ),
            ));
        }
    }

    /// Takes over what a save answered: state, version and the head's grey fields. A head that somebody
    /// else stored meanwhile replaces what is shown, unless something is typed in it.
    pub fn took(&self, meta: &DocumentMeta, head: &Head) {
        let is_mine = meta.head_version == self.head_base.get_untracked();
        if is_mine || self.head.dirty_now() {
            // What a look-up filled belongs to the code beside it, which may just have been typed.
            let kept = |field: &&Field| field.is_typed() || (!is_mine && field.source == Source::LookedUp);
            for field in Head::FIELDS.iter().filter(|field| !kept(field)) {
                self.head.patch(field.key, head.get(field.key).to_owned());
            }
        } else {
            self.fill_head(meta, head);
        }
        self.meta.set(Some(meta.clone()));
        self.stored_head.set(head.clone());
        self.remote_findings.set(Vec::new());
        self.retitle();
    }

    fn fill_head(&self, meta: &DocumentMeta, head: &Head) {
        self.head.load(head);
        self.head_base.set(meta.head_version);
    }

    fn retitle(&self) {
        let head = self.stored_head.get_untracked();
        let title = if head.book_no.is_empty() { head.internal_no } else { head.book_no };
        if title.is_empty() {
            tabs::set_title(self.tab, Message::from(NEW_BOOK));
        } else {
            tabs::set_title(self.tab, Message::new(format!("账册 {title}"), format!("Book {title}")));
        }
    }

    pub fn is_saved(&self) -> bool {
        self.meta.with(Option::is_some)
    }

    pub fn status(&self) -> Option<Status> {
        self.meta.with(|meta| meta.as_ref().map(|meta| meta.status))
    }

    pub fn status_label(&self) -> Text {
        self.status().map_or(crate::text::text("未暂存", "Not saved"), Status::label)
    }

    /// True when the state and the way the book was opened let it be edited.
    pub fn editable(&self) -> bool {
        !self.read_only.get() && self.status().is_none_or(|status| status.allows(Action::Edit))
    }

    /// Anything typed that is not stored yet.
    pub fn dirty(&self) -> bool {
        self.head.dirty()
            || self.exports.form.dirty()
            || self.reimports.form.dirty()
            || self.exports.editing.dirty()
            || self.reimports.editing.dirty()
            || self.attachments.dirty()
    }

    /// What keeps the book from being declared: the shared rules over what the screen shows, plus
    /// what only the server or customs could know; tracked.
    pub fn findings(&self) -> Vec<Finding> {
        self.typed.track();
        self.stored_head.track();
        // Also run while somebody types, in this book or another one: it must not accept half a code.
        let head: Head = self.head.accepted();
        let mut findings = self.exports.rows.with(|exports| {
            self.reimports.rows.with(|reimports| check_book(&head, exports, reimports, &codes(), today()))
        });
        findings.extend(self.attachments.findings());
        let has = |item: i64| {
            self.exports.rows.with(|rows| rows.iter().any(|row| row.seq == item))
                || self.reimports.rows.with(|rows| rows.iter().any(|row| row.seq == item))
        };
        findings.extend(self.attachments.rows.with(|papers| check_items(papers, has)));
        let known: HashMap<_, _> =
            findings.iter().map(|found| ((found.pointer.clone(), found.rule.clone()), ())).collect();
        findings.extend(self.remote_findings.with(|remote| {
            remote
                .iter()
                .filter(|found| !known.contains_key(&(found.pointer.clone(), found.rule.clone())))
                .cloned()
                .collect::<Vec<_>>()
        }));
        findings
    }
}

/// A new head as the screen opens it: the signed-in unit declares unless somebody else is named.
fn first_head() -> Head {
    let unit = crate::workspace::me_now().map(|me| me.enterprise).unwrap_or_default();
    Head {
        declarant_code: unit.code,
        declarant_uscc: unit.uscc,
        declarant_name: unit.name,
        decl_type: "1".to_owned(),
        change_seq: "0".to_owned(),
        supervision_mode: "1427".to_owned(),
        levy_nature: "299".to_owned(),
        declarant_type: "1".to_owned(),
        valid_to: add_months(today(), 12).map(show_date).unwrap_or_default(),
        input_date: show_date(today()),
        ..Head::default()
    }
}
