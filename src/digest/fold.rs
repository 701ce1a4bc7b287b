//! One chunk's rows, folded into a digest of their own.

use crate::digest::hashes::{hash_internet_id, hash_message_id, hash_origin, hash_session, hash_text};
use crate::digest::recent::Recent;
use crate::digest::sightings::{self, Hashes};
use crate::digest::spill::Share;
use crate::digest::{
    Digest, Fact, Fingerprint, Flags, ObjectMark, Observed, SenderClass, Sighting, SightingKey, TraceMark, sender,
};
use crate::evidence::{Fate, Row, Sink};
use crate::records::{
    AuditEvent, AuditTally, ConnectorType, Origin, Reader, Record, RecordId, SignIn, Time, TraceRow, Workload, address,
    trimmed,
};

/// The sink for one chunk of one exhibit.
pub struct Fold<'r> {
    reader: &'r dyn Reader,
    /// Index of the exhibit.
    file: u32,
    /// Of all chunks that were closed, and of this one what needs no further work.
    pub digest: Digest,
    observed: Observed,
    /// Hours that were noted lately, by their last bits: rows of a trace come in no order, but few hours at a time.
    hours: [i64; HOURS],
    fingerprints: Vec<Fingerprint>,
    trace_marks: Vec<TraceMark>,
    /// Their domains are numbers of this digest's names, which only grow once there are any.
    senders: Recent<Sender>,
    recipients: Recent<Recipient>,
    /// A hash of the properties of the object that the row at hand holds, of an export of the configuration.
    object: Option<u64>,
    /// Room for the identity of a row.
    identity: Vec<u8>,
    /// What the digest of all chunks may take of memory.
    share: Option<Share<'r>>,
}

/// Tells the marks of sign-in logs from those of the audit log.
const SIGN_IN_LOG: u128 = 0x5369_676e_2d69_6e20_6c6f_6720_6f66_2045;
/// Tells the marks of objects of the configuration from both.
const SNAPSHOT: u128 = 0x736e_6170_7368_6f74_206f_626a_6563_7420;
/// Hours that are remembered.
const HOURS: usize = 64;
/// Places for addresses that came lately.
const SENDERS: usize = 256;
const RECIPIENTS: usize = 1024;

impl<'r> Fold<'r> {
    /// A fold for a chunk of the exhibit of this index, which this reader understands.
    pub fn new(reader: &'r dyn Reader, file: u32) -> Self {
        Fold {
            reader,
            file,
            digest: Digest::default(),
            observed: Observed::default(),
            hours: [i64::MIN; HOURS],
            fingerprints: Vec::new(),
            trace_marks: Vec::new(),
            senders: Recent::new(SENDERS),
            recipients: Recent::new(RECIPIENTS),
            object: None,
            identity: Vec::new(),
            share: None,
        }
    }

    /// The same, with a bound for what the digest of all chunks takes of memory.
    pub fn within(self, share: Option<Share<'r>>) -> Self {
        Fold { share, ..self }
    }
}

impl Sink for Fold<'_> {
    fn row(&mut self, row: &Row<'_>, origin: Origin) -> Fate {
        let reader = self.reader;
        let fate = reader.read(row, origin, &mut |record| self.take(record, origin));
        if let Some(properties) = self.object.take() {
            let complete = fate == Fate::Accepted;
            let mark = ObjectMark {
                origin,
                properties,
                complete,
            };
            self.fingerprints
                .push(Fingerprint::audit(RecordId(mark.identity() ^ SNAPSHOT), complete));
            self.digest.objects.push(mark);
        }
        fate
    }

    fn close(&mut self) {
        let Digest {
            fingerprints,
            trace_marks,
            ..
        } = &mut self.digest;
        if !self.fingerprints.is_empty() {
            fingerprints.entry(self.file).or_default().push(&self.fingerprints);
            self.fingerprints.clear();
        }
        if !self.trace_marks.is_empty() {
            trace_marks.entry(self.file).or_default().push(&self.trace_marks);
            self.trace_marks.clear();
        }
        let observed = std::mem::take(&mut self.observed);
        self.digest.observed.entry(self.file).or_default().absorb(observed);
    }

    fn shift_records(&mut self, by: u32) {
        self.digest.shift_records(by);
    }

    fn absorb(&mut self, next: Self) {
        self.digest.absorb(next.digest);
        if let Some(share) = self.share {
            self.digest.relieve(share);
        }
    }
}

