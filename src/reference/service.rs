//! The code tables of the server: loaded at start, shared by all requests, reloaded when another
//! process has imported. Holds no SQL and knows no HTTP.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use super::import::{self, Folder, ImportError};
use super::packed::Packed;
use super::store::{self, Stored};
use super::{Codes, Table, TableData, starter};
use crate::server::config::Config;
use crate::server::db::Db;
use crate::server::failure::Failure;

/// Code tables in memory; cheap to clone, all clones see the same tables.
#[derive(Clone, Debug, Default)]
pub struct ReferenceCache {
    now: Arc<RwLock<Snapshot>>,
}

#[derive(Clone, Debug, Default)]
struct Snapshot {
    codes: Codes,
    packed: HashMap<Table, Arc<Packed>>,
    /// Versions the database named when the tables were read.
    stored: HashMap<Table, String>,
}

impl ReferenceCache {
    /// Brings the tables of the database up to date (our own set where there is none, then the folder
    /// of the settings) and loads them. A folder with faults stops nothing: it is logged, and tried
    /// again at the next start.
    ///
    /// # Errors
    /// When the database fails or our own set cannot be read.
    pub async fn load(db: &Db, config: &Config) -> Result<Self, Failure> {
        Self::load_from(db, config.refdata_dir.as_deref()).await
    }

    async fn load_from(db: &Db, folder: Option<&Path>) -> Result<Self, Failure> {
        load_starter(db).await?;
        if let Some(folder) = folder {
            match load_folder(db, folder).await {
                Ok(()) => {}
                Err(ImportError::Database(error)) => return Err(error.into()),
                Err(error) => tracing::warn!("{error}"),
            }
        }
        let cache = Self::default();
        cache.refresh(db).await?;
        Ok(cache)
    }

    /// The tables as they stand now.
    pub fn codes(&self) -> Codes {
        self.read(|now| now.codes.clone())
    }

    /// Version of each table.
    pub fn versions(&self) -> Vec<(Table, String)> {
        self.read(|now| now.packed.iter().map(|(table, packed)| (*table, packed.version().to_owned())).collect())
    }

    /// A table as it is sent, when it still has this version.
    pub fn packed(&self, table: Table, version: &str) -> Option<Arc<Packed>> {
        self.read(|now| now.packed.get(&table).filter(|packed| packed.version() == version).cloned())
    }

    /// Reloads the tables whose version in the database moved.
    ///
    /// # Errors
    /// When the database fails; the tables in memory stay.
    pub async fn refresh(&self, db: &Db) -> Result<(), Failure> {
        let known = self.read(|now| now.stored.clone());
        let day = db.clock.today().to_string();
        for Stored { name, version, .. } in store::tables(db).await? {
            let Some(table) = Table::from_key(&name).filter(|table| known.get(table) != Some(&version)) else {
                continue;
            };
            let mut rows = store::valid_entries(db, table, &day).await?;
            // Here and not in SQL: databases sort text by their own rules.
            rows.sort_by(|a, b| a.code.cmp(&b.code));
            let wire = import::wire(rows.iter());
            // From the text and not from the database: what is behind an address must never change,
            // even when an import came between the two reads.
            let data = Arc::new(TableData::new(import::version(&wire), wire));
            let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
            now.codes.insert(table, Arc::clone(&data));
            now.packed.insert(table, Arc::new(Packed::new(data)));
            now.stored.insert(table, version);
        }
        Ok(())
    }

