//! The reference: a handler that runs the statements a save runs, and nothing else. No rules, no
//! session library, no typed records; the head and the row are passed through as JSON.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use opbook::server::db::{Db, Sql, Tx};
use serde_json::{Value, json};
use sqlx::Row as _;
use uuid::Uuid;

const CALLER: &str = "SELECT u.id, u.login, e.code, e.uscc, e.name, p.code AS p FROM session s \
    JOIN app_user u ON u.id = s.user_id JOIN enterprise e ON e.code = u.enterprise_code \
    LEFT JOIN delegation d ON d.agent_code = e.code AND d.valid_from <= $2 AND d.valid_to >= $2 \
    LEFT JOIN enterprise p ON p.code = d.principal_code WHERE s.token_hash = $1 AND u.disabled = 0";
const SESSION: &str = "SELECT data FROM session WHERE token_hash = $1";
const ENTERPRISE: &str = "SELECT code, uscc, name FROM enterprise WHERE code = $1";
const LOCK: Sql = Sql { sqlite: SELECT, postgres: "SELECT * FROM document WHERE id = $1 FOR NO KEY UPDATE" };
const SELECT: &str = "SELECT * FROM document WHERE id = $1";
const TAKEN: &str = "SELECT seq_no FROM document WHERE operator_code = $1 AND kind = 'filing' AND internal_no = $2 \
    AND change_seq = $3 AND id <> $4";
const UPDATE: &str = "UPDATE document SET status = '0', version = version + 1, head_version = $2, updated_at = $3, \
    head = $4 WHERE id = $1";
const ROW: &str = "SELECT id, section, seq, version, content FROM document_row WHERE operator_code = '3205246018' \
    AND document_id = $1 AND id = $2";
const PUT_ROW: &str = "UPDATE document_row SET version = $3, content = $4 WHERE operator_code = '3205246018' \
    AND document_id = $1 AND id = $2";
const ROWS: &str = "SELECT id, section, seq, version, content FROM document_row \
    WHERE operator_code = '3205246018' AND document_id = $1";
const AUDIT: &str = "INSERT INTO audit (operator_code, id, document_id, at, actor, action, detail) \
    VALUES ('3205246018', $1, $2, $3, $4, $5, $6)";

pub fn app(db: Db) -> Router {
    Router::new()
        .route("/bare/get", post(get))
        .route("/bare/save_head", post(save_head))
        .route("/bare/save_rows", post(save_rows))
        .with_state(db)
}

async fn get(State(db): State<Db>, Json(body): Json<Value>) -> Json<Value> {
    let id = body["id"].as_str().unwrap();
    let document = sqlx::query(SELECT).bind(id).fetch_one(&db.read).await.unwrap();
    let row = sqlx::query(ROWS).bind(id).fetch_one(&db.read).await.unwrap();
    Json(json!({
        "meta": { "head_version": document.get::<i64, _>("head_version") },
        "lists": [{ "rows": [{ "version": row.get::<i64, _>("version") }] }],
    }))
}

async fn caller(db: &Db) {
    sqlx::query(SESSION).bind("-").fetch_optional(&db.read).await.unwrap();
    sqlx::query(CALLER).bind("-").bind("2026-01-01").fetch_optional(&db.read).await.unwrap();
}

/// Locks the document; gives its version.
async fn lock(db: &Db, tx: &mut Tx, id: &str) -> i64 {
    let document = sqlx::query(db.pick(LOCK)).bind(id).fetch_one(&mut **tx).await.unwrap();
    document.get("version")
}

async fn finish(db: &Db, mut tx: Tx, id: &str, version: i64, head: &Value, action: &str) -> Json<Value> {
    let at = &db.clock.stamp();
    sqlx::query(UPDATE).bind(id).bind(version).bind(at).bind(head.to_string()).execute(&mut *tx).await.unwrap();
    sqlx::query(AUDIT)
        .bind(Uuid::now_v7().to_string())
        .bind(id)
        .bind(at)
        .bind("donglan")
        .bind(action)
        .bind("{}")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    Json(json!({ "meta": { "version": version }, "head": head }))
}

async fn save_head(State(db): State<Db>, Json(body): Json<Value>) -> Json<Value> {
    caller(&db).await;
    let request = &body["request"];
    let head = &request["head"];
    for key in ["operator_code", "processor_code", "declarant_code"] {
        let code = head[key].as_str().unwrap();
        sqlx::query(ENTERPRISE).bind(code).fetch_one(&db.read).await.unwrap();
    }
    let id = request["id"].as_str().unwrap();
    let mut tx = db.begin().await.unwrap();
    let version = lock(&db, &mut tx, id).await + 1;
    sqlx::query(TAKEN).bind("-").bind("-").bind(0_i64).bind(id).fetch_optional(&mut *tx).await.unwrap();
    finish(&db, tx, id, version, head, "save_head").await
}

async fn save_rows(State(db): State<Db>, Json(body): Json<Value>) -> Json<Value> {
    caller(&db).await;
    let request = &body["request"];
    let put = &request["puts"][0];
    let (id, row_id) = (request["document_id"].as_str().unwrap(), put["row_id"].as_str().unwrap());
    let mut tx = db.begin().await.unwrap();
    let version = lock(&db, &mut tx, id).await + 1;
    sqlx::query(ROW).bind(id).bind(row_id).fetch_one(&mut *tx).await.unwrap();
    let goods = &put["content"];
    sqlx::query(PUT_ROW).bind(id).bind(row_id).bind(version).bind(goods.to_string()).execute(&mut *tx).await.unwrap();
    finish(&db, tx, id, version, &json!({ "contract_no": "HT-1", "export_total": "1" }), "save_rows").await
}
