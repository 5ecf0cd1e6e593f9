//! Pages that are kept for when their server cannot be reached.

use std::pin::Pin;
use std::sync::Arc;

use url::Url;

use super::{SourceContext, wire};
use crate::feed::{FeedPage, without_signature};

/// What a [`Shelf`] answers, some time.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Keeps whole pages by name. It never fails: what cannot be kept is not found.
pub trait Shelf: Send + Sync {
    /// What was put there last under `name`.
    fn get<'a>(&'a self, name: &'a str) -> Later<'a, Option<Vec<u8>>>;
    /// Keeps `bytes` under `name` in place of what was there; `label` is what a person knows it by.
    fn put<'a>(&'a self, name: &'a str, label: &'a str, bytes: Vec<u8>) -> Later<'a, ()>;
}

/// The name of the page at `address`: the cursor is part of it, a signature is not.
fn name_of(address: &Url) -> String {
    without_signature(address.as_str())
}

/// Keeps a page that its server has just sent. Does not wait for it.
pub(super) fn keep(context: &SourceContext, address: &Url, label: String, page: Arc<FeedPage>) {
    if let Some(shelf) = context.shelf.clone() {
        let name = name_of(address);
        tokio::spawn(async move { shelf.put(&name, &label, wire::written(&page)).await });
    }
}

/// The page at `address` as it was kept last. A damaged one is none.
pub(super) async fn kept(context: &SourceContext, address: &Url) -> Option<FeedPage> {
    let bytes = context.shelf.as_ref()?.get(&name_of(address)).await?;
    let json = serde_json::from_slice(&bytes).ok()?;
    let page = wire::page(&json, address, &context.gate.policy_of(address))?;
    Some(FeedPage { stored: true, ..page })
}
