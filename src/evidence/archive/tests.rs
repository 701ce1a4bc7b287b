use std::io::Write as _;

use super::super::testing::zip::{Entry, Zip};
use super::*;
use test_case::test_case;

fn listed(zip: &Zip) -> Result<Contents, String> {
    listed_within(zip, Caps::default())
}

fn listed_within(zip: &Zip, caps: Caps) -> Result<Contents, String> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&zip.bytes()).unwrap();
    list(&Map::of(&file).unwrap(), caps)
}

fn names(contents: &Contents) -> Vec<&str> {
    contents.members.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn members_stand_in_the_order_of_the_directory_and_folders_are_none() {
    let zip = Zip::of([
        Entry::stored("b/", b""),
        Entry::deflated("b/two.csv", b"2"),
        Entry::stored("one.csv", b"1"),
        Entry::zstd("b/c/three.csv", b"3"),
    ]);
    let contents = listed(&zip).unwrap();
    assert_eq!(names(&contents), ["b/two.csv", "one.csv", "b/c/three.csv"]);
    assert_eq!(contents.refused, []);
    assert_eq!(contents.note, "a zip archive: 3 of 3 members are files of the evidence");
}

#[test_case("../../etc/passwd", "etc/passwd", true)]
#[test_case("/abs/olute.csv", "abs/olute.csv", true)]
#[test_case("C:\\Temp\\t.csv", "C:/Temp/t.csv", true)]
#[test_case("a\\b.csv", "a/b.csv", false)]
#[test_case("./a//b.csv", "a/b.csv", false)]
#[test_case("..", "unnamed", true)]
fn no_name_leads_out_of_the_archive(written: &str, named: &str, outside: bool) {
    let contents = listed(&Zip::of([Entry::stored(written, b"x")])).unwrap();
    assert_eq!(names(&contents), [named]);
    assert_eq!(contents.note.contains("lead out of the archive"), outside);
}

#[test]
fn a_name_that_is_no_utf_8_is_a_name_all_the_same() {
    let mut entry = Entry::stored("x", b"1");
    entry.name = b"Zul\x84ufe.csv".to_vec();
    assert_eq!(names(&listed(&Zip::of([entry])).unwrap()), ["Zul\u{fffd}ufe.csv"]);
}

#[test]
fn what_cannot_be_read_is_named_and_the_others_are_read() {
    let mut encrypted = Entry::deflated("secret.csv", b"1");
    encrypted.flags |= 1;
    let mut old = Entry::stored("old.csv", b"1");
    old.method = 9;
    let mut outside = Entry::stored("gone.csv", b"1");
    outside.header_at = Some(1 << 30);
    let contents = listed(&Zip::of([encrypted, old, outside, Entry::stored("good.csv", b"1")])).unwrap();
    assert_eq!(names(&contents), ["good.csv"]);
    let refused: Vec<&str> = contents.refused.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(refused, ["secret.csv", "old.csv", "gone.csv"]);
    let why = |i: usize| contents.refused[i].1.as_str();
    assert!(why(0).contains("encrypted") && why(1).contains("DEFLATE64") && why(2).contains("not where"));
    assert_eq!(contents.note, "a zip archive: 1 of 4 members are files of the evidence");
}

#[test]
fn a_member_that_says_it_is_larger_than_may_be_read_is_refused_unless_more_is_asked_for() {
    let mut bomb = Entry::deflated("bomb.csv", b"1");
    bomb.declared = Some(Caps::FLOOR + 1);
    let zip = Zip::of([bomb]);
    let contents = listed(&zip).unwrap();
    assert_eq!(names(&contents), [""; 0]);
    assert!(contents.refused[0].1.contains("--max-member"), "{:?}", contents.refused);
    let more = Caps {
        member: Some(Caps::FLOOR + 1),
    };
    assert_eq!(names(&listed_within(&zip, more).unwrap()), ["bomb.csv"]);
}

#[test]
fn members_together_give_no_more_than_an_archive_may() {
    let entries = (0..6).map(|i| {
        let mut entry = Entry::deflated(&format!("{i}.csv"), b"1");
        entry.declared = Some(Caps::FLOOR);
        entry
    });
    let contents = listed(&Zip::of(entries)).unwrap();
    assert_eq!(names(&contents), ["0.csv", "1.csv", "2.csv", "3.csv"]);
    assert_eq!(contents.refused.len(), 2);
}

#[test]
fn members_that_share_their_bytes_are_read_once() {
    let mut again = Entry::deflated("again.csv", b"1");
    again.header_at = Some(0);
    let mut within = Entry::stored("within.csv", b"1");
    within.header_at = Some(40);
    let contents = listed(&Zip::of([Entry::deflated("first.csv", &[b'1'; 500]), again, within])).unwrap();
    assert_eq!(names(&contents), ["first.csv"]);
    assert_eq!(contents.refused.len(), 2, "{:?}", contents.refused);
}

#[test]
fn no_more_members_are_looked_at_than_anyone_exports() {
    let entries = (0..MEMBERS + 10).map(|i| Entry::stored(&i.to_string(), b""));
    let contents = listed(&Zip::of(entries)).unwrap();
    assert_eq!(contents.members.len(), MEMBERS);
    assert!(
        contents.note.contains("only the first 65536 were looked at"),
        "{}",
        contents.note
    );
}

#[test]
fn a_directory_that_breaks_off_gives_what_it_still_has_or_says_why_not() {
    let zip = Zip::of([Entry::stored("a.csv", b"1"), Entry::stored("b.csv", b"2")]);
    let mut torn = zip.bytes();
    torn.truncate(torn.len() - 10);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&torn).unwrap();
    let error = list(&Map::of(&file).unwrap(), Caps::default()).unwrap_err();
    assert!(error.contains("without a directory"), "{error}");

    let mut scrambled = zip.bytes();
    let second = scrambled.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    scrambled[second] = b'X';
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&scrambled).unwrap();
    let contents = list(&Map::of(&file).unwrap(), Caps::default()).unwrap();
    assert_eq!(names(&contents), ["a.csv"]);
    assert!(
        contents.note.contains("1 entries can be read where it tells of 2"),
        "{}",
        contents.note
    );
}

#[test]
fn an_office_document_is_told_by_what_every_one_has() {
    let zip = Zip::of([
        Entry::stored("[Content_Types].xml", b"<x/>"),
        Entry::stored("xl/a.xml", b""),
    ]);
    assert!(listed(&zip).unwrap().document);
}
