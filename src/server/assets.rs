//! The web files: shell, script, WebAssembly, styles, icons. `router` falls back to [`serve`].
//!
//! With them goes the service worker (`sw.js`), which keeps them in the browser. They travel inside a release binary; a
//! debug build reads them from disk, so that a rebuilt screen needs no server build. Never answers for the API.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest, Sha256};

use super::security;

/// The folder that scripts/build-web fills; build.rs finds it. Absent where only Rust is checked.
#[derive(Embed)]
#[folder = "$OPBOOK_SITE"]
#[allow_missing = true]
struct Site;

const SHELL: &str = include_str!("shell.html");
const WORKER: &str = include_str!("sw.js");
/// At the root, or it would see no page.
const WORKER_PATH: &str = "/sw.js";
/// In the page itself: an icon that appears while the line is gone could not be fetched.
const ICONS: &str = include_str!("icons.svg");

/// The folder of a build never gets another content, so browsers need not ask again.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Kept by the browser, but asked for (by ETag) before each use.
const ASK: &str = "no-cache";

/// First parts of paths that belong to the server: a miss there is an error, never a page.
const SERVER_PATHS: [&str; 6] = ["api", "codes", "pkg", "health", "hints", "metrics"];

/// Answers every request that no route took: a web file, the shell for a page address, else 404.
pub async fn serve(request: Request) -> Response {
    let (method, path, headers) = (request.method(), request.uri().path(), request.headers());
    if !matches!(*method, Method::GET | Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut response = match file(path, headers) {
        Some(response) => response,
        None if path == WORKER_PATH => worker(headers),
        None if wants_shell(path, headers) => shell(headers),
        None => StatusCode::NOT_FOUND.into_response(),
    };
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    response
}

/// A page address: no file name at its end, not one of the server's, asked for by somebody who reads HTML.
fn wants_shell(path: &str, headers: &HeaderMap) -> bool {
    // The first page is asked for by bookmarks, proxies and probes that name no kind of content.
    if path == "/" {
        return true;
    }
    let mut parts = path.trim_start_matches('/').split('/');
    let ours = parts.next().is_some_and(|first| SERVER_PATHS.contains(&first));
    let names_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    !ours && !names_file && text(headers, header::ACCEPT).contains("text/html")
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let name = path.strip_prefix('/').filter(|name| !name.is_empty())?;
    let plain = Site::get(name)?;
    let (file, encoding) = compressed(name, headers).map_or((plain, None), |(file, token)| (file, Some(token)));
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    let charset = if mime.type_() == "text" { "; charset=utf-8" } else { "" };
    let mut response = content(
        headers,
        &etag(&file.metadata.sha256_hash()),
        &format!("{}{charset}", mime.essence_str()),
        if is_hashed(name) { FOREVER } else { ASK },
        file.data,
    );
    put(&mut response, header::VARY, "Accept-Encoding");
    if let Some(token) = encoding.filter(|_| response.status() == StatusCode::OK) {
        put(&mut response, header::CONTENT_ENCODING, token);
    }
    Some(response)
}

/// `pkg/BUILD/FILE`: the folder is named after all that is in it.
fn is_hashed(name: &str) -> bool {
    let place = name.strip_prefix("pkg/").and_then(|rest| rest.split_once('/'));
    place.is_some_and(|(build, file)| {
        build.len() >= 8 && build.bytes().all(|byte| byte.is_ascii_hexdigit()) && !file.contains('/')
    })
}

/// The best compressed copy that the browser takes and the build made.
fn compressed(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, &'static str)> {
    encodings(text(headers, header::ACCEPT_ENCODING))
        .find_map(|(token, suffix)| Some((Site::get(&format!("{name}.{suffix}"))?, token)))
}

/// Encodings a browser takes, best first: the header's word and the ending of our files.
fn encodings(accepted: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    [("br", "br"), ("gzip", "gz")].into_iter().filter(|(token, _)| accepts(accepted, token))
}

/// True when an `Accept-Encoding` header names `token` without `q=0`.
fn accepts(header: &str, token: &str) -> bool {
    header.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(token));
        let refused =
            parts.any(|part| part.strip_prefix("q=").is_some_and(|weight| weight.trim_matches(['0', '.']).is_empty()));
        named && !refused
    })
}

