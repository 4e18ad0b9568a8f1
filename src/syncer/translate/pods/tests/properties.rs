//! What holds for all pods.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::super::super::json::{find, text};
use super::super::{Change, changes, status, to_host};
use super::{Context, merge};

proptest! {
    #[test]
    fn host_names_are_dns_1035_labels(namespace in ".{0,70}", name in ".{0,300}") {
        let scope = Context::new(&json!({})).scope;
        for host_name in [scope.host_name(&namespace, &name), scope.token_secret_name(&namespace, &name)] {
            prop_assert!(host_name.len() <= 63);
            prop_assert!(host_name.starts_with(|c: char| c.is_ascii_lowercase()));
            prop_assert!(!host_name.ends_with('-'));
            let is_allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-');
            prop_assert!(host_name.chars().all(is_allowed), "{host_name}");
        }
    }

    /// Also for names that only differ in where one part ends.
    #[test]
    fn host_names_are_injective(one in "[ab]{0,3}-?x?-?[ab]{0,3}", cut in 0..9_usize, other in 0..9_usize) {
        let scope = Context::new(&json!({})).scope;
        let split = |at: usize| one.split_at(at.min(one.len()));
        let (a, b) = (split(cut), split(other));
        prop_assert_eq!(a == b, scope.host_name(a.0, a.1) == scope.host_name(b.0, b.1));
        prop_assert_ne!(scope.host_name(a.0, a.1), scope.token_secret_name(b.0, b.1));
    }

    #[test]
    fn translating_twice_gives_the_same(pod in pod(), context in context()) {
        prop_assert_eq!(to_host(&pod, context.around()), to_host(&pod, context.around()));
    }

    #[test]
    fn a_new_host_pod_is_in_step(pod in pod(), context in context()) {
        let host = settled(&pod, &context);
        prop_assert_eq!(changes(&pod, &host, context.around()), Ok(vec![]));
    }

    /// And only what is ours was touched on the way.
    #[test]
    fn changes_lead_to_no_more_changes(
        before in pod(),
        after in pod(),
        old in context(),
        new in context(),
    ) {
        let mut host = to_host(&before, old.around()).unwrap().object;
        host["metadata"]["labels"]["foreign"] = json!("1");
        host["metadata"]["annotations"]["foreign"] = json!("1");
        let writes = changes(&after, &host, new.around()).unwrap();
        perform(&mut host, &writes);
        prop_assert_eq!(changes(&after, &host, new.around()), Ok(vec![]));
        prop_assert_eq!(&host["metadata"]["labels"]["foreign"], "1");
        prop_assert_eq!(&host["metadata"]["annotations"]["foreign"], "1");
        let wanted = to_host(&after, new.around()).unwrap().object;
        let mut labels = host["metadata"]["labels"].clone();
        labels.as_object_mut().unwrap().shift_remove("foreign");
        prop_assert_eq!(&labels, &wanted["metadata"]["labels"]);
    }

    #[test]
    fn status_is_reached_in_one_step(pod in pod(), context in context(), host_status in host_status()) {
        let mut host = settled(&pod, &context);
        host["status"] = host_status;
        let first = status(&pod, &host, context.around());
        let mut then = pod.clone();
        then["status"] = first.clone();
        prop_assert_eq!(status(&then, &host, context.around()), first.clone());
        let fields: Vec<&String> = first.as_object().unwrap().keys().collect();
        for field in fields {
            prop_assert!(["phase", "qosClass", "conditions", "containerStatuses", "observedGeneration", "message"].contains(&field.as_str()), "{field}");
        }
    }

    /// Both directions, one after the other: nothing swings.
    #[test]
    fn both_sides_come_to_rest(pod in pod(), context in context(), host_status in host_status()) {
        let mut pod = pod;
        let mut host = to_host(&pod, context.around()).unwrap().object;
        host["status"] = host_status;
        for _ in 0..2 {
            pod["status"] = status(&pod, &host, context.around());
            let writes = changes(&pod, &host, context.around()).unwrap();
            perform(&mut host, &writes);
        }
        prop_assert_eq!(changes(&pod, &host, context.around()), Ok(vec![]));
        prop_assert_eq!(status(&pod, &host, context.around()), pod["status"].clone());
    }
}

/// A new host pod after everything was carried over that cannot be in it from the beginning.
#[track_caller]
fn settled(pod: &Value, context: &Context) -> Value {
    let mut host = to_host(pod, context.around()).unwrap().object;
    let writes = changes(pod, &host, context.around()).unwrap();
    for change in &writes {
        let is_later = matches!(change, Change::EphemeralContainers(_) | Change::Status(_));
        assert!(is_later, "{change:?}");
    }
    perform(&mut host, &writes);
    host
}

/// What an API server makes of the writes.
fn perform(host: &mut Value, changes: &[Change]) {
    for change in changes {
        match change {
            Change::Pod(patch) => merge(host, patch),
            Change::EphemeralContainers(patch) | Change::Resize(patch) | Change::Status(patch) => {
                merge_by_key(host, patch);
            }
        }
    }
}

