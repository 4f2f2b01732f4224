//! The files of 统计. Routes of their own, since neither a workbook nor a paper is JSON. Find out who asks and answer.
//! Make nothing themselves: that is `export`.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::http::HeaderMap;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::export::{made, workbook};
use super::model::{Asked, By, EXPORT, PRINT};
use crate::document::print::answer;
use crate::server::call::{Call, RequestId, refused};
use crate::server::failure::Failure;
use crate::server::security;
use crate::server::state::AppState;
use crate::sheet::list;
use crate::text::Message;

/// `GET /api/stats/export` and `GET /print/stats`
pub fn routes() -> Router<AppState> {
    let export = Router::new().route(EXPORT, get(export)).layer(from_fn(security::client_build));
    export.merge(Router::new().route(PRINT, get(print)))
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

async fn export(call: Call, Extension(id): Extension<RequestId>, Query(query): Query<AskedQuery>) -> Response {
    let made = async { workbook(&call, &query.asked()?).await };
    made.await.map_or_else(|failure| refused(failure, id), list::answer)
}

async fn print(
    call: Call,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Query(query): Query<AskedQuery>,
    headers: HeaderMap,
) -> Response {
    let font = call.state.config.font.clone();
    let made = async { made(&call, &query.asked()?).await };
    answer(made.await, font.as_deref(), request_id, &headers).await
}
