//! Where the window lies and how large it is, from one run to the next, and the small one above all others. Everything
//! is in logical pixels: what the viewer sees, whatever the scale of the screen.

use eframe::egui::{self, Pos2, Rect, Vec2, ViewportCommand, WindowLevel};

use crate::app::Model;

/// The smallest window that everything has room in.
pub(super) const LEAST: Vec2 = Vec2::new(320.0, 480.0);
/// The small one above all others: a picture and its controls.
const SMALL: Vec2 = Vec2::new(270.0, 480.0);
/// Between it and the edges of the screen.
const MARGIN: f32 = 24.0;
/// So much of a window's upper edge has to be on a screen for anybody to find and move it.
const GRIP: Vec2 = Vec2::new(80.0, 24.0);

/// The screens there are, and which of them the window is on.
#[derive(Clone, Debug, Default)]
struct Screens {
    all: Vec<Rect>,
    own: Option<Rect>,
}

/// The window as the viewer left it: neither filling the screen nor small above all others.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Left {
    /// Of the window with its frame; `None` where the desktop does not tell it.
    position: Option<Pos2>,
    /// Of its content.
    size: Vec2,
    maximized: bool,
}

/// The same in whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Remembered {
    /// Width and height of its content.
    pub size: (u32, u32),
    /// Left and top, where the desktop tells them.
    pub position: Option<(i32, i32)>,
}

/// Looks after the window's place.
#[derive(Default)]
pub(super) struct Place {
    screens: Option<Box<dyn Fn() -> Option<Screens>>>,
    left: Option<Left>,
    /// A window whose place was remembered has been seen to be on a screen.
    checked: bool,
}

impl Place {
    /// From now on there is a window, which may lie on screens.
    pub fn attach(&mut self, creation: &eframe::CreationContext<'_>) {
        // Not held beyond its end: a window must go before the event loop does.
        let window = creation.winit_window().map(std::sync::Arc::downgrade);
        self.screens = Some(Box::new(move || {
            let window = window.as_ref()?.upgrade()?;
            let scale = window.scale_factor();
            let rect = |left: i32, top: i32, width: u32, height: u32| {
                #[expect(clippy::cast_possible_truncation, reason = "a screen has some thousand pixels")]
                let logical = |pixels: f64| (pixels / scale) as f32;
                let at = Pos2::new(logical(left.into()), logical(top.into()));
                Rect::from_min_size(at, Vec2::new(logical(width.into()), logical(height.into())))
            };
            let all = window.available_monitors();
            let own = window.current_monitor().or_else(|| window.primary_monitor());
            Some(Screens {
                all: all.map(|it| rect(it.position().x, it.position().y, it.size().width, it.size().height)).collect(),
                own: own.map(|it| rect(it.position().x, it.position().y, it.size().width, it.size().height)),
            })
        }));
    }

    /// Takes a look at the window, once in each frame.
    pub fn look(&mut self, ctx: &egui::Context, model: &Model) {
        let zoom = ctx.zoom_factor();
        let (outer, inner, minimized, maximized, fills) = ctx.input(|input| {
            let window = input.viewport();
            let is = |flag: Option<bool>| flag == Some(true);
            (window.outer_rect, window.inner_rect, is(window.minimized), is(window.maximized), is(window.fullscreen))
        });
        if !self.checked
            && let Some(outer) = outer
        {
            self.checked = true;
            self.bring_back(ctx, outer * zoom);
        }
        if minimized || fills || model.fullscreen() || model.on_top() {
            return;
        }
        let size = inner.map_or_else(|| ctx.content_rect().size(), |inner| inner.size()) * zoom;
        let now = Left { position: outer.map(|outer| outer.min * zoom), size, maximized };
        match &mut self.left {
            // It goes back to what it was before it filled the screen.
            Some(left) if maximized => left.maximized = true,
            left => *left = Some(now),
        }
    }

    /// What is to be remembered; `None` before there was a window to look at.
    pub fn remembered(&self) -> Option<Remembered> {
        let left = self.left?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes and places on a screen; it saturates")]
        let found = Remembered {
            size: (left.size.x.round() as u32, left.size.y.round() as u32),
            position: left.position.map(|at| (at.x.round() as i32, at.y.round() as i32)),
        };
        Some(found)
    }

