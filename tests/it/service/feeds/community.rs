//! The community feed.

use super::*;

/// Places in Dubai and one in Abu Dhabi, the newest first.
fn many() -> TempDir {
    let at = |latitude: f64, longitude: f64, neighborhood: &str| json!({"latitude": latitude, "longitude": longitude, "neighborhood": neighborhood});
    clips(&[
        ("plain.mp4", json!({"category": "pets"})),
        (
            "marina.mp4",
            json!({"location": at(25.08, 55.14, "Marina"), "product": {"id": "p1", "price": 30, "condition": "new", "category": "Bikes"}}),
        ),
        (
            "abu dhabi.mp4",
            json!({"location": at(24.4539, 54.3773, "Corniche"), "product": {"price": 10.5, "currency": "AED", "condition": "used"}}),
        ),
        ("creek.mp4", json!({"location": at(25.2, 55.27, "Creek"), "category": "food"})),
        ("anywhere.mp4", json!({"product": {"price": 20, "condition": "New", "category": "bikes"}})),
        ("sold.mp4", json!({"location": at(25.2, 55.27, "Creek"), "product": {"price": 1, "sold": true}})),
    ])
}

#[tokio::test]
async fn places_and_offers_are_found_by_place_price_and_kind() {
    let folder = many();
    let served = serve(&folder).await;
    for (query, expected) in [
        ("", &["marina", "abu dhabi", "creek", "anywhere"][..]),
        ("?latitude=25.2048&longitude=55.2708", &["creek"]),
        ("?latitude=25.2048&longitude=55.2708&radius_km=30", &["creek", "marina"]),
        ("?latitude=25.2048&longitude=55.2708&radius_km=200", &["creek", "marina", "abu dhabi"]),
        ("?latitude=25.2048&longitude=55.2708&radius_km=200&sort=recent", &["marina", "abu dhabi", "creek"]),
        ("?sort=price_low", &["abu dhabi", "anywhere", "marina", "creek"]),
        ("?sort=price_high", &["marina", "anywhere", "abu dhabi", "creek"]),
        ("?min_price=20&max_price=30", &["marina", "anywhere"]),
        ("?max_price=20&sort=price_low", &["abu dhabi", "anywhere"]),
        ("?category=bikes&condition=NEW", &["marina", "anywhere"]),
        ("?category=food", &["creek"]),
        ("?neighborhood=marina&what=ever", &["marina"]),
        ("?latitude=-33.9&longitude=18.4", &[]),
    ] {
        let page = served.json(&format!("/feed/community{query}")).await;
        assert_eq!((titles(&page), page["total"].as_u64()), (expected.to_vec(), Some(expected.len() as u64)), "{query}");
    }
}

#[tokio::test]
async fn an_offer_tells_its_price_and_how_far_away_it_is() {
    let folder = many();
    let served = serve(&folder).await;
    let page = served.json("/feed/community?latitude=25.2048&longitude=55.2708&radius_km=200&sort=price_low&per_page=1").await;
    let (product, location) = (&page["videos"][0]["product"], &page["videos"][0]["location"]);
    assert_eq!(product, &json!({"price": 10.5, "currency": "AED", "condition": "used", "sold": false}));
    assert_eq!((location["neighborhood"].as_str(), location["latitude"].as_f64()), (Some("Corniche"), Some(24.4539)));
    let km = location["distanceKm"].as_f64().unwrap();
    assert!((122.0..123.0).contains(&km), "{km}");
    assert_eq!((page["hasMore"].as_bool(), page["total"].as_u64()), (Some(true), Some(3)));
    // From across the street: the same page.
    let near = served.json("/feed/community?latitude=25.2049&longitude=55.2709&radius_km=200&sort=price_low&per_page=1").await;
    assert_eq!((near["cached"].as_bool(), &near["videos"]), (Some(true), &page["videos"]));
    let nowhere = served.json("/feed/community?sort=price_low&per_page=1").await;
    assert!(nowhere["videos"][0]["location"].get("distanceKm").is_none(), "nobody said where they are");
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused_by_the_name_of_its_field() {
    let folder = many();
    let served = serve(&folder).await;
    for (query, code, field) in [
        ("latitude=91&longitude=0", "bad_location", "latitude"),
        ("latitude=1&longitude=181", "bad_location", "longitude"),
        ("latitude=1", "bad_location", "longitude"),
        ("longitude=1", "bad_location", "latitude"),
        ("radius_km=5", "bad_location", "latitude"),
        ("latitude=1&longitude=1&radius_km=0", "bad_radius", "radius_km"),
        ("latitude=1&longitude=1&radius_km=NaN", "bad_radius", "radius_km"),
        ("min_price=-1", "bad_price", "min_price"),
        ("min_price=2&max_price=1", "bad_price", "min_price"),
        ("max_price=cheap", "bad_price", "max_price"),
        ("sort=live_first", "bad_sort", "sort"),
        ("page=-1", "bad_page", "page"),
    ] {
        served.refuses(&format!("/feed/community?{query}"), code, field).await;
    }
}
