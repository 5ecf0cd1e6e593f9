//! What is said of a feed that has changed.

/// The pill that offers newer items.
pub const NEW_ITEMS: &str = "New items";
/// The same while they are awaited.
pub const LOOKING: &str = "Looking for new items";
/// The name of the pill for screen readers.
pub const OFFER: &str = "There are new items. Press to open the feed afresh";
/// The feed could not be had afresh: there is no connection.
pub const OUT_OF_REACH: &str = "The server can’t be reached; the feed stays as it was.";
/// The feed could not be had afresh.
pub const NOT_HAD: &str = "The feed could not be had afresh; it stays as it was.";
