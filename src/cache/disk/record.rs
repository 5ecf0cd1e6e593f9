//! What is known of one entry, and its form as bytes: a line of the index, or the trailer of its own file.

use std::collections::BTreeMap;

use crate::cache::blocks::{BLOCK_BYTES, MAX_LENGTH, block_count, block_len};
use crate::cache::ledger::EntryId;
use crate::cache::validator::{MAX_VALIDATOR_BYTES, Validator};

/// What an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cache) enum Kind {
    /// Media, in ranges.
    #[default]
    Video = 0,
    /// A page of a feed, whole.
    Page = 1,
    /// A poster, whole.
    Poster = 2,
    /// A file of captions, whole.
    Captions = 3,
}

impl Kind {
    /// A word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Page => "page",
            Self::Poster => "poster",
            Self::Captions => "captions",
        }
    }
}

/// The longest label that is kept, in bytes.
pub(super) const MAX_LABEL_BYTES: usize = 120;
/// More than a record takes whose labels are as long as may be and that has no block.
pub(super) const MAX_HEAD_BYTES: u64 = 1000;
/// What a block adds to a record.
pub(super) const BLOCK_LINE_BYTES: u64 = 8;

/// What is known of one entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cache) struct Record {
    /// What it is.
    pub kind: Kind,
    /// The hash that names it.
    pub hash: [u8; 32],
    /// The hash that confirms it.
    pub identity: [u8; 32],
    /// Length of the whole in bytes.
    pub length: u64,
    /// Which version of it.
    pub validator: Validator,
    /// What a person knows it by; may be empty. Holds no signature.
    pub label: String,
    /// Entries of one number belong to one video; 0 belongs to none.
    pub video: u64,
    /// A person asked to keep it.
    pub pinned: bool,
    /// When it was last used, by the cache's own clock, in seconds.
    pub used_at: u64,
    /// The SHA-256 of all of its bytes, once that was asked for and found right.
    pub sha256: Option<[u8; 32]>,
    /// The stored blocks and their checksums (CRC-32).
    pub blocks: BTreeMap<u32, u32>,
}

impl Record {
    /// Bytes that are stored.
    pub fn stored(&self) -> u64 {
        let whole = self.blocks.len() as u64 * BLOCK_BYTES;
        // Only the last block of all may be shorter.
        let last = block_count(self.length).saturating_sub(1);
        if self.blocks.contains_key(&last) { whole - BLOCK_BYTES + block_len(last, self.length) } else { whole }
    }

    /// Whether all of it is stored.
    pub fn is_complete(&self) -> bool {
        self.blocks.len() == block_count(self.length) as usize
    }

    /// Cuts a text to what is kept as a label: one line, of bounded length.
    pub fn label_of(text: &str) -> String {
        let mut label: String = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
        let end = (0..=MAX_LABEL_BYTES.min(label.len())).rev().find(|end| label.is_char_boundary(*end)).unwrap_or(0);
        label.truncate(end);
        label.trim().to_owned()
    }
}

const PINNED: u8 = 1;
const HAS_SHA256: u8 = 2;

/// Appends a record, its number, and its place in the order of use. Numbers are little-endian.
pub(super) fn put(out: &mut Vec<u8>, id: EntryId, seq: u64, record: &Record) {
    for number in [id, seq, record.used_at, record.length, record.video] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    let flags = if record.pinned { PINNED } else { 0 } | if record.sha256.is_some() { HAS_SHA256 } else { 0 };
    out.extend_from_slice(&[record.kind as u8, flags]);
    out.extend_from_slice(&record.hash);
    out.extend_from_slice(&record.identity);
    out.extend_from_slice(record.sha256.as_ref().map_or(&[][..], |sha256| &sha256[..]));
    let texts = [record.validator.etag.as_deref(), record.validator.last_modified.as_deref(), Some(record.label.as_str())];
    for text in texts {
        let text = text.unwrap_or_default();
        put_len(out, text.len());
        out.extend_from_slice(text.as_bytes());
    }
    put_len(out, record.blocks.len());
    for (block, crc) in &record.blocks {
        out.extend_from_slice(&block.to_le_bytes());
        out.extend_from_slice(&crc.to_le_bytes());
    }
}

