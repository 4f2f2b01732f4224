//! What the server knows of an entry beyond its data: the account book it belongs to, the amounts it takes of the ledger
//! when it is declared and gives back when it is returned, and what 删单 and 改单 of customs do. The services of a document
//! call it inside their transactions.

mod revocation;

pub use revocation::Revocations;

use async_trait::async_trait;
use chrono::NaiveDate;

use super::form;
use super::kind::{ENTRY_EXPORT, ENTRY_IMPORT};
use super::model::ITEMS;
use super::rules::{Direction, bookings, unknown_book};
use crate::account::actor::Actor;
use crate::account_book::{self, Book, Life};
use crate::document::kind::{HEAD, Kind};
use crate::document::office::{Declaring, Office, OfficialForm};
use crate::document::store::{self, DocumentRow};
use crate::document::under_book::UnderBook;
use crate::document::{Row, parties};
use crate::exchange::{Decision, Messages};
use crate::form::{Finding, Severity, Values, pointer};
use crate::ledger::book::of_document;
use crate::ledger::due;
use crate::ledger::model::{Booking, Deed, Side};
use crate::ledger::post::{fill, follow, reserve};
use crate::ledger::rules::check as check_balance;
use crate::ledger::store as ledger;
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;
use crate::text::Message;

/// Names of our own: the platform's message of a 报关单 is not public for this book.
const MESSAGES: Messages = Messages { declares: "OPB131", entry: "OPB200", decision: "OPB231", record: "DecHead" };

/// The office of the entries of one direction.
#[derive(Clone, Copy, Debug)]
pub struct EntryOffice {
    kind: &'static Kind,
    direction: Direction,
}

impl EntryOffice {
    pub const EXPORT: Self = Self { kind: &ENTRY_EXPORT, direction: Direction::Export };
    pub const IMPORT: Self = Self { kind: &ENTRY_IMPORT, direction: Direction::Import };
}

