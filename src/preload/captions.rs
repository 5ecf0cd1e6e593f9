//! Fetches and reads the captions of the current item and of the next one: a file of this machine, or from the disk cache,
//! or from their server.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::small::{self, Asking, Missed};
use crate::cache::{BlobKind, Blobs};
use crate::captions::{FILE_BYTES_MAX, Track};
use crate::feed::{CaptionFile, Failure, FailureKind, MediaLocation, without_signature};
use crate::metrics::Counters;
use crate::metrics::trace::What;
use crate::words::captions as words;

/// The captions that are wanted, the most urgent first.
pub type Wanted = Arc<[CaptionFile]>;
/// Called with what became of each, on a thread of the runtime.
pub type Tell = Arc<dyn Fn(MediaLocation, Result<Arc<Track>, Failure>) + Send + Sync>;

/// What is asked for.
const ASKING: Asking =
    Asking { what: What::Captions, accept: "text/vtt, application/x-subrip, text/plain;q=0.8, */*;q=0.1", bytes_max: FILE_BYTES_MAX };

/// What the worker works with.
pub struct CaptionOptions {
    /// The client that requests are sent with.
    pub client: reqwest::Client,
    /// Where captions are kept on disk.
    pub blobs: Blobs,
    /// Where it counts.
    pub counters: Arc<Counters>,
    /// Hears what became of each.
    pub tell: Tell,
}

/// Starts the worker; it ends when the sender of the list is gone.
pub fn spawn(runtime: &Handle, options: CaptionOptions, wanted: watch::Receiver<Wanted>) {
    runtime.spawn(work(options, wanted));
}

/// One after the other: there are two at most, they are small, and the first is the one that somebody waits for.
async fn work(options: CaptionOptions, mut wanted: watch::Receiver<Wanted>) {
    // Told of, for better or worse; only those still wanted are remembered.
    let mut settled: HashSet<MediaLocation> = HashSet::new();
    loop {
        let files = Arc::clone(&wanted.borrow_and_update());
        settled.retain(|at| files.iter().any(|file| file.at == *at));
        let Some(file) = files.iter().find(|file| !settled.contains(&file.at)) else {
            if wanted.changed().await.is_err() {
                return;
            }
            continue;
        };
        let mut reading = std::pin::pin!(read(&options, file));
        let result = loop {
            tokio::select! {
                result = &mut reading => break Some(result),
                changed = wanted.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    if !wanted.borrow_and_update().iter().any(|other| other.at == file.at) {
                        break None;
                    }
                }
            }
        };
        if let Some(result) = result {
            settled.insert(file.at.clone());
            (options.tell)(file.at.clone(), result);
        }
    }
}

async fn read(options: &CaptionOptions, file: &CaptionFile) -> Result<Arc<Track>, Failure> {
    match &file.at {
        MediaLocation::File(path) => {
            let path = path.clone();
            let bytes = tokio::task::spawn_blocking(move || read_file(&path)).await;
            let bytes = bytes.unwrap_or_else(|err| Err(io::Error::other(err))).map_err(|err| unreadable().caused_by(&err))?;
            Ok(understood(bytes).await?.0)
        }
        MediaLocation::Url(address) => fetch(options, address, &file.label).await,
        MediaLocation::Sample(_) => Err(unreadable()),
    }
}

/// Reads where nobody waits: two MiB take some milliseconds. Hands the bytes back.
async fn understood(bytes: Vec<u8>) -> Result<(Arc<Track>, Vec<u8>), Failure> {
    let reading = tokio::task::spawn_blocking(move || (Arc::new(Track::read(&bytes)), bytes));
    let read = reading.await.ok().filter(|(track, _)| !track.is_empty());
    read.ok_or_else(|| Failure::new(FailureKind::Corrupt, words::NOTHING_TO_READ))
}

fn unreadable() -> Failure {
    Failure::new(FailureKind::Unreadable, words::UNREADABLE)
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    // Asked before opening: opening a named pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

async fn fetch(options: &CaptionOptions, address: &str, label: &str) -> Result<Arc<Track>, Failure> {
    let name = without_signature(address);
    if let Some(bytes) = options.blobs.get(BlobKind::Captions, &name).await {
        return Ok(understood(bytes).await?.0);
    }
    options.blobs.until_line_is_free().await;
    let bytes = small::fetch(&options.client, &options.counters, address, &ASKING).await.map_err(|missed| match missed {
        Missed::ForNow => Failure::new(FailureKind::Network, words::NOT_FETCHED),
        Missed::ForGood => Failure::new(FailureKind::Missing, words::NOT_THERE),
    })?;
    let (track, bytes) = understood(bytes).await?;
    let (blobs, label) = (options.blobs.clone(), label.to_owned());
    tokio::spawn(async move { blobs.put(BlobKind::Captions, &name, &label, bytes).await });
    Ok(track)
}
