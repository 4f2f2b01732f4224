//! The office from the outside: messages in, answers out, over a database of its own. Messages are written by
//! hand here: built by our own writer, they could not show its mistakes.

use chrono::TimeZone;
use tempfile::TempDir;

use super::*;

const GOOD_HEAD: &[(&str, &str)] = &[
    ("etpsPreentNo", "OP20261123001"),
    ("seqNo", "202600000000000001"),
    ("dclTypecd", "1"),
    ("masterCuscd", "5301"),
    ("bizopEtpsno", "4403960001"),
    ("bizopEtpsSccd", "91440300000000000X"),
    ("bizopEtpsNm", "深圳甲公司"),
    ("rcvgdEtpsno", "4403960002"),
    ("rvsngdEtpsSccd", "91440300000000001X"),
    ("rcvgdEtpsNm", "深圳乙公司"),
    ("dclEtpsno", "4403960001"),
    ("dclEtpsNm", "深圳甲公司"),
    ("supvModecd", "1427"),
    ("contractNo", "C-1"),
    ("validDate", "2027-11-23"),
    ("foreignProcessorName", "ACME"),
    ("natcd", "JPN"),
    ("impCurrcd", "USD"),
    ("contactMobile", "13800000000"),
    ("processDesc", "晶圆经切割、焊线、封装和测试后成为集成电路"),
];

/// A filing as XML: values of the good one, with some replaced.
struct Draft {
    name: String,
    head: Vec<(String, String)>,
    exports: Vec<[String; 3]>,
    imports: Vec<[String; 3]>,
    /// 修改标志 of the items of a change; none for a filing.
    export_marks: Vec<&'static str>,
    import_marks: Vec<&'static str>,
    /// 类型, 状态 and 哈希值 of each paper.
    papers: Vec<[&'static str; 3]>,
}

impl Draft {
    fn good(name: &str) -> Self {
        let head = GOOD_HEAD.iter().map(|(element, text)| ((*element).to_owned(), (*text).to_owned())).collect();
        let item = |code: &str, spec: &str, amount: &str| [code.to_owned(), spec.to_owned(), amount.to_owned()];
        Self {
            name: name.to_owned(),
            head,
            exports: vec![item("8541410000", "A", "60"), item("8541410000", "B", "40")],
            imports: vec![item("8542319000", "X", "99.99"), item("8542319000", "Y", "0.01")],
            export_marks: Vec::new(),
            import_marks: Vec::new(),
            papers: Vec::new(),
        }
    }

    fn with(mut self, element: &str, text: &str) -> Self {
        self.head.retain(|(name, _)| name != element);
        if !text.is_empty() {
            self.head.push((element.to_owned(), text.to_owned()));
        }
        self
    }

    fn xml(&self) -> String {
        let name = &self.name;
        let head: String = self.head.iter().map(|(element, text)| format!("<{element}>{text}</{element}>")).collect();
        let items = |kind: &str, amount: &str, items: &[[String; 3]], marks: &[&str]| -> String {
            let mark = |seq: usize| {
                marks.get(seq - 1).map(|mark| format!("<modfMarkcd>{mark}</modfMarkcd>")).unwrap_or_default()
            };
            items.iter().zip(1..).map(|([code, spec, value], seq)| format!(
                "<{kind}><gdsSeqno>{seq}</gdsSeqno>{}<gdecd>{code}</gdecd><gdsNm>货</gdsNm>\
                 <endprdGdsSpcfModelDesc>{spec}</endprdGdsSpcfModelDesc><dclUnitcd>007</dclUnitcd><lawfUnitcd>007</lawfUnitcd>\
                 <dclQty>1</dclQty><legalQty>1</legalQty><dclUprcAmt>1</dclUprcAmt><dclCurrcd>USD</dclCurrcd>\
                 <natcd>CHN</natcd><{amount}>{value}</{amount}>{}</{kind}>", mark(seq),
                if amount == "dclTotalAmt" { "" } else { "<dclTotalAmt>1</dclTotalAmt>" })).collect()
        };
        let exports = items("OpbPutrecExpDt", "dclTotalAmt", &self.exports, &self.export_marks);
        let imports = items("OpbPutrecImpDt", "originalValue", &self.imports, &self.import_marks);
        let papers: String = self
            .papers
            .iter()
            .zip(1..)
            .map(|([kind, status, hash], seq)| {
                format!(
                    "<OpbPutrecAcmpFormDt><acmpFormSeqno>{seq}</acmpFormSeqno><acmpFormTypecd>{kind}</acmpFormTypecd>\
             <acmpFormStucd>{status}</acmpFormStucd><FileHashMethod>sha256</FileHashMethod><FileHash>{hash}</FileHash>\
             </OpbPutrecAcmpFormDt>"
                )
            })
            .collect();
        format!(
            "<Signature><Object><Package><EnvelopInfo><business_id>{name}</business_id><message_id>{name}</message_id>\
             <message_type>OPB111</message_type></EnvelopInfo><DataInfo><PocketInfo><pocket_id>{name}</pocket_id></PocketInfo>\
             <BussinessData><OPB111><OpbPutrecBsc>{head}</OpbPutrecBsc>{exports}{imports}{papers}</OPB111><DelcareFlag>1</DelcareFlag>\
             </BussinessData></DataInfo></Package></Object></Signature>"
        )
    }
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 4, 0, 0).unwrap()
}

