//! Makes text from strangers fit to be shown: no control characters, no direction tricks, nothing hidden, no piled
//! up accents, no endless titles. Lengths are in grapheme clusters (UAX #29), what a reader takes for one character.

use unicode_segmentation::UnicodeSegmentation;

/// Longest title.
pub(super) const TITLE_GRAPHEMES: usize = 300;
/// Longest description.
pub(super) const DESCRIPTION_GRAPHEMES: usize = 5_000;
/// Longest name of a maker.
pub(super) const MAKER_GRAPHEMES: usize = 100;
/// Longest tag.
pub(super) const TAG_GRAPHEMES: usize = 60;
/// Longest address in the causes of a failure.
pub(super) const ADDRESS_GRAPHEMES: usize = 200;

/// Marks that are kept on one letter, whether above, below or around it. Hebrew with its vowels and accents and
/// stacked Tibetan take five or six; text that is meant to flow over its neighbours takes dozens.
const MARKS_MAX: usize = 8;
/// Characters that are kept of one grapheme cluster. A family of four with the colours of their skins takes eleven.
const CLUSTER_CHARS_MAX: usize = 32;
const JOINER: char = '\u{200d}';
const NON_JOINER: char = '\u{200c}';

/// One line: white space of any kind becomes single spaces.
pub(super) fn line(text: &str, max_graphemes: usize) -> String {
    let text = clean(text, max_graphemes, |c| if c.is_whitespace() { ' ' } else { c });
    let mut words = text.split_whitespace();
    let mut line = words.next().unwrap_or_default().to_owned();
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    cut(&line, max_graphemes)
}

/// Text of several lines: line breaks of any kind stay as `\n`, trimmed at both ends.
pub(super) fn block(text: &str, max_graphemes: usize) -> String {
    let text = clean(&text.replace("\r\n", "\n"), max_graphemes, |c| match c {
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\t' => ' ',
        c => c,
    });
    cut(text.trim(), max_graphemes)
}

/// The title of a file: its stem, underscores as spaces.
pub(super) fn title_of_stem(stem: &str) -> String {
    line(&stem.replace('_', " "), TITLE_GRAPHEMES)
}

/// Takes out what is not to be shown; `space` says what becomes of white space.
fn clean(text: &str, max_graphemes: usize, space: impl Fn(char) -> char) -> String {
    // A bound on the work for a text that is mostly white space; no real title is cut by it.
    let chars = text.chars().take(max_graphemes.saturating_mul(CLUSTER_CHARS_MAX)).map(space);
    let mut chars = chars.filter(|c| *c == '\n' || is_showable(*c)).peekable();
    let mut clean = String::new();
    while let Some(c) = chars.next() {
        // Joiners shape what stands on both sides of them, in emoji and in scripts beyond ASCII. Anywhere else
        // they only make two texts that look the same differ.
        let shapes = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !is_joiner(c));
        if !is_joiner(c) || (shapes(clean.chars().next_back()) && shapes(chars.peek().copied())) {
            clean.push(c);
        }
    }
    clean
}

fn cut(text: &str, max_graphemes: usize) -> String {
    let mut short = String::with_capacity(text.len().min(max_graphemes * 4));
    for cluster in text.graphemes(true).take(max_graphemes) {
        let mut marks = 0;
        for (at, c) in cluster.chars().take(CLUSTER_CHARS_MAX).enumerate() {
            marks = if at > 0 && is_mark(c) { marks + 1 } else { 0 };
            if marks <= MARKS_MAX {
                short.push(c);
            }
        }
    }
    short.truncate(short.trim_end().len());
    short
}

fn is_joiner(c: char) -> bool {
    matches!(c, JOINER | NON_JOINER)
}

/// Whether it goes onto the character before it, whatever that is.
fn is_mark(c: char) -> bool {
    let mut both = [b'a', 0, 0, 0, 0];
    let length = 1 + c.encode_utf8(&mut both[1..]).len();
    !is_joiner(c) && std::str::from_utf8(&both[..length]).is_ok_and(|both| both.graphemes(true).nth(1).is_none())
}

