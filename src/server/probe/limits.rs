//! What the process may use, so that a clip that was made to cost much costs little.

use std::io;
use std::process;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setpriority_process, setrlimit};

/// Time for one video, on the clock and of one core.
const TIME: Duration = Duration::from_secs(20);
/// Addresses, in bytes: the frames of 8K that a decoder keeps for reference, and as much again.
const ADDRESSES_BYTES: u64 = 4 << 30;
/// Largest file that may be written, in bytes.
const FILE_BYTES: u64 = 4 << 20;
/// Whoever is watching comes first.
const NICE: i32 = 10;

/// Dropped when everything is done in time.
pub(super) struct Guard {
    _in_time: SyncSender<()>,
}

/// Limits this process.
///
/// # Errors
/// When the system does not let it.
pub(super) fn set() -> io::Result<Guard> {
    let limit = |resource, most| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    limit(Resource::Core, 0)?;
    limit(Resource::Cpu, TIME.as_secs())?;
    limit(Resource::As, ADDRESSES_BYTES)?;
    limit(Resource::Fsize, FILE_BYTES)?;
    setpriority_process(None, NICE)?;
    let (in_time, done) = sync_channel(0);
    thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
        if done.recv_timeout(TIME) == Err(RecvTimeoutError::Timeout) {
            // Not `exit`, which would wait for whatever hangs.
            process::abort();
        }
    })?;
    Ok(Guard { _in_time: in_time })
}
