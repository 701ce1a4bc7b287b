//! The committed samples of every format.

use std::path::{Path, PathBuf};

/// The samples of one format in order of their names.
pub fn files(format: &str) -> Vec<PathBuf> {
    let folder = root().join("formats").join(format);
    let entries = std::fs::read_dir(folder).expect("the samples of the format");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("a readable folder").path()).collect();
    paths.sort();
    paths
}

/// Fails where a committed sample is not what the generator makes: its path and its bytes.
pub fn check_committed(made: impl IntoIterator<Item = (String, Vec<u8>)>) {
    for (path, bytes) in made {
        let committed = std::fs::read(root().join(&path)).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert!(committed == bytes, "{path} differs: run `generate samples`");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data")
}
