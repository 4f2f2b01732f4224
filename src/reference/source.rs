//! Reads one CSV file of a code table into drafts, with every fault told by file, line and reason.
//! Used by `import` (folders of the user) and `starter` (our own set); knows no database.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::Table;

/// What is wrong with a line of a file; line 0 means the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    pub line: u64,
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}：{}", self.file, self.reason),
            line => write!(f, "{} 第 {line} 行：{}", self.file, self.reason),
        }
    }
}

/// One entry as its source has it. `None`: the source has no such column, what is known already stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub alias: Option<String>,
    pub unit: Option<String>,
    pub unit2: Option<String>,
    pub import_rate: Option<String>,
    pub export_rate: Option<String>,
    pub controls: Option<String>,
}

/// The table a file holds, told by its name.
pub fn table_of_file(file: &str) -> Option<Table> {
    let stem = file.to_ascii_lowercase();
    let stem = stem.strip_suffix(".csv")?;
    Table::from_key(stem).or(match stem {
        "unit_3digit" => Some(Table::Unit),
        "currency_customs_numeric" => Some(Table::Currency),
        "country_region" => Some(Table::Country),
        "customs_district_4digit" => Some(Table::Customs),
        "supervision_mode_4digit" => Some(Table::SupervisionMode),
        "port_code" => Some(Table::Port),
        "domestic_region_5digit" => Some(Table::District),
        _ if stem.starts_with("hs10_tariff") => Some(Table::Commodity),
        _ => None,
    })
}

/// Whether a file is a tariff by its header line, whatever its name is.
pub fn has_tariff_header(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first).to_ascii_uppercase();
    let has = |name: &str| first.split(',').any(|column| column.trim_matches(['\u{feff}', '"', ' ', '\r']) == name);
    has("CODE_T") && has("G_NAME")
}

/// Reads a file.
///
/// # Errors
/// All faults of the file; none of its rows may be used then.
pub fn read(table: Table, file: &str, bytes: &[u8]) -> Result<Vec<Draft>, Vec<Fault>> {
    let fault = |line: u64, reason: String| Fault { file: file.to_owned(), line, reason };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Err(error) = std::str::from_utf8(bytes) {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        let reason = "文字不是 UTF-8 编码（可能是 GBK），请另存为“CSV UTF-8”格式后重新导入";
        return Err(vec![fault(line, reason.to_owned())]);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().map_err(|error| vec![fault(1, format!("表头无法读取：{error}"))])?.clone();
    let columns = Columns::find(table, &header).map_err(|reason| vec![fault(1, reason)])?;

    let mut drafts = Vec::new();
    let mut faults = Vec::new();
    let mut lines: HashMap<String, u64> = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.push(fault(line, format!("该行无法读取：{error}")));
                continue;
            }
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, |position| line_of(position, bytes));
        if record.len() != header.len() {
            let reason = format!("该行有 {} 列，表头有 {} 列，请检查逗号和引号", record.len(), header.len());
            faults.push(fault(line, reason));
            continue;
        }
        if columns.obsolete.is_some_and(|at| record[at].trim() == "1") {
            continue;
        }
        match columns.draft(table, &record) {
            Err(reason) => faults.push(fault(line, reason)),
            Ok(draft) => match lines.insert(draft.code.clone(), line) {
                Some(first) => faults.push(fault(line, format!("编码“{}”与第 {first} 行重复", draft.code))),
                None => drafts.push(draft),
            },
        }
    }
    if drafts.is_empty() && faults.is_empty() {
        faults.push(fault(0, "文件中没有数据行".to_owned()));
    }
    if faults.is_empty() { Ok(drafts) } else { Err(faults) }
}

/// The line a record is on: the reader tells the first of the empty lines before it.
fn line_of(position: &csv::Position, bytes: &[u8]) -> u64 {
    let rest = usize::try_from(position.byte()).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    position.line() + empty as u64
}

/// Where the columns stand. The first name found counts, so that `iso_alpha3` goes before `code`.
struct Columns {
    code: usize,
    /// Last two digits of a commodity code, in tariffs that keep them apart.
    code_end: Option<usize>,
    name: usize,
    name_en: Option<usize>,
    alias: Option<usize>,
    unit: Option<usize>,
    unit2: Option<usize>,
    import_rate: Option<usize>,
    export_rate: Option<usize>,
    controls: Option<usize>,
    obsolete: Option<usize>,
    /// Synonyms: the table whose code is meant.
    table: Option<usize>,
}

