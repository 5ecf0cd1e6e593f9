//! Reads length and size of a video from the headers of an ISO media file (ISO 14496-12), within bounds.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::time::Duration;

/// Boxes looked at in one file. Real files have some tens of them around the headers; fragmented ones have
/// thousands behind, which do not matter here.
const BOXES_MAX: usize = 256;
/// Largest header box read into memory, in bytes: `mvhd`, `tkhd`, `hdlr` and `mehd` are far smaller.
const HEADER_BYTES_MAX: u64 = 4_096;
/// Longest film believed, in seconds: 30 days.
const DURATION_MAX_S: u64 = 30 * 86_400;

/// What the headers tell; `None` where they do not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Mp4Info {
    /// Length of the whole.
    pub duration: Option<Duration>,
    /// Upright display width and height in pixels.
    pub size: Option<(u32, u32)>,
}

/// One box: its type and where its content lies.
#[derive(Clone, Copy)]
struct Atom {
    kind: [u8; 4],
    start: u64,
    end: u64,
}

struct Reader<R> {
    file: R,
    boxes_left: usize,
}

/// Reads the headers; what is missing or damaged is `None`. An error only when reading itself fails.
pub(super) fn read(mut file: impl Read + Seek) -> io::Result<Mp4Info> {
    let len = file.seek(SeekFrom::End(0))?;
    let mut reader = Reader { file, boxes_left: BOXES_MAX };
    let whole = Atom { kind: *b"file", start: 0, end: len };
    let Some(moov) = reader.find(whole, *b"moov")? else {
        return Ok(Mp4Info::default());
    };
    let mut info = Mp4Info::default();
    let mut timescale = 0;
    let mut at = moov.start;
    while let Some(atom) = reader.next(&mut at, moov.end)? {
        match &atom.kind {
            b"mvhd" => {
                let header = reader.content(atom)?;
                timescale = u64::from(movie_timescale(&header).unwrap_or_default());
                info.duration = movie_duration(&header).and_then(|ticks| duration(ticks, timescale));
            }
            b"trak" if info.size.is_none() => info.size = reader.track_size(atom)?,
            // A fragmented film tells its length here, if at all.
            b"mvex" if info.duration.is_none() => {
                if let Some(mehd) = reader.find(atom, *b"mehd")? {
                    info.duration = fragments_duration(&reader.content(mehd)?).and_then(|ticks| duration(ticks, timescale));
                }
            }
            _ => {}
        }
    }
    Ok(info)
}

/// Where the film's headers, `moov`, lie, their own header included.
pub(in crate::server) fn place_of_moov(mut file: impl Read + Seek) -> io::Result<Option<Range<u64>>> {
    let len = file.seek(SeekFrom::End(0))?;
    let mut reader = Reader { file, boxes_left: BOXES_MAX };
    let (mut from, mut at) = (0, 0);
    while let Some(atom) = reader.next(&mut at, len)? {
        if atom.kind == *b"moov" {
            return Ok(Some(from..at));
        }
        from = at;
    }
    Ok(None)
}

impl<R: Read + Seek> Reader<R> {
    /// The box at `at`, which is moved behind it; `None` at the end, at damage, or when too many were read.
    fn next(&mut self, at: &mut u64, end: u64) -> io::Result<Option<Atom>> {
        let Some(left) = end.checked_sub(*at).filter(|left| *left >= 8 && self.boxes_left > 0) else {
            return Ok(None);
        };
        self.boxes_left -= 1;
        self.file.seek(SeekFrom::Start(*at))?;
        let mut head = [0; 16];
        let head_len = if left >= 16 { 16 } else { 8 };
        self.file.read_exact(&mut head[..head_len])?;
        let (header, size) = match be32(&head, 0).unwrap_or_default() {
            0 => (8, left),
            1 => (16, be64(&head, 8).unwrap_or_default()),
            size => (8, u64::from(size)),
        };
        if size < header || size > left {
            return Ok(None);
        }
        let atom = Atom { kind: [head[4], head[5], head[6], head[7]], start: *at + header, end: *at + size };
        *at += size;
        Ok(Some(atom))
    }

    fn find(&mut self, inside: Atom, kind: [u8; 4]) -> io::Result<Option<Atom>> {
        let mut at = inside.start;
        while let Some(atom) = self.next(&mut at, inside.end)? {
            if atom.kind == kind {
                return Ok(Some(atom));
            }
        }
        Ok(None)
    }

    fn content(&mut self, atom: Atom) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        self.file.seek(SeekFrom::Start(atom.start))?;
        self.file.by_ref().take((atom.end - atom.start).min(HEADER_BYTES_MAX)).read_to_end(&mut content)?;
        Ok(content)
    }

    /// The display size of a track, if it is one of pictures.
    fn track_size(&mut self, track: Atom) -> io::Result<Option<(u32, u32)>> {
        let (mut size, mut is_video) = (None, false);
        let mut at = track.start;
        while let Some(atom) = self.next(&mut at, track.end)? {
            match &atom.kind {
                b"tkhd" => size = display_size(&self.content(atom)?),
                b"mdia" => {
                    if let Some(handler) = self.find(atom, *b"hdlr")? {
                        is_video = self.content(handler)?.get(8..12) == Some(b"vide");
                    }
                }
                _ => {}
            }
        }
        Ok(size.filter(|_| is_video))
    }
}

/// Version 1 of a header has 64-bit times.
fn is_long(header: &[u8]) -> bool {
    header.first() == Some(&1)
}

fn movie_timescale(mvhd: &[u8]) -> Option<u32> {
    be32(mvhd, if is_long(mvhd) { 20 } else { 12 })
}

