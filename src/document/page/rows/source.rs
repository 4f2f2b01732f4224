//! One list of an open document as its grid reads it, and the one way in which rows are stored: by the form, the grid,
//! paste, fill and undo alike. What a conflict needs is asked here.

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::document::page::later;
use crate::document::page::load::load;
use crate::document::page::refusal::{decided, settle};
use crate::document::page::section::SectionState;
use crate::document::page::state::DocumentState;
use crate::document::page::unanswered;
use crate::document::place::place_of;
use crate::document::{Mark, PutRow, RemoveRow, SaveRows, SavedRows};
use crate::error::{ApiError, ErrorKind};
use crate::form::{Severity, Values, changed};
use crate::text::Message;
use crate::ui::codes::{codes, codes_now};
use crate::ui::grid::{Batch, Put, Refusal, RowTexts, Saving, Source, Stored};
use crate::workspace::queue;

/// How the grid of a list reads and stores its rows.
pub(super) struct RowSource {
    state: DocumentState,
    list: SectionState,
    /// Where each row stands in the list.
    places: Memo<HashMap<Uuid, usize>>,
}

impl RowSource {
    pub fn new(state: DocumentState, list: SectionState) -> Self {
        let places = Memo::new(move |_| {
            list.rows.with(|rows| rows.iter().enumerate().map(|(place, row)| (row.id, place)).collect())
        });
        Self { state, list, places }
    }

    fn values(&self, texts: &RowTexts) -> Values {
        Values::ordered(self.list.section.fields, texts.clone())
    }
}

impl Source for RowSource {
    fn stored(&self, id: Uuid) -> Option<Stored> {
        let place = self.places.try_with_untracked(|places| places.get(&id).copied())??;
        self.list.rows.with_untracked(|rows| {
            // A row marked as deleted is not there to be typed in: it is taken back first.
            let row = rows.get(place).filter(|row| row.mark != Mark::Deleted)?;
            Some(Stored { seq: row.seq, version: row.version, values: row.content.texts().to_vec() })
        })
    }

    fn blank(&self) -> RowTexts {
        self.list.blank(&self.state.stored_head.get_untracked()).into_texts()
    }

    fn complete(&self, texts: &mut RowTexts, typed: Option<&'static str>) {
        let mut row = self.values(texts);
        if let Some(key) = typed {
            take_goods(self.state, self.list, &mut row, key);
        }
        self.list.section.rules.complete(&mut row, typed, &codes_now());
        *texts = row.into_texts();
    }

    fn settled(&self, texts: &RowTexts) -> &'static [&'static str] {
        self.list.section.rules.settled(&self.values(texts), &codes())
    }

    fn check(&self, texts: &RowTexts) -> Vec<(&'static str, Message)> {
        let found = self.list.section.rules.check(0, &self.values(texts), &codes_now(), false);
        let grave = found.into_iter().filter(|found| found.severity == Severity::Save);
        grave.filter_map(|found| Some((key_of(self.list, &found.pointer)?, found.message))).collect()
    }

    fn save(&self, batch: Batch) -> Saving {
        let (state, list) = (self.state, self.list);
        Box::pin(async move {
            let only = (batch.puts.len() == 1).then(|| batch.puts[0].id);
            match save(state, list, batch).await {
                Ok(_) => Ok(()),
                Err(error) => Err(refusal(list, only, error)),
            }
        })
    }
}

/// Fills what the account book says of the goods whose number was just typed, and the figures of the ledger beside what is
/// typed.
pub(super) fn take_goods(state: DocumentState, list: SectionState, row: &mut Values, typed: &str) {
    state.book.with_untracked(|book| {
        if let Some(book) = book {
            list.section.rules.take_goods(row, typed, &state.head.accepted(), book);
            if let Some(accounts) = state.kind.accounts {
                (accounts.figures)(list.section, row, book);
            }
        }
    });
}

