//! A new draft: its numbers, its first line in the audit trail, rows of another document. Called by 暂存 of a head that is
//! new, by 复制 and by 变更, inside their transaction.

use serde_json::json;
use uuid::Uuid;

use super::lists_of;
use crate::document::guard::record;
use crate::document::kind::{HEAD, Kind, Section};
use crate::document::store::rows::{self, ContentRow};
use crate::document::store::{self, DocumentRow};
use crate::document::{Mark, Row, Status};
use crate::form::{Finding, Severity, Values, pointer, show_date};
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::Message;

/// 申报类型 of a filing.
const FILING: &str = "1";
/// 申报类型 of a change.
const CHANGE: &str = "2";

/// What a draft is made of.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// Typed, or copied.
    New,
    /// A change of this document.
    Change { of: &'a DocumentRow, change_seq: i64 },
}

/// Gives a new draft its numbers and stores it. `head` is what was typed, with what was looked up.
///
/// # Errors
/// `Refused` when the 企业内部编号 is taken.
pub async fn create(
    tx: &mut Tx,
    call: &Call,
    kind: &'static Kind,
    id: Uuid,
    mut head: Values,
    origin: Origin<'_>,
) -> Result<(DocumentRow, Values), Failure> {
    let today = call.state.clock.today();
    kind.rules.start(&mut head, &call.actor.enterprise, today);
    kind.rules.fix(&mut head);
    no_rows_yet(kind, &mut head);
    head.set("input_date", show_date(today));
    let year = today.format("%Y");
    let serial = store::next_number(tx, &format!("seq_no:{year}")).await?;
    let mut row = DocumentRow {
        id: id.to_string(),
        operator_code: head.get("operator_code").to_owned(),
        kind: kind.key.to_owned(),
        list: kind.listing.key.to_owned(),
        status: Status::Draft,
        version: 1,
        head_version: 1,
        seq_no: format!("{year}{serial:014}"),
        internal_no: head.get("internal_no").to_owned(),
        decl_type: FILING.to_owned(),
        root_id: id.to_string(),
        input_code: call.actor.enterprise.code.clone(),
        input_date: show_date(today),
        created_by: call.actor.login.clone(),
        updated_at: call.state.clock.stamp(),
        ..DocumentRow::default()
    };
    if let Origin::Change { of, change_seq } = origin {
        CHANGE.clone_into(&mut row.decl_type);
        row.change_seq = change_seq;
        row.book_no.clone_from(&of.book_no);
        row.base_id.clone_from(&of.id);
        row.root_id.clone_from(&of.root_id);
        row.extensions = of.extensions;
    }
    row.identify(kind, &mut head);
    if row.internal_no.is_empty() {
        row.internal_no = free_number(tx, call, &row).await?;
        head.set("internal_no", row.internal_no.as_str());
    }
    row.set_head(kind, &head)?;
    number_is_free(tx, call, &row).await?;
    if !store::insert(tx, &row).await? {
        return Err(Failure::Internal(format!("document {id} appeared under the lock")));
    }
    let detail = json!({ "seq_no": row.seq_no, "change_seq": row.change_seq, "base_id": row.base_id });
    record(tx, call, &row, "create", &detail).await?;
    Ok((row, head))
}

/// Counts and sums start at 0.
fn no_rows_yet(kind: &Kind, head: &mut Values) {
    for key in kind.sections.iter().flat_map(Section::totals) {
        if head.get(key).is_empty() {
            head.set(key, "0");
        }
    }
}

/// Gives a new draft the rows of another document, under their numbers. How many.
///
/// # Errors
/// When what is stored cannot be read.
pub async fn take_rows(
    tx: &mut Tx,
    call: &Call,
    kind: &'static Kind,
    row: &DocumentRow,
    source: &[ContentRow],
) -> Result<usize, Failure> {
    let mut count = 0;
    for (section, list) in kind.sections.iter().zip(lists_of(kind, source)?) {
        let list = list.into_iter().filter(|row| row.mark != Mark::Deleted);
        let fresh: Vec<_> = list.map(|row| Row { id: Uuid::now_v7(), mark: Mark::Same, ..row }).collect();
        count += fresh.len();
        rows::put(&call.state.db, tx, row, section, &fresh).await?;
    }
    Ok(count)
}

/// The next 企业内部编号 of today that nobody uses: somebody may have typed one that looks like ours.
async fn free_number(tx: &mut Tx, call: &Call, row: &DocumentRow) -> Result<String, Failure> {
    let day = call.state.clock.today().format("%Y%m%d");
    let mut tried = row.clone();
    loop {
        let serial = store::next_number(tx, &format!("internal_no:{day}")).await?;
        tried.internal_no = format!("OP{day}{serial:05}");
        if taken(tx, call, &tried).await?.is_none() {
            return Ok(tried.internal_no);
        }
    }
}

/// The 统一编号 of the document that has this 企业内部编号; nobody else takes the number before this transaction ends.
async fn taken(tx: &mut Tx, call: &Call, row: &DocumentRow) -> Result<Option<String>, Failure> {
    let name = format!("internal_no:{}:{}:{}", row.kind, row.operator_code, row.internal_no);
    store::reserve(&call.state.db, tx, &name).await?;
    Ok(store::internal_no_taken(tx, row).await?)
}

/// 企业内部编号 is unique per enterprise; customs would refuse the second with the number of the first.
pub async fn number_is_free(tx: &mut Tx, call: &Call, row: &DocumentRow) -> Result<(), Failure> {
    let Some(seq_no) = taken(tx, call, row).await? else { return Ok(()) };
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
