//! Files as they are found in the wild, and bytes that are no file at all.

use proptest::prelude::*;

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn told(track: &Track) -> Vec<(u64, u64, String)> {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap();
    track.cues.iter().map(|cue| (millis(cue.start), millis(cue.end), cue.text())).collect()
}

fn at(track: &Track, time: u64) -> Vec<String> {
    track.at(ms(time)).map(|cue| cue.text()).collect()
}

#[test]
fn a_subrip_file_with_numbers_and_carriage_returns_is_read() {
    let file = "\u{feff}1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Good morning.</i>\r\nIt is early.\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n– Who?\r\n";
    let track = Track::read(file.as_bytes());
    assert_eq!(told(&track), [(1000, 2500, "Good morning.\nIt is early.".into()), (3000, 4000, "– Who?".into())]);
    assert!(track.cues[0].spans[0].italic);
}

#[test]
fn a_webvtt_file_with_notes_styles_names_and_settings_is_read() {
    let file = "WEBVTT - Example\nKind: captions\n\nNOTE made by hand\nover two lines\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:fred\n\n\
        intro\n00:01.000 --> 00:02.000 line:0 align:start\n<v Ann>Above &amp; beyond\n\n00:00:03.000 --> 00:00:04.000\nBelow\n";
    let track = Track::read(file.as_bytes());
    assert_eq!(told(&track), [(1000, 2000, "Above & beyond".into()), (3000, 4000, "Below".into())]);
    assert_eq!((track.cues[0].place, track.cues[0].align), (Place::Top, Align::Start));
    assert_eq!((track.cues[1].place, track.cues[1].align), (Place::Bottom, Align::Center));
}

#[test]
fn cues_that_overlap_or_stand_in_the_wrong_order_are_all_found() {
    let file = "00:05.000 --> 00:06.000\nlate\n\n00:00.000 --> 00:10.000\nlong\n\n00:01.000 --> 00:02.000\nshort\n";
    let track = Track::read(file.as_bytes());
    assert_eq!(at(&track, 1500), ["long", "short"]);
    assert_eq!(at(&track, 3000), ["long"]);
    assert_eq!(at(&track, 5500), ["long", "late"]);
    assert_eq!(at(&track, 10_000), [""; 0]);
    let changes: Vec<_> = [0, 1500, 2000, 5500, 6000, 10_000].map(|time| track.changes_after(ms(time))).into();
    assert_eq!(changes, [Some(ms(1000)), Some(ms(2000)), Some(ms(5000)), Some(ms(6000)), Some(ms(10_000)), None]);
}

#[test]
fn cues_without_an_empty_line_between_them_are_two_and_a_number_may_be_said() {
    let file = "1\n00:01,000 --> 00:02,000\none\n2\n00:03,000 --> 00:04,000\ntwo\n\n3\n00:05,000 --> 00:06,000\n42\n\n";
    assert_eq!(told(&Track::read(file.as_bytes())), [(1000, 2000, "one".into()), (3000, 4000, "two".into()), (5000, 6000, "42".into())]);
}

#[test]
fn what_is_damaged_costs_its_own_cue() {
    let file = "1\n00:01,000 -> 00:02,000\nno arrow\n\n2\n00:0x,000 --> 00:04,000\nno time\n\n3\n00:05,000 --> 00:06,000\ngood\n\n4\n00:07,000 --> ";
    assert_eq!(told(&Track::read(file.as_bytes())), [(5000, 6000, "good".into())]);
    for nothing in [&b""[..], b"WEBVTT", b"<html><p>404 --> not found</p>", &[0; 100], &[0xff; 100], b"\xff\xfe"] {
        assert!(Track::read(nothing).is_empty());
    }
}

#[test]
fn a_file_is_read_up_to_its_bounds() {
    let cue = |at: usize| format!("{:02}:{:02}:{:02}.000 --> 23:59:59.000\nx\n\n", at / 3600, at / 60 % 60, at % 60);
    let many: String = (0..30_000).map(cue).collect();
    assert_eq!(Track::read(many.as_bytes()).len(), CUES_MAX);
    let long = [&vec![b'\n'; FILE_BYTES_MAX][..], cue(0).as_bytes()].concat();
    assert!(Track::read(&long).is_empty());
}

#[test]
fn a_cue_that_comes_again_after_a_seek_is_there_once() {
    let cue =
        |start, text: &str| Cue { start: ms(start), end: ms(start + 1000), place: Place::Bottom, align: Align::Center, spans: plain(text) };
    let mut track = Track::default();
    assert!(track.add(cue(2000, "b")) && track.add(cue(1000, "a")) && track.add(cue(2000, "c")));
    assert!(!track.add(cue(2000, "b")));
    assert_eq!(told(&track).into_iter().map(|(.., text)| text).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(at(&track, 2000), ["b", "c"]);
}

#[test]
fn a_cue_of_webm_has_a_name_and_settings_before_its_words_or_neither() {
    let cue = |bytes: &[u8]| webm_cue(bytes, ms(1000), ms(2000)).map(|cue| (cue.place, cue.text()));
    assert_eq!(cue(b"\n\n<i>Good</i> morning"), Some((Place::Bottom, "Good morning".into())));
    assert_eq!(cue(b"intro\nline:0 align:start\nAbove\nall"), Some((Place::Top, "Above\nall".into())));
    assert_eq!(cue(b"Words alone,\nover three\nlines"), Some((Place::Bottom, "Words alone,\nover three\nlines".into())));
    for nothing in [&b""[..], b"\n\n", b"name\n\n", b"\x00\x01\x02", b"\xff\xfe\xfd"] {
        assert_eq!(cue(nothing), None, "{nothing:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_what_is_read_is_in_order(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let track = Track::read(&bytes);
        prop_assert!(track.cues.is_sorted_by_key(|cue| cue.start));
    }

    #[test]
    fn no_text_of_the_right_signs_makes_it_panic(text in "([0-9]{1,3}|:|\\.|,|-->| |\n|\r|<|/|i>|&|#|;|\\{\\\\an8\\}|\\\\N|line:|%|é|🐇|WEBVTT|NOTE){0,120}") {
        for cue in &Track::read(text.as_bytes()).cues {
            prop_assert!(cue.start < cue.end && !cue.text().trim().is_empty());
        }
    }

    #[test]
    fn what_is_to_be_read_is_what_has_begun_and_not_ended(
        times in proptest::collection::vec((0_u64..500, 1_u64..200), 0..30), position in 0_u64..800
    ) {
        let line = |(start, length): &(u64, u64)| {
            format!("00:00.{:03} --> 00:{:02}.{:03}\n{start} {length}\n\n", start, (start + length) / 1000, (start + length) % 1000)
        };
        let file = times.iter().map(line).collect::<Vec<_>>().concat();
        let track = Track::read(file.as_bytes());
        let expected = times.iter().filter(|(start, length)| (*start..start + length).contains(&position)).count();
        prop_assert_eq!(track.at(ms(position)).count(), expected);
        let next = times.iter().flat_map(|(start, length)| [*start, start + length]).filter(|time| *time > position).min();
        // A cue that has not begun yet ends after it has.
        prop_assert_eq!(track.changes_after(ms(position)), next.map(ms));
    }
}
