//! The words of an item: who made it, its title, the first lines of its description, its tags. They unfold on a click.

use std::sync::Arc;

use eframe::egui::{self, Align, Galley, Id, Painter, Pos2, Rect, Role, ScrollArea, Sense, UiBuilder, Vec2, WidgetInfo};

use super::rail;
use crate::app::{Event, Intent, Model};
use crate::feed::Item;
use crate::ui::feed_view::FeedView;
use crate::ui::marks::Badge;
use crate::ui::surface::Wash;
use crate::ui::text::{lay_out, shadowed};
use crate::ui::{theme, wheel};
use crate::words::controls as said;

/// Room between a maker's name and what stands behind it, and between two lines.
const BADGE_GAP: f32 = 10.0;
const GAP: f32 = 4.0;
/// From the lowest line to the bottom of the tile.
const BELOW: f32 = 26.0;
/// The most of a tile's height that unfolded words take; what is longer scrolls.
const MOST: f32 = 0.55;
/// Over unfolded words the ground grows dark within this height.
const FADE: f32 = 56.0;
/// More of a description than this is read elsewhere: it keeps a page of nonsense from being laid out.
const LONGEST: usize = 6000;

/// What takes a click on the words of the current item: a tap, not a drag.
pub(in crate::ui) fn id(ui: &egui::Ui) -> Id {
    ui.scope_id().with("words")
}

/// The words laid out.
struct Lines {
    galleys: Vec<Arc<Galley>>,
    badge: Option<Badge>,
    /// The badge has a line of its own: there is no maker.
    badge_alone: bool,
    elided: bool,
}

impl Lines {
    fn height(&self) -> f32 {
        let badge = self.badge.as_ref().filter(|_| self.badge_alone).map_or(0.0, |badge| badge.size().y + GAP);
        badge + self.galleys.iter().map(|galley| galley.size().y + GAP).sum::<f32>()
    }

    fn width(&self) -> f32 {
        self.galleys.iter().map(|galley| galley.size().x).fold(0.0, f32::max)
    }

    /// Paints them from `at` downward.
    fn paint(&self, ui: &egui::Ui, painter: &Painter, item: &Item, at: Pos2, awake: f32) {
        let mut y = at.y;
        if let Some(badge) = &self.badge {
            let size = badge.size();
            let corner = match self.galleys.first().filter(|_| !self.badge_alone) {
                Some(maker) => Pos2::new(at.x + maker.size().x + BADGE_GAP, y + (maker.size().y - size.y) / 2.0),
                None => Pos2::new(at.x, y),
            };
            badge.show(painter, corner, awake);
            badge.tell(ui, Rect::from_min_size(corner, size), ui.scope_id().with(("mark", &item.id)));
            y += if self.badge_alone { size.y + GAP } else { 0.0 };
        }
        for galley in &self.galleys {
            shadowed(painter, Pos2::new(at.x, y), galley, awake);
            y += galley.size().y + GAP;
        }
    }
}

