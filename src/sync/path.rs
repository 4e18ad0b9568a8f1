//! Where a field is in an object.
//!
//! In: a text such as `spec.tls[*].secretName` or `metadata.annotations["example.com/secret"]`. Out: the values
//! that are there, to be read or changed. Never: makes a field that is not there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One step into an object.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// The field of this name.
    Field(String),
    /// Every element of a list, or every value of a map.
    Each,
}

/// Where a field is: names, `[*]` for all that is in a list or map, `["…"]` for a name with dots in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path(Vec<Step>);

impl Path {
    /// One that is written in this program.
    pub(super) fn known(text: &str) -> Self {
        // Each of them is parsed by a test.
        text.parse().unwrap_or(Self(Vec::new()))
    }

    /// Calls `change` with each value that is there.
    pub fn change(&self, object: &mut Value, change: &mut impl FnMut(&mut Value)) {
        fn walk(value: &mut Value, steps: &[Step], change: &mut impl FnMut(&mut Value)) {
            match steps.split_first() {
                None => change(value),
                Some((Step::Field(name), rest)) => {
                    if let Some(value) = value.get_mut(name.as_str()) {
                        walk(value, rest, change);
                    }
                }
                Some((Step::Each, rest)) => match value {
                    Value::Array(all) => all.iter_mut().for_each(|one| walk(one, rest, change)),
                    Value::Object(all) => {
                        all.values_mut().for_each(|one| walk(one, rest, change));
                    }
                    _ => {}
                },
            }
        }
        walk(object, &self.0, change);
    }

    /// The texts that are there and not empty.
    pub fn texts<'a>(&self, object: &'a Value) -> Vec<&'a str> {
        let mut values = vec![object];
        for step in &self.0 {
            let next = values.into_iter().flat_map(|value| -> Vec<&Value> {
                match (step, value) {
                    (Step::Field(name), _) => value.get(name.as_str()).into_iter().collect(),
                    (Step::Each, Value::Array(all)) => all.iter().collect(),
                    (Step::Each, Value::Object(all)) => all.values().collect(),
                    (Step::Each, _) => Vec::new(),
                }
            });
            values = next.collect();
        }
        let texts = values.into_iter().filter_map(Value::as_str);
        texts.filter(|text| !text.is_empty()).collect()
    }

    /// Removes the field from everything that has it; answers whether there was one that was not null.
    pub fn remove(&self, object: &mut Value) -> bool {
        let mut was_there = false;
        self.remove_where(object, &mut |value| {
            was_there |= !value.is_null();
            true
        });
        was_there
    }

    /// Removes what is null.
    pub fn remove_null(&self, object: &mut Value) {
        self.remove_where(object, &mut |value| value.is_null());
    }

    fn remove_where(&self, object: &mut Value, is_unwanted: &mut impl FnMut(&Value) -> bool) {
        let Some((last, before)) = self.0.split_last() else {
            return;
        };
        let parents = Self(before.to_vec());
        parents.change(object, &mut |parent| match (last, parent) {
            (Step::Field(name), Value::Object(fields)) => {
                let is_there = fields.get(name.as_str()).is_some_and(&mut *is_unwanted);
                if is_there {
                    fields.shift_remove(name.as_str());
                }
            }
            (Step::Each, Value::Object(fields)) => fields.retain(|_, value| !is_unwanted(value)),
            (Step::Each, Value::Array(all)) => all.retain(|value| !is_unwanted(value)),
            _ => {}
        });
    }
}

impl FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is not a path such as `spec.tls[*].secretName` or `metadata.annotations[\"a/b\"]`"
            )
        };
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("[*]") {
                steps.push(Step::Each);
                rest = after;
            } else if let Some(after) = rest.strip_prefix("[\"") {
                let (name, after) = after.split_once("\"]").ok_or_else(wrong)?;
                steps.push(Step::Field(name.to_owned()));
                rest = after;
            } else {
                let after = if steps.is_empty() {
                    rest
                } else {
                    rest.strip_prefix('.').ok_or_else(wrong)?
                };
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, after) = after.split_at(end);
                steps.push(Step::Field(name.to_owned()));
                rest = after;
            }
        }
        let is_named = |step: &Step| !matches!(step, Step::Field(name) if name.is_empty());
        let starts_well = matches!(steps.first(), Some(Step::Field(_)));
        if !starts_well || !steps.iter().all(is_named) {
            return Err(wrong());
        }
        Ok(Self(steps))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Each => formatter.write_str("[*]")?,
                Step::Field(name) if name.contains(['.', '[', '/']) => {
                    write!(formatter, "[\"{name}\"]")?;
                }
                Step::Field(name) if index == 0 => formatter.write_str(name)?,
                Step::Field(name) => write!(formatter, ".{name}")?,
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.to_string()
    }
}
