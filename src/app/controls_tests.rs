//! The rail, its menu, the scrubber and the words that unfold.

use super::tests::{generation_of, ms, page, preroll_all, press, watching};
use super::*;
use crate::feed::{FeedPage, Item, ItemId, MediaLocation};
use crate::gesture::{Position, WheelDelta};
use crate::player::PlayerCommand;

fn ask(model: &mut Model, intent: Intent, at: u64) -> Vec<Effect> {
    update(model, Event::Intent(intent), ms(at))
}

fn tap(model: &mut Model, at: u64) {
    let place = Position { x: 100.0, y: 100.0 };
    update(model, Event::PointerDown(place), ms(at));
    update(model, Event::PointerUp(place), ms(at + 50));
}

/// A client whose first item lies at this place.
fn at(media: MediaLocation) -> Model {
    let mut model = Model::new(&Options::default());
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, ms(0));
    let page = FeedPage { items: vec![Item::bare(ItemId::new("v0"), media)], ..page(0, None) };
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, ms(10));
    preroll_all(&mut model, ms(50));
    model
}

fn copied(media: MediaLocation) -> Option<String> {
    press(&mut at(media), Key::CopyLink, ms(1000)).into_iter().find_map(|effect| match effect {
        Effect::CopyText(text) => Some(text),
        _ => None,
    })
}

#[test]
fn a_link_that_is_copied_carries_no_signature_and_no_password() {
    let address = "https://user:secret@media.example/a.mp4?v=2&X-Amz-Signature=abc&token=def#t=3";
    assert_eq!(copied(MediaLocation::Url(address.into())).as_deref(), Some("https://media.example/a.mp4?v=2"));
    assert_eq!(copied(MediaLocation::File("/films/a b.mp4".into())).as_deref(), Some("/films/a b.mp4"));
    assert_eq!(copied(MediaLocation::Sample(0)), None);
}

#[test]
fn a_click_on_the_speed_goes_round() {
    let mut model = watching(3);
    let speeds: Vec<_> = (0..6)
        .map(|step| {
            ask(&mut model, Intent::NextSpeed, 1000 + step);
            model.speed()
        })
        .collect();
    assert_eq!(speeds, [1.25, 1.5, 2.0, 0.5, 1.0, 1.25]);
}

#[test]
fn while_the_scrubber_is_held_nothing_plays_and_its_release_seeks_exactly() {
    let mut model = watching(3);
    let generation = generation_of(&model, 0);
    let effects = ask(&mut model, Intent::Scrub(0.5), 1000);
    let sought = |to, exact| Effect::Command(PlayerCommand::Seek { generation, to, exact });
    assert!(effects.contains(&Effect::Target) && effects.contains(&sought(ms(2500), false)), "{effects:?}");
    assert!(model.player_target().slots.iter().all(|slot| !slot.playing));
    let effects = ask(&mut model, Intent::Scrub(0.6), 1100);
    assert_eq!(effects, [sought(ms(3000), false)], "what should play is the same");
    let effects = ask(&mut model, Intent::Seek(0.6), 1200);
    assert!(effects.contains(&Effect::Target) && effects.contains(&sought(ms(3000), true)), "{effects:?}");
    assert!(model.player_target().slots.iter().any(|slot| slot.playing));
}

#[test]
fn a_scrubber_that_is_lost_lets_its_item_play_on() {
    let mut model = watching(3);
    ask(&mut model, Intent::Scrub(0.5), 1000);
    ask(&mut model, Intent::ScrubOver, 1100);
    assert!(model.player_target().slots.iter().any(|slot| slot.playing));
    ask(&mut model, Intent::Scrub(0.5), 1200);
    press(&mut model, Key::Next, ms(1300));
    assert!(!model.is_scrubbing() && model.player_target().slots.iter().any(|slot| slot.playing));
}

