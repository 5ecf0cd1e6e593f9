//! Buses and services that are not there, go away, come back, never answer or talk nonsense.

use std::os::unix::net::UnixListener;

use flickreel::desktop::{self, Buses};
use flickreel::preload::plan::{Connectivity, Link, Power};
use tempfile::TempDir;
use zbus::zvariant::Value;

use super::power::{charge, laptop};
use super::rig::{Bus, Listener, address};

#[test]
fn without_any_bus_only_memory_is_told_and_nothing_is_forbidden() {
    let dir = TempDir::new().unwrap();
    let nowhere = Some(address(dir.path()));
    for buses in [
        Buses { system: nowhere.clone(), session: nowhere },
        Buses { system: Some("nonsense".into()), session: Some(String::new()) },
        Buses::default(),
    ] {
        let first = Listener::at(buses).until("anything", |_| true);
        assert_eq!((first.power, first.link), (Power::default(), Link::default()));
    }
}

#[test]
fn a_service_that_dies_has_told_nothing_until_it_is_back() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let upower = laptop(&bus, 20.0);
    let listener = Listener::start(Some(&bus), None);
    listener.until("20 %", |now| now.power.on_battery == Some(20.0));
    drop(upower);
    listener.until("untold", |now| now.power.on_battery.is_none());
    let _upower = laptop(&bus, 19.0);
    listener.until("19 %", |now| now.power.on_battery == Some(19.0));
}

#[test]
fn a_bus_that_goes_away_has_told_nothing_until_it_is_back() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let upower = laptop(&bus, 20.0);
    let listener = Listener::start(Some(&bus), None);
    listener.until("20 %", |now| now.power.on_battery == Some(20.0));
    drop(upower);
    drop(bus);
    listener.until("untold", |now| now.power.on_battery.is_none());
    let bus = Bus::start(&dir);
    let upower = laptop(&bus, 19.0);
    listener.until("19 %", |now| now.power.on_battery == Some(19.0));
    charge(&upower, 18.0);
    listener.until("18 %", |now| now.power.on_battery == Some(18.0));
}

#[test]
fn a_bus_that_never_greets_holds_up_nothing() {
    let (dir, silent) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let _socket = UnixListener::bind(silent.path().join("bus")).unwrap();
    let bus = Bus::start(&dir);
    let _upower = laptop(&bus, 20.0);
    let listener = Listener::at(Buses { system: Some(address(dir.path())), session: Some(address(silent.path())) });
    listener.until("20 %", |now| now.power.on_battery == Some(20.0));
}

#[test]
fn a_service_that_never_answers_holds_up_no_other() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    bus.take_name("org.freedesktop.NetworkManager");
    bus.take_name("org.freedesktop.UPower.PowerProfiles");
    let upower = laptop(&bus, 20.0);
    let listener = Listener::start(Some(&bus), None);
    listener.until("20 %", |now| now.power.on_battery == Some(20.0));
    charge(&upower, 19.0);
    listener.until("19 %", |now| now.power.on_battery == Some(19.0));
}

#[test]
fn nonsense_in_a_property_is_as_good_as_none_and_sense_is_heard_after_it() {
    const BATTERY: (&str, &str) = ("/org/freedesktop/UPower/devices/DisplayDevice", "org.freedesktop.UPower.Device");
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let upower = laptop(&bus, 20.0);
    let listener = Listener::start(Some(&bus), None);
    let nonsense = [
        Value::from("lots"),
        Value::from(vec![20.0, 30.0]),
        Value::from(true),
        Value::from(f64::NAN),
        Value::from(u64::MAX),
        Value::from(-1_i32),
        Value::from((1_u8, "a")),
    ];
    for value in nonsense {
        listener.until("20 %", |now| now.power.on_battery == Some(20.0));
        upower.set(BATTERY.0, BATTERY.1, "Percentage", value);
        listener.until("untold", |now| now.power.on_battery.is_none());
        charge(&upower, 20.0);
    }
}

#[test]
fn an_answer_of_another_shape_is_no_answer() {
    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const PATH: &str = "/org/freedesktop/portal/desktop";
    const MONITOR: &str = "org.freedesktop.portal.NetworkMonitor";
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let portal = bus.object(PORTAL, PATH, MONITOR);
    let listener = Listener::start(None, Some(&bus));
    let sense = "ret = dbus.Dictionary({'connectivity': dbus.UInt32(4)}, signature='sv')";
    for (shape, answer) in [("s", "ret = 'fine'"), ("as", "ret = ['available']"), ("", "raise ValueError('no')")] {
        portal.method(PATH, MONITOR, "GetStatus", "a{sv}", sense);
        portal.signal(PATH, MONITOR, "changed");
        listener.until("told", |now| now.link.connectivity == Connectivity::Full);
        portal.method(PATH, MONITOR, "GetStatus", shape, answer);
        portal.signal(PATH, MONITOR, "changed");
        listener.until("untold", |now| now.link == Link::default());
    }
}

#[test]
fn a_look_around_asks_everybody_once() {
    let (dir, nowhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let bus = Bus::start(&dir);
    let _upower = laptop(&bus, 42.0);
    let buses = Buses { system: Some(address(dir.path())), session: Some(address(nowhere.path())) };
    let told = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(desktop::look(buses));
    assert_eq!(told.power().on_battery, Some(42.0));
    assert_eq!((told.tellers_of_power(), told.tellers_of_link()), (vec!["UPower"], vec![]));
}
