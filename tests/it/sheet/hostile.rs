//! Files that are broken or meant to harm: each ends in a sentence for the user, within the stated
//! memory and time, and nothing of it reaches a book. The figures are printed, whether or not the test
//! runner captures output.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use opbook::sheet::child::Answer;
use opbook::sheet::limits;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::fixture;

/// How a file must end.
pub enum Expect {
    /// Refused with words that contain this.
    Refused(&'static str),
    /// Stopped by a limit of the process, or refused: either is the same to the user.
    Stopped,
    /// Read; it is only odd.
    Read,
}

/// An .xlsx whose parts are these, with whatever else it takes to be one.
fn workbook(sheet: &[u8], shared: Option<&[u8]>, more: &[(&str, &[u8])]) -> Vec<u8> {
    const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
    const ROOT: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="出口货物" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(1));
    let mut put = |name: &str, bytes: &[u8]| {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    };
    put("[Content_Types].xml", TYPES.as_bytes());
    put("_rels/.rels", ROOT.as_bytes());
    put("xl/workbook.xml", BOOK.as_bytes());
    put("xl/_rels/workbook.xml.rels", RELS.as_bytes());
    put("xl/worksheets/sheet1.xml", sheet);
    if let Some(shared) = shared {
        put("xl/sharedStrings.xml", shared);
    }
    for (name, bytes) in more {
        put(name, bytes);
    }
    zip.finish().unwrap().into_inner()
}

const OPEN: &str =
    r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;
const HEADINGS: &str = r#"<row r="1"><c r="A1" t="str"><v>商品编码</v></c><c r="B1" t="str"><v>商品名称</v></c></row>"#;
const CLOSE: &str = "</sheetData></worksheet>";

fn sheet(rows: impl AsRef<str>) -> Vec<u8> {
    format!("{OPEN}{HEADINGS}{}{CLOSE}", rows.as_ref()).into_bytes()
}

/// Writes other sizes into the headers of a zip than its parts have.
fn lie(mut bytes: Vec<u8>, real: u32, said: u32) -> Vec<u8> {
    let (real, said) = (real.to_le_bytes(), said.to_le_bytes());
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == real {
            bytes[at..at + 4].copy_from_slice(&said);
        }
    }
    bytes
}

