//! `vc logs -f`: what is logged from now on, by whichever pod.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};
use futures::future::{LocalBoxFuture, select_all};
use futures::{AsyncBufReadExt, FutureExt, StreamExt};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::Api;
use kube::api::LogParams;
use kube::core::PartialObjectMeta;
use kube::runtime::watcher::{self, Event, watcher};
use tokio::sync::watch;
use tokio::time::sleep;

use super::{CONTAINERS, Logs, name};
use crate::error::{Kind, kind};
use crate::labels;
use crate::wait::{RETRY_DELAY, Silence, denied};

/// What was started of each container last.
type Started = BTreeMap<String, Instance>;

/// One process of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Instance {
    /// The runtime's name for it, which no other has.
    id: String,
    is_running: bool,
}

/// Follows until it is interrupted, nobody reads any more, or the cluster is gone.
///
/// # Errors
/// When we may not look, or the host has not answered for too long.
pub(super) async fn run(logs: &Logs<'_>) -> anyhow::Result<()> {
    let (sender, receiver) = watch::channel(Started::new());
    let one = logs.args.container.map(|container| vec![name(container)]);
    let containers = one.unwrap_or_else(|| CONTAINERS.map(name).to_vec());
    let mut all: Vec<LocalBoxFuture<'_, anyhow::Result<()>>> = vec![
        watch_pod(logs, &sender).boxed_local(),
        watch_marker(logs).boxed_local(),
    ];
    for container in containers {
        all.push(follow(logs, container, receiver.clone()).boxed_local());
    }
    select_all(all).await.0
}

/// Keeps up to date what runs.
async fn watch_pod(logs: &Logs<'_>, started: &watch::Sender<Started>) -> anyhow::Result<()> {
    let selector = labels::control_plane(&logs.cluster.name);
    let mut events = watcher(logs.pods(), watcher::Config::default().labels(&selector)).boxed();
    let mut silence = Silence::default();
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Init) => {}
            Ok(Event::Apply(pod) | Event::InitApply(pod)) => {
                silence.heard();
                started.send_replace(instances(&pod));
            }
            Ok(_) => silence.heard(),
            Err(error) => {
                let tell = |fatal: anyhow::Error| fatal.context("cannot watch its pod");
                silence.bear(logs.host, error, tell).await?;
            }
        }
    }
    Err(anyhow!("the watch on its pod ended"))
}

/// Ends when the cluster is gone.
async fn watch_marker(logs: &Logs<'_>) -> anyhow::Result<()> {
    let namespace = logs.cluster.namespace.as_str();
    let api: Api<PartialObjectMeta<ConfigMap>> =
        Api::namespaced(logs.host.client.clone(), namespace);
    let selector = format!("metadata.name={}", logs.cluster.name.object());
    let mut events = watcher(api, watcher::Config::default().fields(&selector)).boxed();
    let mut exists = false;
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Init) => exists = false,
            Ok(Event::Apply(_) | Event::InitApply(_)) => exists = true,
            Ok(Event::InitDone) if exists => {}
            Ok(Event::InitDone | Event::Delete(_)) => {
                let name = &logs.cluster.name;
                logs.app
                    .ui
                    .note(&format!("virtual cluster `{name}` is gone"));
                return Ok(());
            }
            Err(error) => {
                if let Some(error) = denied(error) {
                    return Err(error).context("cannot watch its marker");
                }
                // The watch on the pod says when that lasts too long.
                sleep(RETRY_DELAY).await;
            }
        }
    }
    Err(anyhow!("the watch on its marker ended"))
}

fn instances(pod: &Pod) -> Started {
    let status = pod.status.as_ref();
    let containers = status.and_then(|status| status.container_statuses.as_ref());
    let containers = containers.into_iter().flatten().filter_map(|container| {
        let id = container.container_id.clone().filter(|id| !id.is_empty())?;
        let state = container.state.as_ref();
        let is_running = state.is_some_and(|state| state.running.is_some());
        Some((container.name.clone(), Instance { id, is_running }))
    });
    containers.collect()
}

/// Prints what one container logs, whichever process of it; ends when nobody reads any more.
async fn follow(
    logs: &Logs<'_>,
    container: &str,
    mut started: watch::Receiver<Started>,
) -> anyhow::Result<()> {
    let mut last = None;
    let mut silence = Silence::default();
    let mut over = String::new();
    loop {
        let is_new = |all: &Started| all.get(container).is_some_and(|new| new.id != over);
        let instance = started.wait_for(is_new).await?.get(container).cloned();
        let id = instance.map(|instance| instance.id).unwrap_or_default();
        match read(logs, container, over.is_empty(), &mut last).await {
            Ok(true) => silence.heard(),
            Ok(false) => return Ok(()),
            Err(error) if kind(&error) == Kind::Denied => return Err(error),
            // Its pod is just going, or the host is away.
            Err(error) => {
                tracing::debug!("{error:#}");
                if kind(&error) == Kind::Unreachable {
                    silence.lasts(logs.host)?;
                }
            }
        }
        let runs_on = |all: &Started| {
            let now = all.get(container);
            now.is_some_and(|now| now.id == id && now.is_running)
        };
        if runs_on(&started.borrow()) {
            // The connection broke off, or it is not known yet that the process ended.
            sleep(RETRY_DELAY).await;
        } else {
            over = id;
        }
    }
}

/// Prints what one process logs after `last`, until it ends; whether anybody still reads. Of the first process
/// only what was asked for, of every other all.
async fn read(
    logs: &Logs<'_>,
    container: &str,
    is_first: bool,
    last: &mut Option<Timestamp>,
) -> anyhow::Result<bool> {
    let begun = logs.params(container);
    let is_limited = is_first && last.is_none();
    let params = LogParams {
        timestamps: true,
        tail_lines: begun.tail_lines.filter(|_| is_limited),
        since_seconds: begun.since_seconds.filter(|_| is_limited),
        since_time: *last,
        ..begun
    };
    let before = *last;
    let pod = logs.cluster.name.pod();
    let attempt = format!("follow the log of container `{container}`");
    let api = logs.pods();
    let opened = logs
        .host
        .call(attempt, api.log_stream(&pod, &params))
        .await?;
    let mut log = std::pin::pin!(opened);
    let form = logs.form(container);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A connection that breaks off is as good as an end: it is followed again.
        if log.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
            return Ok(true);
        }
        let printed = form.next(&line, before, last);
        if let Some(text) = printed
            && !logs.app.ui.more_data(&text)?
        {
            return Ok(false);
        }
    }
}
