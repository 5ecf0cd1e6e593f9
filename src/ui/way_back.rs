//! What is offered where a source brought nothing: the way back to where there was something.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::app::{Intent, Model};
use crate::words::open as words;

/// A longer name is cut: the buttons stand side by side.
const LONGEST_LABEL: usize = 18;

/// What the way back from a feed without items is called and does; `None` where there is none.
pub(super) fn way_back(model: &Model) -> Option<(String, Intent)> {
    let source = model.way_back().filter(|_| model.feed().items().is_empty())?;
    Some((words::back_to(&short(&source.label)), Intent::Open(source.words)))
}

fn short(label: &str) -> String {
    match label.grapheme_indices(true).nth(LONGEST_LABEL) {
        Some((end, _)) => format!("{}…", label[..end].trim_end()),
        None => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_a_short_one_is_not() {
        assert_eq!(short("Holidays"), "Holidays");
        assert_eq!(short("Everything that I ever filmed"), "Everything that I…");
    }
}
