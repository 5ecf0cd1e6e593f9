//! Who of those who are connected here watches a stream, is present or types; and when how many there are is to be counted
//! and told. Times are passed in.
//!
//! What is told of one stream waits until a while after the last time, so that thousands who come at once are a few
//! messages.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// Whoever is present says so every 30 s, and is taken to be there for so long after the last time.
const ONLINE_FOR: Duration = Duration::from_mins(5);
/// Whoever types is taken to do so for so long after the last key.
const TYPING_FOR: Duration = Duration::from_secs(3);
/// A replica that is not heard of for so long has no viewers: three beats of its heart.
const VIEWER_FOR: Duration = Duration::from_secs(12);
/// Counts of one stream are told this often at most.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// What somebody may do at a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Doing {
    Viewing,
    Online,
    Typing,
}

impl Doing {
    pub const ALL: [Self; 3] = [Self::Viewing, Self::Online, Self::Typing];

    /// How long somebody is taken to do so who says no more; `None`: until they say otherwise, or are gone.
    fn lasts(self) -> Option<Duration> {
        match self {
            Self::Viewing => None,
            Self::Online => Some(ONLINE_FOR),
            Self::Typing => Some(TYPING_FOR),
        }
    }
}

/// What is counted: those who do something at a stream.
pub(super) type Place = (Doing, String);

#[derive(Debug, Default)]
struct Gathering {
    /// Those who are connected here, and until when.
    members: HashMap<u64, Option<Instant>>,
    /// Those of whom the store of all replicas has not heard what is so now.
    unsaid: HashSet<u64>,
    is_due: bool,
    /// Members have come or gone here: other replicas have to count again.
    is_ours: bool,
    told: u64,
    told_at: Option<Instant>,
}

/// A place that is to be counted now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub place: Place,
    /// What has changed of members here: for how long they are there from now on; zero: they are not.
    pub members: Vec<(u64, Duration)>,
    /// How many there are here.
    pub here: u64,
    /// Whether other replicas have to count again.
    pub is_ours: bool,
}

/// All places.
#[derive(Debug, Default)]
pub(super) struct Tally {
    places: HashMap<Place, Gathering>,
}

impl Tally {
    /// A member is there, or still is.
    pub fn join(&mut self, place: Place, member: u64, now: Instant) {
        let until = place.0.lasts().map(|lasts| now + lasts);
        let gathering = self.places.entry(place).or_default();
        gathering.is_ours |= gathering.members.insert(member, until).is_none();
        gathering.unsaid.insert(member);
        gathering.is_due = true;
    }

    /// A member is there no more.
    pub fn leave(&mut self, place: &Place, member: u64) {
        if let Some(gathering) = self.places.get_mut(place) {
            gathering.remove(member);
        }
    }

    /// Another replica says that somebody has come or gone.
    pub fn noticed(&mut self, place: Place) {
        self.places.entry(place).or_default().is_due = true;
    }

    /// The heart beats: everything is said and counted anew, and what nobody does any more is forgotten.
    pub fn beat(&mut self) {
        self.places.retain(|_, gathering| !gathering.members.is_empty() || gathering.told > 0 || gathering.is_due);
        for gathering in self.places.values_mut() {
            gathering.unsaid.extend(gathering.members.keys());
            gathering.is_due = true;
        }
    }

    /// What is to be counted at `now`.
    pub fn due(&mut self, now: Instant) -> Vec<Due> {
        let mut due = Vec::new();
        for (place, gathering) in &mut self.places {
            let over: Vec<u64> =
                gathering.members.iter().filter(|(_, until)| until.is_some_and(|until| until <= now)).map(|(member, _)| *member).collect();
            for member in over {
                gathering.remove(member);
            }
            if !gathering.is_due || gathering.told_at.is_some_and(|at| at + TELL_EVERY > now) {
                continue;
            }
            gathering.is_due = false;
            let left = |member: &u64| match gathering.members.get(member) {
                Some(Some(until)) => until.saturating_duration_since(now),
                Some(None) => VIEWER_FOR,
                None => Duration::ZERO,
            };
            let members = gathering.unsaid.drain().map(|member| (member, left(&member))).collect();
            let is_ours = std::mem::take(&mut gathering.is_ours);
            due.push(Due { place: place.clone(), members, here: gathering.members.len() as u64, is_ours });
        }
        due
    }

