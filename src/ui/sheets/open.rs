//! The sheet on which another source is chosen.

use std::time::Duration;

use eframe::egui;

use crate::app::{Event, Model};

/// An address, and the sources of last time.
pub(super) fn show(_ui: &mut egui::Ui, _model: &Model, _now: Duration, _events: &mut Vec<Event>) {}
