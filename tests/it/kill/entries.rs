//! What kills do to entries: each is declared, registered, booked or released once, and no amount is lost or counted twice.
//! Part of the kill test, which makes the books and kills the server.

use serde_json::{Value, json};
use std::process::Command;
use uuid::Uuid;

use super::{Acknowledged, Client, Ledger, OPERATOR, Outcome, loop_until_decided};
use crate::support::one_row;

/// What is done under a book, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Goods are sent out: declared, and booked by customs.
    Sent,
    /// More was sent out elsewhere: a list of entries, which customs here knows nothing of.
    Listed,
    /// Goods come back.
    Back,
    /// More comes back than customs knows to have been sent out: it returns the entry, and the amount is released.
    Over,
}

impl What {
    const ALL: [Self; 4] = [Self::Sent, Self::Listed, Self::Back, Self::Over];

    /// In the currency of the book.
    const fn amount(self) -> u32 {
        match self {
            Self::Sent => 4,
            Self::Listed => 6,
            Self::Back => 1,
            Self::Over => 5,
        }
    }

    const fn is_import(self) -> bool {
        matches!(self, Self::Back | Self::Over)
    }
}

/// What the server said it had stored of the entry of a book.
#[derive(Clone, Copy, Debug)]
pub struct AcknowledgedEntry {
    id: Uuid,
    what: What,
    /// Declared, or registered.
    declared: bool,
}

impl AcknowledgedEntry {
    pub const fn is_declared(&self) -> bool {
        self.declared
    }
}

/// What came of the entries of a book.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub booked: usize,
    pub released: usize,
}

impl std::ops::AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.booked += other.booked;
        self.released += other.released;
    }
}

/// Does the next thing under a book of an earlier life, if customs has approved one, noting what was acknowledged.
pub fn enter_one(client: &Client, url: &str, ledger: &Ledger) -> Option<()> {
    let next = |one: &Acknowledged| {
        let is_done = |what: &What| one.entries.iter().any(|entry| entry.what == *what && entry.declared);
        What::ALL.into_iter().find(|what| !is_done(what)).filter(|_| one.declared)
    };
    let found = ledger.lock().unwrap().iter().find_map(|(id, one)| Some((*id, next(one)?)));
    let (book, what) = found?;
    let filing = client.call(url, "document/get", &json!({ "id": book })).done("book")?;
    let Some(number) = filing["head"]["book_no"].as_str().filter(|number| !number.is_empty()) else {
        return Some(()); // customs has not decided yet
    };
    let id = Uuid::now_v7();
    let note = |declared| {
        let mut ledger = ledger.lock().unwrap();
        let entries = &mut ledger.get_mut(&book).unwrap().entries;
        match entries.iter_mut().find(|entry| entry.id == id) {
            Some(entry) => entry.declared = declared,
            None => entries.push(AcknowledgedEntry { id, what, declared }),
        }
    };
    if what == What::Listed {
        let report = send_list(client, url, number, id)?;
        note(false);
        let request = json!({ "id": report["id"], "seen": 1, "only_good": false });
        client.call(url, "entry/register_apply", &json!({ "request": request })).done("register a list")?;
        note(true);
        return Some(());
    }
    let kind = if what.is_import() { "entry_import" } else { "entry_export" };
    let head = json!({
        "manual_no": number, "origin": "1", "master_customs": "2300", "ie_port": "2300", "overseas_name": "ACME",
        "traf_mode": "2", "owner_code": OPERATOR, "declarant_code": OPERATOR, "contract_no": "HT-1", "share_by": "1",
        "trade_area": "VNM", "trade_country": "VNM", "wrap_type": "22", "pack_no": "1", "gross_wt": "2", "net_wt": "1",
        "trans_mode": "3", "currency": "USD",
    });
    let request = json!({ "id": id, "kind": kind, "base": 0, "head": head });
    client.call(url, "document/save_head", &json!({ "request": request })).done("entry")?;
    note(false);
    let mut row = json!({
        "goods_seq": "1", "hs_code": "8542399000", "goods_name": "集成电路", "spec_model": "S7", "unit": "007", "qty": "1",
        "legal_unit": "007", "legal_qty": "1", "legal_qty2": "1", "origin_country": "CHN", "dest_country": "VNM",
        "district": "31019",
    });
    let amount = if what.is_import() { "original_value" } else { "total_price" };
    row[amount] = json!(what.amount().to_string());
    if what.is_import() {
        row["fee_processing"] = json!("1.5");
    }
    let saved = client.call(url, "document/save_rows", &one_row(id, "items", Uuid::now_v7(), &json!(0), &row));
    let version = saved.done("row of the entry")?["meta"]["version"].clone();
    match client.call(url, "document/declare", &json!({ "step": { "id": id, "base": version } })) {
        Outcome::Done(_) => note(true),
        // What was sent out is not booked yet.
        Outcome::Refused(_) if what.is_import() => {}
        other => other.done("declare an entry").map(drop)?,
    }
    Some(())
}

