//! Guards the shape of the source: who may import whom, how long a file is, how it begins, where colours are named.
//!
//! `docs/ARCHITECTURE.md` tells why; the tables here and there change together.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A part of `src/`, the rooms it may import (its own folder always), and whether it keeps away from the outside world.
struct Room {
    name: &'static str,
    may: &'static [&'static str],
    pure: bool,
}

/// The import table. A path belongs to the longest name that it begins with, so `player` leaves out `player::gst`.
const ROOMS: &[Room] = &[
    Room { name: "feed", may: &["words"], pure: true },
    Room { name: "gesture", may: &[], pure: true },
    Room { name: "words", may: &[], pure: true },
    Room { name: "captions", may: &[], pure: true },
    Room { name: "app", may: &["captions", "feed", "gesture", "preload::plan", "cache::ledger", "player", "metrics", "words"], pure: true },
    Room { name: "preload::plan", may: &["feed", "gesture", "app", "cache::ledger", "player"], pure: true },
    Room { name: "cache::ledger", may: &["feed", "gesture", "app", "preload::plan", "player"], pure: true },
    Room { name: "player", may: &["captions", "feed", "gesture", "app", "preload::plan", "cache::ledger"], pure: true },
    Room { name: "metrics", may: &["feed"], pure: false },
    Room { name: "source", may: &["feed", "metrics", "words"], pure: false },
    Room { name: "cache", may: &["feed", "metrics", "cache::ledger", "words"], pure: false },
    Room { name: "preload", may: &["captions", "feed", "metrics", "cache", "preload::plan", "words"], pure: false },
    Room { name: "player::gst", may: &["player", "captions", "feed", "metrics", "cache", "words"], pure: false },
    Room { name: "desktop", may: &["app", "preload::plan"], pure: false },
    Room { name: "export", may: &["feed", "metrics", "export::options"], pure: false },
    Room { name: "export::options", may: &[], pure: true },
    Room { name: "ui", may: &["app", "captions", "feed", "gesture", "metrics", "player", "preload::plan", "words"], pure: false },
    Room { name: "server", may: &["captions", "feed", "metrics"], pure: false },
    Room { name: "server::probe", may: &["feed", "server"], pure: false },
    Room { name: "cli", may: &["feed", "preload::plan", "export::options"], pure: false },
    Room { name: "config", may: &["app", "cli", "feed", "preload::plan", "export::options"], pure: false },
];

/// Where everything is wired together: these import what they like.
const WIRING: &[&str] = &["shell", "replay", "main", "bin", "lib"];

/// Crates that stay in few rooms, so that what they bring can be replaced there.
const CRATES: &[(&str, &[&str])] = &[
    ("gstreamer", &["player::gst", "server::probe"]),
    ("gstreamer_app", &["player::gst", "server::probe"]),
    ("gstreamer_audio", &["player::gst"]),
    ("gstreamer_base", &["player::gst"]),
    ("gstreamer_video", &["player::gst", "server::probe"]),
    ("axum", &["server", "export"]),
    ("redis", &["server"]),
    ("notify", &["server"]),
    ("rusty_s3", &["server"]),
    ("cadence", &["export"]),
    ("prometheus_client", &["export", "server"]),
    ("reqwest", &["source", "cache", "preload", "export", "server"]),
    ("image", &["preload", "server::probe"]),
    ("tokio_tungstenite", &["source"]),
    ("unicode_bidi", &["ui"]),
    ("egui", &["ui"]),
    ("eframe", &["ui"]),
    ("egui_wgpu", &["ui"]),
    ("clap", &["cli", "config"]),
    ("zbus", &["desktop"]),
];

/// What pure parts do not name: they neither do I/O nor read a clock.
const IMPURE: &[&[&str]] = &[&["tokio"], &["std", "fs"], &["std", "net"], &["std", "process"], &["Instant", "now"], &["SystemTime", "now"]];

/// The most lines a file may have, and the most that half of the files may have.
const LONGEST_FILE: usize = 500;
const LONGEST_MEDIAN: usize = 200;

/// The one file that names colours.
const THEME: &str = "src/ui/theme.rs";

/// The longest name in `names` that `path` begins with, segment by segment.
fn room_of<'a>(path: &[String], names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let begins = |name: &&str| name.split("::").enumerate().all(|(at, part)| path.get(at).is_some_and(|own| own == part));
    names.filter(begins).max_by_key(|name| name.len())
}

/// The module that a file under `src/` is: `cache/mod.rs` is `cache`, `cache/ledger.rs` is `cache::ledger`.
fn module_of(file: &str) -> Vec<String> {
    let inside = file.trim_start_matches("src/").trim_end_matches(".rs");
    inside.split('/').filter(|part| *part != "mod").map(str::to_owned).collect()
}

