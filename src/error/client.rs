//! How the browser sends a server function: [`Caller`] says for whom the page is, and tells answers of opbook from what a
//! proxy, a gateway or a login page of the network puts in their place. Named by every `api`; repeats nothing itself.

use std::future::Future;
use std::sync::{PoisonError, RwLock};

use futures_util::{Sink, Stream};
use leptos::server_fn::Bytes;
use leptos::server_fn::client::{Client, browser::BrowserClient};
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::response::browser::BrowserResponse;

use super::{ApiError, ErrorKind};
use crate::text::{Message, text};

/// Names the user a page is for; the server refuses a request of a page whose browser is signed in as somebody else.
pub const USER: &str = "x-opbook-user";

/// The user this page is for, as [`USER`] says it; empty before anybody signed in.
static PAGE_OF: RwLock<String> = RwLock::new(String::new());

/// Says for whom this page is from now on.
pub fn page_is_of(login: &str) {
    encoded(login).clone_into(&mut PAGE_OF.write().unwrap_or_else(PoisonError::into_inner));
}

/// The value of [`USER`] of this page, if it is anybody's.
pub fn page_of() -> Option<String> {
    Some(PAGE_OF.read().unwrap_or_else(PoisonError::into_inner).clone()).filter(|login| !login.is_empty())
}

/// A login as a header takes it.
pub fn encoded(login: &str) -> String {
    percent_encoding::utf8_percent_encode(login, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The client of every server function.
#[derive(Debug)]
pub struct Caller;

impl Client<ApiError> for Caller {
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(request: Self::Request) -> impl Future<Output = Result<Self::Response, ApiError>> + Send {
        if let Some(login) = page_of() {
            request.headers().set(USER, &login);
        }
        async move {
            let answer: BrowserResponse = <BrowserClient as Client<ApiError>>::send(request).await?;
            let status = <BrowserResponse as ClientRes<ApiError>>::status(&answer);
            let headers = answer.generate_headers();
            let kind = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
            not_ours(status, kind).map_or(Ok(answer), Err)
        }
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<
            (impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static, impl Sink<Bytes> + Send + 'static),
            ApiError,
        >,
    > + Send {
        <BrowserClient as Client<ApiError>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<ApiError>>::spawn(future);
    }
}

/// The error that an answer of somebody else stands for; `None` for an answer of opbook, which is always JSON.
pub fn not_ours(status: u16, content_type: &str) -> Option<ApiError> {
    if content_type.starts_with("application/json") {
        return None;
    }
    let (kind, message) = match status {
        413 => (
            ErrorKind::Refused,
            text(
                "提交的内容超过了网关（代理服务器）允许的大小，未保存。请减少一次提交的内容后重试，或请管理员调大网关的限制；已录入的内容仍在页面上。",
                "What was sent is larger than the proxy in front of the server allows; nothing was saved. Send less at a time, or have its limit raised. What you typed is still on the page.",
            )
            .into(),
        ),
        429 => (
            ErrorKind::Unavailable,
            text(
                "请求过于频繁，网关暂时拒绝，未保存。请稍等片刻后重试；已录入的内容仍在页面上。",
                "The proxy refuses requests for a while because there were too many; nothing was saved. Wait a moment and try again. What you typed is still on the page.",
            )
            .into(),
        ),
        502..=504 => (
            ErrorKind::Unavailable,
            Message::new(
                format!(
                    "服务器正在重启或暂时没有答复（网关返回{status}），不确定刚才的操作是否完成。请稍后重试，重复操作不会重复保存；已录入的内容仍在页面上。"
                ),
                format!(
                    "The server is restarting or does not answer now (the proxy says {status}); nobody knows whether the action was completed. Try again shortly, nothing is stored twice. What you typed is still on the page."
                ),
            ),
        ),
        200..=399 => (
            ErrorKind::Foreign,
            text(
                "收到的不是本系统的答复，而是一个网页（例如公司网络的登录页），刚才的操作没有完成。请在新的浏览器标签页中打开本系统地址，按提示登录网络后回到这里重试；已录入的内容仍在页面上。",
                "A web page came instead of an answer of this system (the sign-in of your network, perhaps); the action was not completed. Open this address in a new browser tab, sign in to the network there, come back and try again. What you typed is still on the page.",
            )
            .into(),
        ),
        _ => (
            ErrorKind::Foreign,
            Message::new(
                format!(
                    "收到的不是本系统的答复（网关返回{status}），不确定刚才的操作是否完成。请稍后重试；若仍不成功，请把“{status}”告知管理员。已录入的内容仍在页面上。"
                ),
                format!(
                    "The answer is not of this system (the proxy says {status}); nobody knows whether the action was completed. Try again shortly; if it persists, tell your administrator “{status}”. What you typed is still on the page."
                ),
            ),
        ),
    };
    Some(ApiError::new(kind, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxy_says_is_told_as_what_it_is() {
        // Taken for an answer of ours, each of these told the user to reload the page, and with it what was typed to go.
        let kind = |status, content_type| not_ours(status, content_type).map(|error| error.kind);
        assert_eq!(kind(200, "application/json"), None);
        assert_eq!(kind(422, "application/json; charset=utf-8"), None);
        assert_eq!(kind(413, "text/html"), Some(ErrorKind::Refused));
        for status in [429, 502, 503, 504] {
            assert_eq!(kind(status, "text/html"), Some(ErrorKind::Unavailable), "{status}");
        }
        for status in [200, 302, 403, 500] {
            assert_eq!(kind(status, "text/html"), Some(ErrorKind::Foreign), "{status}");
        }
        assert_eq!(kind(502, ""), Some(ErrorKind::Unavailable), "an empty answer");
        assert!(not_ours(418, "").unwrap().message.zh.contains("418"));
    }

    #[test]
    fn a_login_in_any_script_fits_a_header() {
        assert_eq!(encoded("li.ming"), "li%2Eming");
        assert_eq!(encoded("李"), "%E6%9D%8E");
    }
}
