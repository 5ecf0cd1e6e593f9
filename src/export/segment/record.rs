//! A usage event as it is sent: what names anything of the viewer's is hashed with a salt that never leaves this
//! machine, and the rest is numbers and words of this program.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::store::Identity;
use crate::feed::{Cursor, ItemId, dates};
use crate::metrics::{Interaction, Preference, UsageEvent};

/// Bytes of a hash that are sent: enough to tell apart what one viewer sees.
const HASH_BYTES: usize = 8;

/// Something that happened, and what is told with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What happened.
    pub event: UsageEvent,
    /// Items planned to be readied and not yet ready at that moment.
    pub queue_depth: u64,
    /// When.
    pub at: SystemTime,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    r#type: &'static str,
    event: &'static str,
    anonymous_id: String,
    message_id: String,
    timestamp: String,
    properties: Properties,
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Properties {
    VideoViewed { video_id: String, position: usize, session_id: String, preloaded: bool },
    Swipe { direction: &'static str, duration: u64, completed: bool },
    PageLoaded { cursor: Option<String>, load_time_ms: u64, cache_hit: bool },
    PreloadComplete { queue_depth: u64, latency_ms: u64, network_type: &'static str },
    PreferencesUpdated { changed: &'static str },
    PaginationRetry { cursor: Option<String>, attempt: u32 },
    Interaction { video_id: String, session_id: String, interaction: &'static str },
}

/// The event as one line of JSON, without its end.
pub(super) fn line(told: &Told, identity: &Identity, session: Uuid) -> serde_json::Result<String> {
    let (event, properties) = properties(told, identity, session);
    serde_json::to_string(&Record {
        r#type: "track",
        event,
        anonymous_id: identity.id.to_string(),
        message_id: Uuid::new_v4().to_string(),
        timestamp: dates::rfc3339_ms(told.at),
        properties,
    })
}

fn properties(told: &Told, identity: &Identity, session: Uuid) -> (&'static str, Properties) {
    let page = |cursor: &Option<Cursor>| cursor.as_ref().map(|cursor| hashed(&cursor.0, identity));
    match &told.event {
        UsageEvent::VideoViewed { item, position, preloaded } => {
            let (video_id, session_id) = (hashed(item.as_str(), identity), session.to_string());
            ("feed_video_viewed", Properties::VideoViewed { video_id, position: *position, session_id, preloaded: *preloaded })
        }
        UsageEvent::Swipe { forward, took, completed } => {
            let direction = if *forward { "next" } else { "prev" };
            ("feed_swipe", Properties::Swipe { direction, duration: ms(*took), completed: *completed })
        }
        UsageEvent::PageLoaded { cursor, took, stored } => {
            ("feed_page_loaded", Properties::PageLoaded { cursor: page(cursor), load_time_ms: ms(*took), cache_hit: *stored })
        }
        UsageEvent::PreloadComplete { took, profile } => {
            let properties = Properties::PreloadComplete { queue_depth: told.queue_depth, latency_ms: ms(*took), network_type: profile };
            ("feed_preload_complete", properties)
        }
        UsageEvent::PreferencesUpdated(preference) => {
            let changed = match preference {
                Preference::Sound => "sound",
                Preference::ReadyAnyway => "readyAnyway",
                Preference::AtEnd => "atEnd",
                Preference::Speed => "speed",
                Preference::Captions => "captions",
            };
            ("feed_preferences_updated", Properties::PreferencesUpdated { changed })
        }
        UsageEvent::PaginationRetry { cursor, attempt } => {
            ("feed_pagination_retry", Properties::PaginationRetry { cursor: page(cursor), attempt: *attempt })
        }
        UsageEvent::Interaction { item, interaction } => {
            let (video_id, session_id) = (hashed(item.as_str(), identity), session.to_string());
            let interaction = match interaction {
                Interaction::Like => "like",
                Interaction::Unlike => "unlike",
                Interaction::Complete => "complete",
            };
            ("feed_interaction", Properties::Interaction { video_id, session_id, interaction })
        }
    }
}

/// One event of each kind, made up, as `flickreel telemetry show` shows what is sent.
pub(super) fn examples(now: SystemTime) -> Vec<Told> {
    let cursor = || Some(Cursor("20".into()));
    let ms = Duration::from_millis;
    [
        UsageEvent::VideoViewed { item: ItemId::new("a video"), position: 3, preloaded: true },
        UsageEvent::Swipe { forward: true, took: ms(212), completed: true },
        UsageEvent::PageLoaded { cursor: cursor(), took: ms(140), stored: false },
        UsageEvent::PreloadComplete { took: ms(85), profile: "wifi" },
        UsageEvent::PreferencesUpdated(Preference::Sound),
        UsageEvent::PaginationRetry { cursor: cursor(), attempt: 1 },
        UsageEvent::Interaction { item: ItemId::new("a video"), interaction: Interaction::Like },
    ]
    .map(|event| Told { event, queue_depth: 2, at: now })
    .into()
}

/// An identity of a feed, which may well be an address, as something that only this machine can tell again.
fn hashed(text: &str, identity: &Identity) -> String {
    let hash = Sha256::new().chain_update(identity.salt.as_bytes()).chain_update(text.as_bytes()).finalize();
    let number = hash.iter().take(HASH_BYTES).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{number:016x}")
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(salt: u128) -> Identity {
        Identity { id: Uuid::from_u128(1), salt: Uuid::from_u128(salt) }
    }

    #[test]
    fn neither_an_address_nor_a_cursor_nor_the_salt_is_in_what_is_sent() {
        let address = "https://videos.example/secret.mp4?token=abc";
        let identity = identity(7);
        for event in [
            UsageEvent::VideoViewed { item: ItemId::new(address), position: 0, preloaded: false },
            UsageEvent::Interaction { item: ItemId::new(address), interaction: Interaction::Like },
            UsageEvent::PageLoaded { cursor: Some(Cursor(address.into())), took: Duration::ZERO, stored: false },
            UsageEvent::PaginationRetry { cursor: Some(Cursor(address.into())), attempt: 1 },
        ] {
            let line = line(&Told { event, queue_depth: 0, at: SystemTime::UNIX_EPOCH }, &identity, Uuid::nil()).unwrap();
            for secret in ["videos.example", "secret", "token", "abc", &identity.salt.to_string()] {
                assert!(!line.contains(secret), "{secret} in {line}");
            }
            assert!(line.contains(&hashed(address, &identity)), "{line}");
        }
    }

    #[test]
    fn the_same_video_is_the_same_on_one_machine_and_another_one_elsewhere() {
        assert_eq!(hashed("v", &identity(7)), hashed("v", &identity(7)));
        assert_ne!(hashed("v", &identity(7)), hashed("v", &identity(8)));
        assert_ne!(hashed("v", &identity(7)), hashed("w", &identity(7)));
        assert_eq!(hashed("v", &identity(7)).len(), 16);
    }
}
