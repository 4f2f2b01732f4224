//! The port to a gateway of short messages and its adapters: `Log` (default) notes that nothing leaves the house, `Http` posts
//! JSON to the gateway an operator has set. An adapter carries one message once; tries and repetition are the job's.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use reqwest::redirect::Policy;
use serde_json::json;

use crate::server::config::SmsGateway;
use crate::server::state::AppState;

/// How long a gateway may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A message to one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sms<'a> {
    /// The same for every try: a gateway that knows the key sends nothing twice.
    pub key: &'a str,
    pub to: &'a str,
    /// Gateways in China send templates that were registered with them.
    pub template: &'a str,
    pub params: &'a [(&'a str, &'a str)],
    /// The words, for gateways that take them and for the record.
    pub text: &'a str,
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Taken, under this number of the gateway's.
    Taken(String),
    /// Nothing left the house: there is no gateway.
    Noted(String),
    /// Not now, for this reason.
    Later(String),
    /// Never, for this reason: the number is wrong, the template unknown.
    Refused(String),
}

/// A way to send.
#[async_trait]
pub trait Sender: Send + Sync {
    async fn send(&self, sms: &Sms<'_>) -> Sent;
}

/// The adapter that the setting OPBOOK_SMS names.
pub fn chosen(state: &AppState) -> Box<dyn Sender> {
    match &state.config.sms {
        SmsGateway::Log => Box::new(Log),
        SmsGateway::Http(url) => Box::new(Http { url: url.clone(), token: state.config.sms_token.clone() }),
    }
}

/// Notes the message and sends nothing: what was to be sent stands with the document.
pub struct Log;

#[async_trait]
impl Sender for Log {
    async fn send(&self, sms: &Sms<'_>) -> Sent {
        tracing::info!(key = sms.key, "short message noted, no gateway is set");
        Sent::Noted("未设置短信网关，仅登记".to_owned())
    }
}

/// Posts `{key, to, template, params, text}` with the key as `Idempotency-Key` and the token as bearer. 2xx: taken; 408, 425,
/// 429 and 5xx: later; anything else, a redirect too, is refused: the token goes nowhere else.
pub struct Http {
    pub url: String,
    pub token: String,
}

#[async_trait]
impl Sender for Http {
    async fn send(&self, sms: &Sms<'_>) -> Sent {
        // The same for all who speak TLS here; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = match reqwest::Client::builder().timeout(TIMEOUT).redirect(Policy::none()).build() {
            Ok(client) => client,
            Err(error) => return Sent::Later(told(&error)),
        };
        let params: serde_json::Map<String, serde_json::Value> =
            sms.params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let body =
            json!({ "key": sms.key, "to": sms.to, "template": sms.template, "params": params, "text": sms.text });
        let mut request = client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("idempotency-key", sms.key)
            .body(body.to_string());
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        match request.send().await {
            Ok(answer) => judged(answer.status(), &answer.text().await.unwrap_or_default()),
            Err(error) => Sent::Later(told(&error)),
        }
    }
}

fn told(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        format!("短信网关{}秒内没有应答", TIMEOUT.as_secs())
    } else if error.is_connect() {
        "连接不上短信网关".to_owned()
    } else {
        // Without the address: a gateway's may hold a key.
        "短信网关没有正确应答".to_owned()
    }
}

fn judged(status: StatusCode, body: &str) -> Sent {
    const LONGEST: usize = 200;
    let said: String = body.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
    let code = status.as_u16();
    if status.is_success() {
        Sent::Taken(said)
    } else if matches!(code, 408 | 425 | 429) || status.is_server_error() {
        Sent::Later(format!("短信网关应答{code} {said}"))
    } else {
        Sent::Refused(format!("短信网关拒绝：{code} {said}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_gateway_answers_is_sent_later_or_never() {
        // Given up too early, the company never hears of the urging; asked for ever, a wrong number is tried a thousand times.
        assert_eq!(judged(StatusCode::OK, "id-1"), Sent::Taken("id-1".into()));
        assert!(matches!(judged(StatusCode::INTERNAL_SERVER_ERROR, ""), Sent::Later(_)));
        assert!(matches!(judged(StatusCode::TOO_MANY_REQUESTS, "slow"), Sent::Later(_)));
        assert!(matches!(judged(StatusCode::BAD_REQUEST, "no such number"), Sent::Refused(_)));
        assert!(matches!(judged(StatusCode::FOUND, ""), Sent::Refused(_)));
    }
}
