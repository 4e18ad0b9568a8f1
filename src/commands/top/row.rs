//! What `vc top` knows of one virtual cluster.
//!
//! In: host objects, what its syncer tells. Out: [`Row`], and its cells. Never: the host itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{Event, Pod};
use serde::Serialize;

use crate::cluster::Cluster;
use crate::commands::list::age;
use crate::figures::Figures;
use crate::labels;

/// How far back warnings are counted.
pub(super) const LATELY: SignedDuration = SignedDuration::from_mins(10);

/// Most events that are kept for one cluster.
const MOST_EVENTS: usize = 20;

/// One cluster as `-o json` shows it. Fields are only ever added; what is not known is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub name: String,
    pub namespace: String,
    pub status: String,
    pub reason: Option<String>,
    pub created: Option<String>,
    /// What its control plane uses.
    pub control_plane: Option<Usage>,
    /// What its workloads use.
    pub workloads: Option<Usage>,
    /// How many host pods its workloads have.
    pub pods: Option<usize>,
    pub sync: Option<Sync>,
    /// How many different warnings the host told in the last ten minutes.
    pub warnings: Option<usize>,
    pub last_warning: Option<Told>,
    /// For the page of one cluster alone.
    #[serde(skip)]
    pub detail: Detail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Usage {
    pub cpu_millicores: u64,
    pub memory_bytes: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.cpu_millicores += other.cpu_millicores;
        self.memory_bytes += other.memory_bytes;
    }
}

/// What its syncer tells of its work since it began.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sync {
    /// From a change on one side until it is written to the other; null before the first.
    #[serde(rename = "p50Seconds", serialize_with = "as_seconds")]
    pub p50: Option<Duration>,
    #[serde(rename = "p99Seconds", serialize_with = "as_seconds")]
    pub p99: Option<Duration>,
    /// How many changes that is of.
    pub changes: u64,
    pub errors: u64,
    pub queue: u64,
    pub retrying: u64,
}

#[expect(clippy::ref_option, reason = "serde hands it over so")]
fn as_seconds<S: serde::Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(serializer)
}

impl From<&Figures> for Sync {
    fn from(figures: &Figures) -> Self {
        Self {
            p50: figures.quantile(50),
            p99: figures.quantile(99),
            changes: figures.changes(),
            errors: figures.errors,
            queue: figures.queue,
            retrying: figures.retrying,
        }
    }
}

/// An event of the host, about the virtual object where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub time: Option<String>,
    /// `Normal` or `Warning`
    #[serde(rename = "type")]
    pub type_: String,
    pub reason: String,
    /// `pod/shop/web`
    pub object: String,
    pub message: String,
}

/// What only the page of one cluster shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Detail {
    /// Of its control plane.
    pub containers: Vec<Container>,
    /// Its pods, those that use most first.
    pub pods: Vec<PodUse>,
    /// The latest first.
    pub events: Vec<Told>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Container {
    pub name: String,
    pub is_ready: bool,
    pub restarts: i32,
    pub usage: Option<Usage>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PodUse {
    /// `shop/web`
    pub name: String,
    pub phase: String,
    pub usage: Option<Usage>,
}

/// Usage by container, by host pod.
pub(super) type Metrics = BTreeMap<String, BTreeMap<String, Usage>>;

/// What was found out about a cluster; none where that was not possible.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Those of its control plane among them.
    pub pods: Option<Vec<Pod>>,
    pub metrics: Option<Metrics>,
    /// Of its namespace.
    pub events: Option<Vec<Event>>,
    pub figures: Option<Figures>,
}

