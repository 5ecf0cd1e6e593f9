//! What the one HTTP client may be asked at the moment: the policy of the feed that is open, and what was learned of
//! names so far. Redirects and lookups go through here.

use std::collections::BTreeSet;
use std::error::Error;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::redirect;
use url::Url;

use super::resolver::{Lookup, System};
use super::{Policy, bare, zone};
use crate::feed::Refusal;
use crate::source::TrustedHosts;

/// Where a proxy is named for all programs.
const PROXY_VARIABLES: [&str; 6] = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// What the client may be asked. Cheap to clone; clones share everything.
///
/// A client knows of a lookup nothing but the name, and of a redirect nothing but its addresses, so the feed that
/// they are for is kept here, and replaced when another one is opened.
///
/// A proxy looks names up itself and connects for us: what it reaches is for it to refuse, and only what an address
/// says is checked then. Its own name may lead to a private network, but no feed may name it.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    lookup: Box<dyn Lookup>,
    /// The names of proxies.
    proxies: BTreeSet<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    trusted: TrustedHosts,
    policy: Policy,
    /// The name that the viewer has typed has led to public machines. From then on it leads nowhere else: a server
    /// that answers differently the second time is not to reach the viewer's network by that.
    is_public: bool,
    /// Names that have led to a private network, for the feed that was typed so. An idle connection to such a one
    /// would serve another feed without any lookup, so they are refused by name.
    private_names: BTreeSet<String>,
}

impl Default for Gate {
    fn default() -> Self {
        Self::with(System, PROXY_VARIABLES.iter().filter_map(|name| std::env::var(name).ok()))
    }
}

impl Gate {
    /// A gate that looks names up by `lookup` and knows these addresses of proxies.
    pub fn with(lookup: impl Lookup + 'static, proxies: impl IntoIterator<Item = String>) -> Self {
        let proxies: BTreeSet<String> = proxies.into_iter().filter_map(|proxy| proxy_name(&proxy)).collect();
        let state = State { private_names: proxies.clone(), ..State::default() };
        Self(Arc::new(Inner { lookup: Box::new(lookup), proxies, state: Mutex::new(state) }))
    }

    /// Another source is open: the feed that the viewer has typed, or one that asks no server. What the last one was
    /// allowed is over.
    pub fn open(&self, feed: Option<&Url>) {
        let policy = feed.map(|feed| self.policy_of(feed));
        let mut state = self.state();
        state.policy = policy.unwrap_or_else(|| Policy { trusted: state.trusted.clone(), ..Policy::default() });
        state.is_public = false;
    }

    /// Replaces the list of trusted hosts.
    pub fn trust(&self, hosts: TrustedHosts) {
        let mut state = self.state();
        state.policy.trusted.clone_from(&hosts);
        state.trusted = hosts;
    }

    /// What the addresses of a feed may be, whether it is the one that is open or not.
    #[must_use]
    pub fn policy_of(&self, feed: &Url) -> Policy {
        let state = self.state();
        Policy::for_feed(feed, &state.trusted).with_private_names(state.private_names.clone())
    }

    /// What the client does with redirects.
    pub(in crate::source) fn redirects(&self) -> redirect::Policy {
        let gate = self.clone();
        redirect::Policy::custom(move |attempt| {
            let allowed = gate.state().policy.hop(attempt.url(), attempt.previous().len());
            match allowed {
                Ok(()) => attempt.follow(),
                Err(refusal) => attempt.error(refusal),
            }
        })
    }

    /// The addresses of `name` that may be connected to.
    pub(super) async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, Box<dyn Error + Send + Sync>> {
        let found = self.0.lookup.addresses(name).await?;
        if self.0.proxies.contains(&bare(name)) {
            return Ok(found);
        }
        Ok(self.judge(name, found)?)
    }

