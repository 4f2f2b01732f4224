//! Writes the reminders, as a job that comes again every ten minutes: books that end or are to be written off, what was sent
//! back, drafts that were left. Each matter is written once, whoever writes it; with it, the mails it owes. `server::jobs`
//! lists it.

use async_trait::async_trait;
use chrono::TimeDelta;

use super::notify::MAIL_JOB;
use super::rules::{matter, reached};
use super::store::{self, Documents, New, Which};
use crate::account_book::Life;
use crate::document::Status;
use crate::form::{in_china, show_date};
use crate::job::{Job, NewJob, Outcome, Runner, store as jobs};
use crate::server::db::stamp;
use crate::server::failure::Failure;
use crate::server::state::AppState;
use crate::todo::model::Why;
use crate::todo::rules::{BACK, ahead, of_book, of_document};
use crate::todo::store::Book;

const EVERY: TimeDelta = TimeDelta::minutes(10);
/// So much is read at once.
const AT_ONCE: i64 = 500;
/// So many reminders are written in one try, which must not take too long; the rest follow at once.
const MOST: usize = 300;
/// What one try writes goes out as one mail to each reader: after the longest a try may take.
const GATHERED: TimeDelta = TimeDelta::minutes(1);
/// How long a reminder is kept. A book that is still open then is reminded of once more.
const KEPT: TimeDelta = TimeDelta::days(400);

/// Carries it out.
pub struct Reminders;

#[async_trait]
impl Runner for Reminders {
    fn kind(&self) -> &'static str {
        "remind"
    }

    async fn run(&self, state: &AppState, _: &Job) -> Result<Outcome, Failure> {
        // Of this try: another one begins another mail.
        let began = stamp(state.clock.now());
        let mut written = 0;
        for which in [Which::Ending, Which::Urged] {
            written += of_books(state, &began, which, MOST - written).await?;
        }
        written += of_documents(state, &began, MOST - written).await?;
        if written >= MOST {
            return Ok(Outcome::Again(state.clock.now()));
        }
        let mut tx = state.db.begin().await?;
        store::sweep(&mut tx, &stamp(state.clock.now() - KEPT)).await?;
        tx.commit().await?;
        Ok(Outcome::Again(state.clock.now() + EVERY))
    }

    fn is_standing(&self) -> bool {
        true
    }
}

async fn of_books(state: &AppState, began: &str, which: Which, most: usize) -> Result<usize, Failure> {
    let remind = &state.config.remind;
    let today = state.clock.today();
    let until = show_date(today + TimeDelta::days(ahead(remind)));
    let (mut after, mut written) = (Book::default(), 0);
    loop {
        let books = store::books(&state.db, which, Life::Active.code(), &until, (&after, AT_ONCE)).await?;
        let Some(last) = books.last() else { return Ok(written) };
        after = last.clone();
        let due = books.into_iter().filter_map(|book| {
            let day = reached(&book.ending, today, remind)?;
            let (_, told, _) = of_book(&book.ending, today, remind)?;
            let matter = matter(&book.operator_code, &book.book_no, day);
            let Book { operator_code, book_no, document_id, kind, .. } = book;
            Some(New { operator_code, matter, document_id, kind, name: book_no, told })
        });
        written += write(state, began, due.collect(), most - written).await?;
        if written >= most {
            return Ok(written);
        }
    }
}

async fn of_documents(state: &AppState, began: &str, most: usize) -> Result<usize, Failure> {
    let remind = &state.config.remind;
    let today = state.clock.today();
    let left = stamp(state.clock.now() - TimeDelta::days(remind.draft));
    let (mut after, mut written) = (String::new(), 0);
    loop {
        let operators = store::enterprises(&state.db, &after, AT_ONCE).await?;
        let Some(last) = operators.last() else { return Ok(written) };
        after.clone_from(last);
        for (why, which) in
            [(Why::Returned, Documents::Back(BACK)), (Why::Draft, Documents::Left(&[Status::Draft], &left))]
        {
            if written >= most {
                return Ok(written);
            }
            let found = store::documents(&state.db, &operators, which, AT_ONCE).await?;
            let due = found.into_iter().map(|(matter, document)| New {
                matter,
                told: of_document(why, &document, today, remind).0,
                name: document.name().to_owned(),
                operator_code: document.operator_code,
                document_id: document.id,
                kind: document.kind,
            });
            written += write(state, began, due.collect(), most - written).await?;
        }
    }
}

/// Writes those that are not known yet, each with what is to be mailed of it, in a transaction of its own. How many were.
async fn write(state: &AppState, began: &str, due: Vec<New>, most: usize) -> Result<usize, Failure> {
    let matters: Vec<String> = due.iter().map(|new| new.matter.clone()).collect();
    let known = store::known(&state.db, &matters).await?;
    let mut written = 0;
    for new in due.iter().filter(|new| !known.contains(&new.matter)).take(most) {
        let now = state.clock.now();
        let at = stamp(now);
        let mut tx = state.db.begin().await?;
        if let Some(id) = store::add(&mut tx, new, &at).await? {
            if state.config.smtp.is_some() {
                let today = show_date(in_china(now).date_naive());
                for user in store::readers(&mut tx, &new.operator_code, &today).await? {
                    let mail = format!("{MAIL_JOB}:{user}:{began}");
                    store::add_mail(&mut tx, (&new.operator_code, &id), (&user, &mail), &at).await?;
                    let run_at = stamp(now + GATHERED);
                    let job = NewJob { kind: MAIL_JOB, key: mail, run_at: &run_at, ..NewJob::default() };
                    jobs::add(&mut tx, &job, &at).await?;
                }
            }
            written += 1;
        }
        tx.commit().await?;
    }
    Ok(written)
}
