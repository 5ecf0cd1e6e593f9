//! What a viewer finds again: after kills, after a server has forgotten where one was, and in the window that is open already
//! when the program is started once more.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use flickreel::app::{Effect, Event, Fact, Keep, Model, Options, Place, Remembered, update};
use flickreel::feed::{Cursor, ItemId};
use flickreel::metrics::Counters;
use flickreel::shell::Kept;
use flickreel::source::{Source, SourceContext};
use tempfile::TempDir;

use crate::server::TestServer;
use crate::support::apart;
use crate::support::desktop::{Display, Program, alike, text, until};

const SOURCE: &str = "a source";
/// Processes that are killed while they write.
const KILLS: usize = 24;
/// Marks in one write, so that the file is written anew every few dozen writes.
const MARKS: usize = 80;

fn keep(fact: Fact) -> Keep {
    Keep { source: SOURCE.into(), fact }
}

/// The item of a write.
fn item(write: usize) -> ItemId {
    ItemId::new(format!("v{write}"))
}

/// What the killed process does: likes one item after the other, with much that no longer counts, and says what is on disk.
fn write_until_killed(first: usize) {
    let kept = Kept::open(&std::env::temp_dir().join("kept.log"));
    for write in first.. {
        for mark in 0..MARKS {
            let passing = ItemId::new(format!("passing {mark}"));
            kept.note(&keep(if write % 2 == 0 { Fact::Liked(passing) } else { Fact::Unliked(passing) }));
        }
        kept.note(&keep(Fact::Liked(item(write))));
        let position = Duration::from_secs(write as u64);
        kept.note(&keep(Fact::Left(Place { item: item(write), index: write, position, cursor: None })));
        kept.write().unwrap();
        println!("written {write}");
    }
}

