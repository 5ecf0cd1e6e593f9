//! Addresses that expire while they are read: another one is had from the feed before, or when the server refuses, and
//! reading goes on with it where it was.

use std::pin::Pin;
use std::time::SystemTime;

use super::entry::Entry;
use super::key::CacheKey;
use crate::feed::Validity;

/// What a server says of an address that has expired.
const EXPIRED: [u16; 2] = [403, 410];

/// Gets items' addresses anew, from wherever the items came.
pub trait Renewer: Send + Sync {
    /// The address that the item told at `at` has now; `None` when it cannot be had.
    fn renewed(&self, at: String) -> Pin<Box<dyn Future<Output = Option<String>> + Send>>;
}

/// Where media is asked for. Addresses have their signature included.
#[derive(Default)]
pub(super) struct Address {
    /// The newest one.
    pub url: String,
    /// Where the feed tells its item.
    renewal: Option<String>,
    /// What the feed's page said, when there is a newer one by now.
    replaced: Option<String>,
    /// What the address tells of its end is of no use any more: asking brought none that ends later, be it that nobody
    /// answered or that one of the clocks is wrong. The server decides.
    is_asked_in_vain: bool,
}

impl Address {
    /// A page of the feed tells it, and where its item is told.
    pub fn named(&mut self, url: &str, renewal: Option<&str>) {
        if let Some(renewal) = renewal {
            self.renewal = Some(renewal.to_owned());
        }
        // The newest signature is the one that is still good, and a page may be older than a renewal.
        if self.replaced.as_deref() != Some(url) && self.url != url {
            url.clone_into(&mut self.url);
            self.replaced = None;
            self.is_asked_in_vain = false;
        }
    }

    /// Where to ask for another one, if it is time for that.
    fn due(&self, now: SystemTime) -> Option<String> {
        let is_due = !self.is_asked_in_vain && Validity::of(&self.url).is_some_and(|validity| validity.is_due(now));
        self.renewal.clone().filter(|_| is_due)
    }

    /// Takes a newer one.
    fn renewed(&mut self, url: String, now: SystemTime) {
        let before = std::mem::replace(&mut self.url, url);
        self.replaced.get_or_insert(before);
        self.is_asked_in_vain = Validity::of(&self.url).is_some_and(|validity| validity.is_due(now));
    }
}

impl Entry {
    /// The address for the next request, renewed when it is about to expire.
    pub async fn address(&self) -> String {
        let (url, due) = {
            let state = self.lock();
            (state.address.url.clone(), state.address.due(SystemTime::now()))
        };
        if due.is_none() {
            return url;
        }
        if let Some(renewed) = self.renewed(&url).await {
            return renewed;
        }
        self.lock().address.is_asked_in_vain = true;
        url
    }

    /// Another address than `refused`, which was answered with `status`, when there is one to be had.
    pub async fn address_after(&self, refused: &str, status: u16) -> Option<String> {
        if EXPIRED.contains(&status) { self.renewed(refused).await } else { None }
    }

    /// Another address than `before`. Of all who want one the first asks.
    async fn renewed(&self, before: &str) -> Option<String> {
        let renewer = self.context.renewer.get()?;
        let _asking = self.renewing.lock().await;
        let at = {
            let address = &self.lock().address;
            if address.url != before {
                return Some(address.url.clone());
            }
            address.renewal.clone()?
        };
        let asking = tokio::time::timeout(self.context.timeouts.answer, renewer.renewed(at));
        let url = asking.await.ok().flatten().filter(|url| url != before)?;
        // What is known of this media would be mixed with another one, which other feeds would be shown for it.
        if CacheKey::of_url(&url, "") != Some(self.key) {
            tracing::warn!(key = ?self.key, "the feed names another media for an address that has expired");
            return None;
        }
        tracing::debug!(key = ?self.key, "an address that expires was renewed");
        self.lock().address.renewed(url.clone(), SystemTime::now());
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn address(url: &str) -> Address {
        let mut address = Address::default();
        address.named(url, Some("https://feed.example/items/1"));
        address
    }

    #[test]
    fn an_older_page_does_not_bring_the_address_back_that_was_replaced() {
        let mut address = address("https://a.example/v?Expires=100");
        address.renewed("https://a.example/v?Expires=200".into(), at(95));
        address.named("https://a.example/v?Expires=100", None);
        assert_eq!(address.url, "https://a.example/v?Expires=200");
        address.renewed("https://a.example/v?Expires=300".into(), at(195));
        address.named("https://a.example/v?Expires=100", None);
        assert_eq!(address.url, "https://a.example/v?Expires=300");
        address.named("https://a.example/v?Expires=400", None);
        assert_eq!(address.url, "https://a.example/v?Expires=400");
    }

    #[test]
    fn it_is_renewed_before_its_end_but_not_without_end_by_a_wrong_clock() {
        let mut address = address("https://a.example/v?Expires=100");
        assert_eq!(address.due(at(80)), None);
        assert_eq!(address.due(at(95)).as_deref(), Some("https://feed.example/items/1"));
        // By our clock the new one has expired long ago.
        address.renewed("https://a.example/v?Expires=200".into(), at(9_000));
        assert_eq!(address.due(at(9_000)), None);
        address.named("https://a.example/v?Expires=9500", None);
        assert!(address.due(at(9_495)).is_some());
    }

    #[test]
    fn without_a_place_to_ask_it_is_left_as_it_is() {
        let mut address = Address::default();
        address.named("https://a.example/v?Expires=100", None);
        assert_eq!(address.due(at(200)), None);
    }
}
