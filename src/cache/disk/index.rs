//! The index of the disk cache as bytes, and the trailer in which each entry's file repeats its own line of it:
//! what is written, and readers that trust none of it.

use super::record::{BLOCK_LINE_BYTES, Input, MAX_HEAD_BYTES, Record, put, put_len};
use crate::cache::blocks::block_count;
use crate::cache::ledger::EntryId;

/// The largest index that is read, in bytes. The bound of the cache leaves room for far fewer entries.
pub(super) const MAX_INDEX_BYTES: u64 = 64 * 1024 * 1024;
pub(super) const INDEX_MAGIC: &[u8; 8] = b"FLICKIDX";
pub(super) const TRAILER_MAGIC: &[u8; 8] = b"FLICKENT";
pub(super) const VERSION: u32 = 2;
const CHECKSUM_BYTES: usize = 4;
/// What a trailer has around its record.
const TRAILER_FRAME_BYTES: u64 = 24;

/// The index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// The cache's own clock when it was written, in seconds.
    pub clock: u64,
    /// The wall clock then, in seconds since 1970.
    pub wall: u64,
    /// The entries: number, place in the order of use, and what is known.
    pub entries: Vec<(EntryId, u64, Record)>,
}

/// The index as bytes: a head, the entries, and a checksum over both. Numbers are little-endian.
pub(super) fn encode<'a>(clock: u64, wall: u64, entries: impl Iterator<Item = (EntryId, u64, &'a Record)>) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(INDEX_MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&clock.to_le_bytes());
    out.extend_from_slice(&wall.to_le_bytes());
    let count_at = out.len();
    put_len(&mut out, 0);
    let mut count = 0_u32;
    for (id, seq, record) in entries {
        put(&mut out, id, seq, record);
        count += 1;
    }
    out[count_at..count_at + 4].copy_from_slice(&count.to_le_bytes());
    checked(out)
}

/// The entries of an index; `None` when anything about it is odd. Allocates no more than the bytes given warrant.
pub(super) fn decode(bytes: &[u8]) -> Option<Index> {
    let mut input = Input(unchecked(bytes)?);
    if input.take(INDEX_MAGIC.len())? != INDEX_MAGIC || input.u32()? != VERSION {
        return None;
    }
    let small = |number: &u64| *number < u64::MAX / 2;
    let (clock, wall) = (input.u64().filter(small)?, input.u64().filter(small)?);
    let count = input.u32()?;
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(input.record()?);
    }
    input.0.is_empty().then_some(Index { clock, wall, entries })
}

/// Room that is set aside for the trailer of an entry of `length`, in bytes.
pub(super) fn trailer_room(length: u64) -> u64 {
    TRAILER_FRAME_BYTES + MAX_HEAD_BYTES + BLOCK_LINE_BYTES * u64::from(block_count(length))
}

