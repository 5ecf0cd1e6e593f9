//! The pages of the overlay: what each writes on its sheet. None of them computes a figure.

mod cache;
mod feed;
mod item;
mod network;
mod pipelines;

use std::time::Duration;

use super::sheet::{Sheet, Tone};
use super::{Facts, header};
use crate::app::{Model, OverlayPage};
use crate::preload::plan::Window;
use crate::words::overlay::{self as words, names};

/// Writes the page that is open. The whole sheet may be `height` high at the size that figures have where there is room;
/// `has_chart`: below it lies a graph, for which it writes the words.
pub(super) fn write(model: &Model, facts: &Facts, height: f32, has_chart: bool, now: Duration) -> Sheet {
    let mut sheet = Sheet::new();
    header::write(&mut sheet, facts);
    match model.overlay_page() {
        OverlayPage::Feed => feed::write(&mut sheet, model, facts),
        OverlayPage::Pipelines => pipelines::write(&mut sheet, model, facts, height, has_chart),
        OverlayPage::Cache => cache::write(&mut sheet, model, facts),
        OverlayPage::Network => network::write(&mut sheet, model, facts),
        OverlayPage::Item => item::write(&mut sheet, model, now),
    }
    sheet
}

/// How far ahead items are readied.
fn ahead(sheet: &mut Sheet, model: &Model) {
    let Window { ahead, behind, heads, metadata } = model.window();
    sheet.row(names::AHEAD, &words::ahead(behind, ahead, heads, metadata, model.passed_in_vain()), Tone::Plain);
}
