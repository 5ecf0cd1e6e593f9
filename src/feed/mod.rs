//! What a feed is made of: items, pages, the list of what is loaded and where we are in it; what is kept out of it. Pure.

mod address;
mod blurhash;
mod container;
pub mod dates;
mod expiry;
mod failure;
mod filter;
mod item;
mod list;
mod live;
mod natural;
mod page;
mod refusal;

pub use address::{host_of, is_signature, percent_decoded, without_signature};
pub use blurhash::{BLUR_COLUMNS, BLUR_ROWS, Blurhash};
pub use container::{Container, SNIFF_BYTES};
pub use expiry::Validity;
pub use failure::{Failure, FailureKind};
pub use filter::Filter;
pub use item::{CaptionFile, Generation, Item, ItemId, MediaLocation};
pub use list::{FeedList, Tail};
pub use live::{Live, LiveStatus};
pub use natural::NaturalKey;
pub use page::{Cursor, FeedPage};
pub use refusal::{Refusal, Zone};
