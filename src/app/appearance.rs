//! How things look for this viewer: what was set here, else what the desktop says.

use super::model::Model;

impl Model {
    /// Whether nothing is to slide, sweep or pop.
    #[must_use]
    pub fn reduced_motion(&self) -> bool {
        self.preferences.reduced_motion.unwrap_or(self.desktop.reduced_motion)
    }

    /// Whether lines are to be solid and grounds to let nothing through.
    #[must_use]
    pub fn high_contrast(&self) -> bool {
        self.preferences.high_contrast.unwrap_or(self.desktop.high_contrast)
    }

    /// Size of text, 1.0 to 2.0: that of the desktop, times what was set here.
    #[must_use]
    pub fn text_scale(&self) -> f32 {
        let scale = self.preferences.text_scale * self.desktop.text_scale;
        if scale.is_finite() { scale.clamp(1.0, 2.0) } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DesktopSettings, Event, Options, Preferences, update};
    use super::*;
    use std::time::Duration;

    fn model(preferences: Preferences, desktop: DesktopSettings) -> Model {
        let mut model = Model::new(&Options { preferences, ..Options::default() });
        update(&mut model, Event::Desktop(desktop), Duration::ZERO);
        model
    }

    #[test]
    fn what_was_not_set_here_is_as_the_desktop_says() {
        let desktop = DesktopSettings { reduced_motion: true, high_contrast: true, text_scale: 1.25 };
        let as_desktop = model(Preferences::default(), desktop);
        assert!(as_desktop.reduced_motion() && as_desktop.high_contrast());
        assert!((as_desktop.text_scale() - 1.25).abs() < f32::EPSILON);
        let set = Preferences { reduced_motion: Some(false), high_contrast: Some(false), text_scale: 1.5, ..Preferences::default() };
        let own = model(set, desktop);
        assert!(!own.reduced_motion() && !own.high_contrast());
        assert!((own.text_scale() - 1.875).abs() < f32::EPSILON);
    }

    #[test]
    fn text_is_never_smaller_than_usual_nor_beyond_twice_that() {
        for (scale, expected) in [(0.5, 1.0), (3.0, 2.0), (f32::NAN, 1.0)] {
            let model = model(Preferences::default(), DesktopSettings { text_scale: scale, ..DesktopSettings::default() });
            assert!((model.text_scale() - expected).abs() < f32::EPSILON, "{scale}");
        }
    }
}
