//! The sheet of settings.

use std::time::Duration;

use eframe::egui;

use crate::app::{Event, Model};

/// What can be set.
pub(super) fn show(_ui: &mut egui::Ui, _model: &Model, _now: Duration, _events: &mut Vec<Event>) {}
