//! Tests of the search: what stands first, and that nothing is missed beside a full scan. If they fail, people
//! declare under the wrong code, or do not find the right one.

use super::*;
use crate::reference::source::Draft;
use crate::reference::testing::{commodities, table};

fn entry(code: &str, name: &str, name_en: &str, alias: &str) -> Draft {
    let some = |text: &str| Some(text.to_owned());
    Draft {
        code: code.to_owned(),
        name: name.to_owned(),
        name_en: some(name_en),
        alias: some(alias),
        ..Draft::default()
    }
}

fn found<'a>(kind: Table, data: &'a TableData, query: &str) -> Vec<&'a str> {
    search(kind, data, query, 20).into_iter().map(|entry| entry.code).collect()
}

#[test]
fn the_better_match_stands_higher() {
    let data = table(vec![
        entry("USD", "美元", "US dollar", "502"),
        entry("SGD", "新加坡元", "Singapore dollar", "132"),
        entry("MYR", "林吉特", "Malaysian ringgit", "122"),
        entry("USN", "远期美元", "", "997"),
        entry("MYX", "", "", "502"),
    ]);
    let found = |query| found(Table::Currency, &data, query);
    assert_eq!(found("usd"), ["USD"], "exact code");
    assert_eq!(found("us"), ["USD", "USN"], "start of the code");
    assert_eq!(found("502"), ["MYX", "USD"], "exact alias, equal ones by code");
    assert_eq!(found("1"), ["MYR", "SGD"], "start of the alias");
    assert_eq!(found("m"), ["MYR", "MYX", "USD", "USN"], "code starts, initials start, initials contain");
    assert_eq!(found("美元"), ["USD", "USN"], "name that starts so before name that contains it");
    assert_eq!(found("my"), ["MYR", "MYX", "USD", "USN"], "code, then initials start, then initials contain");
    assert_eq!(found("dollar"), ["SGD", "USD"], "a later word of the English name");
    assert_eq!(found("ingapore"), Vec::<&str>::new(), "inside an English word nothing is looked for");
    assert_eq!(found(""), ["MYR", "MYX", "SGD", "USD", "USN"], "an open list shows the table");
    assert_eq!(search(Table::Currency, &data, "my", 3).len(), 3);
    assert_eq!(search(Table::Currency, &data, "my", 0).len(), 0);
}

#[test]
fn nobody_has_to_switch_the_input_method() {
    let data = table(vec![
        entry("8517130000", "智能手机（5G）", "Smartphones", ""),
        entry("8517140000", "其他用于蜂窝网络的电话机", "", ""),
        entry("9018000000", "X射线Ａ型设备", "", ""),
    ]);
    let found = |query| found(Table::Commodity, &data, query);
    for query in ["8517", "８５１７", " 8517 ", "85.17", "8517.1"] {
        assert_eq!(found(query), ["8517130000", "8517140000"], "{query}");
    }
    for query in ["ZNSJ", "ｚｎｓｊ", "znsj5g", "手机(5g)", "手机（５Ｇ）", "SMART"] {
        assert_eq!(found(query), ["8517130000"], "{query}");
    }
    assert_eq!(found("x射线a型"), ["9018000000"]);
    assert_eq!(found("设备\n"), ["9018000000"]);
    assert_eq!(found("手机\n其他"), Vec::<&str>::new(), "a match never runs over two entries");
}

#[test]
fn commodity_codes_match_from_four_digits_on() {
    let data = commodities();
    for query in ["", "8", "85", "854", "８５４", "8.5.4"] {
        assert_eq!(found(Table::Commodity, &data, query), Vec::<&str>::new(), "{query}");
    }
    let codes = found(Table::Commodity, &data, "8542");
    assert!(!codes.is_empty() && codes.iter().all(|code| code.starts_with("8542")), "{codes:?}");
    assert!(codes.is_sorted());
}

/// What a search must find, told without an index: class of each entry, then code.
fn told_slowly(data: &TableData, query: &str, limit: usize) -> Vec<String> {
    let words = |text: &str| {
        let text = fold(text);
        text.match_indices(query).any(|(at, _)| at > 0 && !text.as_bytes()[at - 1].is_ascii_alphanumeric())
    };
    let class = |entry: &Entry<'_>| {
        let name = fold(entry.name);
        let english = fold(entry.name_en);
        if query.bytes().all(|byte| byte.is_ascii_digit()) {
            return entry.code.starts_with(query).then_some(0);
        }
        let classes = [
            name.starts_with(query) || english.starts_with(query),
            entry.initials.starts_with(query),
            name.contains(query) || words(entry.name_en),
            entry.initials.contains(query),
        ];
        classes.iter().position(|class| *class)
    };
    let mut hits: Vec<(usize, &str)> = Vec::new();
    let entries: Vec<Entry<'_>> = data.iter().collect();
    for entry in &entries {
        hits.extend(class(entry).map(|class| (class, entry.code)));
    }
    hits.sort_unstable();
    hits.into_iter().take(limit).map(|(_, code)| code.to_owned()).collect()
}

#[test]
fn the_index_finds_in_the_whole_tariff_what_a_look_at_every_entry_finds() {
    let data = commodities();
    let mut queries: Vec<String> =
        ["其他", "的", "制的", "q", "qt", "jcdl", "zzzq", "集成电路", "5g", "8542", "01", "，", "（"]
            .map(str::to_owned)
            .into();
    // Pieces of every column, from all over the table.
    for place in (0..data.len()).step_by(data.len() / 25 + 1) {
        let entry = data.at(place);
        let piece = |text: &str, from: usize, count: usize| text.chars().skip(from).take(count).collect::<String>();
        queries.push(piece(entry.code, 0, 4 + place % 7));
        queries.push(piece(entry.name, place % 5, 1 + place % 3));
        queries.push(piece(entry.initials, place % 6, 2 + place % 4));
    }
    for query in queries.iter().map(|query| normalise(query)).filter(|query| !query.is_empty()) {
        for limit in [1, 30] {
            let quick: Vec<String> =
                search(Table::Commodity, &data, &query, limit).into_iter().map(|entry| entry.code.to_owned()).collect();
            let short = query.bytes().all(|byte| byte.is_ascii_digit()) && query.len() < COMMODITY_MIN_DIGITS;
            let slow = if short { Vec::new() } else { told_slowly(&data, &query, limit) };
            assert_eq!(quick, slow, "{query}");
        }
    }
}
