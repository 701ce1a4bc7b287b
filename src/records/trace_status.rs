//! What exports have in common that give a message, a recipient and a status and little more: Get-MessageTrace in
//! PowerShell and in Graph, and the list of the admin centre.

use super::date_order::{Settled, Zone};
use super::recognise::Seen;
use super::trace_fields::{Layout, Part, Trace, Values};
use super::{FilterVerdict, Reader, Status, TraceRow, address, trace};
use crate::evidence::Fate;

/// Its rows say little of a message: the richer traces are cited first.
const RANK: u8 = 2;

/// The names under which an export gives its parts, the usual one first.
pub(super) struct Names {
    /// Of dates; the first that is there is the time of the row.
    pub(super) dates: &'static [&'static str],
    pub(super) trace_id: &'static [&'static str],
    pub(super) message_id: &'static [&'static str],
    pub(super) sender: &'static [&'static str],
    pub(super) recipient: &'static [&'static str],
    pub(super) subject: &'static [&'static str],
    pub(super) status: &'static [&'static str],
    pub(super) from_ip: &'static [&'static str],
}

pub(super) struct StatusRows {
    format: &'static str,
    trace_id: Part,
    message_id: Part,
    sender: Part,
    recipient: Part,
    subject: Part,
    status: Part,
    from_ip: Part,
}

impl StatusRows {
    pub(super) fn reader(format: &'static str, seen: &Seen<'_>, names: &Names) -> Box<dyn Reader> {
        let (received, dates) = (Part::of(seen, names.dates), seen.settle(names.dates, Zone::Utc));
        StatusRows::dated(format, seen, names, received, dates)
    }

    /// Of an export whose column of dates is found by other means.
    pub(super) fn dated(
        format: &'static str,
        seen: &Seen<'_>,
        names: &Names,
        received: Part,
        dates: Settled,
    ) -> Box<dyn Reader> {
        let subject = Part::of(seen, names.subject);
        let layout = StatusRows {
            format,
            trace_id: Part::of(seen, names.trace_id),
            message_id: Part::of(seen, names.message_id),
            sender: Part::of(seen, names.sender),
            recipient: Part::of(seen, names.recipient),
            subject,
            status: Part::of(seen, names.status),
            from_ip: Part::of(seen, names.from_ip),
        };
        Box::new(Trace::new(seen, received, subject, dates, layout))
    }
}

impl Layout for StatusRows {
    fn format(&self) -> &'static str {
        self.format
    }

    fn read(&self, values: &Values<'_, '_>, hand_on: impl FnOnce(TraceRow<'_>) -> Fate) -> Fate {
        let event = values.text(self.status);
        let status = trace::status(&event);
        hand_on(TraceRow {
            network_message_id: values.text(self.trace_id),
            message_id: values.text(self.message_id),
            recipients: values
                .filled(self.recipient)
                .map(address::bare_cow)
                .into_iter()
                .collect(),
            sender: values.filled(self.sender).map(address::bare_cow),
            source: address::ip(&values.text(self.from_ip)),
            status,
            verdict: if status == Status::Junk {
                FilterVerdict::Spam
            } else {
                FilterVerdict::None
            },
            subject: values.text(self.subject),
            event: trace::status_word(event),
            rank: RANK,
            ..TraceRow::default()
        })
    }
}