async fn office() -> (Office, TempDir) {
    let folder = TempDir::new().unwrap();
    let db = Db::open(&format!("sqlite:{}", folder.path().join("customs.db").display())).await.unwrap();
    (Office::new(db, Duration::from_secs(2), Decimal::from(1_000_000)), folder)
}

fn names(answers: &[(String, String)]) -> Vec<&str> {
    answers.iter().map(|(name, _)| name.as_str()).collect()
}

/// Hands a filing in and lets time pass until nothing more comes; all answers in order.
async fn all_answers(office: &Office, draft: &Draft) -> Vec<(String, String)> {
    let mut now = noon();
    office.receive(&draft.name, &draft.xml(), now).await.unwrap();
    let mut all = Vec::new();
    for _ in 0..5 {
        let answers = office.answers(now).await.unwrap();
        office.acknowledge(&answers.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>()).await.unwrap();
        all.extend(answers);
        now += TimeDelta::seconds(2);
    }
    all
}

#[tokio::test]
async fn a_good_filing_is_taken_entered_and_approved() {
    let (office, _folder) = office().await;
    let draft = Draft::good("M1");
    office.receive("M1", &draft.xml(), noon()).await.unwrap();
    assert_eq!(names(&office.answers(noon()).await.unwrap()), ["Successed_M1"]);

    // Until acknowledged everything comes again, in the same order; a resent message adds nothing.
    let later = noon() + TimeDelta::seconds(2);
    assert_eq!(names(&office.answers(later).await.unwrap()), ["Successed_M1", "Receipt_M1_OPB200_Y"]);
    office.receive("M1", &draft.xml(), later).await.unwrap();
    let last = later + TimeDelta::seconds(2);
    let answers = office.answers(last).await.unwrap();
    assert_eq!(names(&answers), ["Successed_M1", "Receipt_M1_OPB200_Y", "Receipt_M1_OPB211_1"]);
    let decision = &answers[2].1;
    for part in [
        "<businessId>M1</businessId>",
        "<manageResult>1</manageResult>",
        "<manageDate>2026-11-23 12:00:04</manageDate>",
        "<emsNo>P53016W00001</emsNo><validFrom>2026-11-23</validFrom><validDate>2027-11-23</validDate>",
        "<bizopEtpsNm>深圳甲公司</bizopEtpsNm>",
    ] {
        assert!(decision.contains(part), "{part} in {decision}");
    }
    office.acknowledge(&answers.into_iter().map(|(id, _)| id).collect::<Vec<_>>()).await.unwrap();
    assert!(office.answers(last + TimeDelta::days(1)).await.unwrap().is_empty());
}

