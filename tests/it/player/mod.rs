//! The player on real GStreamer pipelines, over clips made for the purpose.

#[cfg(all(feature = "net", target_os = "linux"))]
mod elements;
mod failing;
mod figures;
mod formats;
mod media;
mod playing;
mod pool;
#[cfg(all(feature = "client", feature = "server", target_os = "linux"))]
mod reading_cost;
mod rig;
mod sound;
