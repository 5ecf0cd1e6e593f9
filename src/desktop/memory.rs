//! Memory: what this process keeps, what the system or its control group can still give, and who waits for it.

use std::fs;
use std::path::Path;

use crate::preload::plan::Memory;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
/// A process that has grown or shrunk by less is the same as before: a twentieth of what it may use at most.
const OWN_STEP: u64 = 16 * MIB;
/// An eighth more or less than what was available is news, within these: what is scarce is told more finely.
const AVAILABLE_PART: u64 = 8;
const AVAILABLE_STEP: (u64, u64) = (16 * MIB, 256 * MIB);
/// Percent of the time that some task waited. The kernel counts in hundredths.
const STALLED_STEP: f64 = 1.0;

/// Memory now. What the system does not tell is left out; outside Linux that is all of it.
#[must_use]
pub fn memory() -> Memory {
    read(Path::new("/"))
}

/// Memory, by the files below `root`, which is `/` but in tests. The kernel makes them up as they are read: no disk
/// is waited for.
pub(super) fn read(root: &Path) -> Memory {
    let text = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
    let (status, system) = (text("proc/self/status"), text("proc/meminfo"));
    let group = group_path(&text("proc/self/cgroup")).and_then(|path| group_limit(&root.join("sys/fs/cgroup"), path));
    let tightest = |system: Option<u64>, group: Option<u64>| system.into_iter().chain(group).min();
    Memory {
        own: kib(&status, "VmRSS:").unwrap_or(0),
        available: tightest(kib(&system, "MemAvailable:"), group.map(|group| group.left)),
        total: tightest(kib(&system, "MemTotal:"), group.map(|group| group.most)),
        // That of the system has the stalls of every group in it.
        stalled: stalled(&text("proc/pressure/memory")),
    }
}

/// Whether there is anything in `now` that somebody who knows `before` should hear of. Figures that only tremble
/// must not wake the interface every few seconds.
pub(super) fn differs(before: &Memory, now: &Memory) -> bool {
    let (least, most) = AVAILABLE_STEP;
    let step = |available: u64| (available / AVAILABLE_PART).clamp(least, most);
    now.own.abs_diff(before.own) >= OWN_STEP
        || now.total != before.total
        || changed(before.available, now.available, |before, now| now.abs_diff(before) >= step(before))
        || changed(before.stalled, now.stalled, |before, now| (now - before).abs() >= STALLED_STEP)
}

fn changed<T>(before: Option<T>, now: Option<T>, far: impl Fn(T, T) -> bool) -> bool {
    match (before, now) {
        (Some(before), Some(now)) => far(before, now),
        (before, now) => before.is_some() != now.is_some(),
    }
}

/// The bytes on the line `key   12345 kB` of `/proc/meminfo` and `/proc/self/status`.
fn kib(text: &str, key: &str) -> Option<u64> {
    let kib: u64 = text.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()?;
    kib.checked_mul(KIB)
}

/// `some avg10=1.23 avg60=…` of `/proc/pressure/memory`, in percent.
fn stalled(text: &str) -> Option<f64> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let percent: f64 = some.split_whitespace().find_map(|word| word.strip_prefix("avg10="))?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent)
}

/// The path of the control group (version 2) of this process: the line `0::/a/b` of `/proc/self/cgroup`.
fn group_path(text: &str) -> Option<&Path> {
    let path = text.lines().find_map(|line| line.strip_prefix("0::/"))?;
    // A group outside what this process sees of the tree is told as `/../..`.
    (!path.split('/').any(|part| part == "..")).then(|| Path::new(path))
}

/// What a control group allows, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit {
    /// In all.
    most: u64,
    /// Of it still.
    left: u64,
}

/// The tightest limits among the group at `path` and those around it; `None` where nobody sets one.
fn group_limit(tree: &Path, path: &Path) -> Option<Limit> {
    path.ancestors()
        .filter_map(|group| limit_of(&tree.join(group)))
        .reduce(|a, b| Limit { most: a.most.min(b.most), left: a.left.min(b.left) })
}

