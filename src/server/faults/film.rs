//! The bytes of an item that are not those of its clip: films with noise for their headers, or with their headers
//! moved behind the pictures. Made on the fly from the file and from some bytes in memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::fault::Fault;
use super::items::Dice;
use crate::server::catalogue::place_of_moov;
use crate::server::media::Opened;

/// Largest headers that are moved, in bytes: those of some hours of film.
const MOOV_BYTES_MAX: u64 = 32 << 20;
/// The most of the headers that becomes noise, in bytes. Their beginning is enough.
const NOISE_BYTES_MAX: u64 = 1 << 20;
/// What a container is known by at the start of a file that is no ISO film; it stays.
const MAGIC_BYTES: u64 = 64;
/// Of such a file this many bytes become noise.
const HEAD_BYTES: u64 = 16 << 10;
/// Boxes may stand in boxes, this deep.
const DEPTH_MAX: u32 = 8;
/// The header of a box: its length and its kind.
const BOX_HEADER: usize = 8;

/// One stretch of bytes.
enum Piece {
    /// So many bytes of the file from a place on.
    Stretch(u64, u64),
    Bytes(Vec<u8>),
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Stretch(_, count) => *count,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }
}

/// What an item serves.
pub(super) struct Film {
    file: tokio::fs::File,
    pieces: Vec<Piece>,
}

impl Film {
    /// The bytes of a clip as `fault` has them. Blocks.
    ///
    /// # Errors
    /// When the clip cannot be read.
    pub fn new(opened: Opened, fault: Fault) -> io::Result<Self> {
        let Opened { mut file, bytes, .. } = opened;
        let pieces = match fault {
            Fault::BadMoov => with_noise(&mut file, bytes)?,
            Fault::MoovAtEnd => with_moov_at_end(&mut file, bytes)?,
            _ => vec![Piece::Stretch(0, bytes)],
        };
        Ok(Self { file: tokio::fs::File::from_std(file), pieces })
    }

    /// Up to `most` bytes from `at` on; none at the end.
    ///
    /// # Errors
    /// When the clip cannot be read, or is shorter by now.
    pub async fn read(&mut self, at: u64, most: usize) -> io::Result<Vec<u8>> {
        let mut start = 0;
        for piece in &self.pieces {
            let end = start + piece.len();
            if at < end {
                let (from, count) = (at - start, as_usize(end - at).min(most));
                return match piece {
                    Piece::Bytes(bytes) => Ok(bytes[as_usize(from)..][..count].to_vec()),
                    Piece::Stretch(begin, _) => {
                        let mut bytes = vec![0; count];
                        self.file.seek(SeekFrom::Start(begin + from)).await?;
                        self.file.read_exact(&mut bytes).await?;
                        Ok(bytes)
                    }
                };
            }
            start = end;
        }
        Ok(Vec::new())
    }
}

/// Noise in place of what the headers hold; they keep their place, their length and their name.
fn with_noise(file: &mut File, len: u64) -> io::Result<Vec<Piece>> {
    let place = match place_of_moov(&mut *file)? {
        Some(moov) => {
            let content = moov.start + BOX_HEADER as u64;
            content..moov.end.min(content + NOISE_BYTES_MAX)
        }
        None => MAGIC_BYTES.min(len)..(MAGIC_BYTES + HEAD_BYTES).min(len),
    };
    let mut dice = Dice::new(place.start);
    let noise = (place.start..place.end).map(|_| dice.next().to_le_bytes()[7]).collect();
    Ok(vec![Piece::Stretch(0, place.start), Piece::Bytes(noise), Piece::Stretch(place.end, len - place.end)])
}

/// The headers behind everything else. A film that has them there, one in fragments, and what is no ISO film at
/// all stay as they are.
fn with_moov_at_end(file: &mut File, len: u64) -> io::Result<Vec<Piece>> {
    let as_it_is = || Ok(vec![Piece::Stretch(0, len)]);
    let Some(place) = place_of_moov(&mut *file)?.filter(|place| place.end < len && place.end - place.start <= MOOV_BYTES_MAX) else {
        return as_it_is();
    };
    let mut moov = vec![0; as_usize(place.end - place.start)];
    file.seek(SeekFrom::Start(place.start))?;
    file.read_exact(&mut moov)?;
    if moov.starts_with(&[0, 0, 0, 1]) {
        // A length of 64 bits, for headers that need none: nobody writes that.
        return as_it_is();
    }
    let mut in_fragments = false;
    each_box(&mut moov[BOX_HEADER..], 0, &mut |kind, content| match kind {
        b"mvex" => in_fragments = true,
        b"stco" => move_chunks::<4>(content, &place),
        b"co64" => move_chunks::<8>(content, &place),
        _ => {}
    });
    if in_fragments {
        return as_it_is();
    }
    Ok(vec![Piece::Stretch(0, place.start), Piece::Stretch(place.end, len - place.end), Piece::Bytes(moov)])
}

/// Hands out every box and those in it, as far as they are what they should be.
fn each_box(mut boxes: &mut [u8], depth: u32, see: &mut impl FnMut(&[u8; 4], &mut [u8])) {
    while let Some((header, _)) = boxes.split_first_chunk::<BOX_HEADER>() {
        let [a, b, c, d, kind @ ..] = *header;
        let size = u32::from_be_bytes([a, b, c, d]) as usize;
        // Within headers neither an open end nor a 64-bit length makes sense.
        if size < BOX_HEADER || size > boxes.len() {
            return;
        }
        let (this, rest) = boxes.split_at_mut(size);
        let content = &mut this[BOX_HEADER..];
        see(&kind, content);
        if depth < DEPTH_MAX && matches!(&kind, b"trak" | b"mdia" | b"minf" | b"stbl") {
            each_box(content, depth + 1, see);
        }
        boxes = rest;
    }
}

