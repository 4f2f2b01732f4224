//! What tests of the services share: a server without HTTP, two enterprises, a complete filing, and customs' answers fed
//! by hand.

use opbook::account::model::Enterprise;
use opbook::account::rights::{Role, Scope};
use opbook::account::session::Actor;
use opbook::document::{Document, PutRow, RemoveRow, Row, SaveHead, SaveRows, Saved, SavedRows, Step, service};
use opbook::exchange::{Incoming, MessageRef, inbox};
use opbook::filing::model::{EXPORTS, ExportGoods, Head, REIMPORTS, ReimportGoods};
use opbook::form::{Filled, Texts, Values, add_months, show_date};
use opbook::reference::service::ReferenceCache;
use opbook::server::call::Call;
use opbook::server::config::Config;
use opbook::server::db::Db;
use opbook::server::failure::Failure;
use opbook::server::state::AppState;
use uuid::Uuid;

pub const OWN: &str = "3101910001";
pub const OTHER: &str = "4403W60002";
pub const PROCESSOR: &str = "3205940003";
pub const USCC: &str = "91350100M000100Y43";
pub const KIND: &str = "filing";
/// A code of the starter set without export duty or bars.
pub const CODE: &str = "8542399000";

/// A server over the database, with three enterprises.
pub async fn state(db: Db) -> AppState {
    let mut tx = db.begin().await.unwrap();
    for code in [OWN, OTHER, PROCESSOR] {
        sqlx::query(
            "INSERT INTO enterprise (code, uscc, name, credit_grade) VALUES ($1, $2, $3, 'regular') ON CONFLICT DO NOTHING",
        )
        .bind(code)
        .bind(USCC)
        .bind(format!("企业{code}"))
        .execute(&mut *tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    // Attachments have tests of their own.
    let config = Config {
        required_attachments: Vec::new(),
        data: crate::support::fresh_folder(),
        sheet_reader: env!("CARGO_BIN_EXE_opbook").into(),
        ..Config::default()
    };
    let reference = ReferenceCache::load(&db, &config).await.unwrap();
    AppState::new(db, config, reference)
}

pub fn enterprise(code: &str) -> Enterprise {
    Enterprise { code: code.into(), uscc: USCC.into(), name: format!("企业{code}") }
}

/// A call of a user who acts for one enterprise.
pub fn call(state: &AppState, login: &str, code: &str) -> Call {
    agent(state, login, code, &[code])
}

/// A call of a user of an enterprise who acts for these, and may do all that can be done with documents.
pub fn agent(state: &AppState, login: &str, code: &str, acts_for: &[&str]) -> Call {
    let principals = acts_for.iter().filter(|one| **one != code).map(|one| (enterprise(one), Scope::Declare)).collect();
    let (id, name) = (login.to_owned(), login.to_owned());
    let actor = Actor::new(id, login.into(), name, enterprise(code), &[Role::Declarant], principals);
    Call { state: state.clone(), actor }
}

/// A head complete enough to be declared.
pub fn head(call: &Call) -> Head {
    Head {
        operator_code: OWN.into(),
        processor_code: PROCESSOR.into(),
        master_customs: "5301".into(),
        contract_no: "HT-2026-01".into(),
        contract_date: "2026-01-05".into(),
        foreign_processor_name: "ACME Processing".into(),
        process_country: "VNM".into(),
        currency: "USD".into(),
        valid_to: show_date(add_months(call.state.clock.today(), 6).unwrap()),
        contact_name: "张三".into(),
        contact_mobile: "13800138000".into(),
        process_desc: "境外贴装、测试后复运进境".into(),
        ..Head::default()
    }
}

pub fn export(qty: &str) -> ExportGoods {
    ExportGoods {
        hs_code: CODE.into(),
        goods_name: "处理器".into(),
        spec_model: "A1".into(),
        declare_unit: "035".into(),
        legal_unit: "035".into(),
        qty: qty.into(),
        legal_qty: qty.into(),
        legal_qty2: qty.into(),
        unit_price: "2.5".into(),
        currency: "USD".into(),
        origin_country: "CHN".into(),
        dest_country: "VNM".into(),
        ..ExportGoods::default()
    }
}

pub fn reimport() -> ReimportGoods {
    ReimportGoods {
        hs_code: CODE.into(),
        goods_name: "处理器模块".into(),
        spec_model: "B1".into(),
        declare_unit: "035".into(),
        legal_unit: "035".into(),
        qty: "1".into(),
        legal_qty: "1".into(),
        legal_qty2: "1".into(),
        unit_price: "3".into(),
        currency: "USD".into(),
        origin_country: "CHN".into(),
        original_value: "2".into(),
        fee_processing: "1".into(),
        ..ReimportGoods::default()
    }
}

/// A record as it travels.
pub fn filled(record: &impl Texts) -> Filled {
    Values::of(record).filled()
}

/// A value of a record that travelled.
pub fn at<'a>(record: &'a Filled, key: &str) -> &'a str {
    record.get(key).map_or("", String::as_str)
}

