//! How an actor was made ready for what it did: credentials, consents, roles and new applications in the directory.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::records::{AuditEvent, Origin, Time};
use crate::timeline::{Actor, ActorKind, Cite};

use super::Case;

/// One directory record that gave the actor its power.
#[derive(Debug, Clone)]
pub struct Preparation {
    pub kind: Kind,
    pub time: Time,
    pub sentence: String,
    /// Whoever did it did so in an anomalous session.
    pub by_stranger: bool,
    /// Sign-ins show that the session was its owner's.
    pub by_owner: bool,
    /// Who did it, as the log writes it.
    pub by: String,
    /// A listed connector admin did it.
    pub by_admin: bool,
    pub cites: Vec<Cite>,
}

/// What was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Credential,
    Consent,
    Role,
    Made,
    /// Strong authentication taken away.
    Weakened,
    /// Someone who may add credentials to it.
    Owner,
    /// Another organisation's administrators let in.
    Partnership,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Kind::Credential => "a new credential",
            Kind::Consent => "a new permission",
            Kind::Role => "a new role",
            Kind::Made => "its registration",
            Kind::Weakened => "a weakened sign-in",
            Kind::Owner => "a new owner",
            Kind::Partnership => "a new partnership",
        }
    }
}

/// Directory operations and what they give, with a plain hyphen where the log has an en dash.
const OPERATIONS: [(&str, Kind); 16] = [
    ("Add service principal credentials", Kind::Credential),
    (
        "Update application - Certificates and secrets management",
        Kind::Credential,
    ),
    ("Consent to application", Kind::Consent),
    ("Add app role assignment to service principal", Kind::Consent),
    ("Add delegated permission grant", Kind::Consent),
    ("Add delegation entry", Kind::Consent),
    ("Add member to role", Kind::Role),
    ("Add eligible member to role", Kind::Role),
    ("Add-RoleGroupMember", Kind::Role),
    ("New-ManagementRoleAssignment", Kind::Role),
    ("Add application", Kind::Made),
    ("Add service principal", Kind::Made),
    ("Disable Strong Authentication", Kind::Weakened),
    ("Add owner to application", Kind::Owner),
    ("Add owner to service principal", Kind::Owner),
    ("Add partner to company", Kind::Partnership),
];

/// All preparations of an actor on record, in the order of the log. An application's own registration, credentials,
/// owners, consents and roles count; of a user only roles and a weakened sign-in, and only if given by an anomalous
/// session: administrators activate their roles every day. Of a partner a new partnership counts as well, whichever
/// organisation it is with: the record does not name the accounts that it lets in.
pub fn of<'c>(case: &'c Case<'_>, actor: &Actor) -> &'c [Preparation] {
    let all = case.index.preparations.get_or_init(|| {
        let grants = Grants::new(case);
        let actors = case.timeline.actors.values();
        actors.map(|actor| (actor.id.clone(), grants.of(actor))).collect()
    });
    all.get(actor.id.as_str()).map_or(&[], Vec::as_slice)
}

/// The records that give someone power, by what they were done to.
struct Grants<'a> {
    records: Vec<(&'a AuditEvent, Kind)>,
    by_name: HashMap<String, Vec<usize>>,
    /// By user: the AppIds in its records.
    applications: HashMap<String, Vec<&'a str>>,
    /// Rows with an anomalous session behind them.
    strange: HashSet<Origin>,
    /// Rows with a session behind them of which nothing speaks against its owner.
    owned: HashSet<Origin>,
    admins: &'a [String],
}

