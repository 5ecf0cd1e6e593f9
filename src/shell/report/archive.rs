//! A `.tar.gz` in memory. The headers are those of POSIX.1-2001 ustar, of which a handful of small files with short
//! names needs one kind; a library for all of tar would be more to keep than these.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Everything in a tar archive comes in blocks of this many bytes.
const BLOCK: usize = 512;
/// The longest name that the header has room for.
const NAME_MAX: usize = 100;

/// An archive that is being made.
pub(super) struct Archive {
    folder: String,
    seconds: u64,
    out: GzEncoder<Vec<u8>>,
}

impl Archive {
    /// An archive whose files lie in one folder and are all of one time, in seconds since 1970.
    pub fn new(folder: String, seconds: u64) -> Self {
        Self { folder, seconds, out: GzEncoder::new(Vec::new(), Compression::default()) }
    }

    /// Adds a file.
    ///
    /// # Errors
    /// A name that is too long.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let header = header(&format!("{}/{name}", self.folder), bytes.len() as u64, self.seconds)?;
        self.out.write_all(&header)?;
        self.out.write_all(bytes)?;
        let rest = bytes.len().next_multiple_of(BLOCK) - bytes.len();
        self.out.write_all(&[0; BLOCK][..rest])
    }

    /// The whole archive.
    ///
    /// # Errors
    /// None that is known; compressing may have some.
    pub fn finish(mut self) -> io::Result<Vec<u8>> {
        self.out.write_all(&[0; 2 * BLOCK])?;
        self.out.finish()
    }
}

fn header(name: &str, bytes: u64, seconds: u64) -> io::Result<[u8; BLOCK]> {
    if name.len() > NAME_MAX {
        return Err(io::Error::other("a name is too long for the archive"));
    }
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    // Mode, owner and group; whoever unpacks it owns it.
    put(100, "0000600\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{bytes:011o}\0"));
    put(136, &format!("{seconds:011o}\0"));
    // The sum is taken with blanks in its own place.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(header)
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn tar_unpacks_it_and_finds_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        let files = [("empty.txt", vec![]), ("block.txt", vec![7; 512]), ("more.txt", b"line\n".repeat(1000))];
        let mut archive = Archive::new("report-1".into(), 1_700_000_000);
        for (name, bytes) in &files {
            archive.add(name, bytes).unwrap();
        }
        let path = folder.path().join("report.tar.gz");
        std::fs::write(&path, archive.finish().unwrap()).unwrap();
        let output = Command::new("tar").arg("-xzf").arg(&path).arg("-C").arg(folder.path()).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        for (name, bytes) in files {
            let unpacked = folder.path().join("report-1").join(name);
            assert_eq!(std::fs::read(&unpacked).unwrap(), bytes, "{name}");
            let changed = unpacked.metadata().unwrap().modified().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
            assert_eq!(changed.as_secs(), 1_700_000_000);
        }
    }

    #[test]
    fn a_name_that_does_not_fit_is_refused() {
        assert!(Archive::new("f".into(), 0).add(&"n".repeat(100), b"").is_err());
        Archive::new("f".into(), 0).add(&"n".repeat(98), b"").unwrap();
    }
}
