//! The names on the pages of the overlay: short, because they stand in columns.

/// The disk cache, where there is none.
pub const DISK: &str = "disk";
/// Nothing is kept on disk.
pub const NO_DISK_CACHE: &str = "no disk cache";
/// What the cache takes on disk.
pub const DISK_MB: &str = "disk MB";
/// Of it now.
pub const USED: &str = "used";
/// Its bound.
pub const CAP: &str = "cap";
/// The most so far.
pub const PEAK: &str = "peak";
/// What may not be evicted.
pub const KEPT_MB: &str = "kept MB";
/// For good.
pub const PINNED: &str = "pinned";
/// For what is being written.
pub const RESERVED: &str = "reserve";
/// What came from this machine.
pub const HITS: &str = "hits";
/// As a share.
pub const RATE: &str = "rate";
/// Megabytes.
pub const MB: &str = "MB";
/// What did not.
pub const MISSED: &str = "miss";
/// What is gone.
pub const LOST: &str = "lost";
/// For want of room.
pub const EVICTED: &str = "evicted";
/// By its checksum.
pub const DAMAGED: &str = "damaged";
/// What is fetched ahead.
pub const PRELOAD: &str = "preload";
/// Waits.
pub const QUEUE: &str = "queue";
/// Was fetched.
pub const DONE: &str = "done";
/// Could not be had.
pub const FAILED: &str = "failed";
/// The share that could.
pub const GOOD: &str = "good";
/// What was fetched and never shown.
pub const WASTED: &str = "wasted";
/// As a share.
pub const SHARE: &str = "share";
/// The items around the current one.
pub const NEAR_US: &str = "near us";
/// Which parts of them are here.
pub const PARTS: &str = "parts on this machine";
/// Of a hundred.
pub const PERCENT: &str = "%";
/// There is no item to tell of.
pub const NOTHING_NEAR: &str = "nothing that comes over a network is near";
/// From a swipe to its first picture.
pub const STARTUP_MS: &str = "startup ms";
/// Swipes that were measured.
pub const HOW_MANY: &str = "n";
/// The median.
pub const P50: &str = "p50";
/// Of a hundred, ninety-five took less.
pub const P95: &str = "p95";
/// Of a hundred, ninety-nine did.
pub const P99: &str = "p99";
/// The longest.
pub const MAX: &str = "max";
/// The item stood ready.
pub const WARM: &str = "warm";
/// Its bytes were here.
pub const CACHED: &str = "cached";
/// Nothing was.
pub const COLD: &str = "cold";
/// While the feed moves.
pub const MOVING: &str = "moving";
/// Swipes.
pub const SWIPES: &str = "swipes";
/// Decided.
pub const MADE: &str = "made";
/// That reached the screen.
pub const SHOWN: &str = "shown";
/// Left before that.
pub const LEFT: &str = "left";
/// From the start of the program.
pub const LAUNCH_MS: &str = "launch ms";
/// To its window.
pub const WINDOW: &str = "window";
/// To its first clip.
pub const CLIP: &str = "clip";
/// Display frames.
pub const DISPLAY: &str = "display";
/// In a second.
pub const FPS: &str = "fps";
/// Without a picture.
pub const BLACK: &str = "black";
/// How long display frames take.
pub const FRAMES_MS: &str = "frames ms";
/// The share that took too long.
pub const JANK: &str = "jank";
/// Frames of the video.
pub const VIDEO: &str = "video";
/// Too late for their time.
pub const LATE: &str = "late";
/// Never shown.
pub const DROPPED: &str = "drop";
/// Waits, or what waits.
pub const WAITING: &str = "waiting";
/// How often.
pub const TIMES: &str = "times";
/// The longest in milliseconds.
pub const STOOD: &str = "stood";
/// This program.
pub const PROCESS: &str = "process";
/// Cores in use.
pub const CORES: &str = "cores";
/// Threads.
pub const THREADS: &str = "threads";
/// The sound device.
pub const SOUND: &str = "sound";
/// There is none.
pub const NO_DEVICE: &str = "no device, silent and in time";
/// Over the bars of the swipes.
pub const SWIPES_CAPTION: &str = "swipes, 1–1000 ms";
/// Over the graph of the display frames.
pub const FRAMES_CAPTION: &str = "display frames, 0–40 ms";
/// What the line carries.
pub const LINE: &str = "line";
/// The preload profile.
pub const PROFILE: &str = "profile";
/// What keeps items from being readied.
pub const LIMIT: &str = "limit";
/// The viewer wants it so.
pub const READIED_ANYWAY: &str = "power is short, readied anyway";
/// Nothing does.
pub const NOTHING_LIMITS: &str = "none";
/// The network.
pub const NETWORK: &str = "network";
/// Whether it is paid for by the byte.
pub const METERED: &str = "metered";
/// It is.
pub const PAID: &str = "yes: each byte is paid for";
/// No.
pub const NO: &str = "no";
/// It is not known.
pub const NOBODY_TELLS: &str = "nobody tells";
/// Electric power.
pub const POWER: &str = "power";
/// Without a connection.
pub const OFFLINE: &str = "offline";
/// What follows.
pub const SHOWS_WHAT_IS_HERE: &str = "yes: what is here is shown";
/// Requests to servers.
pub const REQUESTS: &str = "requests";
/// Under way.
pub const OPEN: &str = "open";
/// In all.
pub const SENT: &str = "sent";
/// What came.
pub const RECEIVED: &str = "received";
/// What is tried again.
pub const RETRIES: &str = "retries";
/// Servers that are left alone.
pub const BREAKERS: &str = "breakers";
/// How often one was.
pub const OPENED: &str = "opened";
/// Behaviours that were switched off.
pub const GIVEN_UP: &str = "given up";
/// Pipelines.
pub const PIPELINES: &str = "pipelines";
/// Of the budget.
pub const LIVE: &str = "live";
/// That do not end.
pub const STUCK: &str = "stuck";
/// Waiting for bytes.
pub const OPENING: &str = "opening";
/// Without a picture yet.
pub const PREROLL: &str = "preroll";
/// With one.
pub const READY: &str = "ready";
/// Playing.
pub const PLAYING: &str = "playing";
/// Being torn down.
pub const LEAVING: &str = "leaving";
/// Playing sound.
pub const HEARD: &str = "heard";
/// An item.
pub const ITEM: &str = "item";
/// How far it is.
pub const STAGE: &str = "stage";
/// How it stands.
pub const STATE: &str = "state";
/// Its decoder.
pub const DECODER: &str = "decoder";
/// Of its picture.
pub const SIZE: &str = "size";
/// Decoded ahead.
pub const QUEUED: &str = "queued";
/// Where it is.
pub const AT: &str = "at";
/// Frames that came too late, and that were never shown.
pub const LATE_DROPPED: &str = "late/drop";
/// Since it was made.
pub const AGE: &str = "age";
/// There is none to tell of.
pub const NO_ITEM: &str = "no item: this is the end of the feed";
/// Its title.
pub const TITLE: &str = "title";
/// Where it lies.
pub const SOURCE: &str = "source";
/// Its picture.
pub const PICTURE: &str = "picture";
/// Bits a second.
pub const BITRATE: &str = "bitrate";
/// How much of it is on this machine.
pub const HERE: &str = "here";
/// Its captions.
pub const CAPTIONS: &str = "captions";
/// They are not shown.
pub const CAPTIONS_OFF: &str = " · off";
/// Its frames have no rate.
pub const ANY_RATE: &str = "any rate";
/// It can be heard.
pub const WITH_SOUND: &str = "with sound";
/// It cannot.
pub const SILENT: &str = "silent";
/// Every byte.
pub const ALL_OF_IT: &str = "all of it";
/// No byte.
pub const NOTHING: &str = "nothing";
/// It comes over no network.
pub const A_FILE: &str = "a file of this machine";
/// The steps to the screen.
pub const ON_ITS_WAY: &str = "on its way";
/// Milliseconds.
pub const MS: &str = "ms";
/// Its page of the feed.
pub const PAGE: &str = "page";
/// Its first bytes, which were here.
pub const FROM_DISK: &str = "from disk";
/// Its first bytes.
pub const FIRST_BYTES: &str = "first bytes";
/// On the screen.
pub const PAINTED: &str = "painted";
/// How far ahead items are readied.
pub const AHEAD: &str = "ahead";
/// No light broke.
pub const HELD_SINCE_START: &str = "held since the start";
/// This one did not.
pub const HELD: &str = "held";
/// The same for who does not see them.
pub const LIGHTS_GREEN: &str = "All lights are green";

/// How the current item stands.
pub mod states {
    /// On its way.
    pub const LOADING: &str = "loading";
    /// Has its picture.
    pub const READY: &str = "ready";
    /// Plays.
    pub const PLAYING: &str = "playing";
    /// The viewer paused it.
    pub const PAUSED: &str = "paused";
    /// Waits for bytes.
    pub const WAITING: &str = "waiting";
    /// Cannot be played.
    pub const FAILED: &str = "failed";
    /// Was removed.
    pub const GONE: &str = "gone";
    /// Hidden until the viewer wants it.
    pub const WARNED: &str = "warned";
    /// Not here, and no connection.
    pub const OFFLINE: &str = "offline";
    /// At its end.
    pub const ENDED: &str = "ended";
}
