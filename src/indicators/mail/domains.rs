//! Which domains were the organisation's own, and since when.

use std::collections::BTreeMap;

use crate::digest::{Digest, Names};
use crate::records::address;
use crate::settings::Organization;
use crate::timeline::{Event, Timeline};

/// A span of time; open where the evidence gives no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: i64,
    to: i64,
}

const ALWAYS: Span = Span {
    from: i64::MIN,
    to: i64::MAX,
};

/// The accepted domains through time, looked up by the digest's numbers for names.
#[derive(Debug, Clone, Default)]
pub struct Domains {
    known: bool,
    /// A domain accepted less than this long before its mail counts as good as not provisioned.
    fresh: i64,
    /// By number of the name: while the very domain was accepted, or a parent of it.
    accepted: Vec<Vec<Span>>,
    /// By number of the name: while some accepted domain had the same organisational domain (relaxed alignment).
    own: Vec<Vec<Span>>,
    /// By number of the name: number of the organisational domain, equal for aligned names.
    organizational: Vec<u32>,
}

/// How a sender's domain stood to the organisation at the moment of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Own,
    /// Own, but accepted less than 30 days before.
    Fresh,
    Foreign,
}

impl Domains {
    /// Gathers the domains of org.toml, of Get-AcceptedDomain with their `WhenCreated`, and of the accepted-domain
    /// events on the timeline.
    pub fn gather(digest: &Digest, timeline: &Timeline, organization: &Organization) -> Self {
        let mut spans: BTreeMap<String, Span> = BTreeMap::new();
        for domain in &digest.accepted_domains {
            let from = domain.created.map_or(i64::MIN, |t| t.0);
            let span = spans
                .entry(plain(&domain.domain))
                .or_insert(Span { from, to: i64::MAX });
            span.from = span.from.min(from);
        }
        for event in timeline.tenant.iter().filter(|e| e.succeeded) {
            apply(&mut spans, event);
        }
        for domain in &organization.accepted_domains {
            spans.insert(plain(domain), ALWAYS);
        }
        spans.remove("");
        // The log tells of the few that came or went in its time, never of the domain that was always there.
        let known = !digest.accepted_domains.is_empty() || !organization.accepted_domains.is_empty();
        Domains {
            known,
            fresh: organization.tuning.thresholds.domain_fresh,
            ..Self::index(&spans, &digest.names)
        }
    }

    fn index(spans: &BTreeMap<String, Span>, names: &Names) -> Self {
        let mut by_organization: BTreeMap<String, Vec<Span>> = BTreeMap::new();
        for (domain, span) in spans {
            by_organization
                .entry(organizational_domain(domain))
                .or_default()
                .push(*span);
        }
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        let mut domains = Domains {
            accepted: vec![Vec::new()],
            own: vec![Vec::new()],
            organizational: vec![0],
            ..Domains::default()
        };
        for name in names.iter() {
            let organization = organizational_domain(name);
            let next = numbers.len() as u32 + 1;
            domains
                .accepted
                .push(spans.get(plain(name).as_str()).copied().into_iter().collect());
            domains
                .own
                .push(by_organization.get(&organization).cloned().unwrap_or_default());
            domains
                .organizational
                .push(*numbers.entry(organization).or_insert(next));
        }
        domains
    }

    /// Whether a list of the accepted domains is there at all. Without one nothing can be called foreign or outbound.
    pub fn known(&self) -> bool {
        self.known
    }

    /// Whether the domain was accepted at that moment.
    pub fn accepts(&self, name: u32, time: i64) -> bool {
        self.accepted
            .get(name as usize)
            .is_some_and(|spans| spans.iter().any(|s| s.from <= time && time < s.to))
    }

    /// How a sender's domain stood at that moment, aligned as DMARC's relaxed mode does: by organisational domain.
    pub fn standing(&self, name: u32, time: i64) -> Standing {
        let spans = self.own.get(name as usize).map_or(&[][..], Vec::as_slice);
        let mut covering = spans.iter().filter(|s| s.from <= time && time < s.to).peekable();
        if covering.peek().is_none() {
            return Standing::Foreign;
        }
        if covering.all(|s| s.from > time.saturating_sub(self.fresh)) {
            Standing::Fresh
        } else {
            Standing::Own
        }
    }

    /// Whether two names share their organisational domain.
    pub fn aligned(&self, a: u32, b: u32) -> bool {
        let number = |n: u32| self.organizational.get(n as usize).copied().unwrap_or(0);
        number(a) == number(b) && number(a) != 0
    }
}

