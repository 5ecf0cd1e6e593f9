//! Tests in a process of their own: on a disk of a fixed size, without the rights of root, or to be killed.
//!
//! The test binary is started once more with the name of the calling test alone and with a variant, a text that
//! says what to do; [`here`] tells the test that it is in that process. Its temporary folders lie in the place
//! that was asked for. Disks and rights come from user namespaces, which need no root. Where the kernel forbids
//! them such tests fail and say so, unless `FLICKREEL_TEST_NO_NAMESPACES` is set, which leaves them out.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const NAME: &str = "FLICKREEL_TEST_APART";
const VARIANT: &str = "FLICKREEL_TEST_VARIANT";
const NO_NAMESPACES: &str = "FLICKREEL_TEST_NO_NAMESPACES";
/// What the other process says when the body has come to its end: a name that fits no test ends well too.
const DONE: &str = "the body has come to its end";
/// Mounts a disk of `$0` bytes at `$1` and becomes the rest.
const ON_A_DISK: &str = r#"mount -t tmpfs -o size="$0",mode=700 tmpfs "$1" && shift && exec "$@""#;

/// Where a body runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a temporary folder like any other.
    Folder,
    /// On a disk of its own of so many bytes (a tmpfs), which is gone afterwards. The body may mount.
    Disk(u64),
    /// As somebody whom the modes of files bind, whoever runs the tests.
    Unprivileged,
}

/// Runs `body` in a process of its own. `test` is the calling test.
pub fn run<T: Fn()>(test: T, place: Place, body: impl Fn()) {
    each(test, place, &[""], |_| body(), |_, _| {});
}

/// Runs `body` in a process of its own for each variant, each in a new folder; then `after`, here, with what
/// the process left in the folder.
pub fn each<T: Fn()>(test: T, place: Place, variants: &[&str], body: impl Fn(&str), after: impl Fn(&str, &Path)) {
    if let Some(variant) = here(&test) {
        body(&variant);
        println!("{DONE}");
        return;
    }
    for variant in variants {
        let dir = tempfile::tempdir().unwrap();
        let Some(mut command) = command(&test, place, variant, dir.path()) else { return };
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let ended = output.status.success() && said.contains(DONE);
        assert!(ended, "{variant}: {}\n{said}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        after(variant, dir.path());
    }
}

/// The variant, in the process that was started for `test`.
pub fn here<T: Fn()>(test: &T) -> Option<String> {
    std::env::var(NAME).is_ok_and(|name| name == name_of(test)).then(|| std::env::var(VARIANT).unwrap_or_default())
}

/// Starts a process for `test`, which is to find out by [`here`] what it is. What it says is
/// read from its `stdout`; its `stdin` ends with this process.
pub fn start<T: Fn()>(test: &T, variant: &str, dir: &Path) -> Child {
    command(test, Place::Folder, variant, dir).unwrap().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Runs a process for `test` that a forbidden call ends, as [`super::calls::die_at`] has it.
pub fn until_killed<T: Fn()>(test: &T, variant: &str, dir: &Path) {
    let output = command(test, Place::Folder, variant, dir).unwrap().output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert_eq!(output.status.signal(), Some(libc::SIGSYS), "{variant}: {}\n{}", output.status, String::from_utf8_lossy(&said));
}

fn command<T: Fn()>(test: &T, place: Place, variant: &str, dir: &Path) -> Option<Command> {
    let own = std::env::current_exe().unwrap();
    let mut command = match place {
        Place::Folder => Command::new(own),
        Place::Disk(bytes) => {
            let mut command = Command::new("unshare");
            command.args(["--map-root-user", "--mount", "sh", "-c", ON_A_DISK]).arg(bytes.to_string()).arg(dir).arg(own);
            command
        }
        Place::Unprivileged => {
            let mut command = Command::new("unshare");
            command.args(["--map-user=1000", "--map-group=1000"]).arg(own);
            command
        }
    };
    command.args(["--exact", name_of(test), "--nocapture"]);
    command.env(NAME, name_of(test)).env(VARIANT, variant).env("TMPDIR", dir);
    (place == Place::Folder || namespaces(name_of(test))).then_some(command)
}

/// Whether there are user namespaces.
fn namespaces(test: &str) -> bool {
    let tried = Command::new("unshare").args(["--map-root-user", "--mount", "true"]).output();
    if tried.is_ok_and(|tried| tried.status.success()) {
        return true;
    }
    assert!(
        std::env::var_os(NO_NAMESPACES).is_some(),
        "{test} needs user namespaces: `unshare --map-root-user --mount true` has to work. {NO_NAMESPACES}=1 leaves it out."
    );
    eprintln!("LEFT OUT, for there are no user namespaces: {test}");
    false
}

/// The name of a test as the test binary knows it.
fn name_of<T>(_: &T) -> &'static str {
    let path = std::any::type_name::<T>();
    path.split_once("::").map_or(path, |(_, path)| path)
}
