//! The way to a server for mail (SMTP). Carries one mail once; tries and repetition are the job's.
//! Used by `remind::notify`, and by the account for what an address is.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

/// How long each step may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What a server says is cut to so many characters.
const LONGEST: usize = 200;

/// A mail to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail<'a> {
    /// The same for every try, and so the id of the mail: who gets it twice sees it once.
    pub key: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    Taken,
    /// Not now, for this reason.
    Later(String),
    /// Never, for this reason: the address does not exist.
    Refused(String),
}

/// True for an address a mail can be sent to.
pub fn is_address(text: &str) -> bool {
    text.is_ascii() && text.parse::<Address>().is_ok()
}

/// True for the address of a server: `smtp://` or `smtps://`, user and password in it where it wants them.
pub fn is_server(url: &str) -> bool {
    (url.starts_with("smtp://") || url.starts_with("smtps://"))
        && AsyncSmtpTransport::<Tokio1Executor>::from_url(url).is_ok()
}

/// Sends a mail by a server.
pub async fn send(server: &str, from: &str, mail: &Mail<'_>) -> Sent {
    // The same for all who speak TLS here; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Some(message) = message(from, mail) else { return Sent::Refused("邮件地址不正确".to_owned()) };
    let transport = match AsyncSmtpTransport::<Tokio1Executor>::from_url(server) {
        Ok(builder) => builder.timeout(Some(TIMEOUT)).build(),
        Err(error) => return judged(&error),
    };
    match transport.send(message).await {
        Ok(_) => Sent::Taken,
        Err(error) => judged(&error),
    }
}

fn message(from: &str, mail: &Mail<'_>) -> Option<Message> {
    let (from, to): (Mailbox, Mailbox) = (from.parse().ok()?, mail.to.parse().ok()?);
    let id: String = mail.key.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '.' }).collect();
    let domain = from.email.domain().to_owned();
    let builder =
        Message::builder().from(from).to(to).subject(mail.subject).message_id(Some(format!("<{id}@{domain}>")));
    builder.header(ContentType::TEXT_PLAIN).body(mail.text.to_owned()).ok()
}

fn judged(error: &Error) -> Sent {
    let said: String = error.to_string().chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
    if error.is_permanent() {
        Sent::Refused(format!("邮件服务器拒绝：{said}"))
    } else if error.is_timeout() {
        Sent::Later(format!("邮件服务器{}秒内没有应答", TIMEOUT.as_secs()))
    } else {
        Sent::Later(format!("邮件未送出：{said}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_bears_the_name_of_its_job() {
        // A try whose answer got lost is sent again: with another id the reader would have two.
        let mail =
            Mail { key: "reminder_mail:1-2:u", to: "li@example.com", subject: "系统提醒", text: "还有7天\r\n" };
        let message = message("opbook <opbook@example.com>", &mail).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(text.contains("Message-ID: <reminder.mail.1.2.u@example.com>"), "{text}");
        assert!(text.contains("charset=utf-8"), "{text}");
        assert!(super::message("nobody", &mail).is_none());
    }

    #[test]
    fn only_what_can_be_sent_to_is_an_address() {
        for good in ["li@example.com", "a.b+c@sub.example.cn"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "li",
            "li@",
            "@example.com",
            "li@example.com, b@example.com",
            "李 <li@example.com>",
            "a b@c.d",
            "a@b\r\nBcc: x@y.z",
        ] {
            assert!(!is_address(bad), "{bad:?}");
        }
        assert!(is_server("smtps://user:p%40ss@mail.example.com:465") && is_server("smtp://127.0.0.1:2525"));
        assert!(!is_server("http://mail.example.com") && !is_server("smtp://"));
    }
}
