//! A report that is asked for in the window: written beside everything else, and a toast says where.

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use tokio::runtime::Handle;

use super::super::Folders;
use super::super::events::EventSender;
use super::super::last_figures::LastFigures;
use super::super::state::save_private;
use super::{archive, file_name};
use crate::app::Event;
use crate::config::Settings;
use crate::words::around as words;

/// Writes reports while the window goes on.
pub(in super::super) struct Reporter {
    runtime: Handle,
    events: EventSender,
    settings: Settings,
    folders: Folders,
}

impl Reporter {
    /// Nothing is looked at yet.
    pub fn new(runtime: Handle, events: EventSender, settings: Settings, folders: Folders) -> Self {
        Self { runtime, events, settings, folders }
    }

    /// Writes a report with these figures. An event says where it is, or why it is not.
    pub fn save(&self, figures: LastFigures) {
        let (events, settings, folders) = (self.events.clone(), self.settings.clone(), self.folders.clone());
        self.runtime.spawn_blocking(move || {
            let text = write(&settings, &folders, &figures)
                .map_or_else(|err| words::report_failed(format!("{err:#}")), |path| words::report_saved(path.display()));
            events.send(Event::Notice(text));
        });
    }
}

fn write(settings: &Settings, folders: &Folders, figures: &LastFigures) -> Result<PathBuf> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // What the archive takes as the last figures is to be those of this moment.
    save_private(&folders.figures_file(), &figures.to_json()?)?;
    let path = folders.reports().join(file_name(now));
    let bytes = archive(settings.config_file.as_deref(), settings, folders, now)?;
    fs::create_dir_all(folders.reports())?;
    save_private(&path, &bytes)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::events::{Waker, queue};
    use super::*;
    use crate::app::{Model, Options};
    use crate::cli::CommonOptions;
    use crate::config::Config;
    use crate::metrics::Snapshot;

    /// What is said when a report is asked for whose folders lie in `home`.
    fn said(home: &std::path::Path) -> String {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (events, said) = queue(Waker::default());
        let words = CommonOptions { cache_dir: Some(home.join("cache")), config: Some(home.join("config.toml")), ..Default::default() };
        let folders = Folders { state: home.join("state"), ..Folders::find() };
        let figures = LastFigures::of(&Model::new(&Options::default()), &Snapshot::default(), "none", SystemTime::now());
        Reporter::new(runtime.handle().clone(), events, Settings::merge(&words, Config::default()), folders).save(figures);
        match said.recv_timeout(Duration::from_mins(2)).unwrap() {
            Event::Notice(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_report_that_is_asked_for_in_the_window_is_written_with_the_figures_of_that_moment_and_its_place_is_told() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("config.toml"), "[cache]\nsize = '64MiB'\n").unwrap();
        let text = said(home.path());
        let report = fs::read_dir(home.path().join("state/reports")).unwrap().next().unwrap().unwrap().path();
        assert_eq!(text, format!("The report for testers is in {}.", report.display()));
        let list = std::process::Command::new("tar").arg("-tzf").arg(&report).output().unwrap();
        let list = String::from_utf8(list.stdout).unwrap();
        for name in ["figures.json", "config.toml", "doctor.txt"] {
            assert!(list.lines().any(|line| line.ends_with(name)), "no {name} in\n{list}");
        }
    }

    #[test]
    fn one_that_cannot_be_written_is_told_with_the_reason() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("state"), "a file where the folder should be").unwrap();
        let text = said(home.path());
        assert!(text.starts_with("The report for testers could not be saved: ") && text.ends_with('.'), "{text}");
    }
}
