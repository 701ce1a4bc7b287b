//! A report as an attacker would like it: every kind of hostile text in every place that shows text.

use relaytrail::report::model::*;
use relaytrail::verdict::quote::quote;
use serde_json::json;

/// Markup, a formula, quotes of two kinds, line breaks, a cursor movement, a direction override and a PowerShell way out.
pub const HOSTILE: &str = "=cmd|'/c calc'!A0<script>alert(1)</script>\"\u{2019}; calc #`$(calc)\r\nRemove-Mailbox\u{2028}\u{85}\u{1b}[2J\u{202e}txt.exe";

const INDICATORS: [&str; 16] = [
    "volume_spike",
    "volume_dip",
    "sender_mismatch",
    "unprovisioned_domain",
    "connector_blocked",
    "unexpected_connector",
    "unauthorized_change",
    "compromised_admin",
    "source_ip_mismatch",
    "spam_delivery",
    "unfamiliar_recipients",
    "connector_alert",
    "transport_rule_tampering",
    "audit_tampering",
    "short_lived_connector",
    "self_unblock",
];

/// Two connectors, the second with the hostile name; an account; the tenant; losses; everything filled in.
pub fn report() -> Report {
    Report {
        schema_version: SCHEMA_VERSION.into(),
        tool: Tool {
            name: "relaytrail".into(),
            version: "0.1.0".into(),
        },
        summary: Summary {
            verdict: Verdict::LikelyCompromised,
            headline:
                "Inbound from HQ Exchange is likely compromised since 2026-04-04 00:55 UTC: an address was added \
                       by an administrator whose session was not their own."
                    .into(),
            organization: Some("Fabrikam <b>".into()),
            time_zone: Some("Europe/Berlin".into()),
            connectors: 2,
            audit_records: 1300,
            audit_duplicates: 40,
            trace_records: 52_010,
            trace_duplicates: 1000,
            rejected: 3,
        },
        scale: Some(Scale {
            prior: -4.0,
            suspicious: 0.0,
            likely: 2.0,
            rest_of_group: 0.25,
        }),
        evidence: vec![
            exhibit("ual.csv", "audit_log", 1300, 40, 1, 'a'),
            exhibit("MTDetail.csv", "message_trace", 52_010, 1000, 2, 'b'),
        ],
        unreadable: vec![Unreadable {
            path: "locked.csv".into(),
            reason: "permission denied".into(),
        }],
        coverage: coverage(),
        connectors: vec![quiet_connector(), hostile_connector()],
        accounts: vec![Account {
            id: "it.admin@fabrikam.com".into(),
            kind: "user".into(),
            verdict: Verdict::LikelyCompromised,
            score: 2.0,
            addresses: vec![Whence {
                address: "91.219.236.10".into(),
                place: Some(HOSTILE.into()),
                first_time: "2026-04-04T00:55:00Z".into(),
                last_time: "2026-04-04T00:56:00Z".into(),
                deeds: 2,
            }],
            indicators: vec![indicator("compromised_admin", State::Supported, 2.0)],
        }],
        tenant: Tenant {
            indicators: vec![indicator("audit_tampering", State::Contradicted, -0.1)],
            timeline: vec![event("2026-04-04T00:54:59.5Z", "related", &[])],
        },
        response: response(),
        suspect_messages: vec![SuspectMessage {
            time: "2026-04-04T01:00:00Z".into(),
            network_message_id: Some("3f2504e0-4f89-11d3-9a0c-0305e82c3301".into()),
            message_id: Some(format!("<{HOSTILE}>")),
            recipient: Some("@victim.example".into()),
            p1: Some("-billing@fabrikam.com".into()),
            p2: Some(HOSTILE.into()),
            source: None,
            connector: HOSTILE.into(),
            why: "+ sent after the change".into(),
            citation: citation("MTDetail.csv", 4711),
        }],
        geoip: vec![Named {
            database: HOSTILE.into(),
            built: "2026-03-01T00:00:00Z".into(),
            sha256: "c".repeat(64),
        }],
        overrides: vec![Override {
            table: "weights".into(),
            name: "volume_spike.weak".into(),
            default: 0.7,
            value: 0.5,
        }],
        rejected_rows: vec![RejectedRow {
            path: "ual.csv".into(),
            record: 18,
            byte_offset: 21_000,
            what: "degraded".into(),
            reason: "\t=AuditData ends in the middle".into(),
        }],
    }
}

fn exhibit(path: &str, kind: &str, records: u64, duplicates: u64, rejected: u64, hash: char) -> Exhibit {
    Exhibit {
        path: path.into(),
        sha256: hash.to_string().repeat(64),
        bytes: 1_048_576,
        kind: kind.into(),
        format: "historical_search_extended".into(),
        encoding: "utf-16le".into(),
        compression: None,
        records,
        accepted: records - duplicates - rejected,
        degraded: 0,
        duplicates,
        rejected,
        first_time: Some("2026-03-02T07:00:00Z".into()),
        last_time: Some("2026-04-10T12:30:00.125Z".into()),
        time_note: Some("day-first dates, settled by 214 rows".into()),
        warning: None,
        notes: vec![HOSTILE.into()],
    }
}

