//! A virtual cluster as it is wanted ([`ClusterSpec`]) and as it is found ([`Cluster`]).
//!
//! In: resolved options, or host objects. Out: values that the rest of the program works on.
//! Never: talks to a cluster, reads a clock or the environment.

mod conditions;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, ContainerState, ContainerStatus, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};

pub use conditions::{Condition, ConditionStatus, ConditionType, Wanted};

use crate::labels;
use crate::names::{ClusterName, KubernetesVersion, Namespace};
use crate::pki::LEAF_LIFE;
use crate::pod_security::Profile;
use crate::sync::{Known, Sync};

/// Port of the syncer's admission webhook, on the loopback address of the control-plane pod: the one after
/// the kubelet's, which the syncer has as well.
pub const WEBHOOK_PORT: u16 = 10251;

/// Port on the control-plane pod's addresses at which the virtual cluster's names are asked for: one that needs
/// no capability.
pub const DNS_PORT: i32 = 1053;
/// Port on which the syncer answers for `metrics.k8s.io`, on the same address: the one after that.
pub const METRICS_PORT: u16 = 10252;
/// Port on which the syncer tells how it does, on the same address: the one after that.
pub const FIGURES_PORT: u16 = 10253;

/// Everything that decides what a virtual cluster's manifests say, but for keys and certificates.
///
/// Stored as JSON in the marker ConfigMap; fields are only ever added, with a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterSpec {
    /// The virtual cluster's name, unique in its host namespace.
    pub name: ClusterName,
    /// The host namespace everything lives in.
    pub namespace: Namespace,
    /// Release of the API server and the controller manager.
    pub kubernetes_version: KubernetesVersion,
    /// Prefix of every image, without a trailing slash: `registry.k8s.io`.
    pub registry: String,
    /// Image of the syncer, a full name; empty in the marker of a cluster that has none yet.
    #[serde(default)]
    pub syncer_image: String,
    /// Where the store keeps its data.
    pub storage: Storage,
    /// What the control-plane pod asks for and may use.
    pub resources: Resources,
    /// The host's service ranges, `10.96.0.0/16`: one, or two on a dual-stack host.
    pub service_cidrs: Vec<String>,
    /// Which pods may reach the host.
    #[serde(default)]
    pub pod_security: Profile,
    /// Whether every node of the host is shown as it is; the syncer has a ClusterRole for that.
    #[serde(default)]
    pub sync_nodes: bool,
    /// Whether every StorageClass of the host is shown; the same ClusterRole has the right.
    #[serde(default)]
    pub sync_storage_classes: bool,
    /// Kinds that are synced because of an option, or because the right was there.
    #[serde(default, skip_serializing_if = "Sync::is_empty")]
    pub sync: Sync,
    /// Rights of the syncer on the host beyond what Kubernetes' own `admin` role can grant.
    #[serde(default)]
    pub grants: Grants,
    /// How much of the host there is for everything in the namespace, by the names and in the quantities of a
    /// ResourceQuota; nothing where there is no quota.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub quota: BTreeMap<String, String>,
    /// Whether NetworkPolicies say whom the cluster's pods may speak to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub isolate: bool,
    /// For how many seconds certificates are good before the syncer has renewed them; none means
    /// [`crate::pki::LEAF_LIFE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_life_seconds: Option<u64>,
    /// Which restored store the pod puts in the place of the one before, if an upgrade was taken back. It stays until
    /// the next upgrade: without it, the pod's template would be another, and the pod be replaced once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_store: Option<String>,
    /// After how many seconds without use the cluster pauses itself; none means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sleep_after_seconds: Option<u64>,
}

/// Short words for what a ResourceQuota counts most often, and its own. It is requests that are counted, by
/// which the host's scheduler goes.
pub const SHORT_QUOTAS: [(&str, &str); 3] = [
    ("cpu", "requests.cpu"),
    ("memory", "requests.memory"),
    ("storage", "requests.storage"),
];

