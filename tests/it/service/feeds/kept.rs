//! What happened is kept: over a restart, over replicas, over a Redis that was gone.

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::*;

/// A service that ends as it should when `end` is sent.
async fn until_ended(config: ServerConfig, visit: impl AsyncFnOnce(&Served)) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, (end, ended)) = (listener.local_addr().unwrap(), oneshot::channel::<()>());
    let served = tokio::spawn(flickreel::server::serve(config, listener, async move { drop(ended.await) }));
    let visited = Served::at(address, &served);
    visit(&visited).await;
    end.send(()).unwrap();
    served.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_viewers_did_and_wish_is_there_after_a_restart() {
    let (folder, state) = (clips(&[("a.mp4", Value::Null), ("b.mp4", Value::Null)]), tempfile::tempdir().unwrap());
    let config = || ServerConfig::new(folder.path()).unwrap().with_rate_limit(0).with_state(state.path());
    until_ended(config(), async |served| {
        assert!(served.tell("mia", "b", "like").await);
        served.send(Method::PUT, "/feed/preferences", &json!({"userId": "mia", "showCaptions": true})).await;
    })
    .await;
    until_ended(config(), async |served| {
        assert_eq!(titles(&served.json("/feed/trending").await), ["b", "a"]);
        assert_eq!(served.json("/feed/preferences?userId=mia").await, json!({"showCaptions": true}));
        assert!(!served.tell("mia", "b", "like").await, "it is known that they like it");
    })
    .await;
}

#[tokio::test]
async fn replicas_count_together() {
    let (redis, folder) = (Redis::start().await, clips(&[("a.mp4", Value::Null), ("b.mp4", Value::Null)]));
    let config = || ServerConfig::new(folder.path()).unwrap().with_rate_limit(0).with_redis(&redis.address());
    let (one, other) = (Served::start(config()).await, Served::start(config()).await);
    assert!(one.tell("mia", "b", "like").await);
    assert!(!other.tell("mia", "b", "like").await, "the other replica knows of the like");
    other.until_titles("/feed/trending", &["b", "a"]).await;
    one.send(Method::PUT, "/feed/preferences", &json!({"userId": "mia", "algorithm": "trending"})).await;
    assert_eq!(other.json("/feed/preferences?userId=mia").await["algorithm"], "trending");
    let both = (0..40).map(async |number: usize| {
        let served = if number.is_multiple_of(2) { &one } else { &other };
        served.tell("noa", "a", if number < 20 { "view" } else { "like" }).await
    });
    let counted = futures_util::future::join_all(both).await;
    assert_eq!(counted[20..].iter().filter(|counted| **counted).count(), 1, "twenty likes at once are one");
    // What Redis was too busy for is written a moment later; pages that leave something out are not kept.
    until("all of them are counted", async || {
        let page = one.json("/feed/videos?exclude=none").await;
        let item = &page["videos"][0];
        (item["viewCount"].as_u64(), item["likeCount"].as_u64()) == (Some(20), Some(1))
    })
    .await;
}

#[tokio::test]
async fn what_is_done_while_redis_is_gone_is_written_when_it_is_back() {
    let (mut redis, folder) = (Redis::start().await, clips(&[("a.mp4", Value::Null), ("b.mp4", Value::Null)]));
    let served = Served::start(ServerConfig::new(folder.path()).unwrap().with_rate_limit(0).with_redis(&redis.address())).await;
    let like = served.deed("mia", "b", "like").await;
    redis.stop();
    let send = async || served.send(Method::POST, "/feed/interactions", &like).await;
    assert_eq!(send().await.1["counted"], true);
    assert_eq!(send().await.1["counted"], false, "what is known here counts meanwhile");
    served.send(Method::PUT, "/feed/preferences", &json!({"userId": "mia", "autoPlay": false})).await;
    assert_eq!(served.json("/feed/preferences?userId=mia").await, json!({"autoPlay": false}));
    served.until_titles("/feed/trending", &["b", "a"]).await;
    redis.restart().await;
    let likes = async || redis.ask(redis::cmd("HVALS").arg("feed:facts:likes")).await;
    until("the like is written once", async || format!("{:?}", likes().await).contains("bulk-string('\"1\"')")).await;
    until("the wish is written", async || {
        let kept = redis.ask(redis::cmd("HGET").arg("feed:facts:person:mia").arg("person")).await;
        format!("{kept:?}").contains("autoPlay")
    })
    .await;
    assert_eq!(send().await.1["counted"], false);
}
