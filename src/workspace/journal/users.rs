//! Who may open the journal of this browser without the server: one user, whose key the browser keeps until 退出, and never
//! where the user said that others use the computer. Used by `journal`; what else is kept of a user is not known here.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use super::database::{Database, Durability, Store, Write};
use super::seal::Seal;
use crate::account::model::Me;

/// What the description of a user is sealed as.
fn name_of(login: &str) -> String {
    format!("me.{login}")
}

/// Lets this browser open the journal of this user later, and of nobody else: who signed in before and did not sign out has
/// the key no longer here; it comes back with the next sign-in.
pub(super) async fn keep_user(database: &Database, seal: &Seal, me: &Me, keeps_key: bool) -> Result<(), JsValue> {
    let known = database.begin_with(Store::Users, "").await?;
    let mut writes: Vec<Write> = known.into_iter().map(|(login, _)| (login, None)).collect();
    if keeps_key {
        // The secret is for the server to give out.
        let me = Me { draft_secret: String::new(), ..me.clone() };
        let sealed = seal.close(&name_of(&me.login), &serde_json::to_string(&me).unwrap_or_default()).await?;
        let user = Object::new();
        Reflect::set(&user, &"key".into(), &seal.key())?;
        Reflect::set(&user, &"me".into(), &sealed)?;
        writes.push((me.login.clone(), Some(user.into())));
    }
    database.write(Store::Users, &writes, Durability::Strict).await
}

/// The user who signed in last in this browser and did not sign out, with database and key. Nobody where the key was not to be
/// kept.
pub(super) async fn last_user() -> Option<(Me, Database, Seal)> {
    let database = Database::open().await.ok()?;
    for (login, user) in database.begin_with(Store::Users, "").await.ok()? {
        let part = |key: &str| Reflect::get(&user, &key.into()).unwrap_or_default();
        let Some(seal) = Seal::of_key(part("key")) else { continue };
        let Some(text) = seal.open(&name_of(&login), &part("me")).await else { continue };
        if let Ok(me) = serde_json::from_str::<Me>(&text) {
            return Some((me, database, seal));
        }
    }
    None
}

/// 退出: nobody opens the journal of this browser without signing in again.
pub async fn forget_user(login: &str) {
    if let Ok(database) = Database::open().await {
        let _ = database.write(Store::Users, &[(login.to_owned(), None)], Durability::Strict).await;
    }
}
