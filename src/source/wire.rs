//! The JSON of a feed page, read tolerantly: a bad item is left out and counted, one whose address is not allowed
//! stays and says why, the rest of the page is kept.

use std::time::Duration;

use serde_json::{Map, Value, json};
use url::Url;

use super::renewal::Places;
use super::{Policy, extras, text};
use crate::feed::{CaptionFile, Cursor, Failure, FeedPage, Item, ItemId, MediaLocation, Refusal, without_signature};

/// Items taken from one page; what comes after is counted as skipped.
const PAGE_ITEMS_MAX: usize = 500;
/// Longest identity, address and cursor taken, in bytes: what servers accept in a request line.
const TOKEN_BYTES_MAX: usize = 8 << 10;
/// Tags kept of one item.
const TAGS_MAX: usize = 30;
/// Captions kept of one item.
const CAPTIONS_MAX: usize = 60;
/// Longest tag of a language, in bytes: what BCP 47 lets nobody exceed.
const LANGUAGE_BYTES_MAX: usize = 35;
/// Longest clip believed, in seconds: a day.
const DURATION_MAX_S: f64 = 86_400.0;
/// Largest width and height believed, in pixels.
const SIDE_MAX_PX: u64 = 32_768;

/// Reads a page. `base` is the address it came from, `policy` that of its feed. `None` when the JSON is not a feed.
pub(super) fn page(json: &Value, base: &Url, policy: &Policy) -> Option<FeedPage> {
    let videos = json.get("videos")?.as_array()?;
    let mut page = FeedPage { skipped: videos.len().saturating_sub(PAGE_ITEMS_MAX), ..FeedPage::default() };
    let places = Places::of(json, base, policy);
    for video in videos.iter().take(PAGE_ITEMS_MAX) {
        match video.as_object().and_then(|video| item(video, base, policy, &places)) {
            Some(item) => page.items.push(item),
            None => page.skipped += 1,
        }
    }
    let has_more = json.get("hasMore").and_then(Value::as_bool).unwrap_or(true);
    page.next = json.get("nextCursor").filter(|_| has_more).and_then(token).map(Cursor);
    page.events = extras::events(json, base, policy);
    page.hydrate = extras::hydrate(json, base, policy);
    Some(page)
}

/// Reads one item that is told alone, where [`Item::renewal`] says.
pub(super) fn one(json: &Value, base: &Url, policy: &Policy) -> Option<Item> {
    item(json.as_object()?, base, policy, &Places::of(json, base, policy))
}

fn item(video: &Map<String, Value>, base: &Url, policy: &Policy, places: &Places<'_>) -> Option<Item> {
    if video.get("isActive").and_then(Value::as_bool) == Some(false) {
        return None;
    }
    let id = video.get("id").and_then(token)?;
    let address = video.get("videoUrl").and_then(token)?;
    // An address that is not asked is not kept either: nothing can ask it by mistake.
    let (url, problem) = match policy.address(base, &address) {
        Ok(url) => (url.into(), None),
        Err(refusal) => (String::new(), Some(blocked(&refusal, base, &address))),
    };
    let poster = video.get("thumbnailUrl").and_then(token).and_then(|address| policy.address(base, &address).ok());
    let text_at = |key: &str| video.get(key).and_then(Value::as_str).unwrap_or_default();
    let tags = video.get("tags").and_then(Value::as_array).into_iter().flatten();
    let tags = tags.filter_map(Value::as_str).map(|tag| text::line(tag.trim_start_matches('#'), text::TAG_GRAPHEMES));
    let mut item = Item {
        maker: text::line(text_at("makerId"), text::MAKER_GRAPHEMES),
        title: text::line(text_at("title"), text::TITLE_GRAPHEMES),
        description: text::block(text_at("description"), text::DESCRIPTION_GRAPHEMES),
        tags: tags.filter(|tag| !tag.is_empty()).take(TAGS_MAX).collect(),
        duration: video.get("durationSeconds").and_then(Value::as_f64).and_then(duration),
        size: video.get("metadata").and_then(size),
        likes: video.get("likeCount").and_then(Value::as_u64),
        views: video.get("viewCount").and_then(Value::as_u64),
        poster: poster.map(String::from),
        captions: video.get("captions").map(|captions| caption_files(captions, base, policy)).unwrap_or_default(),
        sha256: video.get("sha256").and_then(Value::as_str).and_then(sha256),
        problem,
        renewal: places.place(video, &id),
        ..Item::bare(ItemId::new(id), MediaLocation::Url(url))
    };
    extras::read(video, &mut item);
    Some(item)
}