/// What of the host is shown as it is, because somebody asked for it; each takes a right in the whole host
/// cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// Its nodes.
    pub nodes: bool,
    /// Its StorageClasses.
    pub storage_classes: bool,
    /// Other kinds of the whole cluster.
    pub kinds: Vec<Known>,
}

impl Shown {
    /// Whether that takes any right in the whole host cluster.
    pub fn is_any(&self) -> bool {
        self.nodes || self.storage_classes || !self.kinds.is_empty()
    }
}

impl ClusterSpec {
    /// What a marker says that its cluster was made from; none when it cannot be read.
    pub fn of_marker(marker: &ConfigMap) -> Option<Self> {
        let text = marker.data.as_ref()?.get(labels::MARKER_SPEC)?;
        serde_json::from_str(text).ok()
    }

    /// For how long certificates are good.
    pub fn certificate_life(&self) -> Duration {
        let seconds = self.certificate_life_seconds;
        seconds.map_or(LEAF_LIFE, Duration::from_secs)
    }

    /// After how long without use the cluster pauses itself.
    pub fn sleep_after(&self) -> Option<Duration> {
        self.sleep_after_seconds.map(Duration::from_secs)
    }

    /// The quota as it is typed; empty where there is none.
    pub fn quota_words(&self) -> String {
        let word = |name: &String| {
            let short = SHORT_QUOTAS.iter().find(|(_, long)| long == name);
            short.map_or_else(|| name.clone(), |(short, _)| (*short).to_owned())
        };
        let words = self.quota.iter();
        let words: Vec<String> = words
            .map(|(name, quantity)| format!("{}={quantity}", word(name)))
            .collect();
        words.join(",")
    }

    /// What of the host is shown as it is.
    pub fn shown(&self) -> Shown {
        Shown {
            nodes: self.sync_nodes,
            storage_classes: self.sync_storage_classes,
            kinds: self.sync.shown().collect(),
        }
    }
}

/// Rights in the host namespace that whoever installs may lack, and the syncer can do without.
///
/// Kubernetes' `admin` role has the last two where metrics-server is installed, and none of the others; and
/// nobody can grant a right that he has not himself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is granted or not by itself"
)]
pub struct Grants {
    /// `patch pods/ephemeralcontainers`, for `kubectl debug`.
    pub ephemeral_containers: bool,
    /// `patch pods/resize`, for resizing pods in place.
    pub resize: bool,
    /// `patch pods/status`, for the conditions of readiness gates.
    pub status: bool,
    /// Writing EndpointSlices, for Services without a selector.
    pub endpoint_slices: bool,
    /// Reading `pods.metrics.k8s.io`, for `kubectl top` and HorizontalPodAutoscalers.
    pub pod_metrics: bool,
    /// Reading `nodes.metrics.k8s.io` in the whole host cluster, where its nodes are shown as they are.
    pub node_metrics: bool,
}

impl Grants {
    /// These rights and those.
    #[must_use]
    pub fn and_those(self, those: Self) -> Self {
        Self {
            ephemeral_containers: self.ephemeral_containers || those.ephemeral_containers,
            resize: self.resize || those.resize,
            status: self.status || those.status,
            endpoint_slices: self.endpoint_slices || those.endpoint_slices,
            pod_metrics: self.pod_metrics || those.pod_metrics,
            node_metrics: self.node_metrics || those.node_metrics,
        }
    }
}

/// Where the store keeps its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Storage {
    /// An `emptyDir`: gone with the pod.
    Ephemeral,
    /// A PersistentVolumeClaim.
    #[serde(rename_all = "camelCase")]
    Persistent {
        /// Its StorageClass; the host's default when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<String>,
        /// Its size, a Kubernetes quantity: `5Gi`.
        size: String,
    },
}

/// Requests and limits of the whole control-plane pod; `render` shares them out to its containers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    /// CPU requested, in millicores.
    pub cpu_request_millicores: u64,
    /// CPU limit, in millicores; none by default, because throttling slows every start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_limit_millicores: Option<u64>,
    /// Memory requested, in MiB.
    pub memory_request_mebibytes: u64,
    /// Memory limit, in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit_mebibytes: Option<u64>,
}

