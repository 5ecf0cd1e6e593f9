//! Folders and files on this machine as a feed: what they hold is known by content, not by ending.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::beside::Beside;
use super::text;
use super::tree::{self, ListedFile, Listing};
use super::{SourceContext, SourceError};
use crate::feed::{Container, Cursor, Failure, FailureKind, FeedPage, Item, ItemId, MediaLocation, SNIFF_BYTES};
use crate::words::failures as words;

/// Items of one page: enough to be far ahead of any viewer, few enough to be looked at in an instant.
const PAGE_ITEMS: usize = 50;
/// Files looked at for one page, so that a folder of photos with a clip among them answers in good time too.
const PAGE_FILES: usize = 1_000;

/// Endings of files that somebody takes for videos; when such a file is none, the viewer is told why.
const VIDEO_ENDINGS: &[&str] = &[
    "3g2", "3gp", "asf", "avi", "divx", "f4v", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "ogm", "ogv", "qt",
    "rm", "rmvb", "ts", "vob", "webm", "wmv",
];
/// Endings of sound in a container that holds videos as well, where the first bytes do not tell.
const SOUND_ENDINGS: &[&str] = &["mka", "weba"];
/// Major brands of ISO media (ISO 14496-12, `ftyp`) that are sound or still images.
const BRANDS_WITHOUT_VIDEO: &[&[u8; 4]] = &[
    b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B ", b"aax ", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"crx ",
];
/// What the first pages of an Ogg file hold when there is a picture: Theora, Dirac, VP8, or a skeleton, which
/// sound alone does without.
const OGG_PICTURE_MARKS: &[&[u8]] = &[b"\x80theora", b"BBCD\0", b"OVP80", b"fishead\0"];

/// What a file turned out to be.
#[derive(Debug, PartialEq)]
enum Kind {
    Video,
    Broken(Failure),
    /// An image, a text, sound, anything else.
    Other,
}

/// A page of the videos below a folder.
pub(super) async fn folder_page(context: &SourceContext, root: &Path, cursor: Option<&Cursor>) -> Result<FeedPage, SourceError> {
    let name =
        || text::line(&root.file_name().map_or_else(|| tree::text_of(root), |name| tree::text_of(name.as_ref())), text::TITLE_GRAPHEMES);
    let known = match cursor {
        Some(_) => context.listings.get(root).await,
        None => None,
    };
    let listing = if let Some(listing) = known {
        listing
    } else {
        let folder = root.to_owned();
        let listing = tokio::task::spawn_blocking(move || tree::list(&folder)).await.map_err(|_| SourceError::BrokenOff)?;
        let listing = Arc::new(listing.map_err(|err| SourceError::Folder { name: name(), err })?);
        context.listings.insert(root.to_owned(), Arc::clone(&listing)).await;
        listing
    };
    page_of(listing, cursor, false).await
}

/// A page of files in the order in which they were given.
pub(super) async fn files_page(files: &[std::path::PathBuf], cursor: Option<&Cursor>) -> Result<FeedPage, SourceError> {
    let listed = files.iter().map(|path| ListedFile { path: path.clone(), relative: tree::text_of(path) }).collect();
    page_of(Arc::new(Listing { files: listed, skipped: 0 }), cursor, true).await
}

async fn page_of(listing: Arc<Listing>, cursor: Option<&Cursor>, given_by_hand: bool) -> Result<FeedPage, SourceError> {
    // A cursor of ours is the number of files before the page.
    let start = cursor.map_or(0, |cursor| cursor.0.parse().unwrap_or(usize::MAX)).min(listing.files.len());
    tokio::task::spawn_blocking(move || read_page(&listing, start, given_by_hand)).await.map_err(|_| SourceError::BrokenOff)
}

fn read_page(listing: &Listing, start: usize, given_by_hand: bool) -> FeedPage {
    let mut page = FeedPage { finite: true, ..FeedPage::default() };
    if start == 0 {
        page.skipped = listing.skipped;
    }
    let mut looked_at = 0;
    // Who opens one file wants to hear what is wrong with it; of several, those that are no videos are left out.
    let alone = given_by_hand && listing.files.len() == 1;
    let beside = if given_by_hand { Beside::around(listing) } else { Beside::of_listing(listing) };
    for file in listing.files.iter().skip(start).take(PAGE_FILES) {
        if page.items.len() == PAGE_ITEMS {
            break;
        }
        looked_at += 1;
        let problem = match inspect(&file.path) {
            Kind::Video => None,
            Kind::Broken(failure) => Some(failure),
            Kind::Other if alone => Some(Failure::new(FailureKind::Unsupported, words::NO_VIDEO)),
            Kind::Other => {
                page.skipped += 1;
                continue;
            }
        };
        page.items.push(Item { captions: beside.of(&file.path), ..item(file, given_by_hand, problem) });
    }
    let end = start + looked_at;
    page.next = (end < listing.files.len()).then(|| Cursor(end.to_string()));
    page
}

fn item(file: &ListedFile, given_by_hand: bool, problem: Option<Failure>) -> Item {
    let stem = file.path.file_stem().unwrap_or_default();
    let maker = if given_by_hand { "" } else { file.relative.rsplit_once('/').map_or("", |(folder, _)| folder) };
    Item {
        title: text::title_of_stem(&stem.to_string_lossy()),
        maker: text::line(maker, text::MAKER_GRAPHEMES),
        problem,
        ..Item::bare(ItemId::new(file.relative.as_str()), MediaLocation::File(file.path.clone()))
    }
}

