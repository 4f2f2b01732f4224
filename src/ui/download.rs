//! Files for the user to keep: from an address of the server, under the name the server gives them, or made by the page.
//! Who asks for an address makes sure that the session lives: a refusal would be kept as if it were the file.

use std::time::Duration;

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

/// How long the bytes of a file can be fetched.
const KEPT_FOR: Duration = Duration::from_mins(1);

/// Saves what an address answers as a file.
pub fn save_as(address: &str) {
    // The name comes with the file.
    save(address, "");
}

/// Saves bytes as a file of a name. False when the browser does not.
pub fn save_bytes(name: &str, bytes: &[u8]) -> bool {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let Ok(address) = Blob::new_with_u8_array_sequence(&parts).and_then(|blob| Url::create_object_url_with_blob(&blob))
    else {
        return false;
    };
    save(&address, name);
    // The browser has begun to read it by then.
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&address);
        },
        KEPT_FOR,
    );
    true
}

fn save(address: &str, name: &str) {
    let Ok(element) = document().create_element("a") else { return };
    let link: HtmlAnchorElement = element.unchecked_into();
    link.set_href(address);
    link.set_download(name);
    link.click();
}
