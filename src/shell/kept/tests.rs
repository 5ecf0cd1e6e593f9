//! What is written is found again, whatever happened to the file.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::app::{Fact, Place, SourceName};
use crate::feed::{Cursor, ItemId};

const FEED: &str = "https://a.example/feed";

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("not/there/yet/kept.log")
}

fn keep(fact: Fact) -> Keep {
    Keep { source: FEED.into(), fact }
}

fn liked(id: &str) -> Keep {
    keep(Fact::Liked(ItemId::new(id)))
}

fn place(item: &str, seconds: u64) -> Place {
    let cursor = Some(Cursor("c=\"1\"\n".into()));
    Place { item: ItemId::new(item), index: 27, position: Duration::from_secs(seconds), cursor }
}

fn likes(kept: &Kept) -> Vec<String> {
    let mut likes: Vec<_> = kept.of(FEED, true).likes.into_iter().map(|id| id.to_string()).collect();
    likes.sort();
    likes
}

#[test]
fn what_was_told_is_there_at_the_next_start() {
    let folder = TempDir::new().unwrap();
    let kept = Kept::open(&file(&folder));
    assert_eq!(kept.of(FEED, true), Remembered { source: FEED.into(), ..Remembered::default() });
    kept.note(&liked("a"));
    kept.note(&liked("b"));
    kept.note(&keep(Fact::Unliked(ItemId::new("a"))));
    kept.note(&keep(Fact::Watched(ItemId::new("c"))));
    kept.write().unwrap();
    kept.note(&keep(Fact::Left(place("b", 3))));
    kept.note(&keep(Fact::Left(place("d", 7))));
    kept.note_opened(&[FEED.into()], "a.example", UNIX_EPOCH + Duration::from_secs(5));
    kept.write().unwrap();
    let again = Kept::open(&file(&folder));
    assert_eq!(kept.of(FEED, true), again.of(FEED, true));
    let found = again.of(FEED, true);
    assert_eq!(likes(&again), ["b"]);
    assert!(found.watched.contains(&ItemId::new("c")) && found.watched.len() == 1);
    assert_eq!(found.place, Some(place("d", 7)));
    assert_eq!(found.recents, [SourceName { words: vec![FEED.into()], label: "a.example".into() }]);
    assert_eq!(again.of(FEED, false).place, None);
    assert_eq!((again.last_source(), Kept::open(folder.path()).last_source()), (Some(vec![FEED.into()]), None));
    assert!(again.of("https://b.example/feed", true).likes.is_empty(), "another source");
    let text = fs::read_to_string(file(&folder)).unwrap();
    assert_eq!(text.matches("\"left\"").count(), 1, "a place that nobody needs any more was written: {text}");
}

#[test]
fn a_line_that_was_cut_off_is_left_out_and_what_follows_it_is_not() {
    let folder = TempDir::new().unwrap();
    let kept = Kept::open(&file(&folder));
    kept.note(&liked("a"));
    kept.write().unwrap();
    let whole = fs::read(file(&folder)).unwrap();
    kept.note(&liked("b"));
    kept.write().unwrap();
    let longer = fs::read(file(&folder)).unwrap();
    for cut in whole.len()..longer.len() - 1 {
        fs::write(file(&folder), &longer[..cut]).unwrap();
        let again = Kept::open(&file(&folder));
        assert_eq!(likes(&again), ["a"], "{cut} bytes of {}", longer.len());
        again.note(&liked("c"));
        again.write().unwrap();
        assert_eq!(likes(&Kept::open(&file(&folder))), ["a", "c"], "{cut} bytes of {}", longer.len());
    }
}

#[test]
fn a_line_that_was_spoiled_is_left_out_alone() {
    let folder = TempDir::new().unwrap();
    let kept = Kept::open(&file(&folder));
    for id in ["a", "b", "c"] {
        kept.note(&liked(id));
    }
    kept.write().unwrap();
    let mut bytes = fs::read(file(&folder)).unwrap();
    let at = bytes.windows(3).position(|part| part == b"\"b\"").unwrap();
    bytes[at + 1] = b'x';
    fs::write(file(&folder), bytes).unwrap();
    assert_eq!(likes(&Kept::open(&file(&folder))), ["a", "c"]);
    fs::write(file(&folder), b"\xff\xfe\n\n0\n00000000 {}\nzzzzzzzz {}\n").unwrap();
    assert_eq!(likes(&Kept::open(&file(&folder))), Vec::<String>::new());
}