/// Neither a control character nor one that is not seen but changes what is. Direction marks, embeddings and
/// isolates (UAX #9) could make the text around a title read differently; fillers, tags and annotations hide text,
/// or that there is none. A flag of England, Scotland or Wales, made of tags, becomes a black one.
fn is_showable(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180e}' | '\u{200b}'
            | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffc}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_and_direction_characters_are_taken_out() {
        assert_eq!(line("  a\u{202e}b\u{7}\tc\r\n d ", 300), "ab c d");
        assert_eq!(block("\n one\u{0}\ntwo \n", 300), "one\ntwo");
        for hidden in "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}".chars() {
            assert_eq!((line(&format!("a{hidden}b"), 9), block(&format!("a{hidden}b"), 9)), ("ab".into(), "ab".into()), "{hidden:?}");
        }
    }

    #[test]
    fn what_only_hides_is_taken_out() {
        for hidden in ['\u{200b}', '\u{2060}', '\u{2063}', '\u{feff}', '\u{ad}', '\u{e0041}', '\u{fff9}', '\u{3164}', '\u{180e}'] {
            assert_eq!(line(&format!("a{hidden}b"), 9), "ab", "{hidden:?}");
            assert_eq!(line(&hidden.to_string(), 9), "", "{hidden:?}");
        }
        assert_eq!(line("sp\u{200d}a\u{200c}m", 9), "spam");
    }

    #[test]
    fn joiners_that_shape_what_is_seen_stay() {
        for text in ["👨‍👩‍👧‍👦", "🏳️‍🌈", "👩🏽‍🚀", "می‌خواهم", "क्‍ष", "❤️"] {
            assert_eq!(line(text, 99), text);
        }
        assert_eq!(line("👨\u{200d}\u{200d}\u{200d}👩", 9), "👨\u{200d}👩");
        assert_eq!(line("\u{200d}👨\u{200d}", 9), "👨");
    }

    #[test]
    fn lines_end_where_they_ended_however_that_was_written() {
        assert_eq!(block("a\r\nb\rc\u{2028}d\u{85}e\tf", 99), "a\nb\nc\nd\ne f");
        assert_eq!(line("a\u{2028}b\u{a0}c\u{3000}d", 99), "a b c d");
    }

    #[test]
    fn long_text_is_cut_between_what_a_reader_takes_for_characters() {
        assert_eq!(line(&"é".repeat(400), 300).graphemes(true).count(), 300);
        assert_eq!(line(&"e\u{301}".repeat(9), 3), "e\u{301}".repeat(3));
        assert_eq!(line(&"🇨🇭👩🏽‍🚀".repeat(9), 3), "🇨🇭👩🏽‍🚀🇨🇭");
        assert_eq!(block(&"x ".repeat(5_000), 4), "x x");
    }

    #[test]
    fn accents_that_are_piled_up_are_taken_down_and_those_of_real_scripts_stay() {
        let piled = format!("Z{}a", "\u{301}\u{489}\u{35c}".repeat(50));
        assert_eq!(line(&piled, 300).chars().count(), 1 + MARKS_MAX + 1);
        for text in ["Việt", "שָּׁ֔לוֹם", "བསྒྲུབས", "ก็ต้อง", "ক্ষ্ম"] {
            assert_eq!(line(text, 99), text);
        }
    }

    #[test]
    fn one_endless_cluster_is_one_character_and_no_more() {
        let chain = "👨\u{200d}".repeat(9_000) + "👨";
        assert!(line(&chain, 300).chars().count() <= CLUSTER_CHARS_MAX);
    }

    #[test]
    fn a_files_stem_becomes_a_title() {
        assert_eq!(title_of_stem("my_first__clip"), "my first clip");
        assert_eq!(title_of_stem("gpj\u{202e}4pm.exe\u{7}"), "gpj4pm.exe");
    }

    proptest! {
        #[test]
        fn whatever_comes_is_short_and_clean(
            text in "[ab_ \t\r\né👨🏽🇨\u{7}\u{301}\u{489}\u{200b}-\u{200f}\u{202e}\u{2066}\u{2028}\u{3164}\u{fe0f}\u{e0041}]{0,300}",
            max in 1_usize..40,
        ) {
            for make in [line, block] {
                let once = make(&text, max);
                prop_assert!(once.graphemes(true).count() <= max, "{:?}", once);
                let hidden = |c| "\u{7}\t\r\u{200b}\u{200e}\u{200f}\u{202e}\u{2066}\u{2028}\u{3164}\u{e0041}".contains(c);
                prop_assert!(!once.contains(hidden), "{:?}", once);
                prop_assert!(!once.contains(&"\u{301}".repeat(MARKS_MAX + 2)) && !once.contains("\u{200d}\u{200d}"), "{:?}", once);
                prop_assert!(once.chars().count() <= max * CLUSTER_CHARS_MAX);
            }
        }
    }
}
