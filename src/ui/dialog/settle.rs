//! Whose text stays where two people changed the same fields: all at once, or field by field. Asked by pages before they save;
//! stores nothing.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::haste::Haste;
use super::{Body, CANCEL, FIELD, show};
use crate::form::Difference;
use crate::text::{Message, Text, text};
use crate::ui::focus;
use crate::ui::lang::{said, t, tm};
use crate::ui::spelled::spelled;

const MINE: Text = text("我的", "Mine");
const THEIRS: Text = text("对方的", "Theirs");
const EMPTY: Text = text("（空）", "(empty)");
const WORDS: Text = text(
    "在您录入期间，他人修改并保存了相同的字段。请逐项选择保留哪一方的内容（←→选择，↑↓换行），或全部保留一方；取消则什么都不改变。",
    "While you were typing, somebody else changed and saved the same fields. Choose whose text stays, one by one (←→ choose, ↑↓ move) or all at once. Cancel changes nothing.",
);

/// Place of the button that answers with what is chosen.
const AS_CHOSEN: usize = 2;

/// Whose text stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Mine,
    Theirs,
}

/// What is chosen so far.
type Chosen = ArcRwSignal<Vec<Option<Side>>>;

/// Shows what two people made of the same fields and asks whose text stays in each; `None` when that is put off.
pub async fn settle(differences: Vec<Difference>, label_of: impl Fn(&str) -> String) -> Option<Vec<Side>> {
    let count = differences.len();
    let rows: Vec<_> = differences.into_iter().map(|one| (label_of(&one.pointer), one.mine, one.theirs)).collect();
    let chosen = Chosen::new(vec![None; count]);
    let asked = ArcRwSignal::new(false);
    let draw = {
        let (chosen, asked) = (chosen.clone(), asked.clone());
        Arc::new(move |haste| table(&rows, &chosen, &asked, haste))
    };
    let may = {
        let chosen = chosen.clone();
        Arc::new(move |button| {
            let open = chosen.with_untracked(|chosen| chosen.iter().position(Option::is_none));
            let Some(open) = open.filter(|_| button == AS_CHOSEN) else { return true };
            asked.set(true);
            focus::focus_id(id_of(open, Side::Mine));
            false
        })
    };
    let buttons = vec![
        (text("全部保留我的", "Keep all of mine"), "button"),
        (text("全部采用对方的", "Take all of theirs"), "button"),
        (text("按所选保存", "Save what is chosen"), "button primary"),
        (CANCEL, "button"),
    ];
    // The safe answer is the last: keys that were meant for the page decide nothing.
    match show(text("他人已修改同一数据", "Somebody else changed this"), Body::Drawn { draw, may }, buttons, 3).await
    {
        Some(0) => Some(vec![Side::Mine; count]),
        Some(1) => Some(vec![Side::Theirs; count]),
        Some(AS_CHOSEN) => chosen.get_untracked().into_iter().collect(),
        _ => None,
    }
}

fn id_of(row: usize, side: Side) -> String {
    format!("settle-{row}-{}", if side == Side::Mine { "mine" } else { "theirs" })
}

fn table(rows: &[(String, String, String)], chosen: &Chosen, asked: &ArcRwSignal<bool>, haste: Haste) -> AnyView {
    let count = rows.len();
    let lines = rows.iter().enumerate().map(|(row, (label, mine, theirs))| {
        let cell = |side: Side, content: &str| {
            let (is, choose) = (chosen.clone(), chosen.clone());
            let content = content.to_owned();
            let name = format!("{label}：{}", t(if side == Side::Mine { MINE } else { THEIRS }));
            let shown = if content.is_empty() { view! { {said(EMPTY)} }.into_any() } else { content.into_any() };
            view! {
                <td>
                    <label class="choice">
                        <input
                            type="radio"
                            id=id_of(row, side)
                            name=format!("settle-{row}")
                            aria-label=name
                            prop:checked=move || is.with(|chosen| chosen[row] == Some(side))
                            on:change=move |_| choose.update(|chosen| chosen[row] = Some(side))
                        />
                        <span>{shown}</span>
                    </label>
                </td>
            }
        };
        let keyed = chosen.clone();
        let on_key = move |event: KeyboardEvent| {
            let moved = match spelled(&event).as_str() {
                "ArrowLeft" => (row, Some(Side::Mine)),
                "ArrowRight" => (row, Some(Side::Theirs)),
                "ArrowUp" => (row.saturating_sub(1), None),
                "ArrowDown" => ((row + 1).min(count - 1), None),
                _ => return,
            };
            event.prevent_default();
            if haste.holds() {
                return;
            }
            let (to, side) = moved;
            if let Some(side) = side {
                keyed.update(|chosen| chosen[row] = Some(side));
            }
            let there = keyed.with_untracked(|chosen| chosen[to]).unwrap_or(Side::Mine);
            focus::focus_id(id_of(to, there));
        };
        view! {
            <tr on:keydown=on_key>
                <th scope="row">{label.clone()}</th>
                {cell(Side::Mine, mine)}
                {cell(Side::Theirs, theirs)}
            </tr>
        }
    });
    let lines = lines.collect_view();
    let (asked, open) = (asked.clone(), chosen.clone());
    let missing = move || {
        let open = open.with(|chosen| chosen.iter().filter(|side| side.is_none()).count());
        (asked.get() && open > 0)
            .then(|| tm(&Message::new(format!("还有{open}项没有选择。"), format!("{open} fields are not chosen yet."))))
    };
    view! {
        <p>{said(WORDS)}</p>
        <p class="fault" role="alert">{missing}</p>
        <div class="differences-scroll" tabindex="0" role="region" aria-label=said(FIELD)>
            <table class="differences">
                <thead>
                    <tr><th scope="col">{said(FIELD)}</th><th scope="col">{said(MINE)}</th><th scope="col">{said(THEIRS)}</th></tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
    .into_any()
}
