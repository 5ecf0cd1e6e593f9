//! Where a feed tells one item again, for when its address has expired, and what it tells there.

use std::fmt::Write;

use serde_json::{Map, Value};
use url::Url;

use super::{Policy, SourceContext, http};
use crate::feed::MediaLocation;

/// What stands for the identity of an item.
const ID: &str = "{id}";
/// Longest address taken, in bytes.
const ADDRESS_BYTES_MAX: usize = 8 << 10;

/// The addresses at which the items of a page are told one by one.
pub(super) struct Places<'a> {
    /// The page's `item`, in which `{id}` stands for an identity.
    template: Option<&'a str>,
    base: &'a Url,
    policy: &'a Policy,
}

impl<'a> Places<'a> {
    /// As a page that came from `base` tells them.
    pub fn of(page: &'a Value, base: &'a Url, policy: &'a Policy) -> Self {
        let template = page.get("item").and_then(Value::as_str).filter(|template| template.contains(ID));
        Self { template, base, policy }
    }

    /// That of one item: its own `itemUrl`, or the page's. What is not on the host and the port that the viewer has typed
    /// is left alone: nobody else is told who watches what.
    pub fn place(&self, video: &Map<String, Value>, id: &str) -> Option<String> {
        let own = video.get("itemUrl").and_then(Value::as_str).map(str::to_owned);
        let text = own.or_else(|| Some(self.template?.replace(ID, &escaped(id))))?;
        let url = self.base.join(text.trim()).ok().filter(|url| url.as_str().len() <= ADDRESS_BYTES_MAX)?;
        (self.policy.owns(&url) && self.policy.check(&url).is_ok()).then(|| url.into())
    }
}

/// An identity as a part of a path.
fn escaped(id: &str) -> String {
    let mut out = String::new();
    for byte in id.bytes() {
        // RFC 3986: what is unreserved.
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

impl SourceContext {
    /// The address that the item told at `at` has now; `None` when it cannot be had, or may not be asked.
    pub async fn renewed(&self, at: &str) -> Option<String> {
        let item = http::item(self, Url::parse(at).ok()?).await.inspect_err(|err| tracing::info!(%err, "an item could not be had anew"));
        match item.ok()??.media {
            MediaLocation::Url(url) if !url.is_empty() => Some(url),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::TrustedHosts;

    fn place(page: &Value, video: &Value, id: &str) -> Option<String> {
        let base = Url::parse("https://feed.example/feed/videos?cursor=1&token=secret").unwrap();
        let policy = Policy::for_feed(&base, &TrustedHosts::default());
        Places::of(page, &base, &policy).place(video.as_object().unwrap(), id)
    }

    #[test]
    fn an_item_is_told_where_the_page_says_or_where_it_says_itself() {
        let page = json!({"item": "/feed/videos/{id}"});
        assert_eq!(place(&page, &json!({}), "a b/../é").as_deref(), Some("https://feed.example/feed/videos/a%20b%2F..%2F%C3%A9"));
        assert_eq!(place(&page, &json!({"itemUrl": "/i?n=1"}), "a").as_deref(), Some("https://feed.example/i?n=1"));
        assert_eq!(place(&json!({}), &json!({}), "a"), None);
        assert_eq!(place(&json!({"item": "/feed/videos"}), &json!({}), "a"), None, "it would be the same for all");
    }

    #[test]
    fn nobody_but_the_feeds_own_host_and_port_is_asked() {
        for other in ["https://feed.example:444/{id}", "https://other.example/{id}", "http://feed.example/{id}", "//other.example/{id}"] {
            assert_eq!(place(&json!({ "item": other }), &json!({}), "a"), None, "{other}");
            assert_eq!(place(&json!({}), &json!({ "itemUrl": other }), "a"), None, "{other}");
        }
        assert_eq!(place(&json!({"item": "//{id}/x"}), &json!({}), "other.example"), None, "a host is no identity");
    }
}
