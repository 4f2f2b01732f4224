//! The program `opbook`: hands the command line to `server::command` and says why it failed. Starts no
//! thread itself: a reading process must take its limits before there is a second one.

use std::process::ExitCode;

use clap::Parser;
use opbook::server::command::Command;

fn main() -> ExitCode {
    match Command::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("opbook: {error}");
            ExitCode::FAILURE
        }
    }
}
