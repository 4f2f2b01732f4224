//! Imports code tables from a folder of CSV files: each table whole or not at all, in a transaction
//! of its own. Used by `opbook reference import` and by `service` at start; reads no HTTP.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};

use chrono::{Duration, NaiveDate};
use sha2::{Digest, Sha256};

use super::initials::initials;
use super::source::{self, Draft, Fault};
use super::store::{self, Row, Stored};
use super::{Table, starter};
use crate::server::db::Db;

/// Why nothing could be imported at all. Faults of single files are in the [`Report`].
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("文件夹 {} 无法读取（{cause}），请检查路径和权限", folder.display())]
    Folder { folder: PathBuf, cause: std::io::Error },
    #[error("文件夹 {} 中没有可识别的参数表文件，请按说明准备 CSV 文件", folder.display())]
    Empty { folder: PathBuf },
    #[error("数据库无法写入，参数表未改动：{0}")]
    Database(#[from] sqlx::Error),
}

/// What an import did, for the person who ran it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub folder: PathBuf,
    pub tables: Vec<TableReport>,
    /// CSV files that are no code table the program knows.
    pub ignored: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableReport {
    pub table: Table,
    pub outcome: Result<Change, Vec<Fault>>,
}

/// How a table changed. `changed` entries were closed and opened anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub total: usize,
    pub added: usize,
    pub changed: usize,
    pub closed: usize,
}

impl Report {
    /// False when a table was left as it was because of faults in its file.
    pub fn is_clean(&self) -> bool {
        self.tables.iter().all(|table| table.outcome.is_ok())
    }
}

/// Faults beyond this many are only counted: a wrong column makes thousands.
const SHOWN_FAULTS: usize = 20;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "参数表导入：{}", self.folder.display())?;
        for TableReport { table, outcome } in &self.tables {
            write!(f, "\n  {}：", table.label().zh)?;
            match outcome {
                Ok(Change { total, added: 0, changed: 0, closed: 0 }) => write!(f, "共 {total} 条，没有变化")?,
                Ok(Change { total, added, changed, closed }) => {
                    write!(f, "共 {total} 条（新增 {added}，修改 {changed}，失效 {closed}）")?;
                }
                Err(faults) => {
                    write!(f, "未导入，原有数据不变；请改正以下 {} 处错误后重新导入", faults.len())?;
                    for fault in faults.iter().take(SHOWN_FAULTS) {
                        write!(f, "\n    {fault}")?;
                    }
                    if faults.len() > SHOWN_FAULTS {
                        write!(f, "\n    ……另有 {} 处", faults.len() - SHOWN_FAULTS)?;
                    }
                }
            }
        }
        if !self.ignored.is_empty() {
            write!(f, "\n  不是参数表，已跳过：{}", self.ignored.join("、"))?;
        }
        Ok(())
    }
}

/// Imports every table the folder has a file of.
///
/// # Errors
/// When the folder cannot be read, has no known file, or the database fails; tables imported before
/// a failure of the database stay imported.
pub async fn import_folder(db: &Db, folder: &Path) -> Result<Report, ImportError> {
    import_on(db, &Folder::read(folder)?, db.clock.today()).await
}

pub(super) async fn import_on(db: &Db, folder: &Folder, today: NaiveDate) -> Result<Report, ImportError> {
    let source = format!("import of {}", folder.path.display());
    let mut tables = Vec::new();
    for (table, files) in &folder.files {
        let outcome = match drafts_of(*table, files) {
            Ok(drafts) => Ok(replace(db, *table, drafts, &source, today).await?),
            Err(faults) => Err(faults),
        };
        tables.push(TableReport { table: *table, outcome });
    }
    Ok(Report { folder: folder.path.clone(), tables, ignored: folder.ignored.clone() })
}

fn drafts_of(table: Table, files: &[(String, Vec<u8>)]) -> Result<Vec<Draft>, Vec<Fault>> {
    match files {
        [(name, bytes)] => source::read(table, name, bytes),
        _ => {
            let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
            let reason = format!("{}只能有一个文件，请留下其中一个：{}", table.label().zh, names.join("、"));
            Err(vec![Fault { file: names.first().copied().unwrap_or_default().to_owned(), line: 0, reason }])
        }
    }
}

/// The files of a folder, read once.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Name and content of the files of each table.
    files: BTreeMap<Table, Vec<(String, Vec<u8>)>>,
    ignored: Vec<String>,
}

impl Folder {
    // Blocking: only the command line and the start of the server come here.
    pub(super) fn read(path: &Path) -> Result<Self, ImportError> {
        let unreadable = |cause| ImportError::Folder { folder: path.to_owned(), cause };
        let mut names = Vec::new();
        for item in std::fs::read_dir(path).map_err(unreadable)? {
            let name = item.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
            if name.to_ascii_lowercase().ends_with(".csv") {
                names.push(name);
            }
        }
        names.sort();
        let mut folder = Self { path: path.to_owned(), files: BTreeMap::new(), ignored: Vec::new() };
        for name in names {
            let bytes = std::fs::read(path.join(&name)).map_err(unreadable)?;
            let tariff = source::has_tariff_header(&bytes).then_some(Table::Commodity);
            match tariff.or_else(|| source::table_of_file(&name)) {
                Some(table) => folder.files.entry(table).or_default().push((name, bytes)),
                None => folder.ignored.push(name),
            }
        }
        if folder.files.is_empty() { Err(ImportError::Empty { folder: folder.path }) } else { Ok(folder) }
    }

