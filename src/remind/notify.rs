//! The mail of a reminder, as a job: sent once to one user, what came of each try kept with the reminder. The worker calls it.

use async_trait::async_trait;

use super::model::Mailed;
use super::store::{self, MailKey, Owed};
use crate::form::show_date;
use crate::job::{Job, Outcome, Runner};
use crate::kinds;
use crate::mail::{Mail, Sent, send};
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// Kind of the job, and how its key begins: `reminder_mail:REMINDER:USER`.
pub const MAIL_JOB: &str = "reminder_mail";
/// After so many tries, a day or so, it is old news.
const MOST_TRIES: i64 = 30;

/// Sends the mails.
pub struct ReminderMail;

#[async_trait]
impl Runner for ReminderMail {
    fn kind(&self) -> &'static str {
        MAIL_JOB
    }

    async fn run(&self, state: &AppState, job: &Job) -> Result<Outcome, Failure> {
        let mut parts = job.key.splitn(3, ':').skip(1);
        let (Some(reminder), Some(user)) = (parts.next(), parts.next()) else {
            return Ok(Outcome::GivenUp("the key names no mail".into()));
        };
        let key: MailKey<'_> = (&job.operator_code, reminder, user);
        let owed = store::mail(&state.db, key, &show_date(state.clock.today())).await?;
        let Some(owed) = owed else {
            return noted(state, key, job, Sent::Refused("该用户已不能查看该企业的数据".into())).await;
        };
        if owed.state == Mailed::Sent.code() {
            return Ok(Outcome::Done);
        }
        if owed.address.is_empty() {
            return noted(state, key, job, Sent::Refused("该用户已取消邮件提醒".into())).await;
        }
        let sent = match &state.config.smtp {
            None => Sent::Refused("邮件服务器已取消设置".into()),
            Some(server) => {
                let (subject, text) = words(&owed);
                let mail = Mail { key: &job.key, to: &owed.address, subject: &subject, text: &text };
                send(server, &state.config.mail_from, &mail).await
            }
        };
        noted(state, key, job, sent).await
    }
}

/// Subject and text. The words are the program's; nothing of a document but its number leaves the house.
fn words(owed: &Owed) -> (String, String) {
    let noun = kinds::naming(&owed.kind).map_or("", |kind| kind.noun.zh);
    let subject = format!("【系统提醒】{noun}{}：{}", owed.name, owed.told.zh);
    let text = format!(
        "经营单位：{}\r\n{noun}：{}\r\n{}\r\n\r\n{}\r\n\r\n本邮件由opbook按设置的天数自动发出，仅供提醒，不是海关通知。不再需要时，请登录后在“账户”中清空提醒邮箱。\r\n",
        owed.operator_name, owed.name, owed.told.zh, owed.told.en,
    );
    (subject.chars().take(120).collect(), text)
}

/// Keeps what came of the try with the reminder.
async fn noted(state: &AppState, key: MailKey<'_>, job: &Job, sent: Sent) -> Result<Outcome, Failure> {
    let is_last = job.attempts >= MOST_TRIES;
    let (mailed, told) = match &sent {
        Sent::Taken => (Mailed::Sent, ""),
        Sent::Later(why) => (if is_last { Mailed::Failed } else { Mailed::Waiting }, why.as_str()),
        Sent::Refused(why) => (Mailed::Failed, why.as_str()),
    };
    let mut tx = state.db.begin().await?;
    store::set_mail(&mut tx, key, (mailed, told), &state.clock.stamp()).await?;
    tx.commit().await?;
    Ok(match sent {
        Sent::Taken => Outcome::Done,
        Sent::Later(why) if !is_last => Outcome::Later(why),
        Sent::Later(why) | Sent::Refused(why) => Outcome::GivenUp(why),
    })
}
