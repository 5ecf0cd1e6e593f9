//! Which addresses belong to no public machine: the special registries of the IANA for IPv4 (RFC 6890) and IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::feed::Zone;

/// What is special about an address that stands in a link; `None` for one of a public machine.
pub(super) fn of_literal(address: IpAddr) -> Option<Zone> {
    match address {
        IpAddr::V4(address) => of_v4(address),
        IpAddr::V6(address) => of_v6(address),
    }
}

/// The same for an address that a name leads to.
///
/// On a network of IPv6 alone the name of every machine of IPv4 leads to its address behind a translator (DNS64,
/// RFC 6147), so there it is what lies behind the translator that counts. In a link nobody needs that.
pub(super) fn of_resolved(address: IpAddr) -> Option<Zone> {
    match address {
        IpAddr::V6(v6) if v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => of_v4(last_v4(v6)),
        address => of_literal(address),
    }
}

fn of_v4(address: Ipv4Addr) -> Option<Zone> {
    let [a, b, c, _] = address.octets();
    Some(match (a, b, c) {
        (0, ..) => Zone::Unspecified,
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Zone::Private,
        (100, 64..=127, _) => Zone::CarrierGrade,
        (127, ..) => Zone::Loopback,
        (169, 254, _) => Zone::LinkLocal,
        // Protocol assignments, and the relays of 6to4 as they were.
        (192, 0, 0) | (192, 88, 99) | (240..=255, ..) => Zone::Reserved,
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Zone::Documentation,
        (198, 18..=19, _) => Zone::Benchmark,
        (224..=239, ..) => Zone::Multicast,
        _ => return None,
    })
}

fn of_v6(address: Ipv6Addr) -> Option<Zone> {
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Zone::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Zone::Loopback,
        // Compatible, mapped and translated (RFC 4291, RFC 2765).
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => Zone::Mapped,
        [0x64, 0xff9b, 0 | 1, ..] => Zone::Nat64,
        [0x2001, 0, ..] | [0x2002, ..] => Zone::Tunnel,
        [0x2001, 2, 0, ..] => Zone::Benchmark,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Zone::Documentation,
        // Protocol assignments, as a whole.
        [0x2001, 0..=0x1ff, ..] => Zone::Reserved,
        [0xfc00..=0xfdff, ..] => Zone::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Zone::LinkLocal,
        [0xfec0..=0xfeff, ..] => Zone::Private,
        [0xff00..=0xffff, ..] => Zone::Multicast,
        // Of all the rest only this part is given to machines.
        [0x2000..=0x3fff, ..] => return None,
        _ => Zone::Reserved,
    })
}

fn last_v4(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What must not pass, as network and length, written down apart from the code above.
    const FORBIDDEN_V4: &str = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 \
        192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4";
    const FORBIDDEN_V6: &str = "::/96 ::ffff:0:0/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/32 2001:2::/48 2001::/23 \
        2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8";

    fn networks(list: &str) -> Vec<(IpAddr, u32)> {
        let network = |text: &str| {
            let (address, length) = text.split_once('/').unwrap();
            (address.parse().unwrap(), length.parse().unwrap())
        };
        list.split_whitespace().map(network).collect()
    }

    /// The bits of an address, at the high end of 128.
    fn bits(address: IpAddr) -> u128 {
        match address {
            IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
            IpAddr::V6(address) => address.to_bits(),
        }
    }

    fn within(address: IpAddr, (network, length): (IpAddr, u32)) -> bool {
        address.is_ipv4() == network.is_ipv4() && (bits(address) ^ bits(network)).leading_zeros() >= length
    }

    /// An address of `network` with these host bits.
    fn inside((network, length): (IpAddr, u32), host: u128) -> IpAddr {
        let all = bits(network) | (host >> length);
        match network {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(all >> 96).unwrap())),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from_bits(all)),
        }
    }

    proptest! {
        #[test]
        fn no_address_of_a_special_network_passes(which in any::<prop::sample::Index>(), host in any::<u128>()) {
            let all = [networks(FORBIDDEN_V4), networks(FORBIDDEN_V6)].concat();
            let address = inside(all[which.index(all.len())], host);
            prop_assert!(of_literal(address).is_some(), "{}", address);
        }

        #[test]
        fn every_other_address_passes(v4 in any::<u32>(), v6 in any::<u128>()) {
            let all = [networks(FORBIDDEN_V4), networks(FORBIDDEN_V6)].concat();
            let v6 = (0x2000 << 112) | (v6 >> 3);
            for address in [IpAddr::V4(Ipv4Addr::from_bits(v4)), IpAddr::V6(Ipv6Addr::from_bits(v6))] {
                let special = all.iter().any(|network| within(address, *network));
                prop_assert_eq!(of_literal(address).is_some(), special, "{}", address);
                prop_assert_eq!(of_resolved(address), of_literal(address));
            }
        }

        #[test]
        fn ipv4_in_ipv6_is_judged_by_what_it_is_in_a_link_and_by_what_it_leads_to_behind_a_name(v4 in any::<u32>()) {
            let v4 = Ipv4Addr::from_bits(v4);
            let behind = |prefix: &str| format!("{prefix}{v4}").parse::<IpAddr>().unwrap();
            for prefix in ["::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"] {
                prop_assert!(of_literal(behind(prefix)).is_some(), "{}{}", prefix, v4);
            }
            prop_assert_eq!(of_resolved(behind("64:ff9b::")), of_literal(IpAddr::V4(v4)));
        }
    }

    #[test]
    fn each_network_is_called_what_it_is() {
        for (address, zone) in [
            ("0.0.0.0", Zone::Unspecified),
            ("10.1.2.3", Zone::Private),
            ("100.100.100.200", Zone::CarrierGrade),
            ("127.8.8.8", Zone::Loopback),
            ("169.254.169.254", Zone::LinkLocal),
            ("172.31.255.255", Zone::Private),
            ("192.0.0.192", Zone::Reserved),
            ("198.19.0.1", Zone::Benchmark),
            ("203.0.113.9", Zone::Documentation),
            ("239.255.255.250", Zone::Multicast),
            ("255.255.255.255", Zone::Reserved),
            ("::", Zone::Unspecified),
            ("::1", Zone::Loopback),
            ("::7f00:1", Zone::Mapped),
            ("::ffff:127.0.0.1", Zone::Mapped),
            ("64:ff9b::8.8.8.8", Zone::Nat64),
            ("2001:0:1::", Zone::Tunnel),
            ("2001:2:0:1::", Zone::Benchmark),
            ("2002:7f00:1::", Zone::Tunnel),
            ("2001:db8::1", Zone::Documentation),
            ("fd00:ec2::254", Zone::UniqueLocal),
            ("fe80::1", Zone::LinkLocal),
            ("fec0::1", Zone::Private),
            ("ff02::1", Zone::Multicast),
            ("4000::1", Zone::Reserved),
        ] {
            assert_eq!(of_literal(address.parse().unwrap()), Some(zone), "{address}");
        }
        for public in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2001:4860:4860::8888"] {
            assert_eq!(of_literal(public.parse().unwrap()), None, "{public}");
        }
    }
}
