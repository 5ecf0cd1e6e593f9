//! Feature flags at the start of a session: what is told of them, by whom, and what earlier sessions say against them.

mod command;
mod memory;
mod sessions;

pub use command::{run, text};
pub(super) use memory::FlagFile;
use memory::Memory;
use sessions::{Ended, Running};

use super::Folders;
use crate::app::{Flag, Flags, Rollout, Served, Session, Teller, keeps_crashing};
use crate::config::{FlagWord, FlagWords, Settings, load_flags};
use crate::metrics::health::Breach;

/// What files on this machine say about flags.
#[derive(Clone, Debug, Default)]
struct Files {
    config: FlagWords,
    file: FlagWords,
}

impl Files {
    /// Reads them; what is odd is logged.
    fn read(settings: &Settings, folders: &Folders) -> Self {
        let (file, problem) = load_flags(&folders.config.join("flags.toml"));
        if let Some(problem) = problem {
            tracing::warn!("{problem}");
        }
        for (name, place) in settings.flags.keys().map(|name| (name, "[flags]")).chain(file.keys().map(|name| (name, "flags.toml"))) {
            if Flag::named(name).is_none() {
                tracing::warn!("'{name}' in {place} is no flag of this version and is ignored.");
            }
        }
        Self { config: settings.flags.clone(), file }
    }

    /// How every flag stands. Who sits nearest to this machine is believed first.
    fn decide(&self, memory: Option<&Memory>) -> Flags {
        let told = |flag: Flag| {
            let word = |words: &FlagWords| words.get(flag.name()).copied().map(rollout);
            let served = || memory?.share(flag).map(Rollout::Share);
            let config = word(&self.config).map(|rollout| (rollout, Teller::Config));
            config.or(word(&self.file).map(|rollout| (rollout, Teller::File))).or_else(|| Some((served()?, Teller::Feed)))
        };
        Flags::decide(memory.map(Memory::id), told, |flag| memory.and_then(|memory| memory.rolled_back(flag)))
    }
}

fn rollout(word: FlagWord) -> Rollout {
    match word {
        FlagWord::Switch(on) => Rollout::Chosen(on),
        FlagWord::Percent(percent) => Rollout::Share(percent),
    }
}

/// A session that is under way, with its flags.
pub(super) struct Trial {
    /// How every flag stands.
    pub flags: Flags,
    /// What was switched off at the start, a sentence each.
    pub notices: Vec<String>,
    file: FlagFile,
    running: Option<Running>,
}

impl Trial {
    /// Begins a session: counts those that ended abruptly, gives up what they speak against, and decides. Where nothing
    /// can be remembered no share counts.
    pub fn begin(settings: &Settings, folders: &Folders) -> Self {
        let (files, file) = (Files::read(settings, folders), FlagFile::new(folders.flags_file()));
        let mut notices = Vec::new();
        let remembered = file.change(|memory| {
            for Ended { flags } in sessions::ended_abruptly(&folders.state, &sessions::boot()) {
                memory.add(&Session { flags: flags.iter().filter_map(|name| Flag::named(name)).collect(), clean: false });
            }
            let history = memory.sessions();
            for flag in files.decide(Some(memory)).on_by_share().filter(|flag| keeps_crashing(&history, *flag)) {
                memory.roll_back(flag, Breach::Crashes);
                notices.push(sentence(flag, Breach::Crashes));
            }
        });
        let flags = match &remembered {
            Ok(memory) => files.decide(Some(memory)),
            Err(err) => {
                tracing::warn!("feature flags cannot be remembered: {err}");
                files.decide(None)
            }
        };
        for notice in &notices {
            tracing::warn!("{notice}");
        }
        let names: Vec<_> = flags.on_by_share().map(Flag::name).collect();
        if !names.is_empty() {
            tracing::info!(flags = ?names, "trying out");
        }
        let running = Running::begin(&folders.state, &sessions::boot(), &names);
        let running = running.inspect_err(|err| tracing::warn!("this session leaves no mark: {err}")).ok();
        Self { flags, notices, file, running }
    }

    /// The session came to its end.
    pub fn end(self) {
        let Some(running) = self.running else { return };
        let session = Session { flags: running.flags().iter().filter_map(|name| Flag::named(name)).collect(), clean: true };
        // Noted first: killed in between, it counts as one that ended abruptly beside one that did not, and not as none.
        if let Err(err) = self.file.change(|memory| memory.add(&session)) {
            tracing::warn!("the end of the session could not be noted: {err}");
        }
        running.end();
    }
}

/// The flags of a run that measures: what files choose, and nothing that depends on the installation.
pub(super) fn of_measuring_run(settings: &Settings, folders: &Folders) -> Flags {
    Files::read(settings, folders).decide(None)
}

/// What is told of a flag that was switched off.
pub(super) fn sentence(flag: Flag, breach: Breach) -> String {
    format!("The flag {} was switched off: {}.", flag.name(), breach.words())
}

impl FlagFile {
    /// Remembers that a flag was switched off.
    pub fn note_rolled_back(&self, flag: Flag, breach: Breach) {
        if let Err(err) = self.change(|memory| memory.roll_back(flag, breach)) {
            tracing::warn!("that {} was switched off could not be remembered: {err}", flag.name());
        }
    }

    /// Remembers what a feed service said.
    pub fn note_served(&self, served: &Served) {
        if let Err(err) = self.change(|memory| memory.serve(served)) {
            tracing::warn!("what {} said of flags could not be remembered: {err}", served.by);
        }
    }
}

#[cfg(test)]
mod tests;
