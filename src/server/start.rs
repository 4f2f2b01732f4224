//! Runs the server from settings to graceful end: database, code tables, workers, sweeps, socket.
//! The command line calls it; tests use `router::app` without it.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::config::Config;
use super::db::{Db, is_of_another_version};
use super::failure::Failure;
use super::jobs::{LONG, SHORT};
use super::router;
use super::state::AppState;
use crate::exchange;
use crate::hint::watch;
use crate::job::worker;
use crate::people::demo;
use crate::reference::service::ReferenceCache;

/// How often code tables are looked at for a new version.
const REFRESH_EVERY: Duration = Duration::from_mins(1);
/// How long running requests may take to end; longer than any may take at all.
const PATIENCE: Duration = Duration::from_secs(35);

/// Why the server could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot make the data folder {folder} (setting OPBOOK_DATA): {source}")]
    Folder { folder: String, source: std::io::Error },
    #[error("cannot open the database (setting DATABASE_URL): {0}")]
    Database(sqlx::Error),
    #[error(
        "the database (setting DATABASE_URL) does not let us in: is it running, are address, user and password right?"
    )]
    Unreachable,
    /// Nothing is migrated that this version did not make: what another one stored could be lost.
    #[error(
        "数据库（设置DATABASE_URL）由另一版本的opbook建立，表结构不同，未作任何改动：请用原版本打开，或先备份，再让DATABASE_URL指向新的空库 / \
         the database (setting DATABASE_URL) was made by another version of opbook with other tables, and nothing of it was touched: \
         open it with that version, or back it up and let DATABASE_URL name a new, empty one"
    )]
    OtherVersion,
    #[error("cannot load data: {0}")]
    Load(#[from] Failure),
    #[error("cannot open the store of attached files (setting OPBOOK_STORAGE): {0}")]
    Storage(#[from] object_store::Error),
    #[error("cannot listen on {addr} (setting OPBOOK_ADDR): {source}")]
    Listen { addr: SocketAddr, source: std::io::Error },
    #[error("the server stopped: {0}")]
    Serve(std::io::Error),
}

impl From<sqlx::Error> for StartError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            // The pool tries until its time is up and keeps the cause to itself.
            sqlx::Error::PoolTimedOut => Self::Unreachable,
            other if is_of_another_version(&other) => Self::OtherVersion,
            other => Self::Database(other),
        }
    }
}

/// Serves until the process is told to stop (SIGTERM or Ctrl-C), then lets running requests end.
///
/// # Errors
/// What kept it from starting.
pub async fn serve(config: Config, demo: bool) -> Result<(), StartError> {
    log(&config);
    let state = prepare(config, demo).await?;
    let addr = state.config.addr;
    let listener = TcpListener::bind(addr).await.map_err(|source| StartError::Listen { addr, source })?;
    let addr = listener.local_addr().map_err(|source| StartError::Listen { addr, source })?;

    let stop = CancellationToken::new();
    let workers = [
        refreshes(state.clone(), stop.clone()),
        worker::start(state.clone(), SHORT, stop.clone()),
        worker::start(state.clone(), LONG, stop.clone()),
        exchange::start(state.clone(), stop.clone()),
        watch::start(state.clone(), stop.clone()),
    ];
    announce(&state, addr, demo);

    let (told, hints) = (stop.clone(), state.hints.clone());
    let server = axum::serve(listener, router::app(state.clone()).into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            told_to_stop().await;
            tracing::info!("stopping");
            told.cancel();
            // Streams have no end of their own, and the server waits for them.
            hints.end();
        });
    let out_of_patience = async {
        stop.cancelled().await;
        tokio::time::sleep(PATIENCE).await;
    };
    let served = tokio::select! {
        served = server => served.map_err(StartError::Serve),
        () = out_of_patience => Ok(()),
    };

    stop.cancel();
    for worker in workers {
        if tokio::time::timeout(PATIENCE, worker).await.is_err() {
            tracing::warn!("a worker did not stop in time");
        }
    }
    state.db.close().await;
    served
}

/// Opens the database and loads what every process needs.
///
/// # Errors
/// What kept it from being ready.
pub async fn prepare(config: Config, demo: bool) -> Result<AppState, StartError> {
    let db = open(&config).await?;
    if demo {
        demo::load(&db).await?;
    }
    let reference = ReferenceCache::load(&db, &config).await?;
    let state = AppState::new(db, config, reference);
    state.storage.store()?;
    Ok(state)
}

/// Opens the database of the settings, bringing its tables up to date.
///
/// # Errors
/// When the folder or the database is out of reach.
pub async fn open(config: &Config) -> Result<Db, StartError> {
    std::fs::create_dir_all(&config.data)
        .map_err(|source| StartError::Folder { folder: config.data.display().to_string(), source })?;
    Ok(Db::open(&config.database_url).await?)
}

/// Log on standard output. Statements and session ids never go there, whatever the level.
fn log(config: &Config) {
    let quiet = "sqlx=warn,tower_sessions=error,tower_sessions_core=error,hyper=warn,h2=warn";
    let filter = EnvFilter::new(format!("{},{quiet}", config.log_level));
    let colours = std::io::stdout().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_ansi(colours);
    // A second call in one process keeps the first log.
    let _ = if config.log_json { builder.json().try_init() } else { builder.try_init() };
}

fn announce(state: &AppState, addr: SocketAddr, demo: bool) {
    if demo {
        println!("{}", demo::summary());
        if !addr.ip().is_loopback() {
            tracing::warn!(%addr, "demonstration users with known passwords can be reached from other machines");
        }
    }
    if state.config.log_json {
        tracing::info!(%addr, version = env!("CARGO_PKG_VERSION"), "listening");
    } else {
        println!("opbook {} listens on http://{addr}", env!("CARGO_PKG_VERSION"));
    }
}

async fn told_to_stop() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "cannot wait for Ctrl-C");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "cannot wait for SIGTERM");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

/// Looks for new code tables now and then until told to stop: every process has its own in memory. A failure waits for the
/// next round.
fn refreshes(state: AppState, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut clock = tokio::time::interval(REFRESH_EVERY);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = clock.tick() => {}
            }
            if let Err(error) = state.reference.refresh(&state.db).await {
                tracing::warn!(%error, "looking for new code tables failed");
            }
        }
    })
}
