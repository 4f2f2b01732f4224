//! 申报: checks everything once more, then writes state, audit and message in one transaction.
//! Customs is never spoken to in here; the outbox worker does that.

use std::collections::HashSet;

use chrono::Utc;
use serde_json::json;

use super::query::content_of;
use super::{allowed, authorise, changed_meanwhile, head_of, meta, refuse_with};
use crate::attachment::rules::check_items;
use crate::attachment::service::for_declaration;
use crate::book::message;
use crate::book::model::{HEAD, Saved, Step};
use crate::book::rules::check_book;
use crate::book::store::{expired_book, standing_of};
use crate::document::store::{self, DocumentRow};
use crate::document::{Action, Event};
use crate::exchange::{MessageRef, Outgoing, outbox};
use crate::form::{Finding, Severity, in_china, pointer, show_date, today};
use crate::server::call::Call;
use crate::server::db::{Tx, stamp};
use crate::server::failure::Failure;
use crate::text::Message;

/// Type of the message that files a book; a name of our own, no public schema exists.
const FILING: &str = "OPB111";

/// Declares the book. Repeating the request, or a double click, declares once.
///
/// # Errors
/// `Refused` with everything that keeps the book from being declared; `Conflict` when it changed
/// since the version the caller saw.
pub async fn declare(call: &Call, step: Step) -> Result<Saved, Failure> {
    let mut tx = call.state.db.begin().await?;
    let mut row = store::lock(&mut tx, &step.id.to_string()).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &row)?;
    let receipts = store::receipt_count(&mut *tx, &row.id).await?;
    if row.declare_round > 0 && row.status.is_pending() {
        // Declared already: by this very request sent twice, or by a colleague a moment ago.
        return Ok(Saved { meta: meta(&row, receipts)?, head: head_of(&row)?, row: None, findings: Vec::new() });
    }
    allowed(&row, Action::Declare)?;
    if row.version != step.base {
        return Err(changed_meanwhile(Vec::new()));
    }
    let mut head = head_of(&row)?;
    let (exports, reimports) = content_of(&store::rows_in(&mut tx, &row.id).await?)?;
    let mut findings = check_book(&head, &exports, &reimports, &call.state.reference.codes(), today());
    findings.extend(standing(&mut tx, &row).await?);
    let (attachments, lacking) = for_declaration(&mut tx, &row.id, &call.state.config).await?;
    findings.extend(lacking);
    let items: HashSet<i64> = exports.iter().map(|row| row.seq).chain(reimports.iter().map(|row| row.seq)).collect();
    findings.extend(check_items(&attachments, |item| items.contains(&item)));
    let hindering = findings.iter().filter(|finding| finding.severity > Severity::Warning).cloned().collect();
    refuse_with(
        hindering,
        Message::new(
            "不能申报：数据未填写完整或不符合要求，请按提示逐项修改。",
            "It cannot be declared yet. Mend what the list names, one by one.",
        ),
    )?;

    let now = Utc::now();
    row.status = row.status.after(Event::Declared).ok_or_else(|| Failure::Internal("state machine".into()))?;
    row.version += 1;
    row.declare_round += 1;
    row.declared_at = stamp(now);
    head.declared_at = show_date(in_china(now).date_naive());
    row.head = serde_json::to_string(&head)?;
    let message_id = MessageRef::new(FILING, &row.id, row.declare_round).to_string();
    let body = message::opb111(&message_id, now, &head, &exports, &reimports, &attachments);
    store::update(&mut tx, &row).await?;
    let outgoing =
        Outgoing { message_id: message_id.clone(), document_id: row.id.clone(), message_type: FILING.to_owned(), body };
    outbox::enqueue(&mut tx, &outgoing).await?;
    let detail = json!({ "message_id": message_id, "round": row.declare_round });
    store::audit(&mut tx, &row.id, &call.actor.login, "declare", &detail).await?;
    tx.commit().await?;
    call.state.outbox_bell.notify_one();
    Ok(Saved { meta: meta(&row, receipts)?, head, row: None, findings })
}

/// What only the server knows of the operator (domain.md §5.3 check 3): credit grade, open case,
/// expired books that were not written off.
async fn standing(tx: &mut Tx, row: &DocumentRow) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    let mut object = |rule: &str, zh: String, en: String| {
        findings.push(Finding::new(rule, pointer(HEAD, None, "operator_code"), Severity::Declare, zh, en));
    };
    let Some(operator) = standing_of(tx, &row.operator_code).await? else {
        return Err(Failure::Internal(format!("operator {} vanished", row.operator_code)));
    };
    if operator.credit_grade == "untrusted" {
        object(
            "operator.credit",
            "经营单位信用等级低于一般信用，不得开展出境加工".to_owned(),
            "The operator's credit grade is below regular".to_owned(),
        );
    }
    if operator.open_case {
        object(
            "operator.case",
            "经营单位涉嫌走私、违规案件尚未结案，不得开展出境加工".to_owned(),
            "The operator has an open customs case".to_owned(),
        );
    }
    if let Some(book_no) = expired_book(tx, row, &show_date(today())).await? {
        object(
            "operator.expired_book",
            format!("账册{book_no}已到期未核报，请先核报后再申报新账册"),
            format!("Book {book_no} has expired and was not written off; do that first"),
        );
    }
    Ok(findings)
}
