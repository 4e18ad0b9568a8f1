//! A syncer that is killed while there are pods.
//!
//! In: a virtual cluster. Out: the time until it is in step again, what it writes until then, and its
//! memory with so many pods. Never: on a host whose processes this machine does not show.

use std::time::{Duration, Instant};

use anyhow::Context;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use crate::amounts::{Amount, Amounts, Limit};
use crate::cluster::Cluster;
use crate::figures::Figures;
use crate::idle::{difference, memory_with};
use crate::place::{Places, names};
use crate::process::Process;
use crate::requests::Requests;
use crate::sight::added;
use crate::stage::{DEADLINE, Stage, say};

/// From its process's start to its own word that it is in step.
pub(crate) const IN_STEP: &str = "syncer started -> in step";
/// From the kill to the next process: the kubelet's part, which grows from time to time.
const STARTED: &str = "syncer killed -> started";

/// How soon it is looked again.
const PERIOD: Duration = Duration::from_millis(10);

/// What it would write late is written by then.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// What is wanted of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) pods: u32,
    pub(crate) restarts: u32,
    /// Memory of the syncer without pods, in KiB.
    pub(crate) at_rest: Option<f64>,
}

/// Kills it so many times.
pub(crate) async fn measure(
    stage: &Stage,
    cluster: &Cluster,
    places: &Places,
    wanted: Wanted,
    figures: &mut Figures,
    amounts: &mut Amounts,
) -> anyhow::Result<()> {
    if cluster.process().is_none() {
        return Ok(());
    }
    let place = &places.virtual_cluster;
    say(&format!(
        "{} pods, for the syncer to be killed with",
        wanted.pods
    ));
    let names = names("kept", wanted.pods);
    let mut sight = place.watch_host().await?;
    tokio::try_join!(
        place.create_all(&names),
        sight.every("pods on the host", &names, added),
    )?;
    sleep(SETTLED_AFTER).await;
    amounts.add(memory_with(cluster, "pods", wanted.pods, wanted.at_rest));
    let mut written = Some(Requests::default());
    for number in 1..=wanted.restarts {
        say(&format!(
            "killing the syncer: {number} of {}",
            wanted.restarts
        ));
        let before = Requests::read(&stage.host.client).await.ok();
        if let Err(error) = once(stage, cluster, figures).await {
            amounts.miss("restart of the syncer", &format!("{error:#}"));
            break;
        }
        let after = Requests::read(&stage.host.client).await.ok();
        written = written
            .zip(difference(before.as_ref(), after.as_ref()))
            .map(|(mut sum, asked)| {
                sum.add(&asked);
                sum
            });
    }
    // A syncer that has just listed them has no memory of anything else.
    amounts.add(memory_with(
        cluster,
        "pods, restarted",
        wanted.pods,
        wanted.at_rest,
    ));
    amounts.add(writes(written.as_ref(), wanted));
    place.clear().await
}

fn writes(asked: Option<&Requests>, wanted: Wanted) -> Amount {
    let resources = ["pods", "secrets", "configmaps"];
    let detail = asked.map(|asked| {
        let all = asked.writes_by_resource();
        format!("{}; all: {all}", asked.written_detail(&resources))
    });
    Amount {
        limit: Some(Limit::AtMost(0.0)),
        detail: detail.unwrap_or_default(),
        ..Amount::new(
            format!("host, writes in {} restarts", wanted.restarts),
            "requests",
            asked.map(|asked| asked.written(&resources)),
        )
    }
}

async fn once(stage: &Stage, cluster: &Cluster, figures: &mut Figures) -> anyhow::Result<()> {
    let old = cluster.process().context("the syncer does not run")?;
    let pods = cluster.host_pods(stage);
    let pod = cluster.name.pod();
    let killed = Instant::now();
    old.kill()?;
    let (new, started) = timeout(DEADLINE, next(cluster, &old))
        .await
        .context("the syncer was not started again")?;
    let in_step = timeout(DEADLINE, in_step(&pods, &pod, new.health_port))
        .await
        .context("the syncer did not get in step again")?;
    figures.add(STARTED, started - killed);
    figures.add(IN_STEP, in_step - started);
    sleep(SETTLED_AFTER).await;
    Ok(())
}

/// The process after this one, and when it was there.
async fn next(cluster: &Cluster, old: &Process) -> (Process, Instant) {
    loop {
        match cluster.process() {
            Some(process) if process != *old => return (process, Instant::now()),
            _ => sleep(PERIOD).await,
        }
    }
}

/// When it says so itself. The kubelet asks once in some seconds, which is too seldom.
async fn in_step(pods: &Api<Pod>, pod: &str, port: u16) -> Instant {
    loop {
        if let Ok(true) = ask(pods, pod, port).await {
            return Instant::now();
        }
        sleep(PERIOD).await;
    }
}

/// Asks through the host's API server: from where we are, the pod's address may not be reached.
async fn ask(pods: &Api<Pod>, pod: &str, port: u16) -> anyhow::Result<bool> {
    let mut forwarder = pods.portforward(pod, &[port]).await?;
    let mut stream = forwarder.take_stream(port).context("there is no stream")?;
    stream
        .write_all(b"GET /readyz HTTP/1.1\r\nHost: syncer\r\nConnection: close\r\n\r\n")
        .await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    Ok(answer.ends_with(b" 200"))
}
