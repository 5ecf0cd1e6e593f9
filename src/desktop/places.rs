//! Where what is asked: the two buses, and the objects on them.

use std::env;

use super::told::Teller;

/// The addresses of the two buses as the D-Bus specification writes them, such as `unix:path=/run/user/1000/bus`;
/// `None` where there is no such bus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buses {
    /// Services of the machine: power, `NetworkManager`.
    pub system: Option<String>,
    /// Services of the desktop session: the portal.
    pub session: Option<String>,
}

impl Buses {
    /// Those of the session that this program was started in. Whether anybody is there shows when they are asked.
    #[must_use]
    pub fn of_this_desktop() -> Self {
        if !cfg!(all(unix, not(target_os = "macos"))) {
            return Self::default();
        }
        let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            system: Some(set("DBUS_SYSTEM_BUS_ADDRESS").unwrap_or_else(|| "unix:path=/var/run/dbus/system_bus_socket".to_owned())),
            session: set("DBUS_SESSION_BUS_ADDRESS").or_else(|| Some(format!("unix:path={}/bus", set("XDG_RUNTIME_DIR")?))),
        }
    }
}

/// How an object tells what it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// As properties; a change is a `PropertiesChanged`.
    Properties,
    /// In the answer of this method; a change is a signal `changed`.
    Method(&'static str),
}

/// An object on a bus.
#[derive(Debug)]
pub(super) struct Place {
    pub teller: Teller,
    /// The name that its service owns.
    pub service: &'static str,
    pub path: &'static str,
    pub interface: &'static str,
    pub telling: Telling,
    /// Whether the bus may start the service for us. Others run where they are of use.
    pub may_start: bool,
}

/// On the system bus.
pub(super) const SYSTEM: &[Place] = &[
    Place {
        teller: Teller::UPower,
        service: "org.freedesktop.UPower",
        path: "/org/freedesktop/UPower",
        interface: "org.freedesktop.UPower",
        telling: Telling::Properties,
        // Without a desktop's own indicator nobody has asked for it yet, on a laptop with an empty battery too.
        may_start: true,
    },
    Place {
        teller: Teller::Battery,
        service: "org.freedesktop.UPower",
        path: "/org/freedesktop/UPower/devices/DisplayDevice",
        interface: "org.freedesktop.UPower.Device",
        telling: Telling::Properties,
        may_start: false,
    },
    Place {
        teller: Teller::PowerProfiles,
        service: "org.freedesktop.UPower.PowerProfiles",
        path: "/org/freedesktop/UPower/PowerProfiles",
        interface: "org.freedesktop.UPower.PowerProfiles",
        telling: Telling::Properties,
        may_start: false,
    },
    Place {
        teller: Teller::OldPowerProfiles,
        service: "net.hadess.PowerProfiles",
        path: "/net/hadess/PowerProfiles",
        interface: "net.hadess.PowerProfiles",
        telling: Telling::Properties,
        may_start: false,
    },
    Place {
        teller: Teller::NetworkManager,
        service: "org.freedesktop.NetworkManager",
        path: "/org/freedesktop/NetworkManager",
        interface: "org.freedesktop.NetworkManager",
        telling: Telling::Properties,
        may_start: false,
    },
];

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const PORTAL_PATH: &str = "/org/freedesktop/portal/desktop";

/// On the session bus.
pub(super) const SESSION: &[Place] = &[
    Place {
        teller: Teller::PortalPower,
        service: PORTAL,
        path: PORTAL_PATH,
        interface: "org.freedesktop.portal.PowerProfileMonitor",
        telling: Telling::Properties,
        may_start: false,
    },
    Place {
        teller: Teller::PortalNetwork,
        service: PORTAL,
        path: PORTAL_PATH,
        interface: "org.freedesktop.portal.NetworkMonitor",
        telling: Telling::Method("GetStatus"),
        may_start: false,
    },
];
