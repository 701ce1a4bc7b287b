//! Text put into PowerShell so that it stays text.

/// A value as a PowerShell expression that yields exactly this value and can hold nothing else.
///
/// Printable ASCII becomes a single-quoted string. Everything else is joined in as `[char]0x…`: PowerShell takes
/// the quotes ‘ ’ ‚ ‛ for single quotes, and Windows PowerShell reads a file without a byte order mark in the
/// machine's code page, where the bytes of harmless letters turn into those quotes.
pub fn quote(value: &str) -> String {
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let plain = |c: char| c == ' ' || c.is_ascii_graphic();
    if value.chars().all(plain) {
        return literal(value);
    }
    // The first operand is always a string, so that + joins and never adds.
    let mut parts = Vec::new();
    let mut rest = value;
    loop {
        let end = rest.find(|c| !plain(c)).unwrap_or(rest.len());
        if end > 0 || parts.is_empty() {
            parts.push(literal(&rest[..end]));
        }
        rest = &rest[end..];
        let Some(c) = rest.chars().next() else { break };
        for unit in c.encode_utf16(&mut [0; 2]) {
            parts.push(format!("[char]0x{unit:04X}"));
        }
        rest = &rest[c.len_utf8()..];
    }
    format!("({})", parts.join(" + "))
}

/// A list of quoted strings, as a cmdlet's multi-valued parameter takes it.
pub fn list<'t>(values: impl Iterator<Item = &'t str>) -> String {
    let quoted: Vec<String> = values.map(quote).collect();
    format!("@({})", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case("Inbound from HQ", "'Inbound from HQ'")]
    #[test_case("", "''")]
    #[test_case("O'Neil", "'O''Neil'")]
    #[test_case("$(calc) `n \"x\"", "'$(calc) `n \"x\"'"; "nothing expands in single quotes")]
    #[test_case("a\u{2019}; calc #", "('a' + [char]0x2019 + '; calc #')"; "a quote that is not ASCII")]
    #[test_case("\nx", "('' + [char]0x000A + 'x')"; "a line feed first")]
    #[test_case("😀", "('' + [char]0xD83D + [char]0xDE00)"; "beyond the first plane")]
    fn values_are_quoted(value: &str, expected: &str) {
        assert_eq!(quote(value), expected);
    }

    /// Reads back what `quote` writes, strictly: any other form is a failure.
    fn unquote(expression: &str) -> Option<String> {
        let mut rest = match expression.strip_prefix('(') {
            Some(inner) => inner.strip_suffix(')')?,
            None => expression,
        };
        let mut units = Vec::new();
        loop {
            if let Some(hex) = rest.strip_prefix("[char]0x") {
                units.push(u16::from_str_radix(hex.get(..4)?, 16).ok()?);
                rest = &hex[4..];
            } else {
                rest = rest.strip_prefix('\'')?;
                loop {
                    let end = rest.find('\'')?;
                    units.extend(rest[..end].encode_utf16());
                    rest = &rest[end + 1..];
                    match rest.strip_prefix('\'') {
                        Some(more) => {
                            units.push(u16::from(b'\''));
                            rest = more;
                        }
                        None => break,
                    }
                }
            }
            if rest.is_empty() {
                return String::from_utf16(&units).ok();
            }
            rest = rest.strip_prefix(" + ")?;
        }
    }

    proptest! {
        #[test]
        fn any_value_comes_back_and_is_ascii(value in "\\PC*|[ -~‘’‚‛'\\n\\x00ÒÙ]*") {
            let quoted = quote(&value);
            prop_assert!(quoted.chars().all(|c| c == ' ' || c.is_ascii_graphic()));
            prop_assert_eq!(unquote(&quoted), Some(value));
        }
    }
}
