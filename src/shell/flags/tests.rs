//! Feature flags over several sessions, with a real state folder.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::app::{Decision, Why};
use crate::cli::CommonOptions;
use crate::config::Config;

/// Folders of their own, and settings.
struct Place {
    folders: Folders,
    settings: Settings,
    _root: TempDir,
}

impl Place {
    /// With this in `flags.toml`.
    fn with(flags: &str) -> Self {
        let root = TempDir::new().unwrap();
        let [config, state] = ["config", "state"].map(|name| root.path().join(name));
        fs::create_dir(&config).unwrap();
        fs::write(config.join("flags.toml"), flags).unwrap();
        let folders = Folders { config, state, ..Folders::find() };
        Self { folders, settings: Settings::merge(&CommonOptions::default(), Config::default()), _root: root }
    }

    fn begin(&self) -> Trial {
        Trial::begin(&self.settings, &self.folders)
    }

    fn file(&self) -> FlagFile {
        FlagFile::new(self.folders.flags_file())
    }

    /// A session whose process goes without a word: all that is left of it is its mark.
    fn crash(&self) {
        drop(self.begin().running);
    }
}

const SKIP: Flag = Flag::AutoSkipFailed;

fn rolled_back(breach: Breach) -> Decision {
    Decision { on: false, why: Why::RolledBack(breach) }
}

#[test]
fn two_crashes_in_a_row_with_a_flag_switch_it_off_for_good_and_say_so_once() {
    let place = Place::with("auto_skip_failed = 100\n");
    place.begin().end();
    place.crash();
    let trial = place.begin();
    assert!(trial.flags.is_on(SKIP) && trial.notices.is_empty(), "once may happen");
    drop(trial.running);
    let trial = place.begin();
    assert_eq!(trial.flags.decision(SKIP), rolled_back(Breach::Crashes));
    assert_eq!(trial.notices, ["The flag auto_skip_failed was switched off: two sessions in a row ended abruptly."]);
    trial.end();
    let trial = place.begin();
    assert_eq!((trial.flags.decision(SKIP), trial.notices.len()), (rolled_back(Breach::Crashes), 0));
    let told = text(&place.settings, &place.folders);
    assert!(told.contains("switched off: two sessions in a row ended abruptly"), "{told}");
    assert!(told.contains("ended: well, abruptly, abruptly, well."), "{told}");
}

#[test]
fn crashes_that_came_before_a_flag_are_not_held_against_it() {
    let place = Place::with("");
    place.crash();
    fs::write(place.folders.config.join("flags.toml"), "auto_skip_failed = 100\n").unwrap();
    place.crash();
    place.crash();
    assert!(place.begin().flags.is_on(SKIP));
}

#[test]
fn a_session_beside_another_takes_it_for_no_crash() {
    let place = Place::with("auto_skip_failed = 100\n");
    let running: Vec<_> = (0..4).map(|_| place.begin()).collect();
    assert!(running.iter().all(|trial| trial.flags.is_on(SKIP)));
    running.into_iter().for_each(Trial::end);
    assert_eq!(place.file().load().unwrap().sessions().iter().filter(|session| session.clean).count(), 4);
}

#[test]
fn who_sits_nearest_is_believed_first() {
    let mut place = Place::with("wide_window_echo = 0\npreload_plus_three = 100\n");
    let served = Served { by: "a.example".into(), shares: Flag::ALL.map(|flag| (flag.name().to_owned(), 100)).into() };
    place.file().note_served(&served);
    place.settings.flags = [("preload_plus_three".to_owned(), FlagWord::Switch(false))].into();
    let trial = place.begin();
    let expected = [Why::Share(100, Teller::Feed), Why::Share(0, Teller::File), Why::Chosen(Teller::Config)];
    assert_eq!(Flag::ALL.map(|flag| trial.flags.decision(flag).why), expected);
    assert_eq!(Flag::ALL.map(|flag| trial.flags.is_on(flag)), [true, false, false]);
    let told = text(&place.settings, &place.folders);
    assert!(told.contains("for 100 % by the feed service a.example; this installation is among them"), "{told}");
    assert!(told.contains("chosen in config.toml") && told.contains("for 0 % by flags.toml; this installation is not"), "{told}");
}

