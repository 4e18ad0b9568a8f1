//! Objects as the caches keep them: a few facts, and the JSON text without what nobody reads.
//!
//! In: JSON as an API server sends it. Out: [`Object`]. Never: a parsed tree. As a tree a pod takes
//! several times the memory of its text, and most events of it are looked at once.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// One object of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    /// Empty for an object of the whole cluster.
    pub(crate) namespace: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) uid: Box<str>,
    /// Grows with every change of any object of the same resource.
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>
    pub(crate) resource_version: u64,
    text: Box<str>,
}

impl Object {
    /// Reads an object's text; `managedFields`, nearly half of it, are left out.
    ///
    /// # Errors
    /// When it is not an object with metadata.
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        let Fields(fields) = serde_json::from_str(text)?;
        let mut slim = String::with_capacity(text.len());
        slim.push('{');
        let mut head = None;
        for (name, value) in fields {
            push_key(&mut slim, &name);
            if name == "metadata" {
                head = Some(push_metadata(&mut slim, value.get())?);
            } else {
                slim.push_str(value.get());
            }
        }
        slim.push('}');
        let head = head.ok_or_else(|| serde_json::Error::missing_field("metadata"))?;
        Ok(Self {
            namespace: head.namespace.into(),
            name: head.name.into(),
            uid: head.uid.into(),
            // It is a number wherever objects are kept in etcd, since Kubernetes 1.35 by contract.
            resource_version: head.resource_version.parse().unwrap_or_default(),
            text: slim.into(),
        })
    }

    /// The object as a tree.
    pub(crate) fn value(&self) -> Value {
        // It was parsed once, so it can be parsed again.
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// A tree of these places alone: JSON pointers (RFC 6901) without escapes. What is not there is left out.
    pub(crate) fn only(&self, places: &[&str]) -> Value {
        let mut deserializer = serde_json::Deserializer::from_str(&self.text);
        // It was parsed once, so it can be parsed again.
        Only(places)
            .deserialize(&mut deserializer)
            .unwrap_or_default()
    }

    /// Where a host object says whose it is: its labels and annotations, as a tree.
    pub(crate) fn marks(&self) -> Value {
        self.only(&["/metadata/labels", "/metadata/annotations"])
    }

    /// Forgets all but the metadata's facts and `text`, for objects whose content need not be kept.
    pub(crate) fn with_text(self, text: String) -> Self {
        Self {
            text: text.into(),
            ..self
        }
    }
}

/// The facts of an object's metadata.
#[derive(Default)]
struct Head<'a> {
    name: Cow<'a, str>,
    namespace: Cow<'a, str>,
    uid: Cow<'a, str>,
    resource_version: Cow<'a, str>,
}

/// Adds the text of metadata without `managedFields`; answers with its facts. One pass for both: every byte
/// that either side sends goes through here.
fn push_metadata<'a>(slim: &mut String, text: &'a str) -> serde_json::Result<Head<'a>> {
    let Fields(fields) = serde_json::from_str(text)?;
    let mut head = Head::default();
    slim.push('{');
    for (name, value) in fields {
        let value = value.get();
        match &*name {
            "managedFields" => continue,
            "name" => head.name = read_text(value)?,
            "namespace" => head.namespace = read_text(value)?,
            "uid" => head.uid = read_text(value)?,
            "resourceVersion" => head.resource_version = read_text(value)?,
            _ => {}
        }
        push_key(slim, &name);
        slim.push_str(value);
    }
    slim.push('}');
    Ok(head)
}

/// Borrowed where nothing in it is escaped, which a `Cow` alone never is.
/// <https://serde.rs/lifetimes.html#borrowing-data-in-a-derived-impl>
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A text as JSON has it.
fn read_text(json: &str) -> serde_json::Result<Cow<'_, str>> {
    serde_json::from_str(json).map(|Text(text)| text)
}

/// `,"name":`. Names of an object's and its metadata's fields have nothing to be escaped.
fn push_key(text: &mut String, name: &str) {
    if !text.ends_with('{') {
        text.push(',');
    }
    text.push('"');
    text.push_str(name);
    text.push_str("\":");
}

/// Reads these places of an object, and passes over all else without making anything of it.
struct Only<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Only<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Only<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    /// Null, as empty objects may be.
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = serde_json::Map::new();
        while let Some(Text(name)) = map.next_key::<Text<'_>>()? {
            let below = self.0.iter().filter_map(|place| place.strip_prefix('/'));
            let inner: Vec<&str> = below
                .filter_map(|place| place.strip_prefix(&*name))
                .collect();
            if inner.contains(&"") {
                fields.insert(name.into_owned(), map.next_value()?);
                continue;
            }
            let inner: Vec<&str> = inner
                .into_iter()
                .filter(|place| place.starts_with('/'))
                .collect();
            if inner.is_empty() {
                map.next_value::<IgnoredAny>()?;
            } else {
                fields.insert(name.into_owned(), map.next_value_seed(Only(&inner))?);
            }
        }
        Ok(fields.into())
    }
}

/// The fields of a JSON object, unread.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for FieldsVisitor<'a> {
            type Value = Fields<'a>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'a>, A::Error> {
                let mut fields = Vec::new();
                while let Some(Text(name)) = map.next_key::<Text<'a>>()? {
                    fields.push((name, map.next_value::<&'a RawValue>()?));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_kept_without_its_managed_fields() {
        let text = r#"{"kind":"Pod", "metadata": {"name":"a","managedFields":[{"x":1}],"namespace":"b",
            "uid":"c", "resourceVersion":"17", "labels":{"managedFields":"kept"}}, "spec": {"x": [1, {"y":"\u00e9\n"}]}}"#;
        let object = Object::parse(text).unwrap();
        assert_eq!(
            (&*object.name, &*object.namespace, &*object.uid),
            ("a", "b", "c")
        );
        assert_eq!(object.resource_version, 17);
        assert_eq!(
            object.value(),
            json!({
                "kind": "Pod",
                "metadata": {"name": "a", "namespace": "b", "uid": "c", "resourceVersion": "17",
                    "labels": {"managedFields": "kept"}},
                "spec": {"x": [1, {"y": "é\n"}]},
            })
        );
    }

    #[test]
    fn a_few_places_are_read_alone() {
        let text = r#"{"metadata":{"name":"a","annotations":{"x":"1"},"annotationsOf":1},"spec":{"a":[{"b":1}]},"status":null}"#;
        let object = Object::parse(text).unwrap();
        let places = [
            "/metadata/annotations",
            "/metadata/labels",
            "/spec/a",
            "/status/phase",
        ];
        assert_eq!(
            object.only(&places),
            json!({"metadata": {"annotations": {"x": "1"}}, "spec": {"a": [{"b": 1}]}, "status": null})
        );
        assert_eq!(object.only(&["/spec"]), json!({"spec": {"a": [{"b": 1}]}}));
        assert_eq!(object.only(&[]), json!({}));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "1", "[]", "{}", r#"{"metadata": 1}"#] {
            assert!(Object::parse(text).is_err(), "{text}");
        }
    }
}
