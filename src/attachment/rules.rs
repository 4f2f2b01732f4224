//! Rules of attachments: pure, the same in the browser (at once) and on the server (before anything
//! is stored). The papers a filing needs are those of announcement 69/2016 item 6.

use super::content::{FileKind, human_size, looks_like};
use super::model::{
    Attachment, AttachmentRow, CONTRACT, ChosenFile, KINDS, NO_FILE, PICTURE, PROCESS, Policy, SECTION, WAITING,
};
use crate::form::{Finding, Severity, check_record, pointer};
use crate::reference::Codes;
use crate::text::{Message, Text, text};

/// At most so many attachments per document.
pub const MAX_ROWS: usize = 200;

/// Papers that can be demanded for 申报: name in the settings, code of 随附单证类型.
pub const PAPERS: [(&str, &str); 3] = [("contract", CONTRACT), ("process", PROCESS), ("picture", PICTURE)];

/// Name of a 随附单证类型.
pub fn kind_label(code: &str) -> Text {
    KINDS.iter().find(|(known, _)| *known == code).map_or(text("随附单证", "attachment"), |(_, label)| *label)
}

/// The kind a file's name speaks of, to be offered: `加工合同2026.pdf`.
pub fn kind_of_name(name: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 9] = [
        ("合同", CONTRACT),
        ("协议", CONTRACT),
        ("contract", CONTRACT),
        ("工艺", PROCESS),
        ("流程", PROCESS),
        ("图片", PICTURE),
        ("照片", PICTURE),
        (".jpg", PICTURE),
        (".png", PICTURE),
    ];
    let name = name.to_lowercase();
    WORDS.into_iter().find(|(word, _)| name.contains(word)).map(|(_, kind)| kind)
}

/// Checks what a person typed of one attachment.
pub fn check_attachment(seq: Option<i64>, row: &Attachment) -> Vec<Finding> {
    let at = |key: &str| pointer(SECTION, seq, key);
    let mut findings = check_record(SECTION, seq, row, &Codes::default(), false);
    if !row.goods_seq.is_empty() && !row.goods_seq.parse::<i64>().is_ok_and(|item| item > 0) {
        findings.push(Finding::new(
            "attachment.goods_seq",
            at("goods_seq"),
            Severity::Save,
            "表体商品序号应为正整数，如 3；与具体商品无关时请留空",
            "The goods item is a whole number such as 3; leave it empty when the paper is about no single item",
        ));
    }
    if !row.sample.is_empty() && row.att_type != PICTURE {
        findings.push(Finding::new(
            "attachment.sample",
            at("sample"),
            Severity::Save,
            "只有“货物图片或样品”可以选择提供样品，请清空该项或更改随附单证类型",
            "Only the kind “pictures or a sample” can be handed over as a sample",
        ));
    }
    findings
}

/// Why a chosen file cannot be attached, if so. `start` are its first bytes.
pub fn check_file(file: &ChosenFile, start: &[u8], policy: &Policy) -> Option<Message> {
    let name = &file.name;
    if file.size <= 0 {
        return Some(Message::new(
            format!("文件“{name}”是空的，请重新选择。"),
            format!("The file “{name}” is empty; choose another."),
        ));
    }
    if file.size > policy.max_bytes {
        let (is, most) = (human_size(file.size), human_size(policy.max_bytes));
        return Some(Message::new(
            format!("文件“{name}”为{is}，超过单个附件{most}的上限，请压缩或拆分后重新选择。"),
            format!("The file “{name}” has {is}; an attachment can have {most}. Compress or split it."),
        ));
    }
    check_content(name, start, policy).err()
}

/// The kind of a file by its first bytes.
///
/// # Errors
/// What the file looks like instead, and what to do.
pub fn check_content(name: &str, start: &[u8], policy: &Policy) -> Result<FileKind, Message> {
    let kind = FileKind::of(start);
    if let Some(kind) = kind.filter(|kind| policy.types.contains(kind)) {
        return Ok(kind);
    }
    let types = policy.types.iter().map(|kind| kind.name().to_uppercase()).collect::<Vec<_>>();
    let looks = kind.map_or_else(
        || Message::from(looks_like(start)),
        |kind| {
            let name = kind.name().to_uppercase();
            Message::new(format!("{name}文件"), format!("a {name}"))
        },
    );
    Err(Message::new(
        format!(
            "文件“{name}”的内容是{}，只能上传{}文件（以内容为准，与文件名无关）。请另存为PDF后重新选择。",
            looks.zh,
            types.join("、")
        ),
        format!(
            "The content of “{name}” is {}; only {} can be attached, whatever the name. Save it as PDF and choose again.",
            looks.en,
            types.join(", ")
        ),
    ))
}

