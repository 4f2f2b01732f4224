//! What cells of workbooks mean for a field, as people and programs write them.
//! A value that is guessed wrong is a wrong declaration, so doubt must stay an error.

use super::*;
use crate::reference::{Codes, Table, TableData};
use crate::text::{Text, text};

const LABEL: Text = text("列", "Column");
const QTY: Field = Field::new(LABEL, Kind::Decimal { int: 13, frac: 5, positive: true });
const NAME: Field = Field::new(LABEL, Kind::Text { max: 255 });
const DATE: Field = Field::new(LABEL, Kind::Date);
const UNIT: Field = Field::new(LABEL, Kind::Coded(Table::Unit));
const CURRENCY: Field = Field::new(LABEL, Kind::Coded(Table::Currency));
const GOODS: Field = Field::new(LABEL, Kind::Coded(Table::Commodity));
const SERIAL: Field = Field::new(LABEL, Kind::Digits { len: 18 });

fn codes() -> Codes {
    let mut codes = Codes::default();
    for (table, lines) in [
        (Table::Unit, "007\t个\tpiece\n035\t千克\tkilogram\n054\t千个\n055\t千个\n"),
        (Table::Currency, "CNY\t人民币\tYuan\trmb\t142\nJPY\t日元\tYen\try\t116\nUSD\t美元\tUS dollar\tmy\t502\n"),
        (
            Table::Synonym,
            "currency:RMB=CNY\tRMB\tCNY\ncurrency:¥=CNY\t¥\tCNY\ncurrency:¥=JPY\t¥\tJPY\ncurrency:美金=USD\t美金\tUSD\n\
             heading:美=usd\t美\tusd\nunit:KGS=035\tKGS\t035\nunit:gone=999\tgone\t999\n",
        ),
        (
            Table::Commodity,
            "0101210010\t改良种用濒危野马\n8541100001\t二极管甲\n8541100002\t二极管乙\n8542399000\t其他集成电路\n",
        ),
    ] {
        codes.insert(table, TableData::new("1".into(), lines.into()));
    }
    codes
}

fn read(field: &Field, cell: Cell) -> Result<String, String> {
    let codes = codes();
    let read = value(field, &cell, &Lookup::new(&codes)).map_err(|fault| fault.zh)?;
    Ok(crate::form::clean(field, &read.value, chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()))
}

fn text_of(field: &Field, typed: &str) -> Result<String, String> {
    read(field, Cell::Text(typed.into()))
}

#[test]
fn codes_are_told_by_code_name_or_both() {
    for (field, typed, code) in [
        (&UNIT, "007", "007"),
        (&UNIT, "7", "007"),
        (&UNIT, "０３５", "035"),
        (&UNIT, "千克", "035"),
        (&UNIT, "035-千克", "035"),
        (&UNIT, "35 － 千 克", "035"),
        (&UNIT, "Kilogram", "035"),
        (&UNIT, "kgs", "035"),
        (&UNIT, "ＫＧＳ", "035"),
        (&UNIT, "KGS-千克", "KGS-千克"),
        (&UNIT, "gone", "GONE"),
        (&CURRENCY, "RMB", "CNY"),
        (&CURRENCY, "美金", "USD"),
        (&CURRENCY, "美", "美"),
        (&CURRENCY, "usd", "USD"),
        (&CURRENCY, "502", "USD"),
        (&CURRENCY, "美元", "USD"),
        (&CURRENCY, "US dollar", "USD"),
        (&CURRENCY, "USD-美元", "USD"),
        (&GOODS, "101210010", "0101210010"),
        (&GOODS, "其他集成电路", "8542399000"),
    ] {
        assert_eq!(text_of(field, typed).as_deref(), Ok(code), "{typed}");
    }
    // A number cell of 7 is unit 007: Excel drops the zeros of whatever looks like a number.
    assert_eq!(read(&UNIT, Cell::Number("7".into())).as_deref(), Ok("007"));
    assert_eq!(read(&GOODS, Cell::Number("101210010".into())).as_deref(), Ok("0101210010"));
    assert_eq!(read(&CURRENCY, Cell::Number("142".into())).as_deref(), Ok("CNY"));
    // Unknown ones stay for the rules to name.
    assert_eq!(text_of(&UNIT, "箩").as_deref(), Ok("箩"));
}

#[test]
fn a_commodity_code_is_read_as_people_write_it_and_what_is_completed_is_told() {
    for typed in ["8542.39.90.00", "8542399000", "8542 3990 00", "8542-3990-00", "85423990.00"] {
        assert_eq!(text_of(&GOODS, typed).as_deref(), Ok("8542399000"), "{typed}");
    }
    let codes = codes();
    let eight = value(&GOODS, &Cell::Text("8542.3990".into()), &Lookup::new(&codes)).unwrap();
    assert_eq!(eight.value, "8542399000");
    assert!(eight.note.is_some_and(|note| note.zh.contains("已补全为8542399000")));
    let fault = text_of(&GOODS, "85411000").unwrap_err();
    assert!(fault.contains("8541100001、8541100002"), "{fault}");
    assert_eq!(text_of(&GOODS, "99999999").as_deref(), Ok("99999999"), "left for the rules to name");
}

