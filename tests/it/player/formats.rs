//! Formats that play, and what is told of them.

use std::time::Duration;

use flickreel::player::gst::AudioChoice;
use flickreel::player::{Matrix, MediaInfo, Picture, PicturePath, PlaneFormat, Rotation};

use super::media;
use super::rig::{Clip, Rig};

const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

/// Prerolls a clip and looks at its first picture.
fn first<R>(bytes: Vec<u8>, look: impl FnOnce(&MediaInfo, &flickreel::player::Frame) -> R) -> R {
    let rig = Rig::new(6, AudioChoice::Silent);
    rig.shelf.put("clip", Clip::new(bytes));
    rig.want(&[("clip", 1, false)]);
    let info = rig.prerolled(1);
    rig.with_pictures(1, |pictures| {
        assert_eq!(pictures[0].serial, 0);
        assert_eq!(pictures[0].pts, Duration::ZERO);
        look(&info, pictures[0])
    })
}

fn format_and_color(picture: &Picture) -> (PlaneFormat, Matrix, bool) {
    match picture {
        Picture::Planes { format, color, .. } => (*format, color.matrix, color.full_range),
        Picture::Rgba(_) => panic!("planes were asked for"),
    }
}

#[test]
fn an_mp4_with_sound_shows_its_first_picture_and_tells_its_facts() {
    first(media::pattern_with_tone("180x320", 1.0, 440, &format!("{H264} -c:a aac"), "mp4"), |info, frame| {
        assert_eq!((info.size, info.decoder.as_str(), info.has_audio), ((180, 320), "avdec_h264", true));
        assert!((info.fps - 30.0).abs() < 0.01, "{info:?}");
        assert!(info.duration.is_some_and(|duration| duration.as_secs_f64() > 0.9 && duration.as_secs_f64() < 1.2), "{info:?}");
        assert_eq!((frame.coded, frame.display, frame.rotation), ((180, 320), (180, 320), Rotation::default()));
    });
}

