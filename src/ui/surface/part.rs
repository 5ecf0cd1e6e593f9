//! A rectangle of the window in whole pixels, and what is left of it when another one covers it. Pure.

use std::ops::Range;

/// A part of the window in pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub columns: Range<u32>,
    pub rows: Range<u32>,
}

impl Part {
    /// The columns and rows of something whose corner lies at `origin`, as far as they are in a window of `screen`.
    pub fn within(origin: (i32, i32), columns: Range<usize>, rows: Range<usize>, screen: [u32; 2]) -> Self {
        let pixel = |origin: i32, at: usize, most: u32| {
            let place = i64::from(origin).saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
            u32::try_from(place.clamp(0, i64::from(most))).unwrap_or(most)
        };
        let range = |origin, range: Range<usize>, most| pixel(origin, range.start, most)..pixel(origin, range.end, most);
        Self { columns: range(origin.0, columns, screen[0]), rows: range(origin.1, rows, screen[1]) }
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() || self.rows.is_empty()
    }

    /// What of it lies outside `other`: above, beside and below.
    pub fn without(&self, other: &Self) -> impl Iterator<Item = Self> + use<> {
        let inside = |range: &Range<u32>, at: u32| at.clamp(range.start, range.end.max(range.start));
        let other = if other.is_empty() { &Self { columns: self.columns.clone(), rows: self.rows.end..self.rows.end } } else { other };
        let (top, bottom) = (inside(&self.rows, other.rows.start), inside(&self.rows, other.rows.end));
        let (left, right) = (inside(&self.columns, other.columns.start), inside(&self.columns, other.columns.end));
        let part = |columns, rows| Self { columns, rows };
        let parts = [
            part(self.columns.clone(), self.rows.start..top),
            part(self.columns.start..left, top..bottom),
            part(right..self.columns.end, top..bottom),
            part(self.columns.clone(), bottom..self.rows.end),
        ];
        parts.into_iter().filter(|part| !part.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(columns: Range<u32>, rows: Range<u32>) -> Part {
        Part { columns, rows }
    }

    #[test]
    fn what_is_left_and_what_is_covered_are_every_pixel_once() {
        let all = part(5..20, 10..30);
        for other in [part(8..12, 14..20), part(0..90, 0..90), part(0..8, 5..15), part(30..40, 0..90), part(8..8, 0..9), part(6..9, 28..40)]
        {
            for (x, y) in (0..40).flat_map(|x| (0..40).map(move |y| (x, y))) {
                let holds = |part: &Part| part.columns.contains(&x) && part.rows.contains(&y);
                let left = all.without(&other).filter(holds).count();
                assert_eq!(left, usize::from(holds(&all) && !holds(&other)), "{other:?} at {x}, {y}");
            }
        }
    }

    #[test]
    fn what_lies_outside_the_window_is_left_out() {
        assert_eq!(Part::within((-4, 790), 0..20, 5..30, [450, 800]), part(0..16, 795..800));
        assert!(Part::within((500, 0), 0..20, 0..20, [450, 800]).is_empty());
    }
}
