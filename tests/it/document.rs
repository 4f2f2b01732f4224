//! The operations of a document on both databases: what two people, a repeated request or a lost answer must never be
//! able to do to a filing. Called as services, without HTTP.

use std::collections::HashSet;

use opbook::document::{Derive, Query, SaveHead, SaveRows, Status, Step, service};
use opbook::error::Stored;
use opbook::filing::model::{EXPORTS, ExportGoods, Head, REIMPORTS};
use opbook::form::Severity;
use opbook::server::failure::Failure;
use uuid::Uuid;

use crate::desk::{
    CODE, KIND, OTHER, OWN, add, agent, at, book_no, call, complete_filing, decide, declare, export, filled, head,
    new_filing, one, reimport, removal, rows, save_head, state,
};
use crate::support::both_databases;

fn pointers(failure: &Failure) -> HashSet<String> {
    match failure {
        Failure::Refused { findings, .. } => findings.iter().map(|found| found.pointer.clone()).collect(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn refusal(failure: Failure) -> String {
    match failure {
        Failure::Refused { message, .. } => message.zh,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn stored_of(failure: Failure) -> Option<Stored> {
    match failure {
        Failure::Conflict { stored, .. } => stored,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

#[tokio::test]
async fn a_draft_gets_its_numbers_and_keeps_what_was_typed() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, saved) = new_filing(&call).await;
        assert_eq!(saved.meta.status, Status::Draft);
        assert_eq!(at(&saved.head, "seq_no").len(), 18);
        assert!(at(&saved.head, "internal_no").starts_with("OP20"));
        assert_eq!(at(&saved.head, "operator_name"), format!("企业{OWN}"));
        assert_eq!((at(&saved.head, "supervision_mode"), at(&saved.head, "levy_nature")), ("1427", "299"));
        assert_eq!((at(&saved.head, "decl_type"), at(&saved.head, "change_seq")), ("1", "0"));
        let document = service::get(&call, id).await.unwrap();
        assert_eq!((document.head, document.base), (saved.head.clone(), None));
        let (_, second) = new_filing(&call).await;
        assert_ne!(second.head["seq_no"], saved.head["seq_no"]);
        assert_ne!(second.head["internal_no"], saved.head["internal_no"]);
    }
}

#[tokio::test]
async fn grey_fields_sent_by_a_browser_are_ignored() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let forged = Head {
            seq_no: "202699999999999999".into(),
            book_no: "P53016W00001".into(),
            change_seq: "7".into(),
            operator_name: "伪造".into(),
            operator_uscc: "91310000MA1K000006".into(),
            export_total: "999".into(),
            supervision_mode: "0110".into(),
            approved_at: "2026-01-01".into(),
            ..head(&call)
        };
        let saved = save_head(&call, Uuid::now_v7(), 0, &forged).await.unwrap();
        assert_ne!(at(&saved.head, "seq_no"), "202699999999999999");
        assert_eq!(at(&saved.head, "operator_name"), format!("企业{OWN}"));
        assert_eq!((at(&saved.head, "supervision_mode"), at(&saved.head, "change_seq")), ("1427", "0"));
        assert_eq!((at(&saved.head, "book_no"), at(&saved.head, "approved_at")), ("", ""));
        assert_eq!(at(&saved.head, "export_total"), "0");
    }
}

#[tokio::test]
async fn the_second_saver_is_told_what_differs_and_what_is_stored() {
    for db in both_databases().await {
        let state = state(db).await;
        let (one, two) = (call(&state, "zhang", OWN), call(&state, "li", OWN));
        let (id, saved) = new_filing(&one).await;
        let base = saved.meta.head_version;
        let mine = Head { contract_no: "HT-A".into(), ..head(&one) };
        let first = save_head(&one, id, base, &mine).await.unwrap();
        let theirs = Head { contract_no: "HT-B".into(), ..head(&one) };
        let conflict = save_head(&two, id, base, &theirs).await.unwrap_err();
        let Failure::Conflict { differences, stored: Some(stored), .. } = conflict else { panic!("{conflict:?}") };
        let contract = differences.iter().find(|one| one.pointer == "head.contract_no").unwrap();
        assert_eq!((contract.mine.as_str(), contract.theirs.as_str()), ("HT-B", "HT-A"));
        assert_eq!((stored.version, at(&stored.content, "contract_no")), (first.meta.head_version, "HT-A"));
        assert_eq!(at(&service::get(&two, id).await.unwrap().head, "contract_no"), "HT-A");
        // Keeping one's own needs no second reading.
        let kept = save_head(&two, id, stored.version, &theirs).await.unwrap();
        assert_eq!(at(&kept.head, "contract_no"), "HT-B");
        // The very same 暂存 once more (its answer was lost) is no conflict and writes nothing.
        let head = service::get(&two, id).await.unwrap().head;
        let again =
            service::save_head(&two, SaveHead { op: 0, id, kind: KIND.into(), base, head, was: None }).await.unwrap();
        assert_eq!(again.meta, kept.meta);
    }
}

#[tokio::test]
async fn rows_keep_totals_and_repeats_change_nothing() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, _) = new_filing(&call).await;
        let row_id = Uuid::now_v7();
        let request = one(id, EXPORTS, row_id, 0, &export("3"));
        let first = service::save_rows(&call, request.clone()).await.unwrap();
        assert_eq!((at(&first.head, "export_total"), at(&first.head, "export_count")), ("7.5", "1"));
        let again = service::save_rows(&call, request).await.unwrap();
        assert_eq!(at(&again.head, "export_count"), "1", "a repeated request must not add the row twice");
        let version = first.rows[0].version;
        let edited = service::save_rows(&call, one(id, EXPORTS, row_id, version, &export("4"))).await.unwrap();
        assert_eq!(at(&edited.head, "export_total"), "10");
        let stale = service::save_rows(&call, one(id, EXPORTS, row_id, version, &export("5"))).await.unwrap_err();
        let stored = stored_of(stale).unwrap();
        assert_eq!((stored.version, at(&stored.content, "qty")), (edited.rows[0].version, "4"));
        let second = add(&call, id, EXPORTS, &export("0.2")).await;
        assert_eq!((at(&second.head, "export_total"), second.rows[0].seq), ("10.5", 2));
        let gone = removal(id, EXPORTS, row_id, stored.version);
        assert_eq!(at(&service::save_rows(&call, gone.clone()).await.unwrap().head, "export_total"), "0.5");
        assert_eq!(at(&service::save_rows(&call, gone).await.unwrap().head, "export_count"), "1");
        // Somebody who still types into the row learns that it is gone, and can store it again.
        let late = service::save_rows(&call, one(id, EXPORTS, row_id, stored.version, &export("6"))).await.unwrap_err();
        assert_eq!(stored_of(late), Some(Stored::default()));
        let back = service::save_rows(&call, one(id, EXPORTS, row_id, 0, &export("6"))).await.unwrap();
        assert_eq!((back.rows[0].seq, at(&back.head, "export_total")), (1, "15.5"));
    }
}

