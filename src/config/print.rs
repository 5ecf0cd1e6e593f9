//! Every setting as a config file that says what each key means, what holds without it, and what holds now.

use std::fmt::Write;

use clap::ValueEnum;
use toml::Value;

use super::{FilterSection, FlagWord, Settings};

/// One key.
struct Key {
    section: &'static str,
    name: &'static str,
    meaning: &'static str,
    /// As it is written in the file, or in words.
    default: &'static str,
    /// What is in force; `None`: the default, for which there is no value to write down.
    now: Option<Value>,
    /// A line for who wants to set it.
    example: &'static str,
}

/// How the file begins.
const HEAD: &str = "\
# The settings of Flickreel: what each key means, what holds without it, and what is in force now.
# A line that begins with # is a comment. This text is a config file: as flickreel/config.toml in the configuration
# folder (~/.config) it sets what is in force now.
";

/// The config file that says what is in force: read again, it gives the same settings. `filter` is its section as it was
/// written. A write key is in it: the text is for the viewer alone.
#[must_use]
pub fn printed(now: &Settings, filter: &FilterSection) -> String {
    let mut text = HEAD.to_owned();
    let mut section = "";
    for key in keys(now, filter) {
        text.push('\n');
        if key.section != section {
            section = key.section;
            let _ = writeln!(text, "[{section}]");
        }
        let Key { name, meaning, default, example, .. } = key;
        let _ = writeln!(text, "# {meaning}\n# Default: {default}.");
        let _ = match key.now {
            Some(value) => writeln!(text, "{name} = {value}"),
            None => writeln!(text, "# {name} = {example}"),
        };
    }
    text.push_str("\n[flags]\n# Behaviours that are tried out, by name: true, false, or a share of all installations in percent.\n");
    text.push_str("# `flickreel flags` tells the names.\n# Default: as the feed service says, else off.\n");
    for (name, word) in &now.flags {
        let word = match word {
            FlagWord::Switch(on) => Value::from(*on),
            FlagWord::Percent(share) => Value::from(i64::from(*share)),
        };
        // A name may hold anything that a quoted key may.
        let _ = writeln!(text, "{} = {word}", Value::from(name.as_str()));
    }
    text.push_str(
        "\n[keys]\n# Which keys mean what, by the names of docs/KEYS.md: next = [\"Down\", \"J\"]; like = [] takes its keys away.\n",
    );
    text.push_str("# The preset is feed or mpv.\n# Default: as you left it, else \"feed\".\n");
    let _ = match &now.keys.preset {
        Some(preset) => writeln!(text, "preset = {}", Value::from(preset.as_str())),
        None => writeln!(text, "# preset = \"mpv\""),
    };
    for (action, chords) in &now.keys.bound {
        let _ = writeln!(text, "{} = {}", Value::from(action.as_str()), Value::from(chords.clone()));
    }
    text
}

/// A choice as the file writes it.
fn word<T: serde::Serialize>(choice: T) -> Option<Value> {
    Value::try_from(choice).ok()
}

