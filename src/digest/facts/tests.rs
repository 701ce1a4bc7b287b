use super::{Facts, MANY};
use crate::digest::{Fact, Names, Sources, Tables};
use crate::records::{Origin, Time};

fn fact(message: u64, recipient: u64, record: u32) -> Fact {
    let origin = Origin {
        file: 0,
        record,
        offset: u64::from(record),
    };
    Fact::new(message, recipient, Time(i64::from(record)), origin, 2)
}

/// As many messages as asked for, their hashes spread over the whole range, each told by three rows.
fn rows(messages: u64) -> Vec<Fact> {
    (0..3 * messages)
        .map(|i| {
            fact(
                (i % messages).wrapping_mul(0x9E37_79B9_7F4A_7C15),
                i % messages % 7,
                i as u32 + 1,
            )
        })
        .collect()
}

fn sealed(parts: &[&[Fact]]) -> Facts {
    let (names, sources) = (Names::default(), Sources::default());
    let mut all = Facts::default();
    for part in parts {
        all.absorb(part.iter().copied().collect(), Tables::default(), &names, &sources);
    }
    all.seal(&Tables::default(), &names, &sources, None);
    all
}

#[test]
fn few_and_many_facts_are_joined_alike_in_any_number_of_parts() {
    let rows = rows(2 * MANY as u64);
    let all = sealed(&[&rows]);
    let facts: Vec<Fact> = all.iter().copied().collect();
    assert_eq!((facts.len(), all.len()), (2 * MANY, 2 * MANY));
    assert!(facts.is_sorted_by_key(|f| (f.message, f.recipient)));
    assert!(
        facts.iter().all(|f| f.origin().record as usize <= 2 * MANY),
        "the first row of each is cited"
    );
    let chunks: Vec<&[Fact]> = rows.chunks(1000).collect();
    let in_parts: Vec<Fact> = sealed(&chunks).iter().copied().collect();
    assert_eq!(in_parts, facts);

    let (names, sources) = (Names::default(), Sources::default());
    let mut halves = [rows.get(..MANY * 4).unwrap(), rows.get(MANY * 4..).unwrap()].map(|half| {
        let mut facts = Facts::default();
        half.chunks(5000)
            .for_each(|c| facts.absorb(c.iter().copied().collect(), Tables::default(), &names, &sources));
        facts
    });
    let second = std::mem::take(&mut halves[1]);
    halves[0].absorb(second, Tables::default(), &names, &sources);
    halves[0].seal(&Tables::default(), &names, &sources, None);
    let merged: Vec<Fact> = halves[0].iter().copied().collect();
    assert_eq!(merged, facts);
}

#[test]
fn no_message_stands_in_two_lists() {
    let all = sealed(&[&rows(2 * MANY as u64)]);
    let lists: Vec<&[Fact]> = all.lists().filter(|l| !l.is_empty()).collect();
    assert!(lists.len() > 1);
    assert!(
        lists
            .windows(2)
            .all(|two| two[0].last().map(|f| f.message) < two[1].first().map(|f| f.message))
    );
}