pub(super) fn put_len(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
}

/// Bytes that are being read and may be anything.
pub(super) struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A text, or the empty one for none.
    fn text(&mut self, most: usize) -> Option<&'a str> {
        let len = usize::try_from(self.u32()?).ok().filter(|len| *len <= most)?;
        std::str::from_utf8(self.take(len)?).ok()
    }

    /// A record with its number and its place in the order of use; `None` when anything about it is odd.
    pub fn record(&mut self) -> Option<(EntryId, u64, Record)> {
        // The numbers end up in sums; leave them room.
        let small = |number: &u64| *number < u64::MAX / 2;
        let (id, seq) = (self.u64().filter(small)?, self.u64().filter(small)?);
        let used_at = self.u64().filter(small)?;
        let length = self.u64().filter(|length| (1..=MAX_LENGTH).contains(length))?;
        let video = self.u64()?;
        let [kind, flags] = self.array()?;
        let kind = [Kind::Video, Kind::Page, Kind::Poster, Kind::Captions].into_iter().find(|known| *known as u8 == kind)?;
        if flags & !(PINNED | HAS_SHA256) != 0 {
            return None;
        }
        let (hash, identity) = (self.array()?, self.array()?);
        let sha256 = if flags & HAS_SHA256 == 0 { None } else { Some(self.array()?) };
        let validator =
            Validator { etag: unless_empty(self.text(MAX_VALIDATOR_BYTES)?), last_modified: unless_empty(self.text(MAX_VALIDATOR_BYTES)?) };
        let label = self.text(MAX_LABEL_BYTES)?.to_owned();
        let mut blocks = BTreeMap::new();
        for _ in 0..self.u32()? {
            let (block, crc) = (self.u32()?, self.u32()?);
            if block >= block_count(length) || blocks.last_key_value().is_some_and(|(before, _)| *before >= block) {
                return None;
            }
            blocks.insert(block, crc);
        }
        let pinned = flags & PINNED != 0;
        Some((id, seq, Record { kind, hash, identity, length, validator, label, video, pinned, used_at, sha256, blocks }))
    }
}

fn unless_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_record_are_those_of_its_blocks() {
        let mut record = Record { length: 2 * BLOCK_BYTES + 5, ..Record::default() };
        assert_eq!((record.stored(), record.is_complete()), (0, false));
        record.blocks.insert(2, 0);
        assert_eq!(record.stored(), 5);
        record.blocks.insert(0, 0);
        record.blocks.insert(1, 0);
        assert_eq!((record.stored(), record.is_complete()), (2 * BLOCK_BYTES + 5, true));
    }

    #[test]
    fn a_label_is_one_line_of_bounded_length() {
        assert_eq!(Record::label_of(" a\n\u{1b}b "), "a  b");
        let long = Record::label_of(&"ä".repeat(100));
        assert_eq!((long.len(), long.chars().count()), (120, 60));
    }

    #[test]
    fn the_longest_record_is_within_what_is_set_aside_for_it() {
        let long = |len: usize| Some("x".repeat(len));
        let record = Record {
            validator: Validator { etag: long(MAX_VALIDATOR_BYTES), last_modified: long(MAX_VALIDATOR_BYTES) },
            label: "x".repeat(MAX_LABEL_BYTES),
            sha256: Some([1; 32]),
            length: BLOCK_BYTES,
            blocks: BTreeMap::from([(0, 0)]),
            ..Record::default()
        };
        let mut bytes = Vec::new();
        put(&mut bytes, 1, 1, &record);
        assert!(bytes.len() as u64 <= MAX_HEAD_BYTES + BLOCK_LINE_BYTES, "{}", bytes.len());
    }
}
