//! Serves the bytes of videos, their captions and their posters: whole or in one range (RFC 9110, 14), streamed from disk.

use std::fmt::Write;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED,
    RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::Response;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use super::catalogue;
use crate::captions::{self, Track};
use crate::feed::{Container, dates};

/// Bytes read from disk at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// What a poster is.
const POSTER_TYPE: &str = "image/jpeg";
/// A poster may be kept for this long without asking whether it is still the same.
const POSTER_CACHED: &str = "public, max-age=300";

/// What was opened for serving.
pub(super) struct Opened {
    pub file: File,
    pub bytes: u64,
    pub modified: SystemTime,
    pub content_type: &'static str,
}

/// The path and query of a video's address, from its path below the root.
pub(super) fn address_of(relative: &str) -> String {
    let mut address = "/media/".to_owned();
    for byte in relative.bytes() {
        // RFC 3986: what is unreserved, and the `/` between the parts.
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

/// A strong validator: it changes when the file is written again or replaced.
pub(super) fn etag(bytes: u64, modified: SystemTime) -> String {
    let nanos = modified.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("\"{bytes:x}-{nanos:x}\"")
}

/// A container's name in a feed's `format`.
pub(super) fn format_name(container: Container) -> &'static str {
    match container {
        Container::Mp4 => "mp4",
        Container::Matroska => "matroska",
        Container::Avi => "avi",
        Container::Ogg => "ogg",
        Container::Flv => "flv",
        Container::MpegTs => "mpegts",
        Container::MpegPs => "mpegps",
    }
}

fn content_type(container: Container, head: &[u8]) -> &'static str {
    let holds = |mark: &[u8]| head.windows(mark.len()).any(|bytes| bytes == mark);
    match container {
        Container::Mp4 if head.get(8..12) == Some(b"qt  ") => "video/quicktime",
        Container::Mp4 => "video/mp4",
        // The document type is among the first elements.
        Container::Matroska if holds(b"webm") => "video/webm",
        Container::Matroska => "video/x-matroska",
        Container::Avi => "video/x-msvideo",
        Container::Ogg => "video/ogg",
        Container::Flv => "video/x-flv",
        Container::MpegTs => "video/mp2t",
        Container::MpegPs => "video/mpeg",
    }
}

/// What captions are; `None` when nobody could read anything of them. The ending alone says nothing.
fn captions_type(file: &mut File, path: &Path, bytes: u64) -> Option<&'static str> {
    let has_ending = |ending: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
    if !(has_ending("vtt") || has_ending("srt")) || bytes > captions::FILE_BYTES_MAX as u64 {
        return None;
    }
    let mut content = Vec::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(captions::FILE_BYTES_MAX as u64).read_to_end(&mut content).ok()?;
    let is_webvtt = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content).starts_with(b"WEBVTT");
    (!Track::read(&content).is_empty()).then_some(if is_webvtt { "text/vtt" } else { "application/x-subrip" })
}

/// Opens the video or the captions at `relative` below `root`. Blocks. `None` for anything else, for hidden files and
/// for links that lead out of the root: to a stranger they are not there.
pub(super) fn open(root: &Path, relative: &str) -> Option<Opened> {
    let relative = PathBuf::from(relative);
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(name) if !name.as_encoded_bytes().starts_with(b"."));
    if !relative.components().all(is_plain) {
        return None;
    }
    open_file(&catalogue::inside(root, &root.join(relative))?)
}

/// Opens a poster. Blocks. `None` when it is not there.
pub(super) fn open_poster(path: &Path) -> Option<Opened> {
    let file = File::open(path).ok()?;
    let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    Some(Opened { file, bytes: metadata.len(), modified: metadata.modified().unwrap_or(UNIX_EPOCH), content_type: POSTER_TYPE })
}

/// Opens a video or captions by their real path. Blocks. `None` for anything else.
pub(super) fn open_file(path: &Path) -> Option<Opened> {
    // Asked before opening: opening a named pipe would wait for its writer.
    path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let mut file = File::open(path).ok()?;
    let metadata = file.metadata().ok()?;
    let head = catalogue::read_head(&mut file).ok()?;
    let content_type = match catalogue::container_of(&head) {
        Some(container) => content_type(container, &head),
        None => captions_type(&mut file, path, metadata.len())?,
    };
    Some(Opened { file, bytes: metadata.len(), modified: metadata.modified().unwrap_or(UNIX_EPOCH), content_type })
}

/// What part of a file a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    /// First byte and number of bytes.
    Range(u64, u64),
    /// Nothing of it lies within the file.
    Outside,
}

