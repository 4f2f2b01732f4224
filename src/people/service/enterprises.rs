//! Enterprises of the service: found, registered and changed by who operates it. Grade and 涉案 decide whether an enterprise may
//! file (`filing::service`), so each change is in its trail with what was before.

use serde_json::{Value, json};

use super::{Keeper, changed_meanwhile, refuse};
use crate::account::rules::{customs_code_fault, normalise_code, uscc_fault};
use crate::people::model::Registered;
use crate::people::rules::at;
use crate::people::store;
use crate::server::call::Call;
use crate::server::db::Db;
use crate::server::failure::Failure;
use crate::text::{Message, text};

/// More are not listed at once: type more of the code.
const MOST: i64 = 50;
/// The longest text that is looked for.
const LONGEST: usize = 70;

/// Enterprises by the beginning of their code or a part of their name.
///
/// # Errors
/// When the database fails.
pub async fn find(call: &Call, typed: &str) -> Result<Vec<Registered>, Failure> {
    let typed: String = typed.trim().chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
    let code = normalise_code(&typed);
    let wanted = if code.is_ascii() { code } else { typed };
    Ok(store::find(&call.state.db, &wanted, MOST).await?)
}

/// Registers an enterprise, or changes the one that was looked at (`was`).
///
/// # Errors
/// As [`set`].
pub async fn save(call: &Call, enterprise: Registered, was: Option<Registered>) -> Result<(), Failure> {
    set(&call.state.db, Keeper::operator(call), enterprise, was).await
}

/// As [`save`], for whoever keeps enterprises.
///
/// # Errors
/// `Refused` when a code has a wrong form, the name is missing, or a new one is there already; `Conflict` when somebody changed
/// it since it was looked at.
pub async fn set(
    db: &Db,
    keeper: Keeper<'_>,
    mut enterprise: Registered,
    was: Option<Registered>,
) -> Result<(), Failure> {
    let named = &mut enterprise.enterprise;
    named.code = normalise_code(&named.code);
    named.uscc = normalise_code(&named.uscc);
    named.name = named.name.trim().to_owned();
    let mut faults = Vec::new();
    faults.extend(customs_code_fault(&named.code).map(|fault| at("code", fault)));
    faults.extend(uscc_fault(&named.uscc).map(|fault| at("uscc", fault)));
    if named.name.is_empty() || named.name.chars().count() > LONGEST {
        faults.push(at("name", text("企业名称不能为空，最多70个字", "The name is missing or longer than 70 letters")));
    }
    refuse(faults)?;
    let code = named.code.clone();
    let mut tx = db.begin().await?;
    store::lock_enterprise(&mut tx, &code).await?;
    let before = store::registered_now(&mut tx, &code).await?.map(told);
    let is_new = was.is_none();
    if !is_new && before != was.map(told) {
        return Err(changed_meanwhile());
    }
    if !store::set_enterprise(&mut tx, &enterprise, is_new).await? {
        let message = Message::new(
            format!("海关注册编码{code}已登记，请在列表中查找并修改"),
            format!("There is an enterprise {code} already: look for it in the list"),
        );
        return Err(Failure::Refused { message: message.clone(), findings: vec![at("code", message)] });
    }
    let action = if is_new { "enterprise_add" } else { "enterprise_save" };
    let detail = json!({ "before": before, "after": told(enterprise) });
    keeper.note(db, &mut tx, &code, action, &detail).await?;
    Ok(tx.commit().await?)
}

/// All that is kept of an enterprise.
fn told(enterprise: Registered) -> Value {
    let Registered { enterprise, grade, open_case, is_agent, .. } = enterprise;
    json!({
        "uscc": enterprise.uscc, "name": enterprise.name, "grade": grade.code(), "open_case": open_case, "agent": is_agent,
    })
}
