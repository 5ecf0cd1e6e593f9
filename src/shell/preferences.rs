//! What a run begins with: the command line, else the config file, else as it was left; and what the sheet of settings
//! tells of that.

use super::folders::Folders;
use super::state::State;
use crate::app::{Preferences, Sound, Surroundings};
use crate::config::Settings;
use crate::words::settings as words;

/// What holds at the start.
pub(super) fn begin(settings: &Settings, state: &State) -> Preferences {
    let left = state.preferences.clone();
    let sound = Sound {
        muted: settings.muted.or(state.muted).unwrap_or(false),
        volume: settings.volume.or(state.volume).unwrap_or(Sound::default().volume),
    };
    let look = &settings.appearance;
    Preferences {
        sound,
        captions: settings.captions.unwrap_or(left.captions),
        at_end: settings.at_end.unwrap_or(left.at_end),
        fit: settings.fit.unwrap_or(left.fit),
        reduced_motion: look.reduced_motion.or(left.reduced_motion),
        high_contrast: look.high_contrast.or(left.high_contrast),
        text_scale: look.text_scale.unwrap_or(left.text_scale),
        skip_failed: settings.skip_failed.or(left.skip_failed),
        ..left
    }
}

/// What the sheet of settings tells of this run; the renderer is not known yet.
pub(super) fn surroundings(settings: &Settings, folders: &Folders, program: String) -> Surroundings {
    let export = &settings.export;
    let collector = export.dogstatsd.as_ref().map(|collector| words::figures_to_collector(&collector.to_string()));
    let prometheus = export.prometheus.map(|port| match port {
        0 => words::figures_at("127.0.0.1"),
        port => words::figures_at(&format!("127.0.0.1:{port}")),
    });
    let config = folders.config.join("config.toml");
    let paths = [(words::CONFIG_FILE, &config), (words::CACHE_FOLDER, &settings.cache_dir), (words::STATE_FOLDER, &folders.state)];
    Surroundings {
        program,
        renderer: String::new(),
        fixed: settings.fixed.clone(),
        filter: settings.filter_words.clone(),
        figures_to: collector.into_iter().chain(prometheus).collect(),
        usage_to: export.segment.as_ref().map(|target| target.endpoint.host().to_owned()),
        folders: paths.into_iter().map(|(what, path)| (what, path.display().to_string())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{AtEnd, Fit};
    use crate::cli::CommonOptions;
    use crate::config::Config;

    fn settings(text: &str) -> Settings {
        Settings::merge(&CommonOptions::default(), toml::from_str::<Config>(text).unwrap())
    }

    fn left() -> State {
        let preferences = Preferences {
            captions: true,
            at_end: AtEnd::Stop,
            fit: Fit::Cover,
            reduced_motion: Some(true),
            text_scale: 1.75,
            ready_on_battery: true,
            ..Preferences::default()
        };
        State { volume: Some(0.25), muted: Some(true), preferences, ..State::default() }
    }

    #[test]
    fn what_nobody_fixed_is_as_it_was_left() {
        let begun = begin(&settings(""), &left());
        let sound = Sound { muted: true, volume: 0.25 };
        assert_eq!(begun, Preferences { sound, ..left().preferences });
    }

    #[test]
    fn the_config_file_weighs_more_than_what_was_left() {
        let text = "[playback]\nmuted = false\ncaptions = false\nat_end = \"repeat\"\nfit = \"contain\"\n\
                    [appearance]\nreduced_motion = false\nhigh_contrast = true\ntext_scale = 1.0\n";
        let begun = begin(&settings(text), &left());
        let expected = Preferences {
            sound: Sound { muted: false, volume: 0.25 },
            reduced_motion: Some(false),
            high_contrast: Some(true),
            ready_on_battery: true,
            ..Preferences::default()
        };
        assert_eq!(begun, expected);
    }

    #[test]
    fn who_is_told_figures_and_events_is_named_without_a_key() {
        let text = "[export]\nprometheus = 9464\nsegment_endpoint = \"https://events.example\"\nsegment_write_key = \"s3cr3t\"\n";
        let told = surroundings(&settings(text), &Folders::find(), "Flickreel".into());
        assert_eq!(told.figures_to, ["Prometheus can read them at http://127.0.0.1:9464/metrics."]);
        assert_eq!(told.usage_to.as_deref(), Some("events.example"));
        assert!(!format!("{told:?}").contains("s3cr3t"));
        let nothing = surroundings(&settings(""), &Folders::find(), "Flickreel".into());
        assert_eq!((nothing.figures_to, nothing.usage_to), (Vec::new(), None));
    }
}
