//! When the worker runs: `rate(1 hour)` as AWS writes it, or the five fields of cron. All times are UTC. Pure.
//!
//! Rates are counted from the Unix epoch, not from when a worker was started: all replicas mean the same tick, and a
//! restart moves none.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// The longest rate: what comes less often than once a year is a mistake.
const RATE_MAX: Duration = Duration::from_hours(24 * 366);

/// Why words are no schedule. Each displays as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// `rate(…)` with something else between the brackets.
    #[error("“{0}” is no rate: write rate(1 hour), rate(5 minutes) or rate(2 days), up to 366 days.")]
    Rate(String),
    /// AWS takes the singular after 1 and the plural after anything else, and a file for AWS should mean the same here.
    #[error("“{wrong}” is no rate: write rate({right}).")]
    Number {
        /// What was written.
        wrong: String,
        /// What goes between the brackets.
        right: String,
    },
    /// Not five fields.
    #[error("“{0}” is no schedule: write rate(1 hour), or five fields of cron: minute, hour, day, month, weekday.")]
    Fields(String),
    /// Five fields that cannot be followed.
    #[error("“{words}” is no cron expression: {why}")]
    Cron {
        /// What was written.
        words: String,
        /// What is wrong with it.
        why: String,
    },
    /// A day that does not come, such as 30 February.
    #[error("“{0}” never comes.")]
    Never(String),
}

/// When the worker runs.
#[derive(Clone, Debug)]
pub struct Schedule(Ticks);

#[derive(Clone, Debug)]
enum Ticks {
    /// At every multiple of this since the Unix epoch.
    Every(Duration),
    /// By the calendar, in UTC.
    Calendar(Box<Cron>),
}

impl Schedule {
    /// The first tick after `now`; `None` when there is none that a clock can show.
    #[must_use]
    pub fn next(&self, now: SystemTime) -> Option<SystemTime> {
        let seconds = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
        let next = match &self.0 {
            Ticks::Every(period) => (seconds / period.as_secs() + 1).checked_mul(period.as_secs())?,
            Ticks::Calendar(cron) => {
                let now = DateTime::<Utc>::from_timestamp(i64::try_from(seconds).ok()?, 0)?;
                u64::try_from(cron.find_next_occurrence(&now, false).ok()?.timestamp()).ok()?
            }
        };
        UNIX_EPOCH.checked_add(Duration::from_secs(next))
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(words: &str) -> Result<Self, ScheduleError> {
        let words = words.trim();
        if let Some(inside) = words.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
            return rate(inside).map(|period| Self(Ticks::Every(period)));
        }
        if words.split_whitespace().count() != 5 {
            return Err(ScheduleError::Fields(words.to_owned()));
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(words).map_err(|err| ScheduleError::Cron { words: words.to_owned(), why: err.to_string() })?;
        let schedule = Self(Ticks::Calendar(Box::new(cron)));
        // Within eight years every day comes that there is; the search itself looks further.
        schedule.next(UNIX_EPOCH).ok_or_else(|| ScheduleError::Never(words.to_owned()))?;
        Ok(schedule)
    }
}

/// `1 hour`, `5 minutes`.
fn rate(inside: &str) -> Result<Duration, ScheduleError> {
    let wrong = || ScheduleError::Rate(format!("rate({inside})"));
    let (number, unit) = inside.trim().split_once(' ').ok_or_else(wrong)?;
    let number: u32 = number.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?;
    let singular = unit.trim().strip_suffix('s').unwrap_or(unit.trim());
    let seconds = match singular {
        "minute" => 60,
        "hour" => 60 * 60,
        "day" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    if (number == 1) != (singular == unit.trim()) {
        let right = format!("{number} {singular}{}", if number == 1 { "" } else { "s" });
        return Err(ScheduleError::Number { wrong: format!("rate({inside})"), right });
    }
    let period = Duration::from_secs(seconds) * number;
    if period > RATE_MAX { Err(wrong()) } else { Ok(period) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::dates;

    /// Thursday, 29 February 2024, 12:34:56.
    const NOW: u64 = 1_709_210_096;

    fn next(words: &str) -> String {
        let next = words.parse::<Schedule>().unwrap().next(UNIX_EPOCH + Duration::from_secs(NOW)).unwrap();
        dates::rfc3339(next)
    }

    #[test]
    fn rates_count_from_the_epoch_for_all_replicas_alike() {
        assert_eq!(next("rate(1 hour)"), "2024-02-29T13:00:00Z");
        assert_eq!(next(" rate(5 minutes) "), "2024-02-29T12:35:00Z");
        assert_eq!(next("rate(1 day)"), "2024-03-01T00:00:00Z");
        let at = |seconds| "rate(1 hour)".parse::<Schedule>().unwrap().next(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        assert_eq!(at(7199), UNIX_EPOCH + Duration::from_hours(2));
        assert_eq!(at(7200), UNIX_EPOCH + Duration::from_hours(3), "a tick is not its own next one");
    }

    #[test]
    fn cron_goes_by_the_calendar_in_utc() {
        assert_eq!(next("0 * * * *"), "2024-02-29T13:00:00Z");
        assert_eq!(next("*/15 * * * *"), "2024-02-29T12:45:00Z");
        assert_eq!(next("30 6 * * MON-FRI"), "2024-03-01T06:30:00Z");
        assert_eq!(next("0 0 29 2 *"), "2028-02-29T00:00:00Z");
        assert_eq!(next("34 12 * * *"), "2024-03-01T12:34:00Z");
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_what_to_write_instead() {
        let refused = |words: &str| words.parse::<Schedule>().unwrap_err().to_string();
        assert_eq!(refused("rate(1 hours)"), "“rate(1 hours)” is no rate: write rate(1 hour).");
        assert_eq!(refused("rate(5 minute)"), "“rate(5 minute)” is no rate: write rate(5 minutes).");
        for words in
            ["rate(0 minutes)", "rate(-1 hours)", "rate(1 week)", "rate(hour)", "rate()", "rate(367 days)", "rate(99999999999 days)"]
        {
            assert!(refused(words).contains("is no rate: write rate(1 hour), rate(5 minutes)"), "{words}");
        }
        for words in ["", "hourly", "@hourly", "* * * *", "0 0 * * * *", "cron(0 * * * ? *)", "rate(1 hour"] {
            assert!(refused(words).contains("is no schedule: write"), "{words}");
        }
        for words in ["60 * * * *", "x * * * *", "* 24 * * *", "*/0 * * * *"] {
            assert!(refused(words).contains("is no cron expression: "), "{words}");
        }
        assert_eq!(refused("0 0 30 2 *"), "“0 0 30 2 *” never comes.");
    }
}
