//! A made-up service and edge: pages that are written down, media that is answered by a rule, and every request noted.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use flickreel::server::prefetch::{Ending, Outcome, PrefetchConfig, Prefetcher, Report};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    /// Path and query.
    pub at: String,
    pub headers: HeaderMap,
}

type Rule = dyn Fn(Asked) -> BoxFuture<'static, Response> + Send + Sync;

struct Inside {
    rule: Box<Rule>,
    asked: Mutex<Vec<Asked>>,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

/// A server that answers by a rule.
pub struct Scripted {
    pub address: SocketAddr,
    inside: Arc<Inside>,
}

impl Scripted {
    pub async fn start<F>(rule: impl Fn(Asked) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let rule: Box<Rule> = Box::new(move |asked| Box::pin(rule(asked)));
        let inside = Arc::new(Inside { rule, asked: Mutex::default(), under_way: AtomicUsize::new(0), most: AtomicUsize::new(0) });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inside));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, inside }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.inside.asked.lock().unwrap().clone()
    }

    /// Requests that were under way at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.inside.most.load(Ordering::SeqCst)
    }
}

async fn answer(State(inside): State<Arc<Inside>>, request: Request) -> Response {
    let at = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let asked = Asked { method: request.method().clone(), at, headers: request.headers().clone() };
    inside.asked.lock().unwrap().push(asked.clone());
    inside.most.fetch_max(inside.under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    let response = (inside.rule)(asked).await;
    inside.under_way.fetch_sub(1, Ordering::SeqCst);
    response
}

/// Media of three bytes that a cache has, or has not.
pub fn media(state: &'static str) -> Response {
    let headers = [("content-range", "bytes 0-2/3"), ("etag", "\"e1\""), ("x-cache-status", state)];
    (StatusCode::PARTIAL_CONTENT, headers, Bytes::from_static(b"abc")).into_response()
}

pub fn page(videos: &[Value], next: Option<&str>) -> Response {
    axum::Json(json!({"videos": videos, "nextCursor": next, "hasMore": next.is_some()})).into_response()
}

/// A service of which every feed has one page of these.
pub async fn service(videos: Vec<Value>) -> Scripted {
    Scripted::start(move |_| {
        let videos = videos.clone();
        async move { page(&videos, None) }
    })
    .await
}

pub fn video(id: &str) -> Value {
    json!({"id": id, "videoUrl": format!("/media/{id}.mp4")})
}

pub fn videos(count: usize) -> Vec<Value> {
    (0..count).map(|number| video(&format!("v{number}"))).collect()
}

pub fn never() -> Ending {
    Ending::when(std::future::pending())
}

/// One run of a worker of its own.
pub async fn run(config: PrefetchConfig) -> Report {
    match Prefetcher::new(config).unwrap().run(None, &never()).await {
        Outcome::Done(report) => report,
        Outcome::Elsewhere => panic!("another worker is at it"),
    }
}
