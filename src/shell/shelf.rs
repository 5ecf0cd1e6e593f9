//! Feed pages in the disk cache.

use crate::cache::{BLOB_BYTES_MAX, BlobKind, Blobs};
use crate::source::{Later, Shelf};

/// The shelf of [`crate::source`], in the disk cache.
pub(super) struct DiskShelf(pub Blobs);

impl Shelf for DiskShelf {
    fn get<'a>(&'a self, name: &'a str) -> Later<'a, Option<Vec<u8>>> {
        Box::pin(self.0.get(BlobKind::Page, name))
    }

    fn put<'a>(&'a self, name: &'a str, label: &'a str, bytes: Vec<u8>) -> Later<'a, ()> {
        Box::pin(async move {
            if bytes.len() <= BLOB_BYTES_MAX {
                self.0.put(BlobKind::Page, name, label, bytes).await;
            }
        })
    }
}
