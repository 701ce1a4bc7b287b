//! Large inputs for benchmarks: the rows of real writers, cut into templates and filled again and again.
//!
//! A row is rendered once with marks where its id, time and recipient stand. To write it again costs a copy of the
//! bytes between the marks and the new values, so that a file of many gigabytes is made as fast as the disk takes it.

use std::io::{self, Write};

use serde_json::json;

use super::audit::AuditRecord;
use super::background;
use super::case;
use super::formats::text::{Encoding, Quotes, Table};
use super::formats::{email_events, extended, message_trace, records_json, search_audit_log};
use super::message::Message;
use super::random::{Guid, Random};
use super::scenarios;
use super::time::{self, MINUTE, Millis};
use super::world::World;

/// Which export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    UalCsv,
    UalJsonl,
    TraceCsv,
    Extended,
    EmailEvents,
}

/// What stands between two fixed pieces of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// Id of the record or network message id.
    Id,
    /// `2001-02-03T04:05`: the seconds are the template's own.
    IsoMinute,
    /// `2/3/2001 4:05:06 AM`
    EnUs,
    Recipient,
}

/// The moment that marks a time. Its seconds are filled in by the template.
const MARK_TIME: Millis = 981_173_100_000;
const MARK_ID: Guid = Guid(0xfeed_5107_feed_4107_8107_feed_5107_feed);
const MARK_RECIPIENT: &str = "slot-for-a-recipient@slot.example";

/// Days that a large file covers.
const SPAN: Millis = 90 * time::DAY;
/// One row in ten thousand of an audit log is about a connector.
const CONNECTOR_ODDS: u64 = 10_000;

#[derive(Debug)]
struct Template {
    /// A slot after each piece but the last.
    pieces: Vec<(Vec<u8>, Option<Slot>)>,
    second: Millis,
}

impl Template {
    /// Cuts a rendered row at its marks. `second` is what was added to the marking time.
    fn cut(row: &str, second: Millis, wide: bool) -> Self {
        let marks = [
            (MARK_ID.to_string(), Slot::Id),
            (time::iso_bare(MARK_TIME)[..16].to_owned(), Slot::IsoMinute),
            (time::en_us(MARK_TIME + second), Slot::EnUs),
            (MARK_RECIPIENT.to_owned(), Slot::Recipient),
        ];
        let encoding = if wide { Encoding::Utf16 } else { Encoding::Utf8 };
        let bytes = |text: &str| encoding.encode(text);
        let mut pieces = Vec::new();
        let mut rest = row;
        while let Some((at, mark, slot)) = marks
            .iter()
            .filter_map(|(mark, slot)| rest.find(mark.as_str()).map(|at| (at, mark, *slot)))
            .min_by_key(|found| found.0)
        {
            pieces.push((bytes(&rest[..at]), Some(slot)));
            rest = &rest[at + mark.len()..];
        }
        pieces.push((bytes(rest), None));
        Self { pieces, second }
    }
}

/// The values that fill the slots of one row.
struct Filler {
    wide: bool,
    minute: Millis,
    /// The minute as the two forms of a time begin it, spelled once for all rows of that minute.
    iso: String,
    en_us: String,
    recipients: Vec<String>,
}

impl Filler {
    fn put(&self, text: &[u8], out: &mut Vec<u8>) {
        if self.wide {
            // All values that fill a slot are ASCII.
            out.extend(text.iter().flat_map(|byte| [*byte, 0]));
        } else {
            out.extend_from_slice(text);
        }
    }

    fn fill(&mut self, template: &Template, minute: Millis, r: &mut Random, out: &mut Vec<u8>) {
        if self.minute != minute {
            self.minute = minute;
            self.iso = time::iso_bare(minute)[..16].to_owned();
            self.en_us = time::en_us(minute);
        }
        let id = r.guid().text();
        for (piece, slot) in &template.pieces {
            out.extend_from_slice(piece);
            match slot {
                None => {}
                Some(Slot::Id) => self.put(&id, out),
                Some(Slot::IsoMinute) => self.put(self.iso.as_bytes(), out),
                Some(Slot::EnUs) => {
                    // Of `2/3/2001 4:05:00 AM` the seconds are replaced.
                    let (start, half) = self.en_us.split_at(self.en_us.len() - 3);
                    let second = template.second / time::SECOND;
                    self.put(&start.as_bytes()[..start.len() - 2], out);
                    self.put(&[b'0' + (second / 10) as u8, b'0' + (second % 10) as u8], out);
                    self.put(half.as_bytes(), out);
                }
                Some(Slot::Recipient) => {
                    // Half of the mail goes to a few hundred people, the rest to anyone.
                    let bound = if r.chance(500) { 300 } else { self.recipients.len() };
                    self.put(self.recipients[r.index(bound)].as_bytes(), out);
                }
            }
        }
    }
}

/// What is copied: the header, the ordinary rows and the rare ones.
struct Stock {
    header: Vec<u8>,
    ordinary: Vec<Template>,
    rare: Vec<Template>,
}

