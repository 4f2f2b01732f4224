//! An account book as entries and pages see it: the goods of the filing in force with what the ledger has of them. Reads;
//! changes nothing.

use super::post::fill;
use super::store;
use crate::account_book::{self, Book, Life};
use crate::document::Mark;
use crate::document::store::rows::{self, ContentRow};
use crate::document::store::{self as documents, DocumentRow};
use crate::document::under_book::{Balance, BookGoods, UnderBook, Writing};
use crate::filing::model::{EXPORTS, REIMPORTS};
use crate::server::db::Db;
use crate::server::failure::Failure;

/// The book of a document, with its goods and balances; `None` while it has none.
///
/// # Errors
/// When what is stored cannot be read.
pub async fn of_document(db: &Db, row: &DocumentRow) -> Result<Option<UnderBook>, Failure> {
    match account_book::find(db, &[row.operator_code.as_str()], &row.book_no).await? {
        Some(book) => under_book(db, &book).await.map(Some),
        None => Ok(None),
    }
}

/// The book with its goods and balances, as committed last.
///
/// # Errors
/// When what is stored cannot be read.
pub async fn under_book(db: &Db, book: &Book) -> Result<UnderBook, Failure> {
    let in_force = documents::find(db, &book.in_force_id).await?;
    let in_force = in_force.ok_or_else(|| Failure::Internal(format!("filing in force of {} is gone", book.book_no)))?;
    let rows = rows::all(&db.read, &in_force).await?;
    let mut read = of(book, &in_force, &rows)?;
    fill(&mut read, &store::sums(&db.read, &book.operator_code, &book.book_no).await?);
    Ok(read)
}

fn of(book: &Book, in_force: &DocumentRow, rows: &[ContentRow]) -> Result<UnderBook, Failure> {
    let goods = |section: &str| -> Result<Vec<BookGoods>, Failure> {
        let rows = rows.iter().filter(|row| row.section == section && row.mark != Mark::Deleted);
        rows.map(|row| {
            let content = serde_json::from_str(&row.content)?;
            Ok(BookGoods { seq: row.seq, content, balance: Balance::default(), entry: String::new() })
        })
        .collect()
    };
    Ok(UnderBook {
        book_no: book.book_no.clone(),
        operator_code: book.operator_code.clone(),
        operator_name: in_force.operator_name.clone(),
        currency: book.currency.clone(),
        valid_from: book.valid_from.clone(),
        valid_to: book.valid_to.clone(),
        closed: book.life == Life::Closed,
        exports: goods(EXPORTS)?,
        reimports: goods(REIMPORTS)?,
        others: Balance::default(),
        urged_on: book.written.urged_on.clone(),
        writing: (!book.written.under_way.is_empty())
            .then(|| Writing { to: book.written.under_way.clone(), closes: book.written.closes }),
        to_write_off: None,
    })
}
