//! What the desktop tells of power, the network and memory, and who tells it: what the preloading heeds.

use super::{Check, Verdict};
use crate::desktop::{self, Buses, Told};
use crate::preload::plan::{Connectivity, Link, LinkKind, Memory, Power};

/// Bytes in a MB as memory is told to people.
const MB: u64 = 1_000_000;

/// Asks everybody; a service that does not answer takes ten seconds.
pub(super) fn checks() -> [Check; 3] {
    // Without a runtime nobody can be asked: that is as if nobody told.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let told = runtime.map(|runtime| runtime.block_on(desktop::look(Buses::of_this_desktop()))).unwrap_or_default();
    of(&told, desktop::memory())
}

/// Nothing of it is needed, so all is well whatever is told.
fn of(told: &Told, memory: Memory) -> [Check; 3] {
    let by = |words: String, tellers: Vec<&str>| match tellers.as_slice() {
        [] => "nobody tells".to_owned(),
        names => format!("{words} ({})", names.join(", ")),
    };
    [
        Check::new("power", Verdict::Ok, by(power(told.power()), told.tellers_of_power())),
        Check::new("connection", Verdict::Ok, by(link(told.link()), told.tellers_of_link())),
        Check::new("memory", Verdict::Ok, memory_words(memory)),
    ]
}

fn power(Power { on_battery, saver }: Power) -> String {
    let supply = on_battery.map_or_else(|| "not on battery".to_owned(), |percent| format!("on battery, {percent:.0} %"));
    if saver { format!("{supply}, power saver on") } else { supply }
}

fn link(Link { connectivity, metered, kind }: Link) -> String {
    let kind = match kind {
        LinkKind::Unknown => "network",
        LinkKind::Wired => "cable",
        LinkKind::Wifi => "Wi-Fi",
        LinkKind::Cellular => "mobile",
    };
    let reach = match connectivity {
        Connectivity::Unknown => "of unknown reach",
        Connectivity::None => "not connected",
        Connectivity::Portal => "waits for a sign-in page",
        Connectivity::Limited => "without internet",
        Connectivity::Full => "with internet",
    };
    let cost = match metered {
        None => "",
        Some(true) => ", metered",
        Some(false) => ", not metered",
    };
    format!("{kind} {reach}{cost}")
}

fn memory_words(Memory { available, total, stalled, .. }: Memory) -> String {
    let (Some(available), Some(total)) = (available, total) else { return "nobody tells".to_owned() };
    let waiting = stalled.map(|percent| format!(", programs waited for it {percent:.0} % of the last ten seconds")).unwrap_or_default();
    format!("{} of {} MB available{waiting}", available / MB, total / MB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::{Properties, Teller, Value};

    fn told<const N: usize>(teller: Teller, values: [(&str, Value); N]) -> (Teller, Properties) {
        (teller, values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    #[test]
    fn what_is_told_stands_beside_who_tells_it() {
        let mut all = Told::default();
        let battery = [
            ("Type", Value::Number(2.0)),
            ("IsPresent", Value::Flag(true)),
            ("State", Value::Number(2.0)),
            ("Percentage", Value::Number(30.0)),
        ];
        let network =
            [("Connectivity", Value::Number(4.0)), ("Metered", Value::Number(1.0)), ("PrimaryConnectionType", Value::Text("gsm".into()))];
        for (teller, properties) in [
            told(Teller::Battery, battery),
            told(Teller::PowerProfiles, [("ActiveProfile", Value::Text("power-saver".into()))]),
            told(Teller::NetworkManager, network),
        ] {
            all.set(teller, Some(properties));
        }
        let memory = Memory { own: 0, available: Some(3_000 * MB), total: Some(8_000 * MB), stalled: Some(1.5) };
        let found = of(&all, memory).map(|check| check.found);
        assert_eq!(found[0], "on battery, 30 %, power saver on (UPower, power-profiles-daemon)");
        assert_eq!(found[1], "mobile with internet, metered (NetworkManager)");
        assert_eq!(found[2], "3000 of 8000 MB available, programs waited for it 2 % of the last ten seconds");
    }

    #[test]
    fn where_nobody_tells_all_is_well() {
        for check in of(&Told::default(), Memory::default()) {
            assert_eq!((check.verdict, check.found.as_str(), check.advice), (Verdict::Ok, "nobody tells", None));
        }
    }
}
