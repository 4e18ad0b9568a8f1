//! The JSON Schema of the cluster file.
//!
//! In: the table of settings, and the words of the command line's help. Out: a schema as strict as the parser about
//! names and the form of values. Never: says what only several settings together can be wrong about (a request above
//! its limit), which is for the parser to tell.
//!
//! It keeps to draft 7, which editors know, and to regular expressions that are the same everywhere.

use clap::CommandFactory;
use serde_json::{Map, Value, json};

use super::cluster_file::{API_VERSION, KIND};
use super::quota;
use super::settings::{Form, SETTINGS, Setting};
use crate::cli::Cli;
use crate::pod_security::Profile;
use crate::sync::Known;

/// A positive decimal number with at most three decimals.
const DECIMAL: &str =
    r"([0-9]*[1-9][0-9]*(\.[0-9]{1,3})?|[0-9]+\.([1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))";
/// One label of a name.
const DNS_LABEL: &str = "[a-z0-9-]+";
/// `90s`, `1h 30m`, by the units of `humantime`.
const DURATION: &str = r"^\s*([0-9][0-9\s]*(\.\s*[0-9][0-9\s]*)?(nanos|nsec|ns|usec|us|µs|millis|msec|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w|months?|M|years?|yrs?|y)\s*)+$";
/// `spec.tls[*].secretName`, `metadata.annotations["example.com/secret"]`.
const PATH: &str = r#"^([^.\[]+|\["[^"]+"\])(\.[^.\[]+|\[\*\]|\["[^"]+"\])*$"#;
/// A label's key, and its value.
const LABEL_PART: &str = "[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?";

/// The schema.
pub fn schema() -> Value {
    let command = Cli::command();
    let create = command.find_subcommand("create");
    let words = |setting: &Setting| create.map(|it| setting.words(it)).unwrap_or_default();
    let mut settings = Map::new();
    let mut sync = Map::new();
    for setting in SETTINGS {
        let value = value(setting, words(setting));
        match setting.key.split_once('.') {
            Some((group, key)) => {
                // Its place among the others; what is in it comes below.
                settings.entry(group).or_insert(Value::Null);
                sync.insert(key.to_owned(), value);
            }
            None => {
                settings.insert(setting.key.to_owned(), value);
            }
        }
    }
    settings.insert(
        "sync".to_owned(),
        strict(
            "Which kinds of objects are synced",
            &[],
            &Value::Object(sync),
        ),
    );
    let mut spec = strict(
        "What the virtual cluster should be like. Before these go a flag of the command line and its `VC_*` variable; \
         after them the user's file, which has the same keys, and the default.",
        &[],
        &Value::Object(settings),
    );
    if let Some(spec) = spec.as_object_mut() {
        // As where every setting is commented out.
        spec.insert("type".to_owned(), json!(["object", "null"]));
    }
    let mut schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "title": KIND});
    let file = strict(
        "A virtual cluster, for `vc create NAME -f FILE`, `vc diff` and `vc apply`",
        &["apiVersion", "kind"],
        &json!({
            "apiVersion": {"description": "Version of this form", "type": "string", "enum": [API_VERSION]},
            "kind": {"description": "What the file is about", "type": "string", "enum": [KIND]},
            "spec": spec,
        }),
    );
    if let (Some(schema), Value::Object(file)) = (schema.as_object_mut(), file) {
        schema.extend(file);
    }
    schema
}

