//! What a viewer asks to watch, as words on a command line or text that was pasted, and its pages.

use std::path::{Path, PathBuf};

use url::Url;

use super::{SAMPLE_CLIPS, SourceContext, SourceError, flags, folder, http, text};
use crate::feed::{Cursor, Failure, FeedPage, Item, ItemId, MediaLocation};

/// The word that stands for the sample reel.
const SAMPLE_WORD: &str = "sample:";

/// Where a feed comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// All videos below a folder.
    Folder(PathBuf),
    /// Files in the order in which they were given.
    Files(Vec<PathBuf>),
    /// An HTTP feed.
    Http(Url),
    /// The clips that are built into the program.
    Sample,
}

impl Source {
    /// Understands words: a folder, one or more files, an `http`, `https` or `file` address, or `sample:`.
    ///
    /// Asks the file system whether a path exists, so it may block for a moment. Paths become absolute.
    ///
    /// # Errors
    /// [`SourceError`] with a sentence for the viewer; [`SourceError::NothingGiven`] without any word.
    pub fn parse(words: &[String]) -> Result<Self, SourceError> {
        let mut files = Vec::new();
        for word in words {
            match (Self::parse_word(word)?, words.len()) {
                (source, 1) => return Ok(source),
                (Self::Files(more), _) => files.extend(more),
                (_, _) => return Err(SourceError::Mixed(without_query(word).to_owned())),
            }
        }
        if files.is_empty() { Err(SourceError::NothingGiven) } else { Ok(Self::Files(files)) }
    }

    fn parse_word(word: &str) -> Result<Self, SourceError> {
        let trimmed = word.trim();
        if trimmed == SAMPLE_WORD {
            return Ok(Self::Sample);
        }
        if let Some((scheme, _)) = trimmed.split_once("://") {
            let bad = || SourceError::BadAddress(without_query(trimmed).to_owned());
            match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" => {
                    let url = Url::parse(trimmed).map_err(|_| bad())?;
                    return if url.has_host() { Ok(Self::Http(url)) } else { Err(bad()) };
                }
                // What file managers and browsers hand over when something is dropped.
                "file" => {
                    let path = Url::parse(trimmed).ok().and_then(|url| url.to_file_path().ok()).ok_or_else(bad)?;
                    return Self::of_path(&path, word);
                }
                scheme if is_scheme(scheme) => return Err(SourceError::Scheme(scheme.to_owned())),
                _ => {}
            }
        }
        Self::of_path(Path::new(word), word)
    }

    fn of_path(path: &Path, word: &str) -> Result<Self, SourceError> {
        let missing = || {
            let shown = without_query(word.trim()).to_owned();
            if looks_like_host(word) { SourceError::SchemeMissing(shown) } else { SourceError::NoSuchPath(shown) }
        };
        // As people type it; on a command line the shell has done so already.
        let path = match (path.strip_prefix("~"), std::env::home_dir()) {
            (Ok(below_home), Some(home)) => home.join(below_home),
            _ => path.to_owned(),
        };
        let path = std::path::absolute(path).map_err(|_| missing())?;
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => Ok(Self::Folder(path)),
            Err(err)
                if matches!(
                    err.kind(),
                    std::io::ErrorKind::NotFound
                        | std::io::ErrorKind::NotADirectory
                        | std::io::ErrorKind::InvalidInput
                        | std::io::ErrorKind::InvalidFilename
                ) =>
            {
                Err(missing())
            }
            // What else is wrong with a file, its tile tells.
            Ok(_) | Err(_) => Ok(Self::Files(vec![path])),
        }
    }

    /// A short name for the top line: the folder's name, the host, or `Sample reel`.
    #[must_use]
    pub fn label(&self) -> String {
        let name = |path: &Path| {
            let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
            text::line(&name, text::TITLE_GRAPHEMES)
        };
        match self {
            Self::Folder(path) => name(path),
            Self::Files(files) => match files.as_slice() {
                [file] => name(file),
                files => format!("{} files", files.len()),
            },
            Self::Http(url) => host_of(url),
            Self::Sample => "Sample reel".to_owned(),
        }
    }

    /// The words that [`Self::parse`] understands as this source again. An address keeps its query string, so
    /// the words are not for showing or logging.
    #[must_use]
    pub fn to_words(&self) -> Vec<String> {
        match self {
            Self::Folder(path) => vec![path.to_string_lossy().into_owned()],
            Self::Files(files) => files.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
            Self::Http(url) => vec![url.to_string()],
            Self::Sample => vec![SAMPLE_WORD.to_owned()],
        }
    }

    /// The page after `cursor`, or the first one.
    ///
    /// # Errors
    /// A failure with a sentence for the viewer. What was loaded before stays good.
    pub async fn page(&self, context: &SourceContext, cursor: Option<&Cursor>) -> Result<FeedPage, Failure> {
        let mut page = match self {
            Self::Folder(root) => folder::folder_page(context, root, cursor).await?,
            // What was given by hand, and what comes with the program, is meant to be seen.
            Self::Files(files) => return Ok(folder::files_page(files, cursor).await?),
            Self::Sample => return Ok(sample_page()),
            Self::Http(url) => http::page(context, url, cursor).await?,
        };
        context.filter.apply(&mut page);
        Ok(page)
    }

    /// What the service of an HTTP feed says about feature flags: names and shares in percent. `None` where there is no
    /// service, or it says nothing that could be understood; why it does not is nobody's business.
    pub async fn flags(&self, context: &SourceContext) -> Option<Vec<(String, u8)>> {
        match self {
            Self::Http(url) => flags::flags(context, url).await,
            Self::Folder(_) | Self::Files(_) | Self::Sample => None,
        }
    }
}