/// The field a pointer ends in.
fn key_of(list: SectionState, pointer: &str) -> Option<&'static str> {
    list.section.field(pointer.rsplit('.').next()?).map(|field| field.key)
}

/// Stores and deletes rows, all or none, and takes the answer over. Where somebody else changed the same fields, their typist
/// decides.
///
/// # Errors
/// Why nothing was stored.
pub async fn save(state: DocumentState, list: SectionState, batch: Batch) -> Result<(), ApiError> {
    let fields = list.section.fields;
    let put = |put: &Put| {
        let values = Values::ordered(fields, put.values.clone());
        let was = put.over.as_ref().map(|over| changed(&Values::ordered(fields, over.clone()), &values));
        PutRow { row_id: put.id, base: put.base, seq: put.seq, content: values.filled(), was }
    };
    let mut request = SaveRows {
        op: queue::number(),
        document_id: state.id,
        section: list.key().to_owned(),
        puts: batch.puts.iter().map(put).collect(),
        removes: batch.removes.iter().map(|(row_id, base)| RemoveRow { row_id: *row_id, base: *base }).collect(),
    };
    loop {
        let answer = later::save_rows(state, &request).await;
        request.puts.iter().for_each(|put| unanswered::note(put.row_id, &put.content, &answer));
        let error = match answer {
            Ok((saved, _)) => {
                took(state, list, &request, saved);
                return Ok(());
            }
            Err(error) => error,
        };
        if error.kind != ErrorKind::Conflict {
            return Err(error);
        }
        // Of a row that is gone, or that is to be deleted, the new state is shown.
        if error.differences.is_empty() {
            load(state).await;
            return Err(error);
        }
        request.op = queue::number();
        if let (Some(theirs), [put]) = (&error.stored, request.puts.as_mut_slice()) {
            let is_own = unanswered::is_own(put.row_id, fields, theirs);
            // As in the head: what others changed beside these fields is told as long as the base is what this page read.
            if is_own || put.was.is_none() {
                put.base = theirs.version;
            }
            if is_own {
                let mine = Values::filled_from(fields, &put.content);
                put.was = Some(changed(&Values::filled_from(fields, &theirs.content), &mine));
                continue;
            }
        }
        let Some(sides) = settle(state, error.differences.clone()).await else { return Err(error) };
        let sides: Vec<_> = error.differences.iter().cloned().zip(sides).collect();
        let only = match request.puts.as_slice() {
            [_] => sides.first().and_then(|(one, _)| place_of(state.kind, &one.pointer)).map(|place| place.seq),
            _ => None,
        };
        let mut any = false;
        for put in &mut request.puts {
            let seq = only.unwrap_or_else(|| list.find(put.row_id).map(|row| row.seq));
            any |= decided(fields, (list.key(), seq), &mut put.content, &mut put.was, &sides);
        }
        if !any {
            // Asked about rows this page does not know: they are shown.
            load(state).await;
            return Err(error);
        }
    }
}

/// Takes the answer over into the list, and into the row form where it shows one of the rows.
fn took(state: DocumentState, list: SectionState, request: &SaveRows, saved: SavedRows) {
    state.took_answer(&saved.meta, &saved.head);
    state.others_changed(&saved.merged);
    let fields = list.section.fields;
    let rows: Vec<_> =
        saved.rows.into_iter().map(|row| row.map(|content| Values::filled_from(fields, &content))).collect();
    for row in &rows {
        list.refresh(row);
    }
    let gone: Vec<Uuid> = request.removes.iter().map(|gone| gone.row_id).collect();
    list.put(rows, &gone);
    let current = list.current.get_untracked();
    if gone.contains(&current) {
        list.start_new(&state.head.accepted());
    }
}

fn refusal(list: SectionState, only: Option<Uuid>, error: ApiError) -> Refusal {
    let faults =
        error.findings.into_iter().filter_map(|found| Some((only?, key_of(list, &found.pointer)?, found.message)));
    Refusal { message: error.message, faults: faults.collect() }
}
