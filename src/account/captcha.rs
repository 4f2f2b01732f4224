//! Captcha pictures for the login: made by a library, answered once, valid five minutes.
//! Used by `service`; the answer is stored as a hash and never leaves the server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use captcha::filters::{Dots, Noise, Wave};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use sqlx::{Row, query};

use super::model::Captcha;
use super::rules::normalise_code;
use super::throttle;
use crate::server::db::{Db, Tx, stamp};
use crate::server::failure::Failure;
use crate::server::state::AppState;

const ADD: &str = "INSERT INTO captcha (id, answer, expires_at) VALUES ($1, $2, $3)";
/// Taking it out is what makes it valid once, also for two logins at the same moment.
const TAKE: &str = "DELETE FROM captcha WHERE id = $1 AND expires_at > $2 RETURNING answer";
const SWEEP: &str = "DELETE FROM captcha WHERE expires_at <= $1";

const VALID: TimeDelta = TimeDelta::minutes(5);
const LENGTH: u32 = 5;
/// Characters that are not taken for one another once they are bent.
const LETTERS: [char; 19] =
    ['3', '4', '6', '7', '9', 'A', 'C', 'E', 'F', 'H', 'K', 'M', 'N', 'P', 'R', 'T', 'W', 'X', 'Y'];

/// A new picture for the login form; an empty one when captchas are switched off.
///
/// # Errors
/// `Throttled` when one address asks for very many.
pub async fn issue(state: &AppState, address: &str) -> Result<Captcha, Failure> {
    if !state.config.captcha {
        return Ok(Captcha { id: String::new(), png: String::new() });
    }
    throttle::attempt(&state.db, throttle::CAPTCHA, address).await?;
    let (answer, png) =
        tokio::task::spawn_blocking(draw).await.map_err(|error| Failure::Internal(error.to_string()))?;
    let png = png.ok_or_else(|| Failure::Internal("the captcha could not be drawn".into()))?;
    Ok(Captcha { id: remember(&state.db, &answer).await?, png: STANDARD.encode(png) })
}

/// True when the answer fits; the captcha is used up either way.
///
/// # Errors
/// When the database fails.
pub async fn check(state: &AppState, id: &str, typed: &str) -> Result<bool, Failure> {
    if !state.config.captcha {
        return Ok(true);
    }
    if uuid::Uuid::parse_str(id).is_err() {
        return Ok(false);
    }
    let mut tx = state.db.begin().await?;
    let row = query(TAKE).bind(id).bind(state.clock.stamp()).fetch_optional(&mut *tx).await?;
    tx.commit().await?;
    let Some(row) = row else { return Ok(false) };
    Ok(row.try_get::<String, _>("answer")? == hash(id, typed))
}

pub async fn sweep(tx: &mut Tx, now: &str) -> Result<u64, sqlx::Error> {
    Ok(query(SWEEP).bind(now).execute(&mut **tx).await?.rows_affected())
}

/// Stores the answer of a captcha and gives its id.
async fn remember(db: &Db, answer: &str) -> Result<String, Failure> {
    let id = uuid::Uuid::now_v7().to_string();
    let mut tx = db.begin().await?;
    query(ADD).bind(&id).bind(hash(&id, answer)).bind(stamp(db.clock.now() + VALID)).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(id)
}

fn hash(id: &str, answer: &str) -> String {
    let digest = Sha256::digest(format!("{id}/{}", normalise_code(answer)).as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn draw() -> (String, Option<Vec<u8>>) {
    let mut captcha = captcha::Captcha::new();
    captcha
        .set_chars(&LETTERS)
        .add_chars(LENGTH)
        .apply_filter(Noise::new(0.2))
        .apply_filter(Wave::new(2.0, 10.0).horizontal())
        .apply_filter(Wave::new(2.0, 10.0).vertical())
        .view(220, 90)
        .apply_filter(Dots::new(8).min_radius(2).max_radius(4));
    (captcha.chars_as_string(), captcha.as_png())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_a_picture() {
        // The library leaves a letter out that its font lacks: the picture would show four of five.
        for letter in LETTERS {
            let mut captcha = captcha::Captcha::new();
            captcha.set_chars(&[letter]).add_chars(1);
            assert_eq!(captcha.chars(), [letter]);
        }
        let (answer, png) = draw();
        assert_eq!(answer.len(), LENGTH as usize);
        assert!(png.is_some_and(|png| png.starts_with(b"\x89PNG")));
    }

    #[test]
    fn an_answer_counts_however_it_is_typed_but_only_for_its_picture() {
        assert_eq!(hash("id", "a3k"), hash("id", "Ａ３Ｋ "));
        assert_ne!(hash("id", "A3K"), hash("other", "A3K"));
    }
}
