//! Fingers on a screen.

use eframe::egui::{Event, Modifiers, PointerButton, Pos2, TouchDeviceId, TouchId, TouchPhase};

use super::window::{Timed, Window, rows};

/// What egui hears of a trace: every touch, and the first of several as a mouse, too.
fn played(trace: &str) -> Vec<Timed> {
    let mut as_mouse: Option<u64> = None;
    let events = rows(trace).map(|row| {
        let [at, what, finger, x, y] = row[..] else { panic!("{row:?}") };
        let (finger, pos): (u64, _) = (finger.parse().unwrap(), Pos2::new(x.parse().unwrap(), y.parse().unwrap()));
        let phase = match what {
            "down" => TouchPhase::Start,
            "move" => TouchPhase::Move,
            "up" => TouchPhase::End,
            "cancel" => TouchPhase::Cancel,
            other => panic!("{other}"),
        };
        let mut events = vec![Event::Touch { device_id: TouchDeviceId(1), id: TouchId(finger), phase, pos, force: None }];
        if as_mouse.is_none_or(|own| own == finger) {
            let button = |pressed| Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
            match phase {
                TouchPhase::Start => events.extend([Event::PointerMoved(pos), button(true)]),
                TouchPhase::Move => events.push(Event::PointerMoved(pos)),
                TouchPhase::End => events.extend([button(false), Event::PointerGone]),
                // The button that went down never goes up.
                TouchPhase::Cancel => events.push(Event::PointerGone),
            }
            as_mouse = matches!(phase, TouchPhase::Start | TouchPhase::Move).then_some(finger);
        }
        Timed { at_ms: at.parse().unwrap(), events }
    });
    events.collect()
}

#[test]
fn a_finger_that_drags_takes_the_feed_along_and_past_18_percent_to_the_next_item() {
    let mut window = Window::at(3);
    window.play(played(include_str!("traces/touch-drag.txt")));
    assert_eq!(window.index(), 4);
    assert!(window.model.plays());
}

#[test]
fn a_shorter_way_is_followed_one_to_one_and_springs_back() {
    let mut window = Window::at(3);
    let furthest = window.play(played(include_str!("traces/touch-short.txt")));
    assert_eq!(window.index(), 3);
    assert!((furthest - 100.0 / 800.0).abs() < 0.01, "{furthest}");
    assert!(window.model.plays(), "a drag is no click");
}

#[test]
fn a_flick_goes_on_although_its_way_is_short_on_a_busy_machine_too() {
    // One that paints 4 frames a second hears the whole of it at once.
    for pass_ms in [16, 33, 250] {
        let mut window = Window::at(3);
        window.pass_ms = pass_ms;
        window.play(played(include_str!("traces/touch-fling.txt")));
        assert_eq!(window.index(), 4, "{pass_ms} ms a pass");
    }
}

#[test]
fn a_finger_that_rests_opens_the_overlay_and_pauses_nothing() {
    let mut window = Window::at(3);
    window.play(played(include_str!("traces/touch-hold.txt")));
    assert!(window.model.overlay() && window.model.plays());
    assert_eq!(window.index(), 3);
}

#[test]
fn two_fingers_mean_neither_a_swipe_nor_a_click_nor_a_long_press() {
    for trace in [include_str!("traces/touch-pinch.txt"), include_str!("traces/touch-two-taps.txt")] {
        let mut window = Window::at(3);
        window.play(played(trace));
        assert_eq!(window.index(), 3, "{trace}");
        assert!(window.model.plays() && !window.model.overlay() && !window.model.is_held(), "{trace}");
        // The next finger is heard as ever.
        window.play(played(include_str!("traces/touch-drag.txt")));
        assert_eq!(window.index(), 4);
    }
}

#[test]
fn a_touch_that_the_desktop_takes_away_holds_nothing_any_more() {
    let mut window = Window::at(3);
    window.play(played(include_str!("traces/touch-cancelled.txt")));
    assert!(!window.model.is_held() && !window.model.is_moving());
    window.play(played(include_str!("traces/touch-hold.txt")));
    assert!(window.model.plays(), "nothing of it was left to become a click");
}
