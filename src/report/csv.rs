//! `timeline.csv`, `suspect_messages.csv` and `rejected.csv`: tables that a spreadsheet may open without danger.

use std::io::Write;

use super::clean;
use super::error::ReportError;
use super::model::{Citation, Report};
use super::rows;

/// Writes one row a change or event, with before, after, actor, address and citation.
pub fn timeline(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    let header = [
        "time",
        "connector",
        "action",
        "operation",
        "actor",
        "actor_kind",
        "client_ip",
        "intended",
        "intended_because",
        "no_op",
        "succeeded",
        "parameter",
        "before",
        "after",
        "before_known",
        "summary",
        "path",
        "record",
        "byte_offset",
        "record_id",
        "further_citations",
    ];
    let mut table = Table::new(out, header)?;
    for row in rows::timeline(report) {
        let event = row.event;
        let first = event.citations.first();
        let further: Vec<String> = event.citations.iter().skip(1).map(rows::cite).collect();
        let (record, offset) = place(first);
        table.row([
            &event.time,
            row.connector.unwrap_or_default(),
            &event.action,
            or_empty(&event.operation),
            or_empty(&event.actor),
            &event.actor_kind,
            or_empty(&event.client_ip),
            event.intended.map_or("", yes_no),
            or_empty(&event.intended_because),
            yes_no(event.no_op),
            yes_no(event.succeeded),
            row.change.map_or("", |c| &c.parameter),
            row.change.map_or("", |c| or_empty(&c.before)),
            row.change.map_or("", |c| or_empty(&c.after)),
            row.change.map_or("", |c| yes_no(c.before_known)),
            &event.summary,
            first.map_or("", |c| &c.path),
            &record,
            &offset,
            first.map_or("", |c| or_empty(&c.id)),
            &further.join("; "),
        ])?;
    }
    table.finish()
}

/// Writes the messages to purge and whose recipients to warn.
pub fn suspect_messages(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    let header = [
        "time",
        "network_message_id",
        "message_id",
        "recipient",
        "p1",
        "p2",
        "source",
        "connector",
        "why",
        "path",
        "record",
        "byte_offset",
    ];
    let mut table = Table::new(out, header)?;
    for message in &report.suspect_messages {
        let (record, offset) = place(Some(&message.citation));
        table.row([
            &message.time,
            or_empty(&message.network_message_id),
            or_empty(&message.message_id),
            or_empty(&message.recipient),
            or_empty(&message.p1),
            or_empty(&message.p2),
            or_empty(&message.source),
            &message.connector,
            &message.why,
            &message.citation.path,
            &record,
            &offset,
        ])?;
    }
    table.finish()
}

/// Writes every row of the evidence that was not used whole.
pub fn rejected(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut table = Table::new(out, ["path", "record", "byte_offset", "what", "reason"])?;
    for row in &report.rejected_rows {
        table.row([
            &row.path,
            &row.record.to_string(),
            &row.byte_offset.to_string(),
            &row.what,
            &row.reason,
        ])?;
    }
    table.finish()
}

/// A table of `N` columns: the type keeps it rectangular.
struct Table<'a, const N: usize> {
    writer: ::csv::Writer<&'a mut dyn Write>,
}

impl<'a, const N: usize> Table<'a, N> {
    fn new(out: &'a mut dyn Write, header: [&str; N]) -> Result<Self, ReportError> {
        let mut writer = ::csv::Writer::from_writer(out);
        writer.write_record(header)?;
        Ok(Self { writer })
    }

    fn row(&mut self, cells: [&str; N]) -> Result<(), ReportError> {
        let cells = cells.map(|cell| shortened(neutral(cell)));
        Ok(self.writer.write_record(cells.iter().map(|c| c.as_bytes()))?)
    }

    fn finish(mut self) -> Result<(), ReportError> {
        Ok(self.writer.flush()?)
    }
}

