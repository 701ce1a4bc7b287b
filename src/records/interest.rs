//! Which operations of the audit log belong to the story, and on what condition. All others only count.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::Workload;
use super::field::trimmed;

/// What becomes of a record, by its operation alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    /// Only counts.
    Count,
    SignIn {
        succeeded: bool,
    },
    Keep(Keep),
}

/// On what condition a record is kept whole; otherwise it only counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Always,
    /// It switches auditing off, or on explicitly. The service itself writes this operation often, saying
    /// nothing but that admin auditing is on.
    AuditSwitch,
    /// No part of the service did it: the service re-applies these settings all the time.
    ByPeople,
    /// It touches strong authentication.
    StrongAuthentication,
}

struct Group {
    keep: Keep,
    workload: Workload,
    /// In lower case, without a full stop at the end, with a plain hyphen.
    operations: &'static [&'static str],
}

const GROUPS: &[Group] = &[
    // The attack itself. Microsoft's page on compromised connectors searches for the first three.
    Group {
        keep: Keep::Always,
        workload: Workload::ExchangeAdmin,
        operations: &[
            "new-inboundconnector",
            "set-inboundconnector",
            "remove-inboundconnector",
            "enable-inboundconnector",
            "disable-inboundconnector",
        ],
    },
    // An attacker who lifts the block, or an administrator who does.
    Group {
        keep: Keep::Always,
        workload: Workload::ExchangeAdmin,
        operations: &["remove-blockedconnector", "remove-blockedsenderaddress"],
    },
    // The way out again; and the sibling that tells a hybrid wizard's run from an imitation.
    Group {
        keep: Keep::Always,
        workload: Workload::ExchangeAdmin,
        operations: &[
            "new-outboundconnector",
            "set-outboundconnector",
            "remove-outboundconnector",
            "enable-outboundconnector",
            "disable-outboundconnector",
        ],
    },
    // Rules that strip the headers which would give the relay away.
    Group {
        keep: Keep::Always,
        workload: Workload::ExchangeAdmin,
        operations: &[
            "new-transportrule",
            "set-transportrule",
            "remove-transportrule",
            "enable-transportrule",
            "disable-transportrule",
        ],
    },
    // A domain added so that mail from it counts as provisioned.
    Group {
        keep: Keep::Always,
        workload: Workload::ExchangeAdmin,
        operations: &["new-accepteddomain", "set-accepteddomain", "remove-accepteddomain"],
    },
    Group {
        keep: Keep::Always,
        workload: Workload::Directory,
        operations: &[
            "add unverified domain",
            "add verified domain",
            "verify domain",
            "verify email verified domain",
            "update domain",
            "remove unverified domain",
            "remove verified domain",
        ],
    },
    // Auditing switched off before the act, for all or for one account.
    Group {
        keep: Keep::AuditSwitch,
        workload: Workload::ExchangeAdmin,
        operations: &["set-adminauditlogconfig"],
    },
    Group {
        keep: Keep::Always,
        workload: Workload::ExchangeAdmin,
        operations: &[
            "set-mailboxauditbypassassociation",
            "new-unifiedauditlogretentionpolicy",
            "set-unifiedauditlogretentionpolicy",
            "remove-unifiedauditlogretentionpolicy",
        ],
    },
    // What the hybrid configuration wizard leaves beside its connectors.
    Group {
        keep: Keep::Always,
        workload: Workload::ExchangeAdmin,
        operations: &[
            "new-onpremisesorganization",
            "set-onpremisesorganization",
            "new-organizationrelationship",
            "set-organizationrelationship",
            "remove-organizationrelationship",
            "set-hybridconfiguration",
            "new-intraorganizationconnector",
            "set-intraorganizationconnector",
        ],
    },
    // Filters loosened so that the relayed mail passes.
    Group {
        keep: Keep::ByPeople,
        workload: Workload::ExchangeAdmin,
        operations: &[
            "set-hostedconnectionfilterpolicy",
            "set-hostedoutboundspamfilterpolicy",
            "set-transportconfig",
        ],
    },
    // The right to change connectors, given to an account or an application.
    Group {
        keep: Keep::Always,
        workload: Workload::ExchangeAdmin,
        operations: &[
            "new-managementroleassignment",
            "add-rolegroupmember",
            "update-rolegroupmember",
        ],
    },
    Group {
        keep: Keep::Always,
        workload: Workload::Directory,
        operations: &[
            "add member to role",
            "add eligible member to role",
            "add app role assignment to service principal",
        ],
    },
    // Another organisation's administrators let in.
    Group {
        keep: Keep::Always,
        workload: Workload::Directory,
        operations: &["add partner to company"],
    },
    // Applications: the actor of 2022 kept access through one after every password was changed.
    Group {
        keep: Keep::Always,
        workload: Workload::Directory,
        operations: &[
            "consent to application",
            "add service principal",
            "add service principal credentials",
            "add application",
            "update application",
            "update application - certificates and secrets management",
            "add delegated permission grant",
            "add owner to application",
            "add owner to service principal",
        ],
    },
    // Accounts made or taken over shortly before.
    Group {
        keep: Keep::Always,
        workload: Workload::Directory,
        operations: &[
            "add user",
            "disable strong authentication",
            "enable strong authentication",
            "reset user password",
            "change user password",
            "reset password (by admin)",
            "reset password (self-service)",
            "change password (self-service)",
            "update stsrefreshtokenvalidfrom timestamp",
            "user registered security info",
            "user registered all required security info",
            "user changed default security info",
            "user deleted security info",
            "admin registered security info",
            "admin updated security info",
            "admin deleted security info",
        ],
    },
    Group {
        keep: Keep::StrongAuthentication,
        workload: Workload::Directory,
        operations: &["update user"],
    },
    // What the service itself noticed.
    Group {
        keep: Keep::Always,
        workload: Workload::Alerts,
        operations: &["alerttriggered", "alertentitygenerated", "alertupdated"],
    },
];

