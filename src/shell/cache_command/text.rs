//! The answers of the disk cache as text for people.

use std::fmt::Write as _;
use std::path::Path;

use crate::cache::{Cleared, Reply, Request, Row, Stats, Verified};

/// The answer as text, each line ended; rows of a table are cut to `columns` when there is a terminal. Empty for
/// [`Reply::Failed`], which is told elsewhere.
pub(super) fn of(request: &Request, reply: &Reply, dir: &Path, columns: Option<usize>) -> String {
    match reply {
        Reply::Stats(found) => stats(found),
        Reply::List { entries } if entries.is_empty() => format!("Nothing is kept in {}.\n", shown(dir)),
        Reply::List { entries } => table(entries, columns),
        Reply::Verified(found) => verified(found),
        Reply::Cleared(gone) => cleared(gone),
        Reply::Entry(row) => {
            let done = if matches!(request, Request::Unpin { .. }) { "No longer pinned" } else { "Pinned" };
            format!("{done}: {}\n", format!("{} {} {}", plain(&row.id), size(row.bytes), plain(&row.label)).trim_end())
        }
        Reply::Progress { .. } | Reply::Failed { .. } => String::new(),
    }
}

/// A line that says how far a check is, without its end.
pub(super) fn progress(done: u64, total: u64) -> String {
    format!("{} of {}, {}", size(done), size(total), percent(done.min(total), total))
}

/// Whether a terminal shows `sign` rather than obeying it, or letting it move its neighbours.
pub(super) fn is_harmless(sign: char) -> bool {
    let invisible = matches!(sign,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !sign.is_control() && !invisible
}

/// `text` on one line, with nothing in it that a terminal would obey.
pub(in crate::shell) fn plain(text: &str) -> String {
    text.chars().map(|sign| if is_harmless(sign) { sign } else { '\u{fffd}' }).collect()
}

fn shown(dir: &Path) -> String {
    plain(&dir.to_string_lossy())
}

fn stats(found: &Stats) -> String {
    let mut rows = vec![
        ("folder", shown(&found.dir)),
        ("on disk", format!("{} of {}, {}", size(found.disk_bytes), size(found.cap_bytes), percent(found.disk_bytes, found.cap_bytes))),
        ("  being written", share(found.reserved_bytes, found)),
        ("  fetched ahead", share(found.unwatched_bytes, found)),
        ("  pinned", format!("{}, {}", share(found.pinned_bytes, found), counted(found.pinned, "entry", "entries"))),
        ("entries", found.entries.to_string()),
        ("  videos", format!("{} ready, {} in part", found.videos_ready, found.videos_partial)),
        ("  pages", found.pages.to_string()),
        ("  posters", found.posters.to_string()),
        ("  captions", found.captions.to_string()),
        ("  in use", found.in_use.to_string()),
        ("this run", format!("{} evicted, {} damaged", found.evictions, counted(found.bad_blocks, "block", "blocks"))),
        ("unused", format!("removed after {}", counted(found.max_age_days, "day", "days"))),
    ];
    if found.unread > 0 {
        rows.push(("still to look at", counted(found.unread, "file", "files")));
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<width$}  {value}");
    }
    text
}

fn share(bytes: u64, found: &Stats) -> String {
    format!("{}, {}", size(bytes), percent(bytes, found.cap_bytes))
}

fn verified(found: &Verified) -> String {
    let looked_at = format!(
        "{}, {}, {}",
        counted(found.entries, "entry", "entries"),
        counted(found.blocks, "block", "blocks"),
        size(found.bytes).trim_start()
    );
    if found.is_sound() {
        return format!("Checked {looked_at}: everything is as it was written.\n");
    }
    let wrong = format!(
        "{}, {}, {}",
        counted(found.bad_blocks, "damaged block", "damaged blocks"),
        counted(found.bad_entries, "damaged entry", "damaged entries"),
        counted(found.strays, "file that belongs to nothing", "files that belong to nothing")
    );
    let then = if found.repaired {
        "All of that was removed; what is missing is fetched again when it is played."
    } else {
        "Nothing was changed: `flickreel cache verify --repair` removes it."
    };
    format!("Checked {looked_at}.\nFound {wrong}.\n{then}\n")
}

