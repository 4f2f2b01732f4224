//! Rules of attachments: pure, the same in the browser (at once) and on the server (before anything
//! is stored). The papers a filing needs are those of announcement 69/2016 item 6.

use super::content::{FileKind, human_size, looks_like};
use super::model::{
    Attachment, AttachmentRow, CONTRACT, KINDS, NO_FILE, PICTURE, PROCESS, Policy, SECTION, Taken, WAITING,
};
use crate::form::{Finding, Severity, check_record, pointer};
use crate::reference::Codes;
use crate::text::{Message, Text, text};

/// At most so many attachments per document.
pub const MAX_ROWS: usize = 200;

/// Names of papers in the settings, with their code of 随附单证类型.
pub const PAPERS: [(&str, &str); 7] = [
    ("contract", CONTRACT),
    ("process", PROCESS),
    ("picture", PICTURE),
    ("change", "04"),
    ("writeoff", "05"),
    ("unreturned", "06"),
    ("other", "99"),
];

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

/// Checks what a person typed of one attachment; its `file_type` is what its file is, as far as known.
pub fn check_attachment(seq: Option<i64>, row: &Attachment, policy: &Policy) -> Vec<Finding> {
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
    let is = |one: &Taken| one.kind.name() == row.file_type;
    if policy.types.iter().any(is) && !policy.taken(&row.att_type).iter().any(is) {
        let (paper, types) = (kind_label(&row.att_type), names(&policy.taken(&row.att_type)));
        findings.push(Finding::new(
            "attachment.kind",
            at("att_type"),
            Severity::Save,
            format!("“{}”须为{}文件，请更改随附单证类型，或删除该项后重新选择文件", paper.zh, types.join("、")),
            format!(
                "“{}” has to be {}: change the kind, or delete the item and choose another file",
                paper.en,
                types.join(", ")
            ),
        ));
    }
    findings
}

/// Papers about an item that neither list of goods has; `known` tells whether one does.
pub fn check_items(rows: &[AttachmentRow], known: impl Fn(i64) -> bool) -> Vec<Finding> {
    let about = |row: &AttachmentRow| row.content.goods_seq.parse().ok().filter(|item| !known(*item));
    let lost = rows.iter().filter_map(|row| Some((row.seq, about(row)?)));
    lost.map(|(seq, item)| {
        Finding::new(
            "attachment.goods_seq",
            pointer(SECTION, Some(seq), "goods_seq"),
            Severity::Declare,
            format!("第{seq}项随附单据的表体商品序号{item}不存在，请改为已有的序号或留空"),
            format!("Attachment {seq} is about goods item {item}, which does not exist; correct it or leave it empty"),
        )
    })
    .collect()
}

