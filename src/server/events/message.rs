//! What a connection asks for: one JSON text, `{"event": NAME, "data": {…}}` or `{"type": NAME, …fields}`.

use std::fmt;

use serde_json::Value;

use super::bounds::ID_BYTES_MAX;
use crate::server::pages::Scope;
use crate::server::status::StreamStatus;

/// The rooms that everybody is in who has not left them.
pub(super) const FEED_ROOMS: [&str; 3] = ["discover_feed", "community_feed", "videos_feed"];
/// What the name of a stream's own room begins with.
const STREAM_ROOM: &str = "stream:";
/// Longest reason taken, in bytes.
const REASON_BYTES_MAX: usize = 200;

/// The room of those who watch one stream.
pub(super) fn room_of(stream: &str) -> String {
    format!("{STREAM_ROOM}{stream}")
}

/// The stream whose room that is.
pub(super) fn stream_of(room: &str) -> Option<&str> {
    room.strip_prefix(STREAM_ROOM).filter(|stream| !stream.is_empty())
}

/// A token as it was sent; it is never printed.
#[derive(PartialEq, Eq)]
pub(super) struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Which feeds an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FeedType {
    Discover,
    Community,
    All,
}

impl FeedType {
    pub fn scope(self) -> Scope {
        match self {
            Self::Discover => Scope::Discover,
            Self::Community => Scope::Community,
            Self::All => Scope::All,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Community => "community",
            Self::All => "all",
        }
    }
}

/// One message that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    StreamStatusChanged {
        stream: String,
        status: StreamStatus,
    },
    ProductUpdated {
        product: String,
        action: &'static str,
        feeds: FeedType,
    },
    ClearFeedCache {
        feeds: FeedType,
        /// The hash of one area's place: of the community feed, this area alone.
        area: Option<String>,
        reason: Option<String>,
    },
    GetCacheStats,
    ViewerJoined(String),
    ViewerLeft(String),
    Presence(String),
    Typing(String),
    Join(String),
    Leave(String),
    /// Everything of a feed's room was seen, or what came up to a number that the client remembers.
    Seen(&'static str, Option<u64>),
    GetUnread,
    Authenticate(Token),
}

/// Why a message is refused, as it is told: `error{message, error}`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// A word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

impl Wrong {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    fn field(name: &str, needed: &str) -> Self {
        Self::new("bad_field", format!("{name} must be {needed}"))
    }
}

/// Reads a message.
///
/// # Errors
/// [`Wrong`] with what is wrong with it.
pub(super) fn read(text: &str) -> Result<Asked, Wrong> {
    let message: Value = serde_json::from_str(text).map_err(|_| Wrong::new("bad_json", "the message is not JSON"))?;
    let name = message.get("event").or_else(|| message.get("type")).and_then(Value::as_str);
    let name = name.ok_or_else(|| Wrong::new("bad_message", "the message must be an object with the name of an event"))?;
    let fields = Fields(message.get("data").unwrap_or(&message));
    let stream = || fields.id("stream_id");
    Ok(match name {
        "stream_status_changed" => {
            if fields.text("old_status").is_some() {
                fields.status("old_status")?;
            }
            Asked::StreamStatusChanged { stream: stream()?, status: fields.status("new_status")? }
        }
        "product_updated" => {
            let action = fields.one_of("action", ["created", "updated", "deleted", "sold"])?;
            let action = action.ok_or_else(|| missing("action"))?;
            Asked::ProductUpdated { product: fields.id("product_id")?, action, feeds: fields.feeds()?.unwrap_or(FeedType::All) }
        }
        "clear_feed_cache" => {
            let feeds = fields.feeds()?.ok_or_else(|| missing("feed_type"))?;
            let reason = fields.text("reason").map(str::to_owned);
            if reason.as_ref().is_some_and(|reason| reason.len() > REASON_BYTES_MAX) {
                return Err(Wrong::field("reason", "shorter"));
            }
            Asked::ClearFeedCache { feeds, area: fields.area(feeds)?, reason }
        }
        "get_cache_stats" => Asked::GetCacheStats,
        "viewer_joined" => Asked::ViewerJoined(stream()?),
        "viewer_left" => Asked::ViewerLeft(stream()?),
        "presence" => Asked::Presence(stream()?),
        "typing" => Asked::Typing(stream()?),
        "join" => Asked::Join(fields.id("room")?),
        "leave" => Asked::Leave(fields.id("room")?),
        "seen" => {
            let at = fields.0.get("at").filter(|at| !at.is_null());
            let at = at.map(|at| at.as_u64().ok_or_else(|| Wrong::field("at", "a whole number"))).transpose()?;
            Asked::Seen(fields.one_of("room", FEED_ROOMS)?.ok_or_else(|| missing("room"))?, at)
        }
        "get_unread" => Asked::GetUnread,
        "authenticate" => Asked::Authenticate(Token(fields.text("token").ok_or_else(|| missing("token"))?.to_owned())),
        _ => return Err(Wrong::new("unknown_event", "there is no event of this name")),
    })
}

fn missing(name: &str) -> Wrong {
    Wrong::new("missing_field", format!("{name} is missing"))
}

/// The fields of a message.
struct Fields<'a>(&'a Value);

