//! 待办 and 查号 on both databases: what waits is listed for those it waits for and nobody else, from the day on which it
//! matters; a number leads to its document however it is typed. If these fail, a book runs out while everybody believes that
//! nothing is open, or one company reads the numbers of another.

use chrono::TimeDelta;
use opbook::document::{Step, service};
use opbook::filing::model::{EXPORTS, ExportGoods, REIMPORTS};
use opbook::find::model::{Found, Number};
use opbook::find::service::number;
use opbook::server::call::Call;
use opbook::server::config::{Config, Remind};
use opbook::server::failure::Failure;
use opbook::todo::model::{Item, Todo, Why};
use opbook::todo::service::{check, list};
use uuid::Uuid;

use crate::desk::{
    OTHER, OWN, add, agent, approved_filing, call, complete_filing, decide, declare, export, head, new_filing,
    reimport, save_head, state,
};
use crate::entry::{book, draft, export_entry, head as entry_head, office, refusal, row, settle};
use crate::support::both_databases;

async fn todo(call: &Call) -> Todo {
    list(call, "").await.unwrap()
}

/// What waits: why, and how it is called.
fn listed(todo: &Todo) -> Vec<(Why, &str)> {
    todo.items.iter().map(|item| (item.why, item.name.as_str())).collect()
}

fn item(todo: &Todo, why: Why) -> &Item {
    todo.items.iter().find(|item| item.why == why).unwrap_or_else(|| panic!("{why:?} in {todo:?}"))
}

fn count(todo: &Todo, operator: &str, why: Why) -> i64 {
    let counted = todo.counts.iter().find(|count| count.operator_code == operator && count.why == why);
    counted.map_or(0, |count| count.count)
}

#[tokio::test]
async fn documents_wait_for_those_who_act_for_the_enterprise() {
    for db in both_databases().await {
        let state = state(db).await;
        let own = call(&state, "zhang", OWN);
        assert_eq!(todo(&own).await, Todo::default());

        let (draft, _) = new_filing(&own).await;
        let now = todo(&own).await;
        assert_eq!((item(&now, Why::Draft).document, item(&now, Why::Draft).editable), (Some(draft), true));
        assert_eq!(count(&now, OWN, Why::Draft), 1);
        // Asked for one enterprise, the others' things are counted and not listed.
        let both = agent(&state, "li", OTHER, &[OTHER, OWN]);
        assert_eq!(listed(&todo(&both).await).len(), 1);
        let of_other = list(&both, OTHER).await.unwrap();
        assert!(of_other.items.is_empty());
        assert_eq!(count(&of_other, OWN, Why::Draft), 1);
        let stranger = call(&state, "wang", OTHER);
        assert_eq!(todo(&stranger).await, Todo::default());
        assert!(matches!(list(&stranger, OWN).await, Err(Failure::Forbidden)));

        // Sent back with a reason, which is told; then declared again, and too long with customs.
        let (id, _) = complete_filing(&own).await;
        declare(&own, id).await.unwrap();
        assert_eq!(count(&todo(&own).await, OWN, Why::UnderWay), 0, "it was declared a moment ago");
        decide(&state, id, "3", &[]).await;
        let now = todo(&own).await;
        assert!(item(&now, Why::Returned).told.zh.starts_with("海关退单"), "{:?}", item(&now, Why::Returned));
        assert_eq!(listed(&now).iter().map(|(why, _)| *why).collect::<Vec<_>>(), [Why::Returned, Why::Draft]);
        declare(&own, id).await.unwrap();
        state.clock.advance(TimeDelta::days(Remind::default().under_way) + TimeDelta::minutes(1));
        let now = todo(&own).await;
        let waits = item(&now, Why::UnderWay);
        assert!((waits.document, waits.editable) == (Some(id), false) && waits.told.zh.contains("3天"), "{waits:?}");
        assert_eq!(count(&now, OWN, Why::Returned), 0);
        // A draft nobody touched says so after two weeks.
        assert_eq!(item(&now, Why::Draft).told.zh, "暂存");
        state.clock.advance(TimeDelta::days(12));
        let now = todo(&own).await;
        assert!(item(&now, Why::Draft).told.zh.starts_with("已15天未改动"), "{:?}", item(&now, Why::Draft));
        let base = service::get(&own, draft).await.unwrap().meta.version;
        service::delete(&own, Step { id: draft, base }).await.unwrap();
        assert_eq!(count(&todo(&own).await, OWN, Why::Draft), 0);
    }
}

