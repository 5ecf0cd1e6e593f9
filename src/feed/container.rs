//! Knows a media container by its first bytes, so that no file ending has to be believed.

/// How many bytes from the start of a file [`Container::sniff`] looks at, at most.
pub const SNIFF_BYTES: usize = 1024;

/// A container format that the product plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// ISO base media: mp4, m4v, mov, 3gp, fragmented or not.
    Mp4,
    /// Matroska and `WebM`.
    Matroska,
    /// AVI.
    Avi,
    /// Ogg.
    Ogg,
    /// Flash video.
    Flv,
    /// MPEG transport stream, 188 bytes a packet.
    MpegTs,
    /// MPEG program stream.
    MpegPs,
}

const TS_PACKET_BYTES: usize = 188;
const TS_SYNC: u8 = 0x47;

impl Container {
    /// The container that starts with `head`, or `None` when it is none of ours.
    ///
    /// A few bytes are enough for most; a transport stream needs two packets to be told from text.
    #[must_use]
    pub fn sniff(head: &[u8]) -> Option<Self> {
        if is_iso_media(head) {
            return Some(Self::Mp4);
        }
        if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
            return Some(Self::Matroska);
        }
        if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"AVI ") {
            return Some(Self::Avi);
        }
        if head.starts_with(b"OggS") {
            return Some(Self::Ogg);
        }
        if head.starts_with(b"FLV\x01") {
            return Some(Self::Flv);
        }
        if head.starts_with(&[0x00, 0x00, 0x01, 0xba]) {
            return Some(Self::MpegPs);
        }
        // A demuxer finds the packets again behind a damaged one, and so do we.
        let sync = |at: usize| head.get(at) == Some(&TS_SYNC);
        if (0..head.len()).any(|at| sync(at) && sync(at + TS_PACKET_BYTES) && sync(at + 2 * TS_PACKET_BYTES)) {
            return Some(Self::MpegTs);
        }
        None
    }
}

/// ISO 14496-12: a file is a run of boxes, each a 32-bit size and a four-character type.
fn is_iso_media(head: &[u8]) -> bool {
    let (Some(size), Some(kind)) = (head.get(0..4), head.get(4..8)) else {
        return false;
    };
    let size = u32::from_be_bytes([size[0], size[1], size[2], size[3]]);
    match kind {
        b"ftyp" | b"styp" => size >= 8,
        // QuickTime files of old begin without a `ftyp`.
        b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot" => size == 0 || size == 1 || size >= 8,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_mp4_is_known_by_its_first_box() {
        assert_eq!(Container::sniff(b"\0\0\0\x20ftypisom"), Some(Container::Mp4));
        assert_eq!(Container::sniff(b"\0\0\0\x08wide\0\0\0\0mdat"), Some(Container::Mp4));
    }

    #[test]
    fn text_images_and_sound_are_not_video_containers() {
        for head in [&b"<html>"[..], b"GIF89a", b"\x89PNG\r\n\x1a\n", b"ID3\x04", b"fLaC", b"", b"G", b"RIFF\0\0\0\0WAVE"] {
            assert_eq!(Container::sniff(head), None, "{head:?}");
        }
    }

    #[test]
    fn a_transport_stream_needs_three_sync_bytes_a_packet_apart() {
        let mut head = vec![0; SNIFF_BYTES];
        head[0] = TS_SYNC;
        assert_eq!(Container::sniff(&head), None);
        head[TS_PACKET_BYTES] = TS_SYNC;
        head[2 * TS_PACKET_BYTES] = TS_SYNC;
        assert_eq!(Container::sniff(&head), Some(Container::MpegTs));
        // A byte too many in the second packet.
        head.insert(TS_PACKET_BYTES + 9, 0);
        assert_eq!(Container::sniff(&head), None);
        for packet in 3..=4 {
            head[packet * TS_PACKET_BYTES + 1] = TS_SYNC;
        }
        assert_eq!(Container::sniff(&head), Some(Container::MpegTs));
    }

    #[test]
    fn the_other_containers_are_known_by_their_magic() {
        assert_eq!(Container::sniff(&[0x1a, 0x45, 0xdf, 0xa3, 1]), Some(Container::Matroska));
        assert_eq!(Container::sniff(b"RIFF\0\0\0\0AVI LIST"), Some(Container::Avi));
        assert_eq!(Container::sniff(b"OggS\0"), Some(Container::Ogg));
        assert_eq!(Container::sniff(b"FLV\x01\x05"), Some(Container::Flv));
        assert_eq!(Container::sniff(&[0, 0, 1, 0xba, 0x44]), Some(Container::MpegPs));
    }
}
