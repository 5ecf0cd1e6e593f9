//! What is known of a user: what was liked and seen, who is followed, which tags and makers are to their taste. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::deed::{Count, Deed, Kind};
use super::preferences::Preferences;

/// Likes remembered at most; the oldest go first, and would count once more.
const LIKES_MAX: usize = 1000;
/// Videos remembered as seen at most; the oldest go first.
const SEEN_MAX: usize = 1000;
/// Makers followed at most.
const FOLLOWS_MAX: usize = 1000;
/// Tags, and makers, of which a taste is remembered; the weakest go first.
const TASTES_MAX: usize = 200;
/// A taste is no stronger than this, either way: ten likes are no prison.
const TASTE_MOST: i32 = 30;

/// A video that was liked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Liked {
    pub at_s: u64,
    pub maker: String,
}

/// One user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Goes up with every change.
    pub version: u64,
    pub likes: BTreeMap<String, Liked>,
    pub follows: BTreeSet<String>,
    /// When each video was seen last, in seconds since 1970.
    pub seen: BTreeMap<String, u64>,
    /// How much a tag is liked, below zero how much it is not.
    pub tags: BTreeMap<String, i32>,
    /// The same of makers.
    pub makers: BTreeMap<String, i32>,
    pub preferences: Preferences,
}

impl Person {
    /// Remembers a deed of theirs. What of it counts for the video: a second like, for one, does not.
    pub fn take(&mut self, deed: &Deed) -> Vec<(Count, i64)> {
        self.version += 1;
        let is_new = match (deed.kind, deed.undo) {
            (Kind::Like, false) => {
                let liked = Liked { at_s: deed.at_s, maker: deed.maker.clone() };
                self.likes.insert(deed.video.clone(), liked).is_none()
            }
            (Kind::Like, true) => self.likes.remove(&deed.video).is_some(),
            (Kind::Follow, false) if self.follows.len() < FOLLOWS_MAX => self.follows.insert(deed.maker.clone()),
            (Kind::Follow, false) => false,
            (Kind::Follow, true) => self.follows.remove(&deed.maker),
            _ => true,
        };
        if !matches!(deed.kind, Kind::Follow) {
            self.seen.insert(deed.video.clone(), deed.at_s);
        }
        if is_new {
            self.learn(deed);
        }
        self.forget();
        if is_new { deed.counts() } else { Vec::new() }
    }

    /// Replaces what they wish.
    pub fn wish(&mut self, wishes: Preferences) {
        self.version += 1;
        self.preferences = wishes;
    }

    /// The makers whose videos they want to follow: said so, or liked one.
    pub fn followed(&self) -> BTreeSet<&str> {
        self.follows.iter().map(String::as_str).chain(self.likes.values().map(|liked| liked.maker.as_str())).collect()
    }

    /// Whether anything is known by which a feed could be ordered for them.
    pub fn has_taste(&self) -> bool {
        !(self.tags.is_empty() && self.makers.is_empty() && self.seen.is_empty() && self.preferences.preferred_tags.is_empty())
    }

    fn learn(&mut self, deed: &Deed) {
        let by = match deed.kind {
            _ if deed.is_idle => 0,
            Kind::View if deed.completed => 2,
            Kind::View => 0,
            Kind::Complete | Kind::Comment => 2,
            Kind::Like | Kind::Share | Kind::Follow => 3,
            Kind::Skip => -2,
        };
        let by = if deed.undo { -by } else { by };
        if by == 0 {
            return;
        }
        // Who is followed need not be followed into everything they show.
        let tags = if deed.kind == Kind::Follow { &[][..] } else { &deed.tags };
        for tag in tags {
            lean(&mut self.tags, tag, by);
        }
        if !deed.maker.is_empty() {
            lean(&mut self.makers, &deed.maker, by);
        }
    }

    fn forget(&mut self) {
        drop_least(&mut self.likes, LIKES_MAX, |liked| liked.at_s);
        drop_least(&mut self.seen, SEEN_MAX, |at_s| *at_s);
        drop_least(&mut self.tags, TASTES_MAX, |taste| taste.abs());
        drop_least(&mut self.makers, TASTES_MAX, |taste| taste.abs());
    }
}

