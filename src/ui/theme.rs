//! Every colour, size and font of the interface.

use std::sync::Arc;

use eframe::egui::{self, Color32, FontData, FontDefinitions, FontFamily, FontId};

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
/// The darkest of the scrim under the words.
pub const SCRIM: f32 = 0.69;
/// The darkest of the scrim at the top.
pub const SCRIM_TOP: f32 = 0.55;
/// Over a picture that failed.
pub const VEIL: Color32 = Color32::from_rgba_premultiplied(8, 9, 12, 217);

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
/// Height of the scrim at the bottom and at the top.
pub const SCRIM_HEIGHT: (f32, f32) = (300.0, 120.0);

const SEMIBOLD: &str = "semibold";

/// Names: 16, semibold.
#[must_use]
pub fn strong() -> FontId {
    FontId::new(16.0, FontFamily::Name(SEMIBOLD.into()))
}

/// Headlines of tiles that have no picture: 19, semibold.
#[must_use]
pub fn headline() -> FontId {
    FontId::new(19.0, FontFamily::Name(SEMIBOLD.into()))
}

/// Text: 15.
#[must_use]
pub fn body() -> FontId {
    FontId::new(15.0, FontFamily::Proportional)
}

/// Buttons: 15, semibold.
#[must_use]
pub fn button() -> FontId {
    FontId::new(15.0, FontFamily::Name(SEMIBOLD.into()))
}

/// Tags and hints: 13.5.
#[must_use]
pub fn small() -> FontId {
    FontId::new(13.5, FontFamily::Proportional)
}

/// Figures: 12, every digit as wide as the next.
#[must_use]
pub fn figures() -> FontId {
    FontId::new(12.0, FontFamily::Monospace)
}

/// Labels of the rail: 12, semibold.
#[must_use]
pub fn label() -> FontId {
    FontId::new(12.0, FontFamily::Name(SEMIBOLD.into()))
}

/// A colour made fainter.
#[must_use]
pub fn faded(color: Color32, strength: f32) -> Color32 {
    color.gamma_multiply(strength.clamp(0.0, 1.0))
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

/// The echo of a picture at the sides of a wide window: the same colours, dim.
#[must_use]
pub fn dimmed(red: u8, green: u8, blue: u8) -> Color32 {
    let dim = |value: u8| u8::try_from(u16::from(value) * 107 / 255).unwrap_or(u8::MAX);
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
    ctx.all_styles_mut(|style| {
        style.interaction.selectable_labels = false;
        style.animation_time = 0.12;
    });
}
