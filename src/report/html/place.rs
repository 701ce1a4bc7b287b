//! Places on the page that links lead to.

use std::fmt;

/// A finding or an event, by numbers from 0 in the order of the page for connectors, else in the report's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    ConnectorEvent(usize, usize),
    ConnectorIndicator(usize, usize),
    ConnectorAdjustment(usize, usize),
    AccountIndicator(usize, usize),
    TenantEvent(usize),
    TenantIndicator(usize),
    /// What the evidence covers.
    Coverage,
}

impl Place {
    /// What is to be found there, as the words of a link.
    pub fn word(self) -> &'static str {
        match self {
            Place::Coverage => "coverage",
            _ => "figures",
        }
    }
}

impl fmt::Display for Place {
    /// The anchor's id.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Place::ConnectorEvent(c, n) => write!(f, "c{c}e{n}"),
            Place::ConnectorIndicator(c, n) => write!(f, "c{c}i{n}"),
            Place::ConnectorAdjustment(c, n) => write!(f, "c{c}j{n}"),
            Place::AccountIndicator(a, n) => write!(f, "a{a}i{n}"),
            Place::TenantEvent(n) => write!(f, "te{n}"),
            Place::TenantIndicator(n) => write!(f, "ti{n}"),
            Place::Coverage => write!(f, "coverage"),
        }
    }
}
