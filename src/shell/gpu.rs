//! Tells when the renderer has finished a display frame. wgpu calls back only while somebody polls the device,
//! and eframe does not between frames: a thread of its own polls while a measurement waits.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use eframe::egui_wgpu::wgpu;

/// Time between two polls: the error of a latency is at most this.
const POLL_EVERY: Duration = Duration::from_micros(250);
/// Polls for one frame before it is given up: 200 ms. A frame that was never submitted calls nobody.
const POLLS: usize = 800;

/// The polling thread. It ends when this is dropped.
pub(super) struct GpuWatch(SyncSender<Ask>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Poll,
    Done,
}

impl GpuWatch {
    pub fn start(device: wgpu::Device) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(16);
        std::thread::Builder::new().name("gpu-watch".to_owned()).spawn(move || watch(&device, &receiver))?;
        Ok(Self(sender))
    }

    /// A frame is about to be submitted whose end matters.
    pub fn poll(&self) {
        // A full queue means that it is polling already.
        let _ = self.0.try_send(Ask::Poll);
    }

    /// For the callback of the frame: the polling may rest.
    pub fn done(&self) -> impl FnOnce() + Send + 'static {
        let sender = self.0.clone();
        move || {
            let _ = sender.try_send(Ask::Done);
        }
    }
}

fn watch(device: &wgpu::Device, asked: &Receiver<Ask>) {
    while let Ok(ask) = asked.recv() {
        let mut left = if ask == Ask::Poll { POLLS } else { 0 };
        while left > 0 {
            if let Err(err) = device.poll(wgpu::PollType::Poll) {
                tracing::debug!("polling the renderer: {err}");
            }
            left = match asked.recv_timeout(POLL_EVERY) {
                Ok(Ask::Poll) => POLLS,
                Ok(Ask::Done) => 0,
                Err(RecvTimeoutError::Timeout) => left - 1,
                Err(RecvTimeoutError::Disconnected) => return,
            };
        }
    }
}
