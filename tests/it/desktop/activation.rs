//! Services that a bus starts when somebody calls them.

use std::fs;

use flickreel::desktop::{self, Buses};
use tempfile::TempDir;

use super::power::laptop;
use super::rig::{Bus, Listener, address};

const UPOWER: &str = "org.freedesktop.UPower";
const UPOWER_PATH: &str = "/org/freedesktop/UPower";
/// A template for python-dbusmock: a laptop on its battery, which crashes when it is told to.
const LAPTOP: &str = r"
BUS_NAME = 'org.freedesktop.UPower'
MAIN_OBJ = '/org/freedesktop/UPower'
MAIN_IFACE = 'org.freedesktop.UPower'
SYSTEM_BUS = True

def load(mock, parameters):
    mock.AddObject('/org/freedesktop/UPower/devices/DisplayDevice', 'org.freedesktop.UPower.Device',
                   {'Type': 2, 'IsPresent': True, 'Percentage': 20.0}, [])
    mock.AddProperties(MAIN_IFACE, {'OnBattery': True})
    mock.AddMethod(MAIN_IFACE, 'Crash', '', '', 'import os; os._exit(1)')
";

/// Tells the bus in `dir` what to run when it is asked for `service`.
fn can_be_started(dir: &TempDir, service: &str, command: &str) {
    let services = dir.path().join("services");
    fs::create_dir_all(&services).unwrap();
    fs::write(services.join(format!("{service}.service")), format!("[D-BUS Service]\nName={service}\nExec={command}\n")).unwrap();
}

#[test]
fn upower_is_started_once_and_not_again_when_it_has_crashed() {
    let dir = TempDir::new().unwrap();
    let template = dir.path().join("laptop.py");
    fs::write(&template, LAPTOP).unwrap();
    let bus_address = address(dir.path());
    // With a log of its own: its standard output is the bus's, which nobody reads.
    let (template, log, starts) = (template.display(), dir.path().join("log"), dir.path().join("starts"));
    let mock = format!("/usr/bin/python3 -m dbusmock --template {template} --logfile {}", log.display());
    let command = format!("echo started >> {}; DBUS_SYSTEM_BUS_ADDRESS={bus_address} exec {mock}", starts.display());
    can_be_started(&dir, UPOWER, &format!("/bin/sh -c '{command}'"));
    let bus = Bus::start(&dir);
    let listener = Listener::start(Some(&bus), None);
    listener.until("20 %", |now| now.power.on_battery == Some(20.0));
    bus.end(UPOWER, UPOWER_PATH, UPOWER, "Crash");
    listener.until("untold", |now| now.power.on_battery.is_none());
    let _upower = laptop(&bus, 19.0);
    listener.until("19 %", |now| now.power.on_battery == Some(19.0));
    assert_eq!(fs::read_to_string(starts).unwrap(), "started\n");
}

#[test]
fn other_services_are_not_started_for_us() {
    let dir = TempDir::new().unwrap();
    let names = ["org.freedesktop.NetworkManager", "net.hadess.PowerProfiles", "org.freedesktop.portal.Desktop"];
    for name in names {
        can_be_started(&dir, name, &format!("/usr/bin/touch {}/{name}", dir.path().display()));
    }
    let bus = Bus::start(&dir);
    let own = || Some(bus.address().to_owned());
    let buses = Buses { system: own(), session: own() };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(desktop::look(buses));
    for name in names {
        assert!(!dir.path().join(name).exists(), "{name} was started");
    }
}
