//! What a file is by its content, whatever its name says; and names that are safe to show, to store
//! in a message and to save under. Pure, used in the browser before anything is sent and on the
//! server once the file is there.

use serde::{Deserialize, Serialize};

use crate::text::{Text, text};

/// Kinds of content that can be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    Pdf,
    Jpg,
    Png,
}

impl FileKind {
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Jpg, Self::Png];

    /// Name in settings and messages, and the usual ending of a file name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpg => "jpg",
            Self::Png => "png",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub const fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Jpg | Self::Png)
    }

    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
        }
    }

    /// The kind by the first bytes of a file; `None` for anything else. Readers take a PDF with a byte order mark, line
    /// breaks or other leftovers of up to 1,024 bytes before its mark, unless these say that it is something else.
    pub fn of(start: &[u8]) -> Option<Self> {
        let begins = |sign: &[u8]| start.starts_with(sign);
        let mark = || start.windows(PDF.len()).take(PDF_WITHIN + 1).any(|bytes| bytes == PDF);
        if begins(PDF) || (sign_of(start).is_none() && mark()) {
            Some(Self::Pdf)
        } else if begins(b"\xff\xd8\xff") {
            Some(Self::Jpg)
        } else if begins(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else {
            None
        }
    }
}

/// How every PDF begins, and within how many bytes.
const PDF: &[u8] = b"%PDF-";
const PDF_WITHIN: usize = 1024;

/// So many bytes are enough to know a file by.
pub const START_BYTES: usize = PDF_WITHIN + PDF.len();

/// What a file that cannot be attached looks like, and what to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub name: Text,
    /// What makes a picture of it that can be attached; `None`: nothing but saving it as PDF.
    pub way_out: Option<Text>,
}

const HEIC: Look = Look {
    name: text("HEIC图片（苹果手机的照片格式）", "a HEIC picture, as iPhones take them"),
    way_out: Some(text(
        "请在手机“设置—相机—格式”中选“兼容性最佳”后重拍，或用“照片”“画图”等程序打开后另存为JPG，再重新选择",
        "Take it again with Settings, Camera, Formats, Most Compatible, or open it in a picture program and save it as JPG; then choose again",
    )),
};
const WEBP: Look = Look {
    name: text("WEBP图片", "a WEBP picture"),
    way_out: Some(text(
        "请用“画图”等程序打开后另存为JPG，再重新选择",
        "Open it in a picture program, save it as JPG and choose again",
    )),
};

/// What a file that cannot be attached looks like.
pub fn looks_like(start: &[u8]) -> Look {
    if start.is_empty() {
        return Look { name: text("空文件", "an empty file"), way_out: None };
    }
    let other = Look { name: text("其他类型的文件", "a file of another kind"), way_out: None };
    sign_of(start).unwrap_or(other)
}

/// What the first bytes say a file is, other than what can be attached.
fn sign_of(start: &[u8]) -> Option<Look> {
    const SIGNS: [(&[u8], Text); 9] = [
        (b"PK\x03\x04", text("Office文档或压缩文件", "an Office document or an archive")),
        (b"\xd0\xcf\x11\xe0", text("旧版Office文档", "an old Office document")),
        (b"Rar!", text("压缩文件", "an archive")),
        (b"7z\xbc\xaf", text("压缩文件", "an archive")),
        (b"MZ", text("程序", "a program")),
        (b"II*\0", text("TIFF图片", "a TIFF picture")),
        (b"BM", text("BMP图片", "a BMP picture")),
        (b"GIF8", text("GIF图片", "a GIF picture")),
        (b"<", text("网页或XML文件", "a web page or XML")),
    ];
    // HEIC names its brand behind the length of its first box, WEBP behind the length of the file.
    match (start.get(..4), start.get(4..8), start.get(8..12)) {
        (_, Some(b"ftyp"), Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1")) => {
            return Some(HEIC);
        }
        (Some(b"RIFF"), _, Some(b"WEBP")) => return Some(WEBP),
        _ => {}
    }
    let found = SIGNS.into_iter().find(|(sign, _)| start.starts_with(sign));
    found.map(|(_, name)| Look { name, way_out: None })
}

/// Longest name that is kept, in characters; sibling systems take 512, file systems 255 bytes.
const LONGEST_NAME: usize = 120;

/// The name of a chosen file without folders, without characters that deceive (control characters,
/// those that turn the direction of writing) or that file systems refuse, and not too long.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|letter| !deceives(*letter))
        .map(|letter| match letter {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
            other => other,
        })
        .collect();
    let plain = plain.trim_matches([' ', '.', '\u{3000}']);
    let (stem, ending) = split(plain);
    let room = LONGEST_NAME - ending.chars().count().min(LONGEST_NAME - 1);
    let mut stem: String = stem.chars().take(room).collect();
    stem.truncate(stem.trim_end_matches([' ', '.', '\u{3000}']).len());
    if stem.is_empty() {
        "附件".clone_into(&mut stem);
    }
    if is_device(&stem) {
        stem.insert(0, '_');
    }
    if ending.is_empty() { stem } else { format!("{stem}.{ending}") }
}

/// The name with the ending its content deserves: `合同.exe` that is a PDF becomes `合同.exe.pdf`.
pub fn named_as(kind: FileKind, name: &str) -> String {
    let (_, ending) = split(name);
    if kind.endings().contains(&ending.to_ascii_lowercase().as_str()) {
        return name.to_owned();
    }
    format!("{name}.{}", kind.name())
}

