//! Pages as bytes of a store: a head in fixed places, then the JSON, compressed where that is worth it.
//!
//! What comes out of a store may be anything: of another version, cut off, of somebody else. It is a page only if everything
//! fits, and no length that it claims is believed further than a page may be long.

use std::time::Duration;

use bytes::Bytes;
use lz4_flex::block::{compress, decompress_into};

use super::entry::{Entry, content_hash};

/// How every kept page begins. Another layout has another number.
pub(super) const MAGIC: &str = "FP2";
/// Digits of the epoch, so that text compares as the numbers do: a script in Redis reads it.
pub(super) const EPOCH_DIGITS: usize = 20;
/// Bytes before the JSON.
const HEAD: usize = MAGIC.len() + EPOCH_DIGITS + 1 + 8 + 4 + 1 + 8 + 8 + 4;
/// Shorter pages are kept as they are, in bytes.
const COMPRESS_FROM: usize = 1024;
/// Longer pages are handed out and not kept, in bytes of JSON.
pub(super) const PAGE_MAX: usize = 4 << 20;
/// What a kept page can take at most, in bytes: LZ4 may lengthen what it cannot compress.
pub(super) const PACKED_MAX: usize = HEAD + PAGE_MAX + PAGE_MAX / 255 + 16;

const PLAIN: u8 = 0;
const LZ4: u8 = 1;

/// `entry`, whose making began in `epoch`, as bytes, with what tells its key from others of the same name. `None` for a page that is too long to be kept.
pub(super) fn pack(entry: &Entry, epoch: u64, whole: u64) -> Option<Bytes> {
    let length = u32::try_from(entry.json.len()).ok().filter(|_| entry.json.len() <= PAGE_MAX)?;
    let lifetime = u32::try_from(entry.lifetime.as_millis()).ok()?;
    let compressed = (entry.json.len() > COMPRESS_FROM).then(|| compress(&entry.json)).filter(|body| body.len() < entry.json.len());
    let (form, body) = compressed.as_deref().map_or((PLAIN, &*entry.json), |body| (LZ4, body));
    let mut packed = Vec::with_capacity(HEAD + body.len());
    packed.extend_from_slice(MAGIC.as_bytes());
    packed.extend_from_slice(epoch_text(epoch).as_bytes());
    packed.push(form);
    packed.extend_from_slice(&entry.made.to_le_bytes());
    packed.extend_from_slice(&lifetime.to_le_bytes());
    packed.push(entry.unchanged);
    packed.extend_from_slice(&whole.to_le_bytes());
    packed.extend_from_slice(&entry.hash);
    packed.extend_from_slice(&length.to_le_bytes());
    packed.extend_from_slice(body);
    Some(packed.into())
}

/// The page in `packed`. `None` when it is not exactly what [`pack`] has made for the same key.
pub(super) fn unpack(packed: &Bytes, whole: u64) -> Option<Entry> {
    let rest = packed.strip_prefix(MAGIC.as_bytes())?.get(EPOCH_DIGITS..)?;
    let (&[form], rest) = rest.split_first_chunk()?;
    let (made, rest) = rest.split_first_chunk()?;
    let (lifetime, rest) = rest.split_first_chunk()?;
    let (&[unchanged], rest) = rest.split_first_chunk()?;
    let (known, rest) = rest.split_first_chunk()?;
    if u64::from_le_bytes(*known) != whole {
        return None;
    }
    let (&hash, rest) = rest.split_first_chunk()?;
    let (length, body) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| *length <= PAGE_MAX)?;
    let json = match form {
        PLAIN if body.len() == length => packed.slice_ref(body),
        LZ4 => {
            let mut json = vec![0; length];
            (decompress_into(body, &mut json).ok()? == length).then(|| json.into())?
        }
        _ => return None,
    };
    let lifetime = Duration::from_millis(u32::from_le_bytes(*lifetime).into());
    (content_hash(&json) == hash).then(|| Entry { json, made: u64::from_le_bytes(*made), lifetime, unchanged, hash })
}

/// The epoch in which the making of the page in `packed` began.
pub(super) fn epoch_of(packed: &[u8]) -> Option<u64> {
    str::from_utf8(packed.get(MAGIC.len()..MAGIC.len() + EPOCH_DIGITS)?).ok()?.parse().ok()
}

/// `epoch` as it stands in a kept page.
pub(super) fn epoch_text(epoch: u64) -> String {
    format!("{epoch:0EPOCH_DIGITS$}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::server::pages::key::Kind;

    fn entry(json: impl Into<Bytes>) -> Entry {
        Entry { unchanged: 1, ..Entry::new(Kind::User, json.into(), 1_234_567_890_123, None, Duration::MAX) }
    }

    #[test]
    fn a_page_comes_back_as_it_went_in_and_a_long_one_is_kept_shorter() {
        for length in [0, 1, 1_024, 1_025, 100_000] {
            let entry = entry("live, ".repeat(length).into_bytes());
            let packed = pack(&entry, 7, 9).unwrap();
            assert_eq!((unpack(&packed, 9), epoch_of(&packed)), (Some(entry.clone()), Some(7)));
            assert_eq!(packed.len() < entry.json.len(), entry.json.len() > 1_024, "{length}");
        }
        let packed = pack(&entry("seen"), 7, 9).unwrap();
        assert_eq!(unpack(&packed, 8), None, "it is of another key that has the same name");
        assert_eq!(pack(&entry(vec![0; PAGE_MAX + 1]), 0, 9), None, "too long to be kept");
    }

    #[test]
    fn what_was_cut_off_or_changed_anywhere_is_no_page() {
        for json in ["x".repeat(40), "seen ".repeat(400)] {
            let packed = pack(&entry(json), 7, 9).unwrap();
            for end in 0..packed.len() {
                assert_eq!(unpack(&packed.slice(..end), 9), None, "cut off at {end}");
            }
            // The head's times and the epoch are not part of what is checked: any of them makes a page.
            let checked = (0..3).chain([MAGIC.len() + EPOCH_DIGITS]).chain(HEAD - 12..packed.len());
            for index in checked {
                let mut changed = packed.to_vec();
                changed[index] ^= 0x15;
                let Some(found) = unpack(&changed.into(), 9) else { continue };
                assert_eq!(found.json, unpack(&packed, 9).unwrap().json, "changed at {index}");
            }
        }
    }

    #[test]
    fn a_length_that_is_not_the_pages_own_is_not_believed() {
        let mut packed = pack(&entry("seen ".repeat(400)), 7, 9).unwrap().to_vec();
        packed[HEAD - 4..HEAD].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(unpack(&packed.clone().into(), 9), None);
        packed[HEAD - 4..HEAD].copy_from_slice(&(4_u32 << 20).to_le_bytes());
        assert_eq!(unpack(&packed.into(), 9), None, "too little stands for so much");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), head in any::<bool>()) {
            let mut packed = if head { pack(&entry("seen ".repeat(400)), 7, 9).unwrap().to_vec() } else { MAGIC.into() };
            packed.truncate(HEAD - 4);
            packed.extend(bytes);
            let _ = unpack(&packed.into(), 9);
        }
    }
}
