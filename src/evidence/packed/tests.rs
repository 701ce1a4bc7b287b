use std::io::Write;

use super::super::testing::zip::{Entry, Zip};
use super::super::testing::{Recorder, Result, sizes, table};
use super::super::{Discovery, discover, open, read, rows_at};
use super::*;
use sha2::{Digest, Sha256};
use test_case::test_case;

fn rows(count: usize) -> Vec<u8> {
    let mut text = b"a,b,c\n".to_vec();
    (0..count).for_each(|i| text.extend(format!("{i},\"x\n{}\",z\n", i * 7919 % 1009).bytes()));
    text
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd_of(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A folder with one file, discovered.
fn found(bytes: &[u8], caps: Caps) -> (tempfile::TempDir, Discovery) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t"), bytes).unwrap();
    let found = discover(&[folder.path().to_owned()], None, caps).unwrap();
    (folder, found)
}

/// What reading it gave, and what remains of it.
fn read_located(located: &Located) -> (Result, super::super::Exhibit) {
    let opened = open(located, 7).unwrap();
    let outcome = read(&opened, &opened.shape, &Recorder::default, &sizes(4096), &()).unwrap();
    let exhibit = opened.exhibit(&outcome);
    (outcome.into(), exhibit)
}

fn read_bytes(bytes: &[u8], caps: Caps) -> (Result, super::super::Exhibit) {
    let (_folder, found) = found(bytes, caps);
    read_located(&found.files[0])
}

#[test_case(gzip; "gzip")]
#[test_case(zstd_of; "zstd")]
fn a_compressed_file_reads_as_its_content_and_is_hashed_as_it_lies(pack: fn(&[u8]) -> Vec<u8>) {
    let content = rows(5_000);
    let (plain, _) = read_bytes(&content, Caps::default());
    // Two streams behind one another are one file.
    let (head, tail) = content.split_at(20_000);
    let packed = [pack(head), pack(tail)].concat();
    let (unpacked, exhibit) = read_bytes(&packed, Caps::default());
    assert_eq!(unpacked.rows, plain.rows);
    assert_eq!(unpacked.tally, plain.tally);
    assert_eq!((exhibit.bytes, exhibit.sha256), (packed.len() as u64, hash(&packed)));
    assert_eq!(exhibit.content, Some((content.len() as u64, hash(&content))));
    assert_eq!(exhibit.damage, None);
}

#[test]
fn a_skippable_frame_of_zstd_is_skipped() {
    let content = rows(50);
    let packed = [&b"\x5A\x2A\x4D\x18\x03\0\0\0abc"[..], &zstd_of(&content)].concat();
    let (unpacked, exhibit) = read_bytes(&packed, Caps::default());
    assert_eq!((unpacked.rows.len(), exhibit.compression), (50, Some("zstd")));
}

#[test_case(gzip; "gzip")]
#[test_case(zstd_of; "zstd")]
fn of_a_stream_that_breaks_off_the_rows_before_are_read(pack: fn(&[u8]) -> Vec<u8>) {
    let packed = pack(&rows(100_000));
    let half = &packed[..packed.len() / 2];
    let (result, exhibit) = read_bytes(half, Caps::default());
    assert_eq!(exhibit.damage, Some(Damage::CutOff));
    assert!((1_000..99_000).contains(&result.rows.len()), "{}", result.rows.len());
    assert_eq!((exhibit.bytes, exhibit.sha256), (half.len() as u64, hash(half)));
}

#[test]
fn a_wrong_checksum_is_told_and_costs_no_row() {
    let content = rows(1_000);
    let mut packed = gzip(&content);
    let crc = packed.len() - 8;
    packed[crc] ^= 1;
    let (result, exhibit) = read_bytes(&packed, Caps::default());
    assert_eq!((result.rows.len(), exhibit.damage), (1_000, Some(Damage::Checksum)));
    let mut packed = zstd_of(&content);
    let last = packed.len() - 1;
    packed[last] ^= 1;
    let (_, exhibit) = read_bytes(&packed, Caps::default());
    assert_eq!(exhibit.damage, Some(Damage::Checksum));
}

#[test]
fn bytes_behind_a_stream_that_are_none_are_told_and_hashed() {
    let packed = [gzip(&rows(10)), b"and then something else?".to_vec()].concat();
    let (result, exhibit) = read_bytes(&packed, Caps::default());
    assert_eq!(result.rows.len(), 10);
    assert!(
        matches!(exhibit.damage, Some(Damage::Broken(_))),
        "{:?}",
        exhibit.damage
    );
    assert_eq!((exhibit.bytes, exhibit.sha256), (packed.len() as u64, hash(&packed)));
}

#[test]
fn a_stream_that_grows_beyond_its_cap_ends_there() {
    let content = rows(5_000);
    let caps = |member| Caps { member: Some(member) };
    let packed = gzip(&content);
    let (result, exhibit) = read_bytes(&packed, caps(30_000));
    assert_eq!(exhibit.damage, Some(Damage::Capped(30_000)));
    assert_eq!(
        (exhibit.content, exhibit.sha256),
        (Some((30_000, hash(&content[..30_000]))), hash(&packed))
    );
    let (plain, _) = read_bytes(&content[..30_000], Caps::default());
    assert_eq!(result.rows, plain.rows);
    let (whole, exhibit) = read_bytes(&packed, caps(content.len() as u64));
    assert_eq!((whole.rows.len(), exhibit.damage), (5_000, None));
}

#[test]
fn a_bomb_of_zeros_ends_at_its_cap() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    (0..3).for_each(|_| encoder.write_all(&zeros).unwrap());
    let packed = encoder.finish().unwrap();
    let (_, exhibit) = read_bytes(&packed, Caps { member: Some(1 << 20) });
    assert_eq!(exhibit.damage, Some(Damage::Capped(1 << 20)));
}

