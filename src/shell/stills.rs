//! Pictures that a viewer keeps: written as PNG into the folder of pictures, never over another file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use directories::UserDirs;
use image::{ExtendedColorType, ImageFormat};
use tokio::runtime::Handle;

use super::events::EventSender;
use crate::app::Event;
use crate::player::Still;
use crate::words::playing as words;

/// The most characters of a title in a file's name. In UTF-8 they are 240 bytes at most, and file systems take 255.
const TITLE_MAX: usize = 60;
/// Stands for a title that has no letter or digit.
const NO_TITLE: &str = "video";
/// Files of one name beside one another, before it is given up.
const NUMBERS_MAX: u32 = 10_000;

/// Saves pictures off the UI thread.
pub(super) struct Stills {
    runtime: Handle,
    events: EventSender,
}

impl Stills {
    pub fn new(runtime: Handle, events: EventSender) -> Self {
        Self { runtime, events }
    }

    /// Saves a picture; a toast says where, or why not.
    pub fn save(&self, title: String, still: Arc<Still>) {
        let events = self.events.clone();
        self.runtime.spawn_blocking(move || {
            let saved = folder().and_then(|folder| save_in(&folder, &title, &still));
            events.send(Event::Notice(match saved {
                Ok(file) => words::still_saved(&file.display().to_string()),
                Err(err) => words::still_not_saved(&err.to_string()),
            }));
        });
    }
}

/// The desktop's folder of pictures, else the home.
fn folder() -> io::Result<PathBuf> {
    let dirs = UserDirs::new().ok_or_else(|| io::Error::other("there is no home folder"))?;
    Ok(dirs.picture_dir().unwrap_or_else(|| dirs.home_dir()).to_owned())
}

fn save_in(folder: &Path, title: &str, still: &Still) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let (path, file) = new_file(folder, &name(title, still.at))?;
    let written = write(file, still);
    if written.is_err() {
        // Half a picture is no picture.
        let _ = fs::remove_file(&path);
    }
    written.map(|()| path)
}

fn write(file: File, still: &Still) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    let (width, height) = still.size;
    image::write_buffer_with_format(&mut out, &still.rgba, width, height, ExtendedColorType::Rgba8, ImageFormat::Png)
        .map_err(io::Error::other)?;
    out.flush()
}

/// A file that was not there, with a number behind its name where that is taken.
fn new_file(folder: &Path, name: &str) -> io::Result<(PathBuf, File)> {
    let mut number = 1;
    loop {
        let path = folder.join(if number == 1 { format!("{name}.png") } else { format!("{name}-{number}.png") });
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(err) if err.kind() == io::ErrorKind::AlreadyExists && number < NUMBERS_MAX => number += 1,
            Err(err) => return Err(err),
        }
    }
}

/// A name without ending that every file system takes: letters and digits of any script, and dashes.
fn name(title: &str, at: Duration) -> String {
    let plain: String = title.chars().map(|sign| if sign.is_alphanumeric() { sign } else { '-' }).collect();
    let words: Vec<_> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let title: String = words.join("-").chars().take(TITLE_MAX).collect();
    let title = title.trim_end_matches('-');
    let seconds = at.as_secs();
    format!("flickreel-{}-{}.{:02}", if title.is_empty() { NO_TITLE } else { title }, seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn still() -> Still {
        let rgba = vec![255, 0, 0, 255, 0, 0, 255, 255];
        Still { size: (2, 1), rgba, at: Duration::from_millis(67_900) }
    }

    #[test]
    fn a_name_holds_the_title_and_the_time_and_nothing_that_a_file_system_minds() {
        assert_eq!(name("A flower, by the water", Duration::from_millis(67_900)), "flickreel-A-flower-by-the-water-1.07");
        assert_eq!(name("../../etc/passwd\0", Duration::ZERO), "flickreel-etc-passwd-0.00");
        assert_eq!(name("花 🌸", Duration::from_hours(1)), "flickreel-花-60.00");
        assert_eq!(name("🌸/..", Duration::ZERO), "flickreel-video-0.00");
        let long = name(&"花".repeat(500), Duration::from_secs(1));
        assert!(long.len() < 240 && long.ends_with("-0.01"), "{long}");
    }

    #[test]
    fn a_second_picture_of_one_moment_lies_beside_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let pictures = folder.path().join("Pictures");
        let first = save_in(&pictures, "Brook", &still()).unwrap();
        let before = fs::read(&first).unwrap();
        let second = save_in(&pictures, "Brook", &still()).unwrap();
        assert_eq!(first.file_name().unwrap(), "flickreel-Brook-1.07.png");
        assert_eq!(second.file_name().unwrap(), "flickreel-Brook-1.07-2.png");
        assert_eq!(fs::read(&first).unwrap(), before);
        let picture = image::load_from_memory(&fs::read(&second).unwrap()).unwrap().to_rgba8();
        assert_eq!((picture.dimensions(), picture.into_raw()), (still().size, still().rgba));
    }

    #[test]
    fn what_cannot_be_written_is_told_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let empty = Still { size: (0, 0), rgba: Vec::new(), at: Duration::ZERO };
        assert!(save_in(folder.path(), "Brook", &empty).is_err(), "a PNG has at least one pixel");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        // A file where the folder should be.
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(save_in(&folder.path().join("file"), "Brook", &still()).is_err());
    }
}