fn limit_of(group: &Path) -> Option<Limit> {
    let text = |name: &str| fs::read_to_string(group.join(name)).ok();
    // Where there is no limit it says `max`. Beyond `memory.high` the kernel holds a process up before it ends any.
    let number = |name: &str| text(name)?.trim().parse::<u64>().ok();
    let most = number("memory.max").into_iter().chain(number("memory.high")).min()?;
    // Files that nobody has looked at lately are given up first, and cost nobody anything.
    let idle =
        text("memory.stat").and_then(|stat| stat.lines().find_map(|line| line.strip_prefix("inactive_file "))?.parse().ok()).unwrap_or(0);
    Some(Limit { most, left: most.saturating_sub(number("memory.current")?.saturating_sub(idle)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A system whose files say this.
    fn system(files: &[(&str, &str)]) -> Memory {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        read(root.path())
    }

    const STATUS: (&str, &str) = ("proc/self/status", "Name:\tflickreel\nVmHWM:\t  300000 kB\nVmRSS:\t  200000 kB\n");
    const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal:       8000000 kB\nMemFree: 100 kB\nMemAvailable:   3000000 kB\n");
    const PRESSURE: (&str, &str) =
        ("proc/pressure/memory", "some avg10=12.34 avg60=5.00 avg300=1.00 total=99\nfull avg10=10.00 avg60=4.00 avg300=0.50 total=77\n");

    #[test]
    fn a_system_without_such_files_tells_nothing() {
        assert_eq!(system(&[]), Memory::default());
        let garbage =
            [("proc/self/status", "VmRSS: much"), ("proc/meminfo", "MemAvailable:\n"), ("proc/pressure/memory", "some avg10=NaN")];
        assert_eq!(system(&garbage), Memory::default());
    }

    #[test]
    fn memory_is_told_in_bytes_and_waiting_in_percent() {
        let expected = Memory { own: 204_800_000, available: Some(3_072_000_000), total: Some(8_192_000_000), stalled: Some(12.34) };
        assert_eq!(system(&[STATUS, MEMINFO, PRESSURE]), expected);
    }

    #[test]
    fn the_tightest_control_group_around_the_process_counts_where_it_is_tighter_than_the_system() {
        let memory = system(&[
            MEMINFO,
            ("proc/self/cgroup", "1:name=systemd:/x\n0::/user.slice/app.scope\n"),
            ("sys/fs/cgroup/user.slice/app.scope/memory.max", "max\n"),
            ("sys/fs/cgroup/user.slice/app.scope/memory.current", "1000\n"),
            ("sys/fs/cgroup/user.slice/memory.max", "900000\n"),
            ("sys/fs/cgroup/user.slice/memory.high", "700000\n"),
            ("sys/fs/cgroup/user.slice/memory.current", "500000\n"),
            ("sys/fs/cgroup/user.slice/memory.stat", "anon 1\ninactive_file 100000\nactive_file 5\n"),
        ]);
        assert_eq!((memory.total, memory.available), (Some(700_000), Some(300_000)));
    }

    #[test]
    fn a_control_group_without_a_limit_or_out_of_sight_changes_nothing() {
        let group = ("sys/fs/cgroup/memory.current", "500000\n");
        let alone = system(&[MEMINFO]);
        assert_eq!(system(&[MEMINFO, ("proc/self/cgroup", "0::/\n"), group, ("sys/fs/cgroup/memory.max", "max\n")]), alone);
        assert_eq!(system(&[MEMINFO, ("proc/self/cgroup", "0::/../x\n"), group, ("sys/fs/cgroup/memory.max", "5\n")]), alone);
        assert_ne!(system(&[MEMINFO, ("proc/self/cgroup", "0::/\n"), group, ("sys/fs/cgroup/memory.max", "5\n")]), alone);
    }

    #[test]
    fn a_group_that_is_over_its_limit_has_nothing_left() {
        let files = [("proc/self/cgroup", "0::/\n"), ("sys/fs/cgroup/memory.max", "10\n"), ("sys/fs/cgroup/memory.current", "11\n")];
        assert_eq!(system(&files).available, Some(0));
    }

    #[test]
    fn figures_that_tremble_are_no_news_and_those_that_move_are() {
        let before = Memory { own: 200 * MIB, available: Some(4000 * MIB), total: Some(8000 * MIB), stalled: Some(0.0) };
        assert!(!differs(&before, &before));
        assert!(!differs(&before, &Memory { own: 215 * MIB, available: Some(3800 * MIB), stalled: Some(0.9), ..before }));
        assert!(differs(&before, &Memory { own: 216 * MIB, ..before }));
        assert!(differs(&before, &Memory { own: 184 * MIB, ..before }));
        assert!(differs(&before, &Memory { available: Some(3744 * MIB), ..before }));
        assert!(differs(&before, &Memory { available: None, ..before }));
        assert!(differs(&before, &Memory { stalled: Some(1.0), ..before }));
        assert!(differs(&before, &Memory { total: Some(4000 * MIB), ..before }));
        let scarce = Memory { available: Some(200 * MIB), ..before };
        assert!(differs(&scarce, &Memory { available: Some(175 * MIB), ..scarce }));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_on_this_system_is_seen() {
        let memory = memory();
        assert!(memory.own > MIB && memory.available.is_some() && memory.total > memory.available, "{memory:?}");
    }
}
