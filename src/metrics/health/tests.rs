//! How health is judged, told in figures and times.

use proptest::prelude::*;

use super::super::snapshot::{Loads, Pipelines, Preload, Process, Retries};
use super::*;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn memory(mb: f64) -> Snapshot {
    Snapshot { process: Process { rss_mb: Some(mb), ..Process::default() }, ..Snapshot::default() }
}

fn loads(ready: u64, failed: u64, timed_out: u64) -> Snapshot {
    Snapshot { loads: Loads { ready, failed, timed_out, ..Loads::default() }, ..Snapshot::default() }
}

/// The statuses of a health that looks at these figures, a second apart.
fn statuses(figures: impl IntoIterator<Item = Snapshot>) -> Vec<Status> {
    let mut health = Health::default();
    let look = |(second, figures): (usize, Snapshot)| {
        health.look(&figures, seconds(second as u64 + 1));
        health.status()
    };
    figures.into_iter().enumerate().map(look).collect()
}

/// The status after ten looks at the same figures, and the reasons.
fn judged(figures: &Snapshot) -> (Status, Vec<Reason>) {
    let mut health = Health::default();
    (1..=10).for_each(|second| health.look(figures, seconds(second)));
    (health.status(), health.reasons().to_vec())
}

#[test]
fn every_figure_has_its_bounds() {
    let preload = |completed, failed| Snapshot {
        preload: Preload { completed: Some(completed), failed: Some(failed), ..Preload::default() },
        ..Snapshot::default()
    };
    let startup = |n, ms| Snapshot { loads: Loads { startup_n: n, startup_ms_p95: Some(ms), ..Loads::default() }, ..Snapshot::default() };
    let pipelines =
        |live, stuck| Snapshot { pipelines: Pipelines { budget: 6, live, stuck, ..Pipelines::default() }, ..Snapshot::default() };
    let trips = |trips| Snapshot { retries: Retries { trips, ..Retries::default() }, ..Snapshot::default() };
    for (name, figures, status) in vec![
        ("nothing known", Snapshot::default(), Status::Healthy),
        ("memory", memory(500.0), Status::Healthy),
        ("memory", memory(501.0), Status::Warning),
        ("memory", memory(801.0), Status::Critical),
        ("pipelines", pipelines(6, 0), Status::Healthy),
        ("pipelines", pipelines(7, 0), Status::Critical),
        ("stuck", pipelines(6, 1), Status::Warning),
        ("preload success", preload(95, 5), Status::Healthy),
        ("preload success", preload(94, 6), Status::Warning),
        ("preload success", preload(89, 11), Status::Critical),
        ("load time", startup(8, 2000.0), Status::Healthy),
        ("load time", startup(8, 2100.0), Status::Warning),
        ("load time", startup(8, 5100.0), Status::Critical),
        ("breakers", trips(5), Status::Healthy),
        ("breakers", trips(6), Status::Warning),
        ("timeouts", loads(90, 10, 10), Status::Healthy),
        ("timeouts", loads(89, 11, 11), Status::Warning),
        ("loads that fail", loads(80, 20, 0), Status::Healthy),
        ("loads that fail", loads(79, 21, 0), Status::Warning),
    ] {
        let (judged, reasons) = judged(&figures);
        assert_eq!(judged, status, "{name}: {reasons:?}");
        assert_eq!(reasons.is_empty(), status == Status::Healthy, "{name}: {reasons:?}");
    }
}

#[test]
fn a_reason_says_the_figure_and_the_bound_and_the_worst_comes_first() {
    let mut figures = memory(812.4);
    figures.retries.trips = 7;
    let (status, reasons) = judged(&figures);
    assert_eq!(status, Status::Critical);
    let sentences: Vec<_> = reasons.iter().map(|reason| reason.sentence.as_str()).collect();
    assert_eq!(
        sentences,
        ["812 MB of memory are in use; the bound is 800 MB.", "Items or servers were given up 7 times within an hour; the bound is 5."]
    );
    assert_eq!((reasons[0].words, reasons[0].status, reasons[1].status), ("Memory", Status::Critical, Status::Warning));
}

#[test]
fn too_few_say_nothing_about_a_share_or_a_time() {
    assert_eq!(judged(&loads(0, 19, 19)).0, Status::Healthy);
    assert_eq!(judged(&loads(0, 20, 20)).0, Status::Warning);
    let startup = Snapshot { loads: Loads { startup_n: 7, startup_ms_p95: Some(9000.0), ..Loads::default() }, ..Snapshot::default() };
    assert_eq!(judged(&startup).0, Status::Healthy);
}

#[test]
fn a_status_comes_at_once_and_goes_when_its_figure_has_been_clear_of_the_bound_for_half_a_minute() {
    let found = statuses((0..100).map(|second| memory(if second == 10 { 600.0 } else { 400.0 })));
    assert_eq!(found[9], Status::Healthy);
    assert!(found[10..=40].iter().all(|status| *status == Status::Warning), "{found:?}");
    assert!(found[41..].iter().all(|status| *status == Status::Healthy), "{found:?}");
}