#[test]
fn the_oldest_go_when_there_are_too_many() {
    let folder = TempDir::new().unwrap();
    let kept = Kept::open(&file(&folder));
    for at in 0..20_010 {
        kept.note(&liked(&format!("v{at}")));
        if at % 4000 == 0 {
            kept.write().unwrap();
        }
    }
    kept.note(&liked("v10"));
    for at in 0..210 {
        let source = format!("https://h{at}.example/");
        kept.note(&Keep { source: source.as_str().into(), fact: Fact::Left(place("x", 1)) });
        kept.note_opened(&[source], "h", UNIX_EPOCH);
    }
    kept.write().unwrap();
    for kept in [&kept, &Kept::open(&file(&folder))] {
        let found = kept.of(FEED, true);
        assert_eq!(found.likes.len(), 20_000);
        assert!(!found.likes.contains(&ItemId::new("v9")) && found.likes.contains(&ItemId::new("v10")));
        assert_eq!(kept.of("https://h9.example/", true).place, None);
        assert!(kept.of("https://h10.example/", true).place.is_some());
        let recents: Vec<_> = found.recents.iter().map(|recent| recent.words[0].as_str()).collect();
        assert_eq!((recents.len(), recents[0], recents[11]), (12, "https://h209.example/", "https://h198.example/"));
    }
}

#[test]
fn the_file_does_not_grow_with_what_no_longer_counts_and_two_processes_share_it() {
    let folder = TempDir::new().unwrap();
    let (kept, other) = (Kept::open(&file(&folder)), Kept::open(&file(&folder)));
    other.note(&liked("of the other"));
    other.write().unwrap();
    let mut most = 0;
    for at in 0..6000 {
        kept.note(&keep(Fact::Left(place("d", at))));
        kept.note(&if at % 2 == 0 { liked("a") } else { keep(Fact::Unliked(ItemId::new("a"))) });
        if at % 40 == 0 {
            kept.write().unwrap();
            most = most.max(fs::metadata(file(&folder)).unwrap().len());
        }
    }
    kept.write().unwrap();
    assert!((200 * 1024..=256 * 1024).contains(&most), "{most} bytes");
    // It was written anew by a process that did not know of it.
    assert_eq!(likes(&Kept::open(&file(&folder))), ["of the other"]);
}

#[test]
fn names_without_end_are_not_kept_and_a_cursor_without_end_is_left_out() {
    let folder = TempDir::new().unwrap();
    let kept = Kept::open(&file(&folder));
    kept.note(&liked(&"x".repeat(5000)));
    let cursor = Some(Cursor("y".repeat(5000)));
    kept.note(&keep(Fact::Left(Place { cursor, ..place("d", 7) })));
    kept.write().unwrap();
    let found = Kept::open(&file(&folder)).of(FEED, true);
    assert_eq!((found.likes.len(), found.place), (0, Some(Place { cursor: None, ..place("d", 7) })));
}

#[test]
fn what_could_not_be_written_is_written_later() {
    let folder = TempDir::new().unwrap();
    let blocked = folder.path().join("not");
    fs::write(&blocked, "a file where a folder should be").unwrap();
    let kept = Kept::open(&file(&folder));
    kept.note(&liked("a"));
    assert!(kept.write().is_err());
    assert_eq!(likes(&kept), ["a"]);
    fs::remove_file(&blocked).unwrap();
    kept.note(&liked("b"));
    kept.write().unwrap();
    assert_eq!(likes(&Kept::open(&file(&folder))), ["a", "b"]);
}

#[cfg(unix)]
#[test]
fn its_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let kept = Kept::open(&file(&folder));
    kept.note(&liked("a"));
    kept.write().unwrap();
    for entry in fs::read_dir(file(&folder).parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}