/// Splits source into names, `::` and single signs; comments, strings, characters and lifetimes are left out.
fn tokens(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let at = |place: usize| chars.get(place).copied().unwrap_or('\0');
    let mut found = Vec::new();
    let mut place = 0;
    while place < chars.len() {
        match (at(place), at(place + 1)) {
            ('/', '/') => {
                while place < chars.len() && at(place) != '\n' {
                    place += 1;
                }
            }
            ('/', '*') => {
                let mut depth = 1;
                place += 2;
                while place < chars.len() && depth > 0 {
                    match (at(place), at(place + 1)) {
                        ('/', '*') => (depth, place) = (depth + 1, place + 2),
                        ('*', '/') => (depth, place) = (depth - 1, place + 2),
                        _ => place += 1,
                    }
                }
            }
            ('"', _) => {
                place += 1;
                while place < chars.len() && at(place) != '"' {
                    place += if at(place) == '\\' { 2 } else { 1 }
                }
                place += 1;
            }
            // `'x'` and `'\n'` are characters, `'static` is a lifetime.
            ('\'', '\\') => {
                place += 3;
                while place < chars.len() && at(place) != '\'' {
                    place += 1;
                }
                place += 1;
            }
            ('\'', _) => place += if at(place + 2) == '\'' { 3 } else { 1 },
            (':', ':') => {
                found.push("::".to_owned());
                place += 2;
            }
            (first, _) if first.is_alphanumeric() || first == '_' => {
                let begin = place;
                while at(place).is_alphanumeric() || at(place) == '_' {
                    place += 1;
                }
                let name: String = chars[begin..place].iter().collect();
                let hashes = chars[place..].iter().take_while(|sign| **sign == '#').count();
                if matches!(name.as_str(), "r" | "br" | "cr") && at(place + hashes) == '"' {
                    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                    place += hashes + 1;
                    while place < chars.len() && !chars[place..].starts_with(&end) {
                        place += 1;
                    }
                    place += end.len();
                } else {
                    found.push(name);
                }
            }
            (sign, _) => {
                if !sign.is_whitespace() {
                    found.push(sign.to_string());
                }
                place += 1;
            }
        }
    }
    found
}

/// A path that the source names, and whether it stands in a module called `tests` or `…_tests`.
struct Named {
    path: Vec<String>,
    in_tests: bool,
}

/// Every path in a file, `use` trees unfolded, `crate`, `self` and `super` resolved into `crate::…`.
fn paths(file: &str, source: &str) -> Vec<Named> {
    let tokens = tokens(source);
    let is = |place: usize, word: &str| tokens.get(place).is_some_and(|token| token == word);
    let is_name =
        |place: usize| tokens.get(place).is_some_and(|token| token.starts_with(|first: char| first.is_alphabetic() || first == '_'));
    let (mut found, mut inline, mut depth, mut place) = (Vec::new(), Vec::<(String, usize)>::new(), 0_usize, 0);
    while place < tokens.len() {
        if is(place, "mod") && is_name(place + 1) && is(place + 2, "{") {
            inline.push((tokens[place + 1].clone(), depth));
            depth += 1;
            place += 3;
        } else if is_name(place) && is(place + 1, "::") {
            let mut own: Vec<String> = module_of(file);
            own.extend(inline.iter().map(|(name, _)| name.clone()));
            let mut leaves = Vec::new();
            place = unfold(&tokens, place, &[], &mut leaves);
            let in_tests = own.iter().any(|name| name == "tests" || name.ends_with("_tests"));
            found.extend(leaves.into_iter().map(|path| Named { path: resolve(path, &own), in_tests }));
        } else {
            if is(place, "{") {
                depth += 1;
            }
            if is(place, "}") {
                depth = depth.saturating_sub(1);
                inline.retain(|(_, outside)| *outside < depth);
            }
            place += 1;
        }
    }
    found
}

/// Reads `a::b` or `a::{b, c::d}` from `place` on, puts each leaf behind `before`, and says where it ended.
fn unfold(tokens: &[String], mut place: usize, before: &[String], leaves: &mut Vec<Vec<String>>) -> usize {
    let is = |place: usize, word: &str| tokens.get(place).is_some_and(|token| token == word);
    let mut path = before.to_vec();
    loop {
        path.push(tokens[place].clone());
        place += 1;
        if !is(place, "::") {
            break;
        }
        place += 1;
        if is(place, "{") {
            place += 1;
            while place < tokens.len() && !is(place, "}") {
                if is(place, ",") {
                    place += 1;
                } else {
                    place = unfold(tokens, place, &path, leaves);
                }
                // `name as other` inside a tree.
                if is(place, "as") {
                    place += 2;
                }
            }
            return place + 1;
        }
        // A turbofish or a glob ends what can be told.
        if is(place, "<") || is(place, "*") || place >= tokens.len() {
            break;
        }
    }
    leaves.push(path);
    place
}