fn cleared(gone: &Cleared) -> String {
    let mut text = format!("Removed {}, {}.\n", counted(gone.entries, "entry", "entries"), size(gone.bytes));
    if gone.in_use > 0 {
        let _ = writeln!(text, "{} of them in use: that room is free once they are no longer played.", gone.in_use);
    }
    text
}

/// Entries as a table. Sizes and times stand at the right of their column, the label comes last and is cut.
fn table(entries: &[Row], columns: Option<usize>) -> String {
    const HEAD: [&str; 6] = ["ID", "KIND", "STATE", "SIZE", "HELD", "IDLE"];
    const RIGHT: [bool; 6] = [false, false, true, true, false, true];
    let cells = |row: &Row| [plain(&row.id), plain(&row.kind), state(row), size(row.bytes), held(row).to_owned(), idle(row.idle_s)];
    let mut rows = vec![(HEAD.map(str::to_owned), "LABEL".to_owned())];
    rows.extend(entries.iter().map(|row| (cells(row), plain(&row.label))));
    let mut widths = [0; 6];
    for (cells, _) in &rows {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for (cells, label) in rows {
        let mut line = String::new();
        for ((cell, width), right) in cells.iter().zip(widths).zip(RIGHT) {
            // Writing to a String cannot fail.
            let _ = if right { write!(line, "{cell:>width$}  ") } else { write!(line, "{cell:<width$}  ") };
        }
        line.push_str(&label);
        text.push_str(columns.map_or(line.as_str(), |columns| cut(&line, columns)).trim_end());
        text.push('\n');
    }
    text
}

fn state(row: &Row) -> String {
    match (row.bytes * 100).checked_div(row.length) {
        _ if row.ready => "ready".into(),
        // It is only the whole that is ready.
        Some(percent) => format!("{} %", percent.min(99)),
        None => "0 %".into(),
    }
}

fn held(row: &Row) -> &'static str {
    match (row.pinned, row.in_use) {
        (true, true) => "pinned, in use",
        (true, false) => "pinned",
        (false, true) => "in use",
        (false, false) => "",
    }
}

