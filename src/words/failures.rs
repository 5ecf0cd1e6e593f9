//! Why something cannot be shown: the headline of each kind, and the sentence below it. Causes, which only *Details* unfolds,
//! are written where they arise.

/// The headlines, without a full stop; `feed::FailureKind` says which.
pub mod headlines {
    /// No connection, or it broke.
    pub const NETWORK: &str = "The server can’t be reached";
    /// No answer in time.
    pub const TIMEOUT: &str = "The server took too long";
    /// 401 or 403.
    pub const REFUSED: &str = "The server refused this video";
    /// An address that is not asked.
    pub const BLOCKED: &str = "This address is not allowed";
    /// 404 or 410, or a file that is gone.
    pub const MISSING: &str = "This video is gone";
    /// The server has an error of its own.
    pub const SERVER: &str = "The server has a problem";
    /// The disk does not give it.
    pub const UNREADABLE: &str = "This file can’t be read";
    /// Its bytes make no sense.
    pub const CORRUPT: &str = "This video is damaged";
    /// It wants a key.
    pub const ENCRYPTED: &str = "This video is encrypted";
    /// No decoder for it.
    pub const UNSUPPORTED: &str = "This format can’t be played";
    /// Sound alone, or nothing.
    pub const NO_PICTURE: &str = "There is no picture in this file";
    /// A web page, or broken JSON.
    pub const NOT_A_FEED: &str = "This address is not a video feed";
    /// The decoder gave up twice.
    pub const DECODER_LOST: &str = "The decoder stopped";
    /// The player’s own fault.
    pub const PLAYER: &str = "The player ran into a problem";
}

/// No connection could be made.
pub const UNREACHED: &str = "The server could not be reached.";
/// It broke in the middle.
pub const BROKE: &str = "The connection broke while the video was loading.";
/// Nothing came after the question.
pub const NO_ANSWER: &str = "The server did not answer in time.";
/// It answered, then went silent.
pub const STALLED: &str = "The server stopped sending.";
/// Other bytes than those that were asked for.
pub const WRONG_RANGE: &str = "The server sent another part of the video than the one asked for.";
/// Fewer bytes than declared.
pub const SHORT: &str = "The server sent less than it promised.";
/// More bytes than declared.
pub const LONG: &str = "The server sent more than it promised.";
/// Its length is beyond what can be handled, or unknown and beyond the bound.
pub const TOO_LONG: &str = "The video is too long to be loaded from a server that does not tell its length.";
/// It is another one than at the last request.
pub const CHANGED: &str = "The video changed on the server while it was being loaded.";
/// Its checksum is not the one of the feed.
pub const UNPROMISED: &str = "The video is not the one that the feed promised.";
/// Neither http nor https.
pub const BAD_ADDRESS: &str = "The address of this video is not one that can be loaded.";
/// Nothing of it came in the time that a load may take.
pub const FIRST_BYTES_LATE: &str = "The first bytes of the video did not come in time.";
/// It played, and no more of it came.
pub const REST_LATE: &str = "The rest of the video did not come in time.";

/// There is nothing in it.
pub const EMPTY: &str = "The file is empty.";
/// It was there when the folder was read.
pub const NO_LONGER_THERE: &str = "The file is no longer there.";
/// Its owner does not allow it.
pub const MAY_NOT_BE_READ: &str = "The file may not be read.";
/// The disk says no.
pub const CANNOT_BE_READ: &str = "The file can’t be read.";
/// A folder, a device, a pipe.
pub const NO_FILE_TO_PLAY: &str = "This is not a file that can be played.";
/// Somebody writes to it.
pub const BECAME_SHORTER: &str = "The file became shorter while it was read.";
/// The one file that was given is something else.
pub const NO_VIDEO: &str = "This file is not a video.";
/// A symbolic link.
pub const LINK_LEADS_NOWHERE: &str = "The link leads to a file that is not there.";
/// It is gone.
pub const NOT_THERE_ANY_MORE: &str = "The file is not there any more.";
/// Its owner does not allow it.
pub const NOT_ALLOWED: &str = "You are not allowed to read this file.";
/// The disk gives an error.
pub const READING_FAILED: &str = "Reading the file failed.";
/// Its first bytes are of no container.
pub const NO_BEGINNING: &str = "The file does not begin like a video.";
/// A number beyond the sample reel.
pub const NO_SUCH_CLIP: &str = "There is no such sample clip.";

/// Its container is none that is played.
pub const UNKNOWN_KIND: &str = "This is not a video file of a kind that can be played.";
/// None is installed.
pub const NO_DECODER: &str = "There is no decoder for this video.";
/// Its parts do not fit together.
pub const NOT_SHOWN: &str = "This kind of video cannot be shown.";
/// The source of bytes gave up.
pub const VIDEO_UNREAD: &str = "The video could not be read.";
/// Something else.
pub const PLAYER_PROBLEM: &str = "The player ran into a problem.";
/// The decoder or the demuxer says so.
pub const DAMAGED: &str = "The video is damaged or cut short.";
/// There is no key.
pub const ENCRYPTED: &str = "The video is encrypted and needs a key that is not there.";
/// It played so far.
pub const DECODER_STOPPED: &str = "The decoder stopped in the middle of this video.";
/// There is sound at most.
pub const NO_VIDEO_TRACK: &str = "There is no video track in this file.";
/// A pipeline could not be made or started.
pub const NO_PLAYER: &str = "The player could not be set up.";
/// The bytes came, or did not, and no picture.
pub const PICTURE_LATE: &str = "The first picture did not come in time.";
/// Beyond the bounds of what is decoded.
pub const PICTURE_TOO_LARGE: &str = "The picture is too large to be played.";
/// Nobody wants it any more.
pub const GIVEN_UP: &str = "Opening the video was given up.";
/// Opening it broke off.
pub const ENDED_ABRUPTLY: &str = "Opening the video ended abruptly.";
/// Nobody waits for it any more.
pub const INTERRUPTED: &str = "Reading the video was interrupted.";

/// The server answered with this status; `words` are its usual name, where it has one.
#[must_use]
pub fn status(status: u16, words: Option<&str>) -> String {
    match words {
        Some(words) => format!("The server answered {status} ({words})."),
        None => format!("The server answered {status}."),
    }
}

/// A container that is known and not played.
#[must_use]
pub fn container(name: &str) -> String {
    format!("{name} files can’t be played.")
}

/// A format of pictures that is not played.
#[must_use]
pub fn format(name: &str) -> String {
    format!("Video in the format {name} cannot be played.")
}

/// What a codec, or nothing that has a name, needs for being played, and who brings it.
#[must_use]
pub fn needs(codec: Option<&str>, element: &str, package: &str) -> String {
    format!("{} needs {element}, which the package {package} brings.", codec.unwrap_or("Playing this"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_a_status_names_it() {
        assert_eq!(
            [status(403, Some("Forbidden")), status(599, None)],
            ["The server answered 403 (Forbidden).", "The server answered 599."]
        );
    }

    #[test]
    fn a_missing_element_is_told_with_the_package_that_brings_it() {
        assert_eq!(
            needs(Some("AV1"), "dav1ddec", "gstreamer1.0-plugins-bad"),
            "AV1 needs dav1ddec, which the package gstreamer1.0-plugins-bad brings."
        );
        assert!(needs(None, "x", "y").starts_with("Playing this needs x"));
    }
}
