//! `report.json`: the report itself, which every other file can be made from again.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clean;
use super::error::ReportError;
use super::model::{Report, SCHEMA_VERSION};

/// Writes the report pretty printed, keys in the order of the model, with a line feed at the end.
pub fn write(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut text = pretty(report)?;
    text.push('\n');
    Ok(out.write_all(text.as_bytes())?)
}

/// Reads a report.json that this or another version of the program wrote.
///
/// # Errors
/// Where the file cannot be read, is no JSON, has another schema version or lacks a key.
pub fn read(path: &Path) -> Result<Report, ReportError> {
    #[derive(Deserialize)]
    struct Probe {
        schema_version: Value,
    }
    let bytes = fs::read(path).map_err(ReportError::io("read", path))?;
    // Editors of Windows put a byte order mark first.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let malformed = |source| ReportError::Malformed {
        what: "report.json",
        path: path.to_path_buf(),
        source,
    };
    // The version is asked first: a later version's missing key would hide the real reason.
    let probe: Probe = serde_json::from_slice(bytes).map_err(malformed)?;
    if probe.schema_version != SCHEMA_VERSION {
        return Err(ReportError::SchemaVersion {
            path: path.to_path_buf(),
            found: match probe.schema_version {
                Value::String(version) => version,
                other => other.to_string(),
            },
        });
    }
    serde_json::from_slice(bytes).map_err(malformed)
}

/// JSON over several lines in which no invisible or direction-turning character stands raw.
///
/// # Errors
/// Where a map has keys that are no text.
pub fn pretty(value: &impl Serialize) -> Result<String, ReportError> {
    Ok(shield(serde_json::to_string_pretty(value)?))
}

/// JSON on one line, whatever a reader takes for the end of a line (U+0085, U+2028, …).
pub(super) fn one_line(value: &impl Serialize) -> Result<String, ReportError> {
    Ok(shield(serde_json::to_string(value)?))
}

/// Writes deceptive characters as `\uXXXX`. They can only stand inside strings, where the escape is the same value.
fn shield(json: String) -> String {
    let hit = |c: char| c != '\n' && clean::is_deceptive(c);
    if !json.contains(hit) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if hit(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_mean_the_same_value() {
        let value = "a\u{202e}b\u{2028}c\u{e0041}d\u{7f}\n\"\\";
        let line = one_line(&value).unwrap();
        assert!(!line.contains(clean::is_deceptive), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), value);
    }
}
