//! Checks of the machine itself: renderer, display, sound, cache folder, network.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::{env, fs};

use eframe::egui_wgpu::wgpu;

use super::parts::VULKAN;
use super::{Check, Verdict};
use crate::config::Settings;

/// Whether there is something to paint with.
pub(super) fn renderer() -> Check {
    const NAME: &str = "renderer";
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
    let adapters = pin!(instance.enumerate_adapters(wgpu::Backends::all()));
    // Ready at the first poll: only browsers have to wait for their adapters.
    let Poll::Ready(adapters) = adapters.poll(&mut Context::from_waker(Waker::noop())) else {
        return Check::new(NAME, Verdict::Warn, "did not answer");
    };
    let infos: Vec<_> = adapters.iter().map(wgpu::Adapter::get_info).collect();
    let describe = |info: &wgpu::AdapterInfo| format!("{} ({})", info.name, info.backend);
    match infos.iter().find(|info| info.device_type != wgpu::DeviceType::Cpu).or(infos.first()) {
        None => Check::new(NAME, Verdict::Missing, "no Vulkan or OpenGL driver").install([VULKAN]),
        Some(info) if info.device_type == wgpu::DeviceType::Cpu => {
            Check::new(NAME, Verdict::Warn, describe(info)).advise("this paints on the CPU: it works, and a driver for the GPU saves power")
        }
        Some(info) => Check::new(NAME, Verdict::Ok, describe(info)),
    }
}

/// Whether there is a desktop to open a window on.
pub(super) fn display() -> Check {
    const NAME: &str = "display";
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return Check::new(NAME, Verdict::Ok, "the desktop");
    }
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let mut tried = Vec::new();
    if let Some(name) = set("WAYLAND_DISPLAY") {
        // An absolute name stands for itself: joining keeps it.
        let socket = set("XDG_RUNTIME_DIR").map_or_else(|| PathBuf::from(&name), |folder| Path::new(&folder).join(&name));
        if answers(&socket) {
            return Check::new(NAME, Verdict::Ok, format!("Wayland {name}"));
        }
        tried.push(format!("WAYLAND_DISPLAY={name}"));
    }
    if let Some(name) = set("DISPLAY") {
        // A display on another machine is reached over TCP: that it answers is not looked into.
        if x11_socket(&name).is_none_or(|socket| answers(&socket)) {
            return Check::new(NAME, Verdict::Ok, format!("X11 {name}"));
        }
        tried.push(format!("DISPLAY={name}"));
    }
    if tried.is_empty() {
        Check::new(NAME, Verdict::Missing, "none").advise("start Flickreel from a desktop session: WAYLAND_DISPLAY and DISPLAY are not set")
    } else {
        Check::new(NAME, Verdict::Missing, format!("{}: nothing answers there", tried.join(", ")))
            .advise("start Flickreel from a desktop session")
    }
}

/// The socket of a local X11 display such as `:0` or `:0.0`; `None` for one on another machine.
fn x11_socket(display: &str) -> Option<PathBuf> {
    let number = display.strip_prefix("unix").unwrap_or(display).strip_prefix(':')?;
    let number = number.split('.').next()?;
    Some(PathBuf::from(format!("/tmp/.X11-unix/X{number}")))
}

#[cfg(unix)]
fn answers(socket: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket).is_ok()
}

#[cfg(not(unix))]
fn answers(socket: &Path) -> bool {
    socket.exists()
}

/// Whether anything can be heard.
pub(super) fn sound() -> Check {
    const NAME: &str = "sound";
    if !cfg!(target_os = "linux") {
        return Check::new(NAME, Verdict::Ok, "the system's");
    }
    let server = env::var("PULSE_SERVER").ok().and_then(|server| server.strip_prefix("unix:").map(PathBuf::from));
    let usual = env::var_os("XDG_RUNTIME_DIR").map(|folder| Path::new(&folder).join("pulse/native"));
    if let Some(socket) = [server, usual].into_iter().flatten().find(|socket| answers(socket)) {
        return Check::new(NAME, Verdict::Ok, format!("PulseAudio or PipeWire at {}", socket.display()));
    }
    let cards = fs::read_to_string("/proc/asound/cards").unwrap_or_default();
    match alsa_card(&cards) {
        Some(card) => Check::new(NAME, Verdict::Ok, format!("ALSA, {card}")),
        None => {
            Check::new(NAME, Verdict::Warn, "no sound server, no sound card").advise("videos play silently; start PipeWire or PulseAudio")
        }
    }
}

/// The first card in `/proc/asound/cards`: ` 0 [PCH ]: HDA-Intel - HDA Intel PCH`.
fn alsa_card(cards: &str) -> Option<&str> {
    cards.lines().find_map(|line| Some(line.split_once("]:")?.1.trim()))
}