fn lean(tastes: &mut BTreeMap<String, i32>, what: &str, by: i32) {
    let taste = tastes.entry(what.to_owned()).or_default();
    *taste = (*taste + by).clamp(-TASTE_MOST, TASTE_MOST);
}

/// Leaves `most` of them. One comes at a time, as a rule, so one goes at a time.
fn drop_least<V, R: Ord>(all: &mut BTreeMap<String, V>, most: usize, rank: impl Fn(&V) -> R) {
    while all.len() > most {
        let Some(least) = all.iter().min_by_key(|(_, value)| rank(value)).map(|(key, _)| key.clone()) else { return };
        all.remove(&least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deed(kind: Kind, video: &str) -> Deed {
        Deed {
            user: Some("u".into()),
            video: video.into(),
            maker: "mia".into(),
            tags: vec!["sea".into()],
            kind,
            undo: false,
            completed: false,
            is_idle: false,
            at_s: 7,
        }
    }

    #[test]
    fn a_like_counts_once_and_can_be_taken_back_once() {
        let mut person = Person::default();
        let (like, unlike) = (deed(Kind::Like, "a"), Deed { undo: true, ..deed(Kind::Like, "a") });
        assert_eq!(person.take(&unlike), []);
        assert_eq!(person.take(&like), [(Count::Likes, 1)]);
        assert_eq!(person.take(&like), []);
        assert_eq!((person.tags["sea"], person.makers["mia"]), (3, 3));
        assert_eq!(person.take(&unlike), [(Count::Likes, -1)]);
        assert_eq!((person.take(&unlike), person.tags["sea"]), (Vec::new(), 0));
        assert_eq!(person.version, 5, "whoever kept the person must see that something came");
    }

    #[test]
    fn what_says_nothing_of_a_video_counts_for_nothing() {
        let mut person = Person::default();
        assert_eq!(person.take(&Deed { is_idle: true, ..deed(Kind::View, "a") }), []);
        assert_eq!(person.take(&Deed { is_idle: true, ..deed(Kind::Skip, "a") }), []);
        assert!(person.tags.is_empty() && person.seen.contains_key("a"));
        assert_eq!(person.take(&Deed { completed: true, ..deed(Kind::View, "a") }), [(Count::Views, 1), (Count::Completes, 1)]);
    }

    #[test]
    fn skips_spoil_a_taste_and_neither_is_without_bounds() {
        let mut person = Person::default();
        (0..100).for_each(|_| drop(person.take(&deed(Kind::Skip, "a"))));
        assert_eq!(person.tags["sea"], -TASTE_MOST);
        (0..100).for_each(|_| drop(person.take(&deed(Kind::Share, "a"))));
        assert_eq!(person.makers["mia"], TASTE_MOST);
    }

    #[test]
    fn only_so_much_is_remembered_and_the_oldest_goes() {
        let mut person = Person::default();
        for at_s in 0..1500 {
            let video = format!("v{at_s}");
            person.take(&Deed { at_s, tags: vec![video.clone()], ..deed(Kind::Like, &video) });
        }
        assert_eq!((person.likes.len(), person.seen.len(), person.tags.len()), (LIKES_MAX, SEEN_MAX, TASTES_MAX));
        assert!(person.seen.contains_key("v1499") && !person.seen.contains_key("v499"));
    }

    #[test]
    fn who_is_followed_or_was_liked_is_followed() {
        let mut person = Person::default();
        assert!(!person.has_taste());
        person.take(&deed(Kind::Follow, "a"));
        person.take(&Deed { maker: "noa".into(), ..deed(Kind::Like, "b") });
        person.take(&Deed { maker: "eve".into(), ..deed(Kind::View, "c") });
        assert_eq!(person.followed().into_iter().collect::<Vec<_>>(), ["mia", "noa"]);
        assert!(person.has_taste() && !person.tags.contains_key("eve"));
        assert!(!person.seen.contains_key("a"), "following is not seeing");
    }
}