/// `super::x` in `cache::blocks` is `crate::cache::x`.
fn resolve(path: Vec<String>, own: &[String]) -> Vec<String> {
    let mut base = own.to_vec();
    let mut rest = path.as_slice();
    let mut relative = false;
    while let Some(first) = rest.first().filter(|word| *word == "self" || *word == "super") {
        relative = true;
        if first == "super" {
            base.pop();
        }
        rest = &rest[1..];
    }
    if !relative {
        return path;
    }
    std::iter::once("crate".to_owned()).chain(base).chain(rest.iter().cloned()).collect()
}

/// What is wrong with the imports of one file under `src/`.
fn forbidden(file: &str, source: &str) -> BTreeSet<String> {
    let own = module_of(file);
    let names = || ROOMS.iter().map(|room| room.name);
    let mut wrong = BTreeSet::new();
    if WIRING.contains(&own[0].as_str()) {
        return wrong;
    }
    let Some(room) = room_of(&own, names()).and_then(|name| ROOMS.iter().find(|room| room.name == name)) else {
        return BTreeSet::from([format!("{file}: belongs to no room")]);
    };
    for Named { path, in_tests } in paths(file, source) {
        let said = path.join("::");
        if path[0] == "crate" {
            let target = room_of(&path[1..], names());
            let own_or_allowed = target.is_some_and(|target| target == room.name || room.may.contains(&target));
            if !own_or_allowed {
                wrong.insert(format!("{file}: {} may not import {said}", room.name));
            }
        } else if let Some((name, rooms)) = CRATES.iter().find(|(name, _)| path[0] == *name) {
            if !rooms.contains(&room.name) {
                wrong.insert(format!("{file}: {} may not use {name} ({said})", room.name));
            }
        } else if room.pure && !in_tests && IMPURE.iter().any(|words| path.windows(words.len()).any(|part| part == *words)) {
            wrong.insert(format!("{file}: {} is pure and may not name {said}", room.name));
        }
    }
    wrong
}

/// Colours that a file names itself. Nothing at all (`TRANSPARENT`) is not a colour.
fn colours(file: &str, source: &str) -> Vec<String> {
    let literal = |path: &[String]| {
        let colour = path.iter().position(|part| part == "Color32" || part == "Rgba" || part == "Hsva");
        let Some(made) = colour.and_then(|at| path.get(at + 1)) else { return false };
        let constant = made.chars().all(|sign| sign.is_ascii_uppercase() || sign == '_') && made != "TRANSPARENT" && made != "PLACEHOLDER";
        constant || made.starts_with("from_")
    };
    paths(file, source).into_iter().filter(|named| !named.in_tests && literal(&named.path)).map(|named| named.path.join("::")).collect()
}

/// String literals of a file, as they are written, without its tests.
fn literals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = code.lines().map(str::trim_start).filter(|line| !line.starts_with("//") && !line.contains("reason = \""));
    let mut found = Vec::new();
    // Neither room has raw strings, or a quotation mark as a character.
    for line in lines {
        let mut rest = line;
        while let Some(begin) = rest.find('"') {
            if rest[..begin].contains("//") {
                break;
            }
            let inside = &rest[begin + 1..];
            let escapes = |at: usize| inside[..at].chars().rev().take_while(|sign| *sign == '\\').count() % 2 == 1;
            let end = inside.match_indices('"').map(|(at, _)| at).find(|at| !escapes(*at));
            let Some(end) = end else { break };
            found.push(inside[..end].to_owned());
            rest = &inside[end + 1..];
        }
    }
    found
}

/// Literals that a viewer would read as a sentence: several words and a full stop, an ellipsis or a question mark.
fn sentences(file: &str, source: &str) -> Vec<String> {
    let is_test = file.ends_with("/tests.rs") || file.ends_with("_tests.rs");
    let is_sentence = |text: &String| text.trim().contains(' ') && text.ends_with(['.', '…', '?']);
    literals(source).into_iter().filter(|text| !is_test && is_sentence(text)).collect()
}

/// The Rust files below a folder of the repository, as `folder/…` with their text, sorted.
fn files(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join(folder), &mut found);
    found.sort();
    let relative = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let text = |path: &Path| fs::read_to_string(path).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
    found.iter().map(|path| (relative(path), text(path))).collect()
}

fn all_files() -> Vec<(String, String)> {
    ["src", "tests", "benches"].into_iter().flat_map(files).collect()
}

fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    report(&files("src").iter().flat_map(|(file, text)| forbidden(file, text)).collect::<Vec<_>>());
}

