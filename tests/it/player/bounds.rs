//! Media that measures more than it should, or says that it does.

use std::time::Duration;

use flickreel::feed::{Failure, FailureKind};
use flickreel::player::MediaInfo;
use flickreel::player::gst::AudioChoice;

use super::media;
use super::rig::{Clip, Rig};

const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
/// One pixel row of blocks wider than what is played.
const WIDE: &str = "8208x16";

fn outcome(bytes: Vec<u8>) -> Result<MediaInfo, Failure> {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("clip", Clip::new(bytes));
    rig.want(&[("clip", 1, true)]);
    rig.outcome(1)
}

fn too_large(name: &str, bytes: Vec<u8>) {
    let failure = outcome(bytes).map_or_else(|failure| failure, |info| panic!("{name} plays: {info:?}"));
    assert_eq!((failure.kind, failure.sentence.as_str()), (FailureKind::Unsupported, "The picture is too large to be played."), "{name}");
    assert!(failure.causes.iter().any(|cause| cause.contains("8208 × 16")), "{name}: {failure:?}");
}

/// Overwrites the first place where `old` stands.
fn patched(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = bytes.windows(old.len()).position(|window| window == old).expect("the clip has it");
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

#[test]
fn a_picture_that_is_too_large_by_its_container_is_refused() {
    too_large("mp4", media::pattern(WIDE, 0.2, H264, "mp4"));
}

#[test]
fn a_picture_that_is_too_large_by_its_stream_alone_is_refused() {
    // A transport stream tells no size.
    too_large("ts", media::pattern(WIDE, 0.2, H264, "ts"));
    // PixelWidth, two bytes of it: 8208, turned into 16.
    let small = |bytes| patched(bytes, &[0xb0, 0x82, 0x20, 0x10], &[0xb0, 0x82, 0x00, 0x10]);
    too_large("vp8", small(media::pattern(WIDE, 0.2, "-c:v libvpx -deadline realtime", "webm")));
    too_large("vp9", small(media::pattern(WIDE, 0.2, "-c:v libvpx-vp9 -deadline realtime -cpu-used 8", "webm")));
    // The BITMAPINFOHEADER: its length, the width, the height.
    let header = [[40, 0, 0, 0], [0x10, 0x20, 0, 0]].concat();
    too_large("jpeg", patched(media::pattern(WIDE, 0.2, "-c:v mjpeg -pix_fmt yuvj420p", "avi"), &header, &[40, 0, 0, 0, 16, 0, 0, 0]));
}

#[test]
fn tracks_beyond_the_bound_are_left_out_and_those_within_play() {
    let input = "-f lavfi -i testsrc2=size=160x284:rate=30:duration=0.3 -f lavfi -i sine=frequency=440:duration=0.3";
    let sounds = " -map 1:a".repeat(40);
    let made = |maps: &str| outcome(media::made(&format!("{input}{maps} {H264} -c:a aac -b:a 16k"), "mp4"));
    assert!(made(&format!(" -map 0:v{sounds}")).is_ok_and(|info| info.has_audio));
    assert_eq!(made(&format!("{sounds} -map 0:v")).unwrap_err().kind, FailureKind::NoPicture);
}

#[test]
fn an_absurd_length_is_told_as_unknown() {
    let clip = media::pattern("160x284", 0.5, H264, "mp4");
    let told = |bytes| outcome(bytes).unwrap().duration;
    assert!(told(clip.clone()).is_some_and(|duration| duration < Duration::from_secs(1)));
    // In the movie header and the track's, version 0: seven weeks in milliseconds.
    let movie = clip.windows(4).position(|window| window == b"mvhd").unwrap();
    let mut absurd = clip.clone();
    absurd[movie + 20..movie + 24].copy_from_slice(&[0xff, 0xff, 0xff, 0xf0]);
    let (track, samples) = [b"tkhd", b"mdhd"].map(|name| clip.windows(4).position(|window| window == name).unwrap()).into();
    absurd[track + 24..track + 28].copy_from_slice(&[0xff, 0xff, 0xff, 0xf0]);
    absurd[samples + 16..samples + 24].copy_from_slice(&[0, 0, 3, 0xe8, 0xff, 0xff, 0xff, 0xf0]);
    assert_eq!(told(absurd), None);
}

#[test]
fn an_absurd_pixel_aspect_is_taken_for_square() {
    let size = |aspect: &str| outcome(media::pattern("160x284", 0.3, &format!("{H264} -vf setsar={aspect}"), "mp4")).unwrap().size;
    assert_eq!(size("2/1"), (320, 284));
    assert_eq!(size("1000/1"), (160, 284));
}