fn shell(headers: &HeaderMap) -> Response {
    let Some(page) = fill(SHELL, Site::iter()) else {
        let hint = "The web files are missing: run scripts/build-web (or make build), then start again.\n";
        return (StatusCode::SERVICE_UNAVAILABLE, hint).into_response();
    };
    let etag = etag(&Sha256::digest(&page).into());
    let mut response = content(headers, &etag, "text/html; charset=utf-8", ASK, page.into_bytes().into());
    put(&mut response, header::VARY, "Accept");
    response
}

/// Puts the names of this build's first files into the shell; nothing when one of the files is missing.
fn fill(shell: &str, names: impl Iterator<Item = Cow<'static, str>>) -> Option<String> {
    let names: Vec<_> = names.filter(|name| is_hashed(name)).collect();
    let mut page = shell.replace("{{icons}}", ICONS.trim_end());
    for (mark, ending) in [("{{js}}", "/opbook.js"), ("{{wasm}}", "/opbook_bg.wasm"), ("{{css}}", "/opbook.css")] {
        let name = names.iter().find(|name| name.ends_with(ending))?;
        page = page.replace(mark, &format!("/{name}"));
    }
    Some(page)
}

/// The service worker of this build: it names every file of the program, and another build, shell or header is another worker.
fn worker(headers: &HeaderMap) -> Response {
    let Some(page) = fill(SHELL, Site::iter()) else { return StatusCode::NOT_FOUND.into_response() };
    let script = worker_script(&page, &kept_files(Site::iter()));
    let etag = etag(&Sha256::digest(&script).into());
    content(headers, &etag, "text/javascript; charset=utf-8", ASK, script.into_bytes().into())
}

/// What a browser keeps to open the program without the server; not the copies for travelling.
fn kept_files(names: impl Iterator<Item = Cow<'static, str>>) -> Vec<String> {
    let is_packed = |name: &str| name.ends_with(".br") || name.ends_with(".gz");
    let mut files: Vec<String> = names.filter(|name| !is_packed(name)).map(|name| format!("/{name}")).collect();
    files.push("/".to_owned());
    files.sort();
    files
}

fn worker_script(page: &str, files: &[String]) -> String {
    // A page that is kept goes on with the headers it came with.
    let build = Sha256::digest(format!("{page}{files:?}{}", security::CONTENT_SECURITY_POLICY));
    WORKER
        .replace("{{build}}", etag(&build.into()).trim_matches('"'))
        .replace("{{files}}", &format!("{files:?}"))
        .replace("{{server_paths}}", &format!("{SERVER_PATHS:?}"))
}

/// 200 with the content, or 304 when the browser has this very content.
fn content(headers: &HeaderMap, etag: &str, mime: &str, cache: &str, data: Cow<'static, [u8]>) -> Response {
    let known = text(headers, header::IF_NONE_MATCH).split(',').any(|tag| tag.trim() == etag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let length = data.len().to_string();
        let body = match data {
            Cow::Borrowed(data) => Body::from(data),
            Cow::Owned(data) => Body::from(data),
        };
        let mut response = body.into_response();
        put(&mut response, header::CONTENT_TYPE, mime);
        put(&mut response, header::CONTENT_LENGTH, &length);
        response
    };
    put(&mut response, header::ETAG, etag);
    put(&mut response, header::CACHE_CONTROL, cache);
    response
}

