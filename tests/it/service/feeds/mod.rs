//! The feeds as clients ask for them: what they hold, in what order, at one service and at several.

mod community;
mod deeds;
mod discover;
mod kept;
mod order;
mod walks;

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use flickreel::server::ServerConfig;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::rig::{Redis, Served, folder, until};

/// A folder of clips, each an hour older than the one before, with what stands beside them.
fn clips(clips: &[(&str, Value)]) -> TempDir {
    let folder = folder(&clips.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (age_h, (name, beside)) in (1..).zip(clips) {
        let path = folder.path().join(name);
        if !beside.is_null() {
            fs::write(path.with_extension("json"), beside.to_string()).unwrap();
        }
        File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - Duration::from_hours(age_h)).unwrap();
    }
    folder
}

async fn serve(folder: &TempDir) -> Served {
    Served::start(ServerConfig::new(folder.path()).unwrap().with_rate_limit(0)).await
}

fn titles(page: &Value) -> Vec<&str> {
    page["videos"].as_array().unwrap().iter().map(|video| video["title"].as_str().unwrap()).collect()
}

impl Served {
    /// What a request with a body in JSON is answered.
    async fn send(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let response = self.client.request(method, self.url(path)).body(body.to_string()).send().await.unwrap();
        (response.status(), serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    }

    /// Tells what a user did with the video called `title`. Whether it counted.
    async fn tell(&self, user: &str, title: &str, interaction: &str) -> bool {
        let (status, told) = self.send(Method::POST, "/feed/interactions", &self.deed(user, title, interaction).await).await;
        assert_eq!((status, told["interaction"].as_str()), (StatusCode::OK, Some(interaction)), "{told}");
        told["counted"].as_bool().unwrap()
    }

    async fn deed(&self, user: &str, title: &str, interaction: &str) -> Value {
        json!({"userId": user, "videoId": self.id(title).await, "interaction": interaction})
    }

    /// The identity of the video called `title`.
    async fn id(&self, title: &str) -> String {
        let page = self.json("/feed/videos?limit=50").await;
        let found = page["videos"].as_array().unwrap().iter().find(|video| video["title"] == title).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    /// Waits until a feed holds `titles` in this order.
    async fn until_titles(&self, path: &str, expected: &[&str]) {
        until(&format!("{path} holds {expected:?}"), async || titles(&self.json(path).await) == expected).await;
    }

    /// Asserts that a request is refused with a code, and for which field.
    async fn refuses(&self, path: &str, code: &str, field: &str) {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
        let told: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        assert_eq!((told["code"].as_str(), told["field"].as_str()), (Some(code), Some(field)), "{path}");
    }
}