/// The number of a listed entry: its id's last digits.
fn listed_no(id: Uuid) -> String {
    format!("230020260{:09}", id.as_u128() % 1_000_000_000)
}

/// The report on a list of one entry.
fn send_list(client: &Client, url: &str, book_no: &str, id: Uuid) -> Option<Value> {
    let (no, amount) = (listed_no(id), What::Listed.amount());
    let list =
        format!("报关单号,备案号,进出口日期,币制,备案序号,成交数量,总价\n{no},{book_no},2026-11-20,USD,1,1,{amount}\n");
    let address = format!("{url}/api/entry/register_upload?name=x.csv");
    let mut answer = client.agent.post(address).header("Sec-Fetch-Site", "same-origin").send(list.as_bytes()).ok()?;
    let report = answer.body_mut().read_json::<Value>().ok()?;
    assert!(answer.status().is_success(), "{report}");
    assert_eq!(report["problem_count"], 0, "{report}");
    Some(report)
}

/// The entries of a book are whole, and its ledger has each of them once.
pub fn check(client: &Client, url: &str, book: Uuid, entries: &[AcknowledgedEntry]) -> Seen {
    let (mut seen, mut exported, mut exempt) = (Seen::default(), 0, 0);
    for entry in entries {
        let status = if entry.what == What::Listed { listed(client, url, entry) } else { decided(client, url, entry) };
        match status.as_str() {
            "approved" if entry.what.is_import() => exempt += entry.what.amount(),
            "approved" => exported += entry.what.amount(),
            "returned" => seen.released += 1,
            _ => {}
        }
        seen.booked += usize::from(status == "approved");
    }
    let Outcome::Done(balance) = client.call(url, "document/book", &json!({ "id": book })) else {
        panic!("the ledger of {book}")
    };
    let figure = |of: &Value| (of["reserved"].as_str().unwrap().to_owned(), of["booked"].as_str().unwrap().to_owned());
    let booked = |amount: u32| ("0".to_owned(), amount.to_string());
    assert_eq!(figure(&balance["exports"][0]["balance"]["exported"]), booked(exported), "{entries:?} {balance}");
    assert_eq!(figure(&balance["reimports"][0]["balance"]["exempt"]), booked(exempt), "{entries:?} {balance}");
    seen
}

/// The state of an entry: what was acknowledged as declared was decided, once.
fn decided(client: &Client, url: &str, entry: &AcknowledgedEntry) -> String {
    let document = loop_until_decided(client, url, entry.id);
    let status = document["meta"]["status"].as_str().unwrap().to_owned();
    let may_be_returned = entry.what == What::Over;
    let is_decided = status == "approved" || (may_be_returned && status == "returned");
    assert!(is_decided || !entry.declared, "{document}");
    if is_decided {
        let Outcome::Done(receipts) = client.call(url, "document/receipts", &json!({ "id": entry.id })) else {
            panic!("receipts of {}", entry.id)
        };
        let of = |kind: &str| receipts.as_array().unwrap().iter().filter(|one| one["message_type"] == kind).count();
        assert_eq!((of("RESPONSE"), of("OPB200"), of("OPB231")), (1, 1, 1), "{receipts}");
    }
    status
}

/// The state of an entry of a list: there once, when it was acknowledged.
fn listed(client: &Client, url: &str, entry: &AcknowledgedEntry) -> String {
    let query = json!({ "list": "entry", "operator_code": OPERATOR, "entry_no": listed_no(entry.id), "page_size": 5 });
    let Outcome::Done(found) = client.call(url, "document/list", &json!({ "query": query })) else {
        panic!("the list of entries")
    };
    let lines = found["lines"].as_array().unwrap();
    assert!(lines.len() == 1 || (lines.is_empty() && !entry.declared), "{found}");
    lines.first().map_or_else(String::new, |line| line["meta"]["status"].as_str().unwrap().to_owned())
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
