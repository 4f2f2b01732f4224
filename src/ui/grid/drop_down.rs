//! Draws the list under the active cell while it is open, and takes the choice of the mouse. What it offers and what keys
//! do in it is in `list`.

use leptos::prelude::*;

use super::cells::Sheet;
use crate::ui::combo_box::options::options;

/// The list as it is drawn while it is open.
pub(super) fn list_view(sheet: Sheet) -> impl IntoView {
    let list = sheet.cells.list;
    let pick = Callback::new(move |index| {
        list.active.set(Some(index));
        sheet.commit();
    });
    let drawn = move || options(list.id.get_value(), list.offer, list.active, move || Some(sheet.input().into()), pick);
    move || list.open.get().then(drawn)
}