/// A strategic merge patch, as far as it is used here: lists of objects are merged by `name` or `type`.
fn merge_by_key(target: &mut Value, patch: &Value) {
    match patch {
        Value::Object(fields) => {
            if !target.is_object() {
                *target = json!({});
            }
            for (field, patch) in fields {
                merge_by_key(&mut target[field], patch);
            }
        }
        Value::Array(elements) if elements.iter().all(Value::is_object) => {
            let mut list = target.as_array().cloned().unwrap_or_default();
            for element in elements {
                let key = if element["type"].is_string() {
                    "type"
                } else {
                    "name"
                };
                let value = text(element, key);
                match find(&list, key, value).and_then(|same| list.iter().position(|e| e == same)) {
                    Some(index) => merge_by_key(&mut list[index], element),
                    None => list.push(element.clone()),
                }
            }
            *target = list.into();
        }
        _ => *target = patch.clone(),
    }
}

const KEYS: [&str; 5] = [
    "app",
    "tier",
    "vc.internal/cluster",
    "v.vc.internal/cluster",
    "x.example/y",
];
const GATES: [&str; 3] = ["a.example/x", "b.example/y", "Ready"];

fn map() -> impl Strategy<Value = Value> {
    btree_map(select(KEYS.to_vec()), "[a-c]{0,2}", 0..4).prop_map(|map| json!(map))
}

fn context() -> impl Strategy<Value = Context> {
    (map(), any::<bool>()).prop_map(|(labels, writes)| {
        Context::new(&json!({"namespace_labels": labels, "writes_host_status": writes}))
    })
}

fn containers() -> impl Strategy<Value = Value> {
    vec(("[a-c]", select(vec!["100m", "200m"])), 3).prop_map(|containers| {
        let names = ["main", "log", "debug"].into_iter().zip(containers);
        let containers = names.map(|(name, (image, cpu))| {
            json!({"name": name, "image": image, "resources": {"requests": {"cpu": cpu}}})
        });
        containers.collect()
    })
}

fn named(names: &'static [&'static str], key: &'static str) -> impl Strategy<Value = Value> {
    subsequence(names, 0..=names.len())
        .prop_map(move |names| names.iter().map(|name| json!({key: name})).collect())
}

fn conditions() -> impl Strategy<Value = Value> {
    const TYPES: [&str; 6] = [
        "Ready",
        "PodScheduled",
        "DisruptionTarget",
        "a.example/x",
        "b.example/y",
        "other",
    ];
    let condition = (
        select(vec!["True", "False"]),
        0..3_u8,
        prop::option::of(1..4_u8),
    );
    btree_map(select(TYPES.to_vec()), condition, 0..6).prop_map(|conditions| {
        let conditions = conditions
            .into_iter()
            .map(|(kind, (status, second, seen))| {
                let mut condition = json!({
                    "type": kind,
                    "status": status,
                    "lastTransitionTime": format!("2026-11-24T20:00:0{second}Z"),
                });
                if let Some(seen) = seen {
                    condition["observedGeneration"] = json!(seen);
                }
                condition
            });
        conditions.collect()
    })
}

fn host_status() -> impl Strategy<Value = Value> {
    let phase = prop::option::of(select(vec!["Pending", "Running", "Failed"]));
    (
        phase,
        conditions(),
        named(&["main", "mesh"], "name"),
        any::<bool>(),
    )
        .prop_map(|(phase, conditions, statuses, is_empty)| {
            let mut status = Map::new();
            if is_empty {
                return status.into();
            }
            if let Some(phase) = phase {
                status.insert("phase".to_owned(), phase.into());
            }
            status.insert("conditions".to_owned(), conditions);
            status.insert("containerStatuses".to_owned(), statuses);
            status.insert("observedGeneration".to_owned(), json!(2));
            status.insert("nominatedNodeName".to_owned(), json!("node"));
            status.insert("message".to_owned(), json!("team-a/web-0"));
            status.into()
        })
}

fn pod() -> impl Strategy<Value = Value> {
    (
        (map(), map(), containers()),
        named(&["x", "y", "z"], "key"),
        named(&["g", "h"], "name"),
        named(&GATES, "conditionType"),
        named(&["debug-1", "debug-2"], "name"),
        prop::option::of(1..3_u8),
        conditions(),
    )
        .prop_map(
            |((labels, annotations, containers), tolerations, gates, readiness, debug, deadline, conditions)| {
                json!({
                    "metadata": {
                        "name": "web-0", "namespace": "shop", "uid": "1", "generation": 7,
                        "labels": labels, "annotations": annotations,
                        "ownerReferences": [{"controller": deadline.is_some()}],
                    },
                    "spec": {
                        "containers": containers,
                        "tolerations": tolerations,
                        "schedulingGates": gates,
                        "readinessGates": readiness,
                        "ephemeralContainers": debug,
                        "activeDeadlineSeconds": deadline,
                        "volumes": [{"name": "d", "downwardAPI": {"items": [
                            {"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}},
                            {"path": "a", "fieldRef": {"fieldPath": "metadata.annotations"}},
                        ]}}],
                    },
                    "status": {"phase": "Pending", "qosClass": "Burstable", "conditions": conditions},
                })
            },
        )
}
