//! What is known of the network from what came over it.

use std::time::Duration;

/// What real transfers told of the line and of the servers behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkEstimate {
    /// What the line carries while it carries anything, in bits a second; `None` until enough has come over it.
    pub bits_per_second: Option<u64>,
    /// From a request to the head of its answer: what the server thinks over is in it, and of a new connection what it
    /// takes to make it. `None` before the first answer.
    pub round_trip: Option<Duration>,
}
