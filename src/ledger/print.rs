//! 台账 on paper: the figures of a book, its goods, its lines. Finds out who asks and answers; typeset by `print`.
//! Reads, and changes nothing.

use axum::Router;
use axum::extract::{Extension, Path};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rows;
use super::service::{Whole, whole};
use crate::document::print::{answer, balance};
use crate::form::{Field, Kind, Values, in_china};
use crate::print::{Cell, Form, Listing, Paper, Part, listing};
use crate::reference::Codes;
use crate::server::call::{Call, RequestId};
use crate::server::failure::Failure;
use crate::server::state::AppState;
use crate::text::Message;

/// The most lines on a paper: what is longer is exported.
const MOST_LINES: i64 = 3_000;

/// `GET /print/ledger/{id}`
pub fn routes() -> Router<AppState> {
    Router::new().route("/print/ledger/{id}", get(print))
}

async fn print(
    call: Call,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Response {
    let font = call.state.config.font.clone();
    let made = async { made(&call, id).await };
    answer(made.await, font.as_deref(), request_id, &headers).await
}

/// The paper of the book a document belongs to, and the name of its file.
///
/// # Errors
/// As `service::whole`.
pub async fn made(call: &Call, id: Uuid) -> Result<(String, Paper), Failure> {
    let too_many = |total| {
        Message::new(
            format!("台账明细共{total}行，一次最多打印{MOST_LINES}行，未打印。请在台账上用“导出”另存为Excel后打印。"),
            format!("There are {total} lines; at most {MOST_LINES} are printed. Export the ledger and print that."),
        )
    };
    let whole = whole(call, id, MOST_LINES, too_many).await?;
    let name = format!("台账-{}.pdf", whole.book.book_no);
    Ok((name, paper(&whole, &call.actor.name, &call.state.reference.codes(), call.state.clock.now())))
}

/// The paper, printed by `who` at a moment.
pub fn paper(whole: &Whole, who: &str, codes: &Codes, at: DateTime<Utc>) -> Paper {
    let Whole { book, lines } = whole;
    let printed = format!("{}（北京时间）", in_china(at).format("%Y-%m-%d %H:%M:%S"));
    let standing = Form {
        title: String::new(),
        cells: vec![
            Cell::new("经营单位", format!("{} {}", book.operator_code, book.operator_name), 1),
            Cell::new("账册有效期", format!("{} — {}", book.valid_from, book.valid_to), 1),
            Cell::new("打印人", who, 1),
        ],
    };
    let goods: Vec<Values> = rows::goods(book).into_iter().map(worded).collect();
    let lines: Vec<Values> = lines.iter().map(|line| worded(rows::line(line))).collect();
    Paper {
        title: "出境加工账册台账".to_owned(),
        header: [format!("出境加工账册台账　账册编号 {}", book.book_no), book.operator_name.clone()],
        footer: format!("打印时间 {printed}"),
        watermark: String::new(),
        printed_at: at,
        parts: vec![
            Part::Form(standing),
            Part::Form(balance(book)),
            Part::Listing(numbered("商品", rows::GOODS, &goods, codes)),
            Part::Listing(numbered("明细", rows::LINES, &lines, codes)),
        ],
    }
}

/// The words of short lists in place of their codes, which are nobody's but ours.
fn worded(mut row: Values) -> Values {
    for field in row.fields() {
        if let Kind::Choice(choices) = field.kind
            && let Some((_, label)) = choices.iter().find(|(code, _)| *code == row.get(field.key))
        {
            row.set(field.key, label.zh);
        }
    }
    row
}

fn numbered(title: &str, fields: &'static [Field], rows: &[Values], codes: &Codes) -> Listing {
    listing(title, "行", fields, (1..).zip(rows), codes)
}
