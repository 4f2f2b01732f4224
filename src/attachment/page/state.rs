//! What the attachments of one document show. Copy handles, no talk with the server.
//! The actions, the uploads and the view of this folder share it.

use std::collections::{HashMap, HashSet};

use leptos::prelude::*;
use uuid::Uuid;
use web_sys::File;

use crate::attachment::content::human_size;
use crate::attachment::model::{Attachment, AttachmentRow, Changed, ChosenFile, Policy, SECTION};
use crate::attachment::rules::{check_attachments, check_needed, is_of_change};
use crate::document::DocumentMeta;
use crate::form::{Finding, Record as _};
use crate::text::Message;
use crate::ui::form_state::FormState;
use crate::ui::grid::GridState;

/// A file that was chosen and read, but is not 暂存 yet.
#[derive(Clone)]
pub struct Chosen {
    /// The attachment that it becomes: the same in every attempt, so that one whose answer was lost is not a second.
    pub id: Uuid,
    pub file: File,
    pub about: ChosenFile,
}

/// What a file is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    Reading,
    Sending,
    /// The connection broke; it tries again by itself.
    Retrying,
    /// It stopped; 上传 goes on from where it was.
    Failed(Message),
}

/// A file on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    pub id: Uuid,
    pub name: String,
    pub phase: Phase,
    pub done: i64,
    pub total: i64,
}

/// Everything the section shows.
#[derive(Clone, Copy)]
pub struct AttachmentsState {
    pub document_id: Uuid,
    /// Of the document: every change of its attachments moves it.
    pub meta: RwSignal<Option<DocumentMeta>>,
    pub editable: Signal<bool>,
    pub form: FormState,
    pub rows: RwSignal<Vec<AttachmentRow>>,
    pub policy: RwSignal<Policy>,
    pub loading: RwSignal<GridState>,
    /// The attachment in the form: its id and the version it was read at (0: new).
    pub current: RwSignal<(Uuid, i64)>,
    pub active: RwSignal<Option<Uuid>>,
    pub selected: RwSignal<HashSet<Uuid>>,
    pub transfers: RwSignal<Vec<Transfer>>,
    /// The attachment that is looked at.
    pub shown: RwSignal<Option<AttachmentRow>>,
    pub shown_open: RwSignal<bool>,
    chosen: RwSignal<Vec<Chosen>, LocalStorage>,
    /// Files of this visit, by attachment: a browser forgets them when the page is left.
    files: StoredValue<HashMap<Uuid, File>, LocalStorage>,
    stopped: StoredValue<HashSet<Uuid>>,
}

impl AttachmentsState {
    pub fn new(document_id: Uuid, meta: RwSignal<Option<DocumentMeta>>, editable: Signal<bool>) -> Self {
        Self {
            document_id,
            meta,
            editable,
            form: FormState::new(SECTION, Attachment::FIELDS),
            rows: RwSignal::new(Vec::new()),
            policy: RwSignal::new(Policy::default()),
            loading: RwSignal::new(GridState::Ready),
            current: RwSignal::new((Uuid::now_v7(), 0)),
            active: RwSignal::new(None),
            selected: RwSignal::new(HashSet::new()),
            transfers: RwSignal::new(Vec::new()),
            shown: RwSignal::new(None),
            shown_open: RwSignal::new(false),
            chosen: RwSignal::new_local(Vec::new()),
            files: StoredValue::new_local(HashMap::new()),
            stopped: StoredValue::new(HashSet::new()),
        }
    }

    /// True once the list and the limits of the server are known.
    pub fn is_loaded(&self) -> bool {
        self.policy.with_untracked(|policy| policy.piece_bytes > 0)
    }

