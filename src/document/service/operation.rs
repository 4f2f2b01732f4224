//! A save that a browser numbered is done once, however often and late it comes; and one that goes on from an earlier one
//! (`base` < 0) is held against what that left. Used by the services that save.

use crate::document::store::DocumentRow;
use crate::document::store::operations;
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;

/// True when the operation was done before. 0 is an operation without a number.
///
/// # Errors
/// Only those of the database.
pub async fn is_done(tx: &mut Tx, document: &str, op: i64) -> Result<bool, Failure> {
    Ok(op > 0 && operations::version(tx, document, op).await?.is_some())
}

/// Notes that the operation was done: the document is as it left it.
///
/// # Errors
/// Only those of the database.
pub async fn note(tx: &mut Tx, call: &Call, row: &DocumentRow, op: i64) -> Result<(), Failure> {
    if op > 0 {
        operations::note(tx, &row.id, op, row.version, &call.state.clock.stamp()).await?;
    }
    Ok(())
}

/// The version a save started from, of a head or row that is now at `current`. A browser that went on before it was answered
/// names the operation instead, below 0: whatever nobody touched since is as it left it.
///
/// # Errors
/// Only those of the database.
pub async fn base(tx: &mut Tx, document: &str, named: i64, current: Option<i64>) -> Result<i64, Failure> {
    if named >= 0 {
        return Ok(named);
    }
    // Never done here: nothing is overwritten for its sake.
    let Some(left) = operations::version(tx, document, -named).await? else { return Ok(named) };
    Ok(current.filter(|current| *current <= left).unwrap_or(left))
}