    /// Changes with the content, and with our own set, which fills what the files do not tell.
    pub(super) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for (table, files) in &self.files {
            hash.update(starter::fingerprint(*table));
            for (name, bytes) in files {
                hash.update(name);
                hash.update(Sha256::digest(bytes));
            }
        }
        short_hash(hash.finalize().as_slice())
    }
}

/// Replaces a table in one transaction: what vanished or changed is closed, what is new or changed is
/// valid from today. The same content again changes nothing.
pub(super) async fn replace(
    db: &Db,
    table: Table,
    drafts: Vec<Draft>,
    source: &str,
    today: NaiveDate,
) -> Result<Change, sqlx::Error> {
    let own = starter::drafts(table).unwrap_or_default();
    let drafts = supplemented(table, drafts, &own);
    let now = db.clock.stamp();
    let mut tx = db.begin().await?;
    let stored = store::lock_table(&mut tx, table.key(), &now).await?;
    let old = store::open_entries(&mut tx, table).await?;
    let old: HashMap<&str, &Row> = old.iter().map(|row| (row.code.as_str(), row)).collect();
    let new = complete(drafts, &old, &own);

    let mut change = Change { total: new.len(), ..Change::default() };
    let mut closing: Vec<&str> = old.keys().copied().filter(|code| !new.contains_key(*code)).collect();
    change.closed = closing.len();
    let mut opening = Vec::new();
    for (code, row) in &new {
        match old.get(code.as_str()) {
            Some(old) if *old == row => continue,
            Some(_) => {
                change.changed += 1;
                closing.push(code);
            }
            None => change.added += 1,
        }
        opening.push(row);
    }
    let wanted =
        Stored { name: table.key().to_owned(), version: version(&wire(new.values())), source: source.to_owned() };
    if !closing.is_empty() {
        let (today, yesterday) = (today.to_string(), (today - Duration::days(1)).to_string());
        store::close_entries(db, &mut tx, table, &closing, &today, &yesterday).await?;
    }
    if !opening.is_empty() {
        store::open_new(db, &mut tx, table, &opening, &today.to_string()).await?;
    }
    if stored != wanted || !closing.is_empty() || !opening.is_empty() {
        store::set_table(&mut tx, &wanted, &now).await?;
    }
    tx.commit().await?;
    Ok(change)
}

/// Lists of currencies in circulation name only the usual ones: those of our own set stay usable
/// beside them, or a filing in won could not be made. So do other spellings. Every other table is replaced as it comes.
fn supplemented(table: Table, mut drafts: Vec<Draft>, own: &[Draft]) -> Vec<Draft> {
    if matches!(table, Table::Currency | Table::Synonym) {
        let missing = own.iter().filter(|known| drafts.iter().all(|draft| draft.code != known.code));
        let missing: Vec<_> = missing.cloned().collect();
        drafts.extend(missing);
    }
    drafts
}

/// Fills the columns a source does not have from the stored entry of the same code, else from our own set.
fn complete(drafts: Vec<Draft>, old: &HashMap<&str, &Row>, own: &[Draft]) -> BTreeMap<String, Row> {
    let own: HashMap<&str, &Draft> = own.iter().map(|draft| (draft.code.as_str(), draft)).collect();
    let nothing = (Row::default(), Draft::default());
    let row = |draft: Draft| {
        let stored = old.get(draft.code.as_str()).copied().unwrap_or(&nothing.0);
        let own = own.get(draft.code.as_str()).copied().unwrap_or(&nothing.1);
        let fill = |told: Option<String>, stored: &String, own: &Option<String>| match told {
            Some(told) => told,
            None if !stored.is_empty() => stored.clone(),
            None => own.clone().unwrap_or_default(),
        };
        Row {
            initials: initials(&draft.name),
            name_en: fill(draft.name_en, &stored.name_en, &own.name_en),
            alias: fill(draft.alias, &stored.alias, &own.alias),
            unit: fill(draft.unit, &stored.unit, &own.unit),
            unit2: fill(draft.unit2, &stored.unit2, &own.unit2),
            import_rate: fill(draft.import_rate, &stored.import_rate, &own.import_rate),
            export_rate: fill(draft.export_rate, &stored.export_rate, &own.export_rate),
            controls: fill(draft.controls, &stored.controls, &own.controls),
            code: draft.code,
            name: draft.name,
        }
    };
    drafts.into_iter().map(|draft| (draft.code.clone(), row(draft))).collect()
}

/// The text that travels to the browser, see [`super::TableData::new`]. Rows must be sorted by code.
pub(super) fn wire<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let mut text = String::new();
    for row in rows {
        let Row { code, name, name_en, initials, alias, unit, unit2, import_rate: _, export_rate, controls } = row;
        let columns = [code, name, name_en, initials, alias, unit, unit2, export_rate, controls];
        let filled = columns.iter().rposition(|column| !column.is_empty()).map_or(0, |last| last + 1);
        for (at, column) in columns[..filled].iter().enumerate() {
            if at > 0 {
                text.push('\t');
            }
            text.push_str(column);
        }
        text.push('\n');
    }
    text
}

/// The version of a wire text.
pub(super) fn version(wire: &str) -> String {
    short_hash(Sha256::digest(wire).as_slice())
}

/// The first 16 hexadecimal digits.
pub(super) fn short_hash(hash: &[u8]) -> String {
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
