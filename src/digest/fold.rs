//! One chunk's rows, folded into a digest of their own.

use crate::digest::fingerprints::{Fingerprint, hash_message_id, hash_origin, hash_text};
use crate::digest::{Digest, Fact, Flags, Sighting, SightingKey, sender, sightings};
use crate::evidence::{Fate, Row, Sink};
use crate::records::{
    AuditEvent, AuditTally, ConnectorType, Origin, Reader, Record, RecordId, SignIn, Time, TraceRow, Workload, address,
};

/// The sink for one chunk of one exhibit.
pub struct Fold<'r> {
    reader: &'r dyn Reader,
    pub digest: Digest,
    hour: i64,
    /// Room for the identity of a row.
    identity: Vec<u8>,
}

impl<'r> Fold<'r> {
    /// A fold for a chunk of an exhibit that this reader understands.
    pub fn new(reader: &'r dyn Reader) -> Self {
        Fold {
            reader,
            digest: Digest::default(),
            hour: i64::MIN,
            identity: Vec::new(),
        }
    }
}

impl Sink for Fold<'_> {
    fn row(&mut self, row: &Row<'_>, origin: Origin) -> Fate {
        let reader = self.reader;
        reader.read(row, origin, &mut |record| self.take(record, origin))
    }

    fn shift_records(&mut self, by: u32) {
        self.digest.shift_records(by);
    }

    fn absorb(&mut self, next: Self) {
        self.digest.absorb(next.digest);
    }
}

