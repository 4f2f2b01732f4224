//! Writes a document of any kind as the message customs reads. Element names come from the kind and its field tables;
//! the envelope is the exchange's. Reads nothing and decides nothing.

use std::io;

use chrono::{DateTime, Utc};

use super::kind::Kind;
use super::{Mark, Row};
use crate::attachment::model::AttachmentRow;
use crate::exchange::envelope::{Envelope, Xml, enveloped, group, leaf};
use crate::form::{Texts, Values};

/// System id of the import client; that of this book is not published, so this one is ours.
const SYSTEM: &str = "OP";
/// Element of a paper: the same in the messages of all kinds.
const PAPER: &str = "OpbPutrecAcmpFormDt";
const PAPER_NUMBER: &str = "acmpFormSeqno";
/// Element of a field that stays here.
const UNSENT: &str = "-";
/// 修改标志 of a row; only a change has it.
const MARK: &str = "modfMarkcd";

/// What is declared.
#[derive(Clone, Copy, Debug)]
pub struct Declaration<'a> {
    pub message_type: &'static str,
    pub message_id: &'a str,
    pub sent_at: DateTime<Utc>,
    pub kind: &'static Kind,
    pub head: &'a Values,
    /// In the order of [`Kind::sections`].
    pub lists: &'a [Vec<Row<Values>>],
    pub papers: &'a [AttachmentRow],
    /// True for a change: each row says how it differs from what is in force, deleted ones included.
    pub marked: bool,
}

/// The message, as it goes into the outbox.
pub fn declaration(what: &Declaration<'_>) -> String {
    let Declaration { message_type, message_id, sent_at, kind, head, .. } = *what;
    let sender = sender(head);
    let envelope = Envelope { message_type, message_id, sent_at, sender, receiver: head.get("master_customs") };
    enveloped(&envelope, |xml| {
        record(xml, kind.element, &[], head)?;
        if let Some(declared) = kind.declared {
            let lists: Vec<&[Row<Values>]> = what.lists.iter().map(Vec::as_slice).collect();
            for item in (declared.items)(head, &lists) {
                record(xml, declared.element, &[(declared.number_element, &item.seq.to_string())], &item.content)?;
            }
        }
        let lists = kind.sections.iter().zip(what.lists).filter(|_| kind.declared.is_none());
        for (section, rows) in lists {
            for row in rows.iter().filter(|row| what.marked || row.mark != Mark::Deleted) {
                let seq = row.seq.to_string();
                let numbers = [(section.number_element, seq.as_str()), (MARK, row.mark.code())];
                record(xml, section.element, &numbers[..if what.marked { 2 } else { 1 }], &row.content)?;
            }
        }
        // What each file is and its hash; the files themselves travel apart, as in the sibling system.
        for paper in what.papers {
            record(xml, PAPER, &[(PAPER_NUMBER, &paper.seq.to_string())], &paper.content)?;
        }
        leaf(xml, "SysId", SYSTEM)?;
        leaf(xml, "OperCusRegCode", sender)
    })
}

/// Whoever enters the data sends it: the input unit, or the declarant when none is recorded.
fn sender(head: &Values) -> &str {
    Some(head.get("input_code")).filter(|code| !code.is_empty()).unwrap_or_else(|| head.get("declarant_code"))
}

