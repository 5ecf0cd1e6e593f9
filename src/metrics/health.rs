//! Whether the program is well: a status with its reasons, from snapshots that are taken about once a second. Pure.
//!
//! The bounds of the status are those of requirement D6. Those at which a feature flag is switched off (requirement
//! D8) are each a [`Breach`].

mod light;
mod window;

use std::time::Duration;

use serde::Serialize;

use self::light::{Edge, Levels, Light};
use self::window::{Long, Window};
use super::Snapshot;

/// A share is told of what happened within this time.
const SHARES_OVER: Duration = Duration::from_mins(10);
/// Fewer than this many say nothing about a share.
const SHARES_FROM: u64 = 20;
/// Breakers are counted over this time.
const TRIPS_OVER: Duration = Duration::from_hours(1);
/// Fewer swipes than this to items that did not stand ready say nothing about how long a load takes.
const STARTUPS_FROM: u64 = 8;
/// Memory beyond this, in MB, for this long is an alarm.
const ALARM_MB: f64 = 1000.0;
const ALARM_AFTER: Duration = Duration::from_mins(5);
/// Beyond this share of loads that fail, in percent, no flag stays on.
const FAILURES_MOST_PCT: f64 = 20.0;

/// How well the program is; the worse, the greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Every figure is within its bounds.
    #[default]
    Healthy,
    /// Something is worse than it should be.
    Warning,
    /// Something is so bad that a viewer notices, or soon will.
    Critical,
}

impl Status {
    /// The same as a number that grows as things get worse: 0, 1, 2.
    #[must_use]
    pub fn level(self) -> u64 {
        match self {
            Self::Healthy => 0,
            Self::Warning => 1,
            Self::Critical => 2,
        }
    }

    /// Its name, as it is exported.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// A bound whose breach costs every feature flag that a share of the installations tries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Breach {
    /// More than 1 GB of memory for five minutes.
    Memory,
    /// More than a fifth of the loads failed.
    LoadFailures,
    /// The last two sessions with the flag ended abruptly, and the one before without it did not.
    Crashes,
}

impl Breach {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Memory, Self::LoadFailures, Self::Crashes];

    /// Its name, as it is remembered and exported.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::LoadFailures => "load-failures",
            Self::Crashes => "crashes",
        }
    }

    /// The breach of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|breach| breach.name() == name)
    }

    /// What happened, to stand within a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Memory => "more than 1 GB of memory was in use for five minutes",
            Self::LoadFailures => "more than 20 % of the loads failed",
            Self::Crashes => "two sessions in a row ended abruptly",
        }
    }
}

/// Why the status is not healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// How bad it is.
    pub status: Status,
    /// A word or two, for a place that holds no sentence.
    pub words: &'static str,
    /// What is wrong, with the figure and its bound.
    pub sentence: String,
}

/// What is judged, the most telling first.
#[derive(Clone, Copy, Debug)]
enum Matter {
    /// Seconds for which memory was beyond [`ALARM_MB`].
    MemoryForLong,
    /// Memory in use, in MB.
    Memory,
    /// Pipelines beyond the budget.
    Pipelines,
    /// Pipelines that hung in teardown.
    Stuck,
    /// Loads that failed, in percent.
    LoadFailures,
    /// Loads that took longer than they may, in percent.
    Timeouts,
    /// Items that were to be readied and could not be, in percent.
    Preload,
    /// Swipe to picture where the item did not stand ready, 95th percentile in milliseconds.
    LoadTime,
    /// Breakers that opened within an hour.
    Breakers,
}

impl Matter {
    const ALL: [Self; 9] = [
        Self::MemoryForLong,
        Self::Memory,
        Self::Pipelines,
        Self::Stuck,
        Self::LoadFailures,
        Self::Timeouts,
        Self::Preload,
        Self::LoadTime,
        Self::Breakers,
    ];

    fn levels(self) -> Levels {
        let edge = |over, until| Some(Edge { over, until });
        let (warning, critical) = match self {
            // At the bound and not only beyond it: the figure stops growing there.
            Self::MemoryForLong => (None, edge(ALARM_AFTER.as_secs_f64() - 1.0, 0.0)),
            Self::Memory => (edge(500.0, 450.0), edge(800.0, 720.0)),
            Self::Pipelines => (None, edge(0.0, 0.0)),
            Self::Stuck => (edge(0.0, 0.0), None),
            Self::LoadFailures => (edge(FAILURES_MOST_PCT, 16.0), None),
            Self::Timeouts => (edge(10.0, 8.0), None),
            Self::Preload => (edge(5.0, 4.0), edge(10.0, 8.0)),
            Self::LoadTime => (edge(2000.0, 1800.0), edge(5000.0, 4500.0)),
            Self::Breakers => (edge(5.0, 4.0), None),
        };
        Levels { warning, critical }
    }

