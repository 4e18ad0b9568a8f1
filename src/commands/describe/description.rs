//! What `vc describe` knows of a virtual cluster, as `-o json` and `-o yaml` show it.
//!
//! In: host objects. Out: [`Description`]. Never: a key, the host itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Event, Pod};
use serde::Serialize;

use crate::cluster::ClusterSpec;
use crate::commands::list::Row;
use crate::pki;

/// Everything. Fields are only ever added.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Description {
    /// What `vc get` shows.
    #[serde(flatten)]
    pub row: Row,
    /// What it was made from.
    pub spec: Option<ClusterSpec>,
    /// Since when its store refuses writes for want of room; null while it takes them.
    pub store_full_since: Option<String>,
    /// Its pod; null when there is none.
    pub control_plane: Part<Option<ControlPlane>>,
    pub certificates: Part<Vec<Certificate>>,
    /// The host pods of its workloads, by phase.
    pub pods: Part<Phases>,
    /// About the control plane, the oldest first.
    pub events: Part<Vec<Happening>>,
}

/// A part, or why it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Part<T> {
    Known(T),
    Unknown { unknown: String },
}

/// How many pods are in each phase.
pub(super) type Phases = BTreeMap<String, usize>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ControlPlane {
    pub pod: String,
    pub node: Option<String>,
    pub phase: Option<String>,
    pub containers: Vec<Container>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Container {
    pub name: String,
    pub image: String,
    pub ready: bool,
    /// `Running`, `Waiting: CrashLoopBackOff`, `Terminated: Error`, `Unknown`.
    pub state: String,
    pub restarts: i32,
    /// How it ended the last time.
    pub last_end: Option<End>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct End {
    /// `OOMKilled`
    pub reason: Option<String>,
    pub exit_code: i32,
    pub time: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Certificate {
    /// `apiserver`
    pub name: String,
    /// None when it is no certificate.
    pub expires: Option<String>,
}

/// An event of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Happening {
    pub time: Option<String>,
    /// `Normal` or `Warning`
    #[serde(rename = "type")]
    pub type_: String,
    pub reason: String,
    /// `pod/vc-dev-0`
    pub object: String,
    pub count: i32,
    pub message: String,
}

impl ControlPlane {
    /// Reads its pod.
    pub(super) fn new(pod: &Pod) -> Self {
        let status = pod.status.clone().unwrap_or_default();
        let spec = pod.spec.as_ref();
        let statuses = status.container_statuses.unwrap_or_default();
        let containers = spec.map(|spec| spec.containers.as_slice());
        let containers = containers.unwrap_or_default().iter().map(|container| {
            let status = statuses.iter().find(|status| status.name == container.name);
            Container {
                name: container.name.clone(),
                image: container.image.clone().unwrap_or_default(),
                ready: status.is_some_and(|status| status.ready),
                state: status.map_or_else(|| "Unknown".to_owned(), state),
                restarts: status.map_or(0, |status| status.restart_count),
                last_end: status.and_then(last_end),
            }
        });
        Self {
            pod: pod.metadata.name.clone().unwrap_or_default(),
            node: spec.and_then(|spec| spec.node_name.clone()),
            phase: status.phase,
            containers: containers.collect(),
        }
    }
}

fn state(container: &ContainerStatus) -> String {
    let because = |state: &str, reason: Option<String>| match reason {
        Some(reason) => format!("{state}: {reason}"),
        None => state.to_owned(),
    };
    let state = container.state.clone().unwrap_or_default();
    match (state.running, state.waiting, state.terminated) {
        (Some(_), ..) => "Running".to_owned(),
        (_, Some(waiting), _) => because("Waiting", waiting.reason),
        (.., Some(terminated)) => because("Terminated", terminated.reason),
        _ => "Unknown".to_owned(),
    }
}

fn last_end(container: &ContainerStatus) -> Option<End> {
    let ended = |state: &Option<k8s_openapi::api::core::v1::ContainerState>| {
        state.as_ref().and_then(|state| state.terminated.clone())
    };
    let ContainerStateTerminated {
        reason,
        exit_code,
        finished_at,
        ..
    } = ended(&container.state).or_else(|| ended(&container.last_state))?;
    Some(End {
        reason,
        exit_code,
        time: finished_at.map(|time| time.0.to_string()),
    })
}

/// Counts pods by phase.
pub(super) fn phases(pods: &[Pod]) -> Phases {
    let mut phases = Phases::new();
    for pod in pods {
        let phase = pod.status.as_ref().and_then(|status| status.phase.clone());
        *phases
            .entry(phase.unwrap_or_else(|| "Unknown".to_owned()))
            .or_default() += 1;
    }
    phases
}

/// Until when these certificates are good, PEM by name; those that end first come first.
pub(super) fn certificates(files: &[(String, Vec<u8>)]) -> Vec<Certificate> {
    let files = files.iter();
    let mut all: Vec<(Option<Timestamp>, String)> = files
        .map(|(name, pem)| (pki::expires(pem), name.clone()))
        .collect();
    all.sort();
    let all = all.into_iter().map(|(expires, name)| Certificate {
        name,
        expires: expires.map(|time| time.to_string()),
    });
    all.collect()
}

/// The last of these events, which come oldest first. One that is older than the cluster is of another cluster
/// of that name.
pub(super) fn happenings(events: Vec<Event>, created: Option<Timestamp>) -> Vec<Happening> {
    let mut all: Vec<Happening> = events
        .into_iter()
        .filter_map(|event| {
            let time = crate::wait::time_of(&event);
            let is_older = matches!((time, created), (Some(time), Some(made)) if time < made);
            (!is_older).then(|| happening(event, time))
        })
        .collect();
    all.split_off(all.len().saturating_sub(MOST_EVENTS))
}

/// One screen is to be enough.
const MOST_EVENTS: usize = 10;

fn happening(event: Event, time: Option<Timestamp>) -> Happening {
    let object = event.involved_object;
    let message = event.message.unwrap_or_default();
    Happening {
        time: time.map(|time| time.to_string()),
        type_: event.type_.unwrap_or_default(),
        reason: event.reason.unwrap_or_default(),
        object: format!(
            "{}/{}",
            object.kind.unwrap_or_default().to_lowercase(),
            object.name.unwrap_or_default()
        ),
        count: event.count.unwrap_or(1),
        message: message.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}