/// A record as its field table says; empty fields are left out.
fn record(xml: &mut Xml, name: &str, first: &[(&str, &str)], record: &dyn Texts) -> io::Result<()> {
    group(xml, name, |xml| {
        for (element, value) in first {
            leaf(xml, element, value)?;
        }
        for field in record.fields() {
            let value = record.text(field.key);
            if !value.is_empty() && !field.xml.starts_with(UNSENT) {
                leaf(xml, &field.element(), value)?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attachment::model::Attachment;
    use crate::filing::kind::FILING;
    use crate::filing::model::{ExportGoods, Head, ReimportGoods};
    use crate::form::Record as _;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    const GOLDEN: &str = concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Signature xmlns="http://www.w3.org/2000/09/xmldsig#">"#,
        r"<SignedInfo><Unsigned>true</Unsigned></SignedInfo><SignatureValue>UNSIGNED</SignatureValue>",
        r"<KeyInfo><KeyName>UNSIGNED</KeyName></KeyInfo><Object><Package><EnvelopInfo><version>1.0</version>",
        r"<business_id>OPB111-x-1</business_id><message_id>OPB111-x-1</message_id><file_name>OPB111-x-1.xml</file_name>",
        r"<message_type>OPB111</message_type><sender_id>4403960001</sender_id><receiver_id>5301</receiver_id>",
        r"<send_time>2026-11-24T07:30:00</send_time></EnvelopInfo><DataInfo><PocketInfo><pocket_id>OPB111-x-1</pocket_id>",
        r"<total_pocket_qty>1</total_pocket_qty><cur_pocket_no>1</cur_pocket_no></PocketInfo><BussinessData><OPB111>",
        r"<OpbPutrecBsc><etpsPreentNo>OP2026&amp;1</etpsPreentNo><seqNo>202600000000000001</seqNo>",
        r"<masterCuscd>5301</masterCuscd><bizopEtpsno>4403960001</bizopEtpsno><dclEtpsno>4403960001</dclEtpsno>",
        r"<contractNo>C-1</contractNo><natcd>JPN</natcd><processDesc>一&lt;二&gt;",
        "\n",
        r"三]]&gt;</processDesc></OpbPutrecBsc><OpbPutrecExpDt><gdsSeqno>1</gdsSeqno><gdecd>8542310000</gdecd>",
        r"<dclQty>10</dclQty><legalQty>10</legalQty></OpbPutrecExpDt><OpbPutrecExpDt><gdsSeqno>3</gdsSeqno>",
        r"<gdecd>8542320000</gdecd></OpbPutrecExpDt><OpbPutrecImpDt><gdsSeqno>1</gdsSeqno><gdecd>8542310000</gdecd>",
        r"<originalValue>99.5</originalValue></OpbPutrecImpDt><OpbPutrecAcmpFormDt><acmpFormSeqno>2</acmpFormSeqno>",
        r"<acmpFormTypecd>01</acmpFormTypecd><acmpFormFileNm>合同.pdf</acmpFormFileNm><FileSize>12</FileSize>",
        r"<FileType>pdf</FileType><acmpFormStucd>9</acmpFormStucd><FileHashMethod>sha256</FileHashMethod>",
        r"<FileHash>ab12</FileHash><acmpFormFmt>2</acmpFormFmt></OpbPutrecAcmpFormDt><SysId>OP</SysId><OperCusRegCode>4403960001</OperCusRegCode>",
        r"</OPB111><DelcareFlag>1</DelcareFlag></BussinessData></DataInfo></Package></Object></Signature>",
    );

    fn row(seq: i64, mark: Mark, content: &impl Texts) -> Row<Values> {
        Row { id: Uuid::nil(), seq, version: 1, mark, content: Values::of(content) }
    }

    fn write(head: &Head, lists: &[Vec<Row<Values>>], papers: &[AttachmentRow], marked: bool) -> String {
        let sent_at = "2026-11-23T23:30:00Z".parse().unwrap();
        let (message_type, message_id, head) = ("OPB111", "OPB111-x-1", &Values::of(head));
        declaration(&Declaration { message_type, message_id, sent_at, kind: &FILING, head, lists, papers, marked })
    }

    #[test]
    fn the_message_is_the_one_customs_expects() {
        let head = Head {
            internal_no: "OP2026&1".into(),
            seq_no: "202600000000000001".into(),
            master_customs: "5301".into(),
            operator_code: "4403960001".into(),
            declarant_code: "4403960001".into(),
            contract_no: "C-1".into(),
            process_country: "JPN".into(),
            // A character no XML can carry would make customs refuse the whole message.
            process_desc: "一<二>\u{1}\n三]]>".into(),
            ..Head::default()
        };
        let export = ExportGoods {
            hs_code: "8542310000".into(),
            qty: "10".into(),
            legal_qty: "10".into(),
            ..ExportGoods::default()
        };
        let other = ExportGoods { hs_code: "8542320000".into(), ..ExportGoods::default() };
        let gone = ExportGoods { hs_code: "8542330000".into(), ..ExportGoods::default() };
        let reimport =
            ReimportGoods { hs_code: "8542310000".into(), original_value: "99.5".into(), ..ReimportGoods::default() };
        let lists = [
            vec![row(1, Mark::Same, &export), row(3, Mark::Changed, &other), row(4, Mark::Deleted, &gone)],
            vec![row(1, Mark::Added, &reimport)],
        ];
        let contract = Attachment {
            att_type: "01".into(),
            file_name: "合同.pdf".into(),
            size: "12".into(),
            file_type: "pdf".into(),
            status: "9".into(),
            hash_method: "sha256".into(),
            hash: "ab12".into(),
            format: "2".into(),
            ..Attachment::default()
        };
        let contract = AttachmentRow { id: Uuid::nil(), seq: 2, version: 1, received: 12, content: contract };
        assert_eq!(write(&head, &lists, &[contract], false), GOLDEN);

        // A change says of each row what became of it, also of those that are taken out.
        let written = write(&head, &lists, &[], true);
        for (seq, mark, code) in [(1, 0, "8542310000"), (3, 1, "8542320000"), (4, 2, "8542330000")] {
            let row = format!("<gdsSeqno>{seq}</gdsSeqno><modfMarkcd>{mark}</modfMarkcd><gdecd>{code}</gdecd>");
            assert!(written.contains(&row), "{written}");
        }
    }

    #[test]
    fn no_two_fields_share_an_element() {
        // Customs would read one of them into the other.
        let check = |fields: &[crate::form::Field], numbers: &[&str]| {
            let names: BTreeSet<String> = fields.iter().map(crate::form::Field::element).collect();
            assert_eq!(names.len(), fields.len());
            assert!(numbers.iter().all(|number| !names.contains(*number)));
        };
        for kind in crate::kinds::ALL {
            check(kind.head, &[]);
            kind.sections.iter().for_each(|section| check(section.fields, &[section.number_element, MARK]));
        }
        check(Attachment::FIELDS, &[PAPER_NUMBER]);
    }
}
