//! The order in which a person expects names: `clip 2` before `clip 10`, capitals beside small letters.

/// Sorts file paths naturally: folder by folder, numbers by their value, without regard to case.
///
/// Of two names that differ in nothing else, the raw text decides, so that the order is total.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NaturalKey {
    parts: Vec<Vec<Chunk>>,
    ending: String,
    raw: String,
}

/// A run of digits, or a run of anything else. Numbers come before text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Chunk {
    /// Its length without leading zeros, then its digits: compared in this order, any length is exact.
    Number(usize, String),
    Text(String),
}

impl NaturalKey {
    /// The key of a path whose folders are separated by `/`.
    ///
    /// The ending of the last part is compared last, so that `clip.mp4` comes before `clip 2.mp4`.
    #[must_use]
    pub fn new(path: &str) -> Self {
        let (folders, name) = path.rsplit_once('/').map_or((None, path), |(folders, name)| (Some(folders), name));
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() => (stem, ending),
            _ => (name, ""),
        };
        let parts = folders.into_iter().flat_map(|folders| folders.split('/')).chain([stem]).map(chunks).collect();
        Self { parts, ending: ending.to_lowercase(), raw: path.to_owned() }
    }
}

fn chunks(text: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let is_number = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        chunks.push(if is_number {
            let digits = run.trim_start_matches('0');
            Chunk::Number(digits.len(), digits.to_owned())
        } else {
            Chunk::Text(run.to_lowercase())
        });
        rest = after;
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut names: Vec<&str>) -> Vec<&str> {
        names.sort_by_cached_key(|name| NaturalKey::new(name));
        names
    }

    #[test]
    fn numbers_in_names_are_compared_by_their_value() {
        assert_eq!(sorted(vec!["a10.mp4", "a2.mp4", "A1.mp4", "a002b.mp4"]), ["A1.mp4", "a2.mp4", "a002b.mp4", "a10.mp4"]);
        let long = "9".repeat(60);
        assert_eq!(sorted(vec![&format!("{long}0"), &long, "7"]), ["7", &long, &format!("{long}0")]);
    }

    #[test]
    fn a_name_without_a_number_comes_before_its_copies() {
        assert_eq!(sorted(vec!["clip (2).mp4", "clip.mp4", "clip (10).mp4"]), ["clip.mp4", "clip (2).mp4", "clip (10).mp4"]);
    }

    #[test]
    fn folders_are_compared_before_the_names_in_them() {
        assert_eq!(sorted(vec!["day 10/a.mp4", "day 2/z.mp4", "day 2/b.mp4"]), ["day 2/b.mp4", "day 2/z.mp4", "day 10/a.mp4"]);
    }

    #[test]
    fn names_that_differ_in_case_alone_have_a_fixed_order() {
        assert_eq!(sorted(vec!["a.mp4", "A.mp4"]), sorted(vec!["A.mp4", "a.mp4"]));
    }
}
