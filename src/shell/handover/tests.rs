//! Both sides of the socket, with a list in place of the window.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};

use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::hear::Hearing;
use super::*;
use crate::cli::StartOptions;

/// A window that is open and notes what it hears.
struct Open {
    _runtime: Runtime,
    hearing: Hearing,
    heard: Receiver<Request>,
}

impl Open {
    fn at(socket: &Path) -> Self {
        let Begin::Window(Some(window)) = begin(Some(socket), None, &CommonOptions::default()) else { panic!("somebody listens") };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (tell, heard) = sync_channel(8);
        let hearing = window.hear(runtime.handle(), move |request| tell.send(request).unwrap()).unwrap();
        Self { _runtime: runtime, hearing, heard }
    }
}

fn socket(home: &TempDir) -> PathBuf {
    home.path().join("run/window.sock")
}

fn asked(from_start: bool, new_window: bool) -> CommonOptions {
    CommonOptions { start: StartOptions { from_start, new_window }, ..CommonOptions::default() }
}

#[test]
fn a_later_start_is_handed_over_and_the_window_hears_what_it_was_asked_for() {
    let home = TempDir::new().unwrap();
    let open = Open::at(&socket(&home));
    let source = Source::Folder("/videos".into());
    assert!(matches!(begin(Some(&socket(&home)), Some(&source), &asked(true, false)), Begin::HandedOver));
    assert_eq!(open.heard.recv().unwrap(), Request::Open { words: vec!["/videos".into()], from_start: true });
    assert!(matches!(begin(Some(&socket(&home)), None, &asked(false, false)), Begin::HandedOver));
    assert_eq!(open.heard.recv().unwrap(), Request::Show);
}

#[test]
fn a_start_that_wants_a_window_of_its_own_or_records_opens_one() {
    let home = TempDir::new().unwrap();
    let open = Open::at(&socket(&home));
    let recording = CommonOptions { record: Some("a.toml".into()), ..CommonOptions::default() };
    for asked in [asked(false, true), recording] {
        assert!(matches!(begin(Some(&socket(&home)), Some(&Source::Sample), &asked), Begin::Window(None)));
    }
    assert!(open.heard.try_recv().is_err());
    assert!(matches!(begin(None, None, &asked(false, false)), Begin::Window(None)), "without a runtime folder");
}

#[test]
fn a_window_that_is_gone_leaves_no_socket_and_one_that_was_killed_a_stale_one_that_is_replaced() {
    let home = TempDir::new().unwrap();
    let Open { hearing, .. } = Open::at(&socket(&home));
    assert!(socket(&home).exists());
    drop(hearing);
    assert!(!socket(&home).exists());
    drop(UnixListener::bind(socket(&home)).unwrap());
    let open = Open::at(&socket(&home));
    assert!(matches!(begin(Some(&socket(&home)), None, &asked(false, false)), Begin::HandedOver));
    assert_eq!(open.heard.recv().unwrap(), Request::Show);
}

#[test]
fn what_is_no_question_is_answered_so_and_the_next_start_is_heard() {
    let home = TempDir::new().unwrap();
    let open = Open::at(&socket(&home));
    for garbage in [&b"\n"[..], b"{}\n", b"\xff\xfe\n", b"{\"ask\":\"explode\"}\n"] {
        let mut stream = UnixStream::connect(socket(&home)).unwrap();
        stream.write_all(garbage).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        assert_eq!(said, "\"not-understood\"\n");
    }
    drop(UnixStream::connect(socket(&home)).unwrap());
    assert!(matches!(begin(Some(&socket(&home)), None, &asked(false, false)), Begin::HandedOver));
    assert_eq!(open.heard.recv().unwrap(), Request::Show);
}

#[test]
fn a_folder_that_others_can_enter_is_not_used() {
    let home = TempDir::new().unwrap();
    let open = Open::at(&socket(&home));
    std::fs::set_permissions(home.path().join("run"), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(begin(Some(&socket(&home)), None, &asked(false, false)), Begin::Window(None)));
    assert!(open.heard.try_recv().is_err());
}

#[test]
fn of_many_that_start_at_once_one_becomes_the_window() {
    let home = TempDir::new().unwrap();
    let socket = socket(&home);
    let start = || match look(&socket).unwrap() {
        Found::Nobody(window) => Some(window),
        Found::Somebody(_) => None,
    };
    let windows: Vec<Window> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        starts.into_iter().filter_map(|start| start.join().unwrap()).collect()
    });
    assert_eq!(windows.len(), 1);
}
