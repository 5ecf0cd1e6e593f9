//! Puts together what everybody tells and says so when something has changed that matters.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::places::{self, Buses};
use super::told::Told;
use super::{bus, memory};
use crate::app::{DesktopSettings, Presence};
use crate::preload::plan::Conditions;

/// How often it looks at the memory, which tells nobody when it changes.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Something that is another thing now; each carries the whole of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum News {
    /// Power, the network, memory.
    Conditions(Conditions),
    /// Whether somebody may look.
    Presence(Presence),
    /// What the settings of the desktop ask for.
    Settings(DesktopSettings),
}

/// Starts the tasks that watch; they end with the runtime. `report` is called on its threads: with the conditions as
/// they are known at once, and with what has changed whenever something has. Nothing is waited for here, nor does a bus
/// that is not there, or goes away, hold anything up.
pub fn spawn(runtime: &Handle, buses: Buses, report: impl Fn(News) + Send + 'static) {
    let (told, news) = watch::channel(Told::default());
    let told = Arc::new(told);
    runtime.spawn(tell_changes(news, PathBuf::from("/"), LOOK_EVERY, report));
    for (address, places) in [(buses.system, places::SYSTEM), (buses.session, places::SESSION)] {
        if let Some(address) = address {
            runtime.spawn(bus::follow(address, places, Arc::clone(&told)));
        }
    }
}

async fn tell_changes(mut news: watch::Receiver<Told>, root: PathBuf, look_every: Duration, report: impl Fn(News) + Send) {
    let mut tick = interval(look_every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last: Option<Conditions> = None;
    let (mut presence, mut settings) = (Presence::default(), DesktopSettings::default());
    let mut told = Told::default();
    loop {
        tokio::select! {
            // Without any bus there will be no news: memory alone changes.
            Ok(()) = news.changed() => told.clone_from(&news.borrow_and_update()),
            _ = tick.tick() => {}
        }
        let now = conditions(&told, &root);
        if last.is_none_or(|last| differs(&last, &now)) {
            report(News::Conditions(now));
            last = Some(now);
        }
        if std::mem::replace(&mut presence, told.presence()) != presence {
            report(News::Presence(presence));
        }
        if std::mem::replace(&mut settings, told.settings()) != settings {
            report(News::Settings(settings));
        }
    }
}

fn conditions(told: &Told, root: &Path) -> Conditions {
    Conditions { power: told.power(), link: told.link(), memory: memory::read(root) }
}

fn differs(before: &Conditions, now: &Conditions) -> bool {
    before.power != now.power || before.link != now.link || memory::differs(&before.memory, &now.memory)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::desktop::{Properties, Teller, Value};

    /// Anything here takes milliseconds; a busy machine may take its time.
    const PATIENCE: Duration = Duration::from_mins(1);

    #[test]
    fn what_is_known_is_told_at_once_and_again_only_when_it_has_changed() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("proc/self")).unwrap();
        // Renamed into place: a file that is half written would be told.
        let own = |mib: u64| {
            fs::write(root.path().join("next"), format!("VmRSS: {} kB\n", mib * 1024)).unwrap();
            fs::rename(root.path().join("next"), root.path().join("proc/self/status")).unwrap();
        };
        own(100);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (said, heard) = sync_channel(64);
        let (told, news) = watch::channel(Told::default());
        let report = move |news| {
            if let News::Conditions(conditions) = news {
                said.send(conditions).unwrap();
            }
        };
        runtime.spawn(tell_changes(news, root.path().to_owned(), Duration::from_millis(1), report));
        let next = || heard.recv_timeout(PATIENCE).unwrap();
        assert_eq!(next().memory.own, 100 << 20);
        // Neither a little more memory nor news without news is told: the next report is of what comes after them.
        own(110);
        told.send_if_modified(|told| told.set(Teller::UPower, Some(Properties::default())));
        let profile = [("ActiveProfile".to_owned(), Value::Text("power-saver".into()))].into_iter().collect();
        told.send_if_modified(|told| told.set(Teller::PowerProfiles, Some(profile)));
        let both = next();
        assert!(both.power.saver);
        own(130);
        assert_eq!(next().memory.own, 130 << 20);
        // When all buses are gone for good the memory is still looked at.
        drop(told);
        own(160);
        let last = next();
        assert!(last.power.saver);
        assert_eq!(last.memory.own, 160 << 20);
    }
}