/// Papers that this content needs (code of 随附单证类型, why), against those of this change: one that is lacking is
/// named with its reason. `change_seq` is 0 for a filing.
pub fn check_needed(rows: &[AttachmentRow], needed: &[(&'static str, Message)], change_seq: i64) -> Vec<Finding> {
    let there = |code: &str| rows.iter().any(|row| row.content.att_type == code && is_of_change(row, change_seq));
    let lacking = needed.iter().filter(|(code, _)| !there(code));
    lacking
        .map(|(_, why)| {
            let (zh, en) = (why.zh.clone(), why.en.clone());
            Finding::new("attachment.needed", pointer(SECTION, None, "att_type"), Severity::Declare, zh, en)
        })
        .collect()
}

/// True for a paper that came with this change, and not with the filing or an earlier change.
pub fn is_of_change(row: &AttachmentRow, change_seq: i64) -> bool {
    row.content.change_seq.parse().unwrap_or(0) == change_seq
}

/// The kind of a chosen file, if it can be attached as a paper of this 随附单证类型 (empty: as any).
/// `start` are its first bytes.
///
/// # Errors
/// Why it cannot, and what to do.
pub fn check_file(name: &str, size: i64, start: &[u8], att_type: &str, policy: &Policy) -> Result<FileKind, Message> {
    check_size(name, size, None, att_type, policy)?;
    let kind = check_content(name, start, att_type, policy)?;
    check_size(name, size, Some(kind), att_type, policy)?;
    Ok(kind)
}

/// # Errors
/// When a file is empty, or larger than one of its kind (unknown: of any kind) may be.
pub fn check_size(
    name: &str,
    size: i64,
    kind: Option<FileKind>,
    att_type: &str,
    policy: &Policy,
) -> Result<(), Message> {
    if size <= 0 {
        return Err(Message::new(
            format!("文件“{name}”是空的，请重新选择。"),
            format!("The file “{name}” is empty; choose another."),
        ));
    }
    let taken = policy.taken(att_type);
    let of_kind = taken.iter().filter(|one| kind.is_none_or(|kind| kind == one.kind));
    let most = of_kind.map(|one| one.max_bytes).max().unwrap_or(i64::MAX);
    if size <= most {
        return Ok(());
    }
    let (is, most) = (human_size(size), human_size(most));
    let what = kind.map_or_else(String::new, |kind| kind.name().to_uppercase());
    Err(Message::new(
        format!("文件“{name}”为{is}，超过单个{what}附件{most}的上限，请压缩或拆分后重新选择。"),
        format!("The file “{name}” has {is}; a {what} attachment can have {most}. Compress or split it."),
    ))
}

/// The kind of a file by its first bytes.
///
/// # Errors
/// What the file looks like instead, and what to do.
pub fn check_content(name: &str, start: &[u8], att_type: &str, policy: &Policy) -> Result<FileKind, Message> {
    let kind = FileKind::of(start);
    let taken = policy.taken(att_type);
    if let Some(kind) = kind.filter(|kind| taken.iter().any(|one| one.kind == *kind)) {
        return Ok(kind);
    }
    let types = names(&taken);
    let look = kind.is_none().then(|| looks_like(start));
    let looks = look.map_or_else(
        || {
            let name = kind.map_or("", FileKind::name).to_uppercase();
            Message::new(format!("{name}文件"), format!("a {name}"))
        },
        |look| look.name.into(),
    );
    // A picture becomes a picture where one is taken; everything else becomes a PDF.
    let as_picture = look.and_then(|look| look.way_out).filter(|_| taken.iter().any(|one| one.kind == FileKind::Jpg));
    let way_out = as_picture.unwrap_or(text("请另存为PDF后重新选择", "Save it as PDF and choose again"));
    let paper = if att_type.is_empty() { text("", "") } else { kind_label(att_type) };
    let (zh, en) = (paper.zh, if paper.en.is_empty() { "an attachment" } else { paper.en });
    Err(Message::new(
        format!(
            "文件“{name}”的内容是{}，{zh}只能上传{}文件（以内容为准，与文件名无关）。{}。",
            looks.zh,
            types.join("、"),
            way_out.zh
        ),
        format!(
            "The content of “{name}” is {}; {en} can only be {}, whatever the name. {}.",
            looks.en,
            types.join(", "),
            way_out.en
        ),
    ))
}

/// Names of kinds of files, as people write them.
pub fn names(taken: &[Taken]) -> Vec<String> {
    taken.iter().map(|one| one.kind.name().to_uppercase()).collect()
}

/// Everything about the attachments that keeps a document from being declared.
pub fn check_attachments(rows: &[AttachmentRow], policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in rows {
        findings.extend(check_attachment(Some(row.seq), &row.content, policy));
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
    for code in policy.required.iter().filter(|code| !there(code)) {
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
        let required = required.iter().map(|code| (*code).to_owned()).collect();
        let policy = Policy { required, ..Policy::default() };
        check_attachments(rows, &policy).into_iter().map(|found| found.rule).collect()
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

    fn policy() -> Policy {
        let taken = |kind, max_bytes| Taken { kind, max_bytes };
        Policy {
            types: vec![taken(FileKind::Pdf, 1000), taken(FileKind::Jpg, 500)],
            pictures: vec![PICTURE.into()],
            ..Policy::default()
        }
    }

    #[test]
    fn a_file_that_cannot_be_attached_is_named_with_the_way_out() {
        let check = |size, start: &[u8], att_type| check_file("合同.pdf", size, start, att_type, &policy());
        assert_eq!(check(1000, b"%PDF-1.7", CONTRACT), Ok(FileKind::Pdf));
        assert_eq!(check(500, b"\xff\xd8\xff\xe0", PICTURE), Ok(FileKind::Jpg));
        // Nothing is chosen yet: the kind of paper may still become one of pictures.
        assert_eq!(check(500, b"\xff\xd8\xff\xe0", ""), Ok(FileKind::Jpg));
        for (size, start, att_type, part) in [
            (0, b"".as_slice(), CONTRACT, "空的"),
            (1001, b"%PDF-1.7", CONTRACT, "上限"),
            // Each kind has a size of its own.
            (501, b"\xff\xd8\xff\xe0", PICTURE, "单个JPG附件500 B的上限"),
            (10, b"PK\x03\x04", CONTRACT, "Office文档"),
            // The photograph of a telephone: how to get one that is taken, and where only a PDF is, that.
            (10, b"\0\0\0\x18ftypheic", PICTURE, "兼容性最佳"),
            (10, b"\0\0\0\x18ftypheic", CONTRACT, "另存为PDF"),
            (10, b"RIFF\x10\0\0\0WEBP", PICTURE, "另存为JPG"),
            // A photograph of a contract is no contract.
            (10, b"\xff\xd8\xff\xe0", CONTRACT, "出境加工合同只能上传PDF"),
            // Known, but not taken by this server.
            (10, b"\x89PNG\r\n\x1a\n", PICTURE, "PNG文件"),
        ] {
            let message = check(size, start, att_type).unwrap_err();
            assert!(message.zh.contains(part) && message.zh.contains("合同.pdf"), "{message:?}");
        }
    }

    #[test]
    fn a_picture_does_not_become_a_contract_by_changing_its_kind() {
        let found = |att_type: &str, file_type: &str| {
            let row = Attachment { att_type: att_type.into(), file_type: file_type.into(), ..Attachment::default() };
            check_attachment(Some(1), &row, &policy()).into_iter().map(|found| found.pointer).collect::<Vec<_>>()
        };
        assert_eq!(found(CONTRACT, "jpg"), ["attachments[1].att_type"]);
        // Nothing of the second is known yet, the last was attached when the settings took it.
        for (att_type, file_type) in [(PICTURE, "jpg"), (CONTRACT, ""), (CONTRACT, "pdf"), (CONTRACT, "png")] {
            assert_eq!(found(att_type, file_type), [""; 0], "{att_type} {file_type}");
        }
    }

    #[test]
    fn a_paper_about_goods_that_are_not_there_is_told() {
        // Customs would look for the item and return the filing.
        let mut rows = [row(1, "99", "9"), row(2, "99", "9"), row(3, "99", "9")];
        rows[1].content.goods_seq = "2".into();
        rows[2].content.goods_seq = "7".into();
        let found: Vec<String> = check_items(&rows, |item| item == 2).into_iter().map(|found| found.pointer).collect();
        assert_eq!(found, ["attachments[3].goods_seq"]);
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
            check_attachment(Some(1), &row, &Policy::default())
                .into_iter()
                .map(|found| found.pointer)
                .collect::<Vec<_>>()
        };
        assert_eq!(found("3"), [""; 0]);
        for text in ["0", "-1", "x", "1.5"] {
            assert_eq!(found(text), ["attachments[1].goods_seq"], "{text}");
        }
    }

    #[test]
    fn a_paper_a_change_needs_is_one_that_came_with_it() {
        // The reasons for an earlier extension are none for this one.
        let why = || Message::new("须随附说明", "attach the reasons");
        let mut rows = [row(1, "04", "9"), row(2, "99", "9")];
        let lacking = |rows: &[AttachmentRow], change| check_needed(rows, &[("04", why())], change).len();
        assert_eq!((lacking(&rows, 0), lacking(&rows, 1)), (0, 1));
        rows[0].content.change_seq = "1".into();
        assert_eq!((lacking(&rows, 0), lacking(&rows, 1), lacking(&rows, 2)), (1, 0, 1));
        assert_eq!(check_needed(&rows, &[], 2).len(), 0);
        let found = check_needed(&rows[1..], &[("04", why())], 1);
        assert_eq!((found[0].severity, found[0].message.zh.as_str()), (Severity::Declare, "须随附说明"));
    }

    #[test]
    fn a_paper_that_was_never_described_is_missing_beside_one_that_waits() {
        // The waiting one is told as waiting, the other as missing.
        assert_eq!(rules(&[row(1, "01", "8")], &["01", "02"]), ["attachment.waiting", "attachment.required.02"]);
    }
}
