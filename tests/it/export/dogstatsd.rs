//! What a DogStatsD collector receives.

use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use flickreel::export::options::{Collector, ExportOptions};
use flickreel::export::{Pace, Published};

use super::rig::{NEVER, PATIENCE, Rig, published};

const SOON: Duration = Duration::from_millis(20);
/// What stands behind each metric.
const TAGS: &str = "|#profile:wifi,renderer:cpu\n";

/// The fixture's figures as they are sent the first time.
const FIRST: &[&str] = &[
    "feed.preload.queue_depth:2|g",
    "feed.cache.hit_rate:0.75|g",
    "feed.performance.fps:59.5|g",
    "feed.performance.jank:0.25|g",
    "feed.performance.cpu_cores:0.5|g",
    "feed.performance.memory_mb:240.5|g",
    "feed.performance.threads:40|g",
    "feed.startup.warm_ms_p50:8|g",
    "feed.startup.warm_ms_p95:16|g",
    "feed.pipelines.live:4|g",
    "feed.pipelines.stuck:0|g",
    "feed.retries.resting_hosts:0|g",
    "feed.health.status:1|g",
    "feed.health.rolled_back:2|g",
    "feed.preload.ready_videos:3|g",
    "feed.cache.evictions:5|c",
    "feed.performance.black_frames:0|c",
    "feed.preload.failed:1|c",
    "feed.retries.trips:9|c",
    "feed.swipes:15|c",
];

fn to(collector: Collector) -> ExportOptions {
    ExportOptions { dogstatsd: Some(collector), ..ExportOptions::default() }
}

fn pace(flush: Duration) -> Pace {
    Pace { flush, ..Pace::default() }
}

fn udp() -> (UdpSocket, Collector) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let collector = Collector::parse(&socket.local_addr().unwrap().to_string()).unwrap();
    (socket, collector)
}

/// One datagram, whole.
fn datagram(receive: impl Fn(&mut [u8]) -> std::io::Result<usize>) -> String {
    let mut bytes = vec![0; 65_536];
    let length = receive(&mut bytes).expect("a datagram");
    bytes.truncate(length);
    String::from_utf8(bytes).unwrap()
}

fn whole(lines: &[&str]) -> String {
    lines.join(TAGS) + TAGS
}

#[test]
fn a_collector_at_a_unix_socket_gets_all_figures_in_one_datagram() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dsd.socket");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut rig = Rig::start(&to(Collector::Unix(path)), pace(SOON));
    rig.exporters.publish(published(), Duration::ZERO);
    assert_eq!(datagram(|bytes| socket.recv(bytes)), whole(FIRST));
}

#[test]
fn over_udp_the_same_figures_come_in_datagrams_that_nobody_takes_apart() {
    let (socket, collector) = udp();
    let mut rig = Rig::start(&to(collector), pace(SOON));
    let mut newest = published();
    // More than fits into one: every gauge and counter there is, with many digits.
    let full = 0.123_456_789_012_345_68;
    newest.figures.preload.success_ratio = Some(full);
    newest.figures.preload.waste_ratio = Some(full);
    newest.figures.video.rebuffer_ratio = Some(full);
    newest.figures.display.frame_ms_p95 = Some(full);
    newest.figures.network.bits_per_second = Some(u64::MAX / 4);
    newest.figures.network.bytes = Some(u64::MAX);
    newest.figures.cache.disk_bytes = Some(u64::MAX / 4);
    newest.figures.cache.hit_rate = Some(full);
    rig.exporters.publish(newest, Duration::ZERO);
    let mut text = String::new();
    let mut datagrams = 0;
    while !text.contains("feed.swipes:") {
        let next = datagram(|bytes| socket.recv(bytes));
        assert!(next.len() <= 1432, "{} bytes", next.len());
        assert!(next.ends_with('\n'), "no metric is cut in two: {next}");
        datagrams += 1;
        text += &next;
    }
    assert!((2..=3).contains(&datagrams), "several metrics share a datagram: {datagrams}");
    for line in FIRST.iter().filter(|line| !line.contains("hit_rate")) {
        assert!(text.contains(&format!("{line}{TAGS}")), "{line} is not in\n{text}");
    }
    assert!(text.contains(&format!("feed.cache.hit_rate:{full}|g{TAGS}")), "{text}");
    assert!(text.contains(&format!("feed.network.bytes:{}|c{TAGS}", u64::MAX)), "{text}");
}

#[test]
fn what_only_grows_is_sent_as_its_growth_since_the_last_flush() {
    let (socket, collector) = udp();
    let mut rig = Rig::start(&to(collector), pace(SOON));
    let evictions = |text: &str| text.lines().find(|line| line.starts_with("feed.cache.evictions:")).map(str::to_owned);
    for (total, growth) in [(5, 5), (5, 0), (12, 7)] {
        let mut newest = published();
        newest.figures.cache.evictions = Some(total);
        rig.exporters.publish(newest, Duration::ZERO);
        let line = evictions(&datagram(|bytes| socket.recv(bytes)));
        assert_eq!(line, Some(format!("feed.cache.evictions:{growth}|c{}", TAGS.trim_end())));
    }
}

#[test]
fn figures_that_are_no_news_are_not_sent_again_and_the_last_ones_leave_at_the_end() {
    let (socket, collector) = udp();
    let mut rig = Rig::start(&to(collector), pace(SOON));
    rig.exporters.publish(published(), Duration::ZERO);
    datagram(|bytes| socket.recv(bytes));
    // Many times as long as a flush takes.
    socket.set_read_timeout(Some(SOON * 25)).unwrap();
    assert!(socket.recv(&mut [0; 2000]).is_err(), "nothing new, nothing sent");
    rig.finish();

    let (socket, collector) = udp();
    let mut rig = Rig::start(&to(collector), pace(NEVER));
    rig.exporters.publish(published(), Duration::ZERO);
    rig.finish();
    assert_eq!(datagram(|bytes| socket.recv(bytes)), whole(FIRST));
}

#[test]
fn a_collector_that_comes_late_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dsd.socket");
    let mut rig = Rig::start(&to(Collector::Unix(path.clone())), pace(SOON));
    let mut publish = |at| rig.exporters.publish(Published { profile: "slow", ..published() }, at);
    publish(Duration::ZERO);
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut bytes = [0; 9000];
    // Each publishing is one chance to be sent.
    let deadline = std::time::Instant::now() + PATIENCE;
    let length = loop {
        assert!(std::time::Instant::now() < deadline, "it is never found");
        publish(Duration::ZERO);
        match socket.recv(&mut bytes) {
            Ok(length) => break length,
            Err(_) => std::thread::yield_now(),
        }
    };
    assert!(std::str::from_utf8(&bytes[..length]).unwrap().contains("|#profile:slow,renderer:cpu\n"));
}