fn coverage() -> Vec<Coverage> {
    let family = |family: &str, state, how: Option<&str>| Coverage {
        family: family.into(),
        state,
        first_time: (state != CoverageState::Missing).then(|| "2026-03-02T07:00:00Z".into()),
        last_time: (state != CoverageState::Missing).then(|| "2026-04-10T12:30:00Z".into()),
        gaps: vec![],
        why: format!("why the {family} family is judged so"),
        how_to_collect: how.map(Into::into),
    };
    let mut audit = family(
        "audit_log",
        CoverageState::Partial,
        Some("Search-UnifiedAuditLog -StartDate …"),
    );
    audit.gaps.push(Gap {
        from: Some("2026-03-10T00:00:00Z".into()),
        to: None,
        reason: "the export ends at 5000 rows".into(),
        how_to_collect: Some("Search-UnifiedAuditLog -StartDate 2026-03-10T00:00:00Z".into()),
    });
    vec![
        audit,
        family("message_trace", CoverageState::Complete, None),
        family("sign_in_log", CoverageState::Missing, Some("Get-MgAuditLogSignIn -All")),
        family("inbound_connectors", CoverageState::Complete, None),
        family("accepted_domains", CoverageState::Complete, None),
        family(
            "blocked_connectors",
            CoverageState::Missing,
            Some("Get-BlockedConnector | Format-List"),
        ),
    ]
}

fn quiet_connector() -> Connector {
    Connector {
        name: "Inbound from Printer".into(),
        names: vec!["Inbound from Printer".into()],
        id: None,
        kind: None,
        present_in_snapshot: false,
        verdict: Verdict::NotAssessable,
        score: -0.02,
        score_low: -0.7,
        score_high: 1.9,
        score_shape: None,
        score_parts: vec![],
        since: None,
        story: vec![],
        reasons: vec![],
        adjustments: vec![],
        indicators: INDICATORS.map(|id| indicator(id, State::NotAssessable, 0.0)).into(),
        timeline: vec![],
        related_left_out: 0,
        traffic: Traffic::default(),
    }
}

fn hostile_connector() -> Connector {
    let change = |parameter: &str, before: Option<&str>, after: Option<&str>, before_known| Change {
        parameter: parameter.into(),
        before: before.map(Into::into),
        after: after.map(Into::into),
        before_known,
    };
    Connector {
        name: HOSTILE.into(),
        names: vec!["Inbound from HQ Exchange".into(), HOSTILE.into()],
        id: Some("c1d2e3f4-0000-4000-8000-000000000001".into()),
        kind: Some("OnPremises".into()),
        present_in_snapshot: true,
        verdict: Verdict::LikelyCompromised,
        // Needs all its digits: the text of this value must come back as the same value.
        score: 4.2_f64.next_up(),
        score_low: 3.9,
        score_high: 5.0,
        score_shape: Some("host".into()),
        score_parts: vec![
            part("prior", None, -4.0, -4.0),
            part("connector_blocked", Some("vendor"), 3.5, 3.5),
            part("connector_alert", Some("vendor"), 3.0, 0.75),
            part("spam_delivery", Some("<i>"), 4.45, 4.45),
            part("hybrid_wizard", None, -0.5, -0.5),
        ],
        since: Some(Since {
            time: "2026-04-04T00:55:00Z".into(),
            event: Some(1),
            indicator: None,
        }),
        story: vec![StoryLink {
            time: "2026-04-04T00:55:00Z".into(),
            stage: "change".into(),
            summary: format!("{HOSTILE} changed it."),
            citations: vec![citation("ual.csv", 17)],
        }],
        reasons: (1..=6)
            .map(|n| {
                format!(
                    "Reason {n}: {HOSTILE} sent 4120 messages on the day after the change, where 31.5 were expected"
                )
            })
            .collect(),
        adjustments: vec![Adjustment {
            id: "hybrid_wizard".into(),
            points: -0.5,
            summary: "a complete run of the hybrid wizard".into(),
            citations: vec![citation("ual.csv", 18)],
        }],
        indicators: INDICATORS
            .iter()
            .zip(
                [State::Supported, State::Contradicted, State::NotAssessable]
                    .iter()
                    .cycle(),
            )
            .map(|(id, state)| indicator(id, *state, 1.25))
            .collect(),
        timeline: vec![
            event(
                "2026-03-02T08:00:00Z",
                "created",
                &[change("Name", None, Some("Inbound from HQ Exchange"), true)],
            ),
            Event {
                intended: Some(false),
                intended_because: Some("nobody approved it".into()),
                ..event(
                    "2026-04-04T00:55:00Z",
                    "changed",
                    &[
                        change("Name", Some("Inbound from HQ Exchange"), Some(HOSTILE), true),
                        change(
                            "SenderIPAddresses",
                            Some(""),
                            Some("81.2.69.160/28;91.219.236.10"),
                            true,
                        ),
                        change("TlsSenderCertificateName", None, Some("@evil.example"), false),
                    ],
                )
            },
            Event {
                succeeded: false,
                ..event(
                    "2026-04-04T00:55:00.25Z",
                    "removed",
                    &[change("Comment", Some("x"), None, true)],
                )
            },
        ],
        related_left_out: 0,
        traffic: Traffic {
            messages: 4151,
            recipients: 9000,
            attribution: Some("Tied to the connector by sender address in time.".into()),
            by_day: vec![
                day("2026-04-03", 31, 1, Some(31.5)),
                day("2026-04-04", 4120, 2000, Some(33.25)),
                day("2026-04-05", 0, 0, None),
            ],
            top_sources: vec![top("91.219.236.10")],
            top_senders: vec![top(HOSTILE)],
            top_recipient_domains: vec![top("victim.example")],
            comparison: Some(Comparison {
                past: Window {
                    from: "2026-03-02T07:00:00Z".into(),
                    to: "2026-04-04T00:55:00Z".into(),
                },
                judged: Window {
                    from: "2026-04-04T00:55:00Z".into(),
                    to: "2026-04-05T12:00:00Z".into(),
                },
                because: format!("frozen at {HOSTILE}"),
                recipients_before: 400,
                recipients_after: 8000,
                sources: vec![compared("91.219.236.10", 0, 7990), compared("81.2.69.160", 400, 10)],
                senders: vec![compared(HOSTILE, 0, 8000)],
                recipient_domains: vec![compared("customer.example", 400, 0)],
            }),
        },
    }
}

