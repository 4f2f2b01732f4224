//! The envelope around every message we send, and the few words of XML it takes. Spelling included (`BussinessData`,
//! `DelcareFlag`), it is that of the sibling books of the same platform. Knows no kind of document.

use std::io;

use chrono::{DateTime, Utc};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::form::in_china;

const NAMESPACE: &str = "http://www.w3.org/2000/09/xmldsig#";
/// Stands where a signature would: these messages go to the simulated customs only.
const UNSIGNED: &str = "UNSIGNED";

pub type Xml = Writer<Vec<u8>>;

/// What the envelope says.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    pub message_type: &'a str,
    pub message_id: &'a str,
    pub sent_at: DateTime<Utc>,
    pub sender: &'a str,
    pub receiver: &'a str,
}

/// A whole message: the envelope with the business data in it.
#[expect(clippy::expect_used, reason = "writing to memory cannot fail, and the writer writes UTF-8")]
pub fn enveloped(envelope: &Envelope<'_>, business: impl FnOnce(&mut Xml) -> io::Result<()>) -> String {
    let mut xml = Writer::new(Vec::new());
    signature(&mut xml, envelope, business).expect("writing to memory");
    String::from_utf8(xml.into_inner()).expect("UTF-8")
}

/// A file of its own, without envelope.
#[expect(clippy::expect_used, reason = "writing to memory cannot fail, and the writer writes UTF-8")]
pub fn bare(content: impl FnOnce(&mut Xml) -> io::Result<()>) -> String {
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| content(&mut xml))
        .expect("writing to memory");
    String::from_utf8(xml.into_inner()).expect("UTF-8")
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
                        group(xml, envelope.message_type, business)?;
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
    leaf(xml, "message_type", envelope.message_type)?;
    leaf(xml, "sender_id", envelope.sender)?;
    leaf(xml, "receiver_id", envelope.receiver)?;
    leaf(xml, "send_time", &in_china(envelope.sent_at).format("%Y-%m-%dT%H:%M:%S").to_string())
}

/// An element with elements in it.
///
/// # Errors
/// Those of the writer.
pub fn group(xml: &mut Xml, name: &str, content: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    xml.create_element(name).write_inner_content(content)?;
    Ok(())
}

/// An element with text in it.
///
/// # Errors
/// Those of the writer.
pub fn leaf(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    let text: String = text.chars().filter(|letter| is_xml_char(*letter)).collect();
    xml.create_element(name).write_text_content(BytesText::new(&text))?;
    Ok(())
}

/// What XML 1.0 can carry at all; the rest cannot even be escaped.
const fn is_xml_char(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
