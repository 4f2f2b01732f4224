//! 报核 on both databases, against the simulated customs: made from the ledger, differences explained, what stands in the way
//! named, entries written off once, the book closed at the end. If these fail, a company cannot close its book, or closes it
//! with figures customs does not have.

use opbook::document::change::change;
use opbook::document::{Derive, Document, SaveHead, Saved, Status, Step, service};
use opbook::entry::kind::{ENTRY_EXPORT, ENTRY_IMPORT};
use opbook::filing::model::EXPORTS as FILED;
use opbook::form::{Filled, Values, show_date};
use opbook::server::call::Call;
use opbook::server::failure::Failure;
use opbook::writeoff::kind::WRITEOFF;
use opbook::writeoff::model::{ENTRIES, ENTRY, EXPORTS, HEAD, REIMPORTS};
use uuid::Uuid;

use crate::change::insert_paper;
use crate::desk::{OTHER, OWN, add, at, call, one, removal, rows, state};
use crate::entry::{book, declare, entry_no, export_entry, import_entry, office, refusal, save, settle, status};
use crate::support::both_databases;

/// A new write-off of a book; `values` beyond what every one has.
async fn writeoff(call: &Call, number: &str, values: &[(&str, &str)]) -> Result<(Uuid, Saved), Failure> {
    let mut head = Values::new(HEAD);
    for (key, value) in [("book_no", number), ("decl_type", "1"), ("closes", "0")].iter().chain(values) {
        head.set(key, *value);
    }
    let id = Uuid::now_v7();
    Ok((id, save(call, WRITEOFF.key, id, 0, &head).await?))
}

/// 按台账生成
async fn generate(call: &Call, id: Uuid) -> Document {
    let base = service::get(call, id).await.unwrap().meta.version;
    service::generate(call, Step { id, base }).await.unwrap()
}

/// The head once more, with some values changed.
async fn set(call: &Call, id: Uuid, values: &[(&str, &str)]) -> Result<Saved, Failure> {
    let document = service::get(call, id).await.unwrap();
    let mut head = Values::filled_from(HEAD, &document.head);
    values.iter().for_each(|(key, value)| head.set(key, *value));
    let request = SaveHead {
        op: 0,
        id,
        kind: WRITEOFF.key.into(),
        base: document.meta.head_version,
        head: head.filled(),
        was: None,
    };
    service::save_head(call, request).await
}

/// A row of a list, with some values changed.
async fn correct(call: &Call, id: Uuid, section: &str, place: usize, values: &[(&str, &str)]) {
    let document = service::get(call, id).await.unwrap();
    let row = &rows(&document, section)[place];
    let mut content = Values::filled_from(WRITEOFF.section(section).unwrap().fields, &row.content);
    values.iter().for_each(|(key, value)| content.set(key, *value));
    service::save_rows(call, one(id, section, row.id, row.version, &content)).await.unwrap();
}

/// These fields of the rows of a list, joined.
fn shown(document: &Document, section: &str, keys: &[&str]) -> Vec<String> {
    let line = |content: &Filled| keys.iter().map(|key| at(content, key)).collect::<Vec<_>>().join(" ");
    rows(document, section).iter().map(|row| line(&row.content)).collect()
}

async fn refused(call: &Call, id: Uuid) -> String {
    refusal(declare(call, id).await.unwrap_err())
}

/// A book with two exports (600 and 150.05) and one re-import of 100 with 10 of fees, all booked.
async fn used_book(call: &Call) -> (Uuid, String, [Uuid; 3]) {
    let (filing, number) = book(call).await;
    let sent = [export_entry(call, &number, "1", "600").await, export_entry(call, &number, "2", "150.05").await];
    for id in sent {
        declare(call, id).await.unwrap();
    }
    settle(&call.state).await;
    let back = import_entry(call, &number, "1", "100", "10").await;
    declare(call, back).await.unwrap();
    settle(&call.state).await;
    (filing, number, [sent[0], sent[1], back])
}

