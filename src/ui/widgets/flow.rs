//! Things of one height in rows, as many beside each other as fit. Pure.

use eframe::egui::{Pos2, Rect, Vec2};

/// Where things of these widths go, from `corner` on, and the room all of them take together. None is wider than `room`.
pub(super) fn flow(corner: Pos2, widths: &[f32], height: f32, gap: f32, room: f32) -> (Vec<Rect>, Vec2) {
    let (mut at, mut widest, mut places) = (Vec2::ZERO, 0.0_f32, Vec::new());
    for width in widths {
        let width = width.min(room);
        if at.x > 0.0 && at.x + width > room {
            at = Vec2::new(0.0, at.y + height + gap);
        }
        places.push(Rect::from_min_size(corner + at, Vec2::new(width, height)));
        widest = widest.max(at.x + width);
        at.x += width + gap;
    }
    (places, Vec2::new(widest, at.y + height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_goes_into_the_next_row_and_nothing_is_wider_than_the_room() {
        let (places, size) = flow(Pos2::new(10.0, 20.0), &[50.0, 40.0, 30.0, 500.0], 20.0, 4.0, 100.0);
        let corners: Vec<_> = places.iter().map(|place| (place.left(), place.top())).collect();
        assert_eq!(corners, [(10.0, 20.0), (64.0, 20.0), (10.0, 44.0), (10.0, 68.0)]);
        assert_eq!((places[3].width(), size), (100.0, Vec2::new(100.0, 68.0)));
    }
}
