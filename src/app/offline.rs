//! Without a connection: when the client knows that there is none, what it shows then, and how it notices that
//! there is one again.

use std::time::Duration;

use super::event::Effect;
use super::model::Model;
use super::tile::Phase;
use crate::feed::{Cursor, Failure, FailureKind, FeedPage, Tail};
use crate::words::notices as words;

/// While there is no connection, the server is asked this often whether it is back.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// The server cannot be reached: its feed is shown as it was when it last could.
#[derive(Clone, Debug)]
pub(super) struct Offline {
    /// The page that came last from this machine. The server is asked for it: only a page that is on no other
    /// shelf tells for certain whether it answers.
    cursor: Option<Cursor>,
    /// When it was asked last.
    asked_at: Duration,
}

/// Whether a failure says that there is no connection, and nothing about what was asked for.
pub(super) fn is_outage(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Network | FailureKind::Timeout)
}

/// Whether a page could not be had for a reason that a stored page would have stood in for.
pub(super) fn hides_page(failure: &Failure) -> bool {
    is_outage(failure) || failure.kind == FailureKind::Server
}

/// Learns from a page, or from its absence, whether there is a connection.
pub(super) fn page_came(model: &mut Model, cursor: Option<&Cursor>, result: &Result<FeedPage, Failure>, now: Duration) {
    match result {
        Ok(page) if page.stored => {
            if model.offline.is_none() {
                model.say(words::OFFLINE, now);
                // The top line says so too, and is to be seen saying it.
                model.last_input = now;
            }
            model.offline = Some(Offline { cursor: cursor.cloned(), asked_at: now });
        }
        Ok(page) => {
            if model.offline.is_some() {
                // Stored addresses have lost their signatures; these have not.
                model.feed.renew(&page.items);
            }
            back(model, now);
        }
        Err(failure) if hides_page(failure) => {}
        // An answer, if not the one that was hoped for.
        Err(_) => back(model, now),
    }
}

/// There is a connection again: what failed for want of one is tried afresh.
fn back(model: &mut Model, now: Duration) {
    if model.offline.take().is_none() {
        return;
    }
    model.say(words::ONLINE, now);
    model.retries.clear();
    for tile in model.tiles.values_mut() {
        if matches!(&tile.phase, Phase::Failed(failure) if is_outage(failure)) {
            tile.phase = Phase::Idle;
        }
    }
    if matches!(model.feed.tail(), Tail::Failed(_, failure) if hides_page(failure)) {
        model.feed.retry_tail();
    }
}

/// Asks the server now whether it is back.
pub(super) fn ask(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    let epoch = model.epoch;
    if let Some(offline) = &mut model.offline {
        offline.asked_at = now;
        effects.push(Effect::LoadPage { epoch, cursor: offline.cursor.clone() });
    }
}

/// When the server is to be asked again.
pub(super) fn ask_at(model: &Model) -> Option<Duration> {
    model.offline.as_ref().map(|offline| offline.asked_at + ASK_EVERY)
}
