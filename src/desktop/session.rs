//! Whether somebody may look at the screen, from what logind and screen savers tell.

use super::told::{Teller, Told};
use crate::app::Presence;

/// Those that cover the screen.
const SAVERS: [Teller; 5] =
    [Teller::ScreenSaver, Teller::GnomeScreenSaver, Teller::CinnamonScreenSaver, Teller::MateScreenSaver, Teller::XfceScreenSaver];

/// Who looks, as far as it is told.
pub(super) fn presence(told: &Told) -> Presence {
    let says = |teller, what: &str| told.by(teller).and_then(|told| told.flag(what)) == Some(true);
    Presence {
        // A desktop that locks without a word to logind has a screen saver that tells, and the other way round.
        locked: says(Teller::Session, "LockedHint") || SAVERS.into_iter().any(|saver| says(saver, super::bus::ACTIVE)),
        asleep: says(Teller::Sleep, "PreparingForSleep"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::told::Value::Flag;
    use super::super::told::tests::{properties, told};
    use super::*;

    #[test]
    fn whoever_says_that_the_screen_is_covered_is_believed() {
        for (teller, name) in [(Teller::Session, "LockedHint"), (Teller::ScreenSaver, "Active"), (Teller::GnomeScreenSaver, "Active")] {
            let says = |flag| presence(&told([(teller, properties([(name, Flag(flag))]))]));
            assert_eq!((says(true).locked, says(false).locked), (true, false), "{teller:?}");
        }
        let both = [
            (Teller::Session, properties([("LockedHint", Flag(false))])),
            (Teller::GnomeScreenSaver, properties([("Active", Flag(true))])),
        ];
        assert_eq!(presence(&told(both)), Presence { locked: true, asleep: false });
    }

    #[test]
    fn where_nobody_tells_somebody_may_look() {
        assert_eq!(presence(&Told::default()), Presence::default());
        assert_eq!(
            presence(&told([(Teller::Sleep, properties([("PreparingForSleep", Flag(true))]))])),
            Presence { locked: false, asleep: true }
        );
    }
}
