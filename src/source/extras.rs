//! What a feed tells of an item beyond what is needed to play it: a warning, what is to be seen, what stands for its
//! poster, whether it is live; and where its service tells what is new
//! and what is warm.

use serde_json::{Map, Value, json};
use url::Url;

use super::{Policy, text};
use crate::feed::{Blurhash, Item, Live, LiveStatus, without_signature};

/// Longest name of a stream taken, in bytes.
const STREAM_BYTES_MAX: usize = 1 << 10;

/// Puts into `item` what `video` tells of it. What makes no sense is as if absent.
pub(super) fn read(video: &Map<String, Value>, item: &mut Item) {
    let text_at = |key: &str| video.get(key).and_then(Value::as_str);
    item.warning = video.get("contentWarning").and_then(warning);
    item.alt = text::line(text_at("altText").unwrap_or_default(), text::DESCRIPTION_GRAPHEMES);
    item.blurhash = text_at("blurhash").and_then(Blurhash::read);
    item.live = video.get("live").and_then(live);
    item.stream = text_at("streamId").filter(|stream| !stream.is_empty() && stream.len() <= STREAM_BYTES_MAX).map(str::to_owned);
}

/// Words, several of them, or only that there is something to warn of.
fn warning(told: &Value) -> Option<String> {
    let words = match told {
        Value::Bool(true) => return Some(String::new()),
        Value::String(words) => words.clone(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => return None,
    };
    Some(text::line(&words, text::TITLE_GRAPHEMES)).filter(|words| !words.is_empty())
}

fn live(told: &Value) -> Option<Live> {
    // Services write them in letters of either size; ours in capitals.
    let status = match told.get("status")?.as_str()?.to_ascii_lowercase().as_str() {
        "scheduled" => LiveStatus::Scheduled,
        "live" => LiveStatus::Live,
        "ended" => LiveStatus::Ended,
        _ => return None,
    };
    Some(Live { status, viewers: told.get("viewerCount").and_then(Value::as_u64) })
}

/// Writes into `video` what [`read`] reads. Whether it is live is not kept: it will not be so later.
pub(super) fn write(item: &Item, video: &mut Map<String, Value>) {
    if let Some(warning) = &item.warning {
        video.insert("contentWarning".to_owned(), if warning.is_empty() { json!(true) } else { json!(warning) });
    }
    if !item.alt.is_empty() {
        video.insert("altText".to_owned(), json!(item.alt));
    }
    if let Some(blurhash) = &item.blurhash {
        video.insert("blurhash".to_owned(), json!(blurhash.as_str()));
    }
    if let Some(renewal) = &item.renewal {
        video.insert("itemUrl".to_owned(), json!(without_signature(renewal)));
    }
    if let Some(stream) = &item.stream {
        video.insert("streamId".to_owned(), json!(stream));
    }
}

/// The address at which the service of the feed at `base` tells what is new, if the page says so. It may be written with
/// `ws` or `wss`; what is not on the host and the port that the viewer has typed is left alone: nobody else is told
/// who watches.
pub(super) fn events(page: &Value, base: &Url, policy: &Policy) -> Option<String> {
    let mut url = base.join(page.get("events")?.as_str()?.trim()).ok()?;
    let scheme = match url.scheme() {
        "ws" => "http",
        "wss" => "https",
        _ => "",
    };
    if !scheme.is_empty() {
        // The port that a scheme stands for is the same for both.
        url.set_scheme(scheme).ok()?;
    }
    own(url, policy)
}

/// The address at which that service tells what is warm, by the same rule.
pub(super) fn hydrate(page: &Value, base: &Url, policy: &Policy) -> Option<String> {
    own(base.join(page.get("hydrate")?.as_str()?.trim()).ok()?, policy)
}

fn own(url: Url, policy: &Policy) -> Option<String> {
    (policy.owns(&url) && policy.check(&url).is_ok()).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{ItemId, MediaLocation};
    use crate::source::TrustedHosts;

    const BLUR: &str = "LEHV6nWB2yk8pyo0adR*.7kCMdnj";

    fn item(video: &Value) -> Item {
        let mut item = Item::bare(ItemId::new("v"), MediaLocation::Sample(0));
        read(video.as_object().unwrap(), &mut item);
        item
    }

    #[test]
    fn what_is_told_beyond_the_media_is_read() {
        let item = item(&json!({
            "contentWarning": " Flashing\u{202e} lights ", "altText": "A dog\nruns.", "blurhash": BLUR, "streamId": "s1",
            "live": {"status": "LIVE", "viewerCount": 1284}
        }));
        assert_eq!(item.warning.as_deref(), Some("Flashing lights"));
        assert_eq!((item.alt.as_str(), item.stream()), ("A dog runs.", "s1"));
        assert_eq!(item.blurhash.map(|blurhash| blurhash.as_str().to_owned()).as_deref(), Some(BLUR));
        assert_eq!(item.live, Some(Live { status: LiveStatus::Live, viewers: Some(1284) }));
    }

    #[test]
    fn a_warning_may_be_a_list_or_without_words_and_one_that_says_nothing_is_none() {
        let warning = |told: Value| item(&json!({ "contentWarning": told })).warning;
        assert_eq!(warning(json!(["Blood", 7, "needles"])).as_deref(), Some("Blood, needles"));
        assert_eq!(warning(json!(true)).as_deref(), Some(""));
        for none in [json!(false), json!(""), json!(" "), json!([]), json!({}), json!(1), Value::Null] {
            assert_eq!(warning(none), None);
        }
    }

    #[test]
    fn what_makes_no_sense_is_as_if_absent() {
        let nonsense = json!({"altText": 7, "blurhash": "???", "streamId": "", "live": {"status": "maybe", "viewerCount": 3}});
        assert_eq!(item(&nonsense), item(&json!({})));
        assert_eq!(
            item(&json!({"live": {"status": "ended", "viewerCount": -3}})).live,
            Some(Live { status: LiveStatus::Ended, viewers: None })
        );
        assert_eq!(item(&json!({"streamId": "x".repeat(5000)})).stream(), "v");
    }

    #[test]
    fn what_was_written_is_read_again_but_for_what_is_live() {
        let told = json!({"contentWarning": true, "altText": "A dog.", "blurhash": BLUR, "streamId": "s1", "live": {"status": "live"}});
        let mut video = Map::new();
        write(&item(&told), &mut video);
        assert_eq!(item(&Value::Object(video)), Item { live: None, ..item(&told) });
    }

    #[test]
    fn events_are_heard_from_the_feeds_own_host_and_port_and_from_nowhere_else() {
        let events = |feed: &str, told: &str| {
            let feed = Url::parse(feed).unwrap();
            events(&json!({ "events": told }), &feed, &Policy::for_feed(&feed, &TrustedHosts::default()))
        };
        let feed = "https://feed.example/feed/videos";
        assert_eq!(events(feed, "/ws").as_deref(), Some("https://feed.example/ws"));
        assert_eq!(events(feed, "wss://feed.example/ws?room=1").as_deref(), Some("https://feed.example/ws?room=1"));
        assert_eq!(events("http://127.0.0.1:81/f", "ws://127.0.0.1:81/ws").as_deref(), Some("http://127.0.0.1:81/ws"));
        for other in ["wss://feed.example:444/ws", "wss://other.example/ws", "ws://feed.example/ws", "//other.example/ws", "file:///ws"] {
            assert_eq!(events(feed, other), None, "{other}");
        }
        assert_eq!(events("http://127.0.0.1:81/f", "ws://127.0.0.1:82/ws"), None, "another program of the same machine");
        let hydrate = |told: &str| {
            let feed = Url::parse(feed).unwrap();
            hydrate(&json!({ "hydrate": told }), &feed, &Policy::for_feed(&feed, &TrustedHosts::default()))
        };
        assert_eq!(hydrate("/feed/hydrate").as_deref(), Some("https://feed.example/feed/hydrate"));
        for other in ["https://other.example/feed/hydrate", "http://169.254.169.254/", "https://feed.example:444/", "file:///h"] {
            assert_eq!(hydrate(other), None, "{other}");
        }
        assert_eq!(events("https://me:secret@feed.example/", "https://you:other@feed.example/ws"), None);
    }
}
