//! Where the window is, from one run to the next, and the small one above the others.

use super::clips::Watching;
use crate::support::desktop::{Display, Program, until};

/// Left, top, width and height of the window.
fn geometry(display: &Display) -> [i32; 4] {
    let told = display.xdotool(&["getwindowgeometry", "--shell", &display.window()]);
    let value = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')?.parse().ok()).unwrap_or(-1);
    ["X", "Y", "WIDTH", "HEIGHT"].map(value)
}

fn comes_to(display: &Display, wanted: [i32; 4]) {
    assert!(until(|| display.has_window() && geometry(display) == wanted), "{:?}, not {wanted:?}", geometry(display));
}

fn remembered(program: &Program) -> String {
    std::fs::read_to_string(program.home.path().join("state/flickreel/state.toml")).unwrap_or_default()
}

#[test]
fn a_window_comes_back_where_it_was_left_and_as_large() {
    let display = Display::sized("1280x1000");
    let mut program = Program::start(&display, &["--mute"]);
    assert!(until(|| display.has_window()));
    let window = display.window();
    display.xdotool(&["windowmove", &window, "310", "70", "windowsize", &window, "420", "720"]);
    comes_to(&display, [310, 70, 420, 720]);
    display.focus();
    display.key("q");
    assert!(program.wait().0.success(), "{}", program.said());
    assert!(remembered(&program).contains("position = [310, 70]"), "{}", remembered(&program));
    let mut program = program.start_again(&display, &[]);
    comes_to(&display, [310, 70, 420, 720]);
    display.focus();
    display.key("q");
    assert!(program.wait().0.success());
}

#[test]
fn a_window_that_was_left_on_a_screen_that_is_gone_comes_into_the_middle() {
    let display = Display::sized("1280x1000");
    let mut program = Program::start(&display, &["--mute"]);
    assert!(until(|| display.has_window()));
    display.focus();
    display.key("q");
    program.wait();
    let state = program.home.path().join("state/flickreel/state.toml");
    let text = std::fs::read_to_string(&state).unwrap();
    let lines = text.lines().map(|line| if line.starts_with("position") { "position = [4000, 200]" } else { line });
    std::fs::write(&state, lines.collect::<Vec<_>>().join("\n")).unwrap();
    assert!(remembered(&program).contains("4000"), "{text}");
    let mut program = program.start_again(&display, &[]);
    comes_to(&display, [415, 100, 450, 800]);
    display.focus();
    display.key("q");
    assert!(program.wait().0.success());
}

#[test]
fn t_makes_a_small_window_in_the_corner_and_t_again_puts_it_back() {
    let watching = Watching::start_on(Display::sized("1280x1000"), &["--window", "450x800"]);
    let before = geometry(&watching.display);
    watching.display.key("t");
    comes_to(&watching.display, [986, 496, 270, 480]);
    watching.display.key("t");
    comes_to(&watching.display, before);
    watching.display.key("t");
    comes_to(&watching.display, [986, 496, 270, 480]);
    // What is remembered is the window that somebody left, and not the small one.
    let program = watching.quit();
    assert!(remembered(&program).contains("window = [450, 800]"), "{}", remembered(&program));
}
