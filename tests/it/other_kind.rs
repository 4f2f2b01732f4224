//! A second, tiny kind of document, made here only: it saves, imports, prints, is declared, returned, mended and approved by
//! the life every document has. If this fails, the next kind of work costs a program of its own.

use async_trait::async_trait;
use chrono::NaiveDate;
use opbook::account::model::Enterprise;
use opbook::account::session::Actor;
use opbook::document::import;
use opbook::document::import::model::{Apply, Mode, Report, template_name};
use opbook::document::kind::{Kind, Listing, Naming, RowRecord, Rules, Section, Typed, Whole};
use opbook::document::office::{Declaring, Office};
use opbook::document::print::{self, paper};
use opbook::document::store::DocumentRow;
use opbook::document::{Base, Query, SaveHead, Status, parties, service};
use opbook::exchange::{Decision, Incoming, MessageRef, Messages, inbox};
use opbook::form::{Field, Finding, Kind as FieldKind, Record as _, Severity, Source, Values, check_record, pointer};
use opbook::print::Part;
use opbook::reference::Codes;
use opbook::server::call::Call;
use opbook::server::db::{Db, Tx};
use opbook::server::failure::Failure;
use opbook::server::state::Offices;
use opbook::text::{Text, text};
use uuid::Uuid;

use crate::desk::{OWN, at, call, declare, filled, one, rows, state};
use crate::support::both_databases;

opbook::record! {
    /// 便函
    pub struct NoteHead {
        operator_code: Field::new(text("经营单位代码", "Operator"), FieldKind::Code { len: 10 }).save(),
        title: Field::new(text("标题", "Title"), FieldKind::Text { max: 20 }).declare(),
        weight: Field::new(text("总重", "Weight"), FieldKind::Decimal { int: 9, frac: 2, positive: false }).from(Source::Computed),
        lines: Field::new(text("行数", "Lines"), FieldKind::Text { max: 9 }).from(Source::Computed),
        granted: Field::new(text("准许", "Granted"), FieldKind::Text { max: 9 }).from(Source::Customs),
    }
}

opbook::record! {
    /// 行
    pub struct NoteLine {
        name: Field::new(text("名称", "Name"), FieldKind::Text { max: 20 }).save(),
        weight: Field::new(text("重量", "Weight"), FieldKind::Decimal { int: 9, frac: 2, positive: true }),
    }
}

impl RowRecord for NoteLine {
    fn complete(&mut self, _: Option<&str>, _: &Codes) {}
    fn check(&self, seq: i64, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        check_record("lines", Some(seq), self, codes, for_declare)
    }
}

struct NoteRules;

impl Rules for NoteRules {
    fn start(&self, _: &mut Values, _: &Enterprise, _: NaiveDate) {}
    fn fix(&self, _: &mut Values) {}
    fn check_head(
        &self,
        head: &Values,
        _: Option<&Base>,
        codes: &Codes,
        _: NaiveDate,
        for_declare: bool,
    ) -> Vec<Finding> {
        check_record("head", None, head, codes, for_declare)
    }
    fn check_whole(&self, whole: &Whole<'_>) -> Vec<Finding> {
        let none = whole.list("lines").next().is_none();
        let finding = || Finding::new("none", pointer("lines", None, "name"), Severity::Declare, "至少一行", "A line");
        none.then(finding).into_iter().collect()
    }
}

const NUMBER: Text = text("序号", "No.");

/// Its query list.
static LISTING: Listing = Listing { key: "note", label: text("便函查询", "Notes") };

/// How it is called.
static NAMING: Naming = Naming {
    key: "note",
    label: text("便函", "Note"),
    noun: text("便函", "Note"),
    listing: &LISTING,
    new_label: text("新便函", "New note"),
    is_notice: false,
};

static NOTE: Kind = Kind {
    naming: &NAMING,
    head: NoteHead::FIELDS,
    sections: &[Section {
        key: "lines",
        label: text("明细", "Lines"),
        fields: NoteLine::FIELDS,
        number: NUMBER,
        first: "name",
        most_rows: 3,
        count: "lines",
        sums: &[("weight", "weight")],
        quick: &["name"],
        sheet_names: &["明细"],
        element: "NoteLine",
        number_element: "no",
        rules: &Typed::<NoteLine>::RULES,
    }],
    parties: &[],
    facts: &["title"],
    columns: &["seq_no", "title", "weight"],
    titles: &["title"],
    own: &[],
    element: "NoteHead",
    book: None,
    declared: None,
    accounts: None,
    rules: &NoteRules,
};

const MESSAGES: Messages = Messages { declares: "OPN111", entry: "OPN200", decision: "OPN211", record: "NoteHead" };

struct NoteOffice;

#[async_trait]
impl Office for NoteOffice {
    fn kind(&self) -> &'static Kind {
        &NOTE
    }
    fn messages(&self) -> &'static Messages {
        &MESSAGES
    }
    async fn look_up(
        &self,
        db: &Db,
        actor: &Actor,
        head: &mut Values,
        today: NaiveDate,
    ) -> Result<Vec<Finding>, Failure> {
        parties::look_up(db, actor, &NOTE, head, today).await
    }
    async fn standing(&self, _: &mut Tx, _: &Declaring<'_>) -> Result<Vec<Finding>, Failure> {
        Ok(Vec::new())
    }
    async fn approved(&self, _: &Db, _: &mut Tx, row: &mut DocumentRow, decision: &Decision) -> Result<(), Failure> {
        let mut head = Values::from_json(NOTE.head, &row.head)?;
        head.set("granted", decision.get("grant"));
        row.set_head(&NOTE, &head)?;
        Ok(())
    }
}

fn line(name: &str, weight: &str) -> NoteLine {
    NoteLine { name: name.into(), weight: weight.into() }
}

