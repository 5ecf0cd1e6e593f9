//! A display of its own, and the real program on it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Nothing on a screen takes long; a machine that is busy with other things may take its time.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks at the screen.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A display as large as the window.
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    pub fn start() -> Self {
        Self::sized("450x800")
    }

    /// One with room around the window.
    pub fn sized(size: &str) -> Self {
        let mut server = Command::new("Xvfb")
            // Without -noreset it begins anew whenever its last window goes, and refuses connections meanwhile.
            .args(["-displayfd", "1", "-screen", "0", &format!("{size}x24"), "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need the Xvfb command");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self { server, name: format!(":{}", number.trim()) }
    }

    /// The colour of one point in the middle of the screen.
    pub fn middle(&self) -> [u8; 3] {
        self.colour(&["-crop", "1x1+225+300"])
    }

    /// The mean colour of a place between the letters of captions that stand below in a window of 450 × 800.
    pub fn captions(&self) -> [u8; 3] {
        self.colour(&["-crop", "60x4+195+736", "-resize", "1x1!"])
    }

    /// The colour of one point, from the upper left corner of the screen.
    pub fn at(&self, x: u32, y: u32) -> [u8; 3] {
        self.colour(&["-crop", &format!("1x1+{x}+{y}")])
    }

    /// The mean colour of the middle of the screen, for pictures that are not of one colour.
    pub fn mean(&self) -> [u8; 3] {
        self.colour(&["-crop", "300x300+75+200", "-resize", "1x1!"])
    }

    fn colour(&self, arguments: &[&str]) -> [u8; 3] {
        let output = Command::new("import")
            .args(["-display", &self.name, "-window", "root"])
            .args(arguments)
            .args(["-depth", "8", "rgb:-"])
            .output()
            .expect("these tests need the import command of ImageMagick");
        let [red, green, blue] = output.stdout[..] else { panic!("import: {}", String::from_utf8_lossy(&output.stderr)) };
        [red, green, blue]
    }

    pub fn xdotool(&self, arguments: &[&str]) -> String {
        let output = Command::new("xdotool").env("DISPLAY", &self.name).args(arguments).output().expect("these tests need xdotool");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Another of the small programs that come with X11, on this display.
    pub fn run(&self, program: &str, arguments: &[&str]) {
        let status = Command::new(program).env("DISPLAY", &self.name).args(arguments).stdout(Stdio::null()).status();
        assert!(status.unwrap_or_else(|err| panic!("these tests need {program}: {err}")).success(), "{program} {arguments:?}");
    }

    /// The window that came last, by its number.
    pub fn window(&self) -> String {
        let windows = self.xdotool(&["search", "--onlyvisible", "--name", "Flickreel"]);
        windows.lines().last().expect("the window is there").to_owned()
    }

    pub fn has_window(&self) -> bool {
        !self.xdotool(&["search", "--onlyvisible", "--name", "Flickreel"]).is_empty()
    }

    /// Without a window manager nobody gives the window the keyboard.
    pub fn focus(&self) {
        self.xdotool(&["windowfocus", &self.window()]);
    }

    pub fn key(&self, name: &str) {
        self.xdotool(&["key", name]);
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The program, with folders of its own.
pub struct Program {
    child: Child,
    pub home: TempDir,
}

impl Program {
    pub fn start(display: &Display, arguments: &[&str]) -> Self {
        let home = TempDir::new().unwrap();
        std::fs::create_dir(home.path().join("run")).unwrap();
        Self::start_at(home, display, arguments)
    }

    /// Starts it again where it was before, once that one has ended.
    pub fn start_again(mut self, display: &Display, arguments: &[&str]) -> Self {
        self.wait();
        let home = std::mem::replace(&mut self.home, TempDir::new().unwrap());
        Self::start_at(home, display, arguments)
    }

    fn start_at(home: TempDir, display: &Display, arguments: &[&str]) -> Self {
        let child = command(home.path())
            .args(arguments)
            .env("DISPLAY", &display.name)
            // A file and not a pipe: a pipe that nobody reads meanwhile would stop the program.
            .stderr(File::create(home.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        Self { child, home }
    }

    /// Starts it once more in the same home and on the same display, beside this one.
    pub fn start_beside(&self, display: &Display, arguments: &[&str]) -> Child {
        let mut command = command(self.home.path());
        command.args(arguments).env("DISPLAY", &display.name).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// Waits for its end; returns what it said on standard error, too.
    pub fn wait(&mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        (status, self.said())
    }

    /// What it said on standard error so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.home.path().join("stderr")).unwrap_or_default()
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as the system does when memory runs out, and waits until it is gone.
    pub fn kill(mut self) {
        self.stop_abruptly();
    }

    /// The same for a program that is to be started again.
    pub fn stop_abruptly(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program with a home of its own.
pub fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flickreel"));
    // Neither its battery nor its network is that of the machine: what is preloaded depends on both.
    let nobody = format!("unix:path={}/no-bus", home.display());
    command
        .env_remove("WAYLAND_DISPLAY")
        .env("DBUS_SYSTEM_BUS_ADDRESS", &nobody)
        .env("DBUS_SESSION_BUS_ADDRESS", &nobody)
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_STATE_HOME", home.join("state"))
        .env("XDG_DATA_HOME", home.join("data"));
    command
}

/// Looks again and again until `condition` holds; `false` when it never does. For what tells nobody when it changes.
pub fn until(mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        #[expect(clippy::disallowed_methods, reason = "neither a screen nor another process tells when it changes")]
        std::thread::sleep(LOOK_EVERY);
    }
    false
}

/// Whether two colours are the same but for `tolerance` in each channel.
pub fn alike(a: [u8; 3], b: [u8; 3], tolerance: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= tolerance)
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
