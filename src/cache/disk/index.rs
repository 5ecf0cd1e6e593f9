//! The index of the disk cache as bytes: what is written, and a reader that trusts none of it.

use crate::cache::blocks::{MAX_LENGTH, block_count};

/// What tells one version of a media from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cache) struct Validator {
    /// The `ETag`, as sent.
    pub etag: Option<String>,
    /// The `Last-Modified`, as sent.
    pub last_modified: Option<String>,
}

/// The longest `ETag` or date that is kept, in bytes; a longer one is treated as absent.
pub(in crate::cache) const MAX_VALIDATOR_BYTES: usize = 256;

impl Validator {
    /// The `ETag` when it is a strong one: only such a one may be sent in `If-Range` (RFC 9110, 13.1.5).
    pub fn strong(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| etag.starts_with('"'))
    }

    /// Whether `other` says that the media is another one. What is absent on either side says nothing.
    pub fn contradicts(&self, other: &Self) -> bool {
        match (&self.etag, &other.etag) {
            (Some(ours), Some(theirs)) => ours != theirs,
            _ => matches!((&self.last_modified, &other.last_modified), (Some(ours), Some(theirs)) if ours != theirs),
        }
    }
}

/// One entry as the index tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cache) struct IndexEntry {
    /// The entry's number; part of its file's name.
    pub id: u64,
    /// Its place in the order of use.
    pub seq: u64,
    /// The hash that names it.
    pub hash: [u8; 32],
    /// The hash that confirms it.
    pub identity: [u8; 32],
    /// Length of the media in bytes.
    pub length: u64,
    /// Which version of the media it is.
    pub validator: Validator,
    /// The stored blocks and their checksums (CRC-32), in order.
    pub blocks: Vec<(u32, u32)>,
}

/// The largest index that is read, in bytes. The bound of the cache leaves room for far fewer entries.
pub(in crate::cache) const MAX_INDEX_BYTES: u64 = 64 * 1024 * 1024;
const MAGIC: &[u8; 8] = b"FLICKIDX";
const VERSION: u32 = 1;
const CHECKSUM_BYTES: usize = 4;

/// The index as bytes: a head, the entries, and a checksum over both. Numbers are little-endian.
pub(in crate::cache) fn encode(entries: &[IndexEntry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + entries.iter().map(|entry| 128 + entry.blocks.len() * 8).sum::<usize>());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    put_len(&mut out, entries.len());
    for entry in entries {
        for number in [entry.id, entry.seq, entry.length] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&entry.hash);
        out.extend_from_slice(&entry.identity);
        for text in [&entry.validator.etag, &entry.validator.last_modified] {
            let text = text.as_deref().unwrap_or_default();
            put_len(&mut out, text.len());
            out.extend_from_slice(text.as_bytes());
        }
        put_len(&mut out, entry.blocks.len());
        for (block, crc) in &entry.blocks {
            out.extend_from_slice(&block.to_le_bytes());
            out.extend_from_slice(&crc.to_le_bytes());
        }
    }
    let checksum = crc32fast::hash(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

fn put_len(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
}

/// The entries of an index; `None` when anything about it is odd. Allocates no more than the bytes given warrant.
pub(in crate::cache) fn decode(bytes: &[u8]) -> Option<Vec<IndexEntry>> {
    let (body, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM_BYTES)?)?;
    if crc32fast::hash(body).to_le_bytes() != checksum {
        return None;
    }
    let mut input = Input(body);
    if input.take(MAGIC.len())? != MAGIC || input.u32()? != VERSION {
        return None;
    }
    let count = input.u32()?;
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(input.entry()?);
    }
    input.0.is_empty().then_some(entries)
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A text, or the empty one for none.
    fn text(&mut self) -> Option<&'a str> {
        let len = usize::try_from(self.u32()?).ok().filter(|len| *len <= MAX_VALIDATOR_BYTES)?;
        std::str::from_utf8(self.take(len)?).ok()
    }

    fn entry(&mut self) -> Option<IndexEntry> {
        let (id, seq) = (self.u64()?, self.u64()?);
        let length = self.u64().filter(|length| (1..=MAX_LENGTH).contains(length))?;
        let (hash, identity) = (self.array()?, self.array()?);
        let validator = Validator { etag: unless_empty(self.text()?), last_modified: unless_empty(self.text()?) };
        let mut blocks: Vec<(u32, u32)> = Vec::new();
        for _ in 0..self.u32()? {
            let (block, crc) = (self.u32()?, self.u32()?);
            if block >= block_count(length) || blocks.last().is_some_and(|(before, _)| *before >= block) {
                return None;
            }
            blocks.push((block, crc));
        }
        // The numbers end up in sums; leave them room.
        (id < u64::MAX / 2 && seq < u64::MAX / 2).then_some(IndexEntry { id, seq, hash, identity, length, validator, blocks })
    }
}

fn unless_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Vec<IndexEntry> {
        let entry = |id| IndexEntry {
            id,
            seq: id * 2,
            hash: [u8::try_from(id).unwrap(); 32],
            identity: [7; 32],
            length: 200_000,
            validator: Validator { etag: Some("\"v1\"".into()), last_modified: None },
            blocks: vec![(0, 17), (3, 4_000_000_000)],
        };
        (1..4).map(entry).collect()
    }

    #[test]
    fn what_was_written_is_read_back() {
        assert_eq!(decode(&encode(&sample())), Some(sample()));
        assert_eq!(decode(&encode(&[])), Some(Vec::new()));
    }

    #[test]
    fn an_index_cut_short_anywhere_is_refused() {
        let bytes = encode(&sample());
        for len in 0..bytes.len() {
            assert_eq!(decode(&bytes[..len]), None, "{len}");
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused() {
        let bytes = encode(&sample());
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&bytes), None, "{bit}");
        }
    }

    #[test]
    fn a_count_beyond_the_bytes_is_refused_without_allocating_for_it() {
        let mut bytes = encode(&[]);
        bytes.truncate(12);
        bytes.extend_from_slice(&1_000_000_000_u32.to_le_bytes());
        let checksum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        assert_eq!(decode(&bytes), None);
    }

    #[test]
    fn a_strong_etag_contradicts_another_and_absence_says_nothing() {
        let of =
            |etag: Option<&str>, date: Option<&str>| Validator { etag: etag.map(str::to_owned), last_modified: date.map(str::to_owned) };
        assert!(of(Some("\"a\""), None).contradicts(&of(Some("\"b\""), None)));
        assert!(!of(Some("\"a\""), Some("x")).contradicts(&of(None, None)));
        assert!(!of(Some("\"a\""), Some("x")).contradicts(&of(Some("\"a\""), Some("y"))));
        assert!(of(None, Some("x")).contradicts(&of(Some("\"a\""), Some("y"))));
        assert_eq!(of(Some("W/\"a\""), None).strong(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_under_a_right_checksum_are_read_or_refused_without_a_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..600), proper in any::<bool>()) {
            if proper && bytes.len() > 12 {
                bytes[..8].copy_from_slice(MAGIC);
                bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
            }
            let checksum = crc32fast::hash(&bytes);
            bytes.extend_from_slice(&checksum.to_le_bytes());
            let _ = decode(&bytes);
        }
    }
}
