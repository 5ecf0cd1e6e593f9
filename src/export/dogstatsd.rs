//! Figures for a DogStatsD collector: several metrics to a datagram, over UDP or a Unix socket. Each flush has a
//! socket of its own, so that a collector that moves, or comes back, is found again; one that is not there costs
//! nothing.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::panic::RefUnwindSafe;
use std::time::Duration;

use cadence::prelude::*;
use cadence::{BufferedUdpMetricSink, BufferedUnixMetricSink, MetricError, MetricSink, StatsdClient};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::options::Collector;
use super::{Latest, Published};
use crate::metrics::Snapshot;

/// Datagrams of UDP are no larger, so that none is taken apart on its way; in bytes.
const UDP_BYTES: usize = 1432;
/// What a collector reads of a Unix datagram at least; in bytes.
const UNIX_BYTES: usize = 8192;
/// What all names begin with, before a dot.
const PREFIX: &str = "feed";

/// Totals as they were at the last flush.
type Totals = HashMap<&'static str, u64>;

/// Sends the newest figures every so often, and a last time when nobody publishes any more. When there are none
/// newer than those it has sent, it sends nothing: a gap tells the truth about a window that paints nothing.
pub(super) async fn run(collector: Collector, mut latest: Latest, every: Duration) {
    let mut tick = interval_at(Instant::now() + every, every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut totals, mut fresh, mut fails) = (Totals::new(), false, false);
    loop {
        let ended = tokio::select! {
            changed = latest.changed() => match changed {
                Ok(()) => {
                    fresh = true;
                    continue;
                }
                Err(_) => true,
            },
            _ = tick.tick() => false,
        };
        let newest = latest.borrow().clone();
        if let Some(newest) = newest.filter(|_| std::mem::take(&mut fresh)) {
            let sent = flush(&collector, &newest, &mut totals).await;
            match &sent {
                // Told once, not every time: it may well be switched off.
                Err(err) if !fails => tracing::warn!("the DogStatsD collector {collector} cannot be reached: {err}."),
                Ok(()) if fails => tracing::info!("the DogStatsD collector {collector} can be reached again"),
                _ => {}
            }
            fails = sent.is_err();
        }
        if ended {
            return;
        }
    }
}

async fn flush(collector: &Collector, newest: &Published, totals: &mut Totals) -> Result<(), MetricError> {
    match collector {
        Collector::Udp(address) => {
            let mut found = tokio::net::lookup_host(address).await?;
            let to = found.next().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "its name leads nowhere"))?;
            let any = match to {
                SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
                SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
            };
            let socket = UdpSocket::bind(any)?;
            socket.set_nonblocking(true)?;
            send(BufferedUdpMetricSink::with_capacity(to, socket, UDP_BYTES)?, newest, totals)
        }
        Collector::Unix(path) => {
            let socket = UnixDatagram::unbound()?;
            socket.set_nonblocking(true)?;
            send(BufferedUnixMetricSink::with_capacity(path, socket, UNIX_BYTES), newest, totals)
        }
    }
}

fn send<S>(sink: S, newest: &Published, totals: &mut Totals) -> Result<(), MetricError>
where
    S: MetricSink + Send + Sync + RefUnwindSafe + 'static,
{
    let client = StatsdClient::builder(PREFIX, sink).with_tag("profile", newest.profile).with_tag("renderer", newest.renderer).build();
    for (name, value) in gauges(&newest.figures) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            client.gauge(name, value)?;
        }
    }
    for (name, total) in counters(&newest.figures) {
        if let Some(total) = total {
            // What a lost datagram counted is lost, as it is with any collector of this kind.
            let before = totals.insert(name, total).unwrap_or(0);
            client.count(name, total.saturating_sub(before))?;
        }
    }
    client.flush()
}

/// What is as it is.
#[expect(clippy::cast_precision_loss, reason = "gauges of a process; beyond 2^53 the last digits do not matter")]
fn gauges(figures: &Snapshot) -> [(&'static str, Option<f64>); 21] {
    let number = |value: u64| value as f64;
    let Snapshot { latency_ms, display, video, pipelines, cache, preload, network, retries, loads, health, process, .. } = figures;
    let warm = latency_ms.warm.figures();
    [
        ("preload.queue_depth", preload.queue.map(number)),
        ("preload.success_ratio", preload.success_ratio),
        ("preload.waste_ratio", preload.waste_ratio),
        ("cache.hit_rate", cache.hit_rate),
        ("cache.disk_bytes", cache.disk_bytes.map(number)),
        ("performance.fps", display.fps),
        ("performance.jank", display.jank_pct),
        ("performance.frame_ms_p95", display.frame_ms_p95),
        ("performance.cpu_cores", process.cpu_cores),
        ("performance.memory_mb", process.rss_mb),
        ("performance.threads", process.threads.map(number)),
        ("startup.warm_ms_p50", warm.map(|warm| warm.p50)),
        ("startup.warm_ms_p95", warm.map(|warm| warm.p95)),
        ("playback.rebuffer_ratio", video.rebuffer_ratio),
        ("pipelines.live", Some(number(pipelines.live))),
        ("pipelines.stuck", Some(number(pipelines.stuck))),
        ("network.bits_per_second", network.bits_per_second.map(number)),
        ("retries.resting_hosts", Some(number(retries.resting_hosts))),
        ("health.status", Some(number(health.status.level()))),
        ("health.rolled_back", Some(number(health.rolled_back))),
        ("preload.ready_videos", Some(number(loads.ready_videos))),
    ]
}

/// What only grows: its growth since the last flush is sent.
fn counters(figures: &Snapshot) -> [(&'static str, Option<u64>); 7] {
    let Snapshot { swipes, display, video, cache, preload, network, retries, .. } = figures;
    [
        ("cache.evictions", cache.evictions),
        ("performance.black_frames", display.black_frames),
        ("playback.rebuffers", video.rebuffers),
        ("preload.failed", preload.failed),
        ("network.bytes", network.bytes),
        ("retries.trips", Some(retries.trips)),
        ("swipes", Some(swipes.committed)),
    ]
}
