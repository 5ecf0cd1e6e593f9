//! The sheet of settings.

/// The pages.
pub const PLAYBACK: &str = "Playback";
/// How far to ready ahead.
pub const PRELOADING: &str = "Preloading";
/// What is on disk.
pub const CACHE: &str = "Cache";
/// What is hidden.
pub const FILTER: &str = "Filter";
/// Who is told what.
pub const PRIVACY: &str = "Privacy";
/// Which keys mean what.
pub const KEYS: &str = "Keys";
/// Contrast, size of text, motion.
pub const APPEARANCE: &str = "Appearance";
/// Versions, licences, folders.
pub const ABOUT: &str = "About";
/// All of the pages, for who does not see them.
pub const PAGES: &str = "Pages of the settings";

/// Why something cannot be set.
pub const FIXED_BY_COMMAND_LINE: &str = "Set by the command line for this run.";
/// Why something cannot be set.
pub const FIXED_BY_CONFIG: &str = "Set in config.toml.";
/// Why something will be another thing at the next start.
pub const BEGUN_BY_COMMAND_LINE: &str = "This run began as the command line says.";
/// Why something will be another thing at the next start.
pub const BEGUN_BY_CONFIG: &str = "Each start begins as config.toml says.";

/// Sound off or on.
pub const SOUND: &str = "Sound";
/// How loud.
pub const VOLUME: &str = "Volume";
/// What happens at the end of a video.
pub const AT_END: &str = "At the end of a video";
/// It begins again.
pub const REPEAT: &str = "Repeat";
/// It stays at its last picture.
pub const STOP: &str = "Stop";
/// The next one takes its place.
pub const ADVANCE: &str = "Next";
/// How a picture lies in its tile.
pub const FIT: &str = "Picture";
/// All of it is seen.
pub const CONTAIN: &str = "Whole";
/// It fills the tile.
pub const COVER: &str = "Fill";
/// What that means.
pub const FIT_NOTE: &str = "What fills the window may lose its edges.";
/// Captions.
pub const CAPTIONS: &str = "Captions";
/// Where there are any.
pub const CAPTIONS_NOTE: &str = "Shown where a video has some.";
/// Failed videos make room for the next one.
pub const SKIP_FAILED: &str = "Skip what fails";
/// How.
pub const SKIP_FAILED_NOTE: &str = "A video that cannot be played makes room for the next one after 8 seconds.";

/// The profile.
pub const PROFILE: &str = "Network";
/// Chosen by what is known of the network.
pub const AUTO: &str = "Auto";
/// A network that costs nothing and is quick.
pub const WIFI: &str = "Wi-Fi";
/// One that is paid for, or not quick.
pub const CELLULAR: &str = "Cellular";
/// One that hardly carries a video.
pub const SLOW: &str = "Slow";
/// For tests.
pub const TESTING: &str = "Testing";
/// What each means.
pub const AUTO_NOTE: &str = "Chosen by what the desktop tells of the network and by what is measured.";
/// Readying while power is short.
pub const ON_BATTERY: &str = "Ready ahead on battery";
/// What happens otherwise.
pub const ON_BATTERY_NOTE: &str = "Otherwise nothing is fetched ahead at 30 % or less, or while the desktop saves power.";

/// Before it is known how full the cache is.
pub const CACHE_UNKNOWN: &str = "Looking at the cache …";
/// There is none.
pub const CACHE_OFF: &str = "Nothing is kept on disk: the cache is switched off, or cannot be used.";
/// How full it is.
pub const CACHE_USED: &str = "Used of the cache";
/// Empties the cache.
pub const CLEAR: &str = "Clear the cache";
/// It is asked once more.
pub const CLEAR_ASK: &str = "Remove all videos, pages and posters that are kept here? What is pinned stays, what plays plays on.";
/// Yes.
pub const CLEAR_SURELY: &str = "Remove them";
/// No.
pub const KEEP: &str = "Keep them";
/// It goes on.
pub const CLEARING: &str = "Clearing the cache";

/// More is asked than is answered.
pub const ASKED_TOO_OFTEN: &str = "The disk is still at work on what was asked before.";

