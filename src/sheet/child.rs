//! `opbook read-sheet`: the process that reads one uploaded file from its standard input and prints
//! its cells as JSON. It takes its own limits before it reads a single byte, knows no setting, opens no
//! file and no connection; what breaks it breaks nothing else.

use std::io::{BufWriter, Read, Write};
use std::panic::catch_unwind;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::cell::Workbook;
use super::limits;
use super::open::{Refusal, open};
use crate::text::Message;

/// What the process prints.
pub type Answer = Result<Workbook, Refusal>;

/// Reads a file from standard input and prints the [`Answer`]; `wanted` as in [`open`].
///
/// # Errors
/// When limits cannot be taken or a pipe is broken; what is wrong with the file is an answer.
pub fn run(wanted: &[String]) -> std::io::Result<()> {
    // Its words would reach nobody; the answer says it.
    std::panic::set_hook(Box::new(|_| {}));
    confine(Most { memory: limits::MEMORY, addresses: limits::ADDRESSES, seconds: limits::PROCESSOR })?;
    read(wanted)
}

/// What a process that reads a file may take.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    pub memory: u64,
    pub addresses: u64,
    /// Of processor time.
    pub seconds: u64,
}

/// Limits this very process, for good.
///
/// # Errors
/// When the system refuses.
pub fn confine(limits: Most) -> Result<(), rustix::io::Errno> {
    for (resource, most) in [
        (Resource::Data, limits.memory),
        (Resource::As, limits.addresses),
        (Resource::Cpu, limits.seconds),
        (Resource::Core, 0),
        // Nothing to write, and a few to read: what the process was started with.
        (Resource::Fsize, 0),
        (Resource::Nofile, 16),
    ] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

fn read(wanted: &[String]) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(limits::FILE as u64 + 1).read_to_end(&mut bytes)?;
    let mut answer: Answer = catch_unwind(|| open(&bytes, wanted)).unwrap_or_else(|_| {
        Err(Message::new(
            "文件已损坏，无法读取。请在Excel中打开并另存为.xlsx后再导入。",
            "The file is damaged. Open it in Excel, save it as .xlsx and import that.",
        ))
    });
    drop(bytes);
    if let Ok(workbook) = &mut answer {
        workbook.peak_kib = peak_kib();
    }
    let mut output = BufWriter::with_capacity(64 << 10, std::io::stdout().lock());
    serde_json::to_writer(&mut output, &answer)?;
    output.flush()
}

/// The most memory this process held, as Linux counts it.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
