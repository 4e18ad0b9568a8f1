//! Fields of objects, which are carried as JSON.

use serde_json::Value;

/// The text at a JSON pointer; empty when there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

/// The elements of the list at a JSON pointer; none when there is no list.
pub fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.map_or(&[], Vec::as_slice)
}

/// The number at a JSON pointer, if there is one.
pub(super) fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer)?.as_i64()
}

/// An object's name.
pub fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// An object's namespace.
pub(super) fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

/// An object's UID.
pub fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid")
}

/// The reference to what made an object and looks after it, if something does.
pub fn controller(object: &Value) -> Option<&Value> {
    let mut owners = items(object, "/metadata/ownerReferences").iter();
    owners.find(|owner| owner.pointer("/controller") == Some(&Value::Bool(true)))
}

/// The condition of this type, if the object has it.
pub(super) fn condition<'a>(object: &'a Value, type_: &str) -> Option<&'a Value> {
    let mut all = items(object, "/status/conditions").iter();
    all.find(|condition| text(condition, "/type") == type_)
}

/// Whether the object's condition of this type has this status.
pub(super) fn is(object: &Value, type_: &str, status: &str) -> bool {
    condition(object, type_).is_some_and(|condition| text(condition, "/status") == status)
}

/// The part of a text between two others.
pub(super) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