/// Chunks that lay behind the headers lie further ahead by as much as the headers are long (ISO 14496-12, 8.7.5).
/// `N` is the width of an entry in bytes; version, flags and the number of entries take 8 bytes before them.
fn move_chunks<const N: usize>(table: &mut [u8], moov: &Range<u64>) {
    for entry in table.get_mut(8..).unwrap_or_default().chunks_exact_mut(N) {
        let at = entry.iter().fold(0_u64, |at, byte| at << 8 | u64::from(*byte));
        if at >= moov.end {
            let moved = (at - (moov.end - moov.start)).to_be_bytes();
            entry.copy_from_slice(&moved[moved.len() - N..]);
        }
    }
}

fn as_usize(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn atom(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len() + 8).unwrap();
        [&size.to_be_bytes()[..], &kind, content].concat()
    }

    /// Headers before the pictures, with a table of chunks as `stco` and another as `co64`.
    fn film() -> Vec<u8> {
        let table = |kind, entries: &[&[u8]]| atom(kind, &[&[0, 0, 0, 0, 0, 0, 0, 2][..], &entries.concat()].concat());
        let track = |table: Vec<u8>| atom(*b"trak", &atom(*b"mdia", &atom(*b"minf", &atom(*b"stbl", &table))));
        let with = |chunks: [u64; 2]| {
            let narrow = chunks.map(|at| u32::try_from(at).unwrap().to_be_bytes());
            let wide = chunks.map(u64::to_be_bytes);
            let tracks =
                [track(table(*b"stco", &[&narrow[0], &narrow[1]])), track(table(*b"co64", &[&wide[0], &wide[1]])), atom(*b"udta", b"x")];
            atom(*b"moov", &tracks.concat())
        };
        let head = atom(*b"ftyp", b"isom\0\0\0\0");
        let media = (head.len() + with([0, 0]).len() + 8) as u64;
        [head, with([media, media + 3]), atom(*b"mdat", b"onetwo"), atom(*b"free", b"")].concat()
    }

    fn bytes_of(whole: &[u8], fault: Fault) -> Vec<u8> {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, whole).unwrap();
        let opened = Opened { file, bytes: whole.len() as u64, modified: SystemTime::now(), content_type: "video/mp4" };
        let mut made = Film::new(opened, fault).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut all = Vec::new();
            loop {
                // Small and odd, so that reads begin and end anywhere in a piece.
                let some = made.read(all.len() as u64, 7).await.unwrap();
                if some.is_empty() {
                    return all;
                }
                all.extend(some);
            }
        })
    }

    #[test]
    fn chunks_are_found_again_when_the_headers_have_moved() {
        let (before, after) = (film(), bytes_of(&film(), Fault::MoovAtEnd));
        assert_eq!(after.len(), before.len());
        let at = |bytes: &[u8], kind: &[u8]| bytes.windows(4).position(|four| four == kind).unwrap();
        assert!(at(&after, b"moov") > at(&after, b"mdat"));
        for (kind, width) in [(b"stco", 4), (b"co64", 8)] {
            let table = &after[at(&after, kind) + 12..];
            let chunk = |number: usize| table[number * width..][..width].iter().fold(0_usize, |at, byte| at << 8 | usize::from(*byte));
            assert_eq!((&after[chunk(0)..][..3], &after[chunk(1)..][..3]), (&b"one"[..], &b"two"[..]));
        }
    }

    #[test]
    fn headers_that_are_noise_keep_their_place_and_nothing_else_changes() {
        let (before, after) = (film(), bytes_of(&film(), Fault::BadMoov));
        let place = place_of_moov(io::Cursor::new(&before)).unwrap().unwrap();
        let (start, end) = (as_usize(place.start), as_usize(place.end));
        assert_eq!((&after[..start + 8], &after[end..]), (&before[..start + 8], &before[end..]));
        assert_ne!(after[start + 8..end], before[start + 8..end]);
        assert_eq!(after, bytes_of(&before, Fault::BadMoov), "the same noise for every request");
    }

    #[test]
    fn what_cannot_be_moved_stays_as_it_is() {
        let fragments = [atom(*b"ftyp", b"isom"), atom(*b"moov", &atom(*b"mvex", b"")), atom(*b"moof", b"x")].concat();
        let other = [b"\x1a\x45\xdf\xa3webm".to_vec(), vec![7; 100]].concat();
        let moved = bytes_of(&film(), Fault::MoovAtEnd);
        for whole in [&fragments, &other, &moved, &Vec::new()] {
            assert_eq!(bytes_of(whole, Fault::MoovAtEnd), *whole);
        }
        let noise = bytes_of(&other, Fault::BadMoov);
        assert_eq!((noise.len(), &noise[..64]), (other.len(), &other[..64]));
        assert_ne!(noise, other);
    }

    #[test]
    fn a_film_cut_anywhere_is_made_without_a_panic() {
        let whole = film();
        for len in 0..whole.len() {
            for fault in [Fault::BadMoov, Fault::MoovAtEnd, Fault::Stall] {
                assert_eq!(bytes_of(&whole[..len], fault).len(), len);
            }
        }
    }
}