/// An object in which nothing else may be.
fn strict(description: &str, required: &[&str], properties: &Value) -> Value {
    let mut object = json!({
        "description": description,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if let (Some(object), false) = (object.as_object_mut(), required.is_empty()) {
        object.insert("required".to_owned(), json!(required));
    }
    object
}

/// One setting.
fn value(setting: &Setting, words: String) -> Value {
    let mut value = form(setting.form);
    if let Some(value) = value.as_object_mut() {
        value.shift_insert(0, "description".to_owned(), Value::String(words));
        if setting.is_default {
            let parsed = serde_json::from_str(setting.example);
            let default = match (setting.form, parsed) {
                (Form::Bool, Ok(parsed)) => parsed,
                _ => json!(setting.example),
            };
            value.insert("default".to_owned(), default);
        }
    }
    value
}

/// What its values look like.
fn form(form: Form) -> Value {
    let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let amount = |units: &str| {
        let pattern = format!("^{DECIMAL}{units}$");
        json!({"type": ["string", "number"], "pattern": pattern, "exclusiveMinimum": 0})
    };
    let profiles = || Profile::ALL.map(Profile::name);
    match form {
        Form::Text => json!({"type": "string"}),
        Form::Bool => json!({"type": "boolean"}),
        Form::Version => text(r"^v?[0-9]+\.[0-9]+\.[0-9]+([-+].*)?$"),
        Form::Cpu => {
            let pattern = format!("^([0-9]*[1-9][0-9]*m|{DECIMAL})$");
            json!({"type": ["string", "number"], "pattern": pattern, "exclusiveMinimum": 0})
        }
        Form::Bytes => amount("(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?"),
        Form::Duration => text(DURATION),
        Form::Profile => json!({"type": "string", "enum": profiles()}),
        Form::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Form::Quota => text(&quota::pattern()),
        Form::Labels => {
            let key = format!("^({DNS_LABEL}(\\.{DNS_LABEL})*/)?{LABEL_PART}$");
            json!({
                "type": "object",
                "propertyNames": text(&key),
                "additionalProperties": text(&format!("^({LABEL_PART})?$")),
            })
        }
        Form::Kinds => {
            let names =
                |kind: Known| std::iter::once(kind.name()).chain(kind.aliases().iter().copied());
            let names: Vec<&str> = Known::all().flat_map(names).collect();
            json!({"type": "array", "items": {"type": "string", "enum": names}})
        }
        Form::Described => json!({"type": "array", "items": described()}),
        Form::Imports => json!({"type": "array", "items": import()}),
    }
}

/// A kind that is described.
fn described() -> Value {
    let text = |words: &str, pattern: &str| json!({"description": words, "type": "string", "pattern": pattern});
    let path = || {
        text(
            "Names with points between them, `[*]` for all of a list or map, `[\"…\"]` for a name with points",
            PATH,
        )
    };
    let reference = strict(
        "A field that names another object of the same namespace",
        &["path", "kind"],
        &json!({
            "path": path(),
            "kind": {
                "description": "Kind of what it names; a Secret or ConfigMap comes to the host with it",
                "type": "string",
            },
        }),
    );
    strict(
        "A kind, all of whose objects are in namespaces",
        &["group", "version", "kind", "plural"],
        &json!({
            "group": text("`example.com`", &format!("^(policy|{DNS_LABEL}(\\.{DNS_LABEL})+)$")),
            "version": text("`v1`", &format!("^{DNS_LABEL}$")),
            "kind": text("`Widget`", "^[A-Z][A-Za-z0-9]*$"),
            "plural": text("`widgets`", &format!("^{DNS_LABEL}$")),
            "references": {
                "description": "Fields that name another object of the same namespace",
                "type": "array",
                "items": reference,
            },
            "selectors": {
                "description": "Fields that select pods of the same namespace by their labels",
                "type": "array",
                "items": path(),
            },
            "leaveOut": {
                "description": "Fields that the host does not get",
                "type": "array",
                "items": path(),
            },
            "status": {
                "description": "Whether the host's status is told inside",
                "type": "boolean",
                "default": true,
            },
        }),
    )
}

/// An object of the host.
fn import() -> Value {
    let name = |words: &str| {
        let pattern = format!("^{DNS_LABEL}(\\.{DNS_LABEL})*$");
        json!({"description": words, "type": "string", "pattern": pattern})
    };
    let mut namespace = name("Its namespace in the virtual cluster");
    if let Some(namespace) = namespace.as_object_mut() {
        namespace.insert("default".to_owned(), json!("default"));
    }
    strict(
        "One object",
        &["kind", "name"],
        &json!({
            "kind": {
                "description": "What it is",
                "type": "string",
                "enum": ["ConfigMap", "Secret", "Service"],
            },
            "name": name("Its name on the host"),
            "namespace": namespace,
            "as": name("Its name in the virtual cluster (default: the same)"),
        }),
    )
}

#[cfg(test)]
pub(super) mod tests;
