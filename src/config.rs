//! The config file; [`Settings`] says how it and the command line add up.

mod appearance;
mod export;
mod flags;
mod keys;
mod known;
mod print;
mod settings;

use std::path::{Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};
use serde::{Deserialize, Deserializer};

pub use appearance::AppearanceSection;
pub use export::ExportSection;
pub use flags::{FlagWord, FlagWords, load_flags};
pub use keys::KeysSection;
pub use print::printed;
pub use settings::Settings;

use crate::app::{AtEnd, Fit};
use crate::cli::{CACHE_CAP_BYTES, CACHE_MIN_BYTES, PROFILE_NAMES, Profile, parse_bytes, parse_window};

/// Items beside the current one that may be prerolled, ahead and behind together: of the 15 pipelines that may
/// exist, one is the current one's and two are for those being torn down.
pub const NEIGHBOURS_MAX: usize = 12;

/// What `cache.max_age_days` may be.
const AGE_DAYS: std::ops::RangeInclusive<u64> = 1..=3650;

/// The folders the desktop keeps for this program; `None` without a home.
#[must_use]
pub fn project_dirs() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "flickreel")
}

/// What the config file says. Whatever it leaves out is `None`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The disk cache.
    pub cache: CacheSection,
    /// Sound.
    pub playback: PlaybackSection,
    /// What is readied ahead.
    pub preload: PreloadSection,
    /// The window.
    pub window: WindowSection,
    /// What the network may be asked.
    pub network: NetworkSection,
    /// What is not to be seen.
    pub filter: FilterSection,
    /// Behaviours that are switched on or off.
    pub flags: FlagWords,
    /// Who gets figures and usage events.
    pub export: ExportSection,
    /// Contrast, size of text, motion.
    pub appearance: AppearanceSection,
    /// Which keys mean what.
    pub keys: KeysSection,
}

/// `[cache]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CacheSection {
    /// Bound in bytes: a number, or text such as `"64MiB"`.
    #[serde(deserialize_with = "bytes")]
    pub size: Option<u64>,
    /// Where it lies; relative to the folder of the config file.
    pub dir: Option<PathBuf>,
    /// Whether there is one.
    pub enabled: Option<bool>,
    /// Days after which an entry that nobody used is removed.
    #[serde(deserialize_with = "days")]
    pub max_age_days: Option<u64>,
}

/// `[playback]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PlaybackSection {
    /// Whether to start without sound.
    pub muted: Option<bool>,
    /// 0.0 to 1.0, as a person hears it.
    #[serde(deserialize_with = "volume")]
    pub volume: Option<f64>,
    /// Whether a failed item makes room for the next one by itself, after 8 s.
    pub skip_failed: Option<bool>,
    /// Whether a source is opened where its viewer left.
    pub resume: Option<bool>,
    /// Whether captions are shown where there are some.
    pub captions: Option<bool>,
    /// What happens at the end of an item: `"repeat"`, `"stop"` or `"advance"`.
    pub at_end: Option<AtEnd>,
    /// How a picture lies in its tile: `"contain"` or `"cover"`.
    pub fit: Option<Fit>,
}

/// `[preload]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PreloadSection {
    /// Items after the current one that are prerolled.
    #[serde(deserialize_with = "ahead")]
    pub ahead: Option<usize>,
    /// Items before the current one that are prerolled.
    #[serde(deserialize_with = "behind")]
    pub behind: Option<usize>,
    /// The profile.
    #[serde(deserialize_with = "profile")]
    pub profile: Option<Profile>,
}

/// `[window]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct WindowSection {
    /// Width and height, such as `"450x800"`.
    #[serde(deserialize_with = "window")]
    pub size: Option<(u32, u32)>,
}

/// `[network]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NetworkSection {
    /// Hosts that media may come from, each with its subdomains, beside the host of the feed. None: any.
    #[serde(deserialize_with = "hosts")]
    pub trusted_hosts: Option<Vec<String>>,
}

/// `[filter]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct FilterSection {
    /// Makers whose items are left out.
    pub makers: Vec<String>,
    /// Words, or several that follow one another, that no title and no description may have.
    pub words: Vec<String>,
    /// Tags that no item may have.
    pub tags: Vec<String>,
}