impl<'a> Grants<'a> {
    fn new(case: &Case<'a>) -> Self {
        let events = case.digest.events.iter();
        let records: Vec<(&AuditEvent, Kind)> = events
            .filter(|r| r.succeeded)
            .filter_map(|r| kind_of(r).map(|kind| (r, kind)))
            .collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, (record, _)) in records.iter().enumerate() {
            for name in done_to(record) {
                let known = by_name.entry(name).or_default();
                if known.last() != Some(&index) {
                    known.push(index);
                }
            }
        }
        let mut applications: HashMap<String, Vec<&str>> = HashMap::new();
        for record in &case.digest.events {
            if let Some(app) = record.app_id.as_deref() {
                let known = applications.entry(plain(&record.user)).or_default();
                if known.last() != Some(&app) {
                    known.push(app);
                }
            }
        }
        let connectors = case.timeline.connectors.iter().flat_map(|c| c.events.iter());
        let (mut strange, mut owned) = (HashSet::new(), HashSet::new());
        for event in connectors.chain(&case.timeline.tenant) {
            let rows = event.cites.iter().map(|c| c.origin);
            match &event.session {
                Some(session) if session.is_anomalous() => strange.extend(rows),
                Some(session) if !session.is_odd() => owned.extend(rows),
                _ => {}
            }
        }
        Grants {
            records,
            by_name,
            applications,
            strange,
            owned,
            admins: &case.organization.connector_admins,
        }
    }

    fn of(&self, actor: &Actor) -> Vec<Preparation> {
        let is_application = actor.kind == ActorKind::Application;
        let own = plain(&actor.id);
        let aliases = if is_application {
            self.aliases(own)
        } else {
            BTreeSet::from([own])
        };
        let is_partner = actor.kind == ActorKind::Partner;
        let mut found: BTreeSet<usize> = aliases.iter().flat_map(|a| self.done_to(a)).copied().collect();
        if is_partner {
            let all = self.records.iter().enumerate();
            found.extend(
                all.filter(|(_, (_, kind))| *kind == Kind::Partnership)
                    .map(|(index, _)| index),
            );
        }
        found
            .into_iter()
            .filter_map(|index| self.records.get(index))
            .filter(|(_, kind)| match is_application {
                true => !matches!(kind, Kind::Weakened | Kind::Partnership),
                false => matches!(kind, Kind::Role | Kind::Weakened) || (is_partner && *kind == Kind::Partnership),
            })
            .map(|(record, kind)| self.preparation(record, *kind))
            .filter(|p| is_application || p.by_stranger || p.kind == Kind::Partnership)
            .collect()
    }

    fn preparation(&self, record: &AuditEvent, kind: Kind) -> Preparation {
        Preparation {
            kind,
            time: record.time,
            sentence: format!("{} at {} by {}", kind.words(), record.time, record.user),
            by_stranger: self.strange.contains(&record.origin),
            by_owner: self.owned.contains(&record.origin),
            by: record.user.clone(),
            by_admin: self
                .admins
                .iter()
                .any(|a| a.trim().eq_ignore_ascii_case(record.user.trim())),
            cites: vec![Cite {
                time: record.time,
                origin: record.origin,
                id: record.id.clone(),
            }],
        }
    }

    fn done_to(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// What an application is called: its id, the AppId of its own records, and the names and ids that stand beside
    /// one another where it was registered, in the order of the log.
    fn aliases(&self, own: String) -> BTreeSet<String> {
        let apps = self.applications.get(&own).into_iter().flatten();
        let mut aliases: BTreeSet<String> = apps.filter_map(|app| alias(app)).collect();
        aliases.insert(own);
        let made = |name: &str, after: Option<usize>| -> Vec<usize> {
            let records = self.done_to(name).iter().copied();
            let is_made = |i: &usize| self.records.get(*i).is_some_and(|(_, kind)| *kind == Kind::Made);
            records.filter(|i| Some(*i) > after).filter(is_made).collect()
        };
        let mut open: BTreeSet<usize> = aliases.iter().flat_map(|name| made(name, None)).collect();
        while let Some(index) = open.pop_first() {
            let Some((record, _)) = self.records.get(index) else {
                continue;
            };
            for name in record.targets.iter().chain([&record.object]).filter_map(|t| alias(t)) {
                if !aliases.contains(&name) {
                    open.extend(made(&name, Some(index)));
                    aliases.insert(name);
                }
            }
        }
        aliases
    }
}

/// Those that bear on an act at this moment: of the days before it, and earlier ones by an anomalous session. What a
/// listed connector admin gave is no sign by itself: that is how services are installed.
pub fn before<'a>(case: &Case, all: &'a [Preparation], moment: Time) -> Vec<&'a Preparation> {
    let prelude = case.thresholds().prelude;
    all.iter()
        .filter(|p| p.time <= moment && (p.by_stranger || (!p.by_admin && moment.0 - p.time.0 <= prelude)))
        .collect()
}

