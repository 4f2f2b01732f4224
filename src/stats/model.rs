//! What is asked for and answered, as browser and server exchange it, and the field tables of the lists. Amounts are plain
//! decimals. Knows no SQL and no screen.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::fields::coded;
use crate::form::{Field, Kind};
use crate::reference::Table;
use crate::text::{Text, text};

/// By what the amounts are added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// 账册
    #[default]
    Book,
    /// 月份 of 进出口日期
    Month,
    /// 境外加工企业
    Partner,
    /// 加工国(地区)
    Country,
    /// 商品编号 as declared
    Commodity,
}

impl By {
    pub const ALL: [Self; 5] = [Self::Book, Self::Month, Self::Partner, Self::Country, Self::Commodity];

    /// Code in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Month => "month",
            Self::Partner => "partner",
            Self::Country => "country",
            Self::Commodity => "commodity",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == code)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Book => text("按账册", "By book"),
            Self::Month => text("按月份", "By month"),
            Self::Partner => text("按境外加工企业", "By processor abroad"),
            Self::Country => text("按加工国(地区)", "By country"),
            Self::Commodity => text("按商品编号", "By commodity"),
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// 经营单位; empty for all the caller acts for.
    pub operator_code: String,
    /// First and last month, `yyyy-mm`.
    pub from: String,
    pub to: String,
    pub by: By,
}

/// One line. What is still abroad is that at the end of the last month, whenever it was exported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Number of the book, month, name, code.
    pub key: String,
    /// 经营单位 of a book, country of a partner.
    pub beside: String,
    pub currency: String,
    /// 出口金额
    pub exported: String,
    /// 复进口全免金额
    pub exempt: String,
    /// 复进口征税金额: the fees.
    pub taxed: String,
    /// 境外余额: exported and not yet back.
    pub abroad: String,
    /// How many entries.
    pub exports: i64,
    pub imports: i64,
    /// 平均在外天数 of what came back, weighted by amount; empty for none.
    pub days: String,
}

/// All lines of one currency together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    pub currency: String,
    pub exported: String,
    pub exempt: String,
    pub taxed: String,
    pub abroad: String,
}

/// Why customs or the platform sent documents back, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Key of the kind of document; empty for one that was deleted.
    pub kind: String,
    pub reason: String,
    pub count: i64,
}

/// What is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    pub lines: Vec<Line>,
    pub totals: Vec<Total>,
    /// How many documents customs approved and sent back in these months.
    pub approved: i64,
    pub returned: i64,
    /// The most frequent first.
    pub reasons: Vec<Reason>,
}

const fn money(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Decimal { int: 20, frac: 2, positive: false }).column(15)
}
const fn count(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Decimal { int: 9, frac: 1, positive: false }).column(7)
}

crate::table! {
    /// The lines. What the first columns are is said by [`fields`].
    pub static LINES {
        key: Field::new(text("", ""), Kind::Text { max: 512 }).column(20),
        beside: Field::new(text("", ""), Kind::Text { max: 512 }).column(14),
        currency: coded("币制", "Currency", Table::Currency).column(10),
        exported: money("出口金额", "Exported"),
        exempt: money("复进口全免金额", "Re-imported, exempt"),
        taxed: money("征税金额(境外费用)", "Taxed (fees abroad)"),
        abroad: money("境外余额", "Still abroad"),
        exports: count("出口报关单", "Export entries"),
        imports: count("进口报关单", "Re-import entries"),
        days: count("平均在外天数", "Days abroad"),
    }
}

crate::table! {
    /// Why documents were sent back.
    pub static REASONS {
        noun: Field::new(text("单据", "Kind"), Kind::Text { max: 20 }).column(18),
        reason: Field::new(text("退单原因", "Reason"), Kind::Text { max: 512 }).column(60),
        count: count("次数", "Times"),
    }
}

static TABLES: LazyLock<[Vec<Field>; By::ALL.len()]> = LazyLock::new(|| By::ALL.map(table));

/// The columns of the lines added up by something.
pub fn fields(by: By) -> &'static [Field] {
    let place = By::ALL.iter().position(|one| *one == by).unwrap_or_default();
    &TABLES[place]
}

fn table(by: By) -> Vec<Field> {
    let labelled = |field: &Field, kind: Kind, label: Text| Field { label, kind, ..*field };
    let words = Kind::Text { max: 512 };
    let own = |field: &Field| match (field.key, by) {
        ("key", By::Book) => Some(labelled(field, Kind::Code { len: 12 }, text("账册编号", "Book no."))),
        ("key", By::Month) => Some(labelled(field, Kind::Code { len: 7 }, text("月份", "Month"))),
        ("key", By::Partner) => Some(labelled(field, words, text("境外加工企业", "Processor abroad"))),
        ("key", By::Country) => Some(labelled(field, Kind::Coded(Table::Country), text("加工国(地区)", "Country"))),
        ("key", By::Commodity) => Some(labelled(field, Kind::Coded(Table::Commodity), text("商品编号", "Commodity"))),
        ("beside", By::Book) => Some(labelled(field, Kind::Code { len: 10 }, text("经营单位", "Operator"))),
        ("beside", By::Partner) => Some(labelled(field, Kind::Coded(Table::Country), text("加工国(地区)", "Country"))),
        ("beside", _) => None,
        // An entry may have goods of several codes, and those that come back are others than those that went out.
        ("exports" | "imports" | "days", By::Commodity) => None,
        _ => Some(*field),
    };
    LINES.iter().filter_map(own).collect()
}

impl Line {
    /// The value of a column.
    pub fn get(&self, key: &str) -> String {
        match key {
            "key" => self.key.clone(),
            "beside" => self.beside.clone(),
            "currency" => self.currency.clone(),
            "exported" => self.exported.clone(),
            "exempt" => self.exempt.clone(),
            "taxed" => self.taxed.clone(),
            "abroad" => self.abroad.clone(),
            "exports" => self.exports.to_string(),
            "imports" => self.imports.to_string(),
            _ => self.days.clone(),
        }
    }
}

/// Where the workbook is.
pub const EXPORT: &str = "/api/stats/export";
/// Where the PDF is.
pub const PRINT: &str = "/print/stats";

/// Address of a file of what is asked for.
pub fn address(of: &str, asked: &Asked) -> String {
    let Asked { operator_code, from, to, by } = asked;
    format!("{of}?operator_code={operator_code}&from={from}&to={to}&by={}", by.code())
}
