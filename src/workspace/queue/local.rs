//! A document as it will be once the saves that wait are done: what the server had, with them laid over. Pure; used by pages
//! that open a document while saves of it wait.

use super::waiting::{Save, Waiting};
use crate::document::{Document, DocumentMeta, List, Mark, Row, SaveHead, SaveRows};
use crate::form::Filled;

/// Lays saves over a document, in their order; over none where the first of them makes it. What a save left has the number of
/// the operation, negated, for its version.
pub fn over(document: Option<Document>, waiting: &[Waiting]) -> Option<Document> {
    let mut document = document.or_else(|| {
        let Save::Head(first) = &waiting.first()?.save else { return None };
        Some(Document { meta: begun(first), head: Default::default(), lists: Vec::new(), base: None })
    })?;
    for one in waiting {
        match &one.save {
            Save::Head(save) => lay_head(&mut document, save),
            Save::Rows(save) => lay_rows(&mut document, save),
        }
    }
    Some(document)
}

/// A document as the save that makes it begins it.
pub fn begun(save: &SaveHead) -> DocumentMeta {
    let operator_code = save.head.get("operator_code").cloned().unwrap_or_default();
    DocumentMeta { id: save.id, kind: save.kind.clone(), operator_code, ..DocumentMeta::default() }
}

/// 修改标志 of a row as a save leaves it; `known`: the one it had, if it was there.
pub const fn mark_left(is_change: bool, known: Option<Mark>) -> Mark {
    match known {
        _ if !is_change => Mark::Same,
        None | Some(Mark::Added) => Mark::Added,
        Some(_) => Mark::Changed,
    }
}

/// True for a row that is not gone when it is deleted: what is in force is struck through, and can be taken back.
pub fn is_struck(is_change: bool, mark: Mark) -> bool {
    is_change && mark != Mark::Added
}

/// Lays what was sent over a record: the fields that were changed, or all of it.
fn lay(record: &mut Filled, sent: &Filled, was: Option<&Filled>) {
    let Some(was) = was else {
        // What the server filled in stays.
        return record.extend(sent.clone());
    };
    for key in was.keys() {
        match sent.get(key) {
            Some(text) => record.insert(key.clone(), text.clone()),
            None => record.remove(key),
        };
    }
}

fn lay_head(document: &mut Document, save: &SaveHead) {
    lay(&mut document.head, &save.head, save.was.as_ref());
    document.meta.head_version = -save.op;
}

