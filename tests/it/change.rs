//! 变更 on both databases: what is in force stays in force until customs approves the change, a change is told by its marks,
//! and nothing of an earlier version is lost. If these fail, goods are entered against a filing customs does not know.

use std::collections::{BTreeMap, HashSet};

use opbook::attachment;
use opbook::document::change::export as on_paper;
use opbook::document::change::model::Comparison;
use opbook::document::change::{change, differences, history};
use opbook::document::{Derive, Document, Mark, Query, Status, Step, print, service};
use opbook::filing::model::{EXPORTS, ExportGoods, Head, REIMPORTS, ReimportGoods};
use opbook::form::{Filled, Record, add_months, show_date};
use opbook::print::Part;
use opbook::server::call::Call;
use opbook::server::failure::Failure;
use uuid::Uuid;

use crate::desk::{
    KIND, OTHER, OWN, add, agent, approved_filing, at, book_no, call, complete_filing, decide, declare, export,
    new_filing, one, removal, rows, save_head, state,
};
use crate::support::both_databases;

async fn derive(call: &Call, from: Uuid) -> Result<Uuid, Failure> {
    let id = Uuid::now_v7();
    change(call, Derive { from, id, attachments: true }).await.map(|()| id)
}

fn refusal(failure: Failure) -> String {
    match failure {
        Failure::Refused { message, findings } => {
            findings.iter().fold(message.zh, |all, found| format!("{all} {}", found.message.zh))
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// The stored head as its struct.
fn read(document: &Document) -> Head {
    let mut head = Head::default();
    document.head.iter().for_each(|(key, value)| head.set(key, value.as_str()));
    head
}

async fn get(call: &Call, id: Uuid) -> Document {
    service::get(call, id).await.unwrap()
}

/// Saves the head of a document with something changed.
async fn edit(call: &Call, id: Uuid, change: impl FnOnce(&mut Head)) -> Result<(), Failure> {
    let document = get(call, id).await;
    let mut head = read(&document);
    change(&mut head);
    save_head(call, id, document.meta.head_version, &head).await.map(drop)
}

fn goods(content: &Filled) -> ExportGoods {
    let mut row = ExportGoods::default();
    content.iter().for_each(|(key, value)| row.set(key, value.as_str()));
    row
}

#[tokio::test]
async fn a_change_is_told_by_its_marks_and_takes_over_when_it_is_approved() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (first, number) = approved_filing(&call).await;
        let before = get(&call, first).await;
        let id = derive(&call, first).await.unwrap();
        let draft = get(&call, id).await;
        let head = |key: &str| at(&draft.head, key).to_owned();
        assert_eq!((head("book_no"), head("decl_type"), head("change_seq")), (number.clone(), "2".into(), "1".into()));
        assert_eq!((draft.meta.base_id, draft.meta.in_force, draft.meta.change_seq), (Some(first), false, 1));
        assert_eq!((head("declared_at"), head("approved_at")), (String::new(), String::new()));
        assert_ne!(head("seq_no"), at(&before.head, "seq_no"));
        assert_eq!(head("valid_from"), at(&before.head, "valid_from"));
        assert_eq!(draft.base.as_ref().unwrap().head, before.head);
        let (was, is) = (&rows(&before, EXPORTS)[0], &rows(&draft, EXPORTS)[0]);
        assert_eq!((was.seq, &was.content, is.mark), (is.seq, &is.content, Mark::Same));
        assert_ne!(was.id, is.id);

        // Changed, and back again; deleted, struck through and taken back; added.
        let row = one(id, EXPORTS, is.id, is.version, &export("20"));
        let changed = service::save_rows(&call, row).await.unwrap();
        assert_eq!((changed.rows[0].mark, at(&changed.head, "export_total")), (Mark::Changed, "50"));
        let back = one(id, EXPORTS, is.id, changed.rows[0].version, &goods(&was.content));
        let back = service::save_rows(&call, back).await.unwrap();
        assert_eq!((back.rows[0].mark, at(&back.head, "export_total")), (Mark::Same, "25"));
        let gone = removal(id, EXPORTS, is.id, back.rows[0].version);
        let gone = service::save_rows(&call, gone).await.unwrap();
        assert_eq!(
            (gone.rows[0].mark, at(&gone.head, "export_total"), at(&gone.head, "export_count")),
            (Mark::Deleted, "0", "0")
        );
        let again = service::save_rows(&call, removal(id, EXPORTS, is.id, 0)).await.unwrap();
        assert_eq!(again.meta, gone.meta, "deleted already");
        let restored = one(id, EXPORTS, is.id, 0, &goods(&was.content));
        let restored = service::save_rows(&call, restored).await.unwrap();
        assert_eq!((restored.rows[0].mark, restored.rows[0].seq), (Mark::Same, 1));
        let added = add(&call, id, EXPORTS, &export("4")).await;
        assert_eq!((added.rows[0].mark, added.rows[0].seq), (Mark::Added, 2));
        let unadded = removal(id, EXPORTS, added.rows[0].id, added.rows[0].version);
        assert!(service::save_rows(&call, unadded).await.unwrap().rows.is_empty(), "a row of this change just goes");
        let row = rows(&draft, REIMPORTS)[0].id;
        let version = rows(&get(&call, id).await, REIMPORTS)[0].version;
        let cheaper = ReimportGoods { unit_price: "2".into(), ..crate::desk::reimport() };
        service::save_rows(&call, one(id, REIMPORTS, row, version, &cheaper)).await.unwrap();
        assert_eq!(add(&call, id, EXPORTS, &export("5")).await.rows[0].seq, 3, "a number came back");
        edit(&call, id, |head| head.contract_no = "HT-2027".into()).await.unwrap();

        let Comparison { head: fields, rows: changes, papers } = differences(&call, id).await.unwrap();
        let fields: BTreeMap<&str, (&str, &str)> =
            fields.iter().map(|one| (one.key.as_str(), (one.before.as_str(), one.after.as_str()))).collect();
        assert_eq!(fields["contract_no"], ("HT-2026-01", "HT-2027"));
        assert_eq!(fields["export_total"], ("25", "37.5"));
        let marks: Vec<_> = changes.iter().map(|row| (row.section.as_str(), row.seq, row.mark)).collect();
        assert_eq!(marks, [(EXPORTS, 3, Mark::Added), (REIMPORTS, 1, Mark::Changed)]);
        assert!(
            changes[1].fields.iter().any(|one| one.key == "unit_price" && (&*one.before, &*one.after) == ("3", "2"))
        );
        assert!(papers.is_empty());

        declare(&call, id).await.unwrap();
        let body: String = sqlx::query_scalar("SELECT body FROM outbox WHERE document_id = $1")
            .bind(id.to_string())
            .fetch_one(&state.db.read)
            .await
            .unwrap();
        for part in [
            "<dclTypecd>2</dclTypecd>",
            "<chgTmsCnt>1</chgTmsCnt>",
            &format!("<emsNo>{number}</emsNo>"),
            "<gdsSeqno>1</gdsSeqno><modfMarkcd>0</modfMarkcd>",
            "<gdsSeqno>3</gdsSeqno><modfMarkcd>3</modfMarkcd>",
        ] {
            assert!(body.contains(part), "{part} in {body}");
        }
        assert!(get(&call, first).await.meta.in_force, "what is in force stays so until the decision");
        decide(&state, id, "3", &[]).await;
        assert!(get(&call, first).await.meta.in_force, "a returned change changes nothing");
        declare(&call, id).await.unwrap();
        decide(&state, id, "1", &[("emsNo", &number), ("validFrom", "2030-01-01")]).await;
        let (old, new) = (get(&call, first).await, get(&call, id).await);
        assert_eq!((new.meta.status, new.meta.in_force, old.meta.in_force), (Status::Approved, true, false));
        assert_eq!(at(&new.head, "valid_from"), at(&before.head, "valid_from"), "the validity begins once");
        assert_eq!(new.meta.head_version, new.meta.version, "an open form takes over what was granted");
        let versions = history(&call, first).await.unwrap();
        let told: Vec<_> = versions.iter().map(|one| (one.id, one.change_seq, one.in_force)).collect();
        assert_eq!(told, [(id, 1, true), (first, 0, false)]);
        assert_eq!((versions[0].counts.added, versions[0].counts.changed, versions[0].counts.deleted), (1, 1, 0));
        assert!(!versions[0].approved_on.is_empty());
        // Old versions can still be compared, and the conditions of the list tell them apart.
        assert!(!differences(&call, id).await.unwrap().rows.is_empty());
        let changes = Query {
            list: KIND.into(),
            operator_code: OWN.into(),
            decl_type: "2".into(),
            page_size: 9,
            ..Query::default()
        };
        assert_eq!(service::list(&call, changes).await.unwrap().lines[0].meta.id, id);
    }
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_with_its_reason() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (draft, _) = new_filing(&call).await;
        assert!(refusal(derive(&call, draft).await.unwrap_err()).contains("海关终审通过"));
        let (first, number) = approved_filing(&call).await;
        let stranger = crate::desk::call(&state, "wang", OTHER);
        assert!(matches!(derive(&stranger, first).await, Err(Failure::Forbidden)));
        assert!(matches!(differences(&stranger, first).await, Err(Failure::Forbidden)));
        assert!(matches!(history(&stranger, first).await, Err(Failure::Forbidden)));

        let id = derive(&call, first).await.unwrap();
        let same = Derive { from: first, id, attachments: true };
        change(&call, same).await.unwrap();
        let second = refusal(derive(&call, first).await.unwrap_err());
        assert!(second.contains(&number) && second.contains("第1次变更"), "{second}");
        let nothing = refusal(declare(&call, id).await.unwrap_err());
        assert!(nothing.contains("没有变更内容，无需申报"), "{nothing}");
        let fixed = edit(&call, id, |head| head.currency = "CNY".into()).await.unwrap_err();
        assert!(refusal(fixed).contains("币制不能变更"));

        // An extension: six months at most, with its paper.
        let end = read(&get(&call, first).await).valid_to.parse().unwrap();
        let months = |count| show_date(add_months(end, count).unwrap());
        edit(&call, id, |head| head.valid_to = months(7)).await.unwrap();
        assert!(refusal(declare(&call, id).await.unwrap_err()).contains("延期不得超过6个月"));
        edit(&call, id, |head| head.valid_to = months(6)).await.unwrap();
        let paper = refusal(declare(&call, id).await.unwrap_err());
        assert!(paper.contains("延期或变更说明") && !paper.contains("延期不得超过"), "{paper}");

        // Deleting the draft leaves no trace; the number of the change is given again.
        let version = get(&call, id).await.meta.version;
        service::delete(&call, Step { id, base: version }).await.unwrap();
        assert!(get(&call, first).await.meta.in_force);
        let id = derive(&call, first).await.unwrap();
        edit(&call, id, |head| head.contract_no = "HT-2".into()).await.unwrap();
        declare(&call, id).await.unwrap();
        decide(&state, id, "1", &[]).await;
        let older = refusal(derive(&call, first).await.unwrap_err());
        assert!(older.contains("现行有效") && older.contains("第1次变更"), "{older}");
        let next = derive(&call, id).await.unwrap();
        assert_eq!(at(&get(&call, next).await.head, "change_seq"), "2");
        let version = get(&call, next).await.meta.version;
        service::delete(&call, Step { id: next, base: version }).await.unwrap();
        state.clock.advance(chrono::TimeDelta::days(400));
        assert!(refusal(derive(&call, id).await.unwrap_err()).contains("到期"));
    }
}

