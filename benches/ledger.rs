//! Booking an entry of 50 items into a book with 100,000 ledger lines, beside a bare handler that runs the same SQL; and what
//! the page of the ledger reads. `make bench` prints p50 and p99 on both databases; the ratio of rates should stay above 0.8.

#[path = "both/databases.rs"]
mod databases;

use std::time::{Duration, Instant};

use opbook::account_book::{self, Book, Life};
use opbook::ledger::model::{Booking, Deed, Side};
use opbook::ledger::post::{follow, reserve};
use opbook::ledger::store::{self, Entry};
use opbook::server::db::{Db, Sql};
use rust_decimal::Decimal;
use serde_json::json;

use databases::on_both;

const OPERATOR: &str = "3101910001";
const BOOK: &str = "P53016W00001";
const ITEMS: i64 = 50;
/// Entries that are there before: 100,000 lines.
const BEFORE: usize = 2_000;
const RUNS: usize = 300;
const GOODS: i64 = 500;

const LOCK: &str = "UPDATE account_book SET version = version WHERE operator_code = $1 AND book_no = $2";
const READ: &str = "SELECT * FROM account_book WHERE operator_code = $1 AND book_no = $2";
const LAST: &str = "SELECT turn, deed FROM ledger_line WHERE operator_code = $1 AND entry_id = $2 AND round = $3 \
    ORDER BY turn DESC LIMIT 1";
const TURN: &str = "SELECT item, side, goods_seq, qty, amount, own_amount FROM ledger_line WHERE operator_code = $1 \
    AND entry_id = $2 AND round = $3 AND turn = $4 ORDER BY item";
const ADD: Sql = Sql {
    sqlite: "INSERT INTO ledger_line (operator_code, book_no, entry_id, round, turn, deed, entry_no, currency, value_date, \
        at, item, side, goods_seq, qty, amount, own_amount) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
        json_extract(value, '$.item'), json_extract(value, '$.side'), json_extract(value, '$.goods_seq'), \
        json_extract(value, '$.qty'), json_extract(value, '$.amount'), json_extract(value, '$.own_amount') \
        FROM json_each($11)",
    postgres: "INSERT INTO ledger_line (operator_code, book_no, entry_id, round, turn, deed, entry_no, currency, \
        value_date, at, item, side, goods_seq, qty, amount, own_amount) SELECT $1, $2, $3, CAST($4 AS BIGINT), \
        CAST($5 AS BIGINT), $6, $7, $8, $9, $10, one.item, one.side, one.goods_seq, one.qty, one.amount, one.own_amount \
        FROM json_to_recordset(CAST($11 AS json)) AS one (item bigint, side text, goods_seq bigint, qty text, \
        amount text, own_amount text)",
};
const SUMS: Sql = Sql {
    sqlite: "SELECT side, goods_seq, reserved_qty, reserved, booked_qty, booked, entry, lines FROM ledger_sum \
        WHERE operator_code = $1 AND book_no = $2 AND goods_seq IN (SELECT value FROM json_each($3))",
    postgres: "SELECT side, goods_seq, reserved_qty, reserved, booked_qty, booked, entry, lines FROM ledger_sum \
        WHERE operator_code = $1 AND book_no = $2 \
        AND goods_seq IN (SELECT CAST(json_array_elements_text(CAST($3 AS json)) AS BIGINT))",
};
const PUT: Sql = Sql {
    sqlite: "INSERT INTO ledger_sum (operator_code, book_no, side, goods_seq, reserved_qty, reserved, booked_qty, booked, \
        entry, lines) SELECT $1, $2, json_extract(value, '$.side'), json_extract(value, '$.goods_seq'), '1', '1', '1', '1', $4, 260 \
        FROM json_each($3) WHERE true ON CONFLICT (operator_code, book_no, side, goods_seq) DO UPDATE SET \
        reserved_qty = excluded.reserved_qty, reserved = excluded.reserved, booked_qty = excluded.booked_qty, \
        booked = excluded.booked, entry = excluded.entry, \
        lines = excluded.lines",
    postgres: "INSERT INTO ledger_sum (operator_code, book_no, side, goods_seq, reserved_qty, reserved, booked_qty, \
        booked, entry, lines) SELECT $1, $2, one.side, one.goods_seq, '1', '1', '1', '1', $4, 260 \
        FROM json_to_recordset(CAST($3 AS json)) AS one (side text, goods_seq bigint) \
        ON CONFLICT (operator_code, book_no, side, goods_seq) DO UPDATE SET reserved_qty = excluded.reserved_qty, \
        reserved = excluded.reserved, booked_qty = excluded.booked_qty, booked = excluded.booked, entry = excluded.entry, \
        lines = excluded.lines",
};

fn main() {
    on_both(bench);
}

/// Items of the entry with this number, on goods spread over the book.
fn bookings(entry: usize) -> Vec<Booking> {
    let booking = |item: i64| Booking {
        item,
        side: Side::Exported,
        goods_seq: (entry as i64 * 7 + item) % GOODS + 1,
        hs_code: "8542399000".into(),
        qty: Decimal::from(3),
        own_amount: Decimal::new(1234, 2),
        amount: Decimal::new(1234, 2),
    };
    (1..=ITEMS).map(booking).collect()
}