impl Columns {
    fn find(table: Table, header: &csv::StringRecord) -> Result<Self, String> {
        let at = |names: &[&str]| {
            names.iter().find_map(|name| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name)))
        };
        let required = |names: &[&str]| {
            at(names).ok_or_else(|| format!("表头缺少列 {}（英文列名，不分大小写）", names.join(" 或 ")))
        };
        Ok(Self {
            code: required(&["hs_code", "CODE_T", "iso_alpha3", "code"])?,
            code_end: at(&["CODE_S"]),
            name: required(if table == Table::Synonym { &["written_as"] } else { &["name_zh", "G_NAME"] })?,
            name_en: at(&["name_en"]),
            alias: at(&["alias", "code_numeric", "customs_numeric_3"]),
            unit: at(&["unit", "UNIT_1"]),
            unit2: at(&["unit2", "UNIT_2"]),
            import_rate: at(&["import_rate", "import_mfn_rate", "LOW_RATE"]),
            export_rate: at(&["export_rate", "OUT_RATE"]),
            controls: at(&["controls", "CONTROL_MA"]),
            obsolete: at(&["obsolete"]),
            table: at(&["table"]),
        })
    }

    fn draft(&self, table: Table, record: &csv::StringRecord) -> Result<Draft, String> {
        let cell = |at: Option<usize>| at.map(|at| clean(&record[at])).transpose();
        let mut code = clean(&record[self.code])?;
        if table == Table::Synonym {
            return self.synonym(&code, record);
        }
        if let Some(at) = self.code_end.filter(|_| code.len() == 8) {
            code.push_str(record[at].trim());
        }
        check_code(table, &code)?;
        let name = clean(&record[self.name])?;
        if name.is_empty() {
            return Err("名称为空".to_owned());
        }
        Ok(Draft {
            code,
            name,
            name_en: cell(self.name_en)?,
            alias: cell(self.alias)?.map(|alias| three_digits("数字代码", alias)).transpose()?,
            unit: cell(self.unit)?.map(|unit| three_digits("第一计量单位", unit)).transpose()?,
            unit2: cell(self.unit2)?.map(|unit| three_digits("第二计量单位", unit)).transpose()?,
            import_rate: cell(self.import_rate)?.map(|rate| decimal("进口税率", &rate)).transpose()?,
            export_rate: cell(self.export_rate)?.map(|rate| decimal("出口税率", &rate)).transpose()?,
            controls: cell(self.controls)?.map(marks).transpose()?,
        })
    }
}

impl Columns {
    /// One spelling may stand for several codes, so both make the key; which is meant is asked where it is read.
    fn synonym(&self, code: &str, record: &csv::StringRecord) -> Result<Draft, String> {
        let at = self.table.ok_or_else(|| "表头缺少列 table".to_owned())?;
        let (table, written) = (clean(&record[at])?, clean(&record[self.name])?);
        if table.is_empty() || table.contains(':') || code.is_empty() || written.is_empty() {
            return Err("table、code、written_as 都须填写".to_owned());
        }
        Ok(Draft {
            code: format!("{table}:{written}={code}"),
            name: written,
            name_en: Some(code.to_owned()),
            ..Draft::default()
        })
    }
}

/// One line without blanks at its ends: a tab or line break would end the column on its way to the browser.
fn clean(cell: &str) -> Result<String, String> {
    let cell = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    if cell.chars().any(char::is_control) { Err("含有控制字符".to_owned()) } else { Ok(cell) }
}

fn check_code(table: Table, code: &str) -> Result<(), String> {
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    let capitals = code.bytes().all(|byte| byte.is_ascii_uppercase());
    let both = code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let (size, form, right) = match table {
        Table::Commodity => (10, "10 位数字", digits),
        Table::Unit | Table::LevyNature => (3, "3 位数字", digits),
        Table::LevyMode => (1, "1 位数字", digits),
        Table::Currency | Table::Country => (3, "3 位大写字母", capitals),
        Table::Customs | Table::SupervisionMode => (4, "4 位数字或大写字母", both),
        Table::TransportMode | Table::TransactionMode => (1, "1 位数字或大写字母", both),
        Table::PackageType => (2, "2 位数字或大写字母", both),
        Table::Port => (6, "6 位数字或大写字母", both),
        Table::District => (5, "5 位数字或大写字母", both),
        Table::Synonym => return Ok(()),
    };
    if right && code.len() == size {
        return Ok(());
    }
    let hint = if digits && !code.is_empty() && code.len() < size {
        "（可能在电子表格中丢了前面的 0）"
    } else {
        ""
    };
    Err(format!("编码应为 {form}，实为“{code}”{hint}"))
}

fn three_digits(label: &str, value: String) -> Result<String, String> {
    let right = value.is_empty() || (value.len() == 3 && value.bytes().all(|byte| byte.is_ascii_digit()));
    if right { Ok(value) } else { Err(format!("{label}应为 3 位数字或留空，实为“{value}”")) }
}

/// A rate in its shortest spelling; `20%` becomes `0.2`, other numbers keep the measure of the source.
fn decimal(label: &str, value: &str) -> Result<String, String> {
    if value.is_empty() {
        return Ok(String::new());
    }
    let (number, percent) = value.strip_suffix('%').map_or((value, false), |number| (number.trim_end(), true));
    match Decimal::from_str(number) {
        Ok(rate) if !rate.is_sign_negative() => {
            let rate = if percent { rate / Decimal::ONE_HUNDRED } else { rate };
            Ok(rate.normalize().to_string())
        }
        _ => Err(format!("{label}应为不小于 0 的数字或留空，实为“{value}”")),
    }
}

fn marks(value: String) -> Result<String, String> {
    let right = value.bytes().all(|byte| byte.is_ascii_graphic());
    if right { Ok(value) } else { Err(format!("监管条件应为字母和数字，实为“{value}”")) }
}
