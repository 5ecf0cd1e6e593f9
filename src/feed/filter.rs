//! What a viewer does not want to see: makers, words and tags.

use std::collections::HashSet;

use icu_normalizer::ComposingNormalizerBorrowed;
use unicode_segmentation::UnicodeSegmentation;

use super::{FeedPage, Item};

/// Makers, words and tags whose items are left out.
///
/// Text is compared without regard to case and to how it is spelled in Unicode: wide letters, ligatures and
/// letters with separate accents are as good as others, and invisible characters do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    makers: HashSet<String>,
    tags: HashSet<String>,
    words: Vec<Phrase>,
}

/// A word, or several that follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Phrase {
    parts: Vec<String>,
    /// It has signs beside its letters (`c++`, an emoji), so signs of the text count too.
    signs: bool,
}

impl Filter {
    /// A filter; entries that are empty are no entries. Makers and tags are meant as a whole, words as whole words
    /// of a title or a description. A `#` before a tag does not matter.
    pub fn new(
        makers: impl IntoIterator<Item = String>,
        words: impl IntoIterator<Item = String>,
        tags: impl IntoIterator<Item = String>,
    ) -> Self {
        let named = |text: String| Some(normal(text.trim())).filter(|text| !text.is_empty());
        let tag = |text: String| Some(tag(&text)).filter(|text| !text.is_empty());
        Self {
            makers: makers.into_iter().filter_map(named).collect(),
            tags: tags.into_iter().filter_map(tag).collect(),
            words: words.into_iter().filter_map(|text| Phrase::new(&text)).collect(),
        }
    }

    /// Whether it leaves out nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.makers.is_empty() && self.tags.is_empty() && self.words.is_empty()
    }

    /// Whether an item is left out.
    #[must_use]
    pub fn hides(&self, item: &Item) -> bool {
        (!self.makers.is_empty() && self.makers.contains(&normal(item.maker.trim())))
            || (!self.tags.is_empty() && item.tags.iter().any(|text| self.tags.contains(&tag(text))))
            || (!self.words.is_empty() && [&item.title, &item.description].into_iter().any(|text| self.has_word(text)))
    }

    /// Takes what is to be left out from a page and counts it there.
    pub fn apply(&self, page: &mut FeedPage) {
        if self.is_empty() {
            return;
        }
        let before = page.items.len();
        page.items.retain(|item| !self.hides(item));
        page.filtered += before - page.items.len();
    }

    fn has_word(&self, text: &str) -> bool {
        let text = normal(text);
        let (words, parts) = (words_of(&text), parts_of(&text));
        self.words.iter().any(|phrase| {
            let there = if phrase.signs { &parts } else { &words };
            there.windows(phrase.parts.len()).any(|window| window.iter().zip(&phrase.parts).all(|(part, wanted)| part == wanted))
        })
    }
}

impl Phrase {
    fn new(text: &str) -> Option<Self> {
        let text = normal(text);
        let (words, parts) = (words_of(&text), parts_of(&text));
        let signs = parts.len() > words.len();
        let parts: Vec<String> = if signs { parts } else { words }.into_iter().map(str::to_owned).collect();
        (!parts.is_empty()).then_some(Self { parts, signs })
    }
}

/// The words of a text (UAX #29). Of scripts that are written without spaces each character is one, so that a
/// word of theirs is found as the characters it is made of, one after the other.
fn words_of(text: &str) -> Vec<&str> {
    text.unicode_words().collect()
}

/// Words, and what stands between them but white space.
fn parts_of(text: &str) -> Vec<&str> {
    text.split_word_bounds().filter(|part| !part.trim().is_empty()).collect()
}

fn tag(text: &str) -> String {
    normal(text.trim().trim_start_matches('#').trim())
}

/// The form in which texts are compared: small letters in the compatibility form of Unicode (NFKC, UAX #15),
/// without what is not seen.
fn normal(text: &str) -> String {
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    // Small letters of what NFKC makes of a sign, and NFKC of what becomes of a letter with its dot, say.
    let small = nfkc.normalize(text).to_lowercase();
    nfkc.normalize(&small).chars().filter(|c| !is_unseen(*c)).collect()
}

