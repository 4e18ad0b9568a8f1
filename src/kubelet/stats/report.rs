//! Samples in the forms in which a kubelet tells them.
//!
//! In: samples. Out: a `Summary` as JSON, or an exposition for Prometheus. Never: anything else.

use std::fmt::{self, Display, Write};

use serde_json::{Value, json};

use super::{ContainerSample, PodSample, Usage};

/// Media type of [`exposition`].
pub(in super::super) const EXPOSITION_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The `Summary` of `k8s.io/kubelet/pkg/apis/stats/v1alpha1`.
///
/// The node is that of all pods when they are on one; otherwise it is called `fallback`, because the
/// request does not say which was meant. It has no figures.
pub(in super::super) fn summary(samples: &[PodSample], fallback: &str) -> Value {
    let mut nodes = samples
        .iter()
        .map(|pod| pod.node.as_str())
        .filter(|node| !node.is_empty());
    let node = nodes
        .next()
        .filter(|first| nodes.all(|node| node == *first));
    let pods: Vec<Value> = samples.iter().map(summary_pod).collect();
    json!({ "node": { "nodeName": node.unwrap_or(fallback) }, "pods": pods })
}

fn summary_pod(pod: &PodSample) -> Value {
    let PodSample {
        namespace,
        name,
        uid,
        ..
    } = pod;
    let mut value = json!({
        "podRef": { "name": name, "namespace": namespace, "uid": uid },
        "startTime": pod.started,
        "containers": pod.containers.iter().map(summary_container).collect::<Vec<Value>>(),
    });
    if let Some(total) = total(pod) {
        add_usage(&mut value, total);
    }
    value
}

fn summary_container(container: &ContainerSample) -> Value {
    let mut value = json!({ "name": container.name, "startTime": container.started });
    if let Some(usage) = container.usage {
        add_usage(&mut value, usage);
    }
    value
}

fn add_usage(value: &mut Value, usage: Usage) {
    let Some(object) = value.as_object_mut() else {
        return;
    };
    let Usage {
        at,
        nanocores,
        core_nanoseconds,
        memory_bytes,
    } = usage;
    let cpu = json!({
        "time": at,
        "usageNanoCores": nanocores,
        "usageCoreNanoSeconds": core_nanoseconds,
    });
    object.insert("cpu".to_owned(), cpu);
    object.insert(
        "memory".to_owned(),
        json!({ "time": at, "workingSetBytes": memory_bytes }),
    );
}

/// What the containers of a pod used together, of those that are known.
fn total(pod: &PodSample) -> Option<Usage> {
    let usages = pod
        .containers
        .iter()
        .filter_map(|container| container.usage);
    usages.reduce(|sum, usage| Usage {
        at: sum.at,
        nanocores: sum.nanocores.saturating_add(usage.nanocores),
        core_nanoseconds: sum.core_nanoseconds.saturating_add(usage.core_nanoseconds),
        memory_bytes: sum.memory_bytes.saturating_add(usage.memory_bytes),
    })
}

/// Name, help and type of a metric.
type Family = (&'static str, &'static str, &'static str);

const CONTAINER_CPU: Family = (
    "container_cpu_usage_seconds_total",
    "Cumulative cpu time consumed by the container in core-seconds",
    "counter",
);
const CONTAINER_MEMORY: Family = (
    "container_memory_working_set_bytes",
    "Current working set of the container in bytes",
    "gauge",
);
const CONTAINER_START: Family = (
    "container_start_time_seconds",
    "Start time of the container since unix epoch in seconds",
    "gauge",
);
const POD_CPU: Family = (
    "pod_cpu_usage_seconds_total",
    "Cumulative cpu time consumed by the pod in core-seconds",
    "counter",
);
const POD_MEMORY: Family = (
    "pod_memory_working_set_bytes",
    "Current working set of the pod in bytes",
    "gauge",
);
const ERROR_HELP: &str = "1 if there was an error while getting container metrics, 0 otherwise";

/// `/metrics/resource`, with the names of `pkg/kubelet/metrics/collectors/resource_metrics.go`;
/// without samples it says that there was an error, as the kubelet does.
pub(in super::super) fn exposition(samples: Option<&[PodSample]>) -> String {
    let mut text = Exposition(String::new());
    let pods = samples.unwrap_or_default();
    text.of_containers(CONTAINER_CPU, pods, |container| Some(cpu(container.usage?)));
    text.of_containers(CONTAINER_MEMORY, pods, |container| {
        Some(memory(container.usage?))
    });
    text.of_containers(CONTAINER_START, pods, |container| {
        Some(decimal(container.started?.as_nanosecond()))
    });
    text.of_pods(POD_CPU, pods, |pod| Some(cpu(total(pod)?)));
    text.of_pods(POD_MEMORY, pods, |pod| Some(memory(total(pod)?)));
    for name in ["resource_scrape_error", "scrape_error"] {
        text.head((name, ERROR_HELP, "gauge"));
        text.line(format_args!("{name} {}", u8::from(samples.is_none())));
    }
    text.0
}

/// A value with the time of its measurement, from which metrics-server takes rates.
fn measured(usage: Usage, value: impl Display) -> String {
    format!("{value} {}", usage.at.as_millisecond())
}

fn cpu(usage: Usage) -> String {
    measured(usage, decimal(i128::from(usage.core_nanoseconds)))
}

fn memory(usage: Usage) -> String {
    measured(usage, usage.memory_bytes)
}

/// Nanoseconds as seconds, exactly.
fn decimal(nanoseconds: i128) -> String {
    let nanoseconds = nanoseconds.max(0);
    format!(
        "{}.{:09}",
        nanoseconds / 1_000_000_000,
        nanoseconds % 1_000_000_000
    )
}

/// A text in Prometheus' format. Names of pods need no escaping: they are DNS names.
struct Exposition(String);

impl Exposition {
    fn of_containers(
        &mut self,
        family: Family,
        pods: &[PodSample],
        value: impl Fn(&ContainerSample) -> Option<String>,
    ) {
        self.head(family);
        for (pod, container) in pods
            .iter()
            .flat_map(|pod| pod.containers.iter().map(move |container| (pod, container)))
        {
            if let Some(value) = value(container) {
                let PodSample {
                    namespace, name, ..
                } = pod;
                let labels = format!(
                    "container=\"{}\",namespace=\"{namespace}\",pod=\"{name}\"",
                    container.name
                );
                self.line(format_args!("{}{{{labels}}} {value}", family.0));
            }
        }
    }

    fn of_pods(
        &mut self,
        family: Family,
        pods: &[PodSample],
        value: impl Fn(&PodSample) -> Option<String>,
    ) {
        self.head(family);
        for pod in pods {
            if let Some(value) = value(pod) {
                let PodSample {
                    namespace, name, ..
                } = pod;
                let labels = format!("namespace=\"{namespace}\",pod=\"{name}\"");
                self.line(format_args!("{}{{{labels}}} {value}", family.0));
            }
        }
    }

    fn head(&mut self, (name, help, kind): Family) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _written = writeln!(self.0, "{line}");
    }
}
