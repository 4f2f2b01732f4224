//! Lists what keeps a document from being declared, gravest first; each entry jumps to its field. Used by the
//! pages of documents, which say what a pointer is called and how to get there. Finds nothing itself.

use leptos::prelude::*;

use super::lang::{said, t, tm};
use super::parts::icon;
use crate::form::{Finding, Severity};
use crate::text::{Message, Text, text};

/// The groups, gravest first.
const GROUPS: [(Severity, Text, &str); 3] = [
    (Severity::Save, text("须先修改，否则不能暂存", "To mend before saving"), "grave"),
    (Severity::Declare, text("申报前须完成", "To complete before declaring"), "open"),
    (Severity::Warning, text("请留意", "Worth a look"), "warning"),
];

/// So many of a group are drawn; who mends ten thousand rows begins with the first ones. The count above and
/// F8 know them all.
const MOST_SHOWN: usize = 50;

const READY: Text = text("没有问题，可以申报", "Nothing in the way: ready to declare");
/// The rules find nothing more, which says nothing about what customs found.
const MEND_REASONS: Text = text(
    "填制检查没有问题。海关退回的原因如下，请逐条核对、修改后再申报。",
    "The checks find nothing. Customs sent it back for the reasons below: go through them before declaring again.",
);

#[component]
pub fn FindingsPanel(
    #[prop(into)] findings: Signal<Vec<Finding>>,
    /// The name of what a pointer means.
    label_of: Callback<String, String>,
    on_go: Callback<String>,
) -> impl IntoView {
    let hindering = move || findings.with(|all| all.iter().filter(|one| one.severity != Severity::Warning).count());
    let by_customs = move || findings.with(|all| all.iter().any(Finding::is_of_customs));
    let clear = move || match by_customs() {
        true => ("findings-clear returned", "info", MEND_REASONS),
        false => ("findings-clear", "check", READY),
    };
    let groups = move || {
        GROUPS
            .into_iter()
            .filter_map(|(severity, title, class)| {
                let (own, count) = findings.with(|all| {
                    let own = || all.iter().filter(|one| one.severity == severity);
                    (own().take(MOST_SHOWN).cloned().collect::<Vec<Finding>>(), own().count())
                });
                (!own.is_empty()).then(|| {
                    let more = (count > own.len()).then(|| more(count - own.len()));
                    let items = own.into_iter().map(|one| item(one, label_of, on_go)).collect_view();
                    view! {
                        <h3 class=format!("findings-title {class}")>{t(title)}</h3>
                        <ul class="findings-list">{items}</ul>
                        {more}
                    }
                })
            })
            .collect_view()
    };
    view! {
        <section class="findings" aria-label=said(text("检查结果", "Checks"))>
            <h2 class="findings-heading">
                {said(text("检查结果", "Checks"))}
                <span class="findings-count" class:none=move || hindering() == 0>{hindering}</span>
            </h2>
            {move || {
                (hindering() == 0).then(|| {
                    let (class, sign, words) = clear();
                    view! { <p class=class>{icon(sign)} {t(words)}</p> }
                })
            }}
            {groups}
        </section>
    }
    .into_any()
}

fn more(count: usize) -> impl IntoView {
    let said = Message::new(
        format!("另有{count}处，修改以上各处后显示；按F8逐处前往。"),
        format!("{count} more; they are shown when these are mended. F8 goes through all of them."),
    );
    view! { <p class="findings-more">{tm(&said)}</p> }
}

fn item(finding: Finding, label_of: Callback<String, String>, on_go: Callback<String>) -> AnyView {
    let pointer = finding.pointer.clone();
    view! {
        <li>
            <button type="button" class="finding" on:click=move |_| on_go.run(pointer.clone())>
                <span class="finding-place">{label_of.run(finding.pointer)}</span>
                <span class="finding-text">{tm(&finding.message)}</span>
            </button>
        </li>
    }
    .into_any()
}