#[tokio::test]
async fn an_extension_counts_and_moves_the_end() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (first, number) = approved_filing(&call).await;
        let id = derive(&call, first).await.unwrap();
        let end = read(&get(&call, first).await).valid_to.parse().unwrap();
        let later = show_date(add_months(end, 3).unwrap());
        edit(&call, id, |head| head.valid_to.clone_from(&later)).await.unwrap();
        insert_paper(&call, id, 1, "04", "1").await;
        declare(&call, id).await.unwrap();
        decide(&state, id, "1", &[("emsNo", &number)]).await;
        let next = derive(&call, id).await.unwrap();
        let draft = get(&call, next).await;
        assert_eq!(draft.base.unwrap().extensions, 1);
        let valid_to: String = sqlx::query_scalar("SELECT valid_to FROM account_book WHERE book_no = $1")
            .bind(&number)
            .fetch_one(&state.db.read)
            .await
            .unwrap();
        assert_eq!(valid_to, later);
    }
}

/// An uploaded paper of a change, as the upload leaves it.
pub(crate) async fn insert_paper(call: &Call, document: Uuid, seq: i64, att_type: &str, change_seq: &str) -> Uuid {
    let id = Uuid::now_v7();
    let content = serde_json::json!({
        "att_type": att_type, "file_name": "x.pdf", "status": "9", "size": "1", "file_type": "pdf", "hash": "ab",
        "change_seq": change_seq,
    });
    let mut tx = call.state.db.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO attachment (id, operator_code, document_id, seq, version, received, object, content) \
         VALUES ($1, $2, $3, $4, 1, 1, $5, $6)",
    )
    .bind(id.to_string())
    .bind(OWN)
    .bind(document.to_string())
    .bind(seq)
    .bind(format!("files/{id}"))
    .bind(content.to_string())
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn papers_of_an_earlier_version_come_along_and_stay() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (first, _) = complete_filing(&call).await;
        insert_paper(&call, first, 1, "01", "0").await;
        declare(&call, first).await.unwrap();
        decide(&state, first, "1", &[("emsNo", &book_no())]).await;
        let id = derive(&call, first).await.unwrap();
        let papers = attachment::service::list(&call, id).await.unwrap().rows;
        assert_eq!((papers.len(), papers[0].seq, papers[0].content.change_seq.as_str()), (1, 1, "0"));
        let delete = attachment::model::DeleteAttachment { document_id: id, id: papers[0].id, base: papers[0].version };
        let refused = refusal(attachment::service::delete(&call, delete).await.unwrap_err());
        assert!(refused.contains("序号为1的随附单据为非本次变更数据"), "{refused}");
        // A paper of this change is a change.
        insert_paper(&call, id, 2, "99", "1").await;
        assert_eq!(differences(&call, id).await.unwrap().papers.len(), 1);
        declare(&call, id).await.unwrap();
    }
}

