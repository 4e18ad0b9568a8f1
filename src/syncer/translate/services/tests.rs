//! Cases in `tests/data/translate/services`, one directory each. `UPDATE=1` writes the results anew.
//!
//! - `virtual.json` -> `host.json`
//! - `virtual.json` and the host Service `found.json` -> `changes.json`: the patch of the host Service, the
//!   virtual spec with the host's choices if it differs, and the patch of the virtual status

use std::path::Path;

use serde_json::{Value, json};

use super::super::tests::{assert_is, cases, read, scope};
use super::*;

#[test]
fn services_are_as_written_down() {
    for case in cases("services", 15) {
        let service = read(&case, "virtual.json");
        let wanted = to_host(&service, &scope());
        if case.join("found.json").exists() {
            check_changes(&case, &service, &wanted);
        } else {
            assert_is(&case, "host.json", &wanted);
        }
    }
}

fn check_changes(case: &Path, service: &Value, wanted: &Value) {
    let found = read(case, "found.json");
    let spec = with_choices(service, &found);
    let found_changes = json!({
        "host": changes(wanted, &found),
        "virtualSpec": (spec != service["spec"]).then_some(spec),
        "virtualStatus": status(service, &found),
    });
    assert_is(case, "changes.json", &found_changes);
}

/// What was just written is in step.
#[test]
fn what_was_made_needs_no_change() {
    for case in cases("services", 15) {
        let service = read(&case, "virtual.json");
        let wanted = to_host(&service, &scope());
        assert_eq!(changes(&wanted, &wanted), None, "{}", case.display());
        assert_eq!(
            with_choices(&service, &wanted),
            service["spec"],
            "{}",
            case.display()
        );
    }
}

#[test]
fn choices_are_left_to_the_host_but_for_none() {
    let wanted = json!({"spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack", "healthCheckNodePort": 30900, "ports": [{"port": 80, "nodePort": 30080}]}});
    assert_eq!(
        without_choices(&wanted)["spec"],
        json!({"ports": [{"port": 80}]})
    );
    let headless = json!({"spec": {"clusterIP": "None", "clusterIPs": ["None"], "ports": []}});
    assert_eq!(without_choices(&headless), headless);
}

#[test]
fn the_host_is_asked_for_what_an_api_server_would_choose() {
    let spec = |kind: &str, more: &Value| {
        let mut spec = json!({"spec": {"type": kind, "ports": [{"port": 80, "protocol": "TCP"}]}});
        let fields = spec["spec"].as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        spec
    };
    let none = json!({});
    let with_port = json!({"ports": [{"port": 80, "protocol": "TCP", "nodePort": 30080}]});
    let other_port = json!({"ports": [{"port": 80, "protocol": "TCP", "nodePort": 30081}]});
    let more_ports = json!({"ports": [{"port": 80, "protocol": "TCP", "nodePort": 30080},
        {"port": 80, "protocol": "UDP"}]});
    let local = json!({"externalTrafficPolicy": "Local", "allocateLoadBalancerNodePorts": false});
    for (before, after, expected) in [
        (
            spec("ClusterIP", &none),
            spec("ClusterIP", &json!({"selector": {"a": "b"}})),
            false,
        ),
        (spec("ClusterIP", &none), spec("NodePort", &none), true),
        (
            spec("NodePort", &with_port),
            spec("NodePort", &with_port),
            false,
        ),
        // As `kubectl replace` writes it: the API server takes the old one over.
        (spec("NodePort", &with_port), spec("NodePort", &none), false),
        (
            spec("NodePort", &with_port),
            spec("NodePort", &other_port),
            true,
        ),
        (
            spec("NodePort", &with_port),
            spec("NodePort", &more_ports),
            true,
        ),
        (
            spec("NodePort", &with_port),
            spec("ClusterIP", &none),
            false,
        ),
        (spec("ClusterIP", &none), spec("LoadBalancer", &none), true),
        (spec("ClusterIP", &none), spec("LoadBalancer", &local), true),
        (
            spec("ClusterIP", &none),
            spec("ClusterIP", &json!({"ipFamilyPolicy": "PreferDualStack"})),
            true,
        ),
    ] {
        assert_eq!(needs_host(&before, &after), expected, "{before} {after}");
    }
    let inherited = with_inherited(
        &json!({"spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"],
            "ports": [{"port": 80, "protocol": "TCP", "nodePort": 30080}]}}),
        &spec("NodePort", &none),
    );
    assert_eq!(
        inherited["spec"],
        json!({"type": "NodePort", "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"],
            "ports": [{"port": 80, "protocol": "TCP", "nodePort": 30080}]})
    );
}
