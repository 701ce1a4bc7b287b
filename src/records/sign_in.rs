//! Sign-ins, of the audit log and of sign-in logs.

use std::borrow::Cow;
use std::net::IpAddr;

use super::{RecordId, Time};

/// A sign-in row of the audit log (RecordType 15) or of a sign-in log.
#[derive(Debug, Clone)]
pub struct SignIn<'a> {
    pub time: Time,
    pub id: Option<RecordId>,
    /// UPN or id, as written.
    pub account: Cow<'a, str>,
    pub address: Option<IpAddr>,
    pub agent: Cow<'a, str>,
    /// The session's id, which changes made in it bear too; empty where the row has none.
    pub session: Cow<'a, str>,
    pub succeeded: bool,
    pub complete: bool,
    /// From the audit log, or from a sign-in log.
    pub from_audit_log: bool,
    pub operation: Cow<'a, str>,
    pub result_count: Option<u32>,
    pub details: SignInDetails<'a>,
}

/// What a sign-in log says of a sign-in and the audit log does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInDetails<'a> {
    pub kind: SignInKind,
    /// Display name of the application signed in to.
    pub app: Cow<'a, str>,
    pub city: Cow<'a, str>,
    /// Two-letter code or name, as written.
    pub country: Cow<'a, str>,
    pub risk: Risk,
    pub factor: Factor,
    /// Over a protocol that knows no second factor.
    pub legacy: bool,
}

/// Who signs in, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SignInKind {
    #[default]
    Interactive,
    NonInteractive,
    ServicePrincipal,
    ManagedIdentity,
}

/// What Microsoft's identity protection holds of a sign-in, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Risk {
    /// The export does not say, or the tenant may not see it.
    #[default]
    Unknown,
    /// None, or settled as harmless by an administrator.
    None,
    Low,
    Medium,
    High,
    /// An administrator confirmed that the account was taken over.
    Confirmed,
}

/// What was asked of whoever signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Factor {
    #[default]
    Unknown,
    One,
    Several,
}
