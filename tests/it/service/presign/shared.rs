//! Replicas that share their signed addresses in Redis.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use flickreel::server::presign::{self, Clock, Entry, Presigner, Wanted};
use futures_util::future::join_all;

use super::rig::{Counting, HandClock, Told};
use crate::service::rig::{Redis, until};

/// Two replicas, and what their signers were asked. They share a clock.
async fn replicas(redis: &Redis, names: [&'static str; 2]) -> ([Arc<Presigner>; 2], [Arc<Told>; 2], Arc<HandClock>) {
    let clock = HandClock::new();
    let start = |name| {
        let (signer, told) = Counting::by(name);
        let presigner = Presigner::new(signer).with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
        (presign::share(presigner, &redis.address()).unwrap(), told)
    };
    let ((one, told_one), (other, told_other)) = (start(names[0]), start(names[1]));
    // From then on they hear of flushes.
    let listen = async || format!("{:?}", redis.ask(redis::cmd("PUBSUB").arg("NUMSUB").arg("feed:events")).await).contains("int(2)");
    until("both listen", listen).await;
    ([one, other], [told_one, told_other], clock)
}

fn calls(told: &[Arc<Told>; 2]) -> u64 {
    told.iter().map(|told| told.calls.load(Ordering::SeqCst)).sum()
}

async fn stored(redis: &Redis, key: &str) -> Option<Entry> {
    let value = redis.ask(redis::cmd("GET").arg(key)).await?;
    let json: String = redis::from_redis_value(value).ok()?;
    serde_json::from_str(&json).ok()
}

const KEY: &str = "presigned:s3:a.mp4:auth=sigv4:region=eu-west-1";

#[tokio::test]
async fn what_one_replica_has_signed_the_other_hands_out() {
    let redis = Redis::start().await;
    let ([one, other], told, _) = replicas(&redis, ["k", "k"]).await;
    let url = one.url("a.mp4", Wanted::Any).await.unwrap();
    assert_eq!(other.url("a.mp4", Wanted::Any).await.unwrap(), url);
    assert_eq!(calls(&told), 1);
    let entry = stored(&redis, KEY).await.unwrap();
    assert_eq!((entry.url.as_str(), entry.path.as_str(), entry.storage_type.as_str()), (url.as_str(), "a.mp4", "s3"));
    assert_eq!(entry.expires_at - entry.created_at, 3_600_000);
}

#[tokio::test]
async fn replicas_that_are_asked_at_once_sign_once() {
    let redis = Redis::start().await;
    let (presigners, told, _) = replicas(&redis, ["k", "k"]).await;
    let asked = join_all((0..100).map(|nth| {
        let presigner = Arc::clone(&presigners[nth % 2]);
        async move { presigner.url("a.mp4", Wanted::Any).await.unwrap() }
    }));
    let urls = asked.await;
    assert!(urls.iter().all(|url| *url == urls[0]));
    assert_eq!(calls(&told), 1);
}

#[tokio::test]
async fn a_flush_on_one_replica_reaches_the_other_and_what_was_kept() {
    let redis = Redis::start().await;
    let ([one, other], told, _) = replicas(&redis, ["k", "k"]).await;
    let old = one.url("a.mp4", Wanted::Any).await.unwrap();
    assert_eq!(other.url("a.mp4", Wanted::Any).await.unwrap(), old);
    assert_eq!(presign::flush(&redis.address()).await.unwrap(), 1);
    assert!(stored(&redis, KEY).await.is_none());
    for presigner in [&one, &other] {
        until("the old one is forgotten", async || presigner.url("a.mp4", Wanted::Any).await.unwrap() != old).await;
    }
    assert_eq!(stored(&redis, KEY).await.unwrap().version, 1);
    assert_eq!(calls(&told), 2);
}

#[tokio::test]
async fn an_entry_of_before_a_flush_that_comes_late_is_not_handed_out() {
    let redis = Redis::start().await;
    let ([one, other], _, _) = replicas(&redis, ["k", "k"]).await;
    one.url("a.mp4", Wanted::Any).await.unwrap();
    let late = serde_json::to_string(&stored(&redis, KEY).await.unwrap()).unwrap();
    one.flush().await;
    redis.ask(redis::cmd("SET").arg(KEY).arg(&late)).await.unwrap();
    let old = serde_json::from_str::<Entry>(&late).unwrap().url;
    until("the flush is heard", async || other.url("b.mp4", Wanted::Any).await.is_ok()).await;
    until("it is not handed out", async || other.url("a.mp4", Wanted::Any).await.unwrap() != old).await;
    assert_eq!(stored(&redis, KEY).await.unwrap().version, 1);
}

#[tokio::test]
async fn a_replica_with_other_credentials_hands_out_nothing_that_the_old_ones_have_signed() {
    let redis = Redis::start().await;
    let ([old, new], _, _) = replicas(&redis, ["old", "new"]).await;
    assert!(old.url("a.mp4", Wanted::Any).await.unwrap().ends_with("by=old"));
    assert!(new.url("a.mp4", Wanted::Any).await.unwrap().ends_with("by=new"));
}

#[tokio::test]
async fn without_redis_addresses_are_signed_all_the_same_and_a_flush_meanwhile_is_noticed_later() {
    let mut redis = Redis::start().await;
    let ([one, other], _, clock) = replicas(&redis, ["k", "k"]).await;
    let old = other.url("a.mp4", Wanted::Any).await.unwrap();
    redis.stop();
    assert_eq!(other.url("a.mp4", Wanted::Any).await.unwrap(), old);
    assert!(one.url("b.mp4", Wanted::Any).await.is_ok());
    redis.restart().await;
    presign::flush(&redis.address()).await.unwrap();
    clock.advance(Duration::from_secs(1));
    until("the old one is forgotten", async || other.url("a.mp4", Wanted::Any).await.unwrap() != old).await;
}

#[tokio::test]
async fn a_flush_without_redis_says_so() {
    let mut redis = Redis::start().await;
    redis.stop();
    let refused = presign::flush(&redis.address()).await.unwrap_err();
    assert_eq!(refused.to_string(), "Redis can’t be used: Redis can’t be reached.");
}
