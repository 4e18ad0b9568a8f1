//! `vc resume`: a paused cluster's control plane, and with it all that ran, is started again.
//!
//! Also what every use of a paused cluster does. See decision 0024.

use std::time::Duration;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use tokio::time::sleep;

use super::pause::{check_whole, end_workloads};
use super::selection::{Selection, Telling};
use super::{App, connect};
use crate::apply;
use crate::cli::ResumeArgs;
use crate::cluster::{Cluster, Status, is_scaled_to_nothing};
use crate::config;
use crate::error::{Failure, Kind, kind};
use crate::host::Host;
use crate::labels;
use crate::serving;
use crate::wait::{self, Target};

/// How often the marker is looked at for the word of the syncer that it has taken up the pods.
const TAKEN_UP_PERIOD: Duration = Duration::from_millis(250);

/// How often the start is tried when its StatefulSet is written to at the same time; the StatefulSet's controller
/// does so after a pause.
const TRIES: u8 = 10;

/// What to do about a cluster that is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IfPaused {
    /// Start it.
    Wake,
    /// Say that it is.
    Refuse,
}

impl IfPaused {
    /// What `--no-wake` means.
    pub(super) fn of(no_wake: bool) -> Self {
        if no_wake { Self::Refuse } else { Self::Wake }
    }
}

/// Resumes the named clusters, all of them even if one cannot be.
///
/// # Errors
/// When a cluster does not exist or does not become ready; the others are resumed all the same.
pub(super) async fn run(app: &App, args: ResumeArgs) -> anyhow::Result<()> {
    let timeout = config::timeout(args.timeout, &app.user_file()?)?;
    let selection = Selection {
        names: &args.names,
        selector: args.selector.as_deref(),
    };
    let state = if args.no_wait { "starting" } else { "ready" };
    let telling = Telling {
        attempt: "resume",
        midway: "starting",
        done: |Cluster { name, .. }: &Cluster| format!("virtual cluster `{name}` is {state}"),
    };
    selection
        .with_each(app, telling, async |host, cluster| {
            resume(app, host, cluster, args.no_wait, timeout).await
        })
        .await
}

async fn resume(
    app: &App,
    host: &Host,
    cluster: &Cluster,
    no_wait: bool,
    timeout: Duration,
) -> anyhow::Result<()> {
    check_whole(cluster)?;
    let target = Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    };
    app.ui.step(&format!("starting `{}`", cluster.name));
    start(app, host, target, timeout).await?;
    if no_wait || cluster.status == Status::Running {
        return Ok(());
    }
    app.ui.step("waiting for the control plane");
    let admin = serving::read_admin(host, target).await?;
    let probe = async {
        serving::await_serving(host, target, &admin).await?;
        await_taken_up(host, target).await
    };
    wait::await_ready(host, &app.ui, target, timeout, probe).await?;
    connect::note_ready(host, target).await
}

/// Waits until the syncer has taken up the pods that the pause has ended.
async fn await_taken_up(host: &Host, target: Target<'_>) -> anyhow::Result<()> {
    let api: Api<ConfigMap> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let marker = target.name.object();
    loop {
        let attempt = format!("get configmap `{marker}`");
        let found = host.call(attempt, api.get(&marker)).await?;
        let annotations = found.metadata.annotations.unwrap_or_default();
        if !annotations.contains_key(labels::PAUSED_SINCE) {
            return Ok(());
        }
        sleep(TAKEN_UP_PERIOD).await;
    }
}

/// Wakes a cluster if it is paused, or refuses to; does not wait until it is ready.
///
/// # Errors
/// That it is paused, if it is to be left so; what the host answers.
pub(super) async fn settle_pause(
    app: &App,
    host: &Host,
    cluster: &Cluster,
    if_paused: IfPaused,
    timeout: Duration,
) -> anyhow::Result<()> {
    if cluster.status != Status::Paused {
        return Ok(());
    }
    let target = Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    };
    if if_paused == IfPaused::Refuse {
        return Err(paused(target).into());
    }
    app.ui.step(&format!("waking `{}`", cluster.name));
    start(app, host, target, timeout).await
}

/// That a cluster is paused, and how to change that.
pub(super) fn paused(target: Target<'_>) -> Failure {
    Failure::new(Kind::Failed, "it is paused")
        .hint(format!("vc resume {} -n {}", target.name, target.namespace))
}

/// The resourceVersion of a control plane's StatefulSet that is scaled to nothing; none when it is not, or there
/// is none.
///
/// # Errors
/// What the host answers.
pub(super) async fn stopped(host: &Host, target: Target<'_>) -> anyhow::Result<Option<String>> {
    let api: Api<StatefulSet> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let name = target.name.object();
    let found = host
        .call(format!("get statefulset `{name}`"), api.get_opt(&name))
        .await?;
    let set = found.filter(is_scaled_to_nothing);
    Ok(set.and_then(|set| set.metadata.resource_version))
}

/// Starts the control plane of a paused cluster; one that is not paused is left alone.
///
/// What an interrupted pause has left is ended first, so that the syncer finds no pod that goes away without its
/// doing. Of several that do this at once one writes.
///
/// # Errors
/// What the host answers; that pods do not end in time.
pub(super) async fn start(
    app: &App,
    host: &Host,
    target: Target<'_>,
    timeout: Duration,
) -> anyhow::Result<()> {
    for _ in 0..TRIES {
        if stopped(host, target).await?.is_none() {
            return Ok(());
        }
        match end_workloads(app, host, target, timeout).await {
            // By another one who does the same.
            Err(error) if kind(&error) == Kind::Exists => return Ok(()),
            ended => ended?,
        }
        let Some(version) = stopped(host, target).await? else {
            return Ok(());
        };
        if apply::scale(host, target.namespace, target.name, 1, Some(&version)).await? {
            return Ok(());
        }
    }
    Err(
        Failure::new(Kind::Exists, "others change it at the same time")
            .hint("try the same again")
            .into(),
    )
}
