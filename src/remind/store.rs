//! SQL of reminders: what is to be reminded of and was not yet, the reminders themselves, and their mails. Decides nothing.
//! Used by `sweep`, `notify` and `service`.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;
use sqlx::{Row as _, query, query_scalar};
use uuid::Uuid;

use super::model::{Mailed, Reminder};
use crate::document::Status;
use crate::lists;
use crate::server::db::{Db, Sql, Tx};
use crate::text::Message;
use crate::todo::rules::InHand;
use crate::todo::store::{Book, book, book_columns, in_hand, in_hand_columns};

const ENDING: &str = concat!(
    "SELECT ",
    book_columns!(),
    " WHERE b.life = $1 AND b.writing_to = '' AND b.valid_to <= $2 \
    AND (b.valid_to, b.operator_code, b.book_no) > ($3, $4, $5) ORDER BY b.valid_to, b.operator_code, b.book_no LIMIT $6"
);
/// Those that end later: customs may urge at any time. In the order of the index of what is urged; `$3 = $3` takes the day that
/// only the other walk goes by.
const URGED: &str = concat!(
    "SELECT ",
    book_columns!(),
    " WHERE b.life || '' = $1 AND b.writing_to = '' AND b.urged_on <> '' AND b.valid_to || '' > $2 \
    AND (b.operator_code, b.book_no) > ($4, $5) AND $3 = $3 ORDER BY b.operator_code, b.book_no LIMIT $6"
);
const ENTERPRISES: &str = "SELECT code FROM enterprise WHERE code > $1 ORDER BY code LIMIT $2";
/// Documents in these states that nobody was reminded of; a moment restricts to those not touched since.
macro_rules! documents {
    ($matter:literal) => {
        lists!(
            "SELECT ",
            (in_hand_columns!()),
            ", ",
            $matter,
            " AS matter FROM document d WHERE d.operator_code ",
            { 1 },
            " AND d.status ",
            { 2 },
            " AND ($3 = '' OR d.updated_at < $3) AND NOT EXISTS (SELECT 1 FROM reminder m WHERE m.matter = ",
            $matter,
            ") ORDER BY d.id LIMIT $4"
        )
    };
}
/// Sent back again is another matter.
const BACK: Sql = documents!("(d.operator_code || ':back:' || d.id || ':' || CAST(d.declare_round AS TEXT))");
/// Touched and left once more is another matter.
const LEFT: Sql = documents!("(d.operator_code || ':draft:' || d.id || ':' || substr(d.updated_at, 1, 10))");

const KNOWN: Sql = lists!("SELECT matter FROM reminder WHERE matter ", { 1 });
const ADD: &str = "INSERT INTO reminder (operator_code, id, matter, document_id, kind, name, told, told_en, at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (matter) DO NOTHING";
/// Users of the enterprise, and of those that act for it on a day, who named an address.
const READERS: &str = "SELECT u.id FROM app_user u WHERE u.disabled = 0 AND u.email <> '' AND (u.enterprise_code = $1 \
    OR u.enterprise_code IN (SELECT agent_code FROM delegation_in_force WHERE principal_code = $1 AND valid_from <= $2 AND valid_to >= $2)) \
    ORDER BY u.id";
const ADD_MAIL: &str = "INSERT INTO reminder_mail (operator_code, reminder_id, user_id, mail, state, at) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT DO NOTHING";
/// What goes out as one mail, and whether the user may still see it.
const MAIL: &str = "SELECT r.name, r.told, r.told_en, r.kind, r.operator_code, e.name AS operator_name, u.email, \
    CASE WHEN u.disabled = 0 AND (u.enterprise_code = r.operator_code OR u.enterprise_code IN (SELECT agent_code FROM delegation_in_force \
    WHERE principal_code = r.operator_code AND valid_from <= $2 AND valid_to >= $2)) THEN 1 ELSE 0 END AS may_read \
    FROM reminder_mail m JOIN reminder r ON r.operator_code = m.operator_code AND r.id = m.reminder_id \
    JOIN enterprise e ON e.code = r.operator_code JOIN app_user u ON u.id = m.user_id \
    WHERE m.mail = $1 AND m.state = 'waiting' ORDER BY r.operator_code, r.id";
