//! GUIDs and record ids.

use sha2::{Digest as _, Sha256};

use super::RecordId;
use super::field::trimmed;

/// Reads a GUID with or without hyphens and braces.
pub fn guid(text: &str) -> Option<u128> {
    let text = trimmed(text);
    let text = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
    let bytes = text.as_bytes();
    let group = |from: usize, to: usize| number(bytes.get(from..to)?);
    let (high, low) = match bytes.len() {
        32 => (group(0, 16)?, group(16, 32)?),
        36 if [8, 13, 18, 23].iter().all(|at| bytes.get(*at) == Some(&b'-')) => (
            group(0, 8)? << 32 | group(9, 13)? << 16 | group(14, 18)?,
            group(19, 23)? << 48 | group(24, 36)?,
        ),
        _ => return None,
    };
    Some(u128::from(high) << 64 | u128::from(low))
}

/// No digit.
const NONE: u8 = 0xff;
/// The value of each byte as a hexadecimal digit.
const DIGITS: [u8; 256] = {
    let mut digits = [NONE; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// At most sixteen hexadecimal digits.
fn number(digits: &[u8]) -> Option<u64> {
    let mut wrong = 0;
    let mut number = 0;
    for digit in digits.iter().map(|c| DIGITS[usize::from(*c)]) {
        wrong |= digit;
        number = number << 4 | u64::from(digit & 0xf);
    }
    (wrong < 16).then_some(number)
}

/// A GUID as most exports write it: lower case, with hyphens.
pub fn guid_text(value: u128) -> String {
    let hex = format!("{value:032x}");
    let mut text = String::with_capacity(36);
    for (i, c) in hex.chars().enumerate() {
        if matches!(i, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(c);
    }
    text
}

impl RecordId {
    /// The id that stands in an audit record; what is no GUID is hashed. `None` where nothing stands.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        Some(RecordId(guid(text).unwrap_or_else(|| {
            let hash = Sha256::digest(text.as_bytes());
            hash.iter().take(16).fold(0, |id, &byte| id << 8 | u128::from(byte))
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::{guid, guid_text};
    use crate::records::RecordId;

    const VALUE: u128 = 0xc9d2d808_0efe_48cb_eaec_08da3028eb80;

    #[test]
    fn reads_every_spelling_of_a_guid() {
        for text in [
            "c9d2d808-0efe-48cb-eaec-08da3028eb80",
            "C9D2D8080EFE48CBEAEC08DA3028EB80",
            " {c9d2d808-0efe-48cb-eaec-08da3028eb80} ",
        ] {
            assert_eq!(guid(text), Some(VALUE), "{text}");
        }
        assert_eq!(guid_text(VALUE), "c9d2d808-0efe-48cb-eaec-08da3028eb80");
    }

    #[test]
    fn refuses_what_is_no_guid() {
        for text in [
            "",
            "c9d2d808",
            "c9d2d808-0efe-48cb-eaec-08da3028eb8g",
            "c9d2d8080-efe-48cb-eaec-08da3028eb80",
        ] {
            assert_eq!(guid(text), None, "{text}");
        }
    }

    #[test]
    fn an_id_that_is_no_guid_is_hashed() {
        // The first 16 bytes of SHA-256("abc"), FIPS 180-4's first example.
        assert_eq!(
            RecordId::of("abc"),
            Some(RecordId(0xba7816bf_8f01cfea_414140de_5dae2223))
        );
        assert_eq!(RecordId::of(" "), None);
    }
}
