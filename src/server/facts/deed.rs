//! What somebody did with a video, what of it is counted, and how counts fade until a video no longer trends. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Hours that are told apart; what is older is in the totals alone.
pub const HOURS_KEPT: u64 = 48;
/// Hours that make a trend.
const HOURS_OF_TREND: u64 = 24;
/// After so many hours a deed weighs half in a trend.
const HALF_LIFE_HOURS: f64 = 6.0;
const HOUR_S: u64 = 3600;

/// What can be done with a video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    View,
    Like,
    Share,
    Comment,
    /// Of the maker of the video.
    Follow,
    Complete,
    Skip,
}

impl Kind {
    /// All of them with their names, as they are written.
    pub const ALL: [(&'static str, Self); 7] = [
        ("view", Self::View),
        ("like", Self::Like),
        ("share", Self::Share),
        ("comment", Self::Comment),
        ("follow", Self::Follow),
        ("complete", Self::Complete),
        ("skip", Self::Skip),
    ];

    /// Whether it holds until it is taken back, and counts once for each user.
    pub fn lasts(self) -> bool {
        matches!(self, Self::Like | Self::Follow)
    }
}

/// Something done.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// Who did it, in words that only the service that sends them understands. `None` counts for the video alone.
    pub user: Option<String>,
    pub video: String,
    /// Who made the video.
    pub maker: String,
    pub tags: Vec<String>,
    pub kind: Kind,
    /// A like or a follow is taken back.
    pub undo: bool,
    /// A view that went on to the end.
    pub completed: bool,
    /// It says nothing of the video: a view too short to be one, a skip because the line was slow.
    pub is_idle: bool,
    /// When, in seconds since 1970.
    pub at_s: u64,
}

impl Deed {
    /// The hour it falls into, since 1970.
    pub fn hour(&self) -> u64 {
        hour_of(self.at_s)
    }

    /// What it counts for, where nobody says that it has been counted already.
    pub fn counts(&self) -> Vec<(Count, i64)> {
        let sign = if self.undo { -1 } else { 1 };
        match self.kind {
            _ if self.is_idle => Vec::new(),
            Kind::View if self.completed => vec![(Count::Views, 1), (Count::Completes, 1)],
            Kind::View => vec![(Count::Views, 1)],
            Kind::Like => vec![(Count::Likes, sign)],
            Kind::Share => vec![(Count::Shares, 1)],
            Kind::Comment => vec![(Count::Comments, 1)],
            Kind::Complete => vec![(Count::Completes, 1)],
            Kind::Skip => vec![(Count::Skips, 1)],
            Kind::Follow => Vec::new(),
        }
    }
}

/// What is counted for a video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Views,
    Likes,
    Shares,
    Comments,
    Completes,
    Skips,
}

impl Count {
    /// The name under which it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Likes => "likes",
            Self::Shares => "shares",
            Self::Comments => "comments",
            Self::Completes => "completes",
            Self::Skips => "skips",
        }
    }

    /// What one of them weighs in a trend: what costs a viewer more tells more.
    fn weight(self) -> i64 {
        match self {
            Self::Views => 1,
            Self::Completes => 3,
            Self::Likes | Self::Comments => 4,
            Self::Shares => 5,
            Self::Skips => -1,
        }
    }
}

/// What `counts` weigh together in a trend.
pub fn weight(counts: &[(Count, i64)]) -> i64 {
    counts.iter().map(|(count, by)| count.weight() * by).sum()
}

/// The hour of a second, both since 1970.
pub fn hour_of(at_s: u64) -> u64 {
    at_s / HOUR_S
}

/// The hours that make a trend at `now_h`, the newest first, with what a deed in each still weighs. Whole hours, so that
/// an order changes when something happens and once an hour, not at every look.
#[expect(clippy::cast_precision_loss, reason = "a day has few hours")]
pub fn fading(now_h: u64) -> impl Iterator<Item = (u64, f64)> {
    (0..HOURS_OF_TREND.min(now_h + 1)).map(move |age| (now_h - age, 0.5_f64.powf(age as f64 / HALF_LIFE_HOURS)))
}

/// What was counted for a video.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    pub views: u64,
    pub likes: u64,
    pub shares: u64,
    pub comments: u64,
    pub completes: u64,
    pub skips: u64,
    /// What the deeds of the last hours weigh, by the hour since 1970.
    pub hours: BTreeMap<u64, i64>,
}

impl Tally {
    /// Counts what happened in the hour `hour`.
    pub fn add(&mut self, hour: u64, counts: &[(Count, i64)]) {
        for (count, by) in counts {
            let sum = self.count(*count);
            *sum = sum.saturating_add_signed(*by);
        }
        *self.hours.entry(hour).or_default() += weight(counts);
        self.hours = self.hours.split_off(&hour.saturating_sub(HOURS_KEPT - 1));
    }

    /// How much the video trends in the hour `now_h`.
    #[expect(clippy::cast_precision_loss, reason = "far fewer deeds in an hour than a float counts exactly")]
    pub fn trend(&self, now_h: u64) -> f64 {
        fading(now_h).filter_map(|(hour, share)| self.hours.get(&hour).map(|weight| *weight as f64 * share)).sum()
    }

    fn count(&mut self, count: Count) -> &mut u64 {
        match count {
            Count::Views => &mut self.views,
            Count::Likes => &mut self.likes,
            Count::Shares => &mut self.shares,
            Count::Comments => &mut self.comments,
            Count::Completes => &mut self.completes,
            Count::Skips => &mut self.skips,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_weighs_half_after_six_hours_and_nothing_after_a_day() {
        let mut tally = Tally::default();
        tally.add(1000, &[(Count::Likes, 1)]);
        let trend = |hour: u64| tally.trend(hour);
        assert!((trend(1000) - 4.0).abs() < 1e-9 && (trend(1006) - 2.0).abs() < 1e-9);
        assert!(trend(1023) > 0.0 && trend(1024) == 0.0, "{} {}", trend(1023), trend(1024));
    }

    #[test]
    fn totals_stay_when_hours_are_forgotten() {
        let mut tally = Tally::default();
        for hour in 0..100 {
            tally.add(hour, &[(Count::Views, 1), (Count::Completes, 1)]);
        }
        assert_eq!((tally.views, tally.completes, tally.hours.len() as u64), (100, 100, HOURS_KEPT));
        assert_eq!(tally.hours.first_key_value(), Some((&52, &4)));
    }

    #[test]
    fn what_is_taken_back_was_never_there() {
        let mut tally = Tally::default();
        tally.add(5, &[(Count::Likes, 1)]);
        tally.add(5, &[(Count::Likes, -1)]);
        tally.add(5, &[(Count::Likes, -1)]);
        assert_eq!(tally.likes, 0, "there are no fewer than none");
    }
}
