//! Which bytes are asked for next, case by case.

use super::*;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

fn preroll(at: u64) -> Holder {
    Holder { at, ..Holder::new(Goal::Preroll) }
}

fn whole(at: u64) -> Holder {
    Holder { at, ..Holder::new(Goal::Playing) }
}

struct Case {
    length: Option<u64>,
    there: Vec<(u64, u64)>,
    holders: Vec<Holder>,
    lanes: Vec<Lane>,
    tail: Option<u64>,
    sizes: Sizes,
    current: bool,
}

fn case(length: Option<u64>) -> Case {
    let sizes = Sizes { request: u64::MAX, preroll: MIB, head: 512 * KIB, soon: 600 * KIB };
    Case { length, there: Vec::new(), holders: Vec::new(), lanes: Vec::new(), tail: None, sizes, current: false }
}

/// Over a line that carries 4 Mbit/s.
fn slow(length: Option<u64>) -> Case {
    Case { sizes: Sizes { request: 192 * KIB, preroll: 320 * KIB, head: 256 * KIB, soon: 600 * KIB }, ..case(length) }
}

impl Case {
    fn ask<R>(&self, question: impl Fn(View<'_>) -> R) -> R {
        let filled = |block: u32| {
            let start = block_start(block);
            self.there.iter().find(|(from, to)| (*from..*to).contains(&start)).map_or(0, |(_, to)| (to - start).min(BLOCK_BYTES))
        };
        question(View {
            length: self.length,
            filled: &filled,
            holders: &self.holders,
            lanes: &self.lanes,
            tail: self.tail,
            ranges: true,
            sizes: self.sizes,
            narrow: false,
            current: self.current,
        })
    }

    fn next(&self) -> Option<(u64, u64)> {
        self.ask(|view| view.next_request()).map(|next| (next.start, next.end))
    }

    fn is_urgent(&self) -> bool {
        self.ask(|view| view.next_request()).unwrap().urgent
    }
}

#[test]
fn the_first_request_asks_for_the_window_or_for_all() {
    assert_eq!(Case { holders: vec![preroll(0)], ..case(None) }.next(), Some((0, MIB)));
    assert_eq!(Case { holders: vec![preroll(0), whole(0)], ..case(None) }.next(), Some((0, u64::MAX)));
    assert_eq!(case(None).next(), None);
}

#[test]
fn a_preroll_stops_at_its_window_and_goes_on_once_half_of_it_is_used() {
    let there = vec![(0, MIB)];
    assert_eq!(Case { there: there.clone(), holders: vec![preroll(400 * KIB)], ..case(Some(8 * MIB)) }.next(), None);
    assert_eq!(Case { there, holders: vec![preroll(600 * KIB)], ..case(Some(8 * MIB)) }.next(), Some((MIB, MIB + 576 * KIB)));
}

#[test]
fn only_the_hole_is_asked_for() {
    let case = Case { there: vec![(0, MIB), (2 * MIB, 8 * MIB)], holders: vec![whole(0)], ..case(Some(8 * MIB)) };
    assert_eq!(case.next(), Some((MIB, 2 * MIB)));
}

#[test]
fn a_block_that_is_there_in_part_is_continued() {
    let case = Case { there: vec![(0, 100 * KIB)], holders: vec![whole(0)], ..case(Some(MIB)) };
    assert_eq!(case.next(), Some((100 * KIB, u64::MAX)));
}

#[test]
fn a_read_far_from_the_running_download_gets_a_request_of_its_own() {
    let lanes = vec![Lane { id: 1, at: MIB, end: u64::MAX }];
    let reading = |offset| Holder { waiting: Some(offset), ..preroll(0) };
    let there = vec![(0, MIB)];
    let near = Case { there: there.clone(), holders: vec![reading(MIB + 200 * KIB)], lanes: lanes.clone(), ..case(Some(8 * MIB)) };
    assert_eq!(near.next(), None);
    let far = Case { there, holders: vec![reading(7 * MIB + 10)], lanes, ..case(Some(8 * MIB)) };
    assert_eq!(far.next(), Some((7 * MIB, u64::MAX)));
}

#[test]
fn the_tail_is_fetched_beside_the_head() {
    let lanes = vec![Lane { id: 1, at: 64 * KIB, end: MIB }];
    let case = Case { there: vec![(0, 64 * KIB)], holders: vec![preroll(0)], lanes, tail: Some(7 * MIB + 10), ..case(Some(8 * MIB)) };
    assert_eq!(case.next(), Some((7 * MIB, u64::MAX)));
}

#[test]
fn what_lies_before_the_reader_comes_last() {
    let case = Case { there: vec![(4 * MIB, 8 * MIB)], holders: vec![whole(4 * MIB)], ..case(Some(8 * MIB)) };
    assert_eq!(case.next(), Some((0, 4 * MIB)));
}

#[test]
fn a_download_nobody_wants_any_more_stops() {
    let playing = Case { holders: vec![whole(0)], ..case(Some(8 * MIB)) };
    assert!(playing.ask(|view| view.wanted(5 * MIB)));
    let left = Case { holders: vec![preroll(0)], ..case(Some(8 * MIB)) };
    assert!(left.ask(|view| view.wanted(MIB - 1)));
    assert!(!left.ask(|view| view.wanted(5 * MIB)));
    assert!(!case(Some(8 * MIB)).ask(|view| view.wanted(0)));
}

#[test]
fn on_a_slow_line_requests_are_small_and_end_where_a_block_ends() {
    assert_eq!(Case { holders: vec![whole(0)], ..slow(None) }.next(), Some((0, 192 * KIB)));
    assert_eq!(Case { holders: vec![Holder::new(Goal::Metadata)], ..slow(None) }.next(), Some((0, 64 * KIB)));
    let there = vec![(0, 100 * KIB)];
    let middle = Case { there: there.clone(), holders: vec![whole(0)], ..slow(Some(8 * MIB)) };
    assert_eq!(middle.next(), Some((100 * KIB, 256 * KIB)));
    assert_eq!(Case { there, holders: vec![whole(0)], ..slow(Some(250 * KIB)) }.next(), Some((100 * KIB, u64::MAX)));
}

#[test]
fn each_goal_has_its_window() {
    let ends = |goal| {
        let mut case = Case { holders: vec![Holder::new(goal)], ..slow(Some(8 * MIB)) };
        while let Some((start, end)) = case.next() {
            assert!(end - start <= 192 * KIB);
            case.there = vec![(0, end)];
        }
        case.there[0].1
    };
    assert_eq!(ends(Goal::Metadata), 64 * KIB);
    assert_eq!(ends(Goal::Head), 256 * KIB);
    assert_eq!(ends(Goal::Preroll), 320 * KIB);
}

#[test]
fn what_plays_is_urgent_as_far_as_it_gets_in_a_few_seconds() {
    let playing = |there| Case { there: vec![(0, there)], holders: vec![whole(MIB)], ..slow(Some(8 * MIB)) };
    assert!(playing(MIB).is_urgent());
    assert!(playing(MIB + 512 * KIB).is_urgent());
    assert!(!playing(MIB + 640 * KIB).is_urgent());
    assert!(Case { holders: vec![whole(0)], ..slow(None) }.is_urgent());
    let rest = Case { there: vec![(MIB, 8 * MIB)], holders: vec![whole(MIB)], ..slow(Some(8 * MIB)) };
    assert!(!rest.is_urgent(), "what lies behind the reader");
    let jumped = Case { holders: vec![Holder { waiting: Some(5 * MIB), ..whole(5 * MIB) }], ..rest };
    assert!(!jumped.is_urgent(), "what it waits for is there");
}

#[test]
fn what_prerolls_is_urgent_only_once_it_is_shown() {
    let reading = Holder { waiting: Some(0), ..preroll(0) };
    let ahead = Case { holders: vec![reading], ..slow(Some(8 * MIB)) };
    assert!(!ahead.is_urgent());
    assert!(Case { current: true, ..ahead }.is_urgent());
    assert!(!Case { holders: vec![Holder::new(Goal::Head)], current: true, ..slow(None) }.is_urgent());
}

#[test]
fn the_urgent_request_of_a_media_goes_before_its_others() {
    let holders = vec![Holder { waiting: Some(6 * MIB), ..preroll(6 * MIB) }, whole(0)];
    let case = Case { holders, ..slow(Some(8 * MIB)) };
    assert_eq!(case.next(), Some((0, 192 * KIB)));
    assert!(case.is_urgent());
}

#[test]
fn a_head_has_its_tail_and_what_is_to_be_known_only_has_not() {
    let with = |goal| Case { there: vec![(0, 512 * KIB)], holders: vec![Holder::new(goal)], tail: Some(7 * MIB), ..case(Some(8 * MIB)) };
    assert_eq!(with(Goal::Head).next(), Some((7 * MIB, u64::MAX)));
    assert!(with(Goal::Head).ask(|view| view.wanted(7 * MIB)));
    assert_eq!(with(Goal::Metadata).next(), None);
    assert!(!with(Goal::Metadata).ask(|view| view.wanted(7 * MIB)));
}

fn peek(at: u64, waiting: Option<u64>) -> Holder {
    Holder { at, waiting, ..Holder::new(Goal::Peek) }
}

#[test]
fn who_peeks_gets_what_a_read_waits_for_and_nothing_ahead_of_it() {
    let asks = |holders| Case { holders, current: true, ..case(Some(16 * MIB)) };
    assert_eq!(asks(vec![peek(8 * MIB, None)]).next(), None);
    let waits = asks(vec![peek(8 * MIB, Some(8 * MIB))]);
    assert_eq!(waits.next(), Some((8 * MIB, 8 * MIB + 256 * KIB)));
    assert!(!waits.is_urgent(), "what plays goes first");
    assert!(waits.ask(|view| view.wanted(8 * MIB + 128 * KIB) && !view.wanted(9 * MIB)));
}

#[test]
fn what_plays_is_asked_for_before_what_somebody_peeks_at() {
    let both = Case { holders: vec![peek(8 * MIB, Some(8 * MIB)), whole(0)], current: true, ..slow(Some(16 * MIB)) };
    let next = both.ask(|view| view.next_request()).unwrap();
    assert!(next.urgent && next.start == 0, "{next:?}");
}