impl Fields<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A name of something. Signs that steer terminals are in none.
    fn id(&self, name: &str) -> Result<String, Wrong> {
        let id = self.text(name).ok_or_else(|| missing(name))?;
        if id.is_empty() || id.len() > ID_BYTES_MAX || id.chars().any(char::is_control) {
            return Err(Wrong::field(name, &format!("a text of 1 to {ID_BYTES_MAX} bytes without control characters")));
        }
        Ok(id.to_owned())
    }

    fn status(&self, name: &str) -> Result<StreamStatus, Wrong> {
        let status = self.text(name).ok_or_else(|| missing(name))?.to_ascii_uppercase();
        serde_json::from_value(Value::String(status)).map_err(|_| Wrong::field(name, "one of SCHEDULED, LIVE, ENDED"))
    }

    fn one_of<const N: usize>(&self, name: &str, words: [&'static str; N]) -> Result<Option<&'static str>, Wrong> {
        let Some(word) = self.0.get(name).filter(|word| !word.is_null()) else { return Ok(None) };
        let known = words.into_iter().find(|known| word.as_str() == Some(known));
        known.map(Some).ok_or_else(|| Wrong::field(name, &format!("one of {}", words.join(", "))))
    }

    /// `location`: the eight hex digits that stand for an area in the keys of pages.
    fn area(&self, feeds: FeedType) -> Result<Option<String>, Wrong> {
        let Some(location) = self.text("location") else { return Ok(None) };
        let is_hash = location.len() == 8 && location.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hash || feeds != FeedType::Community {
            return Err(Wrong::field("location", "the hash of a place, with feed_type community"));
        }
        Ok(Some(location.to_owned()))
    }

    fn feeds(&self) -> Result<Option<FeedType>, Wrong> {
        let word = self.one_of("feed_type", ["discover", "community", "all"])?;
        Ok(word.map(|word| match word {
            "discover" => FeedType::Discover,
            "community" => FeedType::Community,
            _ => FeedType::All,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_understood_in_both_spellings() {
        let changed = Asked::StreamStatusChanged { stream: "s1".into(), status: StreamStatus::Live };
        let data =
            r#"{"event":"stream_status_changed","data":{"stream_id":"s1","old_status":"SCHEDULED","new_status":"live","timestamp":"x"}}"#;
        assert_eq!(read(data), Ok(changed));
        assert_eq!(read(r#"{"type":"viewer_joined","stream_id":"s1"}"#), Ok(Asked::ViewerJoined("s1".into())));
        let sold = Asked::ProductUpdated { product: "p1".into(), action: "sold", feeds: FeedType::All };
        assert_eq!(read(r#"{"event":"product_updated","data":{"product_id":"p1","action":"sold","feed_type":null}}"#), Ok(sold));
        assert_eq!(read(r#"{"event":"get_cache_stats"}"#), Ok(Asked::GetCacheStats));
        assert_eq!(read(r#"{"event":"seen","data":{"room":"videos_feed","at":3}}"#), Ok(Asked::Seen("videos_feed", Some(3))));
    }

    #[test]
    fn what_is_wrong_with_a_message_is_told() {
        let code = |text: &str| read(text).unwrap_err().code;
        for text in ["", "{", "nonsense"] {
            assert_eq!(code(text), "bad_json", "{text}");
        }
        for text in ["7", "[]", "{}", r#"{"event":7}"#, "null"] {
            assert_eq!(code(text), "bad_message", "{text}");
        }
        assert_eq!(code(r#"{"event":"feed_refresh_required"}"#), "unknown_event", "nobody makes others refresh but a change");
        for event in ["stream_status_changed", "product_updated", "clear_feed_cache", "viewer_joined", "viewer_left", "presence", "typing"]
        {
            assert_eq!(code(&format!(r#"{{"event":"{event}","data":[]}}"#)), "missing_field", "{event}");
        }
        let long = "x".repeat(ID_BYTES_MAX + 1);
        for data in [
            r#"{"event":"stream_status_changed","stream_id":"s","new_status":"PAUSED"}"#,
            r#"{"event":"stream_status_changed","stream_id":"s","old_status":"PAUSED","new_status":"LIVE"}"#,
            r#"{"event":"product_updated","product_id":"p","action":"eaten"}"#,
            r#"{"event":"product_updated","product_id":"p","action":"sold","feed_type":"x"}"#,
            r#"{"event":"clear_feed_cache","feed_type":7}"#,
            r#"{"event":"clear_feed_cache","feed_type":"all","location":"97110275"}"#,
            r#"{"event":"clear_feed_cache","feed_type":"community","location":"*"}"#,
            r#"{"event":"seen","room":"stream:s"}"#,
            r#"{"event":"seen","room":"videos_feed","at":-1}"#,
            r#"{"event":"viewer_joined","stream_id":""}"#,
            r#"{"event":"viewer_joined","stream_id":"a\u001b[2J"}"#,
            &format!(r#"{{"event":"join","room":"{long}"}}"#),
        ] {
            assert_eq!(code(data), "bad_field", "{data}");
        }
    }

    #[test]
    fn a_token_is_in_no_line_of_a_log() {
        let asked = read(r#"{"event":"authenticate","data":{"token":"s3cret"}}"#).unwrap();
        assert_eq!(asked, Asked::Authenticate(Token("s3cret".into())));
        assert!(!format!("{asked:?}").contains("s3cret"));
    }
}
