//! What the server knows of a write-off beyond its data: the book it fills its head from, what of the ledger it has to account
//! for, what keeps it from being stored or declared, and what an approval means for book and entries. The services of a
//! document call it inside their transactions.

use async_trait::async_trait;
use chrono::{Days, NaiveDate};

use super::kind::WRITEOFF;
use super::model::{ENTRIES, ENTRY};
use super::rules::closes;
use crate::account::actor::Actor;
use crate::account_book::{self, Book, Life};
use crate::document::kind::{HEAD, Kind};
use crate::document::office::{Declaring, Office};
use crate::document::store::rows::{self, ContentRow};
use crate::document::store::{self, DocumentRow};
use crate::document::under_book::{ToWriteOff, UnderBook};
use crate::document::{Status, parties};
use crate::exchange::{Decision, Messages};
use crate::filing::kind::FILING;
use crate::form::{Finding, Severity, Values, pointer, show_date, stored_date};
use crate::ledger::book::under_book;
use crate::ledger::due;
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;
use crate::urge::service as urge;

/// Names of our own: no public schema of this book exists.
const MESSAGES: Messages = Messages { declares: "OPB121", entry: "OPB200", decision: "OPB221", record: "OpbChgoffBsc" };

/// What a head takes from the filing in force: of the write-off and of the filing alike.
const FROM_FILING: [&str; 9] = [
    "operator_uscc",
    "operator_name",
    "processor_code",
    "processor_uscc",
    "processor_name",
    "master_customs",
    "contract_no",
    "valid_from",
    "valid_to",
];

/// The office of write-offs.
pub struct WriteoffOffice;

#[async_trait]
impl Office for WriteoffOffice {
    fn kind(&self) -> &'static Kind {
        &WRITEOFF
    }

    fn messages(&self) -> &'static Messages {
        &MESSAGES
    }

    /// Everything of the book, and where this write-off begins.
    async fn look_up(
        &self,
        db: &Db,
        actor: &Actor,
        head: &mut Values,
        today: NaiveDate,
    ) -> Result<Vec<Finding>, Failure> {
        let number = head.get("book_no").to_owned();
        let operators = actor.operators();
        // A number of another length is refused by the field's own check.
        let found = if number.len() == 12 { account_book::find(db, &operators, &number).await? } else { None };
        let Some(book) = found else {
            for key in FROM_FILING.into_iter().chain(["operator_code", "currency", "writeoff_seq", "period_from"]) {
                head.set(key, "");
            }
            return Ok(if number.len() == 12 {
                let (zh, en) = (
                    format!("账册{number}不是贵单位可办理的账册，请核对；账册须已由海关终审通过"),
                    format!("{number} is no approved book of an enterprise you act for"),
                );
                vec![at_book(Severity::Save, zh, en)]
            } else {
                Vec::new()
            });
        };
        let filing = store::find(db, &book.in_force_id).await?;
        let filing = filing.ok_or_else(|| Failure::Internal(format!("filing in force of {number} is gone")))?;
        let filed = filing.values(&FILING)?;
        for key in FROM_FILING {
            head.set(key, filed.get(key));
        }
        // What the book says is what holds.
        for (key, value) in [
            ("operator_code", book.operator_code.clone()),
            ("currency", book.currency.clone()),
            ("valid_from", book.valid_from.clone()),
            ("valid_to", book.valid_to.clone()),
            ("writeoff_seq", (book.written.times + 1).to_string()),
            ("period_from", begins(&book)),
        ] {
            head.set(key, value);
        }
        parties::look_up(db, actor, &WRITEOFF, head, today).await
    }

    /// The book, with what of its ledger is due until 报核截止日期.
    async fn book(&self, db: &Db, row: &DocumentRow) -> Result<Option<UnderBook>, Failure> {
        let Some(book) = account_book::find(db, &[row.operator_code.as_str()], &row.book_no).await? else {
            return Ok(None);
        };
        let mut read = under_book(db, &book).await?;
        let head = row.values(&WRITEOFF)?;
        let (of, to) = ((row.operator_code.as_str(), row.book_no.as_str()), head.get("period_to"));
        let mut to_write_off = due::due(&db.read, of, to).await?;
        to_write_off.goods = due::due_goods(&db.read, of, to).await?;
        let numbers = numbers(&rows::all(&db.read, row).await?)?;
        let odd: Vec<&str> =
            numbers.iter().map(String::as_str).filter(|number| to_write_off.entry(number).is_none()).collect();
        if !odd.is_empty() {
            to_write_off.strangers = due::strangers(db, of, to, &odd).await?;
        }
        read.to_write_off = Some(to_write_off);
        Ok(Some(read))
    }

    /// One at a time: a book has one open write-off at most.
    async fn storing(&self, tx: &mut Tx, row: &DocumentRow) -> Result<Vec<Finding>, Failure> {
        if let Some(book) = account_book::lock(tx, &row.operator_code, &row.book_no).await?
            && let Some(closed) = closed(&book, Severity::Save)
        {
            return Ok(vec![closed]);
        }
        let all = store::of_book(&mut **tx, &row.operator_code, WRITEOFF.listing.key, &row.book_no).await?;
        let open = all.into_iter().find(|other| other.id != row.id && is_open(other.status));
        Ok(open.map(|open| other_open(&row.book_no, &open)).into_iter().collect())
    }

    /// Looks once more, under the book's lock: what was checked before may be over.
    async fn standing(&self, tx: &mut Tx, declaring: &Declaring<'_>) -> Result<Vec<Finding>, Failure> {
        let Declaring { row, head, book: before, .. } = *declaring;
        let number = &row.book_no;
        let Some(mut book) = account_book::lock(tx, &row.operator_code, number).await? else {
            return Ok(vec![at_book(
                Severity::Declare,
                format!("账册{number}不存在，请核对"),
                format!("There is no book {number}"),
            )]);
        };
        let mut findings: Vec<Finding> = closed(&book, Severity::Declare).into_iter().collect();
        if head.get("period_from") != begins(&book) {
            findings.push(again(number));
        }
        let filings = store::of_book(&mut **tx, &row.operator_code, FILING.listing.key, number).await?;
        if let Some(open) = filings.iter().find(|filing| is_open(filing.status)) {
            let (times, seq_no, state) = (open.change_seq, &open.seq_no, open.status.label());
            findings.push(at_book(
                Severity::Declare,
                format!(
                    "账册{number}的第{times}次变更（统一编号{seq_no}，{}）尚未办结，不能报核；请先办结或删除该变更",
                    state.zh
                ),
                format!("Change {times} of book {number} ({seq_no}, {}) is open: finish or delete it first", state.en),
            ));
        }
        let of = (row.operator_code.as_str(), number.as_str());
        let now = due::due(&mut **tx, of, head.get("period_to")).await?;
        let then = before.and_then(|book| book.to_write_off.as_ref());
        if then.is_none_or(|then| !is_same(then, &now)) {
            findings.push(again(number));
        }
        if findings.is_empty() {
            head.get("period_to").clone_into(&mut book.written.under_way);
            book.written.closes = closes(head);
            book.version += 1;
            account_book::update(tx, &book).await?;
        }
        Ok(findings)
    }

    /// The entries are written off; a book that is through is closed.
    async fn approved(&self, db: &Db, tx: &mut Tx, row: &mut DocumentRow, decision: &Decision) -> Result<(), Failure> {
        let mut head = row.values(&WRITEOFF)?;
        let mut book = locked(tx, row).await?;
        let numbers = numbers(&rows::all(&mut **tx, row).await?)?;
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        due::write_off(db, tx, (&row.operator_code, &row.book_no), &numbers, &row.id).await?;
        if book.written.to.as_str() < head.get("period_to") {
            head.get("period_to").clone_into(&mut book.written.to);
        }
        book.written.times += 1;
        book.written.urged_on.clear();
        book.written.urge_due.clear();
        urge::handled(tx, &row.operator_code, &row.book_no, &row.updated_at).await?;
        book.written.under_way.clear();
        if std::mem::take(&mut book.written.closes) {
            book.life = Life::Closed;
        }
        book.version += 1;
        account_book::update(tx, &book).await?;
        head.set("writeoff_seq", book.written.times.to_string());
        head.set("approved_at", decision.approved_on.as_str());
        row.set_head(&WRITEOFF, &head)?;
        Ok(())
    }

    async fn refused(&self, _: &Db, tx: &mut Tx, row: &DocumentRow, _: &str) -> Result<(), Failure> {
        let mut book = locked(tx, row).await?;
        book.written.under_way.clear();
        book.written.closes = false;
        book.version += 1;
        account_book::update(tx, &book).await?;
        Ok(())
    }
}