impl Fold<'_> {
    fn take(&mut self, record: Record<'_>, origin: Origin) {
        match record {
            Record::Tally(tally) => self.tally(&tally, origin),
            Record::Audit(event) => self.audit(*event, origin),
            Record::SignIn(sign_in) => self.sign_in(&sign_in, origin),
            Record::Trace(row) => self.trace(&row, origin),
            Record::Connector(mut snapshot) => {
                snapshot.origin = origin;
                self.note_snapshot(snapshot.changed.or(snapshot.created), origin);
                self.digest.connectors.push(*snapshot);
            }
            Record::AcceptedDomain(mut domain) => {
                domain.origin = origin;
                self.note_snapshot(None, origin);
                self.digest.accepted_domains.push(domain);
            }
            Record::BlockedConnector(mut blocked) => {
                blocked.origin = origin;
                self.note_snapshot(blocked.time, origin);
                self.digest.blocked.push(blocked);
            }
            Record::Setting(mut setting) => {
                setting.origin = origin;
                self.note_snapshot(setting.changed.or(setting.created), origin);
                self.digest.settings.push(*setting);
            }
        }
    }

    fn note_snapshot(&mut self, time: Option<Time>, origin: Origin) {
        let observed = self.digest.observed.entry(origin.file).or_default();
        if let Some(time) = time {
            observed.at(time);
        }
    }

    /// Notes a time; consecutive rows mostly share their hour, so that the set is rarely asked.
    fn note_time(&mut self, time: Time, origin: Origin) {
        let observed = self.digest.observed.entry(origin.file).or_default();
        if self.hour == time.hour() {
            observed.first = observed.first.map(|t| t.min(time));
            observed.last = observed.last.map(|t| t.max(time));
        } else {
            self.hour = time.hour();
            observed.at(time);
        }
    }

    fn tally(&mut self, tally: &AuditTally<'_>, origin: Origin) {
        self.audit_row(
            tally.time,
            tally.id,
            tally.workload,
            &tally.operation,
            tally.result_count,
            tally.complete,
            origin,
        );
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts that every audit row has, from three kinds of record"
    )]
    fn audit_row(
        &mut self,
        time: Time,
        id: Option<RecordId>,
        workload: Workload,
        operation: &str,
        result_count: Option<u32>,
        complete: bool,
        origin: Origin,
    ) {
        self.note_time(time, origin);
        let observed = self.digest.observed.entry(origin.file).or_default();
        observed.audit(workload, operation, result_count);
        if let Some(id) = id {
            let mark = Fingerprint::audit(id, complete, origin.record).of_search(result_count);
            self.digest.fingerprints.entry(origin.file).or_default().push(mark);
        }
    }

    fn audit(&mut self, mut event: AuditEvent, origin: Origin) {
        event.origin = origin;
        let id = event.record_id();
        let workload = crate::records::workload(&event);
        self.audit_row(
            event.time,
            id,
            workload,
            &event.operation,
            event.result_count,
            event.complete,
            origin,
        );
        self.digest.events.push(event);
    }

    fn sign_in(&mut self, sign_in: &SignIn<'_>, origin: Origin) {
        if sign_in.from_audit_log {
            self.audit_row(
                sign_in.time,
                sign_in.id,
                Workload::SignIn,
                &sign_in.operation,
                sign_in.result_count,
                sign_in.complete,
                origin,
            );
        } else {
            self.note_time(sign_in.time, origin);
            self.digest.observed.entry(origin.file).or_default().sign_in_log = true;
            if let Some(id) = sign_in.id {
                // The audit log's record of the sign-in has the same id and is another row.
                let identity = [&b"sign-in log"[..], &id.0.to_le_bytes()].concat();
                let mark = Fingerprint::of_bytes(&identity, sign_in.complete, origin.record);
                self.digest.fingerprints.entry(origin.file).or_default().push(mark);
            }
        }
        let account = sign_in.account.trim().to_lowercase();
        if account.is_empty() {
            return;
        }
        let key = SightingKey {
            account,
            day: sign_in.time.0.div_euclid(Time::DAY) as i32,
            address: sign_in.address,
            agent: sign_in.agent.trim().to_owned(),
            succeeded: sign_in.succeeded,
        };
        let id = sign_in
            .id
            .map_or_else(|| hash_origin(origin), |id| (id.0 as u64) ^ ((id.0 >> 64) as u64));
        let seen = (sign_in.time, origin);
        sightings::add(
            &mut self.digest.sightings,
            key,
            Sighting {
                first: seen,
                last: seen,
                ids: vec![id],
                details: (!sign_in.from_audit_log).then(|| Box::new(sightings::Details::of(&sign_in.details))),
            },
        );
    }

    fn trace(&mut self, row: &TraceRow<'_>, origin: Origin) {
        self.note_time(row.time, origin);
        let network_id = row.network_message_id.trim();
        let unmatched = network_id.is_empty();
        let message = if unmatched {
            hash_origin(origin)
        } else {
            hash_message_id(network_id)
        };
        if !unmatched {
            let (time, message) = (row.time.0.to_le_bytes(), message.to_le_bytes());
            let fields = [&message[..], &time[..], row.event.as_bytes()];
            self.identity.clear();
            for field in fields.into_iter().chain(row.recipients.iter().map(|r| r.as_bytes())) {
                self.identity.extend_from_slice(field);
                self.identity.push(0xff);
            }
            let mark = Fingerprint::of_bytes(&self.identity, row.complete, origin.record);
            self.digest.fingerprints.entry(origin.file).or_default().push(mark);
        }
        let observed = self.digest.observed.entry(origin.file).or_default();
        observed.messages.insert(message);
        let mut fact = self.fact(row, message, origin);
        if unmatched {
            fact.flags.set(Flags::UNMATCHED);
        }
        if row.recipients.is_empty() {
            self.push(fact);
        }
        for (i, recipient) in row.recipients.iter().enumerate() {
            let recipient = recipient.trim();
            fact.set_code(row.codes.get(i).copied().unwrap_or(row.code));
            fact.recipient = hash_text(recipient).max(1);
            fact.recipient_domain = self.domain(recipient);
            self.push(fact);
        }
    }

    /// What the row says whoever the recipient is.
    fn fact(&mut self, row: &TraceRow<'_>, message: u64, origin: Origin) -> Fact {
        let mut fact = Fact::new(message, 0, row.time, origin, row.rank);
        fact.source = row.source.map_or(0, |ip| self.digest.sources.insert(ip));
        fact.connector = match row.connector.as_deref().map(str::trim) {
            Some(name) if !name.is_empty() => self.digest.names.intern(name),
            _ => 0,
        };
        match row.connector_type {
            Some(ConnectorType::OnPremises) => fact.flags.set(Flags::ON_PREMISES),
            Some(ConnectorType::Partner) => fact.flags.set(Flags::PARTNER),
            None => {}
        }
        match row.submitted_by_user {
            Some(true) => fact.flags.set(Flags::SUBMITTED_BY_USER),
            Some(false) => fact.flags.set(Flags::NOT_SUBMITTED_BY_USER),
            None => {}
        }
        if let Some(address) = row.p1.as_deref().or(row.sender.as_deref()) {
            fact.class = sender::classify(address);
            fact.p1_domain = self.domain(address);
            if row.p1.is_none() {
                fact.flags.set(Flags::SENDER_UNSURE);
            }
        }
        match row.p2.as_deref().map(|p2| (p2, local_hash(p2))) {
            Some((address, local)) if local != 0 => {
                fact.p2_domain = self.domain(address);
                fact.sender = local;
                fact.flags.set(Flags::SENDER_IS_P2);
            }
            _ => fact.sender = row.p1.as_deref().or(row.sender.as_deref()).map_or(0, local_hash),
        }
        fact.set_outcome(row.status, row.verdict);
        fact.set_code(row.code);
        fact
    }

    fn push(&mut self, fact: Fact) {
        self.digest.facts.push(fact);
        self.digest.compact_if_many();
    }

    /// The number of an address's domain, lower case; 0 where it has none.
    fn domain(&mut self, address: &str) -> u32 {
        let domain = address::domain_of(address).map(address::domain).unwrap_or_default();
        if domain.is_empty() {
            0
        } else {
            self.digest.names.intern(domain.as_ref())
        }
    }
}

/// A 32-bit hash of the part before the `@`, never 0 for an address that has one.
fn local_hash(address: &str) -> u32 {
    let address = address::bare(address);
    match memchr::memrchr(b'@', address.as_bytes()).and_then(|at| address.get(..at)) {
        Some(local) => (hash_text(local) as u32).max(1),
        None => 0,
    }
}