#[tokio::test]
async fn a_draft_says_what_it_lacks_to_those_who_may_read_it() {
    for db in both_databases().await {
        let state = state(db).await;
        let own = call(&state, "zhang", OWN);
        let (begun, saved) = new_filing(&own).await;
        let (complete, version) = complete_filing(&own).await;
        let told = async |call: &Call, ids: &[Uuid]| check(call, ids.to_vec()).await.unwrap();
        let gone = Uuid::now_v7();
        let found = told(&own, &[gone, begun, complete, gone]).await;
        let [of_begun, of_complete] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((of_begun.id, of_begun.version), (begun, saved.meta.version));
        // What is said here is what 申报 refuses this one for, no more and no less.
        let Err(Failure::Refused { findings, .. }) = declare(&own, begun).await else { panic!("it was declared") };
        assert!(of_begun.told.zh.starts_with(&format!("{}项须改", findings.len())), "{of_begun:?} {findings:?}");
        assert!(of_begun.told.zh.contains(&findings[0].message.zh), "{of_begun:?}");
        assert_eq!((of_complete.id, of_complete.version), (complete, version));
        assert_eq!(of_complete.told.zh, "未发现须改之处");
        declare(&own, complete).await.unwrap();
        assert_eq!(told(&call(&state, "wang", OTHER), &[begun, complete]).await, []);
        assert_eq!(told(&own, &[]).await, []);

        // What is long to look at ends the answer early; asked on, it comes to its end.
        let mut many = vec![begun; 49];
        many.push(gone);
        let mut turns = 0;
        while !many.is_empty() {
            let found = told(&own, &many).await;
            turns += 1;
            if found.is_empty() {
                break;
            }
            many.drain(..found.len());
        }
        assert!((1..=50).contains(&turns) && many == [gone], "{turns} {many:?}");
    }
}

#[tokio::test]
async fn a_book_waits_when_it_ends_when_it_is_over_and_when_customs_urges() {
    for db in both_databases().await {
        let state = state(db).await;
        let own = call(&state, "zhang", OWN);
        let (id, number) = book(&own).await;
        assert_eq!(listed(&todo(&own).await), []);
        let ends: chrono::NaiveDate =
            service::get(&own, id).await.unwrap().head.get("valid_to").unwrap().parse().unwrap();
        // Other days, by setting.
        let mut early = own.clone();
        let remind = Remind { expiry: vec![-200], ..Remind::default() };
        early.state.config = Config { remind, ..(*state.config).clone() }.into();
        assert_eq!(listed(&todo(&early).await), [(Why::Expiring, number.as_str())]);
        let to_the_end = (ends - state.clock.today()).num_days();

        state.clock.advance(TimeDelta::days(to_the_end - 31));
        assert_eq!(listed(&todo(&own).await), []);
        state.clock.advance(TimeDelta::days(1));
        let now = todo(&own).await;
        assert_eq!(listed(&now), [(Why::Expiring, number.as_str())]);
        let waits = item(&now, Why::Expiring);
        assert!(waits.told.zh.contains("还有30天") && !waits.editable && waits.document == Some(id), "{waits:?}");

        state.clock.advance(TimeDelta::days(31));
        let now = todo(&own).await;
        assert_eq!(listed(&now), [(Why::Overdue, number.as_str())]);
        assert!(item(&now, Why::Overdue).told.zh.contains("还有29天"), "{:?}", item(&now, Why::Overdue));
        assert_eq!(count(&now, OWN, Why::Overdue), 1);

        let due = state.clock.today() + chrono::Days::new(10);
        office(&state).urge(&number, due, "请报核", state.clock.now()).await.unwrap();
        settle(&state).await;
        let now = todo(&own).await;
        assert_eq!(listed(&now), [(Why::Urged, number.as_str())]);
        assert!(item(&now, Why::Urged).told.zh.contains(&format!("请在{due}前报核")), "{:?}", item(&now, Why::Urged));
    }
}

async fn find(call: &Call, typed: &str) -> Vec<(Number, String)> {
    let Found { hits, .. } = number(call, typed).await.unwrap();
    hits.into_iter().map(|hit| (hit.what, hit.number)).collect()
}

