//! Pages of the feed: what is asked, which videos answer, and the JSON they are told in.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use moka::future::Cache;
use serde::{Deserialize, Serialize};

use super::library::{Video, Videos};
use super::media;
use crate::feed::dates;

/// Items of a page that does not ask for a number.
const LIMIT_DEFAULT: usize = 20;
/// Items of a page at most.
const LIMIT_MAX: usize = 50;
/// Cursors alive at most; the ones used longest ago go first.
const CURSORS_MAX: u64 = 100_000;
/// A video is trending while it is this young. Views are not counted, so its age is all there is to go by.
const TRENDING: Duration = Duration::from_hours(24);

/// Which videos a feed holds, and in what order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// The newest first.
    Trending,
    /// The folder's order: nothing is known of who asks.
    #[default]
    Personalized,
    /// The newest first.
    Newest,
    /// The folder's order: nothing is known of who asks.
    Following,
}

/// The query of a page, as text, so that what is wrong can be told in our own words.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PageQuery {
    cursor: Option<String>,
    limit: Option<String>,
    algorithm: Option<String>,
    exclude: Option<String>,
    tags: Option<String>,
}

/// Why a page is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PageError {
    #[error("limit must be a number from 1 to {LIMIT_MAX}")]
    Limit,
    #[error("algorithm must be one of trending, personalized, newest, following")]
    Algorithm,
    #[error("this cursor has expired; begin again without one")]
    CursorExpired,
}

/// Someone's walk through a feed: what was listed at its start, so that every video comes once.
#[derive(Debug)]
struct Session {
    id: String,
    feed: &'static str,
    videos: Vec<Arc<Video>>,
}

/// A place in a session.
#[derive(Clone)]
struct Place {
    session: Arc<Session>,
    start: usize,
}

/// The sessions that are going on.
pub(super) struct Feeds {
    places: Cache<String, Place>,
}

/// A page in JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    videos: Vec<VideoJson>,
    next_cursor: Option<String>,
    has_more: bool,
    feed_id: &'static str,
    feed_session_id: String,
    cached: bool,
}

/// A video in JSON. What is not known is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct VideoJson {
    id: String,
    maker_id: String,
    title: String,
    description: &'static str,
    video_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<f64>,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<&'static str>,
    created_at: String,
    updated_at: String,
    is_active: bool,
    size_bytes: u64,
    etag: String,
    metadata: MetadataJson,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MetadataJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    aspect_ratio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available_qualities: Option<[&'static str; 1]>,
}

impl Feeds {
    pub fn new(cursor_lifetime: Duration) -> Self {
        Self { places: Cache::builder().max_capacity(CURSORS_MAX).time_to_live(cursor_lifetime).build() }
    }

    /// A page of all videos. `videos` is listed only when a session begins.
    pub async fn page<E>(
        &self,
        query: &PageQuery,
        trending: bool,
        now: SystemTime,
        videos: impl AsyncFnOnce() -> Result<Videos, E>,
    ) -> Result<Page, E>
    where
        E: From<PageError>,
    {
        let limit = query.limit()?;
        let algorithm = query.algorithm()?;
        let place = if let Some(cursor) = query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
            self.places.get(cursor).await.ok_or(PageError::CursorExpired)?
        } else {
            let videos = videos().await?;
            let (feed, videos) = if trending { ("trending", trending_of(&videos, now)) } else { ("videos", sorted(&videos, algorithm)) };
            Place { session: Arc::new(Session { id: random_token(), feed, videos: query.filter(videos) }), start: 0 }
        };
        let Place { session, start } = place;
        let end = session.videos.len().min(start + limit);
        let next_cursor = if end < session.videos.len() {
            let cursor = random_token();
            self.places.insert(cursor.clone(), Place { session: Arc::clone(&session), start: end }).await;
            Some(cursor)
        } else {
            None
        };
        let (feed, id) = (session.feed, session.id.clone());
        // Headers are read for what is on the page alone.
        let videos = tokio::task::spawn_blocking(move || session.videos[start..end].iter().map(|video| video_json(video)).collect()).await;
        Ok(Page {
            videos: videos.unwrap_or_default(),
            has_more: next_cursor.is_some(),
            next_cursor,
            feed_id: feed,
            feed_session_id: id,
            cached: false,
        })
    }
}

impl PageQuery {
    fn limit(&self) -> Result<usize, PageError> {
        let Some(limit) = &self.limit else {
            return Ok(LIMIT_DEFAULT);
        };
        limit.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or(PageError::Limit)
    }

