//! opbook: the outward-processing account book (出境加工账册). Built twice: `csr` for the browser, `ssr` for the server.
//! Folders are cut by business; in each, `model` (types and field tables) · `rules` (pure checks) · `api` (server
//! functions) are for both sides, `service` (one transaction per operation) · `store` (SQL) for the server, `page`
//! (screens) for the browser. ARCHITECTURE.md holds the map and the direction of imports.

#[cfg(all(feature = "csr", feature = "ssr"))]
compile_error!("`csr` is the browser, `ssr` is the server: build them one at a time");

pub mod account;
pub mod attachment;
pub mod document;
pub mod entry;
pub mod error;
pub mod fields;
pub mod filing;
pub mod find;
pub mod form;
pub mod goods;
pub mod hint;
pub mod kinds;
pub mod ledger;
pub mod people;
pub mod reference;
pub mod remind;
pub mod stats;
pub mod text;
pub mod todo;
pub mod unsaved;
pub mod urge;
pub mod writeoff;

#[cfg(feature = "ssr")]
pub mod account_book;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod customs;
#[cfg(feature = "ssr")]
pub mod exchange;
#[cfg(feature = "ssr")]
pub mod job;
#[cfg(feature = "ssr")]
pub mod mail;
#[cfg(feature = "ssr")]
pub mod print;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod sheet;
#[cfg(feature = "ssr")]
pub mod sms;

#[cfg(feature = "csr")]
pub mod app;
#[cfg(feature = "csr")]
pub mod ui;
#[cfg(feature = "csr")]
pub mod workspace;

/// Entry of the WebAssembly module; `public/boot.js` calls it once the module is loaded.
#[cfg(feature = "csr")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::start();
}
