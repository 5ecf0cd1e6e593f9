//! How the window comes up: words that hold for this start alone.

use clap::Args;

/// How the window comes up.
#[derive(Args, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StartOptions {
    /// Begin at the first video, not where you left.
    #[arg(long, global = true)]
    pub from_start: bool,
    /// Open a window of its own, also when one is open already that could show the source.
    #[arg(long, global = true)]
    pub new_window: bool,
}