/// Why a config file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("the config file {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It says something that cannot be meant.
    #[error("{}, line {line}: {message}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

impl ConfigError {
    /// Whether trying again may help without anybody changing anything: never.
    #[must_use]
    pub fn retryable(&self) -> bool {
        false
    }
}

impl Config {
    /// Where the config file is looked for when none is named.
    #[must_use]
    pub fn default_path() -> Option<PathBuf> {
        project_dirs().map(|dirs| dirs.config_dir().join("config.toml"))
    }

    /// Reads the file that is named, or the usual one, which need not exist. Beside it come sentences about
    /// what is odd but does not stop the program.
    ///
    /// # Errors
    /// A named file that is not there, one that cannot be read, or a value of a wrong kind.
    pub fn load(path: Option<&Path>) -> Result<(Self, Vec<String>), ConfigError> {
        let named = path.is_some();
        let Some(path) = path.map(Path::to_owned).or_else(Self::default_path) else {
            return Ok(Default::default());
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(err) if err.kind() == std::io::ErrorKind::NotFound && !named => return Ok(Default::default()),
            Err(source) => return Err(ConfigError::Unreadable { path, source }),
        };
        Self::parse(&text, &path)
    }

    fn parse(text: &str, path: &Path) -> Result<(Self, Vec<String>), ConfigError> {
        let invalid = |err: &toml::de::Error| ConfigError::Invalid {
            path: path.to_owned(),
            line: err.span().map_or(1, |span| line_of(text, span.start)),
            message: err.message().replace('\n', " "),
        };
        let table: toml::Table = toml::from_str(text).map_err(|err| invalid(&err))?;
        let mut config: Self = toml::from_str(text).map_err(|err| invalid(&err))?;
        if let Some(dir) = &mut config.cache.dir {
            *dir = resolve(dir, path);
        }
        let mut warnings = known::unknown_keys(&table);
        if config.cache.size.is_some_and(|bytes| bytes > CACHE_CAP_BYTES) {
            warnings.push("cache.size is above the usual bound of 100 MiB: the disk cache may grow beyond it.".into());
        }
        warnings.extend(config.export.warning());
        let neighbours = config.preload.ahead.unwrap_or(0) + config.preload.behind.unwrap_or(0);
        if neighbours > NEIGHBOURS_MAX {
            warnings.push(format!(
                "preload.ahead and preload.behind are {neighbours} together; {NEIGHBOURS_MAX} is the most, so behind is cut."
            ));
        }
        Ok((config, warnings.into_iter().map(|warning| format!("{}: {warning}", path.display())).collect()))
    }
}

/// `~/` is the home folder, as people write it; other relative paths start where the file lies.
fn resolve(dir: &Path, config_file: &Path) -> PathBuf {
    if let Ok(below_home) = dir.strip_prefix("~")
        && let Some(base) = BaseDirs::new()
    {
        return base.home_dir().join(below_home);
    }
    config_file.parent().map_or_else(|| dir.to_owned(), |folder| folder.join(dir))
}

/// The line, from 1, that byte `at` of `text` is on.
#[must_use]
pub fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|&byte| byte == b'\n').count()
}

/// Reads a value and lets `check` refuse it. The error is raised inside the deserializer, so it knows its line.
fn checked<'de, D, T, U>(input: D, check: impl FnOnce(T) -> Result<U, String>) -> Result<Option<U>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    check(T::deserialize(input)?).map(Some).map_err(serde::de::Error::custom)
}

fn bytes<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a size is a number of bytes or text such as \"64MiB\"")]
    enum Size {
        Number(u64),
        Text(String),
    }
    checked(input, |size| {
        let bytes = match size {
            Size::Number(bytes) => bytes,
            Size::Text(text) => parse_bytes(&text)?,
        };
        if bytes < CACHE_MIN_BYTES {
            return Err("a disk cache under 8 MiB is of no use; write enabled = false instead".into());
        }
        Ok(bytes)
    })
}

fn days<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
    checked(input, |days: u64| {
        if AGE_DAYS.contains(&days) {
            Ok(days)
        } else {
            Err(format!("this has to be from {} to {} days", AGE_DAYS.start(), AGE_DAYS.end()))
        }
    })
}

