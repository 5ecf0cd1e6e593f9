//! Finds out from the first bytes of an mp4 whether the index that a demuxer needs lies at its end.

/// Where the part lies that a demuxer jumps to before it can start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tail {
    /// Not enough bytes to tell.
    #[default]
    Unknown,
    /// Nowhere: the file can be read from its start.
    None,
    /// From here to the end.
    At(u64),
}

/// Walks the boxes (ISO 14496-12) at the start of media of `length`: when `mdat` comes before `moov`, the tail
/// begins where `mdat` ends.
pub(super) fn find_tail(head: &[u8], length: u64) -> Tail {
    let mut at = 0_u64;
    while let Some(header) = usize::try_from(at).ok().and_then(|at| head.get(at..at + 8)) {
        let size = u64::from(u32::from_be_bytes([header[0], header[1], header[2], header[3]]));
        let kind = [header[4], header[5], header[6], header[7]];
        let size = match size {
            1 => match usize::try_from(at).ok().and_then(|at| head.get(at + 8..at + 16)?.try_into().ok()) {
                Some(large) => u64::from_be_bytes(large),
                None => return Tail::None,
            },
            size => size,
        };
        let Some(end) = at.checked_add(size).filter(|_| size >= 8) else { return Tail::None };
        match &kind {
            b"mdat" => return if end < length { Tail::At(end) } else { Tail::None },
            b"ftyp" | b"styp" | b"free" | b"skip" | b"wide" | b"uuid" | b"pnot" | b"pdin" => at = end,
            _ => return Tail::None,
        }
    }
    Tail::None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxes(list: &[(u32, &[u8; 4])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (size, kind) in list {
            out.extend_from_slice(&size.to_be_bytes());
            out.extend_from_slice(*kind);
            if out.len() < 900 && *kind != b"mdat" {
                out.resize(out.len() + *size as usize - 8, 0);
            }
        }
        out
    }

    #[test]
    fn the_index_after_the_pictures_is_found() {
        assert_eq!(find_tail(&boxes(&[(24, b"ftyp"), (8, b"free"), (5000, b"mdat")]), 6000), Tail::At(5032));
        let mut large = boxes(&[(24, b"ftyp"), (1, b"mdat")]);
        large.extend_from_slice(&(1_u64 << 33).to_be_bytes());
        assert_eq!(find_tail(&large, 1 << 34), Tail::At((1 << 33) + 24));
    }

    #[test]
    fn a_file_that_is_read_from_its_start_has_no_tail() {
        assert_eq!(find_tail(&boxes(&[(24, b"ftyp"), (500, b"moov")]), 6000), Tail::None);
        assert_eq!(find_tail(&boxes(&[(24, b"ftyp"), (0, b"mdat")]), 6000), Tail::None);
        assert_eq!(find_tail(&boxes(&[(24, b"ftyp"), (5976, b"mdat")]), 6000), Tail::None);
        assert_eq!(find_tail(&[0x1a, 0x45, 0xdf, 0xa3, 1, 2, 3, 4, 5], 6000), Tail::None);
        assert_eq!(find_tail(b"", 6000), Tail::None);
        assert_eq!(find_tail(&[0xff; 64], 6000), Tail::None);
    }
}
