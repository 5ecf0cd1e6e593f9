//! One tile: the picture or what stands for it, and the state it is in. Each kind of state has a file of its own.

mod ends;
mod failed;
mod parts;
mod waiting;
mod warned;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use eframe::egui::{self, Rect, Sense};

use self::parts::Frame;
pub(super) use self::parts::LARGE;
use super::feed_view::{FeedView, Pictures, Shown};
use super::surface::{Shade, poster_shape, video_shape};
use super::{chrome, echo, icons, theme};
use crate::app::{Event, Flag, Intent, Model, TileState};
use crate::feed::{Item, MediaLocation};
use crate::words::playing;

/// Paints the tile at `index` of the feed into `rect`, of which `visible` is on screen.
#[expect(clippy::too_many_arguments, reason = "the places it reads from and the place it goes to; a struct would only rename them")]
pub(super) fn show(
    ui: &mut egui::Ui,
    view: &mut FeedView,
    model: &Model,
    pictures: &Pictures,
    index: usize,
    rect: Rect,
    visible: Rect,
    now: Duration,
) {
    let item = model.feed().items().get(index).cloned();
    let state = model.tile_state(index, now);
    let is_hidden = item.as_deref().is_some_and(|item| model.is_warned(item));
    let has_picture = !is_hidden && item.as_deref().is_some_and(|item| picture(ui, view, model, pictures, item, rect, visible, now));
    let poster = item.as_deref().filter(|_| !has_picture && !is_hidden).and_then(|item| pictures.poster(&item.id));
    let veiled = matches!(state, TileState::Failed { .. } | TileState::Gone { .. } | TileState::Offline);
    match (&item, poster) {
        (Some(item), _) if is_hidden && !veiled && warned::hide(ui, model, pictures, item, rect, visible) => {}
        (Some(item), Some(shown)) => {
            let place = place(ui, model, shown, rect, visible);
            let screen = ui.ctx().content_rect();
            let shape = poster_shape(item.id.clone(), place, shade(model, rect, screen, now), screen);
            ui.painter_at(visible.intersect(place)).add(shape);
        }
        _ if !has_picture => stand_in(ui, item.as_deref(), rect, visible, veiled),
        _ => {}
    }
    let was_painted = item.as_deref().and_then(|item| model.tile(&item.id)).is_some_and(|tile| tile.times.painted.is_some());
    view.black |= !has_picture && is_black(&state, was_painted, poster.is_some());
    let painter = ui.painter_at(visible);
    if veiled && (has_picture || poster.is_some()) {
        painter.rect_filled(rect, 0.0, theme::seen(theme::VEIL));
    }
    if let Some(item) = &item {
        describe(ui, item, visible);
    }
    let mut frame = Frame { ui: &mut *ui, view: &mut *view, model, index, rect, visible, now };
    match &state {
        TileState::Loading { slow } => waiting::loading(&mut frame, *slow && !has_picture),
        TileState::LoadingPage => waiting::page(&mut frame),
        TileState::Ready | TileState::Playing => {}
        TileState::Paused => icons_paused(&painter, rect),
        TileState::Ended => ended(&mut frame),
        TileState::Buffering { slow } => waiting::buffering(&mut frame, item.as_deref(), *slow),
        TileState::Failed { failure, details, again_at, skip_at } => {
            let can_retry = item.as_deref().is_some_and(|item| item.problem.is_none());
            failed::failed(&mut frame, failure, *details, can_retry, (*again_at, *skip_at));
        }
        TileState::Gone { failure, details, skip_at } => {
            let file = item.as_deref().is_some_and(|item| matches!(item.media, MediaLocation::File(_)));
            failed::gone(&mut frame, failure, *details, file, *skip_at);
        }
        TileState::Warned { words } => warned::show(&mut frame, words),
        TileState::Offline => failed::offline(&mut frame),
        TileState::PageFailed(failure) => failed::page(&mut frame, failure),
        TileState::EndOfFeed => ends::end(&mut frame),
        TileState::EndOfStored => ends::end_of_stored(&mut frame),
        TileState::EmptyFeed { skipped, filtered } => ends::empty(&mut frame, *skipped, *filtered),
    }
    if let Some(item) = &item {
        let shown = model.tile(&item.id).and_then(|tile| tile.generation).and_then(|generation| pictures.get(generation));
        let words = shown.or(poster).map_or(rect, |shown| shown.words_rect(rect, ui.pixels_per_point(), model.preferences().fit));
        chrome::show_tile(ui, view, model, item, index, words, visible, now);
    }
}

