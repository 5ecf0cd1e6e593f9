//! What a fuzzer gets at: the readers of what may be any bytes, in a build that is made for it (`cfg(fuzzing)`).

use super::books::Books;
use super::index::{self, INDEX_MAGIC, Index, TRAILER_MAGIC, VERSION, checked};
use super::layout::{file_length, length_of};
use super::record::{Kind, MAX_LABEL_BYTES, Record};
use crate::cache::ledger::Ledger;
use crate::cache::validator::Validator;

/// Reads `bytes` as an index and as a trailer: as they are, with the checksum that they should have, and between a
/// proper head and that checksum.
///
/// # Panics
/// When what was read is not what was written, or does not fit into the books.
pub fn read(bytes: &[u8]) {
    let head = |magic: &[u8; 8]| [&magic[..], &VERSION.to_le_bytes()].concat();
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    for index in [bytes.to_vec(), checked(bytes.to_vec()), checked([&head(INDEX_MAGIC), bytes].concat())] {
        read_index(&index);
    }
    for trailer in [bytes.to_vec(), checked(bytes.to_vec()), checked([&head(TRAILER_MAGIC), &length[..], bytes].concat())] {
        read_trailer(&trailer);
    }
}

/// An index and two trailers, each whole and without what [`read`] puts around it.
#[must_use]
pub fn samples() -> Vec<Vec<u8>> {
    let record = |kind, length, sha256: Option<[u8; 32]>| Record {
        kind,
        hash: [1; 32],
        identity: [2; 32],
        length,
        validator: Validator { etag: Some("\"v1\"".into()), last_modified: None },
        label: "A clip".into(),
        video: 5,
        pinned: sha256.is_some(),
        used_at: 1000,
        sha256,
        blocks: [(0, 17), (2, 4_000_000_000)].into(),
    };
    let records = [record(Kind::Video, 200_000, Some([9; 32])), record(Kind::Page, 140_000, None)];
    let index = index::encode(1234, 99, (1..).zip(&records).map(|(id, record)| (id, id * 2, record)));
    let trailers = (1..).zip(&records).map(|(id, record)| index::encode_trailer(id, 7, record));
    let without = |bytes: &[u8], head: usize| bytes[head..bytes.len() - 4].to_vec();
    let (index_head, trailer_head) = (INDEX_MAGIC.len() + 4, TRAILER_MAGIC.len() + 8);
    let trailers = trailers.flat_map(|bytes| [without(&bytes, trailer_head), bytes]);
    [without(&index, index_head), index.clone()].into_iter().chain(trailers).collect()
}

fn read_index(bytes: &[u8]) {
    let Some(Index { clock, wall, entries }) = index::decode(bytes) else { return };
    assert!(index::encode(clock, wall, entries.iter().map(|(id, seq, record)| (*id, *seq, record))) == bytes);
    let mut books = Books::new(Ledger::new(u64::MAX, 0));
    for (id, seq, record) in entries {
        fits(&record);
        books.adopt(id, seq, record, 0);
    }
    assert!(books.ledger.over_cap().is_empty());
}

fn read_trailer(bytes: &[u8]) {
    let Some((id, seq, record)) = index::decode_trailer(bytes) else { return };
    assert!(bytes.starts_with(&index::encode_trailer(id, seq, &record)));
    fits(&record);
}

/// What is reckoned with a record holds together.
fn fits(record: &Record) {
    assert!(record.stored() <= record.length);
    assert_eq!(record.stored() == record.length, record.is_complete());
    assert_eq!(length_of(file_length(record.length)), Some(record.length));
    assert!(record.label.len() <= MAX_LABEL_BYTES);
}
