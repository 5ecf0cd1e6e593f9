//! Servers that misbehave: nothing wrong is ever served, and what can be had is had.

use flickreel::cache::Demand;
use flickreel::feed::FailureKind;

use super::rig::{KIB, MIB, Rig, noise, read};
use crate::support::faulty::Fault;

#[test]
fn a_server_without_ranges_is_read_from_its_start() {
    let body = noise(3 * MIB);
    let rig = Rig::new(body.clone());
    rig.server.fault(Fault::NoRanges);
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    assert!(read(&opened, 3 * MIB - 10, 10).unwrap() == body[body.len() - 10..]);
    assert!(read(&opened, 0, 3 * MIB).unwrap() == body);
    assert_eq!(rig.server.requests(), 1);
}

#[test]
fn a_server_without_ranges_waits_for_the_reader() {
    let rig = Rig::new(noise(32 * MIB));
    rig.server.fault(Fault::NoRanges);
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    rig.until(|| opened.reader.ready_from(0) >= MIB);
    read(&opened, 0, 10).unwrap();
    // What lies in the buffers of both sockets is beyond anybody's say.
    assert!(opened.reader.ready_from(0) < 2 * MIB, "{}", opened.reader.ready_from(0));
}

#[test]
fn media_without_a_length_is_read_to_its_end_and_kept() {
    let body = noise(MIB + 17);
    let rig = Rig::new(body.clone());
    rig.server.fault(Fault::NoLength);
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    rig.until(|| rig.opener.is_complete(&rig.item("/v.mp4")));
    let rig = rig.restart();
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    assert_eq!(rig.server.requests(), 1);
}

#[test]
fn a_connection_that_breaks_again_and_again_is_taken_up_where_it_broke() {
    let body = noise(MIB);
    let rig = Rig::impatient(body.clone());
    rig.server.fault(Fault::Breaks(150_000));
    assert!(rig.read_all("/v.mp4").unwrap() == body);
    assert_eq!(rig.server.sent(), MIB, "nothing came twice");
}

#[test]
fn a_body_shorter_than_declared_is_an_error_once_nothing_more_comes() {
    let body = noise(300 * KIB);
    let rig = Rig::impatient(body.clone());
    rig.server.set(|behaviour| {
        behaviour.fault = Fault::Short(1000);
        behaviour.etag = None;
    });
    let failure = rig.read_all("/v.mp4").unwrap_err();
    assert_eq!(failure.kind, FailureKind::Network, "{failure:?}");
}

#[test]
fn an_answer_of_the_server_becomes_its_failure() {
    for (status, kind, requests) in [
        (404, FailureKind::Missing, 1),
        (410, FailureKind::Missing, 1),
        (401, FailureKind::Refused, 1),
        (403, FailureKind::Refused, 1),
        (500, FailureKind::Server, 3),
        (503, FailureKind::Server, 3),
    ] {
        let rig = Rig::impatient(noise(KIB));
        rig.server.fault(Fault::Status(status));
        let failure = rig.read_all("/v.mp4?token=secret").unwrap_err();
        assert_eq!(failure.kind, kind, "{failure:?}");
        assert!(failure.sentence.contains(&status.to_string()), "{failure:?}");
        assert!(!format!("{failure:?}").contains("secret"));
        assert_eq!(rig.server.requests(), requests, "{status}");
    }
}

#[test]
fn no_server_no_end_of_redirects_and_no_answer_are_told() {
    let rig = Rig::impatient(noise(KIB));
    rig.server.fault(Fault::RedirectsForEver);
    let failure = rig.read_all("/v.mp4?token=secret").unwrap_err();
    assert_eq!(failure.kind, FailureKind::Blocked);
    assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
    rig.server.fault(Fault::Silent);
    assert_eq!(rig.read_all("/w.mp4").unwrap_err().kind, FailureKind::Timeout);

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut item = rig.item("/x");
    item.media = flickreel::feed::MediaLocation::Url(format!("http://{closed}/v.mp4?token=secret"));
    let failure = super::rig::open(&rig.opener, item, Demand::Preroll).err().unwrap();
    assert_eq!(failure.kind, FailureKind::Network);
    assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
}

#[test]
fn a_server_that_goes_silent_is_told_and_can_be_asked_again() {
    let body = noise(300 * KIB);
    let rig = Rig::impatient(body.clone());
    rig.server.fault(Fault::Stalls(100_000));
    let opened = rig.open("/v.mp4", Demand::Preroll).unwrap();
    // Each attempt brings 100 000 bytes, but one brings less than a block in the end.
    rig.server.fault(Fault::Stalls(10));
    let failure = read(&opened, 0, 300 * KIB).unwrap_err().into_failure();
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure:?}");
    rig.server.fault(Fault::None);
    assert!(read(&opened, 0, 300 * KIB).unwrap() == body);
}
