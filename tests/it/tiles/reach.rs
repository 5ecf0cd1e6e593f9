//! The feed without a pointer and without eyes: the focus, its ring, and what screen readers are told.

use eframe::egui::Key::{Enter, Space, Tab};
use egui_kittest::kittest::{NodeT, Queryable};
use flickreel::app::{Event, Key, Setting};
use flickreel::ui::theme;

use super::rig::{PORTRAIT, Rig, ms};
use super::settings::{press_at, set};

const TILE: &str = "Peach Open Movie: Clip 1: a flower by the water, before anyone is awake. Playing, 1 of 3.";

#[test]
fn the_tile_says_what_it_is_and_how_it_stands() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    {
        let mut harness = rig.harness(ms(1000));
        harness.step();
        harness.get_by_label(TILE);
    }
    rig.send(Event::Key { key: Key::Pause, repeat: false }, ms(1000));
    rig.renew();
    let mut harness = rig.harness(ms(1100));
    harness.step();
    harness.get_by_label(&TILE.replace("Playing", "Paused"));
}

#[test]
fn space_on_a_control_presses_it_and_on_the_tile_it_pauses() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    press_at(&mut rig, "Sound off", &[Space]);
    assert!(rig.model.sound().muted && rig.model.plays());
    press_at(&mut rig, "Sound on", &[Enter]);
    assert!(!rig.model.sound().muted && rig.model.plays());
    press_at(&mut rig, TILE, &[Space]);
    assert!(!rig.model.plays());
}

#[test]
fn a_screen_reader_that_presses_the_tile_pauses_it() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    {
        let mut harness = rig.harness(ms(1000));
        harness.step();
        harness.get_by_label(TILE).click_accesskit();
        harness.step();
    }
    for event in rig.take_events() {
        rig.send(event, ms(1100));
    }
    assert!(!rig.model.plays());
}

#[test]
fn the_tab_key_wakes_the_controls_and_they_stay_while_one_has_the_focus() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    assert!(rig.model.chrome(ms(6000)).0 < 0.01, "they sleep");
    {
        let mut harness = rig.harness(ms(6000));
        harness.step();
        harness.key_press(Tab);
        harness.step();
    }
    for event in rig.take_events() {
        rig.send(event, ms(6000));
    }
    assert!(rig.model.chrome(ms(60_000)).0 > 0.99);
}

#[test]
fn what_has_the_focus_has_a_ring_that_is_thicker_in_high_contrast() {
    let accents = |high: bool| {
        let mut rig = Rig::with_items(PORTRAIT, 3);
        set(&mut rig, Setting::HighContrast(Some(high)));
        let mut harness = rig.harness(ms(1100));
        harness.step();
        harness.get_by_label("Sound off").focus();
        harness.step();
        harness.step();
        let image = harness.render().unwrap();
        let is_accent = |pixel: &[u8; 4]| pixel.iter().zip(theme::ACCENT.to_array()).all(|(seen, meant)| seen.abs_diff(meant) < 8);
        image.pixels().filter(|pixel| is_accent(&pixel.0)).count()
    };
    let (usual, high) = (accents(false), accents(true));
    assert!(usual > 200, "{usual} pixels of a ring");
    assert!(high > usual * 3 / 2, "{high} pixels, {usual} without");
}

#[test]
fn a_line_that_is_shown_for_a_moment_is_announced() {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(Event::Notice("The figures begin anew.".into()), ms(1000));
    let mut harness = rig.harness(ms(1100));
    harness.step();
    let status = harness.get_by_role(eframe::egui::Role::Status);
    assert_eq!(status.accesskit_node().label().as_deref(), Some("The figures begin anew."));
    assert_eq!(status.accesskit_node().live(), eframe::egui::accesskit::Live::Polite);
}

#[test]
fn with_reduced_motion_a_wait_is_a_bar_that_stands_still() {
    use super::rig::items;
    let mut rig = Rig::without_player(PORTRAIT, items(2));
    set(&mut rig, Setting::ReducedMotion(Some(true)));
    let image = |rig: &mut Rig, at| {
        rig.renew();
        let mut harness = rig.harness(ms(at));
        harness.step();
        harness.render().unwrap()
    };
    // Long after the controls have faded: nothing else moves.
    assert!(image(&mut rig, 5000) == image(&mut rig, 5500));
    set(&mut rig, Setting::ReducedMotion(Some(false)));
    assert!(image(&mut rig, 9000) != image(&mut rig, 9500), "else it runs along");
}
