//! SQL of the code tables. An entry is open while its `valid_to` is the last of all days; an import
//! closes it on the day before. Besides a row per table, `code_table` has one for the folder of
//! settings (`FOLDER`), so that a start imports it only when its content changed.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::Table;
use crate::lists;
use crate::server::db::{Db, Sql, Tx, as_json};

/// `code_table.name` of what was last imported from the folder of the settings.
pub const FOLDER: &str = "refdata_dir";

// On PostgreSQL a second process waits here for the row until the first has committed.
const LOCK_TABLE: &str = "INSERT INTO code_table (name, version, source, loaded_at) VALUES ($1, '', '', $2) \
    ON CONFLICT (name) DO UPDATE SET name = excluded.name";
const SET_TABLE: &str = "UPDATE code_table SET version = $2, source = $3, loaded_at = $4 WHERE name = $1";
const TABLE: &str = "SELECT name, version, source FROM code_table WHERE name = $1";
const TABLES: &str = "SELECT name, version, source FROM code_table";

const OPEN_ENTRIES: &str = "SELECT code, name, name_en, initials, alias, unit, unit2, import_rate, export_rate, \
    controls FROM code_entry WHERE table_name = $1 AND valid_to = '9999-12-31'";
const VALID_ENTRIES: &str = "SELECT code, name, name_en, initials, alias, unit, unit2, import_rate, export_rate, \
    controls FROM code_entry WHERE table_name = $1 AND valid_from <= $2 AND valid_to >= $2";

// Many rows travel as one JSON text: 12,000 single statements would take seconds over a network.
macro_rules! insert_from {
    ($rows:literal) => {
        concat!(
            "INSERT INTO code_entry (table_name, valid_from, code, name, name_en, initials, alias, unit, unit2, \
             import_rate, export_rate, controls) \
             SELECT $1, $2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, \
             value ->> 6, value ->> 7, value ->> 8, value ->> 9 FROM ",
            $rows
        )
    };
}
const INSERT_ENTRIES: Sql = Sql {
    sqlite: insert_from!("json_each($3)"),
    postgres: insert_from!("jsonb_array_elements(CAST($3 AS jsonb)) AS item (value)"),
};
const CLOSE_ENTRIES: Sql = lists!(
    "UPDATE code_entry SET valid_to = $3 WHERE table_name = $1 AND valid_to = '9999-12-31' AND valid_from < $2 AND code ",
    { 4 }
);
// An entry that was opened today was never valid on a day that is over.
const DROP_ENTRIES: Sql = lists!(
    "DELETE FROM code_entry WHERE table_name = $1 AND valid_to = '9999-12-31' AND valid_from >= $2 AND code ",
    { 3 }
);

/// One entry as it is stored, in the order of the JSON array it is written with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(into = "[String; 10]")]
pub struct Row {
    pub code: String,
    pub name: String,
    pub name_en: String,
    pub initials: String,
    pub alias: String,
    pub unit: String,
    pub unit2: String,
    pub import_rate: String,
    pub export_rate: String,
    pub controls: String,
}

impl From<Row> for [String; 10] {
    fn from(row: Row) -> Self {
        let Row { code, name, name_en, initials, alias, unit, unit2, import_rate, export_rate, controls } = row;
        [code, name, name_en, initials, alias, unit, unit2, import_rate, export_rate, controls]
    }
}

impl Row {
    fn read(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            code: row.try_get("code")?,
            name: row.try_get("name")?,
            name_en: row.try_get("name_en")?,
            initials: row.try_get("initials")?,
            alias: row.try_get("alias")?,
            unit: row.try_get("unit")?,
            unit2: row.try_get("unit2")?,
            import_rate: row.try_get("import_rate")?,
            export_rate: row.try_get("export_rate")?,
            controls: row.try_get("controls")?,
        })
    }
}

/// What is stored of a table as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    pub name: String,
    /// Hash of the wire text.
    pub version: String,
    /// Where the entries came from; empty: never loaded.
    pub source: String,
}

impl Stored {
    fn read(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self { name: row.try_get("name")?, version: row.try_get("version")?, source: row.try_get("source")? })
    }
}

/// All tables (and the folder of the settings).
pub async fn tables(db: &Db) -> Result<Vec<Stored>, sqlx::Error> {
    sqlx::query(TABLES).fetch_all(&db.read).await?.iter().map(Stored::read).collect()
}

/// Locks a table against other importing processes and tells what is stored of it.
pub async fn lock_table(tx: &mut Tx, name: &str, now: &str) -> Result<Stored, sqlx::Error> {
    sqlx::query(LOCK_TABLE).bind(name).bind(now).execute(&mut **tx).await?;
    Stored::read(&sqlx::query(TABLE).bind(name).fetch_one(&mut **tx).await?)
}

pub async fn set_table(tx: &mut Tx, table: &Stored, now: &str) -> Result<(), sqlx::Error> {
    let query = sqlx::query(SET_TABLE).bind(&table.name).bind(&table.version).bind(&table.source).bind(now);
    query.execute(&mut **tx).await.map(|_| ())
}

/// The entries that no import has closed.
pub async fn open_entries(tx: &mut Tx, table: Table) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query(OPEN_ENTRIES).bind(table.key()).fetch_all(&mut **tx).await?.iter().map(Row::read).collect()
}

/// The entries valid on a day (`yyyy-mm-dd`).
pub async fn valid_entries(db: &Db, table: Table, day: &str) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query(VALID_ENTRIES).bind(table.key()).bind(day).fetch_all(&db.read).await?.iter().map(Row::read).collect()
}

/// Ends the validity of open entries with `yesterday`; those opened today are taken away.
pub async fn close_entries(
    db: &Db,
    tx: &mut Tx,
    table: Table,
    codes: &[&str],
    today: &str,
    yesterday: &str,
) -> Result<(), sqlx::Error> {
    let codes = db.list(&codes)?;
    let query = sqlx::query(db.pick(DROP_ENTRIES)).bind(table.key()).bind(today).bind(&codes);
    query.execute(&mut **tx).await?;
    let query = sqlx::query(db.pick(CLOSE_ENTRIES)).bind(table.key()).bind(today).bind(yesterday).bind(&codes);
    query.execute(&mut **tx).await.map(|_| ())
}

/// Opens entries that are valid from `today`.
pub async fn open_new(db: &Db, tx: &mut Tx, table: Table, rows: &[&Row], today: &str) -> Result<(), sqlx::Error> {
    let query = sqlx::query(db.pick(INSERT_ENTRIES)).bind(table.key()).bind(today).bind(as_json(&rows)?);
    query.execute(&mut **tx).await.map(|_| ())
}