/// Stem and ending, without the dot; an ending is short and plain.
fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, ending))
            if (1..=8).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            (stem, ending)
        }
        _ => (name, ""),
    }
}

/// Characters that are not seen but change what is seen, or end a line.
fn deceives(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Names that Windows keeps for devices, with whatever ending.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered =
        |prefix: &str| first.strip_prefix(prefix).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// A size as people read it.
pub fn human_size(bytes: i64) -> String {
    let (unit, name) = match bytes {
        ..1_024 => return format!("{bytes} B"),
        1_024..1_048_576 => (1_024, "KB"),
        _ => (1_048_576, "MB"),
    };
    let tenths = (bytes.saturating_mul(10) + unit / 2) / unit;
    if tenths % 10 == 0 { format!("{} {name}", tenths / 10) } else { format!("{}.{} {name}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_not_the_name() {
        assert_eq!(FileKind::of(b"%PDF-1.7\n"), Some(FileKind::Pdf));
        assert_eq!(FileKind::of(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some(FileKind::Jpg));
        assert_eq!(FileKind::of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some(FileKind::Png));
        // What would run in a reader's browser, or is no paper at all.
        for start in [
            b"<html><script>".as_slice(),
            b"<svg xmlns=",
            b"MZ\x90\0",
            b"PK\x03\x04",
            b"",
            b"%PD",
            b"\xff\xd8",
            b"GIF89a",
        ] {
            assert_eq!(FileKind::of(start), None, "{start:?}");
        }
        // What writers and mail programs leave before the mark, as far as readers look for it.
        for before in [b"\xef\xbb\xbf".as_slice(), b"\r\n", b" ", b"Content-Type: x\r\n\r\n", &[b'x'; 1024]] {
            assert_eq!(FileKind::of(&[before, b"%PDF-1.4"].concat()), Some(FileKind::Pdf), "{before:?}");
        }
        for before in [[b'x'; 1025].as_slice(), b"<html>", b"PK\x03\x04", b"MZ"] {
            assert_eq!(FileKind::of(&[before, b"%PDF-1.4"].concat()), None, "{before:?}");
        }
        assert!(looks_like(b"PK\x03\x04xx").name.zh.contains("Office"));
        assert!(looks_like(b"").name.zh.contains("空文件"));
        let photo = looks_like(b"\0\0\0\x18ftypheic\0\0\0\0mif1");
        assert!(photo.name.zh.contains("HEIC") && photo.way_out.is_some_and(|way| way.zh.contains("兼容性最佳")));
        assert!(looks_like(b"RIFF\x10\0\0\0WEBPVP8 ").way_out.is_some_and(|way| way.zh.contains("JPG")));
        assert!(!looks_like(b"RIFF\x10\0\0\0WAVEfmt ").name.zh.contains("WEBP"));
        for kind in FileKind::ALL {
            assert_eq!(FileKind::from_name(kind.name()), Some(kind));
            assert_eq!(named_as(kind, &format!("a.{}", kind.name())), format!("a.{}", kind.name()));
        }
    }

    #[test]
    fn hostile_names_become_harmless_and_stay_recognisable() {
        for (name, want) in [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\合同.pdf", "合同.pdf"),
            ("合同\u{202e}fdp.exe", "合同fdp.exe"),
            ("a\u{0}b\r\nc\t.pdf", "abc.pdf"),
            ("con", "_con"),
            ("COM1.pdf", "_COM1.pdf"),
            ("nul .pdf", "_nul.pdf"),
            ("CONTRACT.pdf", "CONTRACT.pdf"),
            (" .. ", "附件"),
            ("", "附件"),
            (".pdf", "pdf"),
            ("a<b>:\"|?*.png", "a_b______.png"),
            ("报价 2026.第二版.pdf", "报价 2026.第二版.pdf"),
            ("x. . .", "x"),
        ] {
            assert_eq!(safe_name(name), want, "{name:?}");
        }
        let long = safe_name(&format!("{}.pdf", "长".repeat(300)));
        assert_eq!(long.chars().count(), LONGEST_NAME + 1);
        assert!(long.ends_with("长.pdf"));
        assert_eq!(named_as(FileKind::Pdf, "发票.exe"), "发票.exe.pdf");
        assert_eq!(named_as(FileKind::Jpg, "照片.JPEG"), "照片.JPEG");
        assert_eq!(named_as(FileKind::Png, "图"), "图.png");
    }

    proptest::proptest! {
        #[test]
        fn no_name_leaves_its_folder_or_hides_its_ending(name in "\\PC{0,40}[./\\\\\u{202e}\u{0}a-z]{0,20}") {
            let safe = safe_name(&name);
            proptest::prop_assert!(!safe.is_empty() && safe != "." && safe != "..");
            proptest::prop_assert!(!safe.contains(['/', '\\', '\0', '\n', '\u{202e}', '"']), "{safe:?}");
            proptest::prop_assert!(safe.chars().count() <= LONGEST_NAME + 2);
            // Cleaned again it stays the same: what is shown is what is stored.
            proptest::prop_assert_eq!(safe_name(&safe), safe);
        }
    }

    #[test]
    fn sizes_read_like_in_a_file_manager() {
        for (bytes, want) in
            [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (1536, "1.5 KB"), (1_048_576, "1 MB"), (20_971_520, "20 MB")]
        {
            assert_eq!(human_size(bytes), want);
        }
    }
}
