//! The bytes of one evidence file, opened read-only: a map of a regular file, or a stream.
//!
//! Unsafe code of the library stands here, but for two calls of what is compiled for some processors only. Four things need
//! it: mapping a file, giving its pages back, the signal that the kernel sends when a mapped file is cut short while it is
//! being read, and seeing values in a file of our own.

pub mod stored;

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use memmap2::Mmap;

/// A regular file, mapped. An empty file has no map.
#[derive(Debug)]
pub struct Map(Option<Mmap>);

impl Map {
    /// Maps a regular file, read-only.
    pub fn of(file: &File) -> io::Result<Map> {
        if file.metadata()?.len() == 0 {
            return Ok(Map(None));
        }
        fault::install();
        // SAFETY: the map is read-only and private. Another process may write to the file or cut it short
        // meanwhile: every reader takes the bytes as untrusted and checks each access against the slice's length;
        // what lies beyond a new end raises SIGBUS, which `fault` turns into a clean end of the process.
        let map = unsafe { Mmap::map(file)? };
        Ok(Map(Some(map)))
    }

    /// The whole content.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Tells the kernel that nobody will soon look at `range`. Looking all the same reads the file again.
    ///
    /// Mapped pages count as memory of this process until they are given back.
    #[cfg(unix)]
    pub fn give_back(&self, range: Range<usize>) {
        let Some(map) = &self.0 else { return };
        let end = range.end.min(map.len());
        if range.start < end {
            // SAFETY: the map is read-only and backed by a file: a dropped page is read from it again, so no
            // byte that a reader still borrows changes. The range lies within the map.
            let advised = unsafe {
                map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, range.start, end - range.start)
            };
            // Advice that the kernel refuses costs memory, nothing else.
            drop(advised);
        }
    }

    #[cfg(not(unix))]
    pub fn give_back(&self, _range: Range<usize>) {}
}

impl AsRef<[u8]> for Map {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

/// What a file was when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn new(path: &Path, metadata: &Metadata) -> Self {
        Stamp {
            path: path.to_owned(),
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }

    /// Bytes at the time of opening.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Whether length and time of modification are still those of the opening. A file that has gone has changed.
    pub fn unchanged(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|now| Stamp::new(&self.path, &now) == *self)
    }
}

/// The bytes of one evidence file.
pub enum Bytes {
    Mapped {
        map: Map,
        stamp: Stamp,
    },
    /// Standard input or a pipe: can be read once. `None` once it has been.
    Stream(Mutex<Option<Box<dyn Read + Send>>>),
}

impl Bytes {
    /// Opens a file read-only. What is no regular file (a pipe) becomes a stream.
    pub fn open(path: &Path) -> io::Result<Bytes> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        if !metadata.is_file() {
            return Ok(Bytes::stream(file));
        }
        let stamp = Stamp::new(path, &metadata);
        Ok(Bytes::Mapped {
            map: Map::of(&file)?,
            stamp,
        })
    }

    /// Bytes that can be read once, in order.
    pub fn stream(reader: impl Read + Send + 'static) -> Bytes {
        Bytes::Stream(Mutex::new(Some(Box::new(reader))))
    }
}

/// A page of a mapped file that no longer exists raises SIGBUS, which kills without a word.
#[cfg(unix)]
mod fault {
    use std::sync::Once;

    static INSTALLED: Once = Once::new();
    const MESSAGE: &[u8] = b"relaytrail: error: an evidence file changed while it was being read: it was cut short\n";

    /// Makes the signal end the process with one line on standard error and exit code 1. Done once.
    pub fn install() {
        INSTALLED.call_once(|| {
            // SAFETY: the structure is zeroed and then filled as sigaction(2) asks; the handler calls nothing but
            // write(2) and _exit(2), both async-signal-safe.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = on_fault as extern "C" fn(libc::c_int) as libc::sighandler_t;
                libc::sigemptyset(&mut action.sa_mask);
                libc::sigaction(libc::SIGBUS, &action, std::ptr::null_mut());
            }
        });
    }

    extern "C" fn on_fault(_signal: libc::c_int) {
        // SAFETY: write(2) from a constant and _exit(2), which does not return.
        unsafe {
            libc::write(libc::STDERR_FILENO, MESSAGE.as_ptr().cast(), MESSAGE.len());
            libc::_exit(1);
        }
    }
}

#[cfg(not(unix))]
mod fault {
    pub fn install() {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn mapped(path: &Path) -> (Map, Stamp) {
        match Bytes::open(path).unwrap() {
            Bytes::Mapped { map, stamp } => (map, stamp),
            Bytes::Stream(_) => panic!("a regular file is mapped"),
        }
    }

    #[test]
    fn an_empty_file_has_no_bytes_and_no_map() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (map, stamp) = mapped(file.path());
        assert!(map.bytes().is_empty());
        assert_eq!(stamp.length(), 0);
        map.give_back(0..10);
    }

    #[test]
    fn pages_given_back_are_read_again_with_the_same_bytes() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let content: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
        file.write_all(&content).unwrap();
        let (map, _) = mapped(file.path());
        map.give_back(5_000..usize::MAX);
        assert!(map.bytes() == content);
    }

    #[test]
    fn a_file_that_grew_or_went_is_not_unchanged() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"one").unwrap();
        let (_, stamp) = mapped(file.path());
        assert!(stamp.unchanged());
        file.write_all(b" and more").unwrap();
        assert!(!stamp.unchanged());
        let (_, stamp) = mapped(file.path());
        drop(file);
        assert!(!stamp.unchanged());
    }

    #[test]
    fn a_folder_cannot_be_opened_as_evidence() {
        assert!(Bytes::open(tempfile::tempdir().unwrap().path()).is_err());
    }

    /// Runs itself as a child, because the signal ends the process.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_cut_short_under_its_map_ends_the_process_with_exit_code_1_and_a_word() {
        const CHILD: &str = "RELAYTRAIL_TEST_CUT_SHORT";
        if let Some(path) = std::env::var_os(CHILD) {
            let (map, _) = mapped(Path::new(&path));
            File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
            let sum: u64 = map.bytes().iter().map(|b| u64::from(*b)).sum();
            panic!("read {sum} from a file that is gone");
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[1u8; 100_000]).unwrap();
        let name =
            "evidence::bytes::tests::a_file_cut_short_under_its_map_ends_the_process_with_exit_code_1_and_a_word";
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, file.path())
            .output()
            .unwrap();
        assert_eq!(child.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&child.stderr).contains("an evidence file changed"));
    }
}
