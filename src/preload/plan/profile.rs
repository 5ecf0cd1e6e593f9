//! How far to look ahead on which network, and the choice between the profiles by what is measured.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Link, LinkKind, Window};

/// How much of the network a client may take, and how long it waits for it (requirement D4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// A network that costs nothing and is quick.
    Wifi,
    /// One that is paid for, or not quick.
    Cellular,
    /// One that hardly carries a video.
    Slow,
    /// For tests: nobody waits.
    Testing,
}

impl Profile {
    /// What is readied around the current item.
    #[must_use]
    pub fn window(self) -> Window {
        match self {
            Self::Wifi | Self::Testing => Window { ahead: 2, behind: 1, heads: 2, metadata: 2 },
            Self::Cellular => Window { ahead: 1, behind: 0, heads: 1, metadata: 1 },
            Self::Slow => Window { ahead: 1, behind: 0, heads: 0, metadata: 1 },
        }
    }

    /// How long a load may take.
    #[must_use]
    pub fn load_timeout(self) -> Duration {
        match self {
            Self::Wifi => Duration::from_secs(10),
            Self::Cellular => Duration::from_secs(15),
            Self::Slow => Duration::from_secs(20),
            Self::Testing => Duration::from_millis(500),
        }
    }

    /// Its name, as on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wifi => "wifi",
            Self::Cellular => "cellular",
            Self::Slow => "slow",
            Self::Testing => "testing",
        }
    }
}

/// Why a profile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It was asked for, on the command line or in the config file.
    Asked,
    /// Nothing has been measured yet.
    Unmeasured,
    /// The desktop says that each byte is paid for.
    Metered,
    /// The desktop says that the network is a modem.
    Mobile,
    /// What the line was measured to carry, in bits a second.
    Measured(u64),
    /// How long the line was measured to take there and back.
    FarAway(Duration),
}

/// The profile that holds, and how it came to hold.
#[derive(Clone, Debug)]
pub struct Chooser {
    asked: Option<Profile>,
    now: (Profile, Reason),
    /// What the measurements say instead, and since when.
    other: Option<(Profile, Duration)>,
}

/// Below this many bits a second the line counts as not quick; above the second, as quick again.
const QUICK: (u64, u64) = (2_500_000, 3_500_000);
/// The same for a line that hardly carries a video.
const CARRIES: (u64, u64) = (1_200_000, 1_700_000);
/// A round trip from which on a line counts as slow, and below which it no longer does.
const FAR: (Duration, Duration) = (Duration::from_millis(1500), Duration::from_millis(900));
/// Measurements have to say the same for this long.
const FIRM_AFTER: Duration = Duration::from_secs(3);

impl Chooser {
    /// The profile that was asked for, or wifi until something is known.
    #[must_use]
    pub fn new(asked: Option<Profile>) -> Self {
        let now = asked.map_or((Profile::Wifi, Reason::Unmeasured), |profile| (profile, Reason::Asked));
        Self { asked, now, other: None }
    }