#[test]
fn every_file_begins_by_saying_what_it_is() {
    let silent = |text: &str| !text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//! "));
    report(
        &all_files()
            .into_iter()
            .filter(|(_, text)| silent(text))
            .map(|(file, _)| format!("{file}: begins without //!"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn no_file_is_too_long_and_most_are_short() {
    let files = all_files();
    let lines = |text: &String| text.lines().count();
    let long = |(file, text): &(String, String)| (lines(text) > LONGEST_FILE).then(|| format!("{file}: {} lines", lines(text)));
    report(&files.iter().filter_map(long).collect::<Vec<_>>());
    let mut lengths: Vec<usize> = files.iter().filter(|(file, _)| file.starts_with("src/")).map(|(_, text)| lines(text)).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= LONGEST_MEDIAN, "half of the files have {median} lines or more");
}

#[test]
fn colours_are_named_in_the_theme_alone() {
    let others = files("src").into_iter().filter(|(file, _)| file != THEME);
    report(
        &others
            .flat_map(|(file, text)| colours(&file, &text).into_iter().map(move |colour| format!("{file}: {colour}")))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn sentences_stand_in_the_words_alone() {
    let rooms = ["src/ui", "src/app"].into_iter().flat_map(files);
    report(
        &rooms
            .flat_map(|(file, text)| sentences(&file, &text).into_iter().map(move |sentence| format!("{file}: {sentence}")))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_sentence_is_found_and_words_that_are_none_are_not() {
    let found = |source: &str| sentences("src/ui/tile.rs", source);
    assert_eq!(found("    say(\"a\", \"It \\\"is\\\" gone.\");\n"), ["It \\\"is\\\" gone."]);
    assert_eq!(found("label(\"Looking …\"); // \"Not this.\"\n"), ["Looking …"]);
    assert!(found("/// \"A comment.\"\nid(\"overlay tab\"); f(\"{a}.\");\n#[cfg(test)]\nmod tests { f(\"A b.\"); }").is_empty());
    assert!(sentences("src/app/usage_tests.rs", "f(\"A b.\");").is_empty());
}

#[test]
fn a_forbidden_arrow_is_found_however_it_is_written() {
    let arrow = |file: &str, source: &str| forbidden(file, source).len();
    assert_eq!(arrow("src/feed/list.rs", "use crate::player::Frame;"), 1);
    assert_eq!(arrow("src/feed/list.rs", "use crate::{feed::Item, player::{self, Frame}};"), 2);
    assert_eq!(arrow("src/feed/list.rs", "fn f() { let x = crate::cache::Opener::new(); }"), 1);
    assert_eq!(arrow("src/feed/list.rs", "use super::super::ui::theme;"), 1);
    assert_eq!(arrow("src/feed/list.rs", "mod tests { use super::super::super::ui::theme; }"), 1);
    assert_eq!(arrow("src/app/model.rs", "use crate::player::gst::Pipeline;"), 1, "player does not stand for player::gst");
    assert_eq!(arrow("src/player/pool.rs", "use super::gst::control;"), 1);
    assert_eq!(arrow("src/ui/tile.rs", "use gstreamer::prelude::*;"), 1);
    assert_eq!(arrow("src/app/update.rs", "let now = std::time::Instant::now();"), 1, "pure parts read no clock");
    assert_eq!(arrow("src/nowhere/mod.rs", ""), 1);
}

#[test]
fn an_allowed_arrow_and_one_that_is_only_talked_about_pass() {
    let arrow = |file: &str, source: &str| forbidden(file, source);
    let none = BTreeSet::new();
    assert_eq!(arrow("src/player/gst/control.rs", "use crate::{cache::MediaOpener, player::pool::{Pool, Want}};"), none);
    assert_eq!(arrow("src/feed/list.rs", "mod tests { use super::*; use super::super::Item; }"), none);
    assert_eq!(
        arrow(
            "src/feed/list.rs",
            "/// See [`crate::player::Frame`].\n/* crate::ui */ fn f() { g(\"crate::ui::x\", r#\"crate::ui\"#, '\"'); }"
        ),
        none
    );
    assert_eq!(arrow("src/shell/client.rs", "use crate::player::gst::Player;"), none);
    assert_eq!(arrow("src/app/update.rs", "mod tests { fn now() -> Instant { Instant::now() } }"), none);
}

#[test]
fn a_colour_outside_the_theme_is_found() {
    assert_eq!(colours("src/ui/tile.rs", "let c = egui::Color32::from_rgb(1, 2, 3);"), ["egui::Color32::from_rgb"]);
    assert_eq!(colours("src/ui/tile.rs", "fill(Color32::WHITE, Color32::TRANSPARENT)"), ["Color32::WHITE"]);
    assert!(colours("src/ui/tile.rs", "fn f(c: Color32) {} mod tests { fn t() { Color32::RED; } }").is_empty());
}
