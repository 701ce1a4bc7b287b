//! Records whose quotes are all in their places, cut sixty-four bytes at a time.
//!
//! Nearly every record is one. All separators of a block are found at once, and which of them stand outside quotes follows
//! from how many quotes stand before each. That holds as long as a quote opens only at the start of a cell, closes only at
//! its end, and else stands doubled; where one does not, the record is left to whoever goes cell by cell.
//! Of blocks within a cell of which all quotes are pairs, as AuditData is made of, nothing but the quotes is looked for.

use super::CELL_LIMIT;
use crate::evidence::cells::End;
use crate::evidence::marks::{self, BLOCK, Block};

/// Finds where the cells of the record at `at` end, counted from there, and gives the place of its line end. `None`, with ends
/// that mean nothing, where a quote is out of place or the view ends before the record does.
pub(super) fn cut(view: &[u8], delimiter: u8, at: usize, ends: &mut Vec<End>) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if marks::wide::is_possible() {
        // SAFETY: the processor can do what the function is compiled for.
        return unsafe { cut_wide(view, delimiter, at, ends) };
    }
    cut_by(view, delimiter, at, ends, marks::marked, marks::parity)
}

/// As [`cut`], for processors that compare 32 bytes at once.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,pclmulqdq")]
fn cut_wide(view: &[u8], delimiter: u8, at: usize, ends: &mut Vec<End>) -> Option<usize> {
    let marked = |text: &[u8], delimiter| marks::wide::marked(text, delimiter);
    cut_by(view, delimiter, at, ends, marked, |ones| marks::wide::parity(ones))
}

#[inline(always)]
fn cut_by(
    view: &[u8],
    delimiter: u8,
    at: usize,
    ends: &mut Vec<End>,
    marked: impl Fn(&[u8], u8) -> Block,
    parity: impl Fn(u64) -> u64,
) -> Option<usize> {
    let mut base = at;
    // Of the block before: all ones if it ended inside quotes, else none; one if its last byte was a separator outside
    // quotes, and if it was a quote that closed.
    let (mut inside, mut separator_before, mut close_before) = (0, 1, 0);
    // Of the cell that goes on.
    let mut doubled = false;
    let view = view
        .get(..view.len().min(at.saturating_add(End::LIMIT)))
        .unwrap_or_default();
    while base < view.len() && ends.len() + BLOCK <= CELL_LIMIT {
        let text = view.get(base..).unwrap_or_default();
        if inside != 0 {
            let quotes = marked(text, delimiter).quotes;
            let within = parity(quotes) ^ inside;
            let (opening, closing) = (quotes & within, quotes & !within);
            // Each that would close is followed by one that goes on: outside quotes stands nothing but those. Nor did one close right
            // before the block, for then it would not begin inside quotes.
            if closing << 1 == opening {
                doubled |= opening != 0;
                inside = all_if_last(within);
                (separator_before, close_before) = (0, closing >> (BLOCK - 1));
                base += BLOCK;
                #[cfg(test)]
                super::tests::CUT.with(|cut| cut.set(cut.get() + BLOCK));
                continue;
            }
        }
        let Block {
            quotes,
            delimiters,
            line_ends,
        } = marked(text, delimiter);
        // The first block of a record costs the same however short the record is.
        #[cfg(test)]
        super::tests::CUT.with(|cut| cut.set(cut.get() + BLOCK * usize::from(base > at)));
        let within = parity(quotes) ^ inside;
        let line_ends = line_ends & !within;
        // What stands behind the line end is another record's.
        let of_record = line_ends ^ line_ends.wrapping_sub(1);
        let outside = (delimiters & !within | line_ends) & of_record;
        let (opening, closing) = (quotes & within, quotes & !within);
        let mut pairs = 0;
        if quotes | close_before != 0 {
            let behind_separator = outside << 1 | separator_before;
            let behind_closing = closing << 1 | close_before;
            let misplaced = opening & !(behind_separator | behind_closing) | behind_closing & !(outside | opening);
            if misplaced & of_record != 0 {
                return None;
            }
            pairs = opening & behind_closing & of_record;
        }
        let before = u32::try_from(base - at).ok()?;
        let mut left = outside;
        if pairs == 0 && !doubled {
            while left != 0 {
                ends.push(End::new(before + left.trailing_zeros(), false));
                left &= left - 1;
            }
        }
        while left != 0 {
            let up_to = left ^ (left - 1);
            ends.push(End::new(before + left.trailing_zeros(), doubled | (pairs & up_to != 0)));
            pairs &= !up_to;
            doubled = false;
            left &= left - 1;
        }
        doubled |= pairs != 0;
        if line_ends != 0 {
            return Some(base + line_ends.trailing_zeros() as usize);
        }
        inside = all_if_last(within);
        (separator_before, close_before) = (outside >> (BLOCK - 1), closing >> (BLOCK - 1));
        base += BLOCK;
    }
    None
}

