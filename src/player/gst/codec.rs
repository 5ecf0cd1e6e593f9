//! The table of formats that are played, and through which elements. It is the allow-list: no other demuxer,
//! parser or decoder is ever put into a pipeline, whatever else is installed.

use gstreamer as gst;

use crate::feed::Container;
use crate::player::peek::Coding;

/// Picture or sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Video,
    Audio,
}

/// An element, and the Debian package that brings it.
pub(super) type Element = (&'static str, &'static str);

/// How one coded format becomes raw.
#[derive(Debug)]
pub(super) struct Codec {
    pub kind: Kind,
    /// What a viewer calls it.
    pub name: &'static str,
    caps: &'static str,
    /// A field of the caps that decides, and the values of it that are meant.
    field: Option<(&'static str, &'static [i32])>,
    /// A parser to put in front.
    pub parser: Option<Element>,
    /// The parser's caps tell the colour when the stream does; where they are silent the decoder's are a guess.
    pub tells_colour: bool,
    /// Decoders, the best first. None at all: it is raw already.
    pub decoders: &'static [Element],
}

impl Codec {
    /// How the size of a picture is read from its first bytes, where no parser tells it.
    pub fn coding(&self) -> Option<Coding> {
        match self.caps {
            "video/x-vp8" => Some(Coding::Vp8),
            "video/x-vp9" => Some(Coding::Vp9),
            "image/jpeg" => Some(Coding::Jpeg),
            "video/x-theora" => Some(Coding::Theora),
            _ => None,
        }
    }

    /// Whether what it takes is installed.
    pub fn is_decodable(&self) -> bool {
        let installed = |(element, _): &Element| gst::ElementFactory::find(element).is_some();
        self.parser.iter().all(installed) && (self.decoders.is_empty() || self.decoders.iter().any(installed))
    }
}

const LIBAV: &str = "gstreamer1.0-libav";
const GOOD: &str = "gstreamer1.0-plugins-good";
const BASE: &str = "gstreamer1.0-plugins-base";
const BAD: &str = "gstreamer1.0-plugins-bad";

const fn codec(
    kind: Kind,
    name: &'static str,
    caps: &'static str,
    field: Option<(&'static str, &'static [i32])>,
    parser: Option<Element>,
    decoders: &'static [Element],
) -> Codec {
    let tells_colour = matches!(caps.as_bytes(), b"video/x-h264" | b"video/x-h265");
    Codec { kind, name, caps, field, parser, tells_colour, decoders }
}

use Kind::{Audio, Video};

/// Every coded format that is played.
pub(super) const CODECS: &[Codec] = &[
    codec(Video, "H.264", "video/x-h264", None, Some(("h264parse", BAD)), &[("avdec_h264", LIBAV)]),
    codec(Video, "H.265", "video/x-h265", None, Some(("h265parse", BAD)), &[("avdec_h265", LIBAV)]),
    codec(Video, "VP8", "video/x-vp8", None, None, &[("vp8dec", GOOD), ("avdec_vp8", LIBAV)]),
    codec(Video, "VP9", "video/x-vp9", None, None, &[("vp9dec", GOOD), ("avdec_vp9", LIBAV)]),
    codec(Video, "AV1", "video/x-av1", None, Some(("av1parse", BAD)), &[("dav1ddec", BAD), ("av1dec", BAD)]),
    codec(Video, "MPEG-4", "video/mpeg", Some(("mpegversion", &[4])), Some(("mpeg4videoparse", BAD)), &[("avdec_mpeg4", LIBAV)]),
    codec(Video, "MPEG-2", "video/mpeg", Some(("mpegversion", &[1, 2])), Some(("mpegvideoparse", BAD)), &[("avdec_mpeg2video", LIBAV)]),
    codec(Video, "Motion JPEG", "image/jpeg", None, None, &[("jpegdec", GOOD), ("avdec_mjpeg", LIBAV)]),
    codec(Video, "Theora", "video/x-theora", None, None, &[("theoradec", BASE)]),
    codec(Audio, "AAC", "audio/mpeg", Some(("mpegversion", &[2, 4])), Some(("aacparse", GOOD)), &[("avdec_aac", LIBAV)]),
    codec(
        Audio,
        "MP3",
        "audio/mpeg",
        Some(("mpegversion", &[1])),
        Some(("mpegaudioparse", GOOD)),
        &[("mpg123audiodec", GOOD), ("avdec_mp3", LIBAV)],
    ),
    codec(Audio, "Opus", "audio/x-opus", None, None, &[("opusdec", BASE)]),
    codec(Audio, "Vorbis", "audio/x-vorbis", None, None, &[("vorbisdec", BASE)]),
    codec(Audio, "FLAC", "audio/x-flac", None, Some(("flacparse", GOOD)), &[("flacdec", GOOD), ("avdec_flac", LIBAV)]),
    codec(Audio, "AC-3", "audio/x-ac3", None, Some(("ac3parse", GOOD)), &[("avdec_ac3", LIBAV)]),
    codec(Audio, "PCM", "audio/x-raw", None, None, &[]),
];

/// How a container keeps text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextForm {
    /// As it is.
    Plain,
    /// With tags and entities.
    Marked,
    /// WebVTT, its settings before its words.
    WebVtt,
}

