//! SQL of the tables that documents share: document, audit, number series. `rows` has the rows of the lists, `list` the
//! query list. Used by services inside their transaction; decides nothing.

pub mod list;
pub mod operations;
pub mod rows;

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{Executor, Row as _};
use uuid::Uuid;

use super::kind::Kind;
use super::{DocumentMeta, Status};
use crate::audit::store as audit;
use crate::form::{Values, amount};
use crate::lists;
use crate::server::db::{Db, Engine, Sql, Tx};

const INSERT: &str = "INSERT INTO document (id, operator_code, kind, list, status, version, head_version, seq_no, internal_no, \
    book_no, decl_type, change_seq, base_id, root_id, in_force, extensions, operator_name, processor_name, \
    master_customs, currency, export_total, reimport_total, declarant_code, input_code, input_date, valid_to, \
    declared_at, approved_at, declare_round, created_by, updated_at, entry_no, registered_no, contract_no, head) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
    $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35) ON CONFLICT (id) DO NOTHING";
const UPDATE: &str = "UPDATE document SET status = $2, version = $3, head_version = $4, internal_no = $5, book_no = $6, \
    in_force = $7, extensions = $8, operator_name = $9, processor_name = $10, master_customs = $11, currency = $12, \
    export_total = $13, reimport_total = $14, declarant_code = $15, valid_to = $16, declared_at = $17, \
    approved_at = $18, declare_round = $19, updated_at = $20, entry_no = $21, registered_no = $22, head = $23, decl_type = $24, \
    contract_no = $25 WHERE id = $1";
/// SQLite holds the write lock on everything by then.
const LOCKED: Sql = Sql {
    sqlite: "SELECT * FROM document WHERE id = $1",
    postgres: "SELECT * FROM document WHERE id = $1 FOR NO KEY UPDATE",
};
const SELECT: &str = "SELECT * FROM document WHERE id = $1";
const DELETE: &str = "DELETE FROM document WHERE id = $1";
const LEAVE_FORCE: &str = "UPDATE document SET in_force = 0 WHERE id = $1";
const INTERNAL_NO_TAKEN: &str = "SELECT seq_no FROM document \
    WHERE operator_code = $1 AND kind = $2 AND internal_no = $3 AND change_seq = $4 AND id <> $5";
const METAS: Sql = lists!(
    "SELECT id, operator_code, kind, status, version, head_version, receipt_count, change_seq, in_force, base_id \
     FROM document WHERE id ",
    { 1 }
);
const BY_ENTRY_NO: &str = "SELECT id FROM document WHERE operator_code = $1 AND entry_no = $2 AND entry_no <> ''";
/// Two searches, each by its own index.
const NUMBERED: Sql = lists!(
    "SELECT * FROM document WHERE operator_code ",
    { 1 },
    " AND entry_no ",
    { 2 },
    " AND entry_no <> '' \
     UNION SELECT * FROM document WHERE operator_code ",
    { 1 },
    " AND registered_no ",
    { 2 },
    " AND registered_no <> ''"
);
const OF_BOOK: &str = "SELECT * FROM document WHERE operator_code = $1 AND list = $2 AND book_no = $3 \
    ORDER BY change_seq DESC, id DESC";
const NEXT_NUMBER: &str = "INSERT INTO number_series (name, last) VALUES ($1, 1) \
    ON CONFLICT (name) DO UPDATE SET last = number_series.last + 1 RETURNING last";
/// SQLite needs none: whoever writes holds the lock on everything.
const RESERVE: &str = "SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 0)) AS TEXT)";
const LAST_DEED: &str = "SELECT actor, detail FROM audit WHERE operator_code = $1 AND document_id = $2 AND action = $3 \
    ORDER BY at DESC, id DESC LIMIT 1";
const DELETION: Sql = lists!(
    "SELECT at, actor FROM audit WHERE operator_code ",
    { 1 },
    " AND document_id = $2 AND action = 'delete' ORDER BY at DESC LIMIT 1"
);

/// Longest copy of a name in a column: enough to sort by, and short enough for an index.
const LONGEST_NAME: usize = 100;

