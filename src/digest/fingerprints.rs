//! Which rows are the same export row again.
//!
//! Every row that has an identity leaves 16 bytes: 79 bits of a hash of it, whether the row was whole, how many rows the
//! search that returned it had found, and its record number; the file is that of the list. Sorting the lists of all files brings the copies together.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};

use rayon::prelude::*;

use crate::records::{Origin, RecordId, address};

/// One row's mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// Of a row whose identity hashes to `identity` (its upper 79 bits count).
    pub fn new(identity: u128, complete: bool, record: u32) -> Self {
        Fingerprint((identity >> 49) << 49 | u128::from(!complete) << 48 | u128::from(record))
    }

    /// With the `ResultCount` of the search that returned the row. No search returns more than 50,000 rows; a number
    /// that does not fit is not kept.
    pub fn of_search(self, result_count: Option<u32>) -> Self {
        let count = result_count.and_then(|c| u16::try_from(c).ok()).unwrap_or(0);
        Fingerprint(self.0 & !(0xffff << 32) | u128::from(count) << 32)
    }

    /// The `ResultCount` that was kept.
    pub fn search(self) -> Option<u32> {
        Some((self.0 >> 32) as u32 & 0xffff).filter(|c| *c != 0)
    }

    /// Of an audit row by its record id.
    pub fn audit(id: RecordId, complete: bool, record: u32) -> Self {
        // Ids are GUIDs, some of them sequential in their lower half: an odd multiplier spreads every bit upwards.
        const SPREAD: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;
        Fingerprint::new((id.0 ^ (id.0 >> 64)).wrapping_mul(SPREAD), complete, record)
    }

    /// Of a row told by the bytes that identify it.
    pub fn of_bytes(identity: &[u8], complete: bool, record: u32) -> Self {
        let half = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u8(seed);
            hasher.write(identity);
            hasher.finish()
        };
        Fingerprint::new(u128::from(half(1)) << 64 | u128::from(half(2)), complete, record)
    }

    /// Adds to the record number: the chunk's place in its file became known.
    pub fn shift_record(&mut self, by: u32) {
        let record = (self.0 as u32).saturating_add(by);
        self.0 = self.0 >> 32 << 32 | u128::from(record);
    }

    /// Which of [`PARTS`] parts of the range of identities it lies in.
    fn part(self) -> u32 {
        (self.0 >> 120) as u32
    }

    /// What two copies of a row share.
    pub fn identity(self) -> u128 {
        self.0 >> 49
    }

    fn is_complete(self) -> bool {
        self.0 >> 48 & 1 == 0
    }

    fn record(self) -> u32 {
        self.0 as u32
    }
}

/// How many of a file's rows were the same row again, by what they would have counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Duplicates {
    pub accepted: u64,
    pub degraded: u64,
}

/// Counts the duplicates of every file. Of equal rows the most complete is kept, then the one of the lowest
/// file and record.
///
/// Each file's list is sorted where it lies, and left so; then all lists are gone through in parts of the range of identities, so that
/// no second copy of all marks is made.
pub fn duplicates(files: &mut BTreeMap<u32, Vec<Fingerprint>>) -> BTreeMap<u32, Duplicates> {
    files.par_iter_mut().for_each(|(_, list)| list.par_sort_unstable());
    (0..PARTS)
        .into_par_iter()
        .map(|part| duplicates_within(files, part))
        .reduce(BTreeMap::new, |mut all, more| {
            for (file, counts) in more {
                let sum = all.entry(file).or_default();
                sum.accepted += counts.accepted;
                sum.degraded += counts.degraded;
            }
            all
        })
}

/// Parts of the range of identities.
const PARTS: u32 = 256;

/// Counts the duplicates whose identity lies in one part of the range, in sorted lists.
fn duplicates_within(files: &BTreeMap<u32, Vec<Fingerprint>>, part: u32) -> BTreeMap<u32, Duplicates> {
    let mut all: Vec<(Fingerprint, u32)> = Vec::new();
    for (&file, list) in files {
        let start = list.partition_point(|f| f.part() < part);
        let marks = list.get(start..).unwrap_or_default().iter();
        all.extend(marks.take_while(|f| f.part() == part).map(|&f| (f, file)));
    }
    all.sort_unstable_by_key(|&(f, file)| (f.identity(), !f.is_complete(), file, f.record()));
    let mut found: BTreeMap<u32, Duplicates> = BTreeMap::new();
    for pair in all.windows(2) {
        let [(kept, _), (again, file)] = pair else { continue };
        if kept.identity() == again.identity() {
            let counts = found.entry(*file).or_default();
            if again.is_complete() {
                counts.accepted += 1
            } else {
                counts.degraded += 1
            }
        }
    }
    found
}