/// A virtual cluster as it is found on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: ClusterName,
    /// Its host namespace.
    pub namespace: Namespace,
    /// UID of its marker; none when the marker is gone.
    pub uid: Option<String>,
    /// What the `vc create` that began it noted on its machine; none when it was made otherwise.
    pub begun_as: Option<String>,
    /// What it was made from; none when the marker is gone or cannot be read.
    pub spec: Option<ClusterSpec>,
    /// The labels that users gave it.
    pub labels: BTreeMap<String, String>,
    /// When its marker was made.
    pub created: Option<Timestamp>,
    /// When it is to delete itself; none means never.
    pub expires: Option<Timestamp>,
    /// Since when its store refuses writes for want of room; none while it takes them.
    pub store_full_since: Option<Timestamp>,
    /// Whether `vc delete` has begun.
    pub is_half_deleted: bool,
    /// Whether `vc create` ever saw it ready.
    pub was_ready: bool,
    /// What state it is in.
    pub status: Status,
    /// Why, in words, when it is not simply running.
    pub reason: Option<String>,
    /// The containers of its control plane that have been heard of, and whether each is ready.
    pub containers: BTreeMap<String, bool>,
}

fn user_labels(marker: Option<&ObjectMeta>) -> BTreeMap<String, String> {
    let all = marker.and_then(|metadata| metadata.labels.clone());
    let all = all.unwrap_or_default().into_iter();
    all.filter(|(key, _)| !labels::is_reserved(key)).collect()
}

/// When a cluster is to delete itself: that many seconds after its creation. None when this is no number.
pub fn expires(created: Timestamp, ttl_seconds: &str) -> Option<Timestamp> {
    let seconds = ttl_seconds.parse::<u32>().ok()?;
    created
        .checked_add(SignedDuration::from_secs(i64::from(seconds)))
        .ok()
}

/// The states that a virtual cluster can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It has not been ready yet, and may still become so.
    Creating,
    /// Its control plane is ready.
    Running,
    /// It was ready and is not now.
    Degraded,
    /// It cannot become ready without somebody's doing.
    Failed,
    /// Its control plane is scaled to nothing; what it has stored is kept.
    Paused,
    /// It is being deleted.
    Deleting,
    /// Parts are missing: creating or deleting it was interrupted.
    Incomplete,
    /// It is gone; whoever watches is told so.
    Deleted,
}

impl Status {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Running => "Running",
            Self::Degraded => "Degraded",
            Self::Failed => "Failed",
            Self::Paused => "Paused",
            Self::Deleting => "Deleting",
            Self::Incomplete => "Incomplete",
            Self::Deleted => "Deleted",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The host objects that tell the state of virtual clusters, of one namespace or of several.
#[derive(Debug, Clone, Default)]
pub struct HostObjects {
    /// The marker ConfigMaps.
    pub markers: Vec<ConfigMap>,
    /// The StatefulSets of control planes.
    pub stateful_sets: Vec<StatefulSet>,
    /// The pods of control planes.
    pub pods: Vec<Pod>,
}

/// Tells which virtual clusters these objects belong to, sorted by namespace and name.
pub fn find_clusters(objects: &HostObjects) -> Vec<Cluster> {
    let keys = |metadata: &ObjectMeta| -> Option<(Namespace, ClusterName)> {
        let name = metadata.labels.as_ref()?.get(labels::CLUSTER)?;
        let namespace = metadata.namespace.as_ref()?;
        Some((namespace.parse().ok()?, name.parse().ok()?))
    };
    let mut found: BTreeMap<(Namespace, ClusterName), Parts<'_>> = BTreeMap::new();
    for marker in &objects.markers {
        if let Some(key) = keys(&marker.metadata) {
            found.entry(key).or_default().marker = Some(marker);
        }
    }
    for set in &objects.stateful_sets {
        if let Some(key) = keys(&set.metadata) {
            found.entry(key).or_default().stateful_set = Some(set);
        }
    }
    for pod in &objects.pods {
        if let Some(key) = keys(&pod.metadata) {
            found.entry(key).or_default().pod = Some(pod);
        }
    }
    found
        .into_iter()
        .map(|((namespace, name), parts)| parts.cluster(name, namespace))
        .collect()
}

/// What was found of one virtual cluster.
#[derive(Debug, Default)]
struct Parts<'a> {
    marker: Option<&'a ConfigMap>,
    stateful_set: Option<&'a StatefulSet>,
    pod: Option<&'a Pod>,
}