#[async_trait]
impl Office for EntryOffice {
    fn kind(&self) -> &'static Kind {
        self.kind
    }

    fn form(&self) -> Option<&'static OfficialForm> {
        Some(match self.direction {
            Direction::Export => &form::EXPORT,
            Direction::Import => &form::IMPORT,
        })
    }

    fn messages(&self) -> &'static Messages {
        &MESSAGES
    }

    /// The operator and the currency are those of the book.
    async fn look_up(
        &self,
        db: &Db,
        actor: &Actor,
        head: &mut Values,
        today: NaiveDate,
    ) -> Result<Vec<Finding>, Failure> {
        let number = head.get("manual_no").to_owned();
        let operators = actor.operators();
        // A number of another length is refused by the field's own check.
        let found = if number.len() == 12 { account_book::find(db, &operators, &number).await? } else { None };
        let unknown = (number.len() == 12 && found.is_none()).then(|| {
            let (zh, en) = unknown_book(&number);
            Finding::new("entry.book", pointer(HEAD, None, "manual_no"), Severity::Save, zh, en)
        });
        let (operator, currency) = found.map(|book| (book.operator_code, book.currency)).unwrap_or_default();
        head.set("operator_code", operator);
        head.set("book_currency", currency.as_str());
        if head.get("currency").is_empty() {
            head.set("currency", currency);
        }
        if unknown.is_some() {
            return Ok(unknown.into_iter().collect());
        }
        parties::look_up(db, actor, self.kind, head, today).await
    }

    async fn book(&self, db: &Db, row: &DocumentRow) -> Result<Option<UnderBook>, Failure> {
        of_document(db, row).await
    }

    /// Takes the amounts of the ledger, under the book's lock: whoever comes second sees what the first took.
    async fn standing(&self, tx: &mut Tx, declaring: &Declaring<'_>) -> Result<Vec<Finding>, Failure> {
        let Declaring { db, row, head, lists, book: before, at, .. } = *declaring;
        let at_book = |zh: String, en: String| {
            vec![Finding::new("entry.book", pointer(HEAD, None, "manual_no"), Severity::Declare, zh, en)]
        };
        let Some(book) = account_book::lock(tx, &row.operator_code, &row.book_no).await? else {
            let number = &row.book_no;
            return Ok(at_book(format!("备案号{number}不存在，请核对"), format!("There is no book {number}")));
        };
        let Some(before) = before else {
            // Approved in this very moment: what is checked above was checked without it.
            return Ok(at_book(
                format!("账册{}刚刚变动，请重试", row.book_no),
                format!("Book {} changed this very moment; try again", row.book_no),
            ));
        };
        if !row.entry_no.is_empty() && self.kind.rules.registers(head) {
            return Ok(vec![Finding::new(
                "entry.amending",
                pointer(HEAD, None, "origin"),
                Severity::Declare,
                format!("报关单{}由海关改单退回，须修改后重新申报，不能改为登记", row.entry_no),
                format!(
                    "Entry {} was sent back by customs to be amended: declare it again, do not register it",
                    row.entry_no
                ),
            )]);
        }
        if book.life == Life::Closed {
            let number = &row.book_no;
            return Ok(at_book(format!("账册{number}已核销结案，不能再通关"), format!("Book {number} is closed")));
        }
        if book.written.under_way != before.writing.as_ref().map_or("", |writing| writing.to.as_str()) {
            let number = &row.book_no;
            return Ok(at_book(
                format!("账册{number}的报核刚刚申报或办结，请重试"),
                format!("A write-off of book {number} has just moved; try again"),
            ));
        }
        let mut now = before.clone();
        fill(&mut now, &ledger::sums(&mut **tx, &row.operator_code, &row.book_no).await?);
        let lists: Vec<&[Row<Values>]> = lists.iter().map(Vec::as_slice).collect();
        let booked = bookings(self.direction, head, &lists);
        let mut findings = check_balance(
            &now,
            &booked,
            &pointer(ITEMS, lists.first().and_then(|rows| rows.first()).map(|row| row.seq), "goods_seq"),
        );
        findings.extend(self.number_taken(db, tx, row, head).await?);
        if findings.is_empty() {
            Self::reserve(db, tx, row, head, &booked, at).await?;
        }
        Ok(findings)
    }

    /// 放行, or 登记: the amounts are booked under the number of the entry.
    async fn approved(&self, db: &Db, tx: &mut Tx, row: &mut DocumentRow, decision: &Decision) -> Result<(), Failure> {
        let mut head = row.values(self.kind)?;
        let number = if self.kind.rules.registers(&head) {
            head.get("registered_no").to_owned()
        } else {
            let number = granted_number(row, self.direction, decision)?;
            let owner = store::by_entry_no(tx, &row.operator_code, &number).await?.filter(|id| *id != row.id);
            if let Some(owner) = owner {
                return Err(Failure::Internal(format!("gives {} the number {number}, which {owner} has", row.id)));
            }
            number
        };
        head.set("entry_no", number.as_str());
        head.set("approved_at", decision.approved_on.as_str());
        row.set_head(self.kind, &head)?;
        lock_book(tx, row).await?;
        follow(db, tx, &entry(row, &head, row.declare_round), Deed::Booked, &db.clock.stamp()).await
    }

    async fn refused(&self, db: &Db, tx: &mut Tx, row: &DocumentRow, at: &str) -> Result<(), Failure> {
        lock_book(tx, row).await?;
        let head = row.values(self.kind)?;
        follow(db, tx, &entry(row, &head, row.declare_round), Deed::Released, at).await
    }

    async fn withdrawn(&self, db: &Db, tx: &mut Tx, row: &mut DocumentRow, at: &str) -> Result<(), Failure> {
        let mut head = row.values(self.kind)?;
        not_written_off(tx, row, &head).await?;
        self.reverse(db, tx, row, at).await?;
        head.set("entry_no", "");
        head.set("approved_at", "");
        row.set_head(self.kind, &head)?;
        Ok(())
    }
}

impl EntryOffice {
    /// The office of the entries of a direction.
    pub const fn of(direction: Direction) -> Self {
        match direction {
            Direction::Export => Self::EXPORT,
            Direction::Import => Self::IMPORT,
        }
    }

    /// Takes of the ledger what the next round of an entry books. The caller holds the lock of the account book and has held
    /// the entry against it.
    ///
    /// # Errors
    /// As [`reserve`].
    pub async fn reserve(
        db: &Db,
        tx: &mut Tx,
        row: &DocumentRow,
        head: &Values,
        booked: &[Booking],
        at: &str,
    ) -> Result<(), Failure> {
        reserve(db, tx, &entry(row, head, row.declare_round + 1), at, booked).await
    }

