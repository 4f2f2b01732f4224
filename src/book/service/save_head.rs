//! 暂存 of the head: creates the book the first time, else changes it. Called by `api`. Believes nothing that a
//! browser sends in grey fields: they keep what is stored, or are filled anew.

use serde_json::json;
use uuid::Uuid;

use super::{KIND, allowed, authorise, changed_meanwhile, head_of, meta, parties, refuse_with, storable};
use crate::book::model::{HEAD, Head, SaveHead, Saved};
use crate::book::rules::{check_book, check_head, clean_record};
use crate::document::store::{self, DocumentRow};
use crate::document::{Action, Event, Status};
use crate::form::{Difference, Finding, Record, Severity, add_months, differences, pointer, show_date, today};
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::Message;

/// Stores the head.
///
/// # Errors
/// `Refused` with findings per field; `Conflict` when somebody saved the head since `base`;
/// `Forbidden` for a book of an enterprise the caller does not act for.
pub async fn save_head(call: &Call, request: SaveHead) -> Result<Saved, Failure> {
    let codes = call.state.reference.codes();
    // What a browser sends in grey fields is ignored, from the first 暂存 on.
    let mut typed = Head::default();
    typed.take_typed(&clean_record(&request.head, today()));
    storable(check_head(&typed, &codes, today(), false))?;
    let unknown = parties::fill(&call.state.db, &call.actor, &mut typed).await?;
    refuse_with(
        unknown,
        Message::new("未能暂存，请按红色提示修改后重试。", "Not saved. Mend what is marked in red and try again."),
    )?;

    let mut tx = call.state.db.begin().await?;
    let (row, head, receipts) = match store::lock(&mut tx, &request.id.to_string()).await? {
        None if request.base == 0 => {
            let (row, head) = create(&mut tx, call, request.id, typed).await?;
            (row, head, 0)
        }
        None => return Err(Failure::NotFound),
        Some(row) => change(&mut tx, call, row, &request, typed).await?,
    };
    tx.commit().await?;
    let findings = check_book(&head, &[], &[], &codes, today())
        .into_iter()
        .filter(|finding| finding.pointer.starts_with(HEAD))
        .collect();
    Ok(Saved { meta: meta(&row, receipts)?, head, row: None, findings })
}

/// Gives a new draft its numbers and stores it.
pub(super) async fn create(tx: &mut Tx, call: &Call, id: Uuid, typed: Head) -> Result<(DocumentRow, Head), Failure> {
    let now = today();
    let mut head = typed;
    system_fields(&mut head);
    head.input_date = show_date(now);
    if head.valid_to.is_empty() {
        head.valid_to = add_months(now, 12).map(show_date).unwrap_or_default();
    }
    if head.internal_no.is_empty() {
        let day = now.format("%Y%m%d");
        let serial = store::next_number(tx, &format!("internal_no:{day}")).await?;
        head.internal_no = format!("OP{day}{serial:05}");
    }
    let year = now.format("%Y");
    let serial = store::next_number(tx, &format!("seq_no:{year}")).await?;
    head.seq_no = format!("{year}{serial:014}");
    let row = DocumentRow {
        id: id.to_string(),
        kind: KIND.to_owned(),
        status: Status::Draft,
        version: 1,
        head_version: 1,
        seq_no: head.seq_no.clone(),
        internal_no: head.internal_no.clone(),
        book_no: String::new(),
        decl_type: head.decl_type.clone(),
        change_seq: 0,
        operator_code: head.operator_code.clone(),
        declarant_code: head.declarant_code.clone(),
        input_code: head.input_code.clone(),
        input_date: head.input_date.clone(),
        valid_to: head.valid_to.clone(),
        declared_at: String::new(),
        approved_at: String::new(),
        declare_round: 0,
        created_by: call.actor.login.clone(),
        updated_at: String::new(),
        head: serde_json::to_string(&head)?,
    };
    number_is_free(tx, &row).await?;
    if !store::insert(tx, &row).await? {
        return Err(Failure::Internal(format!("document {id} appeared under the lock")));
    }
    store::audit(tx, &row.id, &call.actor.login, "create", &json!({ "seq_no": row.seq_no })).await?;
    Ok((row, head))
}

async fn change(
    tx: &mut Tx,
    call: &Call,
    mut row: DocumentRow,
    request: &SaveHead,
    typed: Head,
) -> Result<(DocumentRow, Head, i64), Failure> {
    authorise(&call.actor, &row)?;
    let stored = head_of(&row)?;
    let mut head = stored.clone();
    head.take_typed(&typed);
    // An internal number, once given, is not lost by clearing the field.
    if head.internal_no.is_empty() {
        head.internal_no.clone_from(&stored.internal_no);
    }
    let differing: Vec<Difference> = differences(HEAD, None, &head, &stored);
    let receipts = store::receipt_count(&mut **tx, &row.id).await?;
    if differing.is_empty() && row.head_version != request.base {
        // The same 暂存 once more (a repeated request), or somebody typed the very same.
        return Ok((row, stored, receipts));
    }
    allowed(&row, Action::Edit)?;
    if row.head_version != request.base {
        return Err(changed_meanwhile(differing));
    }
    for key in ["operator", "processor", "declarant"] {
        for part in ["uscc", "name"] {
            let field = format!("{key}_{part}");
            head.set(&field, typed.get(&field));
        }
    }
    system_fields(&mut head);
    row.status = row.status.after(Event::Saved).unwrap_or(row.status);
    row.version += 1;
    row.head_version = row.version;
    row.internal_no.clone_from(&head.internal_no);
    row.operator_code.clone_from(&head.operator_code);
    row.declarant_code.clone_from(&head.declarant_code);
    row.valid_to.clone_from(&head.valid_to);
    row.head = serde_json::to_string(&head)?;
    number_is_free(tx, &row).await?;
    store::update(tx, &row).await?;
    store::audit(tx, &row.id, &call.actor.login, "save_head", &serde_json::to_value(&differing)?).await?;
    Ok((row, head, receipts))
}

/// What is the same for every filing of this kind of book.
fn system_fields(head: &mut Head) {
    "1".clone_into(&mut head.decl_type);
    "0".clone_into(&mut head.change_seq);
    "1427".clone_into(&mut head.supervision_mode);
    "299".clone_into(&mut head.levy_nature);
    if head.declarant_type.is_empty() {
        "1".clone_into(&mut head.declarant_type);
    }
    for count in [&mut head.export_count, &mut head.reimport_count, &mut head.export_total, &mut head.reimport_total] {
        if count.is_empty() {
            "0".clone_into(count);
        }
    }
}

/// 企业内部编号 is unique per enterprise; customs would refuse the second with the number of the first.
async fn number_is_free(tx: &mut Tx, row: &DocumentRow) -> Result<(), Failure> {
    let Some(seq_no) = store::internal_no_taken(tx, row).await? else { return Ok(()) };
    Err(Failure::Refused {
        message: Message::new("未能暂存：企业内部编号重复。", "Not saved: the internal number is taken."),
        findings: vec![Finding::new(
            "head.internal_no",
            pointer(HEAD, None, "internal_no"),
            Severity::Save,
            format!("企业内部编号{}已用于统一编号{seq_no}，请更换", row.internal_no),
            format!("Internal no. {} is taken by {seq_no}; choose another", row.internal_no),
        )],
    })
}
