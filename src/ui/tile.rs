//! One tile: the picture or what stands for it, and the state it is in.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use eframe::egui::{self, Align, Align2, Pos2, Rect, Sense, Vec2};

use super::feed_view::{FeedView, Pictures, Shown};
use super::surface::{Shade, poster_shape, video_shape};
use super::text::lay_out;
use super::{chrome, echo, icons, theme};
use crate::app::{Event, Flag, Intent, Model, TileState};
use crate::feed::{Failure, Item};

/// Time the loading sweep takes from one side to the other.
const SWEEP: Duration = Duration::from_millis(1400);

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
    let has_picture = item.as_deref().is_some_and(|item| picture(ui, view, model, pictures, item, rect, visible, now));
    let poster = item.as_deref().filter(|_| !has_picture).and_then(|item| pictures.poster(&item.id));
    let veiled = matches!(state, TileState::Failed { .. } | TileState::Offline);
    match (&item, poster) {
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
        painter.rect_filled(rect, 0.0, theme::VEIL);
    }
    match &state {
        TileState::Loading { slow } => {
            if *slow && !has_picture {
                sweep(&painter, rect, now);
            }
        }
        TileState::LoadingPage => {
            message(&painter, rect, None, "Looking for more", "");
            sweep(&painter, rect, now);
        }
        TileState::Ready | TileState::Playing => {}
        TileState::Paused => icons_paused(&painter, rect),
        TileState::Buffering { slow } => {
            if *slow {
                sweep(&painter, rect, now);
                let place = Pos2::new(rect.center().x, rect.bottom() - theme::MARGIN - 8.0);
                chrome::pill(&painter, place, "Waiting for more of the video", 1.0);
            }
        }
        TileState::Failed { failure, details, again_at, skip_at } => {
            let can_retry = item.as_deref().is_some_and(|item| item.problem.is_none());
            let awaited = awaited(*again_at, *skip_at, now);
            failed(ui, view, rect, visible, failure, *details, can_retry, &awaited);
        }
        TileState::Offline => offline(ui, view, rect, visible),
        TileState::PageFailed(failure) => {
            let below = message(&painter, rect, Some(icons::problem), failure.kind.headline(), &failure.sentence);
            buttons(ui, view, rect, visible, below, &[("Retry", Intent::RetryPage, true)]);
        }
        TileState::EndOfFeed => {
            let below = message(&painter, rect, Some(icons::done), "That was everything", "You have reached the end of this feed.");
            buttons(ui, view, rect, visible, below, &[("Back to the start", Intent::ToStart, true)]);
        }
        TileState::EndOfStored => {
            let sentence = "There is no connection, and no more of this feed is on this machine.";
            let below = message(&painter, rect, Some(icons::done), "That was everything here", sentence);
            let offered = [("Back to the start", Intent::ToStart, true), ("Look for more", Intent::RetryPage, false)];
            buttons(ui, view, rect, visible, below, &offered);
        }
        TileState::EmptyFeed { skipped } => {
            let sentence = match skipped {
                0 => "There are no videos here yet.".to_owned(),
                1 => "One entry is here, and it is no video.".to_owned(),
                more => format!("{more} entries are here, and none of them is a video."),
            };
            let below = message(&painter, rect, Some(icons::empty), "Nothing to play", &sentence);
            message_hint(&painter, rect, below);
        }
    }
    if let Some(item) = &item {
        let shown = model.tile(&item.id).and_then(|tile| tile.generation).and_then(|generation| pictures.get(generation));
        let words = shown.or(poster).map_or(rect, |shown| shown.words_rect(rect, ui.pixels_per_point()));
        chrome::show_tile(ui, view, model, item, index, words, visible, now);
    }
}

