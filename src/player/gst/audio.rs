//! Where sound goes. Decided once, before the first pipeline: looking for a device per pipeline costs the
//! first picture hundreds of milliseconds where there is none.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use gst::prelude::*;
use gstreamer as gst;

/// How sound is to be put out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AudioChoice {
    /// The sound server or card of this machine, if there is one.
    #[default]
    Auto,
    /// None at all; sound is not even decoded.
    Silent,
}

/// Name of the sink element in every pipeline, by which its errors are told from others.
pub(super) const SINK_NAME: &str = "sound";

/// What was decided, shared by all pipelines.
pub(super) type SharedOutput = Arc<Mutex<AudioOutput>>;

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AudioOutput {
    Pulse,
    Alsa,
    None,
}

impl AudioOutput {
    /// Looks for a device. Takes no longer than a connection to a local socket.
    pub fn decide(choice: AudioChoice) -> Self {
        let installed = |element: &str| gst::ElementFactory::find(element).is_some();
        match choice {
            AudioChoice::Auto if sound_server_answers() && installed("pulsesink") => Self::Pulse,
            AudioChoice::Auto if sound_card_present() && installed("alsasink") => Self::Alsa,
            AudioChoice::Auto | AudioChoice::Silent => Self::None,
        }
    }

    /// Looks for a device that can be heard by now. Waits for a sound server's answer: not for the control thread.
    pub fn find(choice: AudioChoice) -> Self {
        match Self::decide(choice) {
            Self::Pulse if !server_has_sink() => Self::None,
            output => output,
        }
    }

    /// What a viewer calls it.
    pub fn name(self) -> Option<String> {
        match self {
            Self::Pulse => Some("PulseAudio".to_owned()),
            Self::Alsa => Some("ALSA".to_owned()),
            Self::None => None,
        }
    }

    /// A sink for one pipeline.
    pub fn sink(self) -> Option<gst::Element> {
        let factory = match self {
            Self::Pulse => "pulsesink",
            Self::Alsa => "alsasink",
            Self::None => return None,
        };
        let sink = gst::ElementFactory::make(factory).name(SINK_NAME).build().ok()?;
        // Pictures run by the system's clock: a sound server that stands still must not stop them.
        sink.set_property("provide-clock", false);
        // It joins a pipeline that plays; waiting for it would stop the pipeline and shift its time.
        sink.set_property("async", false);
        if self == Self::Pulse {
            sink.set_property("client-name", "Flickreel");
        }
        Some(sink)
    }
}

/// Whether a `PulseAudio` (or `PipeWire`) server accepts connections. A server named by `PULSE_SERVER` that is
/// not a local socket is taken at its word: its own library will find out.
fn sound_server_answers() -> bool {
    if let Some(server) = std::env::var_os("PULSE_SERVER") {
        let server = server.to_string_lossy();
        let path = server.strip_prefix("unix:").unwrap_or(&server);
        return if path.starts_with('/') { UnixStream::connect(path).is_ok() } else { !path.is_empty() };
    }
    let runtime = ["PULSE_RUNTIME_PATH", "XDG_RUNTIME_DIR"].into_iter().filter_map(std::env::var_os).map(PathBuf::from);
    runtime.flat_map(|folder| [folder.join("native"), folder.join("pulse/native")]).any(|socket| UnixStream::connect(socket).is_ok())
}

/// Whether a sound server has anything that sounds: one whose last device was pulled out has not, and ends whoever
/// plays. Where it cannot be asked it is taken to have.
fn server_has_sink() -> bool {
    let provider = gst::DeviceProviderFactory::by_name("pulsedeviceprovider");
    provider.is_none_or(|provider| provider.devices().iter().any(|device| device.has_classes("Audio/Sink")))
}

fn sound_card_present() -> bool {
    std::fs::read_to_string("/proc/asound/cards")
        .is_ok_and(|cards| cards.lines().any(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit())))
}