#[tokio::test]
async fn a_book_is_written_off_from_its_ledger_and_closed() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number, entries) = used_book(&call).await;
        let (id, saved) = writeoff(&call, &number, &[]).await.unwrap();
        let today = show_date(state.clock.today());
        for (key, value) in [
            ("operator_code", OWN),
            ("contract_no", "HT-2026-01"),
            ("master_customs", "5301"),
            ("currency", "USD"),
            ("period_from", &today),
            ("period_to", &today),
            ("writeoff_seq", "1"),
        ] {
            assert_eq!(at(&saved.head, key), value, "{key}");
        }

        let made = generate(&call, id).await;
        let number_of =
            [entry_no(&call, entries[0]).await, entry_no(&call, entries[1]).await, entry_no(&call, entries[2]).await];
        let mut wanted = vec![
            format!("{} E 600  ", number_of[0]),
            format!("{} E 150.05  ", number_of[1]),
            format!("{} I  100 10", number_of[2]),
        ];
        wanted.sort();
        let mut listed = shown(&made, ENTRIES, &["entry_no", "way", "exported", "exempt", "taxed"]);
        listed.sort();
        assert_eq!(listed, wanted);
        let keys = ["goods_seq", "filed_qty", "total_qty", "qty", "amount", "ledger_qty", "ledger_amount", "diff_qty"];
        assert_eq!(shown(&made, EXPORTS, &keys), ["1 100 1 1 600 1 600 0", "2 50 1 1 150.05 1 150.05 0"]);
        let keys = ["goods_seq", "qty", "amount", "taxed", "ledger_taxed", "diff_taxed"];
        assert_eq!(shown(&made, REIMPORTS, &keys), ["1 1 100 10 10 0"]);
        for (key, value) in [
            ("export_total", "750.05"),
            ("reimport_total", "100"),
            ("taxed_total", "10"),
            ("balance", "650.05"),
            ("entry_count", "3"),
        ] {
            assert_eq!(at(&made.head, key), value, "{key}");
        }

        // A figure that is not the ledger's needs a reason, and making the lists anew does not take it away.
        correct(&call, id, EXPORTS, 0, &[("qty", "0.5")]).await;
        let told = refused(&call, id).await;
        assert!(told.contains("出口货物第1项：本期出口数量0.5与账面1不一致，请在备注说明原因"), "{told}");
        correct(&call, id, EXPORTS, 0, &[("remark", "盘亏")]).await;
        let again = generate(&call, id).await;
        assert_eq!(shown(&again, EXPORTS, &["qty", "diff_qty", "remark"]), ["0.5 -0.5 盘亏", "1 0 "]);

        // The end of the book: what did not come back is said, with its paper.
        set(&call, id, &[("closes", "1")]).await.unwrap();
        let told = refused(&call, id).await;
        assert!(told.contains("累计出口金额比累计全免金额多650.05USD"), "{told}");
        correct(&call, id, REIMPORTS, 0, &[("unreturned_qty", "60")]).await;
        let told = refused(&call, id).await;
        assert!(told.contains("请选择处理方式") && told.contains("未复运进境情况说明"), "{told}");
        correct(&call, id, REIMPORTS, 0, &[("disposal", "1")]).await;
        insert_paper(&call, id, 1, "06", "0").await;

        // Customs wants more of a reason than two letters; the returned one is mended as a filing is.
        declare(&call, id).await.unwrap();
        settle(&state).await;
        assert_eq!(status(&call, id).await, Status::Returned);
        let receipts = service::receipts(&call, id).await.unwrap();
        let note = receipts.iter().flat_map(|receipt| &receipt.notes).next().unwrap();
        assert_eq!(note.pointer, "exports[1].remark", "{note:?}");
        correct(&call, id, EXPORTS, 0, &[("remark", "仓库盘点短少半件")]).await;
        declare(&call, id).await.unwrap();

        // While customs looks at it, no entry of the period can be declared.
        let late = export_entry(&call, &number, "1", "1").await;
        let told = refused(&call, late).await;
        assert!(told.contains("正在报核"), "{told}");
        settle(&state).await;
        assert_eq!(status(&call, id).await, Status::Approved, "{:?}", service::receipts(&call, id).await);
        let written = service::get(&call, id).await.unwrap();
        assert_eq!(at(&written.head, "approved_at"), today);
        // It went to an officer first, for what is not returned.
        assert!(service::receipts(&call, id).await.unwrap().iter().any(|receipt| receipt.result == "2"));

        // The book is closed: no entry, no change, no second write-off.
        let told = refused(&call, late).await;
        assert!(told.contains("已核销结案"), "{told}");
        let again = change(&call, Derive { from: filing, id: Uuid::now_v7(), attachments: true }).await;
        assert!(refusal(again.unwrap_err()).contains("已核销结案"));
        let told = refusal(writeoff(&call, &number, &[]).await.unwrap_err());
        assert!(told.contains("已核销结案，不能再报核"), "{told}");
        let told =
            office(&state).revoke(&number_of[0], false, "抽查", state.clock.now()).await.unwrap_err().to_string();
        assert!(told.contains("已核销"), "{told}");
    }
}