#[tokio::test]
async fn the_differences_stand_on_the_paper_and_in_a_workbook() {
    // The officer reads what changed; a paper without it is sent back.
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (first, _) = approved_filing(&call).await;
        let id = derive(&call, first).await.unwrap();
        edit(&call, id, |head| head.contract_no = "HT-2".into()).await.unwrap();
        let draft = get(&call, id).await;
        let row = &rows(&draft, EXPORTS)[0];
        service::save_rows(&call, removal(id, EXPORTS, row.id, row.version)).await.unwrap();
        let content = print::read(&call, id).await.unwrap();
        let paper = print::paper(&content, "张", &state.reference.codes(), state.clock.now());
        let listing = paper.parts.iter().find_map(|part| match part {
            Part::Listing(listing) if listing.title == "变更内容" => Some(listing),
            _ => None,
        });
        let listing = listing.expect("what changed");
        let lines: Vec<&[String]> = listing.rows.iter().flat_map(|row| &row.lines).map(Vec::as_slice).collect();
        assert!(lines.contains(&["表头", "修改", "出境加工合同号", "HT-2026-01", "HT-2"].map(String::from).as_slice()));
        let unit = lines.iter().find(|line| line[0] == "出口货物第1项" && line[2] == "申报计量单位").unwrap();
        assert_eq!((unit[1].as_str(), unit[3].starts_with("035-"), unit[4].as_str()), ("删除", true, ""));
        let exported = paper.parts.iter().find_map(|part| match part {
            Part::Listing(listing) if listing.title == "出口货物" => Some(listing.rows.len()),
            _ => None,
        });
        assert_eq!(exported, Some(0), "a deleted row stands on the paper as if it were filed");
        assert!(print::read(&call, first).await.unwrap().changes.is_none());
        let (name, bytes) = on_paper::workbook(&call, id).await.unwrap();
        assert!(name.starts_with("变更内容-P") && name.ends_with("-1.xlsx") && bytes.starts_with(b"PK"), "{name}");
    }
}

