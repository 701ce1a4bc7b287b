//! `report.xlsx`: the findings, the timeline, the sources of mail and the evidence as sheets of a workbook.

mod sheet;

use std::io::Write;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use self::sheet::{Cell, Column, add};
use super::error::ReportError;
use super::glance;
use super::model::{Citation, Indicator, Report, Verdict};
use super::rows;

/// Writes the workbook. The same report gives the same bytes: its time of creation is 1970.
pub fn write(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_timestamp(0)?;
    let properties = DocProperties::new()
        .set_title(format!(
            "{}: {}",
            report.tool.name,
            glance::verdict(report.summary.verdict)
        ))
        .set_author(&report.tool.name)
        .set_creation_datetime(&made);
    book.set_properties(&properties);
    findings(&mut book, report)?;
    timeline(&mut book, report)?;
    sources(&mut book, report)?;
    evidence(&mut book, report)?;
    Ok(out.write_all(&book.save_to_buffer()?)?)
}

/// One row an indicator: the connectors from worst to best, the accounts, the tenant.
fn findings(book: &mut Workbook, report: &Report) -> Result<(), ReportError> {
    const COLUMNS: [Column; 18] = [
        Column("about", 11.0),
        Column("name", 32.0),
        Column("verdict", 20.0),
        Column("score", 8.0),
        Column("score_low", 10.0),
        Column("score_high", 10.0),
        Column("indicator", 24.0),
        Column("state", 15.0),
        Column("points", 8.0),
        Column("summary", 80.0),
        Column("needs", 40.0),
        Column("from", 20.0),
        Column("to", 20.0),
        Column("techniques", 18.0),
        Column("citation_count", 14.0),
        Column("path", 28.0),
        Column("record", 10.0),
        Column("further_citations", 40.0),
    ];
    let connectors = glance::ranked(report).into_iter().flat_map(|c| {
        let score = [c.score, c.score_low, c.score_high].map(Cell::Number);
        let row = move |i| finding(["connector", &c.name], Some(c.verdict), score.clone(), i);
        c.indicators.iter().map(row)
    });
    let accounts = report.accounts.iter().flat_map(|a| {
        let score = [Cell::Number(a.score), Cell::Empty, Cell::Empty];
        let row = move |i| finding(["account", &a.id], Some(a.verdict), score.clone(), i);
        a.indicators.iter().map(row)
    });
    let nothing = [Cell::Empty, Cell::Empty, Cell::Empty];
    let tenant = report.tenant.indicators.iter();
    let tenant = tenant.map(|i| finding(["tenant", ""], None, nothing.clone(), i));
    add(book, "findings", COLUMNS, connectors.chain(accounts).chain(tenant))
}

