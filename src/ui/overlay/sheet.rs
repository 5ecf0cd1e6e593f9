//! A sheet of figures: lines of text in a monospaced grid, and bars that lie in it. Every figure has its own columns, so
//! that nothing moves when one of them changes.

use std::sync::Arc;

use eframe::egui::{Color32, FontId, Galley, Mesh, Painter, Pos2, Rect, text::LayoutJob, text::TextFormat};

use crate::ui::theme;

/// Columns of a sheet.
pub(super) const COLUMNS: usize = 50;
/// Columns of the name at the beginning of a line.
pub(super) const NAME: usize = 10;
/// Columns of a small name with its figure, and between two of them; three of them fill a line.
const CELL: usize = 12;
const BETWEEN: usize = 2;
/// Height of a line as a share of the font's size.
const LINE: f32 = 1.45;
/// Height of a gap between lines as a share of the font's size.
const GAP: f32 = 0.6;
/// Height of a bar as a share of its line's.
const BAR: f32 = 0.58;

/// What a piece of text is meant to say by its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Dim,
    Good,
    Warning,
    Bad,
}

impl Tone {
    /// `Warning` where something holds that should not, else `Plain`.
    pub fn warns(wrong: bool) -> Self {
        if wrong { Self::Warning } else { Self::Plain }
    }

    fn color(self) -> Color32 {
        match self {
            Self::Plain => theme::INK,
            Self::Dim => theme::seen(theme::INK_SECOND),
            Self::Good => theme::ACCENT,
            Self::Warning => theme::WARNING,
            Self::Bad => theme::ERROR,
        }
    }
}

/// A small name with its figure.
pub(super) struct Cell(pub &'static str, pub String, pub Tone);

/// A bar in a line, from one column to another.
struct Bar {
    line: usize,
    from: f32,
    to: f32,
    color: Color32,
}

/// Lines of figures that are being written.
pub(super) struct Sheet {
    job: LayoutJob,
    font: FontId,
    /// The tone written in last: a line ends in it, as each change of the format costs time to lay out.
    tone: Tone,
    lines: usize,
    /// Of all whole lines and gaps so far, at the font's size.
    height: f32,
    bars: Vec<Bar>,
}

impl Sheet {
    /// An empty sheet at the size that figures have where there is room.
    pub fn new() -> Self {
        Self { job: LayoutJob::default(), font: theme::figures(), tone: Tone::Plain, lines: 0, height: 0.0, bars: Vec::new() }
    }

    /// Writes on in the current line.
    pub fn put(&mut self, text: &str, tone: Tone) {
        self.tone = tone;
        self.append(text, tone, LINE);
    }

    fn append(&mut self, text: &str, tone: Tone, height: f32) {
        let line_height = Some(self.font.size * height);
        let format = TextFormat { font_id: self.font.clone(), color: tone.color(), line_height, ..TextFormat::default() };
        self.job.append(text, 0.0, format);
    }

    /// Ends the current line.
    pub fn end(&mut self) {
        self.append("\n", self.tone, LINE);
        self.lines += 1;
        self.height += self.font.size * LINE;
    }

    /// Leaves some room free.
    pub fn gap(&mut self) {
        self.append("\n", self.tone, GAP);
        self.lines += 1;
        self.height += self.font.size * GAP;
    }

    /// A line that is written in one piece, cut to the sheet.
    pub fn line(&mut self, text: &str, tone: Tone) {
        self.put(&cut(text, COLUMNS), tone);
        self.end();
    }

    /// A name and what there is to say about it, cut to the sheet.
    pub fn row(&mut self, name: &str, value: &str, tone: Tone) {
        self.put(&format!("{name:<NAME$}"), Tone::Dim);
        self.put(&cut(value, COLUMNS - NAME), tone);
        self.end();
    }

    /// A name, and up to three figures with names of their own.
    pub fn cells(&mut self, name: &str, cells: &[Cell]) {
        self.put(&format!("{name:<NAME$}"), Tone::Dim);
        for (at, Cell(name, value, tone)) in cells.iter().enumerate() {
            let gap = if at == 0 { 0 } else { BETWEEN };
            self.put(&format!("{:gap$}{name} ", ""), Tone::Dim);
            let width = CELL.saturating_sub(name.chars().count() + 1);
            self.put(&format!("{value:>width$}"), *tone);
        }
        self.end();
    }

    /// Words over as many lines as there are, at most: exactly so many are used.
    pub fn words(&mut self, name: &str, text: &str, tone: Tone, lines: usize) {
        let folded = fold(text, COLUMNS - NAME, lines);
        for at in 0..lines {
            let (name, words) = (if at == 0 { name } else { "" }, folded.get(at).map_or("", String::as_str));
            self.row(name, words, tone);
        }
    }

    /// A bar in the current line, from one column to another.
    pub fn bar(&mut self, from: f32, to: f32, color: Color32) {
        self.bars.push(Bar { line: self.lines, from, to, color });
    }

    /// Height at the font's size.
    pub fn height(&self) -> f32 {
        self.height
    }

    /// How many more lines fit when all of the sheet may be `height` high.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some dozens of lines")]
    pub fn lines_left(&self, height: f32) -> usize {
        ((height - self.height) / (self.font.size * LINE)).max(0.0) as usize
    }

    /// Width of a sheet at the size that figures have where there is room.
    pub fn full_width(painter: &Painter) -> f32 {
        column(painter, &theme::figures()) * columns(COLUMNS)
    }

    /// Lays it out with its top left corner at `at`, smaller by `scale`: the text, and the bars in it.
    pub fn lay_out(mut self, painter: &Painter, at: Pos2, scale: f32) -> (Arc<Galley>, Mesh) {
        for section in &mut self.job.sections {
            section.format.font_id.size *= scale;
            section.format.line_height = section.format.line_height.map(|height| height * scale);
        }
        self.font.size *= scale;
        let column = column(painter, &self.font);
        let galley = painter.layout_job(self.job);
        let mut mesh = Mesh::default();
        for Bar { line, from, to, color } in self.bars {
            let Some(row) = galley.rows.get(line) else { continue };
            let middle = at.y + row.rect().center().y;
            let half = self.font.size * LINE * BAR / 2.0;
            let place = Rect::from_x_y_ranges(at.x + from * column..=at.x + to * column, middle - half..=middle + half);
            mesh.add_colored_rect(snapped(place, painter.pixels_per_point()), color);
        }
        (galley, mesh)
    }

    /// What is written on it.
    #[cfg(test)]
    pub fn text(&self) -> &str {
        &self.job.text
    }
}

/// Width of a column.
fn column(painter: &Painter, font: &FontId) -> f32 {
    painter.fonts_mut(|fonts| fonts.glyph_width(font, '0'))
}

/// So many columns, for arithmetic with places.
#[expect(clippy::cast_precision_loss, reason = "fifty columns")]
pub(super) fn columns(count: usize) -> f32 {
    count as f32
}

/// A place moved to whole pixels: edges that fall between two of them would come and go.
pub(super) fn snapped(place: Rect, pixels_per_point: f32) -> Rect {
    let snap = |at: f32| (at * pixels_per_point).round() / pixels_per_point;
    Rect::from_min_max(Pos2::new(snap(place.min.x), snap(place.min.y)), Pos2::new(snap(place.max.x), snap(place.max.y)))
}

/// The first `columns` characters.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    text.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
}