impl Parts<'_> {
    fn cluster(&self, name: ClusterName, namespace: Namespace) -> Cluster {
        let metadata = self.marker.map(|marker| &marker.metadata);
        let spec = self.marker.and_then(ClusterSpec::of_marker);
        let annotations = metadata.and_then(|metadata| metadata.annotations.as_ref());
        let ready_since = annotations.and_then(|all| all.get(labels::READY_SINCE));
        let is_deleting = annotations.is_some_and(|all| all.contains_key(labels::DELETING_SINCE));
        let (status, reason) = if is_deleting {
            (Status::Deleting, None)
        } else {
            self.status(ready_since)
        };
        let created = metadata
            .and_then(|metadata| metadata.creation_timestamp.as_ref())
            .map(|time| time.0);
        let ttl = annotations.and_then(|all| all.get(labels::TTL_SECONDS));
        let full_since = annotations.and_then(|all| all.get(labels::STORE_FULL_SINCE));
        Cluster {
            name,
            namespace,
            uid: metadata.and_then(|metadata| metadata.uid.clone()),
            labels: user_labels(metadata),
            created,
            expires: created.and_then(|created| expires(created, ttl?)),
            store_full_since: full_since.and_then(|since| since.parse().ok()),
            is_half_deleted: is_deleting || metadata.is_none(),
            begun_as: annotations.and_then(|all| all.get(labels::BEGUN_AS).cloned()),
            spec,
            was_ready: ready_since.is_some(),
            status,
            reason,
            containers: self.pod.map(readiness).unwrap_or_default(),
        }
    }

    /// Since when and why it sleeps, if the pause is its own doing.
    fn asleep(&self) -> Option<String> {
        let marker = self.marker?;
        let annotations = marker.metadata.annotations.as_ref()?;
        let since = annotations.get(labels::ASLEEP_SINCE)?;
        let after = ClusterSpec::of_marker(marker)?.sleep_after()?;
        (annotations.get(labels::PAUSED_SINCE) == Some(since)).then(|| {
            let after = humantime::format_duration(after);
            format!("asleep since {since}, after {after} without use")
        })
    }

    fn status(&self, ready_since: Option<&String>) -> (Status, Option<String>) {
        let was_ready = ready_since.is_some();
        // A pod alone that ends is being replaced, unless the marker is gone before it.
        let going = [
            self.marker.map(|object| &object.metadata),
            self.stateful_set.map(|object| &object.metadata),
            self.pod
                .filter(|_| self.marker.is_none())
                .map(|object| &object.metadata),
        ];
        let is_going = |metadata: &&ObjectMeta| metadata.deletion_timestamp.is_some();
        if going.iter().flatten().any(is_going) {
            return (Status::Deleting, None);
        }
        let missing = |what: &str| (Status::Incomplete, Some(format!("{what} is missing")));
        match (self.marker, self.stateful_set, self.pod) {
            (None, _, _) => missing("the marker ConfigMap"),
            (_, None, _) => missing("the StatefulSet"),
            (_, Some(set), _) if is_scaled_to_nothing(set) => (Status::Paused, self.asleep()),
            (_, _, Some(pod)) => {
                let diagnosis = diagnose(pod);
                match (diagnosis.state, was_ready) {
                    (PodState::Ready, _) => (Status::Running, None),
                    (PodState::Starting, true) if was_seen_serving(pod, ready_since) => {
                        (Status::Running, None)
                    }
                    (PodState::Stuck, false) => (Status::Failed, Some(diagnosis.reason)),
                    (PodState::Stuck | PodState::Starting, true) => {
                        (Status::Degraded, Some(diagnosis.reason))
                    }
                    (PodState::Starting, false) => (Status::Creating, Some(diagnosis.reason)),
                }
            }
            (_, _, None) if was_ready => {
                (Status::Degraded, Some("its pod does not exist".to_owned()))
            }
            (_, _, None) => (
                Status::Creating,
                Some("its pod does not exist yet".to_owned()),
            ),
        }
    }
}

