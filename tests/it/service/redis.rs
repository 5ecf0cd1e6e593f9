//! A service whose Redis comes and goes serves on.

use flickreel::server::ServerConfig;

use super::rig::{Redis, Served, folder, until};

#[tokio::test]
async fn a_service_whose_redis_is_gone_serves_on_and_finds_it_again() {
    let (mut redis, clips) = (Redis::start().await, folder(&["a.mp4"]));
    let served = Served::start(ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_redis(&redis.address())).await;
    let subscribers = async |redis: &Redis| redis.ask(redis::cmd("PUBSUB").arg("NUMSUB").arg("feed:events")).await;
    let listens = async |redis: &Redis| format!("{:?}", subscribers(redis).await).contains("int(1)");
    until("it listens", async || listens(&redis).await).await;
    redis.stop();
    assert_eq!(served.json("/feed/videos").await["videos"].as_array().unwrap().len(), 1);
    redis.restart().await;
    until("it listens again", async || listens(&redis).await).await;
}

#[test]
fn an_address_that_is_none_of_a_redis_is_refused_with_a_reason() {
    let clips = folder(&["a.mp4"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_redis("http://127.0.0.1");
    let refused = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        flickreel::server::serve(config, listener, std::future::pending()).await.unwrap_err()
    });
    assert!(refused.to_string().starts_with("Redis can’t be used: "), "{refused}");
}
