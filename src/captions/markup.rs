//! Tags, marks and entities in the words of a cue.

/// A piece of a cue that looks the same throughout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The words; lines are parted by `\n`.
    pub text: String,
    /// Slanted.
    pub italic: bool,
    /// With a line below.
    pub underline: bool,
}

/// Characters that are kept of one cue: more than three lines hold in any window.
const CHARS_MAX: usize = 600;

/// The words of a cue by their looks. Tags of other kinds are left out, their content stays: colours, classes, voices and
/// times within a cue. Empty when there is nothing to read.
#[must_use]
pub fn spans(text: &str) -> Vec<Span> {
    let mut out = Out::default();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&', '{', '\\']) {
        out.push(&rest[..at]);
        rest = &rest[at..];
        rest = special(rest, &mut out);
    }
    out.push(rest);
    out.finish()
}

/// The words as they stand, where the format has no marks.
#[must_use]
pub fn plain(text: &str) -> Vec<Span> {
    let mut out = Out::default();
    out.push(text);
    out.finish()
}

/// Where a cue of SubStation's marks is to stand: the three places of the upper row.
pub(super) fn says_top(text: &str) -> bool {
    ["{\\an7}", "{\\an8}", "{\\an9}"].iter().any(|mark| text.contains(mark))
}

/// Reads what begins with a sign that may mean something; what follows.
fn special<'a>(text: &'a str, out: &mut Out) -> &'a str {
    let literal = |out: &mut Out| {
        out.push(&text[..1]);
        &text[1..]
    };
    if let Some(inside) = text.strip_prefix('<') {
        // A sign of comparison is no tag.
        let is_tag = inside.starts_with(|c: char| c == '/' || c.is_ascii_alphanumeric());
        let Some(end) = inside.find('>').filter(|_| is_tag) else { return literal(out) };
        out.tag(&inside[..end]);
        return &inside[end + 1..];
    }
    if text.starts_with("{\\") {
        let Some(end) = text.find('}') else { return literal(out) };
        return &text[end + 1..];
    }
    if let Some(rest) = text.strip_prefix("\\N").or_else(|| text.strip_prefix("\\n")) {
        out.push("\n");
        return rest;
    }
    if let Some(inside) = text.strip_prefix('&')
        && let Some(end) = inside.bytes().take(9).position(|byte| byte == b';')
        && let Some(sign) = entity(&inside[..end])
    {
        out.push(sign.encode_utf8(&mut [0; 4]));
        return &inside[end + 1..];
    }
    literal(out)
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        // Direction marks: what they stand for is not let through either.
        "lrm" | "rlm" => '\u{200b}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    })
}

/// What is read so far.
#[derive(Default)]
struct Out {
    spans: Vec<Span>,
    chars: usize,
    /// How often each was opened and not closed.
    italic: u32,
    underline: u32,
}

impl Out {
    fn tag(&mut self, tag: &str) {
        let (closes, name) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let depth = match name {
            "i" | "I" | "em" => &mut self.italic,
            "u" | "U" => &mut self.underline,
            _ => return,
        };
        *depth = if closes { depth.saturating_sub(1) } else { depth.saturating_add(1) };
    }

    fn push(&mut self, text: &str) {
        let (italic, underline) = (self.italic > 0, self.underline > 0);
        let left = CHARS_MAX - self.chars;
        let shown = text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| *c == '\n' || is_showable(*c));
        let shown: String = shown.take(left).collect();
        if shown.is_empty() {
            return;
        }
        self.chars += shown.chars().count();
        match self.spans.last_mut().filter(|last| last.italic == italic && last.underline == underline) {
            Some(last) => last.text.push_str(&shown),
            None => self.spans.push(Span { text: shown, italic, underline }),
        }
    }

    /// Without white space and empty lines at both ends.
    fn finish(mut self) -> Vec<Span> {
        while let Some(first) = self.spans.first_mut() {
            let kept = first.text.trim_start().len();
            first.text.drain(..first.text.len() - kept);
            if kept > 0 {
                break;
            }
            self.spans.remove(0);
        }
        while let Some(last) = self.spans.last_mut() {
            last.text.truncate(last.text.trim_end().len());
            if !last.text.is_empty() {
                break;
            }
            self.spans.pop();
        }
        self.spans
    }
}

/// Nothing that steers a terminal, turns the direction of what follows, or cannot be seen at all.
fn is_showable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, &'static str)> {
        let look = |span: &Span| match (span.italic, span.underline) {
            (false, false) => "",
            (true, false) => "i",
            (false, true) => "u",
            (true, true) => "iu",
        };
        spans(text).iter().map(|span| (span.text.clone(), look(span))).collect()
    }

    fn words(text: &str) -> String {
        spans(text).iter().map(|span| span.text.as_str()).collect()
    }

    #[test]
    fn tags_make_looks_and_what_looks_like_none_stays() {
        assert_eq!(read("a <i>b <u>c</i></u> d"), [("a ".into(), ""), ("b ".into(), "i"), ("c".into(), "iu"), (" d".into(), "")]);
        assert_eq!(words("<v Roger Bingham>We are <c.yellow.bg>in</c> <00:01.500>New York</v>"), "We are in New York");
        assert_eq!(words("<font color=\"#ff0000\">red</font> <b>bold</b>"), "red bold");
        assert_eq!(words("1 < 2 and 3 > 2, <3"), "1 < 2 and 3 > 2, <3");
        assert_eq!(words("an <i"), "an <i");
    }

    #[test]
    fn marks_of_substation_are_left_out_and_their_line_breaks_kept() {
        assert_eq!(words("{\\an8}Up\\Nhere {not} \\o/"), "Up\nhere {not} \\o/");
        assert!(says_top("{\\an8}Up") && !says_top("{\\an2}Down"));
    }

    #[test]
    fn entities_are_what_they_stand_for_and_others_stay_as_they_are() {
        assert_eq!(
            words("a &lt;i&gt; &amp;&nbsp;b &#8230; &#x2014; AT&T &unknown; &#1114112; &"),
            "a <i> &\u{a0}b … — AT&T &unknown; &#1114112; &"
        );
    }

    #[test]
    fn nothing_that_steers_or_hides_is_shown_and_nothing_is_endless() {
        assert_eq!(words("a\u{202e}b\u{1b}[31m\tc\u{feff}&#27;&rlm;"), "ab[31m c");
        assert_eq!(words(&"x".repeat(5000)).len(), CHARS_MAX);
    }

    #[test]
    fn white_space_and_looks_without_words_make_no_cue() {
        assert_eq!(spans(" \n<i> </i>\n&lrm;"), []);
        assert_eq!(words("\n <i>\n a</i>\n\n"), "a");
    }
}
