//! Figures for Prometheus: read over HTTP, on this machine alone, in the text format of OpenMetrics.

use std::fmt::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use super::{Latest, Published};
use crate::metrics::snapshot::Class;

/// As <https://prometheus.io/docs/specs/om/open_metrics_spec/> has it.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// What all names begin with, before an underscore.
const PREFIX: &str = "flickreel";
const MS_PER_SECOND: f64 = 1000.0;
const BYTES_PER_MB: f64 = 1_000_000.0;

/// Takes the port of 127.0.0.1; 0 takes one that is free.
pub(super) fn listen(port: u16, runtime: &Handle) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let _entered = runtime.enter();
    Ok((TcpListener::from_std(listener)?, address))
}

/// Answers until the runtime ends.
pub(super) async fn serve(listener: TcpListener, latest: Latest) {
    let router = Router::new().route("/metrics", get(metrics)).with_state(latest);
    if let Err(err) = axum::serve(listener, router).await {
        tracing::warn!("Prometheus can no longer read figures: {err}.");
    }
}

async fn metrics(State(latest): State<Latest>, headers: HeaderMap) -> Response {
    if !headers.get(HOST).and_then(|host| host.to_str().ok()).is_some_and(is_this_machine) {
        return (StatusCode::FORBIDDEN, "Figures are for this machine alone.\n").into_response();
    }
    let Some(newest) = latest.borrow().clone() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "There are no figures yet.\n").into_response();
    };
    match text(newest) {
        Ok(text) => ([(CONTENT_TYPE, TEXT)], text).into_response(),
        Err(Error) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Whether a request was meant for this machine. A page in a browser can be led here under a name of its own (DNS
/// rebinding), and would be let to read the answer.
fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn text(newest: Published) -> Result<String, Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(newest));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

impl Collector for Published {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut out = Out(encoder);
        let version = env!("CARGO_PKG_VERSION");
        out.0.encode_descriptor("build", "What runs.", None, MetricType::Info)?.encode_info(&[
            ("version", version),
            ("profile", self.profile),
            ("renderer", self.renderer),
        ])?;
        self.waiting(&mut out)?;
        self.painting(&mut out)?;
        self.fetching(&mut out)?;
        self.machine(&mut out)
    }
}

impl Published {
    /// How long viewers wait.
    fn waiting(&self, out: &mut Out<'_>) -> Result<(), Error> {
        let startup = &self.figures.startup_ms;
        out.gauge(
            "launch_to_window_seconds",
            "From the start of the process to its first display frame",
            startup.process_to_window.map(seconds),
        )?;
        let first = startup.process_to_first_frame.map(seconds);
        out.gauge("launch_to_first_frame_seconds", "From the start of the process to the first frame of the first item", first)?;
        let latency = &self.figures.latency_ms;
        let classes = [("warm", latency.warm), ("cached", latency.cached), ("cold", latency.cold), ("warm_moving", latency.warm_moving)];
        out.quantiles(
            "startup_latency_seconds",
            "From the swipe to the first frame, by what was ready; warm_moving: to the second",
            &classes,
        )?;
        let mut counts = out.family("first_frames", "Swipes that ended in a first frame, by what was ready", MetricType::Counter)?;
        for (class, values) in &classes {
            count(&mut counts.encode_family(&[("class", *class)])?, values.n())?;
        }
        let swipes = &self.figures.swipes;
        out.counter("swipes", "Swipes that were committed", Some(swipes.committed))?;
        out.counter("swipes_abandoned", "Swipes that were followed by another before their first frame", Some(swipes.abandoned))
    }

    /// What is seen.
    fn painting(&self, out: &mut Out<'_>) -> Result<(), Error> {
        let (display, video) = (&self.figures.display, &self.figures.video);
        out.counter("display_frames", "Display frames painted", display.frames)?;
        out.gauge("display_frames_per_second", "Display frames a second while anything moved", display.fps)?;
        out.gauge("jank_ratio", "Share of display frames that came late", display.jank_pct.map(|percent| percent / 100.0))?;
        out.gauge("display_frame_seconds_p95", "95th percentile of the time between display frames", display.frame_ms_p95.map(seconds))?;
        out.counter("black_frames", "Display frames with a tile that showed nothing of its own", display.black_frames)?;
        out.counter("pictures_painted", "Distinct pictures painted", video.painted)?;
        out.counter("pictures_late", "Pictures decoded and not painted in time", video.late)?;
        out.counter("pictures_dropped", "Pictures thrown away by the sink", video.dropped)?;
        out.counter("rebuffers", "How often playback waited for bytes", video.rebuffers)?;
        out.gauge("rebuffer_ratio", "Waiting / (playing + waiting) after the first frame", video.rebuffer_ratio)?;
        let pipelines = &self.figures.pipelines;
        let mut states = out.family("pipelines", "Pipelines by what they do", MetricType::Gauge)?;
        for (state, number) in [
            ("opening", pipelines.opening),
            ("prerolling", pipelines.prerolling),
            ("prerolled", pipelines.prerolled),
            ("playing", pipelines.playing),
            ("tearing_down", pipelines.tearing_down),
            ("stuck", pipelines.stuck),
        ] {
            states.encode_family(&[("state", state)])?.encode_gauge(&number)?;
        }
        out.level("pipelines_live", "Pipelines that exist", Some(pipelines.live))?;
        out.level("pipelines_budget", "Pipelines that may exist", Some(pipelines.budget))
    }

