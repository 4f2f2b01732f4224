//! The simulated customs on the far side of the exchange, because the real channel is closed to us: names of
//! messages and numbers of books are made up. It reads the very XML we send, checks it by rules of its own and
//! answers in two steps, as the real one does. It shares no table, type or rule with the rest of the program, so
//! that a mistake in our messages is found here. Only the exchange may use it.

mod change;
mod check;
mod entry;
mod filing;
mod model;
mod store;
mod write;
mod writeoff;

use std::time::Duration;

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::server::background::aside;
use crate::server::db::{Db, stamp};
use filing::{Filing, Sort};
use model::{Answer, Stage};
use store::{Book, Message, Passed};
use write::Verdict;

/// At most so many answers at once, and filings looked at in one go.
const BATCH: i64 = 100;

/// The customs office: keeps what it received and what it answered in tables of its own.
#[derive(Clone, Debug)]
pub struct Office {
    db: Db,
    /// How long it thinks between two answers.
    delay: TimeDelta,
    /// Filings with exports above this total go to an officer first.
    manual_amount: Decimal,
    /// Papers without which a filing is returned, by their names in the settings.
    papers: Vec<&'static str>,
}

/// Why an officer's command was not done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Words(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// A filing, and what speaks against it whatever the register of books says.
struct Looked {
    filing: Filing,
    missing: Vec<String>,
    reasons: Vec<String>,
}

impl Office {
    pub fn new(db: Db, delay: Duration, manual_amount: Decimal) -> Self {
        let delay = TimeDelta::from_std(delay).unwrap_or(TimeDelta::zero());
        Self { db, delay, manual_amount, papers: Vec::new() }
    }

    /// Returns filings that lack one of these papers: `contract`, `process`, `picture`.
    pub fn requiring(self, papers: Vec<&'static str>) -> Self {
        Self { papers, ..self }
    }

    /// Takes a message handed over under `name`. The first answer is written with the message in one
    /// transaction; a message handed over again changes nothing.
    ///
    /// # Errors
    /// When the database fails; then the message was not taken.
    pub async fn receive(&self, name: &str, body: &str, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        let read = self.look_at(name, body, now).await?;
        let mut tx = self.db.begin().await?;
        // Also lets only one message in at a time: the check for a repeated number must see the others.
        let seq = store::next_serial(&mut tx, "answer").await?;
        if store::is_known(&mut tx, name).await? {
            return tx.rollback().await;
        }
        let mut message = Message {
            id: name.to_owned(),
            body: body.to_owned(),
            stage: Stage::Received,
            due_at: now + self.delay,
            business_key: String::new(),
            seq_no: String::new(),
        };
        let verdict = match read {
            Ok(Looked { filing, .. }) => {
                message.business_key = filing.business_key();
                filing.head("seqNo").clone_into(&mut message.seq_no);
                store::other_live_filing(&mut tx, &message.business_key, &message.seq_no)
                    .await?
                    .map_or(Ok(filing), |other| Err(repeated(&message.business_key, other)))
            }
            Err(fault) => Err((fault, String::new())),
        };
        let answer = match &verdict {
            Ok(filing) => write::taken(name, filing),
            Err((fault, seq_no)) => {
                message.stage = Stage::Refused;
                write::refused(name, seq_no, fault)
            }
        };
        store::put_message(&mut tx, &message, &stamp(now)).await?;
        store::put_answer(&mut tx, seq, &answer, &stamp(now)).await?;
        tx.commit().await
    }

    /// Does what is due and gives the answers that were not acknowledged yet, in the order they
    /// were written: each as name and XML.
    ///
    /// # Errors
    /// When the database fails; every decision made before stands and is delivered later.
    pub async fn answers(&self, now: DateTime<Utc>) -> Result<Vec<(String, String)>, sqlx::Error> {
        if !store::has_work(&self.db, &stamp(now)).await? {
            return Ok(Vec::new());
        }
        for (id, stage) in store::due(&self.db, &stamp(now), BATCH).await? {
            self.advance(&id, stage, now).await?;
        }
        store::open_answers(&self.db, BATCH).await
    }

    /// The other side has stored these answers; they are not delivered again.
    ///
    /// # Errors
    /// When the database fails; then they are delivered again.
    pub async fn acknowledge(&self, ids: &[String]) -> Result<(), sqlx::Error> {
        let mut tx = self.db.begin().await?;
        for id in ids {
            store::delivered(&mut tx, id).await?;
        }
        tx.commit().await
    }

