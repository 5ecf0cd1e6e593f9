//! `flickreel`: the desktop program. Arguments in, window out.

use std::process::ExitCode;

use flickreel::{cli, shell};

/// Heaps that glibc may keep side by side. By default it makes one for every thread that ever waited for
/// another's, up to eight a core, and each keeps what its threads have freed: four pipelines and their renderer
/// took 35 MB more of it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const HEAPS: libc::c_int = 2;

fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "mallopt has no safe binding; it takes two integers and no other thread runs yet")]
    // SAFETY: called before any other thread exists, with a parameter and a value that glibc documents.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, HEAPS);
    }
    match cli::parse_from(std::env::args_os()) {
        Ok(cli) => shell::run(cli),
        // Help and the version are no errors; clap knows the status and the stream of each.
        Err(err) => err.exit(),
    }
}
