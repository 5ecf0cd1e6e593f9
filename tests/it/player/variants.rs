//! Small clips of every container that is played, cut short and damaged in many places; always the same ones.

use super::media;

const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 6";
/// Places at which each clip is cut.
const CUTS: usize = 14;
/// Damages of each clip: of each pair, the first is where its structure is described, the second anywhere.
const DAMAGES: usize = 24;
/// Where a container does not say where its structure is described, it is at the start.
const HEAD_BYTES: usize = 1024;

/// One damaged clip.
pub struct Variant {
    /// Which clip, and what was done to it.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The whole clips, by name: half a second of pictures and a tone.
pub fn clips() -> Vec<(&'static str, Vec<u8>)> {
    let h264 = |more: &str| format!("{H264} -c:a aac {more}");
    let coded = |options: &str| options.to_owned();
    let kinds = [
        ("mp4", h264("-movflags +faststart"), "mp4"),
        ("mp4, index last", h264(""), "mp4"),
        ("mp4, fragmented", h264("-movflags frag_keyframe+empty_moov+default_base_moof"), "mp4"),
        ("mp4, H.265", coded("-c:v libx265 -preset ultrafast -x265-params log-level=none -c:a aac"), "mp4"),
        ("mp4, AV1", coded("-c:v libaom-av1 -cpu-used 8 -usage realtime -c:a aac"), "mp4"),
        ("webm, VP9", coded("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 6 -c:a libopus"), "webm"),
        ("webm, VP8", coded("-c:v libvpx -deadline realtime -g 6 -c:a libvorbis"), "webm"),
        ("mkv", format!("{H264} -c:a flac"), "mkv"),
        ("avi", coded("-c:v mpeg4 -g 6 -c:a mp3"), "avi"),
        ("avi, Motion JPEG", coded("-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le"), "avi"),
        ("ogg", coded("-c:v libtheora -g 6 -c:a libvorbis"), "ogg"),
        ("flv", h264(""), "flv"),
        ("ts", format!("{H264} -c:a ac3"), "ts"),
        ("mpg", coded("-c:v mpeg2video -g 6 -c:a mp2"), "mpg"),
    ];
    kinds.map(|(name, options, ending)| (name, media::pattern_with_tone("64x112", 0.5, 440, &options, ending))).into()
}

/// All of them: more than five hundred.
pub fn all() -> Vec<Variant> {
    let mut variants = Vec::new();
    for (name, bytes) in clips() {
        for cut in 0..CUTS {
            let length = bytes.len() * cut / CUTS;
            variants.push(Variant { name: format!("{name}: the first {length} bytes"), bytes: bytes[..length].to_vec() });
        }
        let mut dice = Dice::new(name);
        let structure = structure(&bytes);
        for damage in 0..DAMAGES {
            let region = if damage % 2 == 0 { structure.clone() } else { 0..bytes.len() };
            let at = region.start + dice.below(region.len());
            let (what, damaged) = damaged(&bytes, at, &mut dice);
            variants.push(Variant { name: format!("{name}: {what} at byte {at}"), bytes: damaged });
        }
    }
    variants
}

/// Where a clip says what is in it: the index of an mp4, the start of all others.
fn structure(bytes: &[u8]) -> std::ops::Range<usize> {
    const NAME: &[u8] = b"moov";
    match bytes.windows(NAME.len()).position(|window| window == NAME) {
        Some(at) => {
            let size = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap());
            at - 4..at - 4 + usize::try_from(size).unwrap()
        }
        None => 0..bytes.len().min(HEAD_BYTES),
    }
}

fn damaged(bytes: &[u8], at: usize, dice: &mut Dice) -> (&'static str, Vec<u8>) {
    let mut bytes = bytes.to_vec();
    let what = match dice.below(6) {
        0 => {
            bytes[at] ^= 1 << dice.below(8);
            "a flipped bit"
        }
        1 => {
            bytes[at] = 0xff;
            "a byte of ones"
        }
        2 => {
            bytes[at] = 0;
            "a byte of zeros"
        }
        3 => {
            let end = bytes.len().min(at + 4);
            bytes[at..end].fill_with(|| u8::try_from(dice.below(256)).unwrap());
            "four bytes of noise"
        }
        4 => {
            bytes.remove(at);
            "a lost byte"
        }
        _ => {
            bytes.insert(at, u8::try_from(dice.below(256)).unwrap());
            "a byte too many"
        }
    };
    (what, bytes)
}

/// Numbers that look like chance and are the same in each run (xorshift).
struct Dice(u64);

impl Dice {
    fn new(name: &str) -> Self {
        // FNV-1a, so that each clip has numbers of its own.
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % u64::try_from(limit).unwrap()).unwrap()
    }
}
