//! The server's side of reading an upload: starts the child process, feeds it, takes its answer, and
//! turns every way in which it can end into a sentence for the user.

use std::path::Path;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

use super::cell::Workbook;
use super::child::Answer;
use super::limits;
use crate::server::failure::Failure;
use crate::text::Message;

/// Name of the command that [`super::child`] is behind.
pub const COMMAND: &str = "read-sheet";

static AT_ONCE: Semaphore = Semaphore::const_new(limits::AT_ONCE);

/// Reads a file in a process of its own. `program` is this program; `wanted` names the sheets to read.
///
/// # Errors
/// `Refused` with what is wrong with the file; `Throttled` when too many files wait already.
pub async fn read(program: &Path, bytes: &[u8], wanted: &[&str]) -> Result<Workbook, Failure> {
    let turn = tokio::time::timeout(limits::PATIENCE, AT_ONCE.acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        return Err(Failure::Throttled {
            message: Message::new(
                "现在导入的人较多，请稍后再试。",
                "Many files are being imported right now; try again shortly.",
            ),
        });
    };
    let child = process(program, COMMAND)
        .arg("--")
        .args(wanted)
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Failure::Internal(format!("cannot start {}: {error}", program.display())))?;
    match tokio::time::timeout(limits::PATIENCE, converse(child, bytes)).await {
        Ok(answer) => answer,
        Err(_) => Err(Failure::refused(too_slow())),
    }
}

/// A process of this program that reads a file somebody brought along from its standard input, and answers on its output.
pub fn process(program: &Path, command: &str) -> Command {
    let mut process = Command::new(program);
    process
        .arg(command)
        // Nothing of the server's settings is its business.
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // When the user stops it, the request is dropped, and the process with it.
        .kill_on_drop(true);
    process
}

async fn converse(mut child: Child, bytes: &[u8]) -> Result<Workbook, Failure> {
    let broken = |what: &str| Failure::Internal(format!("no {what} of the reading process"));
    let mut input = child.stdin.take().ok_or_else(|| broken("input"))?;
    let output = child.stdout.take().ok_or_else(|| broken("output"))?;
    let errors = child.stderr.take().ok_or_else(|| broken("errors"))?;
    let feed = async {
        // It may have ended before it took everything; how it ended says more.
        let _ = input.write_all(bytes).await;
        drop(input);
    };
    let ((), answer, complaint) = tokio::join!(feed, at_most(output, limits::ANSWER), at_most(errors, 4096));
    if answer.len() >= limits::ANSWER {
        // Cut off there, the process fails in writing on; that is no fault of ours.
        return Err(Failure::refused(too_much()));
    }
    let status = child.wait().await.map_err(|error| Failure::Internal(format!("reading process: {error}")))?;
    if !status.success() {
        let complaint = String::from_utf8_lossy(&complaint).into_owned();
        return Err(ended(status, &complaint));
    }
    let decode = move || serde_json::from_slice::<Answer>(&answer);
    // Megabytes: not on a thread that answers requests.
    let answer = tokio::task::spawn_blocking(decode).await;
    let answer = answer.map_err(|error| Failure::Internal(format!("reading process: {error}")))?;
    answer.map_err(|error| Failure::Internal(format!("reading process: {error}")))?.map_err(Failure::refused)
}

/// What a pipe delivers, up to a limit; the rest makes the writer fail.
async fn at_most(pipe: impl AsyncRead + Unpin, most: usize) -> Vec<u8> {
    let mut taken = Vec::new();
    let _ = pipe.take(most as u64).read_to_end(&mut taken).await;
    taken
}

/// The process did not answer: a limit stopped it, or the file broke it.
fn ended(status: ExitStatus, complaint: &str) -> Failure {
    tracing::warn!(%status, complaint = complaint.lines().next().unwrap_or(""), "a file broke the reading process");
    if status.code().is_some() {
        return Failure::Internal(format!("reading process: {status}: {complaint}"));
    }
    // SIGXCPU, and SIGKILL by which the same limit is enforced.
    if matches!(signal(status), Some(24 | 9)) {
        return Failure::refused(too_slow());
    }
    let megabytes = limits::RESIDENT >> 20;
    Failure::refused(Message::new(
        format!("读取文件需要的内存超过{megabytes}MB，未导入。请只保留要导入的工作表，删除多余的空白行列后重试。"),
        format!(
            "Reading the file takes more than {megabytes} MB. Keep only the sheets to import, without blank rows and columns."
        ),
    ))
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

fn too_much() -> Message {
    Message::new(
        "文件中的内容过多，未导入。请只保留要导入的工作表和列，删除不可见字符，或分成几个文件后重试。",
        "There is too much in the file. Keep only the sheets and columns to import, remove invisible characters, or split it.",
    )
}

fn too_slow() -> Message {
    Message::new(
        "读取文件用时过长，未导入。请删除多余的工作表和空白行列，或分成几个文件后重试。",
        "Reading the file takes too long. Remove sheets and blank rows not needed, or split it.",
    )
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn an_answer_without_end_is_told_as_too_much() {
        // As a fault of ours the user would send the same file again and again.
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("endless");
        std::fs::write(&program, "#!/bin/sh\nexec /bin/cat /dev/zero\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        match read(&program, b"x", &[]).await {
            Err(Failure::Refused { message, .. }) => assert!(message.zh.contains("内容过多"), "{message:?}"),
            other => panic!("{other:?}"),
        }
    }
}
