//! Why a workload has not the pods that it wants.

use serde_json::Value;

use super::facts::Facts;
use super::fields::{condition, is, name, number, text};
use super::report::{Evidence, Finding, Reason, Side};
use super::{pods, refused};

pub(super) fn find(facts: &Facts, workload: &Value) -> Finding {
    if let Some(finding) = at_rest(workload) {
        return finding;
    }
    let of_pod = facts.pods.iter().find_map(|pod| {
        let finding = pods::find(facts, pod);
        let whose = format!("pod `{}`", name(pod));
        (!finding.is_fine).then(|| finding.for_the_sake_of(&whose))
    });
    // A controller that cannot make pods says so; pods that are there speak for themselves.
    let not_made = || not_made(facts, workload);
    of_pod
        .or_else(|| wants_more(facts, workload).then(not_made).flatten())
        .or_else(|| ended_badly(facts, workload))
        .or_else(|| nowhere(facts, workload))
        .unwrap_or_else(|| as_it_is(facts, workload))
}

/// How many pods it wants.
fn wanted(workload: &Value) -> i64 {
    let kind = text(workload, "/kind");
    let field = match kind {
        "DaemonSet" => "/status/desiredNumberScheduled",
        "Job" => "/spec/parallelism",
        _ => "/spec/replicas",
    };
    number(workload, field).unwrap_or(i64::from(kind != "DaemonSet"))
}

fn at_rest(workload: &Value) -> Option<Finding> {
    let fine = |reason, words: &str| Some(Finding::fine(reason, words));
    if text(workload, "/kind") == "Job" {
        if is(workload, "Complete", "True") {
            return fine(Reason::Healthy, "it is complete");
        }
        if workload.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
            return fine(Reason::ScaledToZero, "it is suspended: no pods are made");
        }
        return None;
    }
    let is_zero = text(workload, "/kind") != "DaemonSet" && wanted(workload) == 0;
    is_zero
        .then(|| {
            fine(
                Reason::ScaledToZero,
                "it is scaled to 0: no pods are wanted",
            )
        })
        .flatten()
}

fn wants_more(facts: &Facts, workload: &Value) -> bool {
    i64::try_from(facts.pods.len()).is_ok_and(|pods| pods < wanted(workload).max(1))
}

fn not_made(facts: &Facts, workload: &Value) -> Option<Finding> {
    let all = facts.between.iter().chain([workload]);
    let found = all.filter_map(|object| facts.event(object, &["FailedCreate"]));
    let event = found.max_by_key(|event| Evidence::of_event(event).time)?;
    let finding = refused::finding(facts, workload, event, Side::Virtual);
    let finding = match finding.reason {
        Reason::HostRefused => Finding {
            reason: Reason::NoPods,
            ..finding
        },
        _ => finding,
    };
    Some(finding.for_the_sake_of("no pod can be made"))
}

fn ended_badly(facts: &Facts, workload: &Value) -> Option<Finding> {
    let failed = condition(workload, "Failed").filter(|one| text(one, "/status") == "True")?;
    let (reason, message) = (text(failed, "/reason"), text(failed, "/message"));
    let kind = match reason {
        "DeadlineExceeded" => Reason::DeadlineExceeded,
        _ => Reason::ContainerFailed,
    };
    let words = format!("it has failed: {reason}: {message}");
    Some(Finding::new(kind, words).then(facts.describe(workload)))
}

/// A DaemonSet that fits no node.
fn nowhere(facts: &Facts, workload: &Value) -> Option<Finding> {
    let is_set = text(workload, "/kind") == "DaemonSet";
    let seen = number(workload, "/status/observedGeneration").is_some();
    if !is_set || !seen || wanted(workload) > 0 {
        return None;
    }
    let words = "no node of the virtual cluster is as its pods want it";
    let command = facts.kubectl(workload, "get nodes --show-labels");
    Some(Finding::new(Reason::NoNodeMatches, words).then(command))
}

fn as_it_is(facts: &Facts, workload: &Value) -> Finding {
    let wanted = wanted(workload);
    if facts.pods.is_empty() {
        let words = format!("it wants {wanted} pods and none is made yet");
        let logs = facts.vc("logs", "-c kube-controller-manager --tail 20");
        return Finding::new(Reason::NoPods, words)
            .then(facts.describe(workload))
            .then(logs);
    }
    let ready = facts.pods.iter().filter(|pod| is(pod, "Ready", "True"));
    let words = format!("{} of {wanted} pods are ready", ready.count());
    Finding::fine(Reason::Healthy, words)
}
