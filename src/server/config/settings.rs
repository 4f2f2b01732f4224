//! The table of settings: name, meaning, how each is read and shown. Used by `config` and `opbook settings`.
//! A new setting is a field of [`Config`], its default, and one entry here (and a line in the README).

use std::path::PathBuf;
use std::time::Duration;

use super::{Adapter, Config, ConfigError, SmsGateway};
use crate::form::{Digits, parse_decimal};
use crate::mail::{is_address, is_server};
use crate::server::storage::Location;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Name in the environment.
    pub name: &'static str,
    /// Key in the `[opbook]` table of `Leptos.toml`.
    pub key: &'static str,
    /// What a value looks like.
    pub expected: &'static str,
    pub meaning: &'static str,
    read: fn(&mut Config, &str) -> Option<()>,
    show: fn(&Config) -> String,
}

impl Setting {
    /// The current value, fit for printing: without passwords.
    pub fn shown(&self, config: &Config) -> String {
        (self.show)(config)
    }

    pub(super) fn apply(&self, config: &mut Config, value: &str, origin: &'static str) -> Result<(), ConfigError> {
        (self.read)(config, value.trim()).ok_or_else(|| {
            // A malformed address may hold a password.
            let value = if ["DATABASE_URL", "OPBOOK_SMTP", "OPBOOK_SMS"].contains(&self.name) {
                without_password(value)
            } else {
                value.to_owned()
            };
            ConfigError::Malformed { name: self.name, value, expected: self.expected, origin }
        })
    }
}

/// What OPBOOK_ATTACHMENT_TYPES may name.
pub const ATTACHMENT_TYPES: [&str; 3] = ["pdf", "jpg", "png"];
/// Kinds of papers, as settings name them.
pub const PAPER_NAMES: [&str; 7] = ["contract", "process", "picture", "change", "writeoff", "unreturned", "other"];
/// What OPBOOK_REQUIRED_ATTACHMENTS may name: the papers of announcement 69/2016 item 6.
pub const REQUIRED_ATTACHMENTS: [&str; 3] = ["contract", "process", "picture"];

