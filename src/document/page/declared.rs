//! What a document declares in place of its lists, worked out while somebody types: the items of a 报关单, the two of a
//! re-import one below the other. Only looked at: what they are worked out from is typed in the lists.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::labels::{EXPORT, EXPORT_XML, NO_ROWS_LOCKED};
use super::load::export;
use super::state::DocumentState;
use crate::document::Row;
use crate::document::import::model::export_declared;
use crate::document::kind::Declared;
use crate::form::Values;
use crate::text::text;
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows};
use crate::ui::lang::t;
use crate::ui::parts::{ActionButton, ButtonKind};

const SEQ: &str = "seq";

/// The items as they would be declared now; tracked. What is typed and not stored of a row is not in them yet.
pub fn items(state: DocumentState, declared: &'static Declared) -> Vec<Row<Values>> {
    state.typed.track();
    state.stored_head.track();
    let head = state.head.accepted();
    let lists = state.lists();
    let rows: Vec<_> = lists.iter().map(|list| list.rows.read()).collect();
    let rows: Vec<&[Row<Values>]> = rows.iter().map(|rows| rows.as_slice()).collect();
    (declared.items)(&head, &rows)
}

/// The tab of the items.
pub fn declared_section(state: DocumentState, declared: &'static Declared) -> AnyView {
    let mut columns = vec![Column::new(SEQ, declared.number, 5).numeric()];
    columns.extend(declared.fields.iter().map(Column::of));
    let columns = Columns::new(declared.key, columns);
    let shown = Memo::new(move |_| items(state, declared));
    let rows = GridRows::of(
        shown.into(),
        // Two items come of one row: their number tells them apart.
        |item: &Row<Values>| Uuid::from_u128(item.seq.unsigned_abs().into()),
        |item, key| if key == SEQ { item.seq.to_string() } else { item.content.get(key).to_owned() },
    );
    view! {
        <div class="goods">
            <div class="section-bar" role="toolbar" aria-label=move || t(declared.label)>
                <span class="bar-note">{move || t(text(
                    "由商品行和表头费用自动算出，随录入更新；申报、打印、导出均以此为准。",
                    "Worked out from the rows and the costs of the head; this is what is declared, printed and exported.",
                ))}</span>
                <span class="bar-gap"></span>
                {["xlsx", "xml"].map(|format| view! {
                    <ActionButton label=if format == "xml" { EXPORT_XML } else { EXPORT } icon="download" kind=ButtonKind::Plain
                        disabled=Signal::derive(move || !state.is_saved())
                        on_press=Callback::new(move |()| spawn_local(export(export_declared(state.id, format))))/>
                }).into_iter().collect_view()}
                <ColumnChooser columns/>
            </div>
            <Grid name=declared.label columns rows empty=NO_ROWS_LOCKED active=state.declared_item sort=columns.sort() height=20/>
        </div>
    }
    .into_any()
}