    /// Puts a small window above all others into the lower right corner, or the window back. `false` where the desktop
    /// places windows by itself and lets none be above the others.
    pub fn put_on_top(&self, on: bool, ctx: &egui::Context) -> bool {
        // Wayland tells no place, takes none, and knows no window above the others.
        if ctx.input(|input| input.viewport().outer_rect.is_none()) {
            return false;
        }
        let send = |command| ctx.send_viewport_cmd(command);
        let zoom = ctx.zoom_factor();
        let move_to = |position: Option<Pos2>, size: Vec2| {
            send(ViewportCommand::InnerSize(size / zoom));
            if let Some(position) = position {
                send(ViewportCommand::OuterPosition(position / zoom));
            }
        };
        if on {
            if self.left.is_some_and(|left| left.maximized) {
                send(ViewportCommand::Maximized(false));
            }
            let screens = self.screens();
            send(ViewportCommand::MinInnerSize(SMALL / zoom));
            move_to(screens.own.or(screens.all.first().copied()).map(corner), SMALL);
            send(ViewportCommand::WindowLevel(WindowLevel::AlwaysOnTop));
        } else {
            send(ViewportCommand::WindowLevel(WindowLevel::Normal));
            if let Some(left) = self.left {
                move_to(left.position, left.size.max(LEAST));
                if left.maximized {
                    send(ViewportCommand::Maximized(true));
                }
            }
            send(ViewportCommand::MinInnerSize(LEAST / zoom));
        }
        true
    }

    fn screens(&self) -> Screens {
        self.screens.as_ref().and_then(|screens| screens()).unwrap_or_default()
    }

    /// A window that was left on a screen that is gone comes back into the middle of one that is there.
    fn bring_back(&self, ctx: &egui::Context, window: Rect) {
        if let Some(to) = back(window, &self.screens().all) {
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(to / ctx.zoom_factor()));
        }
    }
}

/// A place that was remembered.
pub(super) fn position((left, top): (i32, i32)) -> Pos2 {
    #[expect(clippy::cast_precision_loss, reason = "a place on a screen")]
    Pos2::new(left as f32, top as f32)
}

/// Where a window that nobody could find is to go.
fn back(window: Rect, screens: &[Rect]) -> Option<Pos2> {
    let upper_edge = Rect::from_min_size(window.min, Vec2::new(window.width(), GRIP.y));
    let is_found = |screen: &Rect| {
        let seen = screen.intersect(upper_edge);
        seen.width() >= GRIP.x.min(window.width()) && seen.height() >= GRIP.y / 2.0
    };
    let first = screens.first()?;
    (!screens.iter().any(is_found)).then(|| (first.center() - window.size() / 2.0).max(first.min))
}

/// Where the small window goes on a screen.
fn corner(screen: Rect) -> Pos2 {
    (screen.max - SMALL - Vec2::splat(MARGIN)).max(screen.min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(left: f32, top: f32, width: f32, height: f32) -> Rect {
        Rect::from_min_size(Pos2::new(left, top), Vec2::new(width, height))
    }

    const SCREEN: Rect = Rect { min: Pos2::ZERO, max: Pos2::new(1920.0, 1080.0) };

    #[test]
    fn a_window_stays_where_anybody_can_take_hold_of_it() {
        let right_of_it = rect(1920.0, 0.0, 1280.0, 1024.0);
        for window in [rect(0.0, 0.0, 450.0, 800.0), rect(-300.0, 50.0, 450.0, 800.0), rect(1800.0, 1000.0, 450.0, 800.0)] {
            assert_eq!(back(window, &[SCREEN]), None, "{window:?}");
        }
        assert_eq!(back(rect(2500.0, 100.0, 450.0, 800.0), &[SCREEN, right_of_it]), None);
    }

    #[test]
    fn a_window_on_a_screen_that_is_gone_comes_into_the_middle_of_the_first_one() {
        for window in [rect(2500.0, 100.0, 450.0, 800.0), rect(-440.0, 100.0, 450.0, 800.0), rect(100.0, 1075.0, 450.0, 800.0)] {
            assert_eq!(back(window, &[SCREEN]), Some(Pos2::new(735.0, 140.0)), "{window:?}");
        }
        // One that is too large for what is left begins at its corner.
        assert_eq!(back(rect(5000.0, 0.0, 3000.0, 2000.0), &[SCREEN]), Some(Pos2::ZERO));
        assert_eq!(back(rect(5000.0, 0.0, 450.0, 800.0), &[]), None, "where no screen is known nothing is moved");
    }

    #[test]
    fn the_small_window_goes_to_the_lower_right_of_its_own_screen() {
        assert_eq!(corner(SCREEN), Pos2::new(1626.0, 576.0));
        assert_eq!(corner(rect(1920.0, 0.0, 1280.0, 1024.0)), Pos2::new(2906.0, 520.0));
        assert_eq!(corner(rect(0.0, 0.0, 200.0, 300.0)), Pos2::ZERO);
    }
}