#[tokio::test]
async fn who_edits_a_change_that_a_colleague_deletes_is_told_so() {
    for db in both_databases().await {
        let state = state(db).await;
        let (call, colleague) = (call(&state, "zhang", OWN), agent(&state, "li", OWN, &[OWN]));
        let (first, _) = approved_filing(&call).await;
        let id = derive(&call, first).await.unwrap();
        let (draft, version) = (get(&call, id).await, get(&call, id).await.meta.version);
        service::delete(&colleague, Step { id, base: version }).await.unwrap();
        let row = &rows(&draft, EXPORTS)[0];
        let late = service::save_rows(&call, one(id, EXPORTS, row.id, row.version, &export("9"))).await;
        assert!(refusal(late.unwrap_err()).contains("该数据已由li于"));
    }
}

/// A small generator, so that a failing sequence can be run again by its number.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// The rows of a document by list and number, without those marked as deleted.
fn content(document: &Document) -> BTreeMap<(String, i64), Filled> {
    let lists = document.lists.iter();
    let rows = lists.flat_map(|list| list.rows.iter().map(|row| (list.section.clone(), row)));
    rows.filter(|(_, row)| row.mark != Mark::Deleted)
        .map(|(section, row)| ((section, row.seq), row.content.clone()))
        .collect()
}

