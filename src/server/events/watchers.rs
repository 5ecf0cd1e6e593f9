//! Who is connected here, in which rooms, and what waits for each to be sent.
//!
//! Every connection has a queue with an end. When only some are behind it is they who are slow: they are dropped, and cost
//! nobody anything. When most are behind it is this machine: then whoever has news waits until they have caught up.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::timeout;

use super::bounds::ROOMS_MAX;
use super::message::FEED_ROOMS;

/// Messages that wait for one connection at most. The texts are shared by all whom they are for.
const QUEUE_MAX: usize = 1024;
/// News waits for connections for so long at most; of those who are still behind then, the ones that took nothing go.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It does not take what is sent.
    TooSlow,
    /// It sent too much that was wrong.
    TooOftenWrong,
    /// It has shown no sign of life.
    Silent,
    /// It has gone, or speaks no WebSocket.
    Left,
    /// This server ends.
    Away,
}

/// What a connection hears.
pub(super) struct Line {
    pub queue: mpsc::Receiver<Utf8Bytes>,
    pub end: watch::Receiver<Option<End>>,
    /// Messages that were sent.
    pub sent: Arc<AtomicU64>,
}

struct Entry {
    queue: mpsc::Sender<Utf8Bytes>,
    end: watch::Sender<Option<End>>,
    sent: Arc<AtomicU64>,
    rooms: HashSet<String>,
    /// The number of each feed's room up to which everything was seen.
    seen: [u64; FEED_ROOMS.len()],
}