/// The numbers of the entries that are listed.
fn numbers(rows: &[ContentRow]) -> Result<Vec<String>, Failure> {
    let entries = rows.iter().filter(|row| row.section == ENTRIES);
    entries.map(|row| Ok(Values::from_json(ENTRY, &row.content)?.get("entry_no").to_owned())).collect()
}

async fn locked(tx: &mut Tx, row: &DocumentRow) -> Result<Book, Failure> {
    let book = account_book::lock(tx, &row.operator_code, &row.book_no).await?;
    book.ok_or_else(|| Failure::Internal(format!("there is no book {}", row.book_no)))
}

/// The day after the last write-off, or that on which the book begins.
fn begins(book: &Book) -> String {
    let next = stored_date(&book.written.to).and_then(|last| last.checked_add_days(Days::new(1)));
    next.map_or_else(|| book.valid_from.clone(), show_date)
}

fn is_open(status: Status) -> bool {
    !matches!(status, Status::Approved | Status::Revoked)
}

/// The same entries, with the same amounts, and the same under way.
fn is_same(then: &ToWriteOff, now: &ToWriteOff) -> bool {
    then.entries == now.entries && then.under_way == now.under_way
}

fn at_book(severity: Severity, zh: String, en: String) -> Finding {
    Finding::new("writeoff.book", pointer(HEAD, None, "book_no"), severity, zh, en)
}

fn closed(book: &Book, severity: Severity) -> Option<Finding> {
    let number = &book.book_no;
    (book.life == Life::Closed).then(|| {
        at_book(
            severity,
            format!("账册{number}已核销结案，不能再报核"),
            format!("Book {number} is written off and closed"),
        )
    })
}

fn again(number: &str) -> Finding {
    at_book(
        Severity::Declare,
        format!("账册{number}的台账刚刚变动，请点击“按台账生成”核对后重新申报"),
        format!("The ledger of book {number} has just changed: make the lists anew and look at them"),
    )
}

fn other_open(number: &str, open: &DocumentRow) -> Finding {
    let (seq_no, state) = (&open.seq_no, open.status.label());
    at_book(
        Severity::Save,
        format!(
            "账册{number}已有未办结的报核（统一编号{seq_no}，{}），一本账册同时只能办理一份：请继续办理该报核，或将其删除",
            state.zh
        ),
        format!("Book {number} has an open write-off already: {seq_no}, {}. Go on with it, or delete it", state.en),
    )
}
