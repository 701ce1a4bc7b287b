//! What a look for the end of an object that came to nothing leaves for the next one.

/// Brackets inside one another, the record's own included.
pub(in crate::evidence) const DEPTH_LIMIT: usize = 128;

/// How far a look for the end of a JSON object came that found none. Records that begin inside are open there too: the
/// look for their end goes on where this one stopped. Otherwise hostile text is read again from every line of it.
#[derive(Debug)]
pub(in crate::evidence) struct LookAhead {
    /// Where it stopped, outside of any string.
    pub stopped: usize,
    /// The brackets that are open there, one bit a level, the innermost lowest: set for an object, clear for an array.
    pub levels: u128,
    pub depth: usize,
    /// Where each of them stands, the outermost first.
    pub open: [usize; DEPTH_LIMIT],
}

impl Default for LookAhead {
    fn default() -> Self {
        LookAhead {
            stopped: 0,
            levels: 0,
            depth: 0,
            open: [0; DEPTH_LIMIT],
        }
    }
}

impl LookAhead {
    /// Forgets all but the bracket at `at` and those inside it. Where none is known there, looking begins anew.
    pub fn resume(&mut self, at: usize) {
        let known = self.open.get(..self.depth).unwrap_or_default();
        match known.iter().position(|open| *open == at) {
            Some(outside) => {
                self.open.copy_within(outside..self.depth, 0);
                self.depth -= outside;
                self.levels &= u128::MAX >> (DEPTH_LIMIT - self.depth);
            }
            None => (self.stopped, self.levels, self.depth) = (at, 0, 0),
        }
    }
}
