//! A page that is kept: how long it is good for, and for how long the next one will be. No clock is read here.

use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::key::Kind;

/// A page whose content changes is renewed no more often than this.
const LIFETIME_MIN: Duration = Duration::from_mins(1);
/// A page that never changes is renewed at least this often.
const LIFETIME_MAX: Duration = Duration::from_mins(15);
/// Renewed so often without a change, a page is trusted for longer.
const UNCHANGED_ENOUGH: u8 = 2;

/// Milliseconds since 1970, which all replicas count alike.
pub(super) type Millis = u64;

impl Kind {
    /// How long such a page is good for at first.
    fn lifetime(self) -> Duration {
        match self {
            Self::Discover | Self::Community => Duration::from_mins(5),
            Self::User => Duration::from_mins(2),
            Self::LiveList => Duration::from_mins(1),
            Self::Stream => Duration::from_mins(10),
        }
    }
}

/// What may be done with a page that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Handed out.
    Fresh,
    /// Handed out once, while it is renewed.
    Stale,
    /// Not handed out any more.
    Dead,
}

/// A page that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub json: Bytes,
    /// When it was made.
    pub made: Millis,
    /// How long it is good for from then on. Afterwards it is stale for a quarter of that.
    pub lifetime: Duration,
    /// Renewals in a row that have found it as it was, since its lifetime was last changed.
    pub unchanged: u8,
    /// The first 8 bytes of the SHA-256 of `json`.
    pub hash: [u8; 8],
}

impl Entry {
    /// A page that was made `now`; `old` is the one whose place it takes. It is good for `lifetime_max` at most.
    pub fn new(kind: Kind, json: Bytes, now: Millis, old: Option<&Self>, lifetime_max: Duration) -> Self {
        let hash = content_hash(&json);
        let (lifetime, unchanged) = match old {
            None => (kind.lifetime(), 0),
            Some(old) if old.hash != hash => ((old.lifetime / 2).max(LIFETIME_MIN), 0),
            Some(old) if old.unchanged + 1 >= UNCHANGED_ENOUGH => ((old.lifetime * 2).min(LIFETIME_MAX), 0),
            Some(old) => (old.lifetime, old.unchanged + 1),
        };
        Self { json, made: now, lifetime: lifetime.min(lifetime_max), unchanged, hash }
    }

    /// What may be done with it at `now`.
    pub fn state(&self, now: Millis) -> State {
        // Another replica's clock may be ahead: its page is then as good as new.
        let age = Duration::from_millis(now.saturating_sub(self.made));
        if age < self.lifetime {
            State::Fresh
        } else if age < self.kept_for() {
            State::Stale
        } else {
            State::Dead
        }
    }

    /// How long it is kept from when it was made.
    pub fn kept_for(&self) -> Duration {
        self.lifetime + self.lifetime / 4
    }
}

/// The first 8 bytes of the SHA-256 of `json`.
pub(super) fn content_hash(json: &[u8]) -> [u8; 8] {
    let mut hash = [0; 8];
    hash.copy_from_slice(&Sha256::digest(json)[..8]);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: Duration = Duration::MAX;

    fn made(kind: Kind, text: &'static str, now: Millis, old: Option<&Entry>) -> Entry {
        Entry::new(kind, Bytes::from_static(text.as_bytes()), now, old, MAX)
    }

    #[test]
    fn a_page_is_fresh_for_its_lifetime_stale_for_a_quarter_of_it_and_then_dead() {
        for (kind, seconds) in [(Kind::Discover, 300), (Kind::Community, 300), (Kind::User, 120), (Kind::LiveList, 60), (Kind::Stream, 600)]
        {
            let entry = made(kind, "a", 1_000, None);
            let (end, gone) = (1_000 + seconds * 1_000, 1_000 + seconds * 1_250);
            assert_eq!([0, 1_000, end - 1].map(|now| entry.state(now)), [State::Fresh; 3], "{kind:?}");
            assert_eq!([end, gone - 1].map(|now| entry.state(now)), [State::Stale; 2], "{kind:?}");
            assert_eq!([gone, u64::MAX].map(|now| entry.state(now)), [State::Dead; 2], "{kind:?}");
        }
    }

    #[test]
    fn a_page_that_changes_is_renewed_sooner_and_one_that_does_not_later() {
        let lifetimes = |texts: &[&'static str]| {
            let mut entry = made(Kind::Discover, "a", 0, None);
            let renewals = texts.iter().map(|text| {
                entry = made(Kind::Discover, text, 0, Some(&entry));
                entry.lifetime.as_secs()
            });
            renewals.collect::<Vec<_>>()
        };
        assert_eq!(lifetimes(&["b", "c", "d", "e"]), [150, 75, 60, 60]);
        assert_eq!(lifetimes(&["a", "a", "a", "a", "a", "a"]), [300, 600, 600, 900, 900, 900]);
        assert_eq!(lifetimes(&["a", "b", "b", "b"]), [300, 150, 150, 300], "a change counts anew");
    }

    #[test]
    fn where_other_replicas_are_not_heard_no_page_is_good_for_long() {
        let brief = Duration::from_secs(3);
        let entry = Entry::new(Kind::Discover, Bytes::from_static(b"a"), 0, None, brief);
        assert_eq!((entry.state(2_999), entry.lifetime), (State::Fresh, brief));
        assert_eq!(entry.state(3_750), State::Dead);
    }
}
