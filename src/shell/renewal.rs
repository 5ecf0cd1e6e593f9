//! Lets the cache ask the feed for addresses that have expired.

use std::pin::Pin;

use crate::cache::Renewer;
use crate::source::SourceContext;

/// The feed's side of it.
pub(super) struct Renewals(pub SourceContext);

impl Renewer for Renewals {
    fn renewed(&self, at: String) -> Pin<Box<dyn Future<Output = Option<String>> + Send>> {
        let context = self.0.clone();
        Box::pin(async move { context.renewed(&at).await })
    }
}
