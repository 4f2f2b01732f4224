//! What the tests of this folder share: a database, a folder of files, the full tariff. Compiled for tests only;
//! tests outside of `reference` have tests/support.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::import::wire;
use super::initials::initials;
use super::source::{Draft, read};
use super::store::Row;
use super::{Table, TableData, starter};
use crate::server::db::Db;

/// An empty database; it is gone when the folder is dropped.
pub async fn database() -> (Db, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite:{}/test.db", folder.path().display())).await.unwrap();
    (db, folder)
}

/// A folder with these files.
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// The folder of full code tables, which is not part of the repository.
pub fn full_folder() -> Option<PathBuf> {
    let given = std::env::var_os("REFDATA_DIR").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/refdata"));
    folder.join("hs10_tariff_cn_2026.csv").exists().then_some(folder)
}

/// The 12,030 commodity codes, or our own set where they are not at hand.
pub fn commodities() -> TableData {
    let drafts = match full_folder() {
        Some(folder) => {
            let name = "hs10_tariff_cn_2026.csv";
            read(Table::Commodity, name, &std::fs::read(folder.join(name)).unwrap()).unwrap()
        }
        None => {
            eprintln!("no full tariff at hand: this test runs on the starter set");
            starter::drafts(Table::Commodity).unwrap()
        }
    };
    table(drafts)
}

/// A table as the browser gets it.
pub fn table(drafts: Vec<Draft>) -> TableData {
    let mut rows: Vec<Row> = drafts
        .into_iter()
        .map(|draft| Row {
            initials: initials(&draft.name),
            code: draft.code,
            name: draft.name,
            name_en: draft.name_en.unwrap_or_default(),
            alias: draft.alias.unwrap_or_default(),
            ..Row::default()
        })
        .collect();
    rows.sort_by(|a, b| a.code.cmp(&b.code));
    TableData::new("test".to_owned(), wire(rows.iter()))
}
