//! org.toml: what an analyst of a simulated organisation knows and its logs do not say.

use super::time;
use super::world::World;

impl World {
    /// org.toml as an analyst of this organisation would write it.
    pub fn org_toml(&self) -> String {
        let quoted = |items: &[String]| {
            items
                .iter()
                .map(|item| format!("\"{item}\""))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let profile = self.setup.profile;
        let mut networks = vec![profile.site.to_owned(), profile.branch.to_owned()];
        networks.extend(self.more_networks.iter().cloned());
        if !self.knows_hosts {
            networks.clear();
        }
        let domains = [
            profile.domain.to_owned(),
            format!("corp.{}", profile.domain),
            self.tenant.initial_domain.clone(),
        ];
        let admins: Vec<_> = self.tenant.admins.iter().map(|admin| admin.address.clone()).collect();
        let holidays: Vec<_> = profile
            .holidays
            .iter()
            .map(|(year, month, day)| format!("{year}-{month:02}-{day:02}"))
            .collect();
        let mut text = format!(
            "[organization]\nname = \"{}\"\ntime_zone = \"{}\"\naccepted_domains = [{}]\non_premises_ips = [{}]\nconnector_admins = [{}]\nresponders = [{}]\nholidays = [{}]\nlicenses = {}\n",
            profile.name,
            profile.zone.name(),
            quoted(&domains),
            quoted(&networks),
            quoted(&admins),
            quoted(&self.responders),
            quoted(&holidays),
            profile.licenses
        );
        for change in &self.approved {
            text += &format!(
                "\n[[approved_change]]\nconnector = \"{}\"\nfrom = \"{}\"\nto = \"{}\"\nnote = \"{}\"\n",
                change.connector,
                time::iso(change.from),
                time::iso(change.to),
                change.note
            );
        }
        text
    }
}
