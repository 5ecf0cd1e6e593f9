//! When a signed address stops being good, as far as its own parameters tell.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::dates;

/// From when until when a signed address is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When it was signed, where it tells.
    pub from: Option<SystemTime>,
    /// When it expires.
    pub until: SystemTime,
}

/// What an address is renewed before its end at most.
const MARGIN: Duration = Duration::from_secs(10);
/// And at most this part of its life: one that lives for seconds is used for most of them.
const MARGIN_SHARE: u32 = 4;

impl Validity {
    /// What an address tells: AWS and Google sign with a date and a number of seconds, `CloudFront` and others with the
    /// second at which they expire. `None` where it tells nothing that can be understood.
    #[must_use]
    pub fn of(address: &str) -> Option<Self> {
        let query = address.split('#').next()?.split_once('?')?.1;
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let dated = ["X-Amz", "X-Goog"].iter().find_map(|family| {
            let from = dates::basic(value(&format!("{family}-Date"))?)?;
            let lifetime = Duration::from_secs(value(&format!("{family}-Expires"))?.parse::<u32>().ok()?.into());
            Some(Self { from: Some(from), until: from + lifetime })
        });
        dated.or_else(|| {
            let seconds = value("Expires")?.parse::<u32>().ok()?;
            Some(Self { from: None, until: UNIX_EPOCH + Duration::from_secs(seconds.into()) })
        })
    }

    /// Whether it is time for another one: a moment before it expires, lest it does so on the way.
    #[must_use]
    pub fn is_due(&self, now: SystemTime) -> bool {
        let life = self.from.and_then(|from| self.until.duration_since(from).ok());
        let margin = life.map_or(MARGIN, |life| MARGIN.min(life / MARGIN_SHARE));
        self.until.duration_since(now).map_or(true, |left| left <= margin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn an_address_tells_when_it_expires_in_each_of_the_usual_ways() {
        let signed = "https://s3.example/a?X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-Signature=1#t";
        assert_eq!(Validity::of(signed), Some(Validity { from: Some(at(1_369_353_600)), until: at(1_369_357_200) }));
        assert_eq!(Validity::of(&signed.replace("X-Amz", "X-Goog")).unwrap().until, at(1_369_357_200));
        let cdn = "https://cdn.example/a?Expires=1700000000&Signature=x&Key-Pair-Id=k";
        assert_eq!(Validity::of(cdn), Some(Validity { from: None, until: at(1_700_000_000) }));
    }

    #[test]
    fn an_address_that_tells_nothing_sound_is_taken_to_be_good() {
        for address in [
            "https://a.example/v.mp4",
            "https://a.example/v.mp4?sig=1",
            "https://a.example/v.mp4?Expires=soon",
            "https://a.example/v.mp4?Expires=-1",
            "https://a.example/v.mp4?X-Amz-Date=20130524T000000Z",
            "https://a.example/v.mp4?X-Amz-Date=yesterday&X-Amz-Expires=60",
            "https://a.example/v.mp4?X-Amz-Date=20131324T000000Z&X-Amz-Expires=60",
            "https://a.example/v.mp4?X-Amz-Date=20130524T000000Z&X-Amz-Expires=99999999999",
            "https://a.example/v.mp4#?Expires=1",
        ] {
            assert_eq!(Validity::of(address), None, "{address}");
        }
    }

    #[test]
    fn it_is_due_ten_seconds_before_its_end_and_a_quarter_of_a_short_life() {
        let due = |from: Option<u64>, until: u64, now: u64| Validity { from: from.map(at), until: at(until) }.is_due(at(now));
        assert!(!due(None, 100, 89) && due(None, 100, 90) && due(None, 100, 101));
        assert!(!due(Some(0), 3_600, 3_589) && due(Some(0), 3_600, 3_590));
        assert!(!due(Some(0), 8, 5) && due(Some(0), 8, 6));
    }
}