/// The kinds among preparations, each once.
pub fn kinds(found: &[&Preparation]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = found.iter().map(|p| p.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The preparations in words, at most four of them.
pub fn sentence(found: &[&Preparation]) -> String {
    let mut words: Vec<String> = found.iter().take(4).map(|p| p.sentence.clone()).collect();
    if found.len() > 4 {
        words.push(format!("and {} more", found.len() - 4));
    }
    words.join(", ")
}

/// The techniques that preparations point to.
pub fn techniques(found: &[&Preparation]) -> &'static [&'static str] {
    let kinds = kinds(found);
    match (
        kinds.contains(&Kind::Credential),
        kinds.contains(&Kind::Role) || kinds.contains(&Kind::Consent),
    ) {
        (true, true) => &["T1098.001", "T1098.003"],
        (true, false) => &["T1098.001"],
        (false, true) => &["T1098.003"],
        (false, false) => &["T1078.004"],
    }
}

fn kind_of(record: &AuditEvent) -> Option<Kind> {
    kind_of_operation(&record.operation)
}

/// What an operation gives, where it is one that gives power. Exports in ASCII write `?` for the dash.
pub fn kind_of_operation(operation: &str) -> Option<Kind> {
    let operation = operation.replace(['\u{2013}', '\u{2014}', '?'], "-");
    let operation = operation.trim().trim_end_matches('.');
    OPERATIONS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(operation))
        .map(|(_, kind)| *kind)
}

/// An id or name without the prefix that directory records put before it, in lower case.
fn plain(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    ["serviceprincipal_", "application_", "user_"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix).map(str::to_owned))
        .unwrap_or(text)
}

/// A text of a directory record as a name; `None` for the words that only say what kind of object it is.
fn alias(text: &str) -> Option<String> {
    const KINDS: [&str; 5] = ["application", "serviceprincipal", "user", "role", "unknown"];
    Some(plain(text)).filter(|t| t.len() >= 4 && !KINDS.contains(&t.as_str()))
}

/// What the record was done to, in every spelling it gives.
fn done_to(record: &AuditEvent) -> impl Iterator<Item = String> {
    let named = std::iter::once(record.object.as_str()).chain(record.targets.iter().map(String::as_str));
    let parameters = record.parameters.iter().flat_map(|(_, v)| v.split(';'));
    let modified = record.modified.iter().filter_map(|m| m.new.as_deref());
    let modified = modified.map(|v| v.trim_matches(['"', '[', ']', ' ', '\r', '\n']));
    named.chain(parameters).chain(modified).map(plain)
}

#[cfg(test)]
mod tests {
    use super::super::compromised_admin::CompromisedAdmin;
    use super::super::fixture::{Fixture, Sketch, act, at, cite};
    use super::super::{Finding, State};
    use super::*;
    use crate::timeline::Action;

    const APP: &str = "11111111-2222-3333-4444-555555555555";

    fn record(f: &mut Fixture, time: &str, operation: &str, targets: &[&str]) {
        f.digest.events.push(AuditEvent {
            time: at(time),
            operation: operation.to_owned(),
            user: "bad@y.example".to_owned(),
            succeeded: true,
            targets: targets.iter().map(|t| (*t).to_owned()).collect(),
            origin: cite(at(time)).origin,
            ..AuditEvent::default()
        });
    }

    fn app_change(f: &mut Fixture, time: &str) {
        f.event("Relay", act(time, Action::Created, APP, None));
        f.actor(APP, ActorKind::Application);
    }

    fn assess(f: &Fixture) -> Finding {
        f.assess(&CompromisedAdmin, "Relay")
    }

    #[test]
    fn what_admins_gave_in_sessions_of_their_own_is_an_installation_where_nothing_decides() {
        let mut f = Fixture::complete();
        app_change(&mut f, "10T02:00");
        let app = format!("ServicePrincipal_{APP}");
        for (time, operation) in [
            ("09T23:00", "Add member to role."),
            ("09T23:10", "Consent to application."),
        ] {
            record(&mut f, time, operation, &[&app]);
            f.tenant(act(time, Action::Related, "bad@y.example", Some(true)));
        }
        assert_eq!(assess(&f).state, State::NotAssessable, "{}", assess(&f).summary);
        for event in &mut f.timeline.tenant {
            event.session = None;
        }
        assert_eq!(assess(&f).points, 2.0, "in whose session?");
    }

