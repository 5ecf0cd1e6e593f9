//! The owner of a disk cache is asked over its socket, as another process asks it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use flickreel::cache::control::{AskError, PATIENCE, Serving, ask, serve, sockets};
use flickreel::cache::{Reply, Request, Timeouts};

use super::rig::{KIB, MIB, Rig, new_opener, noise, runtime};

const CAP: u64 = 20 * MIB;
const DIR: &str = "FLICKREEL_TEST_OWNER_DIR";

/// What the killed process does: owns the cache and answers, for ever. Does nothing as a test.
#[test]
fn owns_until_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let (dir, runtime) = (PathBuf::from(dir), runtime());
    let (opener, _) = new_opener(&runtime, Some(&dir), CAP, Timeouts::default());
    let _serving = serve(runtime.handle(), &opener, folders(&dir), dir.join("cache"));
    runtime.block_on(std::future::pending::<()>());
}

fn spawn(dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "cache::control::owns_until_killed", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    vec![dir.join("first"), dir.join("second")]
}

fn serving(rig: &Rig) -> Serving {
    serve(rig.runtime.handle(), &rig.opener, folders(rig.dir.path()), rig.dir.path().join("cache"))
}

/// Asks at all the places there may be; an owner that is only just starting is none yet.
fn question(dir: &Path, request: &Request) -> Result<Reply, AskError> {
    let places = sockets(&folders(dir), &dir.join("cache")).map_err(|_| AskError::NobodyThere)?;
    ask(&places, request, PATIENCE, &mut |_, _| ())
}

fn until_answered(rig: &Rig, dir: &Path) -> Reply {
    rig.until(|| question(dir, &Request::Stats).is_ok());
    question(dir, &Request::Stats).unwrap()
}

fn is_socket_in(dir: &Path, folder: &str) -> bool {
    fs::read_dir(dir.join(folder)).is_ok_and(|mut entries| entries.next().is_some())
}

#[test]
fn the_owner_answers_while_it_is_kept_and_leaves_no_socket() {
    let rig = Rig::with(noise(100 * KIB), CAP, Timeouts::default());
    let serving = serving(&rig);
    until_answered(&rig, rig.dir.path());
    assert!(is_socket_in(rig.dir.path(), "first") && !is_socket_in(rig.dir.path(), "second"));
    assert_eq!(fs::metadata(rig.dir.path().join("first")).unwrap().permissions().mode() & 0o777, 0o700);
    drop(serving);
    assert!(!is_socket_in(rig.dir.path(), "first"));
    assert!(matches!(question(rig.dir.path(), &Request::Stats), Err(AskError::NobodyThere)));
}

#[test]
fn a_runtime_folder_that_others_can_enter_is_passed_over() {
    let rig = Rig::with(noise(100 * KIB), CAP, Timeouts::default());
    let first = rig.dir.path().join("first");
    fs::create_dir(&first).unwrap();
    fs::set_permissions(&first, fs::Permissions::from_mode(0o755)).unwrap();
    let _serving = serving(&rig);
    rig.until(|| is_socket_in(rig.dir.path(), "second"));
    assert!(!is_socket_in(rig.dir.path(), "first"));
    let second = [rig.dir.path().join("second")];
    rig.until(|| {
        let places = sockets(&second, &rig.dir.path().join("cache")).unwrap();
        ask(&places, &Request::Stats, PATIENCE, &mut |_, _| ()).is_ok()
    });
}

#[test]
fn a_place_that_is_too_long_for_a_socket_is_passed_over() {
    let rig = Rig::with(noise(100 * KIB), CAP, Timeouts::default());
    let folders = vec![rig.dir.path().join("long".repeat(30)), rig.dir.path().join("second")];
    let _serving = serve(rig.runtime.handle(), &rig.opener, folders, rig.dir.path().join("cache"));
    until_answered(&rig, rig.dir.path());
}

#[test]
fn only_the_process_that_has_the_cache_listens() {
    let rig = Rig::with(noise(100 * KIB), CAP, Timeouts::default());
    rig.runtime.block_on(rig.opener.disk()).unwrap();
    let (second, _) = new_opener(&rig.runtime, Some(rig.dir.path()), CAP, Timeouts::default());
    let second_serving = serve(rig.runtime.handle(), &second, folders(rig.dir.path()), rig.dir.path().join("cache"));
    assert!(rig.runtime.block_on(second.disk()).is_none());
    let _serving = serving(&rig);
    until_answered(&rig, rig.dir.path());
    drop(second_serving);
    assert!(question(rig.dir.path(), &Request::Stats).is_ok(), "the socket of the owner stays");
}

#[test]
fn the_socket_of_a_killed_owner_is_replaced_by_the_next() {
    // Its cache lies elsewhere, so that the folder is free for the processes.
    let rig = Rig::with(noise(100 * KIB), CAP, Timeouts::default());
    let dir = tempfile::tempdir().unwrap();
    for kill in 0..3 {
        let mut child = spawn(dir.path());
        until_answered(&rig, dir.path());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_socket_in(dir.path(), "first"), "kill {kill}: it could not clean up");
        assert!(matches!(question(dir.path(), &Request::Stats), Err(AskError::NobodyThere)));
    }
    let (opener, _) = new_opener(&rig.runtime, Some(dir.path()), CAP, Timeouts::default());
    let serving = serve(rig.runtime.handle(), &opener, folders(dir.path()), dir.path().join("cache"));
    until_answered(&rig, dir.path());
    drop(serving);
    assert!(!is_socket_in(dir.path(), "first"));
}
