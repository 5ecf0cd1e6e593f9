//! Two reports side by side: the ratio of every figure that both have, and whether any is worse by more than a bound.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::figure::{FIGURES, Figure, Good, tidy};
use super::report::REPORT_VERSION;

/// How much worse a figure may be, in percent, when nobody says otherwise.
pub const BOUND_PERCENT: u32 = 10;

/// Why there is nothing to compare.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// It cannot be read.
    #[error("the report {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is something else.
    #[error("{} is no report of flickreel replay: {cause}", path.display())]
    NoReport {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: String,
    },
    /// The reports share nothing.
    #[error("the two reports have no figure in common")]
    NothingInCommon,
}

impl CompareError {
    /// Whether trying again may help without anybody changing anything: never.
    #[must_use]
    pub fn retryable(&self) -> bool {
        false
    }
}

/// A report as it was read: its JSON, of which only the names of figures are relied on.
#[derive(Clone, Debug, PartialEq)]
pub struct Told(pub(super) Value);

impl Told {
    /// Reads a report from a file.
    ///
    /// # Errors
    /// A file that cannot be read, or is no report of this version.
    pub fn read(path: &Path) -> Result<Self, CompareError> {
        let text = std::fs::read(path).map_err(|source| CompareError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|cause| CompareError::NoReport { path: path.to_owned(), cause })
    }

    fn parse(text: &[u8]) -> Result<Self, String> {
        let json: Value = serde_json::from_slice(text).map_err(|err| err.to_string())?;
        match json["version"].as_u64() {
            Some(version) if version == u64::from(REPORT_VERSION) => Ok(Self(json)),
            Some(version) => Err(format!("it is of version {version}")),
            None => Err("it has no version".to_owned()),
        }
    }

    /// A text of it, such as the script's name.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or("–")
    }
}

/// How a figure has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// By less than the bound, or by less than two runs differ anyway.
    Same,
    /// To its good side.
    Better,
    /// To the other one.
    Worse,
}

/// One figure that both reports have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Its name, as in thresholds.
    pub name: &'static str,
    /// In the first report.
    pub before: f64,
    /// In the second.
    pub after: f64,
    /// How it has changed.
    pub verdict: Verdict,
}

impl Row {
    /// The second value as a multiple of the first; `None` of nothing.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        match (self.before, self.after) {
            (0.0, 0.0) => Some(1.0),
            (0.0, _) => None,
            (before, after) => Some(after / before),
        }
    }
}

/// Two reports side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// A row for each figure that both have, in the order of the report.
    pub rows: Vec<Row>,
    /// What the runs do not have in common though they should, a sentence each.
    pub notes: Vec<String>,
    bound_percent: u32,
}

impl Comparison {
    /// Compares `after` with `before`: a figure is worse when it is on its bad side by more than the bound, and by more
    /// than what two runs differ by anyway.
    ///
    /// # Errors
    /// Reports without a figure in common.
    pub fn new(before: &Told, after: &Told, bound_percent: u32) -> Result<Self, CompareError> {
        let row = |figure: &Figure| {
            let (before, after) = (figure.read(&before.0)?, figure.read(&after.0)?);
            Some(Row { name: figure.name, before, after, verdict: verdict(figure, before, after, bound_percent) })
        };
        let rows: Vec<_> = FIGURES.iter().filter_map(row).collect();
        if rows.is_empty() {
            return Err(CompareError::NothingInCommon);
        }
        let differs = |name: &&str| before.0[*name] != after.0[*name];
        let note = |name: &str| format!("The runs differ in their {name}: {} and {}.", before.0[name], after.0[name]);
        let notes = ["script", "source", "renderer", "window"].into_iter().filter(differs).map(note).collect();
        Ok(Self { rows, notes, bound_percent })
    }

    /// The figures that are worse.
    #[must_use]
    pub fn worse(&self) -> Vec<&'static str> {
        self.rows.iter().filter(|row| row.verdict == Verdict::Worse).map(|row| row.name).collect()
    }
}