    fn algorithm(&self) -> Result<Algorithm, PageError> {
        match self.algorithm.as_deref() {
            None => Ok(Algorithm::default()),
            Some("trending") => Ok(Algorithm::Trending),
            Some("personalized") => Ok(Algorithm::Personalized),
            Some("newest") => Ok(Algorithm::Newest),
            Some("following") => Ok(Algorithm::Following),
            Some(_) => Err(PageError::Algorithm),
        }
    }

    fn filter(&self, mut videos: Vec<Arc<Video>>) -> Vec<Arc<Video>> {
        let words = |list: &Option<String>| -> Vec<String> {
            list.iter().flat_map(|list| list.split(',')).map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()).collect()
        };
        let (exclude, tags) = (words(&self.exclude), words(&self.tags));
        videos.retain(|video| !exclude.contains(&video.id));
        if !tags.is_empty() {
            videos.retain(|video| tags_of(video).iter().any(|tag| tags.contains(tag)));
        }
        videos
    }
}

fn sorted(videos: &Videos, algorithm: Algorithm) -> Vec<Arc<Video>> {
    let mut videos = videos.to_vec();
    if matches!(algorithm, Algorithm::Newest | Algorithm::Trending) {
        videos.sort_by_key(|video| std::cmp::Reverse(video.modified));
    }
    videos
}

fn trending_of(videos: &Videos, now: SystemTime) -> Vec<Arc<Video>> {
    let mut videos = sorted(videos, Algorithm::Trending);
    videos.retain(|video| now.duration_since(video.modified).is_ok_and(|age| age <= TRENDING));
    videos
}

/// 128 bits that cannot be guessed: each state is keyed with random numbers of the system.
fn random_token() -> String {
    let half = || RandomState::new().hash_one(SystemTime::now());
    format!("{:016x}{:016x}", half(), half())
}

fn stem(video: &Video) -> &str {
    let name = video.relative.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The file's name without its ending, in words.
pub(super) fn title_of(video: &Video) -> String {
    stem(video).replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of the file name that begin with `#`.
fn tags_of(video: &Video) -> Vec<String> {
    let words = stem(video).split([' ', '_']).filter_map(|word| word.strip_prefix('#'));
    words.filter(|tag| !tag.is_empty()).map(str::to_lowercase).collect()
}

fn video_json(video: &Video) -> VideoJson {
    let info = video.info();
    let changed = dates::rfc3339(video.modified);
    let quality = info.size.map(|(width, height)| quality(width, height));
    VideoJson {
        id: video.id.clone(),
        maker_id: video.relative.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
        title: title_of(video),
        description: "",
        video_url: media::address_of(&video.relative),
        duration_seconds: info.duration.map(|duration| duration.as_secs_f64()),
        tags: tags_of(video),
        quality,
        created_at: changed.clone(),
        updated_at: changed,
        is_active: true,
        size_bytes: video.bytes,
        etag: media::etag(video.bytes, video.modified),
        metadata: MetadataJson {
            width: info.size.map(|(width, _)| width),
            height: info.size.map(|(_, height)| height),
            format: media::format_name(video.container),
            aspect_ratio: info.size.map(|(width, height)| aspect_ratio(width, height)),
            available_qualities: quality.map(|quality| [quality]),
        },
    }
}

/// By the shorter side, which is what the `720` of "720p" counts, upright or not. A twentieth less still counts:
/// sides are cut to whole blocks, and pixels are not always square.
fn quality(width: u32, height: u32) -> &'static str {
    match width.min(height) {
        1026.. => "fhd",
        684.. => "hd",
        _ => "sd",
    }
}

fn aspect_ratio(width: u32, height: u32) -> String {
    let (mut a, mut b) = (width, height);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    format!("{}:{}", width / a.max(1), height / a.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_goes_by_the_shorter_side() {
        assert_eq!((quality(720, 1280), quality(1920, 1080), quality(480, 854), quality(718, 1280)), ("hd", "fhd", "sd", "hd"));
    }

    #[test]
    fn aspect_ratios_are_reduced() {
        assert_eq!((aspect_ratio(720, 1280), aspect_ratio(1, 1)), ("9:16".to_owned(), "1:1".to_owned()));
    }

    #[test]
    fn a_limit_out_of_bounds_is_refused() {
        let limit = |limit: &str| PageQuery { limit: Some(limit.to_owned()), ..PageQuery::default() }.limit();
        assert_eq!((limit("1"), limit("50")), (Ok(1), Ok(50)));
        for bad in ["0", "51", "-1", "x", "", "99999999999999999999"] {
            assert_eq!(limit(bad), Err(PageError::Limit), "{bad}");
        }
    }

    #[test]
    fn tokens_differ() {
        assert_ne!(random_token(), random_token());
        assert_eq!(random_token().len(), 32);
    }
}
