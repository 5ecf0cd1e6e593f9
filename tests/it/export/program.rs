//! The real program with exporters, and without: what leaves it, and which sockets it has.

use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;

use flickreel::export::segment::UsageStore;

use super::rig::{Api, PATIENCE};
use crate::support::desktop::{Display, Program, text, until};

/// Sockets of the internet that the process `id` holds, however they are bound.
fn internet_sockets(id: u32) -> usize {
    let tables = ["tcp", "tcp6", "udp", "udp6"].map(|table| std::fs::read_to_string(format!("/proc/{id}/net/{table}")).unwrap_or_default());
    let inodes: Vec<&str> =
        tables.iter().flat_map(|table| table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(9))).collect();
    let files = std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().flatten();
    let links = files.filter_map(|file| std::fs::read_link(file.path()).ok());
    let own = |link: &std::path::Path| link.to_str().and_then(|link| link.strip_prefix("socket:[")?.strip_suffix(']').map(str::to_owned));
    links.filter_map(|link| own(&link)).filter(|inode| inodes.contains(&inode.as_str())).count()
}

/// What the program answers Prometheus at `address`.
fn scrape(address: &str) -> String {
    let mut answer = String::new();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn value(answer: &str, name: &str) -> Option<f64> {
    answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn the_program_tells_whom_it_was_told_to_tell() {
    let work = tempfile::tempdir().unwrap();
    let socket_path = work.path().join("dsd.socket");
    let collector = UnixDatagram::bind(&socket_path).unwrap();
    collector.set_read_timeout(Some(PATIENCE)).unwrap();
    let api = Api::start(&[]);
    let config = work.path().join("config.toml");
    let export = format!("[export]\nsegment_endpoint = 'http://{}'\nsegment_write_key = 'k'\n", api.host());
    std::fs::write(&config, export).unwrap();
    let dogstatsd = format!("unix:{}", socket_path.display());
    let display = Display::start();
    let arguments = ["--window", "450x800", "-v", "--config", text(&config), "--prometheus", "0", "--dogstatsd", &dogstatsd];
    let mut program = Program::start(&display, &arguments);
    let address = |said: &str| Some(said.split("http://").nth(1)?.split("/metrics").next()?.to_owned());
    assert!(until(|| address(&program.said()).is_some()), "{}", program.said());
    let address = address(&program.said()).unwrap();
    assert!(until(|| value(&scrape(&address), "flickreel_pictures_painted_total").is_some_and(|painted| painted > 5.0)), "it plays");
    assert_eq!(internet_sockets(program.id()), 1, "the port and nothing else");
    let before = value(&scrape(&address), "flickreel_swipes_total");
    assert_eq!(before, Some(0.0));
    display.focus();
    display.key("Down");
    assert!(until(|| value(&scrape(&address), "flickreel_swipes_total") == Some(1.0)), "figures are renewed");
    let store = UsageStore::new(&program.home.path().join("state/flickreel/telemetry"));
    let mut sent = String::new();
    let events = ["feed_page_loaded", "feed_preload_complete", "feed_swipe"];
    let told = until(|| {
        // What waits on the disk, and what has left already.
        sent += &api.bodies();
        let told = store.look().unwrap().events.concat() + &sent;
        events.iter().all(|event| told.contains(event))
    });
    assert!(told, "{:?} {sent}", store.look());
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
    // The last figures leave with the end of the program, fifteen seconds or not.
    let mut bytes = vec![0; 65_536];
    let mut last = String::new();
    collector.set_nonblocking(true).unwrap();
    while let Ok(length) = collector.recv(&mut bytes) {
        last = String::from_utf8(bytes[..length].to_vec()).unwrap();
    }
    assert!(last.contains("feed.pipelines.live:") && last.contains("|#profile:"), "{last}");
}

#[test]
fn a_program_that_was_told_to_tell_nobody_has_no_socket_of_the_internet_and_no_folder_of_events() {
    // It would hear what is sent to the usual place.
    let usual = UdpSocket::bind("127.0.0.1:8125").ok();
    let display = Display::start();
    let mut program = Program::start(&display, &["--window", "450x800", "-v"]);
    assert!(until(|| program.said().contains("rendering with") && display.has_window()), "{}", program.said());
    display.focus();
    display.key("Down");
    let state = program.home.path().join("state/flickreel/state.toml");
    assert_eq!(internet_sockets(program.id()), 0);
    display.key("q");
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
    assert!(!said.contains("Prometheus") && !said.contains("DogStatsD") && !said.contains("usage events"), "{said}");
    assert!(state.exists() && !program.home.path().join("state/flickreel/telemetry").exists());
    if let Some(usual) = usual {
        usual.set_nonblocking(true).unwrap();
        assert!(usual.recv(&mut [0; 10]).is_err(), "nothing was sent");
    }
}

#[test]
fn a_replay_tells_its_figures_and_counts_no_usage() {
    let work = tempfile::tempdir().unwrap();
    let socket_path = work.path().join("dsd.socket");
    let collector = UnixDatagram::bind(&socket_path).unwrap();
    let api = Api::start(&[]);
    let config = work.path().join("config.toml");
    std::fs::write(&config, format!("[export]\nsegment_endpoint = 'http://{}'\nsegment_write_key = 'k'\n", api.host())).unwrap();
    let script = work.path().join("one.toml");
    std::fs::write(&script, "steps = [\"wait 300ms\", \"swipe next\", \"wait 1s\"]\n[thresholds]\nswipes_min = 1\n").unwrap();
    let display = Display::start();
    let dogstatsd = format!("unix:{}", socket_path.display());
    let arguments = ["replay", text(&script), "--window", "450x800", "--config", text(&config), "--dogstatsd", &dogstatsd];
    let mut program = Program::start(&display, &arguments);
    let (status, said) = program.wait();
    assert!(status.success(), "{said}");
    let (mut bytes, mut told) = (vec![0; 65_536], String::new());
    collector.set_nonblocking(true).unwrap();
    while let Ok(length) = collector.recv(&mut bytes) {
        told += std::str::from_utf8(&bytes[..length]).unwrap();
    }
    assert!(told.contains("feed.swipes:1|c|#"), "{told}");
    assert!(!program.home.path().join("state/flickreel/telemetry").exists() && api.is_quiet());
}
