//! Media that cannot play, and what is said of it.

use flickreel::feed::FailureKind;
use flickreel::player::PlayerEvent;
use flickreel::player::gst::AudioChoice;

use super::media;
use super::rig::{Clip, Gate, Manner, Rig};

const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

fn failure(bytes: Vec<u8>) -> FailureKind {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("clip", Clip::new(bytes));
    rig.want(&[("clip", 1, true)]);
    let failure = rig.failed(1);
    assert!(failure.sentence.ends_with('.'), "{failure:?}");
    rig.pool("nothing left of it", |stats| stats.live() == 0 && stats.opening == 0);
    failure.kind
}

fn clip() -> Vec<u8> {
    media::pattern_with_tone("160x284", 2.0, 440, &format!("{H264} -c:a aac"), "mp4")
}

#[test]
fn a_file_that_is_no_video_is_unsupported() {
    assert_eq!(failure(b"<html>404</html>".repeat(100)), FailureKind::Unsupported);
}

#[test]
fn a_file_cut_before_its_index_is_corrupt() {
    let bytes = clip();
    assert_eq!(failure(bytes[..bytes.len() / 2].to_vec()), FailureKind::Corrupt);
}

#[test]
fn a_head_and_nothing_else_is_corrupt() {
    assert_eq!(failure(clip()[..48].to_vec()), FailureKind::Corrupt);
}

#[test]
fn sound_alone_has_no_picture() {
    assert_eq!(failure(media::made("-f lavfi -i sine=frequency=440:duration=1 -c:a aac", "mp4")), FailureKind::NoPicture);
    assert_eq!(failure(media::made("-f lavfi -i sine=frequency=440:duration=1 -c:a libvorbis", "ogg")), FailureKind::NoPicture);
}

#[test]
fn an_encrypted_file_says_so() {
    let key = "00112233445566778899aabbccddeeff";
    let options = format!("{H264} -encryption_scheme cenc-aes-ctr -encryption_key {key} -encryption_kid {key}");
    assert_eq!(failure(media::pattern("160x284", 1.0, &options, "mp4")), FailureKind::Encrypted);
}

#[test]
fn samples_that_are_noise_are_corrupt() {
    let mut bytes = media::pattern("160x284", 2.0, &format!("{H264} -movflags +faststart"), "mp4");
    let mdat = bytes.windows(4).position(|window| window == b"mdat").unwrap() + 4;
    let mut state = 0x2545_f491_u32;
    for byte in &mut bytes[mdat..] {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        *byte = state.to_le_bytes()[0];
    }
    assert_eq!(failure(bytes), FailureKind::Corrupt);
}

#[test]
fn a_format_that_is_not_in_the_table_is_named() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("clip", Clip::new(media::pattern("160x284", 0.3, "-c:v prores", "mov")));
    rig.want(&[("clip", 1, false)]);
    let failure = rig.failed(1);
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(failure.sentence.contains("prores"), "{failure:?}");
}

#[test]
fn what_is_not_on_the_shelf_fails_with_the_shelfs_reason() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.want(&[("nowhere", 1, true)]);
    assert_eq!(rig.failed(1).kind, FailureKind::Missing);
}

#[test]
fn a_file_cut_in_the_middle_plays_what_there_is_before_it_fails() {
    let rig = Rig::new(6, AudioChoice::Silent);
    let bytes = media::pattern_with_tone("160x284", 4.0, 440, &format!("{H264} -c:a aac -movflags +faststart"), "mp4");
    rig.shelf.put("clip", Clip::new(bytes[..bytes.len() * 2 / 3].to_vec()));
    rig.want(&[("clip", 1, true)]);
    rig.prerolled(1);
    rig.pictures(1, 40);
}

#[test]
fn a_read_that_fails_is_told_in_the_words_of_the_reader() {
    let rig = Rig::new(6, AudioChoice::Silent);
    let bytes = media::pattern_with_tone("160x284", 4.0, 440, &format!("{H264} -c:a aac -movflags +faststart"), "mp4");
    let manner = Manner::FailsFrom(bytes.len() as u64 / 2);
    rig.shelf.put("clip", Clip { manner, ..Clip::new(bytes) });
    rig.want(&[("clip", 1, true)]);
    rig.prerolled(1);
    let failure = rig.until("the failure", |events, _| {
        events.iter().find_map(|event| if let PlayerEvent::Failed { failure, .. } = event { Some(failure.clone()) } else { None })
    });
    assert_eq!((failure.kind, failure.sentence.as_str()), (FailureKind::Network, "The server hung up."));
}

#[test]
fn a_failed_item_does_not_disturb_the_others() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("good", Clip::new(clip()));
    rig.shelf.put("bad", Clip::new(b"no video".repeat(200)));
    rig.shelf.put("slow", Clip { gate: Gate::at(100), ..Clip::new(clip()) });
    rig.want(&[("bad", 1, true), ("good", 2, false), ("slow", 3, false)]);
    rig.failed(1);
    rig.prerolled(2);
    rig.want(&[("good", 2, true), ("slow", 3, false), ("bad", 1, false)]);
    rig.pictures(2, 10);
    rig.pool("the slow one still prerolls", |stats| stats.prerolling == 1 && stats.playing == 1);
}