impl Entry {
    fn is_behind(&self) -> bool {
        self.queue.capacity() < QUEUE_MAX / 2
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
struct State {
    next: u64,
    is_ending: bool,
    entries: HashMap<u64, Entry>,
    rooms: HashMap<String, HashSet<u64>>,
    /// How much was ever told in each feed's room.
    numbers: [u64; FEED_ROOMS.len()],
}

/// Everybody who is connected here.
pub(super) struct Watchers {
    state: Mutex<State>,
    places: Arc<Semaphore>,
    /// Somebody took what waited.
    drained: Notify,
    /// How many are connected.
    present: watch::Sender<usize>,
}

/// One connection; it leaves all rooms when this is dropped.
pub(super) struct Watcher {
    pub id: u64,
    watchers: Arc<Watchers>,
    _place: OwnedSemaphorePermit,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.watchers.state().remove(self.id);
        self.watchers.present.send_modify(|present| *present -= 1);
    }
}

/// There are as many rooms as a connection may be in.
#[derive(Debug)]
pub(super) struct TooManyRooms;

impl Watchers {
    pub fn new(connections_max: usize) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            places: Arc::new(Semaphore::new(connections_max.min(Semaphore::MAX_PERMITS))),
            drained: Notify::new(),
            present: watch::Sender::new(0),
        })
    }

    /// A place for one more connection, if there is one.
    pub fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Takes a connection into the rooms of the feeds.
    pub fn enter(self: &Arc<Self>, place: OwnedSemaphorePermit) -> (Watcher, Line) {
        let (queue, queued) = mpsc::channel(QUEUE_MAX);
        let sent = Arc::new(AtomicU64::new(0));
        let mut state = self.state();
        let (end, ended) = watch::channel(state.is_ending.then_some(End::Away));
        let id = state.next;
        state.next += 1;
        let seen = state.numbers;
        state.entries.insert(id, Entry { queue, end, sent: Arc::clone(&sent), rooms: HashSet::new(), seen });
        for room in FEED_ROOMS {
            state.enter(id, room);
        }
        drop(state);
        self.present.send_modify(|present| *present += 1);
        (Watcher { id, watchers: Arc::clone(self), _place: place }, Line { queue: queued, end: ended, sent })
    }

    /// Puts a connection into a room.
    ///
    /// # Errors
    /// [`TooManyRooms`] when it is in as many as it may be.
    pub fn join(&self, id: u64, room: &str) -> Result<(), TooManyRooms> {
        let mut state = self.state();
        let is_full = state.entries.get(&id).is_some_and(|entry| !entry.rooms.contains(room) && entry.rooms.len() >= ROOMS_MAX);
        if is_full {
            return Err(TooManyRooms);
        }
        state.enter(id, room);
        Ok(())
    }

    /// Takes a connection out of a room.
    pub fn leave(&self, id: u64, room: &str) {
        self.state().leave(id, room);
    }

    /// Notes that a connection has seen what was told in a feed's room, all of it or up to a number; what is unread then,
    /// and the number of the newest.
    pub fn seen(&self, id: u64, room: &str, at: Option<u64>) -> (u64, u64) {
        let mut state = self.state();
        let Some(place) = FEED_ROOMS.iter().position(|known| *known == room) else { return (0, 0) };
        let newest = state.numbers[place];
        let seen = at.unwrap_or(newest).min(newest);
        if let Some(entry) = state.entries.get_mut(&id) {
            entry.seen[place] = seen;
        }
        (newest - seen, newest)
    }

    /// Of each feed's room: its name, what of it a connection has not seen, and the number of the newest.
    pub fn unread(&self, id: u64) -> [(&'static str, u64, u64); FEED_ROOMS.len()] {
        let state = self.state();
        let seen = state.entries.get(&id).map_or(state.numbers, |entry| entry.seen);
        std::array::from_fn(|at| (FEED_ROOMS[at], state.numbers[at].saturating_sub(seen[at]), state.numbers[at]))
    }

    /// Sends something to one connection.
    pub fn answer(&self, id: u64, text: Utf8Bytes) {
        let mut state = self.state();
        if state.entries.get(&id).is_some_and(|entry| entry.queue.try_send(text).is_err()) {
            state.end(id, End::TooSlow);
        }
    }

    /// Sends something to everybody in one of the rooms, once.
    pub fn tell<R: AsRef<str>>(&self, rooms: &[R], text: &Utf8Bytes) {
        let mut state = self.state();
        let sets: Vec<&HashSet<u64>> = rooms.iter().filter_map(|room| state.rooms.get(room.as_ref())).collect();
        let mut slow = Vec::new();
        for (at, set) in sets.iter().enumerate() {
            for id in set.iter().filter(|id| !sets[..at].iter().any(|earlier| earlier.contains(id))) {
                if state.entries.get(id).is_some_and(|entry| entry.queue.try_send(text.clone()).is_err()) {
                    slow.push(*id);
                }
            }
        }
        for id in slow {
            state.end(id, End::TooSlow);
        }
    }

    /// Counts news of feeds' rooms; the rooms' numbers after it.
    pub fn count<R: AsRef<str>>(&self, rooms: &[R]) -> Numbers {
        let mut state = self.state();
        let mut numbers = Numbers::default();
        for (at, room) in FEED_ROOMS.iter().enumerate() {
            if rooms.iter().any(|told| told.as_ref() == *room) {
                state.numbers[at] += 1;
                numbers.0[at] = Some(state.numbers[at]);
            }
        }
        numbers
    }

    /// Takes over the rooms' numbers of all replicas, where they are higher.
    pub fn raise(&self, numbers: &Numbers) {
        let mut state = self.state();
        for (own, told) in state.numbers.iter_mut().zip(numbers.0) {
            *own = (*own).max(told.unwrap_or(0));
        }
    }

    /// Sets out from the rooms' numbers of all replicas: what was told before this one began is unread by nobody here.
    pub fn set_out(&self, numbers: &Numbers) {
        let mut state = self.state();
        for (at, told) in numbers.0.into_iter().enumerate() {
            let before = told.unwrap_or(0);
            state.numbers[at] += before;
            state.entries.values_mut().for_each(|entry| entry.seen[at] += before);
        }
    }

    /// Waits until most have caught up, or are gone.
    pub async fn catch_up(&self) {
        if !self.is_crowded() {
            return;
        }
        let before: HashMap<u64, u64> =
            self.state().entries.iter().filter(|(_, entry)| entry.is_behind()).map(|(id, entry)| (*id, entry.sent())).collect();
        let caught_up = async {
            loop {
                let drained = self.drained.notified();
                if !self.is_crowded() {
                    break;
                }
                drained.await;
            }
        };
        if timeout(PATIENCE, caught_up).await.is_err() {
            let mut state = self.state();
            let stuck = |id: &u64, sent: u64| state.entries.get(id).is_some_and(|entry| entry.is_behind() && entry.sent() == sent);
            let stuck: Vec<u64> = before.into_iter().filter(|(id, sent)| stuck(id, *sent)).map(|(id, _)| id).collect();
            for id in stuck {
                state.end(id, End::TooSlow);
            }
        }
    }

    /// Says that a connection has sent what waited.
    pub fn drained(&self) {
        self.drained.notify_waiters();
    }

    /// Ends a connection, if nothing else has.
    pub fn end(&self, id: u64, end: End) {
        self.state().end(id, end);
    }

    /// Ends all of them, and those that are still to come.
    pub fn end_all(&self) {
        let mut state = self.state();
        state.is_ending = true;
        let all: Vec<u64> = state.entries.keys().copied().collect();
        for id in all {
            state.end(id, End::Away);
        }
    }

    /// Done when nobody is connected.
    pub async fn gone(&self) {
        // The sender is here: it does not end before this does.
        let _ = self.present.subscribe().wait_for(|present| *present == 0).await;
    }

    /// Whether most of those who are connected are behind.
    fn is_crowded(&self) -> bool {
        let state = self.state();
        let behind = state.entries.values().filter(|entry| entry.is_behind()).count();
        behind * 2 > state.entries.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, id: u64, room: &str) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.rooms.insert(room.to_owned());
            self.rooms.entry(room.to_owned()).or_default().insert(id);
        }
    }

    fn leave(&mut self, id: u64, room: &str) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.rooms.remove(room);
        }
        if let Some(members) = self.rooms.get_mut(room) {
            members.remove(&id);
            if members.is_empty() {
                self.rooms.remove(room);
            }
        }
    }

    fn remove(&mut self, id: u64) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        entry.rooms.iter().for_each(|room| self.leave(id, room));
        Some(entry)
    }

    fn end(&mut self, id: u64, end: End) {
        if let Some(entry) = self.remove(id) {
            entry.end.send_replace(Some(end));
        }
    }
}