#[test]
fn a_figure_beside_its_bound_does_not_flicker() {
    let found = statuses((0..300).map(|second| memory(if second % 2 == 0 { 505.0 } else { 495.0 })));
    assert!(found.iter().all(|status| *status == Status::Warning), "below the bound is not yet clear of it");
    let found = statuses((0..300).map(|second| memory(if second % 20 == 0 { 505.0 } else { 100.0 })));
    assert!(found.iter().all(|status| *status == Status::Warning), "clear of it, but not for long enough");
}

#[test]
fn what_was_critical_is_a_warning_before_it_is_well() {
    let found = statuses((0..200).map(|second| {
        memory(if second == 0 {
            900.0
        } else if second < 50 {
            600.0
        } else {
            400.0
        })
    }));
    let mut steps = found.clone();
    steps.dedup();
    assert_eq!(steps, [Status::Critical, Status::Warning, Status::Healthy]);
    assert_eq!(found.iter().position(|status| *status == Status::Warning), Some(31));
}

#[test]
fn a_share_and_the_breakers_are_told_of_a_while_and_not_of_the_whole_session() {
    let mut health = Health::default();
    let mut at = |ready, failed, trips, second| {
        let mut figures = loads(ready, failed, 0);
        figures.retries.trips = trips;
        health.look(&figures, seconds(second));
        health.reasons().iter().map(|reason| reason.words).collect::<Vec<_>>()
    };
    assert_eq!(at(0, 30, 6, 1), ["Loads fail", "Servers"]);
    for second in 2..=620 {
        at(second, 30, 6, second);
    }
    assert_eq!(at(700, 30, 6, 700), ["Servers"], "thirty failures were ten minutes ago");
    for second in 701..3680 {
        at(second, 30, 6, second);
    }
    assert_eq!(at(3800, 30, 6, 3800), [""; 0], "the breakers were an hour ago");
}

#[test]
fn counts_that_are_set_back_begin_anew() {
    let mut health = Health::default();
    for second in 1..=700 {
        health.look(&loads(100, 0, 0), seconds(second));
    }
    health.look(&loads(10, 15, 0), seconds(701));
    assert_eq!(health.status(), Status::Warning, "25 loads, 15 of them failed");
}

#[test]
fn a_gigabyte_for_five_minutes_breaks_a_bound_and_time_without_a_look_does_not_count() {
    let mut health = Health::default();
    for second in 1..=300 {
        health.look(&memory(1001.0), seconds(second));
    }
    assert_eq!(health.breach(), None, "299 seconds");
    health.look(&memory(1001.0), seconds(301));
    assert_eq!(health.breach(), Some(Breach::Memory));
    assert!(health.reasons()[0].sentence.contains("five minutes"), "{:?}", health.reasons());
    health.look(&memory(1000.0), seconds(302));
    assert_eq!(health.breach(), None);
    for minute in 6..40 {
        health.look(&memory(1001.0), seconds(60 * minute));
    }
    assert_eq!(health.breach(), None, "34 looks, each worth 5 s at most");
}

#[test]
fn more_than_a_fifth_of_failed_loads_breaks_a_bound() {
    let mut health = Health::default();
    health.look(&loads(80, 20, 0), seconds(1));
    assert_eq!(health.breach(), None);
    health.look(&loads(80, 21, 0), seconds(2));
    assert_eq!(health.breach(), Some(Breach::LoadFailures));
}

#[test]
fn health_is_exported_in_five_names() {
    let mut figures = memory(640.5);
    figures.health.status = Status::Warning;
    (figures.pipelines.live, figures.loads.ready_videos) = (4, 3);
    let told = Told::of(&figures, 1_800_000_000);
    assert_eq!(told, Told { status: Status::Warning, memory_mb: Some(640.5), controllers: 4, ready_videos: 3, timestamp: 1_800_000_000 });
    assert_eq!((told.status.name(), Breach::ALL.map(|breach| Breach::named(breach.name()))), ("warning", Breach::ALL.map(Some)));
}

proptest! {
    #[test]
    fn a_status_never_gets_better_while_its_bound_stays_broken(
        series in proptest::collection::vec((0.0..1400.0_f64, 1_u64..40, any::<bool>()), 1..60)
    ) {
        let levels = Matter::Memory.levels();
        let edges = |status| match status {
            Status::Healthy => None,
            Status::Warning => levels.warning,
            Status::Critical => levels.critical,
        };
        let (mut light, mut before, mut now) = (Light::default(), Status::Healthy, 0);
        let mut clear_since: Option<u64> = None;
        for (mb, passed, known) in series {
            now += passed;
            let (status, _) = light.look(&levels, known.then_some(mb), seconds(now));
            let begun = [Status::Critical, Status::Warning].into_iter().find(|level| edges(*level).is_some_and(|edge| known && mb > edge.over));
            prop_assert!(status >= begun.unwrap_or_default(), "{mb} MB at {now} s: {status:?}");
            let holds = edges(before).is_some_and(|edge| known && mb > edge.until);
            clear_since = if holds || status > before { None } else { Some(clear_since.unwrap_or(now)) };
            if status < before {
                prop_assert!(!holds, "{mb} MB at {now} s: {before:?} became {status:?}");
                prop_assert!(clear_since.is_some_and(|since| now - since >= 30), "it went too soon");
                clear_since = None;
            }
            before = status;
        }
    }
}
