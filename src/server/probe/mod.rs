//! Looks into one video with a decoder, in a process that does nothing else: what a broken clip can bring down is this.
//!
//! The pipeline is put together by hand from a table (`table`) by what the first bytes of the file are, not by
//! `GstDiscoverer`: that would follow whatever the bytes name, and a list of addresses that looks like a video at first
//! would have it ask them. Nothing here opens a socket, or a file but the video and the poster.

mod limits;
mod orientation;
mod pipeline;
mod poster;
mod table;

use std::fs::File;
use std::path::Path;

use gstreamer as gst;

use super::catalogue::{Facts, Outcome, container_of, read_head};
use super::media;
use pipeline::Pipeline;
use poster::Poster;

/// Looks into `file` and writes its poster, a JPEG of at most 720 pixels in width, to `poster`. Answers with one line of JSON:
/// `{"seen": {…}}` or `{"failed": "why"}`. Limits the process it runs in, so it is called once and last.
#[must_use]
pub fn look_into(file: &Path, poster: Option<&Path>) -> String {
    let outcome = see(file, poster).map_or_else(Outcome::Failed, Outcome::Seen);
    // Numbers that are none do not come up, and then nothing can go wrong.
    serde_json::to_string(&outcome).unwrap_or_else(|err| format!(r#"{{"failed": "{err}"}}"#))
}

fn see(file: &Path, poster: Option<&Path>) -> Result<Facts, String> {
    // Asked before opening: opening a named pipe would wait for its writer.
    let is_file = file.metadata().map_err(|err| err.to_string())?.is_file();
    let head =
        if is_file { File::open(file).and_then(|mut file| read_head(&mut file)).map_err(|err| err.to_string())? } else { Vec::new() };
    let container = container_of(&head).ok_or("it is no video of a kind that is played")?;
    // May find out which decoders are installed, which takes seconds, memory and a process, and must not be limited.
    gst::init().map_err(|err| err.to_string())?;
    let _guard = limits::set().map_err(|err| err.to_string())?;
    let mut pipeline = Pipeline::open(file, container)?;
    let mut facts = Facts { container: media::format_name(container).to_owned(), ..pipeline.facts() };
    if let Some(place) = poster
        && let Some(Poster { frame, at }) = Poster::choose(&mut pipeline, facts.duration())
    {
        frame.write(place).map_err(|err| err.to_string())?;
        facts.poster_ms = u64::try_from(at.as_millis()).ok();
    }
    Ok(facts)
}
