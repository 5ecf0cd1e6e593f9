//! Tells when the renderer has finished a display frame. wgpu calls back only while somebody polls the device,
//! and eframe does not between frames: a thread of its own polls while a measurement waits.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use eframe::egui_wgpu::wgpu;

/// Time between two polls: the error of a latency is at most this.
const POLL_EVERY: Duration = Duration::from_micros(250);
/// Polls for one frame before it is given up: 200 ms. A frame that was never submitted calls nobody.
const POLLS: usize = 800;

/// The polling thread. It has ended when this is dropped: it may hold the last handle of the device, and a driver that
/// is still putting a device away while the process ends can crash.
pub(super) struct GpuWatch {
    asks: SyncSender<Ask>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Poll,
    Done,
    End,
}

impl GpuWatch {
    pub fn start(device: wgpu::Device) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(16);
        let thread = std::thread::Builder::new().name("gpu-watch".to_owned()).spawn(move || watch(&device, &receiver))?;
        Ok(Self { asks: sender, thread: Some(thread) })
    }

    /// A frame is about to be submitted whose end matters.
    pub fn poll(&self) {
        // A full queue means that it is polling already.
        let _ = self.asks.try_send(Ask::Poll);
    }

    /// For the callback of the frame: the polling may rest.
    pub fn done(&self) -> impl FnOnce() + Send + 'static {
        let sender = self.asks.clone();
        move || {
            let _ = sender.try_send(Ask::Done);
        }
    }
}

impl Drop for GpuWatch {
    fn drop(&mut self) {
        // Not by hanging up: a frame that was never finished holds another end of the queue.
        if self.asks.send(Ask::End).is_ok()
            && let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that watches the renderer ended abruptly");
        }
    }
}

fn watch(device: &wgpu::Device, asked: &Receiver<Ask>) {
    while let Ok(ask) = asked.recv() {
        let mut left = match ask {
            Ask::Poll => POLLS,
            Ask::Done => 0,
            Ask::End => return,
        };
        while left > 0 {
            if let Err(err) = device.poll(wgpu::PollType::Poll) {
                tracing::debug!("polling the renderer: {err}");
            }
            left = match asked.recv_timeout(POLL_EVERY) {
                Ok(Ask::Poll) => POLLS,
                Ok(Ask::Done) => 0,
                Err(RecvTimeoutError::Timeout) => left - 1,
                Ok(Ask::End) | Err(RecvTimeoutError::Disconnected) => return,
            };
        }
    }
}
