//! Hashes that stand for texts which a pass does not keep.
//!
//! All are SipHash-1-3 under one key that never changes, so that digests made on different machines agree.

use std::borrow::Cow;

use siphasher::sip::SipHasher13;

use crate::records::{Origin, address, id};

/// Text up to this length is brought to lower case without asking for memory.
const SHORT: usize = 128;

/// A hash of bytes.
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    SipHasher13::new_with_keys(0, 0).hash(bytes)
}

/// A hash of one identifying text, without regard to the case of ASCII letters.
pub fn hash_text(text: &str) -> u64 {
    let bytes = text.as_bytes();
    if !address::has_capital(bytes) {
        return hash_bytes(bytes);
    }
    let mut room = [0; SHORT];
    match room.get_mut(..bytes.len()) {
        Some(lower) => {
            lower.copy_from_slice(bytes);
            lower.make_ascii_lowercase();
            hash_bytes(lower)
        }
        None => hash_bytes(&bytes.to_ascii_lowercase()),
    }
}

/// A hash of the id of a session; `None` where there is none.
pub fn hash_session(text: &str) -> Option<u64> {
    let text = text.trim();
    let value = id::guid(text).map_or_else(|| hash_text(text), |guid| hash_bytes(&guid.to_le_bytes()));
    (!text.is_empty() && id::guid(text) != Some(0)).then_some(value)
}

/// A hash of a message id: GUIDs by their value, so that spellings with and without hyphens agree.
pub fn hash_message_id(text: &str) -> u64 {
    if let Some(value) = id::guid(text) {
        return hash_bytes(&value.to_le_bytes());
    }
    let text = text.trim().trim_matches(['{', '}']);
    match id::guid(text).or_else(|| id::guid(&without_hyphens(text)?)) {
        Some(value) => hash_bytes(&value.to_le_bytes()),
        None => hash_text(text),
    }
}

/// A hash of an Internet Message-ID, with or without its angle brackets. It is no hash of a network message id.
pub fn hash_internet_id(text: &str) -> u64 {
    let id = address::bare(text).as_bytes();
    hash_bytes(&[&b"Message-ID"[..], id].concat())
}

/// A GUID may have its hyphens in unusual places.
fn without_hyphens(text: &str) -> Option<Cow<'_, str>> {
    const DIGITS: usize = 32;
    let digits = text.bytes().filter(|b| *b != b'-').count();
    (digits == DIGITS && text.len() != DIGITS).then(|| text.replace('-', "").into())
}

/// A hash that tells a row without any identity from every other row.
pub fn hash_origin(origin: Origin) -> u64 {
    hash_bytes(&(u128::from(origin.file) << 64 | u128::from(origin.offset)).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::{hash_message_id, hash_session, hash_text};

    #[test]
    fn spellings_of_one_message_id_agree() {
        let plain = hash_message_id("81945af2cab745adba2308d8ede2715d");
        assert_eq!(plain, hash_message_id("81945AF2-CAB7-45ad-ba23-08d8ede2715d"));
        assert_eq!(plain, hash_message_id("{81945AF2-CAB7-45ad-ba23-08d8ede2715d} "));
        assert_eq!(plain, hash_message_id("81945AF2CAB745-ad-ba23-08d8ede2715d"));
        assert_ne!(plain, hash_message_id("81945af2cab745adba2308d8ede2715g"));
        assert_ne!(plain, hash_message_id("81945af2cab745adba2308d8ede2715e"));
    }

    #[test]
    fn a_session_is_told_by_the_value_of_its_id() {
        let id = hash_session("00aa11bb-0000-4000-8000-000000000001");
        assert!(id.is_some());
        assert_eq!(id, hash_session(" 00AA11BB-0000-4000-8000-000000000001 "));
        assert_eq!(hash_session("00000000-0000-0000-0000-000000000000"), None);
        assert_eq!(
            (hash_session(" "), hash_session("x") == hash_session("y")),
            (None, false)
        );
    }

    #[test]
    fn case_does_not_matter_however_long_the_text() {
        assert_eq!(hash_text("A@B.example"), hash_text("a@b.EXAMPLE"));
        let long = "aB".repeat(500);
        assert_eq!(hash_text(&long), hash_text(&long.to_lowercase()));
        assert_ne!(hash_text(&long), hash_text(&"ab".repeat(499)));
    }
}