/// Of what waits in a mail: all, or only that of one enterprise.
const SET_MAIL: &str = "UPDATE reminder_mail SET state = $2, told = $3, tries = tries + 1, at = $4 \
    WHERE mail = $1 AND state = 'waiting' AND ($5 = '' OR operator_code = $5)";
const LATEST: Sql = lists!(
    "SELECT r.id, r.operator_code, r.document_id, r.kind, r.name, r.told, r.told_en, r.at, \
             (SELECT COUNT(*) FROM reminder_mail m WHERE m.operator_code = r.operator_code AND m.reminder_id = r.id AND m.state = 'sent') AS sent, \
             (SELECT COUNT(*) FROM reminder_mail m WHERE m.operator_code = r.operator_code AND m.reminder_id = r.id AND m.state = 'waiting') AS waiting, \
             (SELECT COUNT(*) FROM reminder_mail m WHERE m.operator_code = r.operator_code AND m.reminder_id = r.id AND m.state = 'failed') AS failed, \
             COALESCE((SELECT MAX(m.told) FROM reminder_mail m WHERE m.operator_code = r.operator_code AND m.reminder_id = r.id \
             AND m.state IN ('waiting', 'failed')), '') AS mail_told \
             FROM reminder r WHERE r.operator_code ",
    { 1 },
    " AND r.at >= $2 ORDER BY r.at DESC, r.id DESC LIMIT $3"
);
/// What nobody can be reminded of any more is not kept for ever.
const SWEEP: &str = "DELETE FROM reminder WHERE at < $1";

/// The way to the next books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// That end until the day.
    Ending,
    /// That end later, and customs urged.
    Urged,
}

/// Books in this life after another one, in order.
pub async fn books(
    db: &Db,
    which: Which,
    life: &str,
    until: &str,
    (after, most): (&Book, i64),
) -> Result<Vec<Book>, sqlx::Error> {
    let statement = match which {
        Which::Ending => ENDING,
        Which::Urged => URGED,
    };
    let rows = query(statement)
        .bind(life)
        .bind(until)
        .bind(&after.ending.valid_to)
        .bind(&after.operator_code)
        .bind(&after.book_no)
        .bind(most)
        .fetch_all(&db.read)
        .await?;
    rows.iter().map(book).collect()
}

/// Codes of enterprises after another one, in order.
pub async fn enterprises(db: &Db, after: &str, most: i64) -> Result<Vec<String>, sqlx::Error> {
    query_scalar(ENTERPRISES).bind(after).bind(most).fetch_all(&db.read).await
}

/// Which documents are meant.
#[derive(Clone, Copy, Debug)]
pub enum Documents<'a> {
    /// In these states, sent back.
    Back(&'a [Status]),
    /// In these states, untouched since a moment.
    Left(&'a [Status], &'a str),
}

/// Documents of these enterprises that nobody was reminded of, each with the name of its matter.
pub async fn documents(
    db: &Db,
    operators: &[String],
    which: Documents<'_>,
    most: i64,
) -> Result<Vec<(String, InHand)>, sqlx::Error> {
    let (sql, states, since) = match which {
        Documents::Back(states) => (BACK, states, ""),
        Documents::Left(states, since) => (LEFT, states, since),
    };
    let states: Vec<&str> = states.iter().map(|status| status.code()).collect();
    let rows = query(db.pick(sql)).bind(db.list(operators)?).bind(db.list(&states)?).bind(since).bind(most);
    let rows = rows.fetch_all(&db.read).await?;
    rows.iter().map(|row| Ok((row.try_get("matter")?, in_hand(row)?))).collect()
}

/// Which of these matters somebody was reminded of.
pub async fn known(db: &Db, matters: &[String]) -> Result<BTreeSet<String>, sqlx::Error> {
    let rows: Vec<String> = query_scalar(db.pick(KNOWN)).bind(db.list(matters)?).fetch_all(&db.read).await?;
    Ok(rows.into_iter().collect())
}

/// A reminder to be written.
#[derive(Clone, Debug)]
pub struct New {
    pub operator_code: String,
    pub matter: String,
    pub document_id: String,
    pub kind: String,
    pub name: String,
    pub told: Message,
}

/// Writes a reminder; its id, or `None` when the matter is known already.
pub async fn add(tx: &mut Tx, new: &New, at: &str) -> Result<Option<String>, sqlx::Error> {
    let id = Uuid::now_v7().to_string();
    let done = query(ADD)
        .bind(&new.operator_code)
        .bind(&id)
        .bind(&new.matter)
        .bind(&new.document_id)
        .bind(&new.kind)
        .bind(&new.name)
        .bind(&new.told.zh)
        .bind(&new.told.en)
        .bind(at)
        .execute(&mut **tx)
        .await?;
    Ok((done.rows_affected() == 1).then_some(id))
}