/// A line of table `document`.
#[derive(Clone, Debug, Default)]
pub struct DocumentRow {
    pub id: String,
    /// Whose document it is; never changes.
    pub operator_code: String,
    pub kind: String,
    /// Key of the query list in which it stands.
    pub list: String,
    pub status: Status,
    pub version: i64,
    pub head_version: i64,
    pub seq_no: String,
    pub internal_no: String,
    pub book_no: String,
    pub decl_type: String,
    pub change_seq: i64,
    /// The document a change was made of; empty for a filing.
    pub base_id: String,
    /// The first document of the chain of changes, under which row numbers are counted.
    pub root_id: String,
    pub in_force: bool,
    pub extensions: i64,
    pub operator_name: String,
    pub processor_name: String,
    pub master_customs: String,
    pub currency: String,
    /// In hundredths.
    pub export_total: i64,
    pub reimport_total: i64,
    pub declarant_code: String,
    pub input_code: String,
    pub input_date: String,
    pub valid_to: String,
    /// 报关单号, once customs gave it or it was registered.
    pub entry_no: String,
    /// 登记报关单号, as it is typed.
    pub registered_no: String,
    pub contract_no: String,
    pub declared_at: String,
    pub approved_at: String,
    /// How often the document was declared; answers name the round they belong to.
    pub declare_round: i64,
    /// Counted by the exchange, not written with the rest.
    pub receipt_count: i64,
    pub created_by: String,
    pub updated_at: String,
    /// The head record as JSON.
    pub head: String,
}

impl DocumentRow {
    /// The stored head, with what the columns know better.
    ///
    /// # Errors
    /// When what is stored cannot be read.
    pub fn values(&self, kind: &Kind) -> Result<Values, serde_json::Error> {
        let mut head = Values::from_json(kind.head, &self.head)?;
        self.identify(kind, &mut head);
        Ok(head)
    }

    /// Sets the fields of the head that the document itself knows.
    pub fn identify(&self, kind: &Kind, head: &mut Values) {
        head.set("seq_no", self.seq_no.as_str());
        // What belongs to a book has the number of the book, and its own type, typed.
        if kind.makes_book() {
            head.set("book_no", self.book_no.as_str());
            head.set("decl_type", self.decl_type.as_str());
            head.set("change_seq", self.change_seq.to_string());
        }
    }

    /// Takes the head over, and into the columns what lists filter and sort by. `kind` says which field names the book.
    ///
    /// # Errors
    /// Never for a record of texts.
    pub fn set_head(&mut self, kind: &Kind, head: &Values) -> Result<(), serde_json::Error> {
        let text = |key: &str| head.get(key).to_owned();
        let name = |key: &str| head.get(key).chars().take(LONGEST_NAME).collect();
        // A kind whose head has no such field keeps the number it was given.
        if head.has("internal_no") {
            self.internal_no = text("internal_no");
        }
        if let Some(book) = kind.book {
            self.book_no = text(book);
            if head.has("decl_type") {
                self.decl_type = text("decl_type");
            }
        }
        self.operator_name = name("operator_name");
        self.processor_name = name("processor_name");
        self.master_customs = text("master_customs");
        self.currency = text("currency");
        self.export_total = hundredths(head.get("export_total"));
        self.reimport_total = hundredths(head.get("reimport_total"));
        if head.has("entry_no") {
            self.entry_no = text("entry_no");
        }
        self.registered_no = text("registered_no");
        self.contract_no = text("contract_no");
        self.declarant_code = text("declarant_code");
        self.valid_to = text("valid_to");
        self.head = serde_json::to_string(head)?;
        Ok(())
    }
}

/// An amount as a whole number; 0 for none, the largest for one that is too large to be one.
fn hundredths(text: &str) -> i64 {
    let cents = amount(text).round_dp(2).checked_mul(rust_decimal::Decimal::ONE_HUNDRED);
    cents.and_then(|cents| i64::try_from(cents.trunc()).ok()).unwrap_or(i64::MAX)
}

/// Decodes a line of `document`.
///
/// # Errors
/// When a column is missing or a state code is unknown.
pub fn decode(row: &AnyRow) -> Result<DocumentRow, sqlx::Error> {
    Ok(DocumentRow {
        id: row.try_get("id")?,
        operator_code: row.try_get("operator_code")?,
        kind: row.try_get("kind")?,
        list: row.try_get("list")?,
        status: status(row)?,
        version: row.try_get("version")?,
        head_version: row.try_get("head_version")?,
        seq_no: row.try_get("seq_no")?,
        internal_no: row.try_get("internal_no")?,
        book_no: row.try_get("book_no")?,
        decl_type: row.try_get("decl_type")?,
        change_seq: row.try_get("change_seq")?,
        base_id: row.try_get("base_id")?,
        root_id: row.try_get("root_id")?,
        in_force: row.try_get::<i64, _>("in_force")? == 1,
        extensions: row.try_get("extensions")?,
        operator_name: row.try_get("operator_name")?,
        processor_name: row.try_get("processor_name")?,
        master_customs: row.try_get("master_customs")?,
        currency: row.try_get("currency")?,
        export_total: row.try_get("export_total")?,
        reimport_total: row.try_get("reimport_total")?,
        declarant_code: row.try_get("declarant_code")?,
        input_code: row.try_get("input_code")?,
        input_date: row.try_get("input_date")?,
        valid_to: row.try_get("valid_to")?,
        entry_no: row.try_get("entry_no")?,
        registered_no: row.try_get("registered_no")?,
        contract_no: row.try_get("contract_no")?,
        declared_at: row.try_get("declared_at")?,
        approved_at: row.try_get("approved_at")?,
        declare_round: row.try_get("declare_round")?,
        receipt_count: row.try_get("receipt_count")?,
        created_by: row.try_get("created_by")?,
        updated_at: row.try_get("updated_at")?,
        head: row.try_get("head")?,
    })
}

