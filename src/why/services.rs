//! Why a Service leads nowhere.

use serde_json::Value;

use super::facts::Facts;
use super::fields::{is, items, name, namespace, text};
use super::pods::no_host_object;
use super::report::{Finding, Reason, Side};
use super::{pods, refused};

pub(super) fn find(facts: &Facts, service: &Value) -> Finding {
    if text(service, "/spec/type") == "ExternalName" {
        let to = text(service, "/spec/externalName");
        return Finding::fine(Reason::Healthy, format!("it is another name for `{to}`"));
    }
    if facts.is_on_host(service) != Some(true)
        && let Some(event) = facts.event(service, &["HostRefused"])
    {
        return refused::finding(facts, service, event, Side::Host);
    }
    let selector = selector(service);
    if selector.is_empty() {
        let words = "it selects no pods: it leads where its EndpointSlices say";
        let get = format!(
            "get endpointslices -l kubernetes.io/service-name={}",
            name(service)
        );
        return Finding::fine(Reason::Healthy, words).then(facts.kubectl(service, &get));
    }
    without_pods(facts, service, &selector)
        .or_else(|| unready(facts))
        .or_else(|| port(facts, service))
        .or_else(|| no_host_object(facts, service))
        .or_else(|| without_address(facts, service))
        .unwrap_or_else(|| {
            let ready = facts.pods.iter().filter(|pod| is(pod, "Ready", "True"));
            Finding::fine(
                Reason::Healthy,
                format!("it leads to {} ready pods", ready.count()),
            )
        })
}

/// A Service's selector as `kubectl` takes it.
fn selector(service: &Value) -> String {
    let wanted = service.pointer("/spec/selector").and_then(Value::as_object);
    let words = wanted.into_iter().flatten();
    let words = words.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    words.collect::<Vec<_>>().join(",")
}

fn without_pods(facts: &Facts, service: &Value, selector: &str) -> Option<Finding> {
    let words = format!(
        "no pod in namespace `{}` has the labels `{selector}`",
        namespace(service)
    );
    let get = facts.kubectl(service, "get pods --show-labels");
    facts
        .pods
        .is_empty()
        .then(|| Finding::new(Reason::NoPods, words).then(get))
}

/// As long as one pod is ready the Service leads somewhere.
fn unready(facts: &Facts) -> Option<Finding> {
    if facts.pods.iter().any(|pod| is(pod, "Ready", "True")) {
        return None;
    }
    let pod = facts.pods.first()?;
    let whose = format!("no pod behind it is ready; pod `{}`", name(pod));
    Some(pods::find(facts, pod).for_the_sake_of(&whose))
}

/// A port that goes by a name which no pod has.
fn port(facts: &Facts, service: &Value) -> Option<Finding> {
    let has = |pod: &Value, wanted: &str| {
        let ports = items(pod, "/spec/containers").iter();
        let mut ports = ports.flat_map(|container| items(container, "/ports"));
        ports.any(|port| text(port, "/name") == wanted)
    };
    let ports = items(service, "/spec/ports").iter();
    let mut named = ports.map(|port| text(port, "/targetPort"));
    let wrong =
        named.find(|port| !port.is_empty() && !facts.pods.iter().any(|pod| has(pod, port)))?;
    let words = format!("its targetPort `{wrong}` is the name of no port of its pods");
    Some(Finding::new(Reason::NoPods, words).then(facts.describe(service)))
}

fn without_address(facts: &Facts, service: &Value) -> Option<Finding> {
    let wants = text(service, "/spec/type") == "LoadBalancer";
    let has = !items(service, "/status/loadBalancer/ingress").is_empty();
    if !wants || has {
        return None;
    }
    let twin = facts.twin(service).map(name).unwrap_or_default();
    let words = "the host has given its load balancer no address yet, or has no load balancers";
    let command = facts.host(&format!("describe service {twin}"));
    Some(Finding::new(Reason::NoAddress, words).then(command))
}
