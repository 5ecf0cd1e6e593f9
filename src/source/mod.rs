//! Where feeds come from: a folder or files on this machine, an HTTP feed, the built-in sample reel.

mod beside;
mod client;
mod context;
mod error;
mod extras;
mod flags;
mod folder;
mod hosts;
mod http;
mod hydrate;
mod key;
mod live;
mod policy;
mod renewal;
mod sample;
mod shelf;
mod spec;
mod text;
mod tree;
mod wire;

pub use client::client;
pub use context::SourceContext;
pub use error::SourceError;
pub use hosts::TrustedHosts;
pub use hydrate::hydrated;
pub use live::{Told, listen};
pub use policy::{Gate, Lookup, Policy};
pub use sample::{SAMPLE_CLIPS, SampleClip};
pub use shelf::{Later, Shelf};
pub use spec::Source;
