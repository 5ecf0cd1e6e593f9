//! The catalogue: the videos of a folder with all that is known of them.
//!
//! A listing is at hand at any time. It is made anew when the system tells that the folder has changed, and, where it tells
//! nothing, when the listing has aged. What takes long, looking into a video with a decoder, is done beside it by processes
//! of their own, and kept.

mod beside;
mod details;
mod facts;
mod kept;
mod list;
mod mp4;
mod probing;
mod tend;
mod video;
mod watch;

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::sync::watch::{Receiver, Sender};
use tokio::task::{JoinSet, spawn_blocking};

use super::ServerConfig;
use super::media::{self, Opened};
use kept::Kept;

pub(super) use details::{Caption, Place};
pub(super) use facts::Facts;
#[cfg(feature = "probe")]
pub(super) use facts::Outcome;
pub(super) use list::{container_of, inside, read_head};
pub(super) use mp4::place_of_moov;
pub(super) use video::{Video, Videos};

/// How long a listing is taken for true while the system tells of changes. It need not tell of all: not of those that another
/// machine makes in a network folder.
const WATCHED_LIFETIME: Duration = Duration::from_mins(1);

/// The videos below a folder.
pub(super) struct Catalogue {
    shared: Arc<Shared>,
    /// End with the catalogue.
    _tasks: JoinSet<()>,
}

/// What requests and tasks share.
struct Shared {
    root: PathBuf,
    lifetime: Duration,
    kept: Option<Kept>,
    /// The system tells of changes.
    is_watched: AtomicBool,
    /// Locked while the folder is read, so that requests wait for one reading instead of each doing its own.
    listed: Mutex<Option<(Instant, Videos)>>,
    changes: Sender<u64>,
}

impl Catalogue {
    /// The videos below `root`, listed anew when a listing is older than `lifetime`. Nothing is watched, probed or kept.
    pub fn new(root: PathBuf, lifetime: Duration) -> Self {
        Self { shared: Arc::new(Shared::new(root, lifetime, None)), _tasks: JoinSet::new() }
    }

    /// The videos that `config` names, watched, and probed where it says so. Must be called within a runtime; blocks while
    /// what is kept is opened.
    pub fn start(config: &ServerConfig) -> Self {
        let kept = config.state.as_deref().and_then(Kept::open);
        let shared = Arc::new(Shared::new(config.root.clone(), config.listing_lifetime, kept));
        let mut tasks = JoinSet::new();
        tasks.spawn(tend::watch(Arc::clone(&shared)));
        if let Some(program) = &config.probe {
            tasks.spawn(tend::probe(Arc::clone(&shared), probing::Prober::new(program)));
        }
        Self { shared, _tasks: tasks }
    }

    /// The videos, as they are now or were a moment ago.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn videos(&self) -> io::Result<Videos> {
        self.shared.videos().await
    }

    /// Counts the changes: of files, of what lies beside them, of what is known of them. Several at once count as one.
    pub fn changes(&self) -> Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// Opens what is at a path below `/media/`: a video, captions, a poster. Blocks. `None` for everything else.
    pub fn open(&self, path: &str) -> Option<Opened> {
        let is_identity = |name: &&str| name.len() == 2 * list::ID_BYTES && name.bytes().all(|digit| digit.is_ascii_hexdigit());
        let poster = path.strip_prefix("posters/").and_then(|name| name.strip_suffix(".jpg")).filter(is_identity);
        match (poster, &self.shared.kept) {
            (Some(id), Some(kept)) => media::open_poster(&kept.poster(id)),
            _ => media::open(&self.shared.root, path),
        }
    }
}

impl Shared {
    fn new(root: PathBuf, lifetime: Duration, kept: Option<Kept>) -> Self {
        Self { root, lifetime, kept, is_watched: AtomicBool::new(false), listed: Mutex::new(None), changes: Sender::new(0) }
    }

    async fn videos(self: &Arc<Self>) -> io::Result<Videos> {
        // A lifetime of nothing asks for the folder as it is now.
        let is_told = self.is_watched.load(Ordering::Relaxed) && !self.lifetime.is_zero();
        self.younger_than(if is_told { WATCHED_LIFETIME.max(self.lifetime) } else { self.lifetime }).await
    }

    /// A listing that is younger than `age`; where there is none, a new one.
    async fn younger_than(self: &Arc<Self>, age: Duration) -> io::Result<Videos> {
        let mut listed = self.listed.lock().await;
        if let Some((at, videos)) = &*listed
            && at.elapsed() < age
        {
            return Ok(Arc::clone(videos));
        }
        let (shared, before) = (Arc::clone(self), listed.as_ref().map(|(_, videos)| Arc::clone(videos)));
        // What changes while the folder is read is looked at again by the next reading.
        let at = Instant::now();
        let (videos, is_other) = spawn_blocking(move || {
            let videos = list::list(&shared.root, before.as_deref(), shared.kept.as_ref())?;
            let is_other = before.is_some_and(|before| differ(&before, &videos));
            if is_other {
                shared.forget_others(&videos);
            }
            Ok::<_, io::Error>((videos, is_other))
        })
        .await
        .map_err(io::Error::other)??;
        *listed = Some((at, Arc::clone(&videos)));
        drop(listed);
        if is_other {
            self.tell();
        }
        Ok(videos)
    }

    /// Tells that something has changed.
    fn tell(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// What is kept of videos that are gone goes as well. Blocks.
    fn forget_others(&self, videos: &Videos) {
        // An empty folder may be one that is not mounted at the moment.
        let Some(kept) = self.kept.as_ref().filter(|_| !videos.is_empty()) else { return };
        let relatives: HashSet<&str> = videos.iter().map(|video| video.relative.as_str()).collect();
        if let Err(err) = kept.forget_others(&relatives) {
            tracing::warn!(%err, "what is kept of videos that are gone stays");
        }
    }
}

/// Whether two listings tell different things. What has not changed is the very same.
fn differ(before: &Videos, videos: &Videos) -> bool {
    before.len() != videos.len() || before.iter().zip(videos.iter()).any(|(one, other)| !Arc::ptr_eq(one, other))
}