/// The state of a line that has the column.
///
/// # Errors
/// When its code is unknown.
pub fn status(row: &AnyRow) -> Result<Status, sqlx::Error> {
    let status: String = row.try_get("status")?;
    Status::from_code(&status).ok_or_else(|| sqlx::Error::Decode(format!("unknown document status {status:?}").into()))
}

/// Reads a document and holds its lock until the transaction ends.
pub async fn lock(db: &Db, tx: &mut Tx, id: &str) -> Result<Option<DocumentRow>, sqlx::Error> {
    sqlx::query(db.pick(LOCKED)).bind(id).fetch_optional(&mut **tx).await?.as_ref().map(decode).transpose()
}

/// Reads a document as last committed.
pub async fn find(db: &Db, id: &str) -> Result<Option<DocumentRow>, sqlx::Error> {
    read(&db.read, id).await
}

/// Reads a document on any connection.
pub async fn read<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    id: &str,
) -> Result<Option<DocumentRow>, sqlx::Error> {
    sqlx::query(SELECT).bind(id).fetch_optional(executor).await?.as_ref().map(decode).transpose()
}

/// Identity and state of documents; those that are gone are left out.
pub async fn metas(db: &Db, ids: &[Uuid]) -> Result<Vec<DocumentMeta>, sqlx::Error> {
    let rows = sqlx::query(db.pick(METAS)).bind(db.list(ids)?).fetch_all(&db.read).await?;
    let meta = |row: &AnyRow| {
        let id: String = row.try_get("id")?;
        let base: String = row.try_get("base_id")?;
        Ok(DocumentMeta {
            id: id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            kind: row.try_get("kind")?,
            operator_code: row.try_get("operator_code")?,
            status: status(row)?,
            version: row.try_get("version")?,
            head_version: row.try_get("head_version")?,
            receipt_count: row.try_get("receipt_count")?,
            change_seq: row.try_get("change_seq")?,
            in_force: row.try_get::<i64, _>("in_force")? == 1,
            base_id: base.parse().ok(),
        })
    };
    rows.iter().map(meta).collect()
}

/// All documents of a query list that belong to a book, the latest change first.
pub async fn of_book<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    operator_code: &str,
    list: &str,
    book_no: &str,
) -> Result<Vec<DocumentRow>, sqlx::Error> {
    let query = sqlx::query(OF_BOOK).bind(operator_code).bind(list).bind(book_no);
    query.fetch_all(executor).await?.iter().map(decode).collect()
}

/// The document with this 报关单号, if there is one.
pub async fn by_entry_no(tx: &mut Tx, operator_code: &str, entry_no: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(BY_ENTRY_NO).bind(operator_code).bind(entry_no).fetch_optional(&mut **tx).await
}

/// Documents of these operators that have one of these 报关单号, or are to be registered under it.
pub async fn numbered<'c>(
    db: &Db,
    executor: impl Executor<'c, Database = sqlx::Any>,
    operators: &[&str],
    numbers: &[&str],
) -> Result<Vec<DocumentRow>, sqlx::Error> {
    let query = sqlx::query(db.pick(NUMBERED)).bind(db.list(operators)?).bind(db.list(numbers)?);
    query.fetch_all(executor).await?.iter().map(decode).collect()
}

/// Inserts; false when the id is already there.
pub async fn insert(tx: &mut Tx, row: &DocumentRow) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(INSERT)
        .bind(&row.id)
        .bind(&row.operator_code)
        .bind(&row.kind)
        .bind(&row.list)
        .bind(row.status.code())
        .bind(row.version)
        .bind(row.head_version)
        .bind(&row.seq_no)
        .bind(&row.internal_no)
        .bind(&row.book_no)
        .bind(&row.decl_type)
        .bind(row.change_seq)
        .bind(&row.base_id)
        .bind(&row.root_id)
        .bind(i64::from(row.in_force))
        .bind(row.extensions)
        .bind(&row.operator_name)
        .bind(&row.processor_name)
        .bind(&row.master_customs)
        .bind(&row.currency)
        .bind(row.export_total)
        .bind(row.reimport_total)
        .bind(&row.declarant_code)
        .bind(&row.input_code)
        .bind(&row.input_date)
        .bind(&row.valid_to)
        .bind(&row.declared_at)
        .bind(&row.approved_at)
        .bind(row.declare_round)
        .bind(&row.created_by)
        .bind(&row.updated_at)
        .bind(&row.entry_no)
        .bind(&row.registered_no)
        .bind(&row.contract_no)
        .bind(&row.head)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes everything that may change of a document.