fn idle(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match seconds {
        0..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ => format!("{} d", seconds / DAY),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn size(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "0.0 %".into() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// As much of `line` as fits.
fn cut(line: &str, columns: usize) -> &str {
    let mut taken = 0;
    let end = line.char_indices().find(|(_, sign)| {
        taken += columns_of(*sign);
        taken > columns
    });
    end.map_or(line, |(at, _)| &line[..at])
}

/// Columns that a terminal gives to `sign`, near enough: two for what is wide in East Asia and for emoji. Marks
/// that take none are counted as one, which only cuts earlier.
fn columns_of(sign: char) -> usize {
    let wide = matches!(sign,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}');
    if wide { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn row(id: &str, label: &str) -> Row {
        Row {
            id: id.into(),
            kind: "video".into(),
            label: label.into(),
            length: 2 * MIB,
            bytes: MIB,
            idle_s: 3 * 3600 + 59,
            ..Row::default()
        }
    }

    #[test]
    fn stats_stand_in_two_columns_with_shares_of_the_bound() {
        let found = Stats {
            dir: "/c".into(),
            cap_bytes: 100 * MIB,
            disk_bytes: 42 * MIB + MIB / 2,
            pinned: 1,
            pinned_bytes: MIB,
            ..Stats::default()
        };
        let text = stats(&found);
        assert!(text.contains("on disk          42.5 MiB of 100.0 MiB, 42.5 %\n"), "{text}");
        assert!(text.contains("  pinned         1.0 MiB, 1.0 %, 1 entry\n"), "{text}");
        assert!(!text.contains("still to look at"), "{text}");
        assert!(stats(&Stats { unread: 2, ..found }).contains("still to look at  2 files\n"));
        assert!(stats(&Stats::default()).contains("0.0 %"), "a bound of nothing");
    }

    #[test]
    fn entries_stand_in_a_table_with_the_label_last() {
        let ready = Row { ready: true, pinned: true, in_use: true, bytes: 12 * MIB, idle_s: 5, ..row("00", "Ocean") };
        let text = table(&[ready, row("0af3", "A street")], None);
        assert_eq!(
            text,
            "ID    KIND   STATE      SIZE  HELD            IDLE  LABEL\n\
             00    video  ready  12.0 MiB  pinned, in use   5 s  Ocean\n\
             0af3  video   50 %   1.0 MiB                   3 h  A street\n"
        );
    }

    #[test]
    fn only_what_is_whole_is_ready() {
        assert_eq!(state(&Row { bytes: 199, length: 200, ..Row::default() }), "99 %");
        assert_eq!(state(&Row { bytes: 200, length: 200, ..Row::default() }), "99 %", "not checked yet");
        assert_eq!(state(&Row::default()), "0 %");
        assert_eq!(state(&Row { ready: true, ..Row::default() }), "ready");
    }

    #[test]
    fn a_row_is_cut_to_the_terminal_and_left_alone_without_one() {
        let label = "很长的名字 and so on";
        let long = [row("0af3", label)];
        for columns in [1, 10, 40, 48, 60] {
            let text = table(&long, Some(columns));
            assert!(text.lines().all(|line| line.chars().map(columns_of).sum::<usize>() <= columns), "{columns}: {text}");
        }
        assert!(table(&long, None).contains(label));
        assert_eq!(cut("很长", 3), "很");
    }

    #[test]
    fn what_a_terminal_obeys_does_not_reach_it() {
        let nasty = row("0\u{1b}[2J", "a\nb\u{9b}31m\u{202e}c\u{7}\u{200b}");
        let replies = [Reply::List { entries: vec![nasty.clone()] }, Reply::Entry(nasty)];
        for reply in replies {
            let text = of(&Request::List, &reply, Path::new("/c\u{1b}"), None);
            assert!(text.chars().all(|sign| sign == '\n' || is_harmless(sign)), "{text:?}");
            assert!(text.lines().count() <= 2, "{text:?}");
        }
        assert!(!of(&Request::List, &Reply::List { entries: vec![] }, Path::new("/c\u{1b}"), None).contains('\u{1b}'));
        assert_eq!(plain("Größe 大 🎬"), "Größe 大 🎬");
    }

    #[test]
    fn a_check_says_what_it_found_and_what_came_of_it() {
        let sound = Verified { entries: 1, blocks: 2, bytes: MIB, ..Verified::default() };
        assert_eq!(verified(&sound), "Checked 1 entry, 2 blocks, 1.0 MiB: everything is as it was written.\n");
        let damaged = Verified { bad_blocks: 1, strays: 2, ..sound };
        let text = verified(&damaged);
        assert!(text.contains("1 damaged block, 0 damaged entries, 2 files that belong to nothing") && text.contains("--repair"), "{text}");
        assert!(verified(&Verified { repaired: true, ..damaged }).contains("All of that was removed"));
    }

    #[test]
    fn what_was_removed_and_what_was_pinned_is_said() {
        assert_eq!(cleared(&Cleared { entries: 2, bytes: MIB, in_use: 0 }), "Removed 2 entries, 1.0 MiB.\n");
        assert!(cleared(&Cleared { entries: 2, bytes: MIB, in_use: 1 }).contains("1 of them in use"));
        let told = |request| of(&request, &Reply::Entry(row("0af3", "")), Path::new("/c"), None);
        assert_eq!(told(Request::Pin { id: "0a".into() }), "Pinned: 0af3 1.0 MiB\n");
        assert_eq!(told(Request::Unpin { id: "0a".into() }), "No longer pinned: 0af3 1.0 MiB\n");
    }

    #[test]
    fn times_are_told_in_their_largest_unit() {
        assert_eq!(
            [0, 59, 60, 3599, 3600, 86_399, 86_400, 900_000].map(idle),
            ["0 s", "59 s", "1 min", "59 min", "1 h", "23 h", "1 d", "10 d"]
        );
    }
}
