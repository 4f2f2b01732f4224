//! Finds entries of code tables by what people write for them: the code, its second code, its name,
//! `code-name`, a code without its zeros. Indexes are made once per import or paste, for the tables it needs.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use super::{Read, is_scientific, lost_digits, narrow, padded};
use crate::reference::{Codes, Table, TableData};
use crate::text::Message;

/// The code tables with what it takes to find entries by name.
pub struct Lookup<'a> {
    codes: &'a Codes,
    indexes: [OnceCell<Index<'a>>; Table::ALL.len()],
    /// Codes by what was written for them: a column has few that differ.
    told: RefCell<HashMap<(Table, bool), HashMap<String, Read>>>,
}

#[derive(Default)]
struct Index<'a> {
    /// First and, where a name is not the only one, second code of a name.
    names: HashMap<String, (&'a str, Option<&'a str>)>,
    aliases: HashMap<&'a str, &'a str>,
}

impl<'a> Index<'a> {
    fn new(codes: &'a Codes, table: Table, data: &'a TableData) -> Self {
        let mut index = Self::default();
        let mut call = |name: &str, code: &'a str| {
            index
                .names
                .entry(folded(name))
                .and_modify(|(first, second)| {
                    if *first != code && second.is_none() {
                        *second = Some(code);
                    }
                })
                .or_insert((code, None));
        };
        for entry in data.iter() {
            [entry.name, entry.name_en]
                .into_iter()
                .filter(|name| !name.is_empty())
                .for_each(|name| call(name, entry.code));
        }
        // A spelling of a code that the table does not have is none.
        let also = codes.also(table.key()).filter_map(|(written, code)| Some((written, data.find(code)?.code)));
        also.for_each(|(written, code)| call(written, code));
        let aliases = data.iter().filter(|entry| !entry.alias.is_empty());
        index.aliases = aliases.map(|entry| (entry.alias, entry.code)).collect();
        index
    }
}

/// Names are compared without blanks, width and case.
fn folded(text: &str) -> String {
    narrow(text).split_whitespace().collect::<String>().to_uppercase()
}

impl<'a> Lookup<'a> {
    pub fn new(codes: &'a Codes) -> Self {
        Self { codes, indexes: Default::default(), told: RefCell::default() }
    }

    /// The code a cell means. `counted`: the cell was a number, not text. Text that means none comes
    /// back as it is.
    ///
    /// # Errors
    /// When it cannot be told which code is meant.
    pub fn code(&self, table: Table, text: &str, counted: bool) -> Result<Read, Message> {
        let key = (table, counted);
        if let Some(code) = self.told.borrow().get(&key).and_then(|told| told.get(text)) {
            return Ok(code.clone());
        }
        let code = match table {
            Table::Commodity => self.commodity(text, counted)?,
            _ => self.tell(table, text, counted)?.into(),
        };
        self.told.borrow_mut().entry(key).or_default().insert(text.to_owned(), code.clone());
        Ok(code)
    }

    /// A commodity code as people write it: 8542.39.90-00, or the eight digits of the tariff where one code follows.
    fn commodity(&self, text: &str, counted: bool) -> Result<Read, Message> {
        let folded = folded(text);
        let digits: String = folded.chars().filter(|letter| !matches!(letter, '.' | '-')).collect();
        let is_code = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let Some(data) = self.codes.table(Table::Commodity).filter(|data| is_code && !data.is_empty()) else {
            return Ok(self.tell(Table::Commodity, text, counted)?.into());
        };
        if digits.len() != 8 {
            return Ok(self.tell(Table::Commodity, &digits, counted)?.into());
        }
        let from = data.lower_bound(&digits);
        let following: Vec<&str> = (from..data.len())
            .map(|place| data.code_at(place))
            .take_while(|code| code.starts_with(&digits))
            .take(4)
            .collect();
        match following.as_slice() {
            [] => Ok(self.tell(Table::Commodity, &digits, counted)?.into()),
            [code] => Ok(Read {
                value: (*code).to_owned(),
                note: Some(Message::new(
                    format!("8位编码{digits}已补全为{code}，请核对"),
                    format!("The 8 digits {digits} were completed to {code}; please check"),
                )),
            }),
            several => Err(Message::new(
                format!("8位编码{digits}下有多个10位编码（{}等），请填10位", several.join("、")),
                format!("Several codes begin with {digits} ({} …); fill in all ten digits", several.join(", ")),
            )),
        }
    }

    fn tell(&self, table: Table, text: &str, counted: bool) -> Result<String, Message> {
        let bare = folded(text);
        let Some(data) = self.codes.table(table) else { return Ok(bare) };
        if data.find(&bare).is_some() {
            return Ok(bare);
        }
        let index = self.index(table, data);
        if let Some(code) = known(data, index, &bare) {
            return Ok(code);
        }
        if !counted && is_scientific(&bare) {
            return Err(lost_digits());
        }
        match index.names.get(&bare) {
            Some((code, None)) => return Ok((*code).to_owned()),
            Some((first, Some(second))) => {
                return Err(Message::new(
                    format!("{}中有多项名为“{}”（{first}、{second}等），请填编码", table.label().zh, text.trim()),
                    format!(
                        "Several {} are named “{}” ({first}, {second} …); fill in the code",
                        table.label().en,
                        text.trim()
                    ),
                ));
            }
            None => {}
        }
        match bare.split_once(['-', '–', '—', ':', '|']) {
            Some((front, name)) => with_name(data, index, front, name).unwrap_or(Ok(bare)),
            None => Ok(bare),
        }
    }

    fn index(&self, table: Table, data: &'a TableData) -> &Index<'a> {
        let place = Table::ALL.iter().position(|one| *one == table).unwrap_or_default();
        self.indexes[place].get_or_init(|| Index::new(self.codes, table, data))
    }
}

/// The code that a code or second code stands for, zeros at the front restored.
fn known(data: &TableData, index: &Index<'_>, bare: &str) -> Option<String> {
    if bare.is_empty() || data.is_empty() {
        return None;
    }
    if data.find(bare).is_some() {
        return Some(bare.to_owned());
    }
    // Codes of digits have one length per table: that of its first.
    let full = padded(bare, data.code_at(0).len());
    if data.find(&full).is_some() {
        return Some(full);
    }
    index.aliases.get(bare).map(|code| (*code).to_owned())
}

/// `code-name`, as drop-downs show it: both must mean the same.
fn with_name(data: &TableData, index: &Index<'_>, front: &str, name: &str) -> Option<Result<String, Message>> {
    let code = known(data, index, front)?;
    let entry = data.find(&code)?;
    if name.is_empty() || folded(entry.name) == name || folded(entry.name_en) == name {
        return Some(Ok(code));
    }
    Some(Err(Message::new(
        format!("编码{front}的名称是“{}”，与所填不符，请核对", entry.name),
        format!("Code {front} is “{}”, which is not what stands beside it", entry.name),
    )))
}