/// Ids of the users who are to get the mail.
pub async fn readers(tx: &mut Tx, operator_code: &str, today: &str) -> Result<Vec<String>, sqlx::Error> {
    query_scalar(READERS).bind(operator_code).bind(today).fetch_all(&mut **tx).await
}

/// Writes that a reminder is owed to a user, in a mail.
pub async fn add_mail(
    tx: &mut Tx,
    (operator, reminder): (&str, &str),
    (user, mail): (&str, &str),
    at: &str,
) -> Result<(), sqlx::Error> {
    let add = query(ADD_MAIL).bind(operator).bind(reminder).bind(user).bind(mail);
    add.bind(Mailed::Waiting.code()).bind(at).execute(&mut **tx).await.map(drop)
}

/// A reminder that waits in a mail.
#[derive(Clone, Debug)]
pub struct Owed {
    pub address: String,
    pub operator_code: String,
    pub operator_name: String,
    pub kind: String,
    pub name: String,
    pub told: Message,
    /// False when the user may not see the enterprise any more.
    pub may_read: bool,
}

/// What waits in a mail, by enterprise.
pub async fn owed(db: &Db, mail: &str, today: &str) -> Result<Vec<Owed>, sqlx::Error> {
    let rows = query(MAIL).bind(mail).bind(today).fetch_all(&db.read).await?;
    let owed = |row: &AnyRow| {
        Ok(Owed {
            address: row.try_get("email")?,
            operator_code: row.try_get("operator_code")?,
            operator_name: row.try_get("operator_name")?,
            kind: row.try_get("kind")?,
            name: row.try_get("name")?,
            told: Message::new(row.try_get::<String, _>("told")?, row.try_get::<String, _>("told_en")?),
            may_read: row.try_get::<i64, _>("may_read")? == 1,
        })
    };
    rows.iter().map(owed).collect()
}

/// Notes what came of a try with what waits in a mail, of one enterprise or, without one, of all.
pub async fn set_mail(
    tx: &mut Tx,
    (mail, operator): (&str, &str),
    (mailed, told): (Mailed, &str),
    at: &str,
) -> Result<(), sqlx::Error> {
    let set = query(SET_MAIL).bind(mail).bind(mailed.code()).bind(told).bind(at).bind(operator);
    set.execute(&mut **tx).await.map(drop)
}

/// The latest reminders of these enterprises, from a moment on.
pub async fn latest(db: &Db, operators: &[&str], from: &str, most: i64) -> Result<Vec<Reminder>, sqlx::Error> {
    let rows = query(db.pick(LATEST)).bind(db.list(operators)?).bind(from).bind(most).fetch_all(&db.read).await?;
    rows.iter().map(reminder).collect()
}

fn reminder(row: &AnyRow) -> Result<Reminder, sqlx::Error> {
    let id = |column: &str| {
        let text: String = row.try_get(column)?;
        text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
    };
    let count = |column: &str| row.try_get::<i64, _>(column);
    let (sent, waiting, failed) = (count("sent")?, count("waiting")?, count("failed")?);
    let told: String = row.try_get("mail_told")?;
    let (mailed, mail_told) = match (failed, waiting, sent) {
        (1.., ..) => (Mailed::Failed, told),
        (_, 1.., _) => (Mailed::Waiting, told),
        (_, _, 1..) => (Mailed::Sent, sent.to_string()),
        _ => (Mailed::Nobody, String::new()),
    };
    Ok(Reminder {
        id: id("id")?,
        operator_code: row.try_get("operator_code")?,
        document: id("document_id")?,
        kind: row.try_get("kind")?,
        name: row.try_get("name")?,
        told: Message::new(row.try_get::<String, _>("told")?, row.try_get::<String, _>("told_en")?),
        at: row.try_get("at")?,
        mailed,
        mail_told,
    })
}

/// Takes out reminders written before.
pub async fn sweep(tx: &mut Tx, before: &str) -> Result<u64, sqlx::Error> {
    Ok(query(SWEEP).bind(before).execute(&mut **tx).await?.rows_affected())
}