/// The lists of the filter.
pub const MAKERS: &str = "Makers";
/// Words of titles and descriptions.
pub const WORDS: &str = "Words";
/// Tags.
pub const TAGS: &str = "Tags";
/// Puts an entry onto a list.
pub const ADD: &str = "Add";
/// When it holds.
pub const FILTER_NOTE: &str = "Holds for what is loaded from now on; what is in the list already stays.";
/// Behind what the config file hides.
pub const IN_CONFIG: &str = "from config.toml";

/// Figures.
pub const FIGURES: &str = "Figures of the program";
/// Nobody gets any.
pub const FIGURES_OFF: &str = "Off. [export] in config.toml, or an option of the command line, sends them to a program of yours.";
/// Usage events.
pub const USAGE: &str = "Usage events";
/// Nobody gets any.
pub const USAGE_OFF: &str = "Off. Nothing is counted unless [export] in config.toml names a server that gets it.";
/// What they hold.
pub const USAGE_HOLDS: &str = "No titles, no addresses: videos and pages are told apart by hashes that only this machine can make.";
/// Another id.
pub const USAGE_RESET_BUTTON: &str = "New id";
/// It is another one.
pub const USAGE_RESET: &str = "The id is a new one, and what waited to be sent is gone.";
/// Shows what is sent.
pub const USAGE_SHOW: &str = "What is sent";
/// Shows it no longer.
pub const USAGE_HIDE: &str = "Hide what is sent";

/// The preset of keys.
pub const PRESET: &str = "Keys as in";
/// As feeds have them.
pub const PRESET_FEED: &str = "Feeds";
/// As mpv has them.
pub const PRESET_MPV: &str = "mpv";
/// Where single keys are bound.
pub const PRESET_NOTE: &str = "Single keys are bound under [keys] in config.toml, from the next start on.";
/// Opens the sheet of keys.
pub const ALL_KEYS: &str = "See all keys";

/// Lines and grounds.
pub const CONTRAST: &str = "High contrast";
/// Nothing slides.
pub const MOTION: &str = "Reduced motion";
/// What that does.
pub const MOTION_NOTE: &str = "Videos change with a short fade instead of a slide.";
/// Size of text.
pub const TEXT_SCALE: &str = "Size of text";
/// As the desktop has it.
pub const AS_DESKTOP: &str = "As the desktop";
/// On.
pub const ON: &str = "On";
/// Off.
pub const OFF: &str = "Off";
/// The language.
pub const LANGUAGE: &str = "Language";
/// The only one there is.
pub const ENGLISH: &str = "English";

/// The program.
pub const PROGRAM: &str = "Program";
/// What paints.
pub const RENDERER: &str = "Renderer";
/// Fonts.
pub const FONTS: &str = "Fonts";
/// Their licences.
pub const FONTS_LICENCE: &str = "Inter and JetBrains Mono, under the SIL Open Font License 1.1.";
/// The licence of the program.
pub const LICENCE: &str = "Licence";
/// Which.
pub const LICENCE_NOTE: &str = "MIT or Apache 2.0, as you like.";
/// Writes an archive for testers.
pub const SAVE_REPORT: &str = "Save a report for testers";
/// What is in it.
pub const REPORT_NOTE: &str =
    "One archive with versions, settings, the last figures and the log. Tokens and queries of addresses are left out.";
/// What is stored where.
pub const CONFIG_FILE: &str = "Config file";
/// What may be deleted at any time.
pub const CACHE_FOLDER: &str = "Cache";
/// What was left where.
pub const STATE_FOLDER: &str = "State and log";

/// An entry of the filter goes; for who does not see the sign.
#[must_use]
pub fn show_again(entry: &str) -> String {
    format!("Show {entry} again")
}

/// A new entry for a list.
#[must_use]
pub fn new_entry(list: &str) -> String {
    format!("{list} to hide")
}

/// How many were hidden.
#[must_use]
pub fn hidden(count: usize) -> String {
    match count {
        0 => "Nothing of this feed was hidden so far.".to_owned(),
        1 => "1 video of this feed was hidden so far.".to_owned(),
        more => format!("{more} videos of this feed were hidden so far."),
    }
}