async fn decided(call: &Call, id: Uuid, round: i64, result: &str) {
    let message = MessageRef::new("OPN111", &id.to_string(), round).to_string();
    let raw = format!(
        "<Package><DataInfo><OPN211><HdeApprResult><businessId>{message}</businessId><manageResult>{result}</manageResult>\
         </HdeApprResult><CheckInfo><note>明细第1项【重量】过大</note></CheckInfo><NoteHead><grant>G-1</grant></NoteHead>\
         </OPN211></DataInfo></Package>"
    );
    inbox::keep(&call.state.db, &[Incoming { id: format!("{message}{result}"), raw: raw.into() }]).await.unwrap();
    while inbox::apply_new(&call.state).await.unwrap() {}
}

/// A bad row is told and keeps all out; what is good becomes the second line.
async fn imported(call: &Call, id: Uuid) {
    let file = |rows: &str| format!("名称,重量\n{rows}").into_bytes();
    let bad = import::upload(call, id, "便函.csv", "lines", &file("二,2\n三,许多\n")).await.unwrap();
    let adding = bad.plans.iter().find(|plan| plan.mode == Mode::Append).unwrap();
    assert_eq!(adding.total(), (1, 0, 0, 1));
    assert_eq!((adding.problems[0].row, adding.problems[0].field.zh.as_ref()), (3, "重量"));
    let apply = |report: &Report| Apply { id: report.id, base: report.base, mode: Mode::Append, only_good: false };
    assert!(matches!(import::apply(call, apply(&bad)).await, Err(Failure::Refused { .. })));
    let good = import::upload(call, id, "便函.csv", "lines", &file("二,2\n")).await.unwrap();
    let applied = import::apply(call, apply(&good)).await.unwrap();
    assert_eq!((applied.added, at(&applied.document.head, "weight")), (1, "12.5"));
    assert_eq!(template_name(&NOTE), "便函界面导入说明文档.xlsx");
}

#[tokio::test]
async fn another_kind_has_the_life_of_all() {
    for db in both_databases().await {
        let mut state = state(db).await;
        state.offices = Offices { kinds: &[&NoteOffice], unasked: &[] };
        let call = call(&state, "zhang", OWN);
        let id = Uuid::now_v7();
        let head = NoteHead { operator_code: OWN.into(), title: "甲".into(), ..NoteHead::default() };
        let save = SaveHead { op: 0, id, kind: "note".into(), base: 0, head: filled(&head), was: None };
        let saved = service::save_head(&call, save).await.unwrap();
        assert!(service::declare(&call, opbook::document::Step { id, base: saved.meta.version }).await.is_err());
        service::save_rows(&call, one(id, "lines", Uuid::now_v7(), 0, &line("一", "10.5"))).await.unwrap();
        imported(&call, id).await;
        let too_many = one(id, "lines", Uuid::now_v7(), 0, &line("三", "1"));
        service::save_rows(&call, too_many).await.unwrap();
        let too_many = one(id, "lines", Uuid::now_v7(), 0, &line("四", "1"));
        assert!(matches!(service::save_rows(&call, too_many).await, Err(Failure::Refused { .. })));

        declare(&call, id).await.unwrap();
        let body: String = sqlx::query_scalar("SELECT body FROM outbox WHERE document_id = $1")
            .bind(id.to_string())
            .fetch_one(&state.db.read)
            .await
            .unwrap();
        let line_of = "<NoteLine><no>1</no><name>一</name><weight>10.5</weight></NoteLine>";
        assert!(body.contains("<OPN111><NoteHead>") && body.contains(line_of), "{body}");
        decided(&call, id, 1, "3").await;
        let receipts = service::receipts(&call, id).await.unwrap();
        assert_eq!(receipts[0].notes[0].pointer, "lines[1].weight");
        let document = service::get(&call, id).await.unwrap();
        assert_eq!(document.meta.status, Status::Returned);
        let first = &rows(&document, "lines")[0];
        let mended = one(id, "lines", first.id, first.version, &line("一", "9"));
        assert_eq!(at(&service::save_rows(&call, mended).await.unwrap().head, "weight"), "12");
        declare(&call, id).await.unwrap();
        decided(&call, id, 2, "1").await;
        let document = service::get(&call, id).await.unwrap();
        assert_eq!((document.meta.status, at(&document.head, "granted")), (Status::Approved, "G-1"));

        let content = print::read(&call, id).await.unwrap();
        let paper = paper(&content, "张", &Codes::default(), state.clock.now());
        let titles: Vec<&str> = paper
            .parts
            .iter()
            .map(|part| match part {
                Part::Form(form) => form.title.as_str(),
                Part::Boxes(_) | Part::Break => panic!("a note has no official form"),
                Part::Listing(listing) => listing.title.as_str(),
            })
            .collect();
        assert_eq!((paper.title.as_str(), titles), ("便函", vec!["", "表头", "明细", "随附单据"]));
        // By a field of its own that no table has as a column: 9 comes before 12.
        let other = Uuid::now_v7();
        let save = SaveHead { op: 0, id: other, kind: "note".into(), base: 0, head: filled(&head), was: None };
        service::save_head(&call, save).await.unwrap();
        service::save_rows(&call, one(other, "lines", Uuid::now_v7(), 0, &line("一", "9"))).await.unwrap();
        let query = Query {
            list: "note".into(),
            operator_code: OWN.into(),
            sort: "weight".into(),
            page_size: 9,
            ..Query::default()
        };
        let page = service::list(&call, query).await.unwrap();
        let order: Vec<Uuid> = page.lines.iter().map(|line| line.meta.id).collect();
        assert_eq!(order, [other, id]);
    }
}
