//! What a document lacks, by the rules that 申报 asks: gathers what they look at, and asks them. Declaring calls it, and so does
//! 待办 for the drafts it lists. Takes no lock and stores nothing: what `Office::standing` asks under the lock (another book that
//! is over, a number that is taken) is not asked here.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Snapshot, base_of, lists_of, snapshot};
use crate::attachment::model::{AttachmentRow, Policy};
use crate::attachment::rules::{check_attachments, check_items, check_needed, is_of_change};
use crate::attachment::service::{of_document, policy_of};
use crate::document::guard::head_of;
use crate::document::kind::{Kind, Whole};
use crate::document::office::Office;
use crate::document::store::rows::ContentRow;
use crate::document::store::{self, DocumentRow};
use crate::document::under_book::UnderBook;
use crate::document::{Base, Mark, Row};
use crate::form::{Finding, Severity, Values, in_china};
use crate::reference::Codes;
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// So long one call looks at drafts; what is left is asked for anew.
const PATIENCE: Duration = Duration::from_millis(300);

/// All that the rules of a document look at, as it was at one moment.
pub(super) struct Gathered {
    pub kind: &'static Kind,
    pub row: DocumentRow,
    pub head: Values,
    /// In the order of [`Kind::sections`].
    pub lists: Vec<Vec<Row<Values>>>,
    pub base: Option<Base>,
    pub book: Option<UnderBook>,
    pub papers: Vec<AttachmentRow>,
    policy: Policy,
    codes: Codes,
    pub now: DateTime<Utc>,
}

impl Gathered {
    /// Everything but the lists: thousands of rows take their time, so [`Gathered::read`] reads them beside the requests.
    ///
    /// # Errors
    /// When what is stored cannot be read.
    pub async fn of(state: &AppState, office: &dyn Office, row: DocumentRow) -> Result<Self, Failure> {
        let (db, kind) = (&state.db, office.kind());
        Ok(Self {
            kind,
            head: head_of(kind, &row)?,
            lists: Vec::new(),
            base: base_of(&db.read, kind, &row).await?,
            book: office.book(db, &row).await?,
            papers: of_document(&db.read, &row).await?,
            policy: policy_of(&state.config, kind),
            codes: state.reference.codes(),
            now: state.clock.now(),
            row,
        })
    }

    /// Reads the lists.
    ///
    /// # Errors
    /// When what is stored cannot be read.
    pub fn read(&mut self, rows: &[ContentRow]) -> Result<(), Failure> {
        self.lists = lists_of(self.kind, rows)?;
        Ok(())
    }

    /// What the rules find, the gravest of the document first, those of its papers last.
    pub fn findings(&self) -> Vec<Finding> {
        let lists: Vec<&[Row<Values>]> = self.lists.iter().map(Vec::as_slice).collect();
        let whole = Whole {
            kind: self.kind,
            head: &self.head,
            lists: &lists,
            base: self.base.as_ref(),
            papers_changed: self.papers.iter().any(|paper| is_of_change(paper, self.row.change_seq)),
            book: self.book.as_ref(),
            codes: &self.codes,
            today: in_china(self.now).date_naive(),
        };
        let mut findings = self.kind.check(&whole);
        findings.extend(check_attachments(&self.papers, &self.policy));
        let needed = self.kind.rules.papers(&whole);
        findings.extend(check_needed(&self.papers, &needed, self.row.change_seq));
        let rows = self.lists.iter().flatten().filter(|row| row.mark != Mark::Deleted);
        let items: HashSet<i64> = rows.map(|row| row.seq).collect();
        findings.extend(check_items(&self.papers, |item| items.contains(&item)));
        findings
    }
}

/// What keeps a document from being declared, as far as can be said before it is.
#[derive(Clone, Debug)]
pub struct Checked {
    pub id: Uuid,
    pub kind: &'static Kind,
    /// The version that was looked at.
    pub version: i64,
    /// The gravest first.
    pub faults: Vec<Finding>,
}

/// Looks at documents one after the other, for a third of a second or so, and answers in their order: up to the last one
/// answered all were looked at, and those left out are gone or not the caller's. Nothing: so are all of them.
///
/// # Errors
/// Those of the database.
pub async fn check(call: &Call, ids: &[Uuid]) -> Result<Vec<Checked>, Failure> {
    let begun = Instant::now();
    let mut answers = Vec::new();
    for id in ids {
        answers.extend(check_one(call, *id).await?);
        if begun.elapsed() > PATIENCE && !answers.is_empty() {
            break;
        }
    }
    Ok(answers)
}

async fn check_one(call: &Call, id: Uuid) -> Result<Option<Checked>, Failure> {
    let Some(row) = store::find(&call.state.db, &id.to_string()).await? else { return Ok(None) };
    if !call.actor.acts_for(&row.operator_code) {
        return Ok(None);
    }
    let (kind, version) = (call.state.office(&row.kind)?.kind(), row.version);
    match faults(call, &row.id).await {
        Ok((version, faults)) => Ok(Some(Checked { id, kind, version, faults })),
        Err(Failure::NotFound) => Ok(None),
        // One that cannot be looked at must not keep the others from being.
        Err(Failure::Internal(why)) => {
            tracing::error!(%id, why, "a document could not be checked");
            let zh = "本单数据无法检查，请打开核对；打不开时请联系管理员";
            let en = "It cannot be checked: open it and look, or ask the administrator";
            let faults = vec![Finding::new("check.failed", "", Severity::Declare, zh, en)];
            Ok(Some(Checked { id, kind, version, faults }))
        }
        Err(other) => Err(other),
    }
}

/// What hinders a document, and the version that was looked at.
async fn faults(call: &Call, id: &str) -> Result<(i64, Vec<Finding>), Failure> {
    let Snapshot { row, rows } = snapshot(&call.state.db, id).await?;
    let version = row.version;
    let mut gathered = Gathered::of(&call.state, call.state.office(&row.kind)?, row).await?;
    let faults = aside("checking a document", move || {
        gathered.read(&rows)?;
        let mut faults = gathered.findings();
        faults.retain(|finding| finding.severity > Severity::Warning);
        Ok(faults)
    });
    Ok((version, faults.await?))
}