/// Looks at the first bytes of a file.
fn inspect(path: &Path) -> Kind {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let called_video = VIDEO_ENDINGS.contains(&ending.as_str());
    let head = match read_head(path) {
        Ok(head) => head,
        Err(_) if !called_video => return Kind::Other,
        Err(err) => return Kind::Broken(unreadable(path, &err)),
    };
    match Container::sniff(&head) {
        Some(container) if is_without_video(container, &head, &ending) => Kind::Other,
        Some(_) => Kind::Video,
        None if !called_video || is_source_text(&head, &ending) => Kind::Other,
        None if head.is_empty() => Kind::Broken(Failure::new(FailureKind::Corrupt, words::EMPTY)),
        None => Kind::Broken(unrecognised(&head)),
    }
}

fn read_head(path: &Path) -> io::Result<Vec<u8>> {
    // Asked before opening: opening a named pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    File::open(path)?.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn unreadable(path: &Path, err: &io::Error) -> Failure {
    let failure = match err.kind() {
        io::ErrorKind::NotFound if path.is_symlink() => Failure::new(FailureKind::Missing, words::LINK_LEADS_NOWHERE),
        io::ErrorKind::NotFound => Failure::new(FailureKind::Missing, words::NOT_THERE_ANY_MORE),
        io::ErrorKind::PermissionDenied => Failure::new(FailureKind::Unreadable, words::NOT_ALLOWED),
        _ => Failure::new(FailureKind::Unreadable, words::READING_FAILED),
    };
    failure.caused_by(err)
}

fn unrecognised(head: &[u8]) -> Failure {
    const ASF: &[u8] = &[0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11];
    const MXF: &[u8] = &[0x06, 0x0e, 0x2b, 0x34];
    let unsupported = |name: &str| Failure::new(FailureKind::Unsupported, words::container(name));
    match head {
        _ if head.starts_with(ASF) => unsupported("Windows Media"),
        _ if head.starts_with(b".RMF") => unsupported("RealMedia"),
        _ if head.starts_with(MXF) => unsupported("MXF"),
        // Blu-ray puts four bytes before each packet of 188.
        _ if head.get(4) == Some(&0x47) && head.get(196) == Some(&0x47) => unsupported("Blu-ray stream"),
        _ => Failure::new(FailureKind::Corrupt, words::NO_BEGINNING).because("no known container starts with these bytes"),
    }
}

/// TypeScript shares its ending with MPEG transport streams; a text of that ending is no broken video.
fn is_source_text(head: &[u8], ending: &str) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may have been cut through.
        Err(err) => std::str::from_utf8(&head[..err.valid_up_to()]).unwrap_or_default(),
    };
    matches!(ending, "ts" | "mts") && !text.is_empty() && text.len() + 4 > head.len() && !text.contains('\0')
}

fn is_without_video(container: Container, head: &[u8], ending: &str) -> bool {
    match container {
        Container::Mp4 => head.get(4..8) == Some(b"ftyp") && BRANDS_WITHOUT_VIDEO.iter().any(|brand| head.get(8..12) == Some(&brand[..])),
        Container::Ogg => !OGG_PICTURE_MARKS.iter().any(|mark| head.windows(mark.len()).any(|bytes| bytes == *mark)),
        Container::Matroska => SOUND_ENDINGS.contains(&ending),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(name: &str, bytes: &[u8]) -> Kind {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        inspect(&path)
    }

    fn broken(name: &str, bytes: &[u8]) -> FailureKind {
        match kind_of(name, bytes) {
            Kind::Broken(failure) => failure.kind,
            kind => panic!("{name} is {kind:?}"),
        }
    }

    #[test]
    fn a_video_is_known_by_content_whatever_it_is_called() {
        assert_eq!(kind_of("clip", b"\0\0\0\x18ftypisom"), Kind::Video);
        assert_eq!(kind_of("clip.jpg", b"\x1a\x45\xdf\xa3rest"), Kind::Video);
        assert_eq!(kind_of("clip.ogg", b"OggS\0\x02..............\x80theora"), Kind::Video);
    }

    #[test]
    fn sound_and_still_images_in_video_containers_are_left_out() {
        assert_eq!(kind_of("song.m4a", b"\0\0\0\x18ftypM4A "), Kind::Other);
        assert_eq!(kind_of("photo.heic", b"\0\0\0\x18ftypheic"), Kind::Other);
        assert_eq!(kind_of("song.opus", b"OggS\0\x02..............OpusHead"), Kind::Other);
        assert_eq!(kind_of("song.mka", b"\x1a\x45\xdf\xa3rest"), Kind::Other);
    }

    #[test]
    fn a_file_that_is_only_called_a_video_is_told_of() {
        assert_eq!(broken("a.mp4", b""), FailureKind::Corrupt);
        assert_eq!(broken("a.MOV", b"<html>"), FailureKind::Corrupt);
        assert_eq!(broken("a.wmv", &[0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11]), FailureKind::Unsupported);
        assert_eq!(kind_of("notes.txt", b""), Kind::Other);
    }

    #[test]
    fn typescript_is_not_a_broken_transport_stream() {
        assert_eq!(kind_of("index.ts", "export const a = “b”;".as_bytes()), Kind::Other);
        assert_eq!(broken("clip.ts", &[0xff; 400]), FailureKind::Corrupt);
    }
}
