//! On which line of a file each key stands.
//!
//! In: the text of a YAML file that the parser has taken. Out: the line of each key, by its path: `spec.cpu`,
//! `spec.sync.kinds`. Never: an error; what cannot be read has no lines.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_saphyr::Spanned;

/// The line of each key, from 1.
pub(super) type Lines = BTreeMap<String, u64>;

/// Looks them up.
pub(super) fn lines(text: &str) -> Lines {
    let found = super::parse_yaml::<Found>(text);
    found.map(|found| found.0).unwrap_or_default()
}

struct Found(Lines);

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut lines = Lines::new();
        let seed = Below {
            path: String::new(),
            lines: &mut lines,
        };
        seed.deserialize(deserializer)?;
        Ok(Self(lines))
    }
}

/// What is below a key.
struct Below<'a> {
    path: String,
    lines: &'a mut Lines,
}

impl<'de> DeserializeSeed<'de> for Below<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Below<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let path = match self.path.as_str() {
                "" => key.value,
                path => format!("{path}.{}", key.value),
            };
            self.lines.insert(path.clone(), key.referenced.line());
            map.next_value_seed(Below {
                path,
                lines: self.lines,
            })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<de::IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_line() {
        let text = "# first\nspec:\n  cpu: 2\n\n  sync:\n    # of these\n    kinds:\n    - pdb\n  \
                    labels: {team: shop}\n";
        let expected = [
            ("spec", 2),
            ("spec.cpu", 3),
            ("spec.labels", 9),
            ("spec.labels.team", 9),
            ("spec.sync", 5),
            ("spec.sync.kinds", 7),
        ];
        let found = lines(text);
        let found: Vec<_> = found
            .iter()
            .map(|(key, line)| (key.as_str(), *line))
            .collect();
        assert_eq!(found, expected);
        assert!(lines("a: [").is_empty());
    }
}
