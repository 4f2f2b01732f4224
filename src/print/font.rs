//! The fonts of papers: found in the usual folders or named by a setting, read once, kept for good.
//! A second font is read only for characters the first one lacks.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use typst::foundations::Bytes;
use typst::text::Font;

use super::PrintError;

/// Where systems keep fonts.
const FOLDERS: [&str; 3] = ["/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/texmf/fonts/opentype"];
const DEEPEST: usize = 4;
/// Files that hold all of everyday Chinese, best first. Fixed fonts only: variable ones are far slower.
const CHINESE: [&str; 9] = [
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "SourceHanSans-Regular.ttc",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "wqy-zenhei.ttc",
    "wqy-microhei.ttc",
    "DroidSansFallbackFull.ttf",
];
/// Files for characters that the first font lacks: rare ideographs, then other scripts.
const RARE: [&str; 4] = ["HanaMinB.ttf", "HanaMinA.ttf", "DejaVuSans.ttf", "NotoSans-Regular.ttf"];

/// The fonts of this process, in order of preference.
#[derive(Debug)]
pub struct Fonts {
    main: Font,
    rare: OnceLock<Vec<Font>>,
}

/// What was read last, and the setting that named it.
static READ: Mutex<Option<(Option<PathBuf>, Arc<Fonts>)>> = Mutex::new(None);

/// The fonts; read at the first call. A failure is not kept: a font installed meanwhile is found.
pub fn load(setting: Option<&Path>) -> Result<Arc<Fonts>, PrintError> {
    // Others wait here for the first reader, rather than read the same 20 MB.
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((path, fonts)) = read.as_ref()
        && path.as_deref() == setting
    {
        return Ok(fonts.clone());
    }
    let main = match setting {
        Some(path) => open(path).map_err(|reason| PrintError::BadFont { path: path.display().to_string(), reason })?,
        None => find(&CHINESE).next().ok_or(PrintError::NoFont)?,
    };
    let fonts = Arc::new(Fonts { main, rare: OnceLock::new() });
    *read = Some((setting.map(Path::to_path_buf), fonts.clone()));
    Ok(fonts)
}

impl Fonts {
    /// True when one of the fonts shows the character.
    pub fn has(&self, letter: char) -> bool {
        has(&self.main, letter) || self.rare().iter().any(|font| has(font, letter))
    }

    /// All that were read.
    pub fn all(&self) -> impl Iterator<Item = &Font> {
        std::iter::once(&self.main).chain(self.rare.get().into_iter().flatten())
    }

    fn rare(&self) -> &[Font] {
        self.rare.get_or_init(|| find(&RARE).collect())
    }
}

fn has(font: &Font, letter: char) -> bool {
    font.info().coverage.contains(letter as u32)
}

/// The named files that are there and can be read, in the order of the names.
fn find(names: &'static [&str]) -> impl Iterator<Item = Font> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(Path::new(folder), DEEPEST, names, &mut files);
    }
    files.sort_by_key(|(rank, _)| *rank);
    files.into_iter().filter_map(|(_, path)| match open(&path) {
        Ok(font) => Some(font),
        Err(reason) => {
            tracing::warn!(path = %path.display(), reason, "font skipped");
            None
        }
    })
}

fn collect(folder: &Path, depth: usize, names: &[&str], files: &mut Vec<(usize, PathBuf)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if let Some(rank) = names.iter().position(|wanted| name == *wanted) {
            files.push((rank, entry.path()));
        } else if depth > 1 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&entry.path(), depth - 1, names, files);
        }
    }
}

fn open(path: &Path) -> Result<Font, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut faces: Vec<Font> = Font::iter(Bytes::new(bytes)).collect();
    // A collection holds a face per region: the forms of mainland China are wanted.
    let simplified = faces.iter().position(|face| {
        let family = &face.info().family;
        ["SC", "CN"].iter().any(|region| family.split(' ').any(|word| word == *region))
    });
    if faces.is_empty() {
        return Err("it is no TrueType or OpenType font".to_owned());
    }
    Ok(faces.swap_remove(simplified.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_told_and_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("font.ttc");
        assert!(matches!(load(Some(&path)), Err(PrintError::BadFont { .. })), "there is no such file");
        std::fs::write(&path, "no font").unwrap();
        let error = load(Some(&path)).unwrap_err().to_string();
        assert!(error.contains("font.ttc") && error.contains("OPBOOK_FONT"), "{error}");
    }

    #[test]
    fn the_face_of_mainland_china_is_taken() {
        // The Japanese face, first in the file, writes 直 and 骨 in another way.
        let fonts = load(None).unwrap();
        assert!(fonts.main.info().family.ends_with(" SC"), "{}", fonts.main.info().family);
        assert!("直骨䥽𠮷，１①".chars().all(|letter| fonts.has(letter)));
        assert!(!fonts.has('\u{10fffd}'));
    }
}
