//! Which parts of an item are on this machine, as the overlay paints it.

use flickreel::cache::{Availability, Demand};
use flickreel::feed::{Item, ItemId, MediaLocation};
use flickreel::metrics::RANGE_CELLS;

use super::rig::{KIB, MIB, Rig, noise, read};

/// Per cell, what of it is there at all, and whether it is whole.
fn cells(rig: &Rig, path: &str) -> Vec<u8> {
    rig.opener.range_map(&rig.item(path)).expect("its length is known").cells
}

#[test]
fn the_map_of_an_item_grows_with_what_is_read_of_it_and_is_the_same_after_a_restart() {
    let length = 12 * MIB;
    let rig = Rig::new(noise(length));
    assert_eq!(rig.opener.range_map(&rig.item("/v.mp4")), None, "nothing is known of it");
    rig.server.let_through(2 * MIB);
    let opened = rig.open("/v.mp4", Demand::Playing).unwrap();
    read(&opened, 0, 2 * MIB).unwrap();
    let map = rig.opener.range_map(&rig.item("/v.mp4")).unwrap();
    assert_eq!((map.total, map.cells.len()), (length, RANGE_CELLS));
    // A cell is 256 KiB: the first eight are whole, and of the rest there is next to nothing.
    assert!(map.cells[..8].iter().all(|cell| *cell == 255), "{map:?}");
    assert!(map.cells[9..].iter().all(|cell| *cell == 0), "{map:?}");
    let Availability::Partial { bytes, total } = rig.opener.availability(&rig.item("/v.mp4")) else { panic!("some of it is there") };
    assert!(total == length && (2 * MIB..2 * MIB + 256 * KIB).contains(&bytes), "{bytes}");
    rig.server.open_gate(true);
    rig.read_all("/v.mp4").unwrap();
    rig.until(|| rig.opener.is_complete(&rig.item("/v.mp4")));
    assert_eq!(cells(&rig, "/v.mp4"), [255; RANGE_CELLS]);
    drop(opened);
    // From the index alone: nobody reads it yet.
    let rig = rig.restart();
    rig.disk();
    assert_eq!(cells(&rig, "/v.mp4"), [255; RANGE_CELLS]);
}

#[test]
fn what_comes_over_no_network_has_no_map() {
    let rig = Rig::new(noise(KIB));
    let item = |media| Item::bare(ItemId::new("v"), media);
    assert_eq!(rig.opener.range_map(&item(MediaLocation::Sample(0))), None);
    assert_eq!(rig.opener.range_map(&item(MediaLocation::File("/nowhere.mp4".into()))), None);
}
