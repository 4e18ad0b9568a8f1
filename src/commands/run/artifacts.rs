//! What may tell why a command failed, as files.
//!
//! In: a virtual cluster, in whatever state it is. Out: a directory: the cluster's events, pods and their
//! logs; what the host has said of them, under virtual names; the control plane's own state and the syncer's
//! log. Never: a Secret or a ConfigMap, or anything that `kubectl logs`, `events` and `get pods` would not show.

mod told;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use futures::stream::{self, StreamExt};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ContainerStatus, Event, PersistentVolumeClaim, Pod, Service};
use kube::api::{ListParams, LogParams};
use kube::{Api, Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::timeout;

use self::told::Names;
use crate::host::Host;
use crate::labels;
use crate::serving;
use crate::tunnel::{self, InProcess};
use crate::wait::Target;

/// Deadline for all of it: nobody waits minutes for evidence.
const DEADLINE: Duration = Duration::from_mins(1);

/// How long the virtual API server may take to answer; it was there a moment ago, or is not at all.
const ANSWER_DEADLINE: Duration = Duration::from_secs(5);

/// Deadline of one request to it.
const REQUEST_DEADLINE: Duration = Duration::from_secs(15);

/// Lines of each log, counted from its end.
const LOG_LINES: i64 = 10_000;

/// Bytes of each log.
const LOG_BYTES: i64 = 8 << 20;

/// Logs that are read at once.
const LOGS_AT_ONCE: usize = 8;

/// Writes all that can be had to the directory, which is made if it is missing.
///
/// # Errors
/// What could not be had or written; all else is there.
pub(super) async fn collect(host: &Host, target: Target<'_>, dir: &Path) -> anyhow::Result<()> {
    let out = Out { dir };
    let all = async { tokio::join!(of_cluster(host, target, out), of_host(host, target, out)) };
    let (cluster, host) = timeout(DEADLINE, Box::pin(all))
        .await
        .with_context(|| format!("it takes longer than {} s", DEADLINE.as_secs()))?;
    cluster.context("what is in the virtual cluster cannot be read")?;
    host.context("what is on the host cannot be read")
}

/// Where it is written.
#[derive(Clone, Copy)]
struct Out<'a> {
    dir: &'a Path,
}

impl Out<'_> {
    /// Writes a file; the parts of its path are names of Kubernetes objects.
    fn write(self, path: &[&str], text: &str) -> anyhow::Result<()> {
        let is_name = |part: &&str| !part.starts_with('.') && !part.contains('/');
        if !path.iter().all(is_name) {
            bail!("`{}` is not a name", path.join("/"));
        }
        let path: PathBuf = self.dir.join(path.iter().collect::<PathBuf>());
        let written = match path.parent() {
            Some(parent) => fs::create_dir_all(parent),
            None => Ok(()),
        };
        written
            .and_then(|()| fs::write(&path, text))
            .with_context(|| format!("cannot write `{}`", path.display()))
    }
}

/// The cluster's own pods, events and logs.
async fn of_cluster(host: &Host, target: Target<'_>, out: Out<'_>) -> anyhow::Result<()> {
    let admin = serving::read_admin(host, target).await?;
    let pods = tunnel::Target::control_plane(target.name, target.namespace);
    let tunnel = InProcess::start(host.client.clone(), pods, ANSWER_DEADLINE).await?;
    let client = serving::client(&format!("https://{}", tunnel.address()), &admin).await?;
    let all = ListParams::default();
    let (events, pods) = (
        Api::<Event>::all(client.clone()),
        Api::<Pod>::all(client.clone()),
    );
    let (events, pods) = tokio::try_join!(
        within_deadline(events.list(&all)),
        within_deadline(pods.list(&all)),
    )?;
    out.write(
        &["events.txt"],
        &told::table(&events.items, |event| Some(told::own_name(event))),
    )?;
    out.write(&["pods.yaml"], &yaml(&pods.items)?)?;
    let logs = pods.items.iter().flat_map(containers);
    let read = logs.map(|log| read_log(&client, log, out));
    let read: Vec<anyhow::Result<()>> = stream::iter(read)
        .buffer_unordered(LOGS_AT_ONCE)
        .collect()
        .await;
    read.into_iter().collect()
}

