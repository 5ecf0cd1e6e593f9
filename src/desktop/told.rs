//! What was told, and by whom: plain values, so that whoever reads them knows nothing of D-Bus.

use std::collections::BTreeMap;

use super::{network, power, session, settings};
use crate::app::{DesktopSettings, Presence};
use crate::preload::plan::{Link, Power};

/// An object on a bus that is asked for what it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Teller {
    /// `UPower`: whether the machine runs on its battery.
    UPower,
    /// `UPower`'s sum of all batteries, the one that desktops show.
    Battery,
    /// power-profiles-daemon, and tuned in its stead.
    PowerProfiles,
    /// The same under the name it had before version 0.20.
    OldPowerProfiles,
    /// The desktop portal, for programs in a sandbox.
    PortalPower,
    /// `NetworkManager`.
    NetworkManager,
    /// The desktop portal, for programs in a sandbox.
    PortalNetwork,
    /// `systemd-logind`: whether the machine goes to sleep.
    Sleep,
    /// `systemd-logind`: whether our session is locked.
    Session,
    /// A screen saver, by the name that is no desktop's own.
    ScreenSaver,
    /// GNOME's.
    GnomeScreenSaver,
    /// Cinnamon's.
    CinnamonScreenSaver,
    /// MATE's.
    MateScreenSaver,
    /// Xfce's.
    XfceScreenSaver,
    /// The desktop portal: settings of the desktop.
    PortalSettings,
}

impl Teller {
    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UPower | Self::Battery => "UPower",
            Self::PowerProfiles | Self::OldPowerProfiles => "power-profiles-daemon",
            Self::PortalPower | Self::PortalNetwork | Self::PortalSettings => "desktop portal",
            Self::NetworkManager => "NetworkManager",
            Self::Sleep | Self::Session => "logind",
            Self::ScreenSaver | Self::GnomeScreenSaver | Self::CinnamonScreenSaver | Self::MateScreenSaver | Self::XfceScreenSaver => {
                "screen saver"
            }
        }
    }
}

/// One value. Those of other types are of no use here and are left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A boolean.
    Flag(bool),
    /// Any number of up to 32 bits, or a double.
    Number(f64),
    /// A string.
    Text(String),
}

/// What one teller told: values by their name. One of another type than the reader expects is as good as none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties(BTreeMap<String, Value>);

impl Properties {
    /// The boolean of this name.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        if let Some(Value::Flag(flag)) = self.0.get(name) { Some(*flag) } else { None }
    }

    /// The number of this name; it may be infinite or none at all.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        if let Some(Value::Number(number)) = self.0.get(name) { Some(*number) } else { None }
    }

    /// The number of this name, where it is one of an enumeration.
    #[must_use]
    pub fn choice(&self, name: &str) -> Option<u32> {
        let number = self.number(name)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates, and no choice is that large")]
        let choice = number as u32;
        (f64::from(choice).total_cmp(&number).is_eq()).then_some(choice)
    }

    /// The string of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        if let Some(Value::Text(text)) = self.0.get(name) { Some(text) } else { None }
    }
}

impl FromIterator<(String, Value)> for Properties {
    fn from_iter<T: IntoIterator<Item = (String, Value)>>(values: T) -> Self {
        Self(values.into_iter().collect())
    }
}

/// What everybody told last. Who does not answer, or no longer does, is not in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told(BTreeMap<Teller, Properties>);

impl Told {
    /// Keeps what `teller` told now, or that it tells nothing. Returns whether this differs from before.
    pub fn set(&mut self, teller: Teller, properties: Option<Properties>) -> bool {
        if self.0.get(&teller) == properties.as_ref() {
            return false;
        }
        match properties {
            Some(properties) => self.0.insert(teller, properties),
            None => self.0.remove(&teller),
        };
        true
    }

    /// What `teller` told last.
    #[must_use]
    pub fn by(&self, teller: Teller) -> Option<&Properties> {
        self.0.get(&teller)
    }

    /// Electric power, by all that was told.
    #[must_use]
    pub fn power(&self) -> Power {
        power::power(self)
    }

    /// The network, by all that was told.
    #[must_use]
    pub fn link(&self) -> Link {
        network::link(self)
    }

    /// Whether somebody may look, by all that was told.
    #[must_use]
    pub fn presence(&self) -> Presence {
        session::presence(self)
    }

    /// What the settings of the desktop ask for, by all that was told.
    #[must_use]
    pub fn settings(&self) -> DesktopSettings {
        settings::settings(self)
    }

    /// The names of those who told of power, each once.
    #[must_use]
    pub fn tellers_of_power(&self) -> Vec<&'static str> {
        self.names(power::tells)
    }

    /// The names of those who told of the network, each once.
    #[must_use]
    pub fn tellers_of_link(&self) -> Vec<&'static str> {
        self.names(network::tells)
    }

    fn names(&self, tells: impl Fn(Teller, &Properties) -> bool) -> Vec<&'static str> {
        let mut names: Vec<_> = self.0.iter().filter(|(teller, told)| tells(**teller, told)).map(|(teller, _)| teller.name()).collect();
        names.dedup();
        names
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What one teller told.
    pub fn properties<const N: usize>(values: [(&str, Value); N]) -> Properties {
        values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// What several told.
    pub fn told<const N: usize>(told: [(Teller, Properties); N]) -> Told {
        Told(told.into_iter().collect())
    }

    #[test]
    fn a_value_of_another_type_is_as_good_as_none() {
        let said = properties([("text", Value::Text("1".into())), ("number", Value::Number(1.0)), ("flag", Value::Flag(true))]);
        assert_eq!((said.flag("flag"), said.flag("number"), said.flag("absent")), (Some(true), None, None));
        assert_eq!((said.number("number"), said.number("text")), (Some(1.0), None));
        assert_eq!((said.text("text"), said.text("flag")), (Some("1"), None));
    }

    #[test]
    fn a_choice_is_a_whole_number_from_nought_up() {
        let choice = |number| properties([("choice", Value::Number(number))]).choice("choice");
        assert_eq!((choice(0.0), choice(4.0)), (Some(0), Some(4)));
        for none in [-1.0, 1.5, 1e12, f64::NAN, f64::INFINITY] {
            assert_eq!(choice(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_told_twice_is_no_news() {
        let mut all = Told::default();
        let said = || Some(properties([("OnBattery", Value::Flag(true))]));
        assert!(!all.set(Teller::UPower, None));
        assert!(all.set(Teller::UPower, said()));
        assert!(!all.set(Teller::UPower, said()));
        assert!(all.set(Teller::UPower, None));
        assert_eq!(all, Told::default());
    }
}
