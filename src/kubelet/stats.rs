//! What the virtual cluster's pods use.
//!
//! In: the host's metrics API, pods of both sides. Out: samples of virtual pods, and the two forms in
//! which a kubelet tells them. Never: reads a host node, for which the syncer has no right; tells of a
//! pod or a container that is not this virtual cluster's.
//!
//! # Caveats
//!
//! - The source is the host's metrics-server, so figures are as old as its own (15 s as a rule), and
//!   without it there are none.
//! - It gives a rate where a kubelet counts. [`Counters`] says how one is made of the other.
//! - Nodes have no figures, and every node tells of all pods, because a request does not say which
//!   node it is for. metrics-server takes the first and says that it saw the others twice.

mod counters;
mod report;

use std::collections::HashMap;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::PodPair;
use super::host::{self, Host};
use crate::labels;
use crate::names::ClusterName;
use crate::quantity;
pub use counters::Counters;
pub(super) use report::{EXPOSITION_TYPE, exposition, summary};

/// Longest list of pod metrics that is read: 1 KiB for each of 16,000 pods.
const MAX_LIST_BYTES: usize = 16 * 1024 * 1024;

/// Usage by the host pod's name.
pub(super) type HostUsage = HashMap<String, PodUsage>;

/// What a host pod used.
pub(super) struct PodUsage {
    /// The end of the time that was measured.
    at: Timestamp,
    /// Its length.
    window: SignedDuration,
    containers: HashMap<String, ContainerUsage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ContainerUsage {
    nanocores: u64,
    memory_bytes: u64,
}

/// A virtual pod and what its containers used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PodSample {
    namespace: String,
    name: String,
    uid: String,
    node: String,
    started: Option<Timestamp>,
    containers: Vec<ContainerSample>,
}

#[derive(Debug, Clone, PartialEq)]
struct ContainerSample {
    name: String,
    started: Option<Timestamp>,
    usage: Option<Usage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Usage {
    at: Timestamp,
    nanocores: u64,
    core_nanoseconds: u64,
    memory_bytes: u64,
}

/// Reads the usage of this virtual cluster's host pods; `None` when the host does not tell.
pub(super) async fn read(host: &Host, cluster: &ClusterName) -> Option<HostUsage> {
    let namespace = &host.namespace;
    // `/` and `=` of the selector, encoded.
    let selector = format!("{}%3D{cluster}", labels::CLUSTER.replace('/', "%2F"));
    let path = format!(
        "/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods?labelSelector={selector}"
    );
    let response = host.send(host::get(&path).ok()?).await.ok()?;
    let status = response.status();
    if status != StatusCode::OK {
        tracing::debug!(%status, "the host tells no usage of pods");
        return None;
    }
    let body = host::whole(response.into_body(), MAX_LIST_BYTES).await?;
    let usage = parse(&body);
    if usage.is_none() {
        tracing::warn!("cannot read the host's pod metrics");
    }
    usage
}

#[derive(Deserialize)]
struct List {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
    timestamp: Timestamp,
    window: SignedDuration,
    containers: Vec<Container>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

#[derive(Deserialize)]
struct Container {
    name: String,
    usage: HashMap<String, String>,
}

/// Reads a `PodMetricsList`; a container without one of the two figures is left out.
fn parse(list: &[u8]) -> Option<HostUsage> {
    let list: List = serde_json::from_slice(list).ok()?;
    let usage = list.items.into_iter().map(|item| {
        let containers = item.containers.into_iter().filter_map(|container| {
            let nanos = |key| quantity::nanos(container.usage.get(key)?);
            let usage = ContainerUsage {
                nanocores: u64::try_from(nanos("cpu")?).ok()?,
                memory_bytes: u64::try_from(nanos("memory")? / quantity::NANOS_PER_UNIT).ok()?,
            };
            Some((container.name, usage))
        });
        let pod = PodUsage {
            at: item.timestamp,
            window: item.window,
            containers: containers.collect(),
        };
        (item.metadata.name, pod)
    });
    Some(usage.collect())
}

/// Every virtual pod with what its own containers used, as far as the host tells.
pub(super) fn samples(
    pairs: &[PodPair],
    usage: &HostUsage,
    counters: &mut Counters,
) -> Vec<PodSample> {
    let samples: Vec<PodSample> = pairs
        .iter()
        .filter_map(|pair| pod_sample(pair, usage, counters))
        .collect();
    counters.retain(|uid| samples.iter().any(|sample| sample.uid == uid));
    samples
}

fn pod_sample(pair: &PodPair, usage: &HostUsage, counters: &mut Counters) -> Option<PodSample> {
    let metadata = pair.virtual_pod.get("metadata")?;
    let of_metadata = |key| Some(metadata.get(key)?.as_str()?.to_owned());
    let uid: String = of_metadata("uid")?;
    let host_name = text_at(&pair.host_pod, "/metadata/name")?;
    let usage = usage.get(host_name);
    let containers = own_containers(&pair.virtual_pod).map(|name| {
        let started = started(&pair.host_pod, name);
        let usage = usage.and_then(|pod| {
            let container = pod.containers.get(name)?;
            let nanocores = container.nanocores;
            let counted = counters.count((&uid, name, started), pod.at, pod.window, nanocores);
            Some(Usage {
                at: pod.at,
                nanocores,
                core_nanoseconds: counted,
                memory_bytes: container.memory_bytes,
            })
        });
        ContainerSample {
            name: name.to_owned(),
            started,
            usage,
        }
    });
    Some(PodSample {
        containers: containers.collect(),
        namespace: of_metadata("namespace")?,
        name: of_metadata("name")?,
        node: text_at(&pair.virtual_pod, "/spec/nodeName")
            .unwrap_or_default()
            .to_owned(),
        started: time_at(&pair.host_pod, "/status/startTime"),
        uid,
    })
}

/// Names of the containers that may run for long: a plain init container is gone when they start.
fn own_containers(virtual_pod: &Value) -> impl Iterator<Item = &str> {
    [
        "/spec/initContainers",
        "/spec/containers",
        "/spec/ephemeralContainers",
    ]
    .into_iter()
    .filter_map(|list| virtual_pod.pointer(list)?.as_array())
    .flatten()
    .filter_map(|container| container.get("name")?.as_str())
}

/// When a container started, if it runs.
fn started(host_pod: &Value, container: &str) -> Option<Timestamp> {
    [
        "/status/containerStatuses",
        "/status/initContainerStatuses",
        "/status/ephemeralContainerStatuses",
    ]
    .into_iter()
    .filter_map(|list| host_pod.pointer(list)?.as_array())
    .flatten()
    .find(|status| status.get("name").and_then(Value::as_str) == Some(container))
    .and_then(|status| time_at(status, "/state/running/startedAt"))
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn time_at(value: &Value, pointer: &str) -> Option<Timestamp> {
    text_at(value, pointer)?.parse().ok()
}

#[cfg(test)]
mod tests;
