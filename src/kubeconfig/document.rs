//! One kubeconfig document: reading, printing, and the entries in it.
//!
//! In: text. Out: a JSON object, and text again. Never: drops or reorders what it does not know.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::Record;
use crate::labels;

/// A kubeconfig as it stands in one file; a file that says nothing is an empty one.
pub(super) type Document = Map<String, Value>;

/// What stands in an entry beside its name.
pub(super) type Body = Map<String, Value>;

/// The key of the context in use.
pub(super) const CURRENT_CONTEXT: &str = "current-context";

/// The three lists of named entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Clusters,
    Users,
    Contexts,
}

impl Section {
    pub(super) const ALL: [Self; 3] = [Self::Clusters, Self::Users, Self::Contexts];

    /// The key of the list.
    pub(super) fn list(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::Users => "users",
            Self::Contexts => "contexts",
        }
    }

    /// The key of an entry's body beside its name.
    pub(super) fn body(self) -> &'static str {
        match self {
            Self::Clusters => "cluster",
            Self::Users => "user",
            Self::Contexts => "context",
        }
    }
}

/// Why a text is not a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{message}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct Malformed {
    /// Where, counted from 1, when the place is known.
    pub line: Option<u64>,
    /// What is wrong. Never shows a value: it may be secret.
    pub message: String,
}

impl Malformed {
    pub(super) fn at(line: u64, message: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            message: message.into(),
        }
    }
}

impl From<serde_saphyr::Error> for Malformed {
    fn from(error: serde_saphyr::Error) -> Self {
        let rendered = error.render_with_formatter(&serde_saphyr::UserMessageFormatter);
        // The library says the place at the end; here it is a field.
        let message = rendered.split(" at line ").next().unwrap_or(&rendered);
        Self {
            line: error.location().map(|location| location.line()),
            message: message.trim_end_matches('.').to_owned(),
        }
    }
}

/// Reads a kubeconfig: YAML or JSON, one document.
///
/// Aliases and merge keys are resolved, as kubectl does when it writes. Refused is what could not be
/// written again with the same meaning: duplicate keys, a second document, tags of an application.
pub(super) fn parse(text: &str) -> Result<Document, Malformed> {
    refuse_ambiguous_line_breaks(text)?;
    let mut value: Value = read(text, false)?;
    settle_booleans(&mut value, &read(text, true)?);
    let document = match value {
        Value::Null => Document::new(),
        Value::Object(document) => document,
        _ => return Err(Malformed::at(1, "it is not a mapping")),
    };
    check_shape(text, &document)?;
    Ok(document)
}

/// Prints a document; as JSON if it was read as such, because then others may read it as such.
pub(super) fn print(document: &Document, is_json: bool) -> Option<String> {
    if is_json {
        return Some(serde_json::to_string_pretty(document).ok()? + "\n");
    }
    // Long text stays on one line and line breaks are escaped: the plainest form, and kubectl's
    // own for certificates.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(document, options).ok()
}

