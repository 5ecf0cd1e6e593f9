//! Every colour, size and font of the interface.

use std::cell::Cell;
use std::sync::Arc;

use eframe::egui::{self, Color32, FontData, FontDefinitions, FontFamily, FontId};

use crate::app::Model;

/// Text and icons.
pub const INK: Color32 = Color32::WHITE;
/// Text of second rank, 72 %.
pub const INK_SECOND: Color32 = Color32::from_rgba_premultiplied(184, 184, 184, 184);
/// Hints and lines, 36 %.
pub const INK_FAINT: Color32 = Color32::from_rgba_premultiplied(92, 92, 92, 92);
/// The one accent.
pub const ACCENT: Color32 = Color32::from_rgb(0x5e, 0xe0, 0xc2);
/// Something that wants attention.
pub const WARNING: Color32 = Color32::from_rgb(0xff, 0xc8, 0x57);
/// Something that failed.
pub const ERROR: Color32 = Color32::from_rgb(0xff, 0x6b, 0x6b);
/// Something that is liked.
pub const LIKED: Color32 = Color32::from_rgb(0xff, 0x4f, 0x6d);
/// The badge of what goes on now.
pub const LIVE: Color32 = Color32::from_rgb(0xe5, 0x48, 0x4d);
/// Behind everything.
pub const BACKGROUND: Color32 = Color32::from_rgb(0x0b, 0x0c, 0x0f);
/// Behind the overlay's figures.
pub const PANEL: Color32 = Color32::from_rgba_premultiplied(9, 10, 13, 214);
/// The same where what lies below is not painted.
pub const PANEL_SOLID: Color32 = Color32::from_rgb(15, 16, 20);
/// The ground of a sheet.
pub const SHEET: Color32 = Color32::from_rgb(0x17, 0x19, 0x1e);
/// Over the feed while a sheet is open.
pub const VEIL_SHEET: Color32 = Color32::from_black_alpha(120);
/// Text on a primary button.
pub const ON_PRIMARY: Color32 = Color32::from_rgb(0x11, 0x11, 0x11);
/// A secondary button.
pub const BUTTON: Color32 = Color32::from_rgba_premultiplied(36, 36, 36, 36);
/// A secondary button under the pointer.
pub const BUTTON_HOVER: Color32 = Color32::from_rgba_premultiplied(62, 62, 62, 62);
/// A primary button under the pointer.
pub const PRIMARY_HOVER: Color32 = Color32::from_rgb(0xdd, 0xdd, 0xdd);
/// The track of a hairline.
pub const TRACK: Color32 = Color32::from_rgba_premultiplied(56, 56, 56, 56);
/// A soft shadow under text.
pub const SHADOW: Color32 = Color32::from_black_alpha(130);
/// A toast's ground.
pub const PILL: Color32 = Color32::from_black_alpha(166);
/// Around the ring of what has the keyboard's focus.
pub const RING_OUTLINE: Color32 = Color32::from_black_alpha(200);
/// The ground of a field that is typed into, and of a switch that is off.
pub const FIELD: Color32 = Color32::from_rgb(0x26, 0x29, 0x30);
/// The part of a row of choices that is chosen.
pub const CHOSEN: Color32 = Color32::from_rgb(0x45, 0x4a, 0x55);
/// A line between two settings.
pub const RULE: Color32 = Color32::from_rgb(0x2a, 0x2d, 0x34);
/// The scrim under the rail: the one under the words does not reach so high.
pub const SCRIM_RAIL: Color32 = Color32::from_black_alpha(140);
/// The soft ground under a line of captions.
pub const CAPTION_GROUND: Color32 = Color32::from_black_alpha(168);
/// How far its edge fades, in points.
pub const CAPTION_BLUR: f32 = 7.0;
/// The darkest of the scrim under the words: white text of second rank keeps 4.5 : 1 on a white picture.
const SCRIM: f32 = 0.69;
/// The darkest of the scrim at the top.
const SCRIM_TOP: f32 = 0.68;
/// Both in high contrast.
const SCRIM_HIGH: f32 = 0.86;
/// The ground under words that are unfolded, and nothing of it where it begins.
pub const SCRIM_WORDS: [Color32; 2] = [Color32::TRANSPARENT, Color32::from_black_alpha(190)];
/// Over a picture that failed.
pub const VEIL: Color32 = Color32::from_rgba_premultiplied(8, 9, 12, 217);
/// Over the colours of an item that is warned of.
pub const VEIL_WARNED: Color32 = Color32::from_rgba_premultiplied(3, 4, 5, 90);

