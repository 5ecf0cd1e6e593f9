//! `flickreel`: the desktop program. Arguments in, window out.

use std::process::ExitCode;

use flickreel::{cli, shell};

fn main() -> ExitCode {
    match cli::parse_from(std::env::args_os()) {
        Ok(cli) => shell::run(cli),
        // Help and the version are no errors; clap knows the status and the stream of each.
        Err(err) => err.exit(),
    }
}
