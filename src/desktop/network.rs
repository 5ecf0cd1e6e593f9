//! The network, from what `NetworkManager` and the portal tell.

use super::told::{Properties, Teller, Told};
use crate::preload::plan::{Connectivity, Link, LinkKind};

/// The network, as far as it is told. `NetworkManager` knows more than the portal, which fills in what it leaves open.
pub(super) fn link(told: &Told) -> Link {
    let manager = told.by(Teller::NetworkManager).map(by_manager).unwrap_or_default();
    let portal = told.by(Teller::PortalNetwork).map(by_portal).unwrap_or_default();
    Link {
        connectivity: if manager.connectivity == Connectivity::Unknown { portal.connectivity } else { manager.connectivity },
        metered: manager.metered.or(portal.metered),
        kind: manager.kind,
    }
}

/// `org.freedesktop.NetworkManager`: `NMConnectivityState`, `NMMetered` and a type of connection.
fn by_manager(told: &Properties) -> Link {
    let connectivity = match told.choice("Connectivity") {
        Some(1) => Connectivity::None,
        Some(2) => Connectivity::Portal,
        Some(3) => Connectivity::Limited,
        Some(4) => Connectivity::Full,
        _ => Connectivity::Unknown,
    };
    let metered = match told.choice("Metered") {
        // Yes, and guessed so: a telephone that shares its connection says as much as it can.
        Some(1 | 3) => Some(true),
        Some(2 | 4) => Some(false),
        _ => None,
    };
    Link { connectivity, metered, kind: told.text("PrimaryConnectionType").map(kind).unwrap_or_default() }
}

/// A bridge or a bond on a desktop is one of cables. What goes through a tunnel says nothing of what is below it.
fn kind(connection: &str) -> LinkKind {
    match connection {
        "802-3-ethernet" | "adsl" | "bond" | "bridge" | "infiniband" | "macvlan" | "pppoe" | "team" | "vlan" => LinkKind::Wired,
        "802-11-wireless" | "802-11-olpc-mesh" => LinkKind::Wifi,
        // Over Bluetooth one reaches the modem of a telephone.
        "gsm" | "cdma" | "bluetooth" => LinkKind::Cellular,
        _ => LinkKind::Unknown,
    }
}

/// `org.freedesktop.portal.NetworkMonitor.GetStatus`, which counts otherwise than `NetworkManager`.
fn by_portal(told: &Properties) -> Link {
    let connectivity = match (told.flag("available"), told.choice("connectivity")) {
        (Some(false), _) => Connectivity::None,
        (_, Some(1 | 2)) => Connectivity::Limited,
        (_, Some(3)) => Connectivity::Portal,
        (_, Some(4)) => Connectivity::Full,
        _ => Connectivity::Unknown,
    };
    Link { connectivity, metered: told.flag("metered"), kind: LinkKind::Unknown }
}

/// Whether `teller` told anything of the network that makes sense.
pub(super) fn tells(teller: Teller, told: &Properties) -> bool {
    match teller {
        Teller::NetworkManager => by_manager(told) != Link::default(),
        Teller::PortalNetwork => by_portal(told) != Link::default(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::told::Value::{Flag, Number, Text};
    use super::super::told::tests::{properties, told};
    use super::*;

    fn manager(connectivity: f64, metered: f64, kind: &str) -> (Teller, Properties) {
        let values =
            [("Connectivity", Number(connectivity)), ("Metered", Number(metered)), ("PrimaryConnectionType", Text(kind.to_owned()))];
        (Teller::NetworkManager, properties(values))
    }

    fn portal(available: bool, metered: bool, connectivity: f64) -> (Teller, Properties) {
        let values = [("available", Flag(available)), ("metered", Flag(metered)), ("connectivity", Number(connectivity))];
        (Teller::PortalNetwork, properties(values))
    }

    #[test]
    fn a_guess_whether_bytes_cost_counts_like_knowledge() {
        let metered = |said| link(&told([manager(4.0, said, "")])).metered;
        assert_eq!([0.0, 1.0, 2.0, 3.0, 4.0, 5.0].map(metered), [None, Some(true), Some(false), Some(true), Some(false), None]);
    }

    #[test]
    fn how_far_the_network_reaches_is_read_by_the_numbers_of_whoever_says_it() {
        use Connectivity::{Full, Limited, None, Portal, Unknown};
        let by_manager = |said| link(&told([manager(said, 0.0, "")])).connectivity;
        assert_eq!([0.0, 1.0, 2.0, 3.0, 4.0, 5.0].map(by_manager), [Unknown, None, Portal, Limited, Full, Unknown]);
        let by_portal = |said| link(&told([portal(true, false, said)])).connectivity;
        assert_eq!([0.0, 1.0, 2.0, 3.0, 4.0, 5.0].map(by_portal), [Unknown, Limited, Limited, Portal, Full, Unknown]);
        assert_eq!(link(&told([portal(false, false, 4.0)])).connectivity, None);
    }

    #[test]
    fn what_the_network_is_made_of_is_known_by_the_type_of_its_connection() {
        let kind = |said| link(&told([manager(4.0, 0.0, said)])).kind;
        assert_eq!(["802-3-ethernet", "pppoe"].map(kind), [LinkKind::Wired; 2]);
        assert_eq!(kind("802-11-wireless"), LinkKind::Wifi);
        assert_eq!(["gsm", "cdma", "bluetooth"].map(kind), [LinkKind::Cellular; 3]);
        assert_eq!(["", "wireguard", "vpn", "of a later day"].map(kind), [LinkKind::Unknown; 4]);
    }

    #[test]
    fn the_portal_fills_in_what_the_manager_leaves_open() {
        let both = link(&told([manager(0.0, 0.0, "gsm"), portal(true, true, 4.0)]));
        assert_eq!(both, Link { connectivity: Connectivity::Full, metered: Some(true), kind: LinkKind::Cellular });
        let both = link(&told([manager(3.0, 2.0, ""), portal(true, true, 4.0)]));
        assert_eq!(both, Link { connectivity: Connectivity::Limited, metered: Some(false), kind: LinkKind::Unknown });
    }

    #[test]
    fn who_said_nothing_of_use_is_not_named() {
        assert!(told([manager(0.0, 0.0, "")]).tellers_of_link().is_empty());
        assert_eq!(told([manager(4.0, 0.0, ""), portal(true, false, 4.0)]).tellers_of_link(), ["NetworkManager", "desktop portal"]);
    }
}
