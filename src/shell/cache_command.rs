//! `flickreel cache`: asks the disk cache, or the Flickreel that uses it, and tells the answer as text or JSON.

mod text;

pub(super) use text::plain;

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use super::folders::Folders;
use crate::cache::control::{AskError, PATIENCE, ask, sockets};
use crate::cache::{Cleared, DiskCache, DiskError, DiskOptions, Reply, Request, Stats, Verified};
use crate::cli::{CacheQuestion, CacheWords};
use crate::config::Settings;

/// Status of a check that found something, and of an id that means nothing.
const FOUND_WRONG: u8 = 1;
/// Status of what could not be done.
const COULD_NOT_RUN: u8 = 2;
/// An owner that has only just taken the cache's lock listens within this.
const OWNER_LISTENS_WITHIN: Duration = Duration::from_secs(2);
/// Between two looks at a cache whose owner does not listen.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);
/// The least time between two pictures of the progress.
const PAINT_EVERY: Duration = Duration::from_millis(100);
const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

/// What is told in the end.
struct Told {
    reply: Reply,
    status: u8,
}

impl Told {
    fn failed(status: u8, sentence: impl Into<String>) -> Self {
        Self { reply: Reply::Failed { sentence: sentence.into() }, status }
    }
}

/// Does what the words ask for. The status is 0 when it was done, 1 when a check found something or no single
/// entry has the id, else 2.
#[must_use]
pub fn run(settings: &Settings, folders: &Folders, words: &CacheWords) -> ExitCode {
    let request = request(&words.question);
    let told = if is_absent(&settings.cache_dir) {
        of_nothing(&request, settings)
    } else {
        let mut progress = Progress::new();
        let answered = answer(settings, folders, &request, &mut |done, total| progress.paint(done, total));
        progress.wipe();
        match answered {
            Ok(reply) => Told { status: status(&request, &reply), reply },
            Err(sentence) => Told::failed(COULD_NOT_RUN, sentence),
        }
    };
    tell(&request, &told, settings, words.json)
}

/// The command cannot run at all: tells why, as every other failure is told.
#[must_use]
pub fn refuse(sentence: &str, json: bool) -> ExitCode {
    let told = Told::failed(COULD_NOT_RUN, sentence);
    eprintln!("flickreel: {sentence}");
    ExitCode::from(if json { print(&json_line(&told.reply), told.status) } else { told.status })
}

fn request(question: &CacheQuestion) -> Request {
    match question {
        CacheQuestion::Stats => Request::Stats,
        CacheQuestion::List => Request::List,
        CacheQuestion::Verify { repair } => Request::Verify { repair: *repair },
        CacheQuestion::Clear => Request::Clear,
        CacheQuestion::Pin { id } => Request::Pin { id: id.clone() },
        CacheQuestion::Unpin { id } => Request::Unpin { id: id.clone() },
    }
}

/// Whether there has never been a cache in `dir`. To open one would make it, and would take a folder that was
/// named by mistake for one.
fn is_absent(dir: &Path) -> bool {
    let missing = |name| std::fs::symlink_metadata(dir.join(name)).is_err_and(|err| err.kind() == io::ErrorKind::NotFound);
    missing("lock") && missing("index")
}

fn of_nothing(request: &Request, settings: &Settings) -> Told {
    let dir = settings.cache_dir.clone();
    let reply = match request {
        Request::Stats => {
            let max_age_days = settings.cache_max_age.as_secs() / SECONDS_PER_DAY;
            Reply::Stats(Stats { dir, cap_bytes: settings.cache_cap, max_age_days, ..Stats::default() })
        }
        Request::List => Reply::List { entries: Vec::new() },
        Request::Verify { .. } => Reply::Verified(Verified::default()),
        Request::Clear => Reply::Cleared(Cleared::default()),
        Request::Pin { id } | Request::Unpin { id } => {
            return Told::failed(FOUND_WRONG, format!("no entry has the id {id}: there is no cache in {} yet", dir.display()));
        }
    };
    Told { reply, status: 0 }
}

/// Asks the cache itself, or the process that has it.
fn answer(settings: &Settings, folders: &Folders, request: &Request, progress: &mut dyn FnMut(u64, u64)) -> Result<Reply, String> {
    let dir = &settings.cache_dir;
    let until = Instant::now() + OWNER_LISTENS_WITHIN;
    loop {
        let options = DiskOptions { cap_bytes: settings.cache_cap, max_age: settings.cache_max_age, now: SystemTime::now() };
        match DiskCache::open(dir, options) {
            Ok(cache) => return Ok(cache.answer(request, progress)),
            Err(DiskError::InUse(_)) => {}
            Err(err) => return Err(err.to_string()),
        }
        let places = sockets(&folders.sockets, dir).map_err(|err| format!("the cache in {} cannot be found: {err}", dir.display()))?;
        match ask(&places, request, PATIENCE, progress) {
            Ok(reply) => return Ok(reply),
            // It does not listen yet, or it has just ended and the cache is free.
            Err(AskError::NobodyThere | AskError::Gone) if Instant::now() < until => {
                #[expect(clippy::disallowed_methods, reason = "nobody tells when another process listens or ends")]
                std::thread::sleep(LOOK_AGAIN_AFTER);
            }
            Err(err) => return Err(format!("the cache in {} is in use by another process, {err}", dir.display())),
        }
    }
}

