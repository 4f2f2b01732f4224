//! The one error that crosses the edge between server and browser.
//! Server code works with `server::failure::Failure` and maps it here once; nothing internal
//! (SQL, paths, causes) may ever be put into an [`ApiError`].

pub mod client;

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::form::{Difference, Filled, Finding};
use crate::text::{Message, text};

/// What went wrong, as far as the browser must tell cases apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Nobody is signed in (or no longer): the login opens over the page.
    SignedOut,
    /// Signed in, but this is not for this user. Also the answer for records of others.
    Forbidden,
    /// There is no such record.
    NotFound,
    /// The input breaks a rule; `findings` say which field.
    Refused,
    /// Somebody else changed it first; `differences` say where.
    Conflict,
    /// Too many attempts; wait.
    Throttled,
    /// The page is older than the server; reload.
    ClientTooOld,
    /// The server could not do it now (its fault); the request id leads to the log.
    Internal,
    /// No answer from the server at all.
    Network,
    /// Something in front of the server says that it does not answer now.
    Unavailable,
    /// An answer that is not of this system.
    Foreign,
    /// The browser is signed in as somebody else than the page is for.
    OtherUser,
}

impl ErrorKind {
    /// HTTP status under which the error is sent.
    pub const fn status(self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden | Self::OtherUser => 403,
            Self::NotFound => 404,
            Self::Refused => 422,
            Self::Conflict => 409,
            Self::Throttled => 429,
            Self::ClientTooOld => 426,
            Self::Internal | Self::Network | Self::Foreign => 500,
            Self::Unavailable => 503,
        }
    }

    /// True when the server is away for now. What the network puts in its place is said instead: somebody has to sign in there.
    pub const fn is_away(self) -> bool {
        matches!(self, Self::Network | Self::Unavailable)
    }

    /// True where the server does not know who asks, or knows somebody else.
    pub const fn asks_who(self) -> bool {
        matches!(self, Self::SignedOut | Self::OtherUser)
    }

    /// True when nobody knows whether what was asked for was done.
    pub const fn leaves_open(self) -> bool {
        matches!(self, Self::Network | Self::Unavailable | Self::Foreign)
    }
}

/// What somebody else stored in the meantime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The version to name when it is overwritten on purpose; 0: it was deleted.
    pub version: i64,
    pub content: Filled,
}

/// Error of every server function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", message.zh)]
pub struct ApiError {
    pub kind: ErrorKind,
    /// What happened and what to do next.
    pub message: Message,
    /// The fields at fault.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// For a conflict: what the stored record has, against what was sent.
    #[serde(default)]
    pub differences: Vec<Difference>,
    /// For a conflict about one record: what is stored, so that one's own can be stored over it without reading again.
    #[serde(default)]
    pub stored: Option<Stored>,
    /// The same id stands in the server's log.
    #[serde(default)]
    pub request_id: String,
}

impl ApiError {
    pub fn new(kind: ErrorKind, message: impl Into<Message>) -> Self {
        Self {
            kind,
            message: message.into(),
            findings: Vec::new(),
            differences: Vec::new(),
            stored: None,
            request_id: String::new(),
        }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new(
                ErrorKind::Network,
                text(
                    "连接不上服务器，没有收到答复，不确定刚才的操作是否完成。已录入的内容仍在页面上，请检查网络后重试，重复操作不会重复保存。",
                    "The server cannot be reached: no answer came, and nobody knows whether the action was completed. What you typed is still on the page; check the network and try again, nothing is stored twice.",
                ),
            ),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::new(
                    ErrorKind::Refused,
                    text(
                        "服务器无法识别提交的内容，请刷新页面后重试。",
                        "The server does not understand what was sent. Reload the page and try again.",
                    ),
                )
            }
            _ => Self::new(
                ErrorKind::Internal,
                text(
                    "服务器暂时无法处理，请稍后再试；已录入的内容仍在页面上。",
                    "The server cannot do this right now. What you typed is still on the page; try again shortly.",
                ),
            ),
        }
    }
}
