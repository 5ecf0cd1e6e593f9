//! The window's side: hears later starts for as long as the window is open.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::super::events::Waker;
use super::super::sources::Opener;
use super::{Answer, LINE_BYTES_MAX, Request, Window};
use crate::cache::control::place::SocketFile;

/// How long a start may take to say what it wants, and to hear the answer: the next one waits for that.
const LINE_WITHIN: Duration = Duration::from_secs(2);
/// Before the next try when a connection could not be taken, such as for want of file descriptors.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Hears later starts until it is dropped; then the socket is gone.
#[must_use = "when this is dropped nobody hears later starts any more"]
pub(in crate::shell) struct Hearing {
    task: AbortHandle,
    /// Removed after the task has been ended.
    _file: SocketFile,
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Window {
    /// Opens what later starts ask for, and brings the window to the front.
    pub fn serve(self, runtime: &Handle, sources: Opener, waker: Waker) -> Option<Hearing> {
        self.hear(runtime, move |request| {
            if let Request::Open { words, from_start } = request {
                sources.open(words, from_start);
            }
            waker.attention();
        })
    }

    /// Tells `act` what later starts ask for, one after the other.
    pub(super) fn hear(self, runtime: &Handle, act: impl Fn(Request) + Send + Sync + 'static) -> Option<Hearing> {
        let Self { file, listener } = self;
        let _inside = runtime.enter();
        let listener = UnixListener::from_std(listener).inspect_err(|err| tracing::warn!("later starts are not heard: {err}")).ok()?;
        let task = runtime.spawn(async move {
            loop {
                match listener.accept().await {
                    // Who says nothing, or does not listen, is left.
                    Ok((stream, _)) => drop(timeout(LINE_WITHIN, converse(stream, &act)).await),
                    Err(err) => {
                        tracing::warn!("a later start could not be heard: {err}");
                        sleep(ACCEPT_AGAIN_AFTER).await;
                    }
                }
            }
        });
        Some(Hearing { task: task.abort_handle(), _file: file })
    }
}

async fn converse(mut stream: UnixStream, act: &impl Fn(Request)) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut line = Vec::new();
    BufReader::new(read.take(LINE_BYTES_MAX)).read_until(b'\n', &mut line).await?;
    // Without its end, the line is cut off or too long.
    let request = line.strip_suffix(b"\n").and_then(|line| serde_json::from_slice(line).ok());
    let answer = match request {
        Some(request) => {
            act(request);
            Answer::Done
        }
        None => Answer::NotUnderstood,
    };
    let mut said = serde_json::to_vec(&answer)?;
    said.push(b'\n');
    write.write_all(&said).await
}
