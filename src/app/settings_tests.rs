//! What comes of each setting, and of those that somebody fixed.

use std::time::Duration;

use super::*;
use crate::app::{Answer, Event, Intent, Key, Options, Page, Preferences, Sheet, Surroundings, Wish, update};
use crate::feed::{CaptionFile, FeedPage, Item, ItemId, MediaLocation};
use crate::preload::plan::{Conditions, Power, Reason};

const NOW: Duration = Duration::from_secs(1);

fn set(model: &mut Model, setting: Setting) -> Vec<Effect> {
    update(model, Event::Intent(Intent::Set(setting)), NOW)
}

fn model() -> Model {
    Model::new(&Options::default())
}

#[test]
fn every_setting_is_found_again_in_what_is_remembered() {
    let mut model = model();
    for setting in [
        Setting::Muted(true),
        Setting::Volume(0.304),
        Setting::AtEnd(AtEnd::Advance),
        Setting::Fit(Fit::Cover),
        Setting::Captions(true),
        Setting::SkipFailed(true),
        Setting::Profile(Some(Profile::Slow)),
        Setting::ReadyOnBattery(true),
        Setting::Hide(FilterList::Tags, " prank ".into()),
        Setting::UsageEvents(false),
        Setting::Keys(KeyPreset::Mpv),
        Setting::HighContrast(Some(true)),
        Setting::TextScale(1.5),
        Setting::ReducedMotion(Some(false)),
    ] {
        let effects = set(&mut model, setting.clone());
        assert!(effects.contains(&Effect::Remember), "{setting:?}: {effects:?}");
    }
    let mut expected = Preferences {
        captions: true,
        at_end: AtEnd::Advance,
        fit: Fit::Cover,
        reduced_motion: Some(false),
        high_contrast: Some(true),
        text_scale: 1.5,
        keys: KeyPreset::Mpv,
        skip_failed: Some(true),
        profile: Some(Profile::Slow),
        ready_on_battery: true,
        usage_events: false,
        ..Preferences::default()
    };
    expected.sound.volume = 0.3;
    expected.filter.tags = vec!["prank".into()];
    assert_eq!(*model.preferences(), expected);
}

#[test]
fn what_is_fixed_is_not_changed_by_a_key_or_a_control_either_and_says_who_fixed_it() {
    let mut model = model();
    let fixed = vec![(Knob::Fit, Fixer::Config), (Knob::AtEnd, Fixer::CommandLine), (Knob::Captions, Fixer::Config)];
    update(&mut model, Event::Surroundings(Box::new(Surroundings { fixed, ..Surroundings::default() })), NOW);
    let mut item = Item::bare(ItemId::new("a"), MediaLocation::Sample(0));
    item.captions = vec![CaptionFile { at: MediaLocation::Sample(1), language: "en".into(), label: String::new() }];
    update(&mut model, Event::Opened { label: "Test".into(), hint: false }, NOW);
    let page = FeedPage { items: vec![item], ..FeedPage::default() };
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, NOW);
    let before = model.preferences().clone();
    let key = |key| Event::Key { key, repeat: false };
    for (event, said) in [
        (Event::Intent(Intent::Fit), words::FIXED_BY_CONFIG),
        (Event::Intent(Intent::AtEnd), words::FIXED_BY_COMMAND_LINE),
        (Event::Intent(Intent::Captions), words::FIXED_BY_CONFIG),
        (key(Key::AtEnd), words::FIXED_BY_COMMAND_LINE),
        (key(Key::Captions), words::FIXED_BY_CONFIG),
        (key(Key::CaptionLanguage), words::FIXED_BY_CONFIG),
    ] {
        model.toast = None;
        let effects = update(&mut model, event.clone(), NOW);
        assert!(!effects.contains(&Effect::Remember), "{event:?}: {effects:?}");
        assert_eq!(model.toast(NOW).unwrap().text, said, "{event:?}");
        assert_eq!(*model.preferences(), before, "{event:?}");
    }
}

#[test]
fn a_louder_volume_brings_the_sound_back() {
    let mut model = model();
    set(&mut model, Setting::Muted(true));
    set(&mut model, Setting::Volume(0.5));
    assert!(!model.sound().muted);
    assert_eq!(set(&mut model, Setting::Muted(false)), Vec::new(), "it is on already");
}

#[test]
fn what_the_config_file_fixed_cannot_be_set_and_says_why() {
    let mut model = model();
    let fixed = vec![(Knob::TextScale, Fixer::Config), (Knob::Volume, Fixer::CommandLine)];
    update(&mut model, Event::Surroundings(Box::new(Surroundings { fixed, ..Surroundings::default() })), NOW);
    assert_eq!(set(&mut model, Setting::TextScale(2.0)), Vec::new());
    assert!((model.text_scale() - 1.0).abs() < f32::EPSILON);
    assert_eq!(model.toast(NOW).unwrap().text, words::FIXED_BY_CONFIG);
    set(&mut model, Setting::Volume(0.1));
    assert!((model.sound().volume - 0.1).abs() < f64::EPSILON, "the sound is only begun with");
    assert_eq!((model.fixed(Knob::Volume), model.locked(Knob::Volume)), (Some(Fixer::CommandLine), None));
}

#[test]
fn a_profile_that_is_chosen_holds_at_once_and_auto_goes_back() {
    let mut model = model();
    let effects = set(&mut model, Setting::Profile(Some(Profile::Slow)));
    assert!(effects.contains(&Effect::Plan));
    assert_eq!(model.profile(), (Profile::Slow, Reason::Asked));
    assert_eq!(model.window().behind, 0);
    set(&mut model, Setting::Profile(None));
    assert_eq!(model.profile().0, Profile::Wifi);
}

