//! The third room: what one pass over the evidence keeps.
//!
//! Each worker folds the records of its chunks into a digest of its own; digests merge. The merge is
//! associative, commutative and exact, so a run gives the same report on any number of threads.

pub mod coverage;
pub mod facts;
pub mod names;
pub mod sightings;

use crate::records::{AcceptedDomain, AuditEvent, BlockedConnector, ConnectorSnapshot};

pub use facts::{Fact, Flags, SenderClass};
pub use names::{Names, Sources};
pub use sightings::{Sighting, SightingKey, Sightings};

/// Everything a pass keeps. After [`Digest::seal`] it is in canonical order: facts by message and recipient,
/// events by time and origin, no two of one key.
#[derive(Debug, Clone, Default)]
pub struct Digest {
    pub facts: Vec<Fact>,
    pub names: Names,
    pub sources: Sources,
    pub events: Vec<AuditEvent>,
    pub sightings: Sightings,
    pub connectors: Vec<ConnectorSnapshot>,
    pub accepted_domains: Vec<AcceptedDomain>,
    pub blocked: Vec<BlockedConnector>,
}
