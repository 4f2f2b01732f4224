//! Reading the ledger for its page and its files: the lines of a book page by page, and all of it as a workbook. Shows only
//! books of enterprises the caller acts for; changes nothing.

use uuid::Uuid;

use super::model::{LedgerLine, LinesPage, LinesQuery, Side};
use super::rows;
use super::store::{self, Line};
use crate::document::guard::readable;
use crate::document::store::DocumentRow;
use crate::document::under_book::UnderBook;
use crate::form::{Field, Values, plain};
use crate::reference::Codes;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::list::{Download, shown};
use crate::sheet::{Column, Output, OutputSheet};
use crate::text::Message;

/// Page sizes above this are cut to it.
const LARGEST_PAGE: i64 = 500;
/// At most so many lines in a workbook; a sheet takes a million.
const MOST_LINES: i64 = 200_000;

/// A book with all its lines.
pub struct Whole {
    pub book: UnderBook,
    pub lines: Vec<LedgerLine>,
}

/// The document by which a book is named, and its number.
async fn of_book(call: &Call, id: Uuid) -> Result<DocumentRow, Failure> {
    let row = readable(call, id).await?;
    if row.book_no.is_empty() {
        return Err(Failure::refused(Message::new(
            "该数据还没有账册编号，没有台账；账册由海关终审通过后才有台账。",
            "This has no book number yet, so there is no ledger; customs must approve the book first.",
        )));
    }
    Ok(row)
}

/// One page of the lines of a book, or of some goods of it.
///
/// # Errors
/// `NotFound`; `Forbidden`; `Refused` for a document without a book.
pub async fn lines(call: &Call, query: &LinesQuery) -> Result<LinesPage, Failure> {
    let row = of_book(call, query.id).await?;
    let of = query.goods.as_ref().and_then(|(side, seq)| Some((Side::from_code(side)?, *seq)));
    let size = query.page_size.clamp(1, LARGEST_PAGE);
    let offset = query.page.clamp(0, 1_000_000) * size;
    let (lines, total) = store::lines(&call.state.db, &row.operator_code, &row.book_no, of, (size, offset)).await?;
    Ok(LinesPage { lines: lines.into_iter().map(of_page).collect(), total })
}

fn of_page(line: Line) -> LedgerLine {
    LedgerLine {
        entry_id: line.entry_id.parse().unwrap_or_default(),
        round: line.round,
        turn: line.turn,
        item: line.booking.item,
        at: line.at,
        deed: line.deed.code().to_owned(),
        side: line.booking.side.code().to_owned(),
        entry_no: line.entry_no,
        value_date: line.value_date,
        goods_seq: line.booking.goods_seq,
        hs_code: line.booking.hs_code,
        qty: plain(line.booking.qty),
        amount: plain(line.booking.amount),
        own_amount: plain(line.booking.own_amount),
        currency: line.currency,
    }
}

/// The whole ledger of a book.
///
/// # Errors
/// As [`lines`]; `Refused`, with `too_many` of how many there are, when there are more lines than `most`.
pub async fn whole(
    call: &Call,
    id: Uuid,
    most: i64,
    too_many: impl Fn(i64) -> Message + Send,
) -> Result<Whole, Failure> {
    let row = of_book(call, id).await?;
    let book = call.state.office(&row.kind)?.book(&call.state.db, &row).await?.ok_or(Failure::NotFound)?;
    let (lines, total) = store::lines(&call.state.db, &row.operator_code, &row.book_no, None, (most, 0)).await?;
    if total > most {
        return Err(Failure::refused(too_many(total)));
    }
    Ok(Whole { book, lines: lines.into_iter().map(of_page).collect() })
}

/// The whole ledger of a book as a workbook: its goods, and its lines.
///
/// # Errors
/// As [`whole`].
pub async fn workbook(call: &Call, id: Uuid) -> Result<Download, Failure> {
    let too_many = |total| {
        Message::new(
            format!("台账明细有{total}行，超过一个文件的上限{MOST_LINES}行，未导出。"),
            format!("There are {total} lines, more than the {MOST_LINES} a file takes; nothing was exported."),
        )
    };
    let Whole { book, lines } = whole(call, id, MOST_LINES, too_many).await?;
    let name = format!("台账-{}.xlsx", book.book_no);
    let codes = call.state.reference.codes();
    let goods = sheet("台账", rows::GOODS, rows::goods(&book).into_iter(), &codes);
    let lines = sheet("明细", rows::LINES, lines.iter().map(rows::line), &codes);
    Ok((name, Output { sheets: vec![goods, lines] }.written().await?))
}

/// One sheet with all columns of a table.
fn sheet(name: &str, fields: &'static [Field], rows: impl Iterator<Item = Values>, codes: &Codes) -> OutputSheet {
    let row = |row: Values| fields.iter().map(|field| shown(field, row.get(field.key), codes)).collect();
    OutputSheet {
        name: name.to_owned(),
        columns: fields.iter().map(Column::of).collect(),
        rows: rows.map(row).collect(),
    }
}
