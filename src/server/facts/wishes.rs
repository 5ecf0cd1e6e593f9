//! Reads what clients tell in JSON: strict about what is there, so that a slip is noticed, and easy about what is not.
//! Fields that nobody knows are left alone.

use serde_json::{Map, Value};

use super::deed::Kind;
use super::preferences::Preferences;

/// Longest name of a user, in bytes.
pub const USER_BYTES_MAX: usize = 128;
/// Longest identity of a video, a maker or a tag, in bytes.
const NAME_BYTES_MAX: usize = 512;
/// Preferred tags at most.
const TAGS_MAX: usize = 50;
/// Blocked makers at most.
const BLOCKED_MAX: usize = 200;
/// Longest time watched, in seconds.
const WATCH_S_MAX: f64 = 86_400.0;
/// A view that is shorter is none, in seconds.
const GLANCE_S: f64 = 1.0;
/// Longest reason to skip, in bytes.
const REASON_BYTES_MAX: usize = 64;
/// Reasons to skip that say nothing of the video: it did not come.
const REASONS_OF_THE_LINE: [&str; 4] = ["error", "slow", "stalled", "timeout"];
/// The names of orders.
const ALGORITHMS: [&str; 4] = ["trending", "personalized", "newest", "following"];
const QUALITIES: [&str; 4] = ["auto", "sd", "hd", "fhd"];

/// A field that cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} must be {needed}")]
pub struct Wrong {
    /// Its name, with the names around it: `metadata.completed`.
    pub field: &'static str,
    needed: &'static str,
}

/// An interaction as it was told.
#[derive(Debug, PartialEq)]
pub struct Told {
    pub user: Option<String>,
    pub video: String,
    pub kind: Kind,
    pub undo: bool,
    pub completed: bool,
    /// It says nothing of the video.
    pub is_idle: bool,
}

/// Reads `{userId?, videoId, interaction, undo?, watchTime?, metadata?{completed?, skipReason?}}`.
///
/// # Errors
/// The first field that makes no sense.
pub fn interaction(json: &Map<String, Value>) -> Result<Told, Wrong> {
    let (video, kind) = ("an identity of a video", "view, like, share, comment, follow, complete or skip");
    let told = |field: &str| json.get(field).filter(|value| !value.is_null());
    let video = needed("videoId", video, told("videoId").and_then(name))?;
    let is_kind = |value: &Value| Kind::ALL.into_iter().find_map(|(name, kind)| (value == name).then_some(kind));
    let kind = needed("interaction", kind, told("interaction").and_then(is_kind))?;
    let undo = optional("undo", "true or false, and true only for like and follow", told("undo"), |value| {
        value.as_bool().filter(|undo| !undo || kind.lasts())
    })?;
    let is_time = |value: &Value| value.as_f64().filter(|seconds| (0.0..=WATCH_S_MAX).contains(seconds));
    let watched = optional("watchTime", "seconds from 0 to 86400", told("watchTime"), is_time)?;
    let metadata = optional("metadata", "an object", told("metadata"), Value::as_object)?;
    let within = |field: &str| metadata.and_then(|metadata| metadata.get(field)).filter(|value| !value.is_null());
    let completed = optional("metadata.completed", "true or false", within("completed"), Value::as_bool)?;
    let is_reason = |value: &Value| value.as_str().filter(|reason| reason.len() <= REASON_BYTES_MAX).map(str::to_lowercase);
    let reason = optional("metadata.skipReason", "a word of 64 bytes at most", within("skipReason"), is_reason)?;
    let completed = completed.unwrap_or_default();
    Ok(Told {
        user: optional("userId", "a name of 1 to 128 bytes", told("userId"), user)?,
        video,
        kind,
        undo: undo.unwrap_or_default(),
        completed,
        is_idle: match kind {
            Kind::View => !completed && watched.is_some_and(|seconds| seconds < GLANCE_S),
            Kind::Skip => reason.is_some_and(|reason| REASONS_OF_THE_LINE.contains(&reason.as_str())),
            _ => false,
        },
    })
}

/// Reads preferences. What is absent or `null` is not wished.
///
/// # Errors
/// The first field that makes no sense.
pub fn preferences(json: &Map<String, Value>) -> Result<Preferences, Wrong> {
    let told = |field: &str| json.get(field).filter(|value| !value.is_null());
    let is_speed = |value: &Value| value.as_f64().filter(|speed| (0.25..=3.0).contains(speed));
    let one_of =
        |names: &'static [&'static str]| move |value: &Value| names.iter().find(|name| value == **name).map(|name| (*name).to_owned());
    let tags = optional("preferredTags", "a list of 50 tags at most", told("preferredTags"), |value| names(value, TAGS_MAX))?;
    let tags = tags.unwrap_or_default().into_iter().map(|tag| tag.trim_start_matches('#').to_lowercase()).filter(|tag| !tag.is_empty());
    Ok(Preferences {
        auto_play: optional("autoPlay", "true or false", told("autoPlay"), Value::as_bool)?,
        show_captions: optional("showCaptions", "true or false", told("showCaptions"), Value::as_bool)?,
        playback_speed: optional("playbackSpeed", "a number from 0.25 to 3", told("playbackSpeed"), is_speed)?,
        preferred_quality: optional("preferredQuality", "auto, sd, hd or fhd", told("preferredQuality"), one_of(&QUALITIES))?,
        preferred_tags: tags.collect(),
        blocked_makers: optional("blockedMakers", "a list of 200 makers at most", told("blockedMakers"), |value| {
            names(value, BLOCKED_MAX)
        })?
        .unwrap_or_default(),
        algorithm: optional("algorithm", "trending, personalized, newest or following", told("algorithm"), one_of(&ALGORITHMS))?,
    })
}

