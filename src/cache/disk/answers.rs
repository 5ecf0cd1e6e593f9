//! Answers what is asked of the disk cache: how full it is, what is in it, whether it is sound.

use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

use super::admin::{Cleared, Row, Stats, Verified};
use super::books::{Books, Entry};
use super::folder::FileName;
use super::record::Kind;
use super::store::Store;
use crate::cache::blocks::{BLOCK_BYTES, block_len, block_start};
use crate::cache::key::hex;
use crate::cache::ledger::EntryId;

/// Bytes of an entry's hash that it is known by to a person.
const ID_BYTES: usize = 6;
const DAY_S: u64 = 24 * 3600;

impl Store {
    /// How full it is.
    pub(super) fn stats(&self) -> Stats {
        let books = self.books();
        let sums = books.ledger.sums();
        let counts = self.counters.snapshot();
        let mut stats = Stats {
            dir: self.folder.path().to_owned(),
            cap_bytes: books.ledger.cap(),
            disk_bytes: books.ledger.total(),
            reserved_bytes: sums.reserved,
            pinned_bytes: sums.kept,
            in_use: sums.in_use,
            unwatched_bytes: sums.unwatched,
            unread: books.unread.len() as u64,
            evictions: counts.cache_evictions,
            bad_blocks: counts.cache_bad_blocks,
            max_age_days: self.max_age.as_secs() / DAY_S,
            ..Stats::default()
        };
        for entry in books.entries.values().filter(|entry| is_listed(entry)) {
            stats.entries += 1;
            stats.pinned += u64::from(entry.record.pinned);
            match entry.record.kind {
                Kind::Video if entry.record.is_complete() => stats.videos_ready += 1,
                Kind::Video => stats.videos_partial += 1,
                Kind::Page => stats.pages += 1,
                Kind::Poster => stats.posters += 1,
                Kind::Captions => stats.captions += 1,
            }
        }
        stats
    }

