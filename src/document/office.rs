//! What the server must know of a kind of document beyond its data: who stands in it, what keeps it from being
//! declared that no rule can see, which message declares it and what an approval means. `kinds` lists the offices;
//! the services of a document call them inside their transactions.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::kind::Kind;
use super::store::DocumentRow;
use super::under_book::UnderBook;
use super::{Base, Row};
use crate::account::actor::Actor;
use crate::exchange::{Decision, Messages};
use crate::form::{Finding, Values};
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;

/// The server's part of a kind of document.
#[async_trait]
pub trait Office: Send + Sync {
    fn kind(&self) -> &'static Kind;

    /// The official form of it, printed before everything that is known; `None`: there is none.
    fn form(&self) -> Option<&'static OfficialForm> {
        None
    }

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

    /// The account book the document belongs to, as it stands; `None` for one that makes a book and has none yet.
    ///
    /// # Errors
    /// When what is stored cannot be read.
    async fn book(&self, _db: &Db, _row: &DocumentRow) -> Result<Option<UnderBook>, Failure> {
        Ok(None)
    }

    /// What keeps a head from being stored that only the server knows. Asked last, under the document's lock, in the
    /// transaction that stores it.
    ///
    /// # Errors
    /// Those of the database.
    async fn storing(&self, _tx: &mut Tx, _row: &DocumentRow) -> Result<Vec<Finding>, Failure> {
        Ok(Vec::new())
    }

    /// What only the server knows and what keeps the document from being declared. Asked last, under the document's lock:
    /// what the declaration takes (an amount of the book) is taken here. When anything is found, nothing of it stays.
    ///
    /// # Errors
    /// Those of the database.
    async fn standing(&self, tx: &mut Tx, declaring: &Declaring<'_>) -> Result<Vec<Finding>, Failure>;

    /// Takes over what an approval grants, in the transaction that moves the state to 终审通过.
    ///
    /// # Errors
    /// Those of the database; anything else puts the receipt into quarantine.
    async fn approved(&self, db: &Db, tx: &mut Tx, row: &mut DocumentRow, decision: &Decision) -> Result<(), Failure>;

    /// Gives back what the declaration took, in the transaction that moves the state: customs, or the platform, did not
    /// accept it.
    ///
    /// # Errors
    /// As [`Office::approved`].
    async fn refused(&self, _db: &Db, _tx: &mut Tx, _row: &DocumentRow, _at: &str) -> Result<(), Failure> {
        Ok(())
    }

    /// Takes back what was registered, in the transaction that makes it a draft again.
    ///
    /// # Errors
    /// `Refused` when others build upon it.
    async fn withdrawn(&self, _db: &Db, _tx: &mut Tx, _row: &mut DocumentRow, _at: &str) -> Result<(), Failure> {
        Ok(())
    }
}

/// An official form as data: lines of boxes above, a table of what is declared, lines of boxes below.
#[derive(Debug)]
pub struct OfficialForm {
    pub title: &'static str,
    pub above: &'static [&'static [Slot]],
    pub columns: &'static [Column],
    pub below: &'static [&'static [Slot]],
}

/// In place of a field of the head: the attachments.
pub const PAPERS: &str = "@papers";

/// A box of a form: the fields of the head whose values stand in it.
#[derive(Debug)]
pub struct Slot {
    pub label: &'static str,
    pub fields: &'static [&'static str],
    /// Its share of the line.
    pub width: u16,
    /// Codes without their names, with strokes between: 502/1200/3.
    pub is_coded: bool,
}

impl Slot {
    pub const fn new(label: &'static str, fields: &'static [&'static str], width: u16) -> Self {
        Self { label, fields, width, is_coded: false }
    }

    pub const fn coded(mut self) -> Self {
        self.is_coded = true;
        self
    }
}

/// A column of the table: its fields line by line.
#[derive(Debug)]
pub struct Column {
    pub label: &'static str,
    pub lines: &'static [&'static [&'static str]],
    /// In half-width characters.
    pub width: usize,
    /// Numbers are aligned right.
    pub right: bool,
}

/// A declaration that is about to be stored.
#[derive(Clone, Copy, Debug)]
pub struct Declaring<'a> {
    pub db: &'a Db,
    /// The document as it is locked; the declaration is its next round.
    pub row: &'a DocumentRow,
    pub head: &'a Values,
    /// In the order of [`Kind::sections`].
    pub lists: &'a [Vec<Row<Values>>],
    pub base: Option<&'a Base>,
    /// The account book as it was before the lock.
    pub book: Option<&'a UnderBook>,
    pub today: NaiveDate,
    /// As stored.
    pub at: &'a str,
}