/// How much of the cache is used.
#[must_use]
pub fn used(bytes: u64, cap: u64) -> String {
    format!("{} of {}", mebibytes(bytes), mebibytes(cap))
}

/// What is in the cache.
#[must_use]
pub fn entries(entries: u64, whole: u64, begun: u64) -> String {
    let videos = match (whole, begun) {
        (0, 0) => String::new(),
        (whole, 0) => format!(", {} whole", videos(whole)),
        (0, begun) => format!(", {} in part", videos(begun)),
        (whole, begun) => format!(", {} whole and {begun} in part", videos(whole)),
    };
    if entries == 1 { format!("1 entry{videos}.") } else { format!("{entries} entries{videos}.") }
}

fn videos(count: u64) -> String {
    if count == 1 { "1 video".to_owned() } else { format!("{count} videos") }
}

/// What is pinned, and when the rest goes.
#[must_use]
pub fn kept(pinned: u64, pinned_bytes: u64, max_age_days: u64) -> String {
    let goes = format!("What nobody used for {max_age_days} days goes by itself.");
    match pinned {
        0 => format!("Nothing is pinned. {goes}"),
        pinned => format!("{pinned} pinned, {}. {goes}", mebibytes(pinned_bytes)),
    }
}

/// The cache was emptied.
#[must_use]
pub fn cleared(entries: u64, bytes: u64) -> String {
    match entries {
        0 => "There was nothing to remove.".to_owned(),
        1 => format!("1 entry was removed, {}.", mebibytes(bytes)),
        more => format!("{more} entries were removed, {}.", mebibytes(bytes)),
    }
}

/// How far the emptying is.
#[must_use]
pub fn clearing(done: u64, total: u64) -> String {
    if total == 0 { format!("{CLEARING} …") } else { format!("{CLEARING}: {done} of {total} entries") }
}

/// What a profile readies, and how long a load may take.
#[must_use]
pub fn profile(ahead: usize, behind: usize, timeout_s: u64) -> String {
    let behind = if behind == 0 { "none".to_owned() } else { behind.to_string() };
    format!("{ahead} ahead and {behind} behind stand ready; a video may take {timeout_s} s to come.")
}

/// Which profile holds now, where it is chosen by itself.
#[must_use]
pub fn profile_now(name: &str, note: &str) -> String {
    format!("{AUTO_NOTE} Now {name}: {note}")
}

/// Where usage events go.
#[must_use]
pub fn usage_to(host: &str) -> String {
    format!("Sent to {host}, as [export] in config.toml says. {USAGE_HOLDS}")
}

/// They would go there.
#[must_use]
pub fn usage_stopped(host: &str) -> String {
    format!("[export] in config.toml names {host}; nothing is counted and nothing is sent.")
}

/// Figures go to a collector.
#[must_use]
pub fn figures_to_collector(address: &str) -> String {
    format!("Sent to the DogStatsD collector at {address} every 15 s.")
}

/// Figures can be read.
#[must_use]
pub fn figures_at(address: &str) -> String {
    format!("Prometheus can read them at http://{address}/metrics.")
}

/// Percent of something.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A size as people read it.
fn mebibytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a size for a person")]
    let mebibytes = bytes as f64 / 1_048_576.0;
    format!("{mebibytes:.1} MiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_cache_is_told_in_whole_sentences() {
        assert_eq!(entries(0, 0, 0), "0 entries.");
        assert_eq!(entries(1, 1, 0), "1 entry, 1 video whole.");
        assert_eq!(entries(9, 2, 3), "9 entries, 2 videos whole and 3 in part.");
        assert_eq!(used(66_270_003, 104_857_600), "63.2 MiB of 100.0 MiB");
        assert_eq!(cleared(1, 1 << 20), "1 entry was removed, 1.0 MiB.");
    }

    #[test]
    fn a_profile_says_what_stands_ready() {
        assert_eq!(profile(2, 1, 10), "2 ahead and 1 behind stand ready; a video may take 10 s to come.");
        assert_eq!(profile(1, 0, 20), "1 ahead and none behind stand ready; a video may take 20 s to come.");
    }
}
