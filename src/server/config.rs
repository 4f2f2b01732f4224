//! Settings: `Leptos.toml`, overridden by the environment; an unknown or malformed one stops the start.
//! The table in `config/settings.rs` is the only list of them: reading, `opbook settings` and the test
//! of the README all follow it. Nothing else in the program reads the environment.

mod settings;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rust_decimal::Decimal;
use toml::{Table, Value};

use super::storage::Location;

pub use settings::{ATTACHMENT_TYPES, PAPER_NAMES, REQUIRED_ATTACHMENTS, SETTINGS, Setting};

/// The settings file, looked for in the working folder.
pub const FILE: &str = "Leptos.toml";

/// True for variables that look like settings but belong to the build or the test-suite, which may
/// start the program with them set.
fn is_of_the_build(name: &str) -> bool {
    name == "OPBOOK_SITE" || name.starts_with("OPBOOK_TEST_")
}

/// All settings of the server.
#[derive(Clone, Debug)]
pub struct Config {
    pub addr: SocketAddr,
    pub data: PathBuf,
    pub database_url: String,
    /// Folder of a full set of code tables, imported at start when its content changed.
    pub refdata_dir: Option<PathBuf>,
    /// False only for automated use.
    pub captcha: bool,
    /// `Secure` and `__Host-` on the session cookie; off only on plain http.
    pub secure_cookie: bool,
    /// Believe the last `X-Forwarded-For` address: only behind a proxy of one's own.
    pub trust_proxy: bool,
    pub session_idle: Duration,
    pub session_absolute: Duration,
    /// The way to customs.
    pub customs_adapter: Adapter,
    /// How long the simulated customs thinks between two answers.
    pub customs_delay: Duration,
    /// Filings above this total go to an officer first (simulated customs).
    pub customs_manual_amount: Decimal,
    /// Where attached files are kept.
    pub storage: Location,
    /// The largest attached document, in MB.
    pub attachment_max_mb: u64,
    /// The largest attached picture, in MB.
    pub picture_max_mb: u64,
    /// Papers that may be pictures, of [`PAPER_NAMES`].
    pub picture_attachments: Vec<&'static str>,
    /// Kinds of content that may be attached, of [`ATTACHMENT_TYPES`].
    pub attachment_types: Vec<&'static str>,
    /// The program that reads uploaded workbooks: this one. No setting; tests name it, for they are another.
    pub sheet_reader: PathBuf,
    /// Where short messages go.
    pub sms: SmsGateway,
    /// What the gateway knows us by; empty for none.
    pub sms_token: String,
    /// Server for mail, as `smtp://` or `smtps://`; `None`: no mail is sent.
    pub smtp: Option<String>,
    /// Who mails are from.
    pub mail_from: String,
    /// Papers without which nothing is declared, of [`REQUIRED_ATTACHMENTS`].
    pub required_attachments: Vec<&'static str>,
    /// When something is held to wait too long, or to end too soon.
    pub remind: Remind,
    /// Font of printed papers; `None`: one is looked for.
    pub font: Option<PathBuf>,
    /// `text` or `json`.
    pub log_json: bool,
    /// The least grave entries that are logged.
    pub log_level: tracing::Level,
}

/// Where short messages go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SmsGateway {
    /// Nowhere: they are noted.
    #[default]
    Log,
    /// To this address, as JSON.
    Http(String),
}

/// Days of the program's own reminders (系统提醒). None of them is law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remind {
    /// Before (negative) and after the last day of a book's validity.
    pub expiry: Vec<i64>,
    /// Within so many days after that day a book should be written off.
    pub writeoff_within: i64,
    /// Before (negative) and after the day on which a write-off is due.
    pub deadline: Vec<i64>,
    /// So long nobody touched a draft.
    pub draft: i64,
    /// So long customs has not decided.
    pub under_way: i64,
}

impl Default for Remind {
    fn default() -> Self {
        Self { expiry: vec![-30, -7, 0, 15], writeoff_within: 30, deadline: vec![-7, 0], draft: 14, under_way: 3 }
    }
}

/// A way to customs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    /// A customs inside the program.
    Simulated,
}

impl Adapter {
    const ALL: [Self; 1] = [Self::Simulated];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|adapter| adapter.name() == name)
    }
}

