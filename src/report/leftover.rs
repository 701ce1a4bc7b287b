//! What a killed run left beside the place of its report.
//!
//! A signal that cannot be caught, or a page fault in the evidence, ends a run before it can clean up. The next one for
//! the same place does.

use std::fs::{self, File};
use std::path::Path;

use super::manifest;

/// Removes the unfinished report directories that runs left which are over. What cannot be removed stays: it is in
/// nobody's way.
pub(super) fn remove(dir: &Path) {
    let (Some(name), Some(parent)) = (dir.file_name().and_then(|n| n.to_str()), dir.parent()) else {
        return;
    };
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().and_then(|n| process(n, name));
        let folder = entry.file_type().is_ok_and(|t| t.is_dir());
        if folder && ours.is_some_and(|process| is_over(process, &entry.path())) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The process that made `.NAME.new-PROCESS-ATTEMPT`. Only that shape: `.NAME.old-…` may be the one copy of an earlier
/// report.
fn process(entry: &str, name: &str) -> Option<u32> {
    let numbers = entry.strip_prefix('.')?.strip_prefix(name)?.strip_prefix(".new-")?;
    let (process, attempt) = numbers.split_once('-')?;
    let number = |text: &str| text.parse().ok().filter(|n: &u32| n.to_string() == text);
    number(attempt)?;
    number(process)
}

/// Whether the process is gone, and nobody holds the lock that a run has on its manifest: a number may come again, and
/// on a shared disk it is another machine's.
fn is_over(process: u32, staging: &Path) -> bool {
    let alive = Path::new("/proc").join(process.to_string()).exists() || process == std::process::id();
    let unlocked = || File::open(staging.join(manifest::FILE_NAME)).is_ok_and(|manifest| manifest.try_lock().is_ok());
    !alive && unlocked()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(".o.new-17-0", Some(17))]
    #[test_case(".o.new-17-3", Some(17))]
    #[test_case(".o.old-17-0", None; "an earlier report")]
    #[test_case(".o.new-017-0", None; "no number of ours")]
    #[test_case(".o.new-17-0x", None; "more behind")]
    #[test_case(".o.new-17", None; "no attempt")]
    #[test_case("o.new-17-0", None; "not hidden")]
    #[test_case(".oo.new-17-0", None; "of another report")]
    fn only_names_of_the_exact_shape_are_ours(entry: &str, process_id: Option<u32>) {
        assert_eq!(process(entry, "o"), process_id);
    }

    #[test]
    fn what_a_dead_run_left_goes_and_what_a_live_one_holds_stays() {
        let place = tempfile::tempdir().unwrap();
        // Beyond the highest number that Linux gives a process.
        let dead = ["4194305-0", "4194306-1", "4194307-0"].map(|n| place.path().join(format!(".o.new-{n}")));
        let live = place.path().join(format!(".o.new-{}-0", std::process::id()));
        for folder in dead.iter().chain([&live]) {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("manifest.json"), "").unwrap();
        }
        let held = File::open(dead[1].join("manifest.json")).unwrap();
        held.try_lock().unwrap();
        fs::remove_file(dead[2].join("manifest.json")).unwrap();
        remove(&place.path().join("o"));
        assert_eq!(
            [&dead[0], &dead[1], &dead[2], &live].map(|f| f.exists()),
            [false, true, true, true]
        );
    }
}
