//! The schema beside the parser.

use std::collections::BTreeSet;

use regex::Regex;
use serde::Deserialize;
use serde::de::value::Error as Stopped;
use serde::de::{Deserializer, Error, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::*;
use crate::config::UserFile;
use crate::config::cluster_file::{ClusterFile, SyncFile};
use crate::sync::{Described, Import, ImportKind, Reference};

/// What of a file is not as the schema has it; nothing when it is valid.
pub(in crate::config) fn faults(yaml: &str) -> Vec<String> {
    match crate::config::parse_yaml::<Value>(yaml) {
        Ok(file) => {
            let mut faults = Vec::new();
            check(&schema(), &file, "", &mut faults);
            faults
        }
        Err(error) => vec![error.to_string()],
    }
}

/// As much of JSON Schema as ours has; a keyword that is not known here fails the test.
fn check(schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    // What no keyword is about may be anything.
    for (keyword, wanted) in schema.as_object().into_iter().flatten() {
        let is_met = match keyword.as_str() {
            // Words, and what is said of a value's parts, which are checked below.
            "$schema"
            | "title"
            | "description"
            | "default"
            | "items"
            | "properties"
            | "additionalProperties"
            | "propertyNames" => true,
            "type" => types(wanted).contains(&type_of(value)),
            "enum" => wanted.as_array().unwrap().contains(value),
            "pattern" => value
                .as_str()
                .is_none_or(|text| Regex::new(wanted.as_str().unwrap()).unwrap().is_match(text)),
            "exclusiveMinimum" => value
                .as_f64()
                .is_none_or(|it| it > wanted.as_f64().unwrap()),
            "required" => value.as_object().is_none_or(|it| {
                wanted
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|key| it.contains_key(key.as_str().unwrap()))
            }),
            other => panic!("`{other}` is not known to this test"),
        };
        if !is_met {
            faults.push(format!("{at}: {value} against {keyword}: {wanted}"));
        }
    }
    if let Some(list) = value.as_array() {
        for item in list {
            check(&schema["items"], item, at, faults);
        }
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        if let Some(names) = schema.get("propertyNames") {
            check(names, &json!(key), &at, faults);
        }
        match (
            schema["properties"].get(key),
            &schema["additionalProperties"],
        ) {
            (Some(property), _) => check(property, value, &at, faults),
            (None, Value::Bool(false)) => faults.push(format!("{at} is not known")),
            (None, more) => check(more, value, &at, faults),
        }
    }
}

