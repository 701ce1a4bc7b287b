//! The layer against the published description of its format.

use serde_json::{Value, json};

use crate::files::{text, written_whole};
use crate::sample;

/// The constraints of "ATT&CK Navigator Layer File Format Definition", version 4.5, as a schema.
fn schema() -> Value {
    let color = json!({"type": "string", "pattern": "^#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?$"});
    let text = json!({"type": "string"});
    let truth = json!({"type": "boolean"});
    let divider = json!({"type": "object", "required": ["divider"], "properties": {"divider": truth}});
    let pair = |a: &str, b: &str, second: Value| json!({"type": "object", "required": [a, b], "properties": {a: text, b: second}});
    let url = json!({"type": "string", "pattern": "^[a-z]+://"});
    let metadata = json!({"type": "array", "items": {"anyOf": [pair("name", "value", text.clone()), divider]}});
    let links = json!({"type": "array", "items": {"anyOf": [pair("label", "url", url), divider]}});
    json!({
        "type": "object",
        "required": ["name", "domain"],
        "additionalProperties": false,
        "properties": {
            "versions": {
                "type": "object",
                "required": ["navigator", "layer"],
                "additionalProperties": false,
                "properties": {
                    "attack": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$"},
                    "navigator": {"type": "string", "pattern": "^(4\\.(9|[1-9][0-9])|[5-9]\\.[0-9]+)\\.[0-9]+$"},
                    "layer": {"const": "4.5"},
                },
            },
            "name": text,
            "description": text,
            "domain": {"enum": ["enterprise-attack", "mobile-attack", "ics-attack"]},
            "customDataURL": text,
            "filters": {"type": "object"},
            "sorting": {"enum": [0, 1, 2, 3]},
            "layout": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "layout": {"enum": ["side", "flat", "mini"]},
                    "showID": truth,
                    "showName": truth,
                    "showAggregateScores": truth,
                    "countUnscored": truth,
                    "aggregateFunction": {"enum": ["average", "min", "max", "sum"]},
                    "expandedSubtechniques": {"enum": ["none", "all", "annotated"]},
                },
            },
            "hideDisabled": truth,
            "techniques": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["techniqueID"],
                    "additionalProperties": false,
                    "properties": {
                        "techniqueID": {"type": "string", "pattern": "^T[0-9]{4}(\\.[0-9]{3})?$"},
                        "tactic": {"type": "string", "pattern": "^[a-z-]+$"},
                        "comment": text,
                        "enabled": truth,
                        "score": {"type": "number"},
                        "color": color,
                        "metadata": metadata,
                        "links": links,
                        "showSubtechniques": truth,
                    },
                },
            },
            "gradient": {
                "type": "object",
                "required": ["colors", "minValue", "maxValue"],
                "additionalProperties": false,
                "properties": {
                    "colors": {"type": "array", "minItems": 2, "items": color},
                    "minValue": {"type": "number"},
                    "maxValue": {"type": "number"},
                },
            },
            "legendItems": {"type": "array", "items": pair("label", "color", color.clone())},
            "showTacticRowBackground": truth,
            "tacticRowBackground": color,
            "selectTechniquesAcrossTactics": truth,
            "selectSubtechniquesWithParent": truth,
            "selectVisibleTechniques": truth,
            "metadata": metadata,
            "links": links,
        },
    })
}

fn layer() -> Value {
    serde_json::from_str(&text(&written_whole(&sample::report()), "navigator.json")).unwrap()
}

#[test]
fn the_layer_keeps_the_format() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let layer = layer();
    let faults: Vec<String> = validator
        .iter_errors(&layer)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert_eq!(faults, Vec::<String>::new());
    let gradient = &layer["gradient"];
    assert!(gradient["maxValue"].as_f64() > gradient["minValue"].as_f64());
}

#[test]
fn the_schema_refuses_other_layers() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let breaches: [(&str, Value); 5] = [
        ("/versions/layer", "4.4".into()),
        ("/versions/navigator", "4.8.2".into()),
        ("/domain", "mitre-enterprise".into()),
        ("/techniques/0/techniqueID", "1098".into()),
        ("/gradient/colors", json!(["#fff3b0"])),
    ];
    for (pointer, value) in breaches {
        let mut bad = layer();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
}

#[test]
fn a_technique_has_the_points_of_its_strongest_supported_finding() {
    let layer = layer();
    let techniques = layer["techniques"].as_array().unwrap();
    let ids: Vec<_> = techniques.iter().map(|t| t["techniqueID"].as_str().unwrap()).collect();
    assert_eq!(ids, ["T1098", "T1098.003"]);
    // The account's finding has 2 points, those of the connector 1.25 each; what is contradicted or not assessable
    // is none.
    assert_eq!(techniques[0]["score"], 2.0);
    assert_eq!(layer["gradient"]["maxValue"], 2.0);
    let comment = techniques[0]["comment"].as_str().unwrap();
    assert!(
        comment.starts_with("compromised admin (2.0 points), account it.admin@fabrikam.com: "),
        "{comment}"
    );
    assert_eq!(
        comment.lines().count(),
        7,
        "six findings of the connector, one of the account"
    );
    assert!(!comment.contains("volume dip"), "{comment}");
}

#[test]
fn what_is_no_technique_is_left_out() {
    let mut report = sample::report();
    for connector in &mut report.connectors {
        for indicator in &mut connector.indicators {
            indicator.techniques = vec!["T1098'); DROP".into(), "".into(), "TA0001".into()];
        }
    }
    report.accounts.clear();
    let layer: Value = serde_json::from_str(&text(&written_whole(&report), "navigator.json")).unwrap();
    assert_eq!(layer["techniques"], json!([]));
    assert_eq!(layer["gradient"]["maxValue"], 1.0);
}
