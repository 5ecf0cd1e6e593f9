//! The feed: the one or two tiles that are on screen, the controls above them, and what was done to either.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{self, Pos2, Rect, Sense, Vec2};

use super::echo::Echo;
use super::previews::Previews;
use super::{chrome, focus, heart, spoken, theme, tile, wheel};
use crate::app::{Event, Fit, Intent, Key, Model};
use crate::feed::{Generation, ItemId};
use crate::player::{Frame, Still};

/// The shape of the picture on the GPU, for one assignment.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Upright display size; only its ratio matters.
    display: Vec2,
    /// Upright size in pixels of a picture that was made to size.
    made_to: Option<Vec2>,
    serial: u64,
    echo: Echo,
}

/// Room beside a picture that is not worth showing, as a share of its size.
const SLIVER: f32 = 0.006;

/// How dark it gets at a cut from one item to the next where nothing slides: a dip, no flash.
const CUT_VEIL: f32 = 0.7;

/// The pictures that are on the GPU.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    videos: HashMap<Generation, Shown>,
    posters: HashMap<ItemId, Shown>,
    previews: Arc<Previews>,
}

impl Pictures {
    /// Notes that a frame has been uploaded.
    pub fn uploaded(&mut self, generation: Generation, frame: &Frame, now: Duration) {
        if self.previews.wants(generation, frame) {
            Arc::make_mut(&mut self.previews).take(generation, frame);
        }
        match self.videos.get_mut(&generation) {
            Some(shown) => {
                (shown.display, shown.made_to) = sizes(frame);
                shown.serial = frame.serial;
                if shown.echo.is_due(now) {
                    shown.echo = Echo::of(frame, now);
                }
            }
            None => {
                self.videos.insert(generation, Shown::new(frame, now));
            }
        }
    }

    /// Keeps a small picture of a place at which somebody points.
    pub fn preview_came(&mut self, generation: Generation, wanted: Duration, picture: &Still) {
        Arc::make_mut(&mut self.previews).came(generation, wanted, picture);
    }

    /// Notes that the poster of an item has been uploaded.
    pub fn poster_uploaded(&mut self, item: ItemId, frame: &Frame, now: Duration) {
        self.posters.insert(item, Shown::new(frame, now));
    }

    /// Lets go of assignments that are over.
    pub fn keep(&mut self, is_alive: impl Fn(Generation) -> bool) {
        self.videos.retain(|generation, _| is_alive(*generation));
    }

    /// Lets go of posters that are not wanted any more.
    pub fn keep_posters(&mut self, is_wanted: impl Fn(&ItemId) -> bool) {
        self.posters.retain(|item, _| is_wanted(item));
    }

    /// The picture of an assignment.
    #[must_use]
    pub fn get(&self, generation: Generation) -> Option<&Shown> {
        self.videos.get(&generation)
    }

    /// The poster of an item.
    #[must_use]
    pub fn poster(&self, item: &ItemId) -> Option<&Shown> {
        self.posters.get(item)
    }
}

/// Upright display size, and the upright size in pixels of a picture that was made to size.
fn sizes(frame: &Frame) -> (Vec2, Option<Vec2>) {
    #[expect(clippy::cast_precision_loss, reason = "picture sizes are far below 2^24")]
    let size = |(width, height): (u32, u32)| Vec2::new(width as f32, height as f32);
    let coded = size(frame.coded);
    let upright = if frame.rotation.quarters % 2 == 1 { Vec2::new(coded.y, coded.x) } else { coded };
    (size(frame.display), matches!(frame.picture, crate::player::Picture::Rgba(_)).then_some(upright))
}

impl Shown {
    fn new(frame: &Frame, now: Duration) -> Self {
        let (display, made_to) = sizes(frame);
        Self { display, made_to, serial: frame.serial, echo: Echo::of(frame, now) }
    }

    /// The number of the picture within its assignment.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// The echo of the picture.
    #[must_use]
    pub fn echo(&self) -> &Echo {
        &self.echo
    }

    /// Where the picture lies in a tile, or where words go when there is hardly any picture: a narrow picture in
    /// a wide tile carries its own words.
    #[must_use]
    pub fn words_rect(&self, tile: Rect, pixels_per_point: f32, fit: Fit) -> Rect {
        const NARROWEST: f32 = 300.0;
        let picture = self.rect_in(tile, pixels_per_point, fit).intersect(tile);
        if picture.width() < NARROWEST { tile } else { Rect::from_x_y_ranges(picture.x_range(), tile.y_range()) }
    }

