//! Leptos.toml repeats the table of Cargo.toml for the server at run time: both must say the same, or
//! one of them tells of a server that does not exist.

use opbook::server::config::Config;
use toml::Table;

fn leptos_table(file: &str) -> toml::Value {
    let text = std::fs::read_to_string(file).unwrap();
    let table: Table = text.parse().unwrap();
    table["package"]["metadata"]["leptos"].clone()
}

#[test]
fn both_files_name_the_same_address_and_files() {
    // Otherwise who looks into the one finds another address than `opbook serve` takes.
    assert_eq!(leptos_table("Cargo.toml"), leptos_table("Leptos.toml"));
}

#[test]
fn the_file_of_the_repository_is_understood_and_sets_the_address() {
    let text = std::fs::read_to_string("Leptos.toml").unwrap();
    let config = Config::read(Some(&text), &[]).unwrap();
    assert_eq!(config.addr.to_string(), leptos_table("Leptos.toml")["site-addr"].as_str().unwrap());
}
