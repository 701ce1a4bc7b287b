use std::collections::BTreeMap;
use std::net::IpAddr;

use proptest::prelude::*;

use super::{MOST_RUNS, Share, Spill};
use crate::digest::{Digest, Duplicates, Fact, Fingerprint, Flags, TraceMark, fingerprints};
use crate::records::{Origin, RecordId, Time};

#[test]
fn the_first_failure_is_told_and_nothing_is_tried_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let spill = Spill::new(1000, folder.path().join("gone"));
    assert!(spill.store::<u64>(|w| w.write(&[1])).is_none());
    assert!(spill.failure().is_some());
    assert!(spill.store::<u64>(|_| panic!("nothing more is written")).is_none());
}

const NAMES: [&str; 5] = [
    "zulu.example",
    "alpha.example",
    "mike.example",
    "bravo.example",
    "yankee.example",
];

/// A row: message, recipient, names, address, rank, whole or not.
type Told = (u64, u64, (usize, usize), u8, u8, bool);

/// A chunk of a file, folded, its records counted from 1.
fn chunk(file: u32, rows: &[Told]) -> Digest {
    let mut digest = Digest::default();
    let (mut prints, mut marks) = (Vec::new(), Vec::new());
    for (record, &(message, recipient, (connector, p1), host, rank, whole)) in (1u32..).zip(rows) {
        // Hashes are even over the whole range.
        let message = message.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let time = Time((message >> 40) as i64 + i64::from(record % 7));
        let origin = Origin {
            file,
            record,
            offset: u64::from(record) * 100,
        };
        let mut fact = Fact::new(message, recipient, time, origin, rank);
        fact.connector = digest.names.intern(NAMES[connector]);
        fact.p1_domain = digest.names.intern(NAMES[p1]);
        fact.source = digest.sources.insert(IpAddr::from([203, 0, 113, host]));
        if recipient == 2 {
            fact.flags.set(Flags::UNMATCHED);
        }
        digest.facts.push(fact);
        let id = RecordId(u128::from(message) << 64 | u128::from(recipient));
        prints.push(Fingerprint::audit(id, whole).of_search(Some(u32::from(host) + 1)));
        marks.push(TraceMark::of_bytes(&message.to_le_bytes(), whole));
    }
    digest.fingerprints.entry(file).or_default().push(&prints);
    digest.trace_marks.entry(file).or_default().push(&marks);
    digest
}

/// All that is asked of a digest's columns: facts, names, duplicates twice, marks in order.
type Answers = (
    Vec<Fact>,
    Vec<Box<str>>,
    [BTreeMap<u32, Duplicates>; 2],
    Vec<Fingerprint>,
);

/// Files of chunks, merged as a run merges them: chunks into files, files into lanes, lanes into one. In between some
/// facts become those of another message.
fn run(rows: &[Told], spill: Option<&Spill>) -> Answers {
    let share: Option<Share<'_>> = spill.map(|s| s.share(4));
    let relieve = |digest: &mut Digest| share.into_iter().for_each(|share| digest.relieve(share));
    let mut lanes = [Digest::default(), Digest::default()];
    for (file, of_file) in (0..).zip(rows.chunks(rows.len().div_ceil(5).max(1))) {
        let mut whole = Digest::default();
        for (i, rows) in (0..).zip(of_file.chunks(40)) {
            let mut next = chunk(file, rows);
            next.shift_records(i * 40);
            whole.absorb(next);
            relieve(&mut whole);
        }
        // As the second part of a file whose first held seven records.
        whole.shift_records(7);
        let lane = &mut lanes[file as usize % 2];
        lane.absorb(whole);
        relieve(lane);
    }
    let [mut all, second] = lanes;
    all.absorb(second);
    relieve(&mut all);
    all.rekey(
        |f| f.flags.has(Flags::UNMATCHED),
        |f| {
            f.message = f.message.rotate_left(9);
            f.flags.0 &= !Flags::UNMATCHED;
        },
        share,
    );
    assert!(all.facts.messages(|f| f.flags.has(Flags::UNMATCHED)).is_empty());
    all.seal_within(spill);
    let facts: Vec<Fact> = all.facts.iter().copied().collect();
    assert_eq!(all.facts.len(), facts.len());
    assert_eq!(
        all.facts.each_list(<[Fact]>::len).into_iter().sum::<usize>(),
        facts.len()
    );
    assert_eq!(
        all.facts
            .clone()
            .use_up(|sum: &mut usize, list| *sum += list.len())
            .into_iter()
            .sum::<usize>(),
        facts.len()
    );
    let duplicates = [
        fingerprints::duplicates(&all.fingerprints),
        fingerprints::duplicates(&all.trace_marks),
    ];
    let marks = in_order(&all);
    (facts, all.names.iter().cloned().collect(), duplicates, marks)
}

fn told() -> impl Strategy<Value = Told> {
    (
        0u64..400,
        0u64..3,
        (0usize..5, 0usize..5),
        0u8..4,
        0u8..8,
        any::<bool>(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn what_is_spilled_answers_as_what_is_held(rows in prop::collection::vec(told(), 0..1200), memory in 1000u64..60_000) {
        let spill = Spill::new(memory, std::env::temp_dir());
        let (held, spilled) = (run(&rows, None), run(&rows, Some(&spill)));
        prop_assert!(held == spilled);
        prop_assert!(held.0.is_sorted_by_key(|f| (f.message, f.recipient)));
        prop_assert_eq!(spill.failure(), None);
    }
}

#[test]
fn more_runs_than_may_be_open_are_merged() {
    let rows: Vec<Told> = (0..2 * MOST_RUNS as u64 + 90)
        .map(|i| {
            (
                i % 300,
                i % 3,
                ((i % 5) as usize, (i % 4) as usize),
                (i % 4) as u8,
                (i % 8) as u8,
                i % 2 == 0,
            )
        })
        .collect();
    let merge = |share: Option<Share<'_>>| {
        let mut all = Digest::default();
        for (i, row) in (0..).zip(&rows) {
            let mut next = chunk(0, std::slice::from_ref(row));
            next.shift_records(i);
            all.absorb(next);
            share.into_iter().for_each(|share| all.relieve(share));
        }
        all.seal();
        let marks: Vec<Fingerprint> = in_order(&all);
        (
            all.facts.iter().copied().collect::<Vec<Fact>>(),
            fingerprints::duplicates(&all.trace_marks),
            marks,
        )
    };
    let spill = Spill::new(0, std::env::temp_dir());
    let (held, spilled) = (merge(None), merge(Some(spill.share(1))));
    assert!(held == spilled);
    assert_eq!((held.0.len(), held.2.len()), (300, rows.len()));
}

#[test]
fn what_cannot_be_written_stays_in_memory() {
    let rows: Vec<Told> = (0..500).map(|i| (i, i % 3, (0, 1), 0, 3, true)).collect();
    let folder = tempfile::tempdir().unwrap();
    let spill = Spill::new(1000, folder.path().join("gone"));
    assert!(run(&rows, Some(&spill)) == run(&rows, None));
    assert!(spill.failure().is_some());
}

/// All marks of audit records, file by file in order.
fn in_order(digest: &Digest) -> Vec<Fingerprint> {
    let of_file = |(&file, lists): (&u32, &fingerprints::Lists<Fingerprint>)| {
        fingerprints::each_part(&[(file, lists)], |marks| {
            let mut all: Vec<Fingerprint> = marks.iter().map(|(_, mark)| mark).collect();
            all.sort_unstable();
            all
        })
    };
    digest.fingerprints.iter().flat_map(of_file).flatten().collect()
}
