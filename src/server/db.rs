//! The database: SQLite or PostgreSQL behind one type, chosen by the address. Used by every `store`.
//! Columns hold only TEXT and BIGINT (times as fixed-width UTC text, decimals as text, ids as text,
//! yes/no as 0/1), so one static SQL text with `$1` placeholders runs on both through sqlx's `Any`.
//! Where a text must differ per database it is a [`Sql`] pair.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::MigrateError;
use sqlx::{Any, AnyPool, Executor, Transaction};

use super::clock::Clock;
pub use super::clock::stamp;

/// Which database is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A statement whose text differs per database.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

/// A statement that takes lists, by its parts: `lists!("SELECT * FROM document WHERE id ", {1})`. `{1}` stands for a list of
/// texts, `[1]` for one of whole numbers, each bound as that parameter by `Db::list`; a part in round brackets is a macro.
///
/// PostgreSQL gets an array, which it looks into before it chooses its way. Of a subquery it expects a hundred rows, whatever is
/// in it, and rather reads the whole table.
#[macro_export]
macro_rules! lists {
    (@sqlite {$at:literal}) => {
        concat!("IN (SELECT value FROM json_each($", $at, "))")
    };
    (@sqlite [$at:literal]) => {
        concat!("IN (SELECT value FROM json_each($", $at, "))")
    };
    (@postgres {$at:literal}) => {
        concat!("= ANY (CAST($", $at, " AS text[]))")
    };
    (@postgres [$at:literal]) => {
        concat!("= ANY (CAST($", $at, " AS bigint[]))")
    };
    (@$engine:ident ($($part:tt)+)) => {
        $($part)+
    };
    (@$engine:ident $text:literal) => {
        $text
    };
    ($($part:tt),+ $(,)?) => {
        $crate::server::db::Sql {
            sqlite: concat!($($crate::lists!(@sqlite $part)),+),
            postgres: concat!($($crate::lists!(@postgres $part)),+),
        }
    };
}

/// Records as the JSON that statements take.
///
/// # Errors
/// When they cannot be written as JSON.
pub fn as_json<T: Serialize + ?Sized>(list: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(list).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// A list as PostgreSQL writes arrays: `{"a","b"}`.
fn as_array<T: Serialize + ?Sized>(list: &T) -> Result<String, sqlx::Error> {
    let encoded = |error: serde_json::Error| sqlx::Error::Encode(error.into());
    let items: Vec<Value> = serde_json::to_value(list).and_then(serde_json::from_value).map_err(encoded)?;
    let mut array = String::from("{");
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            array.push(',');
        }
        match item {
            Value::String(text) => {
                array.push('"');
                for sign in text.chars() {
                    if matches!(sign, '"' | '\\') {
                        array.push('\\');
                    }
                    array.push(sign);
                }
                array.push('"');
            }
            Value::Number(number) => array += &number.to_string(),
            other => return Err(sqlx::Error::Encode(format!("{other} in a list").into())),
        }
    }
    array.push('}');
    Ok(array)
}

/// Handle on the database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pub engine: Engine,
    /// The clock that everything stored goes by.
    pub clock: Clock,
    /// For reading. Never write through it: on SQLite it has several connections.
    pub read: AnyPool,
    /// One connection on SQLite, the same pool as `read` on PostgreSQL.
    write: AnyPool,
}

pub type Tx = Transaction<'static, Any>;