fn lay_rows(document: &mut Document, save: &SaveRows) {
    let is_change = document.meta.base_id.is_some();
    let place = document.lists.iter().position(|list| list.section == save.section).unwrap_or_else(|| {
        document.lists.push(List { section: save.section.clone(), rows: Vec::new() });
        document.lists.len() - 1
    });
    let rows = &mut document.lists[place].rows;
    for gone in &save.removes {
        match rows.iter_mut().find(|row| row.id == gone.row_id) {
            Some(row) if is_struck(is_change, row.mark) => row.mark = Mark::Deleted,
            _ => rows.retain(|row| row.id != gone.row_id),
        }
    }
    for put in &save.puts {
        let version = -save.op;
        match rows.iter_mut().find(|row| row.id == put.row_id) {
            Some(row) => {
                let mark = mark_left(is_change, Some(row.mark));
                lay(&mut row.content, &put.content, put.was.as_ref());
                *row = Row { version, mark, ..row.clone() };
            }
            None => {
                // The server gives the number; until then the next one is shown.
                let next = rows.iter().map(|row| row.seq).max().unwrap_or_default() + 1;
                let mark = mark_left(is_change, None);
                rows.push(Row { id: put.row_id, seq: next, version, mark, content: put.content.clone() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{PutRow, RemoveRow};
    use uuid::Uuid;

    fn filled(key: &str, text: &str) -> Filled {
        [(key.to_owned(), text.to_owned())].into()
    }

    fn waiting(save: Save) -> Waiting {
        Waiting { kind: "filing".into(), title: String::new(), at: String::new(), save }
    }

    fn head(op: i64, remark: &str) -> Waiting {
        let id = Uuid::from_u128(1);
        waiting(Save::Head(SaveHead {
            op,
            id,
            kind: "filing".into(),
            base: 0,
            head: filled("remark", remark),
            was: None,
        }))
    }

    fn rows(op: i64, puts: &[(u128, &str)], removes: &[u128]) -> Waiting {
        let put = |(id, qty): &(u128, &str)| PutRow {
            row_id: Uuid::from_u128(*id),
            base: 0,
            seq: 0,
            content: filled("qty", qty),
            was: None,
        };
        waiting(Save::Rows(SaveRows {
            op,
            document_id: Uuid::from_u128(1),
            section: "exports".into(),
            puts: puts.iter().map(put).collect(),
            removes: removes.iter().map(|id| RemoveRow { row_id: Uuid::from_u128(*id), base: 0 }).collect(),
        }))
    }

    fn quantities(document: &Document) -> Vec<(i64, i64, String)> {
        document.lists[0].rows.iter().map(|row| (row.seq, row.version, row.content["qty"].clone())).collect()
    }

    #[test]
    fn a_document_the_server_never_saw_is_there_with_its_rows() {
        let saves = [head(10, "一"), rows(11, &[(5, "1"), (6, "2")], &[]), rows(12, &[(5, "3")], &[]), head(13, "二")];
        let document = over(None, &saves).unwrap();
        assert_eq!((document.meta.head_version, document.head["remark"].as_str()), (-13, "二"));
        assert_eq!(quantities(&document), [(1, -12, "3".to_owned()), (2, -11, "2".to_owned())]);
        // Laid over itself once more, as over a copy that was made meanwhile, it is the same.
        assert_eq!(over(Some(document.clone()), &saves), Some(document.clone()));
        let without = over(Some(document), &[rows(14, &[], &[5])]).unwrap();
        assert_eq!(quantities(&without), [(2, -11, "2".to_owned())]);
        assert_eq!(over(None, &[rows(11, &[(5, "1")], &[])]), None, "rows of a document nobody has");
    }

    #[test]
    fn in_a_change_what_is_in_force_is_struck_through() {
        let mut document = over(None, &[head(10, ""), rows(11, &[(5, "1"), (6, "2")], &[])]).unwrap();
        document.meta.base_id = Some(Uuid::from_u128(9));
        let changed = over(Some(document), &[rows(12, &[(5, "4"), (7, "7")], &[6])]).unwrap();
        let marks: Vec<Mark> = changed.lists[0].rows.iter().map(|row| row.mark).collect();
        assert_eq!(marks, [Mark::Changed, Mark::Deleted, Mark::Added]);
    }

    #[test]
    fn a_change_that_waits_is_laid_over_what_a_colleague_stored_meanwhile() {
        // All of the row laid over it, the page would hide the colleague's text and go on from one nobody has.
        let saves = [head(10, "一"), rows(11, &[(5, "1")], &[])];
        let mut document = over(None, &saves).unwrap();
        document.lists[0].rows[0].content.extend(
            [("spec_model", "theirs"), ("note", "x"), ("total", "1")]
                .map(|(key, text)| (key.to_owned(), text.to_owned())),
        );
        let mut later = rows(12, &[(5, "3")], &[]);
        if let Save::Rows(save) = &mut later.save {
            save.puts[0]
                .content
                .extend([("spec_model", "old"), ("total", "3")].map(|(key, text)| (key.to_owned(), text.to_owned())));
            save.puts[0].was = Some(
                [("qty", "1"), ("total", "1"), ("note", "x")]
                    .map(|(key, text)| (key.to_owned(), text.to_owned()))
                    .into(),
            );
        }
        let row = &over(Some(document), &[later]).unwrap().lists[0].rows[0];
        let texts: Vec<_> =
            ["qty", "total", "spec_model", "note"].map(|key| row.content.get(key).map(String::as_str)).into();
        assert_eq!(texts, [Some("3"), Some("3"), Some("theirs"), None]);
    }
}
