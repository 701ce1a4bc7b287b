//! Two values set against each other, word by word.
//!
//! A list (values joined with `;`) is compared value by value whatever their order, because the order of addresses
//! and domains means nothing; any other text word by word in its order.

use std::collections::BTreeMap;

use super::markup;

/// Words of both texts multiplied: beyond it only what both begin and end with is told apart.
const MOST: usize = 250_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Same,
    Removed,
    Added,
}

impl Mark {
    fn tag(self) -> Option<&'static str> {
        match self {
            Mark::Same => None,
            Mark::Removed => Some("del"),
            Mark::Added => Some("ins"),
        }
    }
}

/// Before and after as markup: what was removed stands in `<del>`, what was added in `<ins>`.
pub fn marked(before: &str, after: &str) -> (String, String) {
    if before.contains(';') || after.contains(';') {
        return (list(before, after, Mark::Removed), list(after, before, Mark::Added));
    }
    let (old, new) = (words(before), words(after));
    let (old_marks, new_marks) = compare(&old, &new);
    (
        text(&old, &old_marks, Mark::Removed),
        text(&new, &new_marks, Mark::Added),
    )
}

/// A value with nothing to set it against.
pub fn plain(value: &str) -> String {
    marked(value, value).0
}

/// The values of a list, those that the other one does not have marked.
fn list(values: &str, others: &str, mark: Mark) -> String {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for other in others.split(';') {
        *left.entry(other.trim()).or_default() += 1;
    }
    let mut out = String::from("<span class=\"values\">");
    for value in values.split(';').filter(|v| !v.trim().is_empty()) {
        let held = left.get_mut(value.trim()).filter(|n| **n > 0);
        let own = if held.is_some() { Mark::Same } else { mark };
        if let Some(n) = held {
            *n -= 1;
        }
        out.push_str("<span>");
        push(&mut out, value.trim(), own);
        out.push_str("</span> ");
    }
    out.truncate(out.trim_end().len());
    out.push_str("</span>");
    out
}

/// A text in words and the white space between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_space = first.is_whitespace();
        let end = rest.find(|c: char| c.is_whitespace() != is_space).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

/// Which words of either text the longest common subsequence holds.
fn compare(old: &[&str], new: &[&str]) -> (Vec<bool>, Vec<bool>) {
    let mut kept = (vec![false; old.len()], vec![false; new.len()]);
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old.iter().rev().zip(new.iter().rev());
    let room = old.len().min(new.len()) - head;
    let tail = tail.take_while(|(a, b)| a == b).count().min(room);
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    for (i, flag) in kept.0.iter_mut().enumerate() {
        *flag = i < head || i >= old_end;
    }
    for (i, flag) in kept.1.iter_mut().enumerate() {
        *flag = i < head || i >= new_end;
    }
    let (a, b) = (&old[head..old_end], &new[head..new_end]);
    if a.len().saturating_mul(b.len()) > MOST {
        return kept;
    }
    // lengths[i][j]: of the longest common subsequence of a[i..] and b[j..].
    let mut lengths = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            lengths[i][j] = if a[i] == b[j] {
                lengths[i + 1][j + 1] + 1
            } else {
                lengths[i + 1][j].max(lengths[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            (kept.0[head + i], kept.1[head + j]) = (true, true);
            (i, j) = (i + 1, j + 1);
        } else if lengths[i + 1][j] >= lengths[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    kept
}

/// The words with those that are not kept marked, neighbours of one mark together.
fn text(words: &[&str], kept: &[bool], mark: Mark) -> String {
    let mut out = String::new();
    let mut at = 0;
    while let Some(&first) = kept.get(at) {
        let run = kept[at..].iter().take_while(|k| **k == first).count();
        let together: String = words[at..at + run].concat();
        // White space alone is no word: it is not marked.
        let is_same = first || together.trim().is_empty();
        push(&mut out, &together, if is_same { Mark::Same } else { mark });
        at += run;
    }
    out
}

fn push(out: &mut String, text: &str, mark: Mark) {
    match mark.tag() {
        None => markup::push(out, text),
        Some(tag) => {
            out.push_str(&format!("<{tag}>"));
            markup::push(out, text);
            out.push_str(&format!("</{tag}>"));
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn a_list_is_compared_by_its_values_whatever_their_order() {
        let (before, after) = marked("81.2.69.160;81.2.69.161;10.0.0.1", "10.0.0.1;81.2.69.160;91.219.236.10");
        assert_eq!(
            before,
            "<span class=\"values\"><span>81.2.69.160</span> <span><del>81.2.69.161</del></span> \
             <span>10.0.0.1</span></span>"
        );
        assert_eq!(
            after,
            "<span class=\"values\"><span>10.0.0.1</span> <span>81.2.69.160</span> \
             <span><ins>91.219.236.10</ins></span></span>"
        );
    }

    #[test]
    fn one_value_that_becomes_a_list_is_a_list() {
        let (before, after) = marked("a", "a;b;a");
        assert_eq!(before, "<span class=\"values\"><span>a</span></span>");
        assert!(
            after.contains("<ins>b</ins>") && after.contains("<ins>a</ins>"),
            "{after}"
        );
    }

    #[test_case("Relay of HQ", "Relay of the HQ", "Relay of HQ", "Relay of <ins>the </ins>HQ"; "a word more")]
    #[test_case("Relay of HQ", "Relay of Hell", "Relay of <del>HQ</del>", "Relay of <ins>Hell</ins>"; "a word for another")]
    #[test_case("True", "False", "<del>True</del>", "<ins>False</ins>")]
    #[test_case("", "x", "", "<ins>x</ins>")]
    #[test_case("<b> a", "<b> c", "&#60;b&#62; <del>a</del>", "&#60;b&#62; <ins>c</ins>"; "markup stays text")]
    fn texts_are_compared_by_their_words(before: &str, after: &str, old: &str, new: &str) {
        assert_eq!(marked(before, after), (old.to_owned(), new.to_owned()));
    }

    #[test]
    fn what_is_kept_and_what_is_marked_is_all_there_was() {
        let (before, after) = ("a b c d e f g", "b x c e  g a");
        let (old, new) = marked(before, after);
        let plain = |t: &str| {
            ["<del>", "</del>", "<ins>", "</ins>"]
                .iter()
                .fold(t.to_owned(), |t, tag| t.replace(tag, ""))
        };
        assert_eq!((plain(&old), plain(&new)), (before.to_owned(), after.to_owned()));
    }

    #[test]
    fn very_long_texts_are_told_apart_where_they_begin_and_end() {
        let middle = |word: &str| format!("same {} end", format!("{word} ").repeat(1_000));
        let (old, new) = marked(&middle("x"), &middle("y"));
        assert!(
            old.starts_with("same <del>x x ") && old.ends_with("</del>  end"),
            "{}",
            &old[..40]
        );
        assert!(new.starts_with("same <ins>y y "), "{}", &new[..40]);
    }
}