/// Everything about the attachments that keeps a document from being declared.
pub fn check_attachments(rows: &[AttachmentRow], required: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in rows {
        findings.extend(check_attachment(Some(row.seq), &row.content));
        if row.content.status == WAITING {
            findings.push(Finding::new(
                "attachment.waiting",
                pointer(SECTION, Some(row.seq), "file_name"),
                Severity::Declare,
                format!("文件“{}”尚未上传，请点击“上传”，不需要时请删除该项", row.content.file_name),
                format!("The file “{}” is not uploaded yet; upload it, or delete the item", row.content.file_name),
            ));
        }
    }
    let there = |code: &str| {
        rows.iter()
            .any(|row| row.content.att_type == code && (row.content.is_uploaded() || row.content.status == NO_FILE))
    };
    for code in required.iter().filter(|code| !there(code)) {
        // A finding about a waiting file says the same already.
        if rows.iter().any(|row| row.content.att_type == **code && row.content.status == WAITING) {
            continue;
        }
        let label = kind_label(code);
        findings.push(Finding::new(
            &format!("attachment.required.{code}"),
            pointer(SECTION, None, "att_type"),
            Severity::Declare,
            format!("缺少随附单据“{}”，请选择文件、暂存并上传", label.zh),
            format!("The paper “{}” is missing; choose its file, save and upload it", label.en),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn row(seq: i64, att_type: &str, status: &str) -> AttachmentRow {
        let content = Attachment {
            att_type: att_type.into(),
            status: status.into(),
            file_name: format!("{seq}.pdf"),
            ..Attachment::default()
        };
        AttachmentRow { id: Uuid::nil(), seq, version: 1, received: 0, content }
    }

    fn rules(rows: &[AttachmentRow], required: &[&str]) -> Vec<String> {
        let required: Vec<String> = required.iter().map(|code| (*code).to_owned()).collect();
        check_attachments(rows, &required).into_iter().map(|found| found.rule).collect()
    }

    #[test]
    fn nothing_is_declared_without_its_papers() {
        // Customs would return the filing days later.
        let needed = ["01", "02", "03"];
        assert_eq!(rules(&[], &needed), ["attachment.required.01", "attachment.required.02", "attachment.required.03"]);
        let papers = [row(1, "01", "9"), row(2, "02", "9"), row(3, "03", "9")];
        assert_eq!(rules(&papers, &needed), [""; 0]);
        // A file that is only chosen is not there yet; one finding about it is enough.
        assert_eq!(rules(&[papers[0].clone(), papers[1].clone(), row(3, "03", "8")], &needed), ["attachment.waiting"]);
        assert_eq!(rules(&[row(1, "99", "8")], &[]), ["attachment.waiting"]);
        // A sample stands for pictures, and for nothing else.
        let mut sample = row(3, "03", "0");
        sample.content.sample = "1".into();
        assert_eq!(rules(&[papers[0].clone(), papers[1].clone(), sample.clone()], &needed), [""; 0]);
        sample.content.att_type = "01".into();
        assert!(rules(&[sample], &[]).contains(&"attachment.sample".to_owned()));
    }

    #[test]
    fn a_file_that_cannot_be_attached_is_named_with_the_way_out() {
        let policy = Policy { max_bytes: 1000, types: vec![FileKind::Pdf], ..Policy::default() };
        let file = |size| ChosenFile { name: "合同.pdf".into(), size, hash: String::new() };
        assert_eq!(check_file(&file(1000), b"%PDF-1.7", &policy), None);
        for (size, start, part) in [
            (0, b"".as_slice(), "空的"),
            (1001, b"%PDF-1.7", "上限"),
            (10, b"PK\x03\x04", "Office文档"),
            // Known, but not taken by this server.
            (10, b"\x89PNG\r\n\x1a\n", "PNG文件"),
        ] {
            let message = check_file(&file(size), start, &policy).unwrap();
            assert!(message.zh.contains(part) && message.zh.contains("合同.pdf"), "{message:?}");
        }
    }

    #[test]
    fn the_kind_is_offered_by_the_name() {
        for (name, want) in [
            ("2026年加工合同.pdf", Some("01")),
            ("Contract 7.PDF", Some("01")),
            ("生产工艺流程.pdf", Some("02")),
            ("IMG_1.JPG", Some("03")),
            ("扫描件.pdf", None),
        ] {
            assert_eq!(kind_of_name(name), want, "{name}");
        }
    }

    #[test]
    fn an_item_number_that_is_none_is_refused() {
        let found = |text: &str| {
            let row = Attachment { att_type: "99".into(), goods_seq: text.into(), ..Attachment::default() };
            check_attachment(Some(1), &row).into_iter().map(|found| found.pointer).collect::<Vec<_>>()
        };
        assert_eq!(found("3"), [""; 0]);
        for text in ["0", "-1", "x", "1.5"] {
            assert_eq!(found(text), ["attachments[1].goods_seq"], "{text}");
        }
    }
}
