//! The sheet of keys: every key as it is bound now, and what a mouse or a finger does.

use std::sync::Arc;

use eframe::egui::{self, Galley, Pos2, Rect, Sense, Stroke, StrokeKind, Vec2};

use crate::app::{Key, Keymap, OverlayPage};
use crate::ui::theme;
use crate::words::keys as words;

/// Lines of keys: what each does, and the keys that do it; of more than two the first and the last are drawn.
type Lines = &'static [(&'static str, &'static [Key])];

const MOVING: Lines =
    &[(words::NEXT, &[Key::Next]), (words::PREVIOUS, &[Key::Previous]), (words::FIRST, &[Key::First]), (words::NEWEST, &[Key::Newest])];
const PLAYING: Lines = &[
    (words::PAUSE, &[Key::Pause]),
    (words::LIKE, &[Key::Like]),
    (words::SEEK, &[Key::Back, Key::Forward]),
    (words::FRAME_BACK, &[Key::FrameBack]),
    (words::FRAME_FORWARD, &[Key::FrameForward]),
    (words::TENTHS, &TENTHS),
    (words::SPEED, &[Key::Slower, Key::Faster]),
    (words::NORMAL_SPEED, &[Key::OwnSpeed]),
    (words::LOOP, &[Key::AtEnd]),
];
const HEARING: Lines = &[
    (words::MUTE, &[Key::Mute]),
    (words::VOLUME, &[Key::VolumeDown, Key::VolumeUp]),
    (words::CAPTIONS, &[Key::Captions]),
    (words::NEXT_CAPTIONS, &[Key::CaptionLanguage]),
];
const WINDOW: Lines =
    &[(words::FULLSCREEN, &[Key::Fullscreen]), (words::ON_TOP, &[Key::OnTop]), (words::CLOSE, &[Key::Escape]), (words::QUIT, &[Key::Quit])];
const MORE: Lines = &[
    (words::OPEN, &[Key::Open]),
    (words::REFRESH, &[Key::Refresh]),
    (words::COPY_LINK, &[Key::CopyLink]),
    (words::STILL, &[Key::Still]),
    (words::SETTINGS, &[Key::Settings]),
    (words::HELP, &[Key::Help]),
    (words::OVERLAY, &[Key::Overlay]),
    (words::PAGES, &PAGES),
];
const TENTHS: [Key; 10] = [
    Key::Tenth(0),
    Key::Tenth(1),
    Key::Tenth(2),
    Key::Tenth(3),
    Key::Tenth(4),
    Key::Tenth(5),
    Key::Tenth(6),
    Key::Tenth(7),
    Key::Tenth(8),
    Key::Tenth(9),
];
const PAGES: [Key; 5] = [
    Key::Page(OverlayPage::Feed),
    Key::Page(OverlayPage::Pipelines),
    Key::Page(OverlayPage::Cache),
    Key::Page(OverlayPage::Network),
    Key::Page(OverlayPage::Item),
];

/// The columns where there is room for two: what moves and plays, and the rest; the mouse comes last.
const COLUMNS: [&[(&str, Lines)]; 2] =
    [&[(words::MOVING, MOVING), (words::PLAYING, PLAYING), (words::HEARING, HEARING)], &[(words::WINDOW, WINDOW), (words::MORE, MORE)]];

/// Two columns need so much room, in points.
const ROOM_FOR_TWO: f32 = 560.0;
/// Room between them.
const GUTTER: f32 = 32.0;
/// Of a line, the share that its keys may take before they go on below one another.
const KEYS_SHARE: f32 = 0.62;
/// A cap's height, the room around its word, and the room to the next one of the same chord.
const CAP: f32 = 22.0;
const CAP_ROOM: f32 = 7.0;
const CAP_GAP: f32 = 3.0;
/// Room between two chords.
const CHORD_GAP: f32 = 10.0;
/// Room between two lines.
const LINE_GAP: f32 = 4.0;

