use super::assignment;

#[test]
fn values_from_the_log_stay_values() {
    assert_eq!(
        assignment("SenderIPAddresses", "81.2.69.160;81.2.69.161"),
        "-SenderIPAddresses @('81.2.69.160', '81.2.69.161')"
    );
    assert_eq!(assignment("SenderDomains", "smtp:*;1"), "-SenderDomains @('smtp:*')");
    assert_eq!(assignment("RequireTls", "True"), "-RequireTls $true");
    assert_eq!(
        assignment("TlsSenderCertificateName", ""),
        "-TlsSenderCertificateName $null"
    );
    assert_eq!(assignment("Comment", "a'b"), "-Comment 'a''b'");
}
