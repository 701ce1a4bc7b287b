//! `remediation.ps1`: the commands of the response, every line commented out.

use std::io::Write;

use super::clean;
use super::error::ReportError;
use super::glance;
use super::model::{Report, Response};
use super::rows;
use super::steps;

/// Rows that are named under a command.
const CITED: usize = 5;

/// Writes the commands under a heading a step, each line a comment.
pub fn write(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut script = Script { out };
    script.line(&format!(
        "{} {}: what to do next",
        report.tool.name, report.tool.version
    ))?;
    script.line("Every line here is a comment, so running this file does nothing.")?;
    script.line("Read the reason, check the command against your tenant, and copy it into a session of")?;
    script.line("Exchange Online PowerShell (Connect-ExchangeOnline) only if you agree with it.")?;
    script.line("")?;
    script.line(&format!(
        "Verdict: {}. {}",
        glance::verdict(report.summary.verdict),
        report.summary.headline
    ))?;
    for (number, (step, responses)) in (1..).zip(steps::grouped(report)) {
        script.line("")?;
        script.line(&format!("=== {number}. {} ===", step.title))?;
        script.line(step.intro)?;
        if responses.is_empty() {
            script.line("")?;
            script.line("Nothing to do here follows from this evidence.")?;
        }
        for response in responses {
            script.line("")?;
            script.response(response)?;
        }
    }
    Ok(())
}

struct Script<'a> {
    out: &'a mut dyn Write,
}

impl Script<'_> {
    /// Writes one comment line, whatever the text holds.
    ///
    /// The blank after `#` matters: `#requires` acts even though it looks like a comment.
    fn line(&mut self, text: &str) -> Result<(), ReportError> {
        let text = clean::line(text);
        let line = format!("# {text}");
        Ok(writeln!(self.out, "{}", line.trim_end())?)
    }

    fn response(&mut self, response: &Response) -> Result<(), ReportError> {
        if let Some(connector) = &response.connector {
            self.line(&format!("Connector: {connector}"))?;
        }
        self.line(&format!("Why: {}", response.why))?;
        for command in &response.commands {
            // One line a command, whatever it holds: a second line could be uncommented by itself.
            self.line(&format!("    {command}"))?;
        }
        for evidence in response.citations.iter().take(CITED) {
            self.line(&format!("Evidence: {}", rows::cite(evidence)))?;
        }
        let more = response.citations.len().saturating_sub(CITED);
        if more > 0 {
            self.line(&format!("Evidence: and {more} more rows, in report.json"))?;
        }
        for link in &response.links {
            self.line(&format!("See: {link}"))?;
        }
        Ok(())
    }
}
