//! What happens while nobody asked for anything: nothing.

use std::time::Duration;

use flickreel::export::Pace;
use flickreel::export::options::{Collector, Endpoint, ExportOptions};
use flickreel::metrics::{Preference, UsageEvent};

use super::rig::{Api, Rig, published};
use crate::support::apart::{self, Place};
use crate::support::calls::{self, Call};

/// Publishes, tells of events, and ends.
fn use_it(mut rig: Rig) {
    for second in 0..3 {
        rig.exporters.publish(published(), Duration::from_secs(second));
        rig.exporters.usage(UsageEvent::PreferencesUpdated(Preference::Sound), || 0);
    }
    rig.finish();
}

#[test]
fn without_exporters_no_socket_is_made_no_file_is_written_and_no_figures_are_gathered() {
    apart::run(without_exporters_no_socket_is_made_no_file_is_written_and_no_figures_are_gathered, Place::Folder, || {
        // From here on a socket of the internet ends the process.
        calls::die_at(&[Call::Internet]);
        let rig = Rig::start(&ExportOptions::default(), Pace::default());
        assert_eq!(rig.exporters.figures_due(), None);
        rig.exporters.usage(UsageEvent::PreferencesUpdated(Preference::Sound), || panic!("nobody asks for the queue"));
        let folder = rig.folder.path().join("telemetry");
        use_it(rig);
        assert!(!folder.exists());
    });
}

#[test]
fn with_any_of_them_there_is_a_socket() {
    let test = with_any_of_them_there_is_a_socket;
    let options = |name: &str| match name {
        "dogstatsd" => ExportOptions { dogstatsd: Some(Collector::parse("127.0.0.1:9").unwrap()), ..ExportOptions::default() },
        "prometheus" => ExportOptions { prometheus: Some(0), ..ExportOptions::default() },
        _ => panic!("{name}"),
    };
    if let Some(name) = apart::here(&test) {
        calls::die_at(&[Call::Internet]);
        return use_it(Rig::start(&options(&name), Pace::default()));
    }
    for name in ["dogstatsd", "prometheus"] {
        apart::until_killed(&test, name, tempfile::tempdir().unwrap().path());
    }
}

#[test]
fn whoever_sends_usage_events_alone_gathers_no_figures() {
    let api = Api::start(&[]);
    let rig = Rig::start(&api.options(), Pace::default());
    assert_eq!(rig.exporters.figures_due(), None);
}

#[test]
fn figures_are_wanted_once_a_second_by_whoever_exports_them() {
    let mut rig = Rig::start(&ExportOptions { prometheus: Some(0), ..ExportOptions::default() }, Pace::default());
    assert_eq!(rig.exporters.figures_due(), Some(Duration::ZERO));
    rig.exporters.publish(published(), Duration::from_secs(7));
    assert_eq!(rig.exporters.figures_due(), Some(Duration::from_secs(8)));
}

#[test]
fn exporters_end_with_the_program_even_when_their_server_never_answers() {
    // It takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let mut options = Api::start(&[]).options();
    options.segment.as_mut().unwrap().endpoint = Endpoint::parse(&address).unwrap();
    let rig = Rig::start(&options, Pace::default());
    rig.exporters.usage(UsageEvent::PreferencesUpdated(Preference::Sound), || 0);
    let folder = rig.finish();
    assert!(folder.path().join("telemetry/queue.jsonl").exists(), "what was told is on the disk");
}
