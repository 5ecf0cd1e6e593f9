//! Power, from what `UPower`, power-profiles-daemon and the portal tell.

use super::told::{Properties, Teller, Told};
use crate::preload::plan::Power;

/// `UpDeviceKind`: a battery, and one that stands beside the machine.
const BATTERY: u32 = 2;
const UPS: u32 = 3;
/// `UpDeviceState`: it is being emptied.
const DISCHARGING: u32 = 2;
/// `ActiveProfile` of whoever sets the desktop to save power.
const SAVER: &str = "power-saver";

/// Power, as far as it is told.
pub(super) fn power(told: &Told) -> Power {
    let profile = |teller| told.by(teller).and_then(|told| told.text("ActiveProfile")) == Some(SAVER);
    let portal = told.by(Teller::PortalPower).and_then(|told| told.flag("power-saver-enabled")) == Some(true);
    Power { on_battery: on_battery(told), saver: profile(Teller::PowerProfiles) || profile(Teller::OldPowerProfiles) || portal }
}

/// The charge in percent while the machine runs on it, in whole percent as desktops show it: what people see decides.
fn on_battery(told: &Told) -> Option<f64> {
    let battery = told.by(Teller::Battery)?;
    let is_one = matches!(battery.choice("Type"), Some(BATTERY | UPS)) && battery.flag("IsPresent") == Some(true);
    let is_used = told.by(Teller::UPower).and_then(|told| told.flag("OnBattery"));
    if !is_one || !is_used.unwrap_or(battery.choice("State") == Some(DISCHARGING)) {
        return None;
    }
    battery.number("Percentage").filter(|percent| (0.0..=100.0).contains(percent)).map(f64::round)
}

/// Whether `teller` told anything of power that makes sense.
pub(super) fn tells(teller: Teller, told: &Properties) -> bool {
    match teller {
        Teller::UPower => told.flag("OnBattery").is_some(),
        Teller::Battery => told.number("Percentage").is_some(),
        Teller::PowerProfiles | Teller::OldPowerProfiles => told.text("ActiveProfile").is_some(),
        Teller::PortalPower => told.flag("power-saver-enabled").is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::told::Value::{Flag, Number, Text};
    use super::super::told::tests::{properties, told};
    use super::*;

    fn supply(on_battery: bool) -> (Teller, Properties) {
        (Teller::UPower, properties([("OnBattery", Flag(on_battery))]))
    }

    fn battery(percent: f64) -> (Teller, Properties) {
        let values = [("Type", Number(2.0)), ("IsPresent", Flag(true)), ("State", Number(2.0)), ("Percentage", Number(percent))];
        (Teller::Battery, properties(values))
    }

    #[test]
    fn the_charge_counts_only_while_the_machine_runs_on_it() {
        assert_eq!(power(&told([supply(true), battery(31.0)])).on_battery, Some(31.0));
        assert_eq!(power(&told([supply(false), battery(31.0)])).on_battery, None);
        assert_eq!(power(&told([battery(31.0)])).on_battery, Some(31.0), "who empties the battery runs on it");
    }

    #[test]
    fn a_charge_is_told_as_desktops_show_it() {
        for (percent, shown) in [(30.4, 30.0), (30.5, 31.0), (0.0, 0.0), (100.0, 100.0)] {
            assert_eq!(power(&told([supply(true), battery(percent)])).on_battery, Some(shown));
        }
    }

    #[test]
    fn no_battery_or_no_charge_that_makes_sense_is_none() {
        for percent in [-1.0, 101.0, f64::NAN, f64::INFINITY] {
            assert_eq!(power(&told([supply(true), battery(percent)])).on_battery, None, "{percent}");
        }
        let with = |kind: f64, present: bool| {
            let values = [("Type", Number(kind)), ("IsPresent", Flag(present)), ("Percentage", Number(0.0))];
            power(&told([supply(true), (Teller::Battery, properties(values))])).on_battery
        };
        assert_eq!((with(3.0, true), with(2.0, false), with(1.0, true), with(0.0, true)), (Some(0.0), None, None, None));
        assert_eq!(power(&told([supply(true)])), Power::default());
    }

    #[test]
    fn whoever_saves_power_is_believed() {
        let profile = |teller, name: &str| power(&told([(teller, properties([("ActiveProfile", Text(name.into()))]))])).saver;
        for teller in [Teller::PowerProfiles, Teller::OldPowerProfiles] {
            assert!(profile(teller, "power-saver"));
            assert!(!profile(teller, "balanced") && !profile(teller, "performance") && !profile(teller, ""));
        }
        let portal = |on| power(&told([(Teller::PortalPower, properties([("power-saver-enabled", Flag(on))]))])).saver;
        assert!(portal(true) && !portal(false));
    }

    #[test]
    fn those_who_told_are_named_once() {
        let profile = (Teller::OldPowerProfiles, properties([("ActiveProfile", Text("balanced".into()))]));
        let all = told([supply(true), battery(5.0), profile, (Teller::PowerProfiles, properties([]))]);
        assert_eq!(all.tellers_of_power(), ["UPower", "power-profiles-daemon"]);
        assert!(all.tellers_of_link().is_empty());
    }
}
