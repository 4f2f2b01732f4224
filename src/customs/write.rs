//! Writes the answers of customs as XML: the platform's first answer, the entry receipt and the
//! decision, each with the name it is delivered under. Decides nothing.

use std::io;

use chrono::{DateTime, FixedOffset, NaiveDate};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::filing::{Filing, Sort};
use super::model::{Answer, Stage};
use super::store::{Book, Passed};

/// Who the answers come from. The name says what it is.
const SENDER: &str = "SIMULATED";
/// Longest remark.
const MAX_REMARK: usize = 4000;

type Xml = Writer<Vec<u8>>;

/// The decision on a filing.
pub enum Verdict {
    /// The number of the book and its validity, `yyyy-mm-dd`.
    Approved {
        book_no: String,
        from: String,
        to: String,
    },
    /// 放行: the number of the entry.
    Released(String),
    /// 核销
    WrittenOff,
    ToOfficer,
    /// The reasons.
    Returned(Vec<String>),
}

impl Verdict {
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Approved { .. } | Self::Released(_) | Self::WrittenOff => Stage::Approved,
            Self::ToOfficer => Stage::Manual,
            Self::Returned(_) => Stage::Returned,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::Approved { .. } | Self::Released(_) | Self::WrittenOff => "1",
            Self::ToOfficer => "2",
            Self::Returned(_) => "3",
        }
    }

    const fn remark(&self) -> &'static str {
        match self {
            Self::Approved { .. } => "审核通过",
            Self::Released(_) => "放行，已核注账册",
            Self::WrittenOff => "核销通过",
            Self::ToOfficer => "转人工审核",
            Self::Returned(_) => "退单，原因见检查信息",
        }
    }
}

/// The platform took the message.
pub fn taken(message: &str, filing: &Filing) -> Answer {
    let xml = document(|xml| {
        group(xml, "CommonResponeMessage", |xml| {
            leaf(xml, "SeqNo", filing.head("seqNo"))?;
            leaf(xml, "EtpsPreentNo", filing.head("etpsPreentNo"))?;
            leaf(xml, "CheckInfo", "报文已接收")?;
            leaf(xml, "DealFlag", "0")
        })
    });
    Answer { id: format!("Successed_{message}"), xml }
}

/// The platform did not take the message. `seq_no` is that of the filing in the way, if any.
pub fn refused(message: &str, seq_no: &str, fault: &str) -> Answer {
    let xml = document(|xml| {
        group(xml, "CommonResponeMessage", |xml| {
            if !seq_no.is_empty() {
                leaf(xml, "SeqNo", seq_no)?;
            }
            leaf(xml, "CheckInfo", fault)?;
            leaf(xml, "DealFlag", "-1")
        })
    });
    Answer { id: format!("Failed_{message}"), xml }
}

/// 入库回执: Y, or Z with what is missing.
pub fn entry(message: &str, filing: &Filing, missing: &[String], at: DateTime<FixedOffset>) -> Answer {
    let result = if missing.is_empty() { "Y" } else { "Z" };
    let remark: String = missing.join("；").chars().take(MAX_REMARK).collect();
    package(message, filing, ("OPB200", result), at, |xml| {
        group(xml, "MsgReceResult", |xml| {
            leaf(xml, "resutType", "1")?;
            leaf(xml, "etpsPreentNo", filing.head("etpsPreentNo"))?;
            leaf(xml, "pocketId", filing.envelope("PocketInfo/pocket_id"))?;
            leaf(xml, "totalPocketQty", "1")?;
            leaf(xml, "curPocketNo", "1")?;
            leaf(xml, "bizNo", filing.head("seqNo"))?;
            leaf(xml, "manageResult", result)?;
            leaf(xml, "manageDate", &time(at))?;
            leaf(xml, "rmk", &remark)
        })
    })
}

/// 审核回执: the decision, its reasons, and the head echoed with what was granted.
pub fn decision(message: &str, filing: &Filing, verdict: &Verdict, at: DateTime<FixedOffset>) -> Answer {
    let change = Some(filing.head("chgTmsCnt")).filter(|count| !count.is_empty()).unwrap_or("0");
    let (kind, record) = match filing.sort() {
        Sort::Filing => ("OPB211", "OpbPutrecBsc"),
        Sort::Entry => ("OPB231", "DecHead"),
        Sort::Writeoff => ("OPB221", "OpbChgoffBsc"),
    };
    package(message, filing, (kind, verdict.code()), at, |xml| {
        group(xml, "HdeApprResult", |xml| {
            leaf(xml, "etpsPreentNo", filing.head("etpsPreentNo"))?;
            leaf(xml, "businessId", filing.envelope("EnvelopInfo/business_id"))?;
            leaf(xml, "tmsCnt", change)?;
            leaf(xml, "typecd", filing.head("dclTypecd"))?;
            leaf(xml, "manageResult", verdict.code())?;
            leaf(xml, "manageDate", &time(at))?;
            leaf(xml, "rmk", verdict.remark())
        })?;
        if let Verdict::Returned(reasons) = verdict {
            for reason in reasons {
                group(xml, "CheckInfo", |xml| leaf(xml, "note", reason))?;
            }
        }
        group(xml, record, |xml| echo(xml, filing, verdict, at))
    })
}