/// Every key that is bound and what it does, and what a mouse or a finger does.
pub(super) fn show(ui: &mut egui::Ui, keymap: &Keymap) {
    let width = ui.available_width();
    if width >= ROOM_FOR_TWO {
        let column = (width - GUTTER) / 2.0;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = GUTTER;
            for (at, groups) in COLUMNS.into_iter().enumerate() {
                ui.vertical(|ui| {
                    ui.set_width(column);
                    show_groups(ui, keymap, groups);
                    if at + 1 == COLUMNS.len() {
                        show_gestures(ui);
                    }
                });
            }
        });
    } else {
        for groups in COLUMNS {
            show_groups(ui, keymap, groups);
        }
        show_gestures(ui);
    }
    ui.add_space(10.0);
    ui.label(egui::RichText::new(words::REBIND).font(theme::small()).color(theme::INK_SECOND));
}

fn show_groups(ui: &mut egui::Ui, keymap: &Keymap, groups: &[(&str, Lines)]) {
    for (name, lines) in groups {
        let bound: Vec<_> = lines.iter().map(|(says, keys)| (*says, drawn(keymap, keys))).filter(|(_, drawn)| !drawn.is_empty()).collect();
        if bound.is_empty() {
            continue;
        }
        heading(ui, name);
        for (says, drawn) in bound {
            line(ui, says, &drawn);
        }
    }
}

fn show_gestures(ui: &mut egui::Ui) {
    heading(ui, words::MOUSE);
    for (done, says) in words::GESTURES {
        line(ui, says, &[Drawn::Chord(vec![done])]);
    }
}

fn heading(ui: &mut egui::Ui, name: &str) {
    ui.add_space(8.0);
    ui.label(egui::RichText::new(name).font(theme::label()).color(theme::ACCENT));
    ui.add_space(4.0);
}

/// What stands at the right of a line.
#[derive(Clone, Debug, PartialEq)]
enum Drawn {
    /// The caps of one chord.
    Chord(Vec<&'static str>),
    /// From the chord before it to the one behind it.
    To,
}

/// The chords of one key or two; of more the first chord of the first and of the last one.
fn drawn(keymap: &Keymap, keys: &[Key]) -> Vec<Drawn> {
    let [first, _, .., last] = keys else {
        return keys.iter().flat_map(|key| keymap.chords(*key)).map(|chord| Drawn::Chord(chord.caps())).collect();
    };
    let chord = |key: &Key| keymap.chords(*key).next().map(|chord| Drawn::Chord(chord.caps()));
    match (chord(first), chord(last)) {
        (Some(first), Some(last)) => vec![first, Drawn::To, last],
        (one, other) => one.or(other).into_iter().collect(),
    }
}

/// One box, or the sign between two chords, with its place in the block of keys.
struct Placed {
    word: Arc<Galley>,
    place: Rect,
    is_cap: bool,
}

/// What it does at the left, the keys at the right.
fn line(ui: &mut egui::Ui, says: &str, drawn: &[Drawn]) {
    let width = ui.available_width();
    let (caps, size) = place(ui.painter(), drawn, width * KEYS_SHARE);
    let room = (width - size.x - CHORD_GAP).max(40.0);
    let words = ui.painter().layout(says.to_owned(), theme::small(), theme::INK, room);
    let height = size.y.max(words.size().y);
    let (all, response) = ui.allocate_exact_size(Vec2::new(width, height), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, spoken(says, drawn)));
    ui.add_space(LINE_GAP - ui.spacing().item_spacing.y);
    if !ui.is_rect_visible(all) {
        return;
    }
    let painter = ui.painter();
    painter.galley(Pos2::new(all.left(), all.top() + (CAP.min(height) - words.size().y.min(CAP)) / 2.0), words, theme::INK);
    let corner = Vec2::new(all.right() - size.x, all.top());
    for Placed { word, place, is_cap } in caps {
        let place = place.translate(corner);
        if is_cap {
            painter.rect(place, theme::RADIUS[2], theme::BUTTON, Stroke::new(1.0, theme::INK_FAINT), StrokeKind::Inside);
        }
        painter.galley(place.center() - word.size() / 2.0, word, theme::INK);
    }
}