    /// When there is something to count next, seen from `now`.
    pub fn next(&self, now: Instant) -> Option<Instant> {
        let next = |gathering: &Gathering| {
            let due = gathering.is_due.then(|| gathering.told_at.map_or(now, |at| at + TELL_EVERY));
            gathering.members.values().copied().flatten().chain(due).min()
        };
        self.places.values().filter_map(next).min()
    }

    /// Notes that there are `count` at a place; what was told before, where that is another number.
    pub fn counted(&mut self, place: &Place, count: u64, now: Instant) -> Option<u64> {
        let gathering = self.places.get_mut(place)?;
        gathering.told_at = Some(now);
        let before = std::mem::replace(&mut gathering.told, count);
        (before != count).then_some(before)
    }

    /// How many there are, as last told.
    pub fn told(&self, place: &Place) -> u64 {
        self.places.get(place).map_or(0, |gathering| gathering.told)
    }
}

impl Gathering {
    fn remove(&mut self, member: u64) {
        if self.members.remove(&member).is_some() {
            self.unsaid.insert(member);
            self.is_due = true;
            self.is_ours = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewing() -> Place {
        (Doing::Viewing, "s".to_owned())
    }

    #[test]
    fn many_who_come_at_once_are_counted_once_and_again_a_while_later() {
        let (mut tally, start) = (Tally::default(), Instant::now());
        tally.join(viewing(), 1, start);
        assert_eq!(tally.due(start).len(), 1, "the first is told at once");
        assert_eq!(tally.counted(&viewing(), 1, start), Some(0));
        (2..100).for_each(|member| tally.join(viewing(), member, start));
        assert_eq!(tally.due(start + Duration::from_millis(249)), []);
        assert_eq!(tally.next(start), Some(start + TELL_EVERY));
        let due = tally.due(start + TELL_EVERY);
        assert_eq!((due.len(), due[0].here, due[0].members.len(), due[0].is_ours), (1, 99, 98, true));
        assert_eq!(tally.counted(&viewing(), 99, start), Some(1));
        assert_eq!(tally.counted(&viewing(), 99, start), None, "the same number is no news");
    }

    #[test]
    fn presence_lasts_five_minutes_and_typing_three_seconds_after_the_last_sign() {
        for (doing, lasts) in [(Doing::Online, Duration::from_mins(5)), (Doing::Typing, Duration::from_secs(3))] {
            let (mut tally, start) = (Tally::default(), Instant::now());
            let place = (doing, "s".to_owned());
            tally.join(place.clone(), 1, start);
            tally.join(place.clone(), 1, start + Duration::from_secs(1));
            let over = start + Duration::from_secs(1) + lasts;
            let counted = tally.due(start + Duration::from_millis(999) + lasts);
            assert_eq!((counted[0].here, counted[0].members.as_slice()), (1, [(1, Duration::from_millis(1))].as_slice()));
            assert_eq!(tally.next(start), Some(over));
            let counted = tally.due(over);
            assert_eq!((counted[0].here, counted[0].members.as_slice(), counted[0].is_ours), (0, [(1, Duration::ZERO)].as_slice(), true));
        }
    }

    #[test]
    fn a_sign_of_life_alone_makes_no_other_replica_count() {
        let (mut tally, start) = (Tally::default(), Instant::now());
        let place = (Doing::Online, "s".to_owned());
        tally.join(place.clone(), 1, start);
        assert!(tally.due(start)[0].is_ours);
        tally.join(place, 1, start + Duration::from_secs(30));
        assert!(!tally.due(start + Duration::from_secs(30))[0].is_ours);
    }

    #[test]
    fn each_beat_says_who_is_here_again_and_forgets_where_nobody_is() {
        let (mut tally, start) = (Tally::default(), Instant::now());
        tally.join(viewing(), 1, start);
        tally.due(start);
        tally.counted(&viewing(), 1, start);
        tally.beat();
        let due = tally.due(start + TELL_EVERY);
        assert_eq!((due[0].members.as_slice(), due[0].is_ours), ([(1, VIEWER_FOR)].as_slice(), false));
        tally.leave(&viewing(), 1);
        tally.due(start + Duration::from_secs(1));
        tally.counted(&viewing(), 0, start + Duration::from_secs(1));
        tally.beat();
        assert_eq!((tally.places.len(), tally.next(start)), (0, None));
    }
}
