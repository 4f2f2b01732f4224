//! The program `opbook`: hands the command line to `server::command` and says why it failed. Everything else is in
//! the library, where tests reach it.

use std::process::ExitCode;

use clap::Parser;
use opbook::server::command::Command;

#[tokio::main]
async fn main() -> ExitCode {
    match Command::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("opbook: {error}");
            ExitCode::FAILURE
        }
    }
}
