//! What a pass keeps beyond the memory it may have: sorted runs in temporary files.
//!
//! A run gives the same report with and without: what was spilled is joined with what was held before anyone asks.

#[cfg(test)]
mod tests;

use std::io;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bytemuck::NoUninit;

use crate::evidence::{Stored, Writer};

/// Runs of one kind from which on they are merged into one: each is a map, and a process can have so many of them.
pub const MOST_RUNS: usize = 256;

/// How much may be kept in memory, and where the rest goes.
#[derive(Debug)]
pub struct Spill {
    dir: PathBuf,
    room: usize,
    failed: OnceLock<String>,
}

impl Spill {
    /// For a run that may use so many bytes of memory for what it keeps of the rows. Half of them are for the columns; the
    /// other half is for what joins, sorts and counts them.
    pub fn new(memory: u64, dir: PathBuf) -> Self {
        Spill {
            dir,
            room: usize::try_from(memory / 2).unwrap_or(usize::MAX),
            failed: OnceLock::new(),
        }
    }

    /// Bytes of columns that may be held in memory.
    pub fn room(&self) -> usize {
        self.room
    }

    /// What one of so many digests that live at the same time may hold.
    pub fn share(&self, digests: usize) -> Share<'_> {
        Share {
            spill: self,
            room: self.room / digests.max(1),
        }
    }

    /// Where temporary files lie.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Why a file could not be written, if one could not. What was to go there stayed in memory.
    pub fn failure(&self) -> Option<&str> {
        self.failed.get().map(String::as_str)
    }

    /// A file of values. `None` where it cannot be written; after a failure nothing more is tried.
    pub fn store<T: NoUninit>(&self, write: impl FnOnce(&mut Writer<T>) -> io::Result<()>) -> Option<Stored<T>> {
        if self.failure().is_some() {
            return None;
        }
        let stored = Writer::new(&self.dir).and_then(|mut writer| {
            write(&mut writer)?;
            writer.finish()
        });
        stored
            .inspect_err(|e| {
                self.failed.get_or_init(|| e.to_string());
            })
            .ok()
    }
}

/// The room of one digest.
#[derive(Debug, Clone, Copy)]
pub struct Share<'s> {
    pub spill: &'s Spill,
    /// Bytes.
    pub room: usize,
}

/// Values in memory, or in a temporary file.
#[derive(Debug, Clone)]
pub enum Column<T> {
    Held(Vec<T>),
    Stored(Stored<T>),
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Column::Held(Vec::new())
    }
}

impl<T: NoUninit> Column<T> {
    /// How many values are in memory.
    pub fn held(&self) -> usize {
        match self {
            Column::Held(values) => values.len(),
            Column::Stored(_) => 0,
        }
    }

    /// Tells that nobody will soon look at a part of the values.
    pub fn give_back(&self, range: Range<usize>) {
        if let Column::Stored(values) = self {
            values.give_back(range);
        }
    }
}

impl<T: NoUninit> Deref for Column<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Column::Held(values) => values,
            Column::Stored(values) => values,
        }
    }
}

/// An iterator's end at which something is done.
pub fn at_end<T>(mut done: impl FnMut()) -> impl Iterator<Item = T> {
    std::iter::from_fn(move || {
        done();
        None
    })
}