#[test]
fn members_read_as_their_content_and_are_hashed_as_that() {
    let content = rows(3_000);
    let zip = Zip::of([
        Entry::stored("a.csv", &content),
        Entry::deflated("b/b.csv", &content),
        Entry::zstd("b/c.csv", &content),
        Entry::stored("d.csv.gz", &gzip(&content)),
        Entry::deflated("a.csv", &content),
    ]);
    let (_folder, found) = found(&zip.bytes(), Caps::default());
    let names: Vec<&str> = found.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(
        names,
        ["t", "t/a.csv", "t/a.csv-2", "t/b/b.csv", "t/b/c.csv", "t/d.csv.gz"]
    );
    let (plain, _) = read_bytes(&content, Caps::default());
    for located in &found.files[1..] {
        let (member, exhibit) = read_located(located);
        assert_eq!(member.rows, plain.rows, "{}", located.path);
        assert_eq!(exhibit.damage, None);
        let stored = if located.path.ends_with(".gz") {
            gzip(&content)
        } else {
            content.clone()
        };
        assert_eq!(
            (exhibit.bytes, exhibit.sha256),
            (stored.len() as u64, hash(&stored)),
            "{}",
            located.path
        );
    }
    let (archive, exhibit) = read_located(&found.files[0]);
    assert_eq!((archive.rows.len(), exhibit.sha256), (0, hash(&zip.bytes())));
    assert_eq!(
        found.files[0].note.as_deref(),
        Some("a zip archive: 5 of 5 members are files of the evidence")
    );
}

#[test]
fn a_member_that_is_not_what_its_archive_says_is_told() {
    let content = rows(100);
    let mut wrong = Entry::deflated("crc.csv", &content);
    wrong.crc ^= 1;
    let mut longer = Entry::deflated("longer.csv", &content);
    longer.declared = Some(500);
    let mut shorter = Entry::deflated("shorter.csv", &content);
    shorter.declared = Some(50_000);
    let mut broken = Entry::deflated("z.csv", &content);
    broken.data[0] = 0xFF;
    let (_folder, found) = found(&Zip::of([wrong, longer, shorter, broken]).bytes(), Caps::default());
    let damage = |i: usize| read_located(&found.files[i]).1.damage;
    assert_eq!(damage(1), Some(Damage::Checksum));
    assert_eq!(damage(2), Some(Damage::Longer));
    assert_eq!(damage(3), Some(Damage::CutOff));
    assert!(matches!(damage(4), Some(Damage::Broken(_))));
    assert_eq!(read_located(&found.files[1]).0.rows.len(), 100);
}

