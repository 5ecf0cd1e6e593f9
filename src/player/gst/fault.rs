//! From what GStreamer says went wrong to what a viewer can be told.

use gstreamer as gst;
use gstreamer::glib;

use crate::feed::{Failure, FailureKind};

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
            gst::StreamError::CodecNotFound | gst::StreamError::NotImplemented => {
                (FailureKind::Unsupported, "There is no decoder for this video.")
            }
            _ => corrupt_words(),
        }
    } else if err.kind::<gst::ResourceError>().is_some() {
        (FailureKind::Unreadable, "The video could not be read.")
    } else if let Some(gst::CoreError::MissingPlugin | gst::CoreError::Negotiation) = err.kind::<gst::CoreError>() {
        (FailureKind::Unsupported, "This kind of video cannot be shown.")
    } else {
        (FailureKind::Player, "The player ran into a problem.")
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
    Failure::new(FailureKind::DecoderLost, "The decoder stopped in the middle of this video.").because(cause)
}

pub(super) fn no_picture() -> Failure {
    Failure::new(FailureKind::NoPicture, "There is no video track in this file.")
}

pub(super) fn player(cause: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Player, "The player could not be set up.").because(cause)
}

fn corrupt_words() -> (FailureKind, &'static str) {
    (FailureKind::Corrupt, "The video is damaged or cut short.")
}

fn encrypted_words() -> (FailureKind, &'static str) {
    (FailureKind::Encrypted, "The video is encrypted and needs a key that is not there.")
}
