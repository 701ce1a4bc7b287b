//! Where addresses stand: country, network operator and coordinates, from databases that the analyst brings.
//!
//! Nothing is known of an address without a database, and nothing is guessed. All addresses of the evidence are
//! looked up once, before anything is judged, so that a broken database ends the run instead of bending a finding.

mod database;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use database::{Databases, PlacesError};

use crate::digest::Digest;

/// What the databases say of an address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// ISO 3166 code, upper case.
    pub country: Option<String>,
    pub city: Option<String>,
    /// Number of the autonomous system that announces it.
    pub asn: Option<u32>,
    /// Who operates that.
    pub operator: Option<String>,
    pub point: Option<Point>,
}

/// A point on the globe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Degrees, north and east positive.
    pub latitude: f64,
    pub longitude: f64,
    /// How far from it the address may be, in kilometres.
    pub radius: f64,
}

/// Kilometres that stand for a radius the database does not give: it may know no more than the region.
const UNKNOWN_RADIUS: f64 = 100.0;

impl Point {
    /// The least distance in kilometres at which two addresses can be, by the haversine formula on a sphere with the
    /// Earth's mean radius, less what either may be off; never below 0.
    pub fn apart(self, other: Point) -> f64 {
        let (a, b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let (north, east) = (b - a, (other.longitude - self.longitude).to_radians());
        let h = (north / 2.0).sin().powi(2) + a.cos() * b.cos() * (east / 2.0).sin().powi(2);
        let distance = 2.0 * 6371.0 * h.clamp(0.0, 1.0).sqrt().asin();
        (distance - self.radius - other.radius).max(0.0)
    }
}

impl Place {
    /// For people: `NL (Amsterdam), AS60729 Example Hosting`; `None` where nothing is known that has a name.
    pub fn label(&self) -> Option<String> {
        let country = match (&self.country, &self.city) {
            (Some(country), Some(city)) => Some(format!("{country} ({city})")),
            (Some(country), None) => Some(country.clone()),
            (None, city) => city.clone(),
        };
        let parts: Vec<String> = [country, self.network()].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The network operator: `AS60729 Example Hosting`.
    pub fn network(&self) -> Option<String> {
        match (self.asn, &self.operator) {
            (Some(number), Some(operator)) => Some(format!("AS{number} {operator}")),
            (Some(number), None) => Some(format!("AS{number}")),
            (None, operator) => operator.clone(),
        }
    }

    /// Takes over what is not known yet.
    fn fill(&mut self, other: Place) {
        self.country = self.country.take().or(other.country);
        self.city = self.city.take().or(other.city);
        self.point = self.point.or(other.point);
        // Number and name belong together.
        if self.asn.is_none() && self.operator.is_none() {
            (self.asn, self.operator) = (other.asn, other.operator);
        }
    }
}

/// A database as the report names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Named {
    /// What it calls itself, as `GeoLite2-City`.
    pub database: String,
    /// When it was built, by its own word.
    pub built: String,
    pub sha256: String,
}

/// The places of all addresses of a case.
#[derive(Debug, Clone, Default)]
pub struct Places {
    known: BTreeMap<IpAddr, Place>,
    pub databases: Vec<Named>,
}

impl Places {
    /// Looks up every address that the evidence names; without databases nothing is known.
    ///
    /// # Errors
    /// When a database cannot be read, is none, or is damaged where it is looked at.
    pub fn of(files: &[PathBuf], digest: &Digest) -> Result<Places, PlacesError> {
        if files.is_empty() {
            return Ok(Places::default());
        }
        Databases::open(files)?.places(addresses(digest))
    }

    /// What is known of an address.
    pub fn get(&self, address: IpAddr) -> Option<&Place> {
        self.known.get(&address.to_canonical())
    }

    /// Its label; `None` where nothing is known.
    pub fn label(&self, address: IpAddr) -> Option<String> {
        self.get(address)?.label()
    }
}

impl FromIterator<(IpAddr, Place)> for Places {
    fn from_iter<T: IntoIterator<Item = (IpAddr, Place)>>(places: T) -> Self {
        Places {
            known: places.into_iter().map(|(a, p)| (a.to_canonical(), p)).collect(),
            databases: Vec::new(),
        }
    }
}

/// Every address that accounts and mail came from.
fn addresses(digest: &Digest) -> BTreeSet<IpAddr> {
    let accounts = digest.sightings.keys().filter_map(|k| k.address);
    let events = digest.events.iter().filter_map(|e| e.client_ip);
    let sources = digest.sources.iter().copied();
    accounts
        .chain(events)
        .chain(sources)
        .map(|a| a.to_canonical())
        .collect()
}

#[cfg(test)]
mod tests;
