//! What the settings of the desktop ask for, from what the portal tells of them. It is there outside sandboxes, too; a
//! desktop without one tells nothing, and no environment variable tells as much.

use super::told::{Properties, Teller, Told};
use crate::app::DesktopSettings;

/// Settings that all desktops share.
pub(super) const APPEARANCE: &str = "org.freedesktop.appearance";
/// Those of GNOME, which the portals of other desktops answer for as well.
pub(super) const INTERFACE: &str = "org.gnome.desktop.interface";
/// Those of GNOME for people who see less.
pub(super) const ACCESS: &str = "org.gnome.desktop.a11y.interface";

/// Sizes of text beyond these are nobody's wish.
const TEXT_SCALE: (f64, f64) = (0.5, 3.0);

/// The name under which a setting is kept among what was told.
pub(super) fn name(namespace: &str, key: &str) -> String {
    format!("{namespace} {key}")
}

/// The settings, as far as they are told.
pub(super) fn settings(told: &Told) -> DesktopSettings {
    told.by(Teller::PortalSettings).map(read).unwrap_or_default()
}

fn read(told: &Properties) -> DesktopSettings {
    let choice = |key| told.choice(&name(APPEARANCE, key));
    let flag = |namespace, key| told.flag(&name(namespace, key));
    let scale = told.number(&name(INTERFACE, "text-scaling-factor")).filter(|scale| scale.is_finite() && *scale > 0.0).unwrap_or(1.0);
    #[expect(clippy::cast_possible_truncation, reason = "between one half and three")]
    let text_scale = scale.clamp(TEXT_SCALE.0, TEXT_SCALE.1) as f32;
    DesktopSettings {
        // The newer word is one of all desktops; who does not know it says it by having no animations.
        reduced_motion: choice("reduced-motion") == Some(1) || flag(INTERFACE, "enable-animations") == Some(false),
        high_contrast: choice("contrast") == Some(1) || flag(ACCESS, "high-contrast") == Some(true),
        text_scale,
    }
}

#[cfg(test)]
mod tests {
    use super::super::told::Value::{self, Flag, Number, Text};
    use super::super::told::tests::{properties, told};
    use super::*;

    fn told_by_the_portal(namespace: &str, key: &str, value: Value) -> DesktopSettings {
        settings(&told([(Teller::PortalSettings, properties([(&name(namespace, key), value)]))]))
    }

    #[test]
    fn motion_is_reduced_by_the_word_of_all_desktops_or_by_gnomes() {
        let by = |namespace, key, value| told_by_the_portal(namespace, key, value).reduced_motion;
        assert!(by(APPEARANCE, "reduced-motion", Number(1.0)) && !by(APPEARANCE, "reduced-motion", Number(0.0)));
        assert!(by(INTERFACE, "enable-animations", Flag(false)) && !by(INTERFACE, "enable-animations", Flag(true)));
    }

    #[test]
    fn contrast_is_high_by_the_word_of_all_desktops_or_by_gnomes() {
        let by = |namespace, key, value| told_by_the_portal(namespace, key, value).high_contrast;
        assert!(by(APPEARANCE, "contrast", Number(1.0)) && !by(APPEARANCE, "contrast", Number(0.0)));
        assert!(by(ACCESS, "high-contrast", Flag(true)) && !by(ACCESS, "high-contrast", Flag(false)));
    }

    #[test]
    fn text_grows_within_reason() {
        for (said, scale) in [(1.25, 1.25), (0.1, 0.5), (9.0, 3.0), (0.0, 1.0), (-2.0, 1.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0)] {
            let told = told_by_the_portal(INTERFACE, "text-scaling-factor", Number(said)).text_scale;
            assert!((told - scale).abs() < f32::EPSILON, "{said}: {told}");
        }
    }

    #[test]
    fn nonsense_and_silence_ask_for_nothing() {
        assert_eq!(settings(&Told::default()), DesktopSettings::default());
        assert_eq!(told_by_the_portal(APPEARANCE, "contrast", Text("lots".into())), DesktopSettings::default());
    }
}
