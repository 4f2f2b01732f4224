//! How often something may be tried, counted in the database, so that it holds over restarts and for
//! all processes together. Used by `service` (login, change of password) and `captcha`.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Row, query};

use crate::server::db::{Db, Tx, stamp};
use crate::server::failure::Failure;
use crate::text::Message;

const ADD: &str = "INSERT INTO throttle (bucket, at, id) VALUES ($1, $2, $3)";
const TIMES: &str = "SELECT at FROM throttle WHERE bucket = $1 AND at > $2 ORDER BY at";
const TAKE_BACK: &str = "DELETE FROM throttle WHERE bucket = $1 AND at = $2 AND id = $3";
const CLEAR: &str = "DELETE FROM throttle WHERE bucket = $1";
const SWEEP: &str = "DELETE FROM throttle WHERE at <= $1";

/// All limits look back this far.
const WINDOW: TimeDelta = TimeDelta::minutes(10);

/// So many attempts in ten minutes.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    what: &'static str,
    most: usize,
}

/// Wrong passwords for one account, from wherever.
pub const ACCOUNT: Limit = Limit { what: "login-account", most: 10 };
/// Failed logins from one address; an office shares one.
pub const ADDRESS: Limit = Limit { what: "login-address", most: 60 };
/// Links that let nobody in, from one address.
pub const LINK: Limit = Limit { what: "link-address", most: 30 };
/// Captcha pictures for one address.
pub const CAPTCHA: Limit = Limit { what: "captcha-address", most: 300 };

/// One attempt that was counted.
#[derive(Clone, Debug)]
pub struct Attempt {
    bucket: String,
    at: String,
    id: String,
}

/// Counts an attempt. It is written before the others are counted, so that attempts made at the
/// same moment see each other and never exceed the limit together.
///
/// # Errors
/// `Throttled` above the limit; the refused attempt does not count, so waiting is enough.
pub async fn attempt(db: &Db, limit: Limit, who: &str) -> Result<Attempt, Failure> {
    let now = db.clock.now();
    let attempt = Attempt {
        bucket: format!("{}:{who}", limit.what),
        at: stamp(now),
        id: uuid::Uuid::now_v7().simple().to_string(),
    };
    let mut tx = db.begin().await?;
    query(ADD).bind(&attempt.bucket).bind(&attempt.at).bind(&attempt.id).execute(&mut *tx).await?;
    tx.commit().await?;

    let rows = query(TIMES).bind(&attempt.bucket).bind(stamp(now - WINDOW)).fetch_all(&db.read).await?;
    if rows.len() <= limit.most {
        return Ok(attempt);
    }
    let mut tx = db.begin().await?;
    take_back(&mut tx, &attempt).await?;
    tx.commit().await?;
    let oldest: String = rows[0].try_get("at")?;
    Err(Failure::Throttled { message: wait(&oldest, now) })
}

/// Forgets one attempt that went well.
pub async fn take_back(tx: &mut Tx, attempt: &Attempt) -> Result<(), sqlx::Error> {
    query(TAKE_BACK).bind(&attempt.bucket).bind(&attempt.at).bind(&attempt.id).execute(&mut **tx).await.map(drop)
}

/// Forgets this and all earlier attempts like it.
pub async fn clear(tx: &mut Tx, attempt: &Attempt) -> Result<(), sqlx::Error> {
    query(CLEAR).bind(&attempt.bucket).execute(&mut **tx).await.map(drop)
}

pub async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    Ok(query(SWEEP).bind(stamp(now - WINDOW)).execute(&mut **tx).await?.rows_affected())
}

fn wait(oldest: &str, now: DateTime<Utc>) -> Message {
    let since = DateTime::parse_from_rfc3339(oldest).map_or(now, |at| at.to_utc());
    let left = (since + WINDOW - now).num_seconds().clamp(1, WINDOW.num_seconds());
    let minutes = (left + 59) / 60;
    Message::new(
        format!("尝试次数过多，请在{minutes}分钟后再试；如忘记密码，请联系管理员重置。"),
        format!(
            "Too many attempts. Try again in {minutes} min; if you forgot the password, ask your administrator to reset it."
        ),
    )
}