fn echo(xml: &mut Xml, filing: &Filing, verdict: &Verdict, at: DateTime<FixedOffset>) -> io::Result<()> {
    let granted = match verdict {
        Verdict::Approved { book_no, from, to } => vec![
            ("emsNo", book_no.clone()),
            ("validFrom", from.clone()),
            ("validDate", to.clone()),
            ("putrecApprTime", time(at)),
        ],
        Verdict::Released(number) => vec![("entryId", number.clone())],
        _ => Vec::new(),
    };
    for (name, text) in &granted {
        leaf(xml, name, text)?;
    }
    for (name, text) in filing.head.iter().filter(|(name, _)| granted.iter().all(|(given, _)| given != name)) {
        leaf(xml, name, text)?;
    }
    Ok(())
}

/// 删单 (`D`) or 改单 (`A`): an entry that was let pass is taken back. Answers no message.
pub fn revocation(entry: &Passed, code: &str, reason: &str, at: DateTime<FixedOffset>) -> Answer {
    let id = format!("Receipt_OPB251_{}_{code}_{}", entry.entry_no, at.format("%Y%m%d%H%M%S%3f"));
    unasked("OPB251", id, &entry.operator_code, at, |xml| {
        group(xml, "HdeApprResult", |xml| {
            leaf(xml, "manageResult", code)?;
            leaf(xml, "manageDate", &time(at))?;
            leaf(xml, "rmk", if code == "D" { "删单" } else { "改单，请修改后重新申报" })
        })?;
        group(xml, "CheckInfo", |xml| leaf(xml, "note", reason))?;
        group(xml, "DecHead", |xml| {
            leaf(xml, "tradeCode", &entry.operator_code)?;
            leaf(xml, "entryId", &entry.entry_no)
        })
    })
}

/// 催核: a book is to be written off. Answers no message.
pub fn urging(book: &Book, number: &str, due: NaiveDate, content: &str, at: DateTime<FixedOffset>) -> Answer {
    unasked("OPB261", format!("Receipt_OPB261_{number}"), &book.operator_code, at, |xml| {
        group(xml, "HdeApprResult", |xml| {
            leaf(xml, "manageResult", "U")?;
            leaf(xml, "manageDate", &time(at))?;
            leaf(xml, "rmk", content)
        })?;
        group(xml, "OpbUrgeBsc", |xml| {
            leaf(xml, "bizopEtpsno", &book.operator_code)?;
            leaf(xml, "emsNo", &book.book_no)?;
            leaf(xml, "urgeNo", number)?;
            leaf(xml, "urgeDate", &at.format("%Y-%m-%d").to_string())?;
            leaf(xml, "dueDate", &due.to_string())?;
            leaf(xml, "urgeContent", content)
        })
    })
}

/// A message nobody asked for.
fn unasked(
    kind: &str,
    id: String,
    receiver: &str,
    at: DateTime<FixedOffset>,
    content: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> Answer {
    let xml = document(|xml| {
        group(xml, "Package", |xml| {
            group(xml, "EnvelopInfo", |xml| {
                leaf(xml, "version", "1.0")?;
                leaf(xml, "message_id", &id)?;
                leaf(xml, "file_name", &format!("{id}.xml"))?;
                leaf(xml, "message_type", kind)?;
                leaf(xml, "sender_id", SENDER)?;
                leaf(xml, "receiver_id", receiver)?;
                leaf(xml, "send_time", &at.format("%Y-%m-%dT%H:%M:%S").to_string())
            })?;
            group(xml, "DataInfo", |xml| group(xml, "BussinessData", |xml| group(xml, kind, content)))
        })
    });
    Answer { id, xml }
}

/// The envelope of a receipt: root `Package`, no signature.
fn package(
    message: &str,
    filing: &Filing,
    (kind, result): (&str, &str),
    at: DateTime<FixedOffset>,
    content: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> Answer {
    let id = format!("Receipt_{message}_{kind}_{result}");
    let xml = document(|xml| {
        group(xml, "Package", |xml| {
            group(xml, "EnvelopInfo", |xml| {
                leaf(xml, "version", "1.0")?;
                leaf(xml, "business_id", filing.envelope("EnvelopInfo/business_id"))?;
                leaf(xml, "message_id", &id)?;
                leaf(xml, "file_name", &format!("{id}.xml"))?;
                leaf(xml, "message_type", kind)?;
                leaf(xml, "sender_id", SENDER)?;
                leaf(xml, "receiver_id", filing.envelope("EnvelopInfo/sender_id"))?;
                leaf(xml, "send_time", &at.format("%Y-%m-%dT%H:%M:%S").to_string())
            })?;
            group(xml, "DataInfo", |xml| {
                group(xml, "PocketInfo", |xml| {
                    leaf(xml, "pocket_id", &id)?;
                    leaf(xml, "total_pocket_qty", "1")?;
                    leaf(xml, "cur_pocket_no", "1")
                })?;
                group(xml, "BussinessData", |xml| group(xml, kind, content))
            })
        })
    });
    Answer { id, xml }
}

#[expect(clippy::expect_used, reason = "writing to memory cannot fail, and the writer writes UTF-8")]
fn document(content: impl FnOnce(&mut Xml) -> io::Result<()>) -> String {
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| content(&mut xml))
        .expect("writing to memory");
    String::from_utf8(xml.into_inner()).expect("UTF-8")
}

fn group(xml: &mut Xml, name: &str, content: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    xml.create_element(name).write_inner_content(content)?;
    Ok(())
}

fn leaf(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(text))?;
    Ok(())
}

fn time(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}