#[test]
fn a_flag_that_was_switched_off_in_a_session_stays_off_until_a_person_chooses_it() {
    let mut place = Place::with("auto_skip_failed = 100\n");
    place.begin().end();
    place.file().note_rolled_back(SKIP, Breach::Memory);
    assert_eq!(place.begin().flags.decision(SKIP), rolled_back(Breach::Memory));
    place.settings.flags = [("auto_skip_failed".to_owned(), FlagWord::Switch(true))].into();
    assert!(place.begin().flags.is_on(SKIP));
}

#[test]
fn a_measuring_run_tries_nothing_out_and_does_what_a_person_chose() {
    let mut place = Place::with("preload_plus_three = 100\n");
    assert_eq!(of_measuring_run(&place.settings, &place.folders), Flags::default());
    place.settings.flags = [("auto_skip_failed".to_owned(), FlagWord::Switch(true))].into();
    assert!(of_measuring_run(&place.settings, &place.folders).is_on(SKIP));
    assert!(!place.folders.state.exists(), "nothing is left behind");
}

#[test]
fn the_id_stays_and_is_drawn_anew_only_where_it_was_lost() {
    let place = Place::with("");
    let id = || place.file().change(|_| {}).unwrap().id().to_owned();
    let first = id();
    assert!(first.len() == 32 && first.bytes().all(|digit| digit.is_ascii_hexdigit()), "{first}");
    assert_eq!(id(), first);
    assert_ne!(Place::with("").file().change(|_| {}).unwrap().id(), first);
    for damaged in [&b"id = \"short\""[..], b"id = [", b"\xff\xfe", b""] {
        fs::write(place.folders.flags_file(), damaged).unwrap();
        let drawn = id();
        assert_eq!((drawn.len(), id()), (32, drawn.clone()), "{damaged:?}");
    }
}

#[test]
fn a_process_that_is_killed_while_it_writes_leaves_what_was_there() {
    let place = Place::with("auto_skip_failed = 100\n");
    place.begin().end();
    place.file().note_rolled_back(SKIP, Breach::LoadFailures);
    let whole = fs::read(place.folders.flags_file()).unwrap();
    // What a process leaves that is killed between the first byte of its draft and the last: half a draft, and a lock
    // file without a lock.
    fs::write(place.folders.flags_file().with_extension("4711.tmp"), &whole[..whole.len() / 2]).unwrap();
    assert_eq!(place.begin().flags.decision(SKIP), rolled_back(Breach::LoadFailures));
    // One that cannot finish its draft, as on a full disk: here something stands in its way.
    let draft = place.folders.flags_file().with_extension(format!("{}.tmp", std::process::id()));
    fs::create_dir(&draft).unwrap();
    assert!(place.file().change(|memory| memory.roll_back(Flag::PreloadPlusThree, Breach::Memory)).is_err());
    assert_eq!(fs::read(place.folders.flags_file()).unwrap(), whole);
}

#[test]
fn many_at_once_lose_nothing() {
    let place = Place::with("");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..4 {
                    place.file().change(|memory| memory.add(&Session { flags: vec![], clean: true })).unwrap();
                }
            });
        }
    });
    assert_eq!(place.file().load().unwrap().sessions().len(), 16);
}

#[test]
fn where_nothing_can_be_remembered_no_share_counts() {
    let mut place = Place::with("auto_skip_failed = 100\n");
    let file = place.folders.config.join("flags.toml");
    place.folders.state = file.join("below-a-file");
    let trial = place.begin();
    assert_eq!(trial.flags, Flags::default());
    trial.end();
}
