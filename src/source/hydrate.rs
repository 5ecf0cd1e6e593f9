//! What the service of a feed calls warm when the feed is opened: its edge has it, so that it comes quickly.

use std::sync::Arc;

use url::Url;

use super::{SourceContext, http};
use crate::feed::Item;

/// The items at `address`, which a page has named ([`crate::feed::FeedPage::hydrate`]). None where they cannot be had: they
/// are a help, and nobody waits for them.
pub async fn hydrated(context: &SourceContext, address: &str) -> Vec<Arc<Item>> {
    let Ok(address) = Url::parse(address) else { return Vec::new() };
    match http::fetch(context, address).await {
        Ok(mut page) => {
            context.filter.apply(&mut page);
            page.items.into_iter().filter(|item| item.problem.is_none()).map(Arc::new).collect()
        }
        Err(err) => {
            tracing::debug!(%err, "the service does not say what is warm");
            Vec::new()
        }
    }
}
