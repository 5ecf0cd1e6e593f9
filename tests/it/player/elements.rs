//! What pipelines are made of while they play: the elements of the list and no others, and no socket of the internet.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use flickreel::feed::Generation;
use flickreel::player::gst::AudioChoice;
use flickreel::player::{PlayerEvent, PreviewTarget};
use gstreamer::glib;
use gstreamer::prelude::*;
use gstreamer::subclass::prelude::*;

use super::media;
use super::rig::{Clip, Rig};
use super::sound::with_a_sound_server_for;
use crate::support::apart;
use crate::support::calls::{self, Call};

/// Demuxers, parsers and decoders of the table in `player/gst/codec.rs`, and what else a pipeline is made of.
const ALLOWED: &str = "aacparse ac3parse av1dec av1parse avdec_aac avdec_ac3 avdec_flac avdec_h264 avdec_h265 avdec_mjpeg avdec_mp3 \
    avdec_mpeg2video avdec_mpeg4 avdec_vp8 avdec_vp9 avidemux dav1ddec flacdec flacparse flvdemux h264parse h265parse jpegdec \
    matroskademux mpeg4videoparse mpegaudioparse mpegpsdemux mpegvideoparse mpg123audiodec oggdemux opusdec qtdemux theoradec tsdemux \
    vorbisdec vp8dec vp9dec \
    FlickreelByteSrc multiqueue videoconvert GstAppSink audioconvert scaletempo audioresample volume pulsesink alsasink fakesink";

const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

/// The elements that came into any bin of this process.
static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

mod imp {
    use super::*;

    #[derive(Default)]
    pub struct Recorder;

    #[glib::object_subclass]
    impl ObjectSubclass for Recorder {
        const NAME: &'static str = "FlickreelElementRecorder";
        type Type = super::Recorder;
        type ParentType = gstreamer::Tracer;
    }

    impl ObjectImpl for Recorder {
        fn constructed(&self) {
            self.parent_constructed();
            self.register_hook(TracerHook::BinAddPre);
        }
    }

    impl GstObjectImpl for Recorder {}

    impl TracerImpl for Recorder {
        fn bin_add_pre(&self, _ts: u64, _bin: &gstreamer::Bin, element: &gstreamer::Element) {
            let name = element.factory().map_or_else(|| element.type_().name().to_owned(), |factory| factory.name().to_string());
            SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        }
    }
}

glib::wrapper! {
    /// Is told of every element that is put into a bin.
    pub struct Recorder(ObjectSubclass<imp::Recorder>) @extends gstreamer::Tracer, gstreamer::Object;
}

/// An mp4 that says that its media is elsewhere (a reference movie).
fn reference_movie(address: &str) -> Vec<u8> {
    let atom = |kind: &[u8], body: &[u8]| {
        let length = u32::try_from(8 + body.len()).unwrap();
        [&length.to_be_bytes()[..], kind, body].concat()
    };
    let length = u32::try_from(address.len() + 1).unwrap();
    let reference = [&[0; 4][..], b"url ", &length.to_be_bytes(), address.as_bytes(), b"\0"].concat();
    let moov = atom(b"moov", &atom(b"rmra", &atom(b"rmda", &atom(b"rdrf", &reference))));
    [atom(b"ftyp", b"qt  \0\0\0\0qt  "), moov].concat()
}

#[test]
fn only_elements_of_the_list_come_into_a_pipeline_and_none_of_them_opens_a_socket_of_the_internet() {
    with_a_sound_server_for("player::elements::plays_all_there_is_without_a_socket");
}

#[test]
fn a_socket_of_the_internet_would_end_the_process() {
    let test = a_socket_of_the_internet_would_end_the_process;
    if apart::here(&test).is_none() {
        return apart::until_killed(&test, "", tempfile::tempdir().unwrap().path());
    }
    calls::die_at(&[Call::Internet]);
    let _ = std::net::UdpSocket::bind("127.0.0.1:0");
}

#[test]
#[ignore = "runs in a process of its own"]
fn plays_all_there_is_without_a_socket() {
    let clips: Vec<_> = [
        (format!("{H264} -c:a aac"), "mp4"),
        ("-c:v libvpx -deadline realtime -c:a libvorbis".to_owned(), "webm"),
        ("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus".to_owned(), "webm"),
        (format!("{H264} -c:a flac"), "mkv"),
        ("-c:v mpeg4 -c:a mp3".to_owned(), "avi"),
        ("-c:v mjpeg -c:a pcm_s16le".to_owned(), "avi"),
        ("-c:v libtheora -c:a libvorbis".to_owned(), "ogg"),
        (format!("{H264} -c:a aac"), "flv"),
        (format!("{H264} -c:a ac3"), "ts"),
        ("-c:v mpeg2video -c:a mp2".to_owned(), "mpg"),
    ]
    .map(|(options, ending)| media::pattern_with_tone("160x284", 0.5, 330, &options, ending))
    .into();
    let strange = [
        reference_movie("http://127.0.0.1:9/a.mp4"),
        reference_movie("rtsp://127.0.0.1:9/a"),
        b"#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n".to_vec(),
        b"<?xml version=\"1.0\"?><MPD><BaseURL>http://127.0.0.1:9/</BaseURL></MPD>".to_vec(),
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n".to_vec(),
    ];
    // From here on such a socket ends the process.
    calls::die_at(&[Call::Internet]);
    gstreamer::init().unwrap();
    let _recorder: Recorder = glib::Object::new();
    let mut rig = Rig::new(6, AudioChoice::Auto);
    let mut generation = 0;
    for clip in clips {
        generation += 1;
        let name = format!("clip {generation}");
        rig.shelf.put(&name, Clip::new(clip));
        rig.want(&[(&name, generation, true)]);
        rig.prerolled(generation);
        // Longer than the clip: its sound has joined by then.
        rig.pictures(generation, 20);
        // Small pictures are made of the same elements.
        rig.preview = Some(PreviewTarget { generation: Generation(generation), at: Duration::from_millis(300), fetches: true });
        rig.want(&[(&name, generation, true)]);
        rig.until("a small picture", |events, _| {
            let of = |event: &PlayerEvent| matches!(event, PlayerEvent::Preview { generation: of, .. } if of.0 == generation);
            events.iter().any(of).then_some(())
        });
    }
    rig.preview = None;
    for file in strange {
        generation += 1;
        let name = format!("file {generation}");
        rig.shelf.put(&name, Clip::new(file));
        rig.want(&[(&name, generation, true)]);
        rig.failed(generation);
    }
    let seen = SEEN.lock().unwrap().clone();
    let allowed: BTreeSet<_> = ALLOWED.split_whitespace().map(str::to_owned).collect();
    assert_eq!(seen.difference(&allowed).collect::<Vec<_>>(), Vec::<&String>::new(), "not on the list");
    for expected in ["FlickreelByteSrc", "qtdemux", "matroskademux", "avdec_h264", "GstAppSink", "pulsesink", "volume"] {
        assert!(seen.contains(expected), "{expected} was not seen among {seen:?}");
    }
}
