//! Words put into a command so that a shell reads them back as they are.

use std::path::Path;

use crate::report::clean;

/// A command of words.
pub fn command<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(quote).collect();
    quoted.join(" ")
}

/// A path as text; what in it is no Unicode is lost.
pub fn path(path: &Path) -> String {
    path.display().to_string()
}

/// A word as bash and zsh read it, or on Windows as PowerShell and cmd do where it holds no quote.
///
/// Characters that would move the cursor or turn the reading direction round are written as escapes, so that the
/// command can be shown.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c) || (cfg!(windows) && c == '\\');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    if cfg!(windows) {
        return format!("\"{word}\"");
    }
    if !word.contains(clean::is_deceptive) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut out = String::from("$'");
    for c in word.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            c if clean::is_deceptive(c) => {
                let bytes = c.to_string().into_bytes();
                out.extend(bytes.iter().map(|b| format!("\\x{b:02x}")));
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("report/a-b_c.csv", "report/a-b_c.csv")]
    #[test_case("", "''"; "nothing")]
    #[test_case("my report", "'my report'")]
    #[test_case("it's $(calc) `x` !", r"'it'\''s $(calc) `x` !'"; "quotes of every kind")]
    #[test_case("~/x", "'~/x'"; "no home")]
    #[test_case("a\u{1b}[2J\u{202e}'\\", r"$'a\x1b[2J\xe2\x80\xae\'\\'"; "what moves the cursor")]
    fn words_are_quoted(word: &str, expected: &str) {
        assert_eq!(quote(word), expected);
    }

    #[test_case("it's $(calc) `x` ! \"*\"")]
    #[test_case("a\u{1b}[2J\u{202e}'\\\n\té\\x41"; "what moves the cursor")]
    fn bash_reads_them_back(word: &str) {
        let script = format!("printf %s {}", quote(word));
        let Ok(output) = std::process::Command::new("bash").args(["-c", &script]).output() else {
            eprintln!("skipped: there is no bash here");
            return;
        };
        assert_eq!(String::from_utf8_lossy(&output.stdout), word);
    }
}