fn keys(now: &Settings, filter: &FilterSection) -> Vec<Key> {
    let key = |section, name, meaning, default, now: Option<Value>, example| Key { section, name, meaning, default, now, example };
    let number = |number: u64| i64::try_from(number).ok().map(Value::from);
    let count = |count: Option<usize>| count.and_then(|count| number(count as u64));
    let words = |words: &[String]| Some(Value::from(words.to_vec())).filter(|_| !words.is_empty());
    let size = now.window.map(|(width, height)| Value::from(format!("{width}x{height}")));
    let profile = now.profile.to_possible_value().map(|profile| Value::from(profile.get_name()));
    let dir = std::path::absolute(&now.cache_dir).ok().and_then(|dir| Some(Value::from(dir.to_str()?)));
    let days = now.cache_max_age.as_secs() / (24 * 60 * 60);
    let (export, look) = (&now.export, &now.appearance);
    let (endpoint, write_key) =
        export.segment.as_ref().map(|target| (target.endpoint.url().as_str().into(), target.write_key.secret().into())).unzip();
    let volume = "From 0.0 to 1.0, as one hears it. Not set: as you left it.";
    vec![
        key("cache", "size", "Bound of the disk cache, a number of bytes or text.", "\"100MiB\"", number(now.cache_cap), "\"64MiB\""),
        key("cache", "dir", "Where it lies; relative to the folder of this file.", "the desktop's folder for caches", dir, "\"~/cache\""),
        key("cache", "enabled", "Whether anything of feeds is kept on disk.", "true", Some(now.cache_enabled.into()), "true"),
        key("cache", "max_age_days", "Days after which what nobody used is removed, 1 to 3650.", "7", number(days), "7"),
        key("playback", "muted", "Start without sound. Not set: as you left it.", "not set", now.muted.map(Value::from), "true"),
        key("playback", "volume", volume, "not set", now.volume.map(Value::from), "0.8"),
        key("playback", "skip_failed", SKIP_FAILED, "not set", now.skip_failed.map(Value::from), "true"),
        key("playback", "captions", CAPTIONS, "not set", now.captions.map(Value::from), "true"),
        key("playback", "at_end", AT_END, "not set", now.at_end.and_then(word), "\"advance\""),
        key("playback", "fit", FIT, "not set", now.fit.and_then(word), "\"cover\""),
        key("playback", "resume", "Whether a source is opened where you left it.", "true", Some(now.resume.into()), "true"),
        key("preload", "ahead", "Videos after this one that are readied, 1 to 12.", "as the profile says", count(now.ahead), "2"),
        key("preload", "behind", "Videos before this one that are readied, 0 to 12.", "as the profile says", count(now.behind), "1"),
        key("preload", "profile", PROFILE, "\"auto\"", profile, "\"auto\""),
        key("window", "size", "Width and height. Not set: as you left it.", "not set", size, "\"450x800\""),
        key("network", "trusted_hosts", HOSTS, "any host", words(&now.trusted_hosts), "[\"example.org\"]"),
        key("filter", "makers", "Makers whose videos are left out.", "none", words(&filter.makers), "[\"mia\"]"),
        key("filter", "words", "Words that no title and no description may have.", "none", words(&filter.words), "[\"spoiler\"]"),
        key("filter", "tags", "Tags that no video may have.", "none", words(&filter.tags), "[\"#prank\"]"),
        key("export", "dogstatsd", DOGSTATSD, "nobody", export.dogstatsd.as_ref().map(|at| at.to_string().into()), "\"127.0.0.1:8125\""),
        key("export", "prometheus", PROMETHEUS, "none", export.prometheus.map(|port| i64::from(port).into()), "9464"),
        key(
            "export",
            "segment_endpoint",
            "The batch API that gets usage events.",
            "nobody",
            endpoint,
            "\"https://api.segment.io/v1/batch\"",
        ),
        key("export", "segment_write_key", "What lets events in there: a secret.", "none", write_key, "\"…\""),
        key("appearance", "reduced_motion", MOTION, "not set", look.reduced_motion.map(Value::from), "true"),
        key("appearance", "high_contrast", CONTRAST, "not set", look.high_contrast.map(Value::from), "true"),
        key("appearance", "text_scale", TEXT, "not set", look.text_scale.map(|scale| Value::from(f64::from(scale))), "1.5"),
    ]
}

