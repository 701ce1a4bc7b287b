//! The `Data` of a message's details: `<root><MEP Name="ClientIP" String="…"/>…</root>`. Only this shape is read, and of a
//! text that is cut off as much as stands there.

use std::borrow::Cow;

/// Attributes that hold a value, by its type.
const TYPES: [&str; 7] = ["String", "Integer", "Long", "Blob", "Double", "Bool", "DateTime"];

/// Values that one row may have; a real one has some thirty.
const MOST: usize = 256;

/// Names and values, in the order of the text.
pub(super) fn read(xml: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let mut found = Vec::new();
    for element in xml.split("<MEP ").skip(1).take(MOST) {
        let (mut name, mut value) = (None, None);
        for (key, text) in attributes(element) {
            if key == "Name" {
                name = Some(text);
            } else if TYPES.contains(&key) {
                value = Some(text);
            }
        }
        found.extend(name.zip(value).map(|(name, value)| (unescaped(name), unescaped(value))));
    }
    found
}

/// The first value of a name, without regard to case.
pub(super) fn value<'d>(data: &'d [(Cow<'_, str>, Cow<'_, str>)], name: &str) -> Option<&'d str> {
    let found = data.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_ref())
}

/// The attributes of an element, up to its end or to where the text is cut off.
fn attributes(element: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = element;
    std::iter::from_fn(move || {
        let text = rest.trim_start();
        let (key, after) = text.split_once('=')?;
        if key.contains(['>', '<']) {
            return None;
        }
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let inside = after.get(1..)?;
        let (value, behind) = inside.split_once(quote).unwrap_or((inside, ""));
        rest = behind;
        Some((key.trim(), value))
    })
}

/// The text with its character references resolved; one that is none stays as it is.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let reference = after
            .split_once(';')
            .and_then(|(name, behind)| Some((character(name)?, behind)));
        match reference {
            Some((c, behind)) => {
                plain.push(c);
                rest = behind;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{read, value};

    #[test]
    fn values_of_every_type_are_read_and_unescaped() {
        let xml = r#"<root><MEP Name="ClientIP" String="203.0.113.9"/><MEP Name='RcptCount' Integer="3" /><MEP Name="CustomData" Blob="S:a=&quot;x&quot;;S:b=&lt;1&gt; &amp;&#233;&#xe9; &nothing; &"/><MEP Name="None"/></root>"#;
        let data = read(xml);
        assert_eq!(value(&data, "clientip"), Some("203.0.113.9"));
        assert_eq!(value(&data, "RcptCount"), Some("3"));
        assert_eq!(value(&data, "CustomData"), Some("S:a=\"x\";S:b=<1> &éé &nothing; &"));
        assert_eq!((value(&data, "None"), data.len()), (None, 3));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(xml in r#"(<MEP |Name=|String=|["'=/>&#x;é]|[a-z]{0,3}){0,20}"#) {
            read(&xml);
        }
    }
}