/// The longest operation of the table has 57 bytes.
const LONGEST: usize = 80;

static TABLE: LazyLock<FxHashMap<&'static [u8], (Interest, Workload)>> = LazyLock::new(|| {
    let kept = GROUPS.iter().flat_map(|group| {
        let entry = (Interest::Keep(group.keep), group.workload);
        group
            .operations
            .iter()
            .map(move |operation| (operation.as_bytes(), entry))
    });
    let sign_ins = [("userloggedin", true), ("userloginfailed", false)]
        .map(|(operation, succeeded)| (operation.as_bytes(), (Interest::SignIn { succeeded }, Workload::SignIn)));
    kept.chain(sign_ins).collect()
});

/// What becomes of a record, and which part of the service writes the operation, where the table knows it.
/// Compared without regard to case, white space or a full stop at the ends, and the kind of dash.
pub(super) fn of(operation: &str) -> (Interest, Option<Workload>) {
    let mut buffer = [0u8; LONGEST];
    let found = normalise(operation, &mut buffer).and_then(|plain| TABLE.get(plain));
    found.map_or((Interest::Count, None), |&(interest, workload)| {
        (interest, Some(workload))
    })
}

/// `None` where the text is longer than any operation of the table.
fn normalise<'b>(operation: &str, buffer: &'b mut [u8; LONGEST]) -> Option<&'b [u8]> {
    let plain = trimmed(operation).trim_end_matches('.').trim_end();
    if plain.is_ascii() {
        // Windows PowerShell's ASCII export writes `?` for the en dash.
        let lower = buffer.get_mut(..plain.len())?;
        lower.copy_from_slice(plain.as_bytes());
        lower.make_ascii_lowercase();
        lower.iter_mut().filter(|b| **b == b'?').for_each(|b| *b = b'-');
        return Some(lower);
    }
    let mut length = 0;
    for c in plain.chars() {
        *buffer.get_mut(length)? = match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '?' => b'-',
            c if c.is_ascii() => c.to_ascii_lowercase() as u8,
            _ => return None,
        };
        length += 1;
    }
    buffer.get(..length)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{GROUPS, Interest, Keep, of};
    use crate::records::Workload;

    #[test_case("New-InboundConnector", Interest::Keep(Keep::Always); "a cmdlet")]
    #[test_case("set-inboundconnector ", Interest::Keep(Keep::Always); "case and white space")]
    #[test_case("Add member to role.", Interest::Keep(Keep::Always); "a full stop")]
    #[test_case("Update application – Certificates and secrets management ", Interest::Keep(Keep::Always); "an en dash")]
    #[test_case("Update application ? Certificates and secrets management ", Interest::Keep(Keep::Always); "an en dash lost")]
    #[test_case("Set-AdminAuditLogConfig", Interest::Keep(Keep::AuditSwitch); "the audit switch")]
    #[test_case("Set-TransportConfig", Interest::Keep(Keep::ByPeople); "what the service does too")]
    #[test_case("Update user.", Interest::Keep(Keep::StrongAuthentication); "a user's properties")]
    #[test_case("UserLoggedIn", Interest::SignIn { succeeded: true }; "a sign-in")]
    #[test_case("UserLoginFailed", Interest::SignIn { succeeded: false }; "a failed one")]
    #[test_case("MailItemsAccessed", Interest::Count; "mailbox activity")]
    #[test_case("", Interest::Count; "nothing")]
    #[test_case("Set-InboundConnector’", Interest::Count; "a letter too many")]
    fn settles(operation: &str, expected: Interest) {
        assert_eq!(of(operation).0, expected);
    }

    #[test]
    fn the_table_is_written_as_it_is_compared() {
        for group in GROUPS {
            for operation in group.operations {
                assert_eq!(
                    of(operation),
                    (Interest::Keep(group.keep), Some(group.workload)),
                    "{operation}"
                );
            }
        }
    }

    #[test]
    fn a_long_operation_only_counts() {
        assert_eq!(
            of(&"New-InboundConnector".repeat(1000)),
            (Interest::Count, None::<Workload>)
        );
    }
}
