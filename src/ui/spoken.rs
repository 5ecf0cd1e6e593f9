//! What screen readers are told of the feed: the tile that is on the screen, and the lines that are shown for a moment.

use std::time::Duration;

use eframe::egui::accesskit::{Action, Live};
use eframe::egui::{self, Rect, Response, Role, Sense, WidgetInfo};

use crate::app::{Model, TileState};
use crate::words::spoken as words;

/// Tells who made the current item, what it is called, and how it stands. Whether a screen reader pressed it.
pub(super) fn tile(response: &Response, model: &Model, now: Duration) -> bool {
    let is_item = model.feed().current().is_some();
    response.widget_info(|| WidgetInfo::labeled(if is_item { Role::Video } else { Role::Group }, true, sentence(model, now)));
    response.ctx.input(|input| input.has_accesskit_action_request(response.id, Action::Click))
}

/// Tells the line that is shown for a moment. It is always there: only a change of its words is announced.
pub(super) fn status(ui: &egui::Ui, screen: Rect, model: &Model, now: Duration) {
    let text = model.toast(now).map_or("", |toast| toast.text.as_str());
    let place = Rect::from_min_size(screen.center_top(), egui::Vec2::splat(1.0));
    let response = ui.interact(place, egui::Id::unique("status"), Sense::empty());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, text));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
}

/// The current tile in one sentence.
fn sentence(model: &Model, now: Duration) -> String {
    let (feed, state) = (model.feed(), model.tile_state(model.feed().index(), now));
    let failed;
    let words = match &state {
        TileState::Loading { .. } => words::LOADING,
        TileState::Ready | TileState::Playing => words::PLAYING,
        TileState::Paused => words::PAUSED,
        TileState::Ended => words::ENDED,
        TileState::Buffering { .. } => words::BUFFERING,
        TileState::Failed { failure, .. } | TileState::Gone { failure, .. } => {
            failed = words::failed(&failure.sentence);
            &failed
        }
        TileState::Warned { words } => {
            failed = words::warned(words);
            &failed
        }
        TileState::Offline => words::OFFLINE,
        TileState::LoadingPage => words::LOOKING,
        TileState::PageFailed(failure) => &failure.sentence,
        TileState::EndOfFeed | TileState::EndOfStored => words::END,
        TileState::EmptyFeed { .. } => words::EMPTY,
    };
    match feed.current() {
        Some(item) => words::tile(&item.maker, &item.title, words, feed.index() + 1, feed.items().len()),
        None => words.to_owned(),
    }
}
