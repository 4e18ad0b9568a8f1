//! What holds for every cluster, whatever its specification says.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{CASES, pki, spec};
use crate::cluster::{ClusterSpec, Storage};
use crate::render::{Manifest, Manifests, RenderError, pod, render};

fn rendered(case: &str) -> Manifests {
    render(&spec(case), Some(&pki())).unwrap()
}

fn find<'a>(manifests: &'a Manifests, kind: &str, name: &str) -> &'a Value {
    manifests
        .iter()
        .find(|object| object.kind() == kind && object.name() == name)
        .unwrap()
        .value()
}

fn texts(values: &Value) -> Vec<&str> {
    let values = values.as_array().unwrap();
    values.iter().map(|value| value.as_str().unwrap()).collect()
}

#[test]
fn objects_come_in_the_order_of_application() {
    let listed: Vec<(String, String)> = rendered("persistent")
        .iter()
        .map(|object| (object.kind().to_owned(), object.name().to_owned()))
        .collect();
    let expected = [
        ("ConfigMap", "vc-dev"),
        ("ServiceAccount", "vc-dev"),
        ("ServiceAccount", "vc-dev-workload"),
        ("Role", "vc-dev"),
        ("RoleBinding", "vc-dev"),
        ("Secret", "vc-dev-pki"),
        ("Secret", "vc-dev-kubeconfig"),
        ("Service", "vc-dev"),
        ("Service", "vc-dev-dns"),
        ("StatefulSet", "vc-dev"),
    ]
    .map(|(kind, name)| (kind.to_owned(), name.to_owned()));
    assert_eq!(listed, expected);
}

#[test]
fn without_keys_there_are_no_secrets_and_the_rest_is_the_same() {
    let with = rendered("persistent");
    let without = render(&spec("persistent"), None).unwrap();
    let kinds: Vec<&str> = without.iter().map(Manifest::kind).collect();
    assert_eq!(
        kinds,
        [
            "ConfigMap",
            "ServiceAccount",
            "ServiceAccount",
            "Role",
            "RoleBinding",
            "Service",
            "Service",
            "StatefulSet"
        ]
    );
    let mut expected = find(&with, "StatefulSet", "vc-dev").clone();
    let annotations = "/spec/template/metadata/annotations";
    let annotations = expected.pointer_mut(annotations).unwrap();
    let hash = annotations
        .as_object_mut()
        .unwrap()
        .remove("vc.internal/pki-hash");
    assert_eq!(hash, Some(json!(pki().hash())));
    assert_eq!(find(&without, "StatefulSet", "vc-dev"), &expected);
}

#[test]
fn another_setting_restarts_the_pod_unless_the_host_alone_keeps_it() {
    let hash = |spec: &ClusterSpec| {
        let rendered = render(spec, None).unwrap();
        let set = find(&rendered, "StatefulSet", "vc-dev");
        set.pointer("/spec/template/metadata/annotations/vc.internal~1spec-hash")
            .and_then(|hash| hash.as_str().map(str::to_owned))
            .unwrap()
    };
    let spec = spec("persistent");
    let bounded = ClusterSpec {
        quota: [("pods".to_owned(), "50".to_owned())].into(),
        isolate: true,
        ..spec.clone()
    };
    assert_eq!(hash(&bounded), hash(&spec));
    let privileged = ClusterSpec {
        pod_security: crate::pod_security::Profile::Privileged,
        ..spec.clone()
    };
    assert_ne!(hash(&privileged), hash(&spec));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for case in CASES {
        let (first, second) = (rendered(case), rendered(case));
        assert_eq!(first.to_yaml().unwrap(), second.to_yaml().unwrap());
        assert_eq!(first.to_list().to_string(), second.to_list().to_string());
    }
}

#[test]
fn yaml_and_list_say_what_the_objects_say() {
    let manifests = rendered("limits");
    let objects: Vec<Value> = manifests
        .clone()
        .into_iter()
        .map(Manifest::into_value)
        .collect();
    let yaml = manifests.to_yaml().unwrap();
    assert_eq!(
        serde_saphyr::from_multiple::<Value>(&yaml).unwrap(),
        objects
    );
    let list = manifests.to_list();
    assert_eq!(
        (&list["apiVersion"], &list["kind"]),
        (&json!("v1"), &json!("List"))
    );
    assert_eq!(list["items"], Value::Array(objects));
}

#[test]
fn the_specification_can_be_read_back_from_the_marker() {
    for case in CASES {
        let manifests = rendered(case);
        let marker = manifests.iter().next().unwrap().value();
        let stored = marker["data"]["spec"].as_str().unwrap();
        assert_eq!(
            serde_json::from_str::<ClusterSpec>(stored).unwrap(),
            spec(case)
        );
    }
}

