//! Evidence that is given file by file: each file stands for itself and says nothing of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::hash;
use super::manifest::{Evidence, Manifest};
use super::verify::{Problem, compare};
use crate::evidence::{Located, Source};

/// Files that were named one by one.
pub(super) struct Picked {
    /// Those with the length and hash of an entry of the manifest, by both.
    equal: BTreeMap<(u64, String), Vec<PathBuf>>,
    others: Vec<PathBuf>,
    /// The manifest has one entry, which a file of any name may be.
    alone: bool,
}

impl Picked {
    /// `None` where a folder or an archive is among the PATHs, and where no file stands for any entry: then what is not
    /// found is missing.
    pub(super) fn of(evidence: &[PathBuf], named: &BTreeMap<String, Located>, manifest: &Manifest) -> Option<Self> {
        let holds_others = |located: &Located| matches!(located.source, Source::Archive(_) | Source::Member(..));
        if evidence.iter().any(|path| !path.is_file()) || named.values().any(holds_others) {
            return None;
        }
        let mut picked = Picked {
            equal: BTreeMap::new(),
            others: Vec::new(),
            alone: manifest.evidence.len() == 1,
        };
        for path in evidence {
            match known(path, manifest) {
                Some(key) => picked.equal.entry(key).or_default().push(path.clone()),
                None => picked.others.push(path.clone()),
            }
        }
        let stands = |entry: &Evidence| picked.is_equal(entry) || picked.may_be(entry).next().is_some();
        manifest.evidence.iter().any(stands).then_some(picked)
    }

    /// What is wrong with the file that stands for an entry. The files that do are `claimed`.
    pub(super) fn compare(&self, entry: &Evidence, claimed: &mut BTreeSet<PathBuf>) -> Option<Problem> {
        if let Some(paths) = self.equal.get(&key(entry)) {
            claimed.extend(paths.iter().cloned());
            return None;
        }
        let places: Vec<PathBuf> = self.may_be(entry).cloned().collect();
        if places.is_empty() {
            return Some(Problem::NotGiven);
        }
        claimed.extend(places.iter().cloned());
        compare(&places, &entry.sha256, entry.bytes)
    }

    fn is_equal(&self, entry: &Evidence) -> bool {
        self.equal.contains_key(&key(entry))
    }

    /// The files that an entry may have become.
    fn may_be<'a>(&'a self, entry: &'a Evidence) -> impl Iterator<Item = &'a PathBuf> {
        self.others
            .iter()
            .filter(|path| self.alone || is_called(path, &entry.path))
    }
}

fn key(entry: &Evidence) -> (u64, String) {
    (entry.bytes, entry.sha256.clone())
}

/// Length and hash of a file that has those of an entry.
fn known(path: &Path, manifest: &Manifest) -> Option<(u64, String)> {
    let (file, length) = hash::open_regular(path).ok()?;
    let mut alike = manifest.evidence.iter().filter(|e| e.bytes == length).peekable();
    alike.peek()?;
    let found = hash::of_file(file).ok()?;
    alike.any(|e| e.sha256 == found).then_some((length, found))
}

/// Whether the last part of an entry's path is the name of a file, perhaps with a number behind it.
fn is_called(path: &Path, entry: &str) -> bool {
    let name = |path: &Path| Some(path.file_name()?.to_string_lossy().into_owned());
    let (Some(name), Some(entry)) = (name(path), name(Path::new(entry))) else {
        return false;
    };
    entry.strip_prefix(&name).is_some_and(|rest| {
        let number = rest.strip_prefix('-');
        rest.is_empty() || number.is_some_and(|n| n.parse::<u32>().is_ok())
    })
}
