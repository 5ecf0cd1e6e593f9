//! The built-in sample reel: short looping clips that play at the first start, before a person has opened anything.
//!
//! `resources/reel/make-reel.py` draws the pictures, synthesises the sound and encodes both.

/// One clip of the sample reel, whole in memory.
#[derive(Debug)]
pub struct SampleClip {
    /// What is shown as the title.
    pub title: &'static str,
    /// Who made it.
    pub maker: &'static str,
    /// One line about it.
    pub description: &'static str,
    /// Topics, without the leading `#`.
    pub tags: &'static [&'static str],
    /// An MP4 file: H.264 720×1280 at 30 fps with AAC stereo, moov first; its end joins its beginning.
    pub bytes: &'static [u8],
}

/// The clips in the order in which they are shown.
pub static SAMPLE_CLIPS: &[SampleClip] = &[
    SampleClip {
        title: "Aurora over the ridge",
        maker: MAKER,
        description: "Green and violet curtains drift across a sky full of stars.",
        tags: &["night", "aurora", "mountains"],
        bytes: include_bytes!("../../resources/reel/aurora.mp4"),
    },
    SampleClip {
        title: "Last light on the water",
        maker: MAKER,
        description: "The sun lays a road of glitter on a slow swell.",
        tags: &["sunset", "ocean", "calm"],
        bytes: include_bytes!("../../resources/reel/ocean.mp4"),
    },
    SampleClip {
        title: "Slow company",
        maker: MAKER,
        description: "Jellyfish on their way up from the deep.",
        tags: &["underwater", "jellyfish", "glow"],
        bytes: include_bytes!("../../resources/reel/jellyfish.mp4"),
    },
    SampleClip {
        title: "The city through the rain",
        maker: MAKER,
        description: "Drops on the glass, lights beyond it, nowhere to be.",
        tags: &["rain", "city", "bokeh"],
        bytes: include_bytes!("../../resources/reel/rain.mp4"),
    },
    SampleClip {
        title: "Paper hills, morning fog",
        maker: MAKER,
        description: "A landscape cut from paper while the mist moves through.",
        tags: &["papercut", "fog", "morning"],
        bytes: include_bytes!("../../resources/reel/hills.mp4"),
    },
    SampleClip {
        title: "Koi, from above",
        maker: MAKER,
        description: "Three of them, one circle, no hurry at all.",
        tags: &["koi", "pond", "water"],
        bytes: include_bytes!("../../resources/reel/koi.mp4"),
    },
    SampleClip {
        title: "Moonrise in the dunes",
        maker: MAKER,
        description: "A caravan walks the crest under a moon too big to be true.",
        tags: &["desert", "moon", "wind"],
        bytes: include_bytes!("../../resources/reel/dunes.mp4"),
    },
];

const MAKER: &str = "Flickreel";

#[cfg(test)]
mod tests {
    use super::SAMPLE_CLIPS;

    #[test]
    fn every_clip_is_an_mp4_whose_index_comes_before_its_pictures() {
        for clip in SAMPLE_CLIPS {
            assert_eq!(&clip.bytes[4..8], b"ftyp", "{}", clip.title);
            let place = |name: &[u8]| clip.bytes.windows(4).position(|four| four == name);
            assert!(place(b"moov").unwrap() < place(b"mdat").unwrap(), "{}", clip.title);
        }
    }

    #[test]
    fn the_reel_stays_small_enough_to_be_embedded() {
        let total: usize = SAMPLE_CLIPS.iter().map(|clip| clip.bytes.len()).sum();
        assert!(total <= 3_000_000, "{total} bytes");
    }

    #[test]
    fn every_clip_says_what_it_is() {
        for clip in SAMPLE_CLIPS {
            assert!(!clip.title.is_empty() && !clip.maker.is_empty() && !clip.description.is_empty() && !clip.tags.is_empty());
        }
    }
}