/// The rows of a list.
pub fn rows<'a>(document: &'a Document, section: &str) -> &'a [Row<Filled>] {
    &document.lists.iter().find(|list| list.section == section).unwrap().rows
}

pub async fn save_head(call: &Call, id: Uuid, base: i64, head: &Head) -> Result<Saved, Failure> {
    service::save_head(call, SaveHead { op: 0, id, kind: KIND.into(), base, head: filled(head), was: None }).await
}

/// A new filing of the caller's with a complete head.
pub async fn new_filing(call: &Call) -> (Uuid, Saved) {
    let id = Uuid::now_v7();
    let head = head(call);
    (id, save_head(call, id, 0, &head).await.unwrap())
}

/// The request to store one row.
pub fn one(document_id: Uuid, section: &str, row_id: Uuid, base: i64, content: &impl Texts) -> SaveRows {
    let put = PutRow { row_id, base, seq: 0, content: filled(content), was: None };
    SaveRows { op: 0, document_id, section: section.into(), puts: vec![put], removes: Vec::new() }
}

/// The request to delete one row.
pub fn removal(document_id: Uuid, section: &str, row_id: Uuid, base: i64) -> SaveRows {
    let remove = RemoveRow { row_id, base };
    SaveRows { op: 0, document_id, section: section.into(), puts: Vec::new(), removes: vec![remove] }
}

/// Adds a row to a list.
pub async fn add(call: &Call, document: Uuid, section: &str, content: &impl Texts) -> SavedRows {
    service::save_rows(call, one(document, section, Uuid::now_v7(), 0, content)).await.unwrap()
}

/// A filing with a row in each list; its version.
pub async fn complete_filing(call: &Call) -> (Uuid, i64) {
    let (id, _) = new_filing(call).await;
    add(call, id, EXPORTS, &export("10")).await;
    let last = add(call, id, REIMPORTS, &reimport()).await;
    (id, last.meta.version)
}

/// Declares a document as it is.
pub async fn declare(call: &Call, id: Uuid) -> Result<Saved, Failure> {
    let base = service::get(call, id).await.unwrap().meta.version;
    service::declare(call, Step { id, base }).await
}

/// Customs decides on a declared document: `1` approved, `3` returned. `granted` are elements of the record it echoes.
pub async fn decide(state: &AppState, id: Uuid, result: &str, granted: &[(&str, &str)]) {
    let round: i64 = sqlx::query_scalar("SELECT declare_round FROM document WHERE id = $1")
        .bind(id.to_string())
        .fetch_one(&state.db.read)
        .await
        .unwrap();
    let message = MessageRef::new("OPB111", &id.to_string(), round).to_string();
    let record: String = granted.iter().map(|(name, text)| format!("<{name}>{text}</{name}>")).collect();
    let raw = format!(
        "<Package><DataInfo><BussinessData><OPB211><HdeApprResult><businessId>{message}</businessId>\
         <manageResult>{result}</manageResult></HdeApprResult><OpbPutrecBsc>{record}</OpbPutrecBsc></OPB211>\
         </BussinessData></DataInfo></Package>"
    );
    let receipt = Incoming { id: format!("{message}_{result}"), raw: raw.into_bytes() };
    inbox::keep(&state.db, &[receipt]).await.unwrap();
    while inbox::apply_new(state).await.unwrap() {}
}

/// A book number nobody else has.
pub fn book_no() -> String {
    let digits = Uuid::now_v7().simple().to_string().to_uppercase();
    format!("P{}", &digits[21..])
}

/// A filing that customs has approved, and its book number.
pub async fn approved_filing(call: &Call) -> (Uuid, String) {
    let (id, _) = complete_filing(call).await;
    declare(call, id).await.unwrap();
    let number = book_no();
    decide(&call.state, id, "1", &[("emsNo", &number)]).await;
    (id, number)
}
