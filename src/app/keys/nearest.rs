//! What somebody who wrote an unknown word may have meant.

use strsim::damerau_levenshtein as changes;

/// More changes than these make it another word. Two letters that changed places are one change.
const MOST_CHANGES: usize = 2;

/// The known word that is nearest to `word`, in any case and with either hyphens or underscores; `None` when all are far
/// off. The one bound for keys of the config file, actions and chords.
#[must_use]
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let spelt = |word: &str| word.to_lowercase().replace('-', "_");
    let word = spelt(word);
    // A short word is another one after fewer changes.
    let most = MOST_CHANGES.min(word.chars().count() / 2);
    let measured = known.into_iter().map(|known| (changes(&word, &spelt(known)), known));
    measured.filter(|(changes, _)| *changes <= most).min_by_key(|(changes, _)| *changes).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_are_missing_strange_or_too_many_are_forgiven() {
        let known = ["next", "previous", "seek-forward", "mute"];
        for (word, meant) in [("nex", "next"), ("Mutee", "mute"), ("previuos", "previous"), ("seek_forward", "seek-forward")] {
            assert_eq!(nearest(word, known), Some(meant));
        }
    }

    #[test]
    fn a_word_that_is_like_none_means_none() {
        for word in ["", "x", "ne", "fly", "backwards", "neeeext"] {
            assert_eq!(nearest(word, ["next", "mute"]), None, "{word}");
        }
    }

    #[test]
    fn changes_are_counted() {
        assert_eq!([changes("", "abc"), changes("kitten", "sitting"), changes("ahead", "ahaed"), changes("a", "a")], [3, 3, 1, 0]);
    }
}
