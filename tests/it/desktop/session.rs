//! Locks, screen savers and sleep.

use flickreel::app::Presence;
use tempfile::TempDir;

use super::rig::{Bus, Listener, Mock};

const LOGIN: &str = "org.freedesktop.login1";
const LOGIN_PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
/// The session as it is asked for, and as it is called.
const AUTO: &str = "/org/freedesktop/login1/session/auto";
const OWN: &str = "/org/freedesktop/login1/session/_32";

const THERE: Presence = Presence { locked: false, asleep: false };
const LOCKED: Presence = Presence { locked: true, asleep: false };
const ASLEEP: Presence = Presence { locked: false, asleep: true };

fn login(bus: &Bus) -> Mock<'_> {
    bus.template(LOGIN, "logind", "{}")
}

#[test]
fn a_session_that_is_locked_and_opened_is_heard_although_its_signals_bear_another_name() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let login = login(&bus);
    let locked = |path: &str, locked: bool| {
        login.add_object(LOGIN_PATH, path, SESSION);
        login.add(path, SESSION, "LockedHint", locked);
    };
    locked(AUTO, true);
    locked(OWN, true);
    let listener = Listener::start(Some(&bus), None);
    listener.until_presence(LOCKED);
    // The object that is asked says nothing by itself; the one that speaks is the session.
    login.remove_object(LOGIN_PATH, AUTO);
    locked(AUTO, false);
    login.set(OWN, SESSION, "LockedHint", false);
    listener.until_presence(THERE);
}

#[test]
fn a_machine_that_goes_to_sleep_says_so_before_and_after() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let login = login(&bus);
    let listener = Listener::start(Some(&bus), None);
    for _ in 0..2 {
        for (asleep, presence) in [(true, ASLEEP), (false, THERE)] {
            login.set(LOGIN_PATH, MANAGER, "PreparingForSleep", asleep);
            login.signal_flag(LOGIN_PATH, MANAGER, "PrepareForSleep", asleep);
            listener.until_presence(presence);
        }
    }
}

#[test]
fn screen_savers_of_several_desktops_are_heard() {
    for (name, path) in [
        ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
        ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
        ("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
    ] {
        let dir = TempDir::new().unwrap();
        let bus = Bus::start(&dir);
        let saver = bus.object(name, path, name);
        let says = |active: bool| {
            saver.method(path, name, "GetActive", "b", if active { "ret = True" } else { "ret = False" });
            saver.signal_flag(path, name, "ActiveChanged", active);
        };
        let listener = Listener::start(None, Some(&bus));
        says(true);
        listener.until_presence(LOCKED);
        says(false);
        listener.until_presence(THERE);
    }
}

#[test]
fn a_screen_saver_that_crashes_while_it_covers_the_screen_does_not_keep_it_covered() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let saver = bus.template("org.gnome.ScreenSaver", "gnome_screensaver", "{}");
    let path = "/org/gnome/ScreenSaver";
    let listener = Listener::start(None, Some(&bus));
    saver.method(path, "org.gnome.ScreenSaver", "GetActive", "b", "ret = True");
    saver.signal_flag(path, "org.gnome.ScreenSaver", "ActiveChanged", true);
    listener.until_presence(LOCKED);
    drop(saver);
    listener.until_presence(THERE);
}