impl Row {
    pub(super) fn new(cluster: &Cluster, facts: &Facts, now: Timestamp) -> Self {
        let pods = facts.pods.as_deref();
        let (plane, workloads): (Vec<&Pod>, Vec<&Pod>) = pods
            .unwrap_or_default()
            .iter()
            .partition(|pod| label(pod, labels::COMPONENT) == Some(labels::CONTROL_PLANE));
        let metrics = facts.metrics.as_ref();
        let all = facts.events.as_ref();
        let events = all.map(|events| events_about(cluster, &workloads, events));
        let warnings: Option<Vec<&(Option<Timestamp>, Told)>> = events.as_ref().map(|events| {
            let late = |time: &Option<Timestamp>| time.is_some_and(|time| now - LATELY <= time);
            let warnings = events
                .iter()
                .filter(|(time, told)| told.is_warning() && late(time));
            warnings.collect()
        });
        Self {
            name: cluster.name.to_string(),
            namespace: cluster.namespace.to_string(),
            status: cluster.status.to_string(),
            reason: cluster.reason.clone(),
            created: cluster.created.map(|time| time.to_string()),
            control_plane: pods.and_then(|_| sum(&plane, metrics)),
            workloads: pods.and_then(|_| sum(&workloads, metrics)),
            pods: pods.map(|_| workloads.len()),
            sync: facts.figures.as_ref().map(Sync::from),
            warnings: warnings.as_ref().map(Vec::len),
            last_warning: warnings.and_then(|all| all.first().map(|(_, told)| told.clone())),
            detail: Detail {
                containers: plane
                    .first()
                    .map_or_else(Vec::new, |pod| containers(pod, metrics)),
                pods: uses(&workloads, metrics),
                events: events
                    .into_iter()
                    .flatten()
                    .take(MOST_EVENTS)
                    .map(|(_, told)| told)
                    .collect(),
            },
        }
    }

    /// Its age as `vc list` has it.
    pub(super) fn age(&self, now: Timestamp) -> String {
        let created = self.created.as_ref().and_then(|time| time.parse().ok());
        created.map_or_else(dash, |created| age(created, now))
    }

    /// `12ms/450ms`
    pub(super) fn latency(&self) -> String {
        let Some(sync) = &self.sync else {
            return dash();
        };
        match (sync.p50, sync.p99) {
            (Some(p50), Some(p99)) => format!("{}/{}", brief(p50), brief(p99)),
            _ => dash(),
        }
    }

    pub(super) fn queue(&self) -> String {
        let sync = self.sync.as_ref();
        sync.map_or_else(dash, |sync| sync.queue.to_string())
    }

    pub(super) fn warnings(&self) -> String {
        or_dash(self.warnings)
    }

    pub(super) fn pods(&self) -> String {
        or_dash(self.pods)
    }
}

impl Told {
    pub(super) fn is_warning(&self) -> bool {
        self.type_ == "Warning"
    }
}

/// What is not known.
fn dash() -> String {
    "-".to_owned()
}

fn or_dash(number: Option<usize>) -> String {
    number.map_or_else(dash, |number| number.to_string())
}

/// `120m`
pub(super) fn cpu(usage: Option<Usage>) -> String {
    usage.map_or_else(dash, |usage| format!("{}m", usage.cpu_millicores))
}

/// `380Mi`, as `kubectl top` has it.
pub(super) fn memory(usage: Option<Usage>) -> String {
    usage.map_or_else(dash, |usage| format!("{}Mi", usage.memory_bytes >> 20))
}

/// `800us`, `12ms`, `1.5s`, `30s`
fn brief(time: Duration) -> String {
    match time.as_millis() {
        0 => format!("{}us", time.as_micros()),
        millis @ 1..1_000 => format!("{millis}ms"),
        millis @ 1_000..10_000 => format!("{}.{}s", millis / 1_000, millis % 1_000 / 100),
        millis => format!("{}s", millis / 1_000),
    }
}

fn label<'a>(pod: &'a Pod, key: &str) -> Option<&'a str> {
    let labels = pod.metadata.labels.as_ref()?;
    labels.get(key).map(String::as_str)
}

fn name(pod: &Pod) -> &str {
    pod.metadata.name.as_deref().unwrap_or_default()
}

/// `shop/web`, as the virtual cluster has it; the host's name where that is not told.
fn virtual_name(pod: &Pod) -> String {
    let annotations = pod.metadata.annotations.as_ref();
    let annotation = |key: &str| annotations?.get(key);
    match (
        annotation(labels::VIRTUAL_NAMESPACE),
        annotation(labels::VIRTUAL_NAME),
    ) {
        (Some(namespace), Some(name)) => one_line(&format!("{namespace}/{name}")),
        _ => name(pod).to_owned(),
    }
}

/// What these pods use together. A pod that is not in the metrics has used nothing yet.
fn sum(pods: &[&Pod], metrics: Option<&Metrics>) -> Option<Usage> {
    let metrics = metrics?;
    let mut sum = Usage::default();
    let mut is_any = pods.is_empty();
    for usage in pods.iter().filter_map(|pod| of_pod(pod, metrics)) {
        sum += usage;
        is_any = true;
    }
    is_any.then_some(sum)
}

fn of_pod(pod: &Pod, metrics: &Metrics) -> Option<Usage> {
    let mut sum = Usage::default();
    for usage in metrics.get(name(pod))?.values() {
        sum += *usage;
    }
    Some(sum)
}

