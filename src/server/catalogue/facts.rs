//! What looking into a video with a decoder tells; the process that looks writes it, the catalogue reads and keeps it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What was seen. What is not known is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::server) struct Facts {
    /// Its container, by the name in a feed's `format`.
    pub container: String,
    /// Length of the whole in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Upright display width in pixels: turned as the file says, pixels made square.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Upright display height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Pictures a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<f64>,
    /// What codes the pictures: `H.264`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<String>,
    /// What codes the sound; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<String>,
    /// Which moment the poster shows, in milliseconds; absent: there is no poster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poster_ms: Option<u64>,
}

impl Facts {
    /// Width and height, when both are known.
    pub fn size(&self) -> Option<(u32, u32)> {
        self.width.zip(self.height)
    }

    /// Which moment the poster shows, when there is one.
    pub fn poster_at(&self) -> Option<Duration> {
        self.poster_ms.map(Duration::from_millis)
    }

    /// Length of the whole.
    pub fn duration(&self) -> Option<Duration> {
        self.duration_ms.map(Duration::from_millis)
    }
}

/// How looking into a video ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) enum Outcome {
    /// As it should.
    Seen(Facts),
    /// Nothing could be seen, for this reason; it is not tried again while the file stays as it is.
    Failed(String),
}
