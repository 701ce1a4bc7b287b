//! The files that a report directory has only where they are asked for.

use super::{Writer, navigator, stix, xlsx};

/// Which files to write besides those that every report has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extras {
    /// `report.xlsx`.
    pub xlsx: bool,
    /// `stix.json`, a STIX 2.1 bundle.
    pub stix: bool,
    /// `navigator.json`, a layer for the ATT&CK Navigator.
    pub navigator: bool,
}

impl Extras {
    /// The files asked for, in the order in which a manifest lists them.
    pub(super) fn writers(self) -> impl Iterator<Item = (&'static str, Writer)> {
        let files: [(bool, &str, Writer); 3] = [
            (self.xlsx, "report.xlsx", xlsx::write),
            (self.stix, "stix.json", stix::write),
            (self.navigator, "navigator.json", navigator::write),
        ];
        files
            .into_iter()
            .filter(|(asked, ..)| *asked)
            .map(|(_, name, writer)| (name, writer))
    }
}
