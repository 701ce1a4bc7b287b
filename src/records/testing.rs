//! How the readers' tests make rows and take records.

use std::path::PathBuf;

use super::{AuditEvent, AuditTally, Origin, Reader, Recognition, Record, SignIn, SignInDetails, TraceRow, recognise};
use crate::evidence::{Cell, Cells, CsvRow, Fate, Row, Shape};

pub(super) const ORIGIN: Origin = Origin {
    file: 3,
    record: 17,
    offset: 20_934,
};

/// A CSV shape with a header and sample rows, all without quotes or delimiters inside.
pub(super) fn csv_shape(header: &str, sample: &[&[&str]]) -> Shape {
    Shape::Csv {
        delimiter: b',',
        header: header.split(',').map(str::to_owned).collect(),
        sample: sample
            .iter()
            .map(|row| row.iter().map(|c| (*c).to_owned()).collect())
            .collect(),
        above: Vec::new(),
    }
}

pub(super) fn csv_reader(header: &str) -> Box<dyn Reader> {
    reader(&csv_shape(header, &[]))
}

/// The reader that an object is recognised for.
pub(super) fn json_reader(object: &str) -> Box<dyn Reader> {
    reader(&Shape::Json {
        sample: vec![object.to_owned()],
        columns: Vec::new(),
    })
}

pub(super) fn reader(shape: &Shape) -> Box<dyn Reader> {
    match recognise(shape) {
        Recognition::Known(reader) => reader,
        Recognition::Unknown { seen, nearest, .. } => panic!("unknown: {seen}; nearest {nearest:?}"),
    }
}

/// What a test keeps of the records handed on.
#[derive(Debug)]
pub(super) enum Kept {
    Audit(Box<AuditEvent>),
    Tally(AuditTally<'static>),
    SignIn(SignIn<'static>),
    Trace(TraceRow<'static>),
    Connector(Box<super::ConnectorSnapshot>),
    Domain(super::AcceptedDomain),
    Blocked(super::BlockedConnector),
    Setting(Box<super::Setting>),
}

fn own(text: std::borrow::Cow<'_, str>) -> std::borrow::Cow<'static, str> {
    text.into_owned().into()
}

/// `None` for what only accompanies a record.
fn keep(record: Record<'_>) -> Option<Kept> {
    Some(match record {
        Record::Properties(_) => return None,
        Record::Audit(event) => Kept::Audit(event),
        Record::Tally(t) => Kept::Tally(AuditTally {
            operation: own(t.operation),
            ..t
        }),
        Record::SignIn(s) => Kept::SignIn(SignIn {
            account: own(s.account),
            agent: own(s.agent),
            session: own(s.session),
            operation: own(s.operation),
            details: SignInDetails {
                app: own(s.details.app),
                city: own(s.details.city),
                country: own(s.details.country),
                ..s.details
            },
            ..s
        }),
        Record::Trace(t) => Kept::Trace(owned(t.clone())),
        Record::Connector(c) => Kept::Connector(c),
        Record::AcceptedDomain(d) => Kept::Domain(d),
        Record::BlockedConnector(b) => Kept::Blocked(b),
        Record::Setting(s) => Kept::Setting(s),
    })
}

fn owned(t: TraceRow<'_>) -> TraceRow<'static> {
    TraceRow {
        network_message_id: own(t.network_message_id),
        message_id: own(t.message_id),
        recipients: t.recipients.iter().cloned().map(own).collect(),
        p1: t.p1.map(own),
        p2: t.p2.map(own),
        sender: t.sender.map(own),
        connector: t.connector.map(own),
        subject: own(t.subject),
        event: own(t.event),
        ..t
    }
}

/// Reads a CSV row of plain cells. A cell with quotes in it is dressed as the file would have it.
pub(super) fn read_csv(reader: &dyn Reader, cells: &[&str], damaged: bool) -> (Fate, Vec<Kept>) {
    let dressed: Vec<_> = cells
        .iter()
        .map(|c| (c.replace('"', "\"\""), c.contains('"')))
        .collect();
    let cells: Vec<_> = dressed
        .iter()
        .map(|(raw, doubled)| Cell::new(raw.as_bytes(), *doubled))
        .collect();
    let cells = Cells::Cut(&cells);
    read(reader, &Row::Csv(CsvRow { cells, damaged }))
}

pub(super) fn read_json(reader: &dyn Reader, object: &str) -> (Fate, Vec<Kept>) {
    read(reader, &Row::Json(object.as_bytes()))
}

fn read(reader: &dyn Reader, row: &Row<'_>) -> (Fate, Vec<Kept>) {
    let mut kept = Vec::new();
    let fate = reader.read(row, ORIGIN, &mut |record| kept.extend(keep(record)));
    assert_eq!(
        matches!(fate, Fate::Rejected(_)),
        kept.is_empty(),
        "a rejected row hands on nothing"
    );
    (fate, kept)
}

/// The one audit event of a row.
pub(super) fn event((_, kept): (Fate, Vec<Kept>)) -> AuditEvent {
    match kept.into_iter().next() {
        Some(Kept::Audit(event)) => *event,
        other => panic!("no audit event: {other:?}"),
    }
}

/// The one tally of a row.
pub(super) fn tally((_, kept): (Fate, Vec<Kept>)) -> AuditTally<'static> {
    match kept.into_iter().next() {
        Some(Kept::Tally(tally)) => tally,
        other => panic!("no tally: {other:?}"),
    }
}

/// The one sign-in of a row.
pub(super) fn sign_in((_, kept): (Fate, Vec<Kept>)) -> SignIn<'static> {
    match kept.into_iter().next() {
        Some(Kept::SignIn(sign_in)) => sign_in,
        other => panic!("no sign-in: {other:?}"),
    }
}

/// The one setting of a row.
pub(super) fn setting((_, kept): (Fate, Vec<Kept>)) -> super::Setting {
    match kept.into_iter().next() {
        Some(Kept::Setting(setting)) => *setting,
        other => panic!("no setting: {other:?}"),
    }
}

/// The trace rows of a row.
pub(super) fn traces((_, kept): (Fate, Vec<Kept>)) -> Vec<TraceRow<'static>> {
    kept.into_iter()
        .map(|k| match k {
            Kept::Trace(row) => row,
            other => panic!("no trace row: {other:?}"),
        })
        .collect()
}

/// What a row of a trace gives whose columns are filled by name, of two values for a column by the later.
pub(super) fn traces_by_name(header: &str, filled: &[(&str, &str)]) -> (Fate, Vec<TraceRow<'static>>) {
    let names: Vec<&str> = header.split(',').collect();
    let mut cells: Vec<&str> = vec![""; names.len()];
    for (name, value) in filled {
        let column = names.iter().position(|n| n == name).expect("a column of the header");
        cells[column] = value;
    }
    let read = read_csv(&*csv_reader(header), &cells, false);
    (read.0, traces(read))
}

/// A public record kept outside the repository; `None` where that folder is not present.
pub(super) fn real(path: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/evidence");
    std::fs::read_to_string(folder.join(path)).ok()
}