#[tokio::test]
async fn book_numbers_go_on_and_are_never_given_twice() {
    let (office, folder) = office().await;
    let number = |answers: &[(String, String)]| {
        let (_, xml) = answers.last().unwrap();
        xml.split_once("<emsNo>").unwrap().1[..12].to_owned()
    };
    let draft = |at: usize, place: &str| {
        Draft::good(&format!("M{at}")).with("etpsPreentNo", &format!("N{at}")).with("masterCuscd", place)
    };
    assert_eq!(number(&all_answers(&office, &draft(1, "5301")).await), "P53016W00001");
    assert_eq!(number(&all_answers(&office, &draft(2, "2201")).await), "P22016W00001");
    // Another process on the same database, e.g. after a restart.
    let db = Db::open(&format!("sqlite:{}", folder.path().join("customs.db").display())).await.unwrap();
    let again = Office::new(db, Duration::ZERO, Decimal::from(1_000_000));
    assert_eq!(number(&all_answers(&again, &draft(3, "5301")).await), "P53016W00002");
}

#[tokio::test]
async fn a_repeated_internal_number_is_refused_while_the_other_filing_lives() {
    let (office, _folder) = office().await;
    let first = Draft::good("M1").with("processDesc", "太短");
    let second = |name: &str| Draft::good(name).with("seqNo", "202600000000000002");
    office.receive("M1", &first.xml(), noon()).await.unwrap();
    let (name, refusal) = all_answers(&office, &second("M2")).await.remove(1);
    assert_eq!(name, "Failed_M2");
    for part in ["<SeqNo>202600000000000001</SeqNo>", "【企业内部编号】OP20261123001", "<DealFlag>-1</DealFlag>"]
    {
        assert!(refusal.contains(part), "{part} in {refusal}");
    }
    // The first was returned meanwhile: its number is free, and it may itself come again.
    assert_eq!(names(&all_answers(&office, &second("M3")).await)[0], "Successed_M3");
    let again = Draft::good("M4");
    assert_eq!(names(&all_answers(&office, &again).await), ["Failed_M4"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_once() {
    let (office, _folder) = office().await;
    office.receive("M1", "<Signature><Object>", noon()).await.unwrap();
    office.receive("M1", "<Signature><Object>", noon()).await.unwrap();
    let answers = office.answers(noon() + TimeDelta::days(1)).await.unwrap();
    assert_eq!(names(&answers), ["Failed_M1"]);
    assert!(answers[0].1.contains("报文无法解析"));
}

#[tokio::test]
async fn an_incomplete_filing_is_not_entered() {
    let (office, _folder) = office().await;
    let mut draft = Draft::good("M1").with("contractNo", "").with("supvModecd", "0110").with("masterCuscd", "53A1");
    draft.exports[1][0] = "8541".into();
    draft.imports[0][2] = "很多".into();
    let answers = all_answers(&office, &draft).await;
    assert_eq!(names(&answers), ["Successed_M1", "Receipt_M1_OPB200_Z"]);
    for part in [
        "<manageResult>Z</manageResult>",
        "表头【出境加工合同号】未填",
        "表头【监管方式】应为1427",
        "表头【主管海关】不是4位关区代码",
        "出口货物第2项【商品编码】不是10位数字",
        "复进口货物第1项【原出口货物价值】未填或不是数字",
    ] {
        assert!(answers[1].1.contains(part), "{part} in {}", answers[1].1);
    }
    let mut bare = Draft::good("M2").with("etpsPreentNo", "N2");
    bare.exports.clear();
    assert!(all_answers(&office, &bare).await[1].1.contains("出口货物至少应有一项"));
}

#[tokio::test]
async fn each_reason_of_a_return_names_its_field() {
    let (office, _folder) = office().await;
    let edit = |change: fn(&mut Draft)| {
        let mut draft = Draft::good("");
        change(&mut draft);
        draft
    };
    let cases = [
        (Draft::good("").with("processDesc", "外协 加工"), "表头【生产工艺说明】过于简单（4个字）"),
        (Draft::good("").with("natcd", "CHN"), "表头【加工国别(地区)】不能为中国"),
        (Draft::good("").with("validDate", "2027-11-24"), "表头【结束有效日期】2027-11-24超过一年，最迟为2027-11-23"),
        (Draft::good("").with("validDate", "2026-11-22"), "表头【结束有效日期】2026-11-22已经过去"),
        (edit(|draft| draft.exports[1][0] = "9701210000".into()), "出口货物第2项【商品编码】9701210000属于艺术品"),
        (edit(|draft| draft.exports[1][1] = "A".into()), "出口货物第2项【规格型号】与第1项的商品编码、规格型号均相同"),
        (edit(|draft| draft.imports[1][1] = "X".into()), "复进口货物第2项【规格型号】与第1项"),
        (
            edit(|draft| draft.imports[1][2] = "0.02".into()),
            "复进口货物第2项【原出口货物价值】合计100.01大于出口货物总额100，",
        ),
    ];
    for (at, (mut draft, reason)) in cases.into_iter().enumerate() {
        draft.name = format!("M{at}");
        let answers = all_answers(&office, &draft).await;
        let (name, xml) = answers.last().unwrap();
        assert_eq!(*name, format!("Receipt_M{at}_OPB211_3"), "{reason}");
        assert_eq!(xml.matches("<note>").count(), 1, "{xml}");
        assert!(xml.contains(&format!("<note>{reason}")), "{reason} in {xml}");
    }
}

#[tokio::test]
async fn a_filing_without_its_papers_is_returned() {
    const HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let (office, _folder) = office().await;
    let office = office.requiring(vec!["contract", "picture"]);
    for (at, (papers, reasons)) in [
        (vec![], ["【随附单证类型】缺少“出境加工合同”", "【随附单证类型】缺少“货物图片或样品”"].as_slice()),
        (vec![["01", "9", HASH]], &["【随附单证类型】缺少“货物图片或样品”"]),
        (vec![["01", "9", HASH], ["03", "8", HASH]], &["第2项【文件名称】未上传"]),
        (vec![["01", "9", "abc"], ["03", "9", HASH]], &["第1项【哈希值】格式不正确"]),
        // A sample on the counter is as good as pictures, and nobody asked for the process.
        (vec![["01", "9", HASH], ["03", "0", ""]], &[]),
    ]
    .into_iter()
    .enumerate()
    {
        let draft = Draft { papers, ..Draft::good(&format!("M{at}")) }.with("etpsPreentNo", &format!("N{at}"));
        let answers = all_answers(&office, &draft).await;
        let (_, xml) = answers.last().unwrap();
        assert_eq!(xml.matches("<note>").count(), reasons.len(), "{xml}");
        for reason in reasons {
            assert!(xml.contains(&format!("<note>随附单据{reason}")), "{reason} in {xml}");
        }
    }
}

#[tokio::test]
async fn a_large_filing_goes_to_an_officer_first() {
    let (office, _folder) = office().await;
    let mut draft = Draft::good("M1");
    draft.exports[0][2] = "1000000".into();
    let want = ["Successed_M1", "Receipt_M1_OPB200_Y", "Receipt_M1_OPB211_2", "Receipt_M1_OPB211_1"];
    assert_eq!(names(&all_answers(&office, &draft).await), want);
}

#[tokio::test]
async fn two_processes_decide_each_filing_once() {
    let (office, _folder) = office().await;
    for at in 0..10 {
        let draft = Draft::good(&format!("M{at}")).with("etpsPreentNo", &format!("N{at}"));
        office.receive(&draft.name, &draft.xml(), noon()).await.unwrap();
    }
    for hour in 1..4 {
        let now = noon() + TimeDelta::hours(hour);
        let (one, other) = tokio::join!(office.answers(now), office.answers(now));
        one.unwrap();
        other.unwrap();
    }
    let answers = office.answers(noon() + TimeDelta::hours(5)).await.unwrap();
    assert_eq!(answers.len(), 30);
    let mut numbers: Vec<&str> =
        answers.iter().filter_map(|(_, xml)| xml.split_once("<emsNo>")).map(|(_, rest)| &rest[..12]).collect();
    numbers.sort_unstable();
    let want: Vec<String> = (1..=10).map(|serial| format!("P53016W{serial:05}")).collect();
    assert_eq!(numbers, want);
}

/// A change of the book that [`Draft::good`] became: the same rows, marked as unchanged.
fn change(name: &str) -> Draft {
    let mut draft = Draft::good(name)
        .with("seqNo", "202600000000000009")
        .with("dclTypecd", "2")
        .with("emsNo", "P53016W00001")
        .with("chgTmsCnt", "1");
    draft.export_marks = vec!["0", "0"];
    draft.import_marks = vec!["0", "0"];
    draft
}

/// The reasons of a return; empty for an approval.
fn reasons(answers: &[(String, String)]) -> String {
    let (name, xml) = answers.last().unwrap();
    if name.contains("OPB211_1") {
        return String::new();
    }
    xml.split("<note>").skip(1).filter_map(|rest| rest.split("</note>").next()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_change_is_held_against_the_register() {
    let (office, _folder) = office().await;
    let unknown = reasons(&all_answers(&office, &change("M0")).await);
    assert!(unknown.contains("【账册编号】P53016W00001不存在"), "{unknown}");
    all_answers(&office, &Draft::good("M1")).await;

    let mut serial = 1;
    let mut judge = async |draft: &dyn Fn(Draft) -> Draft| {
        serial += 1;
        let draft = draft(change(&format!("M{serial}")).with("etpsPreentNo", &format!("C{serial}")));
        reasons(&all_answers(&office, &draft).await)
    };
    let said = judge(&|draft| draft.with("chgTmsCnt", "2").with("contractNo", "C-2")).await;
    assert!(said.contains("【变更次数】应为1"), "{said}");
    let said = judge(&|draft| draft.with("bizopEtpsno", "4403960009")).await;
    assert!(said.contains("不属于经营单位4403960009"), "{said}");
    let said = judge(&|draft| draft.with("impCurrcd", "CNY")).await;
    assert!(said.contains("【币制】不能变更"), "{said}");
    let said = judge(&|draft| draft.with("validDate", "2028-05-24")).await;
    assert!(said.contains("【结束有效日期】延期不得超过6个月，由2027-11-23最迟可延至2028-05-23"), "{said}");
    let said = judge(&|draft| draft.with("validDate", "2028-05-23")).await;
    assert!(said.contains("【随附单证类型】延期须随附"), "{said}");
    // A mark that does not tell the truth would let a change pass unseen.
    let said = judge(&|mut draft| {
        draft.exports[0][2] = "61".into();
        draft
    })
    .await;
    assert!(said.contains("出口货物第1项【修改标志】0与现行账册不符"), "{said}");
    let said = judge(&|mut draft| {
        draft.exports.pop();
        draft
    })
    .await;
    assert!(said.contains("出口货物第2项【商品序号】现行账册有此项，变更中缺少"), "{said}");
    let said = judge(&|mut draft| {
        draft.export_marks = vec!["2", "2"];
        draft
    })
    .await;
    assert!(said.is_empty(), "what is wholly deleted is not entered at all: {said}");
}

#[tokio::test]
async fn an_approved_change_is_what_the_next_one_is_held_against() {
    let (office, _folder) = office().await;
    all_answers(&office, &Draft::good("M1")).await;
    let mut first = change("M2").with("contractNo", "C-2").with("etpsPreentNo", "C2");
    first.exports[0][2] = "61".into();
    first.export_marks = vec!["1", "0"];
    let answers = all_answers(&office, &first).await;
    let (name, xml) = answers.last().unwrap();
    assert!(name.ends_with("OPB211_1"), "{xml}");
    // The start of the validity stays; the number is the book's.
    assert!(xml.contains("<emsNo>P53016W00001</emsNo><validFrom>2026-11-23</validFrom>"), "{xml}");
    let mut second = change("M3").with("chgTmsCnt", "2").with("contractNo", "C-3").with("etpsPreentNo", "C3");
    let said = reasons(&all_answers(&office, &second).await);
    assert!(said.contains("出口货物第1项【修改标志】0"), "{said}");
    second.name = "M4".into();
    second.exports[0][2] = "61".into();
    assert_eq!(reasons(&all_answers(&office, &second).await), "");
}
