//! GUIDs and record ids.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::RecordId;
use super::field::trimmed;

/// Reads a GUID with or without hyphens and braces.
pub fn guid(text: &str) -> Option<u128> {
    let text = trimmed(text);
    let bare = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
    let is_long_enough = matches!(bare.len(), 32 | 36);
    let read = || Uuid::try_parse_ascii(bare.as_bytes()).ok();
    is_long_enough.then(read)?.map(|id| id.as_u128())
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
        let text = trimmed(text);
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