#[tokio::test]
async fn what_was_overwritten_stands_in_the_trail() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, _) = new_filing(&call).await;
        let row_id = Uuid::now_v7();
        let saved = service::save_rows(&call, one(id, EXPORTS, row_id, 0, &export("3"))).await.unwrap();
        let edit = one(id, EXPORTS, row_id, saved.rows[0].version, &export("4"));
        service::save_rows(&call, edit).await.unwrap();
        let detail: Vec<String> =
            sqlx::query_scalar("SELECT detail FROM audit WHERE document_id = $1 AND action = 'save_rows' ORDER BY id")
                .bind(id.to_string())
                .fetch_all(&state.db.read)
                .await
                .unwrap();
        assert!(detail[1].contains("\"qty\":\"3\""), "{detail:?}");
    }
}

#[tokio::test]
async fn never_saved_and_deleted_by_somebody_are_told_apart() {
    // 请先暂存表头 to somebody whose document a colleague deleted sends him looking for his own mistake.
    for db in both_databases().await {
        let state = state(db).await;
        let (one_user, colleague) = (call(&state, "zhang", OWN), call(&state, "li", OWN));
        let nowhere = one(Uuid::now_v7(), EXPORTS, Uuid::now_v7(), 0, &export("1"));
        let message = refusal(service::save_rows(&one_user, nowhere).await.unwrap_err());
        assert!(message.contains("请先暂存表头"), "{message}");

        let (id, saved) = new_filing(&one_user).await;
        service::delete(&colleague, Step { id, base: saved.meta.version }).await.unwrap();
        let row = one(id, EXPORTS, Uuid::now_v7(), 0, &export("1"));
        let head = head(&one_user);
        for failure in [
            service::save_rows(&one_user, row.clone()).await.unwrap_err(),
            save_head(&one_user, id, saved.meta.head_version, &head).await.unwrap_err(),
        ] {
            let message = refusal(failure);
            assert!(message.contains("该数据已由li于") && message.contains("删除"), "{message}");
        }
        // A stranger does not even learn that there was one.
        let stranger = call(&state, "wang", OTHER);
        let message = refusal(service::save_rows(&stranger, row).await.unwrap_err());
        assert!(message.contains("请先暂存表头"), "{message}");
    }
}

