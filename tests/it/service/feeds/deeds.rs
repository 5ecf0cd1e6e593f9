//! What viewers do and wish: how it is told, and what is refused.

use super::*;

#[tokio::test]
async fn a_like_counts_once_for_each_user_and_can_be_taken_back() {
    let folder = clips(&[("a.mp4", json!({"likeCount": 5})), ("b.mp4", Value::Null)]);
    let served = serve(&folder).await;
    assert!(served.tell("mia", "a", "like").await && served.tell("noa", "a", "like").await);
    assert!(!served.tell("mia", "a", "like").await, "a second like of the same user");
    let mut undo = served.deed("mia", "a", "like").await;
    undo["undo"] = true.into();
    for counted in [true, false] {
        assert_eq!(served.send(Method::POST, "/feed/interactions", &undo).await.1["counted"], counted);
    }
    assert!(served.tell("mia", "a", "view").await && served.tell("mia", "a", "view").await);
    // Not the page that was asked for to find the video: that one may be kept.
    let page = served.json("/feed/videos?limit=49").await;
    assert_eq!((page["videos"][0]["likeCount"].as_u64(), page["videos"][0]["viewCount"].as_u64()), (Some(6), Some(2)));
    assert!(page["videos"][1].get("likeCount").is_none(), "of what nobody has counted nothing is told");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_the_name_of_its_field() {
    let folder = clips(&[("a.mp4", Value::Null)]);
    let served = serve(&folder).await;
    let id = served.id("a").await;
    for (body, status, code, field) in [
        (json!([]), 400, "bad_json", None),
        (json!({"interaction": "view"}), 422, "bad_field", Some("videoId")),
        (json!({"videoId": id, "interaction": "look"}), 422, "bad_field", Some("interaction")),
        (json!({"videoId": id, "interaction": "view", "undo": true}), 422, "bad_field", Some("undo")),
        (json!({"videoId": id, "interaction": "view", "watchTime": -1}), 422, "bad_field", Some("watchTime")),
        (json!({"videoId": id, "interaction": "view", "userId": "x".repeat(129)}), 422, "bad_field", Some("userId")),
        (json!({"videoId": id, "interaction": "like"}), 422, "missing_user", Some("userId")),
        (json!({"videoId": "0000", "interaction": "view"}), 404, "unknown_video", Some("videoId")),
        (json!({"videoId": id, "interaction": "view", "more": "x".repeat(64 << 10)}), 413, "too_large", None),
    ] {
        let (got, told) = served.send(Method::POST, "/feed/interactions", &body).await;
        assert_eq!((got.as_u16(), told["code"].as_str(), told["field"].as_str()), (status, Some(code), field), "{told}");
    }
    assert_eq!(served.get("/feed/interactions").await.status(), StatusCode::METHOD_NOT_ALLOWED);
    let (status, told) = served.send(Method::POST, "/feed/interactions", &json!({"videoId": id, "interaction": "view"})).await;
    assert_eq!((status, told["counted"].as_bool()), (StatusCode::OK, Some(true)), "somebody unknown may watch");
    let skip = json!({"videoId": id, "interaction": "skip", "metadata": {"skipReason": "slow"}});
    assert_eq!(served.send(Method::POST, "/feed/interactions", &skip).await.1["counted"], false, "the line was slow, not the video bad");
}

#[tokio::test]
async fn preferences_are_told_again_as_they_were_set() {
    let folder = clips(&[("a.mp4", Value::Null)]);
    let served = serve(&folder).await;
    assert_eq!(served.json("/feed/preferences?userId=mia").await, json!({}));
    let wishes = json!({
        "userId": "mia", "autoPlay": false, "showCaptions": true, "playbackSpeed": 1.5, "preferredQuality": "hd",
        "preferredTags": ["Sea"], "blockedMakers": ["eve"], "algorithm": "newest", "future": {"unknown": 1}
    });
    let mut expected = wishes.clone();
    for field in ["userId", "future"] {
        expected.as_object_mut().unwrap().remove(field);
    }
    expected["preferredTags"] = json!(["sea"]);
    assert_eq!(served.send(Method::PUT, "/feed/preferences", &wishes).await, (StatusCode::OK, expected.clone()));
    let by_header = served.client.get(served.url("/feed/preferences")).header("X-User-Id", "mia").send().await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&by_header.bytes().await.unwrap()).unwrap(), expected);
    assert_eq!(served.json("/feed/preferences?userId=noa").await, json!({}));
    for (body, code, field) in [
        (json!({"userId": "mia", "playbackSpeed": 3.5}), "bad_field", "playbackSpeed"),
        (json!({"userId": "mia", "blockedMakers": vec!["m"; 201]}), "bad_field", "blockedMakers"),
        (json!({"autoPlay": true}), "missing_user", "userId"),
        (json!({"userId": 7}), "missing_user", "userId"),
    ] {
        let (status, told) = served.send(Method::PUT, "/feed/preferences", &body).await;
        let told = (status.as_u16(), told["code"].as_str().unwrap().to_owned(), told["field"].as_str().unwrap().to_owned());
        assert_eq!(told, (422, code.to_owned(), field.to_owned()));
    }
    assert_eq!(served.json("/feed/preferences?userId=mia").await, expected, "what is refused changes nothing");
    served.send(Method::PUT, "/feed/preferences", &json!({"userId": "mia", "autoPlay": null})).await;
    assert_eq!(served.json("/feed/preferences?userId=mia").await, json!({}), "what is left out is no longer wished");
    served.refuses("/feed/preferences?userId=", "bad_user", "userId").await;
}