#[test]
fn who_wants_items_readied_on_battery_gets_them_at_this_start_and_the_next() {
    let low = Conditions { power: Power { on_battery: Some(20.0), saver: false }, ..Conditions::default() };
    let mut model = model();
    update(&mut model, Event::Conditions(low), NOW);
    assert!(model.limit().is_some());
    set(&mut model, Setting::ReadyOnBattery(true));
    assert!(model.limit().is_none());
    let mut next = Model::new(&Options { preferences: model.preferences().clone(), ..Options::default() });
    update(&mut next, Event::Conditions(low), NOW);
    assert!(next.limit().is_none());
}

#[test]
fn what_is_hidden_is_left_out_of_the_pages_that_come() {
    let item = |id: &str, maker: &str| Item { maker: maker.into(), ..Item::bare(ItemId::new(id), MediaLocation::Sample(0)) };
    let page = || FeedPage { items: vec![item("a", "Mia"), item("b", "Noah")], ..FeedPage::default() };
    let mut model = model();
    set(&mut model, Setting::Hide(FilterList::Makers, "mia".into()));
    assert_eq!(set(&mut model, Setting::Hide(FilterList::Makers, "mia ".into())), Vec::new(), "it is there already");
    assert_eq!(set(&mut model, Setting::Hide(FilterList::Words, "  ".into())), Vec::new(), "it says nothing");
    for expected in [1, 2] {
        update(&mut model, Event::Opened { label: String::new(), hint: false }, NOW);
        let epoch = if expected == 1 { 1 } else { 2 };
        update(&mut model, Event::Page { epoch, cursor: None, result: Ok(page()) }, NOW);
        assert_eq!((model.feed().items().len(), model.feed().filtered()), (expected, 2 - expected));
        set(&mut model, Setting::ShowAgain(FilterList::Makers, "mia".into()));
    }
}

#[test]
fn who_switches_usage_events_off_has_none_counted_and_none_left() {
    let mut model = model();
    let counts = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Usage(_)));
    assert!(counts(&set(&mut model, Setting::Muted(true))));
    let effects = set(&mut model, Setting::UsageEvents(false));
    assert!(effects.contains(&Effect::Ask(Question::ResetUsage)), "{effects:?}");
    assert!(!counts(&set(&mut model, Setting::Muted(false))));
    set(&mut model, Setting::UsageEvents(true));
    assert!(counts(&set(&mut model, Setting::Muted(true))));
}

#[test]
fn a_sheet_has_the_keys_and_the_wheel_to_itself() {
    use crate::app::Key;
    use crate::gesture::WheelDelta;
    let mut model = model();
    let items = (0..3).map(|at| Item::bare(ItemId::new(format!("v{at}")), MediaLocation::Sample(at))).collect();
    update(&mut model, Event::Opened { label: String::new(), hint: false }, NOW);
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(FeedPage { items, ..FeedPage::default() }) }, NOW);
    let press = |model: &mut Model, key| update(model, Event::Key { key, repeat: false }, NOW);
    press(&mut model, Key::Settings);
    assert_eq!(model.sheet(), Some(Sheet::Settings));
    press(&mut model, Key::Next);
    press(&mut model, Key::Pause);
    update(&mut model, Event::Wheel(WheelDelta::Lines(1.0)), NOW);
    assert_eq!((model.feed().index(), model.plays()), (0, true));
    press(&mut model, Key::Settings);
    assert_eq!(model.sheet(), None);
    press(&mut model, Key::Next);
    assert_eq!(model.feed().index(), 1);
}

#[test]
fn with_reduced_motion_the_next_item_is_cut_to_and_fades_in() {
    let mut model = model();
    set(&mut model, Setting::ReducedMotion(Some(true)));
    let items = (0..3).map(|at| Item::bare(ItemId::new(format!("v{at}")), MediaLocation::Sample(at))).collect();
    update(&mut model, Event::Opened { label: String::new(), hint: false }, NOW);
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(FeedPage { items, ..FeedPage::default() }) }, NOW);
    update(&mut model, Event::Key { key: crate::app::Key::Next, repeat: false }, NOW);
    assert!(!model.is_moving());
    assert!((model.position() - 1.0).abs() < f64::EPSILON);
    let at = |ms| NOW + Duration::from_millis(ms);
    assert!((model.cut_veil(at(0)) - 1.0).abs() < 1e-3 && (model.cut_veil(at(40)) - 0.5).abs() < 1e-3);
    assert!(model.cut_veil(at(80)) <= 0.0);
    assert_eq!(model.fades_at(at(40)), Some(at(40)));
    assert_eq!(model.fades_at(at(80)), None, "nothing is painted anew once it is over");
    // A drag follows the finger, as it is the finger that moves; let go too soon, it springs nowhere.
    let to = |y| crate::gesture::Position { x: 100.0, y };
    for (event, ms) in [(Event::PointerDown(to(500.0)), 500), (Event::PointerMoved(to(440.0)), 600), (Event::PointerUp(to(440.0)), 1600)] {
        update(&mut model, event, at(ms));
    }
    assert!(!model.is_moving() && model.feed().index() == 1);
}

#[test]
fn a_page_of_the_settings_stays_open_when_the_sheet_is_opened_again() {
    let mut model = model();
    update(&mut model, Event::Intent(Intent::Desk(Wish::Page(Page::About))), NOW);
    update(&mut model, Event::Intent(Intent::Sheet(Sheet::Settings)), NOW);
    update(&mut model, Event::Desk(Answer::Cache(None)), NOW);
    assert_eq!(model.desk().page, Page::About);
}