#[test]
fn a_process_that_is_killed_while_it_writes_loses_nothing_that_was_written() {
    let this = a_process_that_is_killed_while_it_writes_loses_nothing_that_was_written;
    if let Some(first) = apart::here(&this) {
        return write_until_killed(first.parse().unwrap());
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("kept.log");
    let (mut next, mut shrunk, mut torn, mut longest) = (0, 0, 0, 0);
    for kill in 0..KILLS {
        let mut child = apart::start(&this, &next.to_string(), folder.path());
        let writes = 1 + (kill * 7) % 60;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut written = None;
        for line in lines.by_ref().filter_map(|line| line.strip_prefix("written ")?.parse::<usize>().ok()).take(writes) {
            written = Some(line);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it was gone counts, too.
        let said = lines.filter_map(|line| line.strip_prefix("written ")?.parse().ok()).last().or(written).unwrap();
        let bytes = std::fs::read(&file).unwrap();
        torn += usize::from(!bytes.ends_with(b"\n"));
        shrunk += usize::from(bytes.len() < longest);
        longest = bytes.len();
        let found = Kept::open(&file).of(SOURCE, true);
        let lost: Vec<_> = (0..=said).map(item).filter(|id| !found.likes.contains(id)).collect();
        assert_eq!(lost, [], "kill {kill}");
        let place = found.place.unwrap();
        assert!(place.index >= said && place.item == item(place.index), "kill {kill}: {place:?} after {said}");
        let known: HashSet<_> =
            (0..=place.index + 1).map(item).chain((0..MARKS).map(|mark| ItemId::new(format!("passing {mark}")))).collect();
        assert!(found.likes.is_subset(&known), "kill {kill}: something that nobody wrote");
        next = place.index + 1;
    }
    eprintln!("{next} writes in {KILLS} lives; {torn} torn lines, written anew in {shrunk} of them");
    assert!(shrunk > 0, "the file was never written anew");
}

/// Opens a source as a client does, until the place where it was left is found or given up.
async fn opened(source: &Source, place: Option<Place>) -> Model {
    let context = SourceContext::new(Arc::new(Counters::default())).unwrap();
    let mut model = Model::new(&Options::default());
    let remembered = Remembered { source: SOURCE.into(), place, ..Remembered::default() };
    update(&mut model, Event::Remembered(Box::new(remembered)), Duration::ZERO);
    let mut effects = update(&mut model, Event::Opened { label: "Test".into(), hint: false }, Duration::ZERO);
    loop {
        let page = effects.into_iter().find_map(|effect| match effect {
            Effect::LoadPage { epoch, cursor } => Some((epoch, cursor)),
            _ => None,
        });
        let Some((epoch, cursor)) = page else { return model };
        let result = source.page(&context, cursor.as_ref()).await;
        effects = update(&mut model, Event::Page { epoch, cursor, result }, Duration::from_millis(10));
        if !model.is_looking() {
            return model;
        }
    }
}

fn current(model: &Model) -> &str {
    model.feed().current().expect("an item").title.as_str()
}

#[tokio::test]
async fn a_feed_goes_on_where_one_left_also_when_its_server_has_forgotten_the_cursor() {
    let names: Vec<_> = (0..90).map(|number| format!("clip {number:02}.mp4")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let (server, restarted) = (TestServer::of(&names).await, TestServer::of(&names).await);
    let feed = |server: &TestServer| Source::parse(std::slice::from_ref(&server.address)).unwrap();
    // Far enough into the feed that its page has a cursor.
    let context = SourceContext::new(Arc::new(Counters::default())).unwrap();
    let mut cursor: Option<Cursor> = None;
    for _ in 0..2 {
        cursor = feed(&server).page(&context, cursor.as_ref()).await.unwrap().next;
    }
    let page = feed(&server).page(&context, cursor.as_ref()).await.unwrap();
    let (place, title) =
        (Place { item: page.items[5].id.clone(), index: 45, position: Duration::from_secs(3), cursor }, &page.items[5].title);

    let model = opened(&feed(&server), Some(place.clone())).await;
    assert_eq!((current(&model), model.feed().index()), (title.as_str(), 5), "its page alone was asked for");
    let model = opened(&feed(&restarted), Some(place.clone())).await;
    assert_eq!((current(&model), model.feed().index()), (title.as_str(), 45), "the feed was walked to it");
    assert_eq!(model.player_target().slots[0].start_at, Duration::from_secs(3));
    let model = opened(&feed(&restarted), Some(Place { item: ItemId::new("gone"), ..place })).await;
    assert_eq!(model.feed().index(), 0);
    assert!(model.toast(Duration::from_millis(11)).unwrap().text.starts_with("What you watched last"));
}

/// Clips of one colour each that last a while, and their colours.
fn clips(folder: &Path, colours: &[[u8; 3]]) -> Vec<[u8; 3]> {
    for (index, [red, green, blue]) in colours.iter().enumerate() {
        let source = format!("color=c=0x{red:02x}{green:02x}{blue:02x}:size=180x320:rate=30:duration=20");
        let status = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", &source])
            .args(["-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-colorspace", "bt709"])
            .args(["-c:v", "libx264", "-preset", "veryfast", "-g", "30", "-movflags", "+faststart"])
            .arg(folder.join(format!("{index}.mp4")))
            .status()
            .expect("these tests need the ffmpeg command");
        assert!(status.success());
    }
    colours.to_vec()
}

fn seen(display: &Display, color: [u8; 3]) -> bool {
    until(|| alike(display.middle(), color, 14))
}

fn kept(program: &Program) -> String {
    std::fs::read_to_string(program.home.path().join("state/flickreel/kept.log")).unwrap_or_default()
}

#[test]
fn a_program_that_was_killed_comes_back_where_its_viewer_was_and_knows_what_they_liked() {
    let folder = TempDir::new().unwrap();
    let colours = clips(folder.path(), &[[200, 40, 40], [40, 180, 60], [50, 70, 210]]);
    let display = Display::start();
    let mut program = Program::start(&display, &["--window", "450x800", text(folder.path())]);
    assert!(seen(&display, colours[0]));
    display.focus();
    display.key("Down");
    display.key("Down");
    assert!(seen(&display, colours[2]));
    display.key("l");
    assert!(until(|| kept(&program).contains("\"liked\"") && kept(&program).contains("\"index\":2")), "{}", kept(&program));
    program.stop_abruptly();
    let program = program.start_again(&display, &["--window", "450x800"]);
    assert!(seen(&display, colours[2]), "the screen shows {:?}", display.middle());
    display.focus();
    display.key("l");
    assert!(until(|| kept(&program).contains("\"unliked\"")), "it was not known as liked: {}", kept(&program));
    display.key("q");
    let mut program = program.start_again(&display, &["--window", "450x800", "--from-start"]);
    assert!(seen(&display, colours[0]), "the screen shows {:?}", display.middle());
    display.focus();
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
}

#[test]
fn a_second_start_is_shown_in_the_window_that_is_open_unless_it_wants_its_own() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let colours = clips(folder.path(), &[[200, 40, 40]]);
    let others = clips(other.path(), &[[50, 70, 210]]);
    let display = Display::start();
    let mut program = Program::start(&display, &["--window", "450x800", text(folder.path())]);
    assert!(seen(&display, colours[0]));
    let handed = program.start_beside(&display, &[text(other.path())]).wait_with_output().unwrap();
    assert!(handed.status.success(), "{handed:?}");
    assert!(seen(&display, others[0]), "the screen shows {:?}", display.middle());
    assert!(program.start_beside(&display, &[]).wait_with_output().unwrap().status.success());
    let missing = program.start_beside(&display, &["/no/such/folder"]).wait_with_output().unwrap();
    assert_eq!(missing.status.code(), Some(2), "what cannot be opened is told where it was asked for");
    assert!(program.is_alive());

    let windows = || display.xdotool(&["search", "--onlyvisible", "--name", "Flickreel"]).lines().count();
    assert_eq!(windows(), 1);
    let mut own = program.start_beside(&display, &["--new-window", text(folder.path())]);
    assert!(until(|| windows() == 2), "a window of its own");
    own.kill().unwrap();
    own.wait().unwrap();
    program.stop_abruptly();
    // What it left is in nobody's way.
    let mut program = program.start_again(&display, &["--window", "450x800", text(folder.path())]);
    assert!(seen(&display, colours[0]));
    assert!(program.start_beside(&display, &[text(other.path())]).wait_with_output().unwrap().status.success());
    assert!(seen(&display, others[0]), "the screen shows {:?}", display.middle());
    display.focus();
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
}
