//! A cluster: its state, its pod, its certificates, its end.
//!
//! In: what was found of it on the host, and the time. Out: findings. Never: asks the host.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};

use super::{Finding, codes};
use crate::cluster::{Cluster, PodState, Status, diagnose};

/// A certificate of the control plane or the administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// `apiserver`
    pub name: String,
    /// Until when it is good.
    pub expires: Timestamp,
    /// When the syncer should renew it; none for what it does not renew.
    pub renew_at: Option<Timestamp>,
}

/// Before this much is left, somebody should know.
const SOON: SignedDuration = SignedDuration::from_hours(1);

/// By when a syncer that runs has deleted an expired cluster, or `vc create` has made a StatefulSet.
const SLOW: SignedDuration = SignedDuration::from_mins(5);

/// What the state of a cluster says, whatever its pod does.
pub fn state(cluster: &Cluster, now: Timestamp) -> Vec<Finding> {
    let Cluster {
        name, namespace, ..
    } = cluster;
    let object = format!("virtualcluster/{name}");
    let delete = format!("vc delete {name} -n {namespace}");
    let found = |code, message: String| Finding::new(code, object.as_str(), message);
    let mut findings = Vec::new();
    let age = cluster.created.map(|created| now.duration_since(created));
    match cluster.status {
        Status::Incomplete if cluster.uid.is_none() => {
            let message = "its marker ConfigMap is gone, and other objects are not".to_owned();
            findings.push(found(&codes::NO_MARKER, message).fix(delete));
        }
        // One that is just being made has no StatefulSet either.
        Status::Incomplete if age.is_none_or(|age| age >= SLOW) || cluster.was_ready => {
            let message = "its marker is there, and its StatefulSet is not".to_owned();
            findings.push(found(&codes::HALF_MADE, message).fix(delete));
        }
        Status::Incomplete => {
            let message =
                "it has no StatefulSet yet: it is just being made, or that was interrupted";
            findings.push(found(&codes::NOT_READY, message.to_owned()).fix(delete));
        }
        Status::Deleting => {
            let message = "its deletion has begun".to_owned();
            findings.push(found(&codes::HALF_DELETED, message).fix(delete));
        }
        Status::Paused => {
            let message = "it is scaled to nothing; what it has stored is kept".to_owned();
            let fix = format!("vc resume {name} -n {namespace}");
            findings.push(found(&codes::PAUSED, message).fix(fix));
        }
        _ => {}
    }
    if let Some(since) = cluster.store_full_since {
        let message = format!("its store is full since {since}: writes are refused");
        let fix = format!("vc connect {name} -n {namespace}, and delete what is not needed");
        findings.push(found(&codes::STORE_FULL, message).fix(fix));
    }
    if let Some(expires) = cluster.expires {
        let left = expires.duration_since(now);
        if left <= -SLOW {
            let message = format!("it should have deleted itself at {expires}");
            findings.push(found(&codes::EXPIRED, message).fix(format!("vc prune -n {namespace}")));
        } else if left <= SOON {
            let message = format!("it deletes itself at {expires}");
            findings.push(found(&codes::EXPIRES_SOON, message));
        }
    }
    findings
}

/// Whether a cluster is to have a pod.
pub fn is_to_run(cluster: &Cluster) -> bool {
    !matches!(
        cluster.status,
        Status::Incomplete | Status::Deleting | Status::Paused | Status::Deleted
    )
}