#[tokio::test]
async fn whatever_is_done_one_filing_is_in_force_and_it_is_the_last_approved_one() {
    // `OPBOOK_TEST_SEQUENCES` sets another number of sequences.
    let told: Option<u64> = std::env::var("OPBOOK_TEST_SEQUENCES").ok().and_then(|text| text.parse().ok());
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        for number in 0..told.unwrap_or(12) {
            sequence(&call, number).await;
        }
    }
}

async fn sequence(call: &Call, number: u64) {
    let mut dice = Dice(number);
    let (first, book) = approved_filing(call).await;
    let mut in_force = (first, content(&get(call, first).await));
    let mut open: Option<Uuid> = None;
    let mut given: BTreeMap<(String, i64), HashSet<String>> = BTreeMap::new();
    for step in 0..30 {
        let Some(id) = open else {
            open = Some(derive(call, in_force.0).await.unwrap());
            continue;
        };
        let document = get(call, id).await;
        let editable = document.meta.status.allows(opbook::document::Action::Edit);
        let section = if dice.below(2) == 0 { EXPORTS } else { REIMPORTS };
        let list = rows(&document, section);
        match dice.below(9) {
            0 | 1 if editable && !list.is_empty() => {
                // Changed, or restored when it was deleted.
                let row = &list[dice.below(list.len())];
                let mut content = row.content.clone();
                content.insert("qty".into(), (dice.below(9) + 1).to_string());
                let put = opbook::document::PutRow { row_id: row.id, base: row.version, seq: 0, content, was: None };
                let request = opbook::document::SaveRows {
                    op: 0,
                    document_id: id,
                    section: section.into(),
                    puts: vec![put],
                    removes: Vec::new(),
                };
                service::save_rows(call, request).await.unwrap();
            }
            2 if editable => {
                let mark = format!("{number}-{step}");
                let row = ExportGoods { remark: mark.clone(), ..export("2") };
                let added = if section == EXPORTS {
                    add(call, id, section, &row).await
                } else {
                    add(call, id, section, &ReimportGoods { remark: mark.clone(), ..crate::desk::reimport() }).await
                };
                let known = given.entry((section.into(), added.rows[0].seq)).or_default();
                known.insert(mark);
                assert_eq!(known.len(), 1, "sequence {number}: a number was given twice");
            }
            3 if editable && !list.is_empty() => {
                let row = &list[dice.below(list.len())];
                service::save_rows(call, removal(id, section, row.id, row.version)).await.unwrap();
            }
            4 if editable => {
                edit(call, id, |head| head.contract_no = format!("HT-{step}")).await.unwrap();
            }
            5 if editable => {
                service::delete(call, Step { id, base: document.meta.version }).await.unwrap();
                open = None;
            }
            6 | 7 => {
                // Refused when a list is empty or nothing was changed; then it stays a draft.
                let _ = declare(call, id).await;
            }
            _ if document.meta.status.is_pending() => {
                if dice.below(2) == 0 {
                    decide(&call.state, id, "3", &[]).await;
                } else {
                    decide(&call.state, id, "1", &[("emsNo", &book)]).await;
                    in_force = (id, content(&document));
                    open = None;
                }
            }
            _ => {}
        }
        check(call, number, &book, &in_force).await;
    }
}

async fn check(call: &Call, number: u64, book: &str, in_force: &(Uuid, BTreeMap<(String, i64), Filled>)) {
    let versions = history(call, in_force.0).await.unwrap();
    let found: Vec<Uuid> = versions.iter().filter(|one| one.in_force).map(|one| one.id).collect();
    assert_eq!(found, [in_force.0], "sequence {number}");
    let document = get(call, in_force.0).await;
    assert_eq!(content(&document), in_force.1, "sequence {number}: what is in force is not what was approved");
    let named: String = sqlx::query_scalar("SELECT in_force_id FROM account_book WHERE book_no = $1")
        .bind(book)
        .fetch_one(&call.state.db.read)
        .await
        .unwrap();
    assert_eq!(named, in_force.0.to_string(), "sequence {number}");
    // Sums and marks of every version are those of its rows.
    for version in versions {
        let document = get(call, version.id).await;
        let live = |section: &str| rows(&document, section).iter().filter(|row| row.mark != Mark::Deleted).count();
        assert_eq!(at(&document.head, "export_count"), live(EXPORTS).to_string(), "sequence {number}");
        assert_eq!(at(&document.head, "reimport_count"), live(REIMPORTS).to_string(), "sequence {number}");
    }
}
