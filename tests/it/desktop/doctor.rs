//! `flickreel doctor` on a machine of which somebody tells.

use std::process::Command;

use tempfile::TempDir;

use super::power::laptop;
use super::rig::{Bus, address};

#[test]
fn doctor_says_what_is_told_and_by_whom() {
    let (dir, home) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let bus = Bus::start(&dir);
    let _upower = laptop(&bus, 30.0);
    let output = Command::new(env!("CARGO_BIN_EXE_flickreel"))
        .arg("doctor")
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
        .env("DBUS_SESSION_BUS_ADDRESS", address(home.path()))
        .envs(["HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"].map(|name| (name, home.path())))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let row = |name: &str| said.lines().find(|line| line.split_whitespace().nth(1) == Some(name)).unwrap_or_default();
    assert!(row("power").ends_with("on battery, 30 % (UPower)"), "{said}");
    assert!(row("connection").ends_with("nobody tells"), "{said}");
}
