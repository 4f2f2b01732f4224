//! Who may import whom: the table in ARCHITECTURE.md, held against every `use` and every `crate::` path of the sources.
//! A line of the table names its files and the lines above it that they may use, so that a circle cannot even be written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A line of the table.
struct Layer {
    name: String,
    /// Files (`server/db.rs`) and folders (`form/`), below `src`.
    paths: Vec<String>,
    may_use: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The lines between ```` ```arrows ```` and the end of the block: `name = paths → names`.
fn table() -> Vec<Layer> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let block = text.split("```arrows\n").nth(1).expect("the table of imports").split("```").next().unwrap();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let line = |line: &str| {
        let (name, rest) = line.split_once('=').unwrap_or_else(|| panic!("no = in {line:?}"));
        let (paths, may_use) = rest.split_once('→').unwrap_or((rest, ""));
        Layer { name: name.trim().to_owned(), paths: words(paths), may_use: words(may_use) }
    };
    // A line that begins with a blank goes on where the one before ended.
    block.replace("\n ", " ").lines().filter(|one| !one.trim().is_empty()).map(line).collect()
}

/// All source files by their path below `src`.
pub fn sources() -> BTreeMap<String, String> {
    fn collect(folder: &Path, base: &Path, all: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, base, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
                all.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = BTreeMap::new();
    collect(&root().join("src"), &root().join("src"), &mut all);
    all
}

/// The source without comments and without its unit tests.
pub fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// `a::{b, c::{d, e}}` → `a::b`, `a::c::d`, `a::c::e`.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((front, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut parts, mut depth, mut part) = (Vec::new(), 0, String::new());
    for letter in inner.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if letter == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(letter);
        }
    }
    parts.push(part);
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| leaves(part)).map(|leaf| format!("{}{leaf}", front.trim())).collect()
}

/// The modules of a file: `server/db.rs` → `server`, `db`.
fn modules(file: &str) -> Vec<&str> {
    file.trim_end_matches(".rs").split('/').collect()
}

/// The files that a file names, by the longest part of each path that is a file.
fn imports(file: &str, source: &str, files: &BTreeSet<&str>) -> BTreeSet<String> {
    let code = code(source);
    let own = modules(file);
    let mut paths: Vec<Vec<String>> = Vec::new();
    for rest in code.split("use ").skip(1) {
        for leaf in leaves(rest.split(';').next().unwrap_or_default()) {
            let parts: Vec<&str> = leaf.split("::").collect();
            let ups = parts.iter().take_while(|part| **part == "super").count();
            let front: Vec<&str> = match parts[0] {
                "crate" => Vec::new(),
                "self" => own.clone(),
                "super" => own[..own.len().saturating_sub(ups)].to_vec(),
                _ => continue,
            };
            let rest = &parts[if ups > 0 { ups } else { 1 }..];
            paths.push(front.into_iter().chain(rest.iter().copied()).map(str::to_owned).collect());
        }
    }
    for rest in code.split("crate::").skip(1) {
        let end = rest.find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | ':')));
        paths.push(rest[..end.unwrap_or(rest.len())].split("::").map(str::to_owned).collect());
    }
    let file_of = |path: &Vec<String>| {
        (1..=path.len())
            .rev()
            .map(|count| format!("{}.rs", path[..count].join("/")))
            .find(|name| files.contains(&**name))
    };
    // A file that names its own parts is their table of contents.
    let part = format!("{}/", file.trim_end_matches(".rs"));
    paths.iter().filter_map(file_of).filter(|other| other != file && !other.starts_with(&part)).collect()
}

fn layer_of<'a>(table: &'a [Layer], file: &str) -> Option<&'a Layer> {
    let fits = |path: &&String| if path.ends_with('/') { file.starts_with(&**path) } else { file == **path };
    let best = |layer: &Layer| layer.paths.iter().filter(fits).map(String::len).max();
    table
        .iter()
        .filter_map(|layer| Some((best(layer)?, layer)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, layer)| layer)
}

#[test]
fn imports_go_only_where_the_table_says() {
    // Without this the middle of the program grows together until nothing in it can be changed alone.
    let (table, sources) = (table(), sources());
    for (at, layer) in table.iter().enumerate() {
        for name in &layer.may_use {
            assert!(
                table[..at].iter().any(|above| above.name == *name),
                "{} uses {name}, which is not above",
                layer.name
            );
        }
    }
    let files: BTreeSet<&str> = sources.keys().map(String::as_str).collect();
    let mut wrong = Vec::new();
    for (file, source) in &sources {
        let Some(layer) = layer_of(&table, file) else {
            wrong.push(format!("{file} belongs to no line of the table"));
            continue;
        };
        for other in imports(file, source, &files) {
            let Some(target) = layer_of(&table, &other) else { continue };
            if target.name != layer.name && !layer.may_use.contains(&target.name) {
                wrong.push(format!("{} ({file}) → {} ({other})", layer.name, target.name));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows the table does not have:\n{}", wrong.join("\n"));
}

#[test]
fn no_file_leads_back_to_itself() {
    // Two files that need each other are one file, or lack a third.
    let sources = sources();
    let files: BTreeSet<&str> = sources.keys().map(String::as_str).collect();
    let mut open: BTreeMap<&str, BTreeSet<String>> =
        sources.iter().map(|(file, source)| (file.as_str(), imports(file, source, &files))).collect();
    // Files that lead nowhere (any more) are in no circle.
    loop {
        let done: Vec<&str> = open.iter().filter(|(_, to)| to.is_empty()).map(|(file, _)| *file).collect();
        if done.is_empty() {
            break;
        }
        for file in &done {
            open.remove(file);
        }
        for to in open.values_mut() {
            to.retain(|other| !done.contains(&other.as_str()));
        }
    }
    // Nor are those to which nothing in a circle leads.
    loop {
        let reached: BTreeSet<String> = open.values().flatten().cloned().collect();
        let before = open.len();
        open.retain(|file, _| reached.contains(*file));
        if open.len() == before {
            break;
        }
    }
    assert!(open.is_empty(), "circles: {open:#?}");
}

#[test]
fn a_tree_of_imports_is_taken_apart() {
    assert_eq!(
        leaves("crate::form::{Field, written::{self, Lookup as L}}"),
        ["crate::form::Field", "crate::form::written::self", "crate::form::written::Lookup",]
    );
    let files = BTreeSet::from(["a.rs", "a/b.rs", "a/c.rs", "d.rs"]);
    let found = imports("a/b.rs", "//! crate::d\nuse super::c::{X, Y};\nfn f() { crate::d::g() }", &files);
    assert_eq!(found, BTreeSet::from(["a/c.rs".to_owned(), "d.rs".to_owned()]));
}
