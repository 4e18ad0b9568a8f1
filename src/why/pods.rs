//! Why a pod does not run.

use serde_json::Value;

use super::facts::{Facts, Missing};
use super::fields::{condition, is, items, name, namespace, text, uid};
use super::report::{Evidence, Finding, Reason, Side};
use super::{claims, containers, refused};

pub(super) fn find(facts: &Facts, pod: &Value) -> Finding {
    if text(pod, "/status/phase") == "Succeeded" {
        return Finding::fine(Reason::Healthy, "it has ended as it should");
    }
    if !text(pod, "/metadata/deletionTimestamp").is_empty() {
        return terminating(facts, pod);
    }
    refused(facts, pod)
        .or_else(|| containers::unstable(facts, pod))
        .or_else(|| ready(pod))
        .or_else(|| missing(facts, pod))
        .or_else(|| unscheduled(facts, pod))
        .or_else(|| containers::find(facts, pod))
        .or_else(|| failed(facts, pod))
        .or_else(|| node(facts))
        .or_else(|| not_ready(facts, pod))
        .or_else(|| no_host_object(facts, pod))
        .unwrap_or_else(|| unknown(facts, pod))
}

/// Pods, those first that are worst off.
pub fn order(pods: &mut [Value]) {
    pods.sort_by_key(|pod| {
        let rank = match text(pod, "/status/phase") {
            _ if !text(pod, "/metadata/deletionTimestamp").is_empty() => 4,
            "Failed" => 1,
            "Succeeded" => 5,
            _ if is(pod, "Ready", "True") => 3,
            "Running" => 2,
            _ => 0,
        };
        (rank, name(pod).to_owned())
    });
}

fn terminating(facts: &Facts, pod: &Value) -> Finding {
    let finalizers: Vec<&str> = items(pod, "/metadata/finalizers")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let words = if finalizers.is_empty() {
        "it is being deleted, and its containers are still ending".to_owned()
    } else {
        let all = finalizers.join("`, `");
        format!("it is being deleted, and waits for finalizer `{all}`")
    };
    Finding::new(Reason::Terminating, words).then(facts.describe(pod))
}

fn ready(pod: &Value) -> Option<Finding> {
    is(pod, "Ready", "True").then(|| Finding::fine(Reason::Healthy, "it runs and is ready"))
}

/// By what the syncer says of a pod that it could not bring to the host.
fn refused(facts: &Facts, pod: &Value) -> Option<Finding> {
    let was_on_host = !text(pod, "/spec/nodeName").is_empty();
    if facts.is_on_host(pod) == Some(true) || was_on_host {
        return None;
    }
    let reasons = [
        "HostRefused",
        "PodSecurity",
        "UnsupportedVolume",
        "UnsupportedEnvironment",
        "UnsupportedResourceClaim",
        "UnsupportedAffinity",
    ];
    let event = facts.event(pod, &reasons)?;
    let finding = match text(event, "/reason") {
        "HostRefused" | "PodSecurity" => refused::finding(facts, pod, event, Side::Host),
        _ => Finding::new(Reason::Unsupported, text(event, "/message"))
            .shown_by([Evidence::of_event(event)]),
    };
    Some(finding.then(facts.describe(pod)))
}

/// What the pod cannot start without and what does not exist.
fn missing(facts: &Facts, pod: &Value) -> Option<Finding> {
    let is_pending = text(pod, "/status/phase") != "Running";
    let mut all = facts.missing.iter();
    let Missing { kind, name, by, .. } =
        all.find(|missing| is_pending && missing.pod == uid(pod))?;
    let words = format!(
        "{by} needs {kind} `{name}`, which does not exist in namespace `{}`",
        namespace(pod)
    );
    let (reason, command) = match *kind {
        "Secret" => (
            Reason::MissingSecret,
            format!("create secret generic {name} --from-literal=KEY=VALUE"),
        ),
        "ConfigMap" => (
            Reason::MissingConfigMap,
            format!("create configmap {name} --from-literal=KEY=VALUE"),
        ),
        _ => (
            Reason::MissingClaim,
            "get persistentvolumeclaims".to_owned(),
        ),
    };
    Some(Finding::new(reason, words).then(facts.kubectl(pod, &command)))
}

/// By what the host's scheduler says.
fn unscheduled(facts: &Facts, pod: &Value) -> Option<Finding> {
    if !text(pod, "/spec/nodeName").is_empty() {
        return None;
    }
    let scheduler = text(pod, "/spec/schedulerName");
    if !matches!(scheduler, "" | "default-scheduler") {
        let words = format!("it waits for scheduler `{scheduler}` to choose a node");
        return Some(Finding::new(Reason::OtherScheduler, words).then(facts.describe(pod)));
    }
    if let Some(finding) = claim(facts) {
        return Some(finding);
    }
    let twin = facts.twin(pod).unwrap_or(pod);
    let said = [pod, twin].into_iter().find_map(|pod| {
        condition(pod, "PodScheduled").filter(|said| text(said, "/status") == "False")
    })?;
    let message = text(said, "/message");
    let shown = Evidence::of(pod, text(said, "/reason"), message);
    if text(said, "/reason") == "SchedulingGated" {
        let words = "it waits until its scheduling gates are taken away";
        return Some(Finding::new(Reason::SchedulingGated, words).then(facts.describe(pod)));
    }
    Some(placement(facts, pod, message).shown_by([shown]))
}

/// A pod has no node before its claims have volumes, unless they wait for the node.
fn claim(facts: &Facts) -> Option<Finding> {
    facts.claims.iter().find_map(|claim| {
        let finding = claims::find(facts, claim);
        let whose = format!("claim `{}`", name(claim));
        (!finding.is_fine).then(|| finding.for_the_sake_of(&whose))
    })
}

