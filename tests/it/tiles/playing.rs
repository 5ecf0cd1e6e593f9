//! What a tile shows of how it is played.

use egui_kittest::kittest::Queryable;
use flickreel::app::{Event, Intent, Key};
use flickreel::player::PlayerEvent;

use super::rig::{PORTRAIT, Rig, ms};

/// A client whose first item stays at its end.
fn ended() -> Rig {
    let mut rig = Rig::with_items(PORTRAIT, 3);
    rig.send(Event::Key { key: Key::AtEnd, repeat: false }, ms(1000));
    let generation = rig.model.current_generation().unwrap();
    rig.send(Event::Player(PlayerEvent::Ended { generation }), ms(3000));
    rig
}

#[test]
fn an_item_that_ended_shows_its_last_picture_and_that_it_can_be_played_again() {
    let painted = ended().snapshot("ended", ms(6000));
    assert_eq!(painted.len(), 1, "its picture stays");
}

#[test]
fn playing_again_is_reachable_by_name() {
    let mut rig = ended();
    let mut harness = rig.harness(ms(6000));
    harness.step();
    harness.get_by_label("Play again").click();
    harness.step();
    harness.step();
    drop(harness);
    let replays = |event: &Event| matches!(event, Event::Intent(Intent::Replay));
    assert!(rig.take_events().iter().any(replays));
}
