//! The official form of a 报关单, as poppler reads it. If a box is empty or a line of a pair is missing, customs sends the
//! paper back.

use opbook::document::kind::Kind;
use opbook::document::office::Office as _;
use opbook::document::print::Content;
use opbook::document::{Row, Status};
use opbook::entry::kind::{ENTRY_EXPORT, ENTRY_IMPORT};
use opbook::entry::service::EntryOffice;
use opbook::form::{Field, Kind as FieldKind, Values};

use super::text::{empty, pages, poppler, printed, row};

/// A value that says which field it is, and fits.
fn value(field: &Field, at: usize) -> String {
    match field.kind {
        FieldKind::Decimal { .. } => (at + 1).to_string(),
        _ => format!("值{at}"),
    }
}

fn entry(kind: &'static Kind, office: EntryOffice, rows: i64) -> Content {
    let mut head = Values::new(kind.head);
    for (at, field) in kind.head.iter().enumerate() {
        head.set(field.key, value(field, at));
    }
    let goods = |seq: i64| {
        let fields = kind.sections[0].fields;
        let mut goods = Values::new(fields);
        fields.iter().enumerate().for_each(|(at, field)| goods.set(field.key, value(field, at)));
        goods.set("goods_name", format!("货{seq}"));
        row(seq, &goods)
    };
    let rows: Vec<Row<Values>> = (1..=rows).map(goods).collect();
    Content { kind, form: office.form(), head, lists: vec![rows], ..empty(Status::Approved) }
}

#[tokio::test]
async fn every_box_of_the_official_form_is_filled() {
    for (kind, office) in [(&ENTRY_EXPORT, EntryOffice::EXPORT), (&ENTRY_IMPORT, EntryOffice::IMPORT)] {
        let content = entry(kind, office, 2);
        let pdf = printed(&content).await;
        let pages = pages(&pdf);
        let form = office.form().unwrap();
        assert!(pages[0].contains(form.title), "{}", pages[0]);
        let slots = form.above.iter().chain(form.below).flat_map(|line| line.iter());
        for slot in slots {
            let label: String = slot.label.split_whitespace().collect();
            assert!(pages[0].contains(&label), "{label}: {}", pages[0]);
            let values = slot.fields.iter().filter(|key| kind.field(key).is_some()).map(|key| content.head.get(key));
            for value in values {
                assert!(pages[0].contains(value), "{label} {value}: {}", pages[0]);
            }
        }
        assert!(pages[0].contains("货1") && pages[0].contains("货2"));
        // What else is known of it follows on pages of its own.
        assert!(!pages[0].contains("内容校验值SHA-256") && pages[1].contains("数据状态"), "{}", pages[1]);
        let size = poppler("pdfinfo", &["-"], &pdf);
        assert!(size.contains("841.89 x 595.276"), "A4 landscape: {size}");
    }
}

#[tokio::test]
async fn fifty_items_go_on_over_the_pages_and_pairs_stay_in_order() {
    let content = entry(&ENTRY_IMPORT, EntryOffice::IMPORT, 25);
    let pages = pages(&printed(&content).await);
    let last = pages.iter().position(|page| page.contains("海关批注及签章")).unwrap();
    let form = pages[..=last].concat();
    for seq in 1..=25 {
        assert_eq!(form.matches(&format!("货{seq}值")).count(), 2, "row {seq}: two items");
    }
    let at = |seq: i64| form.find(&format!("货{seq}值")).unwrap();
    assert!((1..25).all(|seq| at(seq) < at(seq + 1)));
    // The headings of the table stand on each of its pages.
    for page in pages[..last].iter().filter(|page| page.contains("货")) {
        assert!(page.contains("商品名称及规格型号"), "{page}");
    }
}