#[test_case(gzip; "gzip")]
#[test_case(|content: &[u8]| Zip::of([Entry::deflated("m", content)]).bytes(); "zip")]
fn rows_of_a_compressed_file_can_be_read_again_in_any_order(pack: fn(&[u8]) -> Vec<u8>) {
    let content = rows(3_000);
    let (_folder, found) = found(&pack(&content), Caps::default());
    let (result, exhibit) = read_located(&found.files[found.files.len() - 1]);
    let wanted = [result.rows[2_900].origin.offset, result.rows[7].origin.offset];
    for _ in 0..2 {
        let mut seen = Vec::new();
        rows_at(&exhibit, &table(), &wanted, &mut |offset, row| {
            let super::super::Row::Csv(row) = row else { panic!() };
            seen.push((offset, row.cell(0).text().into_owned()));
        })
        .unwrap();
        assert_eq!(seen, [(wanted[0], "2900".to_owned()), (wanted[1], "7".to_owned())]);
    }
}

#[test]
fn an_archive_within_an_archive_is_named_as_one() {
    let inner = Zip::of([Entry::stored("a.csv", &rows(3))]).bytes();
    let (_folder, found) = found(&Zip::of([Entry::stored("inner.zip", &inner)]).bytes(), Caps::default());
    let opened = open(&found.files[1], 1).unwrap();
    assert_eq!(
        (opened.path.as_str(), opened.container),
        ("t/inner.zip", Some("a zip archive"))
    );
}

#[test_case(gzip, "gzip within another compression"; "gzip")]
#[test_case(zstd_of, "zstd within another compression"; "zstd")]
fn a_stream_within_a_stream_is_named_as_one(pack: fn(&[u8]) -> Vec<u8>, container: &str) {
    let (_folder, found) = found(&gzip(&pack(&rows(3))), Caps::default());
    assert_eq!(open(&found.files[0], 0).unwrap().container, Some(container));
}

/// The header of a member: its name, and the mark at byte 257.
fn tar(name: &str, mark: &[u8], content: &[u8]) -> Vec<u8> {
    let mut archive = vec![0; 512];
    archive[..name.len()].copy_from_slice(name.as_bytes());
    archive[257..257 + mark.len()].copy_from_slice(mark);
    archive.extend(content);
    archive.resize(archive.len().next_multiple_of(512) + 1024, 0);
    archive
}

#[test_case("audit.csv", b"ustar\x0000"; "POSIX")]
#[test_case("audit.csv", b"ustar  \0"; "GNU")]
#[test_case("PaxHeaders/audit.csv", b"ustar\x0000"; "behind a header of pax")]
fn a_tar_archive_is_named_as_one_whatever_its_first_member(name: &str, mark: &[u8]) {
    let archive = tar(
        name,
        mark,
        b"#TYPE Selected.Thing\n\"a\",\"b\",\"c\"\n\"1\",\"2\",\"3\"\n",
    );
    for bytes in [gzip(&archive), archive] {
        let (_folder, found) = found(&bytes, Caps::default());
        let opened = open(&found.files[0], 0).unwrap();
        assert_eq!(
            (&opened.shape, opened.container),
            (&super::super::Shape::Unknown, Some("a tar archive"))
        );
    }
}

#[test]
fn caps_follow_what_is_stored_unless_they_are_given() {
    assert_eq!(Caps::default().of_one(Some(10)), 1 << 30);
    assert_eq!(Caps::default().of_one(Some(1 << 30)), 200 << 30);
    let given = Caps { member: Some(5) };
    assert_eq!((given.of_one(Some(1 << 30)), given.of_one(None)), (5, 5));
}
