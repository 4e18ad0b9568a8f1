//! What the NetworkPolicies allow, by a model of what Kubernetes says they mean.
//!
//! The model knows pods with labels in one namespace or another, and addresses. It stands for a network
//! plugin in so far as that does what the API's description says; whether one is at work is not ours to know.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::{pki, spec};
use crate::render::render;

/// An end of a connection. Services are not in it: what was dialled as one is looked at as the pod behind it.
#[derive(Debug)]
struct End {
    address: IpAddr,
    /// Namespace and labels, of a pod.
    pod: Option<(&'static str, Value)>,
}

fn pod(address: &str, namespace: &'static str, labels: Value) -> End {
    End {
        address: address.parse().unwrap(),
        pod: Some((namespace, labels)),
    }
}

fn host(address: &str) -> End {
    End {
        address: address.parse().unwrap(),
        pod: None,
    }
}

fn own_pod() -> End {
    let labels =
        json!({"vc.internal/cluster": "dev", "vc.internal/namespace": "shop", "app": "web"});
    pod("10.0.0.1", "team-a", labels)
}

fn control_plane() -> End {
    let labels = json!({"vc.internal/cluster": "dev", "vc.internal/component": "control-plane"});
    pod("10.0.0.2", "team-a", labels)
}

/// What is not the cluster's, or not in its namespace.
fn foreign_pods() -> [End; 5] {
    let of =
        |cluster: &str| json!({"vc.internal/cluster": cluster, "vc.internal/namespace": "shop"});
    let component =
        json!({"vc.internal/cluster": "other", "vc.internal/component": "control-plane"});
    // So a virtual pod's labels are on the host, whatever its user writes.
    let disguised = json!({"v.vc.internal/cluster": "dev", "v.vc.internal/namespace": "shop"});
    [
        pod("10.0.0.3", "team-a", of("other")),
        pod("10.0.0.4", "team-a", component),
        pod("10.0.0.5", "team-b", of("dev")),
        pod("10.0.0.6", "team-a", json!({"app": "web"})),
        pod("10.0.0.7", "team-a", disguised),
    ]
}

fn matches(selector: &Value, labels: &Value) -> bool {
    let equal = selector["matchLabels"].as_object().into_iter().flatten();
    let mut expressions = selector["matchExpressions"]
        .as_array()
        .into_iter()
        .flatten();
    equal.clone().all(|(key, value)| &labels[key] == value)
        && expressions.all(|expression| {
            assert_eq!(expression["operator"], "Exists");
            labels.get(expression["key"].as_str().unwrap()).is_some()
        })
}

/// An address as a number, and how long such numbers are. Those of IPv4 are never those of IPv6.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    }
}

fn is_within(cidr: &Value, address: IpAddr) -> bool {
    let (network, prefix) = cidr.as_str().unwrap().split_once('/').unwrap();
    let (network, length) = bits(network.parse().unwrap());
    let (address, other_length) = bits(address);
    let rest = length - prefix.parse::<u32>().unwrap();
    let top = |number: u128| number.checked_shr(rest).unwrap_or_default();
    length == other_length && top(network) == top(address)
}

/// Whether an end is a peer of a policy in this namespace.
fn is_peer(peer: &Value, namespace: &str, end: &End) -> bool {
    assert!(peer.get("namespaceSelector").is_none());
    if let Some(block) = peer.get("ipBlock") {
        let mut except = block["except"].as_array().unwrap().iter();
        return is_within(&block["cidr"], end.address)
            && !except.any(|cidr| is_within(cidr, end.address));
    }
    let selector = &peer["podSelector"];
    let pod = end.pod.as_ref();
    pod.is_some_and(|(place, labels)| *place == namespace && matches(selector, labels))
}

/// Whether the policies let `other` through at the pod's own end.
fn passes(policies: &[Value], end: &End, way: &str, other: &End, port: (&str, i32)) -> bool {
    let Some((namespace, labels)) = &end.pod else {
        return true;
    };
    let (kind, peers) = match way {
        "ingress" => ("Ingress", "from"),
        _ => ("Egress", "to"),
    };
    let applies = |policy: &&Value| {
        let types = policy["spec"]["policyTypes"].as_array().unwrap();
        policy["metadata"]["namespace"] == *namespace
            && matches(&policy["spec"]["podSelector"], labels)
            && types.iter().any(|one| one == kind)
    };
    let all: Vec<&Value> = policies.iter().filter(applies).collect();
    let rules = all
        .iter()
        .flat_map(|policy| policy["spec"][way].as_array().unwrap());
    let mut rules = rules.filter(|rule| {
        let is_port = |one: &Value| one["protocol"] == port.0 && one["port"] == port.1;
        let ports = rule.get("ports").and_then(Value::as_array);
        let peers = rule.get(peers).and_then(Value::as_array);
        ports.is_none_or(|ports| ports.iter().any(is_port))
            && peers.is_none_or(|peers| peers.iter().any(|peer| is_peer(peer, namespace, other)))
    });
    all.is_empty() || rules.next().is_some()
}

