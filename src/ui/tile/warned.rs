//! A tile whose maker warns of it: a blur of colours that shows nothing, and what it is about.

use eframe::egui::{self, Rect};

use super::parts::Frame;
use crate::app::{Intent, Model};
use crate::feed::Item;
use crate::ui::echo;
use crate::ui::feed_view::Pictures;
use crate::ui::surface::Wash;
use crate::ui::{icons, theme};
use crate::words::tile as words;

/// What is warned of, and the way in.
pub(super) fn show(frame: &mut Frame<'_>, warning: &str) {
    let (headline, sentence) = if warning.is_empty() { (words::WARNING, words::WARNED) } else { (words::WARNING, warning) };
    let below = frame.message(Some(icons::hidden), headline, sentence);
    frame.buttons(below, &[(words::SHOW_ANYWAY, Intent::ShowAnyway, true), (words::SHOW_ALL, Intent::ShowAllWarned, false)]);
}

/// Paints the colours of an item over its tile, too coarse and too dim to show what it is. False where none are known.
pub(super) fn hide(ui: &egui::Ui, model: &Model, pictures: &Pictures, item: &Item, rect: Rect, visible: Rect) -> bool {
    let video = model.tile(&item.id).and_then(|tile| tile.generation).and_then(|generation| pictures.get(generation));
    let known = video.or_else(|| pictures.poster(&item.id)).map(|shown| shown.echo().wash(rect));
    let Some(wash) = known.or_else(|| item.blurhash.as_ref().map(|blurhash| echo::blurred(rect, blurhash))) else { return false };
    let vertices = wash.vertices.into_iter().map(|(at, color)| (at, color.blend(theme::VEIL_WARNED))).collect();
    ui.painter_at(visible).add(Wash { vertices, ..wash }.shape(ui.ctx().content_rect()));
    true
}
