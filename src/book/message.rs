//! Writes the filing of a book as the message customs reads (`OPB111`). Element names come from the
//! field tables; the service hands the text to the outbox. Reads nothing and decides nothing.
//! The type name is ours: no public schema of this book exists. The envelope, with its spelling,
//! is that of the sibling books of the same platform.

use std::io;

use chrono::{DateTime, Utc};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::model::{ExportGoods, Head, ReimportGoods, Row};
use crate::attachment::model::AttachmentRow;
use crate::form::{Record, in_china};

/// 设立/变更申报
pub const MESSAGE_TYPE: &str = "OPB111";
const NAMESPACE: &str = "http://www.w3.org/2000/09/xmldsig#";
/// System id of the import client; that of this book is not published, so this one is ours.
const SYSTEM: &str = "OP";
/// Stands where a signature would: these messages go to the simulated customs only.
const UNSIGNED: &str = "UNSIGNED";

type Xml = Writer<Vec<u8>>;

/// The message of a filing, as it goes into the outbox.
#[expect(clippy::expect_used, reason = "writing to memory cannot fail, and the writer writes UTF-8")]
pub fn opb111(
    message_id: &str,
    sent_at: DateTime<Utc>,
    head: &Head,
    exports: &[Row<ExportGoods>],
    reimports: &[Row<ReimportGoods>],
    attachments: &[AttachmentRow],
) -> String {
    let mut xml = Writer::new(Vec::new());
    let envelope = Envelope { message_id, sent_at, head };
    signature(&mut xml, &envelope, |xml| {
        record(xml, "OpbPutrecBsc", None, head)?;
        for row in exports {
            record(xml, "OpbPutrecExpDt", Some(("gdsSeqno", row.seq)), &row.content)?;
        }
        for row in reimports {
            record(xml, "OpbPutrecImpDt", Some(("gdsSeqno", row.seq)), &row.content)?;
        }
        // What each file is and its hash; the files themselves travel apart, as in the sibling system.
        for row in attachments {
            record(xml, "OpbPutrecAcmpFormDt", Some(("acmpFormSeqno", row.seq)), &row.content)?;
        }
        Ok(())
    })
    .expect("writing to memory");
    String::from_utf8(xml.into_inner()).expect("UTF-8")
}

struct Envelope<'a> {
    message_id: &'a str,
    sent_at: DateTime<Utc>,
    head: &'a Head,
}

fn signature(
    xml: &mut Xml,
    envelope: &Envelope<'_>,
    business: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("Signature").with_attribute(("xmlns", NAMESPACE)).write_inner_content(|xml| {
        group(xml, "SignedInfo", |xml| leaf(xml, "Unsigned", "true"))?;
        leaf(xml, "SignatureValue", UNSIGNED)?;
        group(xml, "KeyInfo", |xml| leaf(xml, "KeyName", UNSIGNED))?;
        group(xml, "Object", |xml| {
            group(xml, "Package", |xml| {
                group(xml, "EnvelopInfo", |xml| envelop_info(xml, envelope))?;
                group(xml, "DataInfo", |xml| {
                    group(xml, "PocketInfo", |xml| {
                        leaf(xml, "pocket_id", envelope.message_id)?;
                        leaf(xml, "total_pocket_qty", "1")?;
                        leaf(xml, "cur_pocket_no", "1")
                    })?;
                    group(xml, "BussinessData", |xml| {
                        group(xml, MESSAGE_TYPE, |xml| {
                            business(xml)?;
                            leaf(xml, "SysId", SYSTEM)?;
                            leaf(xml, "OperCusRegCode", operator_of_card(envelope.head))
                        })?;
                        leaf(xml, "DelcareFlag", "1")
                    })
                })
            })
        })
    })?;
    Ok(())
}

fn envelop_info(xml: &mut Xml, envelope: &Envelope<'_>) -> io::Result<()> {
    leaf(xml, "version", "1.0")?;
    leaf(xml, "business_id", envelope.message_id)?;
    leaf(xml, "message_id", envelope.message_id)?;
    leaf(xml, "file_name", &format!("{}.xml", envelope.message_id))?;
    leaf(xml, "message_type", MESSAGE_TYPE)?;
    leaf(xml, "sender_id", operator_of_card(envelope.head))?;
    leaf(xml, "receiver_id", &envelope.head.master_customs)?;
    leaf(xml, "send_time", &in_china(envelope.sent_at).format("%Y-%m-%dT%H:%M:%S").to_string())
}

/// Whoever enters the data sends it: the input unit, or the declarant when none is recorded.
fn operator_of_card(head: &Head) -> &str {
    if head.input_code.is_empty() { &head.declarant_code } else { &head.input_code }
}

/// A record as its field table says; empty fields are left out.
fn record<R: Record>(xml: &mut Xml, name: &str, seq: Option<(&str, i64)>, record: &R) -> io::Result<()> {
    group(xml, name, |xml| {
        if let Some((element, seq)) = seq {
            leaf(xml, element, &seq.to_string())?;
        }
        for field in R::FIELDS {
            let value = record.get(field.key);
            if !value.is_empty() {
                leaf(xml, &field.element(), value)?;
            }
        }
        Ok(())
    })
}

fn group(xml: &mut Xml, name: &str, content: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    xml.create_element(name).write_inner_content(content)?;
    Ok(())
}

fn leaf(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    let text: String = text.chars().filter(|letter| is_xml_char(*letter)).collect();
    xml.create_element(name).write_text_content(BytesText::new(&text))?;
    Ok(())
}

/// What XML 1.0 can carry at all; the rest cannot even be escaped.
const fn is_xml_char(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attachment::model::Attachment;
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

    fn row<R>(seq: i64, content: R) -> Row<R> {
        Row { id: Uuid::nil(), seq, version: 1, content }
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
        let exports = [
            row(
                1,
                ExportGoods {
                    hs_code: "8542310000".into(),
                    qty: "10".into(),
                    legal_qty: "10".into(),
                    ..ExportGoods::default()
                },
            ),
            row(3, ExportGoods { hs_code: "8542320000".into(), ..ExportGoods::default() }),
        ];
        let reimport =
            ReimportGoods { hs_code: "8542310000".into(), original_value: "99.5".into(), ..ReimportGoods::default() };
        let at = "2026-11-23T23:30:00Z".parse().unwrap();
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
        let written = opb111("OPB111-x-1", at, &head, &exports, &[row(1, reimport)], &[contract]);
        assert_eq!(written, GOLDEN);
    }

    #[test]
    fn no_two_fields_share_an_element() {
        // Customs would read one of them into the other.
        fn check<R: Record>(number: &str) {
            let names: BTreeSet<String> = R::FIELDS.iter().map(crate::form::Field::element).collect();
            assert_eq!(names.len(), R::FIELDS.len());
            assert!(!names.contains(number));
        }
        check::<Head>("");
        check::<ExportGoods>("gdsSeqno");
        check::<ReimportGoods>("gdsSeqno");
        check::<Attachment>("acmpFormSeqno");
    }
}