fn verdict(figure: &Figure, before: f64, after: f64, bound_percent: u32) -> Verdict {
    let change = after - before;
    if change.abs() <= figure.unit.floor() || change.abs() <= before.abs() * f64::from(bound_percent) / 100.0 {
        Verdict::Same
    } else if (change > 0.0) == (figure.good == Good::AtLeast) {
        Verdict::Better
    } else {
        Verdict::Worse
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        writeln!(f, "{:<22} {:>12} {:>12} {:>8}", "figure", "A", "B", "B/A")?;
        for row in &self.rows {
            let ratio = row.ratio().map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
            let verdict = match row.verdict {
                Verdict::Same => "",
                Verdict::Better => "  better",
                Verdict::Worse => "  WORSE",
            };
            writeln!(f, "{:<22} {:>12} {:>12} {ratio:>8}{verdict}", row.name, tidy(row.before), tidy(row.after))?;
        }
        match self.worse().as_slice() {
            [] => write!(f, "Nothing is worse by more than {} %.", self.bound_percent),
            worse => write!(f, "Worse by more than {} %: {}.", self.bound_percent, worse.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Report;
    use crate::replay::figure::tests::full;

    fn told(report: &Report) -> Told {
        Told::parse(&serde_json::to_vec(report).unwrap()).unwrap()
    }

    /// The verdict on the figure `name` when one report is changed.
    fn after(name: &str, change: impl FnOnce(&mut Report)) -> Verdict {
        let mut changed = full();
        change(&mut changed);
        let comparison = Comparison::new(&told(&full()), &told(&changed), BOUND_PERCENT).unwrap();
        comparison.rows.iter().find(|row| row.name == name).unwrap().verdict
    }

    #[test]
    fn a_run_beside_itself_is_the_same_in_every_figure() {
        let comparison = Comparison::new(&told(&full()), &told(&full()), 0).unwrap();
        assert_eq!(comparison.rows.len(), FIGURES.len());
        assert!(comparison.rows.iter().all(|row| row.verdict == Verdict::Same && row.ratio() == Some(1.0)));
        assert_eq!((comparison.worse(), comparison.notes.len()), (vec![], 0));
    }

    #[test]
    fn each_figure_has_its_own_good_side() {
        assert_eq!(after("cpu_cores", |report| report.figures.process.cpu_cores = Some(0.6)), Verdict::Worse);
        assert_eq!(after("cpu_cores", |report| report.figures.process.cpu_cores = Some(0.3)), Verdict::Better);
        assert_eq!(after("fps_min", |report| report.figures.display.fps = Some(40.0)), Verdict::Worse);
        assert_eq!(after("hit_rate_min", |report| report.figures.cache.hit_rate = Some(1.0)), Verdict::Better);
    }

    #[test]
    fn a_change_within_the_bound_or_as_small_as_between_two_runs_is_none() {
        assert_eq!(after("startup_ms", |report| report.figures.startup_ms.process_to_first_frame = Some(549.0)), Verdict::Same);
        assert_eq!(after("startup_ms", |report| report.figures.startup_ms.process_to_first_frame = Some(551.0)), Verdict::Worse);
        // A fifth more, and not two milliseconds.
        assert_eq!(after("warm_p50_ms", |report| report.figures.latency_ms.warm.0.as_mut().unwrap().p50 = 9.6), Verdict::Same);
        assert_eq!(after("dropped", |report| report.figures.video.dropped = Some(4)), Verdict::Same);
        assert_eq!(after("dropped", |report| report.figures.video.dropped = Some(5)), Verdict::Worse);
    }

    #[test]
    fn a_single_fault_where_there_was_none_is_worse() {
        assert_eq!(after("black_frames", |report| report.figures.display.black_frames = Some(1)), Verdict::Worse);
        assert_eq!(after("failures", |report| report.failures.push("clip 3".into())), Verdict::Worse);
    }

    #[test]
    fn a_figure_that_only_one_has_is_left_out_and_nothing_in_common_is_told() {
        let mut changed = full();
        changed.figures.process.cpu_cores = None;
        let comparison = Comparison::new(&told(&full()), &told(&changed), BOUND_PERCENT).unwrap();
        assert!(comparison.rows.iter().all(|row| row.name != "cpu_cores"));
        let empty = Told::parse(b"{\"version\":1}").unwrap();
        assert!(matches!(Comparison::new(&told(&full()), &empty, 10), Err(CompareError::NothingInCommon)));
    }

    #[test]
    fn what_is_no_report_is_told_and_so_is_another_run() {
        for wrong in ["", "[]", "{}", "{\"version\":99}", "{\"version\":\"1\"}"] {
            assert!(Told::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(Told::read(Path::new("/no/such/report.json")).unwrap_err().to_string().contains("/no/such/report.json"));
        let mut changed = full();
        changed.script = "rush".into();
        let comparison = Comparison::new(&told(&full()), &told(&changed), BOUND_PERCENT).unwrap();
        assert_eq!(comparison.notes, ["The runs differ in their script: \"browse\" and \"rush\"."]);
    }

    #[test]
    fn the_table_names_what_is_worse() {
        let mut changed = full();
        changed.figures.process.cpu_cores = Some(0.6);
        changed.figures.display.black_frames = Some(2);
        let text = Comparison::new(&told(&full()), &told(&changed), BOUND_PERCENT).unwrap().to_string();
        assert!(text.contains("cpu_cores                       0.4          0.6     1.50  WORSE\n"), "{text}");
        assert!(text.contains("black_frames                      0            2        –  WORSE\n"), "{text}");
        assert!(text.ends_with("Worse by more than 10 %: black_frames, cpu_cores."), "{text}");
    }
}
