//! Writes small databases in MaxMind's format, for tests.
//!
//! Source of the layout: MaxMind DB File Format Specification, version 2.0.

use std::net::IpAddr;

/// A value of a row.
#[derive(Clone)]
pub enum Value {
    Text(&'static str),
    Number(u32),
    Double(f64),
    Map(Vec<(&'static str, Value)>),
}

use Value::{Double, Map, Number, Text};

/// A row as the city databases have it.
pub fn city(country: &'static str, name: &'static str, latitude: f64, longitude: f64) -> Value {
    Map(vec![
        (
            "country",
            Map(vec![("iso_code", Text(country)), ("geoname_id", Number(1))]),
        ),
        (
            "city",
            Map(vec![("names", Map(vec![("de", Text("-")), ("en", Text(name))]))]),
        ),
        (
            "location",
            Map(vec![
                ("accuracy_radius", Number(20)),
                ("latitude", Double(latitude)),
                ("longitude", Double(longitude)),
            ]),
        ),
    ])
}

/// A row as the databases of network operators have it.
pub fn operator(number: u32, name: &'static str) -> Value {
    Map(vec![
        ("autonomous_system_number", Number(number)),
        ("autonomous_system_organization", Text(name)),
    ])
}

const TYPE_TEXT: u8 = 2;
const TYPE_DOUBLE: u8 = 3;
const TYPE_SHORT: u8 = 5;
const TYPE_NUMBER: u8 = 6;
const TYPE_MAP: u8 = 7;
const TYPE_LONG: u8 = 9;
const TYPE_ARRAY: u8 = 11;

fn head(out: &mut Vec<u8>, kind: u8, size: usize) {
    let (short, more) = match size {
        0..29 => (size as u8, None),
        _ => (29, Some((size - 29) as u8)),
    };
    if kind > 7 {
        out.extend([short, kind - 7]);
    } else {
        out.push(kind << 5 | short);
    }
    out.extend(more);
}

fn text(out: &mut Vec<u8>, value: &str) {
    head(out, TYPE_TEXT, value.len());
    out.extend(value.as_bytes());
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Text(value) => text(out, value),
        Number(value) => {
            head(out, TYPE_NUMBER, 4);
            out.extend(value.to_be_bytes());
        }
        Double(value) => {
            head(out, TYPE_DOUBLE, 8);
            out.extend(value.to_be_bytes());
        }
        Map(entries) => {
            head(out, TYPE_MAP, entries.len());
            for (key, value) in entries {
                text(out, key);
                write(out, value);
            }
        }
    }
}

/// Where a branch of the tree leads.
#[derive(Clone, Copy)]
enum Branch {
    Nowhere,
    Node(usize),
    Data(usize),
}

/// A database of IPv6 and IPv4 networks, given as address, length of the prefix and row; none within another.
pub fn database(kind: &str, rows: &[(&str, u8, Value)]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut tree = vec![[Branch::Nowhere; 2]];
    for (address, length, value) in rows {
        let at = data.len();
        write(&mut data, value);
        // IPv4 lies under ::/96.
        let (bits, length) = match address.parse().expect("an address") {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), 96 + u32::from(*length)),
            IpAddr::V6(v6) => (u128::from(v6), u32::from(*length)),
        };
        let mut node = 0;
        for depth in 0..length {
            let side = (bits >> (127 - depth) & 1) as usize;
            if depth + 1 == length {
                tree[node][side] = Branch::Data(at);
            } else if let Branch::Node(next) = tree[node][side] {
                node = next;
            } else {
                tree.push([Branch::Nowhere; 2]);
                let next = tree.len() - 1;
                tree[node][side] = Branch::Node(next);
                node = next;
            }
        }
    }
    let mut out = Vec::new();
    for branch in tree.iter().flatten() {
        let record = match *branch {
            Branch::Nowhere => tree.len(),
            Branch::Node(node) => node,
            Branch::Data(at) => tree.len() + 16 + at,
        };
        out.extend(&(record as u32).to_be_bytes()[1..]);
    }
    out.extend([0; 16]);
    out.extend(data);
    out.extend(b"\xab\xcd\xefMaxMind.com");
    metadata(&mut out, kind, tree.len() as u32);
    out
}

fn metadata(out: &mut Vec<u8>, kind: &str, nodes: u32) {
    let short = |out: &mut Vec<u8>, key: &str, value: u16| {
        text(out, key);
        head(out, TYPE_SHORT, 2);
        out.extend(value.to_be_bytes());
    };
    head(out, TYPE_MAP, 9);
    short(out, "binary_format_major_version", 2);
    short(out, "binary_format_minor_version", 0);
    text(out, "build_epoch");
    head(out, TYPE_LONG, 8);
    out.extend(1_772_323_200_u64.to_be_bytes());
    text(out, "database_type");
    text(out, kind);
    text(out, "description");
    head(out, TYPE_MAP, 0);
    short(out, "ip_version", 6);
    text(out, "languages");
    head(out, TYPE_ARRAY, 0);
    text(out, "node_count");
    head(out, TYPE_NUMBER, 4);
    out.extend(nodes.to_be_bytes());
    short(out, "record_size", 24);
}
