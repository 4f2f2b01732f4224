//! The query list on both databases: every condition finds, every heading sorts, every page is there once. A clerk who
//! misses a filing in the list declares it a second time.

use opbook::document::kind::Kind;
use opbook::document::{Query, QueryPage, Status, service};
use opbook::filing::kind::FILING;
use opbook::filing::model::{EXPORTS, ExportGoods, Head, REIMPORTS, ReimportGoods};
use opbook::form::{Digits, Kind as FieldKind, parse_decimal};
use opbook::server::call::Call;
use opbook::server::failure::Failure;
use uuid::Uuid;

use crate::desk::{KIND, OWN, add, approved_filing, at, call, export, head, new_filing, reimport, save_head, state};
use crate::support::both_databases;

fn query(change: Query) -> Query {
    Query { list: KIND.into(), operator_code: OWN.into(), page_size: 3, ..change }
}

async fn list(call: &Call, change: Query) -> QueryPage {
    service::list(call, query(change)).await.unwrap()
}

#[tokio::test]
async fn the_list_finds_by_every_condition_and_pages() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let mut ids = Vec::new();
        for number in 0..7 {
            let id = Uuid::now_v7();
            let head = Head { internal_no: format!("A_{number}%"), ..head(&call) };
            save_head(&call, id, 0, &head).await.unwrap();
            ids.push(id);
        }
        let page = list(&call, Query::default()).await;
        assert_eq!((page.total, page.lines.len()), (7, 3));
        assert_eq!(page.lines[0].meta.id, ids[6], "newest first");
        // The last pages are read from the other end; together all pages are the list.
        let mut seen = Vec::new();
        for page in 0..4 {
            let lines = list(&call, Query { page, ..Query::default() }).await.lines;
            seen.extend(lines.iter().map(|line| line.meta.id));
        }
        seen.reverse();
        assert_eq!(seen, ids);
        let by_number = list(&call, Query { internal_no: "a_3%".into(), ..Query::default() }).await;
        assert_eq!(by_number.total, 1, "capitals and small letters are the same, on every database");
        assert_eq!(by_number.lines[0].meta.id, ids[3]);
        let (other, _) = approved_filing(&call).await;
        for (change, total) in [
            (Query { status: Some(Status::Approved), ..Query::default() }, 1),
            (Query { status: Some(Status::Returned), ..Query::default() }, 0),
            (Query { input_from: "2999-01-01".into(), ..Query::default() }, 0),
            (Query { input_to: "2999-01-01".into(), ..Query::default() }, 8),
            (Query { decl_type: "1".into(), ..Query::default() }, 8),
            (Query { decl_type: "2".into(), ..Query::default() }, 0),
            (Query { change_seq: "0".into(), ..Query::default() }, 8),
            (Query { change_seq: "1".into(), ..Query::default() }, 0),
            (Query { change_seq: "x".into(), ..Query::default() }, 0),
            (Query { book_no: "P".into(), ..Query::default() }, 1),
        ] {
            assert_eq!(list(&call, change.clone()).await.total, total, "{change:?}");
        }
        // A whole number, and a part of it.
        let document = service::get(&call, other).await.unwrap();
        let (book_no, seq_no) = (at(&document.head, "book_no"), at(&document.head, "seq_no"));
        for change in [
            Query { book_no: format!(" {} ", book_no.to_lowercase()), ..Query::default() },
            Query { book_no: book_no[3..].into(), ..Query::default() },
            Query { seq_no: seq_no.into(), ..Query::default() },
            Query { seq_no: seq_no[4..].into(), ..Query::default() },
            Query { seq_no: seq_no.into(), book_no: book_no.into(), ..Query::default() },
        ] {
            let page = list(&call, change.clone()).await;
            assert_eq!((page.total, page.lines[0].meta.id), (1, other), "{change:?}");
        }
        let none = Query { operator_code: String::new(), ..query(Query::default()) };
        assert!(matches!(service::list(&call, none).await, Err(Failure::Refused { .. })), "可查询企业 is required");
        let taken = Head { internal_no: "A_1%".into(), ..head(&call) };
        let taken = save_head(&call, Uuid::now_v7(), 0, &taken).await;
        assert!(matches!(taken, Err(Failure::Refused { .. })));
    }
}

