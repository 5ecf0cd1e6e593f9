//! The sheet on which another source is opened: a field for its address or path, and the sources of last time.

use eframe::egui::{self, Align, Color32, EventFilter, Layout, Margin, Pos2, RichText, Sense, Stroke, Vec2};

use crate::app::{Event, Intent, Model, SourceName};
use crate::ui::text::lay_out;
use crate::ui::theme;
use crate::words::open as words;

/// An address is not longer than this; what is pasted beyond it is cut off.
const LONGEST: usize = 8192;
/// Height of the field and of a source that is offered.
const FIELD: f32 = 40.0;
const ROW: f32 = 52.0;
const BUTTON: f32 = 76.0;

/// What is typed, kept while the sheet is open.
#[derive(Clone, Default)]
struct Draft {
    text: String,
    /// The pass of egui in which the sheet was shown last.
    shown_in: Option<u64>,
}

/// A field for an address or a path, and the sources of last time.
pub(super) fn show(ui: &mut egui::Ui, model: &Model, events: &mut Vec<Event>) {
    let id = egui::Id::unique("open sheet");
    let pass = ui.ctx().cumulative_pass_nr();
    let mut draft: Draft = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    // A sheet that was not there in the last pass is opened anew.
    let is_new = draft.shown_in.is_none_or(|last| last + 1 < pass);
    if is_new {
        draft.text.clear();
    }
    draft.shown_in = Some(pass);
    if field(ui, &mut draft.text, is_new) && !draft.text.trim().is_empty() {
        events.push(Event::Intent(Intent::Open(vec![draft.text.trim().to_owned()])));
    }
    ui.data_mut(|data| data.insert_temp(id, draft));
    ui.add_space(8.0);
    let (said, color) = model.open_problem().map_or((words::WHAT, theme::INK_SECOND), |problem| (problem, theme::ERROR));
    ui.label(RichText::new(said).font(theme::small()).color(color));
    if !model.recent().is_empty() {
        heading(ui, words::RECENT);
        for recent in model.recent() {
            offer(ui, model, recent, &recent.place(), events);
        }
    }
    heading(ui, words::BUILT_IN);
    offer(ui, model, &SourceName::sample_reel(), words::SAMPLE_REEL_IS, events);
}

/// The field and its button; whether what is in it is to be opened.
fn field(ui: &mut egui::Ui, text: &mut String, takes_focus: bool) -> bool {
    let mut open = false;
    let row = Vec2::new(ui.available_width(), FIELD);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let button = egui::Button::new(RichText::new(words::OPEN).font(theme::button()).color(theme::ON_PRIMARY));
        let button = button.fill(theme::INK).corner_radius(theme::RADIUS[1]).min_size(Vec2::new(BUTTON, FIELD));
        let clicked = ui.add(button).clicked();
        // egui paints the example in this colour, whatever the text says.
        ui.visuals_mut().weak_text_color = Some(theme::INK_SECOND);
        let edit = egui::TextEdit::singleline(text)
            .font(theme::body())
            .text_color(theme::INK)
            .hint_text(words::EXAMPLE)
            .background_color(theme::BACKGROUND)
            .margin(Margin::symmetric(12, 10))
            .char_limit(LONGEST)
            .desired_width(ui.available_width())
            // Up and down go to the sources below; left and right move in the text.
            .event_filter(EventFilter { horizontal_arrows: true, ..EventFilter::default() });
        let response = ui.add(edit);
        let typed = text.clone();
        response.widget_info(|| egui::WidgetInfo {
            label: Some(words::FIELD.to_owned()),
            ..egui::WidgetInfo::text_edit(true, &typed, &typed, "")
        });
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        open = clicked || entered;
        // Asked for behind the field: the letter that opened the sheet is not typed into it. What could not be opened can
        // be mended at once.
        if takes_focus || entered {
            response.request_focus();
        }
    });
    open
}

fn heading(ui: &mut egui::Ui, name: &str) {
    ui.add_space(14.0);
    ui.label(RichText::new(name).font(theme::label()).color(theme::ACCENT));
    ui.add_space(2.0);
}

/// A source that a click opens: its name, and where it lies.
fn offer(ui: &mut egui::Ui, model: &Model, recent: &SourceName, place: &str, events: &mut Vec<Event>) {
    let is_shown = model.source().is_some_and(|source| source.words == recent.words);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    let name = [recent.label.as_str(), place].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    let painter = ui.painter_at(rect);
    let ground = if response.hovered() { theme::BUTTON_HOVER } else { Color32::TRANSPARENT };
    let ring = if response.has_focus() { Stroke::new(2.0, theme::ACCENT) } else { Stroke::NONE };
    painter.rect(rect, theme::RADIUS[1], ground, ring, egui::StrokeKind::Inside);
    if response.has_focus() {
        response.scroll_to_me(None);
    }
    let left = rect.left() + 12.0;
    let mut right = rect.right() - 12.0;
    if is_shown {
        let galley = lay_out(&painter, words::SHOWN, theme::small(), theme::INK_SECOND, rect.width() / 2.0, 1, Align::LEFT);
        right -= galley.size().x;
        painter.galley(Pos2::new(right, rect.center().y - galley.size().y / 2.0), galley, theme::INK_SECOND);
        right -= 10.0;
    }
    let lines = [(recent.label.as_str(), theme::button(), theme::INK), (place, theme::small(), theme::INK_SECOND)];
    let galleys: Vec<_> = lines
        .into_iter()
        .filter(|(text, ..)| !text.is_empty())
        .map(|(text, font, color)| (lay_out(&painter, text, font, color, right - left, 1, Align::LEFT), color))
        .collect();
    let mut y = rect.center().y - galleys.iter().map(|(galley, _)| galley.size().y).sum::<f32>() / 2.0;
    for (galley, color) in galleys {
        let height = galley.size().y;
        painter.galley(Pos2::new(left, y), galley, color);
        y += height;
    }
    if response.clicked() {
        events.push(Event::Intent(Intent::Open(recent.words.clone())));
    }
}
