//! How an .xlsx shows its cells, which the reading library does not tell with the values: the style of each cell, rows
//! and columns that are hidden. Used by `xlsx`; what cannot be found out is left unsaid there.

use std::collections::HashMap;
use std::io::{BufReader, Cursor};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

/// How one sheet looks.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    /// Style of a cell by row and column from 0, where it is not the first.
    pub styles: HashMap<(u32, u32), usize>,
    /// Rows from 1 and columns from 0 that are hidden or filtered away.
    pub rows: Vec<u32>,
    pub columns: Vec<u32>,
}

/// The parts of a workbook by the names of their sheets.
pub struct Parts<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Name of the part, by name of the sheet.
    sheets: HashMap<String, String>,
}

impl<'a> Parts<'a> {
    /// `None` when the workbook is put together in a way that is not known here.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap_or_default().into_owned()).collect();
        let book = names.iter().find(|name| name.ends_with("workbook.xml"))?.clone();
        let folder = book.strip_suffix("workbook.xml")?.to_owned();
        let mut targets = HashMap::new();
        each_element(&mut archive, &format!("{folder}_rels/workbook.xml.rels"), |element| {
            if element.local_name().as_ref() == "Relationship" {
                let (id, target) = (attribute(element, "Id")?, attribute(element, "Target")?);
                let path = target.strip_prefix('/').map_or_else(|| format!("{folder}{target}"), str::to_owned);
                targets.insert(id, path);
            }
            Some(())
        })?;
        let mut sheets = HashMap::new();
        each_element(&mut archive, &book, |element| {
            if element.local_name().as_ref() == "sheet" {
                let path = targets.get(&attribute(element, "r:id")?)?;
                sheets.insert(attribute(element, "name")?, path.clone());
            }
            Some(())
        })?;
        Some(Self { archive, sheets })
    }

    pub fn looks(&mut self, sheet: &str) -> Option<Looks> {
        let path = self.sheets.get(sheet)?.clone();
        let mut looks = Looks::default();
        let (mut row, mut column) = (0_u32, 0_u32);
        each_element(&mut self.archive, &path, |element| {
            match element.local_name().as_ref() {
                "row" => {
                    row = attribute(element, "r").map_or(Some(row + 1), |number| number.parse().ok())?;
                    column = 0;
                    if is_set(element, "hidden") {
                        looks.rows.push(row);
                    }
                }
                "c" => {
                    if let Some(at) = attribute(element, "r") {
                        column = column_of(&at)?;
                    }
                    if let Some(style) = attribute(element, "s").filter(|style| style != "0") {
                        looks.styles.insert((row.checked_sub(1)?, column), style.parse().ok()?);
                    }
                    column += 1;
                }
                "col" if is_set(element, "hidden") => {
                    let ends = (attribute(element, "min")?.parse::<u32>(), attribute(element, "max")?.parse::<u32>());
                    let (Ok(from), Ok(to)) = ends else { return None };
                    let most = crate::sheet::limits::COLUMNS as u32;
                    looks.columns.extend((from.max(1)..=to.min(most)).map(|column| column - 1));
                }
                _ => {}
            }
            Some(())
        })?;
        Some(looks)
    }
}

/// Calls for every element of a part that begins; `None` ends it.
fn each_element(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    path: &str,
    mut call: impl FnMut(&BytesStart<'_>) -> Option<()>,
) -> Option<()> {
    let part = archive.by_name(path).ok()?;
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(element) | Event::Empty(element) => call(&element)?,
            Event::Eof => return Some(()),
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|one| one.key.as_ref() == name)?;
    Some(found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned())
}

fn is_set(element: &BytesStart<'_>, name: &str) -> bool {
    attribute(element, name).is_some_and(|value| matches!(value.as_str(), "1" | "true"))
}

/// The column of `AB12`, from 0.
fn column_of(at: &str) -> Option<u32> {
    let letters = at.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters.fold(0_u32, |number, letter| {
        number.saturating_mul(26).saturating_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    });
    number.checked_sub(1)
}
