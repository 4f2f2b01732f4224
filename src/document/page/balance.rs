//! The account book of an open document: read when it is needed, and its figures in one line above the sections, so that
//! what is left to be exempt is known before it is declared.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state::DocumentState;
use crate::document::api;
use crate::document::under_book::LIFE;
use crate::form::{grouped, plain, show_date};
use crate::text::text;
use crate::ui::call::call;
use crate::ui::clock::today;
use crate::ui::lang::t;

/// So many figures decide whether a re-import may be declared.
const DECIDING: usize = 4;

/// Reads the book anew whenever the document gets another one, or moves in its life.
pub fn follow(state: DocumentState) {
    let wanted = Memo::new(move |_| {
        let kind = state.kind;
        let meta = state.meta.get()?;
        let number = state.stored_head.with(|head| kind.book_no(head).to_owned());
        let has_book = !number.is_empty() || meta.in_force || meta.base_id.is_some();
        // What has to be accounted for follows from the stored head and rows.
        let version = kind.accounts.map(|_| meta.version);
        has_book.then_some((number, meta.status, version))
    });
    Effect::new(move |_| match wanted.get() {
        Some(_) => spawn_local(read(state)),
        None => state.book.set(None),
    });
}

/// Reads the book. Without it the page goes on: the server asks the same rules once more.
pub async fn read(state: DocumentState) {
    let answer = call(|| api::book(state.id)).await;
    if state.book.is_disposed() {
        return;
    }
    if let Ok(book) = answer {
        state.book.set(book);
    }
}

/// The figures of the book, once it is there.
pub fn figures(state: DocumentState) -> impl IntoView {
    let shown = Memo::new(move |_| {
        state.book.with(|book| {
            book.as_ref().map(|book| (book.figures(), book.currency.clone(), book.life(&show_date(today()))))
        })
    });
    move || {
        shown.get().map(|(figures, currency, life)| {
            let facts = figures.into_iter().take(DECIDING).map(|(label, figure)| {
                let amount = format!("{} {currency}", grouped(&plain(figure)));
                view! { <div class="fact"><dt>{t(label)}</dt><dd>{amount}</dd></div> }
            });
            view! { <dl class="facts balance" aria-label=t(text("账册台账", "Balance of the book"))>
                <div class="fact"><dt>{t(LIFE)}</dt><dd>{t(life)}</dd></div>
                {facts.collect_view()}
            </dl> }
        })
    }
}
