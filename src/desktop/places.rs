//! Where what is asked: the two buses, and the objects on them.

use std::env;

use super::settings;
use super::told::Teller;

/// The addresses of the two buses as the D-Bus specification writes them, such as `unix:path=/run/user/1000/bus`;
/// `None` where there is no such bus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buses {
    /// Services of the machine: power, `NetworkManager`, logind.
    pub system: Option<String>,
    /// Services of the desktop session: the portal, screen savers.
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
    /// As properties; a change is this signal of the same interface.
    PropertiesWith(&'static str),
    /// As properties of an object that is asked for by another name than its own, which lies below this path and is
    /// that of its signals. Those of its neighbours come with them, and are a reason to ask like any.
    Alias(&'static str),
    /// In the answer of `GetActive`; a change is a signal `ActiveChanged`.
    Active,
    /// Settings of these namespaces, in the answer of `ReadAll`; a change is a signal `SettingChanged`.
    Settings(&'static [&'static str]),
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

const LOGIN: &str = "org.freedesktop.login1";

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
    Place {
        teller: Teller::Sleep,
        service: LOGIN,
        path: "/org/freedesktop/login1",
        interface: "org.freedesktop.login1.Manager",
        telling: Telling::PropertiesWith("PrepareForSleep"),
        may_start: false,
    },
    Place {
        teller: Teller::Session,
        service: LOGIN,
        // Ours, or the one on the screen where this program was started by a service of the user.
        path: "/org/freedesktop/login1/session/auto",
        interface: "org.freedesktop.login1.Session",
        telling: Telling::Alias("/org/freedesktop/login1/session"),
        may_start: false,
    },
];

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const PORTAL_PATH: &str = "/org/freedesktop/portal/desktop";

/// A screen saver; all of them have the interface of the first one, under names of their own.
const fn screen_saver(teller: Teller, name: &'static str, path: &'static str) -> Place {
    Place { teller, service: name, path, interface: name, telling: Telling::Active, may_start: false }
}

/// On the session bus.
pub(super) const SESSION: &[Place] = &[
    screen_saver(Teller::ScreenSaver, "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    screen_saver(Teller::GnomeScreenSaver, "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    screen_saver(Teller::CinnamonScreenSaver, "org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    screen_saver(Teller::MateScreenSaver, "org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    screen_saver(Teller::XfceScreenSaver, "org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
    Place {
        teller: Teller::PortalSettings,
        service: PORTAL,
        path: PORTAL_PATH,
        interface: "org.freedesktop.portal.Settings",
        telling: Telling::Settings(&[settings::APPEARANCE, settings::INTERFACE, settings::ACCESS]),
        may_start: false,
    },
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
