//! Runs work while no other tab of this browser does (Web Locks). The lock ends with the tab, whatever becomes of it.
//! Used by `queue`, by `hint::page`, and for a document that is open in two windows.

use std::future::Future;

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

fn locks() -> Option<(JsValue, Function)> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}

/// False where browsers have no such lock (without TLS).
pub fn is_possible() -> bool {
    locks().is_some()
}

/// True while something runs under a name, here or in another tab.
pub async fn is_held(name: &str) -> bool {
    let held = async {
        let (locks, _) = locks()?;
        let query: Function = Reflect::get(&locks, &"query".into()).ok()?.dyn_into().ok()?;
        let asking: Promise = query.call0(&locks).ok()?.dyn_into().ok()?;
        let held: Array = Reflect::get(&JsFuture::from(asking).await.ok()?, &"held".into()).ok()?.dyn_into().ok()?;
        let is = |lock: JsValue| {
            Reflect::get(&lock, &"name".into()).is_ok_and(|held| held.as_string().as_deref() == Some(name))
        };
        Some(held.iter().any(is))
    };
    held.await.unwrap_or(false)
}

/// Runs it once nobody else does. Where browsers have no such lock (without TLS), nothing is kept that could be sent twice.
pub async fn run(name: &str, work: impl Future<Output = ()> + 'static) {
    let work = async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    };
    let Some((locks, request)) = locks() else {
        let _ = JsFuture::from(future_to_promise(work)).await;
        return;
    };
    let run = Closure::once(move || -> Promise { future_to_promise(work) });
    let running = request.call2(&locks, &name.into(), run.as_ref().unchecked_ref());
    if let Ok(running) = running.and_then(JsCast::dyn_into::<Promise>) {
        let _ = JsFuture::from(running).await;
    }
}