fn entry(id: &str) -> Entry<'_> {
    Entry {
        operator_code: OPERATOR,
        book_no: BOOK,
        entry_id: id,
        round: 1,
        entry_no: "530120260000000001",
        name: "530120260000000001",
        currency: "USD",
        value_date: "2026-11-20",
    }
}

fn id_of(kind: &str, at: usize) -> String {
    format!("{kind}-{at:06}")
}

async fn bench(name: &str, url: &str) {
    let db = Db::open(url).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let book = Book {
        operator_code: OPERATOR.into(),
        book_no: BOOK.into(),
        in_force_id: "none".into(),
        valid_from: "2026-01-01".into(),
        valid_to: "2026-12-31".into(),
        currency: "USD".into(),
        partner: String::new(),
        country: String::new(),
        life: Life::Active,
        version: 1,
        written: Default::default(),
    };
    assert!(account_book::open(&mut tx, &book).await.unwrap());
    for at in 0..BEFORE {
        reserve(&db, &mut tx, &entry(&id_of("before", at)), "2026-11-01T00:00:00.000Z", &bookings(at)).await.unwrap();
    }
    for kind in ["ours", "bare"] {
        for at in 0..RUNS {
            reserve(&db, &mut tx, &entry(&id_of(kind, at)), "2026-11-02T00:00:00.000Z", &bookings(at)).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // In turn, so that both meet the same table and the same noise.
    for at in 0..RUNS {
        let id = id_of("ours", at);
        let start = Instant::now();
        let mut tx = db.begin().await.unwrap();
        account_book::lock(&mut tx, OPERATOR, BOOK).await.unwrap();
        follow(&db, &mut tx, &entry(&id), Deed::Booked, "2026-11-03T00:00:00.000Z").await.unwrap();
        tx.commit().await.unwrap();
        ours.push(start.elapsed());
        let id = id_of("bare", at);
        let start = Instant::now();
        bare(&db, &id, at).await;
        theirs.push(start.elapsed());
    }
    println!("\n{name}: booking 50 items into a book with 130,000 lines, p50 / p99 in ms of {RUNS} runs");
    let (one, other) = (report("opbook", ours), report("bare handler, the same SQL", theirs));
    println!("  ratio of rates at p50: {}", (Decimal::from(other) / Decimal::from(one)).round_dp(2));
    let mut pages = Vec::new();
    let mut sums = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let (lines, total) = store::lines(&db, OPERATOR, BOOK, None, (100, 0)).await.unwrap();
        assert!(lines.len() == 100 && total > 100_000);
        pages.push(start.elapsed());
        let start = Instant::now();
        assert_eq!(store::sums(&db.read, OPERATOR, BOOK).await.unwrap().len(), 500);
        sums.push(start.elapsed());
    }
    report("first page of the lines, with count", pages);
    report("sums of 500 goods", sums);
    db.close().await;
}

async fn bare(db: &Db, id: &str, at: usize) {
    let mut tx = db.begin().await.unwrap();
    sqlx::query(LOCK).bind(OPERATOR).bind(BOOK).execute(&mut *tx).await.unwrap();
    sqlx::query(READ).bind(OPERATOR).bind(BOOK).fetch_one(&mut *tx).await.unwrap();
    sqlx::query(LAST).bind(OPERATOR).bind(id).bind(1_i64).fetch_one(&mut *tx).await.unwrap();
    sqlx::query(TURN).bind(OPERATOR).bind(id).bind(1_i64).bind(1_i64).fetch_all(&mut *tx).await.unwrap();
    let items: Vec<_> = bookings(at)
        .iter()
        .map(|one| {
            json!({ "item": one.item, "side": "exported", "goods_seq": one.goods_seq, "qty": "3", "amount": "12.34",
                "own_amount": "12.34" })
        })
        .collect();
    let goods: Vec<i64> = bookings(at).iter().map(|one| one.goods_seq).collect();
    sqlx::query(db.pick(ADD))
        .bind(OPERATOR)
        .bind(BOOK)
        .bind(id)
        .bind(1_i64)
        .bind(2_i64)
        .bind("booked")
        .bind("530120260000000001")
        .bind("USD")
        .bind("2026-11-20")
        .bind("2026-11-03T00:00:00.000Z")
        .bind(json!(items).to_string())
        .execute(&mut *tx)
        .await
        .unwrap();
    let sums = sqlx::query(db.pick(SUMS)).bind(OPERATOR).bind(BOOK).bind(json!(goods).to_string());
    assert_eq!(sums.fetch_all(&mut *tx).await.unwrap().len(), 50);
    let put = sqlx::query(db.pick(PUT)).bind(OPERATOR).bind(BOOK).bind(json!(items).to_string()).bind("x");
    put.execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// Prints the median and the 99th hundredth; answers the median in microseconds.
fn report(what: &str, mut times: Vec<Duration>) -> u64 {
    times.sort_unstable();
    let [p50, p99] = [times.len() / 2, times.len() * 99 / 100].map(|at| times[at]);
    let ms = |time: Duration| (time.as_micros() / 1000, time.as_micros() % 1000 / 10);
    let ((p50_ms, p50_part), (p99_ms, p99_part)) = (ms(p50), ms(p99));
    println!("  {what:<36} {p50_ms:>4}.{p50_part:02} / {p99_ms:>4}.{p99_part:02}");
    p50.as_micros() as u64
}
