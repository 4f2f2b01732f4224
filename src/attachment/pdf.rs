//! What is wrong with a PDF that somebody attached: `opbook read-pdf` reads it from its standard input, within the hard
//! limits of a process of its own, and prints the [`Flaw`]. Started by `service::pdf`; opens no file and no connection.

use std::io::{Read, Write};
use std::panic::catch_unwind;

use hayro_syntax::object::Dict;
use hayro_syntax::{LoadPdfError, Pdf};
use serde::{Deserialize, Serialize};

use crate::sheet::child::{Most, confine};
use crate::text::{Text, text};

/// Name of the command.
pub const COMMAND: &str = "read-pdf";

/// The file itself twice, and room for what is in it.
const MEMORY: u64 = 384 << 20;
const ADDRESSES: u64 = 1 << 30;
const SECONDS: u64 = 10;
/// The mark at the end of every PDF, and how far before the end of the file readers look for it.
const END: &[u8] = b"%%EOF";
const END_WITHIN: usize = 2048;

/// Why nobody at customs could read the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flaw {
    /// A password is needed to open it.
    Locked,
    /// No page in it.
    Empty,
    /// Its end is missing.
    Cut,
    /// A cover over other files.
    Portfolio,
    /// Begins like a PDF and is none, or is damaged.
    Broken,
}

impl Flaw {
    /// What it is, and what to do.
    pub const fn words(self) -> Text {
        match self {
            Self::Locked => text(
                "设有打开密码，海关无法查看。请在PDF程序中取消密码，另存后重新选择",
                "needs a password to be opened, so customs cannot read it. Take the password off, save it and choose it again",
            ),
            Self::Empty => text(
                "没有任何页面。请打开文件核对，重新生成PDF后再选择",
                "has no page. Look at the file, make the PDF anew and choose it again",
            ),
            Self::Cut => text(
                "不完整，缺少文件的后半部分（可能是下载或复制时中断）。请重新下载或生成后再选择",
                "is cut off: its end is missing, perhaps from an interrupted download. Get it anew and choose it again",
            ),
            Self::Portfolio => text(
                "是PDF文件包（内含多个文件），海关只能看到封面。请把其中的文件分别另存为PDF，逐个添加",
                "is a portfolio: customs would see its cover only. Save the files in it as PDF and add them one by one",
            ),
            Self::Broken => text(
                "已损坏或不是真正的PDF，无法打开。请用PDF程序打开核对，重新生成后再选择",
                "is damaged, or no PDF at all, and cannot be opened. Make it anew and choose it again",
            ),
        }
    }
}

/// Reads a PDF from standard input and prints its flaw, or `null`.
///
/// # Errors
/// When limits cannot be taken or a pipe is broken.
pub fn run() -> std::io::Result<()> {
    // Its words would reach nobody.
    std::panic::set_hook(Box::new(|_| {}));
    confine(Most { memory: MEMORY, addresses: ADDRESSES, seconds: SECONDS })?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let flaw = catch_unwind(|| flaw(bytes)).unwrap_or(Some(Flaw::Broken));
    serde_json::to_writer(std::io::stdout().lock(), &flaw)?;
    std::io::stdout().flush()
}

/// What is wrong with a PDF, if anything. Small faults that every reader puts up with are none.
pub fn flaw(bytes: Vec<u8>) -> Option<Flaw> {
    let tail = &bytes[bytes.len().saturating_sub(END_WITHIN)..];
    let is_whole = tail.windows(END.len()).any(|part| part == END);
    let pdf = match Pdf::new(bytes) {
        Ok(pdf) => pdf,
        // By a password, or in a way that nobody opens without more than this program has.
        Err(LoadPdfError::Decryption(_)) => return Some(Flaw::Locked),
        Err(LoadPdfError::Invalid) => return Some(if is_whole { Flaw::Broken } else { Flaw::Cut }),
    };
    if !is_whole {
        return Some(Flaw::Cut);
    }
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    if catalog.is_some_and(|catalog| catalog.contains_key("Collection")) {
        return Some(Flaw::Portfolio);
    }
    pdf.pages().is_empty().then_some(Flaw::Empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PDF with so many pages; `more` stands in its catalog.
    fn pdf(pages: usize, more: &str) -> Vec<u8> {
        let kids: String = (0..pages).map(|at| format!("{} 0 R ", at + 3)).collect();
        let mut objects =
            vec![format!("<</Type/Catalog/Pages 2 0 R{more}>>"), format!("<</Type/Pages/Count {pages}/Kids[{kids}]>>")];
        objects.extend((0..pages).map(|_| "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>".to_owned()));
        let (mut text, mut places) = (String::from("%PDF-1.7\n"), Vec::new());
        for (number, object) in (1..).zip(&objects) {
            places.push(text.len());
            text += &format!("{number} 0 obj\n{object}\nendobj\n");
        }
        let start = text.len();
        text += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
        places.iter().for_each(|at| text += &format!("{at:010} 00000 n \n"));
        text += &format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
        text.into_bytes()
    }

    #[test]
    fn a_paper_that_nobody_can_read_is_told_before_it_is_declared() {
        assert_eq!(flaw(pdf(1, "")), None);
        assert_eq!(flaw(pdf(3, "")), None);
        assert_eq!(flaw(pdf(0, "")), Some(Flaw::Empty));
        assert_eq!(flaw(pdf(1, "/Collection<</View/D>>")), Some(Flaw::Portfolio));
        let whole = pdf(40, "");
        for part in [1, 2, 3] {
            assert_eq!(flaw(whole[..whole.len() * part / 4].to_vec()), Some(Flaw::Cut), "{part} quarters");
        }
        assert_eq!(flaw(b"%PDF-1.7".to_vec()), Some(Flaw::Cut));
        assert_eq!(flaw([b"%PDF-1.7\n".as_slice(), &[0xa7; 5000], b"\n%%EOF\n"].concat()), Some(Flaw::Broken));
        assert_eq!(flaw(Vec::new()), Some(Flaw::Cut));
    }

    #[test]
    fn what_every_reader_puts_up_with_is_no_flaw() {
        // A table of offsets that is wrong, leftovers before the mark and behind the end.
        for before in [b"\xef\xbb\xbf".as_slice(), b"\r\n", &[b'x'; 1000]] {
            assert_eq!(flaw([before, &pdf(1, "")].concat()), None, "{before:?}");
        }
        assert_eq!(flaw([pdf(1, "").as_slice(), &[0; 1000]].concat()), None);
        assert_eq!(flaw([pdf(1, "").as_slice(), b"\r\n--boundary--\r\n"].concat()), None);
    }

    /// A page without content, encrypted by pypdf (AES-256): with a password to open it, and with one to change it only.
    const LOCKED: &[u8] = include_bytes!("../../tests/fixtures/papers/locked.pdf");
    const OWNED: &[u8] = include_bytes!("../../tests/fixtures/papers/owned.pdf");

    #[test]
    fn only_a_password_to_open_it_locks_a_paper() {
        assert_eq!(flaw(LOCKED.to_vec()), Some(Flaw::Locked));
        assert_eq!(flaw(OWNED.to_vec()), None, "one that forbids to print can be read");
    }
}
