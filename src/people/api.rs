//! Server functions of 系统管理: thin, fixed addresses, JSON both ways. Who may call them stands in `server::access`:
//! administrators, for their own enterprise; the last three, the operator of the service.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::model::{NewUser, Offer, People, Registered, SaveUser};
use crate::account::model::Invitation;
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use {
    super::service::{self, delegations, enterprises, users},
    crate::server::call::{Call, edge},
};

/// The own enterprise with its users and delegations.
#[server(name = ListPeople, endpoint = "people/list", input = Json, output = Json, client = Caller)]
pub async fn list() -> Result<People, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::list(&call)).await
}

/// Adds a user; the link by which the user chooses a password.
#[server(name = AddUser, endpoint = "people/add_user", input = Json, output = Json, client = Caller)]
pub async fn add_user(user: NewUser) -> Result<Invitation, ApiError> {
    let call = Call::signed_in().await?;
    edge(users::add(&call, user)).await
}

/// Name, roles, 停用.
#[server(name = SaveUserOf, endpoint = "people/save_user", input = Json, output = Json, client = Caller)]
pub async fn save_user(user: SaveUser) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(users::save(&call, user)).await
}

/// A new link for a user; the old password and all sessions of the user end.
#[server(name = InviteUser, endpoint = "people/invite", input = Json, output = Json, client = Caller)]
pub async fn invite(id: String) -> Result<Invitation, ApiError> {
    let call = Call::signed_in().await?;
    edge(users::invite(&call, &id)).await
}

/// Ends all sessions of a user.
#[server(name = EndSessionsOf, endpoint = "people/end_sessions", input = Json, output = Json, client = Caller)]
pub async fn end_sessions(id: String) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(users::end_sessions(&call, &id)).await
}

/// Offers an agent to act for the own enterprise.
#[server(name = OfferDelegation, endpoint = "people/offer", input = Json, output = Json, client = Caller)]
pub async fn offer(offer: Offer) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(delegations::offer(&call, offer)).await
}

/// Accepts what another enterprise offered.
#[server(name = AcceptDelegation, endpoint = "people/accept", input = Json, output = Json, client = Caller)]
pub async fn accept(id: String) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(delegations::accept(&call, &id)).await
}

/// Ends a delegation, from either side, at once.
#[server(name = EndDelegation, endpoint = "people/end_delegation", input = Json, output = Json, client = Caller)]
pub async fn end_delegation(id: String) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(delegations::end(&call, &id)).await
}

/// Enterprises whose code or name begins or contains what was typed; the first fifty.
#[server(name = FindEnterprises, endpoint = "people/enterprises", input = Json, output = Json, client = Caller)]
pub async fn enterprises(typed: String) -> Result<Vec<Registered>, ApiError> {
    let call = Call::signed_in().await?;
    edge(enterprises::find(&call, &typed)).await
}

/// Registers an enterprise, or changes the one that was looked at (`was`).
#[server(name = SaveEnterprise, endpoint = "people/save_enterprise", input = Json, output = Json, client = Caller)]
pub async fn save_enterprise(enterprise: Registered, was: Option<Registered>) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(enterprises::save(&call, enterprise, was)).await
}

/// Adds an administrator of an enterprise; the link by which the administrator chooses a password.
#[server(name = AddAdministrator, endpoint = "people/add_administrator", input = Json, output = Json, client = Caller)]
pub async fn add_administrator(enterprise_code: String, user: NewUser) -> Result<Invitation, ApiError> {
    let call = Call::signed_in().await?;
    edge(users::add_administrator(&call, &enterprise_code, user)).await
}
