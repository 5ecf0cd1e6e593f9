//! What goes on beside the requests: hearing of changes, and having the videos looked into.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Shared;
use super::facts::Outcome;
use super::probing::{Ended, Prober};
use super::video::Video;
use super::watch::Watch;

/// Changes come in crowds. The folder is listed when there was none for this long,
const QUIET: Duration = Duration::from_millis(200);
/// but after this long at the latest.
const CROWD_MAX: Duration = Duration::from_secs(2);
/// The shortest time between two listings that nobody asked for, where the system tells nothing.
const POLL_MIN: Duration = Duration::from_secs(2);
/// A watched folder is listed this often even when nothing is told.
const LOOK_AGAIN: Duration = Duration::from_mins(5);

/// A file that was written within this time may still grow, and is not looked into.
const SETTLED: Duration = Duration::from_secs(2);
/// Videos that are looked into at once.
const AT_ONCE: usize = 2;
/// What was seen is told this often while there is more to look into: each time pages are made anew.
const TELL_EVERY: Duration = Duration::from_secs(2);
/// How long nothing is looked into after that could not even begin.
const PAUSE: Duration = Duration::from_mins(1);

/// Lists the folder when something has changed in it. Does not end.
pub(super) async fn watch(shared: Arc<Shared>) {
    let mut is_warned = false;
    loop {
        let root = shared.root.clone();
        match spawn_blocking(move || Watch::start(&root)).await {
            Ok(Ok(watch)) => {
                is_warned = false;
                // What changed before it was watched is seen now.
                list(&shared).await;
                shared.is_watched.store(true, Ordering::Relaxed);
                while watch.holds() {
                    if timeout(LOOK_AGAIN, watch.stirred()).await.is_ok() {
                        let latest = Instant::now() + CROWD_MAX;
                        while Instant::now() < latest && timeout(QUIET, watch.stirred()).await.is_ok() {}
                    }
                    list(&shared).await;
                }
                shared.is_watched.store(false, Ordering::Relaxed);
            }
            Ok(Err(err)) if !is_warned => {
                tracing::warn!(%err, "the folder of videos can’t be watched; it is looked at from time to time instead");
                is_warned = true;
            }
            Ok(Err(_)) | Err(_) => {}
        }
        sleep(shared.lifetime.max(POLL_MIN)).await;
        list(&shared).await;
    }
}

/// Lists the folder as it is now. That it cannot be read is told to whoever asks for it.
async fn list(shared: &Arc<Shared>) {
    let _ = shared.younger_than(Duration::ZERO).await;
}

/// Has the videos looked into that nobody has looked into. Does not end.
pub(super) async fn probe(shared: Arc<Shared>, prober: Prober) {
    let prober = Arc::new(prober);
    let mut changes = shared.changes.subscribe();
    let (mut running, mut under_way) = (JoinSet::new(), HashSet::new());
    let (mut resume, mut told, mut is_news) = (Instant::now(), Instant::now(), false);
    loop {
        changes.mark_unchanged();
        let videos = shared.videos().await.ok();
        let mut next = LOOK_AGAIN;
        let waiting = videos.iter().flat_map(|videos| videos.iter()).filter(|video| video.outcome.get().is_none());
        for video in waiting {
            if running.len() >= AT_ONCE || Instant::now() < resume {
                break;
            }
            match unsettled(video) {
                Some(rest) => next = next.min(rest),
                None if under_way.insert(video.id.clone()) => {
                    running.spawn(look_into(Arc::clone(&shared), Arc::clone(&prober), Arc::clone(video)));
                }
                None => {}
            }
        }
        if is_news && (running.is_empty() || told.elapsed() >= TELL_EVERY) {
            (told, is_news) = (Instant::now(), false);
            shared.tell();
            changes.mark_unchanged();
        }
        tokio::select! {
            Some(ended) = running.join_next(), if !running.is_empty() => match ended {
                Ok((id, ended)) => {
                    under_way.remove(&id);
                    match ended {
                        Ended::Seen => is_news = true,
                        Ended::Failed => {}
                        // Until it is listed as it is now it would be looked into over and over.
                        Ended::Changed => list(&shared).await,
                        Ended::NotNow => resume = Instant::now() + PAUSE,
                    }
                }
                Err(err) => tracing::error!(%err, "looking into a video went wrong"),
            },
            _ = changes.changed() => {}
            () = sleep(next) => {}
            () = sleep_until(resume), if Instant::now() < resume => {}
        }
    }
}

/// How long to wait until a file that was written lately can be taken for whole; `None`: it can.
fn unsettled(video: &Video) -> Option<Duration> {
    // A time in the future says nothing.
    let age = SystemTime::now().duration_since(video.modified).ok()?;
    SETTLED.checked_sub(age).filter(|rest| !rest.is_zero())
}

/// Looks into one video and keeps what was seen. Says whose identity it is, and how it ended.
async fn look_into(shared: Arc<Shared>, prober: Arc<Prober>, video: Arc<Video>) -> (String, Ended) {
    let poster = shared.kept.as_ref().map(|kept| kept.poster(&video.id));
    let id = video.id.clone();
    let outcome = match prober.look_into(&video, poster.as_deref()).await {
        Ok(outcome) => outcome,
        Err(ended) => return (id, ended),
    };
    if let Outcome::Failed(why) = &outcome {
        tracing::warn!(video = video.relative, why, "a video can’t be looked into");
    }
    let ended = if matches!(outcome, Outcome::Seen(_)) { Ended::Seen } else { Ended::Failed };
    let keeping = spawn_blocking(move || {
        if let Some(kept) = &shared.kept
            && let Err(err) = kept.keep(&video, &outcome)
        {
            tracing::warn!(%err, "what was seen of a video can’t be kept");
        }
        // Somebody who looked at the same version before has seen the same.
        let _ = video.outcome.set(outcome);
    });
    // It is only not kept, then.
    let _ = keeping.await;
    (id, ended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::catalogue::video::Stamp;

    #[test]
    fn a_file_that_was_written_a_moment_ago_may_still_grow() {
        let rest = |modified| unsettled(&Video::bare("a.mp4", Stamp { bytes: 1, modified }));
        let now = SystemTime::now();
        assert!(rest(now).is_some_and(|rest| rest <= SETTLED));
        assert_eq!(rest(now - SETTLED), None);
        assert_eq!(rest(now + Duration::from_hours(1)), None, "nobody waits for a clock that is wrong");
    }
}
