//! 商品序号 on both databases: a number names one row for good. Re-imports, papers and declarations name rows by it; a number
//! given twice would book one commodity's quantity to another.

use std::collections::HashMap;

use opbook::document::{PutRow, RemoveRow, SaveRows, service};
use opbook::filing::model::{EXPORTS, REIMPORTS};
use uuid::Uuid;

use crate::desk::{OWN, add, call, export, filled, new_filing, one, reimport, removal, rows, state};
use crate::support::both_databases;

#[tokio::test]
async fn the_number_of_a_deleted_row_is_never_given_again() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, _) = new_filing(&call).await;
        add(&call, id, EXPORTS, &export("1")).await;
        let last = add(&call, id, EXPORTS, &export("2")).await.rows.remove(0);
        service::save_rows(&call, removal(id, EXPORTS, last.id, last.version)).await.unwrap();
        assert_eq!(add(&call, id, EXPORTS, &export("3")).await.rows[0].seq, 3, "the last row's number came back");
        // Each list counts by itself.
        assert_eq!(add(&call, id, REIMPORTS, &reimport()).await.rows[0].seq, 1);
        // The row itself gets its own number again; a number that is asked for is not given.
        let back = service::save_rows(&call, one(id, EXPORTS, last.id, 0, &export("2"))).await.unwrap();
        assert_eq!(back.rows[0].seq, 2);
        let wish = PutRow { row_id: Uuid::now_v7(), base: 0, seq: 77, content: filled(&export("1")), was: None };
        let request =
            SaveRows { op: 0, document_id: id, section: EXPORTS.into(), puts: vec![wish], removes: Vec::new() };
        assert_eq!(service::save_rows(&call, request).await.unwrap().rows[0].seq, 4);
    }
}

#[tokio::test]
async fn whatever_is_added_and_deleted_a_number_belongs_to_one_row() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (id, _) = new_filing(&call).await;
        let mut given: HashMap<i64, Uuid> = HashMap::new();
        let ids: Vec<Uuid> = (0..12).map(|_| Uuid::now_v7()).collect();
        for round in 0..6_usize {
            // Each round stores some rows, old and new, and deletes the others.
            let there: HashMap<Uuid, i64> = rows(&service::get(&call, id).await.unwrap(), EXPORTS)
                .iter()
                .map(|row| (row.id, row.version))
                .collect();
            let wanted = |at: usize| !(at + round).is_multiple_of(3) && at < 6 + round;
            let put = |row_id: &Uuid| PutRow {
                row_id: *row_id,
                base: there.get(row_id).copied().unwrap_or(0),
                seq: 0,
                content: filled(&export(&(round + 1).to_string())),
                was: None,
            };
            let puts = ids.iter().enumerate().filter(|(at, _)| wanted(*at)).map(|(_, id)| put(id)).collect();
            let gone = ids.iter().enumerate().filter(|(at, id)| !wanted(*at) && there.contains_key(id));
            let removes = gone.map(|(_, id)| RemoveRow { row_id: *id, base: there[id] }).collect();
            let request = SaveRows { op: 0, document_id: id, section: EXPORTS.into(), puts, removes };
            for row in service::save_rows(&call, request).await.unwrap().rows {
                assert_eq!(*given.entry(row.seq).or_insert(row.id), row.id, "number {} of two rows", row.seq);
            }
        }
        assert!(given.len() >= 10, "{given:?}");
    }
}
