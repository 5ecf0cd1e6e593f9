//! What lies beside a video and belongs to it by its name: `clip.json` tells of `clip.mp4`; `clip.vtt`, `clip.en.srt` and
//! `clip.pt-BR.forced.vtt` are its captions.

use std::collections::HashMap;

use super::details::Caption;

/// Endings of files of captions, the better format first: it says where a cue stands.
const ENDINGS: [&str; 2] = ["vtt", "srt"];
/// Words between the name of a video and the ending of its captions: a language and a label.
const WORDS_MAX: usize = 2;
/// Captions of one video.
const CAPTIONS_MAX: usize = 60;

/// The files of one folder that belong to videos, by the names of these without their endings.
#[derive(Default)]
pub(super) struct Beside<'a> {
    sides: HashMap<&'a str, &'a str>,
    captions: HashMap<&'a str, Vec<Found<'a>>>,
}

/// In the order in which they are offered.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Found<'a> {
    language: String,
    label: String,
    rank: usize,
    name: &'a str,
}

impl<'a> Beside<'a> {
    /// Those among the `names` of a folder's files.
    pub fn of(names: impl Iterator<Item = &'a str>) -> Self {
        let mut beside = Self::default();
        for name in names {
            let Some((stem, ending)) = name.rsplit_once('.') else { continue };
            if ending == "json" {
                beside.sides.insert(stem, name);
            } else if let Some(rank) = ENDINGS.iter().position(|known| known.eq_ignore_ascii_case(ending)) {
                // Which part of it is the name of a video is not known: each that may be.
                let mut video = Some(stem);
                for _ in 0..=WORDS_MAX {
                    let Some(of) = video else { break };
                    if let Some((language, label)) = about(&stem[of.len()..]) {
                        beside.captions.entry(of).or_default().push(Found { language, label, rank, name });
                    }
                    video = of.rsplit_once('.').map(|(before, _)| before);
                }
            }
        }
        beside
    }

    /// The side file of a video called `name`.
    pub fn side(&self, name: &str) -> Option<&'a str> {
        self.sides.get(stem(name)).copied()
    }

    /// The captions of a video called `name` in the folder `prefix`: those without a language first, then by language and
    /// label. Of two formats the better one.
    pub fn captions(&mut self, prefix: &str, name: &str) -> Vec<Caption> {
        let Some(found) = self.captions.get_mut(stem(name)) else { return Vec::new() };
        found.sort();
        found.dedup_by(|one, other| (&one.language, &one.label) == (&other.language, &other.label));
        let files = found.iter().take(CAPTIONS_MAX);
        let caption = |found: &Found<'_>| Caption {
            relative: format!("{prefix}{}", found.name),
            language: found.language.clone(),
            label: found.label.clone(),
        };
        files.map(caption).collect()
    }
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Language and label in what stands between the name of the video and the ending: nothing, `.en`, `.en.forced`,
/// `.English`. `None` when that belongs to the name of another video.
fn about(middle: &str) -> Option<(String, String)> {
    if middle.is_empty() {
        return Some(Default::default());
    }
    let (first, label) = middle.strip_prefix('.').map(|words| words.split_once('.').unwrap_or((words, "")))?;
    let tag = first.replace('_', "-");
    if is_language(&tag) {
        return Some((tag, label.to_owned()));
    }
    let is_word = |word: &str| !word.is_empty() && word.chars().all(char::is_alphabetic);
    (is_word(first) && (label.is_empty() || is_word(label))).then(|| (String::new(), format!("{first} {label}").trim().to_owned()))
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

    fn captions(video: &str, names: &[&str]) -> Vec<(String, String, String)> {
        let captions = Beside::of(names.iter().copied()).captions("day 1/", video);
        captions.into_iter().map(|caption| (caption.relative, caption.language, caption.label)).collect()
    }

    fn told(name: &str, language: &str, label: &str) -> (String, String, String) {
        (format!("day 1/{name}"), language.to_owned(), label.to_owned())
    }

    #[test]
    fn captions_belong_to_the_video_of_their_name_in_the_language_that_follows_it() {
        let names =
            ["clip.pt_BR.forced.VTT", "clip.srt", "clip.de.srt", "clip.English.srt", "other.srt", "clip 2.srt", "clip.2.srt", "clip.txt"];
        let expected = [
            told("clip.srt", "", ""),
            told("clip.English.srt", "", "English"),
            told("clip.de.srt", "de", ""),
            told("clip.pt_BR.forced.VTT", "pt-BR", "forced"),
        ];
        assert_eq!(captions("clip.mp4", &names), expected);
        assert_eq!(captions("clip.2.mp4", &names), [told("clip.2.srt", "", "")]);
        assert_eq!(captions("none.mp4", &names), []);
    }

    #[test]
    fn of_two_formats_of_the_same_words_the_better_one_is_taken() {
        let names = ["a.en.srt", "a.en.vtt", "a.srt"];
        assert_eq!(captions("a.mkv", &names), [told("a.srt", "", ""), told("a.en.vtt", "en", "")]);
    }

    #[test]
    fn a_side_file_has_the_name_of_its_video() {
        let beside = Beside::of(["a.json", "a.mp4", "b.2.json"].into_iter());
        assert_eq!((beside.side("a.mp4"), beside.side("b.2.mkv"), beside.side("b.mp4")), (Some("a.json"), Some("b.2.json"), None));
    }
}
