//! Messages and receipts on both databases: nothing lost, nothing sent or applied twice, and the same
//! end whatever the order. If these fail, a user waits for an answer that came, or sees one undone.

mod filing;
mod receipts;
mod sending;

use crate::today;
use chrono::{Days, Utc};
use opbook::attachment::model::AttachmentRow;
use opbook::document::message::{Declaration, declaration};
use opbook::document::store::{self, DocumentRow};
use opbook::document::{Mark, Row, Status};
use opbook::exchange::{Incoming, MessageRef, Outgoing, outbox};
use opbook::filing::kind::FILING;
use opbook::filing::model::{ExportGoods, Head, ReimportGoods};
use opbook::form::{Texts, Values, show_date};
use opbook::reference::service::ReferenceCache;
use opbook::server::config::Config;
use opbook::server::db::Db;
use opbook::server::state::AppState;
use sqlx::Row as _;
use uuid::Uuid;

const MESSAGE_TYPE: &str = "OPB111";
const OPERATOR: &str = "4403960001";

/// A declared book of the given round, as the declaring service leaves it.
fn declared(round: i64) -> DocumentRow {
    let id = Uuid::now_v7();
    let number = id.as_u128() % 100_000_000_000_000;
    let head = head(&format!("OP{}", id.simple()), &format!("2026{number:014}"));
    let mut row = DocumentRow {
        id: id.to_string(),
        operator_code: OPERATOR.into(),
        kind: "filing".into(),
        status: Status::Declared,
        version: 5,
        head_version: 1,
        seq_no: head.seq_no.clone(),
        decl_type: "1".into(),
        root_id: id.to_string(),
        input_code: OPERATOR.into(),
        input_date: "2026-11-23".into(),
        declared_at: "2026-11-23T01:00:00.000Z".into(),
        declare_round: round,
        created_by: "zhang".into(),
        ..DocumentRow::default()
    };
    row.set_head(&FILING, &Values::of(&head)).unwrap();
    row
}

/// The server over a database, without code tables.
fn server(db: &Db) -> AppState {
    AppState::new(db.clone(), Config::default(), ReferenceCache::default())
}

fn head_of(row: &DocumentRow) -> Head {
    serde_json::from_str(&row.head).unwrap()
}

/// The message of a filing with one export and one re-import.
fn message(message_id: &str, head: &Head, total: &str) -> String {
    let papers: &[AttachmentRow] = &[];
    declaration(&Declaration {
        message_type: MESSAGE_TYPE,
        message_id,
        sent_at: Utc::now(),
        kind: &FILING,
        head: &Values::of(head),
        lists: &[vec![export(total)], vec![reimport("100")]],
        papers,
        marked: false,
    })
}

fn head(internal_no: &str, seq_no: &str) -> Head {
    Head {
        internal_no: internal_no.into(),
        seq_no: seq_no.into(),
        decl_type: "1".into(),
        master_customs: "5301".into(),
        operator_code: OPERATOR.into(),
        operator_uscc: "91350100M000100Y43".into(),
        operator_name: "深圳甲公司".into(),
        processor_code: "4403960002".into(),
        processor_uscc: "91350100M000100Y43".into(),
        processor_name: "深圳乙公司".into(),
        declarant_code: OPERATOR.into(),
        declarant_uscc: "91350100M000100Y43".into(),
        declarant_name: "深圳甲公司".into(),
        declarant_type: "1".into(),
        supervision_mode: "1427".into(),
        levy_nature: "299".into(),
        contract_no: "C-1 <&>".into(),
        valid_to: show_date(today() + Days::new(300)),
        foreign_processor_name: "ACME".into(),
        process_country: "JPN".into(),
        currency: "USD".into(),
        contact_name: "张三".into(),
        contact_mobile: "13800138000".into(),
        process_desc: "晶圆经切割、焊线、封装和测试\n后成为集成电路".into(),
        ..Head::default()
    }
}

fn row(seq: i64, content: &impl Texts) -> Row<Values> {
    Row { id: Uuid::now_v7(), seq, version: 1, mark: Mark::Same, content: Values::of(content) }
}

