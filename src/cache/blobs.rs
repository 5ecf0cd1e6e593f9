//! Whole small things in the disk cache, beside the media: pages of feeds, posters and captions.

use std::sync::Arc;

use super::blocks::{BLOCK_BYTES, block_count};
use super::context::Context;
use super::disk::record::Kind;
use super::disk::store::{About, Store};
use super::error::CacheError;
use super::key::CacheKey;
use super::validator::Validator;

/// What a blob is. Part of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlobKind {
    /// A page of a feed.
    Page,
    /// A poster.
    Poster,
    /// A file of captions.
    Captions,
}

impl BlobKind {
    fn kind(self) -> Kind {
        match self {
            Self::Page => Kind::Page,
            Self::Poster => Kind::Poster,
            Self::Captions => Kind::Captions,
        }
    }
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
        let (store, key) = (self.0.store()?, key(kind, name));
        let read = self.0.runtime.spawn_blocking(move || get(&store, &key)).await;
        match read {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(err)) => {
                self.0.disk_failed(&err);
                None
            }
            Err(err) => {
                tracing::error!(error = %err, "reading a {} ended abruptly", kind.kind().name());
                None
            }
        }
    }

    /// Waits while what plays is short of bytes on a line that is known to be slow: what is nice to have should not be
    /// fetched then.
    pub async fn until_line_is_free(&self) {
        self.0.traffic.until_free().await;
    }

    /// Stores `bytes` under `name` in place of what was there, which is found until all of them are written.
    /// `label` is what a person knows it by; neither it nor `name` should hold a signature, and only `label` is
    /// written to disk. What is empty, or larger than [`BLOB_BYTES_MAX`], is not stored.
    pub async fn put(&self, kind: BlobKind, name: &str, label: &str, bytes: Vec<u8>) {
        self.0.ready().await;
        let Some(store) = self.0.store().filter(|_| !bytes.is_empty() && bytes.len() <= BLOB_BYTES_MAX) else { return };
        let key = key(kind, name);
        let about = About { kind: kind.kind(), label: label.to_owned(), ..About::default() };
        let written = self.0.runtime.spawn_blocking(move || put(&store, &key, &about, &bytes)).await;
        match written {
            Ok(Ok(())) => {}
            Ok(Err(err)) => self.0.disk_failed(&err),
            Err(err) => tracing::error!(error = %err, "storing a {} ended abruptly", kind.kind().name()),
        }
    }
}

fn key(kind: BlobKind, name: &str) -> CacheKey {
    CacheKey::new(kind.kind().name(), name, "")
}

/// All bytes of an entry. Touches the disk.
pub(super) fn get(store: &Arc<Store>, key: &CacheKey) -> Result<Option<Vec<u8>>, CacheError> {
    let Some(found) = store.find(key).filter(|found| found.blocks.len() == block_count(found.length) as usize) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    for block in found.blocks {
        match found.pin.read(block)? {
            Some(read) => bytes.extend_from_slice(&read),
            None => return Ok(None),
        }
    }
    Ok(Some(bytes))
}

/// Stores all bytes of an entry, then lets it be found. Touches the disk.
pub(super) fn put(store: &Arc<Store>, key: &CacheKey, about: &About, bytes: &[u8]) -> Result<(), CacheError> {
    let pin = store.create_hidden(key, bytes.len() as u64, Validator::default(), about)?;
    let step = usize::try_from(BLOCK_BYTES).unwrap_or(usize::MAX);
    for (block, piece) in (0..).zip(bytes.chunks(step)) {
        pin.write(block, piece)?;
    }
    pin.publish()
}
