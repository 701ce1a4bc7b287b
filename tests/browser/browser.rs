//! What holds of every page in a browser.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::chromium::Chromium;
use crate::{large, pages, sample};

/// Widths of a phone and of a desk.
const WIDTHS: [u32; 2] = [360, 1440];
/// A4 between margins of 14 mm, in CSS pixels.
const PAPER: u32 = 688;

/// Elements that reach out of the window, but for those inside a box that scrolls by itself.
const OVERFLOWING: &str = r#"(() => {
    const wide = document.documentElement.clientWidth;
    const found = document.documentElement.scrollWidth > wide ? [`the page is ${document.documentElement.scrollWidth} wide`] : [];
    for (const e of document.body.querySelectorAll("*")) {
        if (e.parentElement.closest(".scroll, .sr, .skip, svg") || e.matches(".skip")) continue;
        const box = e.getBoundingClientRect();
        if (box.width > 0 && (box.right > wide + 1 || box.left < -1)) found.push(e.outerHTML.slice(0, 120));
    }
    return found.slice(0, 5);
})()"#;

/// Links within the page that lead nowhere, ids that two elements have, and citations that lead to no row.
const BROKEN: &str = r##"(() => {
    const found = [];
    const ids = new Map();
    for (const e of document.querySelectorAll("[id]")) ids.set(e.id, (ids.get(e.id) || 0) + 1);
    for (const [id, times] of ids) if (times > 1) found.push(`${times} times ${id}`);
    for (const a of document.querySelectorAll('a[href^="#"]')) {
        const id = a.getAttribute("href").slice(1);
        if (!ids.has(id)) found.push(`${id} of ${a.textContent}`);
    }
    for (const a of document.querySelectorAll(".cites a")) {
        const row = document.getElementById(a.getAttribute("href").slice(1));
        if (!row || row.cells[0].textContent !== a.textContent) found.push(`row ${a.textContent}`);
    }
    return found.slice(0, 5);
})()"##;

/// Headings that skip a level, by their text.
const SKIPPED: &str = r#"(() => {
    let level = 0;
    const found = [];
    for (const h of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
        const own = Number(h.tagName[1]);
        if (own > level + 1) found.push(h.textContent);
        level = own;
    }
    return found;
})()"#;

/// What of the evidence became more than text.
const ALIVE: &str = r#"(() => {
    const found = [...document.querySelectorAll("script, iframe, img, object, embed, form, b, link, base")];
    for (const e of document.querySelectorAll("*"))
        if ([...e.attributes].some(a => a.name.startsWith("on") || /^\s*javascript:/i.test(a.value))) found.push(e);
    return found.map(e => e.outerHTML.slice(0, 120));
})()"#;

/// What breaks the accessibility rules that stand in place of `RULES`.
const AXE: &str = r#"axe.run(document, {
    runOnly: RULES,
    resultTypes: ["violations"],
}).then(r => r.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | ")}`))"#;

/// The browser and the source of the accessibility rules; `None`, loudly, where one is missing and may be.
fn tools() -> Option<(PathBuf, String)> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&path)
        .flat_map(|dir| names.map(|name| dir.join(name)))
        .find(|program| program.is_file());
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe/node_modules/axe-core/axe.min.js");
    let missing = match (program, fs::read_to_string(&rules)) {
        (Some(program), Ok(rules)) => return Some((program, rules)),
        (None, _) => "no Chromium on the PATH (Debian: apt-get install chromium)",
        (_, Err(_)) => "no axe-core (npm install --prefix target/axe --no-save axe-core)",
    };
    assert!(
        std::env::var_os("CI").is_none(),
        "the page was not tested in a browser: {missing}"
    );
    // What a test that passes prints is not shown, but for what it writes by itself.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: the page was not tested in a browser: {missing}"
    );
    None
}

/// One page in the browser.
struct Looked<'a> {
    browser: &'a mut Chromium,
    name: &'a str,
    url: String,
}

