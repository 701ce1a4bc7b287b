//! Reads a stretch of text on all cores and gives what one reader would have given.
//!
//! The stretch is cut into chunks. Where the first record of a chunk begins is guessed, and all chunks are read at once,
//! each from its guess to the next one's. Then, in order, every chunk that did not end exactly where the next had
//! begun shows that guess to be wrong, and the next is read again from the true place. So a guess costs time
//! when it is wrong and never a row.

use std::ops::Range;

use memchr::memchr_iter;
use rayon::prelude::*;

use super::encoding::Ruler;
use super::step::{Format, Found, Room, Step};
use super::tally::{self, Tally};
use super::{Origin, Row, Sink, text};

/// A text and how to read it.
pub(super) struct Stretch<'a, F, S> {
    pub format: &'a F,
    pub text: &'a [u8],
    /// The text ends where the file ends.
    pub last: bool,
    /// Leads from the text to the bytes of the file.
    pub ruler: Ruler,
    /// Index of the file, for origins.
    pub file: u32,
    /// Bytes of a chunk.
    pub chunk: usize,
    pub make: &'a (dyn Fn() -> S + Sync),
}

/// What was read of a stretch.
pub(super) struct Read<S> {
    /// Sinks with the tallies of their chunks, in order.
    pub pieces: Vec<(S, Tally)>,
    /// Behind the last record read, at a record boundary.
    pub end: usize,
}

struct Piece<S> {
    sink: S,
    tally: Tally,
    start: usize,
    end: usize,
    /// The text ended before the record at `end` did.
    unfinished: bool,
}

impl<F: Format, S: Sink> Stretch<'_, F, S> {
    /// Reads all records that begin in `range`, looking as far ahead in the text as the last of them goes.
    /// The start of the range is a record boundary.
    pub(super) fn read(&self, range: Range<usize>) -> Read<S> {
        let starts = self.starts(range.clone());
        let limits: Vec<usize> = starts.iter().skip(1).map(|(at, _)| *at).chain([range.end]).collect();
        let jobs: Vec<(usize, Ruler, usize)> = starts
            .into_iter()
            .zip(limits)
            .map(|((start, ruler), limit)| (start, ruler, limit))
            .collect();
        // One at a time: of several that one core took together, the others would wait for the last.
        let guessed: Vec<Piece<S>> = jobs
            .par_iter()
            .with_max_len(1)
            .map(|(start, ruler, limit)| self.piece(*start, *ruler, *limit))
            .collect();

        let mut pieces = Vec::with_capacity(guessed.len());
        let mut at = range.start;
        for (piece, (_, ruler, limit)) in guessed.into_iter().zip(jobs) {
            let piece = if piece.start == at {
                piece
            } else {
                self.piece(at, ruler, limit)
            };
            at = piece.end;
            let unfinished = piece.unfinished;
            pieces.push((piece.sink, piece.tally));
            if unfinished {
                break;
            }
        }
        Read { pieces, end: at }
    }

    /// Where chunks begin: the start of the range and a guess for each chunk after it. Chunks in which none can be made
    /// join the one before.
    fn starts(&self, range: Range<usize>) -> Vec<(usize, Ruler)> {
        let size = self.chunk.max(1);
        let nominal: Vec<Range<usize>> = range
            .clone()
            .step_by(size)
            .map(|at| at..at.saturating_add(size).min(range.end))
            .collect();
        let odd: Vec<bool> = if F::PARITY && nominal.len() > 1 {
            let quotes: Vec<usize> = nominal
                .par_iter()
                .map(|chunk| memchr_iter(b'"', self.text.get(chunk.clone()).unwrap_or_default()).count())
                .collect();
            let mut odd = false;
            quotes
                .into_iter()
                .map(|n| {
                    let before = odd;
                    odd ^= n % 2 == 1;
                    before
                })
                .collect()
        } else {
            vec![false; nominal.len()]
        };
        let guesses: Vec<Option<usize>> = nominal
            .par_iter()
            .zip(odd)
            .skip(1)
            .map(|(chunk, odd)| {
                let guess = self.format.guess(self.text, chunk.clone(), odd)?;
                // A guess whose separators reach the end of the chunk is none.
                let view = self.text.get(..chunk.end).unwrap_or_default();
                self.format.settle(view, guess, false).ok().filter(|at| *at < chunk.end)
            })
            .collect();

        let mut ruler = self.ruler;
        ruler.offset(self.text, range.start);
        let mut starts = vec![(range.start, ruler)];
        for start in guesses.into_iter().flatten().filter(|at| *at > range.start) {
            starts.push((start, ruler));
        }
        self.measure(&mut starts);
        starts
    }

    /// Moves each start's ruler to the start: every stretch between two is measured once, at the same time.
    fn measure(&self, starts: &mut [(usize, Ruler)]) {
        if let Ruler::Bytes { .. } = self.ruler {
            return;
        }
        let places: Vec<usize> = starts.iter().map(|(at, _)| *at).collect();
        let lengths: Vec<u64> = places
            .par_windows(2)
            .map(|pair| match pair {
                [from, to] => Ruler::Units { at: *from, offset: 0 }.offset(self.text, *to),
                _ => 0,
            })
            .collect();
        let Some((_, Ruler::Units { offset, .. })) = starts.first().copied() else {
            return;
        };
        let mut sum = offset;
        for ((at, ruler), length) in starts.iter_mut().skip(1).zip(lengths) {
            sum += length;
            *ruler = Ruler::Units { at: *at, offset: sum };
        }
    }

    /// What one sequential reader finds from `start` to the first record at or behind `limit`.
    fn piece(&self, start: usize, mut ruler: Ruler, limit: usize) -> Piece<S> {
        let mut sink = (self.make)();
        let mut tally = Tally::default();
        let (mut room, mut memory) = (Room::default(), F::Memory::default());
        let mut at = start;
        // What stands before it is known to be UTF-8, or not to be.
        let mut told = start;
        let unfinished = loop {
            // A range that begins at or behind its limit is empty, separators included: they are passed over by
            // whoever reads what stands before them.
            match self.format.settle(self.text, at, self.last) {
                Ok(settled) => at = settled,
                Err(settled) => {
                    at = settled;
                    break true;
                }
            }
            if at >= limit || at >= self.text.len() {
                break false;
            }
            match self.format.step(self.text, at, self.last, &mut room, &mut memory) {
                Step::Unfinished => break true,
                Step::Nothing { next } => at = next,
                Step::Header { next } => {
                    tally.header(ruler.offset(self.text, at), true);
                    at = next;
                }
                Step::Record { found, next, resumed } => {
                    let record = tally.next_record();
                    let origin = Origin {
                        file: self.file,
                        record,
                        offset: ruler.offset(self.text, at),
                    };
                    if let Found::Whole(Row::Csv(row)) | Found::Damaged(row, _) = &found {
                        tally.look_at(row.cells, origin.offset);
                        if row.cells.is_text() {
                            tally.impossible |= told < at && text::is_impossible(self.text, told..at, self.last);
                            told = next;
                        }
                    }
                    let fate = match found {
                        Found::Whole(row) => sink.row(&row, origin),
                        Found::Damaged(row, reason) => tally::damaged(sink.row(&Row::Csv(row), origin), reason),
                        Found::Lost(reason) => super::Fate::Rejected(reason),
                    };
                    tally.count(origin, fate);
                    tally.resynchronisations += u64::from(resumed);
                    at = next;
                }
            }
        };
        sink.close();
        tally.impossible |= text::is_impossible(self.text, told..at, self.last);
        Piece {
            sink,
            tally,
            start,
            end: at,
            unfinished,
        }
    }
}
