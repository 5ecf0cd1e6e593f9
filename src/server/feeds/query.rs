//! What is asked of a feed, as text, so that what is wrong can be told in our own words. Fields that nobody knows are left
//! alone.

use std::str::FromStr;

use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::server::refusal::Refusal;

/// Items of a page that does not ask for a number.
const LIMIT_DEFAULT: usize = 20;
/// Items of a page at most.
const LIMIT_MAX: usize = 50;
/// The last page that can be asked for by number.
const PAGE_MAX: usize = 10_000;
/// Longest word of a filter, in bytes.
const WORD_BYTES_MAX: usize = 128;
/// Tags, and excluded videos, looked at.
const WORDS_MAX: usize = 1000;

/// In which order a feed comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// What is watched, liked and shared most these hours first; then the newest.
    Trending,
    /// By the taste of who asks. The folder's order, when nothing is known of it.
    #[default]
    Personalized,
    /// The newest first.
    Newest,
    /// The makers whom who asks follows, the newest first. The folder's order, when they follow nobody.
    Following,
}

impl Algorithm {
    pub fn name(self) -> &'static str {
        match self {
            Self::Trending => "trending",
            Self::Personalized => "personalized",
            Self::Newest => "newest",
            Self::Following => "following",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::Trending, Self::Personalized, Self::Newest, Self::Following].into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// The query of a page that is walked to by cursors.
#[derive(Debug, Default, Deserialize)]
pub struct PageQuery {
    cursor: Option<String>,
    limit: Option<String>,
    algorithm: Option<String>,
    exclude: Option<String>,
    tags: Option<String>,
}

impl PageQuery {
    /// The cursor; an empty one is none.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref().filter(|cursor| !cursor.is_empty())
    }

    pub fn limit(&self) -> Result<usize, Refusal> {
        within("limit", "bad_limit", self.limit.as_deref(), LIMIT_DEFAULT, LIMIT_MAX)
    }

    /// The order that is asked for, if any.
    pub fn algorithm(&self) -> Result<Option<Algorithm>, Refusal> {
        let sentence = "algorithm must be one of trending, personalized, newest, following";
        let named = |name| Algorithm::named(name).ok_or_else(|| bad("algorithm", "bad_algorithm", sentence));
        self.algorithm.as_deref().map(named).transpose()
    }

    /// The videos that are not wanted.
    pub fn exclude(&self) -> Vec<String> {
        words(self.exclude.as_deref())
    }

    /// The tags of which a video must have one, in order; none: any video will do.
    pub fn tags(&self) -> Vec<String> {
        let mut tags: Vec<String> = words(self.tags.as_deref()).into_iter().map(|tag| tag.trim_start_matches('#').to_owned()).collect();
        tags.sort();
        tags.dedup();
        tags
    }
}

/// Reads a query.
///
/// # Errors
/// When it says one thing twice, or is no query.
pub fn read<T: DeserializeOwned>(uri: &Uri) -> Result<T, Refusal> {
    Query::try_from_uri(uri).map(|Query(query)| query).map_err(|_| Refusal::bad_query())
}

/// The number of a page, from 1.
pub fn page(text: Option<&str>) -> Result<usize, Refusal> {
    within("page", "bad_page", text, 1, PAGE_MAX)
}

/// How many items a page has.
pub fn per_page(text: Option<&str>) -> Result<usize, Refusal> {
    within("per_page", "bad_per_page", text, LIMIT_DEFAULT, LIMIT_MAX)
}

/// A word to narrow a feed by, in small letters; an empty one is none.
pub fn word(field: &'static str, code: &'static str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(text) = given(text) else { return Ok(None) };
    if text.len() > WORD_BYTES_MAX {
        return Err(bad(field, code, format!("{field} must have {WORD_BYTES_MAX} bytes at most")));
    }
    Ok(Some(text.to_lowercase()))
}

/// A number with a fraction, from `least` to `most`; an empty one is none.
pub fn number(field: &'static str, code: &'static str, text: Option<&str>, least: f64, most: f64) -> Result<Option<f64>, Refusal> {
    let Some(text) = given(text) else { return Ok(None) };
    // What is not a number is in no range.
    let number = f64::from_str(text).ok().filter(|number| (least..=most).contains(number));
    number.map(Some).ok_or_else(|| bad(field, code, format!("{field} must be a number from {least} to {most}")))
}

/// One of the names in `all`.
pub fn one_of<T: Copy>(field: &'static str, code: &'static str, text: Option<&str>, all: &[(&str, T)]) -> Result<Option<T>, Refusal> {
    let Some(text) = given(text) else { return Ok(None) };
    let found = all.iter().find(|(name, _)| *name == text);
    found.map(|(_, found)| Some(*found)).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        bad(field, code, format!("{field} must be one of {}", names.join(", ")))
    })
}

/// The name that `found` has in `all`.
pub fn name_of<T: Copy + PartialEq>(all: &[(&'static str, T)], found: T) -> &'static str {
    all.iter().find(|(_, each)| *each == found).map_or("", |(name, _)| name)
}

/// A field of a query that cannot be followed.
pub fn bad(field: &'static str, code: &'static str, sentence: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code, sentence).about(field)
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn within(field: &'static str, code: &'static str, text: Option<&str>, default: usize, most: usize) -> Result<usize, Refusal> {
    let Some(text) = text else { return Ok(default) };
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| bad(field, code, format!("{field} must be a number from 1 to {most}")))
}

fn words(list: Option<&str>) -> Vec<String> {
    let words = list.into_iter().flat_map(|list| list.split(',')).map(|word| word.trim().to_lowercase());
    words.filter(|word| !word.is_empty()).take(WORDS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_out_of_bounds_is_refused() {
        let limit = |limit: &str| PageQuery { limit: Some(limit.to_owned()), ..PageQuery::default() }.limit().ok();
        assert_eq!((limit("1"), limit("50")), (Some(1), Some(50)));
        for bad in ["0", "51", "-1", "x", "", "99999999999999999999"] {
            assert_eq!(limit(bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_are_taken_within_their_bounds_and_what_is_no_number_is_not() {
        let number = |text: &str| number("latitude", "bad_location", Some(text), -90.0, 90.0).ok();
        assert_eq!((number("-90"), number(" 25.2 "), number("")), (Some(Some(-90.0)), Some(Some(25.2)), Some(None)));
        for bad in ["90.1", "NaN", "inf", "-inf", "x", "1,5"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_order_and_the_letters_of_tags_make_no_difference() {
        let tags = |tags: &str| PageQuery { tags: Some(tags.to_owned()), ..PageQuery::default() }.tags();
        assert_eq!(tags("Sky,#sea,, sky"), tags("sea,sky"));
        assert_eq!(tags(" , "), [""; 0]);
    }
}