fn containers(pod: &Pod, metrics: Option<&Metrics>) -> Vec<Container> {
    let usage = metrics.and_then(|metrics| metrics.get(name(pod)));
    let status = pod.status.as_ref();
    let statuses = status.and_then(|status| status.container_statuses.as_deref());
    let containers = statuses.unwrap_or_default().iter().map(|status| Container {
        name: status.name.clone(),
        is_ready: status.ready,
        restarts: status.restart_count,
        usage: usage.and_then(|usage| usage.get(&status.name).copied()),
    });
    containers.collect()
}

/// Those that use most first.
fn uses(pods: &[&Pod], metrics: Option<&Metrics>) -> Vec<PodUse> {
    let uses = pods.iter().map(|pod| PodUse {
        name: virtual_name(pod),
        phase: pod
            .status
            .as_ref()
            .and_then(|status| status.phase.clone())
            .unwrap_or_else(dash),
        usage: metrics.and_then(|metrics| of_pod(pod, metrics)),
    });
    let mut uses: Vec<PodUse> = uses.collect();
    uses.sort_by_key(|pod| {
        let usage = pod.usage.unwrap_or_default();
        let most_first = std::cmp::Reverse((usage.cpu_millicores, usage.memory_bytes));
        (most_first, pod.name.clone())
    });
    uses
}

/// What the namespace's events tell of this cluster, the latest first.
fn events_about(
    cluster: &Cluster,
    workloads: &[&Pod],
    events: &[Event],
) -> Vec<(Option<Timestamp>, Told)> {
    let pods = workloads.iter().map(|pod| (name(pod), virtual_name(pod)));
    let pods: BTreeMap<&str, String> = pods.collect();
    let pod = cluster.name.pod();
    let own = [cluster.name.object(), format!("data-{pod}"), pod];
    let own: BTreeSet<&str> = own.iter().map(String::as_str).collect();
    let mut told: Vec<(Option<Timestamp>, Told)> = Vec::new();
    for event in events {
        let object = &event.involved_object;
        let host_name = object.name.as_deref().unwrap_or_default();
        let kind = object.kind.as_deref().unwrap_or_default();
        let name = match pods.get(host_name).filter(|_| kind == "Pod") {
            Some(name) => name.as_str(),
            None if own.contains(host_name) => host_name,
            None => continue,
        };
        let series = event.series.as_ref();
        let series = series.and_then(|series| series.last_observed_time.as_ref());
        let last = event.last_timestamp.as_ref().map(|time| time.0);
        let first = event.event_time.as_ref().map(|time| time.0);
        let time = series.map(|time| time.0).or(last).or(first);
        if matches!((time, cluster.created), (Some(time), Some(made)) if time < made) {
            continue;
        }
        let of = |text: &Option<String>| one_line(text.as_deref().unwrap_or_default());
        let one = Told {
            time: time.map(|time| time.to_string()),
            type_: of(&event.type_),
            reason: of(&event.reason),
            object: format!("{}/{name}", kind.to_lowercase()),
            message: of(&event.message),
        };
        told.push((time, one));
    }
    told.sort_by(|(one, _), (other, _)| other.cmp(one));
    told
}

/// Without what would move a terminal's cursor.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace(char::is_control, "")
}

const HEADER: [&str; 13] = [
    "NAME",
    "NAMESPACE",
    "STATUS",
    "AGE",
    "PLANE CPU",
    "PLANE MEM",
    "PODS",
    "CPU",
    "MEM",
    "SYNC P50/P99",
    "QUEUE",
    "WARNINGS",
    "LAST WARNING",
];

/// A table for where there is no terminal: a header and a line for each.
pub(super) fn table(rows: &[Row], now: Timestamp) -> Vec<Vec<String>> {
    let header = HEADER.map(str::to_owned).to_vec();
    let lines = rows.iter().map(|row| {
        vec![
            row.name.clone(),
            row.namespace.clone(),
            row.status.clone(),
            row.age(now),
            cpu(row.control_plane),
            memory(row.control_plane),
            row.pods(),
            cpu(row.workloads),
            memory(row.workloads),
            row.latency(),
            row.queue(),
            row.warnings(),
            row.last_warning
                .as_ref()
                .map_or_else(dash, |told| format!("{} {}", told.object, told.reason)),
        ]
    });
    std::iter::once(header).chain(lines).collect()
}
