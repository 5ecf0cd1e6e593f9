//! A video in the JSON of a feed. What is not known is left out.

use serde::Serialize;

use crate::feed::dates;
use crate::server::catalogue::{Caption, Facts, Video};
use crate::server::facts::Tally;
use crate::server::media;
use crate::server::status::StreamStatus;

/// What is known of a video beside what its file and its side file say.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What was counted here.
    pub tally: Tally,
    /// The state of the stream, where it was set here.
    pub status: Option<StreamStatus>,
    /// How many watch the stream; zero is not told.
    pub viewers: u64,
    /// How far away it is from where somebody asks.
    pub distance_km: Option<f64>,
}

/// A video.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    id: String,
    maker_id: String,
    title: String,
    description: String,
    video_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<f64>,
    /// Left out while nobody has counted any.
    #[serde(skip_serializing_if = "Option::is_none")]
    view_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    like_count: Option<u64>,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<&'static str>,
    created_at: String,
    updated_at: String,
    is_active: bool,
    size_bytes: u64,
    etag: String,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    captions: Vec<CaptionJson>,
    /// Words, or `true` where only that there is something to warn of is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_warning: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<Live>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<Product>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    has_captions: bool,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_time: Option<f64>,
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

#[derive(Debug, Serialize)]
struct CaptionJson {
    url: String,
    language: String,
    label: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Live {
    status: StreamStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    viewer_count: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Product {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    sold: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    latitude: f64,
    longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    neighborhood: Option<String>,
    /// Rounded to ten metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_km: Option<f64>,
}

/// The title: as the side file has it, else the file's name without its ending, in words.
pub fn title_of(video: &Video) -> String {
    let named = || stem(video).replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    video.details().title.clone().unwrap_or_else(named)
}

/// Who made it: as the side file has it, else the folder.
pub fn maker_of(video: &Video) -> String {
    let folder = || video.relative.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    video.details().maker.clone().unwrap_or_else(folder)
}

/// The tags of the side file and the words of the file name that begin with `#`, in small letters.
pub fn tags_of(video: &Video) -> Vec<String> {
    let mut tags = video.details().tags.clone();
    let words = stem(video).split([' ', '_']).filter_map(|word| word.strip_prefix('#'));
    for tag in words.filter(|tag| !tag.is_empty()).map(str::to_lowercase) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn stem(video: &Video) -> &str {
    let name = video.relative.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

impl Item {
    /// Reads the file's headers the first time, so it blocks.
    pub fn new(video: &Video, known: &Known) -> Self {
        let (info, details) = (video.info(), video.details());
        let changed = dates::rfc3339(video.modified);
        let quality = info.size.map(|(width, height)| quality(width, height));
        let counted = |before: u64, here: u64| Some(before.saturating_add(here)).filter(|count| *count > 0);
        Self {
            id: video.id.clone(),
            maker_id: maker_of(video),
            title: title_of(video),
            description: details.description.clone(),
            video_url: media::address_of(&video.relative),
            thumbnail_url: video.poster(),
            duration_seconds: info.duration.map(|duration| duration.as_secs_f64()),
            view_count: counted(details.views, known.tally.views),
            like_count: counted(details.likes, known.tally.likes),
            tags: tags_of(video),
            quality,
            created_at: changed.clone(),
            updated_at: changed,
            is_active: true,
            size_bytes: video.bytes,
            etag: media::etag(video.bytes, video.modified),
            metadata: Metadata {
                has_captions: !details.captions.is_empty(),
                thumbnail_time: video.facts().and_then(Facts::poster_at).map(|at| at.as_secs_f64()),
                width: info.size.map(|(width, _)| width),
                height: info.size.map(|(_, height)| height),
                format: media::format_name(video.container),
                aspect_ratio: info.size.map(|(width, height)| aspect_ratio(width, height)),
                available_qualities: quality.map(|quality| [quality]),
            },
            captions: details.captions.iter().map(caption).collect(),
            content_warning: details
                .content_warning
                .as_ref()
                .map(|words| if words.is_empty() { true.into() } else { words.clone().into() }),
            alt_text: details.alt_text.clone(),
            category: details.category.clone(),
            live: details.live.as_ref().map(|live| Live {
                status: known.status.unwrap_or(live.status),
                viewer_count: Some(known.viewers).filter(|viewers| *viewers > 0),
            }),
            stream_id: details.live.as_ref().map(|live| live.stream_id.clone().unwrap_or_else(|| video.id.clone())),
            product: details.product.clone().map(|product| Product {
                id: product.id,
                price: product.price,
                currency: product.currency,
                condition: product.condition,
                category: product.category,
                sold: product.sold,
            }),
            location: details.place.clone().map(|place| Location {
                latitude: place.latitude,
                longitude: place.longitude,
                neighborhood: place.neighborhood,
                distance_km: known.distance_km.map(|km| (km * 100.0).round() / 100.0),
            }),
        }
    }
}

fn caption(caption: &Caption) -> CaptionJson {
    CaptionJson { url: media::address_of(&caption.relative), language: caption.language.clone(), label: caption.label.clone() }
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
}
