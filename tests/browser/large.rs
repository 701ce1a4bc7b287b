//! A report of a thousand findings: the connectors of a sample case many times over, each with rows of its own.

use relaytrail::report::model::{Citation, Connector, Report};

const FINDINGS: usize = 1_000;
/// Records that one copy's rows lie apart from the next one's.
const APART: u64 = 100_000;

/// A report with at least a thousand findings on connectors.
pub fn of(mut report: Report) -> Report {
    let templates = std::mem::take(&mut report.connectors);
    for copy in 0.. {
        if findings(&report) >= FINDINGS {
            break;
        }
        let copies = templates.iter().map(|connector| renamed(connector.clone(), copy));
        report.connectors.extend(copies);
    }
    report
}

fn renamed(mut connector: Connector, copy: u64) -> Connector {
    let move_on = |citations: &mut Vec<Citation>| {
        for citation in citations {
            citation.record += copy * APART;
        }
    };
    connector.name = format!("{} {copy}", connector.name);
    connector.indicators.iter_mut().for_each(|i| move_on(&mut i.citations));
    connector.timeline.iter_mut().for_each(|e| move_on(&mut e.citations));
    connector
}

/// Findings on the connectors of a report.
pub fn findings(report: &Report) -> usize {
    report.connectors.iter().map(|c| c.indicators.len()).sum()
}
