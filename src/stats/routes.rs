//! The files of 统计. Routes of their own, since neither a workbook nor a paper is JSON. Find out who asks and answer.
//! Make nothing themselves: that is `export`.

use axum::Router;
use axum::extract::{Extension, Query, State};
use axum::http::HeaderMap;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use tower_sessions::Session;

use super::export::{made, workbook};
use super::model::{Asked, By, EXPORT, PRINT};
use crate::account::session;
use crate::document::print::answer;
use crate::server::call::{Call, RequestId, refused};
use crate::server::failure::Failure;
use crate::server::security;
use crate::server::state::AppState;
use crate::sheet::list;
use crate::text::Message;

/// `GET /api/stats/export` and `GET /print/stats`
pub fn routes(state: &AppState) -> Router<AppState> {
    let export =
        Router::new().route(EXPORT, get(export)).layer(session::layer(state)).layer(from_fn(security::client_build));
    export.merge(Router::new().route(PRINT, get(print)).layer(session::layer(state)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AskedQuery {
    operator_code: String,
    from: String,
    to: String,
    by: String,
}

impl AskedQuery {
    /// What is asked for.
    ///
    /// # Errors
    /// `Refused` for an address nobody of us made.
    fn asked(self) -> Result<Asked, Failure> {
        let Self { operator_code, from, to, by } = self;
        let by = By::from_code(&by).ok_or_else(|| {
            Failure::refused(Message::new(
                format!("没有“{by}”这种统计方式，请从统计页面导出或打印。"),
                format!("There are no statistics by “{by}”: export or print from the page of the statistics."),
            ))
        })?;
        Ok(Asked { operator_code, from, to, by })
    }
}

async fn export(
    State(state): State<AppState>,
    session: Session,
    Extension(id): Extension<RequestId>,
    Query(query): Query<AskedQuery>,
) -> Response {
    let made = async { workbook(&Call::of_session(state, &session).await?, &query.asked()?).await };
    made.await.map_or_else(|failure| refused(failure, id), list::answer)
}

async fn print(
    State(state): State<AppState>,
    session: Session,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Query(query): Query<AskedQuery>,
    headers: HeaderMap,
) -> Response {
    let font = state.config.font.clone();
    let made = async { made(&Call::of_session(state, &session).await?, &query.asked()?).await };
    answer(made.await, font.as_deref(), request_id, &headers).await
}
