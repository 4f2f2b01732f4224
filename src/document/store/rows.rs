//! SQL of the rows of a document: many in few statements (import, paste, fill, delete and their undoing), and the
//! numbers they are given. Used by services inside their transaction; decides nothing.

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Executor, Row as _};
use uuid::Uuid;

use super::DocumentRow;
use crate::document::Mark;
use crate::document::kind::Section;
use crate::document::model::Row;
use crate::form::Values;
use crate::lists;
use crate::server::db::{Db, Sql, Tx, as_json};
use crate::server::failure::Failure;

/// Rows per statement: few enough that a statement stays small.
const AT_ONCE: usize = 500;

const SELECT: &str = "SELECT id, section, seq, version, mark, content FROM document_row \
    WHERE operator_code = $1 AND document_id = $2 ORDER BY section, seq";
/// Inserts or replaces rows given as one JSON array: ten thousand rows in twenty statements.
const PUT: Sql = Sql {
    sqlite: "INSERT INTO document_row (operator_code, document_id, section, version, id, seq, mark, material_no, content) \
        SELECT $1, $2, $3, $4, json_extract(value, '$.id'), json_extract(value, '$.seq'), \
        json_extract(value, '$.mark'), json_extract(value, '$.material_no'), json_extract(value, '$.content') \
        FROM json_each($5) WHERE true \
        ON CONFLICT (operator_code, id) DO UPDATE SET version = excluded.version, mark = excluded.mark, \
        material_no = excluded.material_no, content = excluded.content WHERE document_row.document_id = excluded.document_id \
        AND document_row.section = excluded.section",
    postgres: "INSERT INTO document_row (operator_code, document_id, section, version, id, seq, mark, material_no, content) \
        SELECT $1, $2, $3, CAST($4 AS BIGINT), one.id, one.seq, one.mark, one.material_no, one.content \
        FROM json_to_recordset(CAST($5 AS json)) AS one (id text, seq bigint, mark text, material_no text, \
        content text) \
        ON CONFLICT (operator_code, id) DO UPDATE SET version = excluded.version, mark = excluded.mark, \
        material_no = excluded.material_no, content = excluded.content WHERE document_row.document_id = excluded.document_id \
        AND document_row.section = excluded.section",
};
const BY_ID: Sql = lists!(
    "SELECT id, section, seq, version, mark, content FROM document_row WHERE operator_code = $1 AND document_id = $2 AND id ",
    { 3 }
);
const BY_SEQ: Sql = lists!(
    "SELECT id, section, seq, version, mark, content FROM document_row WHERE operator_code = $1 AND document_id = $2 \
     AND section = $3 AND seq ",
    [4]
);
const REMEMBER: Sql = lists!(
    "INSERT INTO deleted_row (operator_code, document_id, id, section, seq) \
     SELECT operator_code, document_id, id, section, seq FROM document_row WHERE operator_code = $1 AND document_id = $2 AND id ",
    { 3 },
    " ON CONFLICT DO NOTHING"
);
const DELETE: Sql = lists!("DELETE FROM document_row WHERE operator_code = $1 AND document_id = $2 AND id ", { 3 });
const DELETED: Sql =
    lists!("SELECT id, seq FROM deleted_row WHERE operator_code = $1 AND document_id = $2 AND section = $3 AND id ", {
        4
    });
const TAKE_NUMBERS: &str = "INSERT INTO row_number (operator_code, root_id, section, last) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (operator_code, root_id, section) DO UPDATE SET last = row_number.last + $4 RETURNING last";
const COUNT_FROM: &str = "INSERT INTO row_number (operator_code, root_id, section, last) \
    SELECT operator_code, $3, section, MAX(seq) FROM document_row WHERE operator_code = $1 AND document_id = $2 \
    GROUP BY operator_code, section ON CONFLICT DO NOTHING";

const MARKS: &str = "SELECT mark, COUNT(*) AS n FROM document_row WHERE operator_code = $1 AND document_id = $2 \
    GROUP BY mark";

/// A line of table `document_row`.
#[derive(Clone, Debug)]
pub struct ContentRow {
    pub id: String,
    pub section: String,
    pub seq: i64,
    pub version: i64,
    pub mark: Mark,
    /// The record as JSON.
    pub content: String,
}

impl ContentRow {
    /// The row with its content read by the field table of its list.
    ///
    /// # Errors
    /// When what is stored cannot be read.
    pub fn read(&self, section: &Section) -> Result<Row<Values>, Failure> {
        Ok(Row {
            id: self.id.parse().map_err(|_| Failure::Internal(format!("row id {:?}", self.id)))?,
            seq: self.seq,
            version: self.version,
            mark: self.mark,
            content: Values::from_json(section.fields, &self.content)?,
        })
    }
}

fn mark(row: &AnyRow) -> Result<Mark, sqlx::Error> {
    let code: String = row.try_get("mark")?;
    Mark::from_code(&code).ok_or_else(|| sqlx::Error::Decode(format!("unknown mark {code:?}").into()))
}

fn decode(row: &AnyRow) -> Result<ContentRow, sqlx::Error> {
    Ok(ContentRow {
        id: row.try_get("id")?,
        section: row.try_get("section")?,
        seq: row.try_get("seq")?,
        version: row.try_get("version")?,
        mark: mark(row)?,
        content: row.try_get("content")?,
    })
}

