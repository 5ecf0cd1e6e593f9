//! Posters on their way from the worker that decodes them to the thread that paints them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::events::Waker;
use crate::cache::Blobs;
use crate::feed::{Item, ItemId};
use crate::metrics::Counters;
use crate::player::{Frame, Picture, Rotation};
use crate::preload::Poster;
use crate::preload::posters::{self, PosterOptions, Wanted};

/// Ratios that differ by less than this are the same: thumbnails are rounded to whole pixels and blocks.
const SAME_RATIO: f64 = 0.03;

/// Where posters wait to be picked up: one place for each item. The lock is held for a swap only.
pub(super) struct PosterBoard {
    places: Mutex<HashMap<ItemId, Frame>>,
    waker: Waker,
}

impl PosterBoard {
    pub fn new(waker: Waker) -> Self {
        Self { places: Mutex::default(), waker }
    }

    /// Starts the worker that fills it; it fetches what it is sent.
    pub fn start(
        self: &Arc<Self>,
        runtime: &Handle,
        client: reqwest::Client,
        blobs: Blobs,
        counters: Arc<Counters>,
    ) -> watch::Sender<Wanted> {
        let (sender, wanted) = watch::channel::<Wanted>(Arc::from([]));
        let board = Arc::clone(self);
        let show = Arc::new(move |item: &Item, poster: &Poster| board.put(item, poster));
        posters::spawn(runtime, PosterOptions { client, blobs, counters, show }, wanted);
        sender
    }

    fn put(&self, item: &Item, poster: &Poster) {
        let frame = frame(item.size, poster);
        let old = self.places.lock().unwrap_or_else(PoisonError::into_inner).insert(item.id.clone(), frame);
        drop(old);
        self.waker.wake();
    }

    /// Takes all that wait.
    pub fn take(&self) -> Vec<(ItemId, Frame)> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }
}

/// The poster as a picture. One of the shape of its video lies exactly where the video will lie.
fn frame(video: Option<(u32, u32)>, poster: &Poster) -> Frame {
    let own = (poster.width, poster.height);
    let ratio = |(width, height): (u32, u32)| f64::from(width) / f64::from(height.max(1));
    let display = video.filter(|video| (ratio(*video) / ratio(own) - 1.0).abs() < SAME_RATIO).unwrap_or(own);
    Frame {
        picture: Picture::Rgba(poster.rgba.clone()),
        coded: own,
        display,
        rotation: Rotation::default(),
        pts: Duration::ZERO,
        serial: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poster_lies_where_its_video_will_lie_when_it_has_its_shape() {
        let poster = Poster { width: 404, height: 720, rgba: vec![0; 404 * 720 * 4] };
        assert_eq!(frame(Some((720, 1280)), &poster).display, (720, 1280));
        assert_eq!(frame(Some((1280, 720)), &poster).display, (404, 720), "a still from elsewhere keeps its own");
        assert_eq!(frame(None, &poster).display, (404, 720));
    }
}