fn apply(spans: &mut BTreeMap<String, Span>, event: &Event) {
    let named = |wanted: &str| {
        let found = event.parameters.iter().find(|(n, _)| n.eq_ignore_ascii_case(wanted));
        found.map(|(_, v)| plain(v)).filter(|v| v.contains('.'))
    };
    let domain = named("DomainName")
        .or_else(|| named("Identity"))
        .or_else(|| named("Name"))
        .unwrap_or_else(|| plain(&event.object));
    match event.operation.to_ascii_lowercase().as_str() {
        "new-accepteddomain" => {
            let span = spans.entry(domain).or_insert(Span {
                from: event.time.0,
                to: i64::MAX,
            });
            // A snapshot without WhenCreated says "always"; the log knows better.
            span.from = if span.from == i64::MIN {
                event.time.0
            } else {
                span.from.min(event.time.0)
            };
            span.to = i64::MAX;
        }
        "remove-accepteddomain" => spans.entry(domain).or_insert(ALWAYS).to = event.time.0,
        _ => {}
    }
}

/// As the senders are written: lower case, A-labels.
fn plain(domain: &str) -> String {
    address::domain(domain).into_owned()
}

/// The organisational domain by the Public Suffix List that is built in; a tenant's `x.onmicrosoft.com` (and
/// `x.mail.onmicrosoft.com`) is one of its own, although the list has no entry for it.
fn organizational_domain(domain: &str) -> String {
    let domain = plain(domain);
    if let Some(rest) = domain.strip_suffix(".onmicrosoft.com") {
        let rest = rest.strip_suffix(".mail").unwrap_or(rest);
        let tenant = rest.rsplit('.').next().unwrap_or(rest);
        return format!("{tenant}.onmicrosoft.com");
    }
    psl::domain_str(&domain).map_or(domain.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::mail::fixture::event;
    use crate::records::{AcceptedDomain, Origin, Time};
    use crate::timeline::Action;

    fn domains(digest: &mut Digest, timeline: &Timeline, names: &[&str]) -> (Domains, Vec<u32>) {
        let numbers = names.iter().map(|n| digest.names.intern(*n)).collect();
        (Domains::gather(digest, timeline, &Organization::default()), numbers)
    }

    #[test]
    fn a_domain_is_own_from_its_creation_and_fresh_for_thirty_days() {
        let mut digest = Digest::default();
        digest.accepted_domains.push(AcceptedDomain {
            domain: "fabrikam.com".into(),
            created: Some(Time(1_000 * Time::DAY)),
            origin: Origin::default(),
        });
        let (domains, n) = domains(
            &mut digest,
            &Timeline::default(),
            &["fabrikam.com", "news.fabrikam.com"],
        );
        let at = |day: i64| domains.standing(n[0], day * Time::DAY);
        assert_eq!(
            (at(999), at(1_001), at(1_031)),
            (Standing::Foreign, Standing::Fresh, Standing::Own)
        );
        assert_eq!(domains.standing(n[1], 1_031 * Time::DAY), Standing::Own);
        assert!(!domains.accepts(n[1], 1_031 * Time::DAY));
        assert!(domains.accepts(n[0], 1_031 * Time::DAY));
    }

    #[test]
    fn events_give_the_dates_that_a_snapshot_lacks() {
        let mut digest = Digest::default();
        digest.accepted_domains.push(AcceptedDomain {
            domain: "fabrikam.com".into(),
            ..AcceptedDomain::default()
        });
        let mut added = event(Time(50 * Time::DAY), Action::Related, "New-AcceptedDomain");
        added.parameters = vec![
            ("Name".into(), "deals".into()),
            ("DomainName".into(), "deals.example".into()),
        ];
        let mut removed = event(Time(60 * Time::DAY), Action::Related, "Remove-AcceptedDomain");
        removed.parameters = vec![("Identity".into(), "old.example".into())];
        let timeline = Timeline {
            tenant: vec![added, removed],
            ..Timeline::default()
        };
        let (domains, n) = domains(
            &mut digest,
            &timeline,
            &["deals.example", "old.example", "fabrikam.com"],
        );
        let at = |name: u32, day: i64| domains.standing(name, day * Time::DAY);
        assert_eq!((at(n[0], 49), at(n[0], 55)), (Standing::Foreign, Standing::Fresh));
        assert_eq!((at(n[1], 59), at(n[1], 61)), (Standing::Own, Standing::Foreign));
        assert_eq!(at(n[2], 0), Standing::Own);
    }

    #[test]
    fn tenants_below_onmicrosoft_are_strangers_to_each_other() {
        assert_eq!(
            organizational_domain("contoso.mail.onmicrosoft.com"),
            "contoso.onmicrosoft.com"
        );
        assert_eq!(
            organizational_domain("fabrikam.onmicrosoft.com."),
            "fabrikam.onmicrosoft.com"
        );
        assert_eq!(organizational_domain("a.b.example.co.uk"), "example.co.uk");
    }
}