#[tokio::test]
async fn every_number_leads_to_its_document() {
    for db in both_databases().await {
        let state = state(db).await;
        let own = call(&state, "zhang", OWN);
        let (filing, saved) = new_filing(&own).await;
        let mut with_numbers = head(&own);
        with_numbers.internal_no = "nb-合同A/01".into();
        with_numbers.contract_no = "ht-2026-特77".into();
        let saved = save_head(&own, filing, saved.meta.head_version, &with_numbers).await.unwrap();
        let seq_no = saved.head.get("seq_no").unwrap().clone();
        add(&own, filing, EXPORTS, &ExportGoods { material_no: "LM-00012a".into(), ..export("10") }).await;
        add(&own, filing, REIMPORTS, &reimport()).await;

        for (typed, what, number) in [
            (seq_no.as_str(), Number::Unified, seq_no.as_str()),
            (&seq_no[..17], Number::Unified, seq_no.as_str()),
            ("NB-合同a/01", Number::Internal, "nb-合同A/01"),
            ("  nb-合 ", Number::Internal, "nb-合同A/01"),
            ("ＮＢ－", Number::Internal, "nb-合同A/01"),
            ("HT-2026-特", Number::Contract, "ht-2026-特77"),
            ("lm-00012A", Number::Material, "LM-00012a"),
            ("LM-000", Number::Material, "LM-00012a"),
        ] {
            assert_eq!(find(&own, typed).await, [(what, number.to_owned())], "{typed}");
        }
        // What has another beginning, or signs that a database takes for any letter, is nothing.
        for typed in ["B-合", "N_-合", "%合", "00012", "LM%"] {
            assert_eq!(find(&own, typed).await, [], "{typed}");
        }
        for typed in ["", "L", "a\u{7}b", &"9".repeat(65)] {
            assert!(refusal(number(&own, typed).await.unwrap_err()).contains("2到64个字符"), "{typed:?}");
        }
        let stranger = call(&state, "wang", OTHER);
        for typed in [seq_no.as_str(), "NB-", "LM-"] {
            assert_eq!(find(&stranger, typed).await, [], "{typed}");
        }
        // A deleted row is found no more, a changed number under its new name.
        let document = service::get(&own, filing).await.unwrap();
        let row = &crate::desk::rows(&document, EXPORTS)[0];
        let mut content = export("10");
        content.material_no = "LM-9".into();
        service::save_rows(&own, crate::desk::one(filing, EXPORTS, row.id, row.version, &content)).await.unwrap();
        assert_eq!(find(&own, "LM-0").await, []);
        assert_eq!(find(&own, "LM-").await, [(Number::Material, "LM-9".to_owned())]);
    }
}

#[tokio::test]
async fn the_number_of_a_book_leads_to_what_is_in_force_and_that_of_an_entry_to_the_entry() {
    for db in both_databases().await {
        let state = state(db).await;
        let own = call(&state, "zhang", OWN);
        let (filing, book_no) = book(&own).await;
        let found = number(&own, &book_no[..8]).await.unwrap();
        assert_eq!((found.hits.len(), found.hits[0].what, found.hits[0].document), (1, Number::Book, filing));
        let entry = export_entry(&own, &book_no, "1", "100").await;
        crate::entry::declare(&own, entry).await.unwrap();
        settle(&state).await;
        let entry_no = crate::entry::entry_no(&own, entry).await;
        let found = number(&own, &entry_no).await.unwrap();
        assert_eq!((found.hits.len(), found.hits[0].what, found.hits[0].document), (1, Number::Entry, entry));
        // An entry that is only to be registered is found by the number that was typed.
        let mut typed = entry_head("entry_export", &book_no, &own);
        typed.set("registered_no", "530120260987654321");
        let draft = draft(&own, "entry_export", &typed, &[row(false, "1", "1", &[("total_price", "10")])]).await;
        let found = number(&own, "53012026098765").await.unwrap();
        assert_eq!((found.hits.len(), found.hits[0].document), (1, draft));
        // The very same number comes before those that only begin so.
        let (other, _) = approved_filing(&own).await;
        let mut tx = state.db.begin().await.unwrap();
        for (id, internal_no) in [(other, "X-12"), (filing, "X-1")] {
            sqlx::query("UPDATE document SET internal_no = $2 WHERE id = $1")
                .bind(id.to_string())
                .bind(internal_no)
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let found = number(&own, "x-1").await.unwrap();
        assert_eq!(found.hits.iter().map(|hit| hit.number.as_str()).collect::<Vec<_>>(), ["X-1", "X-12"]);
    }
}