/// Shows the words of an item in its tile, and tells where they begin; those of the current one take clicks.
#[expect(clippy::too_many_arguments, reason = "the places it reads from and the place it goes to; a struct would only rename them")]
pub(super) fn show(
    ui: &mut egui::Ui,
    view: &mut FeedView,
    model: &Model,
    item: &Item,
    current: bool,
    rect: Rect,
    visible: Rect,
    awake: f32,
) -> f32 {
    let painter = ui.painter_at(visible);
    let width = (rect.width() - theme::MARGIN - rail::WIDTH - 20.0).clamp(60.0, 640.0);
    let left = rect.left() + theme::MARGIN;
    let unfolded = current && model.unfolded();
    let lines = lay_out_all(&painter, model, item, width, unfolded);
    let height = lines.height().min(if unfolded { rect.height() * MOST } else { f32::INFINITY });
    let place = Rect::from_min_size(Pos2::new(left, rect.bottom() - BELOW - height), Vec2::new(width, height));
    if current && (unfolded || lines.elided) && !model.is_moving() {
        let clickable = if unfolded { place } else { Rect::from_min_size(place.min, Vec2::new(lines.width(), height)) };
        let response = ui.interact(clickable.intersect(visible), id(ui), Sense::click()).on_hover_cursor(egui::CursorIcon::PointingHand);
        let name = if unfolded { said::FOLD } else { said::UNFOLD };
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, unfolded, name));
        if response.clicked() {
            view.takes_tap = true;
            view.events.push(Event::Intent(Intent::Unfold));
        }
    }
    if unfolded {
        ground(&painter, rect, place.top(), ui.ctx().content_rect(), awake);
        wheel::take(ui.ctx(), place);
        ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
            ScrollArea::vertical().id_salt(("words", &item.id)).max_height(height).auto_shrink([false, false]).show(ui, |ui| {
                let (inner, _) = ui.allocate_exact_size(Vec2::new(width, lines.height()), Sense::hover());
                lines.paint(ui, ui.painter(), item, inner.min, awake);
            });
        });
    } else {
        lines.paint(ui, &painter, item, place.min, awake);
    }
    place.top()
}

/// The words in the order in which they stand, with what says that they go on.
fn lay_out_all(painter: &Painter, model: &Model, item: &Item, width: f32, unfolded: bool) -> Lines {
    let badge = model.mark(&item.id).map(|mark| Badge::of(painter, mark));
    let badge_alone = item.maker.is_empty();
    // The maker makes room for the badge, which stands behind the name.
    let beside = badge.as_ref().map_or(0.0, |badge| badge.size().x + BADGE_GAP);
    let tags = item.tags.iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>().join("  ");
    let description = match item.description.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &item.description[..end]),
        None => item.description.clone(),
    };
    let rows = |folded| if unfolded { usize::MAX } else { folded };
    let texts = [
        (item.maker.as_str(), theme::strong(), theme::INK, 1),
        (item.title.as_str(), theme::body(), theme::INK, rows(2)),
        (description.as_str(), theme::small(), theme::INK_SECOND, rows(2)),
        (tags.as_str(), theme::small(), theme::INK_SECOND, rows(1)),
    ];
    let mut lines = Lines { galleys: Vec::new(), badge, badge_alone, elided: false };
    for (line, (text, font, color, rows)) in texts.into_iter().enumerate() {
        // What goes on says so above the tags, where the description ends.
        if line == 3 && lines.elided {
            lines.galleys.push(lay_out(painter, said::GOES_ON, theme::small(), theme::INK_SECOND, width, 1, Align::LEFT));
        }
        if text.is_empty() {
            continue;
        }
        // The badge may reach to the edge of the rail: it is short, and a name should not be cut for it.
        let width = if line == 0 && beside > 0.0 { (width + 20.0 - beside).max(60.0) } else { width };
        let galley = lay_out(painter, text, font, color, width, rows, Align::LEFT);
        lines.elided |= galley.elided && line > 0;
        lines.galleys.push(galley);
    }
    lines
}

/// Unfolded words reach beyond the scrim: they have a ground of their own, dark from where they begin.
fn ground(painter: &Painter, rect: Rect, top: f32, screen: Rect, awake: f32) {
    let [clear, dark] = theme::SCRIM_WORDS.map(|color| theme::faded(color, awake));
    let rows = [(top - FADE, clear), (top, dark), (rect.bottom() - theme::HAIRLINE, dark)];
    let vertices = rows.into_iter().flat_map(|(y, color)| [rect.left(), rect.right()].map(|x| (Pos2::new(x, y), color)));
    let wash = Wash { vertices: vertices.collect(), indices: vec![0, 1, 2, 1, 3, 2, 2, 3, 4, 3, 5, 4] };
    painter.add(wash.shape(screen));
}
