//! Where a wheel does something else than to swipe. The wheel is heard before anything is painted, so what counts is
//! where such places lay in the display frame before.

use eframe::egui::{Context, Event, Id, Rect};

use super::input::wheel_delta;
use crate::gesture::WheelDelta;

fn id() -> Id {
    Id::unique("where the wheel is taken")
}

/// A display frame begins: no place is taken yet.
pub(super) fn clear(ctx: &Context) {
    ctx.data_mut(|data| data.remove::<Vec<Rect>>(id()));
}

/// The wheel does not swipe over this place.
pub(super) fn take(ctx: &Context, place: Rect) {
    ctx.data_mut(|data| data.get_temp_mut_or_default::<Vec<Rect>>(id()).push(place));
}

/// Whether the pointer is at such a place.
pub(super) fn is_taken(ctx: &Context) -> bool {
    let Some(pointer) = ctx.pointer_hover_pos() else { return false };
    ctx.data(|data| data.get_temp::<Vec<Rect>>(id())).is_some_and(|places| places.iter().any(|place| place.contains(pointer)))
}

/// What the wheel did in this display frame while the pointer was at `place`; forward is positive.
pub(super) fn turned_over(ctx: &Context, place: Rect) -> Vec<WheelDelta> {
    if !ctx.pointer_hover_pos().is_some_and(|pointer| place.contains(pointer)) {
        return Vec::new();
    }
    ctx.input(|input| {
        let turns = input.events.iter().filter_map(|event| match event {
            Event::MouseWheel { unit, delta, source, modifiers, .. } if !modifiers.ctrl => wheel_delta(*unit, *delta, *source),
            _ => None,
        });
        turns.collect()
    })
}
