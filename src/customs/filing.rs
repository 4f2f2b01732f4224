//! Reads a filing or an entry out of the XML it came in. Element names stand here as literals: that they are the
//! ones the sender writes is exactly what must not be taken for granted.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use rust_decimal::Decimal;

/// What a message declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// 设立/变更申报
    Filing,
    /// 报关单
    Entry,
    /// 报核
    Writeoff,
}

/// Types of messages.
const TYPES: [(&str, Sort); 3] = [("OPB111", Sort::Filing), ("OPB131", Sort::Entry), ("OPB121", Sort::Writeoff)];

fn sort_of(message_type: &str) -> Option<Sort> {
    TYPES.into_iter().find(|(name, _)| *name == message_type).map(|(_, sort)| sort)
}

/// Room for five thousand lines of goods in each list, every field of them full.
const MAX_BYTES: usize = 64 * 1024 * 1024;
const MAX_DEPTH: usize = 16;
/// Element of 修改标志, and its code for an item that is deleted.
const MARK: &str = "modfMarkcd";
const DELETED: &str = "2";
const BUSINESS: [&str; 5] = ["Signature", "Object", "Package", "DataInfo", "BussinessData"];

/// True for the path of the element that holds the business data.
fn is_business(path: &[String]) -> bool {
    path.len() == BUSINESS.len() + 1 && path[..BUSINESS.len()] == BUSINESS && sort_of(&path[BUSINESS.len()]).is_some()
}

/// Elements with their texts, in the order they came.
type Fields = Vec<(String, String)>;

/// A filing (设立/变更申报), an entry (报关单) or a write-off (报核), as received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filing {
    /// Leaves outside of head and goods by their path, e.g. `EnvelopInfo/message_id`.
    envelope: Fields,
    pub head: Fields,
    pub exports: Vec<Item>,
    pub imports: Vec<Item>,
    /// Of an entry: its 商品项; of a write-off: 核报报关单.
    pub items: Vec<Item>,
    /// 随附单据: what is told of each file.
    pub papers: Vec<Item>,
}

/// One line of goods, or of the papers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item(Fields);

fn text_of<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(found, _)| found == name).map_or("", |(_, text)| text)
}

/// An amount or quantity; `None` when it is no decimal ≥ 0.
pub fn number(text: &str) -> Option<Decimal> {
    let value: Decimal = text.parse().ok()?;
    (!value.is_sign_negative()).then_some(value)
}

impl Item {
    pub fn get(&self, name: &str) -> &str {
        text_of(&self.0, name)
    }

    /// 修改标志; empty in a filing that changes nothing.
    pub fn mark(&self) -> &str {
        self.get(MARK)
    }

    /// False for an item that a change deletes.
    pub fn is_in_force(&self) -> bool {
        self.mark() != DELETED
    }

    /// True when both say the same, whatever their marks.
    pub fn is_same(&self, other: &Self) -> bool {
        let content = |item: &Self| -> BTreeMap<String, String> {
            item.0.iter().filter(|(name, text)| name != MARK && !text.is_empty()).cloned().collect()
        };
        content(self) == content(other)
    }

    /// 商品序号
    pub fn seq(&self) -> &str {
        self.get("gdsSeqno")
    }

    pub fn amount(&self, name: &str) -> Decimal {
        number(self.get(name)).unwrap_or_default()
    }
}

impl Filing {
    pub fn head(&self, name: &str) -> &str {
        text_of(&self.head, name)
    }

    pub fn envelope(&self, path: &str) -> &str {
        text_of(&self.envelope, path)
    }

    /// What must not be used twice: 经营单位代码/企业内部编号/变更次数.
    pub fn business_key(&self) -> String {
        match self.sort() {
            Sort::Entry => return format!("{}/{}/{}", self.operator(), self.head("etpsPreentNo"), self.head("iEFlag")),
            Sort::Writeoff => return format!("{}/{}/H", self.operator(), self.head("etpsPreentNo")),
            Sort::Filing => {}
        }
        let change = Some(self.head("chgTmsCnt")).filter(|count| !count.is_empty()).unwrap_or("0");
        format!("{}/{}/{change}", self.head("bizopEtpsno"), self.head("etpsPreentNo"))
    }