/// Distance of text from the edges of a tile.
pub const MARGIN: f32 = 20.0;
/// Icons of the rail.
pub const ICON: f32 = 26.0;
/// Their stroke.
pub const ICON_STROKE: f32 = 1.9;
/// Large, middle and small corners.
pub const RADIUS: [f32; 3] = [14.0, 10.0, 6.0];
/// The progress line.
pub const HAIRLINE: f32 = 3.0;
/// The progress line under the pointer.
pub const HAIRLINE_AWAKE: f32 = 6.0;
/// Height of the scrim at the bottom and at the top, and how much of that it takes to grow as dark as it gets: under
/// text it is no lighter.
const SCRIM_HEIGHT: (f32, f32) = (300.0, 130.0);
const SCRIM_RAMP: (f32, f32) = (120.0, 82.0);

const SEMIBOLD: &str = "semibold";

/// How things look for this viewer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Grounds let nothing through, lines are solid.
    pub high_contrast: bool,
    /// Size of text, 1.0 to 2.0.
    pub text_scale: f32,
    /// Nothing moves by itself.
    pub reduced_motion: bool,
}

impl Look {
    /// The usual one.
    const USUAL: Self = Self { high_contrast: false, text_scale: 1.0, reduced_motion: false };

    /// As the model has it.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self { high_contrast: model.high_contrast(), text_scale: model.text_scale(), reduced_motion: model.reduced_motion() }
    }
}

thread_local! {
    // All painting is done by one thread. Handed on instead, it would go through every function that lays out a word.
    static LOOK: Cell<Look> = const { Cell::new(Look::USUAL) };
}

/// What is painted from now on, on this thread, looks so.
pub fn wear(ctx: &egui::Context, look: Look) {
    LOOK.set(look);
    let id = egui::Id::unique("look");
    if ctx.data(|data| data.get_temp::<Look>(id)) != Some(look) {
        ctx.data_mut(|data| data.insert_temp(id, look));
        ctx.all_styles_mut(|style| dress(style, look));
    }
}

/// How things look now.
#[must_use]
pub fn look() -> Look {
    LOOK.get()
}

/// A size that grows with the text.
#[must_use]
pub fn scaled(points: f32) -> f32 {
    points * look().text_scale
}

/// A colour as this viewer sees it: in high contrast, grounds let nothing through and faint ink is none.
#[must_use]
pub fn seen(color: Color32) -> Color32 {
    if !look().high_contrast {
        return color;
    }
    match color {
        INK_SECOND => INK,
        INK_FAINT => INK_SECOND,
        PANEL | PILL | SHADOW => Color32::BLACK,
        SHEET | VEIL => BACKGROUND,
        BUTTON | FIELD => Color32::from_gray(0x30),
        BUTTON_HOVER | CHOSEN => Color32::from_gray(0x60),
        TRACK | RULE => Color32::from_gray(0x80),
        other => other,
    }
}

/// Width of the ring around what has the keyboard's focus.
#[must_use]
pub fn ring() -> f32 {
    if look().high_contrast { 4.0 } else { 2.0 }
}

/// The scrim at the top: its height, how much of that it takes to grow dark, and how dark it gets.
#[must_use]
pub fn scrim_top() -> (f32, f32, f32) {
    (scaled(SCRIM_HEIGHT.1), scaled(SCRIM_RAMP.1), if look().high_contrast { SCRIM_HIGH } else { SCRIM_TOP })
}

/// The scrim under the words: the same three.
#[must_use]
pub fn scrim_bottom() -> (f32, f32, f32) {
    (scaled(SCRIM_HEIGHT.0), scaled(SCRIM_RAMP.0), if look().high_contrast { SCRIM_HIGH } else { SCRIM })
}

fn font(size: f32, family: FontFamily) -> FontId {
    FontId::new(scaled(size), family)
}

/// Names: 16, semibold.
#[must_use]
pub fn strong() -> FontId {
    font(16.0, FontFamily::Name(SEMIBOLD.into()))
}

/// Headlines of tiles that have no picture: 19, semibold.
#[must_use]
pub fn headline() -> FontId {
    font(19.0, FontFamily::Name(SEMIBOLD.into()))
}

/// Text: 15.
#[must_use]
pub fn body() -> FontId {
    font(15.0, FontFamily::Proportional)
}

/// Buttons: 15, semibold.
#[must_use]
pub fn button() -> FontId {
    font(15.0, FontFamily::Name(SEMIBOLD.into()))
}

/// Tags and hints: 13.5.
#[must_use]
pub fn small() -> FontId {
    font(13.5, FontFamily::Proportional)
}

/// Figures: 12, every digit as wide as the next.
#[must_use]
pub fn figures() -> FontId {
    font(12.0, FontFamily::Monospace)
}

/// Captions: 18, semibold, by the size of text that the viewer has set.
#[must_use]
pub fn caption(scale: f32) -> FontId {
    FontId::new((18.0 * scale).round(), FontFamily::Name(SEMIBOLD.into()))
}

/// Labels of the rail: 12, semibold.
#[must_use]
pub fn label() -> FontId {
    font(12.0, FontFamily::Name(SEMIBOLD.into()))
}

