//! Removes unfinished report directories when somebody interrupts the run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Directories to remove.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
/// Held while directories are made and moved.
static MOVING: Mutex<()> = Mutex::new(());

/// Removes the directory if the run is interrupted before [`forget`]. Asked for under [`hold`].
pub(super) fn remove_on_signal(path: &Path) {
    unfinished().insert(path.to_path_buf());
}

pub(super) fn forget(path: &Path) {
    unfinished().remove(path);
}

/// Lets no signal end the run while the guard lives.
pub(super) fn hold() -> MutexGuard<'static, ()> {
    signals::watch();
    moving()
}

fn moving() -> MutexGuard<'static, ()> {
    MOVING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
mod signals {
    use std::fs;
    use std::sync::Once;
    use std::thread;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    static WATCHED: Once = Once::new();

    /// Waits for signals on a thread of its own, where any call is allowed. Without it they end the run as ever.
    pub(super) fn watch() {
        WATCHED.call_once(|| {
            let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else {
                return;
            };
            thread::spawn(move || {
                for signal in &mut signals {
                    let _moved = super::moving();
                    for path in super::unfinished().iter() {
                        let _ = fs::remove_dir_all(path);
                    }
                    // Ends the process as the signal would have.
                    let _ = emulate_default_handler(signal);
                }
            });
        });
    }
}

#[cfg(not(unix))]
mod signals {
    pub(super) fn watch() {}
}