    /// Where the picture lies in a tile: as large as it fits, or as small as it covers all of it; in the middle, on whole
    /// pixels. One that covers the tile may lie beyond it.
    #[must_use]
    pub fn rect_in(&self, tile: Rect, pixels_per_point: f32, fit: Fit) -> Rect {
        let ratio = self.display.x.max(1.0) / self.display.y.max(1.0);
        let room = tile.size() * pixels_per_point;
        let by_height = (room.x / room.y > ratio) == (fit == Fit::Contain);
        let mut size = if by_height { Vec2::new(room.y * ratio, room.y) } else { Vec2::new(room.x, room.x / ratio) };
        // A picture that leaves but a sliver of room fills it: the sliver would be seen, the stretch is not.
        if (room / size).max_elem() < 1.0 + SLIVER && (size / room).max_elem() < 1.0 + SLIVER {
            size = room;
        }
        // A picture made for this place may differ by a rounded pixel; its own size reads texels one to one.
        if let Some(made_to) = self.made_to.filter(|made_to| (*made_to - size).abs().max_elem() <= 2.0) {
            size = made_to;
        }
        let size = size.round().max(Vec2::splat(1.0));
        let corner = ((tile.min.to_vec2() * pixels_per_point) + ((room - size) / 2.0)).round();
        Rect::from_min_size((corner / pixels_per_point).to_pos2(), size / pixels_per_point)
    }
}

/// What came of painting the feed once.
#[derive(Debug, Default)]
pub struct FeedView {
    /// What was done to it.
    pub events: Vec<Event>,
    /// The pictures that were on screen.
    pub pictures: Vec<(Generation, u64)>,
    /// A tile was on screen and showed nothing of its own: neither its video, nor its poster, nor that it loads or failed; or
    /// it had shown its video and shows it no more.
    pub black: bool,
    /// A press that ended on something of the picture that takes clicks but no drags: it was no tap on the picture.
    pub(super) takes_tap: bool,
    /// Small pictures of the clip that plays.
    pub(super) previews: Arc<Previews>,
    /// The last place at which somebody points of which none was known.
    pub(super) looks_at: Option<Duration>,
}

