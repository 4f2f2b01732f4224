//! The link by which a user chooses a password: made for a new user, for one who forgot, and at the sign-in of one whose
//! password somebody else knows. Good once, for three days; only its hash is stored. What it is used for is in `join`.

use chrono::TimeDelta;

use super::model::Invitation;
use super::session::hash;
use super::store;
use crate::server::db::{Db, Tx, stamp};
use crate::server::failure::Failure;

const VALID: TimeDelta = TimeDelta::days(3);

/// Makes the link of a user; earlier ones are good no more.
///
/// # Errors
/// When the database fails.
pub async fn make(db: &Db, tx: &mut Tx, user_id: &str, login: String) -> Result<Invitation, Failure> {
    let token = rand::random::<[u8; 32]>().map(|byte| format!("{byte:02x}")).concat();
    let expires_at = stamp(db.clock.now() + VALID);
    store::set_invitation(tx, user_id, &hash(&token), &expires_at).await?;
    Ok(Invitation { login, token, expires_at })
}
