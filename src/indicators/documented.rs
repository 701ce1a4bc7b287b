//! Makes an indicator's doc comment the very text that `relaytrail explain` prints, so that the two cannot part.

/// Declares a unit struct and keeps its doc comment as the associated constant `DOC`, line by line.
macro_rules! documented {
    ($(#[doc = $line:literal])+ pub struct $name:ident;) => {
        $(#[doc = $line])+
        pub struct $name;

        impl $name {
            /// The doc comment as text; every line begins with the blank that follows the slashes.
            const DOC: &'static str = concat!($($line, "\n"),+);
        }
    };
}

pub(super) use documented;
