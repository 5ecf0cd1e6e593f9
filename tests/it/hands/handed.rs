//! What is handed to the window by the clipboard and by typing, and what a second click does.

use super::clips::Watching;
use crate::support::desktop::{text, until};

/// Nothing is above the item: the feed is the one file.
fn is_alone(watching: &Watching, item: usize) {
    watching.shows(item);
    watching.display.key("Up");
    watching.heard(item);
    watching.shows(item);
}

#[test]
fn the_path_of_a_clip_that_was_copied_is_opened_by_pasting_it() {
    let watching = Watching::start();
    watching.display.key("Down");
    watching.shows(1);
    watching.display.key("ctrl+c");
    watching.display.key("Up");
    watching.shows(0);
    watching.display.key("ctrl+v");
    is_alone(&watching, 1);
    watching.plays(1);
    watching.quit();
}

#[test]
fn a_path_that_is_typed_or_pasted_into_the_field_is_opened_by_enter() {
    let watching = Watching::start();
    let path = watching.clips.path().join("2.mp4");
    watching.display.key("o");
    watching.shows_sheet();
    watching.display.xdotool(&["type", "--delay", "20", text(&path)]);
    watching.display.key("Return");
    is_alone(&watching, 2);
    watching.display.key("ctrl+c");
    watching.display.key("o");
    watching.shows_sheet();
    // In the field it is text and opens nothing by itself.
    watching.display.key("ctrl+v");
    watching.display.key("BackSpace");
    watching.display.xdotool(&["key", "--delay", "20", "BackSpace", "BackSpace", "BackSpace", "BackSpace"]);
    watching.display.xdotool(&["type", "--delay", "20", "3.mp4"]);
    watching.display.key("Return");
    is_alone(&watching, 3);
    watching.quit();
}

#[test]
fn a_double_click_likes_what_it_is_made_on() {
    let watching = Watching::start();
    watching.display.xdotool(&["mousemove", "225", "500"]);
    let kept = || std::fs::read_to_string(watching.program.home.path().join("state/flickreel/kept.log")).unwrap_or_default();
    let liked = || kept().lines().any(|line| line.contains("\"liked\"") && line.contains("0.mp4"));
    // Again on a machine that was too busy to hear of both clicks in time; what is liked stays so.
    let double_click = || watching.display.xdotool(&["click", "--repeat", "2", "--delay", "60", "1"]);
    assert!(
        until(|| {
            double_click();
            liked()
        }),
        "{}\n{}",
        kept(),
        watching.program.said()
    );
    assert!(!kept().contains("\"unliked\""), "{}", kept());
    watching.quit();
}
