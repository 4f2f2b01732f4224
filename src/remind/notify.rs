//! The mail of reminders, as a job: what one try of the sweep wrote goes to a reader as one mail, once; what came of each try is
//! kept with the reminders. The worker calls it.

use async_trait::async_trait;

use super::model::Mailed;
use super::store::{self, Owed};
use crate::form::show_date;
use crate::job::{Job, Outcome, Runner};
use crate::kinds;
use crate::mail::{Mail, Sent, send};
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// Kind of the job, and how its key begins: `reminder_mail:USER:MOMENT`.
pub const MAIL_JOB: &str = "reminder_mail";
/// After so many tries, a day or so, it is old news.
const MOST_TRIES: i64 = 30;
/// So many reminders stand in a mail; the first screen has them all.
const MOST_LINES: usize = 100;

/// Sends the mails.
pub struct ReminderMail;

#[async_trait]
impl Runner for ReminderMail {
    fn kind(&self) -> &'static str {
        MAIL_JOB
    }

    async fn run(&self, state: &AppState, job: &Job) -> Result<Outcome, Failure> {
        let owed = store::owed(&state.db, &job.key, &show_date(state.clock.today())).await?;
        let (owed, barred): (Vec<Owed>, Vec<Owed>) = owed.into_iter().partition(|one| one.may_read);
        for one in barred {
            noted(state, (&job.key, &one.operator_code), Mailed::Failed, "该用户已不能查看该企业的数据").await?;
        }
        let Some(first) = owed.first() else { return Ok(Outcome::Done) };
        let sent = match &state.config.smtp {
            _ if first.address.is_empty() => Sent::Refused("该用户已取消邮件提醒".into()),
            None => Sent::Refused("邮件服务器已取消设置".into()),
            Some(server) => {
                let (subject, text) = words(&owed);
                let mail = Mail { key: &job.key, to: &first.address, subject: &subject, text: &text };
                send(server, &state.config.mail_from, &mail).await
            }
        };
        let is_last = job.attempts >= MOST_TRIES;
        let (mailed, told) = match &sent {
            Sent::Taken => (Mailed::Sent, ""),
            Sent::Later(why) => (if is_last { Mailed::Failed } else { Mailed::Waiting }, why.as_str()),
            Sent::Refused(why) => (Mailed::Failed, why.as_str()),
        };
        noted(state, (&job.key, ""), mailed, told).await?;
        Ok(match sent {
            Sent::Taken => Outcome::Done,
            Sent::Later(why) if !is_last => Outcome::Later(why),
            Sent::Later(why) | Sent::Refused(why) => Outcome::GivenUp(why),
        })
    }
}

/// Subject and text. The words are the program's; of a document only its number and state leave the house.
fn words(owed: &[Owed]) -> (String, String) {
    let line = |one: &Owed| {
        let noun = kinds::naming(&one.kind).map_or("", |kind| kind.noun.zh);
        format!("{noun}{}：{}", one.name, one.told.zh)
    };
    let subject = match owed {
        [one] => format!("【系统提醒】{}", line(one)),
        many => format!("【系统提醒】{}项", many.len()),
    };
    let mut text = String::new();
    for of_one in owed[..owed.len().min(MOST_LINES)].chunk_by(|one, other| one.operator_code == other.operator_code) {
        text += &format!("{} {}\r\n", of_one[0].operator_code, of_one[0].operator_name);
        for one in of_one {
            text += &format!("- {}\r\n  {}\r\n", line(one), one.told.en);
        }
        text += "\r\n";
    }
    if owed.len() > MOST_LINES {
        text += &format!("其余{}项请登录后在“待办”中查看。\r\n\r\n", owed.len() - MOST_LINES);
    }
    text +=
        "本邮件由opbook按设置的天数自动发出，仅供提醒，不是海关通知。不再需要时，请登录后在“账户”中清空提醒邮箱。\r\n";
    (subject.chars().take(120).collect(), text)
}

/// Keeps what came of a try with the reminders of a mail.
async fn noted(state: &AppState, of: (&str, &str), mailed: Mailed, told: &str) -> Result<(), Failure> {
    let mut tx = state.db.begin().await?;
    store::set_mail(&mut tx, of, (mailed, told), &state.clock.stamp()).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Message;

    fn owed(operator: &str, name: &str) -> Owed {
        Owed {
            address: "li@example.com".into(),
            operator_code: operator.into(),
            operator_name: format!("企业{operator}"),
            kind: "filing".into(),
            name: name.into(),
            told: Message::new("还有7天", "7 days left"),
            may_read: true,
        }
    }

    #[test]
    fn many_reminders_are_one_mail_that_can_be_read() {
        // Three hundred drafts left over must not become three hundred mails.
        let (subject, text) = words(&[owed("1", "NB-1")]);
        assert!(subject.contains("NB-1") && text.contains("企业1"), "{subject} {text}");
        let many: Vec<Owed> =
            (0..300).map(|place| owed(if place < 2 { "1" } else { "2" }, &format!("NB-{place}"))).collect();
        let (subject, text) = words(&many);
        assert_eq!(subject, "【系统提醒】300项");
        assert_eq!((text.matches("企业").count(), text.matches("7 days left").count()), (2, MOST_LINES));
        assert!(text.contains("其余200项"), "{text}");
    }
}