/// What a scheduler's refusal means (`pkg/scheduler/framework/types.go` and the plugins' reasons). The reasons of
/// all nodes are in it; that which most depends on the pod is told first.
fn placement(facts: &Facts, pod: &Value, message: &str) -> Finding {
    let nodes = facts.host("get nodes --show-labels");
    if message.contains("didn't match Pod's node affinity/selector") {
        let wanted = selector(pod);
        let words = if wanted.is_empty() {
            "no node of the host is as its node affinity wants it".to_owned()
        } else {
            format!("no node of the host is as its nodeSelector wants it: `{wanted}`")
        };
        return Finding::new(Reason::NoNodeMatches, words).then(nodes);
    }
    if let Some(resource) = resource(message) {
        let words = format!("no node of the host has enough {resource} left for it");
        let command = facts.host("describe nodes");
        return Finding::new(Reason::NoRoom, words).then(command);
    }
    if message.contains("untolerated taint") {
        let words = "the host's nodes have taints that it does not tolerate";
        let command = facts.host("describe nodes");
        return Finding::new(Reason::NodeTainted, words).then(command);
    }
    let words = format!("the host's scheduler finds no node for it: {message}");
    Finding::new(Reason::Unschedulable, words).then(facts.describe(pod))
}

fn resource(message: &str) -> Option<&str> {
    if message.contains("Too many pods") {
        return Some("room for pods");
    }
    let (_, rest) = message.split_once("Insufficient ")?;
    rest.split([',', '.', ' ']).next()
}

fn selector(pod: &Value) -> String {
    let wanted = pod.pointer("/spec/nodeSelector").and_then(Value::as_object);
    let wanted = wanted.into_iter().flatten();
    let words = wanted.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    words.collect::<Vec<_>>().join(",")
}

/// By the pod's own word for a failure that is of no container.
fn failed(facts: &Facts, pod: &Value) -> Option<Finding> {
    if text(pod, "/status/phase") != "Failed" {
        return None;
    }
    let (reason, message) = (text(pod, "/status/reason"), text(pod, "/status/message"));
    let kind = match reason {
        "DeadlineExceeded" => Reason::DeadlineExceeded,
        "Evicted" | "Preempted" | "NodeLost" | "Terminated" | "Shutdown" => Reason::Evicted,
        _ => Reason::ContainerFailed,
    };
    let words = match (reason, message) {
        ("", "") => "it has failed".to_owned(),
        (reason, "") => format!("it has failed: {reason}"),
        (reason, message) => format!("it has failed: {reason}: {message}"),
    };
    Some(Finding::new(kind, words).then(facts.describe(pod)))
}

fn node(facts: &Facts) -> Option<Finding> {
    let node = facts.node.as_ref()?;
    let ready = condition(node, "Ready")?;
    if text(ready, "/status") == "True" {
        return None;
    }
    let words = format!(
        "its node `{}` is not ready: {}",
        name(node),
        text(ready, "/message")
    );
    let command = facts.host(&format!("describe node {}", name(node)));
    Some(Finding::new(Reason::NodeNotReady, words).then(command))
}

/// All containers run; one is not ready.
fn not_ready(facts: &Facts, pod: &Value) -> Option<Finding> {
    if text(pod, "/status/phase") != "Running" {
        return None;
    }
    let unready = |status: &&Value| status.pointer("/ready") == Some(&Value::Bool(false));
    let mut statuses = items(pod, "/status/containerStatuses").iter();
    let container = statuses.find(unready).map(|status| text(status, "/name"));
    let probe = facts.event(pod, &["Unhealthy"]);
    let words = match (container, probe) {
        (Some(container), Some(event)) => {
            let message = text(event, "/message").trim();
            format!("container `{container}` runs and is not ready: {message}")
        }
        (Some(container), None) => format!("container `{container}` runs and is not ready yet"),
        (None, _) => {
            "its containers are ready, and the pod is not: see its readiness gates".to_owned()
        }
    };
    let logs = match container {
        Some(container) => format!("logs {} -c {container}", name(pod)),
        None => format!("describe pod {}", name(pod)),
    };
    let finding = Finding::new(Reason::NotReady, words).then(facts.kubectl(pod, &logs));
    Some(finding.shown_by(probe.map(Evidence::of_event)))
}

/// The syncer has not brought an object to the host, and has not said why.
pub(super) fn no_host_object(facts: &Facts, object: &Value) -> Option<Finding> {
    if facts.is_on_host(object) != Some(false) {
        return None;
    }
    let pod = facts.control_plane.known()?.as_ref();
    let mut statuses = pod
        .map_or(&[][..], |pod| items(pod, "/status/containerStatuses"))
        .iter();
    let syncer = statuses.find(|status| text(status, "/name") == "syncer");
    let is_ready =
        syncer.is_some_and(|syncer| syncer.pointer("/ready") == Some(&Value::Bool(true)));
    let logs = facts.vc("logs", "-c syncer --tail 20");
    let finding = if is_ready {
        let words = "the syncer has not brought it to the host yet, and has not said why";
        Finding::new(Reason::Starting, words)
    } else {
        let words = "it is not on the host: the virtual cluster's syncer does not work";
        Finding::new(Reason::SyncerNotWorking, words)
    };
    Some(finding.then(logs))
}

fn unknown(facts: &Facts, pod: &Value) -> Finding {
    let words = match text(pod, "/status/phase") {
        "" | "Pending" => "it has not started yet, and nobody says why",
        _ => "it is not ready, and nobody says why",
    };
    Finding::new(Reason::Unknown, words).then(facts.describe(pod))
}