#[test]
fn containers_and_codecs_of_the_table_show_a_picture() {
    let cases = [
        ("moov at the end", format!("{H264} -c:a aac -movflags 0"), "mp4", "avdec_h264"),
        ("moov first", format!("{H264} -c:a aac -movflags +faststart"), "mp4", "avdec_h264"),
        ("fragmented", format!("{H264} -c:a aac -g 15 -movflags frag_keyframe+empty_moov+default_base_moof"), "mp4", "avdec_h264"),
        ("mov", format!("{H264} -c:a aac"), "mov", "avdec_h264"),
        ("h265", "-c:v libx265 -preset ultrafast -x265-params log-level=none -c:a aac".to_owned(), "mp4", "avdec_h265"),
        ("vp8", "-c:v libvpx -deadline realtime -c:a libvorbis".to_owned(), "webm", "vp8dec"),
        ("vp9", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus".to_owned(), "webm", "vp9dec"),
        ("mkv", format!("{H264} -c:a flac"), "mkv", "avdec_h264"),
        ("avi", "-c:v mpeg4 -c:a mp3".to_owned(), "avi", "avdec_mpeg4"),
        ("mjpeg", "-c:v mjpeg -c:a pcm_s16le".to_owned(), "avi", "jpegdec"),
        ("ogg", "-c:v libtheora -c:a libvorbis".to_owned(), "ogg", "theoradec"),
        ("flv", format!("{H264} -c:a aac"), "flv", "avdec_h264"),
        ("ts", format!("{H264} -c:a ac3"), "ts", "avdec_h264"),
        ("ps", "-c:v mpeg2video -c:a mp2".to_owned(), "mpg", "avdec_mpeg2video"),
    ];
    let rig = Rig::new(6, AudioChoice::Silent);
    for (generation, (name, options, ending, decoder)) in (1..).zip(&cases) {
        rig.shelf.put(name, Clip::new(media::pattern_with_tone("160x284", 1.0, 330, options, ending)));
        rig.want(&[(name, generation, true)]);
        let info = rig.outcome(generation).unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        assert_eq!((info.decoder.as_str(), info.has_audio, info.size), (*decoder, true, (160, 284)), "{name}");
        // Longer than the clip: it goes over its end.
        rig.pictures(generation, 40);
    }
}

#[test]
fn a_clip_without_sound_plays() {
    first(media::pattern("160x284", 0.5, H264, "mp4"), |info, _| assert!(!info.has_audio));
}

#[test]
fn odd_sizes_keep_every_line() {
    for options in [
        "-vf scale=161:283,setsar=1 -pix_fmt yuv420p -c:v libvpx-vp9",
        "-vf format=yuv444p,scale=161:283,setsar=1 -c:v libx264 -preset ultrafast",
    ] {
        first(media::pattern("320x566", 0.3, options, "mkv"), |info, frame| {
            assert_eq!((info.size, frame.coded), ((161, 283), (161, 283)));
            let Picture::Planes { format, data, .. } = &frame.picture else { panic!() };
            assert_eq!(*format, PlaneFormat::I420);
            assert!(data.plane(0).len() >= data.stride(0) * 282 + 161);
            assert!(data.plane(1).len() >= data.stride(1) * 141 + 81);
        });
    }
}

#[test]
fn a_rotation_matrix_turns_the_display_size_not_the_samples() {
    first(media::turned(media::pattern("320x180", 0.3, H264, "mp4")), |info, frame| {
        assert_eq!((info.size, frame.coded), ((180, 320), (320, 180)));
        assert_eq!(frame.rotation, Rotation { quarters: 1, mirrored: false });
    });
}

#[test]
fn pixels_that_are_not_square_widen_the_display_size() {
    first(media::pattern("160x320", 0.3, &format!("{H264} -vf setsar=4/3"), "mp4"), |info, frame| {
        assert_eq!((info.size, frame.coded), ((213, 320), (160, 320)));
    });
}

#[test]
fn ten_bit_planes_arrive_as_they_are() {
    first(media::pattern("160x284", 0.3, "-c:v libx264 -preset ultrafast -pix_fmt yuv420p10le", "mp4"), |_, frame| {
        assert_eq!(format_and_color(&frame.picture).0, PlaneFormat::I42010);
    });
}

#[test]
fn colour_is_read_from_the_stream_and_guessed_by_size_where_it_says_nothing() {
    let tagged = |matrix: &str, range: &str| {
        let options = format!("{H264} -vf scale=out_color_matrix={matrix}:out_range={range} -colorspace {matrix} -color_range {range}");
        media::plain("0xc04020", "720x1280", &options, "mp4")
    };
    let cases = [
        ("709 limited", tagged("bt709", "tv"), Matrix::Bt709, false),
        ("709 full", tagged("bt709", "pc"), Matrix::Bt709, true),
        ("601 limited", tagged("smpte170m", "tv"), Matrix::Bt601, false),
        ("601 full", tagged("smpte170m", "pc"), Matrix::Bt601, true),
        ("untagged, large", media::plain("0xc04020", "720x1280", H264, "mp4"), Matrix::Bt709, false),
        ("untagged, small", media::plain("0xc04020", "360x640", H264, "mp4"), Matrix::Bt601, false),
    ];
    for (name, bytes, matrix, full_range) in cases {
        first(bytes, |_, frame| {
            let (_, found, full) = format_and_color(&frame.picture);
            assert_eq!((found, full), (matrix, full_range), "{name}");
        });
    }
}

#[test]
fn rgba_pictures_fit_the_box_and_have_the_right_colour() {
    let mut rig = Rig::new(6, AudioChoice::Silent);
    rig.picture = PicturePath::Rgba { fit: (450, 800) };
    let options = format!("{H264} -vf scale=out_color_matrix=bt709:out_range=tv -colorspace bt709 -color_range tv");
    rig.shelf.put("clip", Clip::new(media::plain("0xc04020", "720x1280", &options, "mp4")));
    rig.want(&[("clip", 1, false)]);
    rig.prerolled(1);
    rig.with_pictures(1, |pictures| {
        assert_eq!(pictures[0].coded, (450, 800));
        let Picture::Rgba(rgba) = &pictures[0].picture else { panic!("pixels were asked for") };
        assert_eq!(rgba.len(), 450 * 800 * 4);
        let near = |found: u8, wanted: i32| (i32::from(found) - wanted).abs() <= 3;
        let off = rgba.chunks_exact(4).find(|p| !(near(p[0], 0xc0) && near(p[1], 0x40) && near(p[2], 0x20) && p[3] == 255));
        assert_eq!(off, None);
    });
}
