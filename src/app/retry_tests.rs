//! Pauses and breakers, by example and by property.

use proptest::prelude::*;

use super::*;

fn item(id: &str, host: &str) -> Item {
    Item::bare(ItemId::new(id), MediaLocation::Url(format!("https://{host}/{id}.mp4")))
}

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "It failed.")
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[test]
fn the_pause_of_an_item_doubles_up_to_half_a_minute_and_then_it_rests() {
    let mut retries = Retries::new(1);
    let one = item("one", "a.example");
    let mut now = secs(100);
    for (pause, more) in [(1, 0), (2, 0), (4, 0), (8, 0), (16, 0), (60, 60), (120, 120), (240, 240), (300, 300), (300, 300)] {
        let at = retries.failed(&one, &failure(FailureKind::Player), now).unwrap();
        let (least, most) = if more > 0 { (secs(more), secs(more)) } else { (secs(pause) / 2, secs(pause)) };
        assert!((now + least..=now + most).contains(&at), "{pause}: {at:?}, {now:?}");
        assert!(matches!(retries.ask(&one, at.saturating_sub(Duration::from_nanos(1))), Leave::Later(_, Some(when)) if when == at));
        assert_eq!(retries.ask(&one, at), Leave::Granted);
        now = at;
    }
    assert_eq!(retries.trips, 5);
    retries.worked(&one.id);
    let at = retries.failed(&one, &failure(FailureKind::Player), now).unwrap();
    assert!(at <= now + secs(1), "all is forgiven");
}

#[test]
fn what_cannot_be_helped_is_not_tried_again_by_itself_and_not_by_passing_by() {
    let mut retries = Retries::new(1);
    let gone = item("gone", "a.example");
    assert_eq!(retries.failed(&gone, &failure(FailureKind::Missing), secs(1)), None);
    assert_eq!(retries.ask(&gone, secs(30)), Leave::Later(failure(FailureKind::Missing), None));
    assert_eq!(retries.ask(&gone, secs(61)), Leave::Granted);
    retries.failed(&gone, &failure(FailureKind::Missing), secs(70));
    retries.forgive(&gone);
    assert_eq!(retries.ask(&gone, secs(70)), Leave::Granted, "somebody asked for it");
}

#[test]
fn a_server_that_fails_with_several_items_is_left_alone_and_one_try_decides() {
    let mut retries = Retries::new(1);
    let items: Vec<_> = (0..6).map(|at| item(&format!("v{at}"), "a.example")).collect();
    for item in &items[..3] {
        retries.failed(item, &failure(FailureKind::Timeout), secs(1));
    }
    assert_eq!(retries.ask(&items[4], secs(1)), Leave::Granted, "not yet");
    retries.failed(&items[3], &failure(FailureKind::Server), secs(1));
    assert!(matches!(retries.ask(&items[4], secs(2)), Leave::HostRests(_, Some(until)) if until == secs(6)));
    assert_eq!(retries.ask(&item("other", "b.example"), secs(2)), Leave::Granted, "another server");
    assert_eq!(retries.hosts_resting(secs(2)), 1);
    assert_eq!(retries.ask(&items[4], secs(6)), Leave::Granted, "the probe");
    assert!(matches!(retries.ask(&items[5], secs(6)), Leave::HostRests(_, None)), "the others wait for it");
    retries.failed(&items[4], &failure(FailureKind::Network), secs(7));
    assert!(matches!(retries.ask(&items[5], secs(8)), Leave::HostRests(_, Some(until)) if until == secs(17)), "twice as long");
    assert_eq!(retries.ask(&items[5], secs(17)), Leave::Granted);
    assert!(retries.answered(&items[5]));
    assert_eq!(retries.ask(&item("v9", "a.example"), secs(17)), Leave::Granted);
    assert!(!retries.answered(&items[5]));
}

