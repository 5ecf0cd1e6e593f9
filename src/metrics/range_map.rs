//! Which parts of one media are on this machine, coarse enough to be looked at.

/// How much of each part of a media is here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeMap {
    /// Bytes of the whole media.
    pub total: u64,
    /// Of each of 48 equal parts, first to last, how much is on this machine: 0 is nothing, 255 is all of it.
    pub cells: Vec<u8>,
}
