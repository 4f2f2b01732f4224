//! Keeps and gives back unsaved text of the caller, and of nobody else, within bounds. Called by `api`.
//! Knows nothing of what the text means, and checks none of it.

use super::model::{LONGEST_NAME, MOST_LETTERS, MOST_TEXTS, Piece};
use super::store;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::text;

/// Keeps texts in place of what had their names; all or none.
///
/// # Errors
/// `Refused` for a name nobody would give, and when one user's texts become too many or too large.
pub async fn keep(call: &Call, pieces: &[Piece]) -> Result<(), Failure> {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.contains(char::is_control);
    if !pieces.iter().all(|piece| is_name(&piece.name)) {
        return Err(Failure::refused(text(
            "未保存的内容无法保留：名称不正确。请刷新页面后重试",
            "The unsaved text cannot be kept: its name is wrong. Reload the page and try again",
        )));
    }
    let (user, now) = (&call.actor.user_id, call.state.clock.stamp());
    let mut tx = call.state.db.begin().await?;
    for piece in pieces {
        match &piece.text {
            Some(text) => store::put(&mut tx, user, &piece.name, text, &now).await?,
            None => store::remove(&mut tx, user, &piece.name).await?,
        }
    }
    let (texts, letters) = store::size(&mut tx, user).await?;
    if texts > MOST_TEXTS || letters > MOST_LETTERS {
        return Err(Failure::refused(text(
            "未保存的内容过多，刚录入的没有保留。请先暂存或关闭一些页签后继续",
            "There is too much unsaved text; what was just typed is not kept. Save or close some documents, then go on",
        )));
    }
    Ok(tx.commit().await?)
}

/// All texts of the caller.
///
/// # Errors
/// When the database fails.
pub async fn read(call: &Call) -> Result<Vec<Piece>, Failure> {
    Ok(store::all(&call.state.db, &call.actor.user_id).await?)
}