#[tokio::test]
async fn what_stands_in_the_way_is_named() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number, entries) = used_book(&call).await;
        let (id, _) = writeoff(&call, &number, &[]).await.unwrap();
        let told = refused(&call, id).await;
        assert!(told.contains("核报报关单至少录入一份") && told.contains("正常报核须有出口货物"), "{told}");
        generate(&call, id).await;

        // Another open write-off.
        let told = refusal(writeoff(&call, &number, &[]).await.unwrap_err());
        assert!(told.contains("已有未办结的报核"), "{told}");
        // An entry under way.
        let under_way = export_entry(&call, &number, "1", "7").await;
        declare(&call, under_way).await.unwrap();
        let told = refused(&call, id).await;
        assert!(told.contains("有1份报关单已申报、尚未核注"), "{told}");
        settle(&state).await;
        // Booked since: the lists are behind the ledger.
        let told = refused(&call, id).await;
        assert!(told.contains("按台账生成"), "{told}");
        generate(&call, id).await;
        // An open change.
        let changing = Uuid::now_v7();
        change(&call, Derive { from: filing, id: changing, attachments: true }).await.unwrap();
        let told = refused(&call, id).await;
        assert!(told.contains("第1次变更") && told.contains("尚未办结，不能报核"), "{told}");
        let base = service::get(&call, changing).await.unwrap().meta.version;
        service::delete(&call, Step { id: changing, base }).await.unwrap();
        // A number twice, one of nowhere, one of another book.
        let (_, other_number) = book(&call).await;
        let of_other = export_entry(&call, &other_number, "1", "5").await;
        declare(&call, of_other).await.unwrap();
        settle(&state).await;
        let listed = service::get(&call, id).await.unwrap();
        let first = at(&rows(&listed, ENTRIES)[0].content, "entry_no").to_owned();
        let mut added = Vec::new();
        for number in [first.as_str(), "530420260000000099", &entry_no(&call, of_other).await] {
            let mut row = Values::new(ENTRY);
            row.set("entry_no", number);
            added.push(add(&call, id, ENTRIES, &row).await.rows[0].clone());
        }
        let told = refused(&call, id).await;
        for words in ["重复，请删除其中一项", "530420260000000099不在台账中", "不属于本账册"] {
            assert!(told.contains(words), "{words}: {told}");
        }
        for row in added {
            service::save_rows(&call, removal(id, ENTRIES, row.id, row.version)).await.unwrap();
        }
        // Into the future, and before the period.
        let tomorrow = show_date(state.clock.today().succ_opt().unwrap());
        set(&call, id, &[("period_to", &tomorrow)]).await.unwrap();
        assert!(refused(&call, id).await.contains("晚于今天"));
        let yesterday = show_date(state.clock.today().pred_opt().unwrap());
        set(&call, id, &[("period_to", &yesterday)]).await.unwrap();
        let told = refused(&call, id).await;
        assert!(told.contains("早于报核开始日期") && told.contains("晚于报核截止日期"), "{told}");
        set(&call, id, &[("period_to", &show_date(state.clock.today()))]).await.unwrap();
        // Left out: it stays for the next one.
        let row = rows(&service::get(&call, id).await.unwrap(), ENTRIES)[0].clone();
        service::save_rows(&call, removal(id, ENTRIES, row.id, row.version)).await.unwrap();
        declare(&call, id).await.unwrap();
        settle(&state).await;
        assert_eq!(status(&call, id).await, Status::Returned, "customs knows of the entry that is left out");
        generate(&call, id).await;
        declare(&call, id).await.unwrap();
        settle(&state).await;
        assert_eq!(status(&call, id).await, Status::Approved, "{:?}", service::receipts(&call, id).await);

        // The next one begins the day after, and what is written off is not due again.
        state.clock.advance(chrono::TimeDelta::days(2));
        let (next, saved) = writeoff(&call, &number, &[("decl_type", "2")]).await.unwrap();
        assert_eq!((at(&saved.head, "period_from"), at(&saved.head, "writeoff_seq")), (tomorrow.as_str(), "2"));
        assert!(rows(&generate(&call, next).await, ENTRIES).is_empty());
        let mut row = Values::new(ENTRY);
        row.set("entry_no", entry_no(&call, entries[0]).await);
        add(&call, next, ENTRIES, &row).await;
        let told = refused(&call, next).await;
        assert!(told.contains("已在以前的报核中核销"), "{told}");
    }
}