/// What the pod of a control plane says; `refusal` is why the host makes none, as its events tell.
pub fn pod(cluster: &Cluster, pod: Option<&Pod>, refusal: Option<&str>) -> Vec<Finding> {
    if !is_to_run(cluster) {
        return Vec::new();
    }
    let Cluster {
        name, namespace, ..
    } = cluster;
    let describe = format!("vc describe {name} -n {namespace}");
    let Some(pod) = pod else {
        let why = refusal.map_or_else(String::new, |refusal| format!(": {refusal}"));
        let object = format!("statefulset/{}", name.object());
        let message = format!("it has no pod{why}");
        return vec![Finding::new(&codes::NO_POD, object, message).fix(describe)];
    };
    let object = format!("pod/{}", name.pod());
    let diagnosis = diagnose(pod);
    let mut findings = Vec::new();
    // In a cluster that is just being made the syncer is the last to be ready.
    let syncer_alone = cluster.was_ready && is_syncer_alone(pod);
    match diagnosis.state {
        PodState::Stuck => {
            let fix = diagnosis
                .ended_container
                .as_ref()
                .map_or(describe, |container| {
                    format!("vc logs {name} -n {namespace} -c {container} --previous")
                });
            findings.push(Finding::new(&codes::STUCK, object, diagnosis.reason).fix(fix));
        }
        PodState::Starting if syncer_alone => {
            let message = "the API server is ready and the syncer is not: nothing reaches the host or comes back";
            let fix = format!("vc logs {name} -n {namespace} -c syncer");
            findings.push(Finding::new(&codes::SYNCER, object, message).fix(fix));
        }
        PodState::Starting => {
            let fix = format!("vc wait {name} -n {namespace}");
            findings.push(Finding::new(&codes::NOT_READY, object, diagnosis.reason).fix(fix));
        }
        PodState::Ready => {}
    }
    findings.extend(containers(pod).iter().filter_map(|container| {
        let logs = format!(
            "vc logs {name} -n {namespace} -c {} --previous",
            container.name
        );
        restarts(container).map(|finding| finding.fix(logs))
    }));
    findings
}

fn containers(pod: &Pod) -> &[ContainerStatus] {
    let statuses = pod.status.as_ref();
    let statuses = statuses.and_then(|status| status.container_statuses.as_deref());
    statuses.unwrap_or_default()
}

/// Whether all of a running control plane is ready but the syncer.
fn is_syncer_alone(pod: &Pod) -> bool {
    let all = containers(pod);
    let is_running = |container: &ContainerStatus| {
        let state = container.state.as_ref();
        state.is_some_and(|state| state.running.is_some())
    };
    let (syncer, rest): (Vec<_>, Vec<_>) = all.iter().partition(|one| one.name == "syncer");
    let is_up = !rest.is_empty() && rest.iter().all(|container| container.ready);
    is_up && syncer.iter().any(|one| !one.ready && is_running(one))
}

fn restarts(container: &ContainerStatus) -> Option<Finding> {
    if container.restart_count == 0 {
        return None;
    }
    let last = container.last_state.as_ref();
    let last = last.and_then(|state| state.terminated.as_ref());
    let last = last.map_or_else(String::new, |ended| format!("; {}", how(ended)));
    let message = format!(
        "it was started again {} times{last}",
        container.restart_count
    );
    let object = format!("container/{}", container.name);
    Some(Finding::new(&codes::RESTARTED, object, message))
}

fn how(ended: &ContainerStateTerminated) -> String {
    let reason = ended.reason.as_deref().unwrap_or("ended");
    let at = ended.finished_at.as_ref();
    let at = at.map_or_else(String::new, |time| format!(" at {}", time.0));
    format!("the last time {reason}, exit code {}{at}", ended.exit_code)
}

/// Checks certificates; a cluster that does not run cannot renew its own.
pub fn certificates(cluster: &Cluster, all: &[Certificate], now: Timestamp) -> Vec<Finding> {
    let Cluster {
        name, namespace, ..
    } = cluster;
    let logs = format!("vc logs {name} -n {namespace} -c syncer");
    let is_paused = cluster.status == Status::Paused;
    let findings = all.iter().filter_map(|certificate| {
        let Certificate {
            name: which,
            expires,
            renew_at,
        } = certificate;
        let object = format!("certificate/{which}");
        if *expires <= now {
            let message = format!("it expired at {expires}");
            let fix = if is_paused {
                format!("vc resume {name} -n {namespace}")
            } else {
                logs.clone()
            };
            return Some(Finding::new(&codes::CERTIFICATE_EXPIRED, object, message).fix(fix));
        }
        let renew_at = (*renew_at)?;
        let reserve = expires.duration_since(renew_at) / 2;
        let is_overdue = now.duration_since(renew_at) > reserve;
        (is_overdue && !is_paused).then(|| {
            let message =
                format!("it should have been renewed at {renew_at}, and expires at {expires}");
            Finding::new(&codes::CERTIFICATE_OVERDUE, object, message).fix(logs.clone())
        })
    });
    findings.collect()
}

#[cfg(test)]
mod tests;
