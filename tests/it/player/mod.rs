//! The player on real GStreamer pipelines, over clips made for the purpose.

mod bounds;
mod captions;
#[cfg(all(feature = "net", target_os = "linux"))]
mod damaged;
#[cfg(all(feature = "net", target_os = "linux"))]
mod decoder;
mod ear;
#[cfg(all(feature = "net", target_os = "linux"))]
mod elements;
mod ending;
mod failing;
mod figures;
mod formats;
#[cfg(all(feature = "net", target_os = "linux"))]
mod lost;
mod media;
#[cfg(target_os = "linux")]
mod overlap;
mod playing;
mod pool;
mod preview;
#[cfg(all(feature = "client", feature = "server", target_os = "linux"))]
mod reading_cost;
mod rig;
mod rows;
mod sound;
mod speed;
mod steps;
#[cfg(all(feature = "net", target_os = "linux"))]
mod variants;
mod watchdogs;
