//! From an object to the host's node, with the state of each.

use serde_json::Value;

use super::facts::{Facts, Seen};
use super::fields::{condition, controller, is, items, name, namespace, number, text, uid};
use super::report::{Link, Side};

/// How many pods a chain goes through: the others are counted in the state of what wants them.
const MOST_PODS: usize = 3;

pub(super) fn chain(facts: &Facts) -> Vec<Link> {
    let mut links = vec![link(Side::Virtual, &facts.subject, state(&facts.subject))];
    for object in &facts.between {
        links.push(link(Side::Virtual, object, state(object)));
    }
    let is_other = |object: &&Value| uid(object) != uid(&facts.subject);
    let pods = facts.pods.iter().take(MOST_PODS);
    let claims = facts.claims.iter();
    if let Some(twin) = twin(facts, &facts.subject) {
        links.push(twin);
    }
    for object in pods.chain(claims).filter(is_other) {
        links.push(link(Side::Virtual, object, state(object)));
        links.extend(twin(facts, object));
    }
    if let Some(node) = &facts.node {
        links.push(link(Side::Host, node, state(node)));
    }
    links
}

fn link(side: Side, object: &Value, state: String) -> Link {
    let namespace = namespace(object);
    Link {
        side,
        kind: text(object, "/kind").to_owned(),
        namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
        name: name(object).to_owned(),
        state,
    }
}

fn twin(facts: &Facts, object: &Value) -> Option<Link> {
    let (name, state) = match facts.twins.get(uid(object))? {
        Seen::Known(Some(twin)) => (name(twin), state(twin)),
        Seen::Known(None) => ("-", "not on the host".to_owned()),
        Seen::Unknown(_) => ("?", "unknown".to_owned()),
    };
    Some(Link {
        side: Side::Host,
        kind: text(object, "/kind").to_owned(),
        namespace: Some(facts.place.host_namespace.clone()),
        name: name.to_owned(),
        state,
    })
}

/// The workload that a pod is of, by which its spec is changed: `("deployment", "web")`; itself, if it is of none.
pub(super) fn workload(pod: &Value) -> (String, &str) {
    let Some(owner) = controller(pod) else {
        return ("pod".to_owned(), name(pod));
    };
    let owner_name = text(owner, "/name");
    // A Deployment's ReplicaSet is called after it and the hash of the template
    // (`pkg/controller/deployment/sync.go`).
    let hash = text(pod, "/metadata/labels/pod-template-hash");
    let stem = owner_name.strip_suffix(hash);
    let deployment = stem.and_then(|stem| stem.strip_suffix('-'));
    match deployment {
        Some(deployment) if !hash.is_empty() => ("deployment".to_owned(), deployment),
        _ => (text(owner, "/kind").to_lowercase(), owner_name),
    }
}

/// The state of an object in two or three words.
pub fn state(object: &Value) -> String {
    if !text(object, "/metadata/deletionTimestamp").is_empty() {
        return "Terminating".to_owned();
    }
    let count = |field: &str| number(object, field).unwrap_or_default();
    match text(object, "/kind") {
        "Pod" => pod(object),
        "PersistentVolumeClaim" => text(object, "/status/phase").to_owned(),
        "Service" => match text(object, "/spec/type") {
            "ExternalName" => format!("ExternalName {}", text(object, "/spec/externalName")),
            type_ => format!("{type_} {}", text(object, "/spec/clusterIP")),
        },
        "DaemonSet" => format!(
            "{}/{} ready",
            count("/status/numberReady"),
            count("/status/desiredNumberScheduled")
        ),
        "Job" => {
            let wanted = number(object, "/spec/completions").unwrap_or(1);
            format!("{}/{wanted} completed", count("/status/succeeded"))
        }
        "Node" if is(object, "Ready", "True") => "Ready".to_owned(),
        "Node" => "NotReady".to_owned(),
        "Ingress" => match items(object, "/status/loadBalancer/ingress") {
            [] => "no address".to_owned(),
            [first, ..] => format!("{}{}", text(first, "/ip"), text(first, "/hostname")),
        },
        _ => {
            let wanted = number(object, "/spec/replicas").unwrap_or(1);
            format!("{}/{wanted} ready", count("/status/readyReplicas"))
        }
    }
}

fn pod(pod: &Value) -> String {
    let lists = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let statuses = lists.into_iter().flat_map(|list| items(pod, list));
    let waiting = statuses.map(|status| text(status, "/state/waiting/reason"));
    let mut waiting = waiting.filter(|reason| !reason.is_empty());
    let phase = match text(pod, "/status/phase") {
        "" => "Pending",
        phase => phase,
    };
    let unscheduled = condition(pod, "PodScheduled")
        .filter(|said| text(said, "/status") == "False")
        .map(|said| text(said, "/reason"));
    let reason = match text(pod, "/status/reason") {
        "" => waiting.next().or(unscheduled),
        reason => Some(reason),
    };
    match reason.filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("{phase}: {reason}"),
        None if phase == "Running" && !is(pod, "Ready", "True") => "Running, not ready".to_owned(),
        None => phase.to_owned(),
    }
}
