//! Behaviours that can be switched. A flag may be on for a share of all installations: a stable id decides whether this
//! one is among them. Pure; `shell/flags.rs` finds out what is told of flags, and remembers.

use std::collections::BTreeMap;
use std::fmt;

use crate::metrics::health::Breach;

/// A behaviour that can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// A failed item makes room for the next one by itself.
    AutoSkipFailed,
    /// The dim echo of the picture where it leaves a window free.
    WideWindowEcho,
    /// Three items ahead stand ready on a good network, not two.
    PreloadPlusThree,
}

impl Flag {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AutoSkipFailed, Self::WideWindowEcho, Self::PreloadPlusThree];

    /// Its name in files and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AutoSkipFailed => "auto_skip_failed",
            Self::WideWindowEcho => "wide_window_echo",
            Self::PreloadPlusThree => "preload_plus_three",
        }
    }

    /// The flag of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.name() == name)
    }

    /// What it does, to stand within a sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::AutoSkipFailed => "going on by itself from an item that failed",
            Self::WideWindowEcho => "the echo of the picture at its sides",
            Self::PreloadPlusThree => "a third item ahead that stands ready",
        }
    }

    /// Whether it is on where nobody says anything.
    #[must_use]
    pub fn is_on_by_default(self) -> bool {
        self == Self::WideWindowEcho
    }
}

/// What is told of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// On or off, whatever the id: a person decided.
    Chosen(bool),
    /// On for this share of all installations, in percent.
    Share(u8),
}

/// Who told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// `[flags]` in the config file.
    Config,
    /// `flags.toml` beside it.
    File,
    /// A feed service.
    Feed,
}

impl fmt::Display for Teller {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Config => "config.toml",
            Self::File => "flags.toml",
            Self::Feed => "the feed service",
        })
    }
}

/// Why a flag is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody says anything about it.
    Default,
    /// A person decided.
    Chosen(Teller),
    /// This installation is among the share, or is not.
    Share(u8, Teller),
    /// It was switched off because a bound was broken.
    RolledBack(Breach),
}

/// How a flag stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is on.
    pub on: bool,
    /// Why.
    pub why: Why,
}

impl Decision {
    /// By default.
    fn default_of(flag: Flag) -> Self {
        Self { on: flag.is_on_by_default(), why: Why::Default }
    }
}

/// What a feed service said of flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// The service, in words.
    pub by: String,
    /// Shares in percent, by the name of the flag.
    pub shares: BTreeMap<String, u8>,
}

/// How every flag stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flags {
    decisions: [(Flag, Decision); Flag::ALL.len()],
    /// Decides whether this installation is among a share; `None`: it is among none.
    id: Option<String>,
}

impl Default for Flags {
    fn default() -> Self {
        Self { decisions: Flag::ALL.map(|flag| (flag, Decision::default_of(flag))), id: None }
    }
}

impl Flags {
    /// Decides for an installation of this id. Without an id no share counts: a measuring run is to be the same
    /// everywhere. What a person chose holds, whatever was switched off before.
    #[must_use]
    pub fn decide(
        id: Option<&str>,
        told: impl Fn(Flag) -> Option<(Rollout, Teller)>,
        rolled_back: impl Fn(Flag) -> Option<Breach>,
    ) -> Self {
        let decide = |flag| match (told(flag), id, rolled_back(flag)) {
            (Some((Rollout::Chosen(on), teller)), _, _) => Decision { on, why: Why::Chosen(teller) },
            (Some((Rollout::Share(_), _)), Some(_), Some(breach)) => Decision { on: false, why: Why::RolledBack(breach) },
            (Some((Rollout::Share(percent), teller)), Some(id), None) => {
                Decision { on: is_in(id, flag, percent), why: Why::Share(percent, teller) }
            }
            (Some((Rollout::Share(_), _)), None, _) | (None, _, _) => Decision::default_of(flag),
        };
        Self { decisions: Flag::ALL.map(|flag| (flag, decide(flag))), id: id.map(str::to_owned) }
    }

