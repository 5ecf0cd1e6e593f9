//! What happened, in memory: the place of truth of a service on one machine, and what another one goes on with while its
//! Redis is gone.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::deed::{Count, Deed, Tally};
use super::person::Person;
use crate::server::status::StreamStatus;

/// Users in memory at most. Of more, the half that was needed least lately goes: to the disk where there is one.
const PEOPLE_MAX: usize = 20_000;

/// All that is known.
pub struct Book {
    /// Whether somebody keeps what changes.
    is_kept: bool,
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    tallies: HashMap<String, Tally>,
    people: HashMap<String, Known>,
    streams: HashMap<String, StreamStatus>,
    /// Goes up with every use of a person.
    uses: u64,
    changed: Changed,
}

struct Known {
    person: Person,
    used: u64,
}

/// What has changed since it was kept.
#[derive(Default)]
struct Changed {
    tallies: HashSet<String>,
    people: HashSet<String>,
    streams: HashSet<String>,
}

impl Changed {
    fn len(&self) -> usize {
        self.tallies.len() + self.people.len() + self.streams.len()
    }
}

/// Things to be kept, as they are now.
#[derive(Debug, Default, PartialEq)]
pub struct Batch {
    pub tallies: Vec<(String, Tally)>,
    pub people: Vec<(String, Person)>,
    pub streams: Vec<(String, StreamStatus)>,
}

impl Batch {
    pub fn is_empty(&self) -> bool {
        self.tallies.is_empty() && self.people.is_empty() && self.streams.is_empty()
    }
}

impl Book {
    /// An empty one. `is_kept`: [`Book::take_changed`] is called now and then.
    pub fn new(is_kept: bool) -> Self {
        Self { is_kept, pages: Mutex::default() }
    }

    /// The same with what was kept of videos and streams; people come when they are asked for.
    pub fn with(is_kept: bool, kept: Batch) -> Self {
        let pages = Pages { tallies: kept.tallies.into_iter().collect(), streams: kept.streams.into_iter().collect(), ..Pages::default() };
        Self { is_kept, pages: Mutex::new(pages) }
    }

    fn open<T>(&self, look: impl FnOnce(&mut Pages) -> T) -> T {
        // A panic elsewhere leaves counts as they were before it or after it, both of which are true.
        look(&mut self.pages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A user, if they are in memory.
    pub fn person(&self, user: &str) -> Option<Person> {
        self.open(|pages| pages.person(user).map(|person| person.clone()))
    }

    /// A user as they were kept, unless they are in memory already.
    pub fn learn(&self, user: &str, person: Person) {
        self.open(|pages| {
            if pages.person(user).is_none() {
                pages.add(user, person);
            }
        });
    }

    /// Remembers a deed; what of it counts.
    pub fn take(&self, deed: &Deed) -> Vec<(Count, i64)> {
        self.open(|pages| {
            let counts = match &deed.user {
                Some(user) => pages.change(self.is_kept, user, |person| person.take(deed)),
                None => deed.counts(),
            };
            if !counts.is_empty() {
                pages.tallies.entry(deed.video.clone()).or_default().add(deed.hour(), &counts);
                if self.is_kept {
                    pages.changed.tallies.insert(deed.video.clone());
                }
            }
            counts
        })
    }

    /// Changes a user.
    pub fn change<T>(&self, user: &str, change: impl FnOnce(&mut Person) -> T) -> T {
        self.open(|pages| pages.change(self.is_kept, user, change))
    }

    /// What was counted for each of `videos`, in their order.
    pub fn tallies<'a>(&self, videos: impl Iterator<Item = &'a str>) -> Vec<Tally> {
        self.open(|pages| videos.map(|video| pages.tallies.get(video).cloned().unwrap_or_default()).collect())
    }

    /// The videos that trend in the hour `now_h`, and how much.
    pub fn trends(&self, now_h: u64) -> HashMap<String, f64> {
        self.open(|pages| {
            let trends = pages.tallies.iter().map(|(video, tally)| (video.clone(), tally.trend(now_h)));
            trends.filter(|(_, trend)| *trend > 0.0).collect()
        })
    }

    /// Sets the state of a stream; what it was.
    pub fn set_stream(&self, id: &str, status: StreamStatus) -> Option<StreamStatus> {
        self.open(|pages| {
            if self.is_kept {
                pages.changed.streams.insert(id.to_owned());
            }
            pages.streams.insert(id.to_owned(), status)
        })
    }

    /// The states of all streams that were ever set.
    pub fn streams(&self) -> HashMap<String, StreamStatus> {
        self.open(|pages| pages.streams.clone())
    }

    /// Knows the states of all streams as they are kept elsewhere.
    pub fn know_streams(&self, streams: &HashMap<String, StreamStatus>) {
        self.open(|pages| {
            if pages.streams != *streams {
                pages.streams.clone_from(streams);
            }
        });
    }

    /// Forgets everything but `streams`: what was here is kept elsewhere now.
    pub fn replace(&self, streams: HashMap<String, StreamStatus>) {
        self.open(|pages| *pages = Pages { streams, ..Pages::default() });
    }

    /// How many things have changed since they were kept.
    pub fn changed(&self) -> usize {
        self.open(|pages| pages.changed.len())
    }

    /// What has changed since this was asked last.
    pub fn take_changed(&self) -> Batch {
        self.open(|pages| {
            let changed = std::mem::take(&mut pages.changed);
            Batch {
                tallies: pick(changed.tallies, |video| pages.tallies.get(video).cloned()),
                people: pick(changed.people, |user| pages.people.get(user).map(|known| known.person.clone())),
                streams: pick(changed.streams, |id| pages.streams.get(id).copied()),
            }
        })
    }

    /// Takes `batch` for changed again: it could not be kept.
    pub fn mark_changed(&self, batch: &Batch) {
        self.open(|pages| {
            pages.changed.tallies.extend(batch.tallies.iter().map(|(video, _)| video.clone()));
            pages.changed.people.extend(batch.people.iter().map(|(user, _)| user.clone()));
            pages.changed.streams.extend(batch.streams.iter().map(|(id, _)| id.clone()));
        });
    }
}

/// Those of `names` that `find` finds.
fn pick<T>(names: HashSet<String>, find: impl Fn(&str) -> Option<T>) -> Vec<(String, T)> {
    names.into_iter().filter_map(|name| find(&name).map(|found| (name, found))).collect()
}

impl Pages {
    fn person(&mut self, user: &str) -> Option<&mut Person> {
        self.uses += 1;
        let known = self.people.get_mut(user)?;
        known.used = self.uses;
        Some(&mut known.person)
    }