    fn read<T>(&self, look: impl FnOnce(&Snapshot) -> T) -> T {
        look(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Loads our own set into tables that are empty or still hold that of an older program.
async fn load_starter(db: &Db) -> Result<(), Failure> {
    let stored: HashMap<String, String> =
        store::tables(db).await?.into_iter().map(|table| (table.name, table.source)).collect();
    for table in Table::ALL {
        let source = format!("starter {}", starter::fingerprint(table));
        let replaceable = match stored.get(table.key()) {
            None => true,
            Some(known) => known.starts_with("starter") && *known != source,
        };
        if replaceable {
            let drafts = starter::drafts(table)
                .map_err(|faults| Failure::Internal(format!("starter set of {}: {faults:?}", table.key())))?;
            import::replace(db, table, drafts, &source, db.clock.today()).await?;
        }
    }
    Ok(())
}

/// Imports the folder of the settings when its content is not what was imported from it last.
async fn load_folder(db: &Db, path: &Path) -> Result<(), ImportError> {
    let folder = Folder::read(path)?;
    let current =
        Stored { name: store::FOLDER.to_owned(), version: folder.fingerprint(), source: path.display().to_string() };
    if store::tables(db).await?.contains(&current) {
        return Ok(());
    }
    let report = import::import_on(db, &folder, db.clock.today()).await?;
    if report.is_clean() {
        tracing::info!("{report}");
        let now = db.clock.stamp();
        let mut tx = db.begin().await?;
        store::lock_table(&mut tx, store::FOLDER, &now).await?;
        store::set_table(&mut tx, &current, &now).await?;
        tx.commit().await?;
    } else {
        tracing::warn!("{report}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::testing::{database, folder};

    fn name(cache: &ReferenceCache, code: &str) -> Option<String> {
        cache.codes().find(Table::Unit, code).map(|entry| entry.name.to_owned())
    }

    #[tokio::test]
    async fn an_empty_database_gets_our_own_set_and_the_folder_replaces_it() {
        let (db, _folder) = database().await;
        let cache = ReferenceCache::load_from(&db, None).await.unwrap();
        for table in Table::ALL {
            assert!(cache.codes().table(table).is_some_and(|data| !data.is_empty()), "{table:?}");
        }
        assert_eq!(name(&cache, "999"), None);

        let path = folder(&[("unit.csv", "code,name_zh\n999,箩\n")]);
        let cache = ReferenceCache::load_from(&db, Some(path.path())).await.unwrap();
        assert_eq!(name(&cache, "999").as_deref(), Some("箩"));
        assert_eq!(cache.codes().table(Table::Unit).unwrap().len(), 1);

        // Without the folder, and with one that is gone, the imported table stays: our own set does not come back.
        let missing = path.path().join("missing");
        for folder in [None, Some(missing.as_path())] {
            let cache = ReferenceCache::load_from(&db, folder).await.unwrap();
            assert_eq!(cache.codes().table(Table::Unit).unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn the_folder_is_imported_again_only_when_its_content_changed() {
        let (db, _folder) = database().await;
        let path = folder(&[("unit.csv", "code,name_zh\n001,台\n")]);
        ReferenceCache::load_from(&db, Some(path.path())).await.unwrap();
        // Somebody imports something else by hand: the same folder at the next start must not undo it.
        let other = folder(&[("unit.csv", "code,name_zh\n001,台\n002,座\n")]);
        import::import_folder(&db, other.path()).await.unwrap();
        let cache = ReferenceCache::load_from(&db, Some(path.path())).await.unwrap();
        assert_eq!(name(&cache, "002").as_deref(), Some("座"));

        std::fs::write(path.path().join("unit.csv"), "code,name_zh\n003,辆\n").unwrap();
        let cache = ReferenceCache::load_from(&db, Some(path.path())).await.unwrap();
        assert_eq!((name(&cache, "002"), name(&cache, "003").as_deref()), (None, Some("辆")));

        // A folder with a fault stops no start, and is imported once it is mended.
        std::fs::write(path.path().join("unit.csv"), "code,name_zh\n04,艘\n").unwrap();
        let cache = ReferenceCache::load_from(&db, Some(path.path())).await.unwrap();
        assert_eq!(name(&cache, "003").as_deref(), Some("辆"));
        std::fs::write(path.path().join("unit.csv"), "code,name_zh\n004,艘\n").unwrap();
        let cache = ReferenceCache::load_from(&db, Some(path.path())).await.unwrap();
        assert_eq!(name(&cache, "004").as_deref(), Some("艘"));
    }

    #[tokio::test]
    async fn an_import_of_another_process_reaches_every_clone() {
        let (db, _folder) = database().await;
        let cache = ReferenceCache::load_from(&db, None).await.unwrap();
        let clone = cache.clone();
        let (before, untouched) = (cache.codes(), cache.codes().table(Table::Country).unwrap().version.clone());
        let path = folder(&[("unit.csv", "code,name_zh\n001,架\n")]);
        import::import_folder(&db, path.path()).await.unwrap();
        assert_ne!(name(&clone, "001").as_deref(), Some("架"), "not before the refresh");
        cache.refresh(&db).await.unwrap();
        assert_eq!(name(&clone, "001").as_deref(), Some("架"));
        assert_ne!(before.find(Table::Unit, "001").unwrap().name, "架", "work that has begun keeps its tables");
        assert_eq!(clone.codes().table(Table::Country).unwrap().version, untouched);
    }
}