pub fn files() -> Vec<(&'static str, Vec<u8>, Expect)> {
    let megabytes = |count: usize| vec![b' '; count << 20];
    let padded = |count| [OPEN.as_bytes(), &megabytes(count), CLOSE.as_bytes()].concat();
    let bomb = workbook(&padded(400), None, &[]);
    let real = padded(100).len() as u32;
    let lying = lie(workbook(&padded(100), None, &[]), real, 1000);
    let larger = lie(workbook(&padded(300), None, &[]), padded(300).len() as u32, 1000);
    let strings = format!(
        r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="1">{}</sst>"#,
        "<si><t>a</t></si>".repeat(6_500_000)
    );
    let counted = r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="4000000000"><si><t>a</t></si></sst>"#;
    let long = format!(r#"<row r="2"><c r="A2" t="inlineStr"><is><t>{}</t></is></c></row>"#, "货".repeat(35 << 20));
    let amplified = format!(
        r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{}</t></si></sst>"#,
        "x".repeat(8000)
    );
    let many = |count: usize, row: &dyn Fn(usize) -> String| (2..count + 2).map(row).collect::<String>();
    let referred = many(4000, &|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#));
    let empty_rows = many(1_048_570, &|row| format!(r#"<row r="{row}"/>"#));
    let filled = many(20_000, &|row| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#));
    let merges: String = (1..300_000).map(|row| format!(r#"<mergeCell ref="A{row}:B{row}"/>"#)).collect();
    let merged = format!("{OPEN}{HEADINGS}</sheetData><mergeCells>{merges}</mergeCells></worksheet>");
    let deep = format!("{OPEN}{}", "<a>".repeat(4_000_000));
    let entities = format!(
        r#"<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>{}"#,
        &String::from_utf8(sheet(r#"<row r="2"><c r="A2" t="str"><v>&b;&b;</v></c></row>"#)).unwrap()[21..]
    );
    let shared_formula =
        sheet(r#"<row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="4000000000">1</f><v>8542399000</v></c></row>"#);
    let parts: Vec<(String, Vec<u8>)> = (0..600).map(|part| (format!("xl/x{part}.xml"), Vec::new())).collect();
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let far = sheet(r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#);
    let last_row = sheet(r#"<row r="1048576"><c r="A1048576"><v>8542399000</v></c></row>"#);
    let mut noise = b"PK\x03\x04".to_vec();
    noise.extend((0..200_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8));

    vec![
        ("400 MB in 2 MB", bomb, Expect::Refused("展开后超过128MB")),
        ("100 MB that says 1 KB", lying, Expect::Stopped),
        ("300 MB that says 1 KB", larger, Expect::Stopped),
        ("6.5 million strings", workbook(&sheet(""), Some(strings.as_bytes()), &[]), Expect::Stopped),
        ("says 4 billion strings", workbook(&sheet(""), Some(counted.as_bytes()), &[]), Expect::Stopped),
        ("one cell of 105 MB", workbook(&sheet(long), None, &[]), Expect::Stopped),
        (
            "32 MB by one string",
            workbook(&sheet(referred), Some(amplified.as_bytes()), &[]),
            Expect::Refused("文字超过"),
        ),
        ("a million empty rows", workbook(&sheet(empty_rows), None, &[]), Expect::Read),
        ("20,000 rows", workbook(&sheet(filled), None, &[]), Expect::Refused("超过5000行")),
        ("a cell at XFD1048576", workbook(&far, None, &[]), Expect::Refused("XFD1048576")),
        ("a cell at A1048576", workbook(&last_row, None, &[]), Expect::Read),
        ("300,000 merges", workbook(merged.as_bytes(), None, &[]), Expect::Refused("合并单元格")),
        ("4 million elements deep", workbook(deep.as_bytes(), None, &[]), Expect::Stopped),
        ("entities in entities", workbook(entities.as_bytes(), None, &[]), Expect::Stopped),
        ("formula number 4 billion", workbook(&shared_formula, None, &[]), Expect::Read),
        ("600 parts", workbook(&sheet(""), None, &parts), Expect::Refused("部件")),
        ("noise after PK", noise, Expect::Refused("损坏")),
        ("10 MB of one byte", vec![b','; limits::FILE], Expect::Stopped),
        ("10 MB of line ends", vec![b'\n'; limits::FILE], Expect::Refused("空白行")),
        ("truncated.xlsx", fixture("truncated.xlsx"), Expect::Refused("损坏")),
        ("password.xlsx", fixture("password.xlsx"), Expect::Refused("密码")),
        ("binary.xlsb", fixture("binary.xlsb"), Expect::Refused(".xlsb")),
        ("page.xls", fixture("page.xls"), Expect::Refused("网页")),
        ("macros.xlsm", fixture("macros.xlsm"), Expect::Read),
        ("links.xlsx", fixture("links.xlsx"), Expect::Read),
        ("old.xls", fixture("old.xls"), Expect::Read),
    ]
}

/// How reading ended, and what it took.
struct Run {
    answer: Option<Answer>,
    status: ExitStatus,
    peak_kib: u64,
    time: Duration,
}

/// Reads a file as the server does, watching the process.
fn run(bytes: &[u8]) -> Run {
    let ours = fs::canonicalize(env!("CARGO_BIN_EXE_opbook")).unwrap();
    let start = Instant::now();
    let mut child = Command::new(&ours)
        .args(["read-sheet", "--", "出口货物"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let mut answer = Vec::new();
    let mut peak_kib = 0;
    // Linux wakes the parent of a `vfork` shortly before the child has memory of its own: until then the
    // figures are those of the tests.
    let mut of_its_own = false;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let _ = input.write_all(bytes);
        });
        let read = scope.spawn(move || {
            let mut taken = Vec::new();
            let _ = output.read_to_end(&mut taken);
            taken
        });
        while child.try_wait().unwrap().is_none() {
            of_its_own = of_its_own || fs::read_link(process.join("exe")).is_ok_and(|program| program == ours);
            if of_its_own {
                peak_kib = peak_kib.max(high_water(&process.join("status")));
            }
            if start.elapsed() > Duration::from_secs(60) {
                child.kill().unwrap();
                panic!("it does not end");
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        answer = read.join().unwrap();
    });
    let status = child.wait().unwrap();
    Run { answer: serde_json::from_slice(&answer).ok(), status, peak_kib, time: start.elapsed() }
}

/// The most memory a process held so far, in KiB.
pub fn high_water(status_file: &Path) -> u64 {
    let status = fs::read_to_string(status_file).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Says something past the capture of the test runner: these figures are to be seen.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[test]
fn hostile_files_end_in_a_sentence_within_memory_and_time() {
    let bound = limits::RESIDENT >> 10;
    say(&format!("memory of the reading process, bound {} MiB:", bound >> 10));
    for (name, bytes, expect) in files() {
        let Run { answer, status, peak_kib, time } = run(&bytes);
        let ended = match &answer {
            Some(Ok(_)) => "read".to_owned(),
            Some(Err(refusal)) => refusal.zh.chars().take(24).collect(),
            None => format!("stopped: {status}"),
        };
        let (mib, size) = (peak_kib >> 10, bytes.len() >> 10);
        say(&format!("  {mib:>4} MiB {:>6} ms  {name:<26} ({size} KiB)  {ended}", time.as_millis()));
        assert!(peak_kib < bound, "{name}: {mib} MiB");
        // The limit is one of processor time; others may be using the machine.
        assert!(time < Duration::from_secs(4 * limits::PROCESSOR), "{name}: {time:?}");
        match expect {
            Expect::Read => assert!(matches!(answer, Some(Ok(_))), "{name}: {ended}"),
            Expect::Refused(words) => assert!(ended_with(&answer, words), "{name}: {answer:?}"),
            Expect::Stopped => assert!(!matches!(answer, Some(Ok(_))), "{name}: {ended}"),
        }
        // A signal of a limit, or an answer: never an ordinary failure, which would be a fault of ours.
        assert!(answer.is_some() || status.code().is_none(), "{name}: {status}");
    }
}

fn ended_with(answer: &Option<Answer>, words: &str) -> bool {
    matches!(answer, Some(Err(refusal)) if refusal.zh.contains(words))
}

/// Files nobody made: good ones with bytes changed, cut, doubled, swapped; and parts of an .xlsx changed
/// before they are packed, so that the damage reaches the reader of the sheet.
fn mutated(corpus: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let places = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let cut = prop_oneof![9 => Just(None), 1 => any::<prop::sample::Index>().prop_map(Some)];
    let splice = prop_oneof![3 => Just(None), 1 => any::<(prop::sample::Index, prop::sample::Index, prop::sample::Index)>().prop_map(Some)];
    let inside = prop::bool::weighted(0.8);
    (prop::sample::select(corpus), places, cut, splice, inside).prop_map(|(bytes, places, cut, splice, inside)| {
        let change = |mut bytes: Vec<u8>| {
            for (at, byte) in &places {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = *byte;
                }
            }
            if let Some((from, to, at)) = &splice
                && bytes.len() > 2
            {
                let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
                let piece = bytes[from.min(to)..from.max(to)].to_vec();
                let at = at.index(bytes.len());
                bytes.splice(at..at, piece);
            }
            if let Some(cut) = &cut {
                bytes.truncate(cut.index(bytes.len() + 1));
            }
            bytes
        };
        if inside { repacked(&bytes, change) } else { change(bytes) }
    })
}

/// An .xlsx whose sheet and strings were changed; other files are changed as they are.
fn repacked(bytes: &[u8], change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let Ok(mut old) = zip::ZipArchive::new(Cursor::new(bytes)) else { return change(bytes.to_vec()) };
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let mut part = old.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        if name.contains("sheet1") || name.contains("sharedStrings") || name.contains("styles") {
            content = change(content);
        }
        new.start_file(name, SimpleFileOptions::default()).unwrap();
        new.write_all(&content).unwrap();
    }
    new.finish().unwrap().into_inner()
}

/// Runs for `OPBOOK_TEST_FUZZ_SECONDS` (20 unless told).
#[test]
fn mutated_files_never_break_out() {
    let seconds = std::env::var("OPBOOK_TEST_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let corpus: Vec<Vec<u8>> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/sheets"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|kind| kind != "py"))
        .map(|path| fs::read(path).unwrap())
        .collect();
    assert!(corpus.len() > 20);
    let files = corpus.len();
    let strategy = mutated(corpus);
    let mut runner = TestRunner::default();
    let (mut read, mut refused, mut stopped, mut peak) = (0u32, 0u32, 0u32, 0u64);
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < deadline {
        let bytes = strategy.new_tree(&mut runner).unwrap().current();
        let Run { answer, status, peak_kib, time } = run(&bytes);
        peak = peak.max(peak_kib);
        let keep = || {
            let path = format!("{}/broken-{}.bin", env!("CARGO_TARGET_TMPDIR"), uuid::Uuid::now_v7());
            std::fs::write(&path, &bytes).unwrap();
            path
        };
        match answer {
            Some(Ok(_)) => read += 1,
            Some(Err(_)) => refused += 1,
            None => {
                stopped += 1;
                assert!(status.code().is_none(), "{status}: {}", keep());
            }
        }
        assert!(peak_kib < limits::RESIDENT >> 10, "{} MiB: {}", peak_kib >> 10, keep());
        assert!(time < Duration::from_secs(4 * limits::PROCESSOR), "{time:?}: {}", keep());
    }
    say(&format!(
        "fuzz: {} files made of {files} in {seconds} s: {read} read, {refused} refused, {stopped} stopped by a limit; peak {} MiB",
        read + refused + stopped,
        peak >> 10
    ));
    assert!(read > 0 && refused > 0, "the mutations reach only one side");
}
