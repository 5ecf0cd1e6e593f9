//! The window among others: whether it is seen, and what the desktop tells and is told about it.

use std::time::Duration;

use eframe::egui;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::events::EventSender;
use super::place::Place;
use crate::app::{Event, Model, TileState};
use crate::desktop::{self, Buses, News};
use crate::words::around::PLAYS_FULL_SCREEN;

/// Passes in a row that painted nothing although a picture was due, after which nobody sees the window. The first may
/// be one that a busy machine was late with.
const UNPAINTED_MOST: u32 = 2;

/// What the window has to do with the desktop around it.
pub(super) struct Around {
    pub place: Place,
    bright: watch::Sender<Option<&'static str>>,
    unpainted: u32,
}

impl Around {
    /// Starts to listen to the desktop; what it tells comes as events.
    pub fn start(runtime: &Handle, events: EventSender) -> Self {
        let buses = Buses::of_this_desktop();
        let (bright, wanted) = watch::channel(None);
        desktop::keep_bright(runtime, buses.session.clone(), wanted);
        desktop::spawn(runtime, buses, move |news| {
            events.send(match news {
                News::Conditions(conditions) => Event::Conditions(conditions),
                News::Presence(presence) => Event::Presence(presence),
                News::Settings(settings) => Event::Desktop(settings),
            });
        });
        Self { place: Place::default(), bright, unpainted: 0 }
    }

    /// Whether nobody sees the window; asked once in each pass, before anything is painted.
    ///
    /// X11 tells that a window is minimised or fully covered. Wayland tells neither: its compositors stop asking for
    /// pictures, and then passes come that paint nothing.
    pub fn is_hidden(&mut self, ctx: &egui::Context) -> bool {
        self.unpainted += 1;
        is_out_of_sight(ctx) || self.unpainted > UNPAINTED_MOST
    }

    /// It is painted now, so it is seen.
    pub fn painted(&mut self) {
        self.unpainted = 0;
    }

    /// Takes a look at the window and at what plays in it: over a video that fills the screen it does not go dark.
    pub fn look(&mut self, ctx: &egui::Context, model: &Model, now: Duration) {
        self.place.look(ctx, model);
        let is_watched = ctx.input(|input| input.focused) && fills_the_screen(model, now);
        let reason = is_watched.then_some(PLAYS_FULL_SCREEN);
        self.bright.send_if_modified(|wanted| std::mem::replace(wanted, reason) != reason);
    }
}

/// Whether a video plays in full screen. In a window a feed is no film: it may go dark around it.
fn fills_the_screen(model: &Model, now: Duration) -> bool {
    let runs = || matches!(model.tile_state(model.feed().index(), now), TileState::Playing | TileState::Buffering { .. });
    model.fullscreen() && model.plays() && runs()
}

/// Drops what a hand did to a window that nobody sees: it would be kept, and done when the window is back.
pub(super) fn forget_input(raw: &mut egui::RawInput) {
    let is_out_of_sight = raw.viewports.get(&raw.viewport_id).is_some_and(|window| window.visible() == Some(false));
    if is_out_of_sight {
        let before = raw.events.len();
        raw.events.retain(|event| {
            let pressed = matches!(event, egui::Event::Key { pressed: true, .. } | egui::Event::PointerButton { pressed: true, .. });
            !pressed && !matches!(event, egui::Event::MouseWheel { .. } | egui::Event::Text(_) | egui::Event::Paste(_))
        });
        let dropped = before - raw.events.len();
        if dropped > 0 {
            // The only sign of it that there ever is.
            tracing::debug!(dropped, "input came to a window that nobody sees");
        }
    }
}

fn is_out_of_sight(ctx: &egui::Context) -> bool {
    ctx.input(|input| input.viewport().visible() == Some(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Key, Options, Presence, update};
    use crate::feed::{FeedPage, Item, ItemId, MediaLocation};

    #[test]
    fn the_screen_stays_bright_over_a_video_that_plays_in_full_screen_and_over_nothing_else() {
        let now = Duration::from_secs(1);
        let mut model = Model::new(&Options::default());
        let mut then = |event| {
            update(&mut model, event, now);
            fills_the_screen(&model, now)
        };
        let key = |key| Event::Key { key, repeat: false };
        then(Event::Opened { label: "Test".into(), hint: false });
        let items = vec![Item::bare(ItemId::new("a"), MediaLocation::Sample(0))];
        then(Event::Page { epoch: 1, cursor: None, result: Ok(FeedPage { items, ..FeedPage::default() }) });
        assert!(!then(key(Key::Fullscreen)), "it loads");
        let generation = crate::feed::Generation(1);
        assert!(then(Event::Picture { generation, serial: 0 }));
        assert!(!then(key(Key::Pause)));
        assert!(then(key(Key::Pause)));
        assert!(!then(Event::Presence(Presence { locked: true, asleep: false })));
        assert!(then(Event::Presence(Presence::default())));
        assert!(!then(key(Key::Fullscreen)), "in a window");
        assert!(then(key(Key::Fullscreen)));
        assert!(!then(key(Key::Next)), "the end of the feed");
    }

    fn input(minimized: bool, occluded: bool) -> egui::RawInput {
        let key = |pressed| egui::Event::Key {
            key: egui::Key::ArrowDown,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: egui::Modifiers::NONE,
        };
        let mut raw = egui::RawInput { events: vec![key(true), key(false), egui::Event::WindowFocused(true)], ..Default::default() };
        let window = raw.viewports.entry(raw.viewport_id).or_default();
        (window.minimized, window.occluded) = (Some(minimized), Some(occluded));
        raw
    }

    #[test]
    fn keys_that_reach_a_window_nobody_sees_are_not_kept_for_when_it_is_back() {
        for (minimized, occluded, left) in [(true, false, 2), (false, true, 2), (false, false, 3)] {
            let mut raw = input(minimized, occluded);
            forget_input(&mut raw);
            assert_eq!(raw.events.len(), left, "{minimized} {occluded}");
        }
    }
}
