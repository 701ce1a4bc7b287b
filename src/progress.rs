//! How far the reading is, on standard error: bytes done, rate, time left, the file. Silent where nobody looks.

use std::io::IsTerminal;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use unicode_width::UnicodeWidthChar;

use crate::evidence;
use crate::report::clean;

/// Columns of a file's name.
const NAME: usize = 40;

/// A bar on a terminal, nothing elsewhere.
pub struct Bar {
    bar: ProgressBar,
    /// Files that are being read, in the order in which they were begun.
    files: Mutex<Vec<String>>,
}

impl Bar {
    /// For so many bytes of evidence; `None` where standard input hides how many.
    pub fn new(bytes: Option<u64>) -> Self {
        let files = Mutex::default();
        if !std::io::stderr().is_terminal() {
            let bar = ProgressBar::hidden();
            return Bar { bar, files };
        }
        let (bar, template) = match bytes {
            Some(bytes) => (
                ProgressBar::new(bytes),
                "{bar:30} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left {wide_msg}",
            ),
            None => (
                ProgressBar::no_length(),
                "{spinner} {bytes} read, {binary_bytes_per_sec} {wide_msg}",
            ),
        };
        // Five frames a second: enough to see, and no cost beside hashing.
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Bar { bar, files }
    }

    /// Takes the bar off the screen.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }

    fn change(&self, change: impl FnOnce(&mut Vec<String>)) {
        if !self.bar.is_hidden()
            && let Ok(mut files) = self.files.lock()
        {
            change(&mut files);
            self.bar.set_message(named(&files));
        }
    }
}

impl evidence::Progress for Bar {
    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn began(&self, path: &str) {
        self.change(|files| files.push(path.to_owned()));
    }

    fn ended(&self, path: &str) {
        self.change(|files| {
            if let Some(place) = files.iter().position(|file| file == path) {
                files.remove(place);
            }
        });
    }
}

/// The file that was begun first of those that are being read, and how many others there are.
fn named(files: &[String]) -> String {
    match files {
        [] => String::new(),
        [file] => shortened(file),
        [file, others @ ..] => format!("{} and {} more", shortened(file), others.len()),
    }
}

/// A name without anything that moves the cursor, its beginning left out where it is long: its end tells files apart.
fn shortened(name: &str) -> String {
    let name = clean::line(name);
    let width = |c: char| c.width().unwrap_or(0);
    if name.chars().map(width).sum::<usize>() <= NAME {
        return name.into_owned();
    }
    let mut room = NAME - 1;
    let fits = |c: &char| {
        let fits = width(*c) <= room;
        room = room.saturating_sub(width(*c));
        fits
    };
    let mut end: Vec<char> = name.chars().rev().take_while(fits).collect();
    end.push('…');
    end.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::named;
    use test_case::test_case;

    #[test_case(&[], ""; "nothing")]
    #[test_case(&["audit/UnifiedAuditLog.csv"], "audit/UnifiedAuditLog.csv"; "a short name")]
    #[test_case(&["a.csv", "b.csv", "c.csv"], "a.csv and 2 more"; "several files")]
    #[test_case(&["0123456789012345678901234567890123456789"], "0123456789012345678901234567890123456789"; "what just fits")]
    #[test_case(&["x0123456789012345678901234567890123456789"], "…123456789012345678901234567890123456789"; "its end")]
    #[test_case(&["表表表表表表表表表表表表表表表表表表表表表"], "…表表表表表表表表表表表表表表表表表表表"; "wide characters")]
    #[test_case(&["a\u{1b}[2Jb"], "a\\u{1b}[2Jb"; "what would clear the screen")]
    fn the_file_that_is_read_is_named_on_one_short_line(files: &[&str], expected: &str) {
        let files: Vec<String> = files.iter().map(|f| (*f).to_owned()).collect();
        assert_eq!(named(&files), expected);
    }
}
