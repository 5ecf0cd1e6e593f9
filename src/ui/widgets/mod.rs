//! The controls of the sheets: switches, choices, sliders, fields, buttons. Each shows a value and returns what it is to be;
//! each says its name, its role and its state to screen readers, and is used by keyboard as by pointer.

mod button;
mod choice;
mod field;
mod flow;
mod list;
mod row;
mod slider;
mod toggle;

pub(super) use button::{Kind, button};
pub(super) use choice::{choice, size as choice_size, tabs};
pub(super) use field::field;
pub(super) use list::{chips, measure};
pub(super) use row::{below, fact, note, row, rule};
pub(super) use slider::slider;
pub(super) use toggle::{SIZE as TOGGLE_SIZE, toggle};

use eframe::egui::{self, Response};

/// Brings what gained the focus into view where a sheet scrolls.
fn follow_focus(response: &Response) {
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
}

/// The cursor over what can be pressed.
fn points(ui: &egui::Ui, response: Response) -> Response {
    if ui.is_enabled() { response.on_hover_cursor(egui::CursorIcon::PointingHand) } else { response }
}
