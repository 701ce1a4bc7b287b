//! Text that an attacker chose, made fit to be shown.
//!
//! Connector names, senders and agents can hold characters that move the cursor, hide what follows or turn
//! the reading direction round. They are shown as escapes (`\u{202e}`), never dropped: what was there is evidence.

use std::borrow::Cow;

/// Whether a character is invisible, or changes how the text around it is shown.
///
/// The joiners U+200C and U+200D are not among them: several scripts cannot be written without.
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text on one line: every deceptive character, line breaks and tabs among them, as an escape.
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, |_| false)
}

/// The text with its line feeds and tabs kept and every other deceptive character as an escape.
pub fn text(text: &str) -> Cow<'_, str> {
    escape(text, |c| c == '\n' || c == '\t')
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let hit = |c: char| is_deceptive(c) && !keep(c);
    if !text.contains(hit) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hit(c) {
            // `escape_default` writes \n, \r and \t by name and the rest as \u{…}.
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_left_alone() {
        assert!(matches!(line("Zulauf Büro 東京"), Cow::Borrowed("Zulauf Büro 東京")));
    }

    #[test]
    fn what_deceives_is_shown() {
        assert_eq!(
            line("a\u{202e}gpj.exe\u{1b}[2J\n\r\u{85}"),
            "a\\u{202e}gpj.exe\\u{1b}[2J\\n\\r\\u{85}"
        );
    }

    #[test]
    fn text_keeps_its_lines() {
        assert_eq!(text("a\n\tb\r\n"), "a\n\tb\\r\n");
    }
}
