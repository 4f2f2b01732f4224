//! Receipts as they come, and as they should not: prefixes, unknown codes, cut off anywhere.
//! If these fail, an answer of customs is lost or, worse, misread. Pure: what is applied is tested in
//! tests/exchange.

use proptest::prelude::*;

use super::*;
use crate::document::Event as Step;
use crate::exchange::Messages;

const MESSAGE: &str = "OPB111-0192f3c1-7a00-7000-8000-000000000001-2";

const MESSAGES: Messages = Messages { declares: "OPB111", entry: "OPB200", decision: "OPB211", record: "OpbPutrecBsc" };

fn read(raw: &str) -> Result<Answer, Fault> {
    super::read(raw, &[MESSAGES.record])
}

fn event(answer: &Answer) -> Option<Step> {
    answer.event(&MESSAGES)
}

fn decision_xml(result: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Package><EnvelopInfo><version>1.0</version></EnvelopInfo><DataInfo>\
         <BussinessData><OPB211><HdeApprResult><etpsPreentNo>OP1</etpsPreentNo><businessId>{MESSAGE}</businessId>\
         <tmsCnt>0</tmsCnt><typecd>1</typecd><manageResult>{result}</manageResult>\
         <manageDate>2026-11-23 09:00:00</manageDate><rmk>见检查信息</rmk></HdeApprResult>\
         <CheckInfo><note>出口货物第3项【商品编码】A &lt; B &amp; &#x43;</note></CheckInfo>\
         <CheckInfo><note><![CDATA[表头【生产工艺说明】<过短>]]></note><note> </note></CheckInfo>\
         <OpbPutrecBsc><emsNo>P53016W00001</emsNo><validFrom>2026-11-23</validFrom><validDate>20271122</validDate>\
         <futureElement><deep>x</deep></futureElement></OpbPutrecBsc></OPB211></BussinessData></DataInfo></Package>"
    )
}

#[test]
fn a_decision_gives_every_reason_and_what_was_granted() {
    let answer = read(&decision_xml("3")).unwrap();
    assert_eq!(event(&answer), Some(Step::Returned));
    assert_eq!(answer.about, MessageRef::find(MESSAGE));
    assert_eq!(answer.notes, ["出口货物第3项【商品编码】A < B & C", "表头【生产工艺说明】<过短>"]);
    assert_eq!(answer.at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-11-23T01:00:00+00:00"));
    assert_eq!(
        (answer.record["emsNo"].as_str(), day(&answer.record["validDate"]).as_str()),
        ("P53016W00001", "2027-11-22")
    );
}

#[test]
fn prefixes_and_unknown_codes_are_taken_as_they_come() {
    // A real receipt of 2024 carries code 4, which no list explains: it must be shown, not guessed at.
    let odd = decision_xml("4").replace("<HdeApprResult>", "<n:HdeApprResult xmlns:n=\"urn:x\">");
    let answer = read(&odd.replace("</HdeApprResult>", "</n:HdeApprResult>")).unwrap();
    assert_eq!((answer.result.as_str(), event(&answer)), ("4", None));
}

#[test]
fn the_platform_says_why_it_refuses() {
    let raw = "\u{feff}<CommonResponeMessage><EtpsPreentNo>A1</EtpsPreentNo><CheckInfo>企业内部编号已存在</CheckInfo>\
               <DealFlag>-1</DealFlag></CommonResponeMessage>";
    let answer = read(raw).unwrap();
    assert_eq!(event(&answer), Some(Step::Refused));
    assert_eq!(answer.notes, ["企业内部编号已存在"]);
    let taken = read(&raw.replace("-1", "0")).unwrap();
    assert_eq!((event(&taken), taken.remark.as_str()), (Some(Step::Taken), "企业内部编号已存在"));
    assert!(taken.notes.is_empty());
}

#[test]
fn a_failed_entry_turns_its_remark_into_reasons() {
    let raw = format!(
        "<Package><DataInfo><BussinessData><OPB200><MsgReceResult><pocketId>{MESSAGE}</pocketId>\
         <manageResult>Z</manageResult><rmk>表头【主管海关】未填；出口货物第1项【商品名称】未填</rmk></MsgReceResult></OPB200>\
         </BussinessData></DataInfo></Package>"
    );
    let answer = read(&raw).unwrap();
    assert_eq!(event(&answer), Some(Step::EntryFailed));
    assert_eq!(answer.notes, ["表头【主管海关】未填", "出口货物第1项【商品名称】未填"]);
    // A type of another business must not move a filing, even if the code looks alike.
    assert_eq!(event(&read(&raw.replace("OPB200", "OPB221")).unwrap()), None);
}

#[test]
fn what_cannot_be_trusted_is_named() {
    let whole = decision_xml("1");
    let twice = whole.replace("<tmsCnt>", "<manageResult>3</manageResult><tmsCnt>");
    assert_eq!(read(&twice), Err(Fault::Contradiction("manageResult".into())));
    assert_eq!(read("<a/><b/>"), Err(Fault::Broken("more than one root element".into())));
    assert_eq!(read("<INV999/>"), Err(Fault::Unknown("INV999".into())));
    assert_eq!(read(&whole.replace("<manageResult>1</manageResult>", "")), Err(Fault::Lacks("manageResult")));
    assert_eq!(read(&format!("{}{}", "<a>".repeat(40), "</a>".repeat(40))), Err(Fault::TooDeep));
    assert_eq!(read(&" ".repeat(MAX_BYTES + 1)), Err(Fault::TooLong));
    let bomb = format!("<!DOCTYPE a [<!ENTITY b \"bbbb\">]>{whole}");
    assert!(matches!(read(&bomb), Err(Fault::Broken(_))));
    assert!(matches!(read(&whole.replace("OP1", "&b;")), Err(Fault::Broken(_))));
    assert!(matches!(read(""), Err(Fault::Broken(_))));
}

#[test]
fn a_receipt_cut_off_anywhere_is_never_taken_for_a_whole_one() {
    let whole = decision_xml("1");
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        assert!(read(&whole[..end]).is_err(), "cut after {end} bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_text_never_panics(raw in "\\PC{0,200}") {
        let _ = read(&raw);
    }

    #[test]
    fn random_markup_never_panics(parts in proptest::collection::vec(
        prop_oneof![
            Just("<"), Just(">"), Just("/"), Just("<a>"), Just("</a>"), Just("<HdeApprResult>"), Just("&"), Just(";"),
            Just("&#x"), Just("<![CDATA["), Just("]]>"), Just("<!--"), Just("-->"), Just("<?"), Just("?>"),
            Just("<!DOCTYPE"), Just("xmlns:n='x'"), Just("汉"), Just("\u{0}"), Just("CheckInfo"), Just("note"),
        ], 0..40)) {
        let _ = read(&parts.concat());
    }

    #[test]
    fn a_damaged_receipt_never_panics(at in 0usize..900, byte in any::<u8>(), cut in 0usize..900) {
        let mut bytes = decision_xml("1").into_bytes();
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes.drain(cut % length..(cut % length + 7).min(length));
        let _ = read(&String::from_utf8_lossy(&bytes));
    }
}
