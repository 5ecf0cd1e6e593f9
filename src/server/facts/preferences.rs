//! What a user wishes of the feed, as it is told and kept.

use serde::{Deserialize, Serialize};

/// The wishes of a user. What is not wished is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Preferences {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_play: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_captions: Option<bool>,
    /// 0.25 to 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub playback_speed: Option<f64>,
    /// `auto`, `sd`, `hd` or `fhd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_quality: Option<String>,
    /// In small letters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub preferred_tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_makers: Vec<String>,
    /// The order of a feed that is asked for without one: the name of an algorithm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
}
