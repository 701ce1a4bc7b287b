//! docs/indicators.md says what the program says.

use std::path::Path;

/// `UPDATE_DOCS=1 cargo test --test documentation` writes the file anew.
#[test]
fn the_indicators_page_is_what_explain_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/indicators.md");
    let expected = relaytrail::commands::explain::markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("docs/indicators.md can be written");
    }
    let written = std::fs::read_to_string(&path).expect("docs/indicators.md is there");
    assert!(
        written == expected,
        "docs/indicators.md is not what `relaytrail explain` says; run UPDATE_DOCS=1 cargo test --test documentation"
    );
}
