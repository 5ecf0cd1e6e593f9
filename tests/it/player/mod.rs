//! The player on real GStreamer pipelines, over clips made for the purpose.

mod failing;
mod figures;
mod formats;
mod media;
mod playing;
mod pool;
mod rig;
mod sound;
