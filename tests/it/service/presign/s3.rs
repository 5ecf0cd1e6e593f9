//! A service whose media lie in a bucket that checks signatures.

use std::time::{Duration, SystemTime};

use flickreel::server::ServerConfig;
use flickreel::server::presign::{PresignOptions, Presigner, S3, Signer, Wanted, upload};
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Client, StatusCode};
use serde_json::Value;

use super::rig::{Bucket, KEY};
use crate::service::rig::{Served, folder, until};

fn options(bucket: &S3) -> PresignOptions {
    PresignOptions { bucket: Some(bucket.clone()), ..PresignOptions::default() }
}

fn urls(page: &Value) -> Vec<String> {
    page["videos"].as_array().unwrap().iter().map(|video| video["videoUrl"].as_str().unwrap().to_owned()).collect()
}

async fn status(client: &Client, url: &str) -> StatusCode {
    client.get(url).send().await.unwrap().status()
}

#[tokio::test]
async fn a_folder_is_brought_into_a_bucket_once_and_is_played_from_there() {
    let (bucket, clips) = (Bucket::start().await, folder(&["a.mp4", "day 1/ä.mp4"]));
    let done = upload(clips.path(), &bucket.s3()).await.unwrap();
    assert_eq!((done.sent, done.there, done.failed), (2, 0, 0));
    assert!(bucket.holds("day 1/ä.mp4"));
    let again = upload(clips.path(), &bucket.s3()).await.unwrap();
    assert_eq!((again.sent, again.there, again.failed), (0, 2, 0));
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_presign(options(&bucket.s3()))).await;
    let urls = urls(&served.json("/feed/videos").await);
    assert_eq!(urls.len(), 2);
    let bytes = std::fs::read(clips.path().join("a.mp4")).unwrap();
    for url in urls {
        assert!(url.starts_with(&format!("{}/clips/reel/", bucket.endpoint())), "{url}");
        let answer = served.client.get(&url).header(RANGE, "bytes=100-199").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(answer.headers()[CONTENT_RANGE], format!("bytes 100-199/{}", bytes.len()));
        assert_eq!(answer.bytes().await.unwrap(), bytes[100..200]);
    }
}

#[tokio::test]
async fn a_wrong_key_brings_nothing_into_a_bucket() {
    let (bucket, clips) = (Bucket::start().await, folder(&["a.mp4"]));
    let done = upload(clips.path(), &bucket.s3_with(KEY, "another secret")).await.unwrap();
    assert_eq!((done.sent, done.there, done.failed), (0, 0, 1));
    assert!(!bucket.holds("a.mp4"));
}

#[tokio::test]
async fn an_address_that_was_tampered_with_or_has_expired_is_refused() {
    let bucket = Bucket::start().await;
    bucket.put("a.mp4", b"a");
    bucket.put("b.mp4", b"b");
    let client = Client::builder().no_proxy().build().unwrap();
    let sign = async |since: SystemTime, lifetime: u64| bucket.s3().sign("a.mp4", since, Duration::from_secs(lifetime)).await.unwrap().url;
    let good = sign(SystemTime::now(), 600).await;
    assert_eq!(status(&client, &good).await, StatusCode::OK);
    for wrong in [good.replace("a.mp4", "b.mp4"), good.replace("Expires=600", "Expires=6000"), good.replace("eu-west-1", "eu-west-2")] {
        assert_ne!(wrong, good);
        assert_eq!(status(&client, &wrong).await, StatusCode::FORBIDDEN);
    }
    let old = sign(SystemTime::now() - Duration::from_secs(601), 600).await;
    assert_eq!(status(&client, &old).await, StatusCode::FORBIDDEN);
    let other = bucket.s3_with(KEY, "another secret").sign("a.mp4", SystemTime::now(), Duration::from_mins(10)).await.unwrap().url;
    assert_eq!(status(&client, &other).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn one_item_is_told_with_its_address_and_the_page_says_where() {
    let (bucket, clips) = (Bucket::start().await, folder(&["a.mp4", "b.mp4"]));
    bucket.put("b.mp4", &std::fs::read(clips.path().join("b.mp4")).unwrap());
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_presign(options(&bucket.s3()))).await;
    let page = served.json("/feed/videos").await;
    let b = &page["videos"][1];
    let place = page["item"].as_str().unwrap().replace("{id}", b["id"].as_str().unwrap());
    let item = served.json(&place).await;
    assert_eq!((&item["id"], &item["title"]), (&b["id"], &b["title"]));
    assert_eq!(status(&served.client, item["videoUrl"].as_str().unwrap()).await, StatusCode::OK);
    assert_eq!(served.get("/feed/videos/nobody").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_a_bucket_media_stay_with_the_service() {
    let clips = folder(&["a.mp4"]);
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0)).await;
    assert_eq!(urls(&served.json("/feed/videos").await), ["/media/a.mp4"]);
}

#[tokio::test]
async fn while_the_first_place_does_not_answer_pages_name_the_second() {
    let (first, second, clips) = (Bucket::start().await, Bucket::start().await, folder(&["a.mp4"]));
    let bytes = std::fs::read(clips.path().join("a.mp4")).unwrap();
    first.put("a.mp4", &bytes);
    second.put("a.mp4", &bytes);
    let options = PresignOptions {
        fallback: Some(second.s3()),
        probe: Duration::from_millis(20),
        lifetime: Duration::from_mins(10),
        ..options(&first.s3())
    };
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_presign(options)).await;
    let named = async || urls(&served.json("/feed/videos").await).remove(0);
    assert!(named().await.starts_with(&first.endpoint()));
    drop(first);
    until("the second is named", async || named().await.starts_with(&second.endpoint())).await;
    assert_eq!(status(&served.client, &named().await).await, StatusCode::OK);
}

#[tokio::test]
async fn a_path_that_no_object_can_have_has_no_address() {
    let bucket = Bucket::start().await;
    let presigner = std::sync::Arc::new(Presigner::new(bucket.s3()));
    assert!(presigner.url("../../etc/passwd", Wanted::Any).await.is_err());
}
