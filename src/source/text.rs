//! Makes text from strangers fit to be shown: no control characters, no direction tricks, no endless titles.

/// Longest title, in characters.
pub(super) const TITLE_CHARS: usize = 300;
/// Longest description, in characters.
pub(super) const DESCRIPTION_CHARS: usize = 5_000;
/// Longest name of a maker, in characters.
pub(super) const MAKER_CHARS: usize = 100;
/// Longest tag, in characters.
pub(super) const TAG_CHARS: usize = 60;

/// One line: white space of any kind becomes single spaces.
pub(super) fn line(text: &str, max_chars: usize) -> String {
    // Ten times the limit bounds the work on a text that is all white space, and no real title is cut by it.
    let text: String = text.chars().take(max_chars * 10).filter(|c| c.is_whitespace() || is_showable(*c)).collect();
    let mut words = text.split_whitespace();
    let mut line = words.next().unwrap_or_default().to_owned();
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    cut(line, max_chars)
}

/// Text of several lines: line breaks stay, trimmed at both ends.
pub(super) fn block(text: &str, max_chars: usize) -> String {
    let text: String = text.chars().take(max_chars * 2).filter(|c| *c == '\n' || is_showable(*c)).collect();
    cut(text.trim().to_owned(), max_chars)
}

/// The title of a file: its stem, underscores as spaces.
pub(super) fn title_of_stem(stem: &str) -> String {
    line(&stem.replace('_', " "), TITLE_CHARS)
}

fn cut(mut text: String, max_chars: usize) -> String {
    if let Some((at, _)) = text.char_indices().nth(max_chars) {
        text.truncate(at);
        text.truncate(text.trim_end().len());
    }
    text
}

/// Control characters, and the characters of Unicode (UAX #9) that turn the direction of what follows: with
/// them a title could make the text around it read differently.
fn is_showable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_are_taken_out() {
        assert_eq!(line("  a\u{202e}b\u{7}\tc\r\n d ", 300), "ab c d");
        assert_eq!(block("\n one\u{0}\ntwo \n", 300), "one\ntwo");
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(line(&"é".repeat(400), 300).chars().count(), 300);
        assert_eq!(block(&"x ".repeat(5_000), 4), "x x");
    }

    #[test]
    fn a_files_stem_becomes_a_title() {
        assert_eq!(title_of_stem("my_first__clip"), "my first clip");
    }
}
