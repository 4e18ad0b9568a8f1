//! JSON objects, read and changed without a panic.
//!
//! In: objects whose shape an API server has checked, but nobody here. Out: the part asked for, or
//! nothing. Never: indexing that creates or panics.

use serde_json::{Map, Value};

/// What an absent field is.
static ABSENT: Value = Value::Null;

/// What is under one key after the other; null when there is nothing.
pub(crate) fn at<'a>(value: &'a Value, keys: &[&str]) -> &'a Value {
    let step = |value: &'a Value, key: &&str| value.get(*key).unwrap_or(&ABSENT);
    keys.iter().fold(value, step)
}

/// The text under a key; empty when there is none.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The list under a key; empty when there is none.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The texts of the list under a key.
pub(crate) fn texts<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    list(value, key).iter().filter_map(Value::as_str)
}

/// The object under a key, to be changed.
pub(crate) fn object_mut<'a>(
    map: &'a mut Map<String, Value>,
    key: &str,
) -> Option<&'a mut Map<String, Value>> {
    map.get_mut(key).and_then(Value::as_object_mut)
}

/// The objects of the list under a key, to be changed.
pub(crate) fn objects_mut<'a>(
    map: &'a mut Map<String, Value>,
    key: &str,
) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let list = map.get_mut(key).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// The element of a list that has this value under its merge key.
pub(crate) fn find<'a>(list: &'a [Value], key: &str, value: &str) -> Option<&'a Value> {
    list.iter().find(|element| text(element, key) == value)
}

/// The keys of an object that are set: in Kubernetes null is the same as absent.
pub(crate) fn set_keys(map: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let set = map.iter().filter(|(_, value)| !value.is_null());
    set.map(|(key, _)| key.as_str())
}

/// A merge patch that leaves nothing of `found`.
pub(crate) fn replacing(wanted: &Value, found: &Value) -> Value {
    let (Some(wanted), Some(found)) = (wanted.as_object(), found.as_object()) else {
        return wanted.clone();
    };
    let mut patch = Map::new();
    for key in found.keys().filter(|key| !wanted.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in wanted {
        let before = found.get(key).unwrap_or(&Value::Null);
        patch.insert(key.clone(), replacing(value, before));
    }
    patch.into()
}