/// What is to be done with one stream of a container.
#[derive(Debug)]
pub(super) enum Stream {
    /// It is in the table.
    Known(&'static Codec),
    /// A picture in a format that is not, by the name of its caps.
    UnknownVideo(String),
    /// Encrypted.
    Encrypted,
    /// Text to be read along, which needs no element.
    Text(TextForm),
    /// Sound that cannot be decoded, subtitles that are pictures or programs, data: left out.
    Ignored,
}

/// What is to be done with a stream of these caps.
pub(super) fn stream_of(caps: &gst::CapsRef) -> Stream {
    let Some(structure) = caps.structure(0) else {
        return Stream::Ignored;
    };
    let name = structure.name().as_str();
    if matches!(name, "application/x-cenc" | "application/x-cbcs" | "application/x-webm-enc") {
        return Stream::Encrypted;
    }
    match name {
        "text/x-raw" if structure.get::<&str>("format") == Ok("pango-markup") => return Stream::Text(TextForm::Marked),
        "text/x-raw" => return Stream::Text(TextForm::Plain),
        // `matroskademux` 1.22 has no name for WebVTT; what else it has none for is no text, and seen to be none.
        "application/x-subtitle-vtt" | "application/x-subtitle-unknown" => return Stream::Text(TextForm::WebVtt),
        _ => {}
    }
    let known = CODECS.iter().find(|codec| {
        let meant = |(field, values): (&str, &[i32])| structure.get::<i32>(field).is_ok_and(|value| values.contains(&value));
        codec.caps == name && codec.field.is_none_or(meant)
    });
    match known {
        Some(codec) => Stream::Known(codec),
        None if name.starts_with("video/") || name.starts_with("image/") => Stream::UnknownVideo(name.to_owned()),
        None => Stream::Ignored,
    }
}

/// How a container is taken apart.
#[derive(Debug)]
pub(super) struct Demuxer {
    pub element: Element,
    /// It plays segments one after the other without a gap. Of the others some refuse, and some accept and
    /// then fall silent (`flvdemux` 1.22): those are flushed at their end instead.
    pub segments: bool,
}

/// The demuxer of a container.
pub(super) const fn demuxer(container: Container) -> Demuxer {
    let (element, segments) = match container {
        Container::Mp4 => (("qtdemux", GOOD), true),
        Container::Matroska => (("matroskademux", GOOD), true),
        Container::Avi => (("avidemux", GOOD), true),
        Container::Ogg => (("oggdemux", BASE), false),
        Container::Flv => (("flvdemux", GOOD), false),
        Container::MpegTs => (("tsdemux", BAD), false),
        Container::MpegPs => (("mpegpsdemux", BAD), false),
    };
    Demuxer { element, segments }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(caps: &str) -> Stream {
        gst::init().unwrap();
        stream_of(&caps.parse::<gst::Caps>().unwrap())
    }

    #[test]
    fn the_table_is_the_whole_list_of_elements_that_may_take_media_apart() {
        let mut elements: Vec<_> =
            CODECS.iter().flat_map(|codec| codec.parser.iter().chain(codec.decoders)).map(|(name, _)| *name).collect();
        let containers =
            [Container::Mp4, Container::Matroska, Container::Avi, Container::Ogg, Container::Flv, Container::MpegTs, Container::MpegPs];
        elements.extend(containers.map(|container| demuxer(container).element.0));
        elements.sort_unstable();
        let allowed = "aacparse ac3parse av1dec av1parse avdec_aac avdec_ac3 avdec_flac avdec_h264 avdec_h265 avdec_mjpeg avdec_mp3 \
            avdec_mpeg2video avdec_mpeg4 avdec_vp8 avdec_vp9 avidemux dav1ddec flacdec flacparse flvdemux h264parse h265parse jpegdec \
            matroskademux mpeg4videoparse mpegaudioparse mpegpsdemux mpegvideoparse mpg123audiodec oggdemux opusdec qtdemux theoradec \
            tsdemux vorbisdec vp8dec vp9dec";
        assert_eq!(elements, allowed.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn every_format_of_pictures_tells_its_size_before_it_is_decoded() {
        for codec in CODECS.iter().filter(|codec| codec.kind == Kind::Video) {
            assert_ne!(codec.parser.is_some(), codec.coding().is_some(), "{}", codec.name);
        }
    }

    #[test]
    fn a_stream_is_known_by_its_caps_and_the_version_in_them() {
        let name = |caps| if let Stream::Known(codec) = stream(caps) { codec.name } else { "unknown" };
        assert_eq!(name("audio/mpeg, mpegversion=(int)4, stream-format=(string)raw"), "AAC");
        assert_eq!(name("audio/mpeg, mpegversion=(int)1, layer=(int)3"), "MP3");
        assert_eq!(name("video/mpeg, mpegversion=(int)4, systemstream=(boolean)false"), "MPEG-4");
        assert_eq!(name("video/mpeg, mpegversion=(int)2, systemstream=(boolean)false"), "MPEG-2");
        assert_eq!(name("video/x-h264, stream-format=(string)avc"), "H.264");
    }

    #[test]
    fn what_is_not_in_the_table_is_named_or_left_out() {
        assert!(matches!(stream("video/x-prores"), Stream::UnknownVideo(name) if name == "video/x-prores"));
        assert!(matches!(stream("application/x-cenc, original-media-type=(string)video/x-h264"), Stream::Encrypted));
        assert!(matches!(stream("audio/x-wma"), Stream::Ignored));
        assert!(matches!(stream("application/x-ass"), Stream::Ignored));
    }

    #[test]
    fn text_is_known_by_its_form() {
        assert!(matches!(stream("text/x-raw, format=(string)utf8"), Stream::Text(TextForm::Plain)));
        assert!(matches!(stream("text/x-raw, format=(string)pango-markup"), Stream::Text(TextForm::Marked)));
        assert!(matches!(stream("application/x-subtitle-unknown"), Stream::Text(TextForm::WebVtt)));
    }
}
