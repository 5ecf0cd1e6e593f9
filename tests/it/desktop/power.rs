//! `UPower`, power profiles and the portal's word of them.

use tempfile::TempDir;

use super::rig::{Bus, Listener, Mock};

const UPOWER: &str = "org.freedesktop.UPower";
const UPOWER_PATH: &str = "/org/freedesktop/UPower";
const BATTERY_PATH: &str = "/org/freedesktop/UPower/devices/DisplayDevice";
const BATTERY: &str = "org.freedesktop.UPower.Device";

/// A laptop that runs on its battery, with a charge in percent.
pub fn laptop(bus: &Bus, percent: f64) -> Mock<'_> {
    let upower = bus.template(UPOWER, "upower", r#"{"OnBattery": true}"#);
    upower.set(BATTERY_PATH, BATTERY, "Type", 2_u32);
    upower.set(BATTERY_PATH, BATTERY, "IsPresent", true);
    charge(&upower, percent);
    upower
}

pub fn charge(upower: &Mock, percent: f64) {
    upower.set(BATTERY_PATH, BATTERY, "Percentage", percent);
}

#[test]
fn the_last_percent_above_the_limit_and_the_first_below_it_arrive() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let upower = laptop(&bus, 31.0);
    let listener = Listener::start(Some(&bus), None);
    listener.until("31 %", |now| now.power.on_battery == Some(31.0));
    charge(&upower, 30.0);
    listener.until("30 %", |now| now.power.on_battery == Some(30.0));
}

#[test]
fn pulling_the_plug_and_putting_it_back_is_heard() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let upower = laptop(&bus, 12.0);
    let listener = Listener::start(Some(&bus), None);
    for _ in 0..2 {
        upower.set(UPOWER_PATH, UPOWER, "OnBattery", true);
        listener.until("on battery", |now| now.power.on_battery == Some(12.0));
        upower.set(UPOWER_PATH, UPOWER, "OnBattery", false);
        listener.until("on mains", |now| now.power.on_battery.is_none());
    }
}

#[test]
fn a_machine_without_a_battery_is_on_mains() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let upower = bus.template(UPOWER, "upower", "{}");
    let profiles = profiles(&bus);
    let listener = Listener::start(Some(&bus), None);
    upower.set(UPOWER_PATH, UPOWER, "OnBattery", true);
    profiles.set(OLD_PATH, OLD, "ActiveProfile", "power-saver");
    assert_eq!(listener.until("saving power", |now| now.power.saver).power.on_battery, None);
}

const OLD: &str = "net.hadess.PowerProfiles";
const OLD_PATH: &str = "/net/hadess/PowerProfiles";

fn profiles(bus: &Bus) -> Mock<'_> {
    bus.template(OLD, "power_profiles_daemon", "{}")
}

#[test]
fn saving_power_begins_and_ends_with_the_profile() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let profiles = profiles(&bus);
    let listener = Listener::start(Some(&bus), None);
    for _ in 0..2 {
        profiles.set(OLD_PATH, OLD, "ActiveProfile", "power-saver");
        listener.until("saving power", |now| now.power.saver);
        profiles.set(OLD_PATH, OLD, "ActiveProfile", "balanced");
        listener.until("not saving power", |now| !now.power.saver);
    }
}

#[test]
fn the_profile_is_heard_under_its_newer_name_too() {
    const NEW: &str = "org.freedesktop.UPower.PowerProfiles";
    const PATH: &str = "/org/freedesktop/UPower/PowerProfiles";
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let profiles = bus.object(NEW, PATH, NEW);
    profiles.add(PATH, NEW, "ActiveProfile", "power-saver");
    let listener = Listener::start(Some(&bus), None);
    listener.until("saving power", |now| now.power.saver);
    profiles.set(PATH, NEW, "ActiveProfile", "performance");
    listener.until("not saving power", |now| !now.power.saver);
}

#[test]
fn in_a_sandbox_the_portal_says_that_power_is_saved() {
    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const PATH: &str = "/org/freedesktop/portal/desktop";
    const MONITOR: &str = "org.freedesktop.portal.PowerProfileMonitor";
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let portal = bus.object(PORTAL, PATH, MONITOR);
    portal.add(PATH, MONITOR, "power-saver-enabled", false);
    let listener = Listener::start(None, Some(&bus));
    portal.set(PATH, MONITOR, "power-saver-enabled", true);
    listener.until("saving power", |now| now.power.saver);
    portal.set(PATH, MONITOR, "power-saver-enabled", false);
    listener.until("not saving power", |now| !now.power.saver);
}
