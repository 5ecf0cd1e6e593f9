//! The pill that says that there are new items. It moves nothing: who presses it gets the feed afresh.

use eframe::egui::{self, Align2, Pos2, Rect, Sense, Vec2};

use super::feed_view::FeedView;
use super::{chrome, icons, theme};
use crate::app::{Event, Intent, Model, News};
use crate::words::news as words;

/// How far its middle lies below the top of the window.
const BELOW_TOP: f32 = 62.0;
const HEIGHT: f32 = 34.0;
const GLYPH: f32 = 16.0;

/// Shows the pill, if there is anything new.
pub(super) fn show(ui: &egui::Ui, view: &mut FeedView, model: &Model, screen: Rect) {
    let at = Pos2::new(screen.center().x, screen.top() + BELOW_TOP);
    match model.news() {
        News::None => {}
        News::Asked { .. } => chrome::pill(ui.painter(), at, words::LOOKING, 1.0),
        News::Waiting => offer(ui, view, at),
    }
}

fn offer(ui: &egui::Ui, view: &mut FeedView, at: Pos2) {
    let painter = ui.painter();
    let galley = painter.layout_no_wrap(words::NEW_ITEMS.to_owned(), theme::label(), theme::ON_PRIMARY);
    let place = Align2::CENTER_CENTER.anchor_size(at, Vec2::new(galley.size().x + GLYPH + 38.0, HEIGHT));
    let response = ui.interact(place.expand(5.0), ui.scope_id().with("news"), Sense::click());
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, words::OFFER));
    let ground = if response.hovered() || response.has_focus() { theme::PRIMARY_HOVER } else { theme::ACCENT };
    painter.rect_filled(place.translate(Vec2::new(0.0, 2.0)), HEIGHT / 2.0, theme::SHADOW);
    painter.rect_filled(place, HEIGHT / 2.0, ground);
    icons::up(painter, Pos2::new(place.left() + 15.0 + GLYPH / 2.0, at.y), GLYPH, theme::ON_PRIMARY);
    let left = Pos2::new(place.left() + 21.0 + GLYPH, at.y - galley.size().y / 2.0);
    painter.galley(left, galley, theme::ON_PRIMARY);
    if response.clicked() {
        view.events.push(Event::Intent(Intent::Refresh));
    }
}
