//! The whole server in the test's process: router, demonstration data, customs that answers at once.
//! Requests go through every layer, only the socket is missing.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use opbook::hint::listeners::Hints;
use opbook::people::demo;
use opbook::reference::service::ReferenceCache;
use opbook::server::config::Config;
use opbook::server::db::Db;
use opbook::server::router;
use opbook::server::state::AppState;
use opbook::server::storage::Storage;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use uuid::Uuid;

const HOST: &str = "opbook.test";
const HERE: &str = "http://opbook.test";

/// A running server without a socket.
#[derive(Clone, Debug)]
pub struct TestApp {
    pub state: AppState,
    router: Router,
}

/// An answer of the server.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// The body as JSON; `Null` when it is something else.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

/// A browser on one machine, with its cookie.
#[derive(Clone, Debug)]
pub struct Browser {
    router: Router,
    cookie: Arc<Mutex<Option<String>>>,
    pub address: SocketAddr,
}

impl TestApp {
    /// The server on a database, with demonstration data and without captcha.
    pub async fn new(db: Db) -> Self {
        Self::with(db, |_| {}).await
    }

    /// As [`TestApp::new`], with other settings.
    pub async fn with(db: Db, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            captcha: false,
            customs_delay: Duration::ZERO,
            data: super::fresh_folder(),
            // Tests about something else file books without papers.
            required_attachments: Vec::new(),
            // This process is the test, not the program that can read workbooks.
            sheet_reader: env!("CARGO_BIN_EXE_opbook").into(),
            ..Config::default()
        };
        change(&mut config);
        demo::load(&db).await.unwrap();
        let reference = ReferenceCache::load(&db, &config).await.unwrap();
        let state = AppState::new(db, config, reference);
        Self { router: router::app(state.clone()), state }
    }

    /// A server process of its own on the same database.
    pub fn another_process(&self) -> Self {
        let state = AppState { hints: Hints::default(), ..self.state.clone() };
        Self { router: router::app(state.clone()), state }
    }

    /// The same server with its files elsewhere.
    pub fn over(&self, storage: Storage) -> Self {
        let state = AppState { storage, ..self.state.clone() };
        Self { router: router::app(state.clone()), state }
    }

    /// A browser that was never here.
    pub fn browser(&self) -> Browser {
        let cookie = Arc::new(Mutex::new(None));
        Browser { router: self.router.clone(), cookie, address: SocketAddr::from(([10, 0, 0, 1], 50_000)) }
    }

    /// A browser in which a demonstration user has signed in.
    pub async fn signed_in(&self, login: &str) -> Browser {
        let browser = self.browser();
        let (status, body) = browser.login(login, password_of(login)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        browser
    }

    /// Runs a statement of a test, e.g. to let time pass for a row.
    pub async fn execute(&self, sql: &'static str) -> u64 {
        let mut tx = self.state.db.begin().await.unwrap();
        let done = sqlx::query(sql).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        done.rows_affected()
    }
}

/// The password of a demonstration user.
pub fn password_of(login: &str) -> &'static str {
    demo::USERS.iter().find(|user| user.login == login).expect("a demonstration user").password
}

impl Browser {
    /// Signs in without a captcha.
    pub async fn login(&self, login: &str, password: &str) -> (StatusCode, Value) {
        self.call("account/login", login_form(login, password)).await
    }

    /// Calls a server function as our page does.
    pub async fn call(&self, endpoint: &str, input: Value) -> (StatusCode, Value) {
        let answer = self.send(self.request(endpoint, &input)).await;
        (answer.status, answer.body)
    }

