//! A second start hands what it was asked for to the window that is open, over a socket that only this user reaches: one
//! line of JSON there, one back. The folder is held by a lock while somebody looks who listens, or begins to: of two that
//! start at once one becomes the window. What a killed window left is replaced by the next.

mod hear;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::cache::control::place::{SocketFile, prepare};
use crate::cli::CommonOptions;
use crate::source::Source;

/// How long the window may take to answer: it may be coming up itself.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest line, in bytes.
const LINE_BYTES_MAX: u64 = 256 * 1024;

/// What a later start asks of the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
enum Request {
    /// Show this source, and yourself.
    Open {
        words: Vec<String>,
        /// Not where its viewer left.
        from_start: bool,
    },
    /// Show yourself.
    Show,
}

/// What the window says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    Done,
    /// It is of another version, maybe.
    NotUnderstood,
}

/// What becomes of a start.
pub(super) enum Begin {
    /// A window that was open already shows what was asked for.
    HandedOver,
    /// This one opens a window; later starts are heard there, if there is a place for that.
    Window(Option<Window>),
}

/// The place at which later starts are heard, from before there is a window on.
pub(super) struct Window {
    file: SocketFile,
    listener: UnixListener,
}

/// Hands a start over if a window is open. A recording is what its viewer does and nobody else, so that one neither hands
/// over nor listens.
pub(super) fn begin(socket: Option<&Path>, source: Option<&Source>, asked: &CommonOptions) -> Begin {
    let Some(socket) = socket.filter(|_| asked.record.is_none()) else { return Begin::Window(None) };
    let request = source.map_or(Request::Show, |source| Request::Open { words: source.to_words(), from_start: asked.start.from_start });
    match look(socket) {
        Ok(Found::Nobody(window)) => Begin::Window(Some(window)),
        Ok(Found::Somebody(_)) if asked.start.new_window => Begin::Window(None),
        Ok(Found::Somebody(stream)) => match ask(stream, &request) {
            Ok(()) => {
                eprintln!("flickreel: the window that is open shows it (--new-window opens another one)");
                Begin::HandedOver
            }
            Err(err) => {
                tracing::warn!("the window that is open does not answer, so another one is opened: {err}");
                Begin::Window(None)
            }
        },
        Err(err) => {
            tracing::debug!(socket = %socket.display(), "later starts are not heard: {err}");
            Begin::Window(None)
        }
    }
}

/// Who listens.
enum Found {
    Somebody(UnixStream),
    /// Nobody until now: from now on it is us.
    Nobody(Window),
}

fn look(socket: &Path) -> io::Result<Found> {
    let folder = socket.parent().unwrap_or(socket);
    prepare(folder)?;
    let lock = File::open(folder)?;
    flock(&lock, FlockOperation::LockExclusive)?;
    match UnixStream::connect(socket) {
        Ok(stream) => Ok(Found::Somebody(stream)),
        Err(err) if matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            let (file, listener) = SocketFile::bind(socket)?;
            Ok(Found::Nobody(Window { file, listener }))
        }
        Err(err) => Err(err),
    }
}

fn ask(mut stream: UnixStream, request: &Request) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    line.clear();
    BufReader::new(stream).take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    match serde_json::from_slice(&line)? {
        Answer::Done => Ok(()),
        Answer::NotUnderstood => Err(io::Error::other("it did not understand")),
    }
}

#[cfg(test)]
mod tests;
