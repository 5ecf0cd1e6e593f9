//! A screen that is kept bright, and let go dark again.

use flickreel::desktop;
use tempfile::TempDir;
use tokio::sync::watch;

use super::rig::{Bus, Mock, runtime, until};

const SAVER: &str = "org.freedesktop.ScreenSaver";
const PATH: &str = "/org/freedesktop/ScreenSaver";

/// Gives out 7, 8, 9 …
fn saver(bus: &Bus) -> Mock<'_> {
    let saver = bus.object(SAVER, PATH, SAVER);
    saver.method_of(PATH, SAVER, "Inhibit", ("ss", "u"), "self.given = getattr(self, 'given', 6) + 1; ret = dbus.UInt32(self.given)");
    saver.method_of(PATH, SAVER, "UnInhibit", ("u", ""), "pass");
    saver
}

fn calls(saver: &Mock, method: &str) -> Vec<String> {
    saver.calls(PATH, method).iter().map(|told| format!("{told:?}")).collect()
}

#[test]
fn it_is_asked_for_once_while_it_is_wanted_and_taken_back_afterwards() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let saver = saver(&bus);
    let runtime = runtime();
    let (want, wanted) = watch::channel(None);
    desktop::keep_bright(runtime.handle(), Some(bus.address().to_owned()), wanted);
    for round in 1..=2 {
        want.send_replace(Some("It plays"));
        assert!(until(|| calls(&saver, "Inhibit").len() == round), "{:?}", calls(&saver, "Inhibit"));
        assert_eq!(calls(&saver, "UnInhibit").len(), round - 1);
        want.send_replace(None);
        assert!(until(|| calls(&saver, "UnInhibit").len() == round), "{:?}", calls(&saver, "UnInhibit"));
    }
    let (asked, back) = (calls(&saver, "Inhibit"), calls(&saver, "UnInhibit"));
    assert!(asked[0].contains("Flickreel") && asked[0].contains("It plays"), "{asked:?}");
    assert!(back[0].contains('7') && back[1].contains('8'), "{back:?}");
}

#[test]
fn a_program_that_ends_holds_nothing_up() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let saver = saver(&bus);
    let runtime = runtime();
    let (want, wanted) = watch::channel(Some("It plays"));
    desktop::keep_bright(runtime.handle(), Some(bus.address().to_owned()), wanted);
    assert!(until(|| calls(&saver, "Inhibit").len() == 1));
    assert_eq!(bus.connections(), 3, "ours, the screen saver's, and the one that holds");
    drop(want);
    assert!(until(|| bus.connections() == 2), "{}", bus.connections());
}

#[test]
fn a_screen_saver_that_comes_later_is_asked_after_all() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let runtime = runtime();
    let (want, wanted) = watch::channel(Some("It plays"));
    desktop::keep_bright(runtime.handle(), Some(bus.address().to_owned()), wanted);
    let saver = saver(&bus);
    want.send_replace(None);
    want.send_replace(Some("It plays on"));
    assert!(until(|| !calls(&saver, "Inhibit").is_empty()));
}
