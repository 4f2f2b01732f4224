//! The file in which what this browser has is carried to another one: a line that says whose it is, then all of it, sealed under
//! the user's key. Who is not that user reads nothing but the line. Shape and its reading; `held` says what goes in.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::content::Content;
use super::super::{journal, me_now};
use crate::text::{Message, Text, text};
use crate::ui::clock::day_and_time;

/// Ending of the file's name.
pub const ENDING: &str = "opbook";
/// In the first line: what the file is.
const FORM: &str = "opbook-unsynced";
/// One higher with every other shape of what is sealed.
const VERSION: u32 = 1;

const FOREIGN: Text =
    text("这不是本系统“未同步”页面导出的文件。", "This is not a file that the page “Not at the server” exported.");
const NEWER: Text = text(
    "该文件由更新版本的系统导出，请刷新页面升级后再导入。",
    "A newer release exported this file. Reload the page to get it, then bring the file in.",
);
const DAMAGED: Text = text(
    "文件已损坏，无法打开，没有导入任何内容。请重新导出。",
    "The file is damaged; nothing of it was brought in. Export it again.",
);
const UNSEALED: Text = text(
    "本页不能加密（不是https，或浏览器不允许），不能导出或导入文件；未保存的内容存在服务器上，在其他电脑登录即可继续。",
    "This page cannot encrypt (no https, or the browser forbids it), so there are no files. What is not saved is at the server: sign in on another computer to go on.",
);

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Heading {
    form: String,
    version: u32,
    login: String,
    enterprise: String,
    at: String,
}

/// A document in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// Key of the kind of document.
    pub kind: String,
    pub document: Uuid,
    pub title: String,
    pub content: Content,
}

/// What the sealed part is bound to.
fn name_of(login: &str, enterprise: &str) -> String {
    format!("file.{login}.{enterprise}")
}

/// A file of some documents; or why there is none.
///
/// # Errors
/// When this page may not encrypt.
pub async fn pack(all: &[Packed]) -> Result<Vec<u8>, Message> {
    let me = me_now().ok_or(UNSEALED)?;
    let heading = Heading {
        form: FORM.to_owned(),
        version: VERSION,
        login: me.login.clone(),
        enterprise: me.enterprise.code.clone(),
        at: day_and_time(),
    };
    let text = serde_json::to_string(all).unwrap_or_default();
    let sealed = journal::seal(&name_of(&me.login, &me.enterprise.code), &text).await.ok_or(UNSEALED)?;
    let heading = serde_json::to_string(&heading).unwrap_or_default();
    Ok([heading.as_bytes(), b"\n", &sealed].concat())
}

/// The heading of a file and what is sealed in it.
fn parted(file: &[u8]) -> Result<(Heading, &[u8]), Message> {
    let end = file.iter().position(|byte| *byte == b'\n').ok_or(FOREIGN)?;
    let (heading, sealed) = (&file[..end], &file[end + 1..]);
    let heading: Heading = serde_json::from_slice(heading).map_err(|_| FOREIGN)?;
    if heading.form != FORM {
        return Err(FOREIGN.into());
    }
    if heading.version > VERSION {
        return Err(NEWER.into());
    }
    Ok((heading, sealed))
}

/// What is in a file; or why it cannot be read here.
///
/// # Errors
/// When it is no such file, another user's, a newer release's or damaged, and where this page may not decrypt.
pub async fn unpack(file: &[u8]) -> Result<Vec<Packed>, Message> {
    let (heading, sealed) = parted(file)?;
    let me = me_now().ok_or(UNSEALED)?;
    if (&heading.login, &heading.enterprise) != (&me.login, &me.enterprise.code) {
        let Heading { login, enterprise, .. } = heading;
        return Err(Message::new(
            format!("该文件属于用户{login}（企业{enterprise}），只有该用户登录后才能导入。"),
            format!("This file is of the user {login} (enterprise {enterprise}); only that user can bring it in."),
        ));
    }
    if journal::seal("", "").await.is_none() {
        return Err(UNSEALED.into());
    }
    let name = name_of(&heading.login, &heading.enterprise);
    let text = journal::unseal(&name, sealed).await.ok_or(DAMAGED)?;
    serde_json::from_str(&text).map_err(|_| DAMAGED.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_of_this_kind_is_told_from_a_newer_one() {
        let file = |version: u32| {
            let heading = Heading {
                form: FORM.into(),
                version,
                login: "zhang".into(),
                enterprise: "3101".into(),
                at: "2026-11-30 10:42".into(),
            };
            [serde_json::to_vec(&heading).unwrap(), b"\n\x00\n\xff".to_vec()].concat()
        };
        let (heading, sealed) = (file(VERSION), b"\x00\n\xff".as_slice());
        let (read, rest) = parted(&heading).unwrap();
        assert_eq!((read.login.as_str(), rest), ("zhang", sealed), "what is sealed may hold any byte");
        assert_eq!(parted(&file(VERSION + 1)), Err(NEWER.into()));
        for foreign in [b"".as_slice(), b"PK\x03\x04 a workbook", b"{}\n", b"{\"form\":\"x\"}\nabc", b"\n"] {
            assert_eq!(parted(foreign), Err(FOREIGN.into()));
        }
    }
}