/// Joiners, variation selectors and their like: `sp\u{200d}am` reads as `spam` does.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{ItemId, MediaLocation};

    fn all(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn item() -> Item {
        Item::bare(ItemId::new("v"), MediaLocation::Sample(0))
    }

    fn words(words: &[&str], title: &str) -> bool {
        Filter::new([], all(words), []).hides(&Item { title: title.into(), ..item() })
    }

    #[test]
    fn a_maker_is_meant_as_a_whole_in_any_case() {
        let filter = Filter::new(all(&[" Mia Example "]), [], []);
        let hides = |maker: &str| filter.hides(&Item { maker: maker.into(), ..item() });
        assert!(hides("mia example") && hides("MIA EXAMPLE") && hides("Ｍia Example"));
        assert!(!hides("Mia") && !hides("Mia Examples") && !hides(""));
    }

    #[test]
    fn a_word_is_found_whole_in_title_and_description_and_nowhere_within_another() {
        assert!(words(&["spam"], "All SPAM, all day"));
        assert!(words(&["spam"], "(spam)") && words(&["don’t"], "I DON’T care"));
        assert!(!words(&["ass"], "A class of its own") && !words(&["spam"], "spammer"));
        let filter = Filter::new([], all(&["spam"]), []);
        assert!(filter.hides(&Item { description: "one\nspam\ntwo".into(), ..item() }));
        assert!(!filter.hides(&Item { maker: "spam".into(), tags: all(&["spam"]), ..item() }));
    }

    #[test]
    fn words_that_follow_one_another_are_found_as_such() {
        assert!(words(&["buy now"], "BUY, now!") && words(&["buy  now"], "just buy\u{a0}now"));
        assert!(!words(&["buy now"], "now buy") && !words(&["buy now"], "buy it now"));
    }

    #[test]
    fn signs_count_where_they_are_asked_for() {
        assert!(words(&["c++"], "Learn C++ today") && !words(&["c++"], "Vitamin C"));
        assert!(words(&["🔞"], "Hot🔞stuff") && words(&["#ad"], "so good #Ad") && !words(&["#ad"], "an ad"));
    }

    #[test]
    fn the_way_something_is_spelled_in_unicode_hides_nothing() {
        for spelled in ["ＳＰＡＭ", "ｓpam", "sp\u{200d}am", "sp\u{ad}am", "𝓼𝓹𝓪𝓶"] {
            assert!(words(&["spam"], spelled), "{spelled:?}");
        }
        assert!(words(&["café"], "cafe\u{301}") && words(&["İstanbul"], "İSTANBUL") && words(&["eﬀect"], "effect"));
        assert!(words(&["広告"], "これは広告です") && !words(&["広告"], "広い告知"));
        assert!(words(&["реклама"], "РЕКЛАМА!"));
    }

    #[test]
    fn a_tag_is_meant_as_a_whole_with_its_sign_or_without() {
        let filter = Filter::new([], [], all(&["#Prank", "", "#"]));
        let hides = |tags: &[&str]| filter.hides(&Item { tags: all(tags), ..item() });
        assert!(hides(&["sea", "prank"]) && hides(&["#PRANK"]));
        assert!(!hides(&["pranks"]) && !hides(&[]) && !hides(&[""]));
    }

    #[test]
    fn what_is_hidden_is_taken_from_the_page_and_counted() {
        let filter = Filter::new(all(&["mia"]), [], []);
        let from = |maker: &str| Item { maker: maker.into(), ..item() };
        let mut page = FeedPage { items: vec![from("mia"), from("noah"), from("Mia")], ..FeedPage::default() };
        filter.apply(&mut page);
        assert_eq!((page.items, page.filtered, page.skipped), (vec![from("noah")], 2, 0));
    }

    #[test]
    fn empty_entries_hide_nothing() {
        let filter = Filter::new(all(&["", " "]), all(&["", "\u{200b}"]), all(&["#"]));
        assert!(filter.is_empty() && !filter.hides(&item()));
    }
}
