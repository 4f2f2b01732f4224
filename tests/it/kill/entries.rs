//! What kills do to entries: each is declared, booked or released once, and no amount is lost or counted twice. Part of the
//! kill test, which makes the books and kills the server.

use serde_json::{Value, json};
use std::process::Command;
use uuid::Uuid;

use super::{Acknowledged, Client, Ledger, OPERATOR, Outcome, loop_until_decided};
use crate::support::one_row;

/// What the server said it had stored of the entry of a book.
#[derive(Clone, Copy, Debug)]
pub struct AcknowledgedEntry {
    id: Uuid,
    declared: bool,
}

/// Sends goods out under a book of an earlier life, if customs has approved one, noting what was acknowledged.
pub fn enter_one(client: &Client, url: &str, ledger: &Ledger) -> Option<()> {
    let found = |(id, one): (&Uuid, &Acknowledged)| (one.declared && one.entries.is_empty()).then_some(*id);
    let book = ledger.lock().unwrap().iter().find_map(found)?;
    let filing = client.call(url, "document/get", &json!({ "id": book })).done("book")?;
    let Some(number) = filing["head"]["book_no"].as_str().filter(|number| !number.is_empty()) else {
        return Some(()); // customs has not decided yet
    };
    let id = Uuid::now_v7();
    let head = json!({
        "manual_no": number, "origin": "1", "master_customs": "2300", "ie_port": "2300", "overseas_name": "ACME",
        "traf_mode": "2", "owner_code": OPERATOR, "declarant_code": OPERATOR, "contract_no": "HT-1",
        "trade_area": "VNM", "trade_country": "VNM", "wrap_type": "22", "pack_no": "1", "gross_wt": "2", "net_wt": "1",
        "trans_mode": "3", "currency": "USD",
    });
    let request = json!({ "id": id, "kind": "entry_export", "base": 0, "head": head });
    client.call(url, "document/save_head", &json!({ "request": request })).done("entry")?;
    ledger.lock().unwrap().get_mut(&book).unwrap().entries.push(AcknowledgedEntry { id, declared: false });
    let row = json!({
        "goods_seq": "1", "hs_code": "8542399000", "goods_name": "集成电路", "spec_model": "S7", "unit": "007", "qty": "2",
        "total_price": "4", "legal_unit": "007", "legal_qty": "2", "legal_qty2": "1", "origin_country": "CHN",
        "dest_country": "VNM", "district": "31019",
    });
    let saved = client.call(url, "document/save_rows", &one_row(id, "items", Uuid::now_v7(), &json!(0), &row));
    let version = saved.done("row of the entry")?["meta"]["version"].clone();
    client.call(url, "document/declare", &json!({ "step": { "id": id, "base": version } })).done("declare an entry")?;
    let mut ledger = ledger.lock().unwrap();
    let noted = ledger.get_mut(&book).unwrap().entries.iter_mut().find(|entry| entry.id == id);
    noted.unwrap().declared = true;
    Some(())
}

/// The entries of a book are whole, and its ledger has each of them once. How many were booked.
pub fn check(client: &Client, url: &str, book: Uuid, entries: &[AcknowledgedEntry]) -> usize {
    let booked = entries.iter().filter(|entry| is_booked(client, url, entry)).count();
    let Outcome::Done(balance) = client.call(url, "document/book", &json!({ "id": book })) else {
        panic!("the ledger of {book}")
    };
    let figure = |of: &Value| (of["reserved"].as_str().unwrap().to_owned(), of["booked"].as_str().unwrap().to_owned());
    let exported = figure(&balance["exports"][0]["balance"]["exported"]);
    assert_eq!(exported, ("0".to_owned(), (4 * booked).to_string()), "{balance}");
    booked
}

/// What was acknowledged as declared was decided, once.
fn is_booked(client: &Client, url: &str, entry: &AcknowledgedEntry) -> bool {
    let document = loop_until_decided(client, url, entry.id);
    let approved = document["meta"]["status"] == "approved";
    assert!(approved || !entry.declared, "{document}");
    if approved {
        let Outcome::Done(receipts) = client.call(url, "document/receipts", &json!({ "id": entry.id })) else {
            panic!("receipts of {}", entry.id)
        };
        let of = |kind: &str| receipts.as_array().unwrap().iter().filter(|one| one["message_type"] == kind).count();
        assert_eq!((of("RESPONSE"), of("OPB200"), of("OPB231")), (1, 1, 1), "{receipts}");
    }
    approved
}

/// Counts all lines anew, by the command an operator would use.
pub fn recount(database_url: &str, data: &std::path::Path) {
    let done = Command::new(env!("CARGO_BIN_EXE_opbook"))
        .args(["ledger", "check"])
        .current_dir(data)
        .env("DATABASE_URL", database_url)
        .env("OPBOOK_DATA", data)
        .env_remove("REFDATA_DIR")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{told}{}", String::from_utf8_lossy(&done.stderr));
    assert!(told.contains("台账无误"), "{told}");
}
