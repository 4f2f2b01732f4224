//! What the server does with an urging: takes the message of customs over as a document, marks the book, owes a short message;
//! and, once the book is written off, says so in the notices. Called by the exchange and by write-offs, in their transactions.

use async_trait::async_trait;
use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use super::kind::URGE;
use super::model::{HEAD, OPEN, SMS_JOB, UNSENT, WRITTEN_OFF};
use crate::account::actor::Actor;
use crate::account_book;
use crate::document::Status;
use crate::document::kind::Kind;
use crate::document::office::{Declaring, Office};
use crate::document::store::{self, Deed, DocumentRow};
use crate::document::under_book::UnderBook;
use crate::exchange::{About, Decision, Messages, Told, Unasked};
use crate::filing::kind::FILING;
use crate::form::{Finding, Values, in_china, show_date};
use crate::job::{NewJob, store as jobs};
use crate::ledger::book::of_document;
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;

/// A name of our own, as those of the other messages.
const URGING: &str = "OPB261";
const MESSAGES: Messages = Messages { declares: "", entry: "", decision: URGING, record: "OpbUrgeBsc" };

/// The office of notices: none of them is ever declared.
pub struct UrgeOffice;

#[async_trait]
impl Office for UrgeOffice {
    fn kind(&self) -> &'static Kind {
        &URGE
    }

    fn messages(&self) -> &'static Messages {
        &MESSAGES
    }

    async fn look_up(&self, _: &Db, _: &Actor, _: &mut Values, _: NaiveDate) -> Result<Vec<Finding>, Failure> {
        Ok(Vec::new())
    }

    async fn book(&self, db: &Db, row: &DocumentRow) -> Result<Option<UnderBook>, Failure> {
        of_document(db, row).await
    }

    async fn standing(&self, _: &mut Tx, _: &Declaring<'_>) -> Result<Vec<Finding>, Failure> {
        Err(Failure::Internal("a notice of customs is never declared".into()))
    }

    async fn approved(&self, _: &Db, _: &mut Tx, row: &mut DocumentRow, _: &Decision) -> Result<(), Failure> {
        Err(Failure::Internal(format!("{} is a notice, and was never declared", row.id)))
    }
}

/// Takes 催核 over.
#[derive(Clone, Copy, Debug)]
pub struct Urgings;

#[async_trait]
impl Unasked for Urgings {
    fn types(&self) -> &'static [&'static str] {
        &[URGING]
    }

    async fn take(&self, db: &Db, tx: &mut Tx, told: Told<'_>) -> Result<Option<About>, Failure> {
        let Told { answer, at, .. } = told;
        let get = |element: &str| answer.record.get(element).map_or("", String::as_str);
        let (operator, number, urge_no) = (get("bizopEtpsno"), get("emsNo"), get("urgeNo"));
        let unknown = || Failure::Internal(format!("urges book {number:?} of {operator:?}, which is not here"));
        if urge_no.is_empty() {
            return Err(Failure::Internal(format!("urges book {number:?} without a number")));
        }
        let mut book = account_book::lock(tx, operator, number).await?.ok_or_else(unknown)?;
        let known = store::of_book(&mut **tx, operator, URGE.listing.key, number).await?;
        if let Some(known) = known.into_iter().find(|row| row.internal_no == urge_no) {
            return Ok(Some(About { operator_code: known.operator_code, document_id: known.id, applied: false }));
        }
        let filing = store::read(&mut **tx, &book.in_force_id).await?.ok_or_else(unknown)?;
        let filed = filing.values(&FILING)?;
        let today = show_date(in_china(db.clock.now()).date_naive());
        let mut head = Values::new(HEAD);
        let record = Decision { record: answer.record.clone(), ..Decision::default() };
        let urged_on = Some(record.day("urgeDate")).filter(|day| !day.is_empty()).unwrap_or_else(|| today.clone());
        for (key, value) in [
            ("internal_no", urge_no),
            ("book_no", number),
            ("urged_on", &urged_on),
            ("due_date", &record.day("dueDate")),
            ("valid_to", &book.valid_to),
            ("operator_code", operator),
            ("operator_name", filed.get("operator_name")),
            ("master_customs", filed.get("master_customs")),
            ("handled", OPEN),
            ("mobile", filed.get("contact_mobile")),
            ("sms_state", UNSENT),
            ("content", get("urgeContent")),
            ("input_date", &today),
        ] {
            head.set(key, value);
        }
        let year = &today[..4];
        let serial = store::next_number(tx, &format!("seq_no:{year}")).await?;
        let id = Uuid::now_v7().to_string();
        let mut row = DocumentRow {
            id: id.clone(),
            operator_code: operator.to_owned(),
            kind: URGE.key.to_owned(),
            list: URGE.listing.key.to_owned(),
            status: Status::Notice,
            version: 1,
            head_version: 1,
            seq_no: format!("{year}{serial:014}"),
            root_id: id.clone(),
            input_date: today,
            created_by: "customs".to_owned(),
            updated_at: at.to_owned(),
            ..DocumentRow::default()
        };
        row.set_head(&URGE, &head)?;
        store::insert(tx, &row).await?;
        let detail = json!({ "message_type": URGING, "urge_no": urge_no });
        store::audit(tx, &row, Deed { at, actor: "customs", action: "receipt" }, &detail).await?;
        urged_on.clone_into(&mut book.written.urged_on);
        book.written.urge_due = record.day("dueDate");
        book.version += 1;
        account_book::update(tx, &book).await?;
        let sms = NewJob {
            kind: SMS_JOB,
            key: format!("{SMS_JOB}:{id}"),
            operator_code: operator,
            document_id: &id,
            run_at: at,
        };
        jobs::add(tx, &sms, at).await?;
        Ok(Some(About { operator_code: operator.to_owned(), document_id: id, applied: true }))
    }
}

/// The book was written off: its notices are dealt with.
///
/// # Errors
/// Those of the database.
pub async fn handled(tx: &mut Tx, operator_code: &str, book_no: &str, at: &str) -> Result<(), Failure> {
    for mut row in store::of_book(&mut **tx, operator_code, URGE.listing.key, book_no).await? {
        let mut head = row.values(&URGE)?;
        if head.get("handled") == WRITTEN_OFF {
            continue;
        }
        head.set("handled", WRITTEN_OFF);
        row.set_head(&URGE, &head)?;
        row.version += 1;
        row.head_version = row.version;
        at.clone_into(&mut row.updated_at);
        store::update(tx, &row).await?;
    }
    Ok(())
}
