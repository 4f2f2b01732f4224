//! The conditions of a query list and their field table: the form above the list is drawn from it, the question to the
//! server read from it. Draws and asks nothing.

use crate::document::Status;
use crate::document::listing::Listed;
use crate::form::{Field, Kind as FieldKind, Need, Record, Source};
use crate::text::text;

crate::record! {
    /// Conditions of the query, besides the enterprise. 申报类型 takes its choices from the kinds of the list.
    pub struct Conditions {
        kind: Field::new(text("单据种类", "Kind"), FieldKind::Text { max: 20 }).help("不选为全部", "Empty: all"),
        entry_no: Field::new(text("报关单号", "Entry no."), FieldKind::Text { max: 18 }),
        book_no: Field::new(text("账册编号", "Book no."), FieldKind::Text { max: 12 }),
        seq_no: Field::new(text("统一编号", "Unified no."), FieldKind::Text { max: 18 }),
        internal_no: Field::new(text("企业内部编号", "Internal no."), FieldKind::Text { max: 64 }),
        status: Field::new(text("数据状态", "State"), FieldKind::Choice(&Status::CHOICES)).help("不选为全部", "Empty: all"),
        decl_type: Field::new(text("申报类型", "Declaration type"), FieldKind::Text { max: 1 }).help("不选为全部", "Empty: all"),
        change_seq: Field::new(text("变更次数", "Changes"), FieldKind::Decimal { int: 9, frac: 0, positive: false })
            .help("0为备案", "0 is the filing"),
        input_from: Field::new(text("录入日期从", "Input from"), FieldKind::Date),
        input_to: Field::new(text("录入日期到", "Input to"), FieldKind::Date),
    }
}

/// Codes of the kinds of a list, in their order: keys are no words to be typed.
const NUMBERS: [&str; 9] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// Key of the kind with this code; empty for none.
pub(super) fn kind_of_code(listed: &Listed, code: &str) -> String {
    let place = NUMBERS.into_iter().position(|one| one == code);
    place.and_then(|place| listed.kinds.get(place)).map_or_else(String::new, |kind| kind.key.to_owned())
}

/// True for a list of what customs tells unasked.
fn is_of_notices(listed: &Listed) -> bool {
    listed.kinds.iter().all(|kind| kind.is_notice)
}

/// The conditions of a list. They live as long as the program: call this once per screen.
pub(super) fn condition_fields(listed: &Listed) -> &'static [Field] {
    // What the head does not have, a list cannot be asked for.
    let known = |field: &&Field| match field.key {
        "kind" => listed.kinds.len() > 1,
        "decl_type" | "change_seq" | "entry_no" => listed.field(field.key).is_some(),
        "status" => !is_of_notices(listed),
        _ => true,
    };
    let fields = Conditions::FIELDS.iter().filter(known).map(|field| match field.key {
        "kind" => {
            let kinds = NUMBERS.into_iter().zip(&listed.kinds).map(|(code, kind)| (code, kind.noun)).collect();
            Field { kind: FieldKind::Choice(Vec::leak(kinds)), ..*field }
        }
        // A notice of customs is in no state that a document goes through.
        "status" => {
            let states = Status::CHOICES.into_iter().filter(|(code, _)| *code != Status::Notice.code()).collect();
            Field { kind: FieldKind::Choice(Vec::leak(states)), ..*field }
        }
        "internal_no" => Field { label: listed.field(field.key).map_or(field.label, |own| own.label), ..*field },
        "decl_type" => listed.field(field.key).map_or(*field, |own| Field {
            source: Source::Typed,
            need: Need::Optional,
            help: field.help,
            ..*own
        }),
        _ => *field,
    });
    Vec::leak(fields.collect())
}
