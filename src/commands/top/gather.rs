//! What there is to know about each virtual cluster, found out at once.
//!
//! In: the host, which clusters. Out: a row for each, and why something is not known. Never: waits for one cluster
//! longer than a deadline; writes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use futures::future::join_all;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;
use kube::Api;
use kube::api::ListParams;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::model::Id;
use super::row::{Facts, Metrics, Row, Usage};
use crate::cli::TopArgs;
use crate::cluster::{Cluster, FIGURES_PORT, Status};
use crate::commands::App;
use crate::commands::describe::pods;
use crate::commands::list::find_meant;
use crate::error::{Kind, kind, one_line};
use crate::figures::Figures;
use crate::host::Host;
use crate::kubeconfig::Files;
use crate::labels;
use crate::quantity;
use crate::tunnel::{Dial, PodDialer, Target};
use crate::wait;

/// How long each thing about one cluster may take. What takes longer is not known this time.
const DEADLINE: Duration = Duration::from_secs(4);

/// Longest answer of a syncer that is read; it is 2 KiB.
const FIGURES_MAX_BYTES: u64 = 64 << 10;

/// Every cluster that is meant, and why something is not known, each reason once.
///
/// # Errors
/// When the host does not say which clusters there are.
pub(super) async fn snapshot(
    app: &App,
    args: &TopArgs,
    host: &Host,
    files: &Files,
    opened: Option<Id>,
) -> anyhow::Result<(Vec<Row>, Vec<String>)> {
    let selector = args.selector.as_deref();
    let found = find_meant(app, host, files, args.all_namespaces, selector).await?;
    let now = Timestamp::now();
    let rows = join_all(found.clusters.iter().map(async |cluster| {
        let (facts, notes) = Box::pin(facts(host, cluster, opened.as_ref())).await;
        (Row::new(cluster, &facts, now), notes)
    }));
    let mut all = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    for (row, unknown) in rows.await {
        all.push(row);
        notes.extend(unknown);
    }
    notes.sort();
    notes.dedup();
    Ok((all, notes))
}

async fn facts(host: &Host, cluster: &Cluster, opened: Option<&Id>) -> (Facts, Vec<String>) {
    let is_opened = opened.is_some_and(|(namespace, name)| {
        (namespace.as_str(), name.as_str()) == (cluster.namespace.as_str(), cluster.name.as_str())
    });
    let target = wait::Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    };
    let all = format!("{}={}", labels::CLUSTER, cluster.name);
    let (pods, metrics, events, figures) = tokio::join!(
        in_time(pods(host, target, &all)),
        in_time(metrics(host, cluster)),
        in_time(events(host, cluster, is_opened)),
        in_time(figures(host, cluster)),
    );
    let mut notes = Vec::new();
    let facts = Facts {
        pods: known(pods, &mut notes),
        metrics: known(metrics, &mut notes),
        events: known(events, &mut notes),
        // A syncer that is older, or not there, is ordinary.
        figures: figures.ok(),
    };
    (facts, notes)
}

async fn in_time<T>(answer: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let answer = timeout(DEADLINE, answer).await;
    answer.with_context(|| format!("the host did not answer within {} s", DEADLINE.as_secs()))?
}

fn known<T>(answer: anyhow::Result<T>, notes: &mut Vec<String>) -> Option<T> {
    answer.map_err(|error| notes.push(one_line(&error))).ok()
}

/// The host's `metrics.k8s.io`, as far as it is read here.
/// <https://github.com/kubernetes/metrics/blob/v0.35.0/pkg/apis/metrics/v1beta1/types.go>
#[derive(Deserialize)]
struct PodMetricsList {
    items: Vec<PodMetrics>,
}

#[derive(Deserialize)]
struct PodMetrics {
    metadata: Named,
    containers: Vec<ContainerMetrics>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct ContainerMetrics {
    name: String,
    usage: BTreeMap<String, String>,
}

/// What each container of the cluster's host pods uses.
async fn metrics(host: &Host, cluster: &Cluster) -> anyhow::Result<Metrics> {
    let Cluster {
        name, namespace, ..
    } = cluster;
    let selector = format!("{}={name}", labels::CLUSTER);
    let selector = utf8_percent_encode(&selector, NON_ALPHANUMERIC);
    let path = format!(
        "/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods?labelSelector={selector}"
    );
    let request = http::Request::get(path).body(Vec::new())?;
    let attempt = format!("list pods.metrics.k8s.io in namespace `{namespace}`");
    let answer = host
        .call(attempt, host.client.request::<PodMetricsList>(request))
        .await;
    let list = answer.map_err(|error| match kind(&error) {
        Kind::NotFound => anyhow::Error::msg(
            "CPU and memory are not known: the host has no metrics.k8s.io (metrics-server)",
        ),
        _ => error.context("CPU and memory are not known"),
    })?;
    let pods = list.items.into_iter().map(|pod| {
        let containers = pod.containers.into_iter().map(|container| {
            let nanos = |key| quantity::nanos(container.usage.get(key)?);
            let whole = |nanos: u128| u64::try_from(nanos).unwrap_or(u64::MAX);
            let usage = Usage {
                cpu_millicores: whole(nanos("cpu").unwrap_or_default() / 1_000_000),
                memory_bytes: whole(nanos("memory").unwrap_or_default() / quantity::NANOS_PER_UNIT),
            };
            (container.name, usage)
        });
        (pod.metadata.name, containers.collect())
    });
    Ok(pods.collect())
}

/// Warnings of the cluster's namespace; for the one that is looked at, whatever was told.
async fn events(host: &Host, cluster: &Cluster, all: bool) -> anyhow::Result<Vec<Event>> {
    let api: Api<Event> = Api::namespaced(host.client.clone(), cluster.namespace.as_str());
    let params = if all {
        ListParams::default()
    } else {
        ListParams::default().fields("type=Warning")
    };
    let attempt = format!("list events in namespace `{}`", cluster.namespace);
    Ok(host.call(attempt, api.list(&params)).await?.items)
}

/// What the syncer tells, by a port-forward to the loopback address of its pod.
async fn figures(host: &Host, cluster: &Cluster) -> anyhow::Result<Figures> {
    if cluster.status == Status::Paused {
        anyhow::bail!("a paused cluster has no syncer");
    }
    let target = Target {
        port: FIGURES_PORT,
        ..Target::control_plane(&cluster.name, &cluster.namespace)
    };
    let dialer = PodDialer::with_client(host.client.clone(), target);
    let mut upstream = dialer.dial().await?;
    let request = b"GET /metrics HTTP/1.0\r\n\r\n";
    upstream.stream.write_all(request).await?;
    let mut text = String::new();
    let mut answer = upstream.stream.take(FIGURES_MAX_BYTES);
    answer.read_to_string(&mut text).await?;
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
    let figures = body.and_then(Figures::parse);
    figures.context("its syncer tells no figures")
}
