//! What a server's answer to a range request means, decided from its head alone. Pure but for the types of HTTP.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, LOCATION};

use super::blocks::MAX_LENGTH;

use super::error::CacheError;
use super::validator::{MAX_VALIDATOR_BYTES, Validator};
use crate::feed::Refusal;

/// A good answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Where the body begins in the media.
    pub start: u64,
    /// Bytes the body should have; `None` when the server does not say.
    pub body: Option<u64>,
    /// Length of the media; `None` when the server does not say.
    pub length: Option<u64>,
    /// Whether it is the part that was asked for, and not all.
    pub partial: bool,
    /// Which version of the media it is.
    pub validator: Validator,
}

/// Reads the head of the answer to a request for `start..end` (`u64::MAX` for open-ended).
pub(super) fn understand(status: StatusCode, headers: &HeaderMap, start: u64, end: u64) -> Result<Answer, CacheError> {
    let validator = Validator { etag: text(headers, &ETAG), last_modified: text(headers, &LAST_MODIFIED) };
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| number(value.to_str().ok()?));
    let answer = match status {
        StatusCode::PARTIAL_CONTENT => {
            let (first, last, length) = content_range(headers).ok_or(CacheError::WrongRange("unreadable Content-Range"))?;
            if first != start || last < first || last >= length || last >= end {
                return Err(CacheError::WrongRange("another one than asked for"));
            }
            let body = last - first + 1;
            if declared.is_some_and(|declared| declared != body) {
                return Err(CacheError::WrongRange("length and range differ"));
            }
            Answer { start, body: Some(body), length: Some(length), partial: true, validator }
        }
        StatusCode::OK => Answer { start: 0, body: declared, length: declared, partial: false, validator },
        StatusCode::RANGE_NOT_SATISFIABLE if start == 0 => return Err(CacheError::Empty),
        // A shorter media than the one known: the range began inside that one.
        StatusCode::RANGE_NOT_SATISFIABLE => return Err(CacheError::Changed),
        other => {
            let refusal = Refusal::of_answer(other.as_u16(), headers.get(LOCATION).map(HeaderValue::as_bytes));
            return Err(refusal.map_or(CacheError::Status(other.as_u16()), CacheError::Blocked));
        }
    };
    match answer.length {
        Some(0) => Err(CacheError::Empty),
        Some(length) if length > MAX_LENGTH => Err(CacheError::TooLong(MAX_LENGTH)),
        _ => Ok(answer),
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().filter(|text| text.len() <= MAX_VALIDATOR_BYTES && !text.is_empty()).map(str::to_owned)
}

/// First byte, last byte and length of a `Content-Range` (RFC 9110, 14.4). An unknown length is not accepted:
/// without it nothing tells two versions apart.
fn content_range(headers: &HeaderMap) -> Option<(u64, u64, u64)> {
    let value = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (unit, rest) = value.trim().split_once(' ')?;
    let (range, length) = rest.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    unit.eq_ignore_ascii_case("bytes").then_some((number(first)?, number(last)?, number(length)?))
}

/// A number in digits alone; `parse` would take a sign too.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(status: u16, headers: &[(HeaderName, &str)], start: u64, end: u64) -> Result<Answer, CacheError> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        understand(StatusCode::from_u16(status).unwrap(), &headers, start, end)
    }

    fn range(value: &str) -> Result<Answer, CacheError> {
        ask(206, &[(CONTENT_RANGE, value)], 100, 200)
    }

    #[test]
    fn a_range_as_asked_for_is_taken() {
        let answer = range("bytes 100-199/1000").unwrap();
        assert_eq!((answer.start, answer.body, answer.length, answer.partial), (100, Some(100), Some(1000), true));
        assert_eq!(range("bytes 100-149/150").unwrap().body, Some(50));
    }

    #[test]
    fn any_other_range_is_refused() {
        for value in [
            "bytes 0-199/1000",
            "bytes 100-200/1000",
            "bytes 101-199/1000",
            "bytes 100-99/1000",
            "bytes 100-199/150",
            "bytes 100-199/*",
            "bytes */1000",
            "100-199/1000",
            "bytes +100-199/1000",
            "bytes 100-199/99999999999999999999",
            "",
            "items 100-199/1000",
        ] {
            assert!(matches!(range(value), Err(CacheError::WrongRange(_))), "{value}");
        }
        assert!(matches!(ask(206, &[], 0, 10), Err(CacheError::WrongRange(_))));
        assert!(matches!(ask(206, &[(CONTENT_RANGE, "bytes 0-9/10"), (CONTENT_LENGTH, "11")], 0, 10), Err(CacheError::WrongRange(_))));
    }

    #[test]
    fn all_instead_of_a_range_begins_at_the_beginning() {
        let answer = ask(200, &[(CONTENT_LENGTH, "500"), (ETAG, "\"x\"")], 100, 200).unwrap();
        assert_eq!((answer.start, answer.length, answer.partial), (0, Some(500), false));
        assert_eq!(answer.validator.strong(), Some("\"x\""));
        assert_eq!(ask(200, &[], 0, u64::MAX).unwrap().length, None);
    }

    #[test]
    fn a_redirect_to_no_web_address_is_refused_and_no_other_answer_is_taken_for_one() {
        let refused = ask(302, &[(LOCATION, "file:///etc/passwd")], 0, 10);
        assert!(matches!(refused, Err(CacheError::Blocked(Refusal::Redirect(_)))), "{refused:?}");
        assert!(matches!(ask(302, &[], 0, 10), Err(CacheError::Status(302))));
        assert!(matches!(ask(404, &[(LOCATION, "file:///etc/passwd")], 0, 10), Err(CacheError::Status(404))));
    }

    #[test]
    fn nothing_is_an_error_and_so_is_an_absurd_length() {
        assert!(matches!(ask(200, &[(CONTENT_LENGTH, "0")], 0, 10), Err(CacheError::Empty)));
        assert!(matches!(ask(416, &[], 0, 10), Err(CacheError::Empty)));
        assert!(matches!(ask(416, &[], 5, 10), Err(CacheError::Changed)));
        assert!(matches!(ask(200, &[(CONTENT_LENGTH, "9999999999999999")], 0, 10), Err(CacheError::TooLong(_))));
        assert!(matches!(ask(404, &[], 0, 10), Err(CacheError::Status(404))));
    }
}
