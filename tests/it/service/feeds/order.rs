//! In which order the videos come.

use super::*;

#[tokio::test]
async fn trending_moves_by_what_viewers_do() {
    let folder = clips(&[("a.mp4", Value::Null), ("b.mp4", Value::Null), ("c.mp4", Value::Null)]);
    let old = folder.path().join("c.mp4");
    File::options().write(true).open(old).unwrap().set_modified(SystemTime::now() - Duration::from_hours(99)).unwrap();
    let served = serve(&folder).await;
    assert_eq!(titles(&served.json("/feed/trending").await), ["a", "b"], "without deeds it is what is young");
    served.tell("mia", "c", "share").await;
    served.until_titles("/feed/trending", &["c", "a", "b"]).await;
    served.tell("mia", "b", "like").await;
    served.tell("mia", "b", "complete").await;
    served.until_titles("/feed/trending", &["b", "c", "a"]).await;
    served.until_titles("/feed/videos?algorithm=trending", &["b", "c", "a"]).await;
    assert_eq!(titles(&served.json("/feed/videos?algorithm=newest").await), ["a", "b", "c"]);
    for user in 0..6 {
        served.tell(&user.to_string(), "b", "skip").await;
    }
    served.until_titles("/feed/trending", &["c", "b", "a"]).await;
}

#[tokio::test]
async fn a_taste_orders_what_was_not_seen_and_what_was_seen_comes_last() {
    let folder = clips(&[
        ("a.mp4", json!({"tags": ["city"]})),
        ("b.mp4", json!({"tags": ["sea"]})),
        ("c.mp4", json!({"tags": ["sea"], "makerId": "mia"})),
        ("d.mp4", json!({"tags": ["snow"], "makerId": "eve"})),
    ]);
    let served = serve(&folder).await;
    let path = "/feed/videos?userId=u";
    assert_eq!(titles(&served.json(path).await), ["a", "b", "c", "d"], "nothing is known yet: the folder's order");
    served.tell("u", "b", "like").await;
    let page = served.json(path).await;
    assert_eq!((titles(&page)[0], titles(&page)[3], page["cached"].as_bool()), ("c", "b", Some(false)));
    let again = served.json(path).await;
    assert_eq!((titles(&again), again["cached"].as_bool()), (titles(&page), Some(true)), "the same page to the same user");
    served.send(Method::PUT, "/feed/preferences", &json!({"userId": "u", "preferredTags": ["snow"]})).await;
    assert_eq!(titles(&served.json(path).await), ["d", "c", "a", "b"]);
    served.send(Method::PUT, "/feed/preferences", &json!({"userId": "u", "blockedMakers": ["eve"]})).await;
    assert_eq!(titles(&served.json(path).await), ["c", "a", "b"]);
    served.send(Method::PUT, "/feed/preferences", &json!({"userId": "u", "blockedMakers": ["eve"], "algorithm": "newest"})).await;
    assert_eq!(titles(&served.json(path).await), ["a", "b", "c"], "the order that they prefer");
    assert_eq!(titles(&served.json("/feed/videos?userId=other").await), ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn who_follows_makers_sees_them_alone_and_the_newest_first() {
    let folder = clips(&[("c.mp4", json!({"makerId": "mia"})), ("b.mp4", json!({"makerId": "eve"})), ("a.mp4", json!({"makerId": "mia"}))]);
    let served = serve(&folder).await;
    let path = "/feed/videos?algorithm=following&userId=u";
    assert_eq!(titles(&served.json(path).await), ["a", "b", "c"]);
    served.tell("u", "a", "follow").await;
    assert_eq!(titles(&served.json(path).await), ["c", "a"]);
    served.tell("u", "b", "like").await;
    assert_eq!(titles(&served.json(path).await), ["c", "b", "a"]);
}

#[tokio::test]
async fn what_is_told_beside_a_video_comes_with_its_item() {
    let beside = json!({
        "title": "Koi", "description": "A pond.", "tags": ["fish"], "makerId": "mia", "contentWarning": true, "altText": "Fish swim.",
        "viewCount": 7
    });
    let folder = clips(&[("a #Pond.mp4", beside)]);
    fs::write(folder.path().join("a #Pond.en.vtt"), "WEBVTT\n").unwrap();
    let served = serve(&folder).await;
    let page = served.json("/feed/videos").await;
    assert_eq!((page["events"].as_str(), page["interactions"].as_str()), (Some("/ws"), Some("/feed/interactions")));
    let item = &page["videos"][0];
    let told = (item["title"].as_str(), item["description"].as_str(), item["makerId"].as_str(), item["viewCount"].as_u64());
    assert_eq!(told, (Some("Koi"), Some("A pond."), Some("mia"), Some(7)));
    assert_eq!(
        (&item["tags"], &item["contentWarning"], item["altText"].as_str()),
        (&json!(["fish", "pond"]), &json!(true), Some("Fish swim."))
    );
    assert_eq!((item["captions"][0]["language"].as_str(), item["metadata"]["hasCaptions"].as_bool()), (Some("en"), Some(true)));
    assert_eq!(titles(&served.json("/feed/videos?tags=pond").await), ["Koi"]);
}