/// The name of a user: opaque, without signs that end lines.
pub fn user(value: &Value) -> Option<String> {
    value.as_str().filter(|name| is_user(name)).map(str::to_owned)
}

/// Whether a user may be called so.
pub fn is_user(name: &str) -> bool {
    !name.is_empty() && name.len() <= USER_BYTES_MAX && !name.chars().any(char::is_control)
}

fn name(value: &Value) -> Option<String> {
    value.as_str().filter(|name| !name.is_empty() && name.len() <= NAME_BYTES_MAX).map(str::to_owned)
}

fn names(value: &Value, most: usize) -> Option<Vec<String>> {
    value.as_array().filter(|all| all.len() <= most)?.iter().map(name).collect()
}

fn needed<T>(field: &'static str, needed: &'static str, read: Option<T>) -> Result<T, Wrong> {
    read.ok_or(Wrong { field, needed })
}

fn optional<'a, T>(
    field: &'static str,
    needed: &'static str,
    told: Option<&'a Value>,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<Option<T>, Wrong> {
    told.map(|value| read(value).ok_or(Wrong { field, needed })).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(json: &Value) -> Result<Told, Wrong> {
        interaction(json.as_object().unwrap())
    }

    #[test]
    fn an_interaction_is_read_with_and_without_what_may_be_left_out() {
        let bare = told(&json!({"videoId": "a", "interaction": "view", "userId": null, "new": []})).unwrap();
        let expected = Told { user: None, video: "a".into(), kind: Kind::View, undo: false, completed: false, is_idle: false };
        assert_eq!(bare, expected);
        let view = |watch: f64, completed: bool| {
            let json = json!({"videoId": "a", "interaction": "view", "watchTime": watch, "metadata": {"completed": completed}});
            told(&json).map(|told| (told.is_idle, told.completed)).unwrap()
        };
        assert_eq!((view(0.9, false), view(1.0, false), view(0.5, true)), ((true, false), (false, false), (false, true)));
        let skip = |reason: &str| told(&json!({"videoId": "a", "interaction": "skip", "metadata": {"skipReason": reason}})).unwrap();
        assert!(skip("Slow").is_idle && !skip("boring").is_idle);
    }

    #[test]
    fn a_field_that_makes_no_sense_is_named() {
        for (field, json) in [
            ("videoId", json!({"interaction": "view"})),
            ("videoId", json!({"videoId": "", "interaction": "view"})),
            ("videoId", json!({"videoId": "x".repeat(513), "interaction": "view"})),
            ("interaction", json!({"videoId": "a", "interaction": "views"})),
            ("interaction", json!({"videoId": "a", "interaction": 7})),
            ("undo", json!({"videoId": "a", "interaction": "view", "undo": true})),
            ("undo", json!({"videoId": "a", "interaction": "like", "undo": 1})),
            ("watchTime", json!({"videoId": "a", "interaction": "view", "watchTime": -1})),
            ("watchTime", json!({"videoId": "a", "interaction": "view", "watchTime": "5"})),
            ("metadata", json!({"videoId": "a", "interaction": "view", "metadata": []})),
            ("metadata.completed", json!({"videoId": "a", "interaction": "view", "metadata": {"completed": "yes"}})),
            ("metadata.skipReason", json!({"videoId": "a", "interaction": "skip", "metadata": {"skipReason": "x".repeat(65)}})),
            ("userId", json!({"videoId": "a", "interaction": "view", "userId": "x".repeat(129)})),
            ("userId", json!({"videoId": "a", "interaction": "view", "userId": "a\nb"})),
        ] {
            assert_eq!(told(&json).unwrap_err().field, field, "{json}");
        }
    }

    #[test]
    fn preferences_are_taken_within_their_bounds() {
        let read = |json: Value| preferences(json.as_object().unwrap());
        assert_eq!(read(json!({})).unwrap(), Preferences::default());
        let all = json!({
            "autoPlay": true, "showCaptions": false, "playbackSpeed": 0.25, "preferredQuality": "fhd", "preferredTags": ["#Sea", "sky", "#"],
            "blockedMakers": vec!["m"; 200], "algorithm": "following"
        });
        let wishes = read(all).unwrap();
        assert_eq!((wishes.preferred_tags, wishes.blocked_makers.len()), (vec!["sea".to_owned(), "sky".to_owned()], 200));
        for (field, value) in [
            ("autoPlay", json!(1)),
            ("showCaptions", json!("true")),
            ("playbackSpeed", json!(0.2)),
            ("playbackSpeed", json!(3.01)),
            ("preferredQuality", json!("4k")),
            ("preferredTags", json!("sea")),
            ("preferredTags", json!(vec!["t"; 51])),
            ("preferredTags", json!([7])),
            ("blockedMakers", json!(vec!["m"; 201])),
            ("blockedMakers", json!([""])),
            ("algorithm", json!("best")),
        ] {
            let wrong = read(json!({ field: value })).unwrap_err();
            assert!(wrong.field == field && wrong.to_string().starts_with(field), "{wrong}");
        }
    }
}
