//! A window that nobody sees plays nothing, and goes on when it is seen again.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::clips::Watching;
use crate::support::desktop::{Display, Program, until};

/// How many pipelines play, as the program tells Prometheus.
fn playing(program: &Program) -> Option<u32> {
    let said = program.said();
    let address = said.split("http://").nth(1)?.split("/metrics").next()?;
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.lines().find_map(|line| line.strip_prefix("flickreel_pipelines{state=\"playing\"} ")?.parse().ok())
}

fn watching() -> Watching {
    let watching = Watching::start_on(Display::start(), &["-vv", "--prometheus", "0", "--window", "450x800"]);
    assert!(until(|| playing(&watching.program) == Some(1)), "{:?}\n{}", playing(&watching.program), watching.program.said());
    watching
}

#[test]
fn a_window_that_another_one_covers_plays_nothing_until_it_is_uncovered() {
    let watching = watching();
    let cover = Program::start(&watching.display, &["--window", "450x800"]);
    assert!(until(|| playing(&watching.program) == Some(0)), "it plays on, covered");
    cover.kill();
    assert!(until(|| playing(&watching.program) == Some(1)), "it stands still, uncovered");
    watching.plays(0);
    watching.quit();
}

#[test]
fn a_minimised_window_plays_nothing_until_it_is_back() {
    let watching = watching();
    let window = watching.display.window();
    // There is no window manager to do it; this is how one tells.
    watching.display.run("xprop", &["-id", &window, "-f", "_NET_WM_STATE", "32a", "-set", "_NET_WM_STATE", "_NET_WM_STATE_HIDDEN"]);
    assert!(until(|| playing(&watching.program) == Some(0)), "it plays on, minimised");
    // Keys that somebody else's window is meant to have: they mean nothing here, now or later.
    watching.display.key("Down");
    // Were the window back in the same pass that brings the key, it would have been pressed in a window that is seen.
    assert!(until(|| watching.program.said().contains("input came to a window that nobody sees")), "{}", watching.program.said());
    watching.display.run("xprop", &["-id", &window, "-remove", "_NET_WM_STATE"]);
    watching.display.xdotool(&["mousemove", "100", "100"]);
    assert!(until(|| playing(&watching.program) == Some(1)), "it stands still, restored");
    watching.plays(0);
    watching.quit();
}