/// A hash of one identifying text, without regard to the case of ASCII letters.
pub fn hash_text(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut buffer = [0u8; 64];
    for chunk in text.as_bytes().chunks(buffer.len()) {
        let part = &mut buffer[..chunk.len()];
        part.copy_from_slice(chunk);
        part.make_ascii_lowercase();
        hasher.write(part);
    }
    hasher.finish()
}

/// A hash of a message id: GUIDs by their value, so that spellings with and without hyphens agree.
pub fn hash_message_id(id: &str) -> u64 {
    let id = id.trim().trim_matches(['{', '}']);
    if let Some(hex) = plain_guid(id.as_bytes()) {
        let mut hasher = DefaultHasher::new();
        hasher.write(&hex);
        return hasher.finish();
    }
    let mut hex = [0u8; 32];
    let mut digits = 0;
    for byte in id.bytes().filter(|&b| b != b'-') {
        if !byte.is_ascii_hexdigit() || digits == hex.len() {
            return hash_text(id);
        }
        hex[digits] = byte.to_ascii_lowercase();
        digits += 1;
    }
    if digits < hex.len() {
        return hash_text(id);
    }
    let mut hasher = DefaultHasher::new();
    hasher.write(&hex);
    hasher.finish()
}

/// A hash of an Internet Message-ID, with or without its angle brackets. It is no hash of a network message id.
pub fn hash_internet_id(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(b"Message-ID");
    hasher.write(address::bare(id).as_bytes());
    hasher.finish()
}

/// The digits, in lower case, of a GUID that is written as most exports write it.
fn plain_guid(id: &[u8]) -> Option<[u8; 32]> {
    let mut hex = [0u8; 32];
    let groups = [(0, 8), (9, 4), (14, 4), (19, 4), (24, 12)];
    let hyphens = [8, 13, 18, 23].iter().all(|&at| id.get(at) == Some(&b'-'));
    (id.len() == 36 && hyphens).then_some(())?;
    let mut to = 0;
    for (from, length) in groups {
        hex.get_mut(to..to + length)?
            .copy_from_slice(id.get(from..from + length)?);
        to += length;
    }
    hex.make_ascii_lowercase();
    hex.iter().all(u8::is_ascii_hexdigit).then_some(hex)
}

/// A hash that tells a row without any identity from every other row.
pub fn hash_origin(origin: Origin) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write_u32(origin.file);
    hasher.write_u64(origin.offset);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Duplicates, Fingerprint, duplicates, hash_message_id, hash_text};
    use crate::records::RecordId;

    #[test]
    fn the_most_complete_copy_is_kept_then_the_lowest_place() {
        let row = |id, complete, record| Fingerprint::audit(RecordId(id), complete, record);
        let mut files = BTreeMap::from([
            (0, vec![row(1, false, 1), row(2, true, 2), row(2, true, 3)]),
            (1, vec![row(1, true, 1), row(3, true, 2)]),
        ]);
        // Row 1: the whole copy in file 1 is kept, the cut one in file 0 is the duplicate. Row 2: record 3 is.
        assert_eq!(
            duplicates(&mut files),
            BTreeMap::from([(
                0,
                Duplicates {
                    accepted: 1,
                    degraded: 1
                }
            )])
        );
    }

    #[test]
    fn shifting_changes_the_record_alone() {
        let mut a = Fingerprint::audit(RecordId(77), false, 3).of_search(Some(50_000));
        a.shift_record(40);
        assert_eq!(a, Fingerprint::audit(RecordId(77), false, 43).of_search(Some(50_000)));
        assert_eq!((a.search(), a.is_complete(), a.record()), (Some(50_000), false, 43));
        assert_eq!(a.identity(), Fingerprint::audit(RecordId(77), true, 1).identity());
    }

    #[test]
    fn spellings_of_one_message_id_agree() {
        let plain = hash_message_id("81945af2cab745adba2308d8ede2715d");
        assert_eq!(plain, hash_message_id("81945AF2-CAB7-45ad-ba23-08d8ede2715d"));
        assert_eq!(plain, hash_message_id("81945AF2CAB745-ad-ba23-08d8ede2715d"));
        assert_ne!(plain, hash_message_id("81945af2-cab7-45ad-ba23-08d8ede2715g"));
        assert_ne!(plain, hash_message_id("81945af2cab745adba2308d8ede2715e"));
        assert_eq!(hash_text("A@B.example"), hash_text("a@b.EXAMPLE"));
    }
}
