//! Pods that no API server would store.

use proptest::prelude::*;

use super::*;

const NOT_OBJECTS: [&str; 5] = ["\"x\"", "[]", "true", "0", "[{}]"];

#[test]
fn a_wrong_type_in_the_place_of_an_object_is_a_violation() {
    for path in [
        "spec",
        "metadata",
        "metadata/annotations",
        "spec/securityContext",
        "spec/os",
        "spec/volumes/0",
        "spec/securityContext/seccompProfile",
        "spec/securityContext/appArmorProfile",
        "spec/securityContext/seLinuxOptions",
        "spec/securityContext/windowsOptions",
        "spec/containers/0",
        "spec/containers/0/securityContext",
        "spec/containers/0/securityContext/capabilities",
        "spec/containers/0/securityContext/seccompProfile",
        "spec/containers/0/lifecycle",
        "spec/containers/0/lifecycle/preStop",
        "spec/containers/0/livenessProbe",
        "spec/containers/0/livenessProbe/httpGet",
        "spec/initContainers/0/securityContext",
        "spec/ephemeralContainers/0/securityContext",
    ] {
        for text in NOT_OBJECTS {
            let pod = pod_with(path, serde_json::from_str(text).unwrap());
            for profile in [Profile::Baseline, Profile::Restricted] {
                let found = judge(profile, &pod);
                assert!(found.contains("malformed pod"), "{path} {text} {found}");
            }
        }
    }
}

#[test]
fn a_wrong_type_in_the_place_of_a_list_is_a_violation() {
    for path in [
        "spec/containers",
        "spec/initContainers",
        "spec/ephemeralContainers",
        "spec/volumes",
        "spec/securityContext/sysctls",
        "spec/containers/0/ports",
        "spec/containers/0/securityContext/capabilities/add",
        "spec/containers/0/securityContext/capabilities/drop",
    ] {
        for value in [
            json!({}),
            json!({"0": {}}),
            json!("ALL"),
            json!(true),
            json!([null]),
            json!([[]]),
        ] {
            let pod = pod_with(path, value);
            assert!(
                judge(Profile::Baseline, &pod).contains("malformed pod"),
                "{pod}"
            );
        }
    }
}

#[test]
fn a_wrong_type_in_the_place_of_a_switch_is_a_violation() {
    for path in [
        "spec/hostNetwork",
        "spec/hostPID",
        "spec/hostIPC",
        "spec/hostUsers",
        "spec/containers/0/securityContext/privileged",
        "spec/containers/0/securityContext/runAsNonRoot",
        "spec/containers/0/securityContext/allowPrivilegeEscalation",
        "spec/containers/0/securityContext/windowsOptions/hostProcess",
    ] {
        for value in [
            json!("false"),
            json!("true"),
            json!(0),
            json!(1),
            json!({}),
            json!([]),
        ] {
            let pod = pod_with(path, value);
            assert!(
                judge(Profile::Baseline, &pod).contains("malformed pod"),
                "{pod}"
            );
        }
    }
}

#[test]
fn a_number_that_is_nearly_zero_is_a_violation() {
    for path in [
        "spec/containers/0/ports/0/hostPort",
        "spec/securityContext/runAsUser",
    ] {
        for text in ["0.0", "-0", "0.5", "1e400", "\"0\"", "true"] {
            // What Rust's JSON cannot read at all does not reach the check.
            let Ok(value) = serde_json::from_str::<Value>(text) else {
                continue;
            };
            let mut pod = hardened();
            set(&mut pod, "spec/containers/0/ports", json!([{}]));
            set(&mut pod, path, value);
            assert!(
                judge(Profile::Baseline, &pod).contains("malformed pod"),
                "{pod}"
            );
        }
    }
}

#[test]
fn what_is_no_pod_at_all_is_a_violation() {
    for value in [
        json!(null),
        json!("x"),
        json!([]),
        json!({}),
        json!({"spec": null}),
    ] {
        assert_eq!(
            judge(Profile::Baseline, &value),
            "malformed pod (wrong type of \"spec\")"
        );
    }
}

#[test]
fn a_message_names_few_of_many_places() {
    let pod = pod_with("spec/volumes", json!(vec![json!("x"); 10_000]));
    assert_eq!(
        judge(Profile::Baseline, &pod),
        "malformed pod (wrong type of \"spec.volumes.0\", \"spec.volumes.1\", \"spec.volumes.2\", \
         \"spec.volumes.3\", \"spec.volumes.4\" and 9995 more)"
    );
}

/// JSON in which the keys that the checks look at are likely.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        prop::sample::select(vec![
            "Unmasked",
            "Unconfined",
            "ALL",
            "SYS_ADMIN",
            "windows"
        ])
        .prop_map(Value::from),
    ];
    let keys = prop::sample::select(vec![
        "spec",
        "metadata",
        "annotations",
        "containers",
        "initContainers",
        "ephemeralContainers",
        "securityContext",
        "capabilities",
        "add",
        "drop",
        "volumes",
        "hostPath",
        "ports",
        "hostPort",
        "lifecycle",
        "preStop",
        "livenessProbe",
        "httpGet",
        "host",
        "seccompProfile",
        "type",
        "os",
        "name",
        "sysctls",
        "seLinuxOptions",
        "user",
        "windowsOptions",
        "hostProcess",
        "hostUsers",
        "privileged",
        "procMount",
        "runAsUser",
        "runAsNonRoot",
        "appArmorProfile",
        "container.apparmor.security.beta.kubernetes.io/a",
    ]);
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..6).prop_map(|entries| {
                let entries = entries
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(entries.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(json in any_json()) {
        for profile in Profile::ALL {
            let context = pod_with("spec/containers/0/securityContext", json.clone());
            for pod in [&json, &json!({"spec": json}), &context] {
                drop(violations(profile, pod));
            }
        }
    }

    #[test]
    fn a_privileged_container_is_found_among_whatever_else(
        spec in any_json(),
        list in prop::sample::select(LISTS.map(|(list, _)| list).to_vec()),
        others in prop::collection::vec(any_json(), 0..4),
        at in 0_usize..4,
        more in any_json(),
    ) {
        let mut container = more.as_object().cloned().unwrap_or_default();
        container.insert("name".to_owned(), json!("root"));
        let context = container.entry("securityContext").or_insert(Value::Null);
        let mut changed = context.as_object().cloned().unwrap_or_default();
        changed.insert("privileged".to_owned(), json!(true));
        *context = changed.into();
        let mut containers = others;
        containers.insert(at.min(containers.len()), container.into());
        let mut spec = spec.as_object().cloned().unwrap_or_default();
        spec.insert(list.to_owned(), containers.into());
        for profile in [Profile::Baseline, Profile::Restricted] {
            let found = violations(profile, &json!({"spec": spec}));
            let is_found = found
                .iter()
                .any(|one| one.reason == "privileged" && one.detail.contains("\"root\""));
            prop_assert!(is_found, "{found:?}");
        }
    }

    #[test]
    fn what_restricted_allows_baseline_allows(json in any_json()) {
        for path in ["spec", "spec/securityContext", "spec/containers/0/securityContext"] {
            let pod = pod_with(path, json.clone());
            if violations(Profile::Restricted, &pod).is_empty() {
                prop_assert!(violations(Profile::Baseline, &pod).is_empty());
            }
        }
    }
}