/// The captions of an item: a list of `{url, language, label?, format?}`. `language` is a tag of BCP 47; `format` is `vtt` or
/// `srt`, and where it is left out the file tells by itself. What is of another kind, or may not be asked, is left out.
fn caption_files(captions: &Value, base: &Url, policy: &Policy) -> Vec<CaptionFile> {
    let files = captions.as_array().into_iter().flatten().filter_map(|caption| {
        let text_at = |key: &str| caption.get(key).and_then(Value::as_str).unwrap_or_default();
        let is_known = caption.get("format").is_none_or(Value::is_null)
            || ["vtt", "webvtt", "srt", "subrip"].iter().any(|format| text_at("format").eq_ignore_ascii_case(format));
        let url = policy.address(base, &token(caption.get("url")?)?).ok().filter(|_| is_known)?;
        let language = text_at("language");
        let is_tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
        Some(CaptionFile {
            at: MediaLocation::Url(url.into()),
            language: if language.len() <= LANGUAGE_BYTES_MAX && language.chars().all(is_tag) {
                language.to_owned()
            } else {
                String::new()
            },
            label: text::line(text_at("label"), text::TAG_GRAPHEMES),
        })
    });
    files.take(CAPTIONS_MAX).collect()
}

/// The failure of an item whose address is not asked. For testers it tells the address, but neither a user name nor
/// what may prove a right.
fn blocked(refusal: &Refusal, base: &Url, address: &str) -> Failure {
    let failure = refusal.failure();
    match base.join(address) {
        Ok(url) if url.has_host() => {
            let named = format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path());
            failure.because(format!("the feed names {}", text::line(&named, text::ADDRESS_GRAPHEMES)))
        }
        _ => failure,
    }
}

/// Identities and cursors are text; some servers write them as numbers.
fn token(value: &Value) -> Option<String> {
    let token = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!token.trim().is_empty() && token.len() <= TOKEN_BYTES_MAX).then_some(token)
}

fn duration(seconds: f64) -> Option<Duration> {
    (seconds > 0.0 && seconds <= DURATION_MAX_S).then(|| Duration::from_secs_f64(seconds))
}

fn size(metadata: &Value) -> Option<(u32, u32)> {
    let side = |key: &str| {
        let side = metadata.get(key)?.as_u64().filter(|side| (1..=SIDE_MAX_PX).contains(side))?;
        u32::try_from(side).ok()
    };
    Some((side("width")?, side("height")?))
}

