//! Tiles that say what is the matter: failed, gone, not on this machine, a page that could not be had.

use std::time::Duration;

use eframe::egui::{Align, Align2, Pos2};

use super::parts::Frame;
use crate::app::Intent;
use crate::feed::Failure;
use crate::ui::text::lay_out;
use crate::ui::way_back::way_back;
use crate::ui::{icons, theme};
use crate::words::tile as words;

/// What happens by itself to a failed item, in whole seconds. The times: when it is tried again, when the next one takes
/// its place.
fn awaited((again_at, skip_at): (Option<Duration>, Option<Duration>), now: Duration) -> String {
    let seconds = |at: Duration| at.saturating_sub(now).as_secs_f64().ceil();
    match (again_at, skip_at) {
        (Some(again), Some(skip)) if skip < again => words::skipping(seconds(skip)),
        (Some(again), _) if again > now => words::trying_in(seconds(again)),
        (Some(_), _) => words::TRYING_AGAIN.to_owned(),
        (None, Some(skip)) => words::skipping(seconds(skip)),
        (None, None) => String::new(),
    }
}

/// An item that cannot play. `then` is when it is tried again, and when the next one takes its place.
pub(super) fn failed(frame: &mut Frame<'_>, failure: &Failure, details: bool, can_retry: bool, then: (Option<Duration>, Option<Duration>)) {
    let below = frame.message(Some(icons::problem), failure.kind.headline(), &failure.sentence);
    let below = countdown(frame, below, then);
    let mut offered = Vec::new();
    if can_retry {
        offered.push((words::RETRY, Intent::Retry, true));
    }
    offered.push((words::SKIP, Intent::Skip, !can_retry));
    causes(frame, below, offered, failure, details);
}

/// An item that is not there any more: nobody is to wait for it, but who knows better may look again.
pub(super) fn gone(frame: &mut Frame<'_>, failure: &Failure, details: bool, file: bool, skip_at: Option<Duration>) {
    let headline = if file { words::GONE_FILE } else { words::GONE };
    let below = frame.message(Some(icons::gone), headline, &failure.sentence);
    let below = countdown(frame, below, (None, skip_at));
    causes(frame, below, vec![(words::SKIP, Intent::Skip, true), (words::RETRY, Intent::Retry, false)], failure, details);
}

/// Nothing is wrong with the item: it is only somewhere else.
pub(super) fn offline(frame: &mut Frame<'_>) {
    let below = frame.message(Some(icons::offline), words::OFFLINE, words::OFFLINE_SENTENCE);
    frame.buttons(below, &[(words::SKIP, Intent::Skip, true), (words::RETRY, Intent::Retry, false)]);
}

/// A page that could not be had. Without any item there is nothing else to do here, so another source is offered.
pub(super) fn page(frame: &mut Frame<'_>, failure: &Failure) {
    let below = frame.message(Some(icons::problem), failure.kind.headline(), &failure.sentence);
    let mut offered = vec![(words::RETRY, Intent::RetryPage, true)];
    let back = way_back(frame.model);
    if let Some((label, back)) = &back {
        offered.push((label, back.clone(), false));
    }
    if frame.model.feed().items().is_empty() {
        offered.push((words::OPEN_ELSE, Intent::Sheet(crate::app::Sheet::Open), false));
    }
    frame.buttons(below, &offered);
}

fn countdown(frame: &Frame<'_>, below: f32, then: (Option<Duration>, Option<Duration>)) -> f32 {
    let said = awaited(then, frame.now);
    if said.is_empty() {
        return below;
    }
    let at = Pos2::new(frame.rect.center().x, below + 2.0);
    frame.painter().text(at, Align2::CENTER_TOP, said, theme::small(), theme::INK).bottom() + 4.0
}

/// Buttons, and under them the chain of causes when it is unfolded.
fn causes(frame: &mut Frame<'_>, below: f32, mut offered: Vec<(&str, Intent, bool)>, failure: &Failure, details: bool) {
    if !failure.causes.is_empty() {
        offered.push((if details { words::HIDE_DETAILS } else { words::DETAILS }, Intent::Details, false));
    }
    let below = frame.buttons(below, &offered);
    if details {
        let painter = frame.painter();
        let width = (frame.rect.width() - 2.0 * theme::MARGIN).min(520.0);
        let galley = lay_out(&painter, &failure.causes.join("\n"), theme::figures(), theme::INK_SECOND, width, 12, Align::LEFT);
        painter.galley(Pos2::new(frame.rect.center().x - galley.size().x / 2.0, below + 18.0), galley, theme::INK_SECOND);
    }
}
