//! The discover feed.

use super::*;

/// Five clips, the newest first: only the first has nothing to be discovered by.
fn many() -> TempDir {
    clips(&[
        ("plain.mp4", Value::Null),
        ("ended.mp4", json!({"live": {"status": "ENDED"}, "likeCount": 9})),
        ("cat.mp4", json!({"category": "Pets", "viewCount": 12, "likeCount": 2})),
        ("live.mp4", json!({"live": {"status": "LIVE", "streamId": "s1"}, "category": "fashion"})),
        ("soon.mp4", json!({"live": {"status": "scheduled"}, "category": "pets", "isActive": true})),
        ("hidden.mp4", json!({"category": "pets", "isActive": false})),
    ])
}

#[tokio::test]
async fn what_is_live_comes_first_and_filters_and_orders_are_followed() {
    let folder = many();
    let served = serve(&folder).await;
    for (query, expected) in [
        ("", &["live", "soon", "cat", "ended"][..]),
        ("?sort=live_first", &["live", "soon", "cat", "ended"]),
        ("?sort=recent", &["ended", "cat", "live", "soon"]),
        ("?sort=popular", &["ended", "cat", "live", "soon"]),
        ("?category=PETS", &["soon", "cat"]),
        ("?category=pets&sort=recent&what=ever", &["cat", "soon"]),
        ("?category=none", &[]),
    ] {
        let page = served.json(&format!("/feed/discover{query}")).await;
        assert_eq!((titles(&page), page["total"].as_u64()), (expected.to_vec(), Some(expected.len() as u64)), "{query}");
    }
    let page = served.json("/feed/discover").await;
    let live = &page["videos"][0];
    assert_eq!(
        (live["live"]["status"].as_str(), live["streamId"].as_str(), live["category"].as_str()),
        (Some("LIVE"), Some("s1"), Some("fashion"))
    );
    let soon = &page["videos"][1];
    assert_eq!((soon["live"]["status"].as_str(), soon["streamId"].as_str()), (Some("SCHEDULED"), soon["id"].as_str()));
}

#[tokio::test]
async fn pages_are_asked_for_by_number_and_are_kept() {
    let folder = many();
    let served = serve(&folder).await;
    let mut seen = Vec::new();
    for number in 1..=3 {
        let page = served.json(&format!("/feed/discover?page={number}&per_page=2")).await;
        seen.extend(titles(&page).into_iter().map(str::to_owned));
        let told = (page["page"].as_u64(), page["perPage"].as_u64(), page["total"].as_u64(), page["hasMore"].as_bool());
        assert_eq!(told, (Some(number), Some(2), Some(4), Some(number < 2)));
    }
    assert_eq!(seen, ["live", "soon", "cat", "ended"]);
    assert_eq!(served.json("/feed/discover?page=1&per_page=2").await["cached"], true);
    assert_eq!(served.json("/feed/discover?page=1&per_page=3").await["cached"], false);
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused_by_the_name_of_its_field() {
    let folder = many();
    let served = serve(&folder).await;
    for (query, code, field) in [
        ("page=0", "bad_page", "page"),
        ("page=10001", "bad_page", "page"),
        ("page=one", "bad_page", "page"),
        ("per_page=51", "bad_per_page", "per_page"),
        ("sort=best", "bad_sort", "sort"),
        (&format!("category={}", "x".repeat(129)), "bad_category", "category"),
    ] {
        served.refuses(&format!("/feed/discover?{query}"), code, field).await;
    }
}

#[tokio::test]
async fn what_is_live_is_listed_and_a_stream_is_told_by_its_name() {
    let folder = many();
    let served = serve(&folder).await;
    let live = served.json("/streams").await;
    assert_eq!((titles(&live), live["total"].as_u64(), live["cached"].as_bool()), (vec!["live"], Some(1), Some(false)));
    assert_eq!(served.json("/streams").await["cached"], true);
    let stream = served.json("/streams/s1").await;
    assert_eq!((stream["video"]["title"].as_str(), stream["video"]["live"]["status"].as_str()), (Some("live"), Some("LIVE")));
    let soon = served.json("/feed/discover").await["videos"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(served.json(&format!("/streams/{soon}")).await["video"]["title"], "soon", "a stream without a name has the video's");
    assert_eq!(served.get(&format!("/streams/{}", served.id("cat").await)).await.status(), StatusCode::NOT_FOUND, "no stream");
    served.refuses("/streams?limit=0", "bad_limit", "limit").await;
}

#[tokio::test]
async fn keys_are_the_ones_that_others_know() {
    let (redis, folder) = (Redis::start().await, many());
    let served = Served::start(ServerConfig::new(folder.path()).unwrap().with_rate_limit(0).with_redis(&redis.address())).await;
    for (path, key) in [
        ("/feed/discover", "feed:discover:b7796ffe:page:1:limit:20"),
        ("/feed/discover?category=Electronics&per_page=7", "feed:discover:e02631ab:page:1:limit:7"),
        ("/feed/community?latitude=25.2&longitude=55.27&page=2", "feed:community:97110275:e96f9af9:page:2:limit:20"),
    ] {
        assert_eq!(served.json(path).await["cached"], false, "{path}");
        until(key, async || redis.ask(redis::cmd("EXISTS").arg(key)).await == Some(redis::Value::Int(1))).await;
        assert_eq!(served.json(path).await["cached"], true, "{path}");
    }
}