/// Every setting there is.
pub const SETTINGS: [Setting; 30] = [
    Setting {
        name: "OPBOOK_ADDR",
        key: "addr",
        expected: "an address with port, e.g. 127.0.0.1:3000",
        meaning: "address and port the server listens on",
        read: |config, value| value.parse().ok().map(|addr| config.addr = addr),
        show: |config| config.addr.to_string(),
    },
    Setting {
        name: "OPBOOK_DATA",
        key: "data",
        expected: "a folder",
        meaning: "folder of the SQLite file and everything else the server keeps",
        read: |config, value| filled(value).map(|folder| config.data = PathBuf::from(folder)),
        show: |config| config.data.display().to_string(),
    },
    Setting {
        name: "DATABASE_URL",
        key: "database_url",
        expected: "sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME",
        meaning: "database; by default the file opbook.db in the folder of OPBOOK_DATA",
        read: |config, value| {
            let (scheme, rest) = value.split_once(':')?;
            let known = matches!(scheme, "sqlite" | "postgres" | "postgresql") && !rest.trim_matches('/').is_empty();
            known.then(|| value.clone_into(&mut config.database_url))
        },
        show: |config| without_password(&config.database_url),
    },
    Setting {
        name: "REFDATA_DIR",
        key: "refdata_dir",
        expected: "a folder, or nothing",
        meaning: "folder of a full set of code tables (CSV), loaded at start when it changed; \
                  without it the starter set inside the program is used",
        read: |config, value| {
            config.refdata_dir = filled(value).map(PathBuf::from);
            Some(())
        },
        show: |config| config.refdata_dir.as_ref().map_or_else(String::new, |folder| folder.display().to_string()),
    },
    Setting {
        name: "OPBOOK_CAPTCHA",
        key: "captcha",
        expected: "on or off",
        meaning: "ask for a captcha at login; off only for automated use",
        read: |config, value| on_off(value).map(|on| config.captcha = on),
        show: |config| shown_switch(config.captcha),
    },
    Setting {
        name: "OPBOOK_SECURE_COOKIE",
        key: "secure_cookie",
        expected: "on or off",
        meaning: "browsers reach the server by https: cookie with Secure and __Host-, and HSTS; \
                  by default off on a loopback address, on elsewhere",
        read: |config, value| on_off(value).map(|on| config.secure_cookie = on),
        show: |config| shown_switch(config.secure_cookie),
    },
    Setting {
        name: "OPBOOK_TRUST_PROXY",
        key: "trust_proxy",
        expected: "on or off",
        meaning: "take the client's address from the last entry of X-Forwarded-For; \
                  only behind a proxy of your own that sets it",
        read: |config, value| on_off(value).map(|on| config.trust_proxy = on),
        show: |config| shown_switch(config.trust_proxy),
    },
    Setting {
        name: "OPBOOK_SESSION_IDLE_MIN",
        key: "session_idle_min",
        expected: "minutes, 1 to 1440",
        meaning: "minutes without use after which a session ends",
        read: |config, value| whole(value, 1, 1440).map(|minutes| config.session_idle = Duration::from_mins(minutes)),
        show: |config| (config.session_idle.as_secs() / 60).to_string(),
    },
    Setting {
        name: "OPBOOK_SESSION_HOURS",
        key: "session_hours",
        expected: "hours, 1 to 168",
        meaning: "hours after which a session ends however much it is used",
        read: |config, value| whole(value, 1, 168).map(|hours| config.session_absolute = Duration::from_hours(hours)),
        show: |config| (config.session_absolute.as_secs() / 3600).to_string(),
    },
    Setting {
        name: "OPBOOK_CUSTOMS_ADAPTER",
        key: "customs_adapter",
        expected: "simulated",
        meaning: "way to customs; there is one: simulated, a customs inside the program",
        read: |config, value| Adapter::from_name(value).map(|adapter| config.customs_adapter = adapter),
        show: |config| config.customs_adapter.name().to_owned(),
    },
    Setting {
        name: "OPBOOK_CUSTOMS_DELAY_MS",
        key: "customs_delay_ms",
        expected: "milliseconds, 0 to 86400000",
        meaning: "simulated customs: how long it takes for each answer",
        read: |config, value| {
            whole(value, 0, 86_400_000).map(|millis| config.customs_delay = Duration::from_millis(millis))
        },
        show: |config| config.customs_delay.as_millis().to_string(),
    },
    Setting {
        name: "OPBOOK_CUSTOMS_MANUAL_AMOUNT",
        key: "customs_manual_amount",
        expected: "an amount, e.g. 10000000",
        meaning: "simulated customs: filings above this total go to an officer (转人工)",
        read: |config, value| {
            parse_decimal(value, Digits { int: 15, frac: 2 }).map(|amount| config.customs_manual_amount = amount)
        },
        show: |config| config.customs_manual_amount.to_string(),
    },
    Setting {
        name: "OPBOOK_STORAGE",
        key: "storage",
        expected: "nothing, or s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]",
        meaning: "where attached files are kept: by default the folder attachments in that of OPBOOK_DATA; \
                  keys of an S3-compatible store come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        read: |config, value| Location::parse(value).map(|location| config.storage = location),
        show: |config| config.storage.to_string(),
    },
    Setting {
        name: "OPBOOK_ATTACHMENT_MAX_MB",
        key: "attachment_max_mb",
        expected: "MB, 1 to 100",
        meaning: "the largest document (PDF) that can be attached",
        read: |config, value| whole(value, 1, 100).map(|size| config.attachment_max_mb = size),
        show: |config| config.attachment_max_mb.to_string(),
    },
    Setting {
        name: "OPBOOK_PICTURE_MAX_MB",
        key: "picture_max_mb",
        expected: "MB, 1 to 100",
        meaning: "the largest picture that can be attached",
        read: |config, value| whole(value, 1, 100).map(|size| config.picture_max_mb = size),
        show: |config| config.picture_max_mb.to_string(),
    },
    Setting {
        name: "OPBOOK_PICTURE_ATTACHMENTS",
        key: "picture_attachments",
        expected: "none, or some of contract,process,picture,change,writeoff,unreturned,other",
        meaning: "papers that may be pictures; the others must be PDF",
        read: |config, value| papers(value, &PAPER_NAMES).map(|papers| config.picture_attachments = papers),
        show: |config| shown_papers(&config.picture_attachments),
    },
    Setting {
        name: "OPBOOK_ATTACHMENT_TYPES",
        key: "attachment_types",
        expected: "some of pdf,jpg,png",
        meaning: "kinds of files that can be attached; what counts is the content, not the name",
        read: |config, value| listed(value, &ATTACHMENT_TYPES).map(|types| config.attachment_types = types),
        show: |config| config.attachment_types.join(","),
    },
    Setting {
        name: "OPBOOK_REQUIRED_ATTACHMENTS",
        key: "required_attachments",
        expected: "none, or some of contract,process,picture",
        meaning: "papers that must be attached before a book is declared",
        read: |config, value| papers(value, &REQUIRED_ATTACHMENTS).map(|papers| config.required_attachments = papers),
        show: |config| shown_papers(&config.required_attachments),
    },
    Setting {
        name: "OPBOOK_SMS",
        key: "sms",
        expected: "log, or http://… or https://…",
        meaning: "gateway of short messages (催核短信): log only notes them; an address gets each as JSON by POST",
        read: |config, value| {
            config.sms = match value {
                "log" => SmsGateway::Log,
                url if url.starts_with("http://") || url.starts_with("https://") => SmsGateway::Http(url.to_owned()),
                _ => return None,
            };
            Some(())
        },
        show: |config| match &config.sms {
            SmsGateway::Log => "log".to_owned(),
            SmsGateway::Http(url) => without_password(url),
        },
    },
    Setting {
        name: "OPBOOK_SMS_TOKEN",
        key: "sms_token",
        expected: "visible ASCII characters, or nothing",
        meaning: "sent to the gateway of OPBOOK_SMS as bearer; never shown",
        read: |config, value| {
            // Anything else could not stand in a header.
            let fits = value.bytes().all(|byte| byte.is_ascii_graphic());
            fits.then(|| value.clone_into(&mut config.sms_token))
        },
        show: |config| if config.sms_token.is_empty() { String::new() } else { "***".to_owned() },
    },
    Setting {
        name: "OPBOOK_SMTP",
        key: "smtp",
        expected: "none, smtp://[USER:PASSWORD@]HOST:PORT[?tls=required] or smtps://…",
        meaning: "server for mail, by which reminders go to users who named an address; none: no mail is sent",
        read: |config, value| {
            let is_none = value == "none";
            config.smtp = (!is_none).then(|| value.to_owned());
            (is_none || is_server(value)).then_some(())
        },
        show: |config| config.smtp.as_deref().map_or_else(|| "none".to_owned(), without_password),
    },
    Setting {
        name: "OPBOOK_MAIL_FROM",
        key: "mail_from",
        expected: "a mail address, e.g. opbook@example.com",
        meaning: "who mails are from",
        read: |config, value| is_address(value).then(|| value.clone_into(&mut config.mail_from)),
        show: |config| config.mail_from.clone(),
    },
    Setting {
        name: "OPBOOK_REMIND_EXPIRY",
        key: "remind_expiry",
        expected: "days from -365 to 365, rising, e.g. -30,-7,0,15, or none",
        meaning: "reminders (系统提醒) before (-) and after the last day of a book's validity",
        read: |config, value| days(value).map(|days| config.remind.expiry = days),
        show: |config| shown_days(&config.remind.expiry),
    },
    Setting {
        name: "OPBOOK_WRITEOFF_WITHIN",
        key: "writeoff_within",
        expected: "days, 0 to 365",
        meaning: "within so many days after its validity a book should be written off, unless customs urges for another day",
        read: |config, value| whole(value, 0, 365).map(|days| config.remind.writeoff_within = days.cast_signed()),
        show: |config| config.remind.writeoff_within.to_string(),
    },
    Setting {
        name: "OPBOOK_REMIND_DEADLINE",
        key: "remind_deadline",
        expected: "days from -365 to 365, rising, e.g. -7,0, or none",
        meaning: "reminders before (-) and after the day on which a write-off is due",
        read: |config, value| days(value).map(|days| config.remind.deadline = days),
        show: |config| shown_days(&config.remind.deadline),
    },
    Setting {
        name: "OPBOOK_REMIND_DRAFT_DAYS",
        key: "remind_draft_days",
        expected: "days, 1 to 365",
        meaning: "a draft that nobody touched for so long is reminded of",
        read: |config, value| whole(value, 1, 365).map(|days| config.remind.draft = days.cast_signed()),
        show: |config| config.remind.draft.to_string(),
    },
    Setting {
        name: "OPBOOK_REMIND_UNDER_WAY_DAYS",
        key: "remind_under_way_days",
        expected: "days, 1 to 365",
        meaning: "what customs has not decided for so long is shown as waiting",
        read: |config, value| whole(value, 1, 365).map(|days| config.remind.under_way = days.cast_signed()),
        show: |config| config.remind.under_way.to_string(),
    },
    Setting {
        name: "OPBOOK_FONT",
        key: "font",
        expected: "a font file, or nothing",
        meaning: "font of printed papers (TrueType, OpenType or a collection); \
                  without it a Chinese font is looked for where systems keep them",
        read: |config, value| {
            config.font = filled(value).map(PathBuf::from);
            Some(())
        },
        show: |config| config.font.as_ref().map_or_else(String::new, |file| file.display().to_string()),
    },
    Setting {
        name: "OPBOOK_LOG",
        key: "log",
        expected: "text or json",
        meaning: "form of the log on standard output",
        read: |config, value| {
            config.log_json = value == "json";
            ["text", "json"].contains(&value).then_some(())
        },
        show: |config| if config.log_json { "json" } else { "text" }.to_owned(),
    },
    Setting {
        name: "OPBOOK_LOG_LEVEL",
        key: "log_level",
        expected: "error, warn, info or debug",
        meaning: "the least grave entries that are logged",
        read: |config, value| {
            let known = ["error", "warn", "info", "debug"].contains(&value);
            known.then(|| value.parse().ok()).flatten().map(|level| config.log_level = level)
        },
        show: |config| config.log_level.to_string().to_lowercase(),
    },
];

