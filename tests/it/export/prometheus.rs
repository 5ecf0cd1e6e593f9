//! What Prometheus reads.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use flickreel::export::Pace;
use flickreel::export::options::ExportOptions;

use super::rig::{PATIENCE, Rig, published};

fn start() -> (Rig, SocketAddr) {
    let rig = Rig::start(&ExportOptions { prometheus: Some(0), ..ExportOptions::default() }, Pace::default());
    let address = rig.exporters.prometheus().expect("a port");
    (rig, address)
}

/// The head and the body of an answer.
fn get(address: SocketAddr, path: &str, host: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\n{host}Connection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn scrape(address: SocketAddr) -> (String, String) {
    get(address, "/metrics", &format!("Host: {address}\r\n"))
}

/// The samples of a text, read line by line as the format has it: `# HELP` and `# TYPE` before each family, samples
/// of no other family below them, `# EOF` at the end.
fn parsed(text: &str) -> BTreeMap<String, f64> {
    let (mut samples, mut family, mut families) = (BTreeMap::new(), (String::new(), String::new()), BTreeSet::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == "# EOF" {
            assert_eq!(lines.next(), None, "it is the end");
            return samples;
        }
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, sentence) = help.split_once(' ').unwrap();
            assert!(sentence.ends_with('.') && families.insert(name.to_owned()), "{line}");
            let kind = lines.next().and_then(|line| line.strip_prefix(&format!("# TYPE {name} "))).expect("a type for each family");
            family = (name.to_owned(), kind.to_owned());
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
        let suffix = match family.1.as_str() {
            "counter" => "_total",
            "info" => "_info",
            "gauge" => "",
            other => panic!("{other}"),
        };
        assert_eq!(name, format!("{}{suffix}", family.0), "{line}");
        assert!(name.bytes().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'_'), "{line}");
        let labels = labels.strip_suffix('}').unwrap();
        for label in labels.split(',').filter(|label| !label.is_empty()) {
            let (key, value) = label.split_once('=').unwrap();
            assert!(key.bytes().all(|sign| sign.is_ascii_lowercase()) && value.starts_with('"') && value.ends_with('"'), "{line}");
        }
        assert!(samples.insert(sample.to_owned(), value.parse().unwrap()).is_none(), "{line} twice");
    }
    panic!("it has no end: {text}");
}

#[test]
fn a_scrape_has_the_figures_that_were_published() {
    let (mut rig, address) = start();
    rig.exporters.publish(published(), Duration::ZERO);
    let (head, body) = scrape(address);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("\r\ncontent-type: application/openmetrics-text; version=1.0.0; charset=utf-8"), "{head}");
    let samples = parsed(&body);
    for (name, value) in [
        ("flickreel_startup_latency_seconds{class=\"warm\",quantile=\"0.5\"}", 0.008),
        ("flickreel_startup_latency_seconds{class=\"warm\",quantile=\"0.95\"}", 0.016),
        ("flickreel_startup_latency_seconds{class=\"warm\",quantile=\"0.99\"}", 0.024),
        ("flickreel_startup_latency_seconds{class=\"cold\",quantile=\"1\"}", 0.64),
        ("flickreel_first_frames_total{class=\"warm\"}", 7.0),
        ("flickreel_first_frames_total{class=\"cached\"}", 0.0),
        ("flickreel_swipes_total", 15.0),
        ("flickreel_swipes_abandoned_total", 1.0),
        ("flickreel_display_frames_total", 900.0),
        ("flickreel_display_frames_per_second", 59.5),
        ("flickreel_jank_ratio", 0.0025),
        ("flickreel_black_frames_total", 0.0),
        ("flickreel_pipelines{state=\"prerolled\"}", 3.0),
        ("flickreel_pipelines{state=\"playing\"}", 1.0),
        ("flickreel_pipelines_live", 4.0),
        ("flickreel_pipelines_budget", 6.0),
        ("flickreel_cache_hit_bytes_total", 300.0),
        ("flickreel_cache_miss_bytes_total", 100.0),
        ("flickreel_cache_hit_ratio", 0.75),
        ("flickreel_cache_evictions_total", 5.0),
        ("flickreel_preload_queue_depth", 2.0),
        ("flickreel_preload_completed_total", 20.0),
        ("flickreel_breaker_trips_total", 9.0),
        ("flickreel_cpu_cores", 0.5),
        ("flickreel_resident_memory_bytes", 240_500_000.0),
        ("flickreel_threads", 40.0),
        ("flickreel_health_status", 1.0),
        ("flickreel_flags_rolled_back", 2.0),
        ("flickreel_ready_videos", 3.0),
    ] {
        assert_eq!(samples.get(name), Some(&value), "{name} in\n{body}");
    }
    let info = format!("flickreel_build_info{{version=\"{}\",profile=\"wifi\",renderer=\"cpu\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(samples.get(&info), Some(&1.0), "{body}");
    let absent = |name: &str| !samples.keys().any(|sample| sample.starts_with(name));
    assert!(absent("flickreel_rebuffer_ratio") && absent("flickreel_cache_disk_bytes"), "what was not measured is left out: {body}");
    assert!(!body.contains("class=\"cached\",quantile"), "{body}");

    let mut newer = published();
    newer.figures.preload.queue = Some(11);
    rig.exporters.publish(newer, Duration::ZERO);
    assert_eq!(parsed(&scrape(address).1).get("flickreel_preload_queue_depth"), Some(&11.0));
}

#[test]
fn before_the_first_figures_there_is_nothing_to_read() {
    let (_rig, address) = start();
    let (head, body) = scrape(address);
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    assert_eq!(body, "There are no figures yet.\n");
}

#[test]
fn a_page_that_leads_a_browser_here_under_its_own_name_reads_nothing() {
    let (mut rig, address) = start();
    rig.exporters.publish(published(), Duration::ZERO);
    let port = address.port();
    for host in [format!("Host: evil.example:{port}\r\n"), format!("Host: 192.168.0.7:{port}\r\n"), "Host: \r\n".into()] {
        let (head, body) = get(address, "/metrics", &host);
        assert!(head.starts_with("HTTP/1.1 403 "), "{host}: {head}");
        assert!(!body.contains("flickreel_"), "{body}");
    }
    for host in [format!("Host: localhost:{port}\r\n"), "Host: 127.0.0.1\r\n".into()] {
        assert!(get(address, "/metrics", &host).0.starts_with("HTTP/1.1 200 "), "{host}");
    }
    assert!(get(address, "/", &format!("Host: {address}\r\n")).0.starts_with("HTTP/1.1 404 "));
}

#[test]
fn the_port_is_open_to_this_machine_alone_and_a_taken_one_leaves_the_others_running() {
    let (rig, address) = start();
    assert!(address.ip().is_loopback());
    let options = ExportOptions { prometheus: Some(address.port()), ..ExportOptions::default() };
    let second = Rig::start(&options, Pace::default());
    assert_eq!(second.exporters.prometheus(), None);
    assert_eq!(second.exporters.figures_due(), None, "nobody wants figures then");
    assert!(scrape(address).0.starts_with("HTTP/1.1 503 "), "the first one goes on");
    drop(rig);
}
