//! What the server knows of a filing beyond its data: the messages about it, who stands in it, what keeps its operator
//! from declaring, and what an approval means for the account book. The services of a document call it.

use async_trait::async_trait;
use chrono::NaiveDate;
use sqlx::Row as _;

use super::kind::FILING;
use crate::account::actor::Actor;
use crate::account_book::{self, Book, Life, Written};
use crate::document::kind::{HEAD, Kind};
use crate::document::office::{Declaring, Office};
use crate::document::parties;
use crate::document::store::{DocumentRow, leave_force};
use crate::document::under_book::UnderBook;
use crate::exchange::{Decision, Messages};
use crate::filing::rules::booked;
use crate::form::{Finding, Severity, Values, pointer, show_date};
use crate::ledger::book::of_document;
use crate::ledger::post::fill;
use crate::ledger::store as ledger;
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;

/// Names of our own: no public schema of this book exists.
const MESSAGES: Messages = Messages { declares: "OPB111", entry: "OPB200", decision: "OPB211", record: "OpbPutrecBsc" };
const STANDING: &str = "SELECT credit_grade, open_case FROM enterprise WHERE code = $1";

/// The office of filings.
pub struct FilingOffice;

#[async_trait]
impl Office for FilingOffice {
    fn kind(&self) -> &'static Kind {
        &FILING
    }

    fn messages(&self) -> &'static Messages {
        &MESSAGES
    }

    async fn look_up(
        &self,
        db: &Db,
        actor: &Actor,
        head: &mut Values,
        today: NaiveDate,
    ) -> Result<Vec<Finding>, Failure> {
        parties::look_up(db, actor, &FILING, head, today).await
    }

    async fn book(&self, db: &Db, row: &DocumentRow) -> Result<Option<UnderBook>, Failure> {
        of_document(db, row).await
    }

    /// Credit grade, open case, expired books that were not written off (domain.md §5.3 check 3).
    async fn standing(&self, tx: &mut Tx, declaring: &Declaring<'_>) -> Result<Vec<Finding>, Failure> {
        let Declaring { row, lists, base, book, today, .. } = *declaring;
        let mut findings = Vec::new();
        if let (Some(_), Some(before)) = (base, book) {
            // Entries may have been declared since the book was read.
            account_book::lock(tx, &row.operator_code, &row.book_no).await?;
            let mut now = before.clone();
            fill(&mut now, &ledger::sums(&mut **tx, &row.operator_code, &row.book_no).await?);
            let lists: Vec<_> = lists.iter().map(Vec::as_slice).collect();
            findings.extend(booked::check(&lists, &now));
        }
        let mut object = |rule: &str, zh: String, en: String| {
            findings.push(Finding::new(rule, pointer(HEAD, None, "operator_code"), Severity::Declare, zh, en));
        };
        let found = sqlx::query(STANDING).bind(&row.operator_code).fetch_optional(&mut **tx).await?;
        let found = found.ok_or_else(|| Failure::Internal(format!("operator {} vanished", row.operator_code)))?;
        if found.try_get::<String, _>("credit_grade")? == "untrusted" {
            object(
                "operator.credit",
                "经营单位信用等级低于一般信用，不得开展出境加工".to_owned(),
                "The operator's credit grade is below regular".to_owned(),
            );
        }
        if found.try_get::<i64, _>("open_case")? != 0 {
            object(
                "operator.case",
                "经营单位涉嫌走私、违规案件尚未结案，不得开展出境加工".to_owned(),
                "The operator has an open customs case".to_owned(),
            );
        }
        // A change is of a book there is already; what it may still do is a rule of its own.
        if base.is_none()
            && let Some(book_no) = account_book::expired(tx, &row.operator_code, &show_date(today)).await?
        {
            object(
                "operator.expired_book",
                format!("账册{book_no}已到期未核报，请先核报后再申报新账册"),
                format!("Book {book_no} has expired and was not written off; do that first"),
            );
        }
        Ok(findings)
    }

    /// The book comes to life, or goes over from the filing in force to this change of it.
    async fn approved(&self, _: &Db, tx: &mut Tx, row: &mut DocumentRow, decision: &Decision) -> Result<(), Failure> {
        let book_no = granted_number(row, decision)?;
        let mut head = row.values(&FILING)?;
        head.set("book_no", book_no.as_str());
        head.set("approved_at", decision.approved_on.as_str());
        // The validity of a book begins once.
        if row.base_id.is_empty() || head.get("valid_from").is_empty() {
            let from = Some(decision.day("validFrom")).filter(|day| !day.is_empty());
            head.set("valid_from", from.unwrap_or_else(|| decision.approved_on.clone()));
        }
        let until = decision.day("validDate");
        if !until.is_empty() {
            head.set("valid_to", until);
        }
        let book = Book {
            operator_code: row.operator_code.clone(),
            book_no,
            in_force_id: row.id.clone(),
            valid_from: head.get("valid_from").to_owned(),
            valid_to: head.get("valid_to").to_owned(),
            currency: head.get("currency").to_owned(),
            partner: head.get("foreign_processor_name").to_owned(),
            country: head.get("process_country").to_owned(),
            life: Life::Active,
            version: 1,
            written: Written::default(),
        };
        if row.base_id.is_empty() {
            if !account_book::open(tx, &book).await? {
                return Err(Failure::Internal(format!("book number {} was granted twice", book.book_no)));
            }
        } else {
            let before = take_over(tx, row, book).await?;
            if head.get("valid_to") > before.valid_to.as_str() {
                row.extensions += 1;
            }
        }
        row.book_no = head.get("book_no").to_owned();
        row.in_force = true;
        row.set_head(&FILING, &head)?;
        Ok(())
    }
}

/// The change becomes the filing in force of its book. Answers the book as it was.
async fn take_over(tx: &mut Tx, row: &DocumentRow, mut book: Book) -> Result<Book, Failure> {
    let before = account_book::lock(tx, &book.operator_code, &book.book_no).await?;
    let before = before.ok_or_else(|| Failure::Internal(format!("there is no book {}", book.book_no)))?;
    if before.in_force_id != row.base_id {
        return Err(Failure::Internal(format!("{} is no change of what is in force", row.id)));
    }
    book.version = before.version + 1;
    book.life = before.life;
    book.written.clone_from(&before.written);
    account_book::update(tx, &book).await?;
    leave_force(tx, &before.in_force_id).await?;
    Ok(before)
}

/// The number of the book. Without a proper one the approval is none: the book could not be used.
fn granted_number(row: &DocumentRow, decision: &Decision) -> Result<String, Failure> {
    let granted = Some(decision.get("emsNo")).filter(|number| !number.is_empty()).unwrap_or(&row.book_no);
    let proper = granted.len() == 12
        && granted.starts_with(|letter: char| letter.is_ascii_uppercase())
        && granted.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !proper {
        return Err(Failure::Internal(format!("approves without a proper book number: {granted:?}")));
    }
    if !row.book_no.is_empty() && granted != row.book_no {
        return Err(Failure::Internal(format!("approves a change of {} as {granted}", row.book_no)));
    }
    Ok(granted.to_owned())
}
