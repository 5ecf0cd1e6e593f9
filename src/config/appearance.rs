//! `[appearance]` of the config file, and which of all keys fix what a viewer could set otherwise.

use serde::{Deserialize, Deserializer};

use super::{Config, checked};
use crate::app::{Fixer, Knob};
use crate::cli::CommonOptions;

/// The keys of the section.
pub(super) const KEYS: &[&str] = &["reduced_motion", "high_contrast", "text_scale"];
/// What text may be scaled by.
const SCALES: std::ops::RangeInclusive<f32> = 1.0..=2.0;

/// `[appearance]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct AppearanceSection {
    /// Whether nothing slides; else as the desktop says.
    pub reduced_motion: Option<bool>,
    /// Whether lines are solid and grounds let nothing through; else as the desktop says.
    pub high_contrast: Option<bool>,
    /// Size of text, 1.0 to 2.0.
    #[serde(deserialize_with = "text_scale")]
    pub text_scale: Option<f32>,
}

fn text_scale<'de, D: Deserializer<'de>>(input: D) -> Result<Option<f32>, D::Error> {
    checked(input, |scale: f32| if SCALES.contains(&scale) { Ok(scale) } else { Err("text can be scaled by 1.0 to 2.0".into()) })
}

/// What the command line and the config file decide in place of the viewer.
pub(super) fn fixed(cli: &CommonOptions, config: &Config) -> Vec<(Knob, Fixer)> {
    let (playback, look) = (&config.playback, &config.appearance);
    let by_config = [
        (Knob::Muted, playback.muted.is_some()),
        (Knob::Volume, playback.volume.is_some()),
        (Knob::AtEnd, playback.at_end.is_some()),
        (Knob::Fit, playback.fit.is_some()),
        (Knob::Captions, playback.captions.is_some()),
        (Knob::SkipFailed, playback.skip_failed.is_some()),
        (Knob::Profile, config.preload.profile.is_some()),
        (Knob::ReducedMotion, look.reduced_motion.is_some()),
        (Knob::HighContrast, look.high_contrast.is_some()),
        (Knob::TextScale, look.text_scale.is_some()),
    ];
    let by_command_line = [(Knob::Muted, cli.mute), (Knob::Profile, cli.profile.is_some())];
    let told = |told: &[(Knob, bool)], fixer| told.iter().filter(|(_, told)| *told).map(|(knob, _)| (*knob, fixer)).collect::<Vec<_>>();
    // Who asks finds the first one: the command line wins.
    [told(&by_command_line, Fixer::CommandLine), told(&by_config, Fixer::Config)].concat()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::app::{AtEnd, Fit};
    use crate::cli::Profile;
    use crate::config::Settings;

    fn merge(text: &str, cli: &CommonOptions) -> Settings {
        let (config, warnings) = Config::parse(text, Path::new("config.toml")).unwrap();
        assert_eq!(warnings, Vec::<String>::new());
        Settings::merge(cli, config)
    }

    #[test]
    fn every_key_that_a_viewer_could_set_otherwise_is_read_and_fixed() {
        let text = "[playback]\ncaptions = true\nat_end = \"advance\"\nfit = \"cover\"\n\
                    [appearance]\nreduced_motion = false\nhigh_contrast = true\ntext_scale = 1.5\n";
        let settings = merge(text, &CommonOptions::default());
        assert_eq!((settings.captions, settings.at_end, settings.fit), (Some(true), Some(AtEnd::Advance), Some(Fit::Cover)));
        let look = AppearanceSection { reduced_motion: Some(false), high_contrast: Some(true), text_scale: Some(1.5) };
        assert_eq!(settings.appearance, look);
        let fixed = [Knob::AtEnd, Knob::Fit, Knob::Captions, Knob::ReducedMotion, Knob::HighContrast, Knob::TextScale];
        assert_eq!(settings.fixed, fixed.map(|knob| (knob, Fixer::Config)));
    }

    #[test]
    fn what_nobody_told_is_left_to_the_viewer() {
        let settings = merge("", &CommonOptions::default());
        assert_eq!((settings.fixed, settings.appearance), (Vec::new(), AppearanceSection::default()));
    }

    #[test]
    fn the_command_line_is_named_before_the_file() {
        let cli = CommonOptions { profile: Some(Profile::Slow), mute: true, ..CommonOptions::default() };
        let settings = merge("[preload]\nprofile = \"wifi\"\n", &cli);
        let profile = settings.fixed.iter().find(|(knob, _)| *knob == Knob::Profile);
        assert_eq!(profile, Some(&(Knob::Profile, Fixer::CommandLine)));
        assert!(settings.fixed.contains(&(Knob::Muted, Fixer::CommandLine)));
    }

    #[test]
    fn text_of_no_size_and_an_end_that_is_none_are_refused_with_their_line() {
        let refusal = |text: &str| Config::parse(text, Path::new("config.toml")).unwrap_err().to_string();
        for scale in ["0.5", "2.5", "nan"] {
            assert_eq!(
                refusal(&format!("[appearance]\n\ntext_scale = {scale}\n")),
                "config.toml, line 3: text can be scaled by 1.0 to 2.0"
            );
        }
        assert!(refusal("[playback]\nat_end = \"explode\"\n").starts_with("config.toml, line 2: "));
    }
}
