//! Likes, and the way back to where somebody left.

/// A video is liked from now on.
pub const LIKED: &str = "Liked";
/// It is not liked any more.
pub const UNLIKED: &str = "No longer liked";
/// The feed no longer has what was watched last, so that it begins at its start.
pub const NOT_IN_FEED: &str = "What you watched last is not in this feed any more.";
