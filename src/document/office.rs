//! What the server must know of a kind of document beyond its data: who stands in it, what keeps it from being
//! declared that no rule can see, which message declares it and what an approval means. `kinds` lists the offices;
//! the services of a document call them inside their transactions.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::Base;
use super::kind::Kind;
use super::store::DocumentRow;
use crate::account::actor::Actor;
use crate::exchange::{Decision, Messages};
use crate::form::{Finding, Values};
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;

/// The server's part of a kind of document.
#[async_trait]
pub trait Office: Send + Sync {
    fn kind(&self) -> &'static Kind;

    /// The messages about documents of this kind: `OPB111` and its answers.
    fn messages(&self) -> &'static Messages;

    /// Fills what is looked up of a head. What cannot be found comes back as findings.
    ///
    /// # Errors
    /// Only those of the database.
    async fn look_up(
        &self,
        db: &Db,
        actor: &Actor,
        head: &mut Values,
        today: NaiveDate,
    ) -> Result<Vec<Finding>, Failure>;

    /// What only the server knows and what keeps the document from being declared.
    ///
    /// # Errors
    /// Only those of the database.
    async fn standing(
        &self,
        tx: &mut Tx,
        row: &DocumentRow,
        base: Option<&Base>,
        today: NaiveDate,
    ) -> Result<Vec<Finding>, Failure>;

    /// Takes over what an approval grants, in the transaction that moves the state to 终审通过.
    ///
    /// # Errors
    /// Those of the database; anything else puts the receipt into quarantine.
    async fn approved(&self, tx: &mut Tx, row: &mut DocumentRow, decision: &Decision) -> Result<(), Failure>;
}
