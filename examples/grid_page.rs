//! The grid alone on a page, for `make bench`: the operations of js-framework-benchmark over rows in
//! memory, and cells to type into. Built as a WebAssembly module of its own; end2end/bench/grid.bench.ts
//! drives it beside a plain table and a well-known grid. No part of the program.

use std::cell::RefCell;

use leptos::prelude::*;
use opbook::form::{Field, Kind};
use opbook::text::text;
use opbook::ui::grid::{Batch, Column, Columns, Editing, Grid, GridRows, RowTexts, Saving, Source, Stored};
use uuid::Uuid;
use wasm_bindgen::prelude::*;

const FIELDS: &[Field] = &[
    Field::new(text("标签", "Label"), Kind::Text { max: 64 }).named("label").column(30),
    Field::new(text("规格", "Spec"), Kind::Text { max: 64 }).named("spec").column(16),
    Field::new(text("数量", "Quantity"), Kind::Decimal { int: 13, frac: 5, positive: true }).named("qty").column(11),
];

#[derive(Clone)]
struct Line {
    id: Uuid,
    seq: usize,
    label: String,
}

#[derive(Clone, Copy)]
struct Page {
    rows: RwSignal<Vec<Line>>,
    active: RwSignal<Option<Uuid>>,
}

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

fn page() -> Page {
    PAGE.with_borrow(|page| page.expect("mounted"))
}

fn cell(line: &Line, key: &str) -> String {
    match key {
        "seq" => line.seq.to_string(),
        "label" => line.label.clone(),
        "spec" => format!("S-{}", line.seq),
        _ => (line.seq % 1000 + 1).to_string(),
    }
}

struct Memory(RwSignal<Vec<Line>>);

impl Source for Memory {
    fn stored(&self, id: Uuid) -> Option<Stored> {
        self.0.with_untracked(|rows| {
            let line = rows.iter().find(|line| line.id == id)?;
            let values = FIELDS.iter().map(|field| cell(line, field.key)).collect();
            Some(Stored { seq: line.seq as i64, version: 1, values })
        })
    }
    fn blank(&self) -> RowTexts {
        vec![String::new(); FIELDS.len()]
    }
    fn complete(&self, _values: &mut RowTexts, _typed: Option<&'static str>) {}
    fn settled(&self, _values: &RowTexts) -> &'static [&'static str] {
        &[]
    }
    fn check(&self, _values: &RowTexts) -> Vec<(&'static str, opbook::text::Message)> {
        Vec::new()
    }
    fn save(&self, batch: Batch) -> Saving {
        self.0.update(|rows| {
            for put in batch.puts {
                if let Some(line) = rows.iter_mut().find(|line| line.id == put.id) {
                    put.values[0].clone_into(&mut line.label);
                }
            }
        });
        Box::pin(async { Ok(()) })
    }
}

fn view(rows: RwSignal<Vec<Line>>, active: RwSignal<Option<Uuid>>, editing: Option<Editing>) -> impl IntoView {
    let mut columns = vec![Column::new("seq", text("序号", "No."), 8).numeric()];
    columns.extend(FIELDS.iter().map(Column::of));
    let columns = Columns::new("bench", columns);
    let name = text("测试", "Bench");
    let base = GridRows::of(rows.into(), |line| line.id, cell);
    match editing {
        Some(editing) => {
            editing.bind(Memory(rows));
            let rows = editing.over(base);
            view! { <Grid name columns rows active editing height=20/> }.into_any()
        }
        None => view! { <Grid name columns rows=base active height=20/> }.into_any(),
    }
}

/// Shows an empty grid; `editable`: its cells can be typed into.
#[wasm_bindgen]
pub fn mount(editable: bool) {
    let parent = document().get_element_by_id("opbook").expect("its place on the page");
    parent.set_inner_html("");
    leptos::mount::mount_to(parent.unchecked_into(), move || {
        let page = Page { rows: RwSignal::new(Vec::new()), active: RwSignal::new(None) };
        PAGE.set(Some(page));
        let editing = editable.then(|| Editing::new(FIELDS, Signal::stored(false), usize::MAX));
        view(page.rows, page.active, editing)
    })
    .forget();
}

fn lines(from: usize, count: usize) -> impl Iterator<Item = Line> {
    (from..from + count).map(|seq| Line {
        id: Uuid::from_u128(seq as u128 + 1),
        seq: seq + 1,
        label: format!("pretty red table {}", seq * 7919 % 1000),
    })
}

/// Replaces all rows.
#[wasm_bindgen]
pub fn create(from: usize, count: usize) {
    page().rows.set(lines(from, count).collect());
}

#[wasm_bindgen]
pub fn append(from: usize, count: usize) {
    page().rows.update(|rows| rows.extend(lines(from, count)));
}

#[wasm_bindgen]
pub fn update_every_tenth() {
    page().rows.update(|rows| rows.iter_mut().step_by(10).for_each(|line| line.label.push_str(" !!!")));
}

#[wasm_bindgen]
pub fn select(index: usize) {
    let id = page().rows.with_untracked(|rows| rows.get(index).map(|line| line.id));
    page().active.set(id);
}

#[wasm_bindgen]
pub fn swap(one: usize, other: usize) {
    page().rows.update(|rows| rows.swap(one, other));
}

#[wasm_bindgen]
pub fn remove(index: usize) {
    page().rows.update(|rows| {
        rows.remove(index);
    });
}
