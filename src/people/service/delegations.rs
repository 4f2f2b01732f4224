//! Delegations (委托): an enterprise offers, its agent accepts, either ends. What holds is read anew with every request, so an
//! end counts at once. Both enterprises have each step in their trail.

use serde_json::json;
use uuid::Uuid;

use super::{Keeper, changed_meanwhile, refuse};
use crate::account::model::Enterprise;
use crate::account::service::find_enterprise;
use crate::form::show_date;
use crate::people::model::{Delegation, Offer, Standing};
use crate::people::rules::{days, offer_faults};
use crate::people::store;
use crate::server::call::Call;
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;
use crate::text::text;

/// Offers an agent to act for the own enterprise.
///
/// # Errors
/// `Refused` for an agent nobody knows and days that cannot be.
pub async fn offer(call: &Call, offer: Offer) -> Result<(), Failure> {
    let (db, own) = (&call.state.db, &call.actor.enterprise);
    refuse(offer_faults(&offer, &own.code, call.state.clock.today()))?;
    let agent = find_enterprise(db, &offer.agent_code).await.map_err(at_agent)?;
    let mut tx = db.begin().await?;
    insert(db, &mut tx, Keeper::of(call), own, agent, &offer, false).await?;
    Ok(tx.commit().await?)
}

/// What the look-up says of the code, at the field of the form.
fn at_agent(failure: Failure) -> Failure {
    match failure {
        Failure::Refused { message, mut findings } => {
            findings.iter_mut().for_each(|finding| finding.pointer = "agent_code".into());
            Failure::Refused { message, findings }
        }
        other => other,
    }
}

/// Lets an agent act for an enterprise without asking either: what the command line and the demonstration do.
///
/// # Errors
/// `Refused` when an enterprise is unknown or the days cannot be.
pub async fn grant(db: &Db, principal: &str, offer: Offer) -> Result<(), Failure> {
    let principal = find_enterprise(db, principal).await?;
    let agent = find_enterprise(db, &offer.agent_code).await?;
    let is_wrong = days(&offer, db.clock.today()).is_none_or(|(from, to)| from > to) || agent.code == principal.code;
    if is_wrong {
        return Err(Failure::refused(text(
            "委托起始日期不能晚于截止日期，且双方不能是同一企业",
            "The first day must not be after the last, and the two enterprises must differ",
        )));
    }
    let mut tx = db.begin().await?;
    insert(db, &mut tx, Keeper::SYSTEM, &principal, agent, &offer, true).await?;
    Ok(tx.commit().await?)
}

async fn insert(
    db: &Db,
    tx: &mut Tx,
    keeper: Keeper<'_>,
    principal: &Enterprise,
    agent: Enterprise,
    offer: &Offer,
    accepted: bool,
) -> Result<(), Failure> {
    let Some((from, to)) = days(offer, db.clock.today()) else {
        return Err(Failure::Internal("days of an offer".into()));
    };
    let now = db.clock.stamp();
    let (accepted_at, accepted_by) =
        if accepted { (now.clone(), keeper.login.to_owned()) } else { (String::new(), String::new()) };
    let delegation = Delegation {
        id: Uuid::now_v7().to_string(),
        agent,
        principal: principal.clone(),
        from: show_date(from),
        to: show_date(to),
        scope: offer.scope,
        standing: Standing::Offered,
        offered_at: now,
        offered_by: keeper.login.to_owned(),
        accepted_at,
        accepted_by,
        ended_at: String::new(),
        ended_by: String::new(),
    };
    store::add_delegation(tx, &delegation).await?;
    note(db, tx, keeper, &delegation, "delegation_offer").await
}

/// Accepts what was offered to the own enterprise.
///
/// # Errors
/// `NotFound` for what was offered to somebody else; `Conflict` when it was taken back or accepted meanwhile.
pub async fn accept(call: &Call, id: &str) -> Result<(), Failure> {
    let (db, keeper) = (&call.state.db, Keeper::of(call));
    let mut tx = db.begin().await?;
    let delegation = known(db, &mut tx, id).await?;
    keeper.keeps(&delegation.agent.code)?;
    let stands = delegation.standing == Standing::Offered;
    if !stands || !store::accept(&mut tx, id, &db.clock.stamp(), keeper.login).await? {
        return Err(changed_meanwhile());
    }
    note(db, &mut tx, keeper, &delegation, "delegation_accept").await?;
    Ok(tx.commit().await?)
}

/// Ends a delegation of the own enterprise, whichever side it is on.
///
/// # Errors
/// `NotFound` for one of others; `Conflict` when it is over already.
pub async fn end(call: &Call, id: &str) -> Result<(), Failure> {
    let own = call.actor.enterprise.code.as_str();
    stop(&call.state.db, Keeper::of(call), id, |delegation| {
        delegation.agent.code == own || delegation.principal.code == own
    })
    .await
}

/// As [`end`], for whoever keeps delegations.
///
/// # Errors
/// As [`end`].
pub async fn stop(db: &Db, keeper: Keeper<'_>, id: &str, keeps: impl Fn(&Delegation) -> bool) -> Result<(), Failure> {
    let mut tx = db.begin().await?;
    let delegation = known(db, &mut tx, id).await?;
    if !keeps(&delegation) {
        return Err(Failure::NotFound);
    }
    if !delegation.standing.can_end() || !store::end(&mut tx, id, &db.clock.stamp(), keeper.login).await? {
        return Err(changed_meanwhile());
    }
    note(db, &mut tx, keeper, &delegation, "delegation_end").await?;
    Ok(tx.commit().await?)
}

async fn known(db: &Db, tx: &mut Tx, id: &str) -> Result<Delegation, Failure> {
    store::delegation(tx, id, &show_date(db.clock.today())).await?.ok_or(Failure::NotFound)
}

/// In the trails of both.
async fn note(db: &Db, tx: &mut Tx, keeper: Keeper<'_>, delegation: &Delegation, action: &str) -> Result<(), Failure> {
    let detail = json!({
        "id": delegation.id,
        "agent": delegation.agent.code,
        "principal": delegation.principal.code,
        "from": delegation.from,
        "to": delegation.to,
        "scope": delegation.scope.code(),
    });
    for enterprise in [&delegation.principal.code, &delegation.agent.code] {
        keeper.note(db, tx, enterprise, action, &detail).await?;
    }
    Ok(())
}