    fn change<T>(&mut self, is_kept: bool, user: &str, change: impl FnOnce(&mut Person) -> T) -> T {
        if is_kept {
            self.changed.people.insert(user.to_owned());
        }
        if let Some(person) = self.person(user) {
            return change(person);
        }
        let mut person = Person::default();
        let changed = change(&mut person);
        self.add(user, person);
        changed
    }

    fn add(&mut self, user: &str, person: Person) {
        if self.people.len() >= PEOPLE_MAX {
            let mut ages: Vec<u64> = self.people.values().map(|known| known.used).collect();
            let middle = ages.len() / 2;
            let (_, median, _) = ages.select_nth_unstable(middle);
            let median = *median;
            // Who has changed is not on the disk yet.
            let changed = &self.changed.people;
            self.people.retain(|user, known| known.used > median || changed.contains(user));
        }
        self.people.insert(user.to_owned(), Known { person, used: self.uses });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::facts::deed::Kind;

    fn deed(user: Option<&str>, video: &str) -> Deed {
        Deed {
            user: user.map(str::to_owned),
            video: video.to_owned(),
            maker: String::new(),
            tags: Vec::new(),
            kind: Kind::Like,
            undo: false,
            completed: false,
            is_idle: false,
            at_s: 0,
        }
    }

    #[test]
    fn what_changed_is_handed_out_once_and_again_when_it_could_not_be_kept() {
        let book = Book::new(true);
        book.take(&deed(Some("u"), "a"));
        book.take(&deed(None, "a"));
        book.set_stream("s", StreamStatus::Live);
        assert_eq!(book.changed(), 3);
        let batch = book.take_changed();
        assert_eq!((batch.tallies[0].1.likes, batch.people[0].1.version, batch.streams.len()), (2, 1, 1));
        assert!(book.take_changed().is_empty());
        book.take(&deed(None, "a"));
        book.mark_changed(&batch);
        assert_eq!(book.take_changed().tallies[0].1.likes, 3, "as it is now, not as it was");
    }

    #[test]
    fn users_are_forgotten_by_halves_but_never_one_who_is_not_kept_yet() {
        let book = Book::new(true);
        book.take(&deed(Some("first"), "a"));
        for user in 0..PEOPLE_MAX {
            book.learn(&user.to_string(), Person::default());
        }
        let known = book.open(|pages| pages.people.len());
        assert!((PEOPLE_MAX / 2..=PEOPLE_MAX / 2 + 2).contains(&known), "{known}");
        assert!(book.person("first").is_some() && book.person("19999").is_some() && book.person("7").is_none());
    }

    #[test]
    fn a_book_that_nobody_keeps_gathers_no_changes() {
        let book = Book::new(false);
        book.take(&deed(Some("u"), "a"));
        book.set_stream("s", StreamStatus::Live);
        assert_eq!(book.changed(), 0);
    }
}