/// Whether a tile in this state that shows no picture of its video is a black one: it shows nothing of its own, or it has
/// lost what it had without a failure.
fn is_black(state: &TileState, was_painted: bool, has_poster: bool) -> bool {
    match state {
        // The item's own colour is what loading looks like.
        TileState::Loading { .. } => was_painted,
        TileState::Ready | TileState::Playing | TileState::Paused | TileState::Buffering { .. } => was_painted || !has_poster,
        // Words say what is the matter.
        TileState::Failed { .. }
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
    let place = shown.rect_in(rect, ui.pixels_per_point());
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
fn shade(model: &Model, tile: Rect, screen: Rect, now: Duration) -> Shade {
    let (bottom_height, top_height) = theme::SCRIM_HEIGHT;
    Shade {
        top: (screen.top() + top_height, top_height, chrome::top_awake(model, now) * theme::SCRIM_TOP),
        bottom: (tile.bottom() - bottom_height, bottom_height, chrome::awake(model, now) * theme::SCRIM),
    }
}

/// What stands for a picture that is not there: a dim gradient of the item's own colour.
/// Under a veil it is still the one layer that a whole tile costs: on a CPU each one more takes milliseconds of a swipe.
fn stand_in(ui: &egui::Ui, item: Option<&Item>, rect: Rect, visible: Rect, veiled: bool) {
    let mut hasher = DefaultHasher::new();
    item.map(|item| &item.id).hash(&mut hasher);
    let colours = theme::stand_in(hasher.finish());
    let colours = if veiled { colours.map(|colour| colour.blend(theme::VEIL)) } else { colours };
    ui.painter_at(visible).add(echo::gradient(rect, colours).shape(ui.ctx().content_rect()));
}

/// A slim light that runs along the bottom while one waits.
fn sweep(painter: &egui::Painter, rect: Rect, now: Duration) {
    let share = (now.as_secs_f32() / SWEEP.as_secs_f32()).fract();
    let width = rect.width() * 0.35;
    let left = rect.left() - width + (rect.width() + width) * share;
    let line = Rect::from_min_size(Pos2::new(left, rect.bottom() - theme::HAIRLINE), Vec2::new(width, theme::HAIRLINE));
    painter.rect_filled(Rect::from_min_max(Pos2::new(rect.left(), line.top()), rect.max), 0.0, theme::TRACK);
    painter.rect_filled(line, 0.0, theme::ACCENT);
    // The sweep is the only thing here that moves by itself.
    painter.ctx().request_repaint_after(Duration::from_millis(33));
}

fn icons_paused(painter: &egui::Painter, rect: Rect) {
    painter.circle_filled(rect.center(), 38.0, theme::PILL);
    icons::play(painter, rect.center(), 44.0, theme::INK);
}

type Icon = fn(&egui::Painter, Pos2, f32, egui::Color32);

/// A headline and a sentence in the middle of a tile; returns where what follows may begin.
fn message(painter: &egui::Painter, rect: Rect, icon: Option<Icon>, headline: &str, sentence: &str) -> f32 {
    let width = (rect.width() - 4.0 * theme::MARGIN).min(420.0);
    let mut y = rect.center().y - 70.0;
    if let Some(icon) = icon {
        icon(painter, Pos2::new(rect.center().x, y), 34.0, theme::INK);
    }
    y += 34.0;
    for (text, font, color, rows) in [(headline, theme::headline(), theme::INK, 2), (sentence, theme::body(), theme::INK_SECOND, 4)] {
        if text.is_empty() {
            continue;
        }
        let galley = lay_out(painter, text, font, color, width, rows, Align::Center);
        let height = galley.size().y;
        painter.galley(Pos2::new(rect.center().x, y), galley, color);
        y += height + 6.0;
    }
    y
}

fn message_hint(painter: &egui::Painter, rect: Rect, y: f32) {
    let at = Pos2::new(rect.center().x, y + 10.0);
    painter.text(at, Align2::CENTER_TOP, "Drop a folder or a video on this window to open it", theme::small(), theme::INK_SECOND);
}

/// What happens by itself to a failed item, in whole seconds.
fn awaited(again_at: Option<Duration>, skip_at: Option<Duration>, now: Duration) -> String {
    let seconds = |at: Duration| at.saturating_sub(now).as_secs_f64().ceil();
    match (again_at, skip_at) {
        (Some(again), Some(skip)) if skip < again => format!("On to the next in {} s", seconds(skip)),
        (Some(again), _) if again > now => format!("Trying again in {} s", seconds(again)),
        (Some(_), _) => "Trying again".to_owned(),
        (None, Some(skip)) => format!("On to the next in {} s", seconds(skip)),
        (None, None) => String::new(),
    }
}

#[expect(clippy::too_many_arguments, reason = "the places it reads from and the place it goes to; a struct would only rename them")]
fn failed(
    ui: &mut egui::Ui,
    view: &mut FeedView,
    rect: Rect,
    visible: Rect,
    failure: &Failure,
    details: bool,
    can_retry: bool,
    awaited: &str,
) {
    let painter = ui.painter_at(visible);
    let mut below = message(&painter, rect, Some(icons::problem), failure.kind.headline(), &failure.sentence);
    if !awaited.is_empty() {
        let at = Pos2::new(rect.center().x, below + 2.0);
        below = painter.text(at, Align2::CENTER_TOP, awaited, theme::small(), theme::INK).bottom() + 4.0;
    }
    let mut offered = Vec::new();
    if can_retry {
        offered.push(("Retry", Intent::Retry, true));
    }
    offered.push(("Skip", Intent::Skip, !can_retry));
    if !failure.causes.is_empty() {
        offered.push((if details { "Hide details" } else { "Details" }, Intent::Details, false));
    }
    let below = buttons(ui, view, rect, visible, below, &offered);
    if details {
        let width = (rect.width() - 2.0 * theme::MARGIN).min(520.0);
        let text = failure.causes.join("\n");
        let galley = lay_out(&painter, &text, theme::figures(), theme::INK_SECOND, width, 12, Align::LEFT);
        painter.galley(Pos2::new(rect.center().x - galley.size().x / 2.0, below + 18.0), galley, theme::INK_SECOND);
    }
}

/// Nothing is wrong with the item: it is only somewhere else.
fn offline(ui: &mut egui::Ui, view: &mut FeedView, rect: Rect, visible: Rect) {
    let painter = ui.painter_at(visible);
    let sentence = "There is no connection, and too little of this video is here to play it.";
    let below = message(&painter, rect, Some(icons::offline), "Not on this machine", sentence);
    buttons(ui, view, rect, visible, below, &[("Skip", Intent::Skip, true), ("Retry", Intent::Retry, false)]);
}

/// A row of buttons; what was clicked becomes an intent. Returns where what follows may begin.
fn buttons(ui: &mut egui::Ui, view: &mut FeedView, rect: Rect, visible: Rect, y: f32, offered: &[(&str, Intent, bool)]) -> f32 {
    const HEIGHT: f32 = 38.0;
    const GAP: f32 = 10.0;
    let painter = ui.painter_at(visible);
    let galleys: Vec<_> = offered
        .iter()
        .map(|(label, _, primary)| {
            let color = if *primary { theme::ON_PRIMARY } else { theme::INK };
            painter.layout_no_wrap((*label).to_owned(), theme::button(), color)
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "three buttons")]
    let gaps = GAP * offered.len().saturating_sub(1) as f32;
    let all: f32 = galleys.iter().map(|galley| galley.size().x + 36.0).sum::<f32>() + gaps;
    let mut left = rect.center().x - all / 2.0;
    let top = y + 14.0;
    for ((label, intent, primary), galley) in offered.iter().zip(galleys) {
        let place = Rect::from_min_size(Pos2::new(left, top), Vec2::new(galley.size().x + 36.0, HEIGHT));
        left = place.right() + GAP;
        let response = ui.interact(place, ui.scope_id().with(("button", *label)), Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, *label));
        let ground = match (*primary, response.hovered() || response.has_focus()) {
            (true, false) => theme::INK,
            (true, true) => theme::PRIMARY_HOVER,
            (false, false) => theme::BUTTON,
            (false, true) => theme::BUTTON_HOVER,
        };
        painter.rect_filled(place, HEIGHT / 2.0, ground);
        let color = if *primary { theme::ON_PRIMARY } else { theme::INK };
        painter.galley(place.center() - galley.size() / 2.0, galley, color);
        if response.clicked() {
            view.events.push(Event::Intent(intent.clone()));
        }
    }
    top + HEIGHT
}