/// Answers a request for what was opened.
pub(super) fn answer(opened: Opened, method: &Method, headers: &HeaderMap) -> Response {
    let etag = etag(opened.bytes, opened.modified);
    let modified = dates::http(opened.modified);
    let value = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let builder = Response::builder()
        .header(ACCEPT_RANGES, "bytes")
        .header(ETAG, &etag)
        .header(LAST_MODIFIED, &modified)
        .header(CONTENT_TYPE, opened.content_type)
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff");
    let builder = if opened.content_type == POSTER_TYPE { builder.header(CACHE_CONTROL, POSTER_CACHED) } else { builder };
    if value(IF_MATCH).is_some_and(|tags| !lists(tags, &etag)) {
        return finish(builder.status(StatusCode::PRECONDITION_FAILED), Body::empty());
    }
    if value(IF_NONE_MATCH).is_some_and(|tags| lists(tags, &etag)) {
        return finish(builder.status(StatusCode::NOT_MODIFIED), Body::empty());
    }
    let unchanged = value(IF_RANGE).is_none_or(|validator| validator == etag || validator == modified);
    // RFC 9110, 14.2: ranges mean something for GET alone.
    let part = match value(RANGE) {
        Some(range) if unchanged && method == Method::GET => part_of(range, opened.bytes),
        _ => Part::Whole,
    };
    let (builder, start, count) = match part {
        Part::Whole => (builder, 0, opened.bytes),
        Part::Range(start, count) => {
            let range = format!("bytes {start}-{}/{}", start + count - 1, opened.bytes);
            (builder.status(StatusCode::PARTIAL_CONTENT).header(CONTENT_RANGE, range), start, count)
        }
        Part::Outside => {
            let builder = builder.status(StatusCode::RANGE_NOT_SATISFIABLE).header(CONTENT_RANGE, format!("bytes */{}", opened.bytes));
            return finish(builder, Body::empty());
        }
    };
    let builder = builder.header(CONTENT_LENGTH, count);
    if method == Method::HEAD {
        return finish(builder, Body::empty());
    }
    let mut file = opened.file;
    if let Err(err) = file.seek(SeekFrom::Start(start)) {
        tracing::warn!(%err, "a file can’t be read");
        return finish(Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR), Body::empty());
    }
    // A file that is cut short meanwhile ends the body early, which breaks the connection: the reader notices.
    let rest = tokio::fs::File::from_std(file).take(count);
    finish(builder, Body::from_stream(ReaderStream::with_capacity(rest, CHUNK_BYTES)))
}

fn finish(builder: axum::http::response::Builder, body: Body) -> Response {
    builder.body(body).unwrap_or_else(|err| {
        tracing::error!(%err, "an answer could not be put together");
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// Whether a list of entity tags names this one.
fn lists(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Understands one range. What is not understood, or several ranges, are answered with the whole, as a server
/// may do (RFC 9110, 14.2).
pub(super) fn part_of(range: &str, len: u64) -> Part {
    let Some((first, last)) = range.trim().strip_prefix("bytes=").and_then(|set| set.split_once('-')) else {
        return Part::Whole;
    };
    // Digits alone: the standard parser would take a sign.
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().unwrap_or(u64::MAX));
    let (first, last) = (first.trim(), last.trim());
    match (first.is_empty(), last.is_empty()) {
        (true, true) => Part::Whole,
        (true, false) => match number(last) {
            Some(0) => Part::Outside,
            Some(_) if len == 0 => Part::Outside,
            Some(count) => Part::Range(len - count.min(len), count.min(len)),
            None => Part::Whole,
        },
        (false, open) => match (number(first), if open { Some(u64::MAX) } else { number(last) }) {
            (Some(first), Some(last)) if first > last => Part::Whole,
            (Some(first), Some(_)) if first >= len => Part::Outside,
            (Some(first), Some(last)) => Part::Range(first, last.min(len - 1) - first + 1),
            _ => Part::Whole,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_the_file() {
        assert_eq!(part_of("bytes=0-0", 10), Part::Range(0, 1));
        assert_eq!(part_of("bytes=3-", 10), Part::Range(3, 7));
        assert_eq!(part_of("bytes=3-99999999999999999999999", 10), Part::Range(3, 7));
        assert_eq!(part_of("bytes=-4", 10), Part::Range(6, 4));
        assert_eq!(part_of("bytes=-40", 10), Part::Range(0, 10));
    }

    #[test]
    fn a_range_behind_the_end_is_outside() {
        for (range, len) in [("bytes=10-", 10), ("bytes=99999999999999999999999-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0)]
        {
            assert_eq!(part_of(range, len), Part::Outside, "{range}");
        }
    }

    #[test]
    fn a_range_that_is_not_understood_means_the_whole() {
        for range in ["", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=+1-2", "bytes=0-1,3-4", "lines=1-2"] {
            assert_eq!(part_of(range, 10), Part::Whole, "{range}");
        }
    }

    #[test]
    fn addresses_of_videos_are_percent_encoded() {
        assert_eq!(address_of("day 1/ä#?.mp4"), "/media/day%201/%C3%A4%23%3F.mp4");
    }
}
