//! One page of a feed, and the cursor to the next.

use super::Item;

/// An opaque token that a source understands as "the page after this one".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(pub String);

/// One page as a source delivers it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeedPage {
    /// The feed's name for the top line, when the source has one.
    pub name: Option<String>,
    /// The items, in order.
    pub items: Vec<Item>,
    /// Where the next page is; `None` at the end of the feed.
    pub next: Option<Cursor>,
    /// Entries that were no items: bad ones of a feed, files of a folder that are not videos.
    pub skipped: usize,
    /// Items that the viewer's [`Filter`](super::Filter) has taken out.
    pub filtered: usize,
    /// The source has an end that it knows, however many pages on the way there bring nothing: it is a folder.
    pub finite: bool,
    /// The source could not be reached: this is the page as it was when it last could.
    pub stored: bool,
    /// Where the service tells by WebSocket what is new: an `http` or `https` address of the feed's own host.
    pub events: Option<String>,
    /// Where the service tells what is warm at its edge: an address of the feed's own host.
    pub hydrate: Option<String>,
}
