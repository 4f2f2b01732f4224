//! The short message of an urging, as a job: sent once to the mobile number of the filing that was in force, every try kept with
//! the receipts of the notice. The worker calls it.

use async_trait::async_trait;

use super::kind::URGE;
use super::model::{FAILED, SENT, SMS_JOB, UNSENT};
use crate::document::SMS_RECEIPT;
use crate::document::store::{self, DocumentRow};
use crate::exchange;
use crate::form::Values;
use crate::job::{Job, Outcome, Runner};
use crate::server::failure::Failure;
use crate::server::state::AppState;
use crate::sms::{Sent, Sms, chosen};

/// The template a gateway has to know.
const TEMPLATE: &str = "opbook_urge";
/// After so many tries, two days or so, nobody reads it in time any more.
const MOST_TRIES: i64 = 56;

/// Sends the short messages.
pub struct UrgeSms;

#[async_trait]
impl Runner for UrgeSms {
    fn kind(&self) -> &'static str {
        SMS_JOB
    }

    async fn run(&self, state: &AppState, job: &Job) -> Result<Outcome, Failure> {
        let row = store::find(&state.db, &job.document_id).await?;
        let Some(row) = row else { return Ok(Outcome::GivenUp("the notice is gone".into())) };
        let head = row.values(&URGE)?;
        if head.get("sms_state") == SENT {
            return Ok(Outcome::Done);
        }
        let mobile = head.get("mobile");
        let sent = if mobile.is_empty() {
            Sent::Refused("账册备案时没有登记手机号码".to_owned())
        } else {
            let params = [("book_no", head.get("book_no")), ("due_date", head.get("due_date"))];
            let text = words(&head);
            let sms = Sms { key: &job.key, to: mobile, template: TEMPLATE, params: &params, text: &text };
            chosen(state).send(&sms).await
        };
        noted(state, &row, job, &sent).await
    }
}

fn words(head: &Values) -> String {
    let (number, due) = (head.get("book_no"), head.get("due_date"));
    let by = if due.is_empty() { String::new() } else { format!("，请于{due}前报核") };
    format!("出境加工账册{number}已被海关催核{by}。")
}

/// Keeps the try with the notice, in one transaction.
async fn noted(state: &AppState, row: &DocumentRow, job: &Job, sent: &Sent) -> Result<Outcome, Failure> {
    let is_last = job.attempts >= MOST_TRIES;
    let (result, said) = match sent {
        Sent::Taken(said) => (Some(SENT), said),
        Sent::Noted(said) => (Some(UNSENT), said),
        Sent::Later(why) => (is_last.then_some(FAILED), why),
        Sent::Refused(why) => (Some(FAILED), why),
    };
    let at = state.clock.stamp();
    let mut tx = state.db.begin().await?;
    let Some(mut row) = store::lock(&state.db, &mut tx, &row.id).await? else {
        return Ok(Outcome::GivenUp("the notice is gone".into()));
    };
    let mut head = row.values(&URGE)?;
    if let Some(result) = result {
        head.set("sms_state", result);
    }
    head.set("sms_told", said.chars().take(255).collect::<String>());
    row.set_head(&URGE, &head)?;
    row.version += 1;
    row.head_version = row.version;
    at.clone_into(&mut row.updated_at);
    store::update(&mut tx, &row).await?;
    let of_try = format!("第{}次：{said}", job.attempts);
    exchange::note(&mut tx, &row, (SMS_RECEIPT, result.unwrap_or("3")), &of_try, &at).await?;
    tx.commit().await?;
    Ok(match sent {
        Sent::Taken(_) | Sent::Noted(_) => Outcome::Done,
        Sent::Later(why) if !is_last => Outcome::Later(why.clone()),
        Sent::Later(why) | Sent::Refused(why) => Outcome::GivenUp(why.clone()),
    })
}
