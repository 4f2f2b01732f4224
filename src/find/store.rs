//! SQL of 查号: each number by an index of its own, from how it begins. Decides nothing.
//!
//! Numbers of digits and capitals only are looked for between two texts of their full length: so every order of letters that a
//! database may have gives the same. Free ones are compared by their bytes (`COLLATE "C"`), in capitals.

use sqlx::any::AnyRow;
use sqlx::{Row as _, query};

use super::model::{Hit, Number};
use crate::document::store::status;
use crate::lists;
use crate::server::db::{Db, Sql};

/// More than are shown: one document may bear a number in many rows.
const AT_ONCE: i64 = 100;

macro_rules! hits {
    ($number:literal, $from:literal, $found:literal) => {
        concat!(
            "SELECT ",
            $number,
            " AS number, d.id, d.kind, d.status, d.operator_code, d.operator_name, d.internal_no, d.book_no, d.change_seq FROM ",
            $from,
            " WHERE ",
            $found
        )
    };
}

/// The same on both databases, but for how the enterprises are given.
macro_rules! both {
    ($number:literal, $from:literal, $operator:literal, $found:literal, $order:literal) => {
        lists!((hits!($number, $from, $operator)), " ", { 1 }, " AND ", $found, " ORDER BY ", $order, " LIMIT $4")
    };
}

/// A free text, in capitals and by its bytes.
macro_rules! free {
    ($column:literal, $from:literal, $operator:literal, $document:literal) => {
        Sql {
            sqlite: concat!(
                hits!($column, $from, $operator),
                " ",
                lists!(@sqlite {1}),
                " AND ",
                $column,
                " <> '' AND UPPER(",
                $column,
                ") >= $2 AND UPPER(",
                $column,
                ") < $3 ORDER BY UPPER(",
                $column,
                "), ",
                $document,
                " DESC LIMIT $4"
            ),
            postgres: concat!(
                hits!($column, $from, $operator),
                " ",
                lists!(@postgres {1}),
                " AND ",
                $column,
                " <> '' AND UPPER(",
                $column,
                ") COLLATE \"C\" >= $2 AND UPPER(",
                $column,
                ") COLLATE \"C\" < $3 ORDER BY UPPER(",
                $column,
                ") COLLATE \"C\", ",
                $document,
                " DESC LIMIT $4"
            ),
        }
    };
}

const BOOK: Sql = both!(
    "b.book_no",
    "account_book b JOIN document d ON d.id = b.in_force_id",
    "b.operator_code",
    "b.book_no >= $2 AND b.book_no <= $3",
    "b.book_no"
);
const UNIFIED: Sql =
    both!("d.seq_no", "document d", "d.operator_code", "d.seq_no >= $2 AND d.seq_no <= $3", "d.seq_no, d.id");
const ENTRY: Sql = both!(
    "d.entry_no",
    "document d",
    "d.operator_code",
    "d.entry_no <> '' AND d.entry_no >= $2 AND d.entry_no <= $3",
    "d.entry_no, d.id"
);
const REGISTERED: Sql = both!(
    "d.registered_no",
    "document d",
    "d.operator_code",
    "d.registered_no <> '' AND d.registered_no >= $2 AND d.registered_no <= $3",
    "d.registered_no, d.id"
);
const INTERNAL: Sql = free!("d.internal_no", "document d", "d.operator_code", "d.id");
const CONTRACT: Sql = free!("d.contract_no", "document d", "d.operator_code", "d.id");
const MATERIAL: Sql = free!(
    "r.material_no",
    "document_row r JOIN document d ON d.operator_code = r.operator_code AND d.id = r.document_id",
    "r.operator_code",
    "r.document_id"
);

/// How a number is spelled, and so which texts lie between its beginning and its end.
enum Spelling {
    /// So many digits.
    Digits(usize),
    /// So many digits and capitals.
    Capitals(usize),
    Free,
}

const NUMBERS: [(Number, Sql, Spelling); 7] = [
    (Number::Book, BOOK, Spelling::Capitals(12)),
    (Number::Entry, ENTRY, Spelling::Digits(18)),
    (Number::Entry, REGISTERED, Spelling::Digits(18)),
    (Number::Unified, UNIFIED, Spelling::Digits(18)),
    (Number::Internal, INTERNAL, Spelling::Free),
    (Number::Contract, CONTRACT, Spelling::Free),
    (Number::Material, MATERIAL, Spelling::Free),
];

/// The first and the last text that begin so; `None` where no number of this spelling does.
fn range(spelling: &Spelling, begins: &str) -> Option<(String, String)> {
    let filled = |length: usize, last: &str| {
        let missing = length.checked_sub(begins.len())?;
        Some((begins.to_owned(), format!("{begins}{}", last.repeat(missing))))
    };
    match spelling {
        Spelling::Digits(length) if begins.bytes().all(|byte| byte.is_ascii_digit()) => filled(*length, "9"),
        Spelling::Capitals(length) if begins.bytes().all(|byte| byte.is_ascii_alphanumeric()) => filled(*length, "Z"),
        Spelling::Free => Some((begins.to_owned(), format!("{begins}{}", char::MAX))),
        Spelling::Digits(_) | Spelling::Capitals(_) => None,
    }
}

/// Documents of these enterprises with a number that begins so, in capitals; of each sort of number at most some hundred.
pub async fn begin_with(db: &Db, operators: &[&str], begins: &str) -> Result<Vec<Hit>, sqlx::Error> {
    let operators = db.list(operators)?;
    let mut hits = Vec::new();
    for (what, sql, spelling) in NUMBERS {
        let Some((from, to)) = range(&spelling, begins) else { continue };
        let rows = query(db.pick(sql)).bind(&operators).bind(from).bind(to).bind(AT_ONCE).fetch_all(&db.read).await?;
        for row in &rows {
            hits.push(hit(what, row)?);
        }
    }
    Ok(hits)
}

fn hit(what: Number, row: &AnyRow) -> Result<Hit, sqlx::Error> {
    let id: String = row.try_get("id")?;
    Ok(Hit {
        what,
        number: row.try_get("number")?,
        document: id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        kind: row.try_get("kind")?,
        status: status(row)?,
        operator_code: row.try_get("operator_code")?,
        operator_name: row.try_get("operator_name")?,
        internal_no: row.try_get("internal_no")?,
        book_no: row.try_get("book_no")?,
        change_seq: row.try_get("change_seq")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_looked_for_only_where_it_can_be() {
        let between = |spelling, begins| range(&spelling, begins);
        assert_eq!(between(Spelling::Digits(4), "12"), Some(("12".into(), "1299".into())));
        assert_eq!(between(Spelling::Digits(4), "12345"), None);
        assert_eq!(between(Spelling::Digits(4), "1A"), None);
        assert_eq!(between(Spelling::Capitals(4), "P1"), Some(("P1".into(), "P1ZZ".into())));
        assert!(between(Spelling::Free, "合同-1").is_some());
    }
}
