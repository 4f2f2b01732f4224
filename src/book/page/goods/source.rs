//! One list of goods as its grid reads and stores it: records as texts and back, the same rules as the
//! row form, one call for as many rows as there are. What a conflict needs is asked here.

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use super::actions::version_of;
use crate::book::api;
use crate::book::model::{PutRow, RemoveRow, Row, SaveRows, SavedRows};
use crate::book::page::actions::{load, settle};
use crate::book::page::state::{BookState, Section};
use crate::book::rules::{GoodsRow, fill_from_code, settled_by_code};
use crate::error::{ApiError, ErrorKind};
use crate::form::Severity;
use crate::ui::call::{call, store};
use crate::ui::codes::{codes, codes_now};
use crate::ui::dialog::Resolution;
use crate::ui::grid::{Batch, Refusal, Saving, Source, Stored, Values};

pub(super) struct GoodsSource<R: GoodsRow> {
    state: BookState,
    section: Section<R>,
    /// Where each row stands in the list.
    places: Memo<HashMap<Uuid, usize>>,
}

impl<R: GoodsRow + Send + Sync> GoodsSource<R> {
    pub fn new(state: BookState, section: Section<R>) -> Self {
        let places = Memo::new(move |_| {
            section.rows.with(|rows| rows.iter().enumerate().map(|(place, row)| (row.id, place)).collect())
        });
        Self { state, section, places }
    }
}

fn values<R: GoodsRow>(record: &R) -> Values {
    R::FIELDS.iter().map(|field| record.get(field.key).to_owned()).collect()
}

fn record<R: GoodsRow>(values: &[String]) -> R {
    let mut record = R::default();
    for (field, value) in R::FIELDS.iter().zip(values) {
        record.set(field.key, value.as_str());
    }
    record
}

impl<R: GoodsRow + Send + Sync> Source for GoodsSource<R> {
    fn stored(&self, id: Uuid) -> Option<Stored> {
        let place = self.places.try_with_untracked(|places| places.get(&id).copied())??;
        self.section.rows.with_untracked(|rows| {
            let row = rows.get(place)?;
            Some(Stored { seq: row.seq, version: row.version, values: values(&row.content) })
        })
    }

    fn blank(&self) -> Values {
        values(&self.section.blank(&self.state.stored_head.get_untracked()))
    }

    fn complete(&self, texts: &mut Values, typed: Option<&'static str>) {
        let mut row: R = record(texts);
        let codes = codes_now();
        if let Some(typed) = typed {
            fill_from_code(&mut row, typed, &codes);
        }
        row.complete(&codes);
        *texts = values(&row);
    }

    fn settled(&self, texts: &Values) -> &'static [&'static str] {
        settled_by_code(record::<R>(texts).get("hs_code"), &codes())
    }

    fn check(&self, texts: &Values) -> Vec<(&'static str, crate::text::Message)> {
        let found = record::<R>(texts).check(0, &codes_now(), false);
        let grave = found.into_iter().filter(|found| found.severity == Severity::Save);
        grave.filter_map(|found| Some((key_of::<R>(&found.pointer)?, found.message))).collect()
    }

    fn save(&self, batch: Batch) -> Saving {
        Box::pin(save(self.state, self.section, batch))
    }
}

/// The field a pointer ends in.
fn key_of<R: GoodsRow>(pointer: &str) -> Option<&'static str> {
    R::field(pointer.rsplit('.').next()?).map(|field| field.key)
}

async fn save<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>, batch: Batch) -> Result<(), Refusal> {
    let put = |put: &crate::ui::grid::Put| PutRow {
        row_id: put.id,
        base: put.base,
        seq: put.seq,
        goods: record::<R>(&put.values).wrap(),
    };
    let mut request = SaveRows {
        book_id: state.id,
        side: R::SIDE,
        puts: batch.puts.iter().map(put).collect(),
        removes: batch.removes.iter().map(|(row_id, base)| RemoveRow { row_id: *row_id, base: *base }).collect(),
    };
    loop {
        let error = match store(|| api::save_rows(request.clone())).await {
            Ok(saved) => {
                took(state, section, &request, saved);
                return Ok(());
            }
            Err(error) => error,
        };
        if error.kind != ErrorKind::Conflict {
            return Err(refusal::<R>(&request, error));
        }
        // One row that both have: its typist decides. Of many, or one that is gone, the new state is shown.
        let one = request.puts.len() == 1 && request.removes.is_empty() && !error.differences.is_empty();
        if !one {
            load(state).await;
            return Err(refusal::<R>(&request, error));
        }
        match settle(&error).await {
            Resolution::Mine => match call(|| api::get(state.id)).await {
                Ok(latest) => request.puts[0].base = version_of::<R>(&latest, request.puts[0].row_id),
                Err(error) => return Err(refusal::<R>(&request, error)),
            },
            Resolution::Theirs => {
                load(state).await;
                return Ok(());
            }
            Resolution::Cancel => return Err(refusal::<R>(&request, error)),
        }
    }
}

/// Takes the answer over into the list, and into the row form where it shows one of the rows.
fn took<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>, request: &SaveRows, saved: SavedRows) {
    state.took(&saved.meta, &saved.head);
    let mut stored: HashMap<Uuid, Row<R>> = HashMap::with_capacity(saved.rows.len());
    for row in saved.rows {
        if let Some(content) = R::unwrap(row.content) {
            let row = Row { id: row.id, seq: row.seq, version: row.version, content };
            section.refresh(&row);
            stored.insert(row.id, row);
        }
    }
    section.rows.update(|rows| {
        rows.retain(|row| !request.removes.iter().any(|gone| gone.row_id == row.id));
        for row in rows.iter_mut() {
            if let Some(new) = stored.remove(&row.id) {
                *row = new;
            }
        }
        rows.extend(stored.into_values());
        rows.sort_by_key(|row| row.seq);
    });
    section.selected.update(|chosen| chosen.retain(|id| !request.removes.iter().any(|gone| gone.row_id == *id)));
    if request.removes.iter().any(|gone| gone.row_id == section.current.get_untracked().0) {
        section.start_new(&state.head.accepted());
    }
}

fn refusal<R: GoodsRow>(request: &SaveRows, error: ApiError) -> Refusal {
    let row = request.puts.first().filter(|_| request.puts.len() == 1).map(|put| put.row_id);
    let faults =
        error.findings.into_iter().filter_map(|found| Some((row?, key_of::<R>(&found.pointer)?, found.message)));
    Refusal { message: error.message, faults: faults.collect() }
}