/// Numbers of the feeds' rooms, in their order; `None` for a room that is not meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers(pub [Option<u64>; FEED_ROOMS.len()]);

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(watchers: &Arc<Watchers>) -> (Watcher, Line) {
        watchers.enter(watchers.place().unwrap())
    }

    fn texts(line: &mut Line) -> Vec<String> {
        std::iter::from_fn(|| line.queue.try_recv().ok()).map(|text| text.to_string()).collect()
    }

    #[test]
    fn who_is_in_several_rooms_hears_what_is_told_in_them_once() {
        let watchers = Watchers::new(10);
        let ((here, mut line), (_other, mut others)) = (enter(&watchers), enter(&watchers));
        watchers.join(here.id, "stream:s").unwrap();
        watchers.tell(&["discover_feed", "videos_feed", "stream:s"], &"one".into());
        for room in FEED_ROOMS {
            watchers.leave(here.id, room);
        }
        watchers.tell(&FEED_ROOMS, &"two".into());
        watchers.tell(&["stream:s"], &"three".into());
        assert_eq!((texts(&mut line), texts(&mut others)), (vec!["one".into(), "three".into()], vec!["one".into(), "two".into()]));
    }

    #[test]
    fn who_is_behind_is_dropped_and_told_and_nobody_else_is() {
        let watchers = Watchers::new(10);
        let ((_slow, line), (_quick, mut quick)) = (enter(&watchers), enter(&watchers));
        for _ in 0..=QUEUE_MAX {
            watchers.tell(&FEED_ROOMS, &"news".into());
            assert_eq!(texts(&mut quick).len(), 1);
        }
        assert_eq!((*line.end.borrow(), *quick.end.borrow()), (Some(End::TooSlow), None));
    }

    #[test]
    fn there_are_as_many_places_as_were_asked_for_and_who_goes_leaves_one() {
        let watchers = Watchers::new(1);
        let (here, _line) = enter(&watchers);
        assert!(watchers.place().is_none());
        drop(here);
        assert!(watchers.place().is_some());
    }

    #[test]
    fn what_was_told_since_it_was_last_seen_is_unread_and_older_news_of_other_replicas_is_not() {
        let watchers = Watchers::new(10);
        let (here, _line) = enter(&watchers);
        watchers.count(&["videos_feed"]);
        watchers.set_out(&Numbers([None, None, Some(40)]));
        assert_eq!(watchers.unread(here.id)[2], ("videos_feed", 1, 41));
        watchers.raise(&Numbers([None, None, Some(43)]));
        watchers.raise(&Numbers([None, None, Some(42)]));
        assert_eq!(watchers.unread(here.id)[2], ("videos_feed", 3, 43));
        assert_eq!(watchers.seen(here.id, "videos_feed", Some(42)), (1, 43));
        assert_eq!(watchers.seen(here.id, "videos_feed", None), (0, 43));
    }

    #[tokio::test]
    async fn news_waits_while_most_are_behind_and_goes_on_when_they_have_caught_up() {
        let watchers = Watchers::new(10);
        let ((_here, mut line), (_there, _silent)) = (enter(&watchers), enter(&watchers));
        for _ in 0..=QUEUE_MAX / 2 {
            watchers.tell(&FEED_ROOMS, &"news".into());
        }
        let mut waiting = std::pin::pin!(watchers.catch_up());
        tokio::select! {
            biased;
            () = &mut waiting => panic!("most are behind"),
            () = std::future::ready(()) => {}
        }
        assert!(!texts(&mut line).is_empty());
        watchers.drained();
        waiting.await;
        assert_eq!(*line.end.borrow(), None);
    }

    #[test]
    fn a_connection_is_in_no_more_rooms_than_it_may_be() {
        let watchers = Watchers::new(10);
        let (here, _line) = enter(&watchers);
        for nth in FEED_ROOMS.len()..ROOMS_MAX {
            watchers.join(here.id, &format!("stream:{nth}")).unwrap();
        }
        assert!(watchers.join(here.id, "stream:more").is_err());
        watchers.join(here.id, "videos_feed").unwrap();
        watchers.leave(here.id, "videos_feed");
        watchers.join(here.id, "stream:more").unwrap();
    }
}