impl Db {
    /// Opens the database at `url` (`sqlite:PATH` or `postgres://…`) and applies migrations.
    ///
    /// # Errors
    /// When the database cannot be reached, was made by another version of the program (see
    /// [`is_of_another_version`]) or a migration fails.
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let db = if let Some(path) = url.strip_prefix("sqlite:") {
            Self::open_sqlite(path.trim_start_matches("//")).await?
        } else {
            let pool =
                AnyPoolOptions::new().max_connections(20).acquire_timeout(Duration::from_secs(10)).connect(url).await?;
            Self { engine: Engine::Postgres, clock: Clock::default(), read: pool.clone(), write: pool }
        };
        if let Err(error) = db.migrate().await {
            // On PostgreSQL the connection would keep the lock of the migrations.
            db.close().await;
            return Err(error);
        }
        Ok(db)
    }

    async fn open_sqlite(path: &str) -> Result<Self, sqlx::Error> {
        if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let url = format!("sqlite:{path}?mode=rwc");
        // WAL lets readers work beside the writer; FULL makes an acknowledged commit survive a power cut.
        let options = |connections: u32| {
            AnyPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(10)).after_connect(
                |connection, _| {
                    Box::pin(async move {
                        connection
                            .execute(
                                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                                 PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -16000;",
                            )
                            .await?;
                        Ok(())
                    })
                },
            )
        };
        let write = options(1).connect(&url).await?;
        let read = options(4).connect(&url).await?;
        Ok(Self { engine: Engine::Sqlite, clock: Clock::default(), read, write })
    }

    async fn migrate(&self) -> Result<(), sqlx::Error> {
        match self.engine {
            Engine::Sqlite => sqlx::migrate!("migrations/sqlite").run(&self.write).await?,
            Engine::Postgres => sqlx::migrate!("migrations/postgres").run(&self.write).await?,
        }
        Ok(())
    }

    /// Begins a transaction that will write. SQLite takes the write lock at once, because a lock
    /// asked for later fails without waiting when somebody else wrote in between.
    ///
    /// # Errors
    /// When no connection or lock is to be had in time.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        match self.engine {
            Engine::Sqlite => self.begin_sqlite().await,
            Engine::Postgres => self.write.begin().await,
        }
    }

    async fn begin_sqlite(&self) -> Result<Tx, sqlx::Error> {
        const BEGIN: &str = "BEGIN IMMEDIATE";
        match self.write.begin_with(BEGIN).await {
            // On a full disk SQLite ends the transaction by itself, the library goes on counting it, and
            // its connection could never begin another: nothing would be stored until a restart.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.write.acquire().await?.close().await?;
                self.write.begin_with(BEGIN).await
            }
            begun => begun,
        }
    }

    /// A list of texts or whole numbers as the statements of [`lists!`](crate::lists) take it.
    ///
    /// # Errors
    /// When it is no such list.
    pub fn list<T: Serialize + ?Sized>(&self, list: &T) -> Result<String, sqlx::Error> {
        match self.engine {
            Engine::Sqlite => as_json(list),
            Engine::Postgres => as_array(list),
        }
    }

    pub const fn pick(&self, sql: Sql) -> &'static str {
        match self.engine {
            Engine::Sqlite => sql.sqlite,
            Engine::Postgres => sql.postgres,
        }
    }

    /// True when the database answers.
    pub async fn is_alive(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.read).await.is_ok()
    }

    /// Waits for running statements and closes.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// True when there was no room left where the database keeps its files.
pub fn is_full(error: &sqlx::Error) -> bool {
    // SQLITE_FULL, and disk_full of PostgreSQL.
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("13" | "53100"))
}

/// True when two transactions came upon each other: one stored first what the other was about to, deleted what the
/// other's row hangs on, or they waited for each other.
pub fn is_clash(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    // deadlock_detected and serialization_failure of PostgreSQL.
    error.is_unique_violation()
        || error.is_foreign_key_violation()
        || matches!(error.code().as_deref(), Some("40P01" | "40001"))
}

/// True for text with the zero character, which PostgreSQL stores nowhere.
pub fn is_unstorable(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some("22021")
}

/// True when the database was made by another version of the program, whose tables are not these. Nothing of it was
/// touched.
pub fn is_of_another_version(error: &sqlx::Error) -> bool {
    let sqlx::Error::Migrate(cause) = error else { return false };
    matches!(**cause, MigrateError::VersionMismatch(_) | MigrateError::VersionMissing(_))
}