fn status(request: &Request, reply: &Reply) -> u8 {
    match (request, reply) {
        (Request::Pin { .. } | Request::Unpin { .. }, Reply::Failed { .. }) => FOUND_WRONG,
        (_, Reply::Failed { .. }) => COULD_NOT_RUN,
        (_, Reply::Verified(verified)) if !verified.is_sound() => FOUND_WRONG,
        _ => 0,
    }
}

/// Tells the answer on standard output; a failure on standard error, too.
fn tell(request: &Request, told: &Told, settings: &Settings, json: bool) -> ExitCode {
    let mut text = String::new();
    if let Reply::Failed { sentence } = &told.reply {
        eprintln!("flickreel: {}", text::plain(sentence));
    } else if !json {
        text = text::of(request, &told.reply, &settings.cache_dir, terminal_columns());
    }
    if json {
        text = json_line(&told.reply);
    }
    ExitCode::from(print(&text, told.status))
}

/// Writes to standard output. A reader that has gone, such as `head`, has what it wanted.
fn print(text: &str, status: u8) -> u8 {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(err) if err.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("flickreel: the answer could not be written: {err}");
            COULD_NOT_RUN
        }
        _ => status,
    }
}

/// One line of JSON that a terminal can show: what JSON lets stand and a terminal obeys is escaped.
fn json_line(reply: &Reply) -> String {
    let mut line = String::new();
    // A reply has string keys and does no I/O: it always becomes JSON.
    for sign in serde_json::to_string(reply).unwrap_or_default().chars() {
        if text::is_harmless(sign) {
            line.push(sign);
        } else {
            let mut units = [0; 2];
            for unit in sign.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(line, "\\u{unit:04x}");
            }
        }
    }
    line.push('\n');
    line
}

/// The width of the terminal that standard output is; `None` when it is none.
fn terminal_columns() -> Option<usize> {
    let out = io::stdout();
    let columns = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out).ok())??.ws_col;
    (columns > 0).then_some(usize::from(columns))
}

/// How far a long answer is, on one line of standard error that is painted over and over.
struct Progress {
    on: bool,
    painted: Option<Instant>,
}

impl Progress {
    fn new() -> Self {
        Self { on: io::stderr().is_terminal(), painted: None }
    }

    fn paint(&mut self, done: u64, total: u64) {
        if self.on && total > 0 && self.painted.is_none_or(|last| last.elapsed() >= PAINT_EVERY) {
            self.painted = Some(Instant::now());
            eprint!("\r\x1b[K{}", text::progress(done, total));
        }
    }

    fn wipe(&self) {
        if self.painted.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_says_how_it_went() {
        let verify = Request::Verify { repair: true };
        let found = |bad_blocks| Reply::Verified(Verified { bad_blocks, repaired: true, ..Verified::default() });
        let failed = || Reply::Failed { sentence: "no".into() };
        let pin = Request::Pin { id: "0".into() };
        for (request, reply, expected) in [
            (&verify, found(0), 0),
            (&verify, found(1), 1),
            (&verify, failed(), 2),
            (&pin, failed(), 1),
            (&pin, Reply::Entry(crate::cache::Row::default()), 0),
            (&Request::Stats, failed(), 2),
        ] {
            assert_eq!(status(request, &reply), expected, "{request:?} {reply:?}");
        }
    }

    #[test]
    fn json_is_one_line_that_a_terminal_can_show_and_says_the_same() {
        let reply = Reply::Failed { sentence: "a\n\u{1b}[2J\u{9b}2J\u{202e}\u{e0041}\u{7f} ü".into() };
        let line = json_line(&reply);
        assert!(line.ends_with('\n') && line.trim_end().chars().all(text::is_harmless), "{line:?}");
        assert!(line.contains('ü'), "{line}");
        assert_eq!(serde_json::from_str::<Reply>(&line).unwrap(), reply);
    }

    #[test]
    fn a_folder_that_is_no_cache_is_told_from_one_that_is() {
        let home = tempfile::tempdir().unwrap();
        assert!(is_absent(&home.path().join("none")));
        assert!(is_absent(home.path()));
        std::fs::write(home.path().join("lock"), "").unwrap();
        assert!(!is_absent(home.path()));
    }
}