fn etag(hash: &[u8; 32]) -> String {
    let mut tag = String::from("\"");
    for byte in &hash[..16] {
        // Writing to a String cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn browser() -> HeaderMap {
        headers(&[(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")])
    }

    /// A user who reloads any page, or opens a link from a mail, gets the program.
    #[test]
    fn page_addresses_get_the_shell() {
        for path in ["/", "/books", "/books/018f3b7c-aaaa/exports", "/apiary", "/login/"] {
            assert!(wants_shell(path, &browser()), "{path}");
        }
    }

    /// A page in place of a missing script or answer turns a clear error into a blank screen.
    #[test]
    fn nothing_else_gets_the_shell() {
        for path in [
            "/pkg/0123456789abcdef/opbook.js",
            "/pkg/x",
            "/api/book/save",
            "/codes/units",
            "/health/live",
            "/a/picture.png",
        ] {
            assert!(!wants_shell(path, &browser()), "{path}");
        }
        for accept in ["*/*", "", "application/json"] {
            assert!(wants_shell("/", &headers(&[(header::ACCEPT, accept)])), "{accept}");
        }
        assert!(!wants_shell("/books", &headers(&[(header::ACCEPT, "*/*")])), "a script's fetch");
        assert!(!wants_shell("/books", &headers(&[])), "a client that says nothing");
    }

    #[tokio::test]
    async fn a_write_to_a_page_address_is_refused() {
        let request = Request::builder().method(Method::POST).uri("/books").header(header::ACCEPT, "text/html");
        let response = serve(request.body(Body::empty()).expect("request")).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn files_outside_the_site_stay_hidden() {
        for path in ["/../site-dev.stamp", "/pkg/../../../CACHEDIR.TAG", "/%2e%2e/CACHEDIR.TAG"] {
            let response = serve(Request::get(path).body(Body::empty()).expect("request")).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    /// Wrong here: a browser gets bytes it cannot read, or the bundle five times as large.
    #[test]
    fn the_smallest_encoding_the_browser_takes_is_sent() {
        let first = |accepted| encodings(accepted).next().map(|(token, _)| token);
        assert_eq!(first("gzip, deflate, br, zstd"), Some("br"));
        assert_eq!(first("gzip, br;q=0"), Some("gzip"));
        assert_eq!(first("GZIP;q=0.5"), Some("gzip"));
        assert_eq!(first("br;q=0.000, gzip;q=0"), None);
        assert_eq!(first("brotli"), None);
        assert_eq!(first(""), None);
    }

    /// Kept forever under a name that changes content, a user would never see the next release.
    #[test]
    fn only_hashed_names_are_kept_forever() {
        assert!(is_hashed("pkg/874cc71a175d4b0f/opbook_bg.wasm"));
        for name in ["boot.js", "pkg/opbook.js", "pkg/parts/opbook.js", "shell.css", "874cc71a175d4b0f/opbook.js"] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn the_shell_names_the_files_of_this_build() {
        let names = ["__wasm_split.js", "chunk_1.wasm", "opbook.css", "opbook.css.br", "opbook.js", "opbook_bg.wasm"]
            .map(|name| format!("pkg/0123456789abcdef/{name}"));
        let names = std::iter::once("boot.js".to_owned()).chain(names);
        let page = fill(SHELL, names.clone().map(Cow::from)).expect("all there");
        for part in [
            r#"href="/pkg/0123456789abcdef/opbook.css""#,
            r#"href="/pkg/0123456789abcdef/opbook.js""#,
            r#"href="/pkg/0123456789abcdef/opbook_bg.wasm""#,
        ] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("{{"), "a mark was left");
        assert_eq!(fill(SHELL, names.filter(|name| !name.ends_with(".wasm")).map(Cow::from)), None);
    }

    /// With a file missing, the program would open without the server and stand still at its first click.
    #[test]
    fn the_worker_keeps_every_file_once_and_another_build_is_another_worker() {
        let names =
            ["boot.js", "pkg/0123456789abcdef/opbook.js", "pkg/0123456789abcdef/opbook.js.br", "favicon.svg.gz"];
        let files = kept_files(names.into_iter().map(Cow::from));
        assert_eq!(files, ["/", "/boot.js", "/pkg/0123456789abcdef/opbook.js"]);
        let script = worker_script("<page>", &files);
        assert!(script.contains(r#"["/", "/boot.js", "/pkg/0123456789abcdef/opbook.js"]"#), "{script}");
        assert!(!script.contains("{{"), "a mark was left");
        assert_ne!(script, worker_script("<page >", &files));
    }

    /// The content security policy forbids both: one slip and the page stays blank.
    #[test]
    fn the_shell_has_no_inline_script_or_style() {
        let page = format!("{SHELL}{ICONS}");
        assert!(!page.contains("<style") && !page.contains("style=") && !page.contains(" on"));
        assert_eq!(SHELL.matches("<script").count(), SHELL.matches("<script type=\"module\" src=").count());
    }

    #[test]
    fn a_browser_that_has_the_file_is_told_so() {
        let again = headers(&[(header::IF_NONE_MATCH, "\"old\", \"tag\"")]);
        let known = content(&again, "\"tag\"", "text/css", ASK, Cow::Borrowed(b"a{}"));
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(known.headers().get(header::ETAG), Some(&HeaderValue::from_static("\"tag\"")));
        let fresh = content(&again, "\"new\"", "text/css", ASK, Cow::Borrowed(b"a{}"));
        assert_eq!(fresh.status(), StatusCode::OK);
        assert_eq!(fresh.headers().get(header::CONTENT_LENGTH), Some(&HeaderValue::from_static("3")));
    }
}