/// Whether the cache folder can be written, and whether the disk has room for what it may grow to.
pub(super) fn cache(settings: &Settings) -> Check {
    const NAME: &str = "cache folder";
    if !settings.cache_enabled {
        return Check::new(NAME, Verdict::Ok, "not used");
    }
    let folder = &settings.cache_dir;
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&probe, b"ok")).and_then(|()| fs::remove_file(&probe));
    if let Err(err) = written {
        return Check::new(NAME, Verdict::Missing, format!("{} cannot be written: {err}", folder.display()))
            .advise("name another one with --cache-dir, or do without: --no-cache");
    }
    match free_bytes(folder) {
        Some(free) if free < settings.cache_cap => {
            Check::new(NAME, Verdict::Warn, format!("{}: {} MB free", folder.display(), free / 1_000_000)).advise(format!(
                "the cache may grow to {} MB: free some space, or lower it with --cache-size",
                settings.cache_cap / 1_000_000
            ))
        }
        _ => Check::new(NAME, Verdict::Ok, folder.display().to_string()),
    }
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// Whether there is a way out. Nothing is sent.
pub(super) fn network() -> Check {
    const NAME: &str = "network";
    let v4 = fs::read_to_string("/proc/net/route").ok();
    let v6 = fs::read_to_string("/proc/net/ipv6_route").ok();
    if v4.is_none() && v6.is_none() {
        return Check::new(NAME, Verdict::Ok, "not looked at");
    }
    if v4.is_some_and(|routes| leads_out_v4(&routes)) || v6.is_some_and(|routes| leads_out_v6(&routes)) {
        Check::new(NAME, Verdict::Ok, "there is a default route")
    } else {
        Check::new(NAME, Verdict::Warn, "no default route").advise("files on this machine and what is cached will play")
    }
}

/// `/proc/net/route`: interface, destination, gateway, … in hexadecimal, below a heading.
fn leads_out_v4(routes: &str) -> bool {
    routes.lines().skip(1).any(|line| line.split_whitespace().nth(1) == Some("00000000"))
}

/// `/proc/net/ipv6_route`: destination, its prefix length, …, interface. The kernel keeps an unreachable default
/// on `lo`.
fn leads_out_v6(routes: &str) -> bool {
    routes.lines().any(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields.get(1) == Some(&"00") && fields.first().is_some_and(|to| to.bytes().all(|byte| byte == b'0')) && fields.last() != Some(&"lo")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(cache_dir: PathBuf) -> Settings {
        Settings { cache_dir, ..Settings::merge(&crate::cli::CommonOptions::default(), crate::config::Config::default()) }
    }

    #[test]
    fn a_local_x11_display_has_a_socket_and_a_distant_one_has_not() {
        assert_eq!(x11_socket(":99"), Some("/tmp/.X11-unix/X99".into()));
        assert_eq!(x11_socket("unix:1.0"), Some("/tmp/.X11-unix/X1".into()));
        assert_eq!(x11_socket("desk.example:0"), None);
    }

    #[test]
    fn the_first_sound_card_is_named() {
        let cards = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA Intel PCH at 0xf7e10000 irq 30\n";
        assert_eq!(alsa_card(cards), Some("HDA-Intel - HDA Intel PCH"));
        assert_eq!(alsa_card("--- no soundcards ---\n"), None);
    }

    #[test]
    fn a_default_route_is_told_from_local_ones() {
        let heading = "Iface\tDestination\tGateway\n";
        assert!(leads_out_v4(&format!("{heading}eth0\t00000000\t010011AC\n")));
        assert!(!leads_out_v4(&format!("{heading}eth0\t000011AC\t00000000\n")));
        let zero = "0".repeat(32);
        assert!(!leads_out_v6(&format!("{zero} 00 {zero} 00 {zero} ffffffff 1 0 00200200 lo\n")));
        assert!(leads_out_v6(&format!("{zero} 00 {zero} 00 fe80 00000400 1 0 00000003 eth0\n")));
    }

    #[test]
    fn a_cache_folder_that_can_be_written_is_fine_and_nothing_is_left_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("a/b");
        assert_ne!(cache(&settings(dir.clone())).verdict, Verdict::Missing);
        assert_eq!(fs::read_dir(dir).unwrap().count(), 0);
    }

    #[test]
    fn a_cache_folder_that_is_a_file_is_missing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let check = cache(&settings(file.path().to_owned()));
        assert_eq!(check.verdict, Verdict::Missing);
        assert!(check.advice.is_some_and(|advice| advice.contains("--cache-dir")));
    }
}
