//! Both ends of the socket, with somebody other than a cache who answers when the test wants it.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener as StdListener, UnixStream as StdStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;
use crate::cache::control::{AskError, PATIENCE, ask};
use crate::cache::{Cleared, Stats};

const SHORT: Duration = Duration::from_millis(20);

/// An owner that answers `Stats` at once, `Verify` when it is let, `List` with far too much, and panics at `Clear`.
struct Owner {
    home: TempDir,
    _file: SocketFile,
    _runtime: Runtime,
    /// A check has begun.
    begun: Receiver<()>,
    /// Lets one check end.
    finish: SyncSender<()>,
}

impl Owner {
    fn start(limits: Limits) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let home = tempfile::tempdir().unwrap();
        let (begins, begun) = sync_channel(16);
        let (finish, finishes) = sync_channel(16);
        let finishes = Mutex::new(finishes);
        let answer = move |given_up: &AtomicBool, request: &Request, progress: &mut dyn FnMut(u64, u64)| match request {
            Request::Stats => Reply::Stats(Stats { entries: 7, ..Stats::default() }),
            Request::Verify { .. } => {
                progress(1, 3);
                progress(2, 3);
                begins.send(()).unwrap();
                let finishes = finishes.lock().unwrap();
                // One that is given up ends by itself, as the cache's own does.
                while !given_up.load(Ordering::Relaxed) && finishes.recv_timeout(SHORT).is_err() {}
                Reply::Verified(crate::cache::Verified::default())
            }
            Request::List => Reply::Failed { sentence: "x".repeat(8 << 20) },
            Request::Clear => panic!("a test wants this"),
            Request::Pin { .. } | Request::Unpin { .. } => Reply::Cleared(Cleared::default()),
        };
        let path = socket(home.path());
        let (file, listener) = SocketFile::bind(&path).unwrap();
        let listener = runtime.block_on(async { UnixListener::from_std(listener).unwrap() });
        runtime.spawn(accept(listener, Arc::new(answer), limits));
        Self { home, _file: file, _runtime: runtime, begun, finish }
    }

    fn ask(&self, request: &Request) -> Result<Reply, AskError> {
        ask(&[socket(self.home.path())], request, PATIENCE, &mut |_, _| ())
    }

    /// A connection that says `text`.
    fn say(&self, text: &[u8]) -> StdStream {
        let mut stream = StdStream::connect(socket(self.home.path())).unwrap();
        // One that is refused before it has said everything finds the other side gone.
        let _ = stream.write_all(text);
        stream
    }

    fn answers(&self) -> bool {
        matches!(self.ask(&Request::Stats), Ok(Reply::Stats(stats)) if stats.entries == 7)
    }

    /// Waits until a place among the connections is free.
    fn until_it_answers(&self) {
        let until = std::time::Instant::now() + Duration::from_mins(1);
        while !self.answers() {
            assert!(std::time::Instant::now() < until, "every place stays taken");
        }
    }
}

fn socket(home: &Path) -> PathBuf {
    home.join("run/cache-0.sock")
}

fn all_of(mut stream: StdStream) -> String {
    let mut said = Vec::new();
    // Hung up on with what it said unread, it hears of that after the last line.
    let _ = stream.read_to_end(&mut said);
    String::from_utf8(said).unwrap()
}

#[test]
fn what_is_no_question_is_refused_and_the_next_one_is_answered() {
    let owner = Owner::start(LIMITS);
    let too_long = vec![b'x'; usize::try_from(REQUEST_BYTES_MAX).unwrap() + 9];
    for garbage in [&b"\n"[..], b"{}\n", b"\xff\xfe\n", b"{\"command\":\"explode\"}\n", &too_long] {
        let said = all_of(owner.say(garbage));
        assert!(said.contains("\"refused\"") && said.ends_with('\n') && said.lines().count() == 1, "{said}");
        assert!(owner.answers());
    }
}

#[test]
fn somebody_who_says_nothing_is_hung_up_on() {
    let owner = Owner::start(Limits { request: SHORT, ..LIMITS });
    assert_eq!(all_of(owner.say(b"")), "");
    assert_eq!(all_of(owner.say(b"{\"command\":\"stats\"")), "", "half a question");
    owner.until_it_answers();
}

#[test]
fn somebody_who_does_not_listen_is_hung_up_on() {
    let owner = Owner::start(Limits { write: SHORT, ..LIMITS });
    let deaf: Vec<_> = (0..CONNECTIONS_MAX).map(|_| owner.say(b"{\"command\":\"list\"}\n")).collect();
    owner.until_it_answers();
    drop(deaf);
}

