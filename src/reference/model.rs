//! Code tables in memory: one text per table, entries are slices of it, found by binary search.
//! Used by rules and screens on both sides; loading and storing is `service`, ranking is `search`.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::search::{self, Index};
use crate::text::{Text, text};

/// The code tables the program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// 商品编码, 10 digits.
    Commodity,
    /// 计量单位, 3 digits.
    Unit,
    /// 币制, ISO letters; the customs number is the alias.
    Currency,
    /// 国别(地区), ISO letters; the customs number is the alias.
    Country,
    /// 关区, 4 digits.
    Customs,
    /// 征减免税方式.
    LevyMode,
    /// 征免性质.
    LevyNature,
    /// 监管方式.
    SupervisionMode,
    /// 运输方式.
    TransportMode,
    /// 成交方式.
    TransactionMode,
    /// 包装种类.
    PackageType,
    /// 港口.
    Port,
    /// 境内地区, 5 digits.
    District,
    /// Other ways to write what stands in the tables, and headings of spreadsheets; no table to choose from.
    Synonym,
}

impl Table {
    pub const ALL: [Self; 14] = [
        Self::Commodity,
        Self::Unit,
        Self::Currency,
        Self::Country,
        Self::Customs,
        Self::LevyMode,
        Self::LevyNature,
        Self::SupervisionMode,
        Self::TransportMode,
        Self::TransactionMode,
        Self::PackageType,
        Self::Port,
        Self::District,
        Self::Synonym,
    ];

    /// Name in the database, in addresses and in `opbook reference import`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Commodity => "commodity",
            Self::Unit => "unit",
            Self::Currency => "currency",
            Self::Country => "country",
            Self::Customs => "customs",
            Self::LevyMode => "levy_mode",
            Self::LevyNature => "levy_nature",
            Self::SupervisionMode => "supervision_mode",
            Self::TransportMode => "transport_mode",
            Self::TransactionMode => "transaction_mode",
            Self::PackageType => "package_type",
            Self::Port => "port",
            Self::District => "district",
            Self::Synonym => "synonyms",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.key() == key)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Commodity => text("商品编码", "Commodity codes"),
            Self::Unit => text("计量单位", "Units"),
            Self::Currency => text("币制", "Currencies"),
            Self::Country => text("国别(地区)", "Countries"),
            Self::Customs => text("关区", "Customs offices"),
            Self::LevyMode => text("征减免税方式", "Levy modes"),
            Self::LevyNature => text("征免性质", "Levy natures"),
            Self::SupervisionMode => text("监管方式", "Supervision modes"),
            Self::TransportMode => text("运输方式", "Modes of transport"),
            Self::TransactionMode => text("成交方式", "Terms of delivery"),
            Self::PackageType => text("包装种类", "Kinds of packing"),
            Self::Port => text("港口", "Ports"),
            Self::District => text("境内地区", "Places in China"),
            Self::Synonym => text("其他写法", "Other spellings"),
        }
    }
}

/// One entry, as slices of its table's text. Fields a table does not have are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub name_en: &'a str,
    /// Pinyin initials of the Chinese name, lower case.
    pub initials: &'a str,
    /// A second code under which the entry is also known (customs number of a currency or country).
    pub alias: &'a str,
    /// Commodity: 法定计量单位.
    pub unit: &'a str,
    /// Commodity: 法定第二单位.
    pub unit2: &'a str,
    /// Commodity: export duty rate as a decimal text; empty or 0 = none.
    pub export_rate: &'a str,
    /// Commodity: marks of supervision conditions (CONTROL_MA), e.g. `8` export prohibited.
    pub controls: &'a str,
}

/// One table: tab-separated lines sorted by code, exactly as they travel to the browser.
#[derive(Debug, Default)]
pub struct TableData {
    pub version: String,
    text: String,
    /// Start of each line, plus the end of the text.
    lines: Vec<u32>,
    /// Built at the first search: the server hardly ever searches.
    index: OnceLock<Index>,
}