/// Why the settings cannot be used; one line for the person who starts the program.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("setting {name}: {value:?} is not understood; expected {expected} (from {origin})")]
    Malformed { name: &'static str, value: String, expected: &'static str, origin: &'static str },
    #[error("unknown setting {name} in {origin}{hint}; `opbook settings` lists them all")]
    Unknown { name: String, origin: &'static str, hint: String },
    #[error("{FILE} is not valid TOML: {0}")]
    File(String),
}

impl Config {
    /// Reads the settings of this process: `Leptos.toml` in the working folder, if there is one,
    /// and the environment.
    ///
    /// # Errors
    /// The first setting that is unknown or malformed.
    pub fn load() -> Result<Self, ConfigError> {
        let file = match std::fs::read_to_string(FILE) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(ConfigError::File(error.to_string())),
        };
        let environment: Vec<(String, String)> = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect();
        Self::read(file.as_deref(), &environment)
    }

    /// Reads settings from the text of the file and the variables of an environment.
    ///
    /// # Errors
    /// The first setting that is unknown or malformed.
    pub fn read(file: Option<&str>, environment: &[(String, String)]) -> Result<Self, ConfigError> {
        let (site_addr, table) = match file {
            Some(text) => tables(text)?,
            None => (None, Table::new()),
        };
        refuse_unknown(&table, environment)?;

        let mut config = Self::default();
        // What follows from another setting is read after it; only an own value stops it from following.
        let mut given = Vec::new();
        for setting in &SETTINGS {
            let from_environment = || environment.iter().find(|(name, _)| name == setting.name);
            let from_leptos = || site_addr.as_ref().filter(|_| setting.name == "OPBOOK_ADDR");
            let value = from_environment()
                .map(|(_, value)| (value.clone(), "the environment"))
                .or_else(|| table.get(setting.key).map(|value| (plain(value), FILE)))
                .or_else(|| from_leptos().map(|addr| (addr.clone(), "site-addr of Leptos.toml")));
            if let Some((value, origin)) = value {
                setting.apply(&mut config, &value, origin)?;
                given.push(setting.name);
            }
        }
        if !given.contains(&"DATABASE_URL") {
            config.database_url = format!("sqlite:{}", config.data.join("opbook.db").display());
        }
        if !given.contains(&"OPBOOK_SECURE_COOKIE") {
            config.secure_cookie = !config.addr.ip().is_loopback();
        }
        Ok(config)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 3000)),
            data: PathBuf::from("data"),
            database_url: "sqlite:data/opbook.db".to_owned(),
            refdata_dir: None,
            captcha: true,
            secure_cookie: false,
            trust_proxy: false,
            session_idle: Duration::from_mins(30),
            session_absolute: Duration::from_hours(12),
            customs_adapter: Adapter::Simulated,
            customs_delay: Duration::from_millis(1500),
            customs_manual_amount: Decimal::from(10_000_000),
            storage: Location::Folder,
            // The same file even after an upgrade has put another in its place.
            sheet_reader: PathBuf::from("/proc/self/exe"),
            attachment_max_mb: 20,
            picture_max_mb: 10,
            picture_attachments: vec!["picture"],
            attachment_types: ATTACHMENT_TYPES.to_vec(),
            sms: SmsGateway::Log,
            sms_token: String::new(),
            smtp: None,
            mail_from: "opbook@localhost".to_owned(),
            required_attachments: REQUIRED_ATTACHMENTS.to_vec(),
            remind: Remind::default(),
            font: None,
            log_json: false,
            log_level: tracing::Level::INFO,
        }
    }
}

/// `site-addr` and the `[opbook]` table of the file. Other tables are mistakes; what else stands in
/// `[package.metadata.leptos]` is for cargo-leptos.
fn tables(text: &str) -> Result<(Option<String>, Table), ConfigError> {
    let mut file: Table = text.parse().map_err(|error: toml::de::Error| {
        ConfigError::File(error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" "))
    })?;
    let own = match file.remove("opbook") {
        Some(Value::Table(own)) => own,
        None => Table::new(),
        Some(_) => return Err(ConfigError::File("`opbook` must be a table".to_owned())),
    };
    let site_addr =
        file.remove("package").and_then(|package| package.get("metadata")?.get("leptos")?.get("site-addr").map(plain));
    match file.keys().next() {
        Some(name) => Err(ConfigError::Unknown { name: name.clone(), origin: FILE, hint: String::new() }),
        None => Ok((site_addr, own)),
    }
}

fn refuse_unknown(table: &Table, environment: &[(String, String)]) -> Result<(), ConfigError> {
    let unknown = |name: &str, origin, known: &[&'static str]| {
        let hint = nearest(name, known).map_or_else(String::new, |near| format!(" (did you mean {near}?)"));
        Err(ConfigError::Unknown { name: name.to_owned(), origin, hint })
    };
    let keys = SETTINGS.map(|setting| setting.key);
    if let Some(key) = table.keys().find(|key| !keys.contains(&key.as_str())) {
        return unknown(key, FILE, &keys);
    }
    let names = SETTINGS.map(|setting| setting.name);
    let ours = |name: &str| name.starts_with("OPBOOK_") && !is_of_the_build(name);
    match environment.iter().find(|(name, _)| ours(name) && !names.contains(&name.as_str())) {
        Some((name, _)) => unknown(name, "the environment", &names),
        None => Ok(()),
    }
}