#[tokio::test]
async fn bad_values_are_refused_by_field() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, _) = new_filing(&call).await;
        for (change, pointer) in [
            (ExportGoods { qty: "0".into(), ..Default::default() }, "exports[0].qty"),
            (ExportGoods { qty: "12345678901234".into(), ..Default::default() }, "exports[0].qty"),
            (ExportGoods { qty: "abc".into(), ..Default::default() }, "exports[0].qty"),
            (ExportGoods { hs_code: "854".into(), ..Default::default() }, "exports[0].hs_code"),
            (ExportGoods { hs_code: "8542999999".into(), ..Default::default() }, "exports[0].hs_code"),
            (ExportGoods { goods_name: "a\u{7}b".into(), ..Default::default() }, "exports[0].goods_name"),
            (ExportGoods { remark: "长".repeat(10_000), ..Default::default() }, "exports[0].remark"),
        ] {
            let hs_code = if change.hs_code.is_empty() { CODE.into() } else { change.hs_code.clone() };
            let row = one(id, EXPORTS, Uuid::now_v7(), 0, &ExportGoods { hs_code, ..change });
            let failure = service::save_rows(&call, row).await.unwrap_err();
            assert!(pointers(&failure).contains(pointer), "{pointer}: {failure:?}");
        }
        let unknown = Head { operator_code: "9999999999".into(), ..head(&call) };
        let failure = save_head(&call, Uuid::now_v7(), 0, &unknown).await.unwrap_err();
        assert!(pointers(&failure).contains("head.operator_code"));
        // Full-width digits are understood, markup is kept as text.
        let goods = ExportGoods {
            hs_code: CODE.into(),
            qty: "１２".into(),
            unit_price: "1".into(),
            goods_name: "<script>alert(1)</script>".into(),
            ..Default::default()
        };
        let saved = add(&call, id, EXPORTS, &goods).await;
        let row = &saved.rows[0].content;
        assert_eq!(
            ["qty", "total_price", "goods_name"].map(|key| at(row, key)),
            ["12", "12", "<script>alert(1)</script>"]
        );
    }
}