    /// What keeps the document from being declared; `needed` are the papers its content asks for.
    pub fn findings(&self, needed: &[(&'static str, Message)], change_seq: i64) -> Vec<Finding> {
        self.policy.with(|policy| {
            self.rows.with(|rows| {
                let mut found = check_attachments(rows, policy);
                found.extend(check_needed(rows, needed, change_seq));
                found
            })
        })
    }

    /// True when a paper came with this change; tracked.
    pub fn has_of_change(&self, change_seq: i64) -> bool {
        self.rows.with(|rows| rows.iter().any(|row| is_of_change(row, change_seq)))
    }

    /// Anything chosen, typed or on its way that is not on the server; tracked.
    pub fn dirty(&self) -> bool {
        let on_its_way = |transfer: &Transfer| !matches!(transfer.phase, Phase::Failed(_));
        self.form.dirty()
            || self.chosen.with(|chosen| !chosen.is_empty())
            || self.transfers.with(|transfers| transfers.iter().any(on_its_way))
    }

    /// 新增: empties the form and forgets what was chosen.
    pub fn start_new(&self) {
        self.form.load(&Attachment::default());
        self.form.seq.set(None);
        self.current.set((Uuid::now_v7(), 0));
        self.chosen.set(Vec::new());
    }

    /// Puts a stored attachment into the form.
    pub fn edit(&self, row: &AttachmentRow) {
        let content = Attachment { size: shown_size(row), ..row.content.clone() };
        self.form.seq.set(Some(row.seq));
        self.form.load(&content);
        self.chosen.set(Vec::new());
        self.current.set((row.id, row.version));
        self.active.set(Some(row.id));
    }

    pub fn find(&self, id: Uuid) -> Option<AttachmentRow> {
        self.rows.with_untracked(|rows| rows.iter().find(|row| row.id == id).cloned())
    }

    pub fn find_seq(&self, seq: i64) -> Option<AttachmentRow> {
        self.rows.with_untracked(|rows| rows.iter().find(|row| row.seq == seq).cloned())
    }

    /// Takes over what a change answered.
    pub fn took(&self, changed: &Changed) {
        // The page may be closed while a file is still on its way.
        self.meta.try_set(Some(changed.meta.clone()));
        if let Some(row) = &changed.row {
            self.put(row.clone());
        }
    }

    /// Takes a row into the list.
    pub fn put(&self, row: AttachmentRow) {
        self.rows.try_update(|rows| match rows.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => rows.push(row),
        });
    }

    /// The chosen rows, else the one the keys stand on, by number.
    pub fn marked(&self) -> Vec<AttachmentRow> {
        let mut ids: Vec<_> = self.selected.get_untracked().into_iter().collect();
        if ids.is_empty() {
            ids.extend(self.active.get_untracked());
        }
        let mut rows: Vec<_> = ids.into_iter().filter_map(|id| self.find(id)).collect();
        rows.sort_by_key(|row| row.seq);
        rows
    }

    /// True while chosen files are still being read.
    pub fn is_reading(&self) -> bool {
        let reading = |transfers: &Vec<Transfer>| transfers.iter().any(|transfer| transfer.phase == Phase::Reading);
        self.transfers.try_with_untracked(reading).unwrap_or(false)
    }

    pub fn chosen(&self) -> Vec<Chosen> {
        self.chosen.get_untracked()
    }

    /// How many files are chosen; tracked.
    pub fn chosen_count(&self) -> usize {
        self.chosen.with(Vec::len)
    }

    /// Adds a chosen file and shows it in the form.
    pub fn choose(&self, chosen: Chosen) {
        self.chosen.update(|all| all.push(chosen));
        self.show_chosen();
    }

    /// One of the chosen files became an attachment.
    pub fn chose(&self, chosen: Chosen) {
        self.chosen.update(|all| all.retain(|other| other.id != chosen.id));
        self.keep_file(chosen.id, chosen.file);
        self.show_chosen();
    }

    fn show_chosen(&self) {
        let chosen = self.chosen.get_untracked();
        let names = chosen.iter().map(|chosen| chosen.about.name.as_str()).collect::<Vec<_>>().join("、");
        let size = chosen.iter().map(|chosen| chosen.about.size).sum();
        self.form.patch("file_name", names);
        self.form.patch("size", if chosen.is_empty() { String::new() } else { human_size(size) });
        let hash = if let [only] = chosen.as_slice() { only.about.hash.clone() } else { String::new() };
        self.form.patch("hash", hash);
    }

    pub fn keep_file(&self, id: Uuid, file: File) {
        self.files.try_update_value(|files| files.insert(id, file));
    }

    pub fn file_of(&self, id: Uuid) -> Option<File> {
        self.files.try_with_value(|files| files.get(&id).cloned()).flatten()
    }

    pub fn forget_file(&self, id: Uuid) {
        self.files.try_update_value(|files| files.remove(&id));
    }

    /// Shows a file on its way; false when it is on its way already.
    pub fn begin(&self, transfer: Transfer) -> bool {
        self.stopped.try_update_value(|stopped| stopped.remove(&transfer.id));
        let begun = self.transfers.try_update(|all| {
            let same = |other: &Transfer| other.id == transfer.id;
            if all.iter().any(|other| same(other) && !matches!(other.phase, Phase::Failed(_))) {
                return false;
            }
            all.retain(|other| !same(other));
            all.push(transfer);
            true
        });
        begun.unwrap_or(false)
    }

    pub fn moved(&self, id: Uuid, phase: Phase, done: i64) {
        self.transfers.try_update(|all| {
            if let Some(transfer) = all.iter_mut().find(|transfer| transfer.id == id) {
                transfer.phase = phase;
                transfer.done = done;
            }
        });
    }

    pub fn end(&self, id: Uuid) {
        self.transfers.try_update(|all| all.retain(|transfer| transfer.id != id));
    }

    /// 停止: takes effect after the piece that is on its way.
    pub fn stop(&self, id: Uuid) {
        self.stopped.update_value(|stopped| {
            stopped.insert(id);
        });
    }

    /// True when the file was stopped, or the page is gone.
    pub fn is_stopped(&self, id: Uuid) -> bool {
        self.stopped.try_with_value(|stopped| stopped.contains(&id)).unwrap_or(true)
    }
}

/// The size of an attachment's file as people read it; nothing without a file.
pub fn shown_size(row: &AttachmentRow) -> String {
    match row.content.bytes() {
        0 => String::new(),
        bytes => human_size(bytes),
    }
}