/// Sixty-four hexadecimal digits.
fn sha256(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    let mut hash = [0; 32];
    if digits.len() != 2 * hash.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// A page as it is kept: what [`page`] reads from it again is the same, but for addresses, which lose what only
/// proves the right to read them.
pub(super) fn written(page: &FeedPage) -> Vec<u8> {
    let videos: Vec<Value> = page.items.iter().filter_map(written_item).collect();
    let next = page.next.as_ref().map(|cursor| cursor.0.as_str());
    json!({ "videos": videos, "nextCursor": next, "hasMore": next.is_some() }).to_string().into_bytes()
}

fn written_item(item: &Item) -> Option<Value> {
    let MediaLocation::Url(url) = &item.media else { return None };
    // Of what cannot be played nothing is worth keeping.
    if item.problem.is_some() {
        return None;
    }
    let mut video = json!({
        "id": item.id.as_str(),
        "makerId": item.maker,
        "title": item.title,
        "description": item.description,
        "videoUrl": without_signature(url),
        "thumbnailUrl": item.poster.as_deref().map(without_signature),
        "captions": item.captions.iter().filter_map(written_captions).collect::<Vec<_>>(),
        "sha256": item.sha256.map(|hash| hexadecimal(&hash)),
        "durationSeconds": item.duration.map(|duration| duration.as_secs_f64()),
        "viewCount": item.views,
        "likeCount": item.likes,
        "tags": item.tags,
        "metadata": item.size.map(|(width, height)| json!({ "width": width, "height": height })),
    });
    extras::write(item, video.as_object_mut()?);
    Some(video)
}

fn written_captions(file: &CaptionFile) -> Option<Value> {
    let MediaLocation::Url(url) = &file.at else { return None };
    Some(json!({ "url": without_signature(url), "language": file.language, "label": file.label }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::FailureKind;
    use crate::source::TrustedHosts;

    fn read(json: &Value) -> FeedPage {
        let feed = Url::parse("https://example.org/feed/videos?cursor=1").unwrap();
        page(json, &feed, &Policy::for_feed(&feed, &TrustedHosts::default())).unwrap()
    }

    #[test]
    fn an_item_is_read_with_all_that_is_known_of_it() {
        let page = read(&json!({"videos": [{
            "id": "v1", "makerId": "mia", "title": " A\u{202e} title ", "description": "two\nlines", "videoUrl": "/media/a%20b.mp4?sig=1",
            "durationSeconds": 6.5, "viewCount": 12, "likeCount": 3, "tags": ["#sea", 7, ""], "quality": "hd", "isActive": true,
            "metadata": {"width": 720, "height": 1280, "format": "mp4"}, "somethingNew": {"x": []}
        }], "nextCursor": "n", "hasMore": true}));
        let item = &page.items[0];
        assert_eq!((item.id.as_str(), item.maker.as_str(), item.title.as_str()), ("v1", "mia", "A title"));
        assert_eq!(item.media, MediaLocation::Url("https://example.org/media/a%20b.mp4?sig=1".into()));
        assert_eq!((item.duration, item.size), (Some(Duration::from_millis(6_500)), Some((720, 1280))));
        assert_eq!((item.views, item.likes), (Some(12), Some(3)));
        assert_eq!(item.tags, ["sea"]);
        assert_eq!(page.next, Some(Cursor("n".into())));
    }

    #[test]
    fn a_poster_and_a_hash_are_taken_when_they_are_sound_and_cost_nothing_when_not() {
        let hash = "0aF".to_owned() + &"1".repeat(61);
        let page = read(&json!({"videos": [
            {"id": "a", "videoUrl": "a.mp4", "thumbnailUrl": "../p/a.jpg?sig=1", "sha256": hash},
            {"id": "b", "videoUrl": "b.mp4", "thumbnailUrl": "file:///etc/passwd", "sha256": "00"},
            {"id": "c", "videoUrl": "c.mp4", "thumbnailUrl": [7], "sha256": "é".repeat(32)},
            {"id": "d", "videoUrl": "d.mp4", "thumbnailUrl": "", "sha256": "+1".repeat(32)}
        ]}));
        assert_eq!((page.items.len(), page.skipped), (4, 0));
        assert_eq!(page.items[0].poster.as_deref(), Some("https://example.org/p/a.jpg?sig=1"));
        assert_eq!(page.items[0].sha256.map(|hash| (hash[0], hash[1], hash[31])), Some((0x0a, 0xf1, 0x11)));
        assert!(page.items[1..].iter().all(|item| item.poster.is_none() && item.sha256.is_none()), "{:?}", page.items);
        let feed = Url::parse("https://example.org/").unwrap();
        let policy = Policy::for_feed(&feed, &TrustedHosts::new(["cdn.example".to_owned()]));
        let json = json!({"videos": [{"id": "a", "videoUrl": "/a.mp4", "thumbnailUrl": "https://elsewhere.example/a.jpg"}]});
        let page = super::page(&json, &feed, &policy).unwrap();
        assert_eq!((page.items[0].poster.as_ref(), page.items[0].problem.as_ref()), (None, None));
    }

    #[test]
    fn captions_are_taken_where_they_can_be_read_and_may_be_asked() {
        let page = read(&json!({"videos": [{"id": "a", "videoUrl": "a.mp4", "captions": [
            {"url": "../c/a.vtt?sig=1", "language": "en", "label": " English\u{202e} ", "format": "VTT"},
            {"url": "/a.srt", "language": "not a tag"},
            {"url": "/a.ass", "language": "en", "format": "ass"},
            {"url": "file:///etc/passwd", "language": "en"},
            {"url": "https://10.0.0.1/a.vtt", "language": "en"},
            {"language": "en"}, 7, null
        ]}, {"id": "b", "videoUrl": "b.mp4", "captions": "b.vtt"}]}));
        let file = |url: &str, language: &str, label: &str| CaptionFile {
            at: MediaLocation::Url(url.into()),
            language: language.into(),
            label: label.into(),
        };
        assert_eq!(
            page.items[0].captions,
            [file("https://example.org/c/a.vtt?sig=1", "en", "English"), file("https://example.org/a.srt", "", "")]
        );
        assert!(page.items[1].captions.is_empty());
    }

    #[test]
    fn a_page_that_was_kept_is_read_as_it_was_but_without_what_proves_a_right() {
        let json = json!({"videos": [{
            "id": 7, "makerId": "mia", "title": "\"A\" title", "description": "two\nlines", "videoUrl": "/media/a%20b.mp4?v=1&sig=secret&se=3",
            "thumbnailUrl": "https://p.example/a.jpg?token=secret", "sha256": "ab".repeat(32),
            "durationSeconds": 6.533, "viewCount": 12, "likeCount": 3, "tags": ["sea", "sky"], "metadata": {"width": 720, "height": 1280},
            "captions": [{"url": "a.vtt?sig=secret", "language": "pt-BR", "label": "Português"}]
        }, {"id": "bare", "videoUrl": "b.mp4"}], "nextCursor": "n", "hasMore": true});
        let fresh = read(&json);
        let bytes = written(&fresh);
        assert!(!String::from_utf8(bytes.clone()).unwrap().contains("secret"));
        let mut expected = fresh.clone();
        expected.items[0].media = MediaLocation::Url("https://example.org/media/a%20b.mp4?v=1".into());
        expected.items[0].poster = Some("https://p.example/a.jpg".into());
        expected.items[0].captions[0].at = MediaLocation::Url("https://example.org/feed/a.vtt".into());
        assert_eq!(read(&serde_json::from_slice(&bytes).unwrap()), expected);
        let last = FeedPage { next: None, ..fresh };
        assert_eq!(read(&serde_json::from_slice(&written(&last)).unwrap()).next, None);
    }

    #[test]
    fn bad_items_are_left_out_and_counted() {
        let page = read(&json!({"videos": [
            7, null, {}, {"id": "a"}, {"id": "", "videoUrl": "/a"}, {"id": [], "videoUrl": "/a"},
            {"id": "d", "videoUrl": "/d", "isActive": false}, {"id": 5, "videoUrl": "/e"}
        ]}));
        assert_eq!((page.items.len(), page.skipped), (1, 7));
        assert_eq!(page.items[0].id.as_str(), "5");
    }

    #[test]
    fn an_item_whose_address_is_not_allowed_stays_and_says_why_without_its_secrets() {
        let page = read(&json!({"videos": [
            {"id": "a", "title": "A", "videoUrl": "file:///etc/passwd"},
            {"id": "b", "title": "B", "videoUrl": "http:me:secret@10.0.0.1/b.mp4?token=secret"},
            {"id": "c", "title": "C", "videoUrl": "http://[bad"},
            {"id": "d", "title": "D", "videoUrl": "https://10.0.0.1/d.mp4?token=secret"},
            {"id": "e", "title": "E", "videoUrl": "e.mp4"}
        ]}));
        assert_eq!((page.items.len(), page.skipped), (5, 0));
        let told = |at: usize| page.items[at].problem.as_ref().map(|problem| problem.sentence.as_str());
        assert_eq!(told(0), Some("An address that begins with file: is not opened for a feed."));
        assert_eq!(told(1), Some("An address with a user name or a password is not opened for a feed."));
        assert_eq!(told(2), Some("This is not a valid address."));
        assert_eq!(told(3), Some("10.0.0.1 is an address of a private network, and the feed is not from there."));
        assert_eq!(told(4), None);
        for item in &page.items[..4] {
            let problem = item.problem.as_ref().unwrap();
            assert_eq!((problem.kind, &item.media), (FailureKind::Blocked, &MediaLocation::Url(String::new())));
            assert!(!item.title.is_empty() && !format!("{item:?}").contains("secret"), "{item:?}");
        }
        assert_eq!(page.items[3].problem.as_ref().unwrap().causes, ["the feed names https://10.0.0.1/d.mp4"]);
        let kept = String::from_utf8(written(&page)).unwrap();
        assert_eq!(read(&serde_json::from_str(&kept).unwrap()).items, page.items[4..]);
    }

    #[test]
    fn optional_fields_of_a_wrong_kind_are_as_if_absent() {
        let page = read(&json!({"videos": [{
            "id": "v", "videoUrl": "v.mp4", "title": 7, "tags": "x", "durationSeconds": "long", "viewCount": -1, "metadata": {"width": 0, "height": 9}
        }, {"id": "w", "videoUrl": "v.mp4", "durationSeconds": 1e300, "metadata": []}]}));
        assert_eq!((page.items.len(), page.skipped), (2, 0));
        for item in &page.items {
            assert_eq!((item.duration, item.size, item.views, item.title.as_str()), (None, None, None, ""));
        }
    }

    #[test]
    fn the_feed_ends_where_the_server_says_so() {
        assert_eq!(read(&json!({"videos": [], "nextCursor": "n", "hasMore": false})).next, None);
        assert_eq!(read(&json!({"videos": [], "nextCursor": null, "hasMore": true})).next, None);
        assert_eq!(read(&json!({"videos": [], "nextCursor": 40})).next, Some(Cursor("40".into())));
    }

    #[test]
    fn a_page_holds_five_hundred_items_at_most() {
        let videos: Vec<Value> = (0..620).map(|i| json!({"id": i, "videoUrl": "/v"})).collect();
        let page = read(&json!({ "videos": videos }));
        assert_eq!((page.items.len(), page.skipped), (500, 120));
    }

    #[test]
    fn json_without_a_list_of_videos_is_no_feed() {
        let base = Url::parse("https://example.org/").unwrap();
        for json in [json!([]), json!({}), json!({"videos": {}}), json!("videos")] {
            assert_eq!(page(&json, &base, &Policy::default()), None);
        }
    }
}
