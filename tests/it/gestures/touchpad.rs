//! Touchpads, with the inertia that desktops make of a push.

use eframe::egui::{Event, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, Vec2};

use super::window::{Timed, Window, rows};

/// What egui hears of a trace: the content goes the other way than the feed.
fn played(trace: &str, unit: MouseWheelUnit, way: f32) -> Vec<Timed> {
    let events = rows(trace).map(|row| {
        let [at, delta] = row[..] else { panic!("{row:?}") };
        let delta = Vec2::new(0.0, -way * delta.parse::<f32>().unwrap());
        let event =
            Event::MouseWheel { unit, delta, phase: TouchPhase::Move, source: MouseWheelSource::Unknown, modifiers: Modifiers::NONE };
        Timed { at_ms: at.parse().unwrap(), events: vec![event] }
    });
    events.collect()
}

/// Where a trace leads from the tenth item, at the paces of a fast, a usual and a busy machine, and the other way round.
fn leads_to(trace: &str, unit: MouseWheelUnit) -> Vec<isize> {
    let ways = [(4, 1.0), (16, 1.0), (100, 1.0), (16, -1.0)].map(|(pass_ms, way)| {
        let mut window = Window::at(10);
        window.pass_ms = pass_ms;
        window.play(played(trace, unit, way));
        window.index().cast_signed() - 10
    });
    ways.to_vec()
}

#[test]
fn one_push_is_one_item_however_hard_it_is_and_however_long_its_inertia_lasts() {
    for trace in [include_str!("traces/pad-short.txt"), include_str!("traces/pad-inertia.txt"), include_str!("traces/pad-hard.txt")] {
        assert_eq!(leads_to(trace, MouseWheelUnit::Point), [1, 1, 1, -1], "{trace}");
    }
}

#[test]
fn fingers_that_creep_are_one_gesture_too() {
    assert_eq!(leads_to(include_str!("traces/pad-slow.txt"), MouseWheelUnit::Point), [1, 1, 1, -1]);
}

#[test]
fn a_second_push_into_the_inertia_of_the_first_is_a_second_item() {
    // At ten passes a second the push is seen in two of them, and what came before it in one.
    let led = leads_to(include_str!("traces/pad-again.txt"), MouseWheelUnit::Point);
    assert_eq!([led[0], led[1], led[3]], [2, 2, -2]);
    assert!((1..=2).contains(&led[2]), "{led:?}");
}

#[test]
fn a_push_the_other_way_leads_back() {
    assert_eq!(leads_to(include_str!("traces/pad-there-and-back.txt"), MouseWheelUnit::Point), [0, 0, 0, 0]);
}

#[test]
fn a_quick_push_that_x11_tells_in_whole_lines_and_more_is_no_wheel_with_notches() {
    assert_eq!(leads_to(include_str!("traces/pad-x11.txt"), MouseWheelUnit::Line), [1, 1, 1, -1]);
}
