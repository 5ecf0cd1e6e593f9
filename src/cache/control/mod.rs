//! How another process asks the owner of the disk cache: over a socket that only this user reaches. The asking
//! side sends one [`Request`](super::Request) as a line of JSON; lines of [`Reply`](super::Reply) come back,
//! any number of them progress, then one that ends it.

mod ask;
pub(crate) mod place;
mod serve;

use serde::{Deserialize, Serialize};

pub use ask::{AskError, PATIENCE, ask};
pub use place::sockets;
pub use serve::{Serving, serve};

/// The longest request, in bytes, with the end of its line.
const REQUEST_BYTES_MAX: u64 = 64 * 1024;

/// What the owner says instead of a reply when the question never reached the cache. Apart from `Reply`, so that
/// "there is no such entry" and "ask again later" cannot be taken for each other.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
enum Refusal {
    /// Not now, or not this.
    Refused {
        /// Why, in one sentence.
        sentence: String,
    },
}
