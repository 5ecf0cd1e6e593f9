//! What is told to who does not see the picture.

/// The item is on its way.
pub const LOADING: &str = "Loading";
/// It plays.
pub const PLAYING: &str = "Playing";
/// It does not, because the viewer paused it.
pub const PAUSED: &str = "Paused";
/// It was played to its end, and stays there.
pub const ENDED: &str = "At its end";
/// It waits for more of itself.
pub const BUFFERING: &str = "Waiting for more of the video";
/// It is not here, and there is no connection.
pub const OFFLINE: &str = "Not on this machine";
/// A page is on its way.
pub const LOOKING: &str = "Looking for more videos";
/// The feed is over.
pub const END: &str = "End of the feed";
/// There is nothing in it.
pub const EMPTY: &str = "Nothing to play";
/// What has no title and no maker.
pub const UNTITLED: &str = "Video without a title";

/// An item that cannot be played, and why.
#[must_use]
pub fn failed(sentence: &str) -> String {
    format!("Cannot be played. {}", sentence.trim_end_matches('.'))
}

/// An item that is hidden until the viewer wants to see it, and what its maker warns of; may be empty.
#[must_use]
pub fn warned(of: &str) -> String {
    if of.is_empty() {
        "Hidden, its maker warns of it".to_owned()
    } else {
        format!("Hidden, its maker warns of: {}", of.trim_end_matches('.'))
    }
}

/// An item, how it stands, and where it is.
#[must_use]
pub fn tile(maker: &str, title: &str, state: &str, number: usize, of: usize) -> String {
    let name = match (maker, title) {
        ("", "") => UNTITLED.to_owned(),
        ("", one) | (one, "") => one.to_owned(),
        (maker, title) => format!("{maker}: {title}"),
    };
    format!("{name}. {state}, {number} of {of}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_told_by_what_is_known_of_it() {
        assert_eq!(tile("Mia", "A brook", PLAYING, 3, 20), "Mia: A brook. Playing, 3 of 20.");
        assert_eq!(tile("", "A brook", PAUSED, 1, 1), "A brook. Paused, 1 of 1.");
        assert_eq!(tile("", "", LOADING, 1, 2), "Video without a title. Loading, 1 of 2.");
    }
}
