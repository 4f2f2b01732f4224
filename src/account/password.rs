//! Passwords: the rule for new ones, hashing and checking (argon2id). Used by `service`, `admin` and
//! `demo`. Never logs, never keeps a password.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::server::failure::Failure;
use crate::text::{Text, text};

pub const SHORTEST: usize = 8;
/// Long enough for a sentence, short enough that hashing it costs nothing.
const LONGEST: usize = 256;

/// Each check takes 19 MB and a core: a flood of logins waits here instead of filling the memory.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// Checked for users that do not exist, so that the time of the answer does not tell who does.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| Argon2::default().hash_password(b"nobody").map(|hash| hash.to_string()).unwrap_or_default());

/// What is wrong with a new password, if anything. Length is what makes it strong; no other rule is made.
pub fn fault(password: &str, login: &str) -> Option<Text> {
    let length = password.chars().count();
    if length < SHORTEST {
        Some(text("密码至少8位，请重新设置", "A password has at least 8 characters; choose another"))
    } else if length > LONGEST {
        Some(text("密码最多256位，请重新设置", "A password has at most 256 characters; choose another"))
    } else if password.eq_ignore_ascii_case(login) || password.chars().all(|letter| password.starts_with(letter)) {
        Some(text(
            "密码不能与用户名相同，也不能是同一个字符，请重新设置",
            "The password must not be the user name or one character repeated; choose another",
        ))
    } else {
        None
    }
}

/// The stored form of a password, with a salt of its own.
///
/// # Errors
/// When hashing fails for want of memory or randomness.
pub async fn hash(password: String) -> Result<String, Failure> {
    blocking(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(|error| Failure::Internal(format!("argon2: {error}")))
    })
    .await?
}

/// True when the password belongs to the stored hash. Takes as long without one (`None`), and is false then.
///
/// # Errors
/// When the stored hash is not one.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool, Failure> {
    blocking(move || {
        let known = stored.is_some();
        let nobody = &*NOBODY;
        let stored = stored.as_deref().unwrap_or(nobody);
        let hash = PasswordHash::new(stored).map_err(|error| Failure::Internal(format!("stored hash: {error}")))?;
        let fits = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        Ok(fits && known)
    })
    .await?
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let turn = AT_ONCE.acquire().await.map_err(|error| Failure::Internal(error.to_string()))?;
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Internal(error.to_string()));
    drop(turn);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_opens() {
        let stored = hash("正确的密码-2026".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert!(verify("正确的密码-2026".into(), Some(stored.clone())).await.unwrap());
        assert!(!verify("正确的密码-2027".into(), Some(stored.clone())).await.unwrap());
        assert!(!verify(String::new(), Some(stored.clone())).await.unwrap());
        assert!(!verify("anything".into(), None).await.unwrap(), "nobody's password is never right");
        assert_ne!(hash("正确的密码-2026".into()).await.unwrap(), stored, "two users with one password");
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        assert!(fault("1234567", "li").is_some_and(|fault| fault.zh.contains("至少8位")));
        assert!(fault("密码密码密码密", "li").is_some(), "seven characters, however many bytes");
        assert!(fault(&"长".repeat(257), "li").is_some());
        assert!(fault("LiXiaoMing", "lixiaoming").is_some());
        assert!(fault("aaaaaaaaa", "li").is_some());
        assert_eq!(fault("一二三四五六七八", "li"), None);
        assert_eq!(fault("correct horse", "li"), None);
    }
}