fn export(total: &str) -> Row<Values> {
    let content = ExportGoods {
        hs_code: "8542399000".into(),
        goods_name: "处理器".into(),
        spec_model: "A1".into(),
        declare_unit: "007".into(),
        legal_unit: "007".into(),
        qty: "10".into(),
        legal_qty: "10".into(),
        unit_price: "10".into(),
        total_price: total.into(),
        currency: "USD".into(),
        origin_country: "CHN".into(),
        dest_country: "JPN".into(),
        ..ExportGoods::default()
    };
    row(1, &content)
}

fn reimport(original_value: &str) -> Row<Values> {
    let content = ReimportGoods {
        hs_code: "8542399000".into(),
        goods_name: "处理器模块".into(),
        spec_model: "B1".into(),
        declare_unit: "007".into(),
        legal_unit: "007".into(),
        qty: "1".into(),
        legal_qty: "1".into(),
        unit_price: "3".into(),
        total_price: "3".into(),
        currency: "USD".into(),
        origin_country: "CHN".into(),
        original_value: original_value.into(),
        ..ReimportGoods::default()
    };
    row(2, &content)
}

/// Stores the document and, in the same transaction, the message of its round.
async fn put(db: &Db, row: &DocumentRow, body: String) -> String {
    let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, row.declare_round).to_string();
    let message = Outgoing {
        message_id: message_id.clone(),
        operator_code: row.operator_code.clone(),
        document_id: row.id.clone(),
        message_type: MESSAGE_TYPE.into(),
        body,
    };
    let mut tx = db.begin().await.unwrap();
    store::insert(&mut tx, row).await.unwrap();
    outbox::enqueue(&mut tx, &message, &db.clock.stamp()).await.unwrap();
    // The service may run twice for one request; the message must not.
    outbox::enqueue(&mut tx, &message, &db.clock.stamp()).await.unwrap();
    tx.commit().await.unwrap();
    message_id
}

async fn stored(db: &Db, id: &str) -> DocumentRow {
    store::find(db, id).await.unwrap().unwrap()
}

async fn count(db: &Db, sql: &'static str, id: &str) -> i64 {
    sqlx::query_scalar(sql).bind(id).fetch_one(&db.read).await.unwrap()
}

async fn outbox_line(db: &Db, message_id: &str) -> (String, i64, String, String) {
    let sql = "SELECT state, attempts, next_at, last_error FROM outbox WHERE message_id = $1";
    let row = sqlx::query(sql).bind(message_id).fetch_one(&db.read).await.unwrap();
    (row.get("state"), row.get("attempts"), row.get("next_at"), row.get("last_error"))
}

fn incoming(id: impl Into<String>, raw: impl Into<Vec<u8>>) -> Incoming {
    Incoming { id: id.into(), raw: raw.into() }
}

fn response(message_id: &str, flag: &str) -> Incoming {
    let raw =
        format!("<CommonResponeMessage><CheckInfo>说明</CheckInfo><DealFlag>{flag}</DealFlag></CommonResponeMessage>");
    incoming(format!("Successed_{message_id}_20261123.xml"), raw)
}

fn entry(message_id: &str, result: &str) -> Incoming {
    let raw = format!(
        "<Package><DataInfo><BussinessData><OPB200><MsgReceResult><pocketId>{message_id}</pocketId>\
         <manageResult>{result}</manageResult><manageDate>2026-11-23 10:00:00</manageDate></MsgReceResult></OPB200>\
         </BussinessData></DataInfo></Package>"
    );
    incoming(format!("Receipt_200_{result}"), raw)
}

/// The book number that is granted to the document of a message.
fn book_no(id: &str) -> String {
    let digits: String = id.chars().rev().filter(char::is_ascii_alphanumeric).take(11).collect();
    format!("P{}", digits.to_uppercase())
}

fn decision(message_id: &str, result: &str) -> Incoming {
    let book_no = MessageRef::find(message_id).map_or_else(String::new, |message| book_no(&message.document_id));
    let raw = format!(
        "<Package><DataInfo><BussinessData><OPB211><HdeApprResult><businessId>{message_id}</businessId>\
         <manageResult>{result}</manageResult><manageDate>2026-11-24 09:30:00</manageDate></HdeApprResult>\
         <CheckInfo><note>出口货物第1项【商品编码】请核对</note></CheckInfo><OpbPutrecBsc><emsNo>{book_no}</emsNo>\
         <validFrom>2026-11-24</validFrom><validDate>2027-06-30</validDate></OpbPutrecBsc></OPB211></BussinessData>\
         </DataInfo></Package>"
    );
    incoming(format!("Receipt_211_{result}"), raw)
}
