//! One batch over HTTP: its body, the request, and what the answer means for it.

use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};

use crate::export::options::SegmentTarget;
use crate::feed::dates;

/// A server that does not accept a connection in this time is out of reach.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// The whole of a request, its answer included.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// No server is left alone for longer, whatever it asks for.
const PAUSE_MOST: Duration = Duration::from_hours(1);
/// What a body has beside its events, each with a comma.
pub(super) const FRAME_BYTES: usize = r#"{"batch":[],"sentAt":"2024-02-29T12:34:56.789Z"}"#.len();

/// What becomes of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server has it.
    Taken,
    /// It will never be taken: the status.
    Refused(u16),
    /// It may be taken later: why not now, and when at the soonest.
    Later(String, Option<Duration>),
}

/// The client for batches. It shares nothing with the one that fetches feeds: neither its connections nor its rules.
///
/// # Errors
/// When TLS cannot be set up.
pub fn client(target: &SegmentTarget) -> reqwest::Result<Client> {
    // An error says that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("flickreel/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .redirect(Policy::none())
        .referer(false)
        .https_only(target.endpoint.url().scheme() == "https")
        .build()
}

/// The body that sends these events.
pub(super) fn body(events: &[String], now: SystemTime) -> String {
    format!(r#"{{"batch":[{}],"sentAt":"{}"}}"#, events.join(","), dates::rfc3339_ms(now))
}

/// Sends a body.
pub(super) async fn post(client: &Client, target: &SegmentTarget, body: String) -> Verdict {
    let request = client.post(target.endpoint.url().clone()).basic_auth(target.write_key.secret(), Some(""));
    match request.header(CONTENT_TYPE, "application/json").body(body).send().await {
        Ok(answer) => verdict(&answer),
        Err(err) => Verdict::Later(format!("{} cannot be reached ({}).", target.endpoint.host(), err.without_url()), None),
    }
}

fn verdict(answer: &Response) -> Verdict {
    let status = answer.status();
    if status.is_success() {
        return Verdict::Taken;
    }
    let is_final = status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS && status != StatusCode::REQUEST_TIMEOUT;
    if is_final {
        return Verdict::Refused(status.as_u16());
    }
    let asked = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let pause = asked.map(|seconds| Duration::from_secs(seconds).min(PAUSE_MOST));
    Verdict::Later(format!("the server answered {}.", status.as_u16()), pause)
}
