//! Finds the field a note of customs speaks of, so that the reason of a 退单 leads to its field.
//! Pure: the note's words and the labels of the field tables. Used when receipts are shown.

use super::kind::{HEAD, Kind};
use super::model::Receipt;
use super::place::{Part, parts};
use crate::attachment::model::{self as attachment, Attachment};
use crate::form::{Field, Record as _, pointer};

/// Fills the pointers of the notes.
pub fn point(kind: &'static Kind, receipts: &mut [Receipt]) {
    for note in receipts.iter_mut().flat_map(|receipt| &mut receipt.notes) {
        note.pointer = pointer_of(kind, &note.text);
    }
}

/// Pointer to the field a note names, e.g. `出口货物第3项【商品编码】…` → `exports[3].hs_code`;
/// empty when none can be told.
pub fn pointer_of(kind: &'static Kind, note: &str) -> String {
    let note: String = note.chars().map(plain).collect();
    if let Some(rest) = note.trim_start().strip_prefix(attachment::LABEL.zh) {
        return pointer_to_attachment(rest);
    }
    let (section, seq, rest) = place(kind, &note);
    let fields = section.map_or(kind.head, |section| section.fields);
    let Some(field) = bracketed(rest, fields).or_else(|| longest(rest, fields)) else { return String::new() };
    pointer(section.map_or(HEAD, |section| section.key), seq, field.key)
}

/// A note that opens with 随附单据 is about one of them, or about one that is missing.
fn pointer_to_attachment(rest: &str) -> String {
    let seq =
        rest.strip_prefix('第').and_then(|rest| rest.split_once('项')).and_then(|(seq, _)| seq.trim().parse().ok());
    bracketed(rest, Attachment::FIELDS)
        .or_else(|| longest(rest, Attachment::FIELDS))
        .map_or_else(String::new, |field| pointer(attachment::SECTION, seq, field.key))
}

/// Full-width digits, blanks and brackets as their plain forms.
const fn plain(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '（' => '(',
        '）' => ')',
        '０'..='９' => ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'][letter as usize - '０' as usize],
        other => other,
    }
}

/// The part a note speaks of (`None`: the head), the item number, and what follows.
fn place<'n>(kind: &'static Kind, note: &'n str) -> (Option<Part>, Option<i64>, &'n str) {
    for (at, word) in note.match_indices('第') {
        let after = note[at + word.len()..].trim_start();
        let digits = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
        let Some(rest) = after[digits..].trim_start().strip_prefix('项') else { continue };
        let before = note[..at].trim_end();
        let section = named(kind, |label| before.ends_with(label));
        let (Ok(seq), Some(section)) = (after[..digits].parse(), section) else { continue };
        return (Some(section), Some(seq), rest);
    }
    // Without an item number only a note that opens with the part is about it.
    let note = note.trim_start();
    match named(kind, |label| note.starts_with(label)) {
        Some(section) => (Some(section), None, &note[section.label.zh.len()..]),
        None => (None, None, note),
    }
}

/// The list with the longest label that fits: one label may be the end of another.
fn named(kind: &'static Kind, fits: impl Fn(&str) -> bool) -> Option<Part> {
    let lists = parts(kind).into_iter().filter(|part| part.key != HEAD && part.key != attachment::SECTION);
    lists.filter(|part| fits(part.label.zh)).max_by_key(|part| part.label.zh.len())
}

/// The first 【label】 that is a field's label.
fn bracketed(text: &str, fields: &'static [Field]) -> Option<&'static Field> {
    text.split('【')
        .skip(1)
        .filter_map(|part| part.split_once('】'))
        .find_map(|(label, _)| fields.iter().find(|field| field.label.zh == label.trim()))
}

/// The field with the longest label that occurs in the text.
fn longest(text: &str, fields: &'static [Field]) -> Option<&'static Field> {
    fields.iter().rev().filter(|field| text.contains(field.label.zh)).max_by_key(|field| field.label.zh.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::kind::FILING;
    use crate::filing::model::{Head, ReimportGoods};

    #[test]
    fn the_reason_of_a_return_leads_to_its_field() {
        for (note, want) in [
            ("出口货物第3项【商品编码】属于不予备案的商品", "exports[3].hs_code"),
            ("复进口货物第2项 原出口货物价值合计大于出口货物总额", "reimports[2].original_value"),
            ("复进口货物第２项【原出口货物价值】合计过大", "reimports[2].original_value"),
            ("复进口货物 第 12 项【原产国（地区）】有误", "reimports[12].origin_country"),
            ("出口货物第5项与第2项重复：【规格型号】相同", "exports[5].spec_model"),
            ("表头【生产工艺说明】过于简单", "head.process_desc"),
            ("【生产工艺说明】过于简单", "head.process_desc"),
            ("请补充生产工艺说明", "head.process_desc"),
            ("表头【加工国别(地区)】不能为中国", "head.process_country"),
            // The longest label wins: 经营单位代码, not a shorter label within it.
            ("经营单位社会信用代码与经营单位名称不符", "head.operator_uscc"),
            ("出口货物【币制】不一致", "exports.currency"),
            ("随附单据第 2 项【哈希值】格式不正确", "attachments[2].hash"),
            ("随附单据【随附单证类型】缺少“出境加工合同”", "attachments.att_type"),
            ("随附单据不清晰", ""),
            // Named, but not a field of that part, or nothing named at all.
            ("出口货物第3项【生产工艺说明】", ""),
            ("出口货物第3项资料不全", ""),
            ("请与主管关员联系", ""),
            ("第99999999999999999999项", ""),
            ("", ""),
        ] {
            assert_eq!(pointer_of(&FILING, note), want, "{note}");
        }
    }

    #[test]
    fn every_label_in_brackets_is_found_again() {
        // A label that could not be found would leave the user searching the form by eye.
        for field in Head::FIELDS {
            assert_eq!(pointer_of(&FILING, &format!("表头【{}】有误", field.label.zh)), format!("head.{}", field.key));
        }
        for field in ReimportGoods::FIELDS {
            let note = format!("复进口货物第7项【{}】有误", field.label.zh);
            assert_eq!(pointer_of(&FILING, &note), format!("reimports[7].{}", field.key));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_note_panics(note in "[第项【】出口货物复进0-9０ 商品编码\\PC]{0,60}") {
            let _ = pointer_of(&FILING, &note);
        }
    }
}