/// The entries of a list, none when it is missing.
pub(super) fn entries(document: &Document, section: Section) -> &[Value] {
    let list = document.get(section.list()).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

/// The same, to change them.
pub(super) fn entries_mut(
    document: &mut Document,
    section: Section,
) -> impl Iterator<Item = &mut Value> {
    let list = document.get_mut(section.list());
    list.and_then(Value::as_array_mut).into_iter().flatten()
}

/// Adds an entry at the end of its list; begins the document if it is empty.
pub(super) fn push(document: &mut Document, section: Section, name: &str, body: Body) {
    if document.is_empty() {
        document.insert("apiVersion".to_owned(), "v1".into());
        document.insert("kind".to_owned(), "Config".into());
    }
    let entry = json!({ "name": name, section.body(): Value::Object(body) });
    match document.get_mut(section.list()) {
        Some(Value::Array(entries)) => entries.push(entry),
        _ => {
            document.insert(section.list().to_owned(), json!([entry]));
        }
    }
}

/// Removes the entries that carry the record of the virtual cluster with this UID.
pub(super) fn remove(document: &mut Document, section: Section, uid: &str) {
    let is_removed = |entry: &Value| record(section, entry).is_some_and(|found| found.uid == uid);
    if let Some(Value::Array(entries)) = document.get_mut(section.list()) {
        entries.retain(|entry| !is_removed(entry));
    }
}

/// An entry's name.
pub(super) fn name(entry: &Value) -> Option<&str> {
    entry.get("name")?.as_str()
}

/// Our record in an entry, if it is ours.
pub(super) fn record(section: Section, entry: &Value) -> Option<Record> {
    let extensions = entry.get(section.body())?.get("extensions")?.as_array()?;
    let ours = extensions
        .iter()
        .find(|extension| name(extension) == Some(labels::KUBECONFIG_RECORD))?;
    Record::deserialize(ours.get("extension")?).ok()
}

/// Our record in an entry as it is written, to change it.
pub(super) fn record_mut(section: Section, entry: &mut Value) -> Option<&mut Value> {
    let extensions = entry.get_mut(section.body())?.get_mut("extensions")?;
    let mut extensions = extensions.as_array_mut()?.iter_mut();
    let ours = extensions.find(|extension| name(extension) == Some(labels::KUBECONFIG_RECORD))?;
    ours.get_mut("extension")
}

/// Writes our record among the extensions of an entry's body, which come last in it.
pub(super) fn write_record(body: &mut Body, record: &Record) -> Result<(), serde_json::Error> {
    let mut extensions = match body.shift_remove("extensions") {
        Some(Value::Array(extensions)) => extensions,
        _ => Vec::new(),
    };
    extensions.retain(|extension| name(extension) != Some(labels::KUBECONFIG_RECORD));
    extensions.push(json!({
        "name": labels::KUBECONFIG_RECORD,
        "extension": serde_json::to_value(record)?,
    }));
    body.insert("extensions".to_owned(), Value::Array(extensions));
    Ok(())
}

/// What is not ours to change, in a form that two documents of one meaning share.
pub(super) fn foreign(document: &Document) -> Document {
    let mut rest = document.clone();
    rest.shift_remove(CURRENT_CONTEXT);
    for section in Section::ALL {
        let mut others = entries(document, section).to_vec();
        others.retain(|entry| record(section, entry).is_none());
        rest.shift_remove(section.list());
        if !others.is_empty() {
            rest.insert(section.list().to_owned(), Value::Array(others));
        }
    }
    // A file that we begin gets these two; to kubectl they are the default.
    for (key, default) in [("apiVersion", "v1"), ("kind", "Config")] {
        if rest.get(key).and_then(Value::as_str) == Some(default) {
            rest.shift_remove(key);
        }
    }
    rest
}

fn read<'de, T: Deserialize<'de>>(
    text: &'de str,
    strict_booleans: bool,
) -> Result<T, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        // Leading zeros mean octal to kubectl.
        legacy_octal_numbers: true,
        strict_booleans: strict_booleans,
        reject_unsupported_tags: true,
        emit_comments: false,
        // A snippet of a kubeconfig may show a secret.
        with_snippet: false,
        // The file is in memory already; its size is no reason to refuse it. What amplifies (depth,
        // aliases) stays limited.
        budget: serde_saphyr::budget! {
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_total_scalar_bytes: usize::MAX,
        },
    };
    serde_saphyr::from_str_with_options(text, options)
}

/// YAML 1.1 breaks lines at these, YAML 1.2 does not; kubectl writes the first, we read the second.
fn refuse_ambiguous_line_breaks(text: &str) -> Result<(), Malformed> {
    let is_ambiguous = |c: char| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    for (line, number) in text.lines().zip(1..) {
        if let Some(found) = line.chars().find(|c| is_ambiguous(*c)) {
            let message = format!(
                "write the character U+{:04X} as an escape",
                u32::from(found)
            );
            return Err(Malformed::at(number, message));
        }
    }
    Ok(())
}

/// Turns back into text what our reader takes for a boolean and kubectl does not: `nO`, `yEs`.
///
/// `strict` is the same document read with only `true` and `false` as booleans.
fn settle_booleans(value: &mut Value, strict: &Value) {
    match (value, strict) {
        (value @ Value::Bool(_), Value::String(word)) => {
            let is_one_case = *word == word.to_lowercase() || *word == word.to_uppercase();
            let is_capitalised = word.chars().skip(1).all(|c| c.is_ascii_lowercase());
            if !(is_one_case || is_capitalised) {
                *value = strict.clone();
            }
        }
        (Value::Array(items), Value::Array(strict)) => {
            for (item, strict) in items.iter_mut().zip(strict) {
                settle_booleans(item, strict);
            }
        }
        (Value::Object(fields), Value::Object(strict)) => {
            for (key, field) in fields {
                if let Some(strict) = strict.get(key) {
                    settle_booleans(field, strict);
                }
            }
        }
        _ => {}
    }
}

/// The lists are lists of mappings; more is not asked of entries that are not ours.
fn check_shape(text: &str, document: &Document) -> Result<(), Malformed> {
    for section in Section::ALL {
        let list = document.get(section.list()).unwrap_or(&Value::Null);
        let is_well_formed = match list {
            Value::Null => true,
            Value::Array(entries) => entries.iter().all(Value::is_object),
            _ => false,
        };
        if !is_well_formed {
            // Only a typed reader knows the line, so the text is read once more.
            let line = match read::<Shape>(text, false) {
                Err(error) => error.location().map(|location| location.line()),
                Ok(_) => None,
            };
            let message = format!("`{}` is not a list of mappings", section.list());
            return Err(Malformed { line, message });
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read only for the place of its first mistake")]
struct Shape {
    clusters: Option<Vec<Document>>,
    users: Option<Vec<Document>>,
    contexts: Option<Vec<Document>>,
}
