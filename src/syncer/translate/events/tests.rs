//! Events written out, and what holds for every name.

use proptest::prelude::*;

use super::*;

const HOST_POD: &str = "web-shop-dev-abcdefghijklmnop";

fn virtual_pod() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop", "uid": "virtual-uid"},
    })
}

/// As the kubelet writes it and the API server gives it back.
fn kubelet_event() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": format!("{HOST_POD}.18a5b7c0ffee1234"),
            "namespace": "team-a",
            "uid": "event-uid",
            "resourceVersion": "99",
            "labels": {"x": "y"},
        },
        "involvedObject": {
            "apiVersion": "v1",
            "kind": "Pod",
            "name": HOST_POD,
            "namespace": "team-a",
            "uid": "host-uid",
            "resourceVersion": "98",
            "fieldPath": "spec.containers{main}",
        },
        "reason": "BackOff",
        "message": format!("Back-off restarting failed container main in pod {HOST_POD}_team-a(host-uid)"),
        "source": {"component": "kubelet", "host": "worker-1"},
        "firstTimestamp": "2026-01-02T03:04:05Z",
        "lastTimestamp": "2026-01-02T03:09:05Z",
        "count": 7,
        "type": "Warning",
        "eventTime": null,
        "reportingComponent": "kubelet",
        "reportingInstance": "worker-1",
    })
}

fn translate(event: &Value) -> Option<Value> {
    let virtual_pod = virtual_pod();
    let twins = Twins {
        host_name: HOST_POD,
        host_uid: "host-uid",
        virtual_object: &virtual_pod,
    };
    to_virtual(event, twins, |text| {
        text.replace(HOST_POD, "web")
            .replace("team-a", "shop")
            .replace("host-uid", "virtual-uid")
    })
}

#[test]
fn an_event_of_the_kubelet_is_about_the_virtual_pod() {
    let expected = json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "web.18a5b7c0ffee1234", "namespace": "shop"},
        "involvedObject": {
            "apiVersion": "v1",
            "kind": "Pod",
            "name": "web",
            "namespace": "shop",
            "uid": "virtual-uid",
            "fieldPath": "spec.containers{main}"
        },
        "message": "Back-off restarting failed container main in pod web_shop(virtual-uid)",
        "reason": "BackOff",
        "source": {"component": "kubelet", "host": "worker-1"},
        "firstTimestamp": "2026-01-02T03:04:05Z",
        "lastTimestamp": "2026-01-02T03:09:05Z",
        "count": 7,
        "type": "Warning",
        "reportingComponent": "kubelet",
        "reportingInstance": "worker-1"
    });
    assert_eq!(translate(&kubelet_event()), Some(expected));
}

/// The API server takes an Event with an `eventTime` only with all of these.
#[test]
fn an_event_of_the_scheduler_keeps_what_the_newer_form_requires() {
    let mut event = kubelet_event();
    event["eventTime"] = json!("2026-01-02T03:04:05.123456Z");
    event["action"] = json!("Binding");
    event["series"] = json!({"count": 2, "lastObservedTime": "2026-01-02T03:04:06.000000Z"});
    event["related"] = json!({"kind": "Node", "name": "worker-1"});
    event["reportingComponent"] = json!("default-scheduler");
    event["reportingInstance"] = json!("default-scheduler-cp");
    event["source"] = json!({});
    let translated = translate(&event).unwrap();
    for field in [
        "eventTime",
        "action",
        "series",
        "reportingComponent",
        "reportingInstance",
        "source",
    ] {
        assert_eq!(translated[field], event[field], "{field}");
    }
    assert_eq!(translated.get("related"), None);
}

#[test]
fn nothing_of_the_host_is_left_in_an_event() {
    let text = translate(&kubelet_event()).unwrap().to_string();
    for of_host in [HOST_POD, "team-a", "host-uid", "event-uid"] {
        assert!(!text.contains(of_host), "{of_host} in {text}");
    }
}

#[test]
fn an_event_about_something_else_is_none_of_ours() {
    for (path, value) in [
        ("uid", json!("earlier-uid")),
        ("uid", json!(null)),
        ("uid", json!("")),
        ("kind", json!("ReplicaSet")),
    ] {
        let mut event = kubelet_event();
        event["involvedObject"][path] = value;
        assert_eq!(translate(&event), None);
    }
    for event in [
        json!(null),
        json!({}),
        json!([]),
        json!({"involvedObject": "x"}),
    ] {
        assert_eq!(translate(&event), None);
    }
}

#[test]
fn an_event_that_is_named_its_own_way_gets_a_hash_and_always_the_same() {
    let mut event = kubelet_event();
    event["metadata"]["name"] = json!("policy-report-1");
    let name = translate(&event).unwrap()["metadata"]["name"].clone();
    assert_eq!(name, "web.mjabqhg2hsxnbue5");
    event["count"] = json!(8);
    assert_eq!(translate(&event).unwrap()["metadata"]["name"], name);
}

