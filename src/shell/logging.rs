//! What is logged and where: sentences on standard error, a log file in the state folder, and panics in both.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// The log is begun anew beyond this; one previous file is kept.
const LOG_MAX_BYTES: u64 = 1_000_000;
/// Lines that may wait for the disk. More are dropped and counted: a slow disk never holds the UI thread up.
const QUEUED_LINES: usize = 1024;
/// How long the end of the program waits for the last lines.
const FLUSH_WAIT: Duration = Duration::from_secs(1);
/// Sets what is logged, in the syntax of `tracing_subscriber::EnvFilter`.
const FILTER_VARIABLE: &str = "FLICKREEL_LOG";

static WRITER: OnceLock<LogWriter> = OnceLock::new();

enum Line {
    Text(Vec<u8>),
    Flush(SyncSender<()>),
}

/// Writes out what is still queued when it is dropped.
#[must_use = "the last lines are written when this is dropped"]
#[derive(Debug)]
pub struct LogGuard(());

impl Drop for LogGuard {
    fn drop(&mut self) {
        flush();
    }
}

/// Starts logging: to standard error by `verbose` (0 warnings, 1 information, 2 details), and to `log_file`.
/// To be called once, first thing. Without a log file the program runs on, and says so.
pub fn start(verbose: u8, log_file: Option<&Path>) -> LogGuard {
    let by_variable = std::env::var(FILTER_VARIABLE).ok().filter(|filter| !filter.is_empty());
    let filter = |usual: &str| match &by_variable {
        Some(chosen) => EnvFilter::builder().parse_lossy(chosen),
        None => EnvFilter::new(usual),
    };
    let on_stderr = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_target(verbose > 1)
        .without_time()
        .with_filter(filter(stderr_filter(verbose)));
    let opened = log_file.map(|path| LogFile::open(path, LOG_MAX_BYTES).and_then(LogWriter::start));
    let (writer, problem) = match opened {
        Some(Ok(writer)) => (Some(WRITER.get_or_init(|| writer).clone()), None),
        Some(Err(err)) => (None, Some(err)),
        None => (None, None),
    };
    let in_file = writer
        .map(|writer| tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false).with_filter(filter("warn,flickreel=info")));
    // Refused only when a subscriber is already there, as in a test: then that one is meant to be used.
    let _ = tracing_subscriber::registry().with(on_stderr).with(in_file).try_init();
    if let (Some(err), Some(path)) = (problem, log_file) {
        tracing::warn!("no log file: {} cannot be written: {err}", path.display());
    }
    log_panics();
    LogGuard(())
}

fn stderr_filter(verbose: u8) -> &'static str {
    match verbose {
        0 => "warn",
        1 => "warn,flickreel=info",
        _ => "info,flickreel=debug",
    }
}

/// A panic on any thread is logged where testers look for it, with a backtrace when `RUST_BACKTRACE` asks for one.
fn log_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // The usual hook writes to standard error by itself; the file gets the same sentence.
        if let Some(writer) = WRITER.get() {
            let backtrace = match std::backtrace::Backtrace::capture() {
                trace if trace.status() == std::backtrace::BacktraceStatus::Captured => format!("\n{trace}"),
                _ => String::new(),
            };
            let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
            let _ = writeln!(writer.clone(), "PANIC in thread '{thread}': {panic}{backtrace}");
            flush();
        }
        usual(panic);
    }));
}

/// Waits until what is queued is in the file, but not for ever.
fn flush() {
    if let Some(writer) = WRITER.get() {
        let (done, wait) = sync_channel(1);
        if writer.lines.try_send(Line::Flush(done)).is_ok() {
            // Too late is as good as never: the program is ending.
            let _ = wait.recv_timeout(FLUSH_WAIT);
        }
    }
}

/// Hands lines to the thread that owns the file.
#[derive(Clone)]
struct LogWriter {
    lines: SyncSender<Line>,
    dropped: Arc<AtomicU64>,
}

impl LogWriter {
    fn start(file: LogFile) -> io::Result<Self> {
        let (lines, queue) = sync_channel(QUEUED_LINES);
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&dropped);
        std::thread::Builder::new().name("log-writer".into()).spawn(move || write_lines(file, &queue, &counted))?;
        Ok(Self { lines, dropped })
    }
}

impl Write for LogWriter {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(Line::Text(text.to_vec())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LogWriter {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn write_lines(mut file: LogFile, queue: &Receiver<Line>, dropped: &AtomicU64) {
    while let Ok(line) = queue.recv() {
        let missing = dropped.swap(0, Ordering::Relaxed);
        // A log that cannot be written has nowhere to say so; the program matters more.
        let _ = match line {
            Line::Text(text) if missing == 0 => file.append(&text),
            Line::Text(text) => file.append(format!("({missing} lines were dropped here)\n").as_bytes()).and_then(|()| file.append(&text)),
            Line::Flush(done) => done.try_send(()).map_err(io::Error::other),
        };
    }
}

/// A file that is put aside when it has grown enough.
struct LogFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    max_bytes: u64,
}

impl LogFile {
    fn open(path: &Path, max_bytes: u64) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let bytes = file.metadata()?.len();
        let mut log = Self { path: path.to_owned(), file, bytes, max_bytes };
        if log.bytes > max_bytes {
            log.put_aside()?;
        }
        Ok(log)
    }

    fn append(&mut self, text: &[u8]) -> io::Result<()> {
        let length = text.len() as u64;
        if self.bytes > 0 && self.bytes + length > self.max_bytes {
            self.put_aside()?;
        }
        self.bytes += length;
        self.file.write_all(text)
    }

    fn put_aside(&mut self) -> io::Result<()> {
        fs::rename(&self.path, self.path.with_extension("log.1"))?;
        self.file = OpenOptions::new().append(true).create(true).open(&self.path)?;
        self.bytes = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_grew_enough_is_put_aside_and_one_previous_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/flickreel.log");
        let mut log = LogFile::open(&path, 10).unwrap();
        for line in ["one---\n", "two---\n", "three-\n"] {
            log.append(line.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "three-\n");
        assert_eq!(fs::read_to_string(path.with_extension("log.1")).unwrap(), "two---\n");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2);
    }

    #[test]
    fn a_log_of_an_earlier_run_is_continued_until_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flickreel.log");
        LogFile::open(&path, 100).unwrap().append(b"first run\n").unwrap();
        LogFile::open(&path, 100).unwrap().append(b"second run\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "first run\nsecond run\n");
        LogFile::open(&path, 5).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }

    #[test]
    fn queued_lines_are_in_the_file_once_a_flush_is_answered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flickreel.log");
        let mut writer = LogWriter::start(LogFile::open(&path, LOG_MAX_BYTES).unwrap()).unwrap();
        writer.write_all(b"a line\n").unwrap();
        let (done, wait) = sync_channel(1);
        writer.lines.send(Line::Flush(done)).unwrap();
        wait.recv().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a line\n");
    }

    #[test]
    fn more_is_said_the_more_often_it_is_asked_for() {
        assert_eq!([0, 1, 2, 9].map(stderr_filter), ["warn", "warn,flickreel=info", "info,flickreel=debug", "info,flickreel=debug"]);
    }
}
