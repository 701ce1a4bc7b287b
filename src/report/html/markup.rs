//! Text made fit to stand in markup.

use askama::filters::{Escaper, Html};

/// Appends text of the evidence with every character of markup escaped.
pub fn push(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = Html.write_escaped_str(out, text);
}

/// The text with every character of markup escaped.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push(&mut out, text);
    out
}
