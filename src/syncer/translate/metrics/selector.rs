//! Label selectors as texts, over labels of virtual objects.
//!
//! In: what stands in a query. Out: whether labels match. Never: a guess at what cannot be read.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>

use serde_json::Value;

/// Requirements, all of which hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LabelSelector(Vec<Requirement>);

/// Why a text is no selector, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotASelector(pub(super) String);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    wanted: Wanted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Present,
    Absent,
    /// One of these.
    In(Vec<String>),
    /// None of these, or no such label.
    NotIn(Vec<String>),
    /// A number above this one.
    Above(i64),
    /// A number below this one.
    Below(i64),
}

impl LabelSelector {
    /// Reads a selector; an empty text selects everything.
    ///
    /// # Errors
    /// When a requirement cannot be read.
    pub(super) fn parse(text: &str) -> Result<Self, NotASelector> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let requirements = split(text).into_iter().map(|part| {
            let part = part.trim();
            let why = || NotASelector(format!("unable to parse requirement: `{part}`"));
            requirement(part).ok_or_else(why)
        });
        requirements.collect::<Result<_, _>>().map(Self)
    }

    /// Whether an object's labels match.
    pub(super) fn matches(&self, labels: &Value) -> bool {
        self.0.iter().all(|Requirement { key, wanted }| {
            let found = labels.get(key).and_then(Value::as_str);
            let has = |values: &[String]| {
                found.is_some_and(|found| values.iter().any(|value| value == found))
            };
            let number = || found?.parse::<i64>().ok();
            match wanted {
                Wanted::Present => found.is_some(),
                Wanted::Absent => found.is_none(),
                Wanted::In(values) => has(values),
                Wanted::NotIn(values) => !has(values),
                Wanted::Above(bound) => number().is_some_and(|number| number > *bound),
                Wanted::Below(bound) => number().is_some_and(|number| number < *bound),
            }
        })
    }
}

/// At commas that are not within brackets.
fn split(text: &str) -> Vec<&str> {
    let mut is_inside = false;
    let outside = |letter: char| {
        match letter {
            '(' => is_inside = true,
            ')' => is_inside = false,
            _ => {}
        }
        letter == ',' && !is_inside
    };
    text.split(outside).collect()
}

fn requirement(text: &str) -> Option<Requirement> {
    let (key, wanted) = if let Some(key) = text.strip_prefix('!') {
        (key, Wanted::Absent)
    } else if let Some((head, values)) = text.split_once('(') {
        let (key, operator) = head.trim_end().split_once(char::is_whitespace)?;
        let values = values.strip_suffix(')')?.split(',').map(value);
        let values = values.collect::<Option<Vec<String>>>()?;
        match operator.trim() {
            "in" => (key, Wanted::In(values)),
            "notin" => (key, Wanted::NotIn(values)),
            _ => return None,
        }
    } else if let Some((key, one)) = text.split_once("!=") {
        (key, Wanted::NotIn(vec![value(one)?]))
    } else if let Some((key, one)) = text.split_once("==").or_else(|| text.split_once('=')) {
        (key, Wanted::In(vec![value(one)?]))
    } else if let Some((key, bound)) = text.split_once('>') {
        (key, Wanted::Above(bound.trim().parse().ok()?))
    } else if let Some((key, bound)) = text.split_once('<') {
        (key, Wanted::Below(bound.trim().parse().ok()?))
    } else {
        (text, Wanted::Present)
    };
    let key = key.trim();
    let is_of_key = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
    (!key.is_empty() && key.chars().all(is_of_key)).then(|| Requirement {
        key: key.to_owned(),
        wanted,
    })
}

fn value(text: &str) -> Option<String> {
    let text = text.trim();
    let is_of_value = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    text.chars().all(is_of_value).then(|| text.to_owned())
}
