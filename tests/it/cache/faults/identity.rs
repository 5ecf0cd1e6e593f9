//! Rows 31, 32, 34 and 38: what media is known by. Row 33, two keys of one hash, is tested where keys are made.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use flickreel::cache::{Availability, BlobKind, CacheKey, Demand};
use flickreel::feed::{FailureKind, Item};
use sha2::{Digest, Sha256};

use crate::cache::rig::{Dir, KIB, MIB, Rig, impatient, noise, open, read, rows};
use crate::support::faulty::Fault;

#[test]
fn row_31_a_new_signature_is_the_same_media() {
    let rig = Rig::new(noise(300 * KIB));
    let signed = [
        "/v.mp4?X-Amz-Signature=old&X-Amz-Date=20240101T000000Z&X-Amz-Expires=1",
        "/v.mp4?X-Amz-Signature=new&X-Amz-Date=20250101T000000Z&X-Amz-Expires=2",
        "/v.mp4?Expires=1&Signature=abc&Key-Pair-Id=k",
        "/v.mp4?token=t&exp=5",
        "/v.mp4?se=2030&sp=r&sv=2022&sig=s",
        "/v.mp4",
    ];
    for path in signed {
        rig.read_all(path).unwrap();
        rig.until_quiet();
    }
    assert_eq!(rig.server.requests(), 1);
    let rig = rig.restart();
    for path in signed {
        assert!(rig.open(path, Demand::Preroll).unwrap().from_cache, "{path}");
    }
    rig.read_all("/v.mp4?rendition=2&token=t").unwrap();
    assert_eq!(rig.server.requests(), 2, "anything else is other media");
}

#[test]
fn row_31_the_newest_signature_is_the_one_that_is_sent() {
    let body = noise(4 * MIB);
    let rig = Rig::new(body.clone());
    let opened = rig.open("/v.mp4?token=old", Demand::Preroll).unwrap();
    rig.until(|| opened.reader.ready_from(0) == MIB);
    rig.until_quiet();
    drop(rig.open("/v.mp4?token=new", Demand::Preroll).unwrap());
    assert!(read(&opened, 0, 4 * MIB).unwrap() == body);
    assert!(rig.server.seen()[1..].iter().all(|seen| seen.path == "/v.mp4?token=new"), "{:?}", rig.server.seen());
}

#[test]
fn row_32_the_same_address_with_other_rights_is_another_key() {
    let of = |scope| CacheKey::of_url("https://a.example/v.mp4?id=1", scope).unwrap();
    let scopes = ["", "alice", "bob", "alic", "e", "\0"];
    for (at, one) in scopes.iter().enumerate() {
        for other in &scopes[at + 1..] {
            assert_ne!(of(one), of(other), "{one:?} {other:?}");
        }
        assert_eq!(of(one), of(one));
    }
    // What belongs to the address and what belongs to the rights does not run together.
    assert_ne!(CacheKey::new("url", "a", "bc"), CacheKey::new("url", "ab", "c"));
    assert_ne!(CacheKey::new("page", "a", ""), CacheKey::new("poster", "a", ""));
}

/// Everything below a folder.
fn below(dir: &Path) -> BTreeSet<PathBuf> {
    let children: Vec<_> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    children.iter().cloned().chain(children.iter().filter(|path| path.is_dir()).flat_map(|path| below(path))).collect()
}

#[test]
fn row_34_names_that_are_paths_or_no_text_become_hashes() {
    let outside = tempfile::tempdir().unwrap();
    let rig = Rig::at(Dir::at(&outside.path().join("a/b")), noise(KIB), 100 * MIB, impatient());
    let long = format!("/{}.mp4", "x".repeat(4096));
    let names = [
        "/../../../escape.mp4",
        "/..%2f..%2f..%2fescape.mp4",
        "/%2e%2e/%2e%2e/escape.mp4",
        "/a/b/../../c.mp4",
        "/%00.mp4",
        "/%ff%fe%80.mp4",
        "/con.mp4?../../escape",
        "/..",
        "/.",
        "/index",
        "/lock",
        "/data",
        "/CACHEDIR.TAG",
        long.as_str(),
    ];
    for name in names {
        assert!(rig.read_all(name).unwrap() == noise(KIB), "{name}");
    }
    let blobs = rig.opener.blobs();
    let very_long = "x".repeat(4096);
    for name in ["../../../escape", "/etc/passwd", "\0", "", ".", "a\nb", very_long.as_str()] {
        let stored = rig.runtime.block_on(async {
            blobs.put(BlobKind::Poster, name, name, name.as_bytes().iter().copied().chain([7]).collect()).await;
            blobs.get(BlobKind::Poster, name).await
        });
        assert_eq!(stored.unwrap(), [name.as_bytes(), &[7]].concat());
    }
    rig.settle();
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        let (prefix, id) = name.split_once('.').unwrap();
        [prefix, id].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)))
    };
    assert!(rig.files().iter().all(ours), "{:?}", rig.files());
    let prefixes: BTreeSet<_> = rig.files().iter().map(|path| path.file_stem().unwrap().to_owned()).collect();
    assert_eq!(prefixes.len(), rig.files().len(), "addresses that begin alike have names that do not");
    let expected: BTreeSet<_> = ["a", "a/b", "a/b/cache", "a/b/cache/CACHEDIR.TAG", "a/b/cache/data", "a/b/cache/index", "a/b/cache/lock"]
        .iter()
        .map(|path| outside.path().join(path))
        .chain(rig.files())
        .collect();
    assert_eq!(below(outside.path()), expected, "nothing lies anywhere else");
    assert!(rows(&rig.disk()).iter().all(|row| !row.label.contains(|sign: char| sign.is_control())));
    drop(blobs);
    let rig = rig.restart();
    let requests = rig.server.requests();
    for name in names {
        rig.read_all(name).unwrap();
    }
    assert_eq!(rig.server.requests(), requests);
}

