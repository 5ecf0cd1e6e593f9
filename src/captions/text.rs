//! From bytes to text: UTF-8 or UTF-16 by their marks, else UTF-8 where it is that, else as old files of the West are written.

/// Windows-1252 where it differs from Latin-1: 0x80 to 0x9f. What it leaves open stays the control character of Latin-1, and
/// is shown by nobody.
const WESTERN: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–',
    '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text of a file, without its mark.
pub(super) fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => sixteen(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => sixteen(rest, u16::from_be_bytes),
        _ if is_utf8(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => bytes.iter().map(|byte| western(*byte)).collect(),
    }
}

fn sixteen(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).map(|sign| sign.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Whether it is meant as UTF-8: one letter that was cut through does not make a file another one.
fn is_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|sign| !sign.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad == 0 || good > 4 * bad
}

fn western(byte: u8) -> char {
    byte.checked_sub(0x80).and_then(|at| WESTERN.get(usize::from(at))).copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_way_to_write_the_same_words_is_read() {
        let text = "“Ça va?” — 3 €";
        let sixteen = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        assert_eq!(decoded(text.as_bytes()), text);
        assert_eq!(decoded(&[b"\xef\xbb\xbf", text.as_bytes()].concat()), text);
        assert_eq!(decoded(&[&[0xff, 0xfe], &sixteen(u16::to_le_bytes)[..]].concat()), text);
        assert_eq!(decoded(&[&[0xfe, 0xff], &sixteen(u16::to_be_bytes)[..]].concat()), text);
        assert_eq!(decoded(b"\x93\xc7a va?\x94 \x97 3 \x80"), text);
    }

    #[test]
    fn a_letter_that_was_cut_through_costs_only_itself() {
        assert_eq!(decoded(b"\xc3\xa9t\xc3\xa9 \xc3\xa0 No\xc3\xabl \xc3\xa9\xff"), "été à Noël é\u{fffd}");
        assert_eq!(decoded(&[0xff, 0xfe, 0x41, 0x00, 0x00, 0xd8, 0x42]), "A\u{fffd}");
    }
}
