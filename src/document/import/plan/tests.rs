//! What an import would do to rows that are there: each test says what somebody would lose.
//! Pure: rows and lines in memory, no server.

use uuid::Uuid;

use super::*;
use crate::document::Mark;
use crate::filing::kind::FILING;
use crate::filing::model::ExportGoods;
use crate::filing::rules::MAX_ROWS;
use crate::sheet::{Cell, RawRow};

fn goods(material: &str, name: &str) -> Values {
    Values::of(&ExportGoods {
        material_no: material.into(),
        hs_code: "8542399000".into(),
        goods_name: name.into(),
        levy_mode: "3".into(),
        ..ExportGoods::default()
    })
}

fn stored(seq: i64, material: &str, name: &str) -> Row<Values> {
    Row { id: Uuid::now_v7(), seq, version: 1, mark: Mark::Same, content: goods(material, name) }
}

/// Lines of a file: 商品序号, 商品料号, name.
fn lines(rows: &[(&str, &str, &str)]) -> (Kept, Vec<Line>) {
    let number = |at: usize| at as u32 + 2;
    let kept = Kept {
        section: "exports".into(),
        sheet: "出口货物".into(),
        columns: vec![(SEQ.into(), 0), ("material_no".into(), 1), ("goods_name".into(), 2)],
        rows: rows
            .iter()
            .enumerate()
            .map(|(at, (seq, material, name))| RawRow {
                number: number(at),
                cells: [*seq, *material, *name].map(|text| Cell::Text(text.into())).to_vec(),
            })
            .collect(),
        merged: Vec::new(),
    };
    let line = |(at, (seq, material, name)): (usize, &(&str, &str, &str))| Line {
        number: number(at),
        content: goods(material, name),
        said: None,
        seq: (*seq).into(),
        faults: Vec::new(),
        hints: Vec::new(),
        notices: Vec::new(),
    };
    let lines = rows.iter().enumerate().map(line).collect();
    (kept, lines)
}

fn pair<'a>(kept: &'a Kept, lines: &'a [Line], stored: &'a [Row<Values>], codes: &'a Codes) -> Pair<'a> {
    Pair { section: &FILING.sections[0], noun: FILING.noun, kept, lines, stored, codes }
}

/// The acts; what a replaced row becomes is told apart elsewhere.
fn acts(stored: &[Row<Values>], rows: &[(&str, &str, &str)], mode: Mode) -> Vec<Act> {
    let (kept, lines) = lines(rows);
    let acts = decide(pair(&kept, &lines, stored, &Codes::default()), mode);
    let bare = |act| if let Act::Replace(place, _) = act { Act::Replace(place, None) } else { act };
    acts.into_iter().map(bare).collect()
}

fn reason(act: &Act) -> &str {
    match act {
        Act::Bad(problems) if !problems.is_empty() => &problems[0].reason.zh,
        other => panic!("expected a bad row, got {other:?}"),
    }
}

#[test]
fn the_same_file_twice_adds_nothing() {
    // Pressing 导入 once more must not double the goods of a filing.
    let rows = [("", "M1", "甲"), ("", "M2", "乙")];
    assert_eq!(acts(&[], &rows, Mode::Append), [Act::Add, Act::Add]);
    let there = [stored(1, "M1", "甲"), stored(2, "M2", "乙")];
    for mode in Mode::ALL {
        assert_eq!(acts(&there, &rows, mode), [Act::Same, Act::Same], "{mode:?}");
    }
}

#[test]
fn a_row_is_replaced_by_its_material_or_its_number() {
    let there = [stored(1, "M1", "甲"), stored(2, "M2", "乙"), stored(4, "", "丁")];
    let rows = [("1", "M2", "新乙"), ("", "M3", "丙"), ("4", "", "新丁")];
    assert_eq!(acts(&there, &rows, Mode::Append), [Act::Add, Act::Add, Act::Add]);
    assert_eq!(acts(&there, &rows, Mode::ByMaterial), [Act::Replace(1, None), Act::Add, Act::Add]);
    assert_eq!(acts(&there, &rows, Mode::BySeq), [Act::Replace(0, None), Act::Add, Act::Replace(2, None)]);
}

#[test]
fn what_cannot_be_told_is_left_out_and_said() {
    let there = [stored(1, "M1", "甲"), stored(2, "M1", "乙")];
    let by_material = acts(&there, &[("", "M1", "丙"), ("", "M9", "丁"), ("", "M9", "戊")], Mode::ByMaterial);
    assert!(reason(&by_material[0]).contains("第1、2项"));
    assert_eq!(by_material[1], Act::Add);
    assert!(reason(&by_material[2]).contains("存在重复数据！与第3行相同"));
    let by_seq = acts(&there, &[("7", "", "丙"), ("x", "", "丁"), ("1", "", "戊"), ("1", "", "己")], Mode::BySeq);
    assert!(reason(&by_seq[0]).contains("没有商品序号7"));
    assert!(reason(&by_seq[1]).contains("没有商品序号x"));
    assert_eq!(by_seq[2], Act::Replace(0, None));
    assert!(reason(&by_seq[3]).contains("重复"));
    let twice = acts(&[], &[("", "M1", "甲"), ("", "M1", "甲")], Mode::Append);
    assert_eq!(twice[0], Act::Add);
    assert!(reason(&twice[1]).contains("与第2行相同"));
}

#[test]
fn a_list_is_not_filled_beyond_its_limit() {
    let codes = Codes::default();
    let there: Vec<_> = (1..=MAX_ROWS as i64).map(|seq| stored(seq, &format!("M{seq}"), "甲")).collect();
    let (kept, lines) = lines(&[("", "X", "乙"), ("", "M1", "丙")]);
    let pair = self::pair(&kept, &lines, &there, &codes);
    assert!(plan(&[pair], Mode::Append).impossible.is_some());
    let (kept, lines) = self::lines(&[("", "M1", "丙")]);
    let pair = self::pair(&kept, &lines, &there, &codes);
    assert_eq!(plan(&[pair], Mode::ByMaterial).impossible, None);
}