    /// What it declares, by the type of its message.
    pub fn sort(&self) -> Sort {
        sort_of(self.envelope("EnvelopInfo/message_type")).unwrap_or(Sort::Filing)
    }

    /// 经营单位, 境内收发货人
    pub fn operator(&self) -> &str {
        self.head(if self.sort() == Sort::Entry { "tradeCode" } else { "bizopEtpsno" })
    }

    /// True for 变更.
    pub fn is_change(&self) -> bool {
        self.head("dclTypecd") == "2"
    }

    pub fn export_total(&self) -> Decimal {
        self.exports.iter().filter(|item| item.is_in_force()).map(|item| item.amount("dclTotalAmt")).sum()
    }

    pub fn valid_to(&self) -> Option<NaiveDate> {
        let text = self.head("validDate");
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| date.to_string() == text)
    }
}

/// Reads a message that came under `name`.
///
/// # Errors
/// What the sender is told when it cannot be taken.
pub fn read(xml: &str, name: &str) -> Result<Filing, String> {
    let filing = parse(xml)?;
    let message_id = filing.envelope("EnvelopInfo/message_id");
    let message_type = filing.envelope("EnvelopInfo/message_type");
    let Some(sort) = sort_of(message_type) else {
        let known = TYPES.map(|(name, _)| name).join("、");
        return Err(format!("报文类型{message_type}不受理，应为{known}"));
    };
    if message_id != name {
        return Err(format!("报文编号{message_id}与报文名称{name}不一致"));
    }
    if filing.envelope("BussinessData/DelcareFlag") != "1" {
        return Err("申报标志不是申报，不受理".to_owned());
    }
    let operator = if sort == Sort::Entry {
        ("tradeCode", "境内收发货人代码")
    } else {
        ("bizopEtpsno", "经营单位代码")
    };
    for (element, label) in [("seqNo", "统一编号"), ("etpsPreentNo", "企业内部编号"), operator] {
        if filing.head(element).is_empty() {
            return Err(format!("表头【{label}】未填"));
        }
    }
    Ok(filing)
}

/// Which part of the filing an element belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Envelope,
    Head,
    Export,
    Import,
    Entered,
    Paper,
}

fn parse(xml: &str) -> Result<Filing, String> {
    let broken = |why: &dyn std::fmt::Display| format!("报文无法解析：{why}");
    if xml.len() > MAX_BYTES {
        return Err(broken(&"报文过大"));
    }
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut filing = Filing::default();
    let mut path: Vec<String> = Vec::new();
    let mut part = Part::Envelope;
    let mut text = String::new();
    let mut closed = false;
    loop {
        match reader.read_event().map_err(|error| broken(&error))? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                if closed || path.len() == MAX_DEPTH {
                    return Err(broken(&"结构不符"));
                }
                if part == Part::Envelope && is_business(&path) {
                    part = filing.open(&name);
                }
                path.push(name);
                text.clear();
            }
            Event::End(_) => {
                let name = path.pop().unwrap_or_default();
                if is_business(&path) {
                    part = Part::Envelope;
                } else {
                    filing.put(part, path.last(), name, text.trim());
                }
                text.clear();
                closed = path.is_empty();
            }
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::CData(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(letter)) => text.push(letter),
                _ => text.push_str(resolve_xml_entity(&reference).ok_or_else(|| broken(&"未知的实体引用"))?),
            },
            Event::DocType(_) => return Err(broken(&"不接受文档类型声明")),
            // Empty elements come as start and end, see above.
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if closed => return Ok(filing),
            Event::Eof => return Err(broken(&"报文不完整")),
        }
    }
}

impl Filing {
    fn open(&mut self, name: &str) -> Part {
        match name {
            "OpbPutrecBsc" | "DecHead" | "OpbChgoffBsc" => Part::Head,
            "DecList" | "OpbChgoffDecDt" => {
                self.items.push(Item::default());
                Part::Entered
            }
            "OpbPutrecExpDt" | "OpbChgoffExpDt" => {
                self.exports.push(Item::default());
                Part::Export
            }
            "OpbPutrecImpDt" | "OpbChgoffImpDt" => {
                self.imports.push(Item::default());
                Part::Import
            }
            "OpbPutrecAcmpFormDt" => {
                self.papers.push(Item::default());
                Part::Paper
            }
            _ => Part::Envelope,
        }
    }