    /// What is in it, the most recently used first.
    pub(super) fn rows(&self) -> Vec<Row> {
        let now = self.clock.now();
        let books = self.books();
        let mut rows: Vec<_> = books
            .entries
            .iter()
            .filter(|(_, entry)| is_listed(entry))
            .map(|(id, entry)| (books.ledger.seq(*id), row(&books, *id, entry, now)))
            .collect();
        rows.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Reads every block that is stored. What is wrong is removed when that is wished. Once `given_up` is true it reads no
    /// further, and leaves to the next one what there is to tell.
    pub(super) fn verify(&self, repair: bool, given_up: &AtomicBool, progress: &mut dyn FnMut(u64, u64)) -> Verified {
        let (entries, dropped, strays) = {
            let mut books = self.books();
            let listed = books.entries.iter().filter(|(_, entry)| is_listed(entry));
            let entries: Vec<_> = listed.map(|(id, entry)| (*id, entry.record.clone())).collect();
            (entries, std::mem::take(&mut books.dropped), std::mem::take(&mut books.strays))
        };
        let total: u64 = entries.iter().map(|(_, record)| record.stored()).sum();
        let mut found = Verified { entries: entries.len() as u64, bad_entries: dropped, strays, ..Verified::default() };
        let mut buf = vec![0; usize::try_from(BLOCK_BYTES).unwrap_or_default()];
        progress(0, total);
        for (id, record) in entries {
            if given_up.load(Ordering::Relaxed) {
                break;
            }
            let file = self.folder.open(FileName::new(&record.hash, id), record.length);
            let Ok(file) = file.inspect_err(|err| tracing::debug!("an entry cannot be opened: {err}")) else {
                // Unless it was evicted meanwhile.
                if self.books().entries.get(&id).is_some_and(|entry| !entry.dead) {
                    found.bad_entries += 1;
                    if repair && let Err(err) = self.spoiled(id) {
                        tracing::warn!("a damaged entry could not be removed: {err}");
                    }
                    self.books().dropped = 0;
                }
                continue;
            };
            for (block, crc) in &record.blocks {
                if given_up.load(Ordering::Relaxed) {
                    break;
                }
                let bytes = &mut buf[..usize::try_from(block_len(*block, record.length)).unwrap_or_default()];
                let sound = file.read_exact_at(bytes, block_start(*block)).is_ok() && crc32fast::hash(bytes) == *crc;
                found.blocks += 1;
                found.bytes += bytes.len() as u64;
                // Unless it was forgotten, or the entry evicted, meanwhile.
                if !sound && self.checksum(id, *block) == Some(*crc) {
                    found.bad_blocks += 1;
                    if repair {
                        self.forget(id, &file, *block, record.length, *crc);
                    }
                }
                progress(found.bytes, total);
            }
        }
        if given_up.load(Ordering::Relaxed) {
            let mut books = self.books();
            books.dropped += if repair { found.bad_entries } else { dropped };
            books.strays += strays;
            return found;
        }
        self.find_strays(repair, &mut found);
        found.repaired = repair && !found.is_sound();
        found
    }

    fn find_strays(&self, repair: bool, found: &mut Verified) {
        let Ok(listing) = self.folder.list().inspect_err(|err| tracing::warn!("{err}")) else { return };
        let unknown: Vec<_> = {
            let books = self.books();
            // Also those that are being made this very moment: their files come before their entries.
            let known = |name: &FileName| {
                books.entries.contains_key(&name.id) || books.unread.contains_key(&name.id) || books.ledger.reserved(name.id) > 0
            };
            listing.entries.into_iter().filter(|name| !known(name)).collect()
        };
        // Unless it was evicted meanwhile.
        let strays: Vec<_> = unknown.into_iter().filter(|name| self.folder.has(*name)).collect();
        found.strays += (strays.len() + listing.strays.len()) as u64;
        if repair {
            let removed = strays.iter().try_for_each(|name| self.folder.remove(*name));
            if let Err(err) = removed.and_then(|()| self.folder.remove_strays(&listing.strays)) {
                tracing::warn!("{err}");
            }
        }
    }

    /// Removes all entries, or all but the pinned ones. What is in use plays on; its room is free once that ends.
    /// `progress` hears entries looked at and entries in all.
    pub(super) fn clear(&self, keep_pinned: bool, progress: &mut dyn FnMut(u64, u64)) -> Cleared {
        self.look_at_unread();
        let listed: Vec<_> = {
            let books = self.books();
            let goes = |(_, entry): &(&EntryId, &Entry)| is_listed(entry) && !(keep_pinned && entry.record.pinned);
            let listed = books.entries.iter().filter(goes);
            listed.map(|(id, _)| (*id, books.ledger.used(*id), books.ledger.pins(*id) > 0)).collect()
        };
        let mut cleared = Cleared::default();
        let total = listed.len() as u64;
        for (done, (id, bytes, in_use)) in (0..).zip(listed) {
            progress(done, total);
            match self.discard(id) {
                Ok(()) => {
                    cleared.entries += 1;
                    cleared.bytes += bytes;
                    cleared.in_use += u64::from(in_use);
                }
                Err(err) => tracing::warn!("an entry could not be removed: {err}"),
            }
        }
        cleared
    }

    /// Keeps an entry, or lets it go again; `id` is the beginning of its id.
    pub(super) fn set_kept(&self, id: &str, kept: bool) -> Result<Row, String> {
        let wanted = id.to_ascii_lowercase();
        let now = self.clock.now();
        let mut books = self.books();
        let fits = |(_, entry): &(&EntryId, &Entry)| is_listed(entry) && id_of(entry).starts_with(&wanted);
        let mut fitting = books.entries.iter().filter(fits).map(|(id, _)| *id);
        let (found, more) = (fitting.next().filter(|_| !wanted.is_empty()), fitting.next());
        drop(fitting);
        let found = match (found, more) {
            (Some(found), None) => found,
            (Some(_), Some(_)) => return Err(format!("More than one entry has an id that begins with ‘{id}’.")),
            (None, _) => return Err(format!("No entry has an id that begins with ‘{id}’.")),
        };
        books.ledger.set_kept(found, kept);
        if let Some(entry) = books.entries.get_mut(&found) {
            entry.record.pinned = kept;
            entry.stale = true;
        }
        let row = books.entries.get(&found).map(|entry| row(&books, found, entry, now));
        drop(books);
        self.touch();
        row.ok_or_else(|| "The entry is gone.".to_owned())
    }
}

/// Whether a person is told of an entry.
fn is_listed(entry: &Entry) -> bool {
    !entry.dead && !entry.hidden && !entry.record.blocks.is_empty()
}

fn id_of(entry: &Entry) -> String {
    hex(&entry.record.hash[..ID_BYTES])
}

fn row(books: &Books, id: EntryId, entry: &Entry, now: u64) -> Row {
    let record = &entry.record;
    Row {
        id: id_of(entry),
        kind: record.kind.name().to_owned(),
        label: record.label.clone(),
        length: record.length,
        bytes: record.stored(),
        ready: record.is_complete(),
        pinned: record.pinned,
        in_use: books.ledger.pins(id) > 0,
        idle_s: now.saturating_sub(record.used_at),
    }
}