    /// An officer takes back an entry that was let pass: 删单, or 改单 with `to_be_amended`.
    ///
    /// # Errors
    /// What stands in the way, for the officer; [`Refusal::Database`] when the database fails.
    pub async fn revoke(
        &self,
        entry_no: &str,
        to_be_amended: bool,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let mut tx = self.db.begin().await?;
        let seq = store::next_serial(&mut tx, "answer").await?;
        let unknown = || Refusal::Words(format!("没有放行过报关单{entry_no}"));
        let mut entry = store::find_entry(&mut tx, entry_no).await?.ok_or_else(unknown)?;
        if entry.state != "live" {
            return Err(Refusal::Words(format!("报关单{entry_no}已删单或正在改单")));
        }
        if !entry.writeoff.is_empty() {
            return Err(Refusal::Words(format!("报关单{entry_no}已核销，不能撤销")));
        }
        store::hold_book(&mut tx, &entry.book_no).await?;
        let mut book = store::find_book(&mut tx, &entry.book_no).await?.ok_or_else(unknown)?;
        if entry.direction == "E" {
            book.exported -= entry.amount;
        } else {
            book.exempt -= entry.amount;
        }
        if book.exempt > book.exported {
            return Err(Refusal::Words(format!(
                "撤销后账册{}的出口金额{}将少于已免税复进口的{}，请先撤销进口报关单",
                book.book_no, book.exported, book.exempt
            )));
        }
        let code = if to_be_amended { "A" } else { "D" };
        (if to_be_amended { "amending" } else { "deleted" }).clone_into(&mut entry.state);
        store::put_entry(&mut tx, &entry).await?;
        store::put_book(&mut tx, &book).await?;
        store::put_answer(&mut tx, seq, &write::revocation(&entry, code, reason, china(now)), &stamp(now)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// An officer urges a company to write a book off (催核).
    ///
    /// # Errors
    /// As [`Office::revoke`].
    pub async fn urge(&self, book_no: &str, due: NaiveDate, content: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let mut tx = self.db.begin().await?;
        let seq = store::next_serial(&mut tx, "answer").await?;
        let unknown = || Refusal::Words(format!("没有账册{book_no}"));
        let book = store::find_book(&mut tx, book_no).await?.ok_or_else(unknown)?;
        if book.life == "closed" {
            return Err(Refusal::Words(format!("账册{book_no}已结案，无须催核")));
        }
        let serial = store::next_serial(&mut tx, &format!("urge:{book_no}")).await?;
        let number = format!("{book_no}C{serial:03}");
        store::put_answer(&mut tx, seq, &write::urging(&book, &number, due, content, china(now)), &stamp(now)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// An officer pauses a book, or resumes it.
    ///
    /// # Errors
    /// As [`Office::revoke`].
    pub async fn pause(&self, book_no: &str, paused: bool) -> Result<(), Refusal> {
        let mut tx = self.db.begin().await?;
        store::hold_book(&mut tx, book_no).await?;
        let unknown = || Refusal::Words(format!("没有账册{book_no}"));
        let mut book = store::find_book(&mut tx, book_no).await?.ok_or_else(unknown)?;
        if book.life == "closed" {
            return Err(Refusal::Words(format!("账册{book_no}已结案")));
        }
        (if paused { "paused" } else { "live" }).clone_into(&mut book.life);
        store::put_book(&mut tx, &book).await?;
        tx.commit().await?;
        Ok(())
    }

    /// One step for one filing: the new stage and the answer that tells of it, in one transaction.
    async fn advance(&self, id: &str, stage: Stage, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        let Some(body) = store::body_of(&self.db.read, id).await? else { return Ok(()) };
        let read = self.look_at(id, &body, now).await?;
        let mut tx = self.db.begin().await?;
        if !store::claim(&mut tx, id, stage).await? {
            return Ok(()); // somebody else was quicker
        }
        let (next, answer) = match (read, stage) {
            // It was readable when it came; a newer reader that disagrees must not block the others.
            (Err(fault), _) => (Stage::Refused, write::refused(id, "", &fault)),
            (Ok(looked), Stage::Received) => Self::enter(id, &looked, now),
            (Ok(looked), _) => {
                let verdict = match looked.filing.sort() {
                    Sort::Filing => self.judge(&mut tx, stage, &looked, now).await?,
                    Sort::Entry => judge_entry(&mut tx, &looked.filing, now).await?,
                    Sort::Writeoff => writeoff::judge(&mut tx, stage, &looked.filing, china(now).date_naive()).await?,
                };
                (verdict.stage(), write::decision(id, &looked.filing, &verdict, china(now)))
            }
        };
        let seq = store::next_serial(&mut tx, "answer").await?;
        store::move_to(&mut tx, id, next, &stamp(now + self.delay)).await?;
        store::put_answer(&mut tx, seq, &answer, &stamp(now)).await?;
        tx.commit().await
    }

    /// Reads a message and what speaks against it. Thousands of lines take their time: before a transaction is begun, since
    /// nobody else stores anything meanwhile, and beside the threads that answer requests.
    async fn look_at(&self, id: &str, body: &str, now: DateTime<Utc>) -> Result<Result<Looked, String>, sqlx::Error> {
        let (id, body, papers) = (id.to_owned(), body.to_owned(), self.papers.clone());
        let work = move || {
            let looked = filing::read(&body, &id).map(|filing| Looked {
                missing: match filing.sort() {
                    Sort::Filing => check::missing(&filing),
                    Sort::Entry => entry::missing(&filing),
                    Sort::Writeoff => writeoff::missing(&filing),
                },
                reasons: match filing.sort() {
                    Sort::Filing => check::reasons(&filing, china(now).date_naive(), &papers),
                    Sort::Entry | Sort::Writeoff => Vec::new(),
                },
                filing,
            });
            Ok(looked)
        };
        aside("reading a filing", work).await.map_err(|failure| sqlx::Error::Protocol(failure.to_string()))
    }

    fn enter(id: &str, Looked { filing, missing, .. }: &Looked, now: DateTime<Utc>) -> (Stage, Answer) {
        let stage = if missing.is_empty() { Stage::Entered } else { Stage::Failed };
        (stage, write::entry(id, filing, missing, china(now)))
    }

    /// The computer returns what breaks a rule, hands large filings to the officer and approves the
    /// rest; the officer approves what the computer found no fault in.
    async fn judge(
        &self,
        tx: &mut store::Tx,
        stage: Stage,
        Looked { filing, reasons, .. }: &Looked,
        now: DateTime<Utc>,
    ) -> Result<Verdict, sqlx::Error> {
        let today = china(now).date_naive();
        store::hold_book(tx, filing.head("emsNo")).await?;
        let book = store::find_book(tx, filing.head("emsNo")).await?;
        let mut reasons = reasons.clone();
        if filing.is_change() {
            let base = match &book {
                Some(book) => approved(tx, book).await?,
                None => None,
            };
            reasons.extend(change::reasons(filing, book.as_ref(), base.as_ref(), today));
        }
        if !reasons.is_empty() {
            return Ok(Verdict::Returned(reasons));
        }
        if stage == Stage::Entered && filing.export_total() > self.manual_amount {
            return Ok(Verdict::ToOfficer);
        }
        let message_id = filing.envelope("EnvelopInfo/message_id").to_owned();
        let granted = match book.filter(|_| filing.is_change()) {
            Some(book) => Book {
                change_no: book.change_no + 1,
                message_id,
                valid_to: filing.valid_to().map_or_else(|| book.valid_to.clone(), |asked| asked.to_string()),
                ..book
            },
            None => {
                let Some(book_no) = new_book_no(tx, filing, today).await? else {
                    return Ok(Verdict::Returned(vec!["本关区本年度的账册编号已用完，请与主管海关联系".to_owned()]));
                };
                let last = one_year_after(today);
                Book {
                    book_no,
                    operator_code: filing.head("bizopEtpsno").to_owned(),
                    change_no: 0,
                    message_id,
                    valid_from: today.to_string(),
                    valid_to: filing.valid_to().map_or(last, |asked| asked.min(last)).to_string(),
                    life: "live".to_owned(),
                    exported: Decimal::ZERO,
                    exempt: Decimal::ZERO,
                    written_to: String::new(),
                }
            }
        };
        store::put_book(tx, &granted).await?;
        Ok(Verdict::Approved { book_no: granted.book_no, from: granted.valid_from, to: granted.valid_to })
    }
}

/// The computer decides on entries alone: what is right is let pass, booked and given its number.
async fn judge_entry(tx: &mut store::Tx, filing: &Filing, now: DateTime<Utc>) -> Result<Verdict, sqlx::Error> {
    let today = china(now).date_naive();
    store::hold_book(tx, filing.head("manualNo")).await?;
    let book = store::find_book(tx, filing.head("manualNo")).await?;
    let approved = match &book {
        Some(book) => approved(tx, book).await?,
        None => None,
    };
    let mut reasons = entry::reasons(filing, book.as_ref(), approved.as_ref(), &today.to_string());
    let before = filing.head("entryId");
    let amended = if before.is_empty() { None } else { store::find_entry(tx, before).await? };
    if !before.is_empty() && amended.as_ref().is_none_or(|entry| entry.state != "amending") {
        reasons.push(format!("表头【报关单号】{before}已放行或不存在，不能重复申报"));
    }
    let Some(mut book) = book.filter(|_| reasons.is_empty()) else { return Ok(Verdict::Returned(reasons)) };
    let amount = entry::booked(filing);
    let entry_no = match amended {
        Some(entry) => entry.entry_no,
        None => new_entry_no(tx, filing, today).await?,
    };
    *(if entry::is_export(filing) { &mut book.exported } else { &mut book.exempt }) += amount;
    let passed = Passed {
        entry_no: entry_no.clone(),
        book_no: book.book_no.clone(),
        operator_code: book.operator_code.clone(),
        direction: filing.head("iEFlag").to_owned(),
        amount,
        message_id: filing.envelope("EnvelopInfo/message_id").to_owned(),
        state: "live".to_owned(),
        day: Some(filing.head("IEDate")).filter(|day| !day.is_empty()).map_or_else(|| today.to_string(), str::to_owned),
        writeoff: String::new(),
    };
    store::put_entry(tx, &passed).await?;
    store::put_book(tx, &book).await?;
    Ok(Verdict::Released(entry_no))
}

/// 18 digits: office, year, direction, serial.
async fn new_entry_no(tx: &mut store::Tx, filing: &Filing, today: NaiveDate) -> Result<String, sqlx::Error> {
    let direction = if entry::is_export(filing) { 0 } else { 1 };
    let office = filing.head("customMaster");
    let office = if office.len() == 4 && office.bytes().all(|byte| byte.is_ascii_digit()) { office } else { "0000" };
    let prefix = format!("{office}{}{direction}", today.year());
    let serial = store::next_serial(tx, &prefix).await?;
    Ok(format!("{prefix}{serial:09}"))
}

/// What is approved of a book.
async fn approved(tx: &mut store::Tx, book: &Book) -> Result<Option<Filing>, sqlx::Error> {
    let body = store::body_of(&mut **tx, &book.message_id).await?;
    Ok(body.and_then(|body| filing::read(&body, &book.message_id).ok()))
}

/// The number of a new book; `None` when this place has none left this year.
async fn new_book_no(tx: &mut store::Tx, filing: &Filing, today: NaiveDate) -> Result<Option<String>, sqlx::Error> {
    // Ten years later the same first eight characters come again: the serial goes on.
    let prefix = format!("P{}{}W", filing.head("masterCuscd"), today.year() % 10);
    let serial = store::next_serial(tx, &prefix).await?;
    Ok((serial <= 99_999).then(|| format!("{prefix}{serial:05}")))
}

fn repeated(business_key: &str, seq_no: String) -> (String, String) {
    let internal_no = business_key.split('/').nth(1).unwrap_or_default();
    let fault =
        format!("表头【企业内部编号】{internal_no}已被统一编号{seq_no}的数据使用，请更换企业内部编号后重新申报");
    (fault, seq_no)
}

/// The last day of a book that begins today.
fn one_year_after(day: NaiveDate) -> NaiveDate {
    day.checked_add_months(Months::new(12)).unwrap_or(day)
}

/// The clock on the wall of the office.
fn china(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    const EIGHT_HOURS: FixedOffset = FixedOffset::east_opt(8 * 3600).unwrap();
    at.with_timezone(&EIGHT_HOURS)
}

#[cfg(test)]
mod tests;