fn movie_duration(mvhd: &[u8]) -> Option<u64> {
    ticks(mvhd, if is_long(mvhd) { 24 } else { 16 })
}

fn fragments_duration(mehd: &[u8]) -> Option<u64> {
    ticks(mehd, 4)
}

/// A duration; all ones mean that it is unknown.
fn ticks(header: &[u8], at: usize) -> Option<u64> {
    if is_long(header) {
        be64(header, at).filter(|ticks| *ticks != u64::MAX)
    } else {
        be32(header, at).filter(|ticks| *ticks != u32::MAX).map(u64::from)
    }
}

fn duration(ticks: u64, timescale: u64) -> Option<Duration> {
    let seconds = ticks.checked_div(timescale)?;
    if ticks == 0 || seconds > DURATION_MAX_S {
        return None;
    }
    let ms = u128::from(ticks % timescale) * 1_000 / u128::from(timescale);
    Some(Duration::from_secs(seconds) + Duration::from_millis(u64::try_from(ms).ok()?))
}

/// Width and height are 16.16 fixed point, turned by the matrix before them.
fn display_size(tkhd: &[u8]) -> Option<(u32, u32)> {
    let matrix = if is_long(tkhd) { 52 } else { 40 };
    let side = |at| Some((u64::from(be32(tkhd, at)?) + 0x8000) >> 16).and_then(|side| u32::try_from(side).ok());
    let (width, height) = (side(matrix + 36)?, side(matrix + 40)?);
    if width == 0 || height == 0 {
        return None;
    }
    // {a b u, c d v, x y w}: a quarter turn has nothing on its diagonal.
    let (a, b) = (be32(tkhd, matrix)?, be32(tkhd, matrix + 4)?);
    let is_quarter_turn = a == 0 && b != 0;
    Some(if is_quarter_turn { (height, width) } else { (width, height) })
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn atom(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len() + 8).unwrap();
        [&size.to_be_bytes()[..], &kind, content].concat()
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn mvhd(timescale: u32, duration: u32) -> Vec<u8> {
        atom(*b"mvhd", &words(&[0, 0, 0, timescale, duration]))
    }

    fn track(handler: [u8; 4], matrix: [u32; 9], width: u32, height: u32) -> Vec<u8> {
        let mut header = words(&[0; 10]);
        header.extend(words(&matrix));
        header.extend(words(&[width << 16, height << 16]));
        let hdlr = atom(*b"hdlr", &[&[0; 8][..], &handler, &[0; 12]].concat());
        atom(*b"trak", &[atom(*b"tkhd", &header), atom(*b"mdia", &hdlr)].concat())
    }

    const UPRIGHT: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
    const QUARTER: [u32; 9] = [0, 0x1_0000, 0, 0xffff_0000, 0, 0, 0, 0, 0x4000_0000];

    fn film(parts: &[Vec<u8>]) -> Vec<u8> {
        [atom(*b"ftyp", b"isom\0\0\0\0"), atom(*b"mdat", &[7; 50]), atom(*b"moov", &parts.concat())].concat()
    }

    fn info(bytes: Vec<u8>) -> Mp4Info {
        read(Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn length_and_size_are_read_from_headers_behind_the_media() {
        let film = film(&[mvhd(600, 3_900), track(*b"soun", UPRIGHT, 0, 0), track(*b"vide", UPRIGHT, 720, 1280)]);
        assert_eq!(info(film), Mp4Info { duration: Some(Duration::from_millis(6_500)), size: Some((720, 1280)) });
    }

    #[test]
    fn a_film_that_is_shown_turned_has_its_sides_changed() {
        assert_eq!(info(film(&[mvhd(1_000, 1_000), track(*b"vide", QUARTER, 1280, 720)])).size, Some((720, 1280)));
    }

    #[test]
    fn what_the_headers_do_not_tell_stays_unknown() {
        assert_eq!(info(film(&[mvhd(0, 10), track(*b"soun", UPRIGHT, 9, 9)])), Mp4Info::default());
        assert_eq!(info(film(&[mvhd(600, u32::MAX)])).duration, None);
        assert_eq!(info(Vec::new()), Mp4Info::default());
        assert_eq!(info(b"<html>not a film at all</html>".to_vec()), Mp4Info::default());
    }

    #[test]
    fn a_fragmented_film_tells_its_length_in_another_place() {
        let mvex = atom(*b"mvex", &atom(*b"mehd", &words(&[0, 5_000])));
        assert_eq!(info(film(&[mvhd(1_000, 0), mvex])).duration, Some(Duration::from_secs(5)));
    }

    #[test]
    fn a_film_cut_anywhere_is_read_without_an_error() {
        let whole = film(&[mvhd(600, 3_900), track(*b"vide", UPRIGHT, 720, 1280)]);
        for len in 0..whole.len() {
            info(whole[..len].to_vec());
        }
    }

    #[test]
    fn the_headers_are_found_wherever_they_lie() {
        let film = film(&[mvhd(600, 600)]);
        let place = place_of_moov(Cursor::new(&film)).unwrap().unwrap();
        assert_eq!(place, 74..film.len() as u64);
        assert_eq!(&film[78..82], b"moov");
        assert_eq!(place_of_moov(Cursor::new(b"<html>not a film at all</html>")).unwrap(), None);
    }

    #[test]
    fn endless_small_boxes_are_given_up() {
        let mut bytes = atom(*b"free", &[]).repeat(BOXES_MAX);
        bytes.extend(film(&[mvhd(600, 600)]));
        assert_eq!(info(bytes), Mp4Info::default());
    }
}