#[test]
fn what_a_formula_reckoned_is_rounded_and_told() {
    let codes = codes();
    for cell in [Cell::Number("0.666666666666667".into()), Cell::Text("0.666666666666667".into())] {
        let read = value(&QTY, &cell, &Lookup::new(&codes)).unwrap();
        assert_eq!(read.value, "0.66667");
        assert!(read.note.is_some_and(|note| note.zh.contains("修约为0.66667")));
    }
    let exact = value(&QTY, &Cell::Number("0.66667".into()), &Lookup::new(&codes)).unwrap();
    assert_eq!((exact.value.as_str(), exact.note), ("0.66667", None));
}

#[test]
fn what_could_mean_two_things_is_reported_not_guessed() {
    // A wrong unit would be declared to customs.
    for (field, typed, reason) in [
        (&UNIT, "千个", "054、055"),
        (&CURRENCY, "¥", "CNY、JPY"),
        (&UNIT, "007-千克", "名称是“个”"),
        (&GOODS, "8.54E+09", "科学计数法"),
        (&SERIAL, "2.02612E+17", "科学计数法"),
        (&QTY, "1,5", "千位分隔符"),
        (&QTY, "1,0000", "千位分隔符"),
        (&QTY, ",500", "千位分隔符"),
    ] {
        let fault = text_of(field, typed).unwrap_err();
        assert!(fault.contains(reason), "{typed}: {fault}");
    }
    for (field, cell) in [
        (&QTY, Cell::Date("2026-01-02".into())),
        (&NAME, Cell::Date("2026-01-02".into())),
        (&UNIT, Cell::Bool(true)),
        (&QTY, Cell::Error("#DIV/0!".into())),
        (&QTY, Cell::Uncalculated),
    ] {
        assert!(read(field, cell.clone()).is_err(), "{cell:?}");
    }
}

#[test]
fn numbers_come_in_as_people_and_programs_write_them() {
    for (typed, number) in [
        ("1,234,567.50", "1234567.5"),
        ("１，２３４．５", "1234.5"),
        ("￥1,000", "1000"),
        ("1.5E+3", "1500"),
        ("8.53e9", "8530000000"),
        (" 12 ", "12"),
        ("\u{feff}3\u{a0}", "3"),
        ("1e400", "1E400"),
    ] {
        let number = if typed == "1e400" { "1e400" } else { number };
        assert_eq!(text_of(&QTY, typed).as_deref(), Ok(number), "{typed}");
    }
    assert_eq!(read(&QTY, Cell::Number("0.3".into())).as_deref(), Ok("0.3"));
}

#[test]
fn a_text_is_what_excel_shows() {
    // 料号 00012 was stored as 12, and a number of 17 digits with two noughts in place of the last.
    let cell = |number: &str, shown: &str| Cell::Formatted { number: number.into(), shown: shown.into() };
    assert_eq!(read(&NAME, cell("12", "00012")).as_deref(), Ok("00012"));
    assert_eq!(read(&NAME, cell("1.1", "1.10")).as_deref(), Ok("1.10"));
    assert_eq!(read(&QTY, cell("1.1", "1.10")).as_deref(), Ok("1.1"));
    assert_eq!(read(&QTY, cell("1234567.5", "1,234,568")).as_deref(), Ok("1234567.5"), "not what is rounded");
    assert_eq!(read(&GOODS, cell("101210010", "0101210010")).as_deref(), Ok("0101210010"));
    for (field, cell, reason) in [
        (&NAME, cell("0.5", ""), "特殊格式"),
        (&QTY, cell("0.5", "50%"), "百分数50%"),
        (&NAME, Cell::Number("12345678901234800".into()), "15位"),
        (&NAME, cell("12345678901234800", "12345678901234800.0"), "15位"),
        (&SERIAL, Cell::Number("202612345678901000".into()), "15位"),
        (&QTY, Cell::Text("50%".into()), "格式"),
    ] {
        let fault = match read(field, cell.clone()) {
            Err(fault) => fault,
            Ok(value) => crate::form::check_field(field, &value, "", &codes(), false)
                .map_or_else(String::new, |found| found.message.zh),
        };
        assert!(fault.contains(reason), "{cell:?}: {fault}");
    }
    assert_eq!(read(&NAME, Cell::Number("123456789012345".into())).as_deref(), Ok("123456789012345"));
}

#[test]
fn dates_texts_and_serial_numbers() {
    assert_eq!(read(&DATE, Cell::Date("2026-12-31 09:30:00".into())).as_deref(), Ok("2026-12-31"));
    assert_eq!(text_of(&DATE, "２０２６/12/31").as_deref(), Ok("2026-12-31"));
    assert_eq!(read(&DATE, Cell::Number("20261231".into())).as_deref(), Ok("2026-12-31"));
    assert_eq!(text_of(&NAME, "集成\r\n电路").as_deref(), Ok("集成 电路"));
    assert_eq!(read(&SERIAL, Cell::Number("2026".into())).as_deref(), Ok("000000000000002026"));
}

#[test]
fn text_that_was_escaped_on_the_way_out_comes_back_as_it_was() {
    for original in ["=1+1", "-5℃", "@x", "'=x", "''-1", "'quoted", "＝1", "plain"] {
        let sent = crate::sheet::write::neutral(original);
        assert!(!is_formula_like(&sent), "{sent}");
        assert_eq!(text_of(&NAME, &sent).as_deref(), Ok(original));
    }
}
