//! Databases in MaxMind's format, whoever makes them.

use std::collections::BTreeSet;
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use super::{Named, Place, Places, Point, UNKNOWN_RADIUS};
use crate::records::Time;

/// Larger files are refused: the largest databases sold are below a tenth of it, and all of it is read into memory.
const LARGEST: u64 = 4 << 30;

/// Names longer than this are cut: they come from a file that anyone may have made.
const LONGEST_NAME: usize = 80;

/// What is wrong with a database.
#[derive(Debug, thiserror::Error)]
pub enum PlacesError {
    #[error("--geoip {path}: {source}", path = path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("--geoip {path}: larger than any such database", path = path.display())]
    TooLarge { path: PathBuf },
    #[error("--geoip {path}: not a database in MaxMind's format: {source}", path = path.display())]
    Malformed { path: PathBuf, source: Box<MaxMindDbError> },
    #[error("--geoip {path}: the database is damaged: {source} (at {address})", path = path.display())]
    Damaged {
        path: PathBuf,
        address: IpAddr,
        source: Box<MaxMindDbError>,
    },
}

/// Databases in the order in which they were given: what an earlier one says stands.
pub struct Databases {
    open: Vec<(PathBuf, Reader<Vec<u8>>, Named)>,
}

impl Databases {
    /// Opens them all.
    ///
    /// # Errors
    /// When one cannot be read, is too large, or is no such database.
    pub fn open(files: &[PathBuf]) -> Result<Self, PlacesError> {
        let open = files.iter().map(|path| {
            let bytes = read(path)?;
            let sha256 = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
            let reader = Reader::from_source(bytes).map_err(|source| PlacesError::Malformed {
                path: path.clone(),
                source: Box::new(source),
            })?;
            let metadata = reader.metadata();
            let named = Named {
                database: name(&metadata.database_type),
                built: built(metadata.build_epoch),
                sha256,
            };
            Ok((path.clone(), reader, named))
        });
        Ok(Databases {
            open: open.collect::<Result<_, _>>()?,
        })
    }

    /// What they say of the addresses.
    ///
    /// # Errors
    /// When one is damaged where an address is looked up.
    pub fn places(self, addresses: BTreeSet<IpAddr>) -> Result<Places, PlacesError> {
        let mut places = Places::default();
        for address in addresses {
            let mut place = Place::default();
            for (path, reader, _) in &self.open {
                // A database of one family of addresses has nothing to say of the other.
                if address.is_ipv6() && reader.metadata().ip_version == 4 {
                    continue;
                }
                let row = reader.lookup(address).and_then(|found| found.decode::<Row>());
                let row = row.map_err(|source| PlacesError::Damaged {
                    path: path.clone(),
                    address,
                    source: Box::new(source),
                })?;
                if let Some(row) = row {
                    place.fill(row.place());
                }
            }
            if place != Place::default() {
                places.known.insert(address, place);
            }
        }
        places.databases = self.open.into_iter().map(|(_, _, named)| named).collect();
        Ok(places)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, PlacesError> {
    let unreadable = |source| PlacesError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    // What is no regular file has no size to ask for.
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(PlacesError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

fn built(epoch: u64) -> String {
    let micros = i64::try_from(epoch).ok().and_then(|s| s.checked_mul(1_000_000));
    micros.map_or_else(|| "unknown".to_owned(), |m| Time(m).to_string())
}

/// Without control characters, and not too long.
fn name(text: &str) -> String {
    let shown = text.trim().chars().filter(|c| !c.is_control());
    shown.take(LONGEST_NAME).collect()
}

/// The fields that are known, of whatever form: GeoLite2, GeoIP2 and DB-IP nest them, IPinfo and others do not. What
/// has another form is as good as not there.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Row {
    country: Loose<Country>,
    country_code: Loose<String>,
    city: Loose<City>,
    location: Loose<Location>,
    autonomous_system_number: Loose<u32>,
    autonomous_system_organization: Loose<String>,
    asn: Loose<Asn>,
    as_name: Loose<String>,
}

/// A value of the form wanted, or of any other.
#[derive(Deserialize)]
#[serde(untagged)]
enum Loose<T> {
    Wanted(T),
    Other(IgnoredAny),
}

impl<T> Default for Loose<T> {
    fn default() -> Self {
        Loose::Other(IgnoredAny)
    }
}

impl<T> Loose<T> {
    fn wanted(self) -> Option<T> {
        match self {
            Loose::Wanted(value) => Some(value),
            Loose::Other(_) => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Country {
    Code(String),
    Nested { iso_code: String },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum City {
    Name(String),
    Nested { names: Names },
}

#[derive(Deserialize)]
struct Names {
    en: String,
}

#[derive(Deserialize)]
struct Location {
    latitude: f64,
    longitude: f64,
    #[serde(default)]
    accuracy_radius: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Asn {
    Number(u32),
    /// `AS15169`.
    Text(String),
}

impl Row {
    fn place(self) -> Place {
        let code = match self.country.wanted() {
            Some(Country::Code(code) | Country::Nested { iso_code: code }) => Some(code),
            None => None,
        };
        let code = code
            .filter(|c| is_code(c))
            .or_else(|| self.country_code.wanted().filter(|c| is_code(c)));
        let city = match self.city.wanted() {
            Some(
                City::Name(name)
                | City::Nested {
                    names: Names { en: name },
                },
            ) => Some(name),
            None => None,
        };
        let asn = self
            .autonomous_system_number
            .wanted()
            .or_else(|| match self.asn.wanted()? {
                Asn::Number(number) => Some(number),
                Asn::Text(text) => text.trim().trim_start_matches(['A', 'S', 'a', 's']).parse().ok(),
            });
        let operator = self
            .autonomous_system_organization
            .wanted()
            .or_else(|| self.as_name.wanted());
        let filled = |text: &String| !text.is_empty();
        Place {
            country: code.map(|c| c.trim().to_ascii_uppercase()),
            city: city.map(|c| name(&c)).filter(filled),
            asn: asn.filter(|n| *n != 0),
            operator: operator.map(|o| name(&o)).filter(filled),
            point: self.location.wanted().and_then(point),
        }
    }
}

fn is_code(text: &str) -> bool {
    text.trim().len() == 2 && text.trim().bytes().all(|b| b.is_ascii_alphabetic())
}

/// A point of the globe; anything else is as good as not there.
fn point(location: Location) -> Option<Point> {
    let Location {
        latitude, longitude, ..
    } = location;
    let radius = location.accuracy_radius.map_or(UNKNOWN_RADIUS, f64::from);
    // Neither range holds what is not a number.
    let there = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    there.then_some(Point {
        latitude,
        longitude,
        radius,
    })
}