impl Looked<'_> {
    fn none(&mut self, what: &str, expression: &str) {
        let found = self.browser.evaluate(expression);
        assert_eq!(found, json!([]), "{}: {what}", self.name);
    }

    fn show(&mut self, width: u32, scheme: &str, media: &str) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.browser.call("Emulation.setDeviceMetricsOverride", metrics);
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        let media = json!({"media": media, "features": features});
        self.browser.call("Emulation.setEmulatedMedia", media);
    }

    /// What does not depend on how it is shown.
    fn stands(&mut self) {
        let url = self.url.clone();
        self.browser.open(&url);
        self.none("links that lead nowhere", BROKEN);
        self.none("headings out of order", SKIPPED);
        self.none("text that came alive", ALIVE);
    }

    fn fits(&mut self) {
        for width in WIDTHS {
            self.show(width, "light", "");
            self.none(&format!("wider than {width}"), OVERFLOWING);
        }
        self.show(PAPER, "light", "print");
        self.none("wider than paper", OVERFLOWING);
    }

    fn is_for_everyone(&mut self, rules: &str) {
        self.browser.evaluate(&format!("{rules}; 0"));
        let all = r#"["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]"#;
        // Of what is dark only the colours differ.
        let colours = r#"["color-contrast", "link-in-text-block"]"#;
        for (width, scheme, of) in [
            (WIDTHS[0], "light", all),
            (WIDTHS[1], "light", all),
            (WIDTHS[1], "dark", colours),
        ] {
            self.show(width, scheme, "");
            self.none(
                &format!("accessibility at {width}, {scheme}"),
                &AXE.replace("RULES", of),
            );
        }
    }

    /// The first key press leads to the answer, and it is seen where the focus is.
    fn has_keys(&mut self) {
        self.show(WIDTHS[1], "light", "");
        for kind in ["keyDown", "keyUp"] {
            let key = json!({"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9});
            self.browser.call("Input.dispatchKeyEvent", key);
        }
        let focus = self.browser.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e); \
             return [e.getAttribute('href'), s.outlineStyle, e.getBoundingClientRect().left >= 0]; })()",
        );
        assert_eq!(focus, json!(["#answer", "solid", true]), "{}", self.name);
    }

    fn prints(&mut self) {
        let pdf = self.browser.call("Page.printToPDF", json!({"preferCSSPageSize": true}));
        let bytes = BASE64_STANDARD
            .decode(pdf["data"].as_str().unwrap_or_default())
            .expect("base 64");
        assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 10_000, "{}", self.name);
    }

    /// The file itself was asked for and nothing else, and the browser had nothing to complain of.
    fn was_quiet(&mut self) {
        assert_eq!(self.browser.requests(), [self.url.as_str()], "{}", self.name);
        assert_eq!(self.browser.complaints(), [""; 0], "{}", self.name);
    }
}

#[test]
fn every_page_holds_in_a_browser() {
    let Some((program, rules)) = tools() else {
        return;
    };
    let place = TempDir::new().unwrap();
    let mut all = pages::of_samples(place.path());
    assert!(all.len() >= 4, "{all:?}");
    all.push((
        "hostile".into(),
        pages::of_report(&sample::report(), &place.path().join("hostile")),
    ));
    let mut browser = Chromium::start(&program);
    for (name, page) in &all {
        let mut looked = Looked {
            browser: &mut browser,
            name,
            url: format!("file://{}", page.display()),
        };
        looked.stands();
        looked.fits();
        looked.is_for_everyone(&rules);
        looked.has_keys();
        looked.prints();
        looked.was_quiet();
    }
    let text: Value = browser.evaluate("document.body.textContent");
    assert!(text.as_str().unwrap_or_default().contains("<script>alert(1)</script>"));

    // A thousand findings: too many for every rule, not too many to stand and to fit.
    let page = pages::of_report(&large::of(sample::report()), &place.path().join("large"));
    let mut looked = Looked {
        browser: &mut browser,
        name: "a thousand findings",
        url: format!("file://{}", page.display()),
    };
    looked.stands();
    looked.fits();
    looked.was_quiet();
}