#[test]
fn the_marker_owns_everything_but_itself() {
    let mut manifests = rendered("persistent");
    manifests.own("d2c8f5a0-0000-4000-8000-000000000001");
    let owner = json!([{
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "vc-dev",
        "uid": "d2c8f5a0-0000-4000-8000-000000000001",
    }]);
    for (index, object) in manifests.iter().enumerate() {
        let references = object.value()["metadata"].get("ownerReferences");
        assert_eq!(references, (index > 0).then_some(&owner), "{object:?}");
    }
    let claims = &find(&manifests, "StatefulSet", "vc-dev")["spec"]["volumeClaimTemplates"];
    assert!(claims[0]["metadata"].get("ownerReferences").is_none());
}

#[test]
fn the_dry_run_pod_is_the_template_without_its_account() {
    for case in CASES {
        let pod = pod(&spec(case), Some(&pki())).unwrap();
        let manifests = rendered(case);
        let set = manifests.iter().last().unwrap().value();
        let mut template = set["spec"]["template"].clone();
        let template_spec = template["spec"].as_object_mut().unwrap();
        assert!(template_spec.remove("serviceAccountName").is_some());
        if set["spec"].get("volumeClaimTemplates").is_some() {
            let volumes = template_spec["volumes"].as_array_mut().unwrap();
            volumes.push(json!({
                "name": "data",
                "persistentVolumeClaim": {"claimName": format!("data-{}", pod.name())},
            }));
        }
        let value = pod.value();
        assert_eq!(value["spec"], template["spec"]);
        for part in ["labels", "annotations"] {
            assert_eq!(value["metadata"][part], template["metadata"][part]);
        }
    }
}

#[test]
fn selectors_find_the_pod_and_lasting_fields_carry_no_version() {
    let manifests = rendered("persistent");
    let set = &find(&manifests, "StatefulSet", "vc-dev")["spec"];
    let service = &find(&manifests, "Service", "vc-dev")["spec"];
    assert_eq!(set["selector"]["matchLabels"], service["selector"]);
    let labels = set.pointer("/template/metadata/labels").unwrap();
    for (key, value) in service["selector"].as_object().unwrap() {
        assert_eq!(&labels[key], value);
    }
    let claim = set["volumeClaimTemplates"].to_string();
    let selector = set["selector"].to_string();
    assert!(!claim.contains("v1.35.4") && !selector.contains("v1.35.4"));
}

