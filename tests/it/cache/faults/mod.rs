//! The faults that the cache has to survive. `docs/CACHE.md` has the table; the name of a test begins with its row.

mod clock;
mod crash;
mod files;
mod identity;
mod index;
mod ranges;
mod room;
mod sharing;