/// The control plane, and what the host says about the cluster's objects.
async fn of_host(host: &Host, target: Target<'_>, out: Out<'_>) -> anyhow::Result<()> {
    let namespace = target.namespace.as_str();
    let control_plane = labels::control_plane(target.name);
    let of_cluster = format!("{}={}", labels::CLUSTER, target.name);
    let all = ListParams::default();
    let events: Api<Event> = Api::namespaced(host.client.clone(), namespace);
    let (planes, pods, claims, services, events) = tokio::try_join!(
        list::<Pod>(host, namespace, &control_plane),
        list::<Pod>(host, namespace, &of_cluster),
        list::<PersistentVolumeClaim>(host, namespace, &of_cluster),
        list::<Service>(host, namespace, &of_cluster),
        async {
            let attempt = format!("list events in namespace `{namespace}`");
            Ok(host.call(attempt, events.list(&all)).await?.items)
        },
    )?;
    let mut names = Names::of_namespace(namespace);
    let of_pods = pods.iter().map(|pod| ("Pod", &pod.metadata));
    let of_claims = claims
        .iter()
        .map(|claim| ("PersistentVolumeClaim", &claim.metadata));
    let of_services = services
        .iter()
        .map(|service| ("Service", &service.metadata));
    for (kind, metadata) in of_pods.chain(of_claims).chain(of_services) {
        names.note(kind, metadata);
    }
    let events: Vec<Event> = events.into_iter().map(|event| names.scrub(event)).collect();
    let table = told::table(&events, |event| names.of(event));
    out.write(&["host-events.txt"], &table)?;
    out.write(&["control-plane.yaml"], &yaml(&planes)?)?;
    let logs = planes.iter().flat_map(containers);
    for mut log in logs.filter(|log| log.container == SYNCER) {
        log.folder = vec!["control-plane".to_owned()];
        read_log(&host.client, log, out).await?;
    }
    Ok(())
}

/// The container that tells of the way between both sides. The others' logs tell of requests.
const SYNCER: &str = "syncer";

async fn list<K>(host: &Host, namespace: &str, selector: &str) -> anyhow::Result<Vec<K>>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + std::fmt::Debug,
    K: DeserializeOwned,
{
    let api: Api<K> = Api::namespaced(host.client.clone(), namespace);
    let params = ListParams::default().labels(selector);
    let attempt = format!("list {} in namespace `{namespace}`", K::plural(&()));
    Ok(host.call(attempt, api.list(&params)).await?.items)
}

async fn within_deadline<T>(request: impl Future<Output = kube::Result<T>>) -> anyhow::Result<T> {
    let answer = timeout(REQUEST_DEADLINE, request).await;
    Ok(answer.context("it does not answer")??)
}

/// One log that there is.
struct Log {
    namespace: String,
    pod: String,
    container: String,
    /// Of the container before this one.
    is_previous: bool,
    /// Where it goes.
    folder: Vec<String>,
}

/// The logs of a pod: of each container that was started, and of the one before it.
fn containers(pod: &Pod) -> Vec<Log> {
    let status = pod.status.clone().unwrap_or_default();
    let all = [
        status.init_container_statuses,
        status.container_statuses,
        status.ephemeral_container_statuses,
    ];
    let log = |container: &ContainerStatus, is_previous| Log {
        namespace: pod.namespace().unwrap_or_default(),
        pod: pod.name_any(),
        container: container.name.clone(),
        is_previous,
        folder: vec![
            "logs".to_owned(),
            pod.namespace().unwrap_or_default(),
            pod.name_any(),
        ],
    };
    let mut logs = Vec::new();
    for container in all.iter().flatten().flatten() {
        let state = container.state.clone().unwrap_or_default();
        let last = container.last_state.clone().unwrap_or_default();
        if state.running.is_some() || state.terminated.is_some() {
            logs.push(log(container, false));
        }
        if last.terminated.is_some() {
            logs.push(log(container, true));
        }
    }
    logs
}

async fn read_log(client: &Client, log: Log, out: Out<'_>) -> anyhow::Result<()> {
    let Log {
        namespace,
        pod,
        container,
        is_previous,
        mut folder,
    } = log;
    let api: Api<Pod> = Api::namespaced(client.clone(), &namespace);
    let params = LogParams {
        container: Some(container.clone()),
        previous: is_previous,
        tail_lines: Some(LOG_LINES),
        limit_bytes: Some(LOG_BYTES),
        timestamps: true,
        ..LogParams::default()
    };
    let text = within_deadline(api.logs(&pod, &params)).await;
    let text = text.unwrap_or_else(|error| format!("this log cannot be read: {error:#}\n"));
    let suffix = if is_previous { ".previous" } else { "" };
    folder.push(format!("{container}{suffix}.log"));
    let path: Vec<&str> = folder.iter().map(String::as_str).collect();
    out.write(&path, &text)
}

/// Pods as `kubectl get -o yaml` shows them.
fn yaml(pods: &[Pod]) -> anyhow::Result<String> {
    let mut items = Vec::new();
    for pod in pods {
        let mut pod = pod.clone();
        pod.metadata.managed_fields = None;
        pod.annotations_mut()
            .remove("kubectl.kubernetes.io/last-applied-configuration");
        items.push(serde_json::to_value(&pod)?);
    }
    let list: Value = json!({"apiVersion": "v1", "kind": "List", "items": items});
    Ok(serde_saphyr::to_string(&list)?)
}
