//! What of a profile's window the machine allows just now: electric power and memory.

use std::time::Duration;

use super::{Memory, Power, Window};

/// On battery with this charge in percent, or with less, nothing is readied ahead.
pub const BATTERY_LOW_PERCENT: f64 = 30.0;

/// This process may keep no more than 500 MB (requirement D3); from here on it lets go of what it can…
const OWN_HIGH: u64 = 450_000_000;
/// … until it is below this.
const OWN_CALM: u64 = 400_000_000;
/// The system is short of memory when less than this share of it is left…
const AVAILABLE_SHARE: u64 = 20;
/// … or less than this many bytes, …
const AVAILABLE_LOW: u64 = 256 * 1024 * 1024;
/// … or when tasks waited for memory during this share of the last ten seconds, in percent.
const STALLED_HIGH: f64 = 10.0;
/// From one step to the next on the way back.
const STEP_EVERY: Duration = Duration::from_secs(10);

/// Why less is readied than the profile says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// The battery, with this charge in percent.
    Battery(f64),
    /// The desktop is set to save power.
    PowerSaver,
    /// Memory is short, or was a short while ago.
    Memory,
}

/// Why nothing is to be readied ahead for the sake of electric power.
#[must_use]
pub fn power_limit(power: Power) -> Option<Limit> {
    if power.saver {
        return Some(Limit::PowerSaver);
    }
    power.on_battery.filter(|&percent| percent <= BATTERY_LOW_PERCENT).map(Limit::Battery)
}

/// Memory that is short, and the way back from it: at once to the least, then a step at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Squeeze {
    /// Steps that are left on the way back; 0: all is allowed.
    steps: u8,
    /// When the last step was taken.
    since: Duration,
    /// This process was over its own bound and is not yet well below it.
    over: bool,
}

/// Steps from the least that is kept to all of it.
const STEPS: u8 = 3;

impl Squeeze {
    /// Takes in how memory is at `now`. Whether something else is allowed than before.
    pub fn observe(&mut self, memory: Memory, now: Duration) -> bool {
        let before = self.steps;
        self.over = memory.own >= if self.over { OWN_CALM } else { OWN_HIGH };
        let low = memory.total.map_or(AVAILABLE_LOW, |total| (total / AVAILABLE_SHARE).min(AVAILABLE_LOW));
        let short = memory.available.is_some_and(|available| available < low);
        let stalled = memory.stalled.is_some_and(|share| share >= STALLED_HIGH);
        if self.over || short || stalled {
            (self.steps, self.since) = (STEPS, now);
        }
        self.advance(now);
        self.steps != before
    }

    /// Takes the steps back that are due at `now`. Whether something else is allowed than before.
    pub fn advance(&mut self, now: Duration) -> bool {
        let before = self.steps;
        while self.steps > 0 && now >= self.since + STEP_EVERY {
            self.steps -= 1;
            self.since += STEP_EVERY;
        }
        self.steps != before
    }

    /// When the next step is due.
    #[must_use]
    pub fn changes_at(&self) -> Option<Duration> {
        (self.steps > 0).then_some(self.since + STEP_EVERY)
    }

    /// Whether memory keeps anything from being readied.
    #[must_use]
    pub fn limit(&self) -> Option<Limit> {
        (self.steps > 0).then_some(Limit::Memory)
    }

    /// What of a window is allowed.
    #[must_use]
    pub fn cut(&self, window: Window) -> Window {
        let most = match self.steps {
            0 => return window,
            1 => Window { ahead: 2, behind: 1, heads: 1, metadata: 1 },
            2 => Window { ahead: 1, behind: 1, heads: 1, metadata: 0 },
            _ => Window { ahead: 1, behind: 0, heads: 0, metadata: 0 },
        };
        window.min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn window(squeeze: Squeeze) -> (usize, usize, usize) {
        let window = squeeze.cut(Window { ahead: 3, ..Window::default() });
        (window.ahead, window.behind, window.heads)
    }

    #[test]
    fn a_battery_at_thirty_percent_stops_it_and_at_thirty_one_does_not() {
        let on_battery = |percent| power_limit(Power { on_battery: Some(percent), saver: false });
        assert_eq!(on_battery(31.0), None);
        assert_eq!(on_battery(30.0), Some(Limit::Battery(30.0)));
        assert_eq!(on_battery(3.0), Some(Limit::Battery(3.0)));
        assert_eq!(power_limit(Power::default()), None, "no battery, or nobody tells");
        assert_eq!(power_limit(Power { on_battery: Some(90.0), saver: true }), Some(Limit::PowerSaver));
        assert_eq!(power_limit(Power { on_battery: None, saver: true }), Some(Limit::PowerSaver));
    }

    #[test]
    fn pressure_keeps_the_next_alone_and_goes_back_a_step_at_a_time() {
        let mut squeeze = Squeeze::default();
        let (short, fine) = (Memory { own: 460 * MB, ..Memory::default() }, Memory { own: 300 * MB, ..Memory::default() });
        assert!(!squeeze.observe(fine, secs(0)));
        assert_eq!(window(squeeze), (3, 1, 2));
        assert!(squeeze.observe(short, secs(1)));
        assert_eq!((window(squeeze), squeeze.limit()), ((1, 0, 0), Some(Limit::Memory)));
        assert!(!squeeze.observe(fine, secs(5)));
        assert_eq!(squeeze.changes_at(), Some(secs(11)));
        assert!(squeeze.advance(secs(11)));
        assert_eq!(window(squeeze), (1, 1, 1));
        assert!(squeeze.observe(fine, secs(21)));
        assert_eq!(window(squeeze), (2, 1, 1));
        assert!(squeeze.observe(fine, secs(40)));
        assert_eq!((window(squeeze), squeeze.limit(), squeeze.changes_at()), ((3, 1, 2), None, None));
    }

    #[test]
    fn between_the_two_bounds_of_its_own_memory_nothing_goes_back() {
        let mut squeeze = Squeeze::default();
        squeeze.observe(Memory { own: 460 * MB, ..Memory::default() }, secs(0));
        for at in 1..60 {
            squeeze.observe(Memory { own: 420 * MB, ..Memory::default() }, secs(at));
        }
        assert_eq!(window(squeeze), (1, 0, 0));
        squeeze.observe(Memory { own: 390 * MB, ..Memory::default() }, secs(60));
        assert_eq!(squeeze.changes_at(), Some(secs(69)));
    }

    #[test]
    fn a_system_that_is_short_or_stalls_counts_too() {
        let is_short = |memory| Squeeze::default().observe(memory, secs(1));
        let total = Some(16_000 * MB);
        assert!(is_short(Memory { available: Some(200 * MB), total, ..Memory::default() }));
        assert!(!is_short(Memory { available: Some(900 * MB), total, ..Memory::default() }));
        assert!(!is_short(Memory { available: Some(60 * MB), total: Some(1000 * MB), ..Memory::default() }), "a small machine");
        assert!(is_short(Memory { stalled: Some(12.0), ..Memory::default() }));
        assert!(!is_short(Memory { stalled: Some(3.0), ..Memory::default() }));
    }

    #[test]
    fn a_window_that_is_smaller_already_is_not_widened() {
        let mut squeeze = Squeeze::default();
        squeeze.observe(Memory { own: 460 * MB, ..Memory::default() }, secs(0));
        squeeze.advance(secs(20));
        assert_eq!(
            squeeze.cut(Window { ahead: 1, behind: 0, heads: 0, metadata: 0 }),
            Window { ahead: 1, behind: 0, heads: 0, metadata: 0 }
        );
    }
}
