//! SQL of the book that other documents do not share: the query list, what is known of an
//! enterprise's other books, goods rows by the thousand.

use sqlx::Row as _;

use super::model::{BookQuery, Goods, Row, Side};
use crate::document::Status;
use crate::document::store::many::{self, PutRow};
use crate::document::store::{DocumentRow, decode};
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;

/// Conditions of 出境加工账册查询; an empty parameter does not restrict. `UPPER`: by itself `LIKE` tells
/// capitals from small letters on one database and not on the other.
macro_rules! conditions {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            " FROM document WHERE kind = 'book' AND operator_code = $1",
            " AND ($2 = '' OR UPPER(book_no) LIKE UPPER($2) ESCAPE '!')",
            " AND ($3 = '' OR UPPER(seq_no) LIKE UPPER($3) ESCAPE '!')",
            " AND ($4 = '' OR UPPER(internal_no) LIKE UPPER($4) ESCAPE '!')",
            " AND ($5 = '' OR status = $5)",
            " AND ($6 = '' OR input_date >= $6)",
            " AND ($7 = '' OR input_date <= $7)",
            $tail
        )
    };
}

const COUNT: &str = conditions!("SELECT COUNT(*)", "");
const LIST_UP: &str = conditions!(
    "SELECT *, (SELECT COUNT(*) FROM receipt WHERE receipt.document_id = document.id) AS receipt_count",
    " ORDER BY CASE $8 WHEN 'internal_no' THEN internal_no WHEN 'seq_no' THEN seq_no WHEN 'book_no' THEN book_no \
      WHEN 'status' THEN status WHEN 'valid_to' THEN valid_to WHEN 'input_date' THEN input_date \
      WHEN 'declared_at' THEN declared_at ELSE id END ASC, id ASC LIMIT $9 OFFSET $10"
);
const LIST_DOWN: &str = conditions!(
    "SELECT *, (SELECT COUNT(*) FROM receipt WHERE receipt.document_id = document.id) AS receipt_count",
    " ORDER BY CASE $8 WHEN 'internal_no' THEN internal_no WHEN 'seq_no' THEN seq_no WHEN 'book_no' THEN book_no \
      WHEN 'status' THEN status WHEN 'valid_to' THEN valid_to WHEN 'input_date' THEN input_date \
      WHEN 'declared_at' THEN declared_at ELSE id END DESC, id DESC LIMIT $9 OFFSET $10"
);
/// Books past their validity that were never written off (announcement 69/2016 item 3).
const EXPIRED: &str = "SELECT book_no FROM document WHERE kind = 'book' AND operator_code = $1 AND status = $2 \
    AND valid_to <> '' AND valid_to < $3 AND id <> $4 ORDER BY valid_to LIMIT 1";
const STANDING: &str = "SELECT credit_grade, open_case FROM enterprise WHERE code = $1";
const MAX_SEQ: &str = "SELECT COALESCE(MAX(seq), 0) FROM document_row WHERE document_id = $1 AND section = $2";
const STATUS: &str = "SELECT *, (SELECT COUNT(*) FROM receipt WHERE receipt.document_id = document.id) \
    AS receipt_count FROM document WHERE id = $1";

/// What was typed is found anywhere in the number; `%` and `_` mean themselves.
fn contains(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// One page of the list with the number of receipts of each, and how many match in all.
pub async fn list(db: &Db, query: &BookQuery) -> Result<(Vec<(DocumentRow, i64)>, i64), sqlx::Error> {
    let status = query.status.map_or("", Status::code);
    let patterns = [contains(&query.book_no), contains(&query.seq_no), contains(&query.internal_no)];
    let total: i64 = sqlx::query_scalar(COUNT)
        .bind(&query.operator_code)
        .bind(&patterns[0])
        .bind(&patterns[1])
        .bind(&patterns[2])
        .bind(status)
        .bind(&query.input_from)
        .bind(&query.input_to)
        .fetch_one(&db.read)
        .await?;
    let rows = sqlx::query(if query.descending { LIST_DOWN } else { LIST_UP })
        .bind(&query.operator_code)
        .bind(&patterns[0])
        .bind(&patterns[1])
        .bind(&patterns[2])
        .bind(status)
        .bind(&query.input_from)
        .bind(&query.input_to)
        .bind(&query.sort)
        .bind(query.page_size)
        .bind(query.page * query.page_size)
        .fetch_all(&db.read)
        .await?;
    let lines = rows
        .iter()
        .map(|row| Ok((decode(row)?, row.try_get("receipt_count")?)))
        .collect::<Result<Vec<_>, sqlx::Error>>()?;
    Ok((lines, total))
}

/// The document and how many receipts it has.
pub async fn find(db: &Db, id: &str) -> Result<Option<(DocumentRow, i64)>, sqlx::Error> {
    let row = sqlx::query(STATUS).bind(id).fetch_optional(&db.read).await?;
    row.map(|row| Ok((decode(&row)?, row.try_get("receipt_count")?))).transpose()
}

/// An expired book of the enterprise that was not written off, if there is one.
pub async fn expired_book(tx: &mut Tx, row: &DocumentRow, today: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(EXPIRED)
        .bind(&row.operator_code)
        .bind(Status::Approved.code())
        .bind(today)
        .bind(&row.id)
        .fetch_optional(&mut **tx)
        .await
}

/// What customs thinks of an enterprise.
#[derive(Clone, Debug)]
pub struct Standing {
    /// `advanced`, `regular` or `untrusted`.
    pub credit_grade: String,
    /// 涉案: a smuggling or violation case is not concluded.
    pub open_case: bool,
}

pub async fn standing_of(tx: &mut Tx, code: &str) -> Result<Option<Standing>, sqlx::Error> {
    let row = sqlx::query(STANDING).bind(code).fetch_optional(&mut **tx).await?;
    row.map(|row| {
        let open_case: i64 = row.try_get("open_case")?;
        Ok(Standing { credit_grade: row.try_get("credit_grade")?, open_case: open_case != 0 })
    })
    .transpose()
}

/// The highest 商品序号 of a list so far.
pub async fn max_seq(tx: &mut Tx, document_id: &str, section: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(MAX_SEQ).bind(document_id).bind(section).fetch_one(&mut **tx).await
}

/// Stores many goods rows, all at the document's new version.
///
/// # Errors
/// `Forbidden` when the id of a row belongs to another document.
pub async fn put_rows(
    db: &Db,
    tx: &mut Tx,
    document_id: &str,
    version: i64,
    rows: &[Row<Goods>],
) -> Result<(), Failure> {
    let rows = rows.iter().map(put).collect::<Result<Vec<_>, _>>()?;
    let own = many::put_rows(db, tx, document_id, version, &rows).await?;
    if own { Ok(()) } else { Err(Failure::Forbidden) }
}

fn put(row: &Row<Goods>) -> Result<PutRow, Failure> {
    let (section, content) = match &row.content {
        Goods::Exports(goods) => (Side::Exports.key(), serde_json::to_string(goods)?),
        Goods::Reimports(goods) => (Side::Reimports.key(), serde_json::to_string(goods)?),
    };
    Ok(PutRow { id: row.id.to_string(), section, seq: row.seq, content })
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn signs_of_the_pattern_language_are_searched_as_typed() {
        // Otherwise a search for "A_1" would also list the books AB1 and AC1.
        assert_eq!(contains(" A_1%! "), "%A!_1!%!!%");
        assert_eq!(contains("  "), "");
    }
}