/// Which containers of a pod are ready.
fn readiness(pod: &Pod) -> BTreeMap<String, bool> {
    let statuses = pod
        .status
        .as_ref()
        .and_then(|status| status.container_statuses.as_ref());
    let statuses = statuses.into_iter().flatten();
    statuses
        .map(|status| (status.name.clone(), status.ready))
        .collect()
}

/// Whether this control plane is to have no pod: its cluster is paused.
pub fn is_scaled_to_nothing(set: &StatefulSet) -> bool {
    set.spec.as_ref().and_then(|spec| spec.replicas) == Some(0)
}

/// Whether it is this pod that `vc create` saw serving, and nothing has happened to it since.
///
/// `vc create` sees the API server answer some seconds before the kubelet's next probe does; that
/// the pod is not ready in between says nothing. One that was ready once and is not now does.
fn was_seen_serving(pod: &Pod, ready_since: Option<&String>) -> bool {
    let seen: Option<Timestamp> = ready_since.and_then(|text| text.parse().ok());
    let made = pod.metadata.creation_timestamp.as_ref().map(|time| time.0);
    let Some(status) = pod.status.as_ref() else {
        return false;
    };
    let containers = status.container_statuses.as_deref().unwrap_or_default();
    let last_start = containers
        .iter()
        .map(|container| {
            let running = container_state(container).running?;
            (container.restart_count == 0).then_some(running.started_at?.0)
        })
        .collect::<Option<Vec<Timestamp>>>()
        .and_then(|starts| starts.into_iter().max());
    let unready_since = status
        .conditions
        .iter()
        .flatten()
        .find(|condition| condition.type_ == "Ready")
        .and_then(|condition| Some(condition.last_transition_time.as_ref()?.0));
    let is_that_pod = matches!((made, seen), (Some(made), Some(seen)) if made <= seen);
    let never_was_ready =
        matches!((unready_since, last_start), (Some(since), Some(start)) if since <= start);
    is_that_pod && pod.metadata.deletion_timestamp.is_none() && never_was_ready
}

/// How far a control-plane pod is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PodState {
    /// Not ready yet; nothing says that it will not be.
    Starting,
    /// Every container is ready.
    Ready,
    /// It will not become ready without somebody's doing.
    Stuck,
}

/// What a control-plane pod's status says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// How far it is.
    pub state: PodState,
    /// Why it is not further, in words: `pulling …`, `2/3 ready: kube-apiserver`.
    pub reason: String,
    /// Whether the API server's process has been started.
    pub api_server_started: bool,
    /// Whether the API server answers, whatever the rest of the pod does.
    pub api_server_ready: bool,
    /// The container that ended too often, when it is that: its log tells more.
    pub ended_container: Option<String>,
}

/// How many times a container may end before its pod counts as stuck.
///
/// The controller manager gives up when the API server takes longer than 10 s and is started again,
/// so one end is part of a slow start; the third is not.
const RESTARTS_BEFORE_STUCK: i32 = 3;

