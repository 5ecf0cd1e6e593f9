//! Several reports as one table: a row for each figure, a column for each run.

use std::fmt;

use super::compare::Told;
use super::figure::{FIGURES, tidy};

/// The widest a column's name may be.
const NAME: usize = 14;

/// Reports beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Table(pub Vec<Told>);

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut renderers: Vec<_> = self.0.iter().map(|told| told.text("renderer")).collect();
        renderers.dedup();
        for renderer in renderers {
            writeln!(f, "{renderer}")?;
        }
        write!(f, "{:<22}", "figure")?;
        for told in &self.0 {
            // The name of a script that is a file is its path: the end of it says more than the beginning.
            let name: Vec<char> = told.text("script").chars().collect();
            let name: String = name[name.len().saturating_sub(NAME)..].iter().collect();
            write!(f, " {name:>NAME$}")?;
        }
        writeln!(f)?;
        for figure in &FIGURES {
            let values: Vec<_> = self.0.iter().map(|told| figure.read(&told.0)).collect();
            if values.iter().all(Option::is_none) {
                continue;
            }
            write!(f, "{:<22}", figure.name)?;
            for value in values {
                write!(f, " {:>NAME$}", value.map_or_else(|| "–".to_owned(), tidy))?;
            }
            writeln!(f)?;
        }
        let broken = |told: &Told| told.0["violations"].as_array().map_or(0, Vec::len).to_string();
        write!(f, "{:<22}", "thresholds broken")?;
        self.0.iter().try_for_each(|told| write!(f, " {:>NAME$}", broken(told)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::figure::tests::full;

    #[test]
    fn each_run_is_a_column_and_what_nobody_measured_is_left_out() {
        let (mut first, mut second) = (full(), full());
        (first.figures.audio.overlap_ms, second.figures.audio.overlap_ms) = (None, None);
        first.renderer = "llvmpipe".into();
        second.renderer = "llvmpipe".into();
        second.script = "/somewhere/recordings/mine.toml".into();
        second.figures.process.cpu_cores = None;
        second.violations.push("stuck: pipelines that hung in teardown: 1, at most 0 is asked for".into());
        let told = [first, second].map(|report| Told(serde_json::to_value(report).unwrap()));
        let text = Table(told.to_vec()).to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "llvmpipe");
        assert_eq!(lines[1], "figure                         browse ings/mine.toml");
        assert!(text.contains("\ncpu_cores                         0.4              –\n"), "{text}");
        assert!(!text.contains("overlap_ms"), "{text}");
        assert!(text.ends_with("thresholds broken                   0              1"), "{text}");
    }
}
