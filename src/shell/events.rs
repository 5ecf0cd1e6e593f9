//! The bounded queue toward the UI thread, the clock of the session, and who asks for repaints when.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use eframe::egui;

use crate::app::Event;
use crate::player::PlayerEvent;

/// Events that may wait for the UI thread. A frame drains them all; a session's worst burst is a few dozen.
const QUEUE: usize = 512;
/// A repaint that is asked for with no delay at all is painted twice by egui; with this one, once.
pub(super) const SOON: Duration = Duration::from_nanos(1);

/// Time since the program started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock(Instant);

impl Clock {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The start.
    pub fn began(self) -> Instant {
        self.0
    }

    pub fn now(self) -> Duration {
        self.0.elapsed()
    }
}

/// Asks for repaints, except while the UI thread paces its frames by itself.
#[derive(Clone, Default)]
pub(super) struct Waker {
    ctx: Arc<OnceLock<egui::Context>>,
    paced: Arc<AtomicBool>,
}

impl Waker {
    /// From now on there is a window to wake.
    pub fn attach(&self, ctx: &egui::Context) {
        let _ = self.ctx.set(ctx.clone());
    }

    /// While something moves, a frame comes every display period anyway: a picture that asked for its own
    /// would only squeeze a second one in between.
    pub fn set_paced(&self, paced: bool) -> bool {
        self.paced.swap(paced, Ordering::Relaxed)
    }

    /// Brings the window to the front; where the desktop does not let it, it asks for attention.
    pub fn attention(&self) {
        let Some(ctx) = self.ctx.get() else { return };
        let asked = egui::UserAttentionType::Informational;
        for command in
            [egui::ViewportCommand::Minimized(false), egui::ViewportCommand::RequestUserAttention(asked), egui::ViewportCommand::Focus]
        {
            ctx.send_viewport_cmd_to(egui::ViewportId::ROOT, command);
        }
    }

    pub fn wake(&self) {
        if !self.paced.load(Ordering::Relaxed)
            && let Some(ctx) = self.ctx.get()
        {
            ctx.request_repaint_after_for(SOON, egui::ViewportId::ROOT);
        }
    }
}

/// The sending end of the queue; cheap to clone.
#[derive(Clone)]
pub(super) struct EventSender {
    queue: SyncSender<Event>,
    waker: Waker,
}

pub(super) fn queue(waker: Waker) -> (EventSender, Receiver<Event>) {
    let (sender, receiver) = sync_channel(QUEUE);
    (EventSender { queue: sender, waker }, receiver)
}

impl EventSender {
    /// Sends an event. What only refreshes figures is dropped when the queue is full; the rest waits for a
    /// place, or for the window to be gone.
    pub fn send(&self, event: Event) {
        let figure = matches!(
            event,
            Event::Player(
                PlayerEvent::Position { .. } | PlayerEvent::Waiting { .. } | PlayerEvent::Preview { .. } | PlayerEvent::Pool { .. }
            ) | Event::RangeMaps(_)
        );
        match self.queue.try_send(event) {
            Ok(()) => self.waker.wake(),
            Err(TrySendError::Full(event)) if !figure => {
                self.waker.wake();
                // An error here means that the window is gone and nobody wants to know any more.
                if self.queue.send(event).is_ok() {
                    self.waker.wake();
                }
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }
}