/// Lays caps out in rows that end at the right, each as wide as `most` at most; returns them and the size of the block.
fn place(painter: &egui::Painter, drawn: &[Drawn], most: f32) -> (Vec<Placed>, Vec2) {
    let mut rows: Vec<(Vec<Placed>, f32)> = vec![(Vec::new(), 0.0)];
    for chord in drawn {
        let (words, is_cap): (&[&str], bool) = match chord {
            Drawn::Chord(caps) => (caps, true),
            Drawn::To => (&[words::TO], false),
        };
        let galleys: Vec<_> =
            words.iter().map(|word| painter.layout((*word).to_owned(), theme::label(), theme::INK, most - 2.0 * CAP_ROOM)).collect();
        let widths: Vec<_> =
            galleys.iter().map(|word| if is_cap { (word.size().x + 2.0 * CAP_ROOM).max(CAP) } else { word.size().x }).collect();
        #[expect(clippy::cast_precision_loss, reason = "a few caps")]
        let needed = widths.iter().sum::<f32>() + CAP_GAP * (widths.len().saturating_sub(1)) as f32;
        let taken = rows.last().map_or(0.0, |(_, taken)| *taken);
        if taken > 0.0 && taken + CHORD_GAP + needed > most {
            rows.push((Vec::new(), 0.0));
        }
        if let Some((row, taken)) = rows.last_mut() {
            let mut x = if *taken > 0.0 { *taken + CHORD_GAP } else { 0.0 };
            for (word, width) in galleys.into_iter().zip(widths) {
                let height = CAP.max(word.size().y + 6.0);
                row.push(Placed { word, place: Rect::from_min_size(Pos2::new(x, 0.0), Vec2::new(width, height)), is_cap });
                x += width + CAP_GAP;
            }
            *taken = x - CAP_GAP;
        }
    }
    let widest = rows.iter().map(|(_, taken)| *taken).fold(0.0, f32::max);
    let mut y = 0.0;
    let mut placed = Vec::new();
    for (row, taken) in rows {
        let height = row.iter().map(|cap| cap.place.height()).fold(CAP, f32::max);
        placed.extend(row.into_iter().map(|cap| Placed { place: cap.place.translate(Vec2::new(widest - taken, y)), ..cap }));
        y += height + CAP_GAP;
    }
    (placed, Vec2::new(widest, (y - CAP_GAP).max(CAP)))
}

/// A line for screen readers.
fn spoken(says: &str, drawn: &[Drawn]) -> String {
    let chords = drawn.iter().map(|chord| match chord {
        Drawn::Chord(caps) => caps.join("+"),
        Drawn::To => words::TO.to_owned(),
    });
    format!("{says}: {}", chords.collect::<Vec<_>>().join(", ")).replace(&format!(", {}, ", words::TO), &format!(" {} ", words::TO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{KeyPreset, Keymaps};

    #[test]
    fn every_meaning_of_a_key_stands_on_the_sheet_once() {
        let lines: Vec<Key> = COLUMNS
            .iter()
            .flat_map(|groups| groups.iter())
            .flat_map(|(_, lines)| lines.iter())
            .flat_map(|(_, keys)| keys.iter().copied())
            .collect();
        for key in Key::all() {
            assert_eq!(lines.iter().filter(|line| **line == key).count(), 1, "{key:?}");
        }
        assert_eq!(lines.len(), Key::all().count());
    }

    #[test]
    fn a_line_is_spoken_as_it_is_drawn() {
        let keymaps = Keymaps::default();
        let keymap = keymaps.of(KeyPreset::Feed);
        assert_eq!(spoken("Next", &drawn(keymap, &[Key::Next])), "Next: ↓, J, PgDn");
        assert_eq!(spoken("Seek", &drawn(keymap, &[Key::Back, Key::Forward])), "Seek: ←, →");
        assert_eq!(spoken("Tenths", &drawn(keymap, &TENTHS)), "Tenths: 0 – 9");
        assert_eq!(spoken("Pages", &drawn(keymap, &PAGES)), "Pages: Ctrl+1 – Ctrl+5");
        assert_eq!(drawn(keymaps.of(KeyPreset::Mpv), &TENTHS), []);
    }
}
