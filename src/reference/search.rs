//! Ranking of matches for what a person typed into a code field: by code, alias, name, pinyin
//! initials. Pure, the same on both sides; called on every key over 12,000 entries, so it looks only
//! at an index made once per table and never at every entry.

use memchr::memmem;

use super::{Entry, Table, TableData};
use crate::text::folded;

/// From how many digits on commodity codes are matched: fewer leave hundreds of codes.
pub const COMMODITY_MIN_DIGITS: usize = 4;

/// The best `limit` matches for `query`, best first; by code where equally good. An empty query lists
/// the table from its start (not the commodity codes).
pub(super) fn search<'a>(table: Table, data: &'a TableData, query: &str, limit: usize) -> Vec<Entry<'a>> {
    let query = normalise(query);
    let only_digits = query.bytes().all(|byte| byte.is_ascii_digit());
    if table == Table::Commodity && only_digits && query.len() < COMMODITY_MIN_DIGITS {
        return Vec::new();
    }
    let mut hits = Hits { places: Vec::new(), seen: vec![false; data.len()], limit };
    if query.is_ascii() {
        by_code(data, &query, &mut hits);
    }
    if !only_digits {
        by_name(data.index(), &query, &mut hits);
    }
    hits.places.into_iter().map(|place| data.at(place as usize)).collect()
}

/// Exact code, exact alias, start of a code, start of an alias.
fn by_code(data: &TableData, query: &str, hits: &mut Hits) {
    let code = query.to_ascii_uppercase();
    let aliases = &data.index().aliases;
    let from = data.lower_bound(&code);
    let codes = (from..data.len()).map(|place| (place as u32, data.code_at(place)));
    hits.add(codes.clone().take_while(|(_, found)| *found == code).map(|(place, _)| place));
    if !query.is_empty() {
        hits.add(aliases.starting_with(query).filter(|place| aliases.value(*place) == query));
    }
    hits.add(hits.first(codes.take_while(|(_, found)| found.starts_with(&code)).map(|(place, _)| place)));
    if !query.is_empty() {
        hits.add(aliases.starting_with(query));
    }
}

/// Name starts, initials start, name contains, initials contain. In English names only words count:
/// `ring` is not looked for in `string`.
fn by_name(index: &Index, query: &str, hits: &mut Hits) {
    hits.add(index.names.starting_with(query).chain(index.english.starting_with(query)));
    hits.add(index.initials.starting_with(query));
    let mut containing = hits.first(index.names.containing(query, false));
    containing.extend(hits.first(index.english.containing(query, true)));
    hits.add(containing);
    hits.add(hits.first(index.initials.containing(query, false)));
}

/// What is found so far, the best first.
struct Hits {
    places: Vec<u32>,
    seen: Vec<bool>,
    limit: usize,
}

impl Hits {
    fn room(&self) -> usize {
        self.limit - self.places.len()
    }

    /// As many new ones as there is room for, of matches that come in the order of the table; the
    /// rest is not even looked for.
    fn first(&self, class: impl Iterator<Item = u32>) -> Vec<u32> {
        class.filter(|place| !self.seen[*place as usize]).take(self.room()).collect()
    }

    /// Adds one class of equally good matches, lowest codes first, as far as there is room. A class may
    /// name an entry twice (by its Chinese and by its English name).
    fn add(&mut self, class: impl IntoIterator<Item = u32>) {
        let room = self.room();
        if room == 0 {
            return;
        }
        let mut places: Vec<u32> = class.into_iter().filter(|place| !self.seen[*place as usize]).collect();
        let enough = room.saturating_mul(2);
        if places.len() > enough {
            places.select_nth_unstable(enough);
            places.truncate(enough);
        }
        places.sort_unstable();
        places.dedup();
        places.truncate(room);
        for place in places {
            self.seen[place as usize] = true;
            self.places.push(place);
        }
    }
}

/// What was typed, as names are kept in the index; blanks, dots and dashes inside digits
/// (`8517.12-00`) are dropped.
fn normalise(query: &str) -> String {
    let folded = fold(query.trim());
    let is_separator = |c: char| matches!(c, ' ' | '.' | '-');
    if folded.chars().all(|c| c.is_ascii_digit() || is_separator(c)) {
        return folded.chars().filter(|c| !is_separator(*c)).collect();
    }
    folded
}

/// Small letters, and plain ones for those of other width or look: nobody should have to switch the input method.
fn fold(text: &str) -> String {
    folded(text).chars().map(|c| if c == '\n' { ' ' } else { c.to_ascii_lowercase() }).collect()
}

/// The columns of a table that can be searched.
#[derive(Debug, Default)]
pub(super) struct Index {
    names: Column,
    english: Column,
    initials: Column,
    aliases: Column,
}

impl Index {
    pub(super) fn new(data: &TableData) -> Self {
        let mut index = Self::default();
        for entry in data.iter() {
            index.names.push(&fold(entry.name));
            index.english.push(&fold(entry.name_en));
            index.initials.push(entry.initials);
            index.aliases.push(entry.alias);
        }
        for column in [&mut index.names, &mut index.english, &mut index.initials, &mut index.aliases] {
            column.sort();
        }
        index
    }
}

/// One column of all entries as one text, a line per entry: one quick scan instead of thousands of
/// small ones.
#[derive(Debug, Default)]
struct Column {
    text: String,
    /// Start of each line.
    starts: Vec<u32>,
    /// Entries that have a value, in its order.
    sorted: Vec<u32>,
}

impl Column {
    fn push(&mut self, value: &str) {
        self.starts.push(self.text.len() as u32);
        self.text.push_str(value);
        self.text.push('\n');
    }

    fn sort(&mut self) {
        // The first eight bytes as a number decide most comparisons without a look at the text.
        let head =
            |value: &str| value.bytes().chain([0; 8]).take(8).fold(0u64, |head, byte| head << 8 | u64::from(byte));
        let places = (0..self.starts.len() as u32).filter(|place| !self.value(*place).is_empty());
        let mut sorted: Vec<(u64, u32)> = places.map(|place| (head(self.value(place)), place)).collect();
        sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.value(a.1).cmp(self.value(b.1))));
        self.sorted = sorted.into_iter().map(|(_, place)| place).collect();
    }

    fn value(&self, place: u32) -> &str {
        &self.text[self.starts[place as usize] as usize..self.end(place) - 1]
    }

    /// Where the line after the entry's starts.
    fn end(&self, place: u32) -> usize {
        self.starts.get(place as usize + 1).map_or(self.text.len(), |start| *start as usize)
    }

    fn starting_with(&self, query: &str) -> impl Iterator<Item = u32> {
        let from = self.sorted.partition_point(|place| self.value(*place) < query);
        let count = self.sorted[from..].partition_point(|place| self.value(*place).starts_with(query));
        self.sorted[from..from + count].iter().copied()
    }

    /// Entries that contain the query, in the order of the table; with `words` only where it begins a word.
    fn containing(&self, query: &str, words: bool) -> impl Iterator<Item = u32> {
        let finder = memmem::Finder::new(query.as_bytes());
        let bytes = self.text.as_bytes();
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                let found = at + finder.find(&bytes[at..])?;
                if words && found > 0 && bytes[found - 1].is_ascii_alphanumeric() {
                    at = found + 1;
                    continue;
                }
                let place = self.starts.partition_point(|start| *start as usize <= found) as u32 - 1;
                at = self.end(place);
                return Some(place);
            }
        })
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests;
