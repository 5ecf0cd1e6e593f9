//! Settings of the desktop, by the portal.

use flickreel::app::DesktopSettings;
use tempfile::TempDir;

use super::rig::{Bus, Listener, Mock};

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const SETTINGS: &str = "org.freedesktop.portal.Settings";

/// The portal answers with this from now on, and says that something has changed.
fn set(portal: &Mock, appearance: &str, interface: &str) {
    let answer = format!(
        "told = {{'org.freedesktop.appearance': {{{appearance}}}, 'org.gnome.desktop.interface': {{{interface}}}, 'other': {{'x': 'y'}}}}\n\
         ret = dbus.Dictionary(signature='sa{{sv}}')\n\
         for space in args[0]:\n\
         \x20   if space in told:\n\
         \x20       ret[space] = dbus.Dictionary(told[space], signature='sv')"
    );
    portal.method_of(PATH, SETTINGS, "ReadAll", ("as", "a{sa{sv}}"), &answer);
    portal.signal(PATH, SETTINGS, "SettingChanged");
}

#[test]
fn settings_are_known_at_the_start_and_followed_while_the_program_runs() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let portal = bus.object(PORTAL, PATH, SETTINGS);
    set(&portal, "'contrast': dbus.UInt32(1)", "'enable-animations': True, 'text-scaling-factor': 1.5");
    let listener = Listener::start(None, Some(&bus));
    let wishes = DesktopSettings { reduced_motion: false, high_contrast: true, text_scale: 1.5 };
    listener.until_settings(wishes);
    set(&portal, "'contrast': dbus.UInt32(1)", "'enable-animations': False, 'text-scaling-factor': 1.5");
    listener.until_settings(DesktopSettings { reduced_motion: true, ..wishes });
    set(&portal, "'reduced-motion': dbus.UInt32(1)", "'enable-animations': True");
    listener.until_settings(DesktopSettings { reduced_motion: true, ..DesktopSettings::default() });
    set(&portal, "", "");
    listener.until_settings(DesktopSettings::default());
}

#[test]
fn a_portal_that_goes_away_has_asked_for_nothing_and_one_that_answers_nonsense_neither() {
    let dir = TempDir::new().unwrap();
    let bus = Bus::start(&dir);
    let listener = Listener::start(None, Some(&bus));
    let wishes = DesktopSettings { high_contrast: true, ..DesktopSettings::default() };
    for _ in 0..2 {
        let portal = bus.object(PORTAL, PATH, SETTINGS);
        set(&portal, "'contrast': dbus.UInt32(1)", "");
        listener.until_settings(wishes);
        drop(portal);
        listener.until_settings(DesktopSettings::default());
    }
    let portal = bus.object(PORTAL, PATH, SETTINGS);
    set(&portal, "'contrast': dbus.UInt32(1)", "");
    listener.until_settings(wishes);
    portal.method_of(PATH, SETTINGS, "ReadAll", ("as", "s"), "ret = 'all is fine'");
    portal.signal(PATH, SETTINGS, "SettingChanged");
    listener.until_settings(DesktopSettings::default());
}