#[tokio::test]
async fn declaring_checks_everything_and_happens_once() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, saved) = new_filing(&call).await;
        let empty = service::declare(&call, Step { id, base: saved.meta.version }).await.unwrap_err();
        assert!(pointers(&empty).contains("exports.hs_code"));
        add(&call, id, EXPORTS, &export("10")).await;
        let last = add(&call, id, REIMPORTS, &reimport()).await;
        let old = service::declare(&call, Step { id, base: saved.meta.version }).await;
        assert!(matches!(old, Err(Failure::Conflict { .. })), "nobody declares what they have not seen");
        let step = Step { id, base: last.meta.version };
        // A double click: both requests succeed, one message goes out.
        let (one, two) = tokio::join!(service::declare(&call, step.clone()), service::declare(&call, step));
        assert_eq!(one.unwrap().meta.status, Status::Declared);
        assert_eq!(two.unwrap().meta.status, Status::Declared);
        let sent: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM outbox WHERE document_id = $1")
            .bind(id.to_string())
            .fetch_one(&state.db.read)
            .await
            .unwrap();
        assert_eq!(sent, 1);
        // From here on it is with customs: no editing, no deleting.
        let base = service::get(&call, id).await.unwrap().meta;
        let delete = service::delete(&call, Step { id, base: base.version }).await;
        assert!(matches!(delete, Err(Failure::Refused { .. })));
        let edit = Head { remark: "x".into(), ..head(&call) };
        let edit = save_head(&call, id, base.head_version, &edit).await;
        assert!(matches!(edit, Err(Failure::Refused { .. })));
    }
}

#[tokio::test]
async fn a_declaration_whose_answer_was_lost_is_known_again() {
    // Told that somebody else changed the data, a clerk looks for a colleague who was never there.
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        for (result, status) in [("1", Status::Approved), ("3", Status::Returned)] {
            let (id, base) = complete_filing(&call).await;
            let step = Step { id, base };
            service::declare(&call, step.clone()).await.unwrap();
            let granted = book_no();
            decide(&state, id, result, &[("emsNo", &granted)]).await;
            let again = service::declare(&call, step.clone()).await.unwrap();
            assert_eq!(again.meta.status, status, "customs was quicker than the repetition");
            let before = service::declare(&call, Step { id, base: base - 1 }).await.unwrap_err();
            assert!(!matches!(before, Failure::Internal(_)));
            let sent: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM outbox WHERE document_id = $1")
                .bind(id.to_string())
                .fetch_one(&state.db.read)
                .await
                .unwrap();
            assert_eq!(sent, 1);
        }
    }
}

#[tokio::test]
async fn a_first_save_whose_answer_was_lost_is_known_again() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let id = Uuid::now_v7();
        let first = save_head(&call, id, 0, &head(&call)).await.unwrap();
        // Fields that were left empty were filled by the server: no difference.
        let again = save_head(&call, id, 0, &head(&call)).await.unwrap();
        assert_eq!((again.meta, again.head), (first.meta, first.head));
    }
}

#[tokio::test]
async fn an_enterprise_in_bad_standing_cannot_declare() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, version) = complete_filing(&call).await;
        let mut tx = state.db.begin().await.unwrap();
        let sql = "UPDATE enterprise SET credit_grade = 'untrusted', open_case = 1, uscc = '91350100M000100Y44' \
            WHERE code = $1";
        sqlx::query(sql).bind(OWN).execute(&mut *tx).await.unwrap();
        let sql = "INSERT INTO account_book (operator_code, book_no, in_force_id, valid_from, valid_to, currency, life, \
            version) VALUES ($1, $2, 'x', '2020-01-01', $3, 'USD', $4, 1)";
        for (number, end, life) in [
            ("P53010W00001", "2020-12-31", "active"),
            ("P53010W00002", "2020-12-30", "closed"),
            ("P53010W00003", "2999-12-31", "active"),
        ] {
            sqlx::query(sql).bind(OWN).bind(number).bind(end).bind(life).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        // The credit code was filled in when the head was saved; saving again takes over the wrong one.
        let meta = service::get(&call, id).await.unwrap().meta;
        let saved = Head { remark: "y".into(), ..head(&call) };
        let saved = save_head(&call, id, meta.head_version, &saved).await.unwrap();
        assert!(saved.meta.version > version);
        let refused = service::declare(&call, Step { id, base: saved.meta.version }).await.unwrap_err();
        let Failure::Refused { findings, .. } = refused else { panic!("{refused:?}") };
        assert!(findings.iter().all(|found| found.severity > Severity::Warning));
        let rules: HashSet<&str> = findings.iter().map(|found| found.rule.as_str()).collect();
        for rule in ["operator.credit", "operator.case", "operator.expired_book", "uscc.check_digit"] {
            assert!(rules.contains(rule), "{rule}: {findings:?}");
        }
        assert!(findings.iter().any(|found| found.message.zh.contains("P53010W00001")), "{findings:?}");
    }
}