    /// How a flag stands.
    #[must_use]
    pub fn decision(&self, flag: Flag) -> Decision {
        let found = self.decisions.iter().find(|(known, _)| *known == flag);
        found.map_or(Decision::default_of(flag), |(_, decision)| *decision)
    }

    /// Whether it is on.
    #[must_use]
    pub fn is_on(&self, flag: Flag) -> bool {
        self.decision(flag).on
    }

    /// Those that are on because this installation is among a share.
    pub fn on_by_share(&self) -> impl Iterator<Item = Flag> + '_ {
        let by_share = |decision: &Decision| decision.on && matches!(decision.why, Why::Share(..));
        self.decisions.iter().filter(move |(_, decision)| by_share(decision)).map(|(flag, _)| *flag)
    }

    /// Those that were switched off because a bound was broken, with the bound.
    pub fn rolled_back(&self) -> impl Iterator<Item = (Flag, Breach)> + '_ {
        self.decisions.iter().filter_map(|(flag, decision)| match decision.why {
            Why::RolledBack(breach) => Some((*flag, breach)),
            _ => None,
        })
    }

    /// A bound was broken: switches off what is on because of a share, and says what that was. Nobody knows which of
    /// them it is; what a person chose, and what is on everywhere, it is not.
    pub(super) fn roll_back(&mut self, breach: Breach) -> Vec<Flag> {
        let tried: Vec<_> = self.on_by_share().collect();
        for flag in &tried {
            self.set(*flag, Decision { on: false, why: Why::RolledBack(breach) });
        }
        tried
    }

    /// Takes in what a feed service said; returns what that switches off. Files on this machine weigh more.
    pub(super) fn serve(&mut self, served: &Served) -> Vec<Flag> {
        let Some(id) = self.id.clone() else { return Vec::new() };
        let ends = |(flag, decision): &(Flag, Decision)| {
            let percent = *served.shares.get(flag.name())?;
            let may = matches!(decision.why, Why::Default | Why::Share(_, Teller::Feed));
            (decision.on && may && !is_in(&id, *flag, percent)).then_some((*flag, percent))
        };
        let ended: Vec<_> = self.decisions.iter().filter_map(ends).collect();
        for (flag, percent) in &ended {
            self.set(*flag, Decision { on: false, why: Why::Share(*percent, Teller::Feed) });
        }
        ended.into_iter().map(|(flag, _)| flag).collect()
    }

    fn set(&mut self, flag: Flag, decision: Decision) {
        if let Some((_, old)) = self.decisions.iter_mut().find(|(known, _)| *known == flag) {
            *old = decision;
        }
    }
}

/// Whether the installation of this id is among `percent` of all. One that is among some is among any more.
#[must_use]
pub fn is_in(id: &str, flag: Flag, percent: u8) -> bool {
    bucket(id, flag) < u64::from(percent) * 100
}

/// One of 10,000 buckets. Each flag deals the installations out anew, lest the same ones try everything out. The sums
/// must never change: every installation would change sides.
fn bucket(id: &str, flag: Flag) -> u64 {
    // FNV-1a, and the end of splitmix64, because the upper bits of FNV know little of the last letters.
    let letters = id.bytes().chain([0]).chain(flag.name().bytes());
    let sum = letters.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = (sum ^ (sum >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % 10_000
}

/// How a session ended, and what it tried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Flags that were on because of a share.
    pub flags: Vec<Flag>,
    /// Whether it came to its end.
    pub clean: bool,
}

/// Whether crashes came with a flag: the last two sessions had it and ended abruptly, and the last one that did not
/// have it, if there is one, came to its end. `history` begins with the oldest.
#[must_use]
pub fn keeps_crashing(history: &[Session], flag: Flag) -> bool {
    let has = |session: &&Session| session.flags.contains(&flag);
    let mut last = history.iter().rev().take(2);
    let twice = history.len() >= 2 && last.all(|session| has(&session) && !session.clean);
    let before = history.iter().rev().find(|session| !has(session));
    twice && before.is_none_or(|session| session.clean)
}

#[cfg(test)]
#[path = "flags_tests.rs"]
mod tests;