/// The last `columns` characters: names of one feed often begin alike.
pub(super) fn cut_front(text: &str, columns: usize) -> String {
    let count = text.chars().count();
    if count <= columns {
        return text.to_owned();
    }
    ['…'].into_iter().chain(text.chars().skip(count + 1 - columns)).collect()
}

/// Text in at most `lines` lines of `columns`, broken between words where there are some; the last one is cut.
fn fold(text: &str, columns: usize, lines: usize) -> Vec<String> {
    let mut folded: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let Some((end, _)) = rest.char_indices().nth(columns) else {
            folded.push(rest.to_owned());
            break;
        };
        if folded.len() + 1 >= lines {
            folded.push(cut(rest, columns));
            break;
        }
        // A word that begins in the first half of the line is broken: an address has no blanks.
        let end = match rest[..end].rfind(' ') {
            Some(blank) if blank > end / 2 => blank,
            _ => end,
        };
        folded.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_cells_is_as_wide_as_the_sheet_whatever_the_figures_are() {
        for value in ["0", "12345"] {
            let cell = |name| Cell(name, value.to_owned(), Tone::Plain);
            let mut sheet = Sheet::new();
            sheet.cells("swipes", &[cell("made"), cell("shown"), cell("left")]);
            assert_eq!(sheet.text().trim_end_matches('\n').chars().count(), COLUMNS);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut_front("abcdefg", 6), "…cdefg");
        assert_eq!(cut("äöüß", 3), "äö…");
    }

    #[test]
    fn words_are_folded_between_words_and_addresses_anywhere() {
        assert_eq!(fold("one two three four", 9, 3), ["one two", "three", "four"]);
        assert_eq!(fold("https://a.example/videos", 10, 2), ["https://a.", "example/v…"]);
        assert_eq!(fold("", 10, 2), Vec::<String>::new());
    }
}
