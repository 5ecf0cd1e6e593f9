//! Text that is read from right to left, or that mixes both ways. egui shapes a word of such a script rightly, but sets
//! one word behind the other from the left: lines are broken here, and what is in them is brought into the order in which
//! it is seen (Unicode's annex 9), before egui lays it out.

use std::sync::Arc;

use eframe::egui::text::{ByteIndex, LayoutJob, LayoutSection, TextFormat};
use eframe::egui::{Align, Color32, FontId, Galley, Painter};
use unicode_bidi::{BidiClass, Level, ParagraphBidiInfo, bidi_class};
use unicode_segmentation::UnicodeSegmentation;

/// Whether anything in a text is read from right to left.
pub(super) fn is_needed(text: &str) -> bool {
    // Below the Hebrew letters nothing is: most text is done here.
    text.chars().any(|letter| letter >= '\u{590}' && is_from_right(letter))
}

fn is_from_right(letter: char) -> bool {
    matches!(bidi_class(letter), BidiClass::R | BidiClass::AL | BidiClass::RLE | BidiClass::RLO | BidiClass::RLI)
}

/// A line that is to be seen, and whether its paragraph is read from right to left.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    text: String,
    level: Level,
}

/// Lays text out in at most `rows` rows of `width`, cut with an ellipsis. Lines of a paragraph that is read from right to
/// left end at the right edge of the block; the block itself lies where any other text would.
pub(super) fn lay_out(painter: &Painter, text: &str, font: &FontId, color: Color32, width: f32, rows: usize, align: Align) -> Arc<Galley> {
    let width_of = |text: &str| {
        let pieces = pieces(text, Level::ltr());
        pieces.iter().map(|piece| painter.layout_no_wrap(piece.clone(), font.clone(), color).size().x).sum::<f32>()
    };
    let (lines, elided) = lines(text, width, rows, &width_of);
    let format = TextFormat::simple(font.clone(), color);
    let block = lines.iter().map(|line| width_of(&line.text)).fold(0.0, f32::max);
    let mut job = LayoutJob { halign: align, ..LayoutJob::default() };
    job.wrap.max_width = f32::INFINITY;
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            push(&mut job, "\n", 0.0, &format);
        }
        let mut leading_space = if line.level.is_rtl() && align == Align::LEFT { block - width_of(&line.text) } else { 0.0 };
        for piece in pieces(&line.text, line.level) {
            push(&mut job, &piece, std::mem::take(&mut leading_space), &format);
        }
    }
    let mut galley = painter.layout_job(job);
    if elided {
        Arc::make_mut(&mut galley).elided = true;
    }
    galley
}

/// A section of its own for every piece: egui shapes sections apart, each in the direction of its own script.
fn push(job: &mut LayoutJob, text: &str, leading_space: f32, format: &TextFormat) {
    let begin = ByteIndex(job.text.len());
    job.text.push_str(text);
    job.sections.push(LayoutSection { leading_space, byte_range: begin..ByteIndex(job.text.len()), format: format.clone() });
}

/// Breaks text into at most `rows` lines no wider than `width`, and tells whether something was left out: then the last
/// line ends with an ellipsis.
fn lines(text: &str, width: f32, rows: usize, width_of: &dyn Fn(&str) -> f32) -> (Vec<Line>, bool) {
    let mut lines: Vec<Line> = Vec::new();
    for paragraph in text.split('\n') {
        let level = ParagraphBidiInfo::new(paragraph, None).paragraph_level;
        let mut line = String::new();
        for word in paragraph.split_word_bounds() {
            let wider = format!("{line}{word}");
            if word.trim().is_empty() || width_of(wider.trim_end()) <= width {
                line = wider;
                continue;
            }
            if !line.trim().is_empty() {
                lines.push(Line { text: std::mem::take(&mut line).trim_end().to_owned(), level });
            }
            line.clear();
            // A word that is wider than a line goes on in the next one.
            for letter in word.graphemes(true) {
                if !line.is_empty() && width_of(&format!("{line}{letter}")) > width {
                    lines.push(Line { text: std::mem::take(&mut line), level });
                }
                line.push_str(letter);
            }
            if lines.len() > rows {
                break;
            }
        }
        lines.push(Line { text: line.trim_end().to_owned(), level });
        if lines.len() > rows {
            break;
        }
    }
    let elided = lines.len() > rows;
    lines.truncate(rows);
    if let Some(last) = lines.last_mut().filter(|_| elided) {
        while !last.text.is_empty() && width_of(&format!("{}…", last.text)) > width {
            let end = last.text.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
            last.text.truncate(end);
        }
        last.text = format!("{}…", last.text.trim_end());
    }
    (lines, elided)
}

