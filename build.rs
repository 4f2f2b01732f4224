//! Tells the server where the web files are, and cargo what else the binary is made of.
//! `OPBOOK_SITE` names the folder; else the one scripts/build-web fills.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // What the splitter of scripts/build-web reads; of our own program only, so that nothing else is compiled anew.
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
    }
    if env::var_os("CARGO_FEATURE_SSR").is_none() {
        return;
    }
    // sqlx::migrate! reads a folder, which the compiler does not watch.
    println!("cargo::rerun-if-changed=migrations");

    for name in ["OPBOOK_SITE", "LEPTOS_SITE_ROOT"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let site = env::var_os("OPBOOK_SITE").or_else(|| env::var_os("LEPTOS_SITE_ROOT")).map_or_else(
        || target_folder().join(if release { "site" } else { "site-dev" }),
        |folder| PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join(folder),
    );
    println!("cargo::rustc-env=OPBOOK_SITE={}", site.display());
    // A release embeds the files, so it is made anew when they change; a debug build reads them from disk.
    if release {
        println!("cargo::rerun-if-changed={}", site.display());
    }
}

/// TARGET of TARGET/PROFILE/build/opbook-HASH/out, where cargo runs this.
fn target_folder() -> PathBuf {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    out.ancestors().nth(4).map(PathBuf::from).unwrap_or_default()
}
