//! What was sent to be stored and got no answer, head and rows alike: when the next attempt finds the very same stored, it
//! was stored by this page, and nobody is asked whose text stays. Kept in memory only; sends nothing.

use std::cell::RefCell;
use std::collections::HashMap;

use uuid::Uuid;

use crate::error::{ApiError, Stored};
use crate::form::{Field, Filled, Values};

thread_local! {
    static SENT: RefCell<HashMap<Uuid, Filled>> = RefCell::default();
}

/// Notes what became of a head or row that was sent.
pub(super) fn note<T>(id: Uuid, sent: &Filled, answer: &Result<T, ApiError>) {
    SENT.with_borrow_mut(|all| match answer {
        Err(error) if error.kind.leaves_open() => {
            all.insert(id, sent.clone());
        }
        Ok(_) => {
            all.remove(&id);
        }
        Err(_) => {}
    });
}

/// True when what is stored is what this page sent without an answer.
pub(super) fn is_own(id: Uuid, fields: &'static [Field], stored: &Stored) -> bool {
    SENT.with_borrow(|all| all.get(&id).is_some_and(|sent| same(fields, sent, &stored.content)))
}

/// Fields that were left empty may have been filled by the server.
fn same(fields: &'static [Field], sent: &Filled, stored: &Filled) -> bool {
    let (sent, stored) = (Values::filled_from(fields, sent), Values::filled_from(fields, stored));
    let typed = fields.iter().filter(|field| field.is_typed() && !sent.get(field.key).is_empty());
    typed.into_iter().all(|field| sent.get(field.key) == stored.get(field.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::filing::model::Head;
    use crate::form::Record as _;

    fn filled(remark: &str, number: &str) -> Filled {
        [("remark", remark), ("internal_no", number)].map(|(key, text)| (key.to_owned(), text.to_owned())).into()
    }

    #[test]
    fn only_what_this_page_sent_without_an_answer_is_its_own() {
        // Taken for one's own, a colleague's text would be overwritten without a question.
        let id = Uuid::from_u128(1);
        let stored = |remark| Stored { version: 2, content: filled(remark, "OP1") };
        assert!(!is_own(id, Head::FIELDS, &stored("一")), "nothing was sent");
        let lost: Result<(), _> = Err(ApiError::new(ErrorKind::Network, crate::text::text("断", "lost")));
        note(id, &filled("一", ""), &lost);
        assert!(is_own(id, Head::FIELDS, &stored("一")), "the number was given by the server");
        assert!(!is_own(id, Head::FIELDS, &stored("二")), "a colleague's");
        assert!(!is_own(Uuid::from_u128(2), Head::FIELDS, &stored("一")));
        note(id, &filled("一", ""), &Ok(()));
        assert!(!is_own(id, Head::FIELDS, &stored("一")), "it was answered");
    }
}
