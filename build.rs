//! Tells the server where the web files are, and cargo what else the binary is made of; writes the pinyin initials of
//! the names in the sources. `OPBOOK_SITE` names the folder; else the one scripts/build-web fills.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use pinyin::ToPinyin as _;

/// Longer texts are sentences: nobody looks for them by initials.
const LONGEST_NAME: usize = 16;
/// Characters whose most frequent reading is not the one they have in our names.
const READINGS: [(char, char); 2] = [('行', 'h'), ('重', 'c')];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src");
    if let Err(error) = write_initials() {
        println!("cargo::error=pinyin initials of the names in src: {error}");
    }
    // What the splitter of scripts/build-web reads; of our own program only, so that nothing else is compiled anew.
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
    }
    if env::var_os("CARGO_FEATURE_SSR").is_none() {
        return;
    }
    // sqlx::migrate! reads a folder, which the compiler does not watch.
    println!("cargo::rerun-if-changed=migrations");

    for name in ["OPBOOK_SITE", "LEPTOS_SITE_ROOT"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let site = env::var_os("OPBOOK_SITE").or_else(|| env::var_os("LEPTOS_SITE_ROOT")).map_or_else(
        || target_folder().join(if release { "site" } else { "site-dev" }),
        |folder| PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join(folder),
    );
    println!("cargo::rustc-env=OPBOOK_SITE={}", site.display());
    // A release embeds the files, so it is made anew when they change; a debug build reads them from disk.
    if release {
        println!("cargo::rerun-if-changed={}", site.display());
    }
}

/// TARGET of TARGET/PROFILE/build/opbook-HASH/out, where cargo runs this.
fn target_folder() -> PathBuf {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    out.ancestors().nth(4).map(PathBuf::from).unwrap_or_default()
}

/// Writes OUT_DIR/initials.rs: the characters of the names in the sources by their pinyin initial. A table of all
/// characters would outweigh the program that a browser loads.
fn write_initials() -> io::Result<()> {
    let mut letters = BTreeSet::new();
    let root = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    collect(&root.join("src"), &mut letters)?;
    let mut groups: BTreeMap<char, String> = BTreeMap::new();
    for letter in letters {
        let known = READINGS.iter().find(|(one, _)| *one == letter).map(|(_, initial)| *initial);
        let initial = known.or_else(|| letter.to_pinyin()?.plain().chars().next());
        if let Some(initial) = initial {
            groups.entry(initial).or_default().push(letter);
        }
    }
    let table = format!("&{:?}", groups.into_iter().collect::<Vec<_>>());
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("initials.rs"), table)
}

/// Adds the characters of all names, `text("…", …)`, in the sources of a folder.
fn collect(folder: &Path, letters: &mut BTreeSet<char>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, letters)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path)?;
            let names = source.split("text(\"").skip(1).filter_map(|rest| rest.split('"').next());
            let names = names.filter(|name| name.chars().count() <= LONGEST_NAME);
            letters.extend(names.flat_map(str::chars).filter(|letter| letter.is_alphabetic() && !letter.is_ascii()));
        }
    }
    Ok(())
}