/// Reads a control-plane pod's status.
pub fn diagnose(pod: &Pod) -> Diagnosis {
    let status = pod.status.clone().unwrap_or_default();
    let containers = status.container_statuses.unwrap_or_default();
    let before = status.init_container_statuses.unwrap_or_default();
    let total = pod.spec.as_ref().map_or(0, |spec| spec.containers.len());
    let api_server_started = containers.iter().any(|container| {
        container.name == "kube-apiserver" && container_state(container).running.is_some()
    });
    let is_going = pod.metadata.deletion_timestamp.is_some();
    let api_server_ready = !is_going
        && containers
            .iter()
            .any(|container| container.name == "kube-apiserver" && container.ready);
    let of = |state: PodState, reason: String| Diagnosis {
        state,
        reason,
        api_server_started,
        api_server_ready,
        ended_container: None,
    };
    if is_going {
        return of(PodState::Starting, "its pod is being replaced".to_owned());
    }
    if status.phase.as_deref() == Some("Failed") {
        let why = status.message.or(status.reason).unwrap_or_default();
        return of(PodState::Stuck, format!("its pod failed: {why}"));
    }
    let mut all = before.iter().chain(&containers);
    if let Some((container, reason)) = all.find_map(|c| Some((c, stuck(c)?))) {
        let ended = container.restart_count > 0;
        return Diagnosis {
            ended_container: ended.then(|| container.name.clone()),
            ..of(PodState::Stuck, reason)
        };
    }
    let conditions = status.conditions.unwrap_or_default();
    let unschedulable = conditions
        .iter()
        .find(|condition| condition.type_ == "PodScheduled" && condition.status == "False");
    if let Some(condition) = unschedulable {
        let why = condition.message.clone().unwrap_or_default();
        // The scheduler waits in its plugin of this name until a new volume exists.
        let what = if why.contains("VolumeBinding") {
            "waiting for its volume".to_owned()
        } else {
            format!("no node takes its pod: {why}")
        };
        return of(PodState::Starting, what);
    }
    let unready: Vec<&str> = containers
        .iter()
        .filter(|container| !container.ready)
        .map(|container| container.name.as_str())
        .collect();
    if containers.is_empty() || !unready.is_empty() {
        let ready = containers.len() - unready.len();
        let waiting = containers.iter().find_map(waiting_reason);
        let reason = match waiting {
            Some(waiting) => waiting,
            None if containers.is_empty() => "waiting for a node".to_owned(),
            None => format!("{ready}/{total} ready, starting {}", unready.join(", ")),
        };
        return of(PodState::Starting, reason);
    }
    of(PodState::Ready, format!("{total}/{total} ready"))
}

fn container_state(container: &ContainerStatus) -> ContainerState {
    container.state.clone().unwrap_or_default()
}

/// Why this container will not become ready, if that is certain.
///
/// A pull that failed once is tried again by the kubelet, but a missing image or registry is by far
/// the likelier cause, and waiting for minutes the worse answer.
fn stuck(container: &ContainerStatus) -> Option<String> {
    let waiting = container_state(container).waiting?;
    let reason = waiting.reason.unwrap_or_default();
    let message = waiting.message.unwrap_or_default();
    match reason.as_str() {
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "RegistryUnavailable" => Some(format!(
            "image `{}` cannot be pulled ({reason}){}",
            container.image,
            after_colon(&message)
        )),
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
            Some(format!(
                "container `{}` cannot be started ({reason}){}",
                container.name,
                after_colon(&message)
            ))
        }
        "CrashLoopBackOff" if container.restart_count >= RESTARTS_BEFORE_STUCK => {
            let ended = container
                .last_state
                .as_ref()
                .and_then(|state| state.terminated.as_ref())
                .map_or(0, |terminated| terminated.exit_code);
            Some(format!(
                "container `{}` ended {} times, last with exit code {ended}",
                container.name, container.restart_count
            ))
        }
        _ => None,
    }
}

fn waiting_reason(container: &ContainerStatus) -> Option<String> {
    let waiting = container_state(container).waiting?;
    match waiting.reason.as_deref()? {
        "ContainerCreating" => Some("waiting for volumes, images and network".to_owned()),
        other => Some(format!("container `{}`: {other}", container.name)),
    }
}

/// `: MESSAGE` on one line, or nothing.
fn after_colon(message: &str) -> String {
    match message.lines().next() {
        Some(line) if !line.is_empty() => format!(": {line}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