#[tokio::test]
async fn documents_of_others_cannot_be_reached() {
    for db in both_databases().await {
        let state = state(db).await;
        let owner = call(&state, "zhang", OWN);
        let stranger = call(&state, "wang", OTHER);
        let (id, saved) = new_filing(&owner).await;
        assert!(matches!(service::get(&stranger, id).await, Err(Failure::Forbidden)));
        assert!(matches!(service::receipts(&stranger, id).await, Err(Failure::Forbidden)));
        assert!(service::status(&stranger, vec![id]).await.unwrap().is_empty());
        let step = Step { id, base: saved.meta.version };
        assert!(matches!(service::delete(&stranger, step.clone()).await, Err(Failure::Forbidden)));
        assert!(matches!(service::declare(&stranger, step).await, Err(Failure::Forbidden)));
        let row = one(id, EXPORTS, Uuid::now_v7(), 0, &export("1"));
        assert!(matches!(service::save_rows(&stranger, row).await, Err(Failure::Forbidden)));
        // Nor is anything said of the request: that would tell a stranger that the document is there.
        let nowhere = SaveRows { section: "nowhere".into(), ..one(id, EXPORTS, Uuid::now_v7(), 0, &export("x")) };
        assert!(matches!(service::save_rows(&stranger, nowhere).await, Err(Failure::Forbidden)));
        // Not even by naming oneself the operator of somebody else's document.
        let theft = Head { operator_code: OTHER.into(), ..head(&owner) };
        let theft = save_head(&stranger, id, saved.meta.head_version, &theft).await;
        assert!(matches!(theft, Err(Failure::Forbidden)));
        let for_other = head(&owner);
        let failure = save_head(&stranger, Uuid::now_v7(), 0, &for_other).await.unwrap_err();
        assert!(pointers(&failure).contains("head.operator_code"));
        let query = Query { list: KIND.into(), operator_code: OWN.into(), page_size: 50, ..Default::default() };
        assert!(matches!(service::list(&stranger, query).await, Err(Failure::Forbidden)));
        // Nor by smuggling a row of another document, or of another list, into one's own.
        let row_id = add(&owner, id, EXPORTS, &export("1")).await.rows[0].id;
        let (other, _) = new_filing(&owner).await;
        let smuggle = one(other, EXPORTS, row_id, 0, &export("9"));
        assert!(matches!(service::save_rows(&owner, smuggle).await, Err(Failure::Forbidden)));
        let other_list = one(id, REIMPORTS, row_id, 0, &reimport());
        assert!(matches!(service::save_rows(&owner, other_list).await, Err(Failure::Forbidden)));
        let other_list = removal(id, REIMPORTS, row_id, 2);
        assert!(matches!(service::save_rows(&owner, other_list).await, Err(Failure::Forbidden)));
    }
}