/// A colour as this viewer sees it, made fainter.
#[must_use]
pub fn faded(color: Color32, strength: f32) -> Color32 {
    seen(color).gamma_multiply(strength.clamp(0.0, 1.0))
}

/// A dim colour of the picture that is not there yet, the same for the same item every time: two corners of
/// a gradient.
#[must_use]
pub fn stand_in(seed: u64) -> [Color32; 2] {
    #[expect(clippy::cast_precision_loss, reason = "a hue out of 360")]
    let hue = (seed % 360) as f32 / 360.0;
    let shade = |hue: f32, value: f32| Color32::from(egui::ecolor::Hsva::new(hue.fract(), 0.45, value, 1.0));
    [shade(hue, 0.06), shade(hue + 0.12, 0.015)]
}

/// The echo of a picture at the sides of a wide window: the same colours, so dim that words can be read on them.
#[must_use]
pub fn dimmed(red: u8, green: u8, blue: u8) -> Color32 {
    let dim = |value: u8| u8::try_from(u16::from(value) * 88 / 255).unwrap_or(u8::MAX);
    Color32::from_rgb(dim(red), dim(green), dim(blue))
}

/// Installs fonts and the dark look.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    let mut add = |name: &str, bytes: &'static [u8]| {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    };
    add("inter", include_bytes!("../../resources/fonts/Inter-Medium.ttf"));
    add("inter-semibold", include_bytes!("../../resources/fonts/Inter-SemiBold.ttf"));
    add("jetbrains-mono", include_bytes!("../../resources/fonts/JetBrainsMono-Regular.ttf"));
    fonts.families.insert(FontFamily::Proportional, vec!["inter".to_owned()]);
    fonts.families.insert(FontFamily::Name(SEMIBOLD.into()), vec!["inter-semibold".to_owned(), "inter".to_owned()]);
    fonts.families.insert(FontFamily::Monospace, vec!["jetbrains-mono".to_owned(), "inter".to_owned()]);
    ctx.set_fonts(fonts);
    ctx.set_theme(egui::Theme::Dark);
    ctx.all_styles_mut(|style| dress(style, Look::USUAL));
}

/// What egui paints by itself: fields that are typed into, tooltips, the bars of what scrolls.
fn dress(style: &mut egui::Style, look: Look) {
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.6;
    style.animation_time = if look.reduced_motion { 0.0 } else { 0.12 };
    style.text_styles = [
        (egui::TextStyle::Heading, headline()),
        (egui::TextStyle::Body, body()),
        (egui::TextStyle::Button, button()),
        (egui::TextStyle::Small, small()),
        (egui::TextStyle::Monospace, figures()),
    ]
    .into();
    let visuals = &mut style.visuals;
    visuals.override_text_color = Some(INK);
    visuals.extreme_bg_color = seen(FIELD);
    visuals.window_fill = seen(SHEET);
    visuals.window_stroke = egui::Stroke::new(1.0, seen(RULE));
    visuals.selection.bg_fill = CHOSEN;
    visuals.selection.stroke = egui::Stroke::new(1.0, ACCENT);
    visuals.text_cursor.stroke = egui::Stroke::new(2.0, ACCENT);
    visuals.menu_corner_radius = egui::CornerRadius::same(10);
    for widget in [
        &mut visuals.widgets.noninteractive,
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
        &mut visuals.widgets.open,
    ] {
        widget.corner_radius = egui::CornerRadius::same(10);
        widget.expansion = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_high_contrast_no_ground_lets_anything_through_and_no_ink_is_faint() {
        let ctx = egui::Context::default();
        wear(&ctx, Look { high_contrast: true, ..Look::USUAL });
        for ground in [PANEL, PILL, SHEET, VEIL, BUTTON, BUTTON_HOVER, FIELD, TRACK, RULE] {
            assert_eq!(seen(ground).a(), 255, "{ground:?}");
        }
        assert_eq!((seen(INK_SECOND), seen(ACCENT)), (INK, ACCENT));
        assert!(ring() > 2.0 && scrim_bottom().2 > SCRIM);
        wear(&ctx, Look::USUAL);
        assert_eq!(seen(PILL), PILL);
    }

    #[test]
    fn every_font_grows_with_the_size_of_text() {
        let sizes = || [strong(), headline(), body(), button(), small(), figures(), label()].map(|font| font.size);
        let usual = sizes();
        let ctx = egui::Context::default();
        wear(&ctx, Look { text_scale: 2.0, ..Look::USUAL });
        for (usual, large) in usual.into_iter().zip(sizes()) {
            assert!((large - 2.0 * usual).abs() < 1e-3);
        }
        assert!((ctx.style_of(egui::Theme::Dark).text_styles[&egui::TextStyle::Body].size - 30.0).abs() < 1e-3);
    }
}
