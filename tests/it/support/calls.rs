//! System calls that fail, or that the process does not survive, from a moment on (seccomp). There is no way
//! back, so this belongs into a process of its own. Pipes, sockets within this machine and what a runtime needs stay as they are.

use std::collections::BTreeMap;

use seccompiler::{SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule};

/// Something that is asked of the system, most of it of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Writing at a place in a file, as blocks are.
    WriteAt,
    /// Writing more than a page of bytes one after the other, as an index of some entries is.
    WriteOn,
    /// Reading at a place in a file.
    ReadAt,
    /// Waiting until a file or a folder is on the disk.
    Sync,
    /// Giving a file another name.
    Rename,
    /// Setting the length of a file.
    SetLength,
    /// Opening a file to read and to write, making it when it is not there.
    Create,
    /// Opening a file for writing alone, as an index is.
    OpenToWrite,
    /// Removing a file.
    Remove,
    /// Making a socket of the internet, for whatever.
    #[cfg(any(feature = "export", feature = "player"))]
    Internet,
}

/// More than tokio, the test harness and a log line write at once.
const PAGE_BYTES: u64 = 4096;

impl Call {
    /// Its numbers, and what its arguments have to be.
    fn rules(self) -> Vec<(libc::c_long, Vec<SeccompRule>)> {
        let any = |numbers: &[libc::c_long]| numbers.iter().map(|number| (*number, Vec::new())).collect();
        match self {
            Self::WriteAt => any(&[libc::SYS_pwrite64, libc::SYS_pwritev, libc::SYS_pwritev2]),
            Self::WriteOn => vec![(libc::SYS_write, vec![when(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Gt, PAGE_BYTES)])],
            Self::ReadAt => any(&[libc::SYS_pread64, libc::SYS_preadv, libc::SYS_preadv2]),
            Self::Sync => any(&[libc::SYS_fsync, libc::SYS_fdatasync, libc::SYS_sync_file_range, libc::SYS_syncfs]),
            #[cfg(target_arch = "x86_64")]
            Self::Rename => any(&[libc::SYS_rename, libc::SYS_renameat, libc::SYS_renameat2]),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Rename => any(&[libc::SYS_renameat, libc::SYS_renameat2]),
            Self::SetLength => any(&[libc::SYS_ftruncate, libc::SYS_truncate, libc::SYS_fallocate]),
            Self::Create => opening(libc::O_CREAT | libc::O_ACCMODE, libc::O_CREAT | libc::O_RDWR),
            Self::OpenToWrite => opening(libc::O_ACCMODE, libc::O_WRONLY),
            #[cfg(target_arch = "x86_64")]
            Self::Remove => any(&[libc::SYS_unlink, libc::SYS_unlinkat, libc::SYS_rmdir]),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Remove => any(&[libc::SYS_unlinkat]),
            #[cfg(any(feature = "export", feature = "player"))]
            Self::Internet => {
                let family = |family: libc::c_int| when(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, u64::from(family.unsigned_abs()));
                vec![(libc::SYS_socket, vec![family(libc::AF_INET), family(libc::AF_INET6)])]
            }
        }
    }
}

/// Lets these calls fail with `errno` in all threads from now on.
pub fn fail(calls: &[Call], errno: i32) {
    install(calls, SeccompAction::Errno(errno.unsigned_abs()));
}

/// Lets the process end at the first of these calls, as suddenly as by SIGKILL.
pub fn die_at(calls: &[Call]) {
    install(calls, SeccompAction::KillProcess);
}

fn install(calls: &[Call], action: SeccompAction) {
    // No two kinds of call share a number, but for those that are told by their arguments.
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for (number, more) in calls.iter().flat_map(|call| call.rules()) {
        rules.entry(number).or_default().extend(more);
    }
    let machine = std::env::consts::ARCH.try_into().unwrap();
    let filter: seccompiler::BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, action, machine).unwrap().try_into().unwrap();
    seccompiler::apply_filter_all_threads(&filter).unwrap();
}

/// Opening a file with such flags.
fn opening(mask: libc::c_int, flags: libc::c_int) -> Vec<(libc::c_long, Vec<SeccompRule>)> {
    let (mask, flags) = (SeccompCmpOp::MaskedEq(u64::from(mask.unsigned_abs())), u64::from(flags.unsigned_abs()));
    let at = |argument| vec![when(argument, SeccompCmpArgLen::Dword, mask.clone(), flags)];
    vec![
        (libc::SYS_openat, at(2)),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, at(1)),
    ]
}

fn when(argument: u8, length: SeccompCmpArgLen, is: SeccompCmpOp, value: u64) -> SeccompRule {
    SeccompRule::new(vec![SeccompCondition::new(argument, length, is, value).unwrap()]).unwrap()
}