fn types(wanted: &Value) -> Vec<&str> {
    let one = std::slice::from_ref(wanted);
    let all = wanted.as_array().map_or(one, Vec::as_slice);
    all.iter().filter_map(Value::as_str).collect()
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Hands nothing over, but keeps the names that a type asks for: of its fields, or of its variants.
struct Names<'a>(&'a mut BTreeSet<String>);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Stopped;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stopped> {
        Err(Stopped::custom("neither a struct nor an enum"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Stopped> {
        self.0
            .extend(fields.iter().map(|field| (*field).to_owned()));
        Err(Stopped::custom("read"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Stopped> {
        self.0
            .extend(variants.iter().map(|variant| (*variant).to_owned()));
        Err(Stopped::custom("read"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// The names that the parser takes for a type.
fn names_of<T: for<'de> Deserialize<'de>>() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    assert!(T::deserialize(Names(&mut names)).is_err());
    assert!(!names.is_empty());
    names
}

fn keys(schema: &Value, place: &str) -> BTreeSet<String> {
    let object = schema.pointer(place).unwrap();
    assert_eq!(object["additionalProperties"], false, "{place}");
    object["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

fn values(schema: &Value, place: &str) -> BTreeSet<String> {
    let list = schema.pointer(place).unwrap()["enum"].as_array().unwrap();
    list.iter()
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_schema_has_the_fields_that_the_parser_takes_and_no_other() {
    let schema = schema();
    let spec = "/properties/spec";
    let sync = "/properties/spec/properties/sync";
    let custom = "/properties/spec/properties/sync/properties/custom/items";
    let reference = format!("{custom}/properties/references/items");
    let import = "/properties/spec/properties/sync/properties/fromHost/items";
    assert_eq!(keys(&schema, ""), names_of::<ClusterFile>());
    assert_eq!(keys(&schema, spec), names_of::<UserFile>());
    assert_eq!(keys(&schema, sync), names_of::<SyncFile>());
    assert_eq!(keys(&schema, custom), names_of::<Described>());
    assert_eq!(keys(&schema, &reference), names_of::<Reference>());
    assert_eq!(keys(&schema, import), names_of::<Import>());
    let profile = "/properties/spec/properties/podSecurity";
    assert_eq!(values(&schema, profile), names_of::<Profile>());
    let kind = format!("{import}/properties/kind");
    assert_eq!(values(&schema, &kind), names_of::<ImportKind>());
}

#[test]
fn every_field_says_what_it_is_about() {
    fn walk(schema: &Value, place: &str) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let words = property["description"].as_str().unwrap_or_default();
            assert!(!words.is_empty(), "{place}/{key}");
            walk(property, &format!("{place}/{key}"));
            walk(&property["items"], &format!("{place}/{key}"));
        }
    }
    walk(&schema(), "");
}

/// A cluster file with this in its specification.
fn file(spec: &str) -> String {
    format!("apiVersion: {API_VERSION}\nkind: {KIND}\nspec: {{{spec}}}\n")
}

/// Whether the program takes a file.
fn is_taken(yaml: &str) -> bool {
    use crate::cli::SpecArgs;
    use clap::FromArgMatches;

    let matches = clap::Command::new("test");
    let matches = <SpecArgs as clap::Args>::augment_args(matches.no_binary_name(true));
    let matches = matches.mut_args(|argument| argument.env(None));
    let nothing = SpecArgs::from_arg_matches(&matches.get_matches_from([""; 0])).unwrap();
    let Ok(read) = UserFile::parse_cluster(yaml) else {
        return false;
    };
    crate::config::spec_options(&nothing, &read).is_ok()
        && crate::config::timeout(None, &read).is_ok()
        && crate::config::ttl(None, &read).is_ok()
        && crate::config::labels(&[], &read).is_ok()
}

#[test]
fn what_is_valid_for_one_is_valid_for_the_other() {
    for spec in [
        "",
        "cpu: 1, memory: 1Gi",
        "cpu: 0.5, cpuLimit: '1.25', memory: 512Mi, memoryLimit: 1073741824",
        "cpu: 500m, storageSize: 1.5Gi",
        "kubernetesVersion: v1.35.4-gke.1, serviceCidrs: [10.96.0.0/16]",
        "ttl: 1h 30m, timeout: 90s, certificateLife: 1.5 days",
        "podSecurity: restricted, isolate: true, ephemeral: true",
        "quota: 'cpu=10, memory=20Gi,count/jobs.batch=4,requests.nvidia.com/gpu=1'",
        "labels: {team: shop, example.com/stage: ''}",
        "sync: {kinds: [pdb, priorityclasses], without: [ing]}",
        "sync: {custom: [{group: example.com, version: v1, kind: Widget, plural: widgets, \
         references: [{path: 'spec.parts[*].secretName', kind: Secret}], \
         selectors: ['metadata.annotations[\"a.b/c\"]'], leaveOut: [spec.a], status: false}]}",
        "sync: {fromHost: [{kind: Secret, name: registry, namespace: apps, as: pull}]}",
        "image: '', registry: mirror.example.com/k8s, storageClass: fast, switch: false",
    ] {
        let file = file(spec);
        assert!(is_taken(&file), "{spec}");
        assert_eq!(faults(&file), [""; 0], "{spec}");
    }
}

#[test]
fn what_the_parser_refuses_for_its_form_the_schema_refuses_too() {
    for spec in [
        "ephemera: true",
        "sync: {kind: [pdb]}",
        "sync: {kinds: [pods]}",
        "sync: {without: [pods]}",
        "podSecurity: none",
        "cpu: ''",
        "cpu: m",
        "cpu: 0",
        "cpu: -1",
        "cpu: '1.2345'",
        "cpu: 500 m",
        "cpu: '0.0'",
        "memory: Mi",
        "memory: 1MiB",
        "memory: -1Gi",
        "storageSize: 1 Gi",
        "timeout: '5'",
        "timeout: soon",
        "ttl: 5 fortnights",
        "certificateLife: 1.h",
        "kubernetesVersion: v1.35",
        "kubernetesVersion: latest",
        "quota: cpu",
        "quota: ''",
        "quota: cpus=4",
        "quota: 'requests.=4'",
        "quota: count/a/b=4",
        "quota: Pods=4",
        "quota: 'cpu='",
        "quota: cpu=-1",
        "quota: cpu=4x",
        "quota: memory=20GiB",
        "labels: {-a: b}",
        "labels: {a: b-}",
        "labels: [a]",
        "sync: {custom: [{group: example, version: v1, kind: Widget, plural: widgets}]}",
        "sync: {custom: [{group: example.com, version: v1, kind: widget, plural: widgets}]}",
        "sync: {custom: [{group: example.com, version: v1, kind: Widget, plural: Widgets}]}",
        "sync: {custom: [{group: example.com, version: v1, kind: Widget}]}",
        "sync: {custom: [{group: example.com, version: v1, kind: Widget, plural: widgets, \
         references: [{path: spec..a, kind: Secret}]}]}",
        "sync: {custom: [{group: example.com, version: v1, kind: Widget, plural: widgets, \
         selectors: ['[*].a']}]}",
        "sync: {fromHost: [{kind: Pod, name: a}]}",
        "sync: {fromHost: [{kind: Secret, name: A}]}",
        "sync: {fromHost: [{kind: Secret}]}",
    ] {
        let file = file(spec);
        assert!(!is_taken(&file), "the parser takes {spec}");
        assert!(!faults(&file).is_empty(), "the schema takes {spec}");
    }
    for (found, other) in [
        (API_VERSION, "vc.internal/v9"),
        (KIND, "Cluster"),
        ("kind:", "Kind:"),
    ] {
        let file = file("").replace(found, other);
        assert!(!is_taken(&file), "{other}");
        assert!(!faults(&file).is_empty(), "{other}");
    }
}

/// The cluster files of a document.
fn examples(text: &str) -> Vec<String> {
    let blocks = text.split("```yaml\n").skip(1);
    let blocks = blocks.filter_map(|block| Some(block.split_once("```")?.0.to_owned()));
    blocks
        .filter(|block| block.contains(&format!("kind: {KIND}")))
        .collect()
}

#[test]
fn the_examples_of_the_documents_are_valid() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let mut count = 0;
    for path in docs
        .chain([root.join("README.md")])
        .filter(|path| path.is_file())
    {
        for example in examples(&std::fs::read_to_string(&path).unwrap()) {
            count += 1;
            assert!(is_taken(&example), "{}: {example}", path.display());
            assert_eq!(faults(&example), [""; 0], "{}", path.display());
        }
    }
    assert!(count >= 2, "only {count} examples found");
}
