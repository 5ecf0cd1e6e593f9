//! Figures as the window gathers them: for health, for who copies them, for the exporters and for a report, also while
//! nobody sees it.

use std::time::{Duration, SystemTime};

use eframe::egui;

use super::super::events::SOON;
use super::super::keeper::Note;
use super::super::last_figures::LastFigures;
use super::Client;
use crate::app::{Event, Outside};
use crate::export::Published;
use crate::metrics::Snapshot;
use crate::words::notices as words;

impl Client {
    /// Has health judged when it is time, and remembers the figures now and then.
    pub(super) fn look_after_health(&mut self, ctx: &egui::Context) {
        let now = self.parts.clock.now();
        let Some(write) = self.pulse.beats(now) else { return };
        self.take_in(Event::Figures(Box::new(self.figures())), now, ctx);
        if write {
            self.note_figures();
        }
    }

    pub(super) fn note_figures(&self) {
        self.note(Note::Figures(Box::new(self.last_figures())));
    }

    /// What a report to testers has of them.
    pub(super) fn last_figures(&self) -> LastFigures {
        LastFigures::of(&self.parts.model, &self.figures(), &self.facts.renderer, SystemTime::now())
    }

    /// What is done in a pass that paints nothing: what should play goes out, and figures do.
    pub(super) fn go_on_unseen(&mut self, ctx: &egui::Context) {
        self.carry_out();
        self.look_after_health(ctx);
        self.publish_when_due();
        if let Some(due) = self.parts.exporters.figures_due() {
            ctx.request_repaint_after(due.saturating_sub(self.parts.clock.now()).max(SOON));
        }
    }

    /// Tells the exporters all figures when they are due.
    pub(super) fn publish_when_due(&mut self) {
        let now = self.parts.clock.now();
        if self.parts.exporters.figures_due().is_some_and(|at| at <= now) {
            self.publish_figures();
        }
    }

    /// All figures at this moment.
    pub(super) fn figures(&self) -> Snapshot {
        let outside = Outside {
            counters: self.parts.counters.snapshot(),
            wasted_bytes: self.parts.opener.wasted_bytes(),
            process: self.sampler.latest(),
        };
        self.parts.model.snapshot(&self.monitor, &outside, self.parts.clock.now())
    }

    /// All figures onto the clipboard, with the names they have in a report.
    pub(super) fn copy_figures(&mut self, at: Duration, ctx: &egui::Context) {
        let said = match serde_json::to_string_pretty(&self.figures()) {
            Ok(json) => {
                ctx.copy_text(json);
                words::FIGURES_COPIED.to_owned()
            }
            Err(err) => words::figures_not_copied(&err.to_string()),
        };
        self.take_in(Event::Notice(said), at, ctx);
    }

    /// Tells the exporters all figures; nothing when there are none.
    pub(super) fn publish_figures(&mut self) {
        let now = self.parts.clock.now();
        let (profile, renderer) = (self.parts.model.profile().0.name(), if self.on_cpu { "cpu" } else { "gpu" });
        let published = Published { figures: self.figures(), profile, renderer };
        self.parts.exporters.publish(published, now);
    }
}
