//! Settings: `Leptos.toml`, overridden by the environment; an unknown or malformed one stops the start.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// All settings of the server. README lists them.
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
    pub session_idle: Duration,
    pub session_absolute: Duration,
    /// How long the simulated customs thinks between two answers.
    pub customs_delay: Duration,
    /// Filings above this total go to an officer first (simulated customs).
    pub customs_manual_amount: rust_decimal::Decimal,
    /// `text` or `json`.
    pub log_json: bool,
}