/// Each container is given the files that it names, and no other.
#[test]
fn every_file_that_is_named_is_mounted_and_every_mounted_file_exists() {
    let manifests = rendered("persistent");
    let stored = &find(&manifests, "Secret", "vc-dev-pki")["data"];
    let pod = find(&manifests, "StatefulSet", "vc-dev")
        .pointer("/spec/template/spec")
        .unwrap();
    for container in pod["containers"].as_array().unwrap() {
        let name = container["name"].as_str().unwrap();
        let volume = pod["volumes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|volume| volume["name"] == format!("pki-{name}"))
            .unwrap();
        let mounted: BTreeSet<&str> = volume["secret"]["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["key"].as_str().unwrap())
            .collect();
        let mut named: BTreeSet<&str> = texts(&container["args"])
            .into_iter()
            .filter_map(|arg| Some(arg.split_once("=/etc/kubernetes/pki/")?.1))
            .collect();
        if name == "kube-controller-manager" {
            // Named by the kubeconfig that the flag names.
            named.extend(["controller-manager.crt", "controller-manager.key"]);
        }
        if name == "syncer" {
            // It is told the directory, and knows the names.
            named.extend(["syncer.conf", "syncer.crt", "syncer.key", "ca.crt"]);
            named.extend([
                "kubelet.crt",
                "kubelet.key",
                "apiserver.crt",
                "front-proxy-ca.crt",
            ]);
        }
        assert_eq!(mounted, named, "{name}");
        for entry in mounted {
            assert!(stored.get(entry).is_some(), "{entry}");
        }
    }
}

#[test]
fn no_flag_is_given_twice() {
    let pod = pod(&spec("persistent"), None).unwrap();
    for container in pod.value()["spec"]["containers"].as_array().unwrap() {
        let args = texts(&container["args"]);
        let flags: BTreeSet<&str> = args
            .iter()
            .map(|arg| arg.split_once('=').map_or(*arg, |(flag, _)| flag))
            .collect();
        assert_eq!(flags.len(), args.len());
    }
}

#[test]
fn resources_that_cannot_be_shared_out_are_refused() {
    let mut spec = spec("limits");
    spec.resources.memory_request_mebibytes = 12;
    for result in [
        render(&spec, None).map(|_manifests| ()),
        pod(&spec, None).map(|_pod| ()),
    ] {
        assert!(matches!(
            result,
            Err(RenderError::TooLittle {
                found: 12,
                least: 13,
                ..
            })
        ));
    }
}

#[test]
fn no_secret_is_printed_for_debugging() {
    let manifests = rendered("persistent");
    assert_eq!(
        format!("{manifests:?}"),
        "Manifests { objects: [Manifest(ConfigMap vc-dev), Manifest(ServiceAccount vc-dev), \
         Manifest(ServiceAccount vc-dev-workload), Manifest(Role vc-dev), Manifest(RoleBinding vc-dev), \
         Manifest(Secret vc-dev-pki), Manifest(Secret vc-dev-kubeconfig), \
         Manifest(Service vc-dev), Manifest(Service vc-dev-dns), Manifest(StatefulSet vc-dev)] }"
    );
}

/// RFC 1035, as the API server checks Services.
fn is_dns_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
fn is_label_value(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

proptest! {
    #[test]
    fn names_and_labels_of_every_object_are_valid(
        name in "[a-z]([-a-z0-9]{0,46}[a-z0-9])?",
        persistent: bool,
    ) {
        let mut spec = spec("persistent");
        spec.name = name.parse().unwrap();
        if !persistent {
            spec.storage = Storage::Ephemeral;
        }
        let manifests = render(&spec, Some(&pki())).unwrap();
        let pod = pod(&spec, None).unwrap();
        for object in manifests.iter().chain([&pod]) {
            prop_assert!(is_dns_label(object.name()), "{object:?}");
            let metadata = &object.value()["metadata"];
            prop_assert_eq!(&metadata["name"], object.name());
            prop_assert_eq!(&metadata["namespace"], "team-a");
            let labels = metadata["labels"].as_object().unwrap();
            for label in [
                "app.kubernetes.io/managed-by",
                "app.kubernetes.io/name",
                "app.kubernetes.io/version",
            ] {
                prop_assert!(labels.contains_key(label), "{}", label);
            }
            for label in ["app.kubernetes.io/instance", "vc.internal/cluster"] {
                prop_assert_eq!(&labels[label], name.as_str());
            }
            let is_marker = object.kind() == "ConfigMap";
            prop_assert_eq!(labels.contains_key("vc.internal/marker"), is_marker);
            for value in labels.values() {
                prop_assert!(is_label_value(value.as_str().unwrap()), "{}", value);
            }
        }
    }
}

#[test]
fn the_right_on_metrics_is_given_where_it_can_be() {
    let mut spec = spec("persistent");
    let last_rule = |spec: &ClusterSpec| {
        let manifests = render(spec, None).unwrap();
        let rules = find(&manifests, "Role", "vc-dev")["rules"].clone();
        rules.as_array().unwrap().last().unwrap().clone()
    };
    assert_eq!(last_rule(&spec)["resources"], json!(["services"]));
    spec.grants.pod_metrics = true;
    assert_eq!(
        last_rule(&spec),
        json!({"apiGroups": ["metrics.k8s.io"], "resources": ["pods"], "verbs": ["get", "list"]})
    );
}

/// The one right outside of the namespace is there when it is asked for, under a name that no other
/// cluster's has, and nobody in the namespace owns it.
#[test]
fn the_right_on_nodes_is_given_when_it_is_asked_for() {
    let mut spec = spec("persistent");
    let has_cluster_roles = |manifests: &Manifests| {
        manifests
            .iter()
            .filter(|object| object.kind().starts_with("Cluster"))
            .map(|object| object.name().to_owned())
            .collect::<Vec<String>>()
    };
    assert!(has_cluster_roles(&render(&spec, None).unwrap()).is_empty());
    spec.sync_nodes = true;
    let mut manifests = render(&spec, None).unwrap();
    manifests.own("u");
    assert_eq!(
        has_cluster_roles(&manifests),
        ["vc-team-a.dev", "vc-team-a.dev"]
    );
    let role = find(&manifests, "ClusterRole", "vc-team-a.dev");
    assert_eq!(
        role["rules"],
        json!([{"apiGroups": [""], "resources": ["nodes"], "verbs": ["list", "watch"]}])
    );
    assert!(role["metadata"].get("ownerReferences").is_none());
    spec.grants.node_metrics = true;
    let with_metrics = render(&spec, None).unwrap();
    let role = find(&with_metrics, "ClusterRole", "vc-team-a.dev");
    assert_eq!(
        role["rules"][1],
        json!({"apiGroups": ["metrics.k8s.io"], "resources": ["nodes"], "verbs": ["get", "list"]})
    );
    spec.sync_nodes = false;
    spec.sync_storage_classes = true;
    let of_classes = render(&spec, None).unwrap();
    assert_eq!(
        find(&of_classes, "ClusterRole", "vc-team-a.dev")["rules"],
        json!([{"apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"], "verbs": ["list", "watch"]}])
    );
    let namespaced = find(&manifests, "Role", "vc-dev");
    assert!(namespaced["metadata"].get("ownerReferences").is_some());
}