impl TableData {
    /// Takes the wire text: per line `code name name_en initials alias unit unit2 export_rate controls`,
    /// tab-separated, sorted by code; trailing empty columns may be missing.
    pub fn new(version: String, text: String) -> Self {
        let mut lines = vec![0u32];
        lines.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1));
        if lines.last().is_some_and(|last| (*last as usize) < text.len()) {
            lines.push(text.len() as u32 + 1);
        }
        Self { version, text, lines, index: OnceLock::new() }
    }

    /// The wire text.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn len(&self) -> usize {
        self.lines.len() - 1
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry at a position of the sorted table.
    pub fn at(&self, index: usize) -> Entry<'_> {
        let start = self.lines[index] as usize;
        let end = self.lines[index + 1] as usize - 1;
        let mut columns = self.text[start..end].split('\t');
        let mut next = || columns.next().unwrap_or("");
        Entry {
            code: next(),
            name: next(),
            name_en: next(),
            initials: next(),
            alias: next(),
            unit: next(),
            unit2: next(),
            export_rate: next(),
            controls: next(),
        }
    }

    /// Code alone, without splitting the rest of the line.
    pub fn code_at(&self, index: usize) -> &str {
        let start = self.lines[index] as usize;
        let line = &self.text[start..self.lines[index + 1] as usize - 1];
        line.split_once('\t').map_or(line, |(code, _)| code)
    }

    /// First position whose code is not below `code`.
    pub fn lower_bound(&self, code: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.code_at(middle) < code {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    pub fn find(&self, code: &str) -> Option<Entry<'_>> {
        let at = self.lower_bound(code);
        (at < self.len() && self.code_at(at) == code).then(|| self.at(at))
    }

    pub fn iter(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.len()).map(|index| self.at(index))
    }

    /// Other ways to write what a table has: the text and the code it stands for. `table` is its key.
    pub fn also<'a>(&'a self, table: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let from = self.lower_bound(&format!("{table}:"));
        let entries = (from..self.len()).map(|place| self.at(place));
        entries
            .take_while(move |entry| entry.code.strip_prefix(table).is_some_and(|rest| rest.starts_with(':')))
            .map(|entry| (entry.name, entry.name_en))
    }

    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self))
    }
}

/// All tables at one moment; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    tables: HashMap<Table, Arc<TableData>>,
}

impl Codes {
    pub fn insert(&mut self, table: Table, data: impl Into<Arc<TableData>>) {
        self.tables.insert(table, data.into());
    }

    /// True when both are the very same tables, not only equal ones.
    pub fn is_same(&self, other: &Self) -> bool {
        let same = |(table, data): (&Table, &Arc<TableData>)| {
            other.tables.get(table).is_some_and(|theirs| Arc::ptr_eq(data, theirs))
        };
        self.tables.len() == other.tables.len() && self.tables.iter().all(same)
    }

    /// `None` while the table is not loaded.
    pub fn table(&self, table: Table) -> Option<&Arc<TableData>> {
        self.tables.get(&table)
    }

    pub fn find(&self, table: Table, code: &str) -> Option<Entry<'_>> {
        self.tables.get(&table)?.find(code)
    }

    /// `code-name`, as drop-downs show it; the bare code when the table does not have it.
    pub fn show(&self, table: Table, code: &str) -> String {
        match self.find(table, code) {
            Some(entry) if table != Table::Commodity => format!("{code}-{}", entry.name),
            _ => code.to_owned(),
        }
    }

    /// Other ways to write what a table has, or the headings of spreadsheets: the text and what it stands for.
    pub fn also<'a>(&'a self, table: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.table(Table::Synonym).into_iter().flat_map(move |data| data.also(table))
    }

    /// The best matches for what was typed; see `search`.
    pub fn search(&self, table: Table, query: &str, limit: usize) -> Vec<Entry<'_>> {
        self.tables.get(&table).map(|data| search::search(table, data, query, limit)).unwrap_or_default()
    }

    /// Builds what searching needs, so that the first key does not wait for it.
    pub fn warm(&self) {
        for data in self.tables.values() {
            data.index();
        }
    }
}
