//! Text in containers: what is told of it, and when.

use std::time::Duration;

use flickreel::captions::Cue;
use flickreel::feed::Generation;
use flickreel::player::gst::AudioChoice;
use flickreel::player::{Player, PlayerCommand, PlayerEvent};
use tempfile::TempDir;

use super::media;
use super::rig::{Clip, Rig};

const SRT: &str = "1\n00:00:00,200 --> 00:00:00,700\n<i>Good</i> morning &\nwelcome\n\n2\n00:00:01,000 --> 00:00:01,500\nIt is early.\n\n";

/// Two seconds of a pattern with a track of text in the form that `ending` takes, in English, and another in German.
fn clip(options: &str, ending: &str) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let (first, second) = (folder.path().join("first.srt"), folder.path().join("second.srt"));
    std::fs::write(&first, SRT).unwrap();
    std::fs::write(&second, SRT.replace("It is early.", "Es ist früh.")).unwrap();
    let arguments = format!(
        "-f lavfi -i testsrc2=size=160x284:rate=30:duration=2 -f lavfi -i sine=frequency=330:duration=2 -i {} -i {} \
         -map 0 -map 1 -map 2 -map 3 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 15 -metadata:s:s:0 language=eng \
         -metadata:s:s:1 language=deu {options}",
        first.display(),
        second.display()
    );
    media::made(&arguments, ending)
}

/// Waits until a stream has told of this text.
fn told(rig: &Rig, stream: usize, text: &str) -> Cue {
    rig.until(text, |events, _| {
        let all = events.iter().filter_map(|event| match event {
            PlayerEvent::Captions { generation: Generation(1), cues } => Some(cues),
            _ => None,
        });
        all.flatten().find(|(of, cue)| *of == stream && cue.text() == text).map(|(_, cue)| cue.clone())
    })
}

fn near(time: Duration, ms: u64) -> bool {
    time.abs_diff(Duration::from_millis(ms)) < Duration::from_millis(20)
}

fn tells_its_text(bytes: Vec<u8>, has_looks: bool) {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("clip", Clip::new(bytes));
    rig.want(&[("clip", 1, true)]);
    let info = rig.prerolled(1);
    let languages: Vec<&str> = info.captions.iter().map(|stream| stream.language.as_str()).collect();
    assert!(languages == ["en", "de"] || languages == ["eng", "deu"], "{languages:?}");
    let (first, second) = (told(&rig, 0, "Good morning &\nwelcome"), told(&rig, 0, "It is early."));
    assert!(near(first.start, 200) && near(first.end, 700), "{first:?}");
    assert!(near(second.start, 1000) && near(second.end, 1500), "{second:?}");
    assert_eq!(first.spans[0].italic, has_looks);
    told(&rig, 1, "Es ist früh.");
    // A clip with text begins again like any other, and so does its text.
    rig.until("a loop", |events, _| events.iter().any(|event| matches!(event, PlayerEvent::Looped { .. })).then_some(()));
    rig.forget();
    assert_eq!(told(&rig, 0, "It is early."), second);
}

#[test]
fn timed_text_of_an_mp4_is_told_as_it_comes_by() {
    tells_its_text(clip("-c:a aac -c:s mov_text", "mp4"), false);
}

#[test]
fn subrip_in_a_matroska_file_is_told_with_its_looks() {
    tells_its_text(clip("-c:a flac -c:s srt", "mkv"), true);
}

#[test]
fn webvtt_in_a_matroska_file_is_told_with_its_looks() {
    tells_its_text(clip("-c:a flac -c:s webvtt", "mkv"), true);
}

#[test]
fn text_behind_a_seek_is_told_after_it() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("clip", Clip::new(clip("-c:a aac -c:s mov_text", "mp4")));
    rig.want(&[("clip", 1, true)]);
    rig.prerolled(1);
    let to = Duration::from_millis(900);
    rig.player.command(PlayerCommand::Seek { generation: Generation(1), to, exact: true }).unwrap();
    let cue = told(&rig, 0, "It is early.");
    assert!(near(cue.start, 1000) && near(cue.end, 1500), "{cue:?}");
}

#[test]
fn subtitles_that_are_pictures_or_programs_of_their_own_are_left_out() {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("clip", Clip::new(clip("-c:a flac -c:s ass", "mkv")));
    rig.want(&[("clip", 1, true)]);
    assert_eq!(rig.prerolled(1).captions, []);
    rig.pictures(1, 5);
}
