//! Why a source cannot be opened, why its page cannot be had, and why an address of a feed is not asked: a sentence each.

/// What an address is that belongs to no public machine, in words that follow "is".
pub mod zones {
    /// 127.0.0.0/8 and `::1`.
    pub const LOOPBACK: &str = "this machine itself";
    /// `localhost` and the names below it.
    pub const LOCAL_NAME: &str = "a name of this machine itself";
    /// A name that leads to a private network.
    pub const PRIVATE_NAME: &str = "a name of a private network";
    /// 0.0.0.0/8 and `::`.
    pub const UNSPECIFIED: &str = "the address of no machine";
    /// 10.0.0.0/8 and its like.
    pub const PRIVATE: &str = "an address of a private network";
    /// `fc00::/7`.
    pub const UNIQUE_LOCAL: &str = "an address of a private IPv6 network";
    /// 169.254.0.0/16 and `fe80::/10`.
    pub const LINK_LOCAL: &str = "an address of the local link";
    /// 100.64.0.0/10.
    pub const CARRIER_GRADE: &str = "an address within a provider’s network";
    /// 224.0.0.0/4 and `ff00::/8`.
    pub const MULTICAST: &str = "an address of many machines";
    /// Addresses that stand in books.
    pub const DOCUMENTATION: &str = "an address for documentation";
    /// 198.18.0.0/15 and its like.
    pub const BENCHMARK: &str = "an address for measurements";
    /// Given to nobody, or to a protocol.
    pub const RESERVED: &str = "a reserved address";
    /// IPv4 in the clothes of IPv6.
    pub const MAPPED: &str = "an IPv4 address written as IPv6";
    /// `64:ff9b::/96` and its like.
    pub const NAT64: &str = "an IPv4 address behind a translator";
    /// `2002::/16` and `2001::/32`.
    pub const TUNNEL: &str = "an IPv4 address behind a tunnel";
}

/// Text that is no address.
pub const MALFORMED: &str = "This is not a valid address.";
/// A user name or a password that the viewer has not typed.
pub const CREDENTIALS: &str = "An address with a user name or a password is not opened for a feed.";
/// No word was given to be understood.
pub const NOTHING_GIVEN: &str = "No folder, file or address was given.";
/// The program is ending.
pub const BROKEN_OFF: &str = "Reading the source was broken off.";
/// The HTTP client could not be set up.
pub const NO_NETWORK: &str = "The network can’t be used.";

/// A feed names an address that is neither http nor https.
#[must_use]
pub fn scheme_refused(scheme: &str) -> String {
    format!("An address that begins with {scheme}: is not opened for a feed.")
}

/// The host is special.
#[must_use]
pub fn zone(host: &str, zone: &str) -> String {
    format!("{host} is {zone}, and the feed is not from there.")
}

/// The name leads to an address that is special.
#[must_use]
pub fn resolved(host: &str, address: &str, zone: &str) -> String {
    format!("{host} leads to {address}, which is {zone}, and the feed is not from there.")
}

/// `http` from a feed that came by `https`.
#[must_use]
pub fn unencrypted(host: &str) -> String {
    format!("{host} would be asked without encryption, and the feed came by https.")
}

/// There is a list of trusted hosts, and this one is not on it.
#[must_use]
pub fn untrusted(host: &str) -> String {
    format!("{host} is not one of the trusted hosts.")
}

/// More redirects than are followed.
#[must_use]
pub fn redirects(most: usize) -> String {
    format!("The server redirected more than {most} times.")
}

/// A redirect leads to what is not asked; `why` begins small.
#[must_use]
pub fn redirect(why: &str) -> String {
    format!("A redirect was not followed: {why}")
}

/// There is nothing at a path.
#[must_use]
pub fn no_such_path(path: &str) -> String {
    format!("There is no file or folder at “{path}”.")
}

/// There is nothing at what is probably an address.
#[must_use]
pub fn scheme_missing(path: &str) -> String {
    format!("There is no file or folder at “{path}”. If it is an address, begin it with https:// or http://.")
}

/// Several words of which not all are files.
#[must_use]
pub fn mixed(word: &str) -> String {
    format!("Several things were given and “{word}” is not a file; give one folder, one address, or files alone.")
}

/// Somebody wants to open an address that is neither http nor https.
#[must_use]
pub fn scheme(scheme: &str) -> String {
    format!("Addresses that begin with {scheme}: can’t be opened; http:// and https:// can.")
}

/// It begins like an address.
#[must_use]
pub fn bad_address(text: &str) -> String {
    format!("“{text}” is not a valid address.")
}

/// A folder cannot be listed.
#[must_use]
pub fn folder(name: &str) -> String {
    format!("The folder “{name}” can’t be read.")
}

/// No connection could be made.
#[must_use]
pub fn unreachable(host: &str) -> String {
    format!("The server {host} can’t be reached.")
}

/// It broke in the middle of an answer.
#[must_use]
pub fn broke(host: &str) -> String {
    format!("The connection to the server {host} broke.")
}

/// No whole answer in time.
#[must_use]
pub fn timed_out(host: &str, seconds: f32) -> String {
    format!("The server {host} did not answer within {seconds} seconds.")
}

/// A web page instead of a feed.
#[must_use]
pub fn web_page(host: &str) -> String {
    format!("The server {host} answered with a web page, not with a video feed.")
}

/// An answer over the limit.
#[must_use]
pub fn too_large(host: &str, mebibytes: usize) -> String {
    format!("The answer of the server {host} is larger than {mebibytes} MiB.")
}

/// Text that is not JSON.
#[must_use]
pub fn not_json(host: &str) -> String {
    format!("The answer of the server {host} is not readable as a feed.")
}

/// JSON that is not a feed.
#[must_use]
pub fn no_list(host: &str) -> String {
    format!("The answer of the server {host} holds no list of videos.")
}

/// An answer that is not a success.
#[must_use]
pub fn status(host: &str, status: u16) -> String {
    match status {
        401 | 403 => format!("The server {host} refused to show this feed ({status})."),
        404 | 410 => format!("The server {host} has no feed at this address ({status})."),
        408 => format!("The server {host} gave up waiting ({status})."),
        429 => format!("The server {host} was asked too often ({status}); wait a moment."),
        500..=599 => format!("The server {host} has a problem of its own ({status})."),
        _ => format!("The server {host} answered in a way that is not understood ({status})."),
    }
}
