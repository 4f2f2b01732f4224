//! Files from an address of the server, kept under the name the server gives them.
//! Who calls makes sure that the session lives: a refusal would be kept as if it were the file.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlAnchorElement;

/// Saves what an address answers as a file.
pub fn save_as(address: &str) {
    let Ok(element) = document().create_element("a") else { return };
    let link: HtmlAnchorElement = element.unchecked_into();
    link.set_href(address);
    // The name comes with the file.
    link.set_download("");
    link.click();
}
