//! How it stands on the paper: long lists, long values, nothing over something else.
//! Read back by poppler, which is nobody's of ours.

use opbook::document::Status;
use opbook::filing::model::{ExportGoods, Head, ReimportGoods};
use opbook::form::{Kind, Record, Values};

use super::text::{Reading, full, pages, poppler, printed, row};

#[tokio::test]
async fn a_thousand_rows_come_out_once_each_in_order_under_their_headings() {
    const ROWS: i64 = 1000;
    let content = full(ROWS);
    let pages = pages(&printed(&content).await);
    let text = pages.concat();
    let mut reading = Reading::of(&text);
    for row in &content.lists[0] {
        for field in ExportGoods::FIELDS {
            reading.next(row.content.get(field.key));
        }
    }
    reading.next("复进口货物");
    for row in &content.lists[1] {
        for field in ReimportGoods::FIELDS {
            reading.next(row.content.get(field.key));
        }
    }
    // In order is not enough: a stretch of rows laid out twice would be, too.
    for seq in 1..=ROWS {
        for (side, last) in [("出", ExportGoods::FIELDS.len() - 1), ("进", ReimportGoods::FIELDS.len() - 1)] {
            assert_eq!(text.matches(&format!("值{side}{seq}.{last}")).count(), 1, "{side} {seq}");
        }
    }
    for (at, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("第{}页，共{}页", at + 1, pages.len())), "page {}", at + 1);
        for (mark, fields) in [("值出", ExportGoods::FIELDS), ("值进", ReimportGoods::FIELDS)] {
            if page.contains(mark) {
                assert!(fields.iter().all(|field| page.contains(field.label.zh)), "no heading on page {}", at + 1);
            }
        }
    }
    // A row is not torn apart: its first and its last value are on the same page.
    for row in [1, 250, 400, 999] {
        let (first, last) = (format!("值出{row}.0值"), format!("值出{row}.{}", ExportGoods::FIELDS.len() - 1));
        assert!(pages.iter().any(|page| page.contains(&first) && page.contains(&last)), "row {row}");
    }
}

/// The longest value a field takes: of Chinese, of Latin without a blank, of words.
fn longest(kind: Kind, letters: &str) -> String {
    let fill = |max: usize| letters.chars().cycle().take(max).collect::<String>();
    match kind {
        Kind::Text { max } | Kind::Lines { max } => fill(max),
        Kind::Code { len } | Kind::Digits { len } => "W".repeat(len),
        Kind::Decimal { int, frac, .. } => format!("{}.{}", "8".repeat(int as usize), "8".repeat(frac as usize)),
        Kind::Date => "2026-12-31".into(),
        Kind::Mobile => "13800138000".into(),
        Kind::Coded(_) => "8542399000".into(),
        Kind::Choice(choices) => choices.first().map_or_else(String::new, |(code, _)| (*code).to_owned()),
    }
}

fn long_record<R: Record>(letters: &str) -> R {
    let mut record = R::default();
    for field in R::FIELDS {
        record.set(field.key, longest(field.kind, letters));
    }
    record
}

#[tokio::test]
async fn the_longest_values_lose_nothing_and_cover_nothing() {
    let letters = ["出境加工货物，", "W", "AB12-", "word and ", "！", "汉W"];
    let mut content = full(0);
    content.meta.status = Status::Approved;
    for (letters, seq) in letters.iter().zip(1..) {
        content.head = Values::of(&long_record::<Head>(letters));
        content.lists[0] = vec![row(seq, &long_record::<ExportGoods>(letters)), row(seq + 1, &ExportGoods::default())];
        content.lists[1] = vec![row(seq, &long_record::<ReimportGoods>(letters))];
        let pdf = printed(&content).await;
        let text = pages(&pdf).concat();
        for letter in letters.chars().filter(|letter| !letter.is_whitespace()) {
            let wanted: usize = counted(&content.head, letter)
                + counted(&content.lists[0][0].content, letter)
                + counted(&content.lists[1][0].content, letter);
            assert!(text.matches(letter).count() >= wanted, "{letter} was lost");
        }
        no_two_words_overlap(&pdf, letters);
    }
}

fn counted(record: &Values, letter: char) -> usize {
    record.fields().iter().map(|field| record.get(field.key).matches(letter).count()).sum()
}

/// Reads where each word stands; a value that runs out of its column lies over its neighbour.
#[expect(clippy::float_arithmetic, reason = "places on a page, no money")]
fn no_two_words_overlap(pdf: &[u8], letters: &str) {
    let boxes = poppler("pdftotext", &["-bbox", "-enc", "UTF-8", "-", "-"], pdf);
    let mut page: Vec<([f64; 4], &str)> = Vec::new();
    let mut words = 0;
    for line in boxes.lines() {
        let line = line.trim();
        if line.starts_with("<page") {
            page.clear();
        }
        let Some(word) = line.strip_prefix("<word ") else { continue };
        let number = |name: &str| -> f64 {
            let rest = &word[word.find(name).unwrap() + name.len() + 2..];
            rest[..rest.find('"').unwrap()].parse().unwrap()
        };
        let mut here = [number("xMin"), number("yMin"), number("xMax"), number("yMax")];
        // Such a mark is drawn in the left half of its box, and the next may begin in the right one.
        if word.trim_end_matches("</word>").ends_with(['！', '，', '。', '：', '；', '、']) {
            here[2] -= (here[3] - here[1]) / 2.0;
        }
        assert!(here[0] >= 0.0 && here[2] <= 842.0 && here[3] <= 596.0, "{letters}: outside of the page: {word}");
        for (there, other) in &page {
            let across = here[2].min(there[2]) - here[0].max(there[0]);
            let down = here[3].min(there[3]) - here[1].max(there[1]);
            // Boxes of neighbouring lines touch: they include the space for accents.
            assert!(across < 1.5 || down < 4.5, "{letters}: {word} over {other}");
        }
        page.push((here, word));
        words += 1;
    }
    assert!(words > 50);
}

#[tokio::test]
async fn the_font_travels_in_the_file_as_the_part_that_is_used() {
    let pdf = printed(&full(1)).await;
    let fonts = poppler("pdffonts", &["-"], &pdf);
    // The Japanese face of the same file would write 直 and 骨 in another way.
    assert!(fonts.contains("CJKsc"), "{fonts}");
    for font in fonts.lines().skip(2) {
        let flags: Vec<&str> = font.split_whitespace().rev().take(5).collect();
        assert_eq!(flags[2..5], ["yes", "yes", "yes"], "embedded, subset, with text: {font}");
    }
    assert!(pdf.len() < 300_000, "{} bytes", pdf.len());
    assert!(poppler("pdfinfo", &["-"], &pdf).contains("A4"));
}
