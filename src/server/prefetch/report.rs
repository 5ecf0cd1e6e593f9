//! What a run came to, as a table and as JSON. Pure.

use std::fmt::Write as _;

use serde::Serialize;

use super::edge::EdgeState;
use super::warm::What;

/// Longest id in the table, in characters.
const ID_CHARS: usize = 40;

/// One file of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The item.
    pub id: String,
    /// Which file of it.
    pub what: What,
    /// What the edge said the first time. `None`: it was not asked, or did not answer.
    pub before: Option<EdgeState>,
    /// What it says now.
    pub after: Option<EdgeState>,
    /// Bytes that came.
    pub bytes: u64,
    /// How long the first answer took, to its end, in milliseconds.
    pub ms: u64,
    /// What went wrong.
    pub failure: Option<String>,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The files, in the order of the feeds.
    pub rows: Vec<Row>,
    /// Pages that were read.
    pub pages: usize,
    /// Pages that could not be read, and why.
    pub page_failures: Vec<String>,
    /// Items on them, each once.
    pub items: usize,
    /// What stood among the items and is none.
    pub skipped: usize,
    /// Manifests that were kept in Redis.
    pub manifests: usize,
    /// Nothing was asked for but pages.
    pub dry_run: bool,
    /// The end came before everything was asked for.
    pub ended_early: bool,
}

impl Report {
    /// Whether anything could be read at all.
    #[must_use]
    pub fn has_read(&self) -> bool {
        self.pages > 0
    }

    /// Files that the edge has now and did not have before.
    #[must_use]
    pub fn warmed(&self) -> usize {
        let is_warmed = |row: &&Row| row.after == Some(EdgeState::Hit) && row.before != Some(EdgeState::Hit);
        self.rows.iter().filter(is_warmed).count()
    }

    fn count(&self, is: impl Fn(&Row) -> bool) -> usize {
        self.rows.iter().filter(|row| is(row)).count()
    }

    /// The files in columns, and beneath them what they come to.
    #[must_use]
    pub fn table(&self) -> String {
        let state = |state: Option<EdgeState>| state.map_or("–", EdgeState::name).to_owned();
        let mut lines = vec![["item", "what", "before", "after", "bytes", "ms", "failure"].map(str::to_owned)];
        lines.extend(self.rows.iter().map(|row| {
            let failure = row.failure.clone().unwrap_or_default();
            let (bytes, ms) = (row.bytes.to_string(), row.ms.to_string());
            [plain(&row.id), row.what.name().to_owned(), state(row.before), state(row.after), bytes, ms, plain(&failure)]
        }));
        let mut widths = [0; 7];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut table = String::new();
        for line in &lines {
            let mut text = String::new();
            for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
                // Numbers stand one below the other.
                let _ = if matches!(column, 4 | 5) { write!(text, "{cell:>width$}  ") } else { write!(text, "{cell:<width$}  ") };
            }
            let _ = writeln!(table, "{}", text.trim_end());
        }
        for failure in &self.page_failures {
            let _ = writeln!(table, "not read: {failure}");
        }
        let _ = writeln!(table, "{}", self.totals());
        table
    }

    /// One line: `10 pages, 40 items: 38 files warm before, 2 warmed, 0 not kept, 0 failed; 2097152 bytes, 40 manifests`.
    #[must_use]
    pub fn totals(&self) -> String {
        let (pages, items) = (self.pages, self.items);
        if self.dry_run {
            return format!("{pages} pages, {items} items: {} files would be asked for", self.count(|row| row.failure.is_none()));
        }
        let hit = Some(EdgeState::Hit);
        let failed = self.count(|row| row.failure.is_some());
        let cold = self.count(|row| row.failure.is_none() && row.after != hit);
        let bytes: u64 = self.rows.iter().map(|row| row.bytes).sum();
        let mut line = format!(
            "{pages} pages, {items} items: {} files warm before, {} warmed, {cold} not kept, {failed} failed; {bytes} bytes, {} manifests",
            self.count(|row| row.before == hit),
            self.warmed(),
            self.manifests,
        );
        if self.ended_early {
            line.push_str("; ended early");
        }
        line
    }

    /// The same as JSON, on one line.
    #[must_use]
    pub fn json(&self) -> String {
        // Only maps whose keys are no text cannot be written, and there are none.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What a stranger wrote does nothing to a terminal.
fn plain(text: &str) -> String {
    let text: String = text.chars().map(|sign| if sign.is_control() { '\u{fffd}' } else { sign }).collect();
    if text.chars().count() <= ID_CHARS {
        return text;
    }
    text.chars().take(ID_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, before: Option<EdgeState>, after: Option<EdgeState>, failure: Option<&str>) -> Row {
        Row { id: id.to_owned(), what: What::Media, before, after, bytes: 1 << 20, ms: 7, failure: failure.map(str::to_owned) }
    }

    fn report() -> Report {
        let (hit, miss) = (Some(EdgeState::Hit), Some(EdgeState::Miss));
        let rows = vec![row("a", miss, hit, None), row("bb", hit, hit, None), row("c", None, None, Some("timed out"))];
        Report {
            rows,
            pages: 2,
            page_failures: vec!["/feed/trending, page 1: status 500".into()],
            items: 3,
            manifests: 2,
            ..Report::default()
        }
    }

    #[test]
    fn the_table_stands_in_columns_and_says_what_it_comes_to() {
        let wanted = "\
item  what   before  after    bytes  ms  failure
a     media  MISS    HIT    1048576   7
bb    media  HIT     HIT    1048576   7
c     media  –       –      1048576   7  timed out
not read: /feed/trending, page 1: status 500
2 pages, 3 items: 1 files warm before, 1 warmed, 0 not kept, 1 failed; 3145728 bytes, 2 manifests
";
        assert_eq!(report().table(), wanted);
    }

    #[test]
    fn the_json_says_the_same() {
        let json: serde_json::Value = serde_json::from_str(&report().json()).unwrap();
        assert_eq!((&json["rows"][0]["before"], &json["rows"][0]["after"]), (&"MISS".into(), &"HIT".into()));
        assert_eq!((&json["pages"], &json["manifests"], &json["rows"][2]["failure"]), (&2.into(), &2.into(), &"timed out".into()));
    }

    #[test]
    fn an_id_that_would_steer_the_terminal_is_shown_harmless() {
        let shown = Report { rows: vec![row(&format!("\u{1b}[2J{}", "x".repeat(90)), None, None, None)], ..Report::default() }.table();
        assert!(!shown.contains('\u{1b}') && shown.lines().nth(1).unwrap().starts_with("\u{fffd}[2Jxxx"));
        assert!(shown.lines().nth(1).unwrap().contains("x…  media"));
    }
}
