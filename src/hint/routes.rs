//! The stream of hints of one browser. Ends with the session, with the process, and when the browser goes; says only what the
//! caller may see. Stores nothing and is no use of the session.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{self, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures_util::stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tower_sessions::Session;

use super::listeners::Found;
use super::model::{ADDRESS, BEAT, Event};
use crate::account::actor::Actor;
use crate::account::rights::Right;
use crate::account::session::{self, Admitted};
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// When a browser whose stream broke tries again.
const RETRY: Duration = Duration::from_secs(3);

/// The route.
pub fn routes() -> Router<AppState> {
    Router::new().route(ADDRESS, get(listen))
}

async fn listen(
    State(state): State<AppState>,
    session: Session,
    Extension(Admitted { actor, .. }): Extension<Admitted>,
    headers: HeaderMap,
) -> Response {
    if is_elsewhere(&headers) {
        // To a browser that says: do not try again by yourself.
        return StatusCode::NO_CONTENT.into_response();
    }
    // The page asks for all once the stream is open, so nothing between is missed.
    let found = state.hints.listen();
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.reset();
    let ended = state.hints.ended();
    let listener = Listener { state, session, actor, found, beat, ended, first: true };
    let events = stream::unfold(listener, |mut listener| async {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let mut response = Sse::new(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy that collects an answer before it passes it on would pass on nothing.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// A browser says that another site asks.
fn is_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin")
}

struct Listener {
    state: AppState,
    session: Session,
    actor: Actor,
    found: Receiver<Found>,
    beat: Interval,
    ended: CancellationToken,
    first: bool,
}

impl Listener {
    /// The next event; nothing when the stream is over.
    async fn next(&mut self) -> Option<sse::Event> {
        if std::mem::take(&mut self.first) {
            // Between what the page read and now something may have changed.
            return event(&Event::Look).map(|event| event.retry(RETRY));
        }
        loop {
            tokio::select! {
                () = self.ended.cancelled() => return None,
                _ = self.beat.tick() => match session::admit(&self.state, &self.session).await {
                    Ok(admitted) => {
                        self.actor = admitted.actor.needing(Right::Query)?;
                        return event(&Event::Beat);
                    }
                    Err(Failure::SignedOut) => return None,
                    // The database is away: nothing is told meanwhile, and the next look decides.
                    Err(_) => {}
                },
                found = self.found.recv() => match found {
                    Ok(found) => {
                        let may_see = found.iter().filter(|one| self.actor.acts_for(&one.operator_code));
                        let hints: Vec<_> = may_see.map(|one| one.hint).collect();
                        if !hints.is_empty() {
                            return event(&Event::Changed(hints));
                        }
                    }
                    Err(RecvError::Lagged(_)) => return event(&Event::Look),
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }
}

fn event(event: &Event) -> Option<sse::Event> {
    sse::Event::default().json_data(event).ok()
}