impl FeedView {
    /// Paints the feed and gathers what the pointer did.
    #[must_use]
    pub fn show(ui: &mut egui::Ui, model: &Model, pictures: &Pictures, now: Duration) -> Self {
        let screen = ui.max_rect();
        theme::wear(ui.ctx(), theme::Look::of(model));
        let mut view = Self { previews: Arc::clone(&pictures.previews), ..Self::default() };
        wheel::clear(ui.ctx());
        // Below everything that can be clicked: what reaches it was meant for the picture.
        let background = ui.interact(screen, focus::tile(), Sense::click_and_drag());
        // A swipe may begin on the words, which take but clicks.
        let words = chrome::words_id(ui);
        // What lies over it and takes clicks has a press to itself, although it is no less on the picture.
        let is_covered = ui.ctx().viewport(|viewport| viewport.hits.click.is_some_and(|hit| hit.id != background.id && hit.id != words));
        let on_picture = background.contains_pointer() || background.is_pointer_button_down_on();
        view.events = super::input::pointer_events(ui.ctx(), on_picture && !is_covered);

        if model.sheet().is_none() {
            focus::keep_arrows(ui.ctx());
        }
        if spoken::tile(&background, model, now) {
            view.events.push(Event::Key { key: Key::Pause, repeat: false });
        }
        let position = model.position();
        let first = position.floor();
        for tile_at in [first, first + 1.0] {
            if tile_at < 0.0 {
                continue;
            }
            #[expect(clippy::cast_possible_truncation, reason = "an offset in points")]
            let top = ((tile_at - position) * f64::from(screen.height())) as f32;
            let top = (top * ui.pixels_per_point()).round() / ui.pixels_per_point();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked not to be negative")]
            let index = tile_at as usize;
            let rect = Rect::from_min_size(Pos2::new(screen.left(), screen.top() + top), screen.size());
            let visible = rect.intersect(screen);
            if index > model.feed().last_index() || visible.height() < 0.5 {
                continue;
            }
            tile::show(ui, &mut view, model, pictures, index, rect, visible, now);
        }
        heart::show(ui, model, screen, now);
        let veil = model.cut_veil(now);
        if veil > 0.0 {
            ui.painter_at(screen).rect_filled(screen, 0.0, theme::faded(theme::BACKGROUND, CUT_VEIL * veil));
        }
        spoken::status(ui, screen, model, now);
        chrome::show_top(ui, &mut view, model, screen, now);
        if view.takes_tap {
            for event in view.events.iter_mut().filter(|event| matches!(event, Event::PointerUp(_))) {
                *event = Event::PointerGone;
            }
        }
        if view.looks_at != model.looks_at() {
            view.events.push(Event::Look(view.looks_at));
        }
        // Whatever became of the scrubber meanwhile: without a press nobody holds it.
        if model.is_scrubbing() && !ui.input(|input| input.pointer.any_down()) {
            view.events.push(Event::Intent(Intent::ScrubOver));
        }
        if model.sheet().is_some() {
            wheel::take(ui.ctx(), screen);
        }
        view
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::{Picture, Rotation};

    fn shown(coded: (u32, u32), display: (u32, u32)) -> Shown {
        let pixels = vec![0; coded.0 as usize * coded.1 as usize * 4];
        let frame = Frame { picture: Picture::Rgba(pixels), coded, display, rotation: Rotation::default(), pts: Duration::ZERO, serial: 3 };
        let mut pictures = Pictures::default();
        pictures.uploaded(Generation(1), &frame, Duration::ZERO);
        pictures.get(Generation(1)).cloned().unwrap()
    }

    fn tile(width: f32, height: f32) -> Rect {
        Rect::from_min_size(Pos2::ZERO, Vec2::new(width, height))
    }

    #[test]
    fn a_portrait_picture_fills_a_portrait_tile() {
        assert_eq!(shown((450, 800), (720, 1280)).rect_in(tile(450.0, 800.0), 1.0, Fit::Contain), tile(450.0, 800.0));
    }

    #[test]
    fn a_landscape_picture_is_centred_with_room_above_and_below() {
        let rect = shown((450, 253), (1920, 1080)).rect_in(tile(450.0, 800.0), 1.0, Fit::Contain);
        assert_eq!(rect.size(), Vec2::new(450.0, 253.0));
        assert!((rect.center().y - 400.0).abs() <= 1.0);
    }

    #[test]
    fn a_picture_made_for_the_place_keeps_its_own_pixels() {
        // 271 × 481 at 1.0: the fitted height would be 798.7.
        let rect = shown((449, 798), (271, 481)).rect_in(tile(450.0, 800.0), 1.0, Fit::Contain);
        assert_eq!(rect.size(), Vec2::new(449.0, 798.0));
    }

    #[test]
    fn a_picture_that_covers_its_tile_leaves_no_room_and_keeps_its_shape() {
        let landscape = shown((1422, 800), (1920, 1080)).rect_in(tile(450.0, 800.0), 1.0, Fit::Cover);
        assert_eq!(landscape.size(), Vec2::new(1422.0, 800.0));
        assert!((landscape.center().x - 225.0).abs() <= 0.5, "cut at both sides alike: {landscape:?}");
        let portrait = shown((1280, 2276), (720, 1280)).rect_in(tile(1280.0, 720.0), 1.0, Fit::Cover);
        assert!((portrait.width() - 1280.0).abs() < 0.5);
        assert!(portrait.height() > 2270.0);
        let words = shown((1422, 800), (1920, 1080)).words_rect(tile(450.0, 800.0), 1.0, Fit::Cover);
        assert_eq!(words, tile(450.0, 800.0), "what is said stays in the tile");
    }

    #[test]
    fn a_wide_window_leaves_room_at_both_sides_on_whole_pixels() {
        let rect = shown((360, 640), (720, 1280)).rect_in(tile(913.0, 640.0), 1.5, Fit::Contain);
        assert!(((rect.left() * 1.5).round() - rect.left() * 1.5).abs() < 1e-3);
        assert!((rect.height() - 640.0).abs() < 1.0);
    }
}