fn audit_stock(kind: Kind, world: &World, r: &mut Random) -> Stock {
    let tenant = &world.tenant;
    let organization = tenant.organization_id;
    let (runspace, columns) = (r.guid(), search_audit_log::Columns::Rest);
    let template = |mut record: AuditRecord, r: &mut Random| {
        let second = r.between(0, 59) * time::SECOND;
        (record.time, record.id) = (MARK_TIME + second, MARK_ID);
        for (_, value) in record.body.iter_mut().filter(|(key, _)| *key == "IntraSystemId") {
            *value = json!(MARK_ID.to_string());
        }
        let row = if kind == Kind::UalCsv {
            let mut table = Table::rows(Quotes::Always);
            table.row(&search_audit_log::cells(
                &record,
                organization,
                columns,
                runspace,
                1,
                50_000,
            ));
            table.finish()
        } else {
            records_json::line(&record, organization) + "\n"
        };
        Template::cut(&row, second, false)
    };
    let mut ordinary = Vec::new();
    for _ in 0..4000 {
        let user = r.pick(&tenant.users).clone();
        // The mixture of a tenant at work: mailboxes and documents above all.
        let record = match r.below(100) {
            0..45 => {
                let reads = r.between(4, 16) as usize;
                background::mailbox(tenant, &user, MARK_TIME, reads, r)
            }
            45..80 => background::document(tenant, &user, MARK_TIME, r),
            80..94 => background::sign_in(&user, MARK_TIME, r),
            _ => background::service_change(tenant, MARK_TIME, r),
        };
        ordinary.push(template(record, r));
    }
    let rare = world
        .audit
        .iter()
        .filter(|record| record.operation.ends_with("InboundConnector"))
        .map(|record| template(record.clone(), r))
        .collect();
    let header = match kind {
        Kind::UalCsv => Table::new(&search_audit_log::header(columns), Quotes::Always)
            .finish()
            .into_bytes(),
        _ => Vec::new(),
    };
    Stock { header, ordinary, rare }
}

fn trace_stock(kind: Kind, world: &World, r: &mut Random) -> Stock {
    let tenant = world.tenant.organization_id;
    let wide = kind == Kind::Extended;
    let template = |message: &Message, r: &mut Random| {
        // An extended trace adds up to six seconds, which must not reach the next minute.
        let second = r.between(0, 50) * time::SECOND;
        let mut message = message.clone();
        (message.time, message.network_id) = (MARK_TIME + second, MARK_ID);
        message.internet_id = format!("<{MARK_ID}@mail.example>");
        if message.direction == super::message::Direction::Outbound {
            MARK_RECIPIENT.clone_into(&mut message.recipient);
        }
        let mut table = Table::rows(if kind == Kind::TraceCsv {
            Quotes::Always
        } else {
            Quotes::Needed
        });
        match kind {
            Kind::TraceCsv => table.row(&message_trace::cells_v2(&message)),
            Kind::Extended => extended::rows(&[&message], tenant, r)
                .iter()
                .for_each(|row| table.row(row)),
            _ => table.row(&email_events::cells(&message)),
        }
        Template::cut(&table.finish(), second, wide)
    };
    let ordinary = world.messages.iter().map(|message| template(message, r)).collect();
    let header = match kind {
        Kind::TraceCsv => Table::new(&message_trace::HEADER_V2, Quotes::Always)
            .finish()
            .into_bytes(),
        Kind::Extended => Encoding::Utf16.encode(&Table::new(&extended::HEADER, Quotes::Needed).finish()),
        _ => Table::new(&email_events::HEADER, Quotes::Needed).finish().into_bytes(),
    };
    Stock {
        header,
        ordinary,
        rare: Vec::new(),
    }
}

/// Writes at least `size` bytes of the export to `out` and stops at the next end of a row. Returns rows (of an
/// Extended trace: messages) and bytes.
pub fn write(kind: Kind, size: u64, seed: u64, out: &mut impl Write) -> io::Result<(u64, u64)> {
    let mut r = Random::new(seed).fork("large");
    let scenario = scenarios::find("stolen_admin_adds_address")
        .ok_or_else(|| io::Error::other("the scenario behind large files is gone"))?;
    let world = case::play(scenario, seed);
    let stock = match kind {
        Kind::UalCsv | Kind::UalJsonl => audit_stock(kind, &world, &mut r),
        _ => trace_stock(kind, &world, &mut r),
    };
    let average = stock
        .ordinary
        .iter()
        .map(|t| t.pieces.iter().map(|piece| piece.0.len() as u64 + 30).sum::<u64>())
        .sum::<u64>()
        / stock.ordinary.len().max(1) as u64;
    let expected_rows = (size / average.max(1)).max(1);
    let recipients = (0..60_000)
        .map(|n| format!("person{n:05}@partner{:04}.example", n * 7 % 2500))
        .collect();
    let mut filler = Filler {
        wide: kind == Kind::Extended,
        minute: -1,
        iso: String::new(),
        en_us: String::new(),
        recipients,
    };
    let start = world.to - world.to.rem_euclid(time::DAY) - SPAN;
    let mut buffer = stock.header.clone();
    let (mut rows, mut written) = (0_u64, 0_u64);
    while written + (buffer.len() as u64) < size {
        let rare = !stock.rare.is_empty() && r.below(CONNECTOR_ODDS) == 0;
        let templates = if rare { &stock.rare } else { &stock.ordinary };
        // Time runs on evenly with some minutes of disorder, as in real collections.
        let even = (i128::from(SPAN) * i128::from(rows) / i128::from(expected_rows)) as Millis;
        let minute = (start + even.min(SPAN)).div_euclid(MINUTE) * MINUTE + r.between(0, 4) * MINUTE;
        let template = &templates[r.index(templates.len())];
        filler.fill(template, minute, &mut r, &mut buffer);
        rows += 1;
        if buffer.len() >= 1 << 20 {
            out.write_all(&buffer)?;
            written += buffer.len() as u64;
            buffer.clear();
        }
    }
    out.write_all(&buffer)?;
    out.flush()?;
    Ok((rows, written + buffer.len() as u64))
}
