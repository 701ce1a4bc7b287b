//! A copy of a stream, kept while it is read, so that its rows can be read again.
//!
//! It lies in a temporary file without a name, which goes when the program ends, however it ends.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use super::bytes::Map;

/// The copy of one stream. It is whole once the stream was read to its end.
#[derive(Debug, Clone)]
pub(super) struct Spool(Arc<Mutex<Copy>>);

#[derive(Debug)]
enum Copy {
    Kept(File),
    /// Why there is none: a disk that is full, say.
    Lost(String),
}

/// Reads a stream and writes what it gives into the copy.
struct Copied {
    stream: Box<dyn Read + Send>,
    spool: Spool,
}

impl Spool {
    /// A copy of all that will be read from `stream`, which the reader given back stands in for.
    pub(super) fn of(stream: Box<dyn Read + Send>) -> (Self, Box<dyn Read + Send>) {
        let spool = Spool::new(tempfile::tempfile());
        let copied = Copied {
            stream,
            spool: spool.clone(),
        };
        (spool, Box::new(copied))
    }

    fn new(file: io::Result<File>) -> Self {
        let copy = file.map_or_else(|e| Copy::Lost(e.to_string()), Copy::Kept);
        Spool(Arc::new(Mutex::new(copy)))
    }

    /// A failure costs the copy and not the reading.
    fn write(&self, bytes: &[u8]) {
        let Ok(mut copy) = self.0.lock() else { return };
        if let Copy::Kept(file) = &mut *copy
            && let Err(e) = file.write_all(bytes)
        {
            *copy = Copy::Lost(e.to_string());
        }
    }

    /// Why there is no copy, if there is none.
    pub(super) fn lost(&self) -> Option<String> {
        match &*self.0.lock().ok()? {
            Copy::Kept(_) => None,
            Copy::Lost(reason) => Some(reason.clone()),
        }
    }

    /// The bytes of the copy; `None` where there is none.
    pub(super) fn map(&self) -> io::Result<Option<Map>> {
        match self.0.lock().as_deref() {
            Ok(Copy::Kept(file)) => Map::of(file).map(Some),
            _ => Ok(None),
        }
    }
}

impl Read for Copied {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.spool.write(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_can_be_read_again() {
        let (spool, mut reader) = Spool::of(Box::new(io::Cursor::new(b"one\ntwo\n")));
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\ntwo\n");
        assert_eq!(spool.map().unwrap().unwrap().bytes(), text.as_bytes());
        assert_eq!(spool.lost(), None);
    }

    #[test]
    fn a_copy_that_cannot_be_written_costs_no_byte_of_the_stream() {
        // Opened for reading alone, it refuses what is written.
        let unwritable = File::open(std::env::current_exe().unwrap());
        let spool = Spool::new(unwritable);
        let mut reader = Copied {
            stream: Box::new(io::Cursor::new(b"abc")),
            spool: spool.clone(),
        };
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
        assert!(spool.lost().is_some() && spool.map().unwrap().is_none());
    }
}