    fn put(&mut self, part: Part, parent: Option<&String>, name: String, text: &str) {
        let fields = match part {
            Part::Head => Some(&mut self.head),
            Part::Export => self.exports.last_mut().map(|item| &mut item.0),
            Part::Import => self.imports.last_mut().map(|item| &mut item.0),
            Part::Entered => self.items.last_mut().map(|item| &mut item.0),
            Part::Paper => self.papers.last_mut().map(|item| &mut item.0),
            Part::Envelope => None,
        };
        match fields {
            Some(fields) => fields.push((name, text.to_owned())),
            None if text.is_empty() => {}
            None => {
                let path = parent.map_or_else(|| name.clone(), |parent| format!("{parent}/{name}"));
                self.envelope.push((path, text.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = "<?xml version=\"1.0\"?><s:Signature xmlns:s=\"urn:x\"><Object><Package><EnvelopInfo>\
        <message_id>M1</message_id><message_type>OPB111</message_type></EnvelopInfo><DataInfo><BussinessData><OPB111>\
        <OpbPutrecBsc><seqNo>1</seqNo><etpsPreentNo>A&amp;B</etpsPreentNo><bizopEtpsno>4403960001</bizopEtpsno>\
        <processDesc>一\n二</processDesc></OpbPutrecBsc>\
        <OpbPutrecExpDt><gdsSeqno>3</gdsSeqno><dclTotalAmt>1.50</dclTotalAmt></OpbPutrecExpDt>\
        <OpbPutrecExpDt><gdsSeqno>4</gdsSeqno><dclTotalAmt>2</dclTotalAmt></OpbPutrecExpDt>\
        <OpbPutrecImpDt><gdsSeqno>1</gdsSeqno></OpbPutrecImpDt>\
        <OpbPutrecAcmpFormDt><acmpFormSeqno>7</acmpFormSeqno></OpbPutrecAcmpFormDt></OPB111><DelcareFlag>1</DelcareFlag>\
        </BussinessData></DataInfo></Package></Object></s:Signature>";

    #[test]
    fn a_filing_is_read_part_by_part() {
        let filing = read(SAMPLE, "M1").unwrap();
        assert_eq!(filing.business_key(), "4403960001/A&B/0");
        assert_eq!(filing.head("processDesc"), "一\n二");
        assert_eq!(filing.export_total().to_string(), "3.50");
        assert_eq!((filing.exports[1].seq(), filing.imports[0].seq()), ("4", "1"));
        assert_eq!(filing.papers[0].get("acmpFormSeqno"), "7");
        // A value of the goods must not be mistaken for one of the head.
        assert_eq!(filing.head("gdsSeqno"), "");
    }

    #[test]
    fn what_cannot_be_taken_is_refused_with_a_reason() {
        let refuse = |xml: &str, name: &str| read(xml, name).unwrap_err();
        assert!(refuse(&SAMPLE.replace(">OPB111<", ">EMS111<"), "M1").contains("EMS111不受理"));
        assert!(refuse(SAMPLE, "M2").contains("不一致"));
        assert!(refuse(&SAMPLE.replace("<DelcareFlag>1", "<DelcareFlag>0"), "M1").contains("申报标志"));
        assert!(refuse(&SAMPLE.replace("<seqNo>1</seqNo>", ""), "M1").contains("【统一编号】"));
        for end in 0..SAMPLE.len() {
            if let Some(cut) = SAMPLE.get(..end) {
                assert!(refuse(cut, "M1").contains("报文无法解析"), "cut after {end}");
            }
        }
    }

    #[test]
    fn no_number_is_made_of_what_is_none() {
        assert_eq!(number("10.50").map(|value| value.to_string()).as_deref(), Some("10.50"));
        for text in ["", "-1", "abc", "1,000"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn damaged_messages_never_panic(at in 0usize..900, byte in any::<u8>(), cut in 0usize..900) {
            let mut bytes = SAMPLE.as_bytes().to_vec();
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.drain(cut % length..(cut % length + 5).min(length));
            let _ = read(&String::from_utf8_lossy(&bytes), "M1");
        }
    }
}
