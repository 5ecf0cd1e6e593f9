//! How long pages are kept, and what ends them: the same in memory and in Redis.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::rig::{Clock, Source, discover, version};
use crate::server::pages::{Counts, PageCache, PageKey, Scope, make};
use crate::server::refusal::Refusal;
use crate::server::test_redis::{Server, until};

/// A cache in memory and one in a Redis, with a clock for both.
async fn both() -> (Server, Clock, [Arc<PageCache>; 2]) {
    let (server, clock) = (Server::start().await, Clock::new());
    let caches = [clock.cache(None), clock.cache(Some(&server))];
    (server, clock, caches)
}

#[tokio::test]
async fn a_page_is_made_once_and_kept_until_it_expires() {
    let (_server, clock, caches) = both().await;
    for cache in caches {
        let source = Source::new();
        assert_eq!(source.read(&cache, &discover(1)).await, (0, false));
        source.change();
        clock.pass(299);
        assert_eq!(source.read(&cache, &discover(1)).await, (0, true));
        assert_eq!(source.read(&cache, &discover(2)).await, (1, false), "another page");
        clock.pass(76);
        assert_eq!(source.read(&cache, &discover(1)).await, (1, false), "too old to be handed out once more");
        assert_eq!(source.made(), 3);
    }
}

#[tokio::test]
async fn an_expired_page_is_handed_out_once_while_it_is_renewed() {
    let (_server, clock, caches) = both().await;
    for cache in caches {
        let source = Source::closed();
        source.open(1);
        source.read(&cache, &discover(1)).await;
        source.change();
        clock.pass(300);
        assert_eq!(source.read(&cache, &discover(1)).await, (0, true), "at once: nothing can be made now");
        let waiting = tokio::spawn({
            let (cache, source) = (Arc::clone(&cache), source.clone());
            async move { source.read(&cache, &discover(1)).await }
        });
        until("the renewal has begun", async || source.made() == 2).await;
        assert!(!waiting.is_finished());
        source.open(1);
        assert_eq!(waiting.await.unwrap().0, 1, "whoever comes next waits for the new one");
        assert_eq!((source.read(&cache, &discover(1)).await, source.made()), ((1, true), 2));
        assert_eq!(cache.stats().discover.stale_hits, 1);
    }
}

#[tokio::test]
async fn a_page_that_stays_the_same_is_renewed_less_often() {
    let (_server, clock, caches) = both().await;
    for cache in caches {
        let source = Source::new();
        source.read(&cache, &discover(1)).await;
        for renewal in 1..=2 {
            clock.pass(300);
            assert_eq!(source.read(&cache, &discover(1)).await, (0, true));
            // Until it is kept the old one may be handed out again.
            until("it is renewed", async || source.made() == 1 + renewal && is_fresh(&cache, &source).await).await;
        }
        clock.pass(599);
        let made = source.made();
        assert_eq!((source.read(&cache, &discover(1)).await, source.made()), ((0, true), made));
        assert_eq!(made, 3);
    }
}

/// Whether the page is handed out as good.
async fn is_fresh(cache: &PageCache, source: &Source) -> bool {
    let before = cache.stats().discover;
    source.read(cache, &discover(1)).await;
    let after = cache.stats().discover;
    after.hits > before.hits && after.stale_hits == before.stale_hits
}

#[tokio::test]
async fn a_page_whose_making_began_before_a_change_is_not_kept_after_it() {
    let (_server, _, caches) = both().await;
    for cache in caches {
        let source = Source::closed();
        let early = tokio::spawn({
            let (cache, source) = (Arc::clone(&cache), source.clone());
            async move { source.read(&cache, &discover(1)).await }
        });
        until("it is being made", async || source.made() == 1).await;
        source.change();
        cache.invalidate(&Scope::All).await;
        let late = tokio::spawn({
            let (cache, source) = (Arc::clone(&cache), source.clone());
            async move { source.read(&cache, &discover(1)).await }
        });
        until("it is made anew", async || source.made() == 2).await;
        source.open(2);
        assert_eq!(early.await.unwrap(), (0, false), "whoever asked before the change may see what was before it");
        assert_eq!(late.await.unwrap(), (1, false));
        assert_eq!((source.read(&cache, &discover(1)).await, source.made()), ((1, true), 2));
    }
}

