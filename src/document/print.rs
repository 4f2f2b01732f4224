//! 打印 (manual lines 266–268): any document, in any state, as a PDF made on the server. `paper` says what stands on it;
//! this file finds out who asks, reads the document and answers.

mod content;
mod official;
mod paper;

use axum::Router;
use axum::extract::{Extension, Path};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

pub use content::Content;
pub use paper::{balance, paper, seal_of};

use super::kind::Section;
use super::{Document, List, change, service};
use crate::attachment;
use crate::error::{ApiError, ErrorKind};
use crate::form::Values;
use crate::print::{self, Paper, PrintError};
use crate::server::answer::worded;
use crate::server::call::{Call, RequestId, to_api};
use crate::server::failure::Failure;
use crate::server::state::AppState;
use crate::text::{Message, Text, text};

/// Our own page may show it; the viewer of a browser is styled by itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'";
/// The most rows on a paper, as in the official system: the server takes half a gigabyte for so many.
const MOST_ROWS: usize = 3_000;
/// A document that changes while it is read is read again so many times.
const READINGS: usize = 3;

/// `GET /print/document/{id}`
pub fn routes() -> Router<AppState> {
    Router::new().route("/print/document/{id}", get(print))
}

async fn print(
    call: Call,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Response {
    let font = call.state.config.font.clone();
    let made = async {
        let content = read(&call, id).await?;
        short_enough(&content)?;
        let name = file_name(&content);
        Ok((name, paper(&content, &call.actor.name, &call.state.reference.codes(), call.state.clock.now())))
    };
    answer(made.await, font.as_deref(), request_id, &headers).await
}

/// The answer that brings a paper, by its file name, or says why there is none. `font` is the setting.
pub async fn answer(
    made: Result<(String, Paper), Failure>,
    font: Option<&std::path::Path>,
    request_id: String,
    headers: &HeaderMap,
) -> Response {
    let typeset = async {
        let (name, paper) = made?;
        Ok((attachment::content::safe_name(&name), print::pdf(font, paper).await?))
    };
    let mut response = match typeset.await {
        Ok((name, pdf)) => sent(&name, pdf),
        Err(trouble) => refused(trouble, request_id, headers),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Everything of a document at one moment.
///
/// # Errors
/// `NotFound`; `Forbidden` for a document of an enterprise the caller does not act for; `Refused` while somebody keeps
/// changing it.
pub async fn read(call: &Call, id: Uuid) -> Result<Content, Failure> {
    for _ in 0..READINGS {
        let Document { meta, head, lists, .. } = service::get(call, id).await?;
        let receipts = service::receipts(call, id).await?;
        let attachments = attachment::service::list(call, id).await?.rows;
        let changes = match meta.base_id {
            Some(_) => Some(change::differences(call, id).await?),
            None => None,
        };
        // A paper must not show the rows of one moment under the state of another.
        if service::status(call, vec![id]).await?.contains(&meta) {
            let kind = call.state.kind(&meta.kind)?;
            let head = Values::filled_from(kind.head, &head);
            let read = |(list, section): (List, &Section)| {
                let rows = list.rows.into_iter();
                rows.map(|row| row.map(|content| Values::filled_from(section.fields, &content))).collect()
            };
            let lists = lists.into_iter().zip(kind.sections).map(read).collect();
            let book = service::book(call, id).await?;
            let form = call.state.office(&meta.kind)?.form();
            return Ok(Content { kind, form, meta, head, lists, book, changes, attachments, receipts });
        }
    }
    Err(Failure::refused(Message::new(
        "数据正在被修改，未能打印。请稍后再点“打印”。",
        "This is being changed right now and was not printed. Try again shortly.",
    )))
}

fn short_enough(content: &Content) -> Result<(), Failure> {
    let rows: usize = content.lists.iter().map(Vec::len).sum();
    if rows <= MOST_ROWS {
        return Ok(());
    }
    let names: Vec<&str> = content.kind.sections.iter().map(|section| section.label.zh).collect();
    let names = names.join("、");
    Err(Failure::refused(Message::new(
        format!("表体共{rows}项，一次最多打印{MOST_ROWS}项，未打印。请在{names}列表上用“导出”另存为Excel后打印。"),
        format!("There are {rows} rows; at most {MOST_ROWS} are printed. Export the lists and print those."),
    )))
}

fn file_name(content: &Content) -> String {
    let Content { kind, head, .. } = content;
    let number = kind.title(head).replace(['/', '\\'], "_");
    format!("{}-{number}.pdf", kind.name())
}

fn sent(name: &str, pdf: Vec<u8>) -> Response {
    let mut response = pdf.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    // The plain name for old programs, the real one in the spelling of RFC 5987.
    let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let disposition = HeaderValue::try_from(format!("inline; filename=\"document.pdf\"; filename*=UTF-8''{encoded}"));
    headers.insert(header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("inline")));
    response
}

/// Why there is no PDF.
enum Trouble {
    Failure(Failure),
    /// This program cannot print at all.
    NotBuilt,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<PrintError> for Trouble {
    fn from(error: PrintError) -> Self {
        let unavailable = |message: Text| Failure::Unavailable { message: message.into(), cause: error.to_string() };
        Self::Failure(match &error {
            PrintError::NotBuilt => return Self::NotBuilt,
            PrintError::NoFont => unavailable(text(
                "服务器上没有中文字体，无法打印。请管理员安装软件包fonts-noto-cjk，或用OPBOOK_FONT指定字体文件，然后重试。",
                "The server has no Chinese font, so it cannot print. Ask the administrator to install the package \
                 fonts-noto-cjk or to name a font file in OPBOOK_FONT.",
            )),
            PrintError::BadFont { .. } => unavailable(text(
                "服务器设置OPBOOK_FONT指定的字体文件不可用，无法打印。请管理员更正后重试。",
                "The font file named in OPBOOK_FONT cannot be used, so the server cannot print. Ask the administrator \
                 to mend the setting.",
            )),
            PrintError::Busy => Failure::Throttled {
                message: Message::new(
                    "现在打印的人较多，请稍后再试。",
                    "Many papers are being printed right now; try again shortly.",
                ),
            },
            PrintError::Engine(_) => Failure::Internal(error.to_string()),
        })
    }
}

fn refused(trouble: Trouble, request_id: String, headers: &HeaderMap) -> Response {
    let (status, error) = match trouble {
        Trouble::Failure(failure) => {
            let error = to_api(failure, request_id);
            (StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), error)
        }
        Trouble::NotBuilt => {
            let message = Message::new(
                "本服务器的程序不含打印功能。请管理员用带有print功能的程序替换后重试。",
                "This server was built without printing. Ask the administrator for a build with the feature `print`.",
            );
            (StatusCode::NOT_IMPLEMENTED, ApiError::new(ErrorKind::Internal, message))
        }
    };
    worded(status, &error, headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_font_is_told_to_the_user_with_its_package() {
        // Who prints calls the administrator; without the name of the package neither knows what to do.
        let Trouble::Failure(Failure::Unavailable { message, cause }) = Trouble::from(PrintError::NoFont) else {
            panic!("not told as something that can be mended");
        };
        assert!(message.zh.contains("fonts-noto-cjk") && message.en.contains("fonts-noto-cjk"), "{message:?}");
        assert!(cause.contains("apt-get install fonts-noto-cjk"), "{cause}");
    }
}