    /// One address in an answer that may not be connected to spoils all of it: honest names do not mix.
    fn judge(&self, name: &str, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refusal> {
        let mut state = self.state();
        let first = found.iter().find_map(|address| Some((*address, zone::of_resolved(*address)?)));
        let own = state.policy.is_own_name(name);
        let Some((address, zone)) = first else {
            state.is_public |= own;
            return Ok(found);
        };
        if !own || state.is_public {
            return Err(Refusal::resolved(name, address.to_string(), zone));
        }
        state.private_names.insert(bare(name));
        drop(state);
        // A machine of the viewer's own may have public addresses too; those in his network are the ones meant.
        Ok(found.into_iter().filter(|address| zone::of_resolved(*address).is_some()).collect())
    }

    /// Not to be held over anything that waits.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name in the address of a proxy; `None` when it is given as a number, which nobody looks up.
fn proxy_name(proxy: &str) -> Option<String> {
    let proxy = proxy.trim();
    let url = if proxy.contains("://") { Url::parse(proxy) } else { Url::parse(&format!("http://{proxy}")) };
    // The host of another scheme than http, socks5 for example, is not told apart from a number by the parser.
    let name = bare(url.ok()?.host_str()?);
    (!name.is_empty() && name.trim_matches(['[', ']']).parse::<IpAddr>().is_err()).then_some(name)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::feed::Zone;
    use crate::source::Later;

    /// Answers one after the other; the last one again and again.
    struct Answers(Mutex<Vec<Vec<IpAddr>>>);

    impl Lookup for Answers {
        fn addresses<'a>(&'a self, _: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>> {
            let mut answers = self.0.lock().unwrap();
            let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
            Box::pin(async { Ok(answer) })
        }
    }

    fn addresses(text: &str) -> Vec<IpAddr> {
        text.split_whitespace().map(|address| address.parse().unwrap()).collect()
    }

    /// A gate of the feed at `feed`, and what lookups answer one after the other.
    fn gate(feed: &str, answers: &[&str]) -> Gate {
        let answers = answers.iter().map(|answer| addresses(answer)).collect();
        let gate = Gate::with(Answers(Mutex::new(answers)), ["http://proxy.example:3128".to_owned()]);
        gate.open(Some(&Url::parse(feed).unwrap()));
        gate
    }

    async fn refused(gate: &Gate, name: &str) -> String {
        let err = gate.look_up(name).await.unwrap_err();
        Refusal::within(&*err).unwrap().to_string()
    }

    #[tokio::test]
    async fn a_name_that_leads_to_a_private_network_is_refused_however_many_public_addresses_stand_beside_it() {
        for (answer, sentence) in [
            ("192.168.1.1", "cdn.example leads to 192.168.1.1, which is an address of a private network, and the feed is not from there."),
            (
                "1.1.1.1 169.254.169.254",
                "cdn.example leads to 169.254.169.254, which is an address of the local link, and the feed is not from there.",
            ),
            (
                "::ffff:1.1.1.1",
                "cdn.example leads to ::ffff:1.1.1.1, which is an IPv4 address written as IPv6, and the feed is not from there.",
            ),
            (
                "64:ff9b::a00:1",
                "cdn.example leads to 64:ff9b::a00:1, which is an address of a private network, and the feed is not from there.",
            ),
        ] {
            assert_eq!(refused(&gate("https://feed.example/", &[answer]), "cdn.example").await, sentence);
        }
    }

    #[tokio::test]
    async fn a_name_that_is_public_at_first_and_private_later_is_refused_later() {
        let gate = gate("https://feed.example/", &["1.1.1.1 2606:4700::1111", "127.0.0.1"]);
        assert_eq!(gate.look_up("cdn.example").await.unwrap(), addresses("1.1.1.1 2606:4700::1111"));
        assert!(refused(&gate, "cdn.example").await.contains("127.0.0.1"));
    }

    #[tokio::test]
    async fn the_host_that_was_typed_may_be_private_until_it_has_been_public() {
        let own = gate("http://nas.example/", &["192.168.1.5 1.1.1.1", "192.168.1.5", "1.1.1.1", "192.168.1.5"]);
        // Of a name that leads both ways only the private half is used.
        assert_eq!(own.look_up("nas.example").await.unwrap(), addresses("192.168.1.5"));
        assert_eq!(own.look_up("NAS.example.").await.unwrap(), addresses("192.168.1.5"));
        assert_eq!(own.look_up("nas.example").await.unwrap(), addresses("1.1.1.1"));
        assert!(refused(&own, "nas.example").await.contains("192.168.1.5"));
        own.open(Some(&Url::parse("http://nas.example/").unwrap()));
        assert_eq!(own.look_up("nas.example").await.unwrap(), addresses("192.168.1.5"), "it was opened anew");
    }

    #[tokio::test]
    async fn what_one_feed_was_allowed_the_next_is_not() {
        let gate = gate("http://nas.example/", &["192.168.1.5"]);
        gate.look_up("nas.example").await.unwrap();
        let other = Url::parse("http://feed.example/").unwrap();
        let media = Url::parse("http://nas.example/a.mp4").unwrap();
        gate.open(Some(&other));
        assert!(refused(&gate, "nas.example").await.contains("192.168.1.5"));
        // There may be an idle connection to it, for which nothing is looked up.
        assert_eq!(gate.policy_of(&other).check(&media), Err(Refusal::zone("nas.example", Zone::PrivateName)));
        gate.open(None);
        assert!(refused(&gate, "nas.example").await.contains("192.168.1.5"));
    }

    #[tokio::test]
    async fn a_proxy_may_be_in_a_private_network_and_no_feed_may_name_it() {
        let gate = gate("http://feed.example/", &["10.0.0.1"]);
        assert_eq!(gate.look_up("proxy.example").await.unwrap(), addresses("10.0.0.1"));
        let feed = Url::parse("http://feed.example/").unwrap();
        let named = Url::parse("http://proxy.example:8080/a.mp4").unwrap();
        assert_eq!(gate.policy_of(&feed).check(&named), Err(Refusal::zone("proxy.example", Zone::PrivateName)));
    }

    #[test]
    fn the_name_of_a_proxy_is_found_however_it_is_written() {
        for proxy in ["http://me:secret@Proxy.example:3128/", "proxy.example:3128", "proxy.example.", "socks5h://proxy.example"] {
            assert_eq!(proxy_name(proxy).as_deref(), Some("proxy.example"), "{proxy}");
        }
        for proxy in ["", "http://10.0.0.1:3128", "[fd00::1]:8080", "socks5://10.0.0.1"] {
            assert_eq!(proxy_name(proxy), None, "{proxy}");
        }
    }
}
