//! Captions: from the bytes of a WebVTT or SRT file to what is to be read at a moment. Pure; whatever the bytes are, what
//! can be read of them is read.

mod markup;
mod parse;
mod text;
mod time;

#[cfg(test)]
mod tests;

pub use markup::{Span, plain, spans};

use std::sync::Arc;
use std::time::Duration;

/// The largest file of captions that is read, in bytes. A film of three hours has a tenth of it.
pub const FILE_BYTES_MAX: usize = 2 << 20;
/// Cues that are kept of one track.
pub const CUES_MAX: usize = 20_000;

/// Where a cue lies in the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Below, where captions belong.
    #[default]
    Bottom,
    /// Above, because something below must be seen.
    Top,
}

/// Where the lines of a cue begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// All at the left, or at the right in a script that runs from there.
    Start,
    /// Each in the middle.
    #[default]
    Center,
    /// All at the other side.
    End,
}

/// What is to be read for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue {
    /// From when on, as time in the clip.
    pub start: Duration,
    /// Until when; later than `start`.
    pub end: Duration,
    /// Where.
    pub place: Place,
    /// How its lines are set.
    pub align: Align,
    /// What, in pieces of one look each; lines are parted by `\n`. Never without a letter.
    pub spans: Vec<Span>,
}

impl Cue {
    /// The words without their look.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// A cue as WebM keeps it: a line for its name, one for its settings, and what is to be read, all of which may be empty.
/// Matroska's newer way has the words alone. `None` when there is nothing to read, or it is no text.
#[must_use]
pub fn webm_cue(bytes: &[u8], start: Duration, end: Duration) -> Option<Cue> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
    let mut parts = text.splitn(3, '\n');
    let (_, settings, words) = (parts.next()?, parts.next(), parts.next());
    // No line of words has a sign of a setting in each of its own, and none is empty.
    let (settings, words) = match (settings, words) {
        (Some(settings), Some(words)) if settings.split_whitespace().all(|word| word.contains(':')) => (settings, words),
        _ => ("", text),
    };
    let (place, align) = time::settings(settings.split_whitespace());
    let spans = spans(words);
    (start < end && !spans.is_empty()).then_some(Cue { start, end, place, align, spans })
}

/// The captions of a clip in one language, by the order of their beginnings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    cues: Vec<Arc<Cue>>,
    /// The longest time for which one stands: how far one has to look back.
    longest: Duration,
}

impl Track {
    /// Reads a file. Of what is damaged the rest is kept: a track may be empty, and is never an error. Bytes beyond
    /// [`FILE_BYTES_MAX`] are not looked at.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut track = Self::default();
        for cue in parse::cues(&text::decoded(&bytes[..bytes.len().min(FILE_BYTES_MAX)])).take(CUES_MAX) {
            track.longest = track.longest.max(cue.end.saturating_sub(cue.start));
            track.cues.push(Arc::new(cue));
        }
        // Stable: what begins at once stays in the order of the file.
        track.cues.sort_by_key(|cue| cue.start);
        track
    }

    /// Takes in a cue that came along while the clip plays; `false` when it was there already, as after a seek, or there are
    /// too many.
    pub fn add(&mut self, cue: Cue) -> bool {
        if self.cues.len() >= CUES_MAX {
            return false;
        }
        let from = self.cues.partition_point(|other| other.start < cue.start);
        let to = self.cues.partition_point(|other| other.start <= cue.start);
        if self.cues[from..to].iter().any(|other| **other == cue) {
            return false;
        }
        self.longest = self.longest.max(cue.end.saturating_sub(cue.start));
        self.cues.insert(to, Arc::new(cue));
        true
    }

    /// How many cues there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cues.len()
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cues.is_empty()
    }

    /// What is to be read at a time in the clip, the first one first.
    pub fn at(&self, position: Duration) -> impl Iterator<Item = &Arc<Cue>> {
        let begun = self.cues.partition_point(|cue| cue.start <= position);
        let maybe = self.cues[..begun].partition_point(|cue| cue.start + self.longest <= position);
        self.cues[maybe..begun].iter().filter(move |cue| position < cue.end)
    }

    /// When what is to be read changes next after a time in the clip.
    #[must_use]
    pub fn changes_after(&self, position: Duration) -> Option<Duration> {
        let begun = self.cues.partition_point(|cue| cue.start <= position);
        let next = self.cues.get(begun).map(|cue| cue.start);
        self.at(position).map(|cue| cue.end).chain(next).min()
    }
}
