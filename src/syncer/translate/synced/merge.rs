//! Three-way merge of content that several write: the virtual cluster, the host's webhooks and controllers.
//!
//! In: what was last written, what is wanted, what is found. Out: a merge patch (RFC 7386). Never: a change
//! of what was never written here: a host fills in defaults, and its controllers fields of their own.

use serde_json::{Map, Value};

use super::super::json::replacing;

/// What is to be changed of `found`; none when it has all that is wanted and nothing that was once.
pub(in super::super) fn changes(noted: &Value, wanted: &Value, found: &Value) -> Option<Value> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            let patch = object_changes(noted, wanted, found);
            (!patch.is_empty()).then(|| patch.into())
        }
        (Value::Array(all), Value::Array(found_all)) => {
            let is_as_noted = noted.is_null() || noted == wanted;
            let has_all = all.len() == found_all.len()
                && all
                    .iter()
                    .zip(found_all)
                    .all(|(wanted, found)| changes(&Value::Null, wanted, found).is_none());
            let is_same = wanted == found || (is_as_noted && has_all);
            (!is_same).then(|| wanted.clone())
        }
        _ => (wanted != found && !is_nothing(wanted, found)).then(|| replacing(wanted, found)),
    }
}

/// Null is the same as absent, and so are an empty list and map where an API server leaves them out.
fn is_nothing(wanted: &Value, found: &Value) -> bool {
    let is_empty = match wanted {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        _ => false,
    };
    is_empty && found.is_null()
}

fn object_changes(
    noted: &Value,
    wanted: &Map<String, Value>,
    found: &Map<String, Value>,
) -> Map<String, Value> {
    let mut patch = Map::new();
    for field in noted
        .as_object()
        .into_iter()
        .flatten()
        .map(|(field, _)| field)
    {
        let is_wanted = wanted.get(field).is_some_and(|value| !value.is_null());
        if !is_wanted && found.get(field).is_some_and(|value| !value.is_null()) {
            patch.insert(field.clone(), Value::Null);
        }
    }
    for (field, value) in wanted {
        let found = found.get(field).unwrap_or(&Value::Null);
        if let Some(change) = changes(&noted[field.as_str()], value, found) {
            patch.insert(field.clone(), change);
        }
    }
    patch
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_others_have_filled_in_stays_and_what_is_no_longer_wanted_goes() {
        let wanted = json!({"a": 1, "m": {"x": "1"}, "l": [{"n": 1}]});
        let found = json!({"a": 1, "m": {"x": "1", "theirs": 2}, "l": [{"n": 1, "default": true}], "more": {}});
        assert_eq!(changes(&wanted, &wanted, &found), None);
        let noted = json!({"a": 1, "m": {"x": "1", "theirs": 2}, "l": [{"n": 1, "default": true}]});
        assert_eq!(
            changes(&noted, &wanted, &found),
            Some(json!({"m": {"theirs": null}, "l": [{"n": 1}]}))
        );
        let wanted = json!({"a": 2, "m": null, "l": [], "e": {}});
        assert_eq!(
            changes(&Value::Null, &wanted, &found),
            Some(json!({"a": 2, "m": null, "l": []}))
        );
    }

    fn apply(value: &mut Value, patch: &Value) {
        let Some(patch) = patch.as_object() else {
            *value = patch.clone();
            return;
        };
        if !value.is_object() {
            *value = json!({});
        }
        for (field, change) in patch {
            if change.is_null() {
                value.as_object_mut().unwrap().remove(field);
            } else {
                apply(&mut value[field.as_str()], change);
            }
        }
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            (0..3_i64).prop_map(Value::from),
            "[ab]".prop_map(Value::from)
        ];
        let node = leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[xyz]", inner, 0..3)
                    .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
            ]
        });
        prop::collection::btree_map("[xyz]", node, 0..3)
            .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into())
    }

    proptest! {
        #[test]
        fn a_patch_brings_in_step_at_once(noted in tree(), wanted in tree(), found in tree()) {
            let mut found = found;
            if let Some(patch) = changes(&noted, &wanted, &found) {
                apply(&mut found, &patch);
            }
            prop_assert_eq!(changes(&wanted, &wanted, &found), None, "{}", found);
        }

        #[test]
        fn what_was_written_here_and_changed_by_nobody_becomes_what_is_wanted(noted in tree(), wanted in tree()) {
            let mut found = noted.clone();
            if let Some(patch) = changes(&noted, &wanted, &found) {
                apply(&mut found, &patch);
            }
            prop_assert_eq!(without_empty(&found), without_empty(&wanted));
        }
    }

    fn without_empty(value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(field, value)| (field.clone(), without_empty(value)));
                let is_set =
                    |(_, value): &(String, Value)| *value != json!({}) && *value != json!([]);
                fields.filter(is_set).collect::<Map<_, _>>().into()
            }
            other => other.clone(),
        }
    }
}
