//! The command line: what `opbook` can be told to do. Each command reads the settings, does one thing
//! through a service and ends; `serve` goes on. Passwords never come from the arguments, which every
//! user of the machine can read.

mod desk;
mod people;

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{Parser, Subcommand};

use super::config::{Config, ConfigError, SETTINGS};
use super::db::Db;
use super::failure::Failure;
use super::start::{self, StartError};
use super::storage::Storage;
use crate::attachment::sweep::sweep;
use crate::exchange;
use crate::reference::import::{ImportError, import_folder};

/// 出境加工账册申报系统: keep a Chinese outward-processing account book.
#[derive(Debug, Parser)]
#[command(name = "opbook", version, about, disable_help_subcommand = true)]
pub struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve: opens the database, loads the code tables, answers browsers
    Serve {
        /// Add demonstration enterprises and users with known passwords
        #[arg(long)]
        demo: bool,
    },
    /// Bring the tables of the database up to date, and end
    Migrate,
    /// Print every setting, its value and its meaning
    Settings,
    /// Read a spreadsheet from standard input within hard limits; the server starts this for every upload
    #[command(hide = true)]
    ReadSheet { wanted: Vec<String> },
    /// Look through a PDF from standard input within hard limits; the server starts this for every PDF attached
    #[command(hide = true)]
    ReadPdf,
    /// Code tables (参数表)
    #[command(subcommand)]
    Reference(Reference),
    /// Users
    #[command(subcommand)]
    User(people::User),
    /// Enterprises that can be looked up and have users
    #[command(subcommand)]
    Enterprise(people::Enterprises),
    /// Who may act for whom
    #[command(subcommand)]
    Delegation(people::Delegation),
    /// Attached files (随附单据)
    #[command(subcommand)]
    Attachments(Attachments),
    /// Answers of customs (回执) that could not be handled
    #[command(subcommand)]
    Receipts(Receipts),
    /// The ledger (台账)
    #[command(subcommand)]
    Ledger(desk::Ledger),
    /// What the simulated customs does of its own accord
    #[command(subcommand)]
    Customs(desk::Customs),
}

#[derive(Debug, Subcommand)]
enum Receipts {
    /// List them: number, when they came, why, and the name they came under
    List,
    /// Print one as it came
    Show { id: String },
    /// Let the server read one once more, e.g. after an upgrade
    Retry { id: String },
}

#[derive(Debug, Subcommand)]
enum Attachments {
    /// Remove files that no attachment names; the server does so every hour
    Sweep {
        /// Only files older than this many hours: younger ones may belong to an upload under way
        #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=87600))]
        older_than: u32,
    },
}

#[derive(Debug, Subcommand)]
enum Reference {
    /// Import every table the folder has a CSV file of
    Import { folder: PathBuf },
}

/// Why a command failed, for the person who ran it.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error("some tables were not imported")]
    Incomplete,
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Failed(Failure),
    #[error("cannot read the password: {0}")]
    Password(std::io::Error),
    #[error("cannot read the spreadsheet: {0}")]
    Reading(std::io::Error),
    #[error("cannot read the PDF: {0}")]
    ReadingPdf(std::io::Error),
    #[error("cannot start threads: {0}")]
    Runtime(std::io::Error),
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused { message, .. } => Self::Refused(format!("{} / {}", message.zh, message.en)),
            other => Self::Failed(other),
        }
    }
}

impl From<sqlx::Error> for CommandError {
    fn from(error: sqlx::Error) -> Self {
        Self::Start(error.into())
    }
}

