//! Looks through an .xlsx before it is read: how many files, what they really unpack to, and what
//! else is inside. Declared sizes are not believed.

use std::io::{Cursor, Read};

use memchr::memmem;
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Refusal, damaged, not_a_workbook, protected, too_large};
use crate::sheet::limits;
use crate::text::Message;

/// What an archive holds besides cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub macros: bool,
    pub external_links: bool,
    pub merged: bool,
}

/// Looks through the archive.
///
/// # Errors
/// When it is no workbook, is protected, or holds more than the limits allow.
pub fn inspect(bytes: &[u8]) -> Result<Contents, Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    if archive.len() > limits::ENTRIES_WITH_PICTURES {
        return Err(too_many(archive.len(), limits::ENTRIES_WITH_PICTURES));
    }
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap_or_default().into_owned()).collect();
    kind(&names)?;
    // Pictures are never unpacked; goods lists often show each of the goods.
    let parts = names.iter().filter(|name| is_read(name)).count();
    if parts > limits::ENTRIES {
        return Err(too_many(parts, limits::ENTRIES));
    }
    let mut contents = Contents {
        macros: names.iter().any(|name| name.ends_with("vbaProject.bin")),
        external_links: names.iter().any(|name| name.starts_with("xl/externalLinks/")),
        merged: false,
    };
    if archive.decompressed_size().is_some_and(|size| size > u128::from(limits::UNPACKED)) {
        return Err(too_large());
    }
    let mut room = limits::UNPACKED;
    for (index, name) in names.iter().enumerate() {
        if is_read(name) {
            let part = archive.by_index(index).map_err(|error| match error {
                ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => protected(),
                _ => damaged(),
            })?;
            contents.merged |= unpack(part, &mut room)?;
        }
    }
    Ok(contents)
}

/// Pictures and the like are never unpacked.
fn is_read(name: &str) -> bool {
    name.ends_with(".xml") || name.ends_with(".rels")
}

fn too_many(parts: usize, most: usize) -> Refusal {
    Message::new(
        format!(
            "文件内含{parts}个部件，超过{most}个，未导入。请把要导入的工作表复制到新的工作簿，另存为.xlsx后再导入。"
        ),
        format!(
            "The file has {parts} parts, more than {most}. Copy the sheets to import into a new workbook and import that."
        ),
    )
}

/// Refuses archives that are something else than an Excel workbook, and says what they are.
fn kind(names: &[String]) -> Result<(), Refusal> {
    let has = |name: &str| names.iter().any(|one| one == name);
    if has("xl/workbook.xml") || names.iter().any(|name| name.ends_with("workbook.xml")) {
        return Ok(());
    }
    if has("xl/workbook.bin") {
        return Err(Message::new(
            "这是Excel二进制工作簿（.xlsb），请在Excel中另存为.xlsx后再导入。",
            "This is a binary workbook (.xlsb): save it as .xlsx in Excel and import that.",
        ));
    }
    if has("mimetype") && has("content.xml") {
        return Err(Message::new(
            "这是OpenDocument表格（.ods），请另存为.xlsx后再导入。",
            "This is an OpenDocument spreadsheet (.ods): save it as .xlsx and import that.",
        ));
    }
    Err(not_a_workbook())
}

/// Unpacks a part to nowhere, counting; true when it speaks of merged cells.
fn unpack(mut part: impl Read, room: &mut u64) -> Result<bool, Refusal> {
    const NEEDLE: &[u8] = b"mergeCell ";
    let mut merged = false;
    // The end of the last piece stays in front, in case the word lies across.
    let mut piece = vec![0; NEEDLE.len() + (64 << 10)];
    loop {
        let read = part.read(&mut piece[NEEDLE.len()..]).map_err(|_| damaged())?;
        if read == 0 {
            return Ok(merged);
        }
        *room = room.checked_sub(read as u64).ok_or_else(too_large)?;
        merged = merged || memmem::find(&piece[..NEEDLE.len() + read], NEEDLE).is_some();
        piece.copy_within(read..read + NEEDLE.len(), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_do_not_count_as_parts() {
        // A list with a picture of each of its 532 goods was called no ordinary workbook.
        use std::io::Write as _;
        let archive = |pictures: usize, parts: usize| {
            let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
            let options = zip::write::SimpleFileOptions::default();
            let names = std::iter::once("xl/workbook.xml".to_owned())
                .chain((0..pictures).map(|at| format!("xl/media/image{at}.png")))
                .chain((0..parts).map(|at| format!("xl/worksheets/sheet{at}.xml")));
            for name in names {
                writer.start_file(name, options).unwrap();
                writer.write_all(b"<x/>").unwrap();
            }
            writer.finish().unwrap().into_inner()
        };
        assert!(inspect(&archive(1_200, 3)).is_ok());
        assert!(inspect(&archive(0, limits::ENTRIES)).unwrap_err().zh.contains("新的工作簿"));
        assert!(inspect(&archive(limits::ENTRIES_WITH_PICTURES, 0)).is_err());
    }

    #[test]
    fn the_word_is_found_wherever_pieces_end() {
        // A merge that is not noticed would import blank cells without a word.
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let take = self.0.len().min(3);
                buffer[..take].copy_from_slice(&self.0[..take]);
                self.0 = &self.0[take..];
                Ok(take)
            }
        }
        for shift in 0..5 {
            let text = format!("{}<mergeCell ref=\"A1:B2\"/>", "x".repeat(shift));
            assert!(unpack(Slow(text.as_bytes()), &mut 1000).unwrap());
        }
        assert!(!unpack(Slow(b"<mergeCells/>"), &mut 1000).unwrap());
        assert!(unpack(Slow(b"0123456789"), &mut 9).is_err());
    }
}
