//! From what GStreamer says went wrong to what a viewer can be told.

use gstreamer as gst;
use gstreamer::glib;

use crate::feed::{Failure, FailureKind};
use crate::words::failures as words;

/// What went wrong in a pipeline.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The item cannot play.
    Item(Failure),
    /// The decoder of pictures gave up; this is why, should it do so again.
    Decoder(Failure),
    /// The sound device is gone; the item can play on without it.
    SoundLost(String),
}

/// The failure behind an error message of a pipeline.
pub(super) fn failure_of(err: &glib::Error) -> Failure {
    let (kind, sentence) = if let Some(stream) = err.kind::<gst::StreamError>() {
        match stream {
            gst::StreamError::Decrypt | gst::StreamError::DecryptNokey => encrypted_words(),
            gst::StreamError::CodecNotFound | gst::StreamError::NotImplemented => (FailureKind::Unsupported, words::NO_DECODER),
            _ => corrupt_words(),
        }
    } else if err.kind::<gst::ResourceError>().is_some() {
        (FailureKind::Unreadable, words::VIDEO_UNREAD)
    } else if let Some(gst::CoreError::MissingPlugin | gst::CoreError::Negotiation) = err.kind::<gst::CoreError>() {
        (FailureKind::Unsupported, words::NOT_SHOWN)
    } else {
        (FailureKind::Player, words::PLAYER_PROBLEM)
    };
    Failure::new(kind, sentence).because(err.message())
}

/// The failure behind an error message of a decoder of pictures.
pub(super) fn failure_of_decoder(err: &glib::Error) -> Failure {
    // What it says of the stream is believed; anything else is its own doing.
    if err.kind::<gst::StreamError>().is_some() { failure_of(err) } else { decoder_lost(err.message()) }
}

pub(super) fn corrupt(cause: impl Into<String>) -> Failure {
    let (kind, sentence) = corrupt_words();
    Failure::new(kind, sentence).because(cause)
}

pub(super) fn encrypted() -> Failure {
    let (kind, sentence) = encrypted_words();
    Failure::new(kind, sentence)
}

pub(super) fn decoder_lost(cause: impl Into<String>) -> Failure {
    Failure::new(FailureKind::DecoderLost, words::DECODER_STOPPED).because(cause)
}

pub(super) fn no_picture() -> Failure {
    Failure::new(FailureKind::NoPicture, words::NO_VIDEO_TRACK)
}

pub(super) fn player(cause: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Player, words::NO_PLAYER).because(cause)
}

fn corrupt_words() -> (FailureKind, &'static str) {
    (FailureKind::Corrupt, words::DAMAGED)
}

fn encrypted_words() -> (FailureKind, &'static str) {
    (FailureKind::Encrypted, words::ENCRYPTED)
}
