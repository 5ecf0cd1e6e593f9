//! Starts a process that looks into a video, and hears what it has seen.
//!
//! A clip that brings a decoder down costs its own details: whatever becomes of the process, the server goes on.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout};

use super::facts::Outcome;
use super::video::{Stamp, Video};

/// The process limits itself to 20 s for a video; before these it may have to find out which decoders are installed.
const PROCESS_MAX: Duration = Duration::from_mins(1);
/// A process that has said everything ends within this time, or is ended.
const END_MAX: Duration = Duration::from_secs(2);
/// How often it is asked whether a process has ended.
const ASK_EVERY: Duration = Duration::from_millis(10);
/// Longest answer, in bytes.
const ANSWER_BYTES_MAX: u64 = 16 << 10;
/// Largest poster, in bytes.
const POSTER_BYTES_MAX: u64 = 2 << 20;
/// What the process is told of the server's surroundings; of tokens and keys nothing.
const SURROUNDINGS: [&str; 7] = ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"];

/// Looks into videos.
pub(super) struct Prober {
    program: PathBuf,
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Something was seen.
    Seen,
    /// Nothing could be seen.
    Failed,
    /// The file was written meanwhile.
    Changed,
    /// Through no fault of the file: the process could not be started, or somebody ended it.
    NotNow,
}

/// A process that does not outlive this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, as a rule; then nothing happens.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Prober {
    /// One that has `program` look, which understands `probe FILE [--poster FILE]` and answers with an [`Outcome`] in JSON.
    pub fn new(program: &Path) -> Self {
        Self { program: program.to_owned() }
    }

    /// What there is to be seen in `video`. Its poster is at `poster` afterwards, if it has one.
    ///
    /// # Errors
    /// How it ended, when that says nothing of the video.
    pub async fn look_into(&self, video: &Video, poster: Option<&Path>) -> Result<Outcome, Ended> {
        let made = poster.map(|poster| poster.with_extension("new"));
        let (line, status) = self.run(&video.path, made.as_deref()).await.map_err(|err| {
            tracing::warn!(%err, "videos can’t be looked into at the moment");
            Ended::NotNow
        })?;
        let (path, stamp) = (video.path.clone(), video.stamp());
        let poster = poster.map(Path::to_owned).zip(made);
        let understood = spawn_blocking(move || {
            if Stamp::of(&path) != Some(stamp) {
                return Err(Ended::Changed);
            }
            understand(&line, status, poster)
        });
        understood.await.unwrap_or(Err(Ended::NotNow))
    }

    /// What the process says, and how it ended; `None`: it did not.
    async fn run(&self, video: &Path, poster: Option<&Path>) -> io::Result<(Vec<u8>, Option<ExitStatus>)> {
        let mut command = Command::new(&self.program);
        command.arg("probe").arg(video).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).current_dir("/");
        if let Some(poster) = poster {
            command.arg("--poster").arg(poster);
        }
        let is_told = |name: &OsStr| name.to_str().is_some_and(|name| name.starts_with("GST_") || SURROUNDINGS.contains(&name));
        command.env_clear().envs(env::vars_os().filter(|(name, _)| is_told(name)));
        // Few heaps: each reserves addresses, of which it has not many. And Ctrl-C is for the server.
        command.env("MALLOC_ARENA_MAX", "2").process_group(0);
        let mut running = Running(command.spawn()?);
        let out = running.0.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut line = Vec::new();
        let mut out = Receiver::from_owned_fd(OwnedFd::from(out))?.take(ANSWER_BYTES_MAX);
        let mut status = None;
        if let Ok(read) = timeout(PROCESS_MAX, out.read_to_end(&mut line)).await {
            read?;
            // Whoever has more to say has said too much, and is told.
            drop(out);
            let latest = Instant::now() + END_MAX;
            status = running.0.try_wait()?;
            while status.is_none() && Instant::now() < latest {
                sleep(ASK_EVERY).await;
                status = running.0.try_wait()?;
            }
        }
        // Waiting for the end of one that is killed may take a moment.
        spawn_blocking(move || drop(running)).await.map_err(io::Error::other)?;
        Ok((line, status))
    }
}

