//! What of GStreamer is installed, for the overlay and for `flickreel doctor`.

/// The version of GStreamer: major, minor, micro.
///
/// # Errors
/// Why it cannot be used, in words.
pub fn version() -> Result<(u32, u32, u32), String> {
    gstreamer::init().map_err(|err| format!("cannot be started: {err}"))?;
    let (major, minor, micro, _nano) = gstreamer::version();
    Ok((major, minor, micro))
}

/// Which of these elements are installed, in their order.
///
/// # Errors
/// Why GStreamer cannot be used, in words.
pub fn probe_elements(names: &[&str]) -> Result<Vec<bool>, String> {
    gstreamer::init().map_err(|err| format!("cannot be started: {err}"))?;
    Ok(names.iter().map(|name| gstreamer::ElementFactory::find(name).is_some()).collect())
}