    fn words(self) -> &'static str {
        match self {
            Self::MemoryForLong | Self::Memory => "Memory",
            Self::Pipelines | Self::Stuck => "Pipelines",
            Self::LoadFailures | Self::Timeouts => "Loads fail",
            Self::Preload => "Preloading",
            Self::LoadTime => "Slow loads",
            Self::Breakers => "Servers",
        }
    }

    fn sentence(self, status: Status, figure: f64) -> String {
        let critical = status == Status::Critical;
        match self {
            Self::MemoryForLong => "More than 1 GB of memory has been in use for five minutes.".to_owned(),
            Self::Memory => format!("{figure:.0} MB of memory are in use; the bound is {} MB.", if critical { 800 } else { 500 }),
            Self::Pipelines => "There are more pipelines than the budget allows.".to_owned(),
            Self::Stuck => format!("Pipelines that hung when they were taken down: {figure:.0}."),
            Self::LoadFailures => format!("{figure:.0} % of the loads failed; the bound is 20 %."),
            Self::Timeouts => format!("{figure:.0} % of the loads took longer than they may; the bound is 10 %."),
            Self::Preload => {
                format!("{:.0} % of the items were readied in time; the bound is {} %.", 100.0 - figure, if critical { 90 } else { 95 })
            }
            Self::LoadTime => {
                format!(
                    "Items that do not stand ready take {:.1} s to show; the bound is {} s.",
                    figure / 1000.0,
                    if critical { 5 } else { 2 }
                )
            }
            Self::Breakers => format!("Items or servers were given up {figure:.0} times within an hour; the bound is 5."),
        }
    }
}

/// Looks at one snapshot after the other.
#[derive(Clone, Debug)]
pub struct Health {
    lights: [Light; Matter::ALL.len()],
    preload: Window,
    loads: Window,
    timeouts: Window,
    trips: Window,
    memory: Long,
    reasons: Vec<Reason>,
    breach: Option<Breach>,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            lights: Default::default(),
            preload: Window::over(SHARES_OVER),
            loads: Window::over(SHARES_OVER),
            timeouts: Window::over(SHARES_OVER),
            trips: Window::over(TRIPS_OVER),
            memory: Long::default(),
            reasons: Vec::new(),
            breach: None,
        }
    }
}

impl Health {
    /// Takes in how things are at `now`.
    pub fn look(&mut self, figures: &Snapshot, now: Duration) {
        let read = self.read(figures, now);
        self.reasons.clear();
        for ((matter, light), figure) in Matter::ALL.into_iter().zip(&mut self.lights).zip(read) {
            let (status, figure) = light.look(&matter.levels(), figure, now);
            if status > Status::Healthy {
                self.reasons.push(Reason { status, words: matter.words(), sentence: matter.sentence(status, figure) });
            }
        }
        // Stable: of equally bad ones the more telling stays first.
        self.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.status));
    }

    /// The figures that are judged, in the order of [`Matter::ALL`]; `None` where too little is known.
    fn read(&mut self, figures: &Snapshot, now: Duration) -> [Option<f64>; Matter::ALL.len()] {
        let Snapshot { process, pipelines, preload, loads, retries, .. } = figures;
        let begun = loads.ready + loads.failed;
        let over_alarm = self.memory.look(process.rss_mb.is_some_and(|mb| mb > ALARM_MB), now);
        let failures = percent(self.loads.look(loads.failed, begun, now));
        let timeouts = percent(self.timeouts.look(loads.timed_out, begun, now));
        let (readied, unreadied) = (preload.completed.unwrap_or(0), preload.failed.unwrap_or(0));
        let unreadied = percent(self.preload.look(unreadied, readied + unreadied, now));
        let (trips, _) = self.trips.look(retries.trips, retries.trips, now);
        self.breach = if over_alarm >= ALARM_AFTER {
            Some(Breach::Memory)
        } else {
            failures.filter(|share| *share > FAILURES_MOST_PCT).map(|_| Breach::LoadFailures)
        };
        [
            Some(over_alarm.min(ALARM_AFTER).as_secs_f64()),
            process.rss_mb,
            Some(number(pipelines.live.saturating_sub(pipelines.budget))),
            Some(number(pipelines.stuck)),
            failures,
            timeouts,
            unreadied,
            loads.startup_ms_p95.filter(|_| loads.startup_n >= STARTUPS_FROM),
            Some(number(trips)),
        ]
    }

    /// The worst of all that is judged.
    #[must_use]
    pub fn status(&self) -> Status {
        self.reasons.first().map_or(Status::Healthy, |reason| reason.status)
    }

    /// Why it is not healthy, the worst first.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The bound of feature flags that was broken at the last look.
    #[must_use]
    pub fn breach(&self) -> Option<Breach> {
        self.breach
    }
}

/// Health as it is exported (requirement D8).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Told {
    /// How well it is.
    pub status: Status,
    /// Memory in use, shared pages counted in full, in MB (10^6 bytes); `null` where the system does not tell.
    pub memory_mb: Option<f64>,
    /// Pipelines that exist.
    pub controllers: u64,
    /// Videos that stand on a picture.
    pub ready_videos: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
}

impl Told {
    /// What a snapshot that was taken at `timestamp`, in seconds since 1970, says of health.
    #[must_use]
    pub fn of(figures: &Snapshot, timestamp: u64) -> Self {
        Self {
            status: figures.health.status,
            memory_mb: figures.process.rss_mb,
            controllers: figures.pipelines.live,
            ready_videos: figures.loads.ready_videos,
            timestamp,
        }
    }
}

/// A part of all in percent; `None` of too few.
fn percent((part, all): (u64, u64)) -> Option<f64> {
    (all >= SHARES_FROM).then(|| number(part) * 100.0 / number(all))
}

#[expect(clippy::cast_precision_loss, reason = "counts of one session are far below 2^52")]
fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
