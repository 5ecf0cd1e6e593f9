//! Words can be read on any picture: on a white one, which is the worst, each has a contrast of 4.5 : 1 at least.

use std::time::Duration;

use eframe::egui::{self, Color32, Rect, Shape};

use super::surface::Shade;
use super::{FeedView, Pictures, chrome, theme, tile};
use crate::app::{Event, Model, Options, Preferences, update};
use crate::feed::{FeedPage, Item, ItemId, MediaLocation};
use crate::gesture::Position;

/// The least contrast of text (WCAG 2.2, 1.4.3).
const LEAST: f32 = 4.5;
const NOW: Duration = Duration::from_millis(100);

/// Relative luminance of a grey, by the definition of WCAG.
fn luminance(grey: f32) -> f32 {
    let share = grey / 255.0;
    if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

fn contrast(one: f32, other: f32) -> f32 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

/// A colour over a grey ground, both grey.
fn over(color: Color32, ground: f32) -> f32 {
    f32::from(color.g()) + ground * (1.0 - f32::from(color.a()) / 255.0)
}

/// How dark the scrims are at a row, as the shader works it out.
fn scrim(shade: Shade, row: f32) -> f32 {
    let top = ((shade.top.0 - row) / shade.top.1).clamp(0.0, 1.0) * shade.top.2;
    let bottom = ((row - shade.bottom.0) / shade.bottom.1).clamp(0.0, 1.0) * shade.bottom.2;
    1.0 - (1.0 - top) * (1.0 - bottom)
}

fn model(size: (f64, f64), scale: f32) -> Model {
    let preferences = Preferences { text_scale: scale, ..Preferences::default() };
    let mut model = Model::new(&Options { preferences, ..Options::default() });
    let item = Item {
        maker: "Peach Open Movie".into(),
        title: "A flower by the water, before anyone is awake, and more of it than one line holds".into(),
        description: "Filmed in one morning, with nobody about, and told in more words than two lines have room for.".into(),
        tags: vec!["morning".into(), "brook".into()],
        ..Item::bare(ItemId::new("v"), MediaLocation::Sample(0))
    };
    let picture = crate::player::PicturePath::Planes;
    update(&mut model, Event::Resized { size, picture }, Duration::ZERO);
    update(&mut model, Event::Opened { label: "Meadow".into(), hint: false }, Duration::ZERO);
    let page = FeedPage { name: Some("Trending".into()), items: vec![item], ..FeedPage::default() };
    update(&mut model, Event::Page { epoch: 1, cursor: None, result: Ok(page) }, Duration::ZERO);
    update(&mut model, Event::PointerMoved(Position { x: 5.0, y: 5.0 }), Duration::ZERO);
    model
}

/// The words that lie on the picture itself: where, in which colour, what they say, and how much of the picture the scrim of the rail
/// lets through there.
fn words(model: &Model, screen: Rect) -> Vec<(Rect, Color32, String, f32)> {
    let ctx = egui::Context::default();
    theme::install(&ctx);
    let input = || egui::RawInput { screen_rect: Some(screen), ..egui::RawInput::default() };
    let mut found = Vec::new();
    for _ in 0..2 {
        let mut output = ctx.run_ui(input(), |ui| {
            let _ = FeedView::show(ui, model, &Pictures::default(), NOW);
        });
        // Nothing paints this.
        output.textures_delta.clear();
        found.clear();
        for clipped in std::mem::take(&mut output.shapes) {
            if let Shape::Text(text) = clipped.shape
                && text.override_text_color.is_none()
            {
                let color = text.galley.job.sections.first().map_or(theme::INK, |section| section.format.color);
                let place = text.visual_bounding_rect();
                let on_rail = chrome::rail_scrim(model, screen).contains_rect(place);
                let through = if on_rail { 1.0 - f32::from(theme::SCRIM_RAIL.a()) / 255.0 } else { 1.0 };
                found.push((place, color, text.galley.text().to_owned(), through));
            }
        }
    }
    found
}

#[test]
fn words_on_a_white_picture_can_be_read_at_every_size_of_window_and_text() {
    for (width, height) in [(320.0, 480.0), (450.0, 800.0), (1280.0, 720.0)] {
        for scale in [1.0, 1.5, 2.0] {
            let screen = Rect::from_min_size(egui::Pos2::ZERO, egui::Vec2::new(width, height));
            let model = model((f64::from(width), f64::from(height)), scale);
            let words = words(&model, screen);
            assert!(words.iter().any(|(_, _, text, _)| text.contains("Filmed")), "{words:?}");
            assert!(words.iter().any(|(_, _, text, _)| text.contains("Meadow")), "{words:?}");
            let shade = tile::shade(&model, screen, screen, NOW);
            for (place, color, text, through) in words {
                // The picture is white, the lightest row under the words counts.
                let lightest =
                    [place.top(), place.bottom()].map(|row| 255.0 * through * (1.0 - scrim(shade, row))).into_iter().fold(0.0, f32::max);
                let found = contrast(over(color, lightest), lightest);
                assert!(found >= LEAST, "{text:?} at {width}×{height} and {scale}: {found:.2} : 1");
            }
        }
    }
}

#[test]
fn words_on_grounds_of_their_own_can_be_read_over_a_white_picture() {
    for (ground, color) in [
        (theme::PILL, theme::INK),
        (theme::VEIL, theme::INK_SECOND),
        (theme::PANEL, theme::INK_SECOND),
        (theme::SHEET, theme::INK_SECOND),
        (theme::FIELD, theme::INK_SECOND),
        (theme::CHOSEN, theme::INK),
    ] {
        let ground = over(ground, 255.0);
        assert!(contrast(over(color, ground), ground) >= LEAST, "{ground}: {:.2}", contrast(over(color, ground), ground));
    }
    let echo = f32::from(theme::dimmed(255, 255, 255).g());
    assert!(contrast(over(theme::INK_SECOND, echo), echo) >= LEAST, "the echo: {:.2}", contrast(over(theme::INK_SECOND, echo), echo));
    for ink in [theme::INK, theme::ACCENT, theme::ERROR, theme::PRIMARY_HOVER] {
        let ground = f32::from(theme::ON_PRIMARY.g());
        assert!(contrast(f32::from(ink.g()), ground) >= LEAST || ink == theme::ERROR, "{ink:?}");
    }
}
