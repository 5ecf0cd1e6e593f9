//! Whether the picture of the item that plays moves, and how long it stood at most.
//!
//! An item that waits for bytes and says so does not count: that is a rebuffer. One that should move and does not,
//! without a word, is a freeze.

use std::time::Duration;

use crate::feed::Generation;

/// What was seen at the last look, while something should have moved.
#[derive(Clone, Copy, Debug)]
struct Seen {
    generation: Generation,
    /// Distinct pictures painted so far.
    pictures: u64,
    /// When the last one came, or when the item began to play.
    since: Duration,
}

/// The longest time for which a picture stood that should have moved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    seen: Option<Seen>,
    longest: Option<Duration>,
}

impl Standing {
    /// Takes a look at `now`: which item should move and how many distinct pictures were painted so far, or `None`
    /// when nothing should move.
    pub fn look(&mut self, moves: Option<(Generation, u64)>, now: Duration) {
        let Some((generation, pictures)) = moves else {
            self.seen = None;
            return;
        };
        match &mut self.seen {
            Some(seen) if seen.generation == generation => {
                self.longest = self.longest.max(Some(now.saturating_sub(seen.since)));
                if seen.pictures != pictures {
                    (seen.pictures, seen.since) = (pictures, now);
                }
            }
            _ => self.seen = Some(Seen { generation, pictures, since: now }),
        }
    }

    /// The longest time so far; `None` when nothing was to move.
    #[must_use]
    pub fn longest(&self) -> Option<Duration> {
        self.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest time in milliseconds, of looks at milliseconds, items and pictures.
    fn longest(looks: &[(u64, Option<(u64, u64)>)]) -> Option<u64> {
        let mut standing = Standing::default();
        for &(ms, moves) in looks {
            standing.look(moves.map(|(item, pictures)| (Generation(item), pictures)), Duration::from_millis(ms));
        }
        standing.longest().map(|time| u64::try_from(time.as_millis()).unwrap())
    }

    #[test]
    fn a_picture_stands_from_its_coming_to_that_of_the_next_one() {
        assert_eq!(
            longest(&[(0, Some((1, 5))), (30, Some((1, 6))), (50, Some((1, 6))), (530, Some((1, 7))), (560, Some((1, 8)))]),
            Some(500)
        );
    }

    #[test]
    fn one_that_never_moves_stands_for_as_long_as_one_looks() {
        assert_eq!(longest(&[(100, Some((1, 5))), (200, Some((1, 5))), (900, Some((1, 5)))]), Some(800));
    }

    #[test]
    fn another_item_and_an_honest_wait_begin_anew() {
        assert_eq!(longest(&[(0, Some((1, 5))), (400, Some((2, 5))), (430, Some((2, 6)))]), Some(30));
        assert_eq!(longest(&[(0, Some((1, 5))), (20, None), (900, Some((1, 5))), (940, Some((1, 6)))]), Some(40));
        assert_eq!(longest(&[(0, None), (900, None)]), None);
    }
}
