//! Every threshold, in one table, each with its reason. `[thresholds]` in org.toml overrides them.
//!
//! Microsoft's pages name hardly any; where no source is given they are ours, and calibrated on the project's
//! simulated tenants. The constants of textbook methods (95 % bounds, the tenth that is Winsorised) stand with the
//! methods.

use super::table::table;
use super::weights::SESSION;

/// Indicators that hold a share of the mail against the connector's past.
const SHARES: &[&str] = &[
    "sender_mismatch",
    "unprovisioned_domain",
    "source_ip_mismatch",
    "spam_delivery",
    "unfamiliar_recipients",
];

/// All that look at traffic.
const TRAFFIC: &[&str] = &[
    "volume_spike",
    "volume_dip",
    "sender_mismatch",
    "unprovisioned_domain",
    "source_ip_mismatch",
    "spam_delivery",
    "unfamiliar_recipients",
];

/// Indicators that look at what was done.
const CONDUCT: &[&str] = &[
    "connector_blocked",
    "unexpected_connector",
    "unauthorized_change",
    "compromised_admin",
    "connector_alert",
    "transport_rule_tampering",
    "audit_tampering",
    "short_lived_connector",
    "self_unblock",
];

table! {
    /// What the questions go by.
    pub struct Thresholds {
        /// A log speaks this much beyond its first and last record: exports are asked for in whole days, and a small
        /// tenant writes nothing for hours.
        edge: Days = 1.0, 0.0..7.0, CONDUCT;
        /// The same for a log with a steady background: no night in it is longer than this.
        edge_steady: Hours = 12.0, 0.0..168.0, CONDUCT;
        /// How long before a doubtful change something may lie and still belong to it: the look-back of Microsoft's
        /// own hunting queries for malicious connectors.
        prelude: Days = 7.0, 0.0..90.0, &["compromised_admin", "connector_blocked", "connector_alert", "transport_rule_tampering", "audit_tampering"];
        /// A connector that was there this long before the log begins was not made for what the log shows. A younger
        /// one may have been: attackers are known to wait for weeks.
        established: Days = 30.0, 0.0..365.0, &["unexpected_connector", "compromised_admin", "unauthorized_change"];
        /// A trace of this length has working days, weekends and a month's end in it: shorter ones clear nothing.
        long_trace: Days = 28.0, 1.0..365.0, &[];
        /// How far a rule may stand from a change by another hand and still belong to one story: scripts that make a
        /// connector and its rules do both within minutes.
        same_story: Hours = 1.0, 0.0..168.0, &["transport_rule_tampering", "unexpected_connector"];
        /// So many distinct trace headers removed are a campaign's set; one alone may be a misguided repair.
        headers_full: Count = 3.0, 1.0..20.0, &["transport_rule_tampering"];
        /// A connector made and removed within this time was made for one campaign.
        short_life: Days = 7.0, 0.0..90.0, &["short_lived_connector"];
        /// A change undone within this time was made for one run.
        quick_revert: Days = 1.0, 0.0..90.0, &["short_lived_connector"];
        /// An unblock within this time after the block is in haste: nobody has found out what caused the block.
        hasty_unblock: Days = 1.0, 0.0..90.0, &["self_unblock"];
        /// Anomalies of a session that together weigh this much show that it is someone else's: one that decides alone,
        /// or two that seldom meet.
        strange_session: Points = 1.0, 0.0..4.0, SESSION;
        /// From here on nothing tells whose session it is, and a list that names the account vouches for nothing: a new
        /// network where the account never had one, and no other sign.
        open_session: Points = 0.6, 0.0..4.0, SESSION;
        /// Anomalies of a session that together weigh this much are a weak sign; one alone is what a journey shows.
        odd_session: Points = 0.8, 0.0..1.0, SESSION;
        /// From this weight of its anomalies on a session does not show that it is its owner's, though nothing says that
        /// it is not: a network never seen before, of an account that travels now and then.
        unproven_session: Points = 0.5, 0.0..1.0, SESSION;
        /// Days on which an account must have been seen before its session can be called its owner's.
        session_history: Count = 3.0, 1.0..90.0, &["compromised_admin"];
        /// The longest time that mail may rest without being missing: a weekend with a holiday on either side.
        longest_rest: Days = 4.0, 0.0..30.0, CONDUCT;
        /// The shortest hole in the audit log that is looked at: one empty hour happens to small tenants.
        hole: Hours = 2.0, 1.0..168.0, &["audit_tampering"];
        /// How long an audit switch may take to work: a change made in the meantime still belongs to it. Microsoft
        /// gives 60 minutes.
        switch_delay: Hours = 1.0, 0.0..48.0, &["audit_tampering"];

        /// Days on which an account must have been seen before it has a history: a working week.
        history_least: Count = 5.0, 1.0..90.0, SESSION;
        /// Sign-ins this shortly before an act are of its session, not of its history: a working day.
        session: Hours = 12.0, 1.0..72.0, SESSION;
        /// A network whose first sign-in is no older than this is as new as on the first day: an intruder seldom acts
        /// in his first hour.
        network_fresh: Days = 2.0, 0.0..30.0, SESSION;
        /// Up to here it still counts half: it may have become the owner's, or the intruder waits.
        network_recent: Days = 7.0, 0.0..90.0, SESSION;
        /// A network seen on this many days is one that the account uses.
        network_usual: Count = 3.0, 1.0..90.0, SESSION;
        /// A network seen on no more days than this was passed through, not moved into: a trip's length.
        network_passing: Count = 5.0, 1.0..90.0, SESSION;
        /// This many networks passed through before: an account that travels.
        trips: Count = 2.0, 1.0..90.0, SESSION;
        /// Share of days with a new network in the account's own past (Laplace's rule) below which one is a surprise.
        rare: Figure = 0.15, 0.0..1.0, SESSION;
        /// Below this share a new network is unusual, above it ordinary.
        unusual: Figure = 0.35, 0.0..1.0, SESSION;
        /// So many failed sign-ins from the same new network within a day of the success are looked at.
        few_failures: Count = 2.0, 1.0..1000.0, SESSION;
        /// So many are more than a forgotten password.
        failures: Count = 5.0, 1.0..1000.0, SESSION;
        /// As many as only guessing makes.
        many_failures: Count = 10.0, 1.0..1000.0, SESSION;
        /// Other accounts that failed from the same network: spraying.
        sprayed_accounts: Count = 3.0, 1.0..1000.0, SESSION;
        /// An account must have been seen on so many days before a time of day can be unusual for it.
        hours_known: Count = 10.0, 1.0..90.0, SESSION;
        /// Kilometres an hour that nobody travels: airliners fly 900, and roads and waiting come on top.
        travel_speed: Figure = 1000.0, 100.0..100000.0, SESSION;
        /// Kilometres below which no journey is looked at: databases place many addresses in the provider's city.
        travel_least: Figure = 500.0, 0.0..20000.0, SESSION;
        /// Power given to an application this shortly before its first connector change was given for it.
        given_just_before: Days = 7.0, 0.0..90.0, SESSION;
        /// All parts of a run of the hybrid configuration wizard lie this close together: it takes minutes.
        wizard_run: Hours = 0.5, 0.0..24.0, &["unauthorized_change", "unexpected_connector"];
        /// An application that an admin has just set up does its own work within this time.
        installed: Days = 1.0, 0.0..30.0, &["unauthorized_change", "unexpected_connector"];
        /// An application that made other admin changes this long before is one that the organisation lives with.
        settled: Days = 14.0, 0.0..365.0, &["unauthorized_change", "unexpected_connector"];

        /// Fewer past days of a class (weekday, weekend or holiday) than this cannot be judged by.
        class_least: Count = 3.0, 1.0..90.0, &["volume_spike", "volume_dip"];
        /// From this many past days of a class on the history counts whole.
        class_full: Count = 10.0, 1.0..90.0, &["volume_spike"];
        /// The smallest variance-to-mean ratio of daily counts that is believed: mail is never as even as Poisson's
        /// law.
        least_dispersion: Figure = 1.3, 1.01..100.0, &["volume_spike", "volume_dip"];
        /// A probability under the past, corrected for the number of tests, below which chance is not believed.
        improbable: Figure = 0.001, 0.0..0.5, TRAFFIC;
        /// Below this the sign is strong.
        very_improbable: Figure = 0.000001, 0.0..0.5, TRAFFIC;
        /// No day with fewer messages than this is a jump, whatever the past.
        jump_least: Count = 20.0, 0.0..100000.0, &["volume_spike"];
        /// A jump is at least this many times the median of the past, and jump_above messages more: quiet connectors
        /// double easily.
        jump_medians: Figure = 2.0, 1.0..1000.0, &["volume_spike"];
        /// What a jump must have beyond jump_medians times the median of the past.
        jump_above: Count = 10.0, 0.0..100000.0, &["volume_spike"];
        /// A jump is at least this many times what was expected (for a strong sign, and to end a baseline).
        jump_ratio: Figure = 3.0, 1.0..1000.0, &["volume_spike"];
        /// Slack of the cumulative sum (Page's k), in standard deviations: half of the shift that it is to find.
        ramp_slack: Figure = 0.5, 0.0..4.0, &["volume_spike"];
        /// Alarm of the cumulative sum (Page's h).
        ramp_alarm: Figure = 6.0, 0.0..100.0, &["volume_spike"];
        /// The same for a short past, which knows its mean less well.
        ramp_alarm_short: Figure = 8.0, 0.0..100.0, &["volume_spike"];
        /// A past of no more days than this is short for the cumulative sum.
        ramp_short_past: Count = 28.0, 0.0..365.0, &["volume_spike"];
        /// A ramp must reach this many times what was expected of its days.
        ramp_ratio: Figure = 2.0, 1.0..1000.0, &["volume_spike"];
        /// Messages an hour that are a burst for a connector without a past: the figure of the queries in Microsoft's
        /// XDR playbook on malicious Exchange connectors.
        burst: Count = 100.0, 1.0..1000000.0, &["volume_spike"];
        /// A burst this soon after creation is what the connector was made for.
        burst_soon: Hours = 24.0, 0.0..8760.0, &["volume_spike"];
        /// Share of the tenant's outbound mail that is large for a connector without a past.
        tenant_share_large: Figure = 0.5, 0.0..1.0, &["volume_spike"];
        /// Share that is notable beside another sign.
        tenant_share_notable: Figure = 0.2, 0.0..1.0, &["volume_spike"];
        /// Part of the tenant's daily limit of external recipients that is large for a connector without a past.
        limit_part_large: Figure = 0.5, 0.0..1.0, &["volume_spike"];
        /// Part that is notable beside another sign.
        limit_part_notable: Figure = 0.25, 0.0..1.0, &["volume_spike"];
        /// Fewer expected messages a day than this cannot fall noticeably.
        dip_expected: Count = 10.0, 1.0..100000.0, &["volume_dip"];
        /// What happened this long before a fall may explain it.
        dip_explained: Days = 2.0, 0.0..30.0, &["volume_dip"];

        /// How long after a doubtful event the trace must go on before silence means anything.
        watched: Days = 7.0, 0.0..90.0, TRAFFIC;
        /// A past of fewer days than this is no habit, however much mail it has.
        past_days: Count = 3.0, 1.0..90.0, TRAFFIC;
        /// Share of judged days that may lack any trace before silence means nothing.
        days_missing: Figure = 0.2, 0.0..1.0, TRAFFIC;
        /// Share of a connector's mail that may fit other connectors as well before silence means nothing.
        contested: Figure = 0.1, 0.0..1.0, TRAFFIC;
        /// So many messages without a sign count whole against it; fewer count in proportion.
        sure: Count = 50.0, 1.0..100000.0, SHARES;
        /// A past frozen by a split of the trace keeps at least this many days.
        split_past: Count = 14.0, 1.0..365.0, TRAFFIC;
        /// How long before a block or an alert the mail that caused it may have begun.
        lead: Days = 7.0, 0.0..90.0, TRAFFIC;
        /// From this many messages on a past can carry a strong statement.
        past_full: Count = 50.0, 1.0..100000.0, SHARES;
        /// A strong statement on a share needs this many cases.
        strong_least: Count = 20.0, 1.0..100000.0, SHARES;

        /// Fewer messages with a foreign header sender than this are nothing.
        mismatch_least: Count = 10.0, 1.0..100000.0, &["sender_mismatch"];
        /// The lower bound of their share must lie above this.
        mismatch_floor: Figure = 0.05, 0.0..1.0, &["sender_mismatch"];
        /// The same where there is nothing at all to compare with.
        mismatch_floor_alone: Figure = 0.2, 0.0..1.0, &["sender_mismatch"];
        /// Its odds must be this many times those of the past: still possible where most of the past is so.
        mismatch_odds: Figure = 3.0, 1.0..1000.0, &["sender_mismatch"];
        /// A past of fewer messages than this is none.
        mismatch_past: Count = 20.0, 1.0..100000.0, &["sender_mismatch"];
        /// Fewer messages from unprovisioned domains than this are nothing.
        unprovisioned_least: Count = 5.0, 1.0..100000.0, &["unprovisioned_domain"];
        /// The lower bound of their share must lie above this: one campaign among much ordinary mail is still one.
        unprovisioned_floor: Figure = 0.005, 0.0..1.0, &["unprovisioned_domain"];
        /// Its odds must be this many times those of new names in the past.
        unprovisioned_odds: Figure = 3.0, 1.0..1000.0, &["unprovisioned_domain"];
        /// A past of fewer messages than this is none.
        unprovisioned_past: Count = 20.0, 1.0..100000.0, &["unprovisioned_domain"];
        /// A domain accepted less than this long before its mail counts as good as not provisioned, and vouches for
        /// no certificate.
        domain_fresh: Days = 30.0, 0.0..365.0, &["unprovisioned_domain"];
        /// Fewer messages from new hosts than this are nothing against a past.
        source_least: Count = 3.0, 1.0..100000.0, &["source_ip_mismatch"];
        /// The lower bound of their share must lie above this.
        source_floor: Figure = 0.001, 0.0..1.0, &["source_ip_mismatch"];
        /// Its odds must be this many times those of the past's own changes of hosts.
        source_odds: Figure = 3.0, 1.0..1000.0, &["source_ip_mismatch"];
        /// A past of fewer messages than this does not say how often hosts change.
        source_past: Count = 20.0, 1.0..100000.0, &["source_ip_mismatch"];
        /// So many messages from hosts that org.toml does not list are no stray.
        source_many: Count = 10.0, 1.0..100000.0, &["source_ip_mismatch"];
        /// Old hosts that send less than this share of the mail have fallen silent.
        source_silent: Figure = 0.05, 0.0..1.0, &["source_ip_mismatch"];
        /// An admin's sign-in address vouches for a host only if it was used on this many days before any doubt.
        source_seen: Count = 3.0, 1.0..90.0, &["source_ip_mismatch"];
        /// Fewer unwanted messages than this are nothing.
        spam_least: Count = 5.0, 1.0..100000.0, &["spam_delivery"];
        /// The lower bound of their share must lie above this.
        spam_floor: Figure = 0.05, 0.0..1.0, &["spam_delivery"];
        /// It must be this many times the upper bound of the past's.
        spam_ratio: Figure = 3.0, 1.0..1000.0, &["spam_delivery"];
        /// A past of fewer messages than this is none.
        spam_past: Count = 20.0, 1.0..100000.0, &["spam_delivery"];
        /// Without a past, a lower bound above this is much by any measure.
        spam_much: Figure = 0.2, 0.0..1.0, &["spam_delivery"];
        /// Fewer new recipients than this are nothing.
        recipients_least: Count = 20.0, 1.0..100000.0, &["unfamiliar_recipients"];
        /// The lower bound of their share must lie above this.
        recipients_floor: Figure = 0.2, 0.0..1.0, &["unfamiliar_recipients"];
        /// Its odds must be this many times what the past brings at that number.
        recipients_odds: Figure = 3.0, 1.0..1000.0, &["unfamiliar_recipients"];
        /// Deliveries of the past without which there is no yardstick.
        recipients_past: Count = 50.0, 1.0..100000.0, &["unfamiliar_recipients"];
        /// With less trace than this before the time judged every recipient looks new.
        recipients_reference: Days = 14.0, 1.0..365.0, &["unfamiliar_recipients"];

        /// How long after one another the parts of a chain of events may lie: as long as what precedes a change.
        chain: Days = 7.0, 0.0..90.0, &[];
        /// Fewer messages of the new hosts than this are a stray or a test, and no part of a chain.
        chain_least: Count = 3.0, 1.0..100000.0, &[];
        /// So many unwanted messages from the new source are a verdict against it; one alone is a filter's mistake.
        chain_unwanted: Count = 5.0, 1.0..100000.0, &[];
        /// How long after the first sign in the mail an act may stand that still counts as its cause: windows open at
        /// the start of a day.
        cause_slack: Days = 1.0, 0.0..30.0, &[];
    }
}