fn part(id: &str, group: Option<&str>, given: f64, points: f64) -> ScorePart {
    ScorePart {
        id: id.into(),
        group: group.map(Into::into),
        given,
        points,
    }
}

fn compared(value: &str, before: u64, after: u64) -> Compared {
    Compared {
        value: value.into(),
        before,
        after,
    }
}

fn day(day: &str, messages: u64, spam: u64, expected: Option<f64>) -> TrafficDay {
    TrafficDay {
        day: day.into(),
        messages,
        recipients: messages * 2,
        spam,
        expected,
    }
}

fn top(value: &str) -> Top {
    Top {
        value: value.into(),
        place: Some(HOSTILE.into()),
        messages: 4000,
        recipients: 8000,
    }
}

fn indicator(id: &str, state: State, points: f64) -> Indicator {
    let facts = json!({"expected": 0.1 + 0.2, "who": HOSTILE, "days": [1, 2]});
    Indicator {
        id: id.into(),
        state,
        points: if state == State::NotAssessable { 0.0 } else { points },
        summary: format!("What {id} found about {HOSTILE}."),
        facts: facts.as_object().cloned().unwrap_or_default(),
        needs: if state == State::NotAssessable {
            vec!["Get-BlockedConnector | Format-List".into()]
        } else {
            vec![]
        },
        window: Some(Window {
            from: "2026-04-04T00:55:00Z".into(),
            to: "2026-04-05T00:00:00Z".into(),
        }),
        techniques: vec!["T1098".into(), "T1098.003".into()],
        citation_count: 1240,
        citations: vec![citation("ual.csv", 17), citation("MTDetail.csv", 1)],
    }
}

fn event(time: &str, action: &str, changes: &[Change]) -> Event {
    Event {
        time: time.into(),
        action: action.into(),
        operation: Some("Set-InboundConnector".into()),
        actor: Some(HOSTILE.into()),
        actor_kind: "user".into(),
        client_ip: Some("91.219.236.10".into()),
        client_place: Some("NL (Amsterdam), AS64500 Example Hosting".into()),
        intended: None,
        intended_because: None,
        no_op: false,
        succeeded: true,
        changes: changes.to_vec(),
        summary: format!("{HOSTILE} was {action}."),
        citations: vec![citation("ual.csv", 17), citation("ual.csv", 18)],
    }
}

fn citation(path: &str, record: u64) -> Citation {
    Citation {
        path: path.into(),
        record,
        byte_offset: record * 1231,
        id: None,
    }
}

fn response() -> Vec<Response> {
    let name = quote(HOSTILE);
    let step = |step: &str, commands: Vec<String>, links: &[&str]| Response {
        step: step.into(),
        connector: Some(HOSTILE.into()),
        why: format!("{HOSTILE} relays for a stranger"),
        commands,
        links: links.iter().map(ToString::to_string).collect(),
        citations: (1..=7).map(|record| citation(HOSTILE, record)).collect(),
    };
    vec![
        step(
            "investigate",
            vec!["Get-MgUser -UserId 'it.admin@fabrikam.com'".into()],
            &[
                "javascript:alert(1)",
                "https://learn.microsoft.com/defender-office-365/connectors-detect-respond-to-compromise",
            ],
        ),
        step(
            "identify",
            vec![format!("Get-InboundConnector -Identity {name} | Format-List")],
            &[],
        ),
        // A command that forgot to quote must still be a comment, line by line.
        step(
            "revert",
            vec![
                format!("Set-InboundConnector -Identity {HOSTILE}"),
                "#requires -Modules x\nSIG # Begin".into(),
            ],
            &[],
        ),
    ]
}