    /// The profile that holds.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.now.0
    }

    /// Why it holds.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.now.1
    }

    /// Whether a person asked for it.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Takes in what is known of the network at `now`: what the desktop tells holds at once, what is measured once it
    /// has been the same for a while. Whether another profile holds now.
    pub fn observe(&mut self, bits_per_second: Option<u64>, round_trip: Option<Duration>, link: Link, now: Duration) -> bool {
        if self.asked.is_some() {
            return false;
        }
        let before = self.now.0;
        let (measured, reason) = self.measured(bits_per_second, round_trip);
        let told = (link.kind == LinkKind::Cellular).then_some(Reason::Mobile).or((link.metered == Some(true)).then_some(Reason::Metered));
        if let Some(told) = told {
            // A paid network may be slow as well, and never counts as better than it is.
            let firm = self.firm(if measured == Profile::Slow { Profile::Slow } else { Profile::Cellular }, now);
            self.now = if firm == Profile::Slow { (firm, reason) } else { (Profile::Cellular, told) };
        } else {
            let was_told = matches!(self.now.1, Reason::Mobile | Reason::Metered);
            let holds = if was_told { measured } else { self.firm(measured, now) };
            if holds == measured {
                self.now = (measured, reason);
            }
        }
        self.now.0 != before
    }

    /// When to look again although nothing new is measured.
    #[must_use]
    pub fn changes_at(&self) -> Option<Duration> {
        self.other.map(|(_, since)| since + FIRM_AFTER)
    }

    /// `wanted` once it has been wanted for long enough, else the profile that holds.
    fn firm(&mut self, wanted: Profile, now: Duration) -> Profile {
        if wanted == self.now.0 {
            self.other = None;
            return wanted;
        }
        let since = match self.other {
            Some((other, since)) if other == wanted => since,
            _ => {
                self.other = Some((wanted, now));
                now
            }
        };
        if now < since + FIRM_AFTER {
            return self.now.0;
        }
        self.other = None;
        wanted
    }

    /// What the measurements say. A line that counts as slow has to be better than it was to count as quick.
    fn measured(&self, bits_per_second: Option<u64>, round_trip: Option<Duration>) -> (Profile, Reason) {
        let at_least = |(worse, better): (u64, u64), is_worse: bool| if is_worse { better } else { worse };
        let was_slow = self.now.0 == Profile::Slow;
        let was_quick = self.now.0 == Profile::Wifi;
        let far = if matches!(self.now.1, Reason::FarAway(_)) { FAR.1 } else { FAR.0 };
        if let Some(round_trip) = round_trip.filter(|&round_trip| round_trip >= far) {
            return (Profile::Slow, Reason::FarAway(round_trip));
        }
        match bits_per_second {
            None => (Profile::Wifi, Reason::Unmeasured),
            Some(bits) if bits < at_least(CARRIES, was_slow) => (Profile::Slow, Reason::Measured(bits)),
            Some(bits) if bits < at_least(QUICK, !was_quick) => (Profile::Cellular, Reason::Measured(bits)),
            Some(bits) => (Profile::Wifi, Reason::Measured(bits)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MBIT: u64 = 1_000_000;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn see(chooser: &mut Chooser, bits: u64, at: u64) -> Profile {
        chooser.observe(Some(bits), None, Link::default(), secs(at));
        chooser.profile()
    }

    #[test]
    fn the_windows_and_times_are_those_that_are_written_down() {
        let of = |profile: Profile| (profile.window().ahead, profile.window().behind, profile.load_timeout().as_millis());
        assert_eq!(of(Profile::Wifi), (2, 1, 10_000));
        assert_eq!(of(Profile::Cellular), (1, 0, 15_000));
        assert_eq!(of(Profile::Slow), (1, 0, 20_000));
        assert_eq!(of(Profile::Testing), (2, 1, 500));
    }

    #[test]
    fn a_measurement_has_to_last_before_it_counts() {
        let mut chooser = Chooser::new(None);
        assert_eq!(chooser.reason(), Reason::Unmeasured);
        assert_eq!(see(&mut chooser, 2 * MBIT, 0), Profile::Wifi);
        assert_eq!(chooser.changes_at(), Some(FIRM_AFTER));
        assert_eq!(see(&mut chooser, 8 * MBIT, 1), Profile::Wifi, "a dip");
        assert_eq!(see(&mut chooser, 2 * MBIT, 2), Profile::Wifi, "counted afresh");
        assert_eq!(see(&mut chooser, 2 * MBIT, 4), Profile::Wifi);
        assert_eq!(see(&mut chooser, 2 * MBIT, 5), Profile::Cellular);
        assert_eq!(chooser.reason(), Reason::Measured(2 * MBIT));
    }

    #[test]
    fn between_the_two_bounds_all_stays_as_it_is() {
        let mut chooser = Chooser::new(None);
        for at in 0..20 {
            assert_eq!(see(&mut chooser, 3 * MBIT, at), Profile::Wifi);
        }
        for at in 20..30 {
            see(&mut chooser, 2 * MBIT, at);
        }
        for at in 30..50 {
            assert_eq!(see(&mut chooser, 3 * MBIT, at), Profile::Cellular);
        }
        for at in 50..60 {
            see(&mut chooser, MBIT, at);
        }
        for at in 60..70 {
            assert_eq!(see(&mut chooser, 3 * MBIT / 2, at), Profile::Slow);
        }
        for at in 70..80 {
            see(&mut chooser, 20 * MBIT, at);
        }
        assert_eq!(chooser.profile(), Profile::Wifi);
    }

    #[test]
    fn what_the_desktop_tells_holds_at_once_and_ends_at_once() {
        let mut chooser = Chooser::new(None);
        let metered = Link { metered: Some(true), ..Link::default() };
        assert!(chooser.observe(Some(50 * MBIT), None, metered, secs(0)));
        assert_eq!((chooser.profile(), chooser.reason()), (Profile::Cellular, Reason::Metered));
        assert!(chooser.observe(Some(50 * MBIT), None, Link::default(), secs(1)));
        assert_eq!(chooser.profile(), Profile::Wifi);
        let mobile = Link { kind: LinkKind::Cellular, ..Link::default() };
        chooser.observe(None, None, mobile, secs(2));
        assert_eq!((chooser.profile(), chooser.reason()), (Profile::Cellular, Reason::Mobile));
        for at in 2..=8 {
            chooser.observe(Some(MBIT / 2), None, mobile, secs(at));
        }
        assert_eq!(chooser.profile(), Profile::Slow, "a paid network that carries nothing");
    }

    #[test]
    fn a_line_that_answers_late_is_slow_however_much_it_carries() {
        let mut chooser = Chooser::new(None);
        for at in 0..4 {
            chooser.observe(Some(20 * MBIT), Some(secs(2)), Link::default(), secs(at));
        }
        assert_eq!((chooser.profile(), chooser.reason()), (Profile::Slow, Reason::FarAway(secs(2))));
    }

    #[test]
    fn a_profile_that_was_asked_for_stays() {
        let mut chooser = Chooser::new(Some(Profile::Wifi));
        let metered = Link { metered: Some(true), kind: LinkKind::Cellular, ..Link::default() };
        for at in 0..10 {
            assert!(!chooser.observe(Some(100), Some(secs(9)), metered, secs(at)));
        }
        assert_eq!((chooser.profile(), chooser.reason()), (Profile::Wifi, Reason::Asked));
    }
}
