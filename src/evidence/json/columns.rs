//! Rows of a table that are arrays: `{"tables":[{"columns":[{"name":"a"}],"rows":[[1],[2]]}]}`, as the query interfaces of Log
//! Analytics and Kusto return them. A row is read as the object that its values make under the names of the columns.

use crate::evidence::Reason;
use crate::evidence::wrapper::Reader;

/// The columns of a table.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    names: Vec<String>,
    /// Each name as a key, with its colon.
    keys: Vec<Vec<u8>>,
}

impl Columns {
    /// `None` where there are none.
    pub(super) fn of(names: &[String]) -> Option<Self> {
        let key = |name: &String| Some(serde_json::to_vec(name).ok()?.into_iter().chain(*b":").collect());
        let keys: Vec<Vec<u8>> = names.iter().map(key).collect::<Option<_>>()?;
        (!keys.is_empty()).then(|| Columns {
            names: names.to_vec(),
            keys,
        })
    }

    pub(super) fn are(&self, names: &[String]) -> bool {
        self.names == names
    }

    /// Writes the object that the values of a row make.
    pub(super) fn object(&self, row: &[u8], text: &mut Vec<u8>) -> Result<(), Reason> {
        text.clear();
        text.push(b'{');
        let mut values = Reader::within(row, 1);
        for (i, key) in self.keys.iter().enumerate() {
            if i > 0 {
                values.expect(b',').map_err(|_| self.misfit(row))?;
                text.push(b',');
            }
            let value = values.value().map_err(|_| self.misfit(row))?;
            text.extend_from_slice(key);
            text.extend_from_slice(value);
        }
        values.expect(b']').map_err(|_| self.misfit(row))?;
        text.push(b'}');
        Ok(())
    }

    /// Why a row makes no object.
    fn misfit(&self, row: &[u8]) -> Reason {
        match serde_json::from_slice::<Vec<serde::de::IgnoredAny>>(row) {
            Ok(_) => Reason::CellCount,
            Err(_) => Reason::NotJson,
        }
    }
}
