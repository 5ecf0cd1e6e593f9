//! How often one may ask, who may read from a web page, and what is counted.

use flickreel::server::{ServerConfig, ServerError};
use reqwest::{Method, StatusCode};

use super::rig::{Served, folder};

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back_and_nobody_else_is() {
    let clips = folder(&["a.mp4"]);
    let config = ServerConfig::new(clips.path()).unwrap().with_rate_limit(3).behind_proxy().with_service_token("s3cret");
    let served = Served::start(config).await;
    let asks = async |header: &str, value: &str| served.client.get(served.url("/feed/videos")).header(header, value).send().await.unwrap();
    for _ in 0..3 {
        assert_eq!(asks("x-forwarded-for", "192.0.2.1").await.status(), StatusCode::OK);
    }
    let refused = asks("x-forwarded-for", "192.0.2.1").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=21).contains(&seconds), "{seconds}");
    let told: serde_json::Value = serde_json::from_slice(&refused.bytes().await.unwrap()).unwrap();
    assert_eq!(told["code"], "rate_limited");
    assert_eq!(asks("x-forwarded-for", "192.0.2.2").await.status(), StatusCode::OK, "another client");
    assert_eq!(asks("authorization", "Bearer s3cret").await.status(), StatusCode::OK, "the worker");
    // A token that is none opens no account of its own.
    for _ in 0..2 {
        asks("authorization", "Bearer guess1").await;
    }
    assert_eq!(asks("authorization", "Bearer guess2").await.status(), StatusCode::OK);
    assert_eq!(asks("authorization", "Bearer guess3").await.status(), StatusCode::TOO_MANY_REQUESTS);
    // A player asks for many ranges, and health is looked at often.
    for _ in 0..10 {
        assert_eq!(served.get("/media/a.mp4").await.status(), StatusCode::OK);
        assert_eq!(served.get("/health").await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_service_without_a_limit_has_none() {
    let clips = folder(&["a.mp4"]);
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0)).await;
    for _ in 0..300 {
        assert_eq!(served.get("/feed/videos?limit=1").await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn web_pages_read_the_feed_only_where_their_origin_is_named() {
    let clips = folder(&["a.mp4"]);
    let config = ServerConfig::new(clips.path()).unwrap();
    let closed = Served::start(config.clone()).await;
    let open = Served::start(config.with_cors("https://example.org").unwrap()).await;
    let allowed = async |served: &Served, method: Method, origin: &str| {
        let request = served.client.request(method, served.url("/feed/videos")).header("origin", origin);
        let response = request.header("access-control-request-method", "GET").send().await.unwrap();
        response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned())
    };
    for method in [Method::GET, Method::OPTIONS] {
        assert_eq!(allowed(&closed, method.clone(), "https://example.org").await, None);
        assert_eq!(allowed(&open, method.clone(), "https://example.org").await.as_deref(), Some("https://example.org"));
        assert_eq!(allowed(&open, method, "https://example.com").await, None);
    }
    for wrong in ["example.org", "https://example.org/", "https://example.org/a", "*", "null", ""] {
        let refused = ServerConfig::new(clips.path()).unwrap().with_cors(wrong);
        assert!(matches!(refused, Err(ServerError::Origin(_))), "{wrong}");
    }
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_address() {
    let clips = folder(&["a.mp4"]);
    let served = Served::start(ServerConfig::new(clips.path()).unwrap()).await;
    served.get("/media/a.mp4?token=s3cret").await;
    served.get("/media/none.mp4").await;
    served.get("/nowhere/s3cret").await;
    let text = served.get("/metrics").await.text().await.unwrap();
    for line in [
        r#"http_requests_total{method="GET",route="/media/{*path}",status="200"} 1"#,
        r#"http_requests_total{method="GET",route="/media/{*path}",status="404"} 1"#,
        r#"http_requests_total{method="GET",route="none",status="404"} 1"#,
        "http_response_seconds_count 3",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} is missing from\n{text}");
    }
    assert!(!text.contains("s3cret") && !text.contains("a.mp4"), "{text}");
}
