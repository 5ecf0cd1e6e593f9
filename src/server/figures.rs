//! What the service counts, for Prometheus at `/metrics`; and a line of the log for each request, without its query.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::refusal::Refusal;
use super::service::Service;

/// Upper bounds of the buckets, in seconds.
const SECONDS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

/// Methods that are counted by their names: a client may make up others without end.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "PATCH"];

/// What a request was, by the route and not by the address: there are few of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

/// The counts of a service.
pub(super) struct Figures {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Histogram,
}

impl Figures {
    /// Those of the requests, and what `more` registers.
    pub fn new(more: impl FnOnce(&mut Registry)) -> Self {
        let mut registry = Registry::default();
        let requests = Family::<Answered, Counter>::default();
        let seconds = Histogram::new(SECONDS);
        registry.register("http_requests", "Requests that were answered", requests.clone());
        registry.register("http_response_seconds", "Time until the head of an answer", seconds.clone());
        more(&mut registry);
        Self { registry, requests, seconds }
    }

    /// All of them in the text format of Prometheus (OpenMetrics 1.0).
    ///
    /// # Errors
    /// When they cannot be written, which nothing here does.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Counts a request and writes its line.
pub(super) async fn observe(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = METHODS.into_iter().find(|known| *known == request.method().as_str()).unwrap_or("other");
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    let (took, status) = (start.elapsed(), response.status().as_u16());
    service.figures.seconds.observe(took.as_secs_f64());
    // The route and never the address: that may hold what is nobody's business.
    tracing::debug!(method, route, status, ms = took.as_secs_f64() * 1e3, "answered");
    service.figures.requests.get_or_create(&Answered { method, route, status }).inc();
    response
}

/// `GET /metrics`.
pub(super) async fn metrics(State(service): State<Arc<Service>>) -> Response {
    match service.figures.text() {
        Ok(text) => ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response(),
        Err(err) => {
            tracing::error!(%err, "the figures can’t be written");
            Refusal::not_found().into_response()
        }
    }
}