    /// What comes from disk and network.
    fn fetching(&self, out: &mut Out<'_>) -> Result<(), Error> {
        let (cache, preload, network) = (&self.figures.cache, &self.figures.preload, &self.figures.network);
        out.counter("cache_hit_bytes", "Media bytes that were there when asked for", cache.hits)?;
        out.counter("cache_miss_bytes", "Media bytes that were not there when asked for", cache.misses)?;
        out.gauge("cache_hit_ratio", "Share of media bytes that were there when asked for", cache.hit_rate)?;
        out.counter("cache_evictions", "Entries evicted from the disk cache", cache.evictions)?;
        out.counter("cache_bad_blocks", "Blocks whose checksum was wrong", cache.bad_blocks)?;
        out.level("cache_disk_bytes", "Bytes the disk cache takes", cache.disk_bytes)?;
        out.level("cache_cap_bytes", "Bytes the disk cache may take", cache.cap_bytes)?;
        out.level("preload_queue_depth", "Items planned to be readied and not yet ready", preload.queue)?;
        out.counter("preload_completed", "Items that reached their target stage", preload.completed)?;
        out.counter("preload_failed", "Items that failed to reach their target stage", preload.failed)?;
        out.gauge("preload_success_ratio", "Share of items that reached their target stage", preload.success_ratio)?;
        out.level("preload_wasted_bytes", "Bytes of items that were never shown", preload.wasted_bytes)?;
        out.counter("network_received_bytes", "Bytes received", network.bytes)?;
        out.counter("network_requests", "Requests sent", network.requests)?;
        out.level("network_requests_active", "Requests under way", network.active)?;
        out.level("network_bits_per_second", "What the line carries", network.bits_per_second)?;
        out.gauge("network_round_trip_seconds", "From a request to the head of its answer", network.round_trip_ms.map(seconds))
    }

    /// What it costs, and what does not work.
    fn machine(&self, out: &mut Out<'_>) -> Result<(), Error> {
        let (retries, health, process) = (&self.figures.retries, &self.figures.health, &self.figures.process);
        out.level("health_status", "0 healthy, 1 warning, 2 critical", Some(health.status.level()))?;
        out.level("flags_rolled_back", "Feature flags that were switched off because a bound was broken", Some(health.rolled_back))?;
        out.level("ready_videos", "Items that stand ready to be shown", Some(self.figures.loads.ready_videos))?;
        out.level("retries_waiting", "Items that wait for their next try", Some(retries.waiting))?;
        out.level("resting_hosts", "Servers that are left alone for a while", Some(retries.resting_hosts))?;
        out.counter("breaker_trips", "How often a breaker of an item or a server opened", Some(retries.trips))?;
        out.gauge("cpu_cores", "CPU time / time", process.cpu_cores)?;
        out.gauge("resident_memory_bytes", "Memory in use, shared pages counted in full", process.rss_mb.map(|mb| mb * BYTES_PER_MB))?;
        out.level("threads", "Threads", process.threads)
    }
}

fn seconds(ms: f64) -> f64 {
    ms / MS_PER_SECOND
}

fn count(metric: &mut MetricEncoder<'_>, value: u64) -> Result<(), Error> {
    metric.encode_counter::<NoLabelSet, u64, f64>(&value, None)
}

/// Writes families; what was not measured is left out.
struct Out<'a>(DescriptorEncoder<'a>);

impl Out<'_> {
    fn family<'s>(&'s mut self, name: &'s str, help: &str, kind: MetricType) -> Result<MetricEncoder<'s>, Error> {
        self.0.encode_descriptor(name, &format!("{help}."), None, kind)
    }

    fn gauge(&mut self, name: &str, help: &str, value: Option<f64>) -> Result<(), Error> {
        let Some(value) = value else { return Ok(()) };
        self.family(name, help, MetricType::Gauge)?.encode_gauge(&value)
    }

    fn level(&mut self, name: &str, help: &str, value: Option<u64>) -> Result<(), Error> {
        let Some(value) = value else { return Ok(()) };
        self.family(name, help, MetricType::Gauge)?.encode_gauge(&value)
    }

    fn counter(&mut self, name: &str, help: &str, value: Option<u64>) -> Result<(), Error> {
        let Some(value) = value else { return Ok(()) };
        count(&mut self.family(name, help, MetricType::Counter)?, value)
    }

    /// Those of distributions without a single value are left out.
    fn quantiles(&mut self, name: &str, help: &str, classes: &[(&str, Class)]) -> Result<(), Error> {
        let mut family = self.family(name, help, MetricType::Gauge)?;
        for (class, figures) in classes.iter().filter_map(|(class, values)| Some((*class, values.figures()?))) {
            for (quantile, ms) in [("0.5", figures.p50), ("0.95", figures.p95), ("0.99", figures.p99), ("1", figures.max)] {
                family.encode_family(&[("class", class), ("quantile", quantile)])?.encode_gauge(&seconds(ms))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_and_addresses_of_this_machine_are_answered() {
        for host in ["localhost", "LocalHost:9464", "127.0.0.1", "127.0.0.1:9464", "127.8.8.8:1", "[::1]", "[::1]:9464"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            ":9464",
            "evil.example",
            "evil.example:9464",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.0.2",
            "[::2]:1",
            "0.0.0.0",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