/// The cell as it may stand in a spreadsheet: control characters visible, nothing that starts a formula.
///
/// An apostrophe is put before each formula sign at the start of the cell, and after `;`, tab or line feed as
/// well: where the list separator is a semicolon a spreadsheet splits there too. The exact value is in report.json.
pub fn neutral(cell: &str) -> String {
    let shown = clean::text(cell);
    let mut out = String::with_capacity(shown.len() + 1);
    // Some spreadsheets skip a tab at the start and read on.
    if shown.starts_with('\t') {
        out.push('\'');
    }
    for part in shown.split_inclusive([';', '\t', '\n']) {
        // Blanks and quotes before the sign do not stop a lenient reader.
        let body = part.trim_start_matches(|c: char| c.is_whitespace() || c == '"' || is_passed_over(c));
        if body.starts_with(SIGNS) {
            out.push('\'');
        }
        out.push_str(part);
    }
    out
}

/// What starts a formula: the signs, full-width and small.
const SIGNS: [char; 12] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫'];

/// Joiners, variation selectors and fillers: invisible, and no reader may be trusted to stop at them.
fn is_passed_over(c: char) -> bool {
    matches!(
        c,
        '\u{200c}' | '\u{200d}' | '\u{34f}' | '\u{fe00}'
            ..='\u{fe0f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
    )
}

/// Characters that a cell may have: Python's csv module refuses the file at one more.
const CELL_LIMIT: usize = 131_072;
/// Of those, what the mark at the end of a cut cell takes at most.
const MARK: usize = 64;

/// The cell cut to what every reader takes; the whole value is in report.json.
fn shortened(cell: String) -> String {
    if cell.len() <= CELL_LIMIT {
        return cell;
    }
    let characters = cell.chars().count();
    let kept = CELL_LIMIT - MARK;
    match cell.char_indices().nth(kept) {
        Some((end, _)) if characters > CELL_LIMIT => {
            let start = cell.get(..end).unwrap_or_default();
            format!("{start}… ({} more characters, see report.json)", characters - kept)
        }
        _ => cell,
    }
}

fn place(citation: Option<&Citation>) -> (String, String) {
    citation.map_or_else(Default::default, |c| (c.record.to_string(), c.byte_offset.to_string()))
}

fn or_empty(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}

fn yes_no(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("plain", "plain")]
    #[test_case("", "")]
    #[test_case("=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0")]
    #[test_case("+1", "'+1")]
    #[test_case("-1", "'-1")]
    #[test_case("@SUM(A1)", "'@SUM(A1)")]
    #[test_case("\t=1", "'\t'=1"; "a tab, then a formula")]
    #[test_case("\rx", "\\rx"; "a carriage return is shown")]
    #[test_case("＝1", "'＝1"; "full width")]
    #[test_case(" \"=1", "' \"=1"; "behind a blank and a quote")]
    #[test_case("10.0.0.1;=1;b", "10.0.0.1;'=1;b"; "behind a semicolon")]
    #[test_case("a\n=1", "a\n'=1"; "on a second line")]
    #[test_case("a=b;c-d", "a=b;c-d"; "signs inside")]
    #[test_case("\u{200d}=1", "'\u{200d}=1"; "behind a joiner")]
    #[test_case("\u{200c}\u{fe0f}@x", "'\u{200c}\u{fe0f}@x"; "behind more that cannot be seen")]
    #[test_case("﹦1;﹢1;﹣1;﹫x", "'﹦1;'﹢1;'﹣1;'﹫x"; "small forms")]
    #[test_case("نامه\u{200c}ها", "نامه\u{200c}ها"; "a joiner inside a word")]
    fn cells_are_neutral(cell: &str, expected: &str) {
        assert_eq!(neutral(cell), expected);
    }

    #[test]
    fn a_cell_has_no_more_characters_than_readers_take() {
        let whole = "é".repeat(131_072);
        assert_eq!(shortened(whole.clone()), whole);
        let cut = shortened("é".repeat(200_000));
        assert!(cut.chars().count() <= 131_072);
        assert!(
            cut.ends_with("é… (68992 more characters, see report.json)"),
            "{}",
            &cut[cut.len() - 60..]
        );
    }
}