/// Makes sense of what a process left. Blocks.
fn understand(line: &[u8], status: Option<ExitStatus>, poster: Option<(PathBuf, PathBuf)>) -> Result<Outcome, Ended> {
    let Ok(outcome) = serde_json::from_slice::<Outcome>(line) else {
        /// SIGHUP, SIGINT, SIGTERM: somebody wanted it to end, who may want the server to end, too.
        const ASKED_TO_END: [i32; 3] = [1, 2, 15];
        return match status.map(|status| (status.signal(), status.code())) {
            Some((Some(signal), _)) if ASKED_TO_END.contains(&signal) => Err(Ended::NotNow),
            Some((Some(signal), _)) => Ok(Outcome::Failed(format!("what looked into it was ended by signal {signal}"))),
            Some((_, Some(code))) => Ok(Outcome::Failed(format!("what looked into it ended with {code}"))),
            _ => Ok(Outcome::Failed("it took too long".to_owned())),
        };
    };
    let Outcome::Seen(mut facts) = outcome else { return Ok(outcome) };
    let is_there = poster.filter(|_| facts.poster_ms.is_some()).is_some_and(|(place, made)| {
        let is_taken = is_jpeg(&made) && fs::rename(&made, &place).is_ok();
        if !is_taken {
            // What is left lies under a name that is written over.
            let _ = fs::remove_file(&made);
        }
        is_taken
    });
    facts.poster_ms = facts.poster_ms.filter(|_| is_there);
    Ok(Outcome::Seen(facts))
}

/// Whether a picture of an acceptable size lies there.
fn is_jpeg(path: &Path) -> bool {
    let mut head = [0; 3];
    let read = File::open(path).and_then(|mut file| {
        file.read_exact(&mut head)?;
        file.metadata()
    });
    read.is_ok_and(|metadata| metadata.len() <= POSTER_BYTES_MAX) && head == [0xff, 0xd8, 0xff]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::catalogue::facts::Facts;
    use std::os::unix::fs::PermissionsExt;
    use tempfile::TempDir;

    /// A folder with a video of one byte and a program that does `script` instead of looking: `$2` is the video, `$4` the poster.
    fn stage(script: &str) -> (TempDir, Prober, Video) {
        let folder = tempfile::tempdir().unwrap();
        let (program, path) = (folder.path().join("probe"), folder.path().join("a.mp4"));
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(&path, "x").unwrap();
        let video = Video { path: path.clone(), ..Video::bare("a.mp4", Stamp::of(&path).unwrap()) };
        (folder, Prober::new(&program), video)
    }

    async fn outcome(script: &str) -> Result<Outcome, Ended> {
        let (folder, prober, video) = stage(script);
        prober.look_into(&video, Some(&folder.path().join("a.jpg"))).await
    }

    fn failed(why: &str) -> Outcome {
        Outcome::Failed(why.to_owned())
    }

    #[tokio::test]
    async fn what_was_seen_is_taken_and_a_poster_only_when_it_is_a_picture() {
        let seen = |poster_ms| Ok(Outcome::Seen(Facts { width: Some(9), poster_ms, ..Facts::default() }));
        let say = r#"echo '{"seen": {"width": 9, "posterMs": 7}}'"#;
        assert_eq!(outcome(say).await, seen(None));
        assert_eq!(outcome(&format!(r#"printf '<svg>' > "$4"; {say}"#)).await, seen(None));
        let (folder, prober, video) = stage(&format!(r#"printf '\377\330\377\340' > "$4"; {say}"#));
        let poster = folder.path().join("a.jpg");
        assert_eq!(prober.look_into(&video, Some(&poster)).await, seen(Some(7)));
        assert_eq!(fs::read(poster).unwrap(), [0xff, 0xd8, 0xff, 0xe0]);
        assert_eq!(prober.look_into(&video, None).await, seen(None));
    }

    #[tokio::test]
    async fn whatever_becomes_of_the_process_is_the_videos_failure_alone() {
        assert_eq!(outcome(r#"echo '{"failed": "noise"}'"#).await, Ok(failed("noise")));
        assert_eq!(outcome("kill -SEGV $$").await, Ok(failed("what looked into it was ended by signal 11")));
        assert_eq!(outcome("exit 7").await, Ok(failed("what looked into it ended with 7")));
        assert_eq!(outcome("echo nonsense").await, Ok(failed("what looked into it ended with 0")));
        // More than is read: it is ended at the pipe.
        assert_eq!(outcome("exec yes").await, Ok(failed("what looked into it was ended by signal 13")));
        // It says nothing more, and stays.
        assert_eq!(outcome("exec sleep 1000 >&-").await, Ok(failed("it took too long")));
    }

    #[tokio::test]
    async fn what_is_not_the_videos_fault_is_not_held_against_it() {
        assert_eq!(outcome("kill -TERM $$").await, Err(Ended::NotNow));
        assert_eq!(outcome(r#"echo more >> "$2"; echo '{"seen": {}}'"#).await, Err(Ended::Changed));
        let (_folder, _, video) = stage("");
        assert_eq!(Prober::new(Path::new("/no/such/program")).look_into(&video, None).await, Err(Ended::NotNow));
    }

    #[tokio::test]
    async fn the_process_hears_nothing_of_tokens() {
        // Cargo's own variables stand for all those that nobody has named.
        let answer = outcome(r#"printf '{"failed": "%s %s"}' "${PATH:+path}" "${CARGO_MANIFEST_DIR:-nothing}""#).await;
        assert_eq!(answer, Ok(failed("path nothing")));
    }
}