/// All rows of a document, by section and number.
pub async fn all<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    document: &DocumentRow,
) -> Result<Vec<ContentRow>, sqlx::Error> {
    let query = sqlx::query(SELECT).bind(&document.operator_code).bind(&document.id);
    query.fetch_all(executor).await?.iter().map(decode).collect()
}

/// How many rows of a document have each mark.
pub async fn marks(db: &Db, document: &DocumentRow) -> Result<Vec<(Mark, usize)>, sqlx::Error> {
    let found = sqlx::query(MARKS).bind(&document.operator_code).bind(&document.id).fetch_all(&db.read).await?;
    let pair = |row: &AnyRow| Ok((mark(row)?, usize::try_from(row.try_get::<i64, _>("n")?).unwrap_or_default()));
    found.iter().map(pair).collect()
}

#[derive(Serialize)]
struct Put<'a> {
    id: Uuid,
    seq: i64,
    mark: &'static str,
    /// 商品料号, by which a row is found; empty for lists without.
    material_no: &'a str,
    content: &'a str,
}

/// Stores rows of one list, all at the document's version.
///
/// # Errors
/// `Forbidden` when the id of a row belongs to another document or list.
pub async fn put(
    db: &Db,
    tx: &mut Tx,
    document: &DocumentRow,
    section: &Section,
    rows: &[Row<Values>],
) -> Result<(), Failure> {
    let mut stored = 0;
    for rows in rows.chunks(AT_ONCE) {
        let contents = rows.iter().map(|row| serde_json::to_string(&row.content)).collect::<Result<Vec<_>, _>>()?;
        let puts: Vec<Put<'_>> = rows
            .iter()
            .zip(&contents)
            .map(|(row, content)| Put {
                id: row.id,
                seq: row.seq,
                mark: row.mark.code(),
                material_no: row.content.get("material_no"),
                content,
            })
            .collect();
        let done = sqlx::query(db.pick(PUT))
            .bind(&document.operator_code)
            .bind(&document.id)
            .bind(section.key)
            .bind(document.version)
            .bind(as_json(&puts)?)
            .execute(&mut **tx)
            .await?;
        stored += done.rows_affected();
    }
    if stored == rows.len() as u64 { Ok(()) } else { Err(Failure::Forbidden) }
}

/// The rows with these ids that the document has, in no order.
pub async fn by_id(db: &Db, tx: &mut Tx, document: &DocumentRow, ids: &[Uuid]) -> Result<Vec<ContentRow>, sqlx::Error> {
    let query = sqlx::query(db.pick(BY_ID)).bind(&document.operator_code).bind(&document.id).bind(db.list(ids)?);
    query.fetch_all(&mut **tx).await?.iter().map(decode).collect()
}

/// The rows of a list with these numbers that a document of the same operator has, in no order.
pub async fn by_seq(
    db: &Db,
    tx: &mut Tx,
    operator_code: &str,
    document_id: &str,
    section: &Section,
    seqs: &[i64],
) -> Result<Vec<ContentRow>, sqlx::Error> {
    let query = sqlx::query(db.pick(BY_SEQ)).bind(operator_code).bind(document_id).bind(section.key);
    query.bind(db.list(seqs)?).fetch_all(&mut **tx).await?.iter().map(decode).collect()
}

/// Deletes the rows with these ids and remembers their numbers.
pub async fn delete(db: &Db, tx: &mut Tx, document: &DocumentRow, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = db.list(ids)?;
    for sql in [REMEMBER, DELETE] {
        sqlx::query(db.pick(sql))
            .bind(&document.operator_code)
            .bind(&document.id)
            .bind(&ids)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// The numbers that these rows had before they were deleted.
pub async fn deleted(
    db: &Db,
    tx: &mut Tx,
    document: &DocumentRow,
    section: &Section,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, sqlx::Error> {
    let query = sqlx::query(db.pick(DELETED)).bind(&document.operator_code).bind(&document.id).bind(section.key);
    let rows = query.bind(db.list(ids)?).fetch_all(&mut **tx).await?;
    let pair = |row: &AnyRow| {
        let id: String = row.try_get("id")?;
        Ok((id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?, row.try_get("seq")?))
    };
    rows.iter().map(pair).collect()
}

/// Takes so many numbers for rows of a list; the first of them. No number is given twice.
pub async fn take_numbers(
    tx: &mut Tx,
    document: &DocumentRow,
    section: &Section,
    count: i64,
) -> Result<i64, sqlx::Error> {
    let last: i64 = sqlx::query_scalar(TAKE_NUMBERS)
        .bind(&document.operator_code)
        .bind(&document.root_id)
        .bind(section.key)
        .bind(count)
        .fetch_one(&mut **tx)
        .await?;
    Ok(last - count + 1)
}

/// Numbers of a document whose rows came with theirs (复制) go on after the highest.
pub async fn count_from_highest(tx: &mut Tx, document: &DocumentRow) -> Result<(), sqlx::Error> {
    let query = sqlx::query(COUNT_FROM).bind(&document.operator_code).bind(&document.id).bind(&document.root_id);
    query.execute(&mut **tx).await?;
    Ok(())
}
