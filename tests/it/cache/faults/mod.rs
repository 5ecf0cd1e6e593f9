//! The faults that the cache has to survive. `docs/CACHE.md` has the table; the name of a test begins with its row.

mod clock;
mod crash;
mod errors;
mod files;
mod identity;
mod index;
mod ranges;
mod room;
mod sharing;

use std::collections::BTreeSet;
use std::path::Path;

/// How many rows the table has.
const ROWS: usize = 38;

/// The rows that some function in the Rust files below `dir` names.
fn rows_below(dir: &Path, rows: &mut BTreeSet<usize>) {
    for path in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            rows_below(&path, rows);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let names = text.lines().filter_map(|line| line.trim_start().strip_prefix("fn row_"));
            rows.extend(names.filter_map(|name| name.get(..2)?.parse::<usize>().ok()));
        }
    }
}

#[test]
fn all_rows_are_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut rows = BTreeSet::new();
    rows_below(&root.join("src"), &mut rows);
    rows_below(&root.join("tests"), &mut rows);
    assert_eq!(rows, (1..=ROWS).collect());
}