fn volume<'de, D: Deserializer<'de>>(input: D) -> Result<Option<f64>, D::Error> {
    checked(
        input,
        |volume: f64| {
            if (0.0..=1.0).contains(&volume) { Ok(volume) } else { Err("the volume has to be from 0.0 to 1.0".into()) }
        },
    )
}

fn ahead<'de, D: Deserializer<'de>>(input: D) -> Result<Option<usize>, D::Error> {
    checked(input, |items: usize| within(items, 1))
}

fn behind<'de, D: Deserializer<'de>>(input: D) -> Result<Option<usize>, D::Error> {
    checked(input, |items: usize| within(items, 0))
}

fn within(items: usize, least: usize) -> Result<usize, String> {
    if (least..=NEIGHBOURS_MAX).contains(&items) {
        Ok(items)
    } else {
        Err(format!("this has to be from {least} to {NEIGHBOURS_MAX} items"))
    }
}

/// A host alone: whoever writes a scheme, a port or a path would believe that it counts.
fn hosts<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Vec<String>>, D::Error> {
    checked(input, |hosts: Vec<String>| {
        let is_host = |host: &&String| !host.trim().trim_matches('.').is_empty() && !host.contains(['/', '@', '*', '?', '#', ' ']);
        let has_port = |host: &&String| host.matches(':').count() == 1;
        match hosts.iter().find(|host| !is_host(host) || has_port(host)) {
            Some(host) => Err(format!("\"{host}\" is not a host; write it as in \"example.org\", which stands for its subdomains too")),
            None => Ok(hosts),
        }
    })
}

fn profile<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Profile>, D::Error> {
    checked(input, |name: String| Profile::named(&name).ok_or_else(|| format!("a profile is {PROFILE_NAMES}")))
}

