//! Several replicas on one Redis, and a Redis in which anything may be found.

use std::sync::Arc;

use futures_util::future::join_all;

use super::rig::{Clock, Source, discover};
use crate::server::pages::Scope;
use crate::server::test_redis::{Server, until};

#[tokio::test]
async fn what_one_replica_has_made_the_other_hands_out_and_what_one_lets_go_none_does() {
    let (server, clock, source) = (Server::start().await, Clock::new(), Source::new());
    let [one, other] = [clock.cache(Some(&server)), clock.cache(Some(&server))];
    assert_eq!(source.read(&one, &discover(1)).await, (0, false));
    assert_eq!(source.read(&other, &discover(1)).await, (0, true));
    source.change();
    assert_eq!(one.invalidate(&Scope::Discover).await, 1);
    assert_eq!(source.read(&other, &discover(1)).await, (1, false));
    assert_eq!((source.read(&one, &discover(1)).await, source.made()), ((1, true), 2));
}

#[tokio::test]
async fn a_page_is_made_once_for_all_readers_of_all_replicas() {
    let (server, clock, source) = (Server::start().await, Clock::new(), Source::closed());
    let caches = [clock.cache(Some(&server)), clock.cache(Some(&server)), clock.cache(Some(&server))];
    let readers = (0..60).map(|index| {
        let (cache, source) = (Arc::clone(&caches[index % 3]), source.clone());
        tokio::spawn(async move { source.read(&cache, &discover(1)).await.0 })
    });
    let readers: Vec<_> = readers.collect();
    until("one makes it", async || source.made() > 0).await;
    source.open(60);
    for reader in join_all(readers).await {
        assert_eq!(reader.unwrap(), 0);
    }
    assert_eq!(source.made(), 1);
    let left: Vec<String> = server.ask(&[b"KEYS", b"feed:lock:*"]).await;
    assert!(left.is_empty(), "the turn is given back: {left:?}");
}

#[tokio::test]
async fn a_replica_that_died_while_it_made_a_page_is_not_waited_for_long() {
    let (server, clock, source) = (Server::start().await, Clock::new(), Source::new());
    let cache = clock.cache(Some(&server));
    source.read(&cache, &discover(2)).await;
    let epoch: String = server.ask(&[b"GET", b"feed:epoch"]).await;
    let turn = format!("feed:lock:page:{epoch}:{}", discover(1).as_str());
    server.ask::<()>(&[b"SET", turn.as_bytes(), b"somebody who died"]).await;
    assert_eq!(source.read(&cache, &discover(1)).await, (0, false));
    let held: String = server.ask(&[b"GET", turn.as_bytes()]).await;
    assert_eq!(held, "somebody who died", "a turn is ended by nobody else");
}

#[tokio::test]
async fn whatever_is_found_in_redis_is_a_page_or_nothing() {
    let (server, clock, source) = (Server::start().await, Clock::new(), Source::new());
    let (cache, key) = (clock.cache(Some(&server)), discover(1));
    source.read(&cache, &key).await;
    let good: Vec<u8> = server.ask(&[b"GET", key.as_str().as_bytes()]).await;
    let older = [b"FP0", &good[3..]].concat();
    let huge = vec![b'x'; 5 << 20];
    let strings: [&[u8]; 6] = [b"", b"FP1", &good[..good.len() - 1], &older, b"{\"videos\": []}", &huge];
    for (made, string) in (2..).zip(strings) {
        server.ask::<()>(&[b"SET", key.as_str().as_bytes(), string]).await;
        assert_eq!(source.read(&cache, &key).await, (0, false), "{} bytes", string.len());
        assert_eq!((source.read(&cache, &key).await, source.made()), ((0, true), made));
    }
    for other in [b"feed:epoch".as_slice(), key.as_str().as_bytes()] {
        server.ask::<()>(&[b"DEL", other]).await;
        server.ask::<()>(&[b"RPUSH", other, b"a", b"list"]).await;
        source.change();
        cache.invalidate(&Scope::All).await;
        assert!(!source.read(&cache, &key).await.1);
        assert!(source.read(&cache, &key).await.1);
    }
    for epoch in ["nonsense", "-1", "99999999999999999999999", "", "1", "9000000000000000000", "1000000000000000000"] {
        server.ask::<()>(&[b"SET", b"feed:epoch", epoch.as_bytes()]).await;
        let version = source.change();
        cache.invalidate(&Scope::All).await;
        assert_eq!(source.read(&cache, &key).await, (version, false), "{epoch}");
    }
}

#[tokio::test]
async fn a_redis_that_takes_nothing_more_costs_no_reader_a_page() {
    let (server, clock, source) = (Server::start().await, Clock::new(), Source::new());
    let cache = clock.cache(Some(&server));
    server.ask::<()>(&[b"CONFIG", b"SET", b"maxmemory", b"1"]).await;
    for page in 0..20 {
        assert_eq!(source.read(&cache, &discover(page)).await.0, 0);
    }
    let version = source.change();
    cache.invalidate(&Scope::All).await;
    assert_eq!(source.read(&cache, &discover(1)).await.0, version);
    server.ask::<()>(&[b"CONFIG", b"SET", b"maxmemory", b"0"]).await;
    until("pages are kept in Redis again", async || {
        source.read(&cache, &discover(1)).await;
        server.ask::<u8>(&[b"EXISTS", discover(1).as_str().as_bytes()]).await == 1
    })
    .await;
}