fn finding<'a>(
    [about, name]: [&'a str; 2],
    verdict: Option<Verdict>,
    [score, low, high]: [Cell<'a>; 3],
    indicator: &'a Indicator,
) -> [Cell<'a>; 18] {
    let [path, record] = place(indicator.citations.first());
    let window = indicator.window.as_ref();
    [
        about.into(),
        name.into(),
        verdict.map_or("", glance::verdict).into(),
        score,
        low,
        high,
        indicator.id.as_str().into(),
        glance::state(indicator.state).into(),
        Cell::Number(indicator.points),
        indicator.summary.as_str().into(),
        indicator.needs.join("; ").into(),
        window.map_or(Cell::Empty, |w| Cell::Time(&w.from)),
        window.map_or(Cell::Empty, |w| Cell::Time(&w.to)),
        indicator.techniques.join("; ").into(),
        Cell::Count(indicator.citation_count),
        path,
        record,
        further(&indicator.citations).into(),
    ]
}

/// The rows of `timeline.csv`.
fn timeline(book: &mut Workbook, report: &Report) -> Result<(), ReportError> {
    const COLUMNS: [Column; 19] = [
        Column("time", 20.0),
        Column("connector", 32.0),
        Column("action", 14.0),
        Column("operation", 26.0),
        Column("actor", 32.0),
        Column("actor_kind", 12.0),
        Column("client_ip", 18.0),
        Column("intended", 10.0),
        Column("intended_because", 40.0),
        Column("no_op", 8.0),
        Column("succeeded", 11.0),
        Column("parameter", 26.0),
        Column("before", 40.0),
        Column("after", 40.0),
        Column("before_known", 13.0),
        Column("summary", 80.0),
        Column("path", 28.0),
        Column("record", 10.0),
        Column("further_citations", 40.0),
    ];
    let rows = rows::timeline(report).into_iter().map(|row| {
        let (event, change) = (row.event, row.change);
        let [path, record] = place(event.citations.first());
        [
            Cell::Time(&event.time),
            row.connector.into(),
            event.action.as_str().into(),
            event.operation.as_deref().into(),
            event.actor.as_deref().into(),
            event.actor_kind.as_str().into(),
            event.client_ip.as_deref().into(),
            event.intended.map_or(Cell::Empty, Cell::Truth),
            event.intended_because.as_deref().into(),
            Cell::Truth(event.no_op),
            Cell::Truth(event.succeeded),
            change.map(|c| c.parameter.as_str()).into(),
            change.and_then(|c| c.before.as_deref()).into(),
            change.and_then(|c| c.after.as_deref()).into(),
            change.map_or(Cell::Empty, |c| Cell::Truth(c.before_known)),
            event.summary.as_str().into(),
            path,
            record,
            further(&event.citations).into(),
        ]
    });
    add(book, "timeline", COLUMNS, rows)
}

/// The most frequent sources, senders and recipient domains of each connector, the worst connector first.
fn sources(book: &mut Workbook, report: &Report) -> Result<(), ReportError> {
    const COLUMNS: [Column; 6] = [
        Column("connector", 32.0),
        Column("verdict", 20.0),
        Column("what", 18.0),
        Column("value", 48.0),
        Column("messages", 12.0),
        Column("recipients", 12.0),
    ];
    let rows = glance::ranked(report).into_iter().flat_map(|connector| {
        let traffic = &connector.traffic;
        let lists = [
            ("source", &traffic.top_sources),
            ("sender", &traffic.top_senders),
            ("recipient domain", &traffic.top_recipient_domains),
        ];
        let listed = lists
            .into_iter()
            .flat_map(|(what, list)| list.iter().map(move |top| (what, top)));
        listed.map(move |(what, top)| {
            [
                connector.name.as_str().into(),
                glance::verdict(connector.verdict).into(),
                what.into(),
                top.value.as_str().into(),
                Cell::Count(top.messages),
                Cell::Count(top.recipients),
            ]
        })
    });
    add(book, "sources", COLUMNS, rows)
}

/// One row a file, with its hash and the sums of its rows.
fn evidence(book: &mut Workbook, report: &Report) -> Result<(), ReportError> {
    const COLUMNS: [Column; 16] = [
        Column("path", 40.0),
        Column("sha256", 68.0),
        Column("bytes", 14.0),
        Column("kind", 20.0),
        Column("format", 28.0),
        Column("encoding", 12.0),
        Column("compression", 13.0),
        Column("records", 12.0),
        Column("accepted", 12.0),
        Column("degraded", 12.0),
        Column("duplicates", 12.0),
        Column("rejected", 12.0),
        Column("first_time", 20.0),
        Column("last_time", 20.0),
        Column("time_note", 40.0),
        Column("notes", 60.0),
    ];
    let read = report.evidence.iter().map(|file| {
        [
            file.path.as_str().into(),
            file.sha256.as_str().into(),
            Cell::Count(file.bytes),
            file.kind.as_str().into(),
            file.format.as_str().into(),
            file.encoding.as_str().into(),
            file.compression.as_deref().into(),
            Cell::Count(file.records),
            Cell::Count(file.accepted),
            Cell::Count(file.degraded),
            Cell::Count(file.duplicates),
            Cell::Count(file.rejected),
            file.first_time.as_deref().map_or(Cell::Empty, Cell::Time),
            file.last_time.as_deref().map_or(Cell::Empty, Cell::Time),
            file.time_note.as_deref().into(),
            file.notes.join("; ").into(),
        ]
    });
    let unreadable = report.unreadable.iter().map(|file| {
        let mut row = [const { Cell::Empty }; 16];
        row[0] = file.path.as_str().into();
        row[3] = "could not be read".into();
        row[15] = file.reason.as_str().into();
        row
    });
    add(book, "evidence", COLUMNS, read.chain(unreadable))
}

fn place(citation: Option<&Citation>) -> [Cell<'_>; 2] {
    match citation {
        Some(citation) => [citation.path.as_str().into(), Cell::Count(citation.record)],
        None => [Cell::Empty, Cell::Empty],
    }
}

fn further(citations: &[Citation]) -> String {
    let further: Vec<String> = citations.iter().skip(1).map(rows::cite).collect();
    further.join("; ")
}
