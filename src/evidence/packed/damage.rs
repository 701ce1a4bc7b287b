//! Why the content of a compressed file is not all there.

use std::fmt;
use std::io;

/// What became of the rest of a compressed stream. What came before it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// The compressed data ends before its content does.
    CutOff,
    /// It cannot be decompressed any further; the decoder's reason.
    Broken(String),
    /// All of it came, but it is not what was packed.
    Checksum,
    /// There is more of it than the archive says.
    Longer,
    /// There is more of it than may be read.
    Capped(u64),
}

impl Damage {
    pub(super) fn of(error: &io::Error) -> Damage {
        let reason = error.to_string();
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Damage::CutOff
        } else if reason.contains("checksum") {
            Damage::Checksum
        } else {
            Damage::Broken(reason)
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::CutOff => write!(f, "the compressed data breaks off; what follows is missing"),
            Damage::Broken(reason) => write!(
                f,
                "the compressed data is damaged ({reason}); what follows could not be read"
            ),
            Damage::Checksum => write!(f, "the content does not have the checksum that was stored with it"),
            Damage::Longer => write!(f, "more content follows than the archive says, and was not read"),
            Damage::Capped(cap) => write!(
                f,
                "only the first {cap} bytes of content were read, because so much from so little is how a decompression bomb looks; \
                 --max-member reads more"
            ),
        }
    }
}
