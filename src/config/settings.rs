//! The settings of one run: the command line, the config file and the defaults added up.

use std::path::PathBuf;
use std::time::Duration;

use super::{AppearanceSection, Config, FlagWords, KeysSection, appearance, project_dirs};
use crate::app::{AtEnd, FilterWords, Fit, Fixer, Knob};
use crate::cli::{CACHE_CAP_BYTES, CommonOptions, Profile};
use crate::export::options::ExportOptions;
use crate::feed::Filter;

/// Days after which an entry of the disk cache that nobody used is removed.
const CACHE_AGE_DAYS: u64 = 7;

/// What holds for this run: the command line, else the config file, else the defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Size of the window's content in logical pixels; `None`: as it was left.
    pub window: Option<(u32, u32)>,
    /// Where the disk cache lies.
    pub cache_dir: PathBuf,
    /// Its bound in bytes.
    pub cache_cap: u64,
    /// Whether there is one.
    pub cache_enabled: bool,
    /// Entries that nobody used for so long are removed.
    pub cache_max_age: Duration,
    /// How far to preload and how long to wait.
    pub profile: Profile,
    /// `None`: as it was left.
    pub muted: Option<bool>,
    /// 0.0 to 1.0; `None`: as it was left.
    pub volume: Option<f64>,
    /// Items after the current one that are prerolled; `None`: as the profile says.
    pub ahead: Option<usize>,
    /// Items before the current one that are prerolled; `None`: as the profile says.
    pub behind: Option<usize>,
    /// A failed item makes room for the next one by itself; `None`: as its flag says.
    pub skip_failed: Option<bool>,
    /// A source is opened where its viewer left.
    pub resume: bool,
    /// Captions where there are some; `None`: as it was left.
    pub captions: Option<bool>,
    /// What happens at the end of an item; `None`: as it was left.
    pub at_end: Option<AtEnd>,
    /// How a picture lies in its tile; `None`: as it was left.
    pub fit: Option<Fit>,
    /// Contrast, size of text, motion; what is `None` there is as it was left.
    pub appearance: AppearanceSection,
    /// What of all this is decided in place of the viewer, and by whom.
    pub fixed: Vec<(Knob, Fixer)>,
    /// Hosts that media may come from beside the feed's own; none: any.
    pub trusted_hosts: Vec<String>,
    /// What is not to be seen.
    pub filter: Filter,
    /// The same as it was written down.
    pub filter_words: FilterWords,
    /// Behaviours that are switched on or off, by the names of their flags.
    pub flags: FlagWords,
    /// Who gets figures and usage events.
    pub export: ExportOptions,
    /// Where the config file is looked for; `None`: nowhere.
    pub config_file: Option<PathBuf>,
    /// How much to say on standard error: 0, 1, 2.
    pub verbose: u8,
    /// Which keys mean what.
    pub keys: KeysSection,
}

impl Settings {
    /// Adds the command line and the config file up; the command line wins.
    #[must_use]
    pub fn merge(cli: &CommonOptions, config: Config) -> Self {
        let fixed = appearance::fixed(cli, &config);
        let filter_words = FilterWords { makers: config.filter.makers, words: config.filter.words, tags: config.filter.tags };
        let profile = cli.profile.or(config.preload.profile).unwrap_or_default();
        // A profile that was typed is meant as a whole; one in the file is refined by its neighbours there.
        let (ahead, behind) = match cli.profile {
            Some(Profile::Auto) | None => (config.preload.ahead, config.preload.behind),
            Some(_) => (None, None),
        };
        let cache_dir = cli.cache_dir.clone().or(config.cache.dir).unwrap_or_else(default_cache_dir);
        // A cache that was asked for by its folder or size on the command line is wanted, whatever the file says.
        let asked_for = cli.cache_dir.is_some() || cli.cache_size.is_some();
        Self {
            window: cli.window.or(config.window.size),
            cache_dir,
            cache_cap: cli.cache_size.or(config.cache.size).unwrap_or(CACHE_CAP_BYTES),
            cache_enabled: !cli.no_cache && (asked_for || config.cache.enabled.unwrap_or(true)),
            cache_max_age: Duration::from_hours(24 * config.cache.max_age_days.unwrap_or(CACHE_AGE_DAYS)),
            profile,
            muted: if cli.mute { Some(true) } else { config.playback.muted },
            volume: config.playback.volume,
            ahead,
            behind,
            skip_failed: config.playback.skip_failed,
            resume: config.playback.resume.unwrap_or(true),
            captions: config.playback.captions,
            at_end: config.playback.at_end,
            fit: config.playback.fit,
            appearance: config.appearance,
            fixed,
            trusted_hosts: config.network.trusted_hosts.unwrap_or_default(),
            filter: filter_words.filter(),
            filter_words,
            flags: config.flags,
            export: config.export.merge(cli),
            config_file: cli.config.clone().or_else(Config::default_path),
            verbose: cli.verbose,
            keys: config.keys,
        }
    }
}

fn default_cache_dir() -> PathBuf {
    project_dirs().map_or_else(|| std::env::temp_dir().join("flickreel-cache"), |dirs| dirs.cache_dir().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::CACHE_MIN_BYTES;

    fn config(text: &str) -> Config {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let config = config("[preload]\nahead = 5\nprofile = \"slow\"\n[playback]\nmuted = false\n[cache]\nenabled = false\n");
        let cli = CommonOptions { mute: true, profile: Some(Profile::Testing), cache_size: Some(CACHE_MIN_BYTES), ..Default::default() };
        let settings = Settings::merge(&cli, config);
        assert_eq!((settings.muted, settings.profile, settings.ahead), (Some(true), Profile::Testing, None));
        assert_eq!((settings.cache_cap, settings.cache_enabled), (CACHE_MIN_BYTES, true));
    }

    #[test]
    fn what_the_file_says_of_neighbours_holds_unless_a_profile_is_typed() {
        let file = || config("[preload]\nahead = 10\nbehind = 0\n");
        let settings = Settings::merge(&CommonOptions::default(), file());
        assert_eq!((settings.ahead, settings.behind), (Some(10), Some(0)));
        let typed = CommonOptions { profile: Some(Profile::Slow), ..Default::default() };
        let settings = Settings::merge(&typed, file());
        assert_eq!((settings.ahead, settings.behind), (None, None));
    }
}