#[test]
fn one_bad_item_does_not_speak_for_its_server() {
    let mut retries = Retries::new(1);
    for at in 0..20 {
        retries.failed(&item("bad", "a.example"), &failure(FailureKind::Timeout), secs(at * 400));
    }
    assert_eq!(retries.ask(&item("good", "a.example"), secs(8000)), Leave::Granted);
    for at in 0..3 {
        retries.failed(&item(&format!("v{at}"), "a.example"), &failure(FailureKind::Timeout), secs(9000));
    }
    retries.failed(&item("gone", "a.example"), &failure(FailureKind::Missing), secs(9000));
    retries.failed(&item("v4", "a.example"), &failure(FailureKind::Timeout), secs(9000));
    assert_eq!(retries.ask(&item("good", "a.example"), secs(9000)), Leave::Granted, "it answered in between");
}

#[test]
fn a_probe_that_nothing_is_heard_of_lapses() {
    let mut retries = Retries::new(1);
    for at in 0..4 {
        retries.failed(&item(&format!("v{at}"), "a.example"), &failure(FailureKind::Timeout), secs(0));
    }
    assert_eq!(retries.ask(&item("x", "a.example"), secs(10)), Leave::Granted);
    assert!(matches!(retries.ask(&item("y", "a.example"), secs(39)), Leave::HostRests(_, None)));
    assert_eq!(retries.ask(&item("y", "a.example"), secs(40)), Leave::Granted);
}

#[test]
fn the_same_seed_draws_the_same_pauses() {
    let pauses = |seed| {
        let mut retries = Retries::new(seed);
        (0..5).map(|at| retries.failed(&item(&format!("v{at}"), "a.example"), &failure(FailureKind::Player), secs(0))).collect::<Vec<_>>()
    };
    assert_eq!(pauses(7), pauses(7));
    assert_ne!(pauses(7), pauses(8));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(u64),
    Fail(usize, FailureKind),
    Answer(usize),
    Work(usize),
    Ask(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kinds = prop::sample::select(vec![FailureKind::Network, FailureKind::Timeout, FailureKind::Missing, FailureKind::Player]);
    let step = prop_oneof![
        (1..20_000_u64).prop_map(Step::Wait),
        (0..6_usize, kinds).prop_map(|(at, kind)| Step::Fail(at, kind)),
        (0..6_usize).prop_map(Step::Answer),
        (0..6_usize).prop_map(Step::Work),
        (0..6_usize).prop_map(Step::Ask),
    ];
    prop::collection::vec(step, 1..200)
}

proptest! {
    #[test]
    fn whatever_fails_is_tried_again_within_five_minutes_and_never_at_once(steps in steps(), seed: u64) {
        let mut retries = Retries::new(seed);
        let items: Vec<_> = (0..6).map(|at| item(&format!("v{at}"), ["a.example", "b.example"][at % 2])).collect();
        let mut now = secs(1);
        for step in steps {
            match step {
                Step::Wait(ms) => now += Duration::from_millis(ms),
                Step::Fail(at, kind) => {
                    let again = retries.failed(&items[at], &failure(kind), now);
                    prop_assert_eq!(again.is_some(), kind.retryable());
                    if let Some(again) = again {
                        prop_assert!(again >= now + PAUSE_FIRST / 2 && again <= now + ITEM_RESTS.1);
                        prop_assert_ne!(retries.ask(&items[at], now), Leave::Granted);
                    }
                }
                Step::Answer(at) => { retries.answered(&items[at]); }
                Step::Work(at) => retries.worked(&items[at].id),
                Step::Ask(at) => match retries.ask(&items[at], now) {
                    Leave::Granted => {}
                    Leave::Later(_, again) => prop_assert!(again.is_none_or(|again| again > now)),
                    Leave::HostRests(_, until) => prop_assert!(until.is_none_or(|until| until > now && until <= now + HOST_RESTS.1)),
                },
            }
        }
        // Nothing is left alone for good: after the longest rest everybody gets a turn.
        now += ITEM_RESTS.1 + FINAL_RESTS;
        for item in &items {
            prop_assert_eq!(retries.ask(item, now), Leave::Granted);
            retries.answered(item);
        }
    }
}
