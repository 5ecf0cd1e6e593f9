//! What the schema at `/openapi.json` says is what the service answers: each answer is checked against it, and each of its
//! paths is asked.

use std::collections::BTreeSet;

use flickreel::server::ServerConfig;
use jsonschema::Validator;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::rig::{Redis, Served, folder};

/// A service, and what it says of itself.
struct Checked {
    served: Served,
    schema: Value,
    asked: BTreeSet<String>,
}

impl Checked {
    async fn start(config: ServerConfig) -> Self {
        let served = Served::start(config).await;
        let schema = served.json("/openapi.json").await;
        assert!(jsonschema::meta::is_valid(&schema["components"]["schemas"]["Item"]));
        Self { served, schema, asked: BTreeSet::new() }
    }

    /// The schema of an answer. `None`: the document knows no such answer, or none with JSON.
    fn schema_of(&self, method: &str, path: &str, status: StatusCode) -> Option<Validator> {
        let operation = &self.schema["paths"][path][method.to_lowercase()];
        let content = &operation["responses"][status.as_str()]["content"]["application/json"]["schema"];
        let reference = content.get("$ref")?;
        let schema = json!({"$ref": reference, "components": self.schema["components"]});
        Some(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
    }

    /// Asks, and checks the answer against what is said of `path`, which is written as the document writes it.
    async fn check(&mut self, method: Method, path: &str, request: RequestBuilder, status: StatusCode) -> Value {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
        let json: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        let schema = self.schema_of(method.as_str(), path, status);
        let schema = schema.unwrap_or_else(|| panic!("{method} {path} may answer {status}, which the document does not say"));
        let wrong: Vec<String> = schema.iter_errors(&json).map(|err| format!("{}: {err}", err.instance_path())).collect();
        assert!(wrong.is_empty(), "{method} {path}: {wrong:#?}\n{json:#}");
        self.asked.insert(path.to_owned());
        json
    }

    async fn get(&mut self, path: &str, query: &str, status: StatusCode) -> Value {
        let request = self.served.client.get(self.served.url(&format!("{path}{query}")));
        self.check(Method::GET, path, request, status).await
    }

    async fn send(&mut self, method: Method, path: &str, body: &Value, status: StatusCode) -> Value {
        let request = self.served.client.request(method.clone(), self.served.url(path)).body(body.to_string());
        self.check(method, path, request.header("x-user-id", "ann"), status).await
    }
}

#[tokio::test]
async fn every_answer_is_as_the_schema_says() {
    let clips = folder(&["makers/a #cats.mp4", "makers/b.mp4", "c.mp4", "d.mp4"]);
    let beside = |name: &str, json: &Value| std::fs::write(clips.path().join(name), json.to_string()).unwrap();
    beside(
        "c.json",
        &json!({
            "title": "Live", "category": "fashion", "live": {"status": "SCHEDULED", "streamId": "s1"}, "contentWarning": "Flashes.",
            "altText": "A shop.", "location": {"latitude": 25.2, "longitude": 55.27, "neighborhood": "Deira"},
        }),
    );
    beside(
        "d.json",
        &json!({
            "product": {"id": "p1", "price": 12.5, "currency": "EUR", "condition": "used", "category": "shoes"},
            "location": {"latitude": 25.3, "longitude": 55.2}, "tags": ["new"], "likeCount": 3, "viewCount": 9,
        }),
    );
    std::fs::write(clips.path().join("c.en.vtt"), "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n").unwrap();
    let flags = clips.path().join("flags.txt");
    std::fs::write(&flags, r#"{"flags": {"a": {"percent": 25}}}"#).unwrap();
    let redis = Redis::start().await;
    let config = ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_flags(&flags).unwrap().with_redis(&redis.address());
    let mut service = Checked::start(config.with_service_token("s3cret").with_rate_limit(0)).await;

    let page = service.get("/feed/videos", "?limit=3", StatusCode::OK).await;
    assert_eq!(page["videos"].as_array().unwrap().len(), 3);
    let cursor = page["nextCursor"].as_str().unwrap();
    service.get("/feed/videos", &format!("?cursor={cursor}"), StatusCode::OK).await;
    service.get("/feed/videos", "?cursor=none", StatusCode::GONE).await;
    service.get("/feed/videos", "?limit=0", StatusCode::BAD_REQUEST).await;
    for algorithm in ["trending", "personalized", "newest", "following"] {
        service.get("/feed/videos", &format!("?algorithm={algorithm}&userId=ann"), StatusCode::OK).await;
    }
    service.get("/feed/trending", "", StatusCode::OK).await;
    let discover = service.get("/feed/discover", "?sort=live_first&per_page=1", StatusCode::OK).await;
    assert_eq!(discover["videos"][0]["live"]["status"], "SCHEDULED");
    service.get("/feed/discover", "?sort=nearest", StatusCode::BAD_REQUEST).await;
    let community = service.get("/feed/community", "?latitude=25.2&longitude=55.27&radius_km=50", StatusCode::OK).await;
    assert_eq!(community["total"], 2);
    service.get("/feed/community", "?latitude=91", StatusCode::BAD_REQUEST).await;
    service.get("/feed/hydrate", "", StatusCode::OK).await;
    service.get("/feed/flags", "", StatusCode::OK).await;
    service.get("/health", "", StatusCode::OK).await;

    let id = page["videos"][0]["id"].as_str().unwrap();
    let one = service.served.client.get(service.served.url(&format!("/feed/videos/{id}")));
    service.check(Method::GET, "/feed/videos/{id}", one, StatusCode::OK).await;
    let like = json!({"videoId": id, "interaction": "like"});
    let counted = service.send(Method::POST, "/feed/interactions", &like, StatusCode::OK).await;
    assert_eq!(counted["counted"], true);
    for (body, status) in [
        (json!({"videoId": "none", "interaction": "view"}), StatusCode::NOT_FOUND),
        (json!({"videoId": id, "interaction": "stare"}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!("x".repeat(80_000)), StatusCode::PAYLOAD_TOO_LARGE),
        (json!([]), StatusCode::BAD_REQUEST),
    ] {
        service.send(Method::POST, "/feed/interactions", &body, status).await;
    }
    service.send(Method::PUT, "/feed/preferences", &json!({"playbackSpeed": 1.5, "preferredTags": ["cats"]}), StatusCode::OK).await;
    service.send(Method::PUT, "/feed/preferences", &json!({"playbackSpeed": 4}), StatusCode::UNPROCESSABLE_ENTITY).await;
    let wishes = service.get("/feed/preferences", "?userId=ann", StatusCode::OK).await;
    assert_eq!(wishes["playbackSpeed"], 1.5);

    for (path, address) in [("/streams/{id}/go-live", "/streams/s1/go-live"), ("/streams/{id}/end", "/streams/s1/end")] {
        let ask = |address: &str| service.served.client.post(service.served.url(address));
        let (without, with) = (ask(address), ask(address).bearer_auth("s3cret"));
        let unknown = ask(&address.replace("s1", "s2")).bearer_auth("s3cret");
        service.check(Method::POST, path, without, StatusCode::UNAUTHORIZED).await;
        let turned = service.check(Method::POST, path, with, StatusCode::OK).await;
        assert_eq!(turned["changed"], true);
        service.check(Method::POST, path, unknown, StatusCode::NOT_FOUND).await;
    }
    let running = service.get("/streams", "", StatusCode::OK).await;
    assert_eq!(running["total"], 0, "it has ended");
    let one = service.served.client.get(service.served.url("/streams/s1"));
    let stream = service.check(Method::GET, "/streams/{id}", one, StatusCode::OK).await;
    assert_eq!(stream["video"]["live"]["status"], "ENDED");
    let plain = service.served.client.get(service.served.url("/media/none.mp4"));
    service.check(Method::GET, "/media/{path}", plain, StatusCode::NOT_FOUND).await;

    // These are no JSON: they are asked elsewhere.
    let elsewhere = ["/ws", "/metrics", "/openapi.json"].map(str::to_owned);
    let documented: BTreeSet<String> = service.schema["paths"].as_object().unwrap().keys().cloned().collect();
    let missed: Vec<_> = documented.difference(&service.asked).filter(|path| !elsewhere.contains(path)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}