    /// The request our page would send, to be changed and sent by [`Browser::send`].
    pub fn request(&self, endpoint: &str, input: &Value) -> Request<Body> {
        Request::post(format!("/api/{endpoint}"))
            .header(header::HOST, HOST)
            .header(header::ORIGIN, HERE)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(input.to_string()))
            .unwrap()
    }

    /// A request that carries no JSON, as our page would send it.
    pub fn bare_request(&self, method: Method, path: &str, body: Vec<u8>) -> Request<Body> {
        let mut request = self.request("", &Value::Null);
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, "application/octet-stream".parse().unwrap());
        request.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
        *request.body_mut() = Body::from(body);
        request
    }

    /// Attaches a file as our page does: 暂存, its pieces, the end. The attachment as stored.
    pub async fn attach(&self, document: &Value, att_type: &str, name: &str, content: &[u8]) -> Value {
        let id = Uuid::now_v7();
        let file = json!({ "name": name, "size": content.len(), "hash": sha256(content) });
        let request = json!({
            "document_id": document, "id": id, "base": 0, "content": { "att_type": att_type }, "file": file,
        });
        let (status, saved) = self.call("attachment/save", json!({ "request": request })).await;
        assert_eq!(status, StatusCode::OK, "{saved}");
        for (at, piece) in content.chunks(1 << 20).enumerate() {
            let answer = self.send_piece(id, at << 20, piece).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        }
        let (status, ended) = self.call("attachment/finish", json!({ "id": id })).await;
        assert_eq!(status, StatusCode::OK, "{ended}");
        ended["row"].clone()
    }

    /// Sends one piece of a file.
    pub async fn send_piece(&self, id: Uuid, start: usize, piece: &[u8]) -> Answer {
        let path = format!("/api/attachments/{id}/pieces?start={start}&hash={}", sha256(piece));
        self.send(self.bare_request(Method::POST, &path, piece.to_vec())).await
    }

    /// Sends a request with the browser's cookie, and keeps the cookie of the answer.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 32 << 20).await.unwrap().to_vec();
        if let Some(set) = headers.get(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let empty = pair.ends_with('=');
            self.set_cookie((!empty).then(|| pair.to_owned()));
        }
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), bytes }
    }

    /// Sends a request with the browser's cookie; the body of the answer is still to be read.
    pub async fn open(&self, mut request: Request<Body>) -> Response {
        if let Some(cookie) = self.cookie() {
            request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        }
        request.headers_mut().insert(header::USER_AGENT, "TestBrowser/1".parse().unwrap());
        request.extensions_mut().insert(ConnectInfo(self.address));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// `name=value` of the cookie.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub fn set_cookie(&self, cookie: Option<String>) {
        *self.cookie.lock().unwrap() = cookie;
    }
}

/// The rows of a list of a document, as the server answers them.
pub fn rows_of<'a>(document: &'a Value, section: &str) -> &'a Value {
    let lists = document["lists"].as_array().unwrap_or_else(|| panic!("no lists in {document}"));
    &lists.iter().find(|list| list["section"] == section).expect("a list of this name")["rows"]
}

/// The request to store one row of a list.
pub fn one_row(document: impl serde::Serialize, section: &str, row_id: Uuid, base: &Value, content: &Value) -> Value {
    let put = json!({ "row_id": row_id, "base": base, "seq": 0, "content": content });
    json!({ "request": { "document_id": document, "section": section, "puts": [put], "removes": [] } })
}

/// A PDF of one page that holds these bytes, and draws none of them.
pub fn paper(inside: &[u8]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    let stream = format!("<</Length {:010}>>stream\n", inside.len());
    for (number, object) in (1..).zip([
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>".to_vec(),
        [stream.as_bytes(), inside, b"\nendstream"].concat(),
    ]) {
        places.push(file.len());
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    file.extend(b"xref\n0 5\n0000000000 65535 f \n");
    places.iter().for_each(|at| file.extend(format!("{at:010} 00000 n \n").bytes()));
    file.extend(format!("trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{start:010}\n%%EOF\n").bytes());
    file
}

/// In hexadecimal, as our page computes it.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the login form sends when captchas are off.
pub fn login_form(login: &str, password: &str) -> Value {
    json!({ "form": { "login": login, "password": password, "captcha_id": "", "captcha": "" } })
}