/// The known name that shares the longest beginning with a mistyped one, if it is near enough.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let common = |other: &str| name.bytes().zip(other.bytes()).take_while(|(left, right)| left == right).count();
    let prefix = if name.starts_with("OPBOOK_") { "OPBOOK_".len() } else { 0 };
    known.iter().copied().max_by_key(|other| common(other)).filter(|best| common(best) >= prefix + 3)
}

/// A TOML value as it would stand in the environment.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Boolean(true) => "on".to_owned(),
        Value::Boolean(false) => "off".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::read(Some(file), &environment).map_err(|error| error.to_string())
    }

    #[test]
    fn with_nothing_set_the_program_starts_on_its_own_folder() {
        let config = Config::read(None, &[]).unwrap();
        assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
        assert_eq!(config.database_url, "sqlite:data/opbook.db");
        assert!(config.captcha && !config.secure_cookie && !config.trust_proxy);
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file = "[opbook]\ncaptcha = false\nsession_idle_min = 10\ndata = \"elsewhere\"";
        let config = read(file, &[("OPBOOK_SESSION_IDLE_MIN", "5"), ("OPBOOK_ADDR", "0.0.0.0:80")]).unwrap();
        assert!(!config.captcha);
        assert_eq!(config.session_idle, Duration::from_mins(5));
        // Not set, so they follow: the database its folder, the cookie the open address.
        assert_eq!(config.database_url, "sqlite:elsewhere/opbook.db");
        assert!(config.secure_cookie);
        assert!(!read("", &[("OPBOOK_ADDR", "0.0.0.0:80"), ("OPBOOK_SECURE_COOKIE", "off")]).unwrap().secure_cookie);
    }

    #[test]
    fn a_mistyped_setting_is_named_instead_of_ignored() {
        // Somebody who writes OPBOOK_CAPTCHAS=off must learn that it did nothing.
        let error = read("", &[("OPBOOK_CAPTCHAS", "off")]).unwrap_err();
        assert!(error.contains("OPBOOK_CAPTCHAS") && error.contains("did you mean OPBOOK_CAPTCHA?"), "{error}");
        assert!(read("[opbook]\nport = 80", &[]).unwrap_err().contains("unknown setting port in Leptos.toml"));
        assert!(read("[opbok]", &[]).unwrap_err().contains("opbok"));
        assert!(read("[opbook", &[]).unwrap_err().contains("not valid TOML"));
        assert!(read("", &[("PATH", "/bin"), ("OPBOOK_TEST_POSTGRES", "x"), ("OPBOOK_SITE", "x")]).is_ok());
    }

    #[test]
    fn a_malformed_value_says_what_was_expected() {
        for setting in &SETTINGS {
            let error = match read("", &[(setting.name, "\u{0}nonsense\u{0}")]) {
                // Any text is a path.
                Ok(_) => {
                    assert!(["OPBOOK_DATA", "REFDATA_DIR", "OPBOOK_FONT"].contains(&setting.name), "{}", setting.name);
                    continue;
                }
                Err(error) => error,
            };
            for part in [setting.name, "nonsense", setting.expected, "the environment"] {
                assert!(error.contains(part), "{error}");
            }
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        for (name, value) in [
            ("OPBOOK_SESSION_IDLE_MIN", "0"),
            ("OPBOOK_SESSION_HOURS", "-1"),
            ("OPBOOK_CUSTOMS_MANUAL_AMOUNT", "1e3"),
            ("OPBOOK_CUSTOMS_DELAY_MS", "1.5"),
            ("DATABASE_URL", "mysql://x"),
            ("OPBOOK_CAPTCHA", ""),
        ] {
            assert!(read("", &[(name, value)]).is_err(), "{name}={value}");
        }
    }

    #[test]
    fn what_is_printed_can_be_set() {
        // `opbook settings` is copied into files: every value it prints must be read back as the same.
        let config = Config::read(None, &[]).unwrap();
        for setting in &SETTINGS {
            let shown = setting.shown(&config);
            let again = read("", &[(setting.name, &shown)]).unwrap();
            assert_eq!(setting.shown(&again), shown, "{}", setting.name);
        }
    }

    #[test]
    fn the_password_of_the_database_is_not_printed() {
        let config = read("", &[("DATABASE_URL", "postgres://opbook:s3cret@db:5432/opbook")]).unwrap();
        let setting = SETTINGS.iter().find(|setting| setting.name == "DATABASE_URL").unwrap();
        assert_eq!(setting.shown(&config), "postgres://opbook:***@db:5432/opbook");
    }

    #[test]
    fn the_readme_lists_every_setting() {
        let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
        for setting in &SETTINGS {
            assert!(readme.contains(&format!("`{}`", setting.name)), "README.md lacks `{}`", setting.name);
        }
    }
}
