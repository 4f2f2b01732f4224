//! The list of choices as it is drawn, under a combo box and under the active cell of a grid alike. The input
//! keeps the focus; the list is only looked at and pointed to. What is offered is decided in `choices`.

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlElement;

use super::choices::{Choice, Offer};
use crate::text::text;
use crate::ui::lang::{said, t};
use crate::ui::popup;

/// Name of an option, for `aria-activedescendant`.
pub fn option_id(list: &str, index: usize) -> String {
    format!("{list}-{index}")
}

/// The open list `id` below `input`; `pick` takes the number of the option that is clicked.
pub fn options(
    id: String,
    offer: RwSignal<Offer>,
    active: RwSignal<Option<usize>>,
    input: impl Fn() -> Option<HtmlElement> + 'static,
    pick: Callback<usize>,
) -> AnyView {
    let node = NodeRef::<html::Ul>::new();
    Effect::new(move |_| {
        offer.track();
        if let (Some(list), Some(input)) = (node.get(), input()) {
            popup::open(list.into(), input);
        }
    });
    let of_list = id.clone();
    Effect::new(move |_| {
        let option = active.get().map(|active| option_id(&of_list, active));
        offer.track();
        let option = option.and_then(|option| document().get_element_by_id(&option));
        if let (Some(list), Some(option)) = (node.get(), option) {
            reveal(&list, &option);
        }
    });
    let of_list = id.clone();
    let lines = move || {
        offer.with(|offer| match offer.hint {
            Some(hint) => {
                view! { <li class="combo-hint" role="option" aria-disabled="true" aria-selected="false">{t(hint)}</li> }
                    .into_any()
            }
            None => {
                let lines = offer.choices.iter().enumerate();
                lines.map(|(index, choice)| option(&of_list, index, choice, active, pick)).collect_view().into_any()
            }
        })
    };
    view! {
        <ul
            node_ref=node
            id=id
            class="combo-list"
            role="listbox"
            // A list that scrolls is a stop of Tab by itself; then what is typed behind Tab would go nowhere.
            tabindex="-1"
            aria-label=said(text("可选项", "Options"))
            // The input keeps the focus.
            on:mousedown=|event| event.prevent_default()
        >
            {lines}
        </ul>
    }
    .into_any()
}

fn option(
    list: &str,
    index: usize,
    choice: &Choice,
    active: RwSignal<Option<usize>>,
    pick: Callback<usize>,
) -> AnyView {
    let is_active = move || active.get() == Some(index);
    view! {
        <li
            id=option_id(list, index)
            class="combo-option"
            class:active=is_active
            role="option"
            aria-selected=move || if is_active() { "true" } else { "false" }
            on:click=move |_| pick.run(index)
        >
            <span class="combo-code">{choice.code.clone()}</span>
            <span class="combo-dash">"-"</span>
            <span class="combo-name">{choice.name.clone()}</span>
        </li>
    }
    .into_any()
}

/// Scrolls the list, and only the list, so that an option is seen.
fn reveal(list: &HtmlElement, option: &web_sys::Element) {
    let (frame, line) = (list.get_bounding_client_rect(), option.get_bounding_client_rect());
    let above = frame.top() as i32 - line.top() as i32;
    let below = line.bottom() as i32 - frame.bottom() as i32;
    if above > 0 {
        list.set_scroll_top(list.scroll_top() - above - 4);
    } else if below > 0 {
        list.set_scroll_top(list.scroll_top() + below + 4);
    }
}
