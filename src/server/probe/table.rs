//! Which elements take a video apart. It is the allow-list: no other one is put into the pipeline, whatever is installed.

use gstreamer as gst;

use crate::feed::Container;

/// How a coded format is called and, for pictures, becomes raw.
pub(super) struct Codec {
    pub name: &'static str,
    caps: &'static str,
    /// Values of the field `mpegversion` that are meant; none: it has no such field.
    versions: &'static [i32],
    /// An element in front of the decoder.
    pub parser: Option<&'static str>,
    /// The best first; the first that is installed is taken. Sound has none: it is not decoded.
    pub decoders: &'static [&'static str],
}

const fn picture(name: &'static str, caps: &'static str, parser: Option<&'static str>, decoders: &'static [&'static str]) -> Codec {
    Codec { name, caps, versions: &[], parser, decoders }
}

const fn sound(name: &'static str, caps: &'static str, versions: &'static [i32]) -> Codec {
    Codec { name, caps, versions, parser: None, decoders: &[] }
}

const CODECS: &[Codec] = &[
    picture("H.264", "video/x-h264", Some("h264parse"), &["avdec_h264"]),
    picture("H.265", "video/x-h265", Some("h265parse"), &["avdec_h265"]),
    picture("VP8", "video/x-vp8", None, &["vp8dec", "avdec_vp8"]),
    picture("VP9", "video/x-vp9", None, &["vp9dec", "avdec_vp9"]),
    picture("AV1", "video/x-av1", Some("av1parse"), &["dav1ddec", "av1dec"]),
    Codec { versions: &[4], ..picture("MPEG-4", "video/mpeg", Some("mpeg4videoparse"), &["avdec_mpeg4"]) },
    Codec { versions: &[1, 2], ..picture("MPEG-2", "video/mpeg", Some("mpegvideoparse"), &["avdec_mpeg2video"]) },
    picture("Motion JPEG", "image/jpeg", None, &["jpegdec", "avdec_mjpeg"]),
    picture("Theora", "video/x-theora", None, &["theoradec"]),
    sound("AAC", "audio/mpeg", &[2, 4]),
    sound("MP3", "audio/mpeg", &[1]),
    sound("Opus", "audio/x-opus", &[]),
    sound("Vorbis", "audio/x-vorbis", &[]),
    sound("FLAC", "audio/x-flac", &[]),
    sound("AC-3", "audio/x-ac3", &[]),
    sound("PCM", "audio/x-raw", &[]),
];

/// The format of a stream, if it is in the table.
pub(super) fn codec(caps: &gst::StructureRef) -> Option<&'static Codec> {
    let is_meant =
        |codec: &Codec| codec.versions.is_empty() || caps.get("mpegversion").is_ok_and(|version| codec.versions.contains(&version));
    CODECS.iter().find(|codec| codec.caps == caps.name().as_str() && is_meant(codec))
}

/// The element that takes a container apart.
pub(super) fn demuxer(container: Container) -> &'static str {
    match container {
        Container::Mp4 => "qtdemux",
        Container::Matroska => "matroskademux",
        Container::Avi => "avidemux",
        Container::Ogg => "oggdemux",
        Container::Flv => "flvdemux",
        Container::MpegTs => "tsdemux",
        Container::MpegPs => "mpegpsdemux",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_known_by_its_caps_and_the_version_in_them() {
        gst::init().unwrap();
        let name = |caps: &str| codec(caps.parse::<gst::Caps>().unwrap().structure(0).unwrap()).map(|codec| codec.name);
        assert_eq!(name("video/x-h264, stream-format=(string)avc"), Some("H.264"));
        assert_eq!(name("video/mpeg, mpegversion=(int)2"), Some("MPEG-2"));
        assert_eq!(name("audio/mpeg, mpegversion=(int)4"), Some("AAC"));
        assert_eq!(name("audio/mpeg"), None);
        assert_eq!(name("application/x-cenc"), None);
    }
}