#[tokio::test]
async fn an_agent_cannot_move_a_document_to_another_principal() {
    // What one principal has entered would be shown to another.
    for db in both_databases().await {
        let state = state(db).await;
        let agent = agent(&state, "dai", "3205940003", &["3205940003", OWN, OTHER]);
        let (id, saved) = new_filing(&agent).await;
        let moved = Head { operator_code: OTHER.into(), ..head(&agent) };
        let failure = save_head(&agent, id, saved.meta.head_version, &moved).await.unwrap_err();
        assert!(pointers(&failure).contains("head.operator_code"));
        assert!(refusal(failure).contains("模板"), "what to do instead is not said");
        // The declarant is the operator or the agent itself; nobody else is bound by a code typed here.
        let third = Head { declarant_code: OTHER.into(), ..head(&agent) };
        let failure = save_head(&agent, id, saved.meta.head_version, &third).await.unwrap_err();
        assert_eq!(pointers(&failure), HashSet::from(["head.declarant_code".to_owned()]));
        let own = Head { declarant_code: OWN.into(), ..head(&agent) };
        save_head(&agent, id, saved.meta.head_version, &own).await.unwrap();
    }
}

#[tokio::test]
async fn a_copy_takes_the_content_and_nothing_of_its_history() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (from, _) = complete_filing(&call).await;
        let source = service::get(&call, from).await.unwrap();
        let request = Derive { from, id: Uuid::now_v7(), attachments: false };
        service::copy(&call, request.clone()).await.unwrap();
        service::copy(&call, request.clone()).await.unwrap();
        let copy = service::get(&call, request.id).await.unwrap();
        assert_eq!(copy.meta.status, Status::Draft);
        assert_ne!(copy.head["seq_no"], source.head["seq_no"]);
        assert_ne!(copy.head["internal_no"], source.head["internal_no"]);
        assert_eq!(copy.head["contract_no"], source.head["contract_no"]);
        assert_eq!((at(&source.head, "contract_date"), at(&copy.head, "contract_date")), ("2026-01-05", ""));
        assert_eq!(at(&copy.head, "export_total"), "25");
        let counts = [EXPORTS, REIMPORTS].map(|section| rows(&copy, section).len());
        assert_eq!(counts, [1, 1], "a repeated request copies once");
        assert_eq!(rows(&copy, EXPORTS)[0].content, rows(&source, EXPORTS)[0].content);
        // The numbers of the copy go on after those it came with.
        assert_eq!(add(&call, request.id, EXPORTS, &export("1")).await.rows[0].seq, 2);
        let all = Query { list: KIND.into(), operator_code: OWN.into(), page_size: 10, ..Default::default() };
        assert_eq!(service::list(&call, all).await.unwrap().total, 2);
        let theirs = Derive { from, id: Uuid::now_v7(), attachments: false };
        let stranger = crate::desk::call(&state, "wang", OTHER);
        assert!(matches!(service::copy(&stranger, theirs).await, Err(Failure::Forbidden)));
    }
}

#[tokio::test]
async fn the_clock_of_the_server_decides_what_day_it_is() {
    for db in both_databases().await {
        let state = state(db).await;
        state.clock.set("2031-12-31T17:00:00Z".parse().unwrap());
        let call = call(&state, "zhang", OWN);
        let (id, saved) = new_filing(&call).await;
        assert_eq!(at(&saved.head, "input_date"), "2032-01-01");
        assert!(at(&saved.head, "seq_no").starts_with("2032"));
        let head = Head { valid_to: "+6m".into(), ..head(&call) };
        let saved = save_head(&call, id, saved.meta.head_version, &head).await.unwrap();
        assert_eq!(at(&saved.head, "valid_to"), "2032-07-01");
        add(&call, id, EXPORTS, &export("10")).await;
        add(&call, id, REIMPORTS, &reimport()).await;
        assert_eq!(at(&declare(&call, id).await.unwrap().head, "declared_at"), "2032-01-01");
    }
}

#[tokio::test]
async fn an_unknown_kind_is_refused_in_words() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let request = SaveHead {
            op: 0,
            id: Uuid::now_v7(),
            kind: "nothing".into(),
            base: 0,
            head: filled(&head(&call)),
            was: None,
        };
        assert!(refusal(service::save_head(&call, request).await.unwrap_err()).contains("nothing"));
    }
}