/// The trailer of an entry's file.
pub(super) fn encode_trailer(id: EntryId, seq: u64, record: &Record) -> Vec<u8> {
    let mut body = Vec::new();
    put(&mut body, id, seq, record);
    let mut out = Vec::with_capacity(body.len() + 16);
    out.extend_from_slice(TRAILER_MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    put_len(&mut out, body.len());
    out.extend_from_slice(&body);
    checked(out)
}

/// What the end of an entry's file says, from the trailer on.
pub(super) fn decode_trailer(bytes: &[u8]) -> Option<(EntryId, u64, Record)> {
    let mut head = Input(bytes);
    if head.take(TRAILER_MAGIC.len())? != TRAILER_MAGIC || head.u32()? != VERSION {
        return None;
    }
    let head_bytes = TRAILER_MAGIC.len() + 8;
    let end = usize::try_from(head.u32()?).ok()?.checked_add(head_bytes + CHECKSUM_BYTES)?;
    let mut input = Input(unchecked(bytes.get(..end)?)?.get(head_bytes..)?);
    let record = input.record()?;
    input.0.is_empty().then_some(record)
}

/// The bytes with a checksum behind them.
pub(super) fn checked(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The bytes before a checksum that is right.
fn unchecked(bytes: &[u8]) -> Option<&[u8]> {
    let (body, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM_BYTES)?)?;
    (crc32fast::hash(body).to_le_bytes() == checksum).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::disk::record::Kind;
    use crate::cache::validator::Validator;
    use proptest::prelude::*;

    fn sample() -> Index {
        let entry = |id: u64| {
            let record = Record {
                kind: if id == 2 { Kind::Page } else { Kind::Video },
                hash: [u8::try_from(id).unwrap(); 32],
                identity: [7; 32],
                length: 200_000,
                validator: Validator { etag: Some("\"v1\"".into()), last_modified: None },
                label: "A clip".into(),
                video: 5,
                pinned: id == 3,
                used_at: 1000,
                sha256: (id == 1).then_some([9; 32]),
                blocks: [(0, 17), (3, 4_000_000_000)].into(),
            };
            (id, id * 2, record)
        };
        Index { clock: 1234, wall: 99, entries: (1..4).map(entry).collect() }
    }

    fn bytes_of(index: &Index) -> Vec<u8> {
        encode(index.clock, index.wall, index.entries.iter().map(|(id, seq, record)| (*id, *seq, record)))
    }

    #[test]
    fn what_was_written_is_read_back() {
        assert_eq!(decode(&bytes_of(&sample())), Some(sample()));
        assert_eq!(decode(&bytes_of(&Index::default())), Some(Index::default()));
        for (id, seq, record) in sample().entries {
            let mut bytes = encode_trailer(id, seq, &record);
            assert!(bytes.len() as u64 <= trailer_room(record.length));
            bytes.extend_from_slice(&[0; 50]);
            assert_eq!(decode_trailer(&bytes), Some((id, seq, record)));
        }
    }

    #[test]
    fn row_04_an_index_cut_short_anywhere_is_refused() {
        let bytes = bytes_of(&sample());
        for len in 0..bytes.len() {
            assert_eq!(decode(&bytes[..len]), None, "{len}");
        }
    }

    #[test]
    fn row_05_a_flipped_bit_anywhere_in_the_index_is_refused() {
        let bytes = bytes_of(&sample());
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&bytes), None, "{bit}");
        }
    }

    #[test]
    fn a_trailer_with_a_flipped_bit_or_cut_short_is_refused() {
        let (id, seq, record) = sample().entries.remove(0);
        let bytes = encode_trailer(id, seq, &record);
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode_trailer(&bytes), None, "{bit}");
        }
        for len in 0..bytes.len() {
            assert_eq!(decode_trailer(&bytes[..len]), None, "{len}");
        }
    }

    #[test]
    fn row_05_a_count_beyond_the_bytes_is_refused_without_allocating_for_it() {
        let mut bytes = bytes_of(&Index::default());
        bytes.truncate(28);
        bytes.extend_from_slice(&1_000_000_000_u32.to_le_bytes());
        assert_eq!(decode(&checked(bytes)), None);
    }

    #[test]
    fn row_05_an_index_of_a_future_version_is_refused() {
        let mut bytes = bytes_of(&sample());
        bytes.truncate(bytes.len() - CHECKSUM_BYTES);
        bytes[8..12].copy_from_slice(&(VERSION + 1).to_le_bytes());
        assert_eq!(decode(&checked(bytes)), None);
    }

    proptest! {
        #[test]
        fn any_bytes_under_a_right_checksum_are_read_or_refused_without_a_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..600), proper in any::<bool>()) {
            if proper && bytes.len() > 12 {
                bytes[..8].copy_from_slice(INDEX_MAGIC);
                bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
            }
            let _ = decode(&checked(bytes.clone()));
            if proper && bytes.len() > 12 {
                bytes[..8].copy_from_slice(TRAILER_MAGIC);
            }
            let _ = decode_trailer(&checked(bytes));
        }
    }
}
