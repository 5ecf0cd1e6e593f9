//! How often somebody may ask: so many requests a minute for each client, told with `Retry-After` when it was too often.
//!
//! A client is its network address: a user's name in a header costs nothing to make up. Who brings a token of the service is
//! counted by it, wherever he asks from. Media are not counted: a player asks for many ranges. Each replica counts for itself.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::listen::Peer;
use super::refusal::Refusal;
use super::service::Service;

/// Requests after which clients that have not asked for a while are forgotten.
const FORGET_EVERY: u32 = 4096;

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Client {
    /// Somebody with a token of the service.
    Service,
    /// An address; of IPv6 the half that names a network, since everybody has all the rest of it.
    Network(IpAddr),
}

/// The limit of a service.
pub(super) struct Limits {
    clients: DefaultKeyedRateLimiter<Client>,
    clock: DefaultClock,
    asked: AtomicU32,
    /// Whether a proxy of our own tells who asks, in the last address of `X-Forwarded-For`.
    behind_proxy: bool,
}

impl Limits {
    /// `per_minute` requests a minute for each client.
    pub fn new(per_minute: NonZeroU32, behind_proxy: bool) -> Self {
        let clients = RateLimiter::keyed(Quota::per_minute(per_minute));
        Self { clients, clock: DefaultClock::default(), asked: AtomicU32::new(0), behind_proxy }
    }

    /// Counts a request; how long to wait when it is one too many.
    fn ask(&self, client: Client) -> Result<(), Duration> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.clients.retain_recent();
            self.clients.shrink_to_fit();
        }
        self.clients.check_key(&client).map_err(|not_yet| not_yet.wait_time_from(self.clock.now()))
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let told = || {
            let value = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
            value.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
        };
        Client::Network(network(self.behind_proxy.then(told).flatten().unwrap_or(peer)))
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
    }
}

/// Lets a request through, or tells when to come back.
pub(super) async fn limit(
    State(service): State<Arc<Service>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let Some(limits) = &service.limits else {
        return next.run(request).await;
    };
    let headers = request.headers();
    let client = if service.tokens.is_service(headers) { Client::Service } else { limits.client(peer, headers) };
    match limits.ask(client) {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "too many requests; come back later");
            let mut response = refusal.into_response();
            // Whole seconds, and never so few that it is too early again.
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_client_has_a_limit_of_its_own() {
        let limits = Limits::new(NonZeroU32::new(3).unwrap(), false);
        let (one, other) = (Client::Network(ip("192.0.2.1")), Client::Network(ip("192.0.2.2")));
        assert!((0..3).all(|_| limits.ask(one).is_ok()));
        let wait = limits.ask(one).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(20), "a third of a minute: {wait:?}");
        assert!(limits.ask(other).is_ok() && limits.ask(Client::Service).is_ok());
    }

    #[test]
    fn a_network_of_ipv6_is_one_client_and_ipv4_within_ipv6_is_ipv4() {
        assert_eq!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:2:ffff::9")));
        assert_ne!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:3::1")));
        assert_eq!(network(ip("::ffff:192.0.2.1")), ip("192.0.2.1"));
    }

    #[test]
    fn who_is_asked_for_is_believed_of_a_proxy_of_our_own_alone() {
        let told = headers(&["203.0.113.9", "198.51.100.1, 198.51.100.2"]);
        let client = |behind_proxy: bool, headers: &HeaderMap| Limits::new(NonZeroU32::MIN, behind_proxy).client(ip("192.0.2.1"), headers);
        assert_eq!(client(false, &told), Client::Network(ip("192.0.2.1")));
        assert_eq!(client(true, &told), Client::Network(ip("198.51.100.2")), "the last one is the proxy's own word");
        assert_eq!(client(true, &headers(&["nonsense"])), Client::Network(ip("192.0.2.1")));
        assert_eq!(client(true, &HeaderMap::new()), Client::Network(ip("192.0.2.1")));
    }
}