const SKIP_FAILED: &str = "Whether a failed video makes room for the next one by itself. Not set: as you left it.";
const CAPTIONS: &str = "Whether captions are shown where there are some. Not set: as you left it.";
const AT_END: &str = "What happens at the end of a video: repeat, stop or advance. Not set: as you left it.";
const FIT: &str = "How a picture lies in the window: contain or cover. Not set: as you left it.";
const MOTION: &str = "No slides. Not set: as you left it, else as the desktop says.";
const CONTRAST: &str = "Solid grounds and lines. Not set: as you left it, else as the desktop says.";
const TEXT: &str = "Size of text, 1.0 to 2.0. Not set: as you left it.";
const PROFILE: &str = "How far to ready ahead and how long to wait: auto, wifi, cellular, slow or testing.";
const HOSTS: &str = "Hosts that media may come from beside the feed's own, each with its subdomains.";
const DOGSTATSD: &str = "A DogStatsD collector that gets figures: HOST:PORT or unix:/PATH.";
const PROMETHEUS: &str = "The port of this machine at which Prometheus may read figures; 0: any that is free.";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::known::KNOWN;
    use super::super::{Config, NEIGHBOURS_MAX};
    use super::*;
    use crate::cli::CommonOptions;

    /// The settings of a text, and what the text of these is read as.
    fn there_and_back(text: &str, cli: &CommonOptions) -> (Settings, Settings, String) {
        let parse = |text: &str| Config::parse(text, Path::new("/etc/f/config.toml")).unwrap();
        let (config, _) = parse(text);
        let filter = config.filter.clone();
        let settings = Settings::merge(cli, config);
        let text = printed(&settings, &filter);
        let (again, warnings) = parse(&text);
        assert!(warnings.iter().all(|warning| warning.contains("100 MiB")), "{warnings:?}\n{text}");
        (settings, Settings::merge(&CommonOptions::default(), again), text)
    }

    #[test]
    fn every_key_is_told_with_its_meaning_and_default_and_no_other() {
        let text = printed(&Settings::merge(&CommonOptions::default(), Config::default()), &FilterSection::default());
        let told: Vec<_> = keys(&Settings::merge(&CommonOptions::default(), Config::default()), &FilterSection::default())
            .iter()
            .map(|key| (key.section, key.name))
            .collect();
        let known: Vec<_> = KNOWN.iter().flat_map(|(section, keys)| keys.iter().map(move |key| (*section, *key))).collect();
        assert_eq!(told, known, "in the same order");
        assert_eq!(text.matches("\n# Default: ").count(), known.len() + 2, "those of flags and keys once each");
        assert!(text.lines().all(|line| line.chars().count() <= 130), "{text}");
    }

    #[test]
    fn what_is_printed_means_the_same_when_it_is_read() {
        let everything = "[cache]\nsize = \"1GiB\"\ndir = \"here\"\nenabled = false\nmax_age_days = 30\n[playback]\nmuted = true\nvolume = 0.5\n\
             skip_failed = true\ncaptions = true\nat_end = \"stop\"\nfit = \"cover\"\nresume = false\n[preload]\nahead = 3\nbehind = 0\nprofile = \"slow\"\n[window]\nsize = \"450x800\"\n\
             [network]\ntrusted_hosts = [\"example.org\"]\n[filter]\nmakers = [\"Mia \\\"M\\\"\"]\nwords = [\"two words\"]\ntags = [\"#prank\"]\n\
             [flags]\na = true\n\"b c\" = 25\n[export]\nprometheus = 0\ndogstatsd = \"unix:/run/d\"\nsegment_endpoint = \"https://h\"\n\
             segment_write_key = \"k\"\n[appearance]\nreduced_motion = false\nhigh_contrast = true\ntext_scale = 1.5\n\
             [keys]\npreset = \"mpv\"\nnext = [\"Ctrl+N\", \"X\"]\nlike = []\n";
        let typed = CommonOptions { mute: true, profile: Some(crate::cli::Profile::Testing), ..CommonOptions::default() };
        for (text, cli) in [("", CommonOptions::default()), (everything, CommonOptions::default()), (everything, typed)] {
            let (settings, again, text) = there_and_back(text, &cli);
            // What is written down is fixed from then on.
            let unfixed = |settings| Settings { fixed: Vec::new(), ..settings };
            assert_eq!(unfixed(settings), unfixed(again), "{text}");
        }
    }

    #[test]
    fn every_example_may_be_taken_as_it_is() {
        let text = printed(&Settings::merge(&CommonOptions::default(), Config::default()), &FilterSection::default());
        let taken: Vec<_> = text
            .lines()
            .map(|line| {
                line.strip_prefix("# ").filter(|rest| rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))).unwrap_or(line)
            })
            .collect();
        let (config, warnings) = Config::parse(&taken.join("\n").replace('…', "k"), Path::new("config.toml")).unwrap();
        assert_eq!(warnings, Vec::<String>::new());
        assert!(config.preload.ahead.unwrap() <= NEIGHBOURS_MAX && config.export.segment_endpoint.is_some());
    }
}
