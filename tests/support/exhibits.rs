//! What the report says of files, as text for snapshots.

use std::fmt::Write as _;

use relaytrail::ingest::Evidence;

/// A line on what each file is, one on its rows, and its notes.
pub fn told(evidence: &Evidence) -> String {
    let mut text = String::new();
    for e in evidence.exhibits() {
        let name = e.path.rsplit('/').next().unwrap_or_default();
        let _ = writeln!(
            text,
            "{name}: {} {} {}\n{} records = {} accepted + {} degraded + {} duplicates + {} rejected, {} to {}",
            e.kind,
            e.format,
            e.encoding,
            e.records,
            e.accepted,
            e.degraded,
            e.duplicates,
            e.rejected,
            e.first_time.as_deref().unwrap_or("-"),
            e.last_time.as_deref().unwrap_or("-")
        );
        for note in e.time_note.iter().chain(&e.notes) {
            let _ = writeln!(text, "  note: {note}");
        }
    }
    text
}