#[tokio::test]
async fn a_change_takes_the_pages_of_its_scope_and_no_others() {
    let (server, _, caches) = both().await;
    for key in ["feed:prefetch:clip", "feed:session:1", "feed:epochs", "other"] {
        server.ask::<()>(&[b"SET", key.as_bytes(), b"1"]).await;
    }
    let here = PageKey::community(Some((25.2, 55.27, 5.0)), &json!({"sort": "nearest"}), 1, 20);
    let there = PageKey::community(Some((25.1, 55.17, 5.0)), &json!({"sort": "nearest"}), 1, 20);
    let keys = [
        discover(1),
        discover(2),
        PageKey::live_list(20),
        here,
        there,
        PageKey::user_page(Some("u"), None, "newest", 20),
        PageKey::stream("s"),
    ];
    for cache in caches {
        let source = Source::new();
        let scopes = [
            (Scope::Discover, 3),
            (Scope::Community, 2),
            (Scope::Area("97110275".into()), 1),
            (Scope::Area("*".into()), 0),
            (Scope::All, 7),
        ];
        for (scope, cleared) in scopes {
            for key in &keys {
                source.read(&cache, key).await;
            }
            assert_eq!(cache.count().await, Counts { discover: 3, community: 2, other: 2 });
            assert_eq!(cache.invalidate(&scope).await, cleared, "{scope:?}");
            assert_eq!(cache.count().await.total(), 7 - cleared, "{scope:?}");
        }
    }
    let mut left: Vec<String> = server.ask(&[b"KEYS", b"*"]).await;
    left.sort();
    assert_eq!(left, ["feed:epoch", "feed:epochs", "feed:prefetch:clip", "feed:session:1", "other"]);
}

#[tokio::test]
async fn who_cannot_be_served_is_told_why_and_the_next_one_may_be() {
    let (_server, _, caches) = both().await;
    for cache in caches {
        let source = Source::new();
        let failing = make(async || Err(Refusal::bad_query()));
        let refused = cache.page(&discover(1), failing).await.unwrap_err();
        assert!(format!("{refused:?}").contains("bad_query"));
        let panicking = make(async || panic!("a maker that panics, on purpose"));
        let refused = cache.page(&discover(1), panicking).await.unwrap_err();
        assert!(format!("{refused:?}").contains("page_failed"));
        assert_eq!(source.read(&cache, &discover(1)).await, (0, false));
        assert_eq!(source.read(&cache, &discover(1)).await, (0, true));
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_costs_nobody_else_the_page() {
    let (_server, _, caches) = both().await;
    for cache in caches {
        let source = Source::closed();
        let read = || {
            let (cache, source) = (Arc::clone(&cache), source.clone());
            tokio::spawn(async move { source.read(&cache, &discover(1)).await })
        };
        let first = read();
        until("it is being made", async || source.made() == 1).await;
        let second = read();
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        source.open(1);
        assert_eq!(second.await.unwrap().0, 0);
        assert_eq!(source.made(), 1);
    }
}

#[tokio::test]
async fn the_next_page_is_made_ahead_once_and_never_when_there_is_no_room() {
    let clock = Clock::new();
    let (cache, source) = (clock.cache(None), Source::new());
    for _ in 0..3 {
        cache.prefetch(&discover(2), source.maker());
        until("it is kept", async || cache.count().await.discover == 1).await;
    }
    assert_eq!((source.read(&cache, &discover(2)).await, source.made()), ((0, true), 1));
    cache.core.is_pressed.store(true, Ordering::Relaxed);
    cache.prefetch(&discover(3), source.maker());
    cache.core.is_pressed.store(false, Ordering::Relaxed);
    let closed = Source::closed();
    for page in 10..30 {
        cache.prefetch(&discover(page), closed.maker());
    }
    closed.open(20);
    until("what was begun is kept", async || cache.count().await.discover == 5).await;
    assert_eq!((source.made(), closed.made()), (1, 4), "a few at a time");
}

#[tokio::test]
async fn a_memory_that_is_full_lets_pages_go_and_says_so() {
    let (cache, room) = (Clock::new().cache_of(None, 20_000), 20_000);
    // Nothing of it can be compressed.
    let long = make(async || {
        let mut number = 1_u64;
        let noise = (0..200).flat_map(|_| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            number.to_be_bytes()
        });
        Ok(noise.collect::<Vec<_>>().into())
    });
    for page in 0..100 {
        cache.page(&discover(page), Arc::clone(&long)).await.unwrap();
    }
    until("it is measured", async || {
        cache.core.measure().await;
        cache.stats().evictions > 0
    })
    .await;
    let stats = cache.stats();
    assert!(stats.bytes <= room && stats.bytes > room / 2, "{stats:?}");
    assert!(cache.core.is_pressed.load(Ordering::Relaxed));
    assert_eq!(version(&cache.page(&discover(1_000), Source::new().maker()).await.unwrap()), (0, false));
}
