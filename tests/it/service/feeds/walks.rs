//! Walks by cursors, at one replica and at several; and pages that are kept.

use super::*;

const NAMES: [(&str, Value); 5] =
    [("a.mp4", Value::Null), ("b.mp4", Value::Null), ("c.mp4", Value::Null), ("d.mp4", Value::Null), ("e.mp4", Value::Null)];

fn next(page: &Value) -> String {
    format!("/feed/videos?limit=2&cursor={}", page["nextCursor"].as_str().unwrap())
}

#[tokio::test]
async fn a_page_that_is_everybodys_is_kept_until_the_folder_changes() {
    let folder = clips(&NAMES);
    let served = Served::start(ServerConfig::new(folder.path()).unwrap().with_rate_limit(0).with_listing_lifetime(Duration::ZERO)).await;
    let first = served.json("/feed/videos?limit=2").await;
    let second = served.json("/feed/videos?limit=2&userId=somebody").await;
    assert_eq!((first["cached"].as_bool(), second["cached"].as_bool()), (Some(false), Some(true)));
    assert_eq!((&first["videos"], &first["nextCursor"]), (&second["videos"], &second["nextCursor"]));
    let page = served.json(&next(&first)).await;
    assert_eq!(titles(&page), ["c", "d"]);
    assert_eq!(served.json(&next(&first)).await["videos"], page["videos"]);
    assert_eq!(served.json(&next(&first)).await["cached"], true);
    fs::rename(folder.path().join("a.mp4"), folder.path().join("f.mp4")).unwrap();
    let changed = served.json("/feed/videos?limit=2").await;
    assert_eq!((titles(&changed), changed["cached"].as_bool()), (vec!["b", "c"], Some(false)));
}

#[tokio::test]
async fn what_one_user_excludes_is_kept_for_nobody() {
    let folder = clips(&NAMES);
    let served = serve(&folder).await;
    let path = format!("/feed/videos?limit=2&exclude={}", served.id("a").await);
    for _ in 0..2 {
        let page = served.json(&path).await;
        assert_eq!((titles(&page), page["cached"].as_bool()), (vec!["b", "c"], Some(false)));
    }
}

#[tokio::test]
async fn a_cursor_of_one_replica_is_good_at_another_one_and_when_redis_was_emptied() {
    let (mut redis, folder) = (Redis::start().await, clips(&NAMES));
    let config = || ServerConfig::new(folder.path()).unwrap().with_rate_limit(0).with_redis(&redis.address());
    let (one, other) = (Served::start(config()).await, Served::start(config()).await);
    for user in ["", "&userId=mia"] {
        if !user.is_empty() {
            one.tell("mia", "e", "like").await;
        }
        let first = one.json(&format!("/feed/videos?limit=2{user}")).await;
        // The one that has never heard of it is asked first.
        let there = other.json(&next(&first)).await;
        let here = one.json(&next(&first)).await;
        assert_eq!((titles(&here), &here["nextCursor"]), (titles(&there), &there["nextCursor"]));
        let last = other.json(&next(&there)).await;
        assert_eq!((last["videos"].as_array().unwrap().len(), last["hasMore"].as_bool()), (1, Some(false)));
        let all: Vec<_> = [&first, &there, &last].into_iter().flat_map(titles).collect();
        assert!(["a", "b", "c", "d", "e"].iter().all(|title| all.contains(title)), "{all:?}");
        if user.is_empty() {
            assert_eq!(here["cached"], true, "what one replica has made the other one has");
        }
    }
    let first = one.json("/feed/videos?limit=2&algorithm=newest&tags=").await;
    redis.stop();
    assert_eq!(titles(&one.json(&next(&first)).await), ["c", "d"], "where the walk began it goes on without Redis");
    redis.restart().await;
    until("it is at the other replica again", async || {
        assert_eq!(titles(&one.json(&next(&first)).await), ["c", "d"]);
        other.get(&next(&first)).await.status() == StatusCode::OK
    })
    .await;
}

#[tokio::test]
async fn a_cursor_that_is_none_of_ours_has_expired() {
    let folder = clips(&NAMES);
    let served = serve(&folder).await;
    let first = served.json("/feed/videos?limit=2").await;
    let token = first["nextCursor"].as_str().unwrap().split_once('-').unwrap().0;
    for cursor in ["x", "-", &format!("{token}-x"), &format!("{}-2", "0".repeat(32)), &format!("{token}-99999999999999999999")] {
        let response = served.get(&format!("/feed/videos?cursor={cursor}")).await;
        assert_eq!(response.status(), StatusCode::GONE, "{cursor}");
    }
    let behind = served.json(&format!("/feed/videos?cursor={token}-10000")).await;
    assert_eq!((titles(&behind), behind["hasMore"].as_bool()), (Vec::<&str>::new(), Some(false)));
}
