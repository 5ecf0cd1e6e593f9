//! Exporters: real sockets receive what they send, and it is compared byte by byte.

mod dogstatsd;
mod off;
#[cfg(all(feature = "client", feature = "server"))]
mod program;
mod prometheus;
mod rig;
mod segment;
mod store;
