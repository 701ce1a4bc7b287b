//! A fold that looks at the dates of a table while it takes its rows: only the whole file settles which part of an
//! ambiguous date is the month.

use crate::digest::fold::Fold;
use crate::digest::spill::Share;
use crate::evidence::{Fate, Origin, Reason, Row, Sink};
use crate::records::{DateTally, Reader};

/// The sink for one chunk of one exhibit.
pub(super) struct Watched<'r> {
    pub(super) fold: Fold<'r>,
    pub(super) dates: DateTally,
    columns: &'r [usize],
}

impl<'r> Watched<'r> {
    pub(super) fn new(reader: &'r dyn Reader, file: u32, share: Option<Share<'r>>) -> Self {
        Watched {
            fold: Fold::new(reader, file).within(share),
            dates: DateTally::default(),
            columns: reader.dates().map_or(&[], |dates| &dates.columns),
        }
    }
}

impl Sink for Watched<'_> {
    fn row(&mut self, row: &Row<'_>, origin: Origin) -> Fate {
        let fate = self.fold.row(row, origin);
        let Row::Csv(row) = row else {
            return fate;
        };
        if let Fate::Rejected(reason) = fate
            && reason != Reason::DateLost
        {
            return if row.is_blank() {
                Fate::Rejected(Reason::Empty)
            } else {
                fate
            };
        }
        self.dates
            .row(self.columns.iter().map(|&column| row.cell(column).raw()));
        fate
    }

    fn close(&mut self) {
        self.fold.close();
    }

    fn shift_records(&mut self, by: u32) {
        self.fold.shift_records(by);
    }

    fn absorb(&mut self, next: Self) {
        self.dates.absorb(next.dates);
        self.fold.absorb(next.fold);
    }
}
