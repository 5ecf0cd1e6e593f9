//! The sheets over the feed.

/// The sheet of keys.
pub const KEYS: &str = "Keys";
/// The sheet of settings.
pub const SETTINGS: &str = "Settings";
/// The sheet on which another source is chosen.
pub const OPEN: &str = "Open";
/// Closes a sheet.
pub const CLOSE: &str = "Close";
