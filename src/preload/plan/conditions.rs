//! What the machine and its network allow, as far as anyone tells. Whoever watches them reports the whole of it; the
//! plan alone decides what follows.

/// Electric power.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Power {
    /// The charge in whole percent, 0 to 100, while the machine runs on its battery; `None` on mains, without a
    /// battery, or where nobody tells.
    pub on_battery: Option<f64>,
    /// The desktop is set to save power.
    pub saver: bool,
}

/// How far the network reaches, as the desktop tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connectivity {
    /// Nobody tells.
    #[default]
    Unknown,
    /// There is none.
    None,
    /// A page has to be visited before anything else can be reached.
    Portal,
    /// A network, and no way beyond it.
    Limited,
    /// All of it.
    Full,
}

/// What the network that leads outside is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkKind {
    /// Nobody tells.
    #[default]
    Unknown,
    /// A cable.
    Wired,
    /// A wireless local network.
    Wifi,
    /// A modem: mobile telephony.
    Cellular,
}

/// The network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// How far it reaches.
    pub connectivity: Connectivity,
    /// Whether each byte is paid for; `None` where nobody tells.
    pub metered: Option<bool>,
    /// What it is.
    pub kind: LinkKind,
}

/// Memory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// Bytes that this process keeps resident; 0 where nobody tells.
    pub own: u64,
    /// Bytes that the system, or the control group of this process, can still give without swapping.
    pub available: Option<u64>,
    /// Bytes of the whole system, or the most that the control group may have.
    pub total: Option<u64>,
    /// Share of the last ten seconds in which some task waited for memory, in percent (`/proc/pressure/memory`).
    pub stalled: Option<f64>,
}

/// All of it. The default says nothing and forbids nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Conditions {
    /// Electric power.
    pub power: Power,
    /// The network.
    pub link: Link,
    /// Memory.
    pub memory: Memory,
}
