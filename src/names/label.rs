//! Labels that users give to virtual clusters.

use std::fmt;
use std::str::FromStr;

use crate::labels;

/// Longest name of a key, and longest value, in bytes.
const PART_MAX_BYTES: usize = 63;

/// Longest prefix of a key, in bytes.
const PREFIX_MAX_BYTES: usize = 253;

/// `KEY=VALUE`, as Kubernetes takes it of a label that is not one of ours.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    key: String,
    value: String,
}

impl Label {
    /// `team`, `example.com/team`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// May be empty.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.key, self.value)
    }
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text
            .split_once('=')
            .ok_or("it is not `KEY=VALUE`, as `team=shop`")?;
        let (prefix, name) = match key.split_once('/') {
            Some((prefix, name)) => (Some(prefix), name),
            None => (None, key),
        };
        if !is_part(name) {
            return Err(format!(
                "a key is 1 to {PART_MAX_BYTES} letters, digits, `-`, `_` and `.`, with a letter or digit at \
                 both ends"
            ));
        }
        if !prefix.is_none_or(is_domain) {
            return Err(
                "what stands before the `/` of a key is a domain, as `example.com`".to_owned(),
            );
        }
        if !value.is_empty() && !is_part(value) {
            return Err(format!(
                "a value is up to {PART_MAX_BYTES} letters, digits, `-`, `_` and `.`, with a letter or digit \
                 at both ends"
            ));
        }
        if labels::is_reserved(key) {
            return Err(format!("`{key}` is a label that `vc` gives itself"));
        }
        Ok(Self {
            key: key.to_owned(),
            value: value.to_owned(),
        })
    }
}

fn is_part(text: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.len() <= PART_MAX_BYTES
        && ends(text.bytes().next())
        && ends(text.bytes().last())
        && text.bytes().all(inner)
}

/// A DNS subdomain, RFC 1123.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        is_part(label)
            && label
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.len() <= PREFIX_MAX_BYTES && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_what_kubernetes_takes_for_one() {
        for good in ["a=b", "team=", "example.com/a_b.c=D-1", "a=1.2"] {
            assert_eq!(good.parse::<Label>().unwrap().to_string(), good);
        }
        let long = format!("a={}", "x".repeat(64));
        let bad = [
            "a",
            "=b",
            "-a=b",
            "a-=b",
            "a=-b",
            "a=b c",
            "a b=c",
            "/a=b",
            "Example.com/a=b",
            "a/b/c=d",
            "a=b=c",
            &long,
        ];
        for bad in bad {
            assert!(bad.parse::<Label>().is_err(), "{bad}");
        }
    }

    #[test]
    fn ours_cannot_be_given() {
        for ours in [
            "vc.internal/cluster=x",
            "v.vc.internal/marker=true",
            "app.kubernetes.io/managed-by=x",
            "app.kubernetes.io/version=x",
        ] {
            let refused = ours.parse::<Label>().unwrap_err();
            assert!(refused.contains("gives itself"), "{ours}: {refused}");
        }
        assert!("app.kubernetes.io/part-of=shop".parse::<Label>().is_ok());
    }
}
