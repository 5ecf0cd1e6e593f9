//! Which keys there are, and what was probably meant by one that there is not.

use crate::app::nearest;

/// Sections and their keys; those of `[flags]` and `[keys]` have names of their own.
pub(super) const KNOWN: [(&str, &[&str]); 8] = [
    ("cache", &["size", "dir", "enabled", "max_age_days"]),
    ("playback", &["muted", "volume", "skip_failed", "captions", "at_end", "fit", "resume"]),
    ("preload", &["ahead", "behind", "profile"]),
    ("window", &["size"]),
    ("network", &["trusted_hosts"]),
    ("filter", &["makers", "words", "tags"]),
    ("export", super::export::KEYS),
    ("appearance", super::appearance::KEYS),
];

/// What of a file means nothing, in sentences. Flags are warned about where their names are known.
pub(super) fn unknown_keys(table: &toml::Table) -> Vec<String> {
    let mut warnings = Vec::new();
    for (section, value) in table {
        let inside = value.as_table().into_iter().flat_map(toml::Table::keys);
        match KNOWN.iter().find(|(known, _)| known == section) {
            None if section == "flags" || section == "keys" => {}
            None => warnings.push(sentence(section, section_meant(section))),
            Some((_, keys)) => {
                let unknown = inside.filter(|key| !keys.contains(&key.as_str()));
                warnings.extend(unknown.map(|key| sentence(&format!("{section}.{key}"), key_meant(key, keys))));
            }
        }
    }
    warnings
}

fn sentence(name: &str, meant: Option<String>) -> String {
    match meant {
        Some(meant) => format!("'{name}' means nothing here and is ignored; did you mean '{meant}'?"),
        None => format!("'{name}' means nothing here and is ignored."),
    }
}

fn section_meant(name: &str) -> Option<String> {
    let sections = KNOWN.iter().map(|(section, _)| *section).chain(["flags", "keys"]);
    nearest(name, sections).map(str::to_owned).or_else(|| elsewhere(name))
}

fn key_meant(name: &str, keys: &[&'static str]) -> Option<String> {
    nearest(name, keys.iter().copied()).map(str::to_owned).or_else(|| elsewhere(name))
}

/// A key that stands in the wrong section, with the right one.
fn elsewhere(name: &str) -> Option<String> {
    KNOWN.iter().find(|(_, keys)| keys.contains(&name)).map(|(section, _)| format!("{section}.{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(text: &str) -> Vec<String> {
        unknown_keys(&toml::from_str(text).unwrap())
    }

    #[test]
    fn a_slip_of_the_pen_is_told_with_what_was_probably_meant() {
        for (text, meant) in [
            ("[preload]\nahed = 2", "'preload.ahed' means nothing here and is ignored; did you mean 'ahead'?"),
            ("[cache]\nmax-age-days = 2", "'cache.max-age-days' means nothing here and is ignored; did you mean 'max_age_days'?"),
            ("[playback]\nSkipFailed = true", "'playback.SkipFailed' means nothing here and is ignored; did you mean 'skip_failed'?"),
            ("[playback]\nahead = 2", "'playback.ahead' means nothing here and is ignored; did you mean 'preload.ahead'?"),
            ("[cahce]\nsize = 2", "'cahce' means nothing here and is ignored; did you mean 'cache'?"),
            ("volume = 0.5", "'volume' means nothing here and is ignored; did you mean 'playback.volume'?"),
        ] {
            assert_eq!(warnings(text), [meant]);
        }
    }

    #[test]
    fn what_is_like_nothing_is_told_without_a_guess() {
        assert_eq!(warnings("[gpu]\nfast = true"), ["'gpu' means nothing here and is ignored."]);
        assert_eq!(warnings("[cache]\nkey = 1"), ["'cache.key' means nothing here and is ignored."]);
        assert_eq!(warnings("[flags]\nanything = 1"), Vec::<String>::new());
    }
}
