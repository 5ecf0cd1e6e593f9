//! Whether a stream runs.

use serde::{Deserialize, Serialize};

/// The state of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum StreamStatus {
    Scheduled,
    Live,
    Ended,
}
