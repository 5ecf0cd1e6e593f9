//! The badges: how much of an item is here, and what keeps items from being readied. Each has a short form, and one for who
//! hears it.

/// All of an item is here.
pub const READY: (&str, &str) = ("Ready offline", "All of this video is on this machine");
/// Nothing of it is.
pub const ABSENT: (&str, &str) = ("Online only", "This video is not on this machine");
/// There is no connection.
pub const OFFLINE: (&str, &str) = ("Offline", "Offline: the server cannot be reached");
/// The desktop saves power.
pub const SAVING: (&str, &str) = ("Saving power", "Saving power: nothing is readied ahead. Press to ready ahead anyway");
/// Items are readied all the same.
pub const ANYWAY: (&str, &str) = ("Readying ahead", "Items are readied ahead although power is short. Press to stop that");

/// So many per cent of an item are here.
#[must_use]
pub fn partial(percent: u8) -> (String, String) {
    (format!("{percent} % here"), format!("{percent} per cent of this video are on this machine"))
}

/// The battery is low, in per cent.
#[must_use]
pub fn battery(percent: f64) -> (String, String) {
    let name = format!("Battery at {percent:.0} per cent: nothing is readied ahead. Press to ready ahead anyway");
    (format!("Battery {percent:.0} %"), name)
}