/// All ones if the last bit is one, else none.
#[inline(always)]
fn all_if_last(bits: u64) -> u64 {
    if bits >> (BLOCK - 1) == 0 { 0 } else { u64::MAX }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{cut, cut_by};
    use crate::evidence::cells::{Cells, Text};
    use crate::evidence::csv::{Csv, Ending};
    use crate::evidence::marks;

    /// Each cell's bytes and whether quotes stand doubled in it; how the record ends.
    type Record = (Vec<(Vec<u8>, bool)>, Ending);

    /// Cut cell by cell.
    fn one_by_one(text: &[u8]) -> Record {
        let csv = Csv {
            delimiter: b',',
            header: &[],
            limit: usize::MAX,
        };
        let mut cells = Vec::new();
        let (ending, _) = csv.cut(text, 0, |cell| cells.push((cell.raw().to_vec(), cell.is_doubled())));
        (cells, ending)
    }

    fn at_once(text: &[u8], at: usize) -> Option<Record> {
        let mut ends = Vec::new();
        let end = cut(text, b',', at, &mut ends)?;
        let record = Text::new(&text[at..end]);
        let cells = Cells::Ends { record, ends: &ends };
        let cells = cells.iter().map(|cell| (cell.raw().to_vec(), cell.is_doubled()));
        Some((cells.collect(), Ending::Line(end)))
    }

    /// Mostly in their places, so that whole records of several blocks come of them, and others that nearly are.
    const PIECES: &[&str] = &[
        ",",
        ",",
        "\",\"",
        "\",\"",
        ",\"\",",
        ",\"a\",",
        "\"\"",
        "a",
        "bcdefgh",
        "ijklmnopqrstuvwxyz",
        "\"\"Id\"\":\"\"\"\",\n",
        "\"",
        ",\"",
        "\",",
        "\n",
    ];

    proptest! {
        #[test]
        fn every_processor_cuts_alike(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..120)) {
            let text = pieces.concat();
            let (mut ends, mut narrow) = (Vec::new(), Vec::new());
            let end = cut(text.as_bytes(), b',', 0, &mut ends);
            prop_assert_eq!(end, cut_by(text.as_bytes(), b',', 0, &mut narrow, marks::marked, marks::parity));
            prop_assert!(end.is_none() || ends == narrow);
        }

        #[test]
        fn whatever_is_cut_at_once_is_cut_so_one_by_one(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..120),
        ) {
            let text = pieces.concat();
            if let Some(found) = at_once(text.as_bytes(), 0) {
                prop_assert_eq!(found, one_by_one(text.as_bytes()));
            }
        }

        #[test]
        fn whatever_the_csv_crate_writes_is_cut_at_once(
            row in prop::collection::vec("[ab,;\"\r\n é]{0,90}", 2..90),
            always in any::<bool>(),
        ) {
            let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
            let mut writer = csv::WriterBuilder::new().quote_style(style).from_writer(Vec::new());
            writer.write_record(&row).unwrap();
            let text = writer.into_inner().unwrap();
            let found = at_once(&text, 0);
            prop_assert_eq!(found.as_ref().map(|f| f.0.len()), Some(row.len()));
            prop_assert_eq!(found, Some(one_by_one(&text)));
        }
    }

    #[test]
    fn a_quote_out_of_place_is_left_to_others() {
        for text in [
            "a\"b,c\n",
            "\"a\"b,c\n",
            "\"a\"b\"\",c\n",
            "\"a,b\n",
            "a,\"\"\"b\n",
            "a,b",
            "",
        ] {
            assert_eq!(at_once(text.as_bytes(), 0), None, "{text:?}");
        }
        // What stands behind the line end is another record's.
        assert!(at_once(b"x\n\"a\",b\nc\"d\n", 2).is_some());
    }
}