pub async fn update(tx: &mut Tx, row: &DocumentRow) -> Result<(), sqlx::Error> {
    sqlx::query(UPDATE)
        .bind(&row.id)
        .bind(row.status.code())
        .bind(row.version)
        .bind(row.head_version)
        .bind(&row.internal_no)
        .bind(&row.book_no)
        .bind(i64::from(row.in_force))
        .bind(row.extensions)
        .bind(&row.operator_name)
        .bind(&row.processor_name)
        .bind(&row.master_customs)
        .bind(&row.currency)
        .bind(row.export_total)
        .bind(row.reimport_total)
        .bind(&row.declarant_code)
        .bind(&row.valid_to)
        .bind(&row.declared_at)
        .bind(&row.approved_at)
        .bind(row.declare_round)
        .bind(&row.updated_at)
        .bind(&row.entry_no)
        .bind(&row.registered_no)
        .bind(&row.head)
        .bind(&row.decl_type)
        .bind(&row.contract_no)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Another document takes over from this one. Its version stays: nothing of its content has changed.
pub async fn leave_force(tx: &mut Tx, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query(LEAVE_FORCE).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Deletes a document with everything that hangs on it. Audit and receipts stay.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query(DELETE).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// The 统一编号 of another document that has this 企业内部编号, if any.
pub async fn internal_no_taken(tx: &mut Tx, row: &DocumentRow) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(INTERNAL_NO_TAKEN)
        .bind(&row.operator_code)
        .bind(&row.kind)
        .bind(&row.internal_no)
        .bind(row.change_seq)
        .bind(&row.id)
        .fetch_optional(&mut **tx)
        .await
}

/// The next number of a series; never given twice, not even after a rollback of somebody else.
pub async fn next_number(tx: &mut Tx, series: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(NEXT_NUMBER).bind(series).fetch_one(&mut **tx).await
}

/// Lets nobody else past the same name until the transaction ends: an id or a number that is not in the table yet has no
/// row to lock, so two requests would both find it free.
pub async fn reserve(db: &Db, tx: &mut Tx, name: &str) -> Result<(), sqlx::Error> {
    if db.engine == Engine::Postgres {
        sqlx::query(RESERVE).bind(name).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Who did what to a document, and when.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    pub at: &'a str,
    /// A login, or `customs`.
    pub actor: &'a str,
    pub action: &'a str,
}

/// Adds a line to the audit trail, in the transaction of what it tells of.
pub async fn audit(tx: &mut Tx, row: &DocumentRow, deed: Deed<'_>, detail: &Value) -> Result<(), sqlx::Error> {
    let Deed { at, actor, action } = deed;
    let deed = audit::Deed { enterprise: &row.operator_code, document: &row.id, at, actor, action };
    audit::add(tx, deed, detail).await
}

/// Who did this to a document last, and the details; `None` when nobody did.
pub async fn last_deed(tx: &mut Tx, row: &DocumentRow, action: &str) -> Result<Option<(String, String)>, sqlx::Error> {
    let query = sqlx::query(LAST_DEED).bind(&row.operator_code).bind(&row.id).bind(action);
    let found = query.fetch_optional(&mut **tx).await?;
    found.map(|row| Ok((row.try_get("actor")?, row.try_get("detail")?))).transpose()
}

/// When a document of one of these operators was deleted, and by whom; `None` when it never was.
pub async fn deletion<'c>(
    db: &Db,
    executor: impl Executor<'c, Database = sqlx::Any>,
    operators: &[&str],
    id: &str,
) -> Result<Option<(String, String)>, sqlx::Error> {
    let query = sqlx::query(db.pick(DELETION)).bind(db.list(operators)?).bind(id);
    query.fetch_optional(executor).await?.map(|row| Ok((row.try_get("at")?, row.try_get("actor")?))).transpose()
}

#[cfg(test)]
mod tests {
    use super::hundredths;

    #[test]
    fn amounts_of_the_official_screen_fit_their_column() {
        // In text order 9 comes after 1000; an amount that wrapped around would come first.
        assert_eq!(hundredths("999999999999999.99"), 99_999_999_999_999_999);
        assert_eq!((hundredths("0.1"), hundredths(""), hundredths("x"), hundredths("12")), (10, 0, 0, 1200));
        assert_eq!(hundredths("99999999999999999999"), i64::MAX);
    }
}