/// Whether a tile in this state that shows no picture of its video is a black one: it shows nothing of its own, or it has
/// lost what it had without a failure.
fn is_black(state: &TileState, was_painted: bool, has_poster: bool) -> bool {
    match state {
        // The item's own colour is what loading looks like.
        TileState::Loading { .. } => was_painted,
        TileState::Ready | TileState::Playing | TileState::Paused | TileState::Ended | TileState::Buffering { .. } => {
            was_painted || !has_poster
        }
        // Words say what is the matter.
        TileState::Failed { .. }
        | TileState::Gone { .. }
        | TileState::Warned { .. }
        | TileState::Offline
        | TileState::LoadingPage
        | TileState::PageFailed(_)
        | TileState::EndOfFeed
        | TileState::EndOfStored
        | TileState::EmptyFeed { .. } => false,
    }
}

/// The item's own picture, if it is on the GPU.
#[expect(clippy::too_many_arguments, reason = "the places it reads from and the place it goes to; a struct would only rename them")]
fn picture(
    ui: &egui::Ui,
    view: &mut FeedView,
    model: &Model,
    pictures: &Pictures,
    item: &Item,
    rect: Rect,
    visible: Rect,
    now: Duration,
) -> bool {
    let Some((generation, shown)) = model
        .tile(&item.id)
        .filter(|tile| tile.picture.is_some())
        .and_then(|tile| tile.generation)
        .and_then(|generation| Some((generation, pictures.get(generation)?)))
    else {
        return false;
    };
    let place = place(ui, model, shown, rect, visible);
    let screen = ui.ctx().content_rect();
    let shape = video_shape(generation, place, shade(model, rect, screen, now), screen);
    ui.painter_at(visible.intersect(place)).add(shape);
    view.pictures.push((generation, shown.serial()));
    true
}

/// Where a picture lies in its tile; what it leaves free is filled with its echo.
fn place(ui: &egui::Ui, model: &Model, shown: &Shown, rect: Rect, visible: Rect) -> Rect {
    let place = shown.rect_in(rect, ui.pixels_per_point(), model.preferences().fit);
    let leaves_room = place.width() < rect.width() - 1.0 || place.height() < rect.height() - 1.0;
    if leaves_room && model.flags().is_on(Flag::WideWindowEcho) {
        let wash = shown.echo().wash(rect);
        for part in echo::beside(visible, place) {
            ui.painter_at(part).add(wash.clone().shape(ui.ctx().content_rect()));
        }
    }
    place
}

/// The scrims of a tile: as awake as the words that stand on them.
pub(super) fn shade(model: &Model, tile: Rect, screen: Rect, now: Duration) -> Shade {
    let (top, bottom) = (theme::scrim_top(), theme::scrim_bottom());
    Shade {
        top: (screen.top() + top.0, top.1, chrome::top_awake(model, now) * top.2),
        bottom: (tile.bottom() - bottom.0, bottom.1, chrome::awake(model, now) * bottom.2),
    }
}

/// What stands for a picture that is not there: the blur that the feed tells of it, or a dim gradient of the item's own colour.
/// Under a veil it is still the one layer that a whole tile costs: on a CPU each one more takes milliseconds of a swipe.
fn stand_in(ui: &egui::Ui, item: Option<&Item>, rect: Rect, visible: Rect, veiled: bool) {
    if let Some(blurhash) = item.and_then(|item| item.blurhash.as_ref()).filter(|_| !veiled) {
        ui.painter_at(visible).add(echo::blurred(rect, blurhash).shape(ui.ctx().content_rect()));
        return;
    }
    let mut hasher = DefaultHasher::new();
    item.map(|item| &item.id).hash(&mut hasher);
    let colours = theme::stand_in(hasher.finish());
    let colours = if veiled { colours.map(|colour| colour.blend(theme::seen(theme::VEIL))) } else { colours };
    ui.painter_at(visible).add(echo::gradient(rect, colours).shape(ui.ctx().content_rect()));
}

fn icons_paused(painter: &egui::Painter, rect: Rect) {
    painter.circle_filled(rect.center(), 38.0, theme::seen(theme::PILL));
    icons::play(painter, rect.center(), 44.0, theme::INK);
}

/// The last picture stands; a click anywhere on it, or on the icon, plays it again.
fn ended(frame: &mut Frame<'_>) {
    let (painter, center) = (frame.painter(), frame.rect.center());
    painter.circle_filled(center, 38.0, theme::seen(theme::PILL));
    icons::replay(&painter, center, 40.0, theme::INK);
    let place = Rect::from_center_size(center, egui::Vec2::splat(76.0)).intersect(frame.visible);
    if frame.button(place, playing::REPLAY).on_hover_cursor(egui::CursorIcon::PointingHand).clicked() {
        frame.view.events.push(Event::Intent(Intent::Replay));
    }
}

/// Tells screen readers what is to be seen, where the feed does.
fn describe(ui: &egui::Ui, item: &Item, visible: Rect) {
    if !item.alt.is_empty() {
        let response = ui.interact(visible, ui.scope_id().with(("picture", &item.id)), Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &item.alt));
    }
}
