//! The system asks the program to end, as it does when somebody logs out or presses Ctrl+C in its terminal: it ends as
//! by a key, so that what is to be remembered is, and nobody takes it for a crash.

use std::io;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::events::EventSender;
use crate::app::{Event, Key};

/// A window that has not gone in this time hangs, and is not waited for.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// The signals that ask. A terminal that goes is none: who started the program with `nohup` wants it to stay.
struct Asked {
    interrupt: Signal,
    terminate: Signal,
}

impl Asked {
    fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one; returns its number.
    async fn recv(&mut self) -> i32 {
        let kind = tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
        };
        kind.as_raw_value()
    }
}

/// Starts to listen.
pub(super) fn spawn(runtime: &Handle, events: EventSender) {
    runtime.spawn(async move {
        let Ok(mut asked) = Asked::listen().inspect_err(|err| tracing::warn!("not told of the end: {err}")) else { return };
        let number = asked.recv().await;
        tracing::info!("asked to end");
        // Where the queue is full this waits, which the thread that counts the seconds must not.
        drop(tokio::task::spawn_blocking(move || events.send(Event::Key { key: Key::Quit, repeat: false })));
        tokio::time::sleep(ENDS_WITHIN).await;
        tracing::error!("the window did not end when the system asked for it");
        // What a shell makes of a program that a signal ended.
        std::process::exit(128 + number);
    });
}
