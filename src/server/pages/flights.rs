//! Pages that are being made, so that a page is made once for all who ask meanwhile.
//!
//! Each is made in a task of its own: that whoever asked first has gone away costs nobody else the page.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use super::key::PageKey;
use crate::server::refusal::Refusal;

/// Which page is being made. Those who ask in a later epoch do not get what was begun before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flight {
    pub key: PageKey,
    pub epoch: u64,
    /// Whether it is for the Redis that replicas share: its epochs are not those of the memory.
    pub shared: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) enum Landing {
    /// The page, and whether it was there before this replica would have made it.
    Page { json: Bytes, cached: bool },
    /// It could not be made.
    Failed(Refusal),
    /// A new epoch has begun, and nothing was made.
    Moved,
    /// The store cannot be asked any more, and nothing was made.
    Gone,
}

type UnderWay = Mutex<HashMap<Flight, watch::Receiver<Option<Landing>>>>;

/// Pages that are being made.
#[derive(Clone, Default)]
pub(super) struct Flights {
    under_way: Arc<UnderWay>,
}

impl Flights {
    /// Whoever waits for `flight`; where nobody makes that page yet, `make` begins to. Whether it has.
    pub fn join<F>(&self, flight: Flight, make: impl FnOnce() -> F) -> (Waiting, bool)
    where
        F: Future<Output = Landing> + Send + 'static,
    {
        let mut under_way = lock(&self.under_way);
        match under_way.entry(flight) {
            Place::Occupied(place) => (Waiting(place.get().clone()), false),
            Place::Vacant(place) => {
                let leaving = Leaving { under_way: Arc::clone(&self.under_way), flight: place.key().clone() };
                let (tell, told) = watch::channel(None);
                place.insert(told.clone());
                let making = make();
                tokio::spawn(async move {
                    // Dropped last, also by a panic: the page is kept before it is no longer being made.
                    let _leaving = leaving;
                    let tell = tell;
                    tell.send_replace(Some(making.await));
                });
                (Waiting(told), true)
            }
        }
    }
}

/// Somebody who waits for a page.
pub(super) struct Waiting(watch::Receiver<Option<Landing>>);

impl Waiting {
    /// What came of it.
    pub async fn landing(mut self) -> Landing {
        match self.0.wait_for(Option::is_some).await {
            Ok(landing) => landing.clone().unwrap_or(Landing::Gone),
            // It panicked, or everything ends.
            Err(_) => Landing::Failed(Refusal::broken_page()),
        }
    }
}

/// Takes a flight off the list.
struct Leaving {
    under_way: Arc<UnderWay>,
    flight: Flight,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        lock(&self.under_way).remove(&self.flight);
    }
}

fn lock(under_way: &UnderWay) -> MutexGuard<'_, HashMap<Flight, watch::Receiver<Option<Landing>>>> {
    under_way.lock().unwrap_or_else(PoisonError::into_inner)
}