impl Fold<'_> {
    fn take(&mut self, record: Record<'_>, origin: Origin) {
        match record {
            Record::Tally(tally) => self.tally(&tally),
            Record::Audit(event) => self.audit(*event, origin),
            Record::SignIn(sign_in) => self.sign_in(&sign_in, origin),
            Record::Trace(row) => self.trace(row, origin),
            Record::Properties(hash) => self.object = Some(hash),
            Record::Connector(mut snapshot) => {
                snapshot.origin = origin;
                self.note_snapshot(snapshot.changed.or(snapshot.created));
                self.digest.connectors.push(*snapshot);
            }
            Record::AcceptedDomain(mut domain) => {
                domain.origin = origin;
                self.note_snapshot(None);
                self.digest.accepted_domains.push(domain);
            }
            Record::BlockedConnector(mut blocked) => {
                blocked.origin = origin;
                self.note_snapshot(blocked.time);
                self.digest.blocked.push(blocked);
            }
            Record::Setting(mut setting) => {
                setting.origin = origin;
                self.note_snapshot(setting.changed.or(setting.created));
                self.digest.settings.push(*setting);
            }
        }
    }

    fn note_snapshot(&mut self, time: Option<Time>) {
        if let Some(time) = time {
            self.observed.at(time);
        }
    }

    fn note_time(&mut self, time: Time) {
        let hour = time.hour();
        let place = self.hours.get_mut(hour.cast_unsigned() as usize % HOURS);
        match place {
            Some(noted) if *noted == hour => self.observed.widen(time),
            Some(noted) => {
                *noted = hour;
                self.observed.at(time);
            }
            None => self.observed.at(time),
        }
    }

    fn tally(&mut self, tally: &AuditTally<'_>) {
        self.audit_row(
            tally.time,
            tally.id,
            tally.workload,
            &tally.operation,
            tally.result_count,
            tally.complete,
        );
    }

    /// Notes the parts that every audit row has, from three kinds of record.
    fn audit_row(
        &mut self,
        time: Time,
        id: Option<RecordId>,
        workload: Workload,
        operation: &str,
        result_count: Option<u32>,
        complete: bool,
    ) {
        self.note_time(time);
        self.observed.audit(workload, operation, result_count);
        if let Some(id) = id {
            self.fingerprints
                .push(Fingerprint::audit(id, complete).of_search(result_count));
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
            );
        } else {
            self.note_time(sign_in.time);
            self.observed.sign_in_log = true;
            if let Some(id) = sign_in.id {
                // The audit log's record of the sign-in has the same id and is another row.
                let of_log = RecordId(id.0 ^ SIGN_IN_LOG);
                self.fingerprints.push(Fingerprint::audit(of_log, sign_in.complete));
            }
        }
        let account = sign_in.account.trim().to_lowercase();
        if account.is_empty() {
            return;
        }
        let sightings = &mut self.digest.sightings;
        let key = SightingKey {
            account: sightings.text(&account),
            day: sign_in.time.0.div_euclid(Time::DAY) as i32,
            address: sign_in.address,
            agent: sightings.text(sign_in.agent.trim()),
            succeeded: sign_in.succeeded,
        };
        let id = sign_in
            .id
            .map_or_else(|| hash_origin(origin), |id| (id.0 as u64) ^ ((id.0 >> 64) as u64));
        let seen = (sign_in.time, origin);
        sightings.add(
            key,
            Sighting {
                first: seen,
                last: seen,
                ids: Hashes::from_slice(&[id]),
                sessions: hash_session(&sign_in.session).into_iter().collect(),
                details: (!sign_in.from_audit_log).then(|| Box::new(sightings::Details::of(&sign_in.details))),
            },
        );
    }

    fn trace(&mut self, row: &TraceRow<'_>, origin: Origin) {
        self.note_time(row.time);
        let network_id = trimmed(&row.network_message_id);
        let unmatched = network_id.is_empty();
        let internet_id = trimmed(&row.message_id);
        let message = match (unmatched, internet_id.is_empty()) {
            (false, _) => hash_message_id(network_id),
            // Events of one message come together by it, though not with the rows that have a network message id.
            (true, false) => hash_internet_id(internet_id),
            (true, true) => hash_origin(origin),
        };
        if !unmatched || !internet_id.is_empty() {
            self.identity.clear();
            self.identity.extend_from_slice(&message.to_le_bytes());
            self.identity.extend_from_slice(&row.time.0.to_le_bytes());
            for field in std::iter::once(&row.event).chain(row.recipients.iter()) {
                self.identity.extend_from_slice(field.as_bytes());
                self.identity.push(0xff);
            }
            self.trace_marks.push(TraceMark::of_bytes(&self.identity, row.complete));
        }
        self.observed.messages.insert(message);
        self.observed.unmatched += u64::from(unmatched);
        let mut fact = self.fact(row, message, origin);
        if unmatched {
            fact.flags.set(Flags::UNMATCHED);
        }
        if row.recipients.is_empty() {
            self.digest.facts.push(fact);
        }
        for (i, recipient) in row.recipients.iter().enumerate() {
            let recipient = self.recipient(trimmed(recipient));
            fact.set_code(row.codes.get(i).copied().unwrap_or(row.code));
            if let Some(&(status, verdict)) = row.outcomes.get(i) {
                fact.set_outcome(status, verdict);
            }
            fact.recipient = recipient.hash;
            fact.recipient_domain = recipient.domain;
            self.digest.facts.push(fact);
        }
    }

    /// What the row says whoever the recipient is.
    fn fact(&mut self, row: &TraceRow<'_>, message: u64, origin: Origin) -> Fact {
        let mut fact = Fact::new(message, 0, row.time, origin, row.rank);
        fact.source = row.source.map_or(0, |ip| self.digest.sources.insert(ip));
        fact.connector = match row.connector.as_deref().map(trimmed) {
            Some(name) if !name.is_empty() => self.digest.names.intern(name),
            _ => 0,
        };
        if row.connector_unsure && fact.connector != 0 {
            fact.flags.set(Flags::CONNECTOR_UNSURE);
        }
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
        let envelope = row.p1.as_deref().or(row.sender.as_deref());
        let envelope = envelope.map(|address| (address, self.sender(address)));
        if let Some((_, sender)) = envelope {
            fact.class = sender.class;
            fact.p1_domain = sender.domain;
            fact.sender = sender.local;
            if row.p1.is_none() {
                fact.flags.set(Flags::SENDER_UNSURE);
            }
        }
        // Nearly all mail has one sender in both places.
        let header = row.p2.as_deref().map(|p2| match envelope {
            Some((p1, sender)) if p1 == p2 => sender,
            _ => self.sender(p2),
        });
        if let Some(sender) = header.filter(|s| s.local != 0) {
            fact.p2_domain = sender.domain;
            fact.sender = sender.local;
            fact.flags.set(Flags::SENDER_IS_P2);
        }
        fact.set_outcome(row.status, row.verdict);
        fact.set_code(row.code);
        fact
    }

    fn sender(&mut self, address: &str) -> Sender {
        if let Some(sender) = self.senders.find(address) {
            return sender;
        }
        let given = address;
        let address = address::bare(address);
        let at = memchr::memrchr(b'@', address.as_bytes());
        let sender = Sender {
            class: sender::classify(address),
            domain: self.domain(address),
            // Never 0 for an address that has such a part.
            local: at
                .and_then(|at| address.get(..at))
                .map_or(0, |local| (hash_text(local) as u32).max(1)),
        };
        self.senders.note(given, sender);
        sender
    }

    fn recipient(&mut self, address: &str) -> Recipient {
        if let Some(recipient) = self.recipients.find(address) {
            return recipient;
        }
        let recipient = Recipient {
            hash: hash_text(address).max(1),
            domain: self.domain(address),
        };
        self.recipients.note(address, recipient);
        recipient
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

/// An address that mail came from.
#[derive(Debug, Clone, Copy, Default)]
struct Sender {
    class: SenderClass,
    /// Number of the domain.
    domain: u32,
    /// A hash of the part before the `@`; 0 where there is none.
    local: u32,
}

/// An address that mail went to.
#[derive(Debug, Clone, Copy, Default)]
struct Recipient {
    /// Of the whole address; never 0.
    hash: u64,
    /// Number of the domain.
    domain: u32,
}
