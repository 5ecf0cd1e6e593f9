//! Which addresses the media and posters of a feed may have. Pure; [`gate`] holds what is decided here against
//! redirects and against what names lead to.

mod gate;
mod resolver;
mod zone;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::net::IpAddr;

use url::{Host, Url};

use super::TrustedHosts;
use crate::feed::{Refusal, Zone};

pub use gate::Gate;
pub use resolver::Lookup;

/// Redirects that are followed for one request. Signed links and CDNs need one or two.
const REDIRECTS_MAX: usize = 5;

/// What the addresses of one feed may be.
///
/// - `https` always; `http` where the viewer has typed the feed's own address so.
/// - Nothing on this machine or in a private network, unless it is the host that the viewer has typed. The port may
///   be another one: who serves a feed from a machine of his own serves its media from there too, often by another
///   program, and the host is what the viewer has trusted by typing it. A name and its address are two hosts.
/// - Where there is a list of trusted hosts: only those, and the host that was typed.
/// - No user name and no password but those that were typed, at the place they were typed for.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    feed: Option<Feed>,
    trusted: TrustedHosts,
    /// Names that lead to a private network, as is known from before.
    private_names: BTreeSet<String>,
}

/// What the viewer has typed.
#[derive(Clone, Debug)]
struct Feed {
    encrypted: bool,
    host: Host<String>,
    port: Option<u16>,
    user: (String, Option<String>),
}

impl Policy {
    /// The policy of the feed at `feed`, an `http` or `https` address as the viewer typed it.
    #[must_use]
    pub fn for_feed(feed: &Url, trusted: &TrustedHosts) -> Self {
        let typed = host_of(feed).map(|host| Feed {
            encrypted: feed.scheme() == "https",
            host,
            port: feed.port_or_known_default(),
            user: user_of(feed),
        });
        Self { feed: typed, trusted: trusted.clone(), private_names: BTreeSet::new() }
    }

    /// The same policy, knowing names that lead to a private network without anybody having to look.
    fn with_private_names(self, private_names: BTreeSet<String>) -> Self {
        Self { private_names, ..self }
    }

    /// The address that `text` means on a page that came from `base`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn address(&self, base: &Url, text: &str) -> Result<Url, Refusal> {
        let url = base.join(text.trim()).map_err(|_| Refusal::Malformed)?;
        self.check(&url)?;
        Ok(url)
    }

    /// Whether an address may be asked. What a name leads to is seen when it is looked up.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::scheme(url.scheme()));
        }
        let host = host_of(url).ok_or(Refusal::Malformed)?;
        let shown = url.host_str().unwrap_or_default();
        let own = self.feed.as_ref().filter(|feed| feed.host == host);
        let user = user_of(url);
        let same_place = own.filter(|feed| feed.port == url.port_or_known_default());
        if user != (String::new(), None) && same_place.is_none_or(|feed| feed.user != user) {
            return Err(Refusal::Credentials);
        }
        if own.is_none() {
            if let Some(zone) = self.zone_of(&host) {
                return Err(Refusal::zone(shown, zone));
            }
            if !self.trusted.allow(url) {
                return Err(Refusal::untrusted(shown));
            }
        }
        if url.scheme() == "http" && self.feed.as_ref().is_none_or(|feed| feed.encrypted) {
            return Err(Refusal::unencrypted(shown));
        }
        Ok(())
    }

    /// Whether an address is on the host and the port that the viewer has typed.
    #[must_use]
    pub(in crate::source) fn owns(&self, url: &Url) -> bool {
        self.feed.as_ref().is_some_and(|feed| host_of(url).as_ref() == Some(&feed.host) && feed.port == url.port_or_known_default())
    }

    /// Whether a redirect may be followed, after `asked` requests for the same thing.
    ///
    /// # Errors
    /// The rule that it breaks.
    fn hop(&self, next: &Url, asked: usize) -> Result<(), Refusal> {
        if asked > REDIRECTS_MAX {
            return Err(Refusal::Redirects(REDIRECTS_MAX));
        }
        self.check(next).map_err(Refusal::of_redirect)
    }

    /// Whether `name` is the host that the viewer has typed.
    fn is_own_name(&self, name: &str) -> bool {
        matches!(&self.feed, Some(Feed { host: Host::Domain(own), .. }) if *own == bare(name))
    }

    fn zone_of(&self, host: &Host<String>) -> Option<Zone> {
        match host {
            Host::Ipv4(address) => zone::of_literal(IpAddr::V4(*address)),
            Host::Ipv6(address) => zone::of_literal(IpAddr::V6(*address)),
            Host::Domain(name) if name == "localhost" || name.ends_with(".localhost") => Some(Zone::LocalName),
            Host::Domain(name) => self.private_names.contains(name).then_some(Zone::PrivateName),
        }
    }
}

/// The host of an address in a form that can be compared; `None` when there is none.
fn host_of(url: &Url) -> Option<Host<String>> {
    match url.host()? {
        Host::Domain(name) => Some(bare(name)).filter(|name| !name.is_empty()).map(Host::Domain),
        Host::Ipv4(address) => Some(Host::Ipv4(address)),
        Host::Ipv6(address) => Some(Host::Ipv6(address)),
    }
}

/// A name in small letters, without the dot of the root.
fn bare(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn user_of(url: &Url) -> (String, Option<String>) {
    (url.username().to_owned(), url.password().map(str::to_owned))
}