#[test]
fn unfolded_words_stay_awake_and_fold_back_on_a_tap_that_does_not_pause() {
    let mut model = watching(3);
    ask(&mut model, Intent::Unfold, 1000);
    assert!(model.unfolded());
    assert_eq!(model.chrome(ms(60_000)), (1.0, None));
    tap(&mut model, 2000);
    assert!(!model.unfolded() && model.plays());
    tap(&mut model, 4000);
    assert!(!model.plays(), "the next tap is one on the picture");
}

#[test]
fn a_swipe_and_escape_close_what_is_open() {
    let mut model = watching(3);
    ask(&mut model, Intent::Unfold, 1000);
    press(&mut model, Key::Next, ms(1100));
    assert!(!model.unfolded());
    ask(&mut model, Intent::Menu, 1200);
    assert!(model.menu());
    press(&mut model, Key::Escape, ms(1300));
    assert!(!model.menu());
}

#[test]
fn the_volume_of_the_slider_is_whole_per_cent_and_unmutes() {
    let mut model = watching(3);
    press(&mut model, Key::Mute, ms(1000));
    let effects = ask(&mut model, Intent::Volume(0.9049), 1100);
    assert_eq!(model.sound(), Sound { muted: false, volume: 0.9 });
    assert!(effects.contains(&Effect::Remember) && effects.contains(&Effect::Target));
    ask(&mut model, Intent::Volume(-1.0), 1200);
    assert_eq!(model.sound(), Sound { muted: false, volume: 0.0 });
}

#[test]
fn a_muted_sound_that_is_turned_up_from_silence_is_heard_again() {
    let mut model = watching(3);
    press(&mut model, Key::Mute, ms(1000));
    // The slider of a muted sound stands at the bottom: a little above it is less than it was before.
    ask(&mut model, Intent::Volume(0.1), 1100);
    assert_eq!(model.sound(), Sound { muted: false, volume: 0.1 });
}

#[test]
fn a_notch_over_the_loudspeaker_is_one_step_also_where_the_desktop_reports_it_twice() {
    let mut model = watching(3);
    let mut turn = |delta, at| {
        ask(&mut model, Intent::TurnVolume(delta), at);
        format!("{:.2}", model.sound().volume)
    };
    assert_eq!([turn(WheelDelta::Lines(1.0), 1000), turn(WheelDelta::Lines(1.0), 1012)], ["0.75", "0.75"]);
    assert_eq!([turn(WheelDelta::Lines(-1.0), 2000), turn(WheelDelta::Lines(-1.0), 2100)], ["0.80", "0.85"]);
    assert_eq!([turn(WheelDelta::Points(40.0), 3000), turn(WheelDelta::Points(-1.0), 3010)], ["0.80", "0.81"]);
}

#[test]
fn how_pictures_lie_and_what_happens_at_their_end_is_remembered() {
    let mut model = watching(3);
    assert!(ask(&mut model, Intent::Fit, 1000).contains(&Effect::Remember));
    assert_eq!(model.preferences().fit, Fit::Cover);
    ask(&mut model, Intent::Fit, 1100);
    assert_eq!(model.preferences().fit, Fit::Contain);
    let ends: Vec<_> = (0..3)
        .map(|step| {
            assert!(ask(&mut model, Intent::AtEnd, 1200 + step).contains(&Effect::Remember));
            model.preferences().at_end
        })
        .collect();
    assert_eq!(ends, [AtEnd::Stop, AtEnd::Advance, AtEnd::Repeat]);
}

#[test]
fn a_like_is_taken_back_by_the_same_button_and_belongs_to_its_item() {
    let mut model = watching(3);
    let (first, second) = (ItemId::new("v0"), ItemId::new("v1"));
    ask(&mut model, Intent::ToggleLike, 1000);
    press(&mut model, Key::Next, ms(1100));
    assert!(model.is_liked(&first) && !model.is_liked(&second));
    press(&mut model, Key::Previous, ms(2000));
    ask(&mut model, Intent::ToggleLike, 3000);
    assert!(!model.is_liked(&first));
}