#[tokio::test]
async fn of_two_write_offs_at_once_one_is_refused_and_a_stranger_sees_none() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (_, number, _) = used_book(&call).await;
        let both = tokio::join!(writeoff(&call, &number, &[]), writeoff(&call, &number, &[]));
        let (done, refused) = match both {
            (Ok(done), Err(refused)) | (Err(refused), Ok(done)) => (done, refused),
            other => panic!("{other:?}"),
        };
        assert!(refusal(refused).contains("已有未办结的报核"));
        let stranger = crate::desk::call(&state, "wang", OTHER);
        let told = refusal(writeoff(&stranger, &number, &[]).await.unwrap_err());
        assert!(told.contains("不是贵单位可办理的账册"), "{told}");
        let step = Step { id: done.0, base: done.1.meta.version };
        assert!(matches!(service::generate(&stranger, step.clone()).await, Err(Failure::Forbidden)));
        // The same request twice makes the lists once.
        let first = service::generate(&call, step.clone()).await.unwrap();
        let second = service::generate(&call, step).await.unwrap();
        assert_eq!(first, second);
        // It is no book to be copied, and a filing is not made from the ledger.
        let copied = service::copy(&call, Derive { from: done.0, id: Uuid::now_v7(), attachments: false }).await;
        assert!(refusal(copied.unwrap_err()).contains("报核不能复制"));
    }
}

#[tokio::test]
async fn what_was_registered_elsewhere_stays_once_it_is_written_off() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let mut registered = Vec::new();
        for (import, serial, key) in
            [(false, "530120260000000077", "total_price"), (true, "530120261000000077", "original_value")]
        {
            let kind = if import { ENTRY_IMPORT.key } else { ENTRY_EXPORT.key };
            let mut head = crate::entry::head(kind, &number, &call);
            head.set("origin", "2");
            head.set("registered_no", serial.replace("5301", "5304"));
            let row = crate::entry::row(import, "1", "1", &[(key, "50")]);
            let id = crate::entry::draft(&call, kind, &head, &[row]).await;
            declare(&call, id).await.unwrap();
            registered.push(id);
        }
        let (id, _) = writeoff(&call, &number, &[("closes", "1")]).await.unwrap();
        generate(&call, id).await;
        declare(&call, id).await.unwrap();
        let withdraw = async |entry: Uuid| {
            let base = service::get(&call, entry).await.unwrap().meta.version;
            service::withdraw(&call, Step { id: entry, base }).await
        };
        let told = refusal(withdraw(registered[1]).await.unwrap_err());
        assert!(told.contains("正在报核"), "{told}");
        settle(&state).await;
        assert_eq!(status(&call, id).await, Status::Approved, "{:?}", service::receipts(&call, id).await);
        let told = refusal(withdraw(registered[1]).await.unwrap_err());
        assert!(told.contains("已在账册") && told.contains("核销"), "{told}");
        assert!(service::book(&call, filing).await.unwrap().unwrap().closed);
        // The goods of the book are as they were filed.
        assert_eq!(rows(&service::get(&call, filing).await.unwrap(), FILED).len(), 2);
    }
}
