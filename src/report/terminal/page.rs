//! Lines set for a width, and how many rows of a screen they take.

use std::borrow::Cow;
use std::fmt::Write;

use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Next;
use crate::report::clean;

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();

/// The narrowest page that is still set; on a narrower screen its lines are broken by the terminal.
const NARROWEST: usize = 40;
/// Following lines stand in by no more, however long what leads the first one.
const INDENT: usize = 5;

/// Lines with ANSI styles.
pub struct Page {
    out: String,
    width: usize,
}

impl Page {
    /// Columns that it is set in.
    pub fn width(&self) -> usize {
        self.width
    }

    /// An empty page of so many columns.
    pub fn new(width: usize) -> Self {
        Self {
            out: String::new(),
            width: width.max(NARROWEST),
        }
    }

    /// The lines, each with its line feed.
    pub fn into_text(self) -> String {
        self.out
    }

    /// Rows that the lines take on a screen of this width: a long command takes several.
    pub fn rows(&self) -> usize {
        let plain = anstream::adapter::strip_str(&self.out).to_string();
        plain.lines().map(|line| line.width().div_ceil(self.width).max(1)).sum()
    }

    /// A line as it is.
    pub fn raw(&mut self, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.out, "{}", line.trim_end());
    }

    /// A heading on a line of its own.
    pub fn heading(&mut self, text: &str) {
        self.raw(&format!("{BOLD}{text}{BOLD:#}"));
    }

    /// A heading with its text behind it, in at most so many rows.
    pub fn section(&mut self, heading: &str, text: &str, rows: usize) {
        self.set(&format!("{heading}  "), text, rows, BOLD);
    }

    /// Text behind a lead, broken at blanks, following lines indented; cut after `rows` lines.
    pub fn wrapped(&mut self, lead: &str, text: &str, rows: usize) {
        self.set(lead, text, rows, Style::new());
    }

    /// How many entries are not shown, where there are any.
    pub fn more(&mut self, all: usize, shown: usize, what: &str) {
        if all > shown {
            self.raw(&format!("  {DIM}and {} more {what}{DIM:#}", all - shown));
        }
    }

    /// What to do next, the command last.
    pub fn end(&mut self, next: &Next) {
        self.raw("");
        self.wrapped("", &next.sentence, 3);
        self.raw(&format!("  {BOLD}{}{BOLD:#}", clean::line(&next.command)));
    }

    fn set(&mut self, lead: &str, text: &str, rows: usize, style: Style) {
        let lead = clean::line(lead);
        let bare = lead.trim_end();
        let mut used = lead.width();
        let indent = used.min(INDENT);
        let mut line = format!("{style}{bare}{style:#}{}", &lead[bare.len()..]);
        let mut fresh = true;
        let mut left = rows;
        let text = clean::line(text);
        // Two columns are kept for the mark of what was cut.
        let width = self.width - 2;
        for word in text.split(' ').filter(|w| !w.is_empty()) {
            let word = clip(word, width - indent);
            let length = word.width();
            if used + usize::from(!fresh) + length > width && (!fresh || used > indent) {
                left = left.saturating_sub(1);
                if left == 0 {
                    line.push_str(if fresh { "…" } else { " …" });
                    break;
                }
                self.raw(&line);
                line = " ".repeat(indent);
                used = indent;
                fresh = true;
            }
            if !fresh {
                line.push(' ');
                used += 1;
            }
            line.push_str(&word);
            used += length;
            fresh = false;
        }
        self.raw(&line);
    }
}

/// As much of a text as so many columns hold, with a mark where it was cut.
pub fn clip(text: &str, most: usize) -> Cow<'_, str> {
    let shown = clean::line(text);
    if shown.width() <= most {
        return shown;
    }
    let mut used = 0;
    let kept = shown.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used < most
    });
    Cow::Owned(kept.chain(['…']).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn set(width: usize, lead: &str, text: &str, rows: usize) -> Vec<String> {
        let mut page = Page::new(width);
        page.wrapped(lead, text, rows);
        let plain = anstream::adapter::strip_str(&page.into_text()).to_string();
        plain.lines().map(String::from).collect()
    }

    #[test]
    fn following_lines_stand_in() {
        let text = "one two three four five six seven eight nine ten eleven";
        let lines = set(40, "  - ", text, 9);
        assert_eq!(
            lines,
            ["  - one two three four five six seven", "    eight nine ten eleven"]
        );
        assert_eq!(set(40, "  - ", text, 1), ["  - one two three four five six seven …"]);
    }

    #[test]
    fn a_long_lead_has_the_text_below_it() {
        let lead = "  No indication of compromise (-7.8): ";
        assert_eq!(set(40, lead, "089ebe7c", 2), [lead.trim_end(), "     089ebe7c"]);
    }

    #[test_case("plain", 10, "plain")]
    #[test_case("0123456789", 10, "0123456789"; "as long as may be")]
    #[test_case("0123456789a", 10, "012345678…"; "longer")]
    #[test_case("東京東京東京", 10, "東京東京…"; "of double width")]
    fn names_are_cut_by_their_width(text: &str, most: usize, expected: &str) {
        assert_eq!(clip(text, most), expected);
    }

    #[test]
    fn a_long_command_takes_several_rows() {
        let mut page = Page::new(40);
        page.raw(&format!("{BOLD}{}{BOLD:#}", "x".repeat(81)));
        page.raw("");
        assert_eq!(page.rows(), 4);
    }
}
