//! Wheel, drags, flings, presses, clicks and keys.

use super::clips::Watching;

#[test]
fn each_notch_of_the_wheel_is_one_item_there_and_back() {
    let watching = Watching::start();
    watching.display.xdotool(&["mousemove", "225", "400"]);
    for item in 1..4 {
        watching.display.xdotool(&["click", "5"]);
        watching.shows(item);
    }
    for item in (0..3).rev() {
        watching.display.xdotool(&["click", "4"]);
        watching.shows(item);
    }
    watching.heard(0);
    watching.plays(0);
    watching.quit();
}

#[test]
fn a_drag_past_18_percent_goes_on_and_a_shorter_one_springs_back_and_neither_pauses() {
    let watching = Watching::start();
    // An eighth of the window, held until its picture has followed; it is looked at three times, so that it stands.
    watching.display.xdotool(&["mousemove", "225", "600", "mousedown", "1", "mousemove", "225", "560", "mousemove", "225", "500"]);
    for _ in 0..3 {
        watching.shows_both(0, 1);
    }
    watching.display.xdotool(&["mouseup", "1"]);
    watching.heard(0);
    watching.shows(0);
    watching.plays(0);
    watching.display.xdotool(&["mousemove", "225", "600", "mousedown", "1", "mousemove", "225", "500", "mousemove", "225", "380"]);
    for _ in 0..3 {
        watching.shows_both(0, 1);
    }
    watching.display.xdotool(&["mouseup", "1"]);
    watching.shows(1);
    watching.plays(1);
    watching.quit();
}

#[test]
fn a_fling_goes_on_by_its_speed() {
    let watching = Watching::start();
    // An eighth of the window again, in no time.
    watching.display.xdotool(&[
        "mousemove",
        "225",
        "600",
        "mousedown",
        "1",
        "mousemove",
        "225",
        "550",
        "mousemove",
        "225",
        "500",
        "mouseup",
        "1",
    ]);
    watching.shows(1);
    watching.display.xdotool(&[
        "mousemove",
        "225",
        "300",
        "mousedown",
        "1",
        "mousemove",
        "225",
        "350",
        "mousemove",
        "225",
        "400",
        "mouseup",
        "1",
    ]);
    watching.shows(0);
    watching.plays(0);
    watching.quit();
}

#[test]
fn a_long_press_opens_the_overlay_and_does_not_pause() {
    let watching = Watching::start();
    watching.display.xdotool(&["mousemove", "225", "600", "mousedown", "1"]);
    watching.shows_overlay(0);
    watching.display.xdotool(&["mouseup", "1"]);
    watching.display.key("Escape");
    watching.shows_no_overlay(0);
    watching.plays(0);
    watching.quit();
}

#[test]
fn a_double_click_does_not_leave_it_paused() {
    let watching = Watching::start();
    watching.display.xdotool(&["mousemove", "225", "600", "click", "--repeat", "2", "--delay", "120", "1"]);
    watching.heard(0);
    watching.plays(0);
    watching.quit();
}

#[test]
fn a_window_that_is_made_smaller_in_the_middle_of_a_swipe_swipes_on() {
    let watching = Watching::start();
    watching.display.xdotool(&["mousemove", "225", "600", "mousedown", "1", "mousemove", "225", "500", "mousemove", "225", "300"]);
    watching.shows_both(0, 1);
    let window = watching.display.window();
    watching.display.xdotool(&["windowsize", &window, "450", "600"]);
    watching.display.xdotool(&["mouseup", "1"]);
    watching.display.xdotool(&["windowsize", &window, "450", "800"]);
    watching.shows(1);
    watching.display.key("Up");
    watching.shows(0);
    watching.plays(0);
    watching.quit();
}

#[test]
fn a_question_mark_opens_the_sheet_of_keys_and_escape_closes_it() {
    let watching = Watching::start();
    watching.display.key("question");
    watching.shows_sheet();
    watching.display.key("Escape");
    watching.shows(0);
    watching.plays(0);
    watching.quit();
}
