//! remediation.ps1 as PowerShell reads it.

use std::path::Path;

use relaytrail::ingest::Options;
use relaytrail::settings::{Organization, Window};
use tree_sitter::{Node, Parser};

use crate::files::{is_raw_control, text, written};
use crate::sample;

fn parse(script: &str) -> tree_sitter::Tree {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_powershell::LANGUAGE.into())
        .expect("a grammar of a version that the parser knows");
    parser.parse(script, None).expect("no time limit is set")
}

/// Kinds of the nodes below the root, at whatever depth.
fn kinds(node: Node<'_>) -> Vec<&str> {
    let mut cursor = node.walk();
    let children: Vec<Node> = node.children(&mut cursor).collect();
    children
        .into_iter()
        .flat_map(|child| [vec![child.kind()], kinds(child)].concat())
        .collect()
}

#[test]
fn the_grammar_finds_nothing_but_comments() {
    let script = text(&written(&sample::report()), "remediation.ps1");
    // The grammar wants a statement in every script; this one must be the only one.
    let tree = parse(&format!("{script}$null\n"));
    let root = tree.root_node();
    assert!(!root.has_error(), "{}", root.to_sexp());
    let mut cursor = root.walk();
    let children: Vec<&str> = root.children(&mut cursor).map(|c| c.kind()).collect();
    let (last, comments) = children.split_last().expect("the script was read");
    assert_eq!(*last, "statement_list");
    assert_eq!(comments.len(), script.lines().count());
    for kind in comments {
        assert_eq!(*kind, "comment");
    }
    assert!(!kinds(root).contains(&"command"));
}

#[test]
fn the_grammar_would_find_a_command() {
    let tree = parse("# a comment\nRemove-Mailbox x\n");
    assert!(kinds(tree.root_node()).contains(&"command"));
    assert!(parse("Get-X 'a\n").root_node().has_error());
}

#[test]
fn commands_parse_when_they_are_uncommented() {
    let report = sample::report();
    let mut parsed = 0;
    for command in report.response.iter().flat_map(|r| &r.commands) {
        // Two of the sample's are what no writer of this program would make: they test the comments alone.
        if command.contains("SIG #") || command.starts_with("Set-InboundConnector -Identity =cmd") {
            continue;
        }
        let tree = parse(command);
        let root = tree.root_node();
        assert!(!root.has_error(), "{command}: {}", root.to_sexp());
        // One pipeline: nothing in a name started a second statement.
        assert_eq!(root.named_child_count(), 1, "{command}: {}", root.to_sexp());
        parsed += 1;
    }
    assert_eq!(parsed, 2);
}

#[test]
fn the_commands_for_real_evidence_parse() {
    let mut parsed = 0;
    for name in ["compromised", "changed", "partial"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data").join(name);
        let report = relaytrail::analyze(
            &[folder],
            &Options::default(),
            &Organization::default(),
            Window::default(),
        )
        .unwrap();
        for command in report.response.iter().flat_map(|r| &r.commands) {
            let tree = parse(command);
            assert!(
                !tree.root_node().has_error(),
                "{command}: {}",
                tree.root_node().to_sexp()
            );
            parsed += 1;
        }
    }
    assert!(parsed > 10, "{parsed}");
}

#[test]
fn no_line_of_the_script_is_live() {
    let script = text(&written(&sample::report()), "remediation.ps1");
    for line in script.lines() {
        assert!(line == "#" || line.starts_with("# "), "{line:?}");
    }
    assert!(!script.contains(is_raw_control));
    // Nor would one be live that was uncommented by itself.
    assert!(
        !script
            .lines()
            .any(|l| { l.trim_start_matches(['#', ' ']).starts_with("Remove-Mailbox") })
    );
    let at = |title: &str| script.find(title).unwrap();
    assert!(at("1. Identify") < at("2. Revert"));
    assert!(at("2. Revert") < at("3. Unblock"));
    assert!(at("3. Unblock") < at("4. Investigate"));
}