/// How a column is compared: numbers as numbers, texts by code point.
fn key(kind: &Kind, column: &str, text: &str) -> (rust_decimal::Decimal, String) {
    let number = column == "change_seq"
        || kind.field(column).is_some_and(|field| matches!(field.kind, FieldKind::Decimal { .. }));
    if number {
        return (parse_decimal(text, Digits { int: 15, frac: 2 }).unwrap_or_default(), String::new());
    }
    (rust_decimal::Decimal::ZERO, text.to_owned())
}

#[tokio::test]
async fn every_heading_sorts() {
    // An arrow beside a heading that does not sort sends people through pages for what they think comes first.
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        for (number, price) in ["9", "1000", "0.5", "90", "1000", ""].into_iter().enumerate() {
            state.clock.advance(chrono::TimeDelta::days(1));
            let head = Head {
                processor_code: if number % 2 == 0 { OWN } else { "3205940003" }.into(),
                master_customs: ["5301", "2201", "5301", "", "0100", "2201"][number].into(),
                currency: ["USD", "CNY", "EUR", "USD", "", "JPY"][number].into(),
                ..head(&call)
            };
            let id = Uuid::now_v7();
            save_head(&call, id, 0, &head).await.unwrap();
            if !price.is_empty() {
                add(&call, id, EXPORTS, &ExportGoods { unit_price: price.into(), ..export("1") }).await;
                add(&call, id, REIMPORTS, &ReimportGoods { unit_price: price.into(), ..reimport() }).await;
            }
        }
        approved_filing(&call).await;
        for column in FILING.columns {
            for descending in [false, true] {
                let sorted = |page| Query { sort: (*column).into(), descending, page, ..Query::default() };
                let mut found = Vec::new();
                for page in 0..3 {
                    found.extend(list(&call, sorted(page)).await.lines);
                }
                assert_eq!(found.len(), 7, "{column}");
                let mut keys: Vec<_> = found.iter().map(|line| key(&FILING, column, at(&line.head, column))).collect();
                if descending {
                    keys.reverse();
                }
                assert!(keys.is_sorted(), "{column}, descending {descending}: {keys:?}");
            }
        }
        let by_state = list(&call, Query { sort: "status".into(), descending: true, ..Query::default() }).await;
        assert_eq!(by_state.lines[0].meta.status, Status::Approved);
        // Slow, and right: a field of the head that is no column of the table cannot be asked for by a page.
        for unknown in ["nonsense", "contract_no", "head", "id; DROP TABLE document"] {
            let asked = query(Query { sort: unknown.into(), ..Query::default() });
            assert!(matches!(service::list(&call, asked).await, Err(Failure::Refused { .. })), "{unknown}");
        }
    }
}

#[tokio::test]
async fn receipts_are_counted_in_the_list() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        new_filing(&call).await;
        let (id, _) = approved_filing(&call).await;
        let page = list(&call, Query::default()).await;
        let counts: Vec<i64> = page.lines.iter().map(|line| line.meta.receipt_count).collect();
        assert_eq!((page.lines[0].meta.id, counts), (id, vec![1, 0]));
        assert!(page.lines[0].meta.in_force && !page.lines[1].meta.in_force);
    }
}

#[tokio::test]
async fn what_no_document_can_have_is_refused_in_words() {
    // A search pasted from elsewhere must not look like a server that is down.
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        new_filing(&call).await;
        let conditions: [fn(String) -> Query; 7] = [
            |text| Query { book_no: text, ..Query::default() },
            |text| Query { seq_no: text, ..Query::default() },
            |text| Query { internal_no: text, ..Query::default() },
            |text| Query { decl_type: text, ..Query::default() },
            |text| Query { change_seq: text, ..Query::default() },
            |text| Query { input_from: text, ..Query::default() },
            |text| Query { input_to: text, ..Query::default() },
        ];
        for condition in conditions {
            for odd in ["P1\u{0}".to_owned(), "1".repeat(60_000)] {
                match service::list(&call, query(condition(odd))).await {
                    Err(Failure::Refused { message, .. }) => assert!(message.zh.contains("查询条件"), "{message:?}"),
                    other => panic!("{other:?}"),
                }
            }
        }
        let sort = Query { sort: "status\u{0}".into(), ..Query::default() };
        assert!(matches!(service::list(&call, query(sort)).await, Err(Failure::Refused { .. })));
    }
}
