//! The owner's side: listens for as long as the cache is ours, and lets the cache answer beside everything else.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, interval_at, sleep, timeout};

use super::place::{SocketFile, sockets};
use super::{REQUEST_BYTES_MAX, Refusal};
use crate::cache::{Opener, Reply, Request};

/// Connections at a time. Nobody needs two.
const CONNECTIONS_MAX: usize = 4;
/// Between two lines that say how far it is; they also tell that there is somebody at work.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);
/// Before the next try when a connection could not be taken, such as for want of file descriptors.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// How long the other side may take.
#[derive(Clone, Copy)]
struct Limits {
    /// To send its request.
    request: Duration,
    /// To take a line.
    write: Duration,
}

const LIMITS: Limits = Limits { request: Duration::from_secs(5), write: Duration::from_secs(10) };

/// Who answers; in the tests it is not a cache.
type Answer = dyn Fn(&AtomicBool, &Request, &mut dyn FnMut(u64, u64)) -> Reply + Send + Sync;

/// The socket file while it is listened on.
enum Place {
    /// It is not known yet whether there is a cache.
    Waiting,
    /// Listening.
    Bound { _file: SocketFile },
    /// The end.
    Closed,
}

/// Answers other processes until it is dropped; then nobody listens any more and the socket is gone.
#[must_use = "when this is dropped nobody answers any more"]
pub struct Serving {
    place: Arc<Mutex<Place>>,
    task: AbortHandle,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
        // The file goes now and not when the task is dropped: after us the lock is free for another owner.
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Place::Closed;
    }
}

/// Answers questions about the disk cache of `opener`, which lies in `cache_dir`, as soon as it is open; does
/// nothing when there is none. The socket is made in the first of `folders` that can be used.
pub fn serve(runtime: &Handle, opener: &Opener, folders: Vec<PathBuf>, cache_dir: PathBuf) -> Serving {
    let place = Arc::new(Mutex::new(Place::Waiting));
    let (bound, opener) = (Arc::clone(&place), opener.clone());
    let task = runtime.spawn(async move {
        let Some(disk) = opener.disk().await else { return };
        // The opener lives no longer for this.
        drop(opener);
        let answer = Arc::new(move |given_up: &AtomicBool, request: &Request, progress: &mut dyn FnMut(u64, u64)| {
            disk.answer_unless(given_up, request, progress)
        });
        if let Some(listener) = listen(folders, cache_dir, bound).await {
            accept(listener, answer, LIMITS).await;
        }
    });
    Serving { place, task: task.abort_handle() }
}

/// Binds the socket in the first folder that lets it. Nothing is bound once `place` is closed.
async fn listen(folders: Vec<PathBuf>, cache_dir: PathBuf, place: Arc<Mutex<Place>>) -> Option<UnixListener> {
    let bind = move || -> io::Result<Option<std::os::unix::net::UnixListener>> {
        let mut problem = io::Error::from(io::ErrorKind::NotFound);
        for path in sockets(&folders, &cache_dir)? {
            let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
            if !matches!(*place, Place::Waiting) {
                return Ok(None);
            }
            match SocketFile::bind(&path) {
                Ok((file, listener)) => {
                    *place = Place::Bound { _file: file };
                    tracing::debug!(socket = %path.display(), "answers for the disk cache");
                    return Ok(Some(listener));
                }
                Err(err) => {
                    tracing::debug!(error = %err, socket = %path.display(), "no socket here");
                    problem = err;
                }
            }
        }
        Err(problem)
    };
    let bound = tokio::task::spawn_blocking(bind).await.unwrap_or_else(|err| Err(io::Error::other(err)));
    match bound.and_then(|listener| listener.map(UnixListener::from_std).transpose()) {
        Ok(listener) => listener,
        Err(err) => {
            tracing::warn!(error = %err, "`flickreel cache` cannot ask about the disk cache while this runs");
            None
        }
    }
}

/// Takes connections, a few at a time, until it is aborted; those under way end with it.
async fn accept(listener: UnixListener, answer: Arc<Answer>, limits: Limits) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // First, so that a connection that has ended is not counted.
            biased;
            Some(ended) = connections.join_next() => {
                if let Err(err) = ended {
                    tracing::error!(error = %err, "a question about the disk cache ended abruptly");
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < CONNECTIONS_MAX => {
                    connections.spawn(converse(stream, Arc::clone(&answer), limits));
                }
                Ok((stream, _)) => refuse_now(stream, "it is busy with other questions"),
                Err(err) => {
                    tracing::warn!(error = %err, "a question about the disk cache could not be heard");
                    sleep(ACCEPT_AGAIN_AFTER).await;
                }
            },
        }
    }
}

/// One question and its answer. Ends only when the cache has answered, even if nobody waits for it any more: so
/// questions that were given up count among those under way. The cache is told that they were.
async fn converse(mut stream: UnixStream, answer: Arc<Answer>, limits: Limits) {
    let (read, mut write) = stream.split();
    let Ok(request) = timeout(limits.request, read_request(read)).await else { return };
    let mut say = async |line: &[u8]| matches!(timeout(limits.write, write.write_all(line)).await, Ok(Ok(())));
    let Some(request) = request else {
        say(&line_of(&refusal("the question is not understood: it may be of another version"))).await;
        return;
    };
    let (heard, progress) = watch::channel((0, 0));
    let given_up = GivenUp::default();
    let gone = Arc::clone(&given_up.0);
    let work = move || {
        // Only the newest is of interest.
        let reply = answer(&gone, &request, &mut |done, total| _ = heard.send_replace((done, total)));
        line_of(&reply)
    };
    let mut work = tokio::task::spawn_blocking(work);
    let mut tick = interval_at(Instant::now() + PROGRESS_EVERY, PROGRESS_EVERY);
    let mut listened_to = true;
    let reply = loop {
        tokio::select! {
            reply = &mut work => break reply,
            _ = tick.tick(), if listened_to => {
                let (done, total) = *progress.borrow();
                listened_to = say(&line_of(&Reply::Progress { done, total })).await;
                if !listened_to {
                    given_up.tell();
                }
            }
        }
    };
    let line = reply.unwrap_or_else(|err| {
        tracing::error!(error = %err, "the disk cache gave no answer");
        line_of(&refusal("the question could not be answered"))
    });
    if listened_to {
        say(&line).await;
    }
}

/// Tells whoever answers that nobody listens any more; also when the conversation is ended from outside.
#[derive(Default)]
struct GivenUp(Arc<AtomicBool>);

impl GivenUp {
    fn tell(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.tell();
    }
}

/// Reads the line of a request; `None` when it is none.
async fn read_request(read: impl tokio::io::AsyncRead + Unpin) -> Option<Request> {
    let mut line = Vec::new();
    BufReader::new(read.take(REQUEST_BYTES_MAX)).read_until(b'\n', &mut line).await.ok()?;
    // Without its end, the line is cut off or too long.
    serde_json::from_slice(line.strip_suffix(b"\n")?).ok()
}

fn refusal(sentence: &str) -> Refusal {
    Refusal::Refused { sentence: sentence.to_owned() }
}

fn line_of(said: &impl serde::Serialize) -> Vec<u8> {
    // What is said has string keys and no I/O: it always becomes JSON. If not, the other side is hung up on.
    let mut line = serde_json::to_vec(said).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Says why not, without waiting: to somebody who has only just connected there is room for a line.
fn refuse_now(stream: UnixStream, sentence: &str) {
    // One that does not hear it finds that we hung up.
    let _ = stream.into_std().and_then(|mut stream| stream.write_all(&line_of(&refusal(sentence))));
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
