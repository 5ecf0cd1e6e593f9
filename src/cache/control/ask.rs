//! The asking side: finds the owner, sends a request, and hears the replies.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Refusal;
use super::place::trust;
use crate::cache::{Reply, Request};

/// How long an owner may say nothing at all. It says how far it is several times in a second.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// The longest reply, in bytes: more than a hundred thousand entries.
const REPLY_BYTES_MAX: u64 = 64 << 20;

/// Why the owner of a cache gave no reply. Reads on after "the cache is in use by another process, ".
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens at any of the places.
    #[error("which cannot be asked")]
    NobodyThere,
    /// Somebody listens and says nothing.
    #[error("which does not answer")]
    Silent,
    /// It ended, or hung up.
    #[error("which ended before it had answered")]
    Gone,
    /// It said why not.
    #[error("which says: {0}")]
    Refused(String),
    /// It said something else: it is of another version.
    #[error("whose answer is not understood: it may be of another version")]
    NotUnderstood,
    /// The socket cannot be used.
    #[error("which cannot be asked: {0}")]
    Io(#[source] io::Error),
}

impl AskError {
    /// Whether the same question may be answered later.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::NobodyThere | Self::Silent | Self::Gone | Self::Refused(_))
    }
}

/// Asks the owner that listens at one of `sockets`. `progress` hears bytes done and bytes in all; `patience` is
/// how long nothing at all may be heard.
///
/// # Errors
/// When nobody answers, or not in a way that is understood.
pub fn ask(sockets: &[PathBuf], request: &Request, patience: Duration, progress: &mut dyn FnMut(u64, u64)) -> Result<Reply, AskError> {
    let mut stream = connect(sockets)?;
    stream.set_read_timeout(Some(patience)).and_then(|()| stream.set_write_timeout(Some(patience))).map_err(AskError::Io)?;
    let mut line = serde_json::to_vec(request).map_err(|err| AskError::Io(err.into()))?;
    line.push(b'\n');
    match stream.write_all(&line) {
        // One that is busy hangs up at once; why, it has said before.
        Err(err) if err.kind() != io::ErrorKind::BrokenPipe => return Err(failed(err)),
        _ => {}
    }
    let mut replies = BufReader::new(stream);
    loop {
        line.clear();
        replies.by_ref().take(REPLY_BYTES_MAX).read_until(b'\n', &mut line).map_err(failed)?;
        if line.is_empty() {
            return Err(AskError::Gone);
        }
        match serde_json::from_slice(&line) {
            Ok(Reply::Progress { done, total }) => progress(done, total),
            Ok(reply) => return Ok(reply),
            Err(err) if err.is_eof() => return Err(AskError::Gone),
            Err(_) => {
                return Err(match serde_json::from_slice(&line) {
                    Ok(Refusal::Refused { sentence }) => AskError::Refused(sentence),
                    Err(_) => AskError::NotUnderstood,
                });
            }
        }
    }
}

fn connect(sockets: &[PathBuf]) -> Result<UnixStream, AskError> {
    let mut problem = None;
    for socket in sockets {
        // What listens in somebody else's folder is no owner of ours.
        let connected = trust(socket.parent().unwrap_or(Path::new("/"))).and_then(|()| UnixStream::connect(socket));
        match connected {
            Ok(stream) => return Ok(stream),
            Err(err) if matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {}
            Err(err) => problem = problem.or(Some(err)),
        }
    }
    Err(problem.map_or(AskError::NobodyThere, AskError::Io))
}

fn failed(err: io::Error) -> AskError {
    match err.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => AskError::Silent,
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => AskError::Gone,
        _ => AskError::Io(err),
    }
}
