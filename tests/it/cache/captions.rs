//! The worker that fetches and reads captions.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use flickreel::cache::BlobKind;
use flickreel::captions::Track;
use flickreel::feed::{CaptionFile, Failure, FailureKind, MediaLocation};
use flickreel::preload::captions::{CaptionOptions, Wanted, spawn};
use tokio::sync::watch;

use super::rig::{Rig, client};
use crate::support::faulty::Fault;

/// So long is waited for what comes, and nothing here takes so long.
const PATIENCE: Duration = Duration::from_mins(1);

const VTT: &[u8] = b"WEBVTT\n\n00:01.000 --> 00:02.000\nGood morning.\n";

/// The worker, and what it has told.
struct Captions {
    wanted: watch::Sender<Wanted>,
    told: Receiver<(MediaLocation, Result<Arc<Track>, Failure>)>,
}

impl Captions {
    fn start(rig: &Rig) -> Self {
        let (wanted, receiver) = watch::channel::<Wanted>(Arc::from([]));
        let (tell, told) = sync_channel(32);
        let options = CaptionOptions {
            client: client(),
            blobs: rig.opener.blobs(),
            counters: Arc::clone(&rig.counters),
            tell: Arc::new(move |at, result| tell.send((at, result)).unwrap()),
        };
        spawn(rig.runtime.handle(), options, receiver);
        Self { wanted, told }
    }

    fn want(&self, places: &[MediaLocation]) {
        let file = |at: &MediaLocation| CaptionFile { at: at.clone(), language: "en".into(), label: String::new() };
        self.wanted.send_replace(places.iter().map(file).collect());
    }

    fn next(&self) -> (MediaLocation, Result<Arc<Track>, Failure>) {
        self.told.recv_timeout(PATIENCE).unwrap()
    }

    fn kind(&self) -> FailureKind {
        self.next().1.unwrap_err().kind
    }
}

fn url(rig: &Rig, path: &str) -> MediaLocation {
    MediaLocation::Url(rig.server.url(path))
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> MediaLocation {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    MediaLocation::File(path)
}

#[test]
fn captions_come_one_after_the_other_and_once_each() {
    let rig = Rig::new(VTT.to_vec());
    let captions = Captions::start(&rig);
    captions.want(&[url(&rig, "/a.vtt"), url(&rig, "/b.vtt")]);
    let (first, track) = captions.next();
    assert_eq!((first, track.unwrap().len()), (url(&rig, "/a.vtt"), 1));
    assert_eq!(captions.next().0, url(&rig, "/b.vtt"));
    // What is wanted still is not read again; what comes anew is.
    captions.want(&[url(&rig, "/b.vtt"), url(&rig, "/c.vtt")]);
    assert_eq!(captions.next().0, url(&rig, "/c.vtt"));
    assert_eq!(rig.server.requests(), 3);
}

#[test]
fn captions_that_were_fetched_are_there_without_their_server_whatever_their_signature() {
    let rig = Rig::new(VTT.to_vec());
    let captions = Captions::start(&rig);
    captions.want(&[url(&rig, "/a.vtt?token=one")]);
    assert!(captions.next().1.is_ok());
    rig.runtime.block_on(async {
        let (blobs, name) = (rig.opener.blobs(), rig.server.url("/a.vtt"));
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        let kept = async {
            while blobs.get(BlobKind::Captions, &name).await.is_none() {
                tick.tick().await;
            }
        };
        tokio::time::timeout(PATIENCE, kept).await.unwrap();
    });
    let rig = rig.restart();
    rig.server.fault(Fault::Status(503));
    let captions = Captions::start(&rig);
    captions.want(&[url(&rig, "/a.vtt?token=two")]);
    assert_eq!(captions.next().1.unwrap().len(), 1);
    assert_eq!(rig.server.requests(), 1);
}

#[test]
fn captions_that_are_not_to_be_had_are_told_of_with_their_reason() {
    let rig = Rig::new(VTT.to_vec());
    rig.server.fault_for("/gone.vtt", Fault::Status(404));
    rig.server.fault_for("/ill.vtt", Fault::Status(503));
    rig.server.set_for("/page.vtt", |behaviour| behaviour.body = Arc::new(b"<html>404 --> not here</html>".to_vec()));
    rig.server.set_for("/large.vtt", |behaviour| behaviour.body = Arc::new(vec![b'\n'; (2 << 20) + 1]));
    let captions = Captions::start(&rig);
    for (path, kind) in [
        ("/gone.vtt", FailureKind::Missing),
        ("/ill.vtt", FailureKind::Network),
        ("/page.vtt", FailureKind::Corrupt),
        ("/large.vtt", FailureKind::Missing),
    ] {
        captions.want(&[url(&rig, path)]);
        assert_eq!(captions.kind(), kind, "{path}");
    }
    // Another host is not asked, whoever sends us there.
    captions.want(&[MediaLocation::Url("http://10.0.0.1/a.vtt".into())]);
    assert_eq!(captions.kind(), FailureKind::Missing);
    assert_eq!(rig.runtime.block_on(rig.opener.blobs().get(BlobKind::Captions, &rig.server.url("/page.vtt"))), None);
}

#[test]
fn captions_that_nobody_wants_any_more_are_let_go_of() {
    let rig = Rig::new(VTT.to_vec());
    rig.server.open_gate(false);
    let captions = Captions::start(&rig);
    captions.want(&[url(&rig, "/a.vtt")]);
    rig.until_requests(1);
    let folder = tempfile::tempdir().unwrap();
    let here = file(folder.path(), "b.srt", b"1\n00:00:01,000 --> 00:00:02,000\n\xc7a va?\n");
    captions.want(std::slice::from_ref(&here));
    let (at, track) = captions.next();
    assert_eq!(at, here);
    let told: Vec<String> = track.unwrap().at(Duration::from_millis(1500)).map(|cue| cue.text()).collect();
    assert_eq!(told, ["Ça va?"]);
    rig.until(|| rig.counters.snapshot().network_active == 0);
}

#[test]
fn a_file_that_cannot_be_read_is_told_of() {
    let rig = Rig::new(VTT.to_vec());
    let folder = tempfile::tempdir().unwrap();
    let captions = Captions::start(&rig);
    captions.want(&[MediaLocation::File(folder.path().join("none.srt"))]);
    assert_eq!(captions.kind(), FailureKind::Unreadable);
    // A folder, as good as a pipe that nobody writes to: neither is opened.
    captions.want(&[MediaLocation::File(folder.path().to_owned())]);
    assert_eq!(captions.kind(), FailureKind::Unreadable);
    captions.want(&[file(folder.path(), "empty.srt", b"")]);
    assert_eq!(captions.kind(), FailureKind::Corrupt);
}