fn is_allowed(from: &End, to: &End, port: (&str, i32)) -> bool {
    let manifests = render(&spec("bounded"), Some(&pki())).unwrap();
    let policies: Vec<Value> = manifests
        .iter()
        .filter(|object| object.kind() == "NetworkPolicy")
        .map(|object| object.value().clone())
        .collect();
    assert_eq!(policies.len(), 2);
    passes(&policies, from, "egress", to, port) && passes(&policies, to, "ingress", from, port)
}

#[test]
fn pods_speak_to_one_another_and_to_what_their_control_plane_serves() {
    let peer = End {
        address: "10.0.0.8".parse().unwrap(),
        ..own_pod()
    };
    assert!(is_allowed(&own_pod(), &peer, ("TCP", 8080)));
    assert!(is_allowed(&own_pod(), &peer, ("SCTP", 9)));
    for port in [("TCP", 6443), ("UDP", 1053), ("TCP", 1053)] {
        assert!(is_allowed(&own_pod(), &control_plane(), port), "{port:?}");
    }
    for port in [("TCP", 8080), ("TCP", 10250), ("TCP", 2379), ("UDP", 6443)] {
        assert!(!is_allowed(&own_pod(), &control_plane(), port), "{port:?}");
    }
    // Webhooks and the proxy of pods.
    assert!(is_allowed(&control_plane(), &own_pod(), ("TCP", 8443)));
}

#[test]
fn pods_speak_to_the_public_internet_and_to_nothing_else() {
    for address in [
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
    ] {
        assert!(
            is_allowed(&own_pod(), &host(address), ("TCP", 443)),
            "{address}"
        );
    }
    for address in [
        // The host's API server, its resolver, nodes, other Services.
        "10.96.0.1",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.1.1",
        "100.64.0.10",
        "100.100.100.200",
        "127.0.0.1",
        "0.0.0.0",
        // Metadata.
        "169.254.169.254",
        "169.254.170.2",
        "fd00:ec2::254",
        "fe80::1",
        "fd00:10:96::1",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "224.0.0.1",
        "255.255.255.255",
    ] {
        for port in [("TCP", 443), ("UDP", 53), ("TCP", 80)] {
            assert!(
                !is_allowed(&own_pod(), &host(address), port),
                "{address} {port:?}"
            );
        }
    }
}

#[test]
fn others_in_the_namespace_or_with_the_same_labels_elsewhere_are_strangers() {
    for foreign in foreign_pods() {
        for port in [("TCP", 80), ("UDP", 1053), ("TCP", 1053)] {
            assert!(!is_allowed(&own_pod(), &foreign, port), "{foreign:?}");
            assert!(!is_allowed(&foreign, &own_pod(), port), "{foreign:?}");
            assert!(!is_allowed(&foreign, &control_plane(), port), "{foreign:?}");
        }
    }
    assert!(!is_allowed(&host("1.1.1.1"), &own_pod(), ("TCP", 80)));
    assert!(!is_allowed(&host("10.1.0.1"), &own_pod(), ("TCP", 80)));
}

#[test]
fn everybody_may_knock_at_the_api_server_and_the_syncer_reaches_the_host() {
    let from = foreign_pods()
        .into_iter()
        .chain([host("10.1.0.1"), host("1.1.1.1")]);
    for stranger in from {
        assert!(
            is_allowed(&stranger, &control_plane(), ("TCP", 6443)),
            "{stranger:?}"
        );
    }
    for (address, port) in [
        ("10.96.0.1", ("TCP", 443)),
        ("192.168.1.1", ("TCP", 16443)),
        ("fd00:10:96::1", ("TCP", 6443)),
        ("10.96.0.10", ("UDP", 53)),
        // NodeLocal DNSCache.
        ("169.254.20.10", ("UDP", 53)),
        ("169.254.20.10", ("TCP", 53)),
    ] {
        assert!(
            is_allowed(&control_plane(), &host(address), port),
            "{address}"
        );
    }
    for address in ["169.254.169.254", "fd00:ec2::254", "fe80::1"] {
        for port in [("TCP", 80), ("TCP", 443)] {
            assert!(
                !is_allowed(&control_plane(), &host(address), port),
                "{address}"
            );
        }
    }
}

/// By labels alone: that is how a policy knows a pod.
#[test]
fn without_the_option_there_is_no_policy() {
    let manifests = render(&spec("persistent"), None).unwrap();
    let mut kinds = manifests.iter().map(crate::render::Manifest::kind);
    assert!(!kinds.any(|kind| matches!(kind, "NetworkPolicy" | "ResourceQuota" | "LimitRange")));
}

/// What the control plane does not say itself it would get from a LimitRange.
#[test]
fn the_control_plane_says_all_that_a_default_would_say_for_it() {
    let manifests = render(&spec("bounded"), Some(&pki())).unwrap();
    let of_kind = |kind: &str| {
        let mut found = manifests.iter().filter(|object| object.kind() == kind);
        found.next().unwrap().value().clone()
    };
    let defaults = of_kind("LimitRange")["spec"]["limits"][0].clone();
    let set = of_kind("StatefulSet");
    let containers = set.pointer("/spec/template/spec/containers").unwrap();
    for (default, said) in [("defaultRequest", "requests"), ("default", "limits")] {
        for resource in defaults[default].as_object().unwrap().keys() {
            for container in containers.as_array().unwrap() {
                let said = &container["resources"][said][resource];
                assert!(said.is_string(), "{resource} of {container}");
            }
        }
    }
}
