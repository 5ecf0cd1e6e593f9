//! Captions that lie beside a video: `name.vtt`, `name.srt`, and in a language `name.en.srt` or `name.pt-BR.forced.vtt`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::text;
use super::tree::Listing;
use crate::feed::{CaptionFile, MediaLocation};

/// Endings of files of captions, the better format first: it says where a cue stands.
const ENDINGS: [&str; 2] = ["vtt", "srt"];
/// Entries of a folder that are looked at around a file that was given by hand.
const ENTRIES_MAX: usize = 20_000;
/// Captions of one video.
const CAPTIONS_MAX: usize = 60;

/// The names of all files of captions, by their folder.
pub(super) struct Beside(HashMap<PathBuf, Vec<OsString>>);

impl Beside {
    /// Those of a listing.
    pub fn of_listing(listing: &Listing) -> Self {
        Self::sorted(listing.files.iter().map(|file| file.path.as_path()))
    }

    /// Those in the folders that the files of a listing lie in. Blocks.
    pub fn around(listing: &Listing) -> Self {
        let mut folders: Vec<&Path> = listing.files.iter().filter_map(|file| file.path.parent()).collect();
        folders.sort_unstable();
        folders.dedup();
        let entries = folders.into_iter().flat_map(|folder| {
            // The folder of a bare name is the one that the program was started in. One that cannot be read has none.
            let read = fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
            read.into_iter().flatten().take(ENTRIES_MAX).filter_map(|entry| Some(folder.join(entry.ok()?.file_name())))
        });
        let entries: Vec<PathBuf> = entries.collect();
        Self::sorted(entries.iter().map(PathBuf::as_path))
    }

    fn sorted<'a>(files: impl Iterator<Item = &'a Path>) -> Self {
        let mut folders: HashMap<PathBuf, Vec<OsString>> = HashMap::new();
        for file in files.filter(|file| ending(file).is_some()) {
            if let (Some(folder), Some(name)) = (file.parent(), file.file_name()) {
                folders.entry(folder.to_owned()).or_default().push(name.to_owned());
            }
        }
        Self(folders)
    }

    /// The captions of a video: those without a language first, then by their names. Of two formats the better one.
    pub fn of(&self, video: &Path) -> Vec<CaptionFile> {
        let (Some(folder), Some(stem)) = (video.parent(), video.file_stem().and_then(|stem| stem.to_str())) else { return Vec::new() };
        let names = self.0.get(folder).into_iter().flatten().filter_map(|name| {
            let path = Path::new(name);
            let middle = path.file_stem()?.to_str()?.strip_prefix(stem)?;
            Some((about(middle)?, ending(path)?, name))
        });
        let mut found: Vec<_> = names.collect();
        found.sort();
        found.dedup_by(|one, other| one.0 == other.0);
        let files = found.into_iter().take(CAPTIONS_MAX);
        files.map(|((language, label), _, name)| CaptionFile { at: MediaLocation::File(folder.join(name)), language, label }).collect()
    }
}

/// Which ending of captions a file has.
fn ending(file: &Path) -> Option<usize> {
    let own = file.extension()?;
    ENDINGS.iter().position(|ending| own.eq_ignore_ascii_case(ending))
}

/// Language and label that stand between the name of the video and the ending: nothing, `.en`, `.en.forced`, `.English`.
/// `None` when that belongs to the name of another video.
fn about(middle: &str) -> Option<(String, String)> {
    if middle.is_empty() {
        return Some(Default::default());
    }
    let (first, rest) = middle.strip_prefix('.').map(|words| words.split_once('.').unwrap_or((words, "")))?;
    let tag = first.replace('_', "-");
    if is_language(&tag) {
        return Some((tag, text::line(&rest.replace('.', " "), text::TAG_GRAPHEMES)));
    }
    let is_word = |word: &str| !word.is_empty() && word.chars().all(char::is_alphabetic);
    (is_word(first) && rest.split('.').all(|word| word.is_empty() || is_word(word)))
        .then(|| (String::new(), text::line(&middle.replace('.', " "), text::TAG_GRAPHEMES)))
}

/// `en`, `deu`, `pt-BR`, `zh-Hant`, `es-419`.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    (2..=3).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captions(video: &str, files: &[&str]) -> Vec<(String, String, String)> {
        let beside = Beside::sorted(files.iter().map(Path::new));
        let name = |file: &CaptionFile| Path::new(&file.at.to_string()).file_name().unwrap().to_string_lossy().into_owned();
        beside.of(Path::new(video)).iter().map(|file| (name(file), file.language.clone(), file.label.clone())).collect()
    }

    fn told(name: &str, language: &str, label: &str) -> (String, String, String) {
        (name.into(), language.into(), label.into())
    }

    #[test]
    fn captions_are_found_by_the_name_of_their_video_and_their_language_by_what_follows() {
        let files = [
            "/v/clip.pt_BR.forced.VTT",
            "/v/clip.srt",
            "/v/clip.de.srt",
            "/v/clip.English.srt",
            "/v/other.srt",
            "/v/clip 2.srt",
            "/v/clip.2.srt",
            "/w/clip.fr.srt",
            "/v/clip.txt",
        ];
        let expected = [
            told("clip.srt", "", ""),
            told("clip.English.srt", "", "English"),
            told("clip.de.srt", "de", ""),
            told("clip.pt_BR.forced.VTT", "pt-BR", "forced"),
        ];
        assert_eq!(captions("/v/clip.mp4", &files), expected);
        assert_eq!(captions("/v/clip.2.mp4", &files), [told("clip.2.srt", "", "")]);
        assert_eq!(captions("/v/none.mp4", &files), []);
    }

    #[test]
    fn of_two_formats_of_the_same_words_the_better_one_is_taken() {
        let files = ["/v/a.en.srt", "/v/a.en.vtt", "/v/a.srt"];
        assert_eq!(captions("/v/a.mkv", &files), [told("a.srt", "", ""), told("a.en.vtt", "en", "")]);
    }
}