#[test]
fn a_message_that_grew_is_cut_to_what_an_event_may_have() {
    let virtual_pod = virtual_pod();
    let twins = Twins {
        host_name: HOST_POD,
        host_uid: "host-uid",
        virtual_object: &virtual_pod,
    };
    let event = to_virtual(&kubelet_event(), twins, |_| "ä".repeat(600)).unwrap();
    let message = event["message"].as_str().unwrap();
    assert!(message.ends_with("ä…"), "{message}");
    assert_eq!(message.len(), 1023);
}

#[test]
fn an_own_event_names_its_object() {
    let notice = Notice {
        severity: Severity::Warning,
        reason: "PodSecurity",
        message: "the pod violates `baseline`: privileged",
    };
    let event = own(&virtual_pod(), notice, "2026-01-02T03:04:05Z");
    assert_eq!(
        event,
        json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": "web.o3s535rmdozt7vc3", "namespace": "shop"},
            "involvedObject": {
                "apiVersion": "v1",
                "kind": "Pod",
                "name": "web",
                "namespace": "shop",
                "uid": "virtual-uid"
            },
            "reason": "PodSecurity",
            "message": "the pod violates `baseline`: privileged",
            "source": {"component": "vc-syncer"},
            "firstTimestamp": "2026-01-02T03:04:05Z",
            "lastTimestamp": "2026-01-02T03:04:05Z",
            "count": 1,
            "type": "Warning",
            "reportingComponent": "vc-syncer",
            "reportingInstance": ""
        })
    );
}

#[test]
fn an_own_event_is_another_for_another_object_reason_or_message() {
    let notice = Notice {
        severity: Severity::Warning,
        reason: "A",
        message: "m",
    };
    let name = |object: &Value, notice| own(object, notice, "t")["metadata"]["name"].clone();
    let first = name(&virtual_pod(), notice);
    assert_eq!(name(&virtual_pod(), notice), first);
    let mut again = virtual_pod();
    again["metadata"]["uid"] = json!("next-uid");
    let mut names = vec![
        first,
        name(&again, notice),
        name(
            &virtual_pod(),
            Notice {
                reason: "B",
                ..notice
            },
        ),
        name(
            &virtual_pod(),
            Notice {
                message: "n",
                ..notice
            },
        ),
        name(
            &virtual_pod(),
            Notice {
                severity: Severity::Normal,
                ..notice
            },
        ),
    ];
    names.sort_by_key(ToString::to_string);
    names.dedup();
    assert_eq!(names.len(), 5);
}

#[test]
fn an_own_event_about_an_object_without_a_namespace_is_in_default() {
    let node = json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": "worker-1", "uid": "u"},
    });
    let notice = Notice {
        severity: Severity::Normal,
        reason: "Seen",
        message: "m",
    };
    let event = own(&node, notice, "t");
    assert_eq!(event["metadata"]["namespace"], "default");
    assert_eq!(event["involvedObject"].get("namespace"), None);
}

/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names>
fn is_subdomain(name: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_part = |part: &str| {
        part.starts_with(is_end)
            && part.ends_with(is_end)
            && part.chars().all(|c| is_end(c) || c == '-')
    };
    name.len() <= 253 && name.split('.').all(is_part)
}

proptest! {
    #[test]
    fn names_of_events_are_valid(
        pod in "[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?){0,3}",
        suffix in "[a-z0-9]{1,60}",
    ) {
        let pod: String = pod.chars().take(253).collect();
        let pod = pod.trim_matches(['.', '-']);
        prop_assume!(is_subdomain(pod));
        let name = virtual_name(&format!("{HOST_POD}.{suffix}"), HOST_POD, pod);
        prop_assert!(is_subdomain(&name), "{name}");
        let foreign = virtual_name(&suffix, HOST_POD, pod);
        prop_assert!(is_subdomain(&foreign), "{foreign}");
    }

    #[test]
    fn names_of_roles_make_valid_names_of_events(name in "[a-zA-Z0-9:._-]{1,300}") {
        let object = json!({"metadata": {"name": name, "uid": "u"}});
        let notice = Notice { severity: Severity::Normal, reason: "R", message: "m" };
        let event = own(&object, notice, "t");
        prop_assert!(is_subdomain(event["metadata"]["name"].as_str().unwrap()));
    }

    #[test]
    fn pods_whose_long_names_begin_alike_have_events_of_their_own(suffix in "[a-f0-9]{16}") {
        let pod = "p".repeat(253);
        let one = virtual_name(&format!("host-one.{suffix}"), "host-one", &pod);
        let two = virtual_name(&format!("host-two.{suffix}"), "host-two", &pod);
        prop_assert_ne!(one, two);
    }
}
