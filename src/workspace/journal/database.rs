//! The browser's database (IndexedDB), as far as the journal needs it: two stores of values by name. Every function is one
//! short transaction with nothing awaited inside, or the browser would end it early. Knows nothing of what is stored.

use js_sys::{Array, Function, JsString, Object, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, IdbDatabase, IdbKeyRange, IdbRequest, IdbTransaction};

use crate::ui::wait::answer;

const NAME: &str = "opbook";
/// One higher with every other shape of the stores. A page of an older one is refused, and says so.
const VERSION: u32 = 1;

/// A store of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// Users of this browser: key and who they are.
    Users,
    /// Sealed texts, by name.
    Texts,
}

impl Store {
    const ALL: [Self; 2] = [Self::Users, Self::Texts];

    const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Texts => "texts",
        }
    }
}

/// How sure a write is when it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// With the operating system: survives the end of the browser.
    Relaxed,
    /// On the disk: survives the end of the power, too.
    Strict,
}

/// What is done to one name.
pub type Write = (String, Option<JsValue>);

/// The open database.
pub struct Database(IdbDatabase);

impl Database {
    /// Opens it, and makes it where there is none.
    ///
    /// # Errors
    /// When the browser keeps nothing for this page, or has what a newer release left.
    pub async fn open() -> Result<Self, JsValue> {
        let factory = leptos::prelude::window().indexed_db()?.ok_or(JsValue::NULL)?;
        let request = factory.open_with_u32(NAME, VERSION)?;
        let opening = request.clone();
        let upgrade = Closure::<dyn FnMut()>::new(move || {
            let Ok(database) = opening.result().and_then(JsCast::dyn_into::<IdbDatabase>) else { return };
            for store in Store::ALL {
                // There already: an upgrade that comes twice.
                let _ = database.create_object_store(store.name());
            }
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let opened = done(&request, &["blocked"]).await?;
        let database: IdbDatabase = opened.dyn_into()?;
        // A newer release in another tab may change the shape; this page then writes no more, and says so.
        let closing = database.clone();
        let close = Closure::<dyn FnMut()>::new(move || closing.close());
        database.set_onversionchange(Some(close.into_js_value().unchecked_ref()));
        Ok(Self(database))
    }

    fn transaction(&self, store: Store, mode: &str, durability: Durability) -> Result<IdbTransaction, JsValue> {
        let options = Object::new();
        let durability = match durability {
            Durability::Relaxed => "relaxed",
            Durability::Strict => "strict",
        };
        Reflect::set(&options, &"durability".into(), &durability.into())?;
        // web-sys has the third argument behind a switch for all of it.
        let begin: Function = Reflect::get(&self.0, &"transaction".into())?.dyn_into()?;
        begin.call3(&self.0, &store.name().into(), &mode.into(), &options)?.dyn_into()
    }

    /// All values whose name begins so.
    ///
    /// # Errors
    /// When the browser fails to read.
    pub async fn begin_with(&self, store: Store, front: &str) -> Result<Vec<(String, JsValue)>, JsValue> {
        let range = IdbKeyRange::bound(&front.into(), &format!("{front}\u{ffff}").into())?;
        let reading = self.transaction(store, "readonly", Durability::Relaxed)?;
        let reading = reading.object_store(store.name())?;
        // Both asked at once: one sees what the other sees.
        let (names, values) = (reading.get_all_keys_with_key(&range)?, reading.get_all_with_key(&range)?);
        let values = done(&values, &[]).await?.dyn_into::<Array>()?;
        // Asked first, it is there by now.
        let names = names.result()?.dyn_into::<Array>()?;
        Ok(names.iter().filter_map(|name| name.as_string()).zip(values.iter()).collect())
    }

    /// The names of all values, without opening any.
    ///
    /// # Errors
    /// When the browser fails to read.
    pub async fn names(&self, store: Store) -> Result<Vec<String>, JsValue> {
        let reading = self.transaction(store, "readonly", Durability::Relaxed)?;
        let names = reading.object_store(store.name())?.get_all_keys()?;
        let names = done(&names, &[]).await?.dyn_into::<Array>()?;
        Ok(names.iter().filter_map(|name| name.as_string()).collect())
    }

    /// Puts and removes, all or none, in the order given.
    ///
    /// # Errors
    /// When the browser does not keep it: no room, or no longer open.
    pub async fn write(&self, store: Store, writes: &[Write], durability: Durability) -> Result<(), JsValue> {
        let transaction = self.transaction(store, "readwrite", durability)?;
        let writing = transaction.object_store(store.name())?;
        for (name, value) in writes {
            let name = JsString::from(name.as_str());
            match value {
                Some(value) => writing.put_with_key(value, &name)?,
                None => writing.delete(&name)?,
            };
        }
        // What is committed is written also when the page goes at once.
        #[expect(deprecated, reason = "a mark of web-sys alone: browsers and the standard keep it")]
        transaction.commit()?;
        if settled(&transaction, &["complete"], &["abort", "error"]).await {
            Ok(())
        } else {
            Err(error_of(&transaction))
        }
    }
}

/// Why a request or transaction failed, as the browser says it.
fn error_of(failed: &JsValue) -> JsValue {
    Reflect::get(failed, &"error".into()).unwrap_or_default()
}

/// Waits for a request; `refusals` are further events that mean no.
async fn done(request: &IdbRequest, refusals: &[&'static str]) -> Result<JsValue, JsValue> {
    let refusals: Vec<&'static str> = refusals.iter().copied().chain(["error"]).collect();
    if settled(request, &["success"], &refusals).await { request.result() } else { Err(error_of(request)) }
}

/// Waits for the first of these events; true when it is one of the good ones.
async fn settled(target: &EventTarget, good: &[&'static str], bad: &[&'static str]) -> bool {
    let (giver, waiter) = answer();
    let listen = |names: &[&'static str], is_good: bool| {
        let giver = giver.clone();
        // The first answer counts.
        let listener = Closure::<dyn FnMut()>::new(move || giver.give(is_good));
        for name in names {
            let _ = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
        listener
    };
    let listeners = [(listen(good, true), good), (listen(bad, false), bad)];
    let outcome = waiter.await;
    for (listener, names) in &listeners {
        for name in *names {
            let _ = target.remove_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
    }
    outcome
}