impl Command {
    /// Does what was asked.
    ///
    /// # Errors
    /// Why it could not be done.
    pub fn run(self) -> Result<(), CommandError> {
        if let Action::ReadSheet { wanted } = &self.action {
            // Knows no setting: what it reads is not to be trusted. Before any runtime: each thread of one
            // takes of the limits, and on a machine with many cores nothing would be left to read with.
            return crate::sheet::child::run(wanted).map_err(CommandError::Reading);
        }
        if matches!(self.action, Action::ReadPdf) {
            return crate::attachment::pdf::run().map_err(CommandError::ReadingPdf);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.map_err(CommandError::Runtime)?.block_on(self.work())
    }

    async fn work(self) -> Result<(), CommandError> {
        let config = Config::load()?;
        let action = match self.action {
            Action::Serve { demo } => return Ok(start::serve(config, demo).await?),
            Action::Settings => {
                print!("{}", settings(&config));
                return Ok(());
            }
            other => other,
        };
        // Asked for before the database is opened: nobody's typing should hold it.
        let password = match &action {
            Action::User(action) if action.asks() => people::read_password(action)?,
            _ => String::new(),
        };
        let db = start::open(&config).await?;
        let done = match action {
            Action::Attachments(Attachments::Sweep { older_than }) => {
                let storage = Storage::new(&config.storage, &config.data);
                sweep(&db, &storage, TimeDelta::hours(older_than.into())).await.map_err(CommandError::from).map(
                    |removed| {
                        println!("{removed} files without an attachment removed");
                    },
                )
            }
            Action::Customs(action) => desk::customs(&db, &config, action).await,
            action => in_database(&db, action, password).await,
        };
        db.close().await;
        done
    }
}

async fn in_database(db: &Db, action: Action, password: String) -> Result<(), CommandError> {
    match action {
        Action::Ledger(action) => desk::ledger(db, action).await?,
        // Opening the database has migrated it.
        Action::Migrate => println!("the database is up to date"),
        Action::Reference(Reference::Import { folder }) => {
            let report = import_folder(db, &folder).await?;
            println!("{report}");
            if !report.is_clean() {
                return Err(CommandError::Incomplete);
            }
        }
        Action::User(action) => people::user(db, action, password).await?,
        Action::Enterprise(action) => people::enterprise(db, action).await?,
        Action::Delegation(action) => people::delegation(db, action).await?,
        Action::Receipts(action) => receipts(db, action).await?,
        Action::Serve { .. }
        | Action::Settings
        | Action::ReadSheet { .. }
        | Action::ReadPdf
        | Action::Attachments(_)
        | Action::Customs(_) => {}
    }
    Ok(())
}

async fn receipts(db: &Db, action: Receipts) -> Result<(), CommandError> {
    let unknown = |id: &str| CommandError::Refused(format!("no answer {id} waits: see `opbook receipts list`"));
    match action {
        Receipts::List => {
            for receipt in exchange::quarantined(db).await? {
                println!("{}  {}  {}  {}", receipt.id, receipt.received_at, receipt.reason, receipt.name);
            }
        }
        Receipts::Show { id } => println!("{}", exchange::raw(db, &id).await?.ok_or_else(|| unknown(&id))?),
        Receipts::Retry { id } => {
            if !exchange::retry(db, &id).await? {
                return Err(unknown(&id));
            }
            println!("answer {id} is read once more by the running server, or by the next one that starts");
        }
    }
    Ok(())
}

/// The settings as `opbook settings` prints them: ready to be copied into an environment file.
fn settings(config: &Config) -> String {
    let mut text = String::new();
    for setting in &SETTINGS {
        text += &format!(
            "# {}\n# Leptos.toml: {}; expected: {}\n{}={}\n\n",
            setting.meaning,
            setting.key,
            setting.expected,
            setting.name,
            setting.shown(config)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent_and_takes_no_password() {
        Command::command().debug_assert();
        for attempt in [
            ["opbook", "user", "passwd", "li", "secret-2026"].as_slice(),
            &[
                "opbook",
                "user",
                "add",
                "li",
                "--enterprise",
                "3205246018",
                "--role",
                "clerk",
                "--password",
                "secret-2026",
            ],
            &["opbook", "user", "add", "li", "--enterprise", "3205246018"],
        ] {
            assert!(Command::try_parse_from(attempt).is_err(), "{attempt:?}");
        }
        assert!(Command::try_parse_from(["opbook", "serve", "--demo"]).is_ok());
    }

    #[test]
    fn the_printed_settings_name_each_with_its_meaning() {
        let text = settings(&Config::default());
        for setting in &SETTINGS {
            assert!(text.contains(&format!("\n{}={}\n", setting.name, setting.shown(&Config::default()))));
            assert!(text.contains(setting.meaning));
        }
    }
}
