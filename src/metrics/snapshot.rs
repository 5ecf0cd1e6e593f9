//! All figures at one moment: what the overlay shows, a report says and exporters send is read from here and from
//! nowhere else, so that no two of them can differ. `docs/PERFORMANCE.md` defines each figure.

use serde::{Serialize, Serializer};

use super::Quantiles;
use super::health::Status;

/// A distribution in a snapshot; without a single value it is `{"n":0}`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Class(pub Option<Quantiles>);

impl Class {
    /// The figures, when there are any.
    #[must_use]
    pub fn figures(&self) -> Option<Quantiles> {
        self.0.filter(|figures| figures.n > 0)
    }

    /// How many values.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.figures().map_or(0, |figures| figures.n)
    }
}

impl From<Option<Quantiles>> for Class {
    fn from(figures: Option<Quantiles>) -> Self {
        Self(figures)
    }
}

impl Serialize for Class {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Empty {
            n: u64,
        }
        match self.figures() {
            Some(figures) => figures.serialize(output),
            None => Empty { n: 0 }.serialize(output),
        }
    }
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind,)* }
    };
    // A section of figures that are measured or left out.
    ($(#[$doc:meta])* $name:ident measured { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
        pub struct $name {
            $($(#[$field_doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$kind>,)*
        }
    };
}

section! {
    /// All figures at one moment. Names of fields are those of the report.
    Snapshot {
        /// Since the start of the process.
        startup_ms: Startup,
        /// Swipe committed to first frame.
        latency_ms: LatencyClasses,
        /// What became of the swipes.
        swipes: Swipes,
        /// Display frames.
        display: Display,
        /// Video frames.
        video: Video,
        /// Sound.
        audio: Audio,
        /// Pipelines.
        pipelines: Pipelines,
        /// The disk cache.
        cache: Cache,
        /// Preloading.
        preload: Preload,
        /// The network.
        network: Network,
        /// What failed and is tried again.
        retries: Retries,
        /// Items that were to be shown, from the order to the first picture.
        loads: Loads,
        /// Whether the program is well.
        health: Health,
        /// The process as the system sees it.
        process: Process,
        /// What must never happen.
        invariants: Invariants,
    }
}
section! {
    /// Since the start of the process, in milliseconds.
    Startup measured {
        /// To the first display frame of any kind.
        process_to_window: f64,
        /// To the first frame of the first item.
        process_to_first_frame: f64,
    }
}
section! {
    /// Swipe committed to first frame, in milliseconds, by what was ready.
    LatencyClasses {
        /// The item was prerolled.
        warm: Class,
        /// Not prerolled, all bytes that were needed on disk.
        cached: Class,
        /// Neither.
        cold: Class,
        /// Warm, until the second distinct picture.
        warm_moving: Class,
        /// Every class together.
        all: Class,
        /// Every class, forward only.
        next: Class,
        /// Every class, backward only.
        prev: Class,
    }
}
section! {
    /// What became of the swipes.
    Swipes {
        /// Swipes that were committed.
        committed: u64,
        /// Swipes whose item had its first frame.
        painted: u64,
        /// Swipes that were followed by another before their first frame.
        abandoned: u64,
        /// 1 when the item that was shown at the end still had no picture.
        waiting: u64,
    }
}
section! {
    /// Display frames.
    Display measured {
        /// How many were painted.
        frames: u64,
        /// Frames in the last second, whether or not anything moved.
        fps_now: u64,
        /// Frames a second while anything moved.
        fps: f64,
        /// Share of frames beyond 1.5 × the display period, in percent.
        jank_pct: f64,
        /// 95th percentile of the time between frames.
        frame_ms_p95: f64,
        /// The longest time between two frames while anything moved.
        frame_ms_max: f64,
        /// Frames with a visible tile that showed nothing of its own.
        black_frames: u64,
    }
}
section! {
    /// Video frames.
    Video measured {
        /// Distinct pictures painted.
        painted: u64,
        /// Decoded and not painted in time.
        late: u64,
        /// Thrown away by the sink.
        dropped: u64,
        /// Waiting / (playing + waiting) after the first frame.
        rebuffer_ratio: f64,
        /// How often playback waited.
        rebuffers: u64,
        /// The longest time for which the picture of an item stood that was playing and did not wait.
        standing_ms_max: f64,
    }
}
section! {
    /// Sound.
    Audio {
        /// Time in which two items could be heard; `null` where nobody listened.
        overlap_ms: Option<f64>,
        /// Offset of sound and picture, 95th percentile.
        #[serde(skip_serializing_if = "Option::is_none")]
        av_offset_ms_p95: Option<f64>,
    }
}
section! {
    /// Pipelines.
    Pipelines {
        /// The most that may exist.
        budget: u64,
        /// The most that existed at once.
        peak: u64,
        /// Hung in teardown and abandoned.
        stuck: u64,
        /// Those that exist: everything built and not yet gone.
        live: u64,
        /// Items whose first bytes are waited for.
        opening: u64,
        /// Built, no picture yet.
        prerolling: u64,
        /// Standing on a picture.
        prerolled: u64,
        /// Playing.
        playing: u64,
        /// On their way out.
        tearing_down: u64,
    }
}
section! {
    /// The disk cache.
    Cache measured {
        /// Media bytes that were there when asked for.
        hits: u64,
        /// Media bytes that were not.
        misses: u64,
        /// hits / (hits + misses).
        hit_rate: f64,
        /// Entries evicted.
        evictions: u64,
        /// Blocks whose checksum was wrong and that were fetched again.
        bad_blocks: u64,
        /// Bytes on disk.
        disk_bytes: u64,
        /// The most bytes on disk.
        disk_peak_bytes: u64,
        /// The bound.
        cap_bytes: u64,
        /// Bytes of entries that may not be evicted now.
        pinned_bytes: u64,
        /// Bytes of room that is promised to downloads.
        reserved_bytes: u64,
    }
}
section! {
    /// Preloading.
    Preload measured {
        /// Items planned to be readied and not yet ready.
        queue: u64,
        /// The most items that waited to be readied.
        queue_peak: u64,
        /// Items that reached their target stage.
        completed: u64,
        /// Items that failed to.
        failed: u64,
        /// completed / (completed + failed).
        success_ratio: f64,
        /// Bytes of items that were never shown.
        wasted_bytes: u64,
        /// The same as a share of all bytes received.
        waste_ratio: f64,
    }
}
section! {
    /// The network.
    Network measured {
        /// Bytes received.
        bytes: u64,
        /// Requests sent.
        requests: u64,
        /// Requests under way.
        active: u64,
        /// Videos whose next request waits for its turn.
        waiting: u64,
        /// What the line carries, in bits a second.
        bits_per_second: u64,
        /// There and back, in milliseconds.
        round_trip_ms: f64,
    }
}
section! {
    /// What failed and is tried again.
    Retries {
        /// Items that wait for their next try.
        waiting: u64,
        /// Servers that are left alone for a while.
        resting_hosts: u64,
        /// How often a breaker of an item or a server opened.
        trips: u64,
    }
}
section! {
    /// Items that were to be shown, from the order to the first picture.
    Loads {
        /// Loads that brought a picture.
        ready: u64,
        /// Loads that failed. While there is no connection none is counted.
        failed: u64,
        /// Those of them that took longer than they may.
        timed_out: u64,
        /// Videos that stand on a picture now.
        ready_videos: u64,
        /// Of the newest swipes, those to items that did not stand ready.
        startup_n: u64,
        /// Swipe committed to first frame of these, 95th percentile in milliseconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        startup_ms_p95: Option<f64>,
    }
}
section! {
    /// Whether the program is well, as of the last look.
    Health {
        /// The worst of all that is judged.
        status: Status,
        /// How many reasons there are for it.
        reasons: u64,
        /// Feature flags that were switched off because a bound was broken.
        rolled_back: u64,
    }
}
section! {
    /// The process as the system sees it.
    Process measured {
        /// CPU time / time: 1.0 is one core fully used.
        cpu_cores: f64,
        /// Memory in use, shared pages counted in full, in MB (10^6 bytes).
        rss_mb: f64,
        /// The most of it since the process began.
        peak_rss_mb: f64,
        /// The most memory seen, shared pages divided among those who share them, in MB (10^6 bytes).
        peak_pss_mb: f64,
        /// Threads.
        threads: u64,
        /// The most threads seen.
        threads_peak: u64,
    }
}
section! {
    /// What must never happen, and when it first did: seconds since the start of the process, `null` while it holds.
    Invariants {
        /// Two items could be heard at once.
        audible: Option<f64>,
        /// More pipelines than the budget existed.
        pipelines: Option<f64>,
        /// The disk cache took more than its bound.
        disk: Option<f64>,
        /// A visible tile showed nothing of its own.
        black: Option<f64>,
    }
}
