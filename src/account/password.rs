//! Passwords: the rule for new ones, hashing and checking (argon2id). Used by `service`, `admin` and
//! `demo`. Never logs, never keeps a password.

use std::sync::{LazyLock, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

use crate::server::failure::Failure;
use crate::text::{Text, text};

pub const SHORTEST: usize = 8;
/// Long enough for a sentence, short enough that hashing it costs nothing.
const LONGEST: usize = 256;

/// Each check takes 19 MB and a core: a flood of logins waits here instead of filling the memory.
const MOST: usize = 4;
static AT_ONCE: Semaphore = Semaphore::const_new(MOST);

/// The memory of checks that are over, for the next ones. Given back to the allocator each time, it stays with the process
/// in pieces, one for every thread that ever checked a password.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Checked for users that do not exist, so that the time of the answer does not tell who does.
static NOBODY: LazyLock<String> = LazyLock::new(|| hashed(b"nobody").unwrap_or_default());

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
    blocking(move || hashed(password.as_bytes()).map_err(|error| Failure::Internal(format!("argon2: {error}")))).await?
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
        let fits = fits(password.as_bytes(), &hash).map_err(|error| Failure::Internal(format!("argon2: {error}")))?;
        Ok(fits && known)
    })
    .await?
}

type Error = argon2::password_hash::Error;

fn hashed(password: &[u8]) -> Result<String, Error> {
    let params = Params::default();
    let salt = Salt::new(&argon2::password_hash::try_generate_salt()?)?;
    let (algorithm, version) = (Algorithm::default(), Version::default());
    let hash = PasswordHash {
        hash: Some(output(algorithm, version, params.clone(), password, &salt)?),
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(salt),
    };
    Ok(hash.to_string())
}

fn fits(password: &[u8], hash: &PasswordHash) -> Result<bool, Error> {
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Ok(false) };
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    // Outputs are compared in constant time.
    Ok(output(algorithm, version, Params::try_from(hash)?, password, salt)? == *expected)
}

/// What argon2 makes of a password, in memory that was used before.
fn output(
    algorithm: Algorithm,
    version: Version,
    params: Params,
    password: &[u8],
    salt: &[u8],
) -> Result<Output, Error> {
    let (blocks, length) = (params.block_count(), params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN));
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
    memory.resize(blocks, Block::new());
    let mut out = [0; Output::MAX_LENGTH];
    let out = out.get_mut(..length).ok_or(Error::OutputSize)?;
    let argon2 = Argon2::new(algorithm, version, params);
    let done = argon2.hash_password_into_with_memory(password, salt, out, &mut memory);
    // Nothing of a password stays in it.
    memory.fill(Block::new());
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    done?;
    Ok(Output::new(out)?)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let turn = AT_ONCE.acquire().await.map_err(|error| Failure::Internal(error.to_string()))?;
    // The turn goes with the work: who hangs up meanwhile does not make room for a fifth.
    let work = move || {
        let done = work();
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Internal(error.to_string()))
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

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn logins_take_no_memory_for_good() {
        // A morning on which a whole office signs in must not be paid for until the next restart.
        let stored = hash("correct horse".into()).await.unwrap();
        let tries: Vec<_> = (0..40)
            .map(|at| {
                let stored = stored.clone();
                tokio::spawn(async move {
                    let typed = if at % 2 == 0 { "correct horse" } else { "wrong horse" };
                    verify(typed.into(), Some(stored)).await.unwrap()
                })
            })
            .collect();
        for (at, one) in tries.into_iter().enumerate() {
            assert_eq!(one.await.unwrap(), at % 2 == 0, "one's memory does not mix with another's");
        }
        let kept = MEMORY.lock().unwrap();
        assert!((1..=MOST).contains(&kept.len()), "{} pieces of memory", kept.len());
        let zero = Block::new();
        assert!(kept.iter().flatten().all(|block| block.as_ref() == zero.as_ref()), "nothing of a password stays");
    }

    #[tokio::test]
    async fn a_hash_of_the_library_is_understood() {
        use argon2::password_hash::PasswordHasher as _;
        let stored = Argon2::default().hash_password(b"correct horse").unwrap().to_string();
        assert!(verify("correct horse".into(), Some(stored.clone())).await.unwrap());
        assert!(!verify("correct horsf".into(), Some(stored)).await.unwrap());
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