    /// Takes back what an entry has booked.
    ///
    /// # Errors
    /// `Refused` when re-imports build upon the exports it takes away.
    pub(super) async fn reverse(&self, db: &Db, tx: &mut Tx, row: &DocumentRow, at: &str) -> Result<(), Failure> {
        lock_book(tx, row).await?;
        let head = row.values(self.kind)?;
        let entry = entry(row, &head, row.declare_round);
        follow(db, tx, &entry, Deed::Reversed, at).await?;
        let sums = ledger::sums(&mut **tx, &row.operator_code, &row.book_no).await?;
        let of = |side: Side| sums.iter().filter(move |((one, _), _)| *one == side).map(|(_, sum)| sum.figure);
        let exported: rust_decimal::Decimal = of(Side::Exported).map(|figure| figure.booked).sum();
        let exempt: rust_decimal::Decimal = of(Side::Exempt).map(|figure| figure.amount()).sum();
        if exempt > exported {
            return Err(Failure::refused(Message::new(
                format!(
                    "报关单{}不能撤销：撤销后已核注出口金额为{exported}，少于已用的全免金额{exempt}（含在途）。请先撤销或删除相应的进口报关单。",
                    row.entry_no
                ),
                format!(
                    "Entry {} cannot be taken back: {exported} exported would be less than {exempt} exempt. Take back the re-imports first.",
                    row.entry_no
                ),
            )));
        }
        Ok(())
    }

    /// A number belongs to one entry.
    async fn number_taken(
        &self,
        db: &Db,
        tx: &mut Tx,
        row: &DocumentRow,
        head: &Values,
    ) -> Result<Option<Finding>, Failure> {
        if !self.kind.rules.registers(head) {
            return Ok(None);
        }
        let number = head.get("registered_no");
        lock_numbers(db, tx, &row.operator_code).await?;
        let taken = store::by_entry_no(tx, &row.operator_code, number).await?.filter(|id| *id != row.id);
        Ok(taken.map(|_| {
            Finding::new(
                "entry.number_taken",
                pointer(HEAD, None, "registered_no"),
                Severity::Declare,
                format!("报关单号{number}已登记或已由海关放行，不能重复登记，请核对"),
                format!("Entry {number} is there already"),
            )
        }))
    }
}

/// Refuses to take back what a write-off has accounted for, or is about to.
async fn not_written_off(tx: &mut Tx, row: &DocumentRow, head: &Values) -> Result<(), Failure> {
    let book = lock_book(tx, row).await?;
    let (number, to) = (&row.entry_no, &book.written.under_way);
    if !due::written_by(tx, &row.operator_code, &row.id).await?.is_empty() {
        return Err(Failure::refused(Message::new(
            format!("报关单{number}已在账册{}的报核中核销，不能撤销登记。", row.book_no),
            format!("Entry {number} was written off with book {}: it cannot be withdrawn.", row.book_no),
        )));
    }
    if !to.is_empty() && (book.written.closes || head.get("ie_date") <= to.as_str()) {
        return Err(Failure::refused(Message::new(
            format!("账册{}正在报核（截止日期{to}），报关单{number}须待海关核销或退单后才能撤销登记。", row.book_no),
            format!("Book {} is being written off until {to}: entry {number} has to wait for customs.", row.book_no),
        )));
    }
    Ok(())
}

/// Lets nobody else register an entry of the enterprise until the transaction ends: a number that is not in the table yet has
/// no row to lock. Taken after the locks of account books, by all who register. One for all numbers: a list has many, and
/// PostgreSQL has room for some thousand such locks.
pub async fn lock_numbers(db: &Db, tx: &mut Tx, operator_code: &str) -> Result<(), Failure> {
    Ok(store::reserve(db, tx, &format!("entry_no:{operator_code}")).await?)
}

async fn lock_book(tx: &mut Tx, row: &DocumentRow) -> Result<Book, Failure> {
    let book = account_book::lock(tx, &row.operator_code, &row.book_no).await?;
    book.ok_or_else(|| Failure::Internal(format!("there is no book {}", row.book_no)))
}

/// The declaration as the ledger knows it.
fn entry<'a>(row: &'a DocumentRow, head: &'a Values, round: i64) -> ledger::Entry<'a> {
    ledger::Entry {
        operator_code: &row.operator_code,
        book_no: &row.book_no,
        entry_id: &row.id,
        round,
        entry_no: head.get("entry_no"),
        name: Some(head.get("entry_no")).filter(|number| !number.is_empty()).unwrap_or_else(|| head.get("internal_no")),
        currency: head.get("currency"),
        value_date: head.get("ie_date"),
    }
}

/// The number customs gave. Without a proper one the release is none: nobody could name the entry.
fn granted_number(row: &DocumentRow, direction: Direction, decision: &Decision) -> Result<String, Failure> {
    let number = decision.get("entryId");
    let proper = number.len() == 18
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && number.chars().nth(8) == Some(direction.digit());
    if !proper {
        return Err(Failure::Internal(format!("lets {} pass without a proper number: {number:?}", row.id)));
    }
    Ok(number.to_owned())
}
