//! Why an Ingress leads nowhere.

use serde_json::Value;

use super::facts::Facts;
use super::fields::{items, name, namespace, text};
use super::pods::no_host_object;
use super::report::{Finding, Reason, Side};
use super::{refused, services};

pub(super) fn find(facts: &Facts, ingress: &Value) -> Finding {
    if facts.is_on_host(ingress) != Some(true)
        && let Some(event) = facts.event(ingress, &["HostRefused"])
    {
        return refused::finding(facts, ingress, event, Side::Host);
    }
    missing(facts, ingress)
        .or_else(|| no_host_object(facts, ingress))
        .or_else(|| unserved(facts))
        .or_else(|| without_address(facts, ingress))
        .unwrap_or_else(|| Finding::fine(Reason::Healthy, "the host serves it"))
}

/// The Services that an Ingress names.
pub fn backends(ingress: &Value) -> Vec<&str> {
    let rules = items(ingress, "/spec/rules").iter();
    let paths = rules.flat_map(|rule| items(rule, "/http/paths"));
    let backends = paths.map(|path| text(path, "/backend/service/name"));
    let default = text(ingress, "/spec/defaultBackend/service/name");
    let mut all: Vec<&str> = Vec::new();
    for service in backends.chain([default]) {
        if !service.is_empty() && !all.contains(&service) {
            all.push(service);
        }
    }
    all
}

fn missing(facts: &Facts, ingress: &Value) -> Option<Finding> {
    let exists = |wanted: &&str| facts.between.iter().any(|service| name(service) == *wanted);
    let missing = backends(ingress)
        .into_iter()
        .find(|wanted| !exists(wanted))?;
    let words = format!(
        "it leads to Service `{missing}`, which does not exist in namespace `{}`",
        namespace(ingress)
    );
    Some(Finding::new(Reason::MissingService, words).then(facts.kubectl(ingress, "get services")))
}

/// The pods are those of the first Service alone.
fn unserved(facts: &Facts) -> Option<Finding> {
    let service = facts.between.first()?;
    let finding = services::find(facts, service);
    let whose = format!("Service `{}`", name(service));
    (!finding.is_fine).then(|| finding.for_the_sake_of(&whose))
}

fn without_address(facts: &Facts, ingress: &Value) -> Option<Finding> {
    if !items(ingress, "/status/loadBalancer/ingress").is_empty() {
        return None;
    }
    let class = text(ingress, "/spec/ingressClassName");
    let words = match class {
        "" => "no ingress controller of the host has given it an address; it names no class"
            .to_owned(),
        class => {
            format!("no ingress controller of the host for class `{class}` has given it an address")
        }
    };
    let command = facts.host("get ingressclasses");
    Some(Finding::new(Reason::NoAddress, words).then(command))
}