fn window<'de, D: Deserializer<'de>>(input: D) -> Result<Option<(u32, u32)>, D::Error> {
    checked(input, |text: String| parse_window(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{FilterWords, Fixer, Knob};
    use crate::cli::CommonOptions;

    fn parse(text: &str) -> (Config, Vec<String>) {
        Config::parse(text, Path::new("/etc/f/config.toml")).unwrap()
    }

    fn refusal(text: &str) -> String {
        Config::parse(text, Path::new("config.toml")).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_file_and_a_file_of_comments_mean_the_defaults() {
        assert_eq!(parse("# nothing\n"), (Config::default(), vec![]));
        let settings = Settings::merge(&CommonOptions::default(), Config::default());
        assert_eq!((settings.ahead, settings.behind, settings.skip_failed), (None, None, None));
        assert_eq!(settings.cache_cap, 104_857_600);
        assert!(settings.cache_enabled);
        assert_eq!(settings.cache_max_age, std::time::Duration::from_hours(7 * 24));
        assert_eq!((settings.muted, settings.volume, settings.window), (None, None, None));
    }

    #[test]
    fn every_key_is_read() {
        let (config, warnings) = parse(
            "[cache]\nsize = \"64MiB\"\ndir = \"here\"\nenabled = false\nmax_age_days = 30\n[playback]\nmuted = true\nvolume = 0.5\nskip_failed = true\nresume = false\n\
             [preload]\nahead = 3\nbehind = 0\nprofile = \"slow\"\n[window]\nsize = \"450x800\"\n\
             [network]\ntrusted_hosts = [\"example.org\"]\n[filter]\nmakers = [\"mia\"]\nwords = [\"spam\"]\ntags = [\"#prank\"]\n\
             [flags]\na = true\nb = 25\n[export]\nprometheus = 9464\n[keys]\npreset = \"mpv\"\nnext = [\"N\"]\n",
        );
        assert_eq!(warnings, Vec::<String>::new());
        let settings = Settings::merge(&CommonOptions::default(), config);
        assert_eq!(
            settings,
            Settings {
                window: Some((450, 800)),
                cache_dir: "/etc/f/here".into(),
                cache_cap: 64 << 20,
                cache_enabled: false,
                cache_max_age: std::time::Duration::from_hours(30 * 24),
                profile: Profile::Slow,
                muted: Some(true),
                volume: Some(0.5),
                ahead: Some(3),
                behind: Some(0),
                skip_failed: Some(true),
                resume: false,
                captions: None,
                at_end: None,
                fit: None,
                appearance: AppearanceSection::default(),
                fixed: [Knob::Muted, Knob::Volume, Knob::SkipFailed, Knob::Profile].map(|knob| (knob, Fixer::Config)).into(),
                flags: [("a".into(), FlagWord::Switch(true)), ("b".into(), FlagWord::Percent(25))].into(),
                trusted_hosts: vec!["example.org".into()],
                filter: crate::feed::Filter::new(["mia".into()], ["spam".into()], ["prank".into()]),
                filter_words: FilterWords { makers: vec!["mia".into()], words: vec!["spam".into()], tags: vec!["#prank".into()] },
                export: crate::export::options::ExportOptions { prometheus: Some(9464), ..Default::default() },
                config_file: Config::default_path(),
                verbose: 0,
                keys: KeysSection { preset: Some("mpv".into()), bound: [("next".into(), vec!["N".into()])].into() },
            }
        );
    }

    #[test]
    fn an_unknown_key_is_warned_about_and_nothing_more() {
        let (config, warnings) = parse("[cache]\nsise = 5\n[gpu]\nfast = true\n[window]\nsize = \"450x800\"\n");
        assert_eq!(config.window.size, Some((450, 800)));
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].contains("'cache.sise'") && warnings[1].contains("'gpu'"), "{warnings:?}");
    }

    #[test]
    fn a_wrong_value_is_told_with_its_line() {
        assert_eq!(refusal("[cache]\n\nsize = true\n"), "config.toml, line 3: a size is a number of bytes or text such as \"64MiB\"");
        assert_eq!(refusal("[window]\nsize = \"big\"\n"), "config.toml, line 2: a window size is written WxH, for example 450x800");
        assert_eq!(refusal("[playback]\nvolume = 2.0\n"), "config.toml, line 2: the volume has to be from 0.0 to 1.0");
        assert_eq!(refusal("[preload]\nahead = 0\n"), "config.toml, line 2: this has to be from 1 to 12 items");
        for days in ["0", "3651"] {
            let sentence = refusal(&format!("[cache]\nmax_age_days = {days}\n"));
            assert_eq!(sentence, "config.toml, line 2: this has to be from 1 to 3650 days");
        }
        assert!(refusal("[cache]\nmax_age_days = -1\n").starts_with("config.toml, line 2: "));
        assert!(refusal("[preload]\nprofile = \"fast\"\n").contains("cellular"));
        assert!(refusal("[playback]\nmuted = \"yes\"\n").starts_with("config.toml, line 2: "));
        for host in ["https://example.org", "example.org:443", "*.example.org", "example.org/a", "", "."] {
            let sentence = refusal(&format!("[network]\ntrusted_hosts = [\"a.example\", \"{host}\"]\n"));
            assert!(sentence.starts_with(&format!("config.toml, line 2: \"{host}\" is not a host")), "{sentence}");
        }
        assert_eq!(refusal("[flags]\na = 101\n"), "config.toml, line 2: a share has to be from 0 to 100 percent");
        assert!(refusal("[filter]\n\nwords = \"spam\"\n").starts_with("config.toml, line 3: "));
        assert!(refusal("[keys]\n\nnext = 5\n").starts_with("config.toml, line 3: keys are text"));
        assert!(refusal("[cache\n").starts_with("config.toml, line 1: "));
        assert!(refusal("cache = 5\n").starts_with("config.toml, line 1: "));
    }

    #[test]
    fn a_cache_above_the_usual_bound_is_possible_and_warned_about() {
        let (config, warnings) = parse("[cache]\nsize = \"1GiB\"\n");
        assert_eq!(Settings::merge(&CommonOptions::default(), config).cache_cap, 1 << 30);
        assert!(warnings[0].contains("100 MiB"), "{warnings:?}");
    }

    #[test]
    fn a_named_file_has_to_exist_and_the_usual_one_need_not() {
        let folder = tempfile::tempdir().unwrap();
        let err = Config::load(Some(&folder.path().join("none.toml"))).unwrap_err();
        assert!(err.to_string().contains("none.toml"), "{err}");
        assert!(!err.retryable());
    }
}
