//! The grammar of admission messages.
//!
//! In: names and values. Out: text like upstream's. Never: a decision.

use std::collections::BTreeSet;

use super::Violation;

pub(super) fn violation(reason: impl Into<String>, detail: impl Into<String>) -> Violation {
    Violation {
        reason: reason.into(),
        detail: detail.into(),
    }
}

/// The singular for one, else with an `s`.
pub(super) fn plural(noun: &str, count: usize) -> String {
    if count == 1 {
        noun.to_owned()
    } else {
        format!("{noun}s")
    }
}

/// The verb for one subject has the `s`.
pub(super) fn verb(verb: &str, subjects: usize) -> String {
    if subjects == 1 {
        format!("{verb}s")
    } else {
        verb.to_owned()
    }
}

/// `"a", "b"`.
pub(super) fn quoted<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items = items.into_iter();
    let quoted: Vec<String> = items.map(|item| format!("\"{}\"", item.as_ref())).collect();
    quoted.join(", ")
}

/// `containers "a", "b"`.
pub(super) fn named(noun: &str, names: &[&str]) -> String {
    format!("{} {}", plural(noun, names.len()), quoted(names))
}

/// `hostPorts 80, 81`.
pub(super) fn listed(noun: &str, values: &BTreeSet<String>) -> String {
    let all: Vec<&str> = values.iter().map(String::as_str).collect();
    format!("{} {}", plural(noun, values.len()), all.join(", "))
}
