//! The page in a real browser: what it asks for, what it complains of, who can use it, and on what it fits.
//!
//! Chromium is Debian's package `chromium`, the accessibility rules are the npm package `axe-core`; `.ci/run`
//! installs both. Where one of them is missing the test says so and passes, but fails where `CI` is set.

#[cfg(unix)]
mod browser;
#[cfg(unix)]
mod chromium;
mod large;
mod pages;
#[path = "../report/sample.rs"]
mod sample;

use relaytrail::report::json;

/// The most that the page of a thousand findings may have.
const MOST: u64 = 2_000_000;

#[test]
fn a_thousand_findings_fit_in_two_megabytes() {
    let place = tempfile::TempDir::new().unwrap();
    for (name, page) in pages::of_samples(place.path()) {
        let report = json::read(&page.with_file_name("report.json")).unwrap();
        let large = large::of(report);
        assert!(large::findings(&large) >= 1_000);
        let page = pages::of_report(&large, &place.path().join(format!("large-{name}")));
        let bytes = std::fs::metadata(page).unwrap().len();
        assert!(bytes < MOST, "{name}: {bytes} bytes");
    }
    let page = pages::of_report(&large::of(sample::report()), &place.path().join("hostile"));
    let bytes = std::fs::metadata(page).unwrap().len();
    assert!(bytes < MOST, "hostile: {bytes} bytes");
}