    #[test]
    fn a_credential_and_a_role_shortly_before_are_strong_and_one_of_them_is_weak() {
        let mut f = Fixture::complete();
        app_change(&mut f, "10T02:00");
        record(
            &mut f,
            "09T23:00",
            "Add member to role.",
            &["Role", &format!("ServicePrincipal_{APP}")],
        );
        assert_eq!(assess(&f).points, 1.0);
        let credentials = "Update application \u{2013} Certificates and secrets management ";
        record(&mut f, "09T23:10", credentials, &[&format!("Application_{APP}")]);
        let finding = assess(&f);
        assert_eq!((finding.state, finding.points), (State::Supported, 2.0));
        assert_eq!(finding.techniques, ["T1098.001", "T1098.003"]);
        assert_eq!(finding.cites.len(), 3);
    }

    #[test]
    fn a_new_owner_of_an_application_and_a_new_partner_of_the_company_are_preparations() {
        let mut f = Fixture::complete();
        app_change(&mut f, "10T02:00");
        record(
            &mut f,
            "09T23:00",
            "Add owner to application.",
            &[&format!("Application_{APP}")],
        );
        let finding = assess(&f);
        assert_eq!((finding.points, finding.facts["hand"].as_str()), (1.0, Some("odd")));
        assert_eq!(finding.facts["given_by"].as_array().map(Vec::len), Some(1));

        let partner = "admin@partner.example";
        let mut f = Fixture::complete();
        f.event("Relay", act("10T02:00", Action::Created, partner, None));
        f.actor(partner, ActorKind::Partner);
        assert_eq!(assess(&f).state, State::NotAssessable);
        record(&mut f, "08T12:00", "Add partner to company.", &["Some Partner Ltd"]);
        assert_eq!(assess(&f).points, 1.0);
        // An old partnership is no preparation.
        f.digest.events[0].time = at("01T00:00");
        assert_eq!(assess(&f).state, State::NotAssessable);
    }

    #[test]
    fn a_name_leads_to_the_id_through_the_applications_registration() {
        let mut f = Fixture::complete();
        app_change(&mut f, "10T02:00");
        record(
            &mut f,
            "09T22:00",
            "Add service principal.",
            &["Mail Helper", APP, "ServicePrincipal"],
        );
        record(&mut f, "09T23:00", "Consent to application.", &["Mail Helper"]);
        assert_eq!(assess(&f).points, 2.0);
    }

    #[test]
    fn preparations_of_another_application_or_long_ago_do_not_count() {
        let mut f = Fixture::complete();
        app_change(&mut f, "20T02:00");
        record(
            &mut f,
            "19T23:00",
            "Add member to role.",
            &["99999999-0000-0000-0000-000000000000"],
        );
        record(&mut f, "02T23:00", "Add member to role.", &[APP]);
        assert_eq!(assess(&f).state, State::NotAssessable);
    }

    #[test]
    fn a_preparation_by_an_anomalous_session_counts_at_any_distance() {
        let mut f = Fixture::complete();
        app_change(&mut f, "28T02:00");
        record(&mut f, "02T23:00", "Consent to application.", &[APP]);
        f.tenant(act("02T23:00", Action::Related, "bad@y.example", None).session(1.2, 30));
        assert_eq!(assess(&f).points, 2.0);
    }

    #[test]
    fn a_users_role_counts_only_if_a_stranger_gave_it() {
        let mut f = Fixture::complete();
        f.event("Relay", act("10T02:00", Action::Created, "new@y.example", None));
        record(&mut f, "10T01:55", "Add member to role.", &["new@y.example"]);
        assert_eq!(assess(&f).state, State::NotAssessable);
        f.tenant(act("10T01:55", Action::Related, "bad@y.example", None).session(1.2, 30));
        assert_eq!(assess(&f).points, 2.0);
    }

    #[test]
    fn an_application_somebody_vouches_for_is_not_accused_of_its_own_setup() {
        let mut f = Fixture::complete();
        f.event("Relay", act("10T02:00", Action::Created, APP, Some(true)));
        f.actor(APP, ActorKind::Application);
        record(&mut f, "09T23:00", "Add member to role.", &[APP]);
        record(&mut f, "09T23:10", "Consent to application.", &[APP]);
        assert_eq!(assess(&f).state, State::NotAssessable);
    }
}
