//! `NetworkManager`, and the portal in its stead.

use flickreel::preload::plan::{Connectivity, Link, LinkKind};
use tempfile::TempDir;

use super::rig::{Bus, Listener, Mock};

const MANAGER: &str = "org.freedesktop.NetworkManager";
const MANAGER_PATH: &str = "/org/freedesktop/NetworkManager";

/// A machine on Wi-Fi, all of the internet within reach, of which nobody knows what it costs.
fn manager(bus: &Bus) -> Mock<'_> {
    let manager = bus.template(MANAGER, "networkmanager", "{}");
    manager.add(MANAGER_PATH, MANAGER, "Metered", 0_u32);
    manager.add(MANAGER_PATH, MANAGER, "PrimaryConnectionType", "802-11-wireless");
    manager
}

#[test]
fn a_network_that_costs_is_told_from_one_that_does_not_and_guesses_count() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let manager = manager(&bus);
    let listener = Listener::start(Some(&bus), None);
    let all = listener.until("the whole internet", |now| now.link.connectivity == Connectivity::Full);
    assert_eq!(all.link, Link { connectivity: Connectivity::Full, metered: None, kind: LinkKind::Wifi });
    for (said, metered) in [(1_u32, Some(true)), (2, Some(false)), (3, Some(true)), (4, Some(false)), (0, None)] {
        manager.set(MANAGER_PATH, MANAGER, "Metered", said);
        listener.until(&format!("{said}, which is {metered:?}"), |now| now.link.metered == metered);
    }
}

#[test]
fn a_network_that_goes_and_comes_back_is_heard() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let manager = manager(&bus);
    let listener = Listener::start(Some(&bus), None);
    let steps = [(1_u32, Connectivity::None), (2, Connectivity::Portal), (3, Connectivity::Limited), (4, Connectivity::Full)];
    for (said, reach) in steps {
        manager.set(MANAGER_PATH, MANAGER, "Connectivity", said);
        listener.until(&format!("{reach:?}"), |now| now.link.connectivity == reach);
    }
}

#[test]
fn going_from_wifi_to_a_cable_or_a_modem_is_heard() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let manager = manager(&bus);
    let listener = Listener::start(Some(&bus), None);
    listener.until("Wi-Fi", |now| now.link.kind == LinkKind::Wifi);
    for (said, kind) in [("802-3-ethernet", LinkKind::Wired), ("gsm", LinkKind::Cellular), ("", LinkKind::Unknown)] {
        manager.set(MANAGER_PATH, MANAGER, "PrimaryConnectionType", said);
        listener.until(&format!("{kind:?}"), |now| now.link.kind == kind);
    }
}

#[test]
fn in_a_sandbox_the_portal_tells_of_the_network() {
    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const PATH: &str = "/org/freedesktop/portal/desktop";
    const MONITOR: &str = "org.freedesktop.portal.NetworkMonitor";
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let portal = bus.object(PORTAL, PATH, MONITOR);
    let listener = Listener::start(None, Some(&bus));
    let status = |available: &str, metered: &str, reach: u32| {
        let answer = format!(
            "ret = dbus.Dictionary({{'available': dbus.Boolean({available}), 'metered': dbus.Boolean({metered}), \
             'connectivity': dbus.UInt32({reach})}}, signature='sv')"
        );
        portal.method(PATH, MONITOR, "GetStatus", "a{sv}", &answer);
        portal.signal(PATH, MONITOR, "changed");
    };
    let link = |connectivity, metered| Link { connectivity, metered: Some(metered), kind: LinkKind::Unknown };
    status("True", "True", 4);
    listener.until("metered", |now| now.link == link(Connectivity::Full, true));
    status("True", "False", 3);
    listener.until("a page in the way", |now| now.link == link(Connectivity::Portal, false));
    status("False", "False", 1);
    listener.until("no network", |now| now.link == link(Connectivity::None, false));
}