fn sample_page() -> FeedPage {
    let items = SAMPLE_CLIPS.iter().enumerate().map(|(index, clip)| Item {
        title: clip.title.to_owned(),
        maker: clip.maker.to_owned(),
        description: clip.description.to_owned(),
        tags: clip.tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..Item::bare(ItemId::new(format!("sample-{}", index + 1)), MediaLocation::Sample(index))
    });
    FeedPage { items: items.collect(), ..FeedPage::default() }
}

/// The host and, when the address names one, the port.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// An address or path as it may be shown: what comes after `?` or `#`, and a user name, may be secret.
fn without_query(word: &str) -> &str {
    let word = if word.contains("://") { word.split(['?', '#']).next().unwrap_or_default() } else { word };
    match (word.contains("://"), word.rsplit_once('@')) {
        (true, Some((_, host))) => host,
        _ => word,
    }
}

/// RFC 3986, 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// `example.org`, `example.org/feed`, `localhost:8080`: what is likely an address without its scheme.
fn looks_like_host(word: &str) -> bool {
    let word = word.trim();
    if word.starts_with(['/', '.', '~']) || word.contains([' ', '\\']) {
        return false;
    }
    let host = word.split('/').next().unwrap_or_default();
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let has_port = port.is_some_and(|port| port.parse::<u16>().is_ok());
    let top_level = name.rsplit_once('.').map_or("", |(_, top)| top);
    let is_domain = top_level.len() >= 2 && top_level.chars().all(|c| c.is_ascii_alphabetic());
    has_port || (is_domain && (word.contains('/') || name.starts_with("www.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Source, SourceError> {
        Source::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    fn sentence(words: &[&str]) -> String {
        parse(words).unwrap_err().to_string()
    }

    #[test]
    fn folders_files_and_addresses_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.mp4"), folder.path().join("b c.mp4"));
        std::fs::write(&a, "").unwrap();
        std::fs::write(&b, "").unwrap();
        let (root, a_word, b_word) = (folder.path().to_str().unwrap(), a.to_str().unwrap(), b.to_str().unwrap());
        assert_eq!(parse(&[root]).unwrap(), Source::Folder(folder.path().to_owned()));
        assert_eq!(parse(&[b_word, a_word]).unwrap(), Source::Files(vec![b.clone(), a.clone()]));
        assert_eq!(parse(&[&format!("file://{}", b_word.replace(' ', "%20"))]).unwrap(), Source::Files(vec![b]));
        assert!(matches!(parse(&["HTTP://example.org:81/x?a=b"]).unwrap(), Source::Http(_)));
        assert!(matches!(parse(&[a_word, root]), Err(SourceError::Mixed(_))));
        assert!(matches!(parse(&[]), Err(SourceError::NothingGiven)));
    }

    #[test]
    fn the_home_folder_may_be_written_as_people_do() {
        let home = std::env::home_dir().unwrap();
        assert_eq!(parse(&["~"]).unwrap(), Source::Folder(home.join("")));
        assert_eq!(sentence(&["~/no/such"]), "There is no file or folder at “~/no/such”.");
    }

    #[test]
    fn what_cannot_be_opened_is_told_in_a_sentence_without_its_query() {
        assert_eq!(sentence(&["/no/such/folder"]), "There is no file or folder at “/no/such/folder”.");
        assert_eq!(
            sentence(&["ftp://example.org/?token=secret"]),
            "Addresses that begin with ftp: can’t be opened; http:// and https:// can."
        );
        assert_eq!(sentence(&["http://?token=secret"]), "“http://” is not a valid address.");
        assert!(sentence(&["example.org/feed"]).contains("begin it with https://"));
        assert!(sentence(&["localhost:8080"]).contains("begin it with https://"));
        assert!(!sentence(&["holiday.mp4"]).contains("https"));
    }

    #[test]
    fn every_source_is_understood_again_from_its_words() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.mp4");
        std::fs::write(&file, "").unwrap();
        let url = Url::parse("https://example.org/feed?token=x").unwrap();
        for source in [
            Source::Folder(folder.path().to_owned()),
            Source::Files(vec![file.clone()]),
            Source::Files(vec![file.clone(), file]),
            Source::Http(url),
            Source::Sample,
        ] {
            assert_eq!(Source::parse(&source.to_words()).unwrap(), source);
        }
    }

    #[test]
    fn labels_are_short_and_show_no_secrets() {
        assert_eq!(parse(&["https://me:secret@example.org:8443/feed?token=x"]).unwrap().label(), "example.org:8443");
        assert_eq!(Source::Folder("/videos/holiday".into()).label(), "holiday");
        assert_eq!(Source::Files(vec!["/a.mp4".into(), "/b.mp4".into()]).label(), "2 files");
        assert_eq!(Source::Sample.label(), "Sample reel");
    }
}
