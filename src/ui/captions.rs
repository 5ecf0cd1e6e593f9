//! Captions in the picture: white on a soft dark ground of each line, below or, where they say so, above; they make room for
//! the words and the rail while these are awake.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{self, Align as Side, Galley, Pos2, Rect, Sense, Stroke, Vec2, text::LayoutJob, text::TextFormat, text::TextWrapping};

use super::{chrome, theme};
use crate::app::Model;
use crate::captions::{Align, Cue, Place};
use crate::feed::Item;

/// The most lines of all cues that stand at the same side.
const LINES_MAX: usize = 3;
/// The widest that a line may be, in times its size: longer ones are hard to read at a glance.
const EMS_MAX: f32 = 30.0;
/// Between a line and the edge of its ground, and between that and the words of the tile.
const AROUND: Vec2 = Vec2::new(7.0, 1.5);
const ABOVE_WORDS: f32 = 12.0;
/// From the edges of the tile while nothing else is there: above the progress line and below the rim of the window.
const FROM_BOTTOM: f32 = 44.0;
const FROM_TOP: f32 = 28.0;
/// Below the top line while that is awake.
const BELOW_TOP_LINE: f32 = 64.0;
/// How long they take to make room, in seconds.
const EASE: f32 = 0.18;

/// What else lies over a tile.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// The picture and the words over it.
    pub tile: Rect,
    /// Where the words begin while there are any; the bottom of the tile otherwise.
    pub words_top: f32,
    /// Room that the rail takes at the right.
    pub rail: f32,
}

/// Paints what is to be read of the current item.
pub(super) fn show(ui: &egui::Ui, model: &Model, item: &Item, room: Room, visible: Rect, now: Duration) {
    if !model.preferences().captions {
        return;
    }
    // Also while there is nothing to read: what comes next stands in its place at once.
    let lifted = lifted(ui, model, now);
    let cues = model.cues(item, now);
    for place in [Place::Top, Place::Bottom] {
        let cues: Vec<&Cue> = cues.iter().map(Arc::as_ref).filter(|cue| cue.place == place).collect();
        if !cues.is_empty() {
            let galley = lay_out(ui.painter(), &cues, model.text_scale(), room);
            let block = block(&galley, place, room, lifted);
            paint(&ui.painter_at(visible), &galley, block);
            tell(ui, &cues, place, block);
        }
    }
}

/// How far they have made room for the words, 0.0 to 1.0: on their way back as soon as the controls begin to fade.
fn lifted(ui: &egui::Ui, model: &Model, now: Duration) -> f32 {
    let is_awake = chrome::awake(model, now) >= 1.0;
    let eased =
        ui.ctx().animate_bool_with_time_and_easing(ui.scope_id().with("captions"), is_awake, EASE, egui::emath::easing::cubic_in_out);
    let is_still = model.reduced_motion() || model.is_moving();
    if is_still { f32::from(u8::from(is_awake)) } else { eased }
}

/// Where lines of this size stand.
fn block(galley: &Galley, place: Place, room: Room, lifted: f32) -> Rect {
    let (tile, size) = (room.tile, galley.size() + 2.0 * AROUND);
    let (resting, awake) = match place {
        Place::Bottom => {
            let resting = tile.bottom() - FROM_BOTTOM - size.y;
            // Where there are no words the times of the progress line still need their room.
            (resting, resting.min(room.words_top - ABOVE_WORDS - size.y))
        }
        Place::Top => (tile.top() + FROM_TOP, tile.top() + BELOW_TOP_LINE),
    };
    // In the middle, but not under the rail.
    let beside = tile.center().x.min(tile.right() - room.rail - size.x / 2.0).max(tile.left() + theme::MARGIN + size.x / 2.0);
    let at = |resting: f32, awake: f32| egui::lerp(resting..=awake, lifted).round();
    let top = at(resting, awake).max(tile.top() + FROM_TOP);
    Rect::from_min_size(Pos2::new(at(tile.center().x, beside) - (size.x / 2.0).round(), top), size)
}

fn lay_out(painter: &egui::Painter, cues: &[&Cue], scale: f32, room: Room) -> Arc<Galley> {
    let font = theme::caption(scale);
    let width = (room.tile.width() - theme::MARGIN - room.rail).clamp(120.0, (EMS_MAX * font.size).max(120.0)) - 2.0 * AROUND.x;
    let mut job = LayoutJob::default();
    for (at, cue) in cues.iter().enumerate() {
        if at > 0 {
            job.append("\n", 0.0, TextFormat::simple(font.clone(), theme::INK));
        }
        for span in &cue.spans {
            let mut format = TextFormat::simple(font.clone(), theme::INK);
            format.italics = span.italic;
            format.line_height = Some((font.size * 1.32).round());
            if span.underline {
                format.underline = Stroke::new((font.size / 14.0).max(1.0), theme::INK);
            }
            job.append(&span.text, 0.0, format);
        }
    }
    job.wrap = TextWrapping { max_width: width, max_rows: LINES_MAX, break_anywhere: false, overflow_character: Some('…') };
    job.halign = match cues.first().map(|cue| cue.align).unwrap_or_default() {
        Align::Start => Side::LEFT,
        Align::Center => Side::Center,
        Align::End => Side::RIGHT,
    };
    painter.layout_job(job)
}

/// Each line on a ground of its own, so that no more of the picture is covered than has to be.
fn paint(painter: &egui::Painter, galley: &Arc<Galley>, block: Rect) {
    let inner = block.shrink2(AROUND);
    // The galley's lines lie around its origin by their alignment.
    let origin = inner.min - galley.rect.min.to_vec2();
    for row in galley.rows.iter().filter(|row| row.row.size.x > 0.5) {
        let ground = row.rect_without_leading_space().translate(origin.to_vec2()).expand2(AROUND);
        painter.add(egui::epaint::RectShape::filled(ground, theme::RADIUS[2], theme::CAPTION_GROUND).with_blur_width(theme::CAPTION_BLUR));
    }
    painter.galley(origin, Arc::clone(galley), theme::INK);
}

/// Read aloud when it changes, to who has that switched on.
fn tell(ui: &egui::Ui, cues: &[&Cue], place: Place, block: Rect) {
    let text = cues.iter().map(|cue| cue.text()).collect::<Vec<_>>().join("\n");
    let id = ui.scope_id().with(("caption", place == Place::Top));
    let response = ui.interact(block, id, Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &text));
    ui.ctx().accesskit_node_builder(id, |node| node.set_live(egui::accesskit::Live::Polite));
}