fn filled(value: &str) -> Option<&str> {
    (!value.is_empty()).then_some(value)
}

/// As [`listed`], or `none`.
fn papers(value: &str, known: &'static [&'static str]) -> Option<Vec<&'static str>> {
    if value == "none" { Some(Vec::new()) } else { listed(value, known) }
}

fn shown_papers(papers: &[&str]) -> String {
    if papers.is_empty() { "none".to_owned() } else { papers.join(",") }
}

/// Names divided by commas, each one of `known`; at least one.
fn listed(value: &str, known: &'static [&'static str]) -> Option<Vec<&'static str>> {
    value.split(',').map(|name| known.iter().copied().find(|known| *known == name.trim())).collect()
}

/// Whole days divided by commas, rising; or `none`.
fn days(value: &str) -> Option<Vec<i64>> {
    if value == "none" {
        return Some(Vec::new());
    }
    let day = |text: &str| text.trim().parse().ok().filter(|day: &i64| (-365..=365).contains(day));
    let days: Vec<i64> = value.split(',').map(day).collect::<Option<_>>()?;
    days.is_sorted_by(|one, other| one < other).then_some(days)
}

fn shown_days(days: &[i64]) -> String {
    if days.is_empty() { "none".to_owned() } else { days.iter().map(i64::to_string).collect::<Vec<_>>().join(",") }
}

fn on_off(value: &str) -> Option<bool> {
    match value {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

fn shown_switch(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

fn whole(value: &str, least: u64, most: u64) -> Option<u64> {
    value.parse().ok().filter(|number| (least..=most).contains(number))
}

/// A database address with its password replaced.
fn without_password(url: &str) -> String {
    let hidden = url.split_once("://").and_then(|(scheme, rest)| {
        let (login, host) = rest.rsplit_once('@')?;
        let (user, _) = login.split_once(':')?;
        Some(format!("{scheme}://{user}:***@{host}"))
    });
    hidden.unwrap_or_else(|| url.to_owned())
}