/// The pieces of a line from left to right as they are seen. A word from right to left stays as it is written: its letters
/// are turned around when it is shaped.
fn pieces(line: &str, level: Level) -> Vec<String> {
    if line.is_empty() {
        return Vec::new();
    }
    let bidi = ParagraphBidiInfo::new(line, Some(level));
    let (levels, runs) = bidi.visual_runs(0..line.len());
    let mut pieces = Vec::new();
    for run in runs {
        let text = &line[run.clone()];
        if levels[run.start].is_ltr() {
            pieces.push(text.chars().filter(|letter| !is_control(*letter)).collect());
        } else {
            pieces.extend(turned(text));
        }
    }
    pieces.retain(|piece: &String| !piece.is_empty());
    pieces
}

/// A run from right to left in the order in which it is seen: words, and each sign between them apart.
fn turned(run: &str) -> Vec<String> {
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for grapheme in run.graphemes(true) {
        let Some(first) = grapheme.chars().next().filter(|first| !is_control(*first)) else { continue };
        let is_letter = is_from_right(first);
        match pieces.last_mut() {
            Some((word, true)) if is_letter => word.push_str(grapheme),
            _ if is_letter => pieces.push((grapheme.to_owned(), true)),
            _ => pieces.push((grapheme.chars().map(mirrored).collect(), false)),
        }
    }
    pieces.into_iter().rev().map(|(piece, _)| piece).collect()
}

/// Whether a character only says how others are read.
fn is_control(letter: char) -> bool {
    matches!(letter, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What a bracket looks like from the other side.
fn mirrored(sign: char) -> char {
    const PAIRS: [(char, char); 7] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('«', '»'), ('‹', '›'), ('≤', '≥')];
    let found = PAIRS.into_iter().find(|(open, close)| *open == sign || *close == sign);
    found.map_or(sign, |(open, close)| if open == sign { close } else { open })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(line: &str) -> Vec<String> {
        pieces(line, ParagraphBidiInfo::new(line, None).paragraph_level)
    }

    #[test]
    fn hebrew_and_arabic_words_stand_from_right_to_left() {
        assert_eq!(seen("שלום עולם"), ["עולם", " ", "שלום"]);
        assert_eq!(seen("زهرة بجانب الماء"), ["الماء", " ", "بجانب", " ", "زهرة"]);
    }

    #[test]
    fn numbers_and_latin_words_in_them_are_read_from_left_to_right() {
        assert_eq!(seen("مراجعة iPhone 15 الجديد"), ["الجديد", " ", "iPhone 15", " ", "مراجعة"]);
        assert_eq!(seen("פרק 12: סוף"), ["סוף", " ", ":", "12", " ", "פרק"]);
        // Arabic digits go from left to right, too.
        assert_eq!(seen("سنة ٢٠٢٥"), ["٢٠٢٥", " ", "سنة"]);
    }

    #[test]
    fn a_word_from_right_to_left_in_latin_text_stays_in_its_place() {
        assert_eq!(seen("The word שלום means peace"), ["The word ", "שלום", " means peace"]);
        assert_eq!(seen("Say שלום עולם twice"), ["Say ", "עולם", " ", "שלום", " twice"]);
    }

    #[test]
    fn brackets_open_toward_what_they_hold_and_signs_of_direction_are_not_seen() {
        assert_eq!(seen("שלום (עולם)!"), ["!", "(", "עולם", ")", " ", "שלום"]);
        assert_eq!(seen("\u{202E}abc\u{202C}").concat(), "cba", "an override is obeyed, as everywhere");
        assert_eq!(seen("a\u{200F}b").concat().chars().filter(|letter| is_control(*letter)).count(), 0);
    }

    #[test]
    fn marks_stay_with_their_letters() {
        assert_eq!(seen("שָׁלוֹם"), ["שָׁלוֹם"]);
    }

    #[test]
    fn lines_are_broken_as_they_are_read_and_the_last_one_says_that_more_is_left_out() {
        #[expect(clippy::cast_precision_loss, reason = "a handful of letters")]
        let width_of = |text: &str| text.chars().count() as f32;
        let (whole, elided) = lines("אחת שתיים שלוש", 9.0, 5, &width_of);
        assert_eq!(whole.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["אחת שתיים", "שלוש"]);
        assert!(!elided && whole.iter().all(|line| line.level.is_rtl()));
        let (cut, elided) = lines("אחת שתיים שלוש ארבע", 9.0, 2, &width_of);
        assert_eq!(cut[1].text, "שלוש ארבע");
        assert!(!elided);
        let (cut, elided) = lines("אחת שתיים שלוש ארבע חמש", 9.0, 2, &width_of);
        assert_eq!(cut.len(), 2);
        assert!(elided && cut[1].text.ends_with('…') && width_of(&cut[1].text) <= 9.0, "{cut:?}");
        let (long, _) = lines("אאאאאאאאאאאאאאא", 4.0, 9, &width_of);
        assert!(long.iter().all(|line| width_of(&line.text) <= 4.0), "{long:?}");
    }

    #[test]
    fn only_text_that_needs_it_is_turned() {
        assert!(!is_needed("Clip 1: a flower, 日本語 🌼 Привет"));
        assert!(is_needed("Clip שלום"));
    }
}
