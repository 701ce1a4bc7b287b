//! Values that memory has no room for, in temporary files without a name: written once, one after another, and read
//! through a map.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

use bytemuck::NoUninit;

use super::Map;

/// Writes values into a new temporary file, which goes when the program ends, however it ends.
pub struct Writer<T> {
    file: BufWriter<File>,
    length: usize,
    of: PhantomData<T>,
}

impl<T: NoUninit> Writer<T> {
    /// A file below this directory.
    pub fn new(dir: &Path) -> io::Result<Self> {
        Ok(Writer {
            file: BufWriter::with_capacity(1 << 18, tempfile::tempfile_in(dir)?),
            length: 0,
            of: PhantomData,
        })
    }

    /// Appends values.
    pub fn write(&mut self, values: &[T]) -> io::Result<()> {
        self.file.write_all(bytemuck::cast_slice(values))?;
        self.length += values.len();
        Ok(())
    }

    /// How many values were written.
    pub fn written(&self) -> usize {
        self.length
    }

    /// All that was written, to be read.
    pub fn finish(self) -> io::Result<Stored<T>> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Stored {
            map: Arc::new(Map::of(&file)?),
            range: 0..self.length,
            of: PhantomData,
        })
    }
}

/// Values in a temporary file, seen as a slice. The file's room on the disk is free again once the last part of it
/// is dropped.
#[derive(Debug)]
pub struct Stored<T> {
    map: Arc<Map>,
    range: Range<usize>,
    of: PhantomData<T>,
}

impl<T> Clone for Stored<T> {
    fn clone(&self) -> Self {
        Stored {
            map: Arc::clone(&self.map),
            range: self.range.clone(),
            of: PhantomData,
        }
    }
}

impl<T: NoUninit> Stored<T> {
    /// A part of the values; what lies beyond them is left out.
    pub fn part(&self, range: Range<usize>) -> Self {
        let place = |at: usize| self.range.start.saturating_add(at).min(self.range.end);
        Stored {
            range: place(range.start)..place(range.end),
            ..self.clone()
        }
    }

    /// Tells the kernel that nobody will soon look at a part of the values.
    pub fn give_back(&self, range: Range<usize>) {
        let Range { start, end } = self.part(range).range;
        self.map.give_back(start * size_of::<T>()..end * size_of::<T>());
    }
}

impl<T: NoUninit> Deref for Stored<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        let Range { start, end } = self.range;
        let bytes = start.saturating_mul(size_of::<T>())..end.saturating_mul(size_of::<T>());
        let Some(bytes) = self.map.bytes().get(bytes).filter(|bytes| !bytes.is_empty()) else {
            return &[];
        };
        // SAFETY: the file holds values of this type and nothing else, for a `Writer` of it wrote them, every byte of them
        // initialised (`NoUninit`), and no other process can open a file without a name. The map begins at a page, so
        // each value is aligned; the range was checked against the map, and lies within what it borrows from `self`.
        // To check the values themselves at every look would read all of them.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size_of::<T>()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Stored, Writer};

    fn stored(values: &[u128]) -> Stored<u128> {
        let mut writer = Writer::new(&std::env::temp_dir()).unwrap();
        values.chunks(7).for_each(|c| writer.write(c).unwrap());
        assert_eq!(writer.written(), values.len());
        writer.finish().unwrap()
    }

    #[test]
    fn what_was_written_is_read_in_whole_and_in_parts() {
        let values: Vec<u128> = (0..10_000).map(|i| i << 70 | i).collect();
        let all = stored(&values);
        assert!(*all == *values);
        all.give_back(0..5_000);
        let part = all.part(4_000..6_000);
        drop(all);
        assert!(*part == values[4_000..6_000]);
        assert!(*part.part(500..usize::MAX) == values[4_500..6_000]);
        assert!(part.part(3_000..4_000).is_empty());
    }

    #[test]
    fn nothing_is_an_empty_slice() {
        assert!(stored(&[]).is_empty());
    }

    #[test]
    fn the_file_has_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::new(folder.path()).unwrap();
        writer.write(&[1u64, 2]).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let stored = writer.finish().unwrap();
        assert_eq!(
            (std::fs::read_dir(folder.path()).unwrap().count(), &*stored),
            (0, &[1u64, 2][..])
        );
    }

    #[test]
    fn a_directory_that_is_not_there_takes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Writer::<u64>::new(&folder.path().join("gone")).is_err());
    }
}
