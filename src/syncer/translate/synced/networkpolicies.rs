//! NetworkPolicies, in a namespace that many share.
//!
//! In: a policy over virtual pods and namespaces. Out: one over host pods of this virtual cluster, which knows
//! no namespaces: they are labels of the pods. Never: a policy for a pod of somebody else.
//!
//! A policy that lets pods ask the virtual cluster's DNS, by its Pods or by its port, lets them ask the
//! control-plane pod: policies are about pods behind a Service, and DNS is answered there, at another port.
//! <https://kubernetes.io/docs/concepts/services-networking/network-policies/>

use serde_json::{Map, Value, json};

use super::super::Scope;
use super::super::json::{list, objects_mut, text};
use super::super::selectors::{self, Reach};
use super::{Surroundings, leave_out_others};
use crate::cluster::DNS_PORT;
use crate::labels;

const KNOWN: [&str; 4] = ["podSelector", "ingress", "egress", "policyTypes"];
const KNOWN_OF_PEER: [&str; 3] = ["podSelector", "namespaceSelector", "ipBlock"];

/// Translates a policy.
pub(super) fn translate(
    spec: &mut Map<String, Value>,
    namespace: &str,
    around: Surroundings<'_>,
    left_out: &mut Vec<String>,
) {
    leave_out_others(spec, &KNOWN, left_out);
    if let Some(selector) = spec.get_mut("podSelector") {
        selectors::to_host(selector, &Reach::own(namespace), around.scope);
    }
    let rules = spec.get("egress").and_then(Value::as_array);
    let to_dns: Vec<Value> = rules
        .into_iter()
        .flatten()
        .filter_map(|rule| dns_rule(rule, namespace, around))
        .collect();
    for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in objects_mut(spec, rules) {
            let mut is_cut = false;
            for peer in objects_mut(rule, peers) {
                is_cut |= translate_peer(peer, namespace, around.scope);
            }
            if is_cut {
                left_out.push(format!("spec.{rules}[*].{peers}"));
                // What a peer says beyond what is known may only narrow it, so it is nobody.
                drop_empty_peers(rule, peers);
            }
        }
    }
    if let Some(rules) = spec.get_mut("egress").and_then(Value::as_array_mut) {
        for rule in to_dns {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
    }
}

/// Translates a peer; answers whether it says what is not known here, and then it is empty.
fn translate_peer(peer: &mut Map<String, Value>, namespace: &str, scope: &Scope) -> bool {
    let is_unknown = |(field, value): (&String, &Value)| {
        !KNOWN_OF_PEER.contains(&field.as_str()) && !value.is_null()
    };
    if peer.iter().any(is_unknown) {
        peer.clear();
        return true;
    }
    if peer.get("ipBlock").is_some_and(Value::is_object) {
        return false;
    }
    let selected = peer.shift_remove("namespaceSelector");
    let reach = match selected {
        Some(selector) if selector.is_object() => Reach::Selected(selector),
        _ => Reach::own(namespace),
    };
    let pods = peer.entry("podSelector").or_insert(json!({}));
    if pods.is_null() {
        *pods = json!({});
    }
    selectors::to_host(pods, &reach, scope);
    false
}

/// Takes the peers out that are nobody. A rule without peers would be for everybody, so one of that kind gets
/// a peer that no pod is.
fn drop_empty_peers(rule: &mut Map<String, Value>, peers: &str) {
    let Some(all) = rule.get_mut(peers).and_then(Value::as_array_mut) else {
        return;
    };
    all.retain(|peer| peer.as_object().is_some_and(|peer| !peer.is_empty()));
    if all.is_empty() {
        let nobody = json!({"key": labels::CLUSTER, "operator": "DoesNotExist"});
        let somebody = json!({"key": labels::CLUSTER, "operator": "Exists"});
        all.push(json!({"podSelector": {"matchExpressions": [nobody, somebody]}}));
    }
}

/// What a rule that lets pods ask DNS has to let them do on the host, if it does.
fn dns_rule(rule: &Value, namespace: &str, around: Surroundings<'_>) -> Option<Value> {
    let peers = list(rule, "to");
    let ports = list(rule, "ports");
    let is_everything = peers.is_empty() && ports.is_empty();
    let is_peer = |peer: &Value| is_dns_peer(peer, namespace, !ports.is_empty(), around);
    if is_everything || !(peers.is_empty() || peers.iter().any(is_peer)) {
        return None;
    }
    let protocols = ["UDP", "TCP"].into_iter().filter(|protocol| {
        ports.is_empty() || ports.iter().any(|port| is_dns_port(port, protocol))
    });
    let ports: Vec<Value> = protocols
        .map(|protocol| json!({"protocol": protocol, "port": DNS_PORT}))
        .collect();
    (!ports.is_empty()).then(|| {
        let control_plane = json!({
            labels::CLUSTER: around.scope.cluster.as_str(),
            labels::COMPONENT: labels::CONTROL_PLANE,
        });
        json!({"to": [{"podSelector": {"matchLabels": control_plane}}], "ports": ports})
    })
}

/// Whether a peer is the pods that programs take for those of DNS: `k8s-app: kube-dns` in `kube-system`. With
/// the port of DNS beside it, a range of addresses is meant to have it in it.
fn is_dns_peer(peer: &Value, namespace: &str, has_ports: bool, around: Surroundings<'_>) -> bool {
    if peer["ipBlock"].is_object() {
        return has_ports;
    }
    let is_there = match &peer["namespaceSelector"] {
        Value::Null => namespace == "kube-system",
        selector => selectors::matches(selector, around.system_labels),
    };
    let pods = &peer["podSelector"];
    is_there && (pods.is_null() || selectors::matches(pods, &json!({"k8s-app": "kube-dns"})))
}

/// Whether a port of a rule is that of DNS, by number or by what the port of its pods is called everywhere.
fn is_dns_port(port: &Value, protocol: &str) -> bool {
    let of = match text(port, "protocol") {
        "" => "TCP",
        of => of,
    };
    let name = if protocol == "UDP" { "dns" } else { "dns-tcp" };
    let is_port = match &port["port"] {
        Value::Null => true,
        Value::String(port) => port == name,
        number => number.as_i64().is_some_and(|first| {
            let last = port["endPort"].as_i64().unwrap_or(first);
            (first..=last).contains(&53)
        }),
    };
    of == protocol && is_port
}
