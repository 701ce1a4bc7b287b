//! The parts of the way from bytes to counted mail, each alone: `cargo bench`.
//!
//! Every part is timed on rows that the project's generator writes. Splitting, parsing and folding are timed one inside
//! the other, on one core: what a stage costs is the difference to the one before it. All of them include the hash.

use std::fs::File;
use std::hint::black_box;
use std::path::PathBuf;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use relaytrail::digest::Digest;
use relaytrail::digest::coverage::Coverage;
use relaytrail::digest::fold::Fold;
use relaytrail::evidence::{
    self, Caps, Cell, Discovery, Fate, Located, Opened, Origin, ReadOptions, ReadOutcome, Row, Shape, Sink,
};
use relaytrail::indicators::mail::Mail;
use relaytrail::records::{self, Reader, Recognition};
use relaytrail::settings::{Organization, Window};
use relaytrail::timeline;

#[path = "../sample-data/generator/simulate/mod.rs"]
mod simulate;

use simulate::large::{self, Kind};

/// Bytes of each input.
const SIZE: u64 = 8_000_000;
const KINDS: [(&str, Kind); 5] = [
    ("ual_csv", Kind::UalCsv),
    ("ual_jsonl", Kind::UalJsonl),
    ("trace_csv", Kind::TraceCsv),
    ("extended_utf16", Kind::Extended),
    ("email_events", Kind::EmailEvents),
];

/// One generated file, recognised.
struct Input {
    name: &'static str,
    located: Located,
    reader: Box<dyn Reader>,
    _folder: tempfile::TempDir,
}

impl Input {
    fn new(name: &'static str, kind: Kind) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path: PathBuf = folder.path().join(name);
        large::write(kind, SIZE, 1, &mut File::create(&path).expect("a new file")).expect("a full file");
        let Discovery { files, .. } = evidence::discover(&[path], None, Caps::default()).expect("the file is there");
        let located = files.into_iter().next().expect("one file");
        let opened = evidence::open(&located, 0).expect("it opens");
        let Recognition::Known(reader) = records::recognise(&opened.shape) else {
            panic!("{name} is not recognised");
        };
        Input {
            name,
            located,
            reader,
            _folder: folder,
        }
    }

    fn open(&self) -> Opened {
        evidence::open(&self.located, 0).expect("it opens")
    }

    fn read<S: Sink>(&self, make: &(dyn Fn() -> S + Sync)) -> ReadOutcome<S> {
        let opened = self.open();
        evidence::read(&opened, &opened.shape, make, &ReadOptions::default(), &()).expect("it is read")
    }

    fn digest(&self) -> Digest {
        let fold = self.read(&|| Fold::new(self.reader.as_ref(), 0)).sink;
        fold.map(|fold| fold.digest).unwrap_or_default()
    }
}

/// Looks at no row.
struct Split;

impl Sink for Split {
    fn row(&mut self, row: &Row<'_>, _: Origin) -> Fate {
        black_box(row);
        Fate::Accepted
    }

    fn shift_records(&mut self, _: u32) {}

    fn absorb(&mut self, _: Self) {}
}

/// Reads every row into a record and drops it.
struct Parse<'r>(&'r dyn Reader);

impl Sink for Parse<'_> {
    fn row(&mut self, row: &Row<'_>, origin: Origin) -> Fate {
        self.0.read(row, origin, &mut |record| {
            black_box(&record);
        })
    }

    fn shift_records(&mut self, _: u32) {}

    fn absorb(&mut self, _: Self) {}
}

/// Undoubles the quotes of every cell.
struct Unescape;

impl Sink for Unescape {
    fn row(&mut self, row: &Row<'_>, _: Origin) -> Fate {
        if let Row::Csv(row) = row {
            for cell in row.cells.iter().filter(Cell::is_doubled) {
                black_box(cell.text());
            }
        }
        Fate::Accepted
    }

    fn shift_records(&mut self, _: u32) {}

    fn absorb(&mut self, _: Self) {}
}

/// On one core, so that stages can be compared.
fn alone<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("one thread");
    pool.install(f)
}

fn reading(c: &mut Criterion) {
    let inputs: Vec<Input> = KINDS.iter().map(|&(name, kind)| Input::new(name, kind)).collect();
    let mut group = c.benchmark_group("sniff");
    for input in &inputs {
        group.bench_function(input.name, |b| b.iter(|| black_box(input.open().shape)));
    }
    group.finish();

    let mut group = c.benchmark_group("read");
    group.sample_size(10).throughput(Throughput::Bytes(SIZE));
    let mut stage = |stage: &str, input: &Input, run: &(dyn Fn() + Sync)| {
        group.bench_function(BenchmarkId::new(stage, input.name), |b| alone(|| b.iter(run)));
    };
    for input in &inputs {
        stage("hash", input, &|| {
            let opened = input.open();
            let options = ReadOptions::default();
            black_box(evidence::read(&opened, &Shape::Unknown, &|| Split, &options, &()).map(|o| o.sha256)).ok();
        });
        stage("split", input, &|| drop(black_box(input.read(&|| Split))));
        stage("unescape", input, &|| drop(black_box(input.read(&|| Unescape))));
        stage("parse", input, &|| {
            drop(black_box(input.read(&|| Parse(input.reader.as_ref()))))
        });
        stage("fold", input, &|| drop(black_box(input.digest())));
    }
    group.finish();
}

fn judging(c: &mut Criterion) {
    let mut group = c.benchmark_group("digest");
    group.sample_size(10);
    for (name, kind) in KINDS {
        let digest = Input::new(name, kind).digest();
        group.bench_function(BenchmarkId::new("merge", name), |b| {
            b.iter_batched(
                || (digest.clone(), digest.clone()),
                |(mut one, other)| {
                    one.absorb(other);
                    one.seal();
                    one
                },
                criterion::BatchSize::LargeInput,
            );
        });
        let mut sealed = digest;
        sealed.seal();
        let organization = Organization::default();
        let timeline = timeline::build(&sealed, &organization);
        group.bench_function(BenchmarkId::new("count", name), |b| {
            b.iter(|| {
                let coverage = Coverage::default();
                let mail = Mail::count(
                    sealed.facts.clone(),
                    &sealed,
                    &timeline,
                    &coverage,
                    &organization,
                    Window::default(),
                );
                black_box(mail.map(|m| m.named)).ok();
            });
        });
    }
    group.finish();
}

criterion_group!(parts, reading, judging);
criterion_main!(parts);