/// An item whose feed says that its media has this SHA-256.
fn promised(rig: &Rig, path: &str, media: &[u8]) -> Item {
    Item { sha256: Some(Sha256::digest(media).into()), ..rig.item(path) }
}

fn read_promised(rig: &Rig, item: &Item) -> Result<Vec<u8>, FailureKind> {
    rig.opener.note_shown(&item.id);
    let opened = open(&rig.opener, item.clone(), Demand::Playing).map_err(|failure| failure.kind)?;
    read(&opened, 0, opened.reader.len()).map_err(|err| err.into_failure().kind)
}

#[test]
fn row_38_media_that_is_not_what_the_feed_promised_is_refused() {
    let body = noise(3 * MIB + 5);
    let rig = Rig::with(body.clone(), 100 * MIB, impatient());
    let item = promised(&rig, "/v.mp4", &noise(3 * MIB + 6));
    let _ = read_promised(&rig, &item);
    rig.until_quiet();
    // Whether or not its last bytes were read before it was all there, nothing of it is there any more.
    rig.until(|| rig.opener.availability(&item) == Availability::None);
    rig.settle();
    assert_eq!((rig.stats().entries, rig.files().len()), (0, 0));
    rig.assert_bounded();
    // A wrong one is asked for when somebody wants it, and not over and over.
    assert_eq!(rig.server.requests(), 1);
    let opened = open(&rig.opener, item.clone(), Demand::Preroll).unwrap();
    opened.reader.set_demand(Demand::Playing);
    rig.until(|| opened.reader.read_at(0, &mut [0; 10]).is_err());
    let failure = opened.reader.read_at(0, &mut [0; 10]).unwrap_err().into_failure();
    assert_eq!((failure.kind, failure.sentence.as_str()), (FailureKind::Corrupt, "The video is not the one that the feed promised."));
    drop(opened);
    rig.until_quiet();
    let requests = rig.server.requests();
    assert!(requests <= 3, "{requests}");
    // And when the server has the right one, that is played.
    let rig = rig.restart();
    let right = promised(&rig, "/v.mp4", &body);
    assert!(read_promised(&rig, &right).unwrap() == body);
}

#[test]
fn row_38_media_that_was_stored_before_the_feed_promised_another_is_refused() {
    let body = noise(MIB);
    let rig = Rig::with(body.clone(), 100 * MIB, impatient());
    rig.read_all("/v.mp4").unwrap();
    let rig = rig.restart();
    // The server has the promised one by now, of the same length and without a word about it.
    let new = noise(MIB + 1)[..1024 * 1024].to_vec();
    rig.server.set(|behaviour| behaviour.body = std::sync::Arc::new(new.clone()));
    let item = promised(&rig, "/v.mp4", &new);
    assert!(read_promised(&rig, &item).unwrap() == new, "not a byte of the old one");
    rig.settle();
    let rig = rig.restart();
    assert!(read_promised(&rig, &item).unwrap() == new);
    assert_eq!(rig.server.requests(), 2);
}

#[test]
fn row_38_media_that_is_what_the_feed_promised_is_kept_however_it_came() {
    let body = noise(2 * MIB + 5);
    for fault in [Fault::None, Fault::NoRanges, Fault::NoLength, Fault::Breaks(700_000)] {
        let rig = Rig::with(body.clone(), 100 * MIB, impatient());
        rig.server.fault(fault);
        let item = promised(&rig, "/v.mp4", &body);
        assert!(read_promised(&rig, &item).unwrap() == body, "{fault:?}");
        rig.settle();
        let requests = rig.server.requests();
        let rig = rig.restart();
        assert!(read_promised(&rig, &item).unwrap() == body, "{fault:?}");
        assert!(rig.opener.is_complete(&item));
        assert_eq!(rig.server.requests(), requests);
    }
}