#[test]
fn a_question_that_was_given_up_costs_nothing_but_its_place() {
    let owner = Owner::start(LIMITS);
    let given_up = owner.say(b"{\"command\":\"verify\",\"repair\":false}\n");
    owner.begun.recv().unwrap();
    drop(given_up);
    assert!(owner.answers());
    owner.finish.send(()).unwrap();
    assert!(owner.answers());
}

#[test]
fn the_cache_is_told_when_nobody_waits_for_its_answer_any_more() {
    let owner = Owner::start(LIMITS);
    let given_up: Vec<_> = (0..CONNECTIONS_MAX).map(|_| owner.say(b"{\"command\":\"verify\",\"repair\":false}\n")).collect();
    for _ in 0..CONNECTIONS_MAX {
        owner.begun.recv().unwrap();
    }
    drop(given_up);
    // Nobody lets them end: they do because they are told.
    owner.until_it_answers();
}

#[test]
fn beyond_a_few_at_a_time_one_is_told_to_come_later() {
    let owner = Owner::start(LIMITS);
    let waiting: Vec<_> = (0..CONNECTIONS_MAX).map(|_| owner.say(b"{\"command\":\"verify\",\"repair\":true}\n")).collect();
    for _ in 0..CONNECTIONS_MAX {
        owner.begun.recv().unwrap();
    }
    let err = owner.ask(&Request::Stats).unwrap_err();
    assert!(matches!(err, AskError::Refused(_)) && err.retryable(), "{err}");
    for _ in 0..CONNECTIONS_MAX {
        owner.finish.send(()).unwrap();
    }
    for connection in waiting {
        assert!(all_of(connection).ends_with('\n'));
    }
    owner.until_it_answers();
}

#[test]
fn a_long_answer_says_on_the_way_how_far_it_is() {
    let owner = Owner::start(LIMITS);
    let mut heard = Vec::new();
    let reply = ask(&[socket(owner.home.path())], &Request::Verify { repair: false }, PATIENCE, &mut |done, total| {
        heard.push((done, total));
        let _ = owner.finish.try_send(());
    });
    assert_eq!(reply.unwrap(), Reply::Verified(crate::cache::Verified::default()));
    assert!(!heard.is_empty() && heard.iter().all(|heard| *heard == (2, 3)), "only the newest: {heard:?}");
}

#[test]
fn an_answer_that_panics_is_told_as_one_that_could_not_be_given() {
    let owner = Owner::start(LIMITS);
    assert!(matches!(owner.ask(&Request::Clear), Err(AskError::Refused(_))));
    assert!(owner.answers());
}

#[test]
fn an_owner_that_is_silent_gone_or_not_there_is_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let path = socket(home.path());
    let ask = |path: &Path| ask(&[path.to_owned()], &Request::Stats, SHORT, &mut |_, _| ()).unwrap_err();
    assert!(matches!(ask(&path), AskError::NobodyThere), "no folder");
    let (file, listener) = SocketFile::bind(&path).unwrap();
    assert!(matches!(ask(&path), AskError::Silent));
    drop((file, listener));
    drop(StdListener::bind(&path).unwrap());
    assert!(matches!(ask(&path), AskError::NobodyThere), "a stale socket");
    std::fs::remove_file(&path).unwrap();
    let says = |text: &'static [u8]| {
        let listener = StdListener::bind(&path).unwrap();
        let thread = std::thread::Builder::new().name("owner".into()).spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 20];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(text).unwrap();
        });
        let err = ask(&path);
        thread.unwrap().join().unwrap();
        std::fs::remove_file(&path).unwrap();
        err
    };
    assert!(matches!(says(b""), AskError::Gone));
    assert!(matches!(says(b"{\"reply\":\"progress\",\"done\":1,\"total\":2}\n"), AskError::Gone));
    assert!(matches!(says(b"{\"reply\":\"stats\",\"di"), AskError::Gone), "half an answer");
    assert!(matches!(says(b"{\"reply\":\"poem\"}\n"), AskError::NotUnderstood));
}

#[test]
fn a_socket_in_a_folder_that_others_can_enter_is_not_asked() {
    use std::os::unix::fs::PermissionsExt;
    let owner = Owner::start(LIMITS);
    assert!(owner.answers());
    std::fs::set_permissions(owner.home.path().join("run"), std::fs::Permissions::from_mode(0o777)).unwrap();
    let err = owner.ask(&Request::Stats).unwrap_err();
    assert!(matches!(&err, AskError::Io(_)) && err.to_string().contains("open to others"), "{err}");
}
